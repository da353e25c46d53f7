//! The credit of a dealer (信用额度): how much it may order before it has paid.
//!
//! One object for each line of credit, so no two orders take the same credit. What orders that were
//! not delivered take is reserved (占用); what was delivered and not paid is owed (应收), and due
//! some days later. Both together never grow above the limit with what is added to it for a while
//! (临时额度). A limit that is lowered cancels nothing: it only keeps new orders out.

pub mod event;
pub mod line;

use std::collections::BTreeMap;

use kernel::Decider;
use serde::{Deserialize, Serialize};
use values::{AfterSaleId, BusinessDate, Currency, DealerId, Minor, OrderId, RemittanceId};

pub use event::{CreditEvent, Exposure, HoldReason, OrderCredit, Paid};
pub use line::{Denial, Line, Owed, Reserved};

use crate::funds::FundsRefusal;
use crate::shift::Shift;

/// Additions to a limit that can count at the same time.
pub const MAX_GRANTS: usize = 20;

/// What can be asked of a credit account.
#[derive(Clone, Debug)]
pub enum CreditCommand {
    /// Says how much there is.
    SetLimit {
        /// Whose it is.
        dealer_id: DealerId,
        /// In this currency.
        currency: Currency,
        /// How much.
        limit: Minor,
        /// Days after a delivery until it is to be paid.
        payment_days: u32,
        /// The day on which it is asked.
        today: BusinessDate,
        /// In the words of the person who says so; may be empty.
        reason: String,
    },
    /// Adds to it for a while.
    Grant {
        /// How much, and until when.
        grant: Grant,
        /// The day on which it is asked.
        today: BusinessDate,
        /// In the words of the person who does it.
        reason: String,
    },
    /// Ends all that was added for a while.
    EndGrants {
        /// The day on which it is asked.
        today: BusinessDate,
        /// In the words of the person who does it.
        reason: String,
    },
    /// Gives no more credit.
    Block {
        /// In the words of the person who does it.
        reason: String,
    },
    /// Gives credit again.
    Unblock {
        /// In the words of the person who does it.
        reason: String,
    },
    /// Follows an order.
    Follow(Box<Following>),
    /// Pays what is owed, the oldest first.
    Repay {
        /// With this money.
        remittance_id: RemittanceId,
        /// What the bank calls the transfer.
        bank_reference: String,
        /// Who paid: the holder pays for all who draw on its credit, others for themselves.
        payer: DealerId,
        /// How much; not more than is owed.
        amount: Minor,
    },
    /// Takes something off what is owed for an order.
    Reduce {
        /// By this after-sale case.
        after_sale_id: AfterSaleId,
        /// The order.
        order_id: OrderId,
        /// Whose order it is.
        order_dealer_id: DealerId,
        /// How much; not more than is owed for it.
        amount: Minor,
    },
}

/// What changes for an order.
#[derive(Clone, Debug)]
pub struct Following {
    /// Whose order it is.
    pub dealer_id: DealerId,
    /// The order.
    pub order_id: OrderId,
    /// In this currency.
    pub currency: Currency,
    /// What changes.
    pub shift: Shift,
    /// The day on which it changes.
    pub today: BusinessDate,
    /// What counts where more is to be reserved.
    pub terms: Lending,
}

/// On which terms credit is given.
#[derive(Clone, Debug, Default)]
pub struct Lending {
    /// Days by which payments may be late; none: they keep nothing back.
    pub grace_days: Option<u32>,
    /// What is added to the limit at the same time, with why.
    pub grant: Option<(Grant, String)>,
}

/// An addition to a limit for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// How much.
    pub amount: Minor,
    /// The last day on which it counts.
    pub until: BusinessDate,
}

/// A credit account; its object id is the id of the dealer who holds it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(tag = "stage")]
pub enum CreditAccount {
    /// The dealer never had credit.
    #[default]
    None,
    /// It has, or had.
    Given(Box<Line>),
}

impl CreditAccount {
    /// The line, when there ever was one.
    pub fn line(&self) -> Option<&Line> {
        match self {
            Self::None => None,
            Self::Given(line) => Some(line),
        }
    }

    fn given(&self) -> Result<&Line, FundsRefusal> {
        self.line().ok_or(FundsRefusal::NoCredit)
    }

