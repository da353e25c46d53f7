//! The statements of one account in one currency, one after the other: each begins where the one
//! before ended.

use kernel::{Decider, DomainEvent, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{BusinessDate, Currency, DealerId, StatementId};

use super::{StatedAccount, StatementRefusal};
use crate::wallet::Balance;

/// The facts of a chain of statements.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum StatementChainEvent {
    /// Another statement is the last one.
    StatementChained {
        /// Whose account it is.
        dealer_id: DealerId,
        /// Which of its accounts.
        account: StatedAccount,
        /// In this currency.
        currency: Currency,
        /// The last statement from now on.
        last: Link,
    },
    /// The last statement is none any more.
    StatementUnchained {
        /// Whose account it is.
        dealer_id: DealerId,
        /// Which of its accounts.
        account: StatedAccount,
        /// In this currency.
        currency: Currency,
        /// The statement that is none any more.
        statement_id: StatementId,
        /// The last one from now on; none: there is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last: Option<Link>,
    },
}

/// Where a statement ended, and the next one begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Link {
    /// The statement.
    pub statement_id: StatementId,
    /// Its last day.
    pub until: BusinessDate,
    /// It has what was recorded up to this position of the log.
    pub upto_position: u64,
    /// What was there, or was owed, after it.
    pub closing: Balance,
}

impl DomainEvent for StatementChainEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::StatementChained { dealer_id, account, currency, last } => {
                let (id, until, account) = (&last.statement_id, last.until, account.shown());
                Text::new(
                    format!(
                        "经销商 {dealer_id} 的{}（{currency}）已对账至 {until}（{id}）",
                        account.zh
                    ),
                    format!(
                        "{} of {dealer_id} in {currency} are stated until {until} ({id})",
                        account.en
                    ),
                )
            }
            Self::StatementUnchained { dealer_id, account, currency, statement_id, .. } => {
                let account = account.shown();
                Text::new(
                    format!(
                        "经销商 {dealer_id} 的{}（{currency}）撤回对账单 {statement_id}",
                        account.zh
                    ),
                    format!(
                        "statement {statement_id} of {} of {dealer_id} in {currency} counts no more",
                        account.en
                    ),
                )
            }
        }
    }
}

/// What can be asked of a chain.
#[derive(Clone, Debug)]
pub enum ChainCommand {
    /// Adds a statement, or puts it in the place of the last one.
    Add {
        /// Whose account it is.
        dealer_id: DealerId,
        /// Which of its accounts.
        account: StatedAccount,
        /// In this currency.
        currency: Currency,
        /// The last one, as whoever worked the new one out has seen it.
        seen: Option<StatementId>,
        /// The new one.
        last: Link,
    },
    /// Takes the last statement off.
    TakeOff {
        /// Whose account it is.
        dealer_id: DealerId,
        /// Which of its accounts.
        account: StatedAccount,
        /// In this currency.
        currency: Currency,
        /// The statement.
        statement_id: StatementId,
        /// The one before it.
        before: Option<Link>,
    },
}

/// The statements of one account; its object id is made by [`object_id`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementChain {
    /// The last one; none: there is none yet.
    pub last: Option<Link>,
}

/// The object of an account's statements.
pub fn object_id(dealer_id: &DealerId, account: StatedAccount, currency: &Currency) -> String {
    // Read from its end, it can be of one account only: neither part has a dash.
    format!("{dealer_id}-{}-{currency}", account.as_ref())
}

impl StatementChain {
    fn last_id(&self) -> Option<&StatementId> {
        self.last.as_ref().map(|last| &last.statement_id)
    }
}

impl Decider for StatementChain {
    const AGGREGATE: &'static str = "statement_chain";
    type Command = ChainCommand;
    type Event = StatementChainEvent;
    type Refusal = StatementRefusal;

    fn decide(&self, command: ChainCommand) -> Result<Vec<StatementChainEvent>, StatementRefusal> {
        match command {
            ChainCommand::Add { dealer_id, account, currency, seen, last } => {
                if self.last_id() != seen.as_ref() {
                    return Err(StatementRefusal::AnotherWasFaster);
                }
                Ok(vec![StatementChainEvent::StatementChained {
                    dealer_id,
                    account,
                    currency,
                    last,
                }])
            }
            ChainCommand::TakeOff { dealer_id, account, currency, statement_id, before } => {
                if self.last_id() != Some(&statement_id) {
                    return Err(StatementRefusal::LaterOneFollows);
                }
                Ok(vec![StatementChainEvent::StatementUnchained {
                    dealer_id,
                    account,
                    currency,
                    statement_id,
                    last: before,
                }])
            }
        }
    }

    fn evolve(&mut self, event: StatementChainEvent) {
        self.last = match event {
            StatementChainEvent::StatementChained { last, .. } => Some(last),
            StatementChainEvent::StatementUnchained { last, .. } => last,
        };
    }
}