    fn set_limit(
        &self,
        dealer_id: DealerId,
        currency: Currency,
        (limit_minor, payment_days): (Minor, u32),
        (today, reason): (BusinessDate, String),
    ) -> Result<Vec<CreditEvent>, FundsRefusal> {
        if let Some(line) = self.line() {
            let counts = |grant: &Grant| grant.until >= today;
            let in_use = line.exposure.total() != Minor::ZERO || line.grants.iter().any(counts);
            if in_use && line.currency != currency {
                return Err(FundsRefusal::OtherCurrency { currency: line.currency.clone() });
            }
            let same = (&line.currency, line.limit, line.payment_days);
            if same == (&currency, limit_minor, payment_days) {
                return Ok(Vec::new());
            }
        }
        Ok(vec![CreditEvent::CreditLimitSet {
            dealer_id,
            currency,
            limit_minor,
            payment_days,
            reason,
        }])
    }
}

impl Decider for CreditAccount {
    const AGGREGATE: &'static str = "credit_account";
    type Command = CreditCommand;
    type Event = CreditEvent;
    type Refusal = FundsRefusal;

    fn decide(&self, command: CreditCommand) -> Result<Vec<CreditEvent>, FundsRefusal> {
        match command {
            CreditCommand::SetLimit { dealer_id, currency, limit, payment_days, today, reason } => {
                self.set_limit(dealer_id, currency, (limit, payment_days), (today, reason))
            }
            CreditCommand::Grant { grant, today, reason } => {
                Ok(vec![self.given()?.grant(grant, today, reason)?])
            }
            CreditCommand::EndGrants { today, reason } => {
                let line = self.given()?;
                if !line.grants.iter().any(|grant| grant.until >= today) {
                    return Err(FundsRefusal::NoTemporaryCredit);
                }
                let dealer_id = line.dealer_id.clone();
                Ok(vec![CreditEvent::TemporaryCreditEnded { dealer_id, reason }])
            }
            CreditCommand::Block { reason } => {
                let line = self.given()?;
                if line.blocked.is_some() {
                    return Err(FundsRefusal::AlreadyBlocked);
                }
                let dealer_id = line.dealer_id.clone();
                Ok(vec![CreditEvent::CreditBlocked { dealer_id, reason }])
            }
            CreditCommand::Unblock { reason } => {
                let line = self.given()?;
                if line.blocked.is_none() {
                    return Err(FundsRefusal::NotBlocked);
                }
                let dealer_id = line.dealer_id.clone();
                Ok(vec![CreditEvent::CreditUnblocked { dealer_id, reason }])
            }
            CreditCommand::Follow(following) => self.given()?.follow(*following),
            CreditCommand::Repay { remittance_id, bank_reference, payer, amount } => {
                let line = self.given()?;
                let paid = line.paid_by(&payer, amount);
                let (amount_minor, after) = line.after_paid(&paid);
                Ok(vec![CreditEvent::CreditRepaid {
                    dealer_id: line.dealer_id.clone(),
                    payer_dealer_id: payer,
                    remittance_id,
                    bank_reference,
                    currency: line.currency.clone(),
                    amount_minor,
                    paid,
                    after,
                }])
            }
            CreditCommand::Reduce { after_sale_id, order_id, order_dealer_id, amount } => {
                let line = self.given()?;
                let paid = line.taken_off(&order_id, amount);
                let (amount_minor, after) = line.after_paid(&paid);
                Ok(vec![CreditEvent::DebtReduced {
                    dealer_id: line.dealer_id.clone(),
                    order_dealer_id,
                    order_id,
                    after_sale_id,
                    currency: line.currency.clone(),
                    amount_minor,
                    paid,
                    after,
                }])
            }
        }
    }

    fn evolve(&mut self, event: CreditEvent) {
        match (&mut *self, event) {
            (Self::Given(line), event) => line.evolve(event),
            (
                Self::None,
                CreditEvent::CreditLimitSet {
                    dealer_id, currency, limit_minor, payment_days, ..
                },
            ) => {
                *self = Self::Given(Box::new(Line {
                    dealer_id,
                    currency,
                    limit: limit_minor,
                    payment_days,
                    grants: Vec::new(),
                    blocked: None,
                    exposure: Exposure::default(),
                    reserved: BTreeMap::new(),
                    owed: Vec::new(),
                }));
            }
            (Self::None, _) => (),
        }
    }
}
