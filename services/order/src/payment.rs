//! A payment of an order through a payment service provider (在线支付): started, shown to whoever
//! pays, captured once, and refunded as far as the order does not need the money.
//!
//! An order may have several: one that was not paid in time, and the next. What the provider tells
//! may come twice, late, and in any order; money that comes for an order that does not need it any
//! more goes back. What does not fit what was asked for counts only when a person has said so.

pub mod attempt;
pub mod event;
pub mod refusal;
pub mod told;

use kernel::Decider;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
pub use values::Provider;
use values::{Minor, PaymentId};

pub use attempt::{Attempt, Gate, Outcome, Parked, Refund};
pub use event::{Closure, Mismatch, PaymentEvent, PaymentStarted, PaymentStatus, Transaction};
pub use refusal::PaymentRefusal;

/// Refunds that a payment can have; the last one gives back all that is left of it.
const MAX_REFUNDS: usize = 50;
/// Refunds after which changes of its order give nothing more back, so that what is over without being
/// asked for, as goods that are short or come back, still can.
const MAX_REFUNDS_OF_CHANGES: usize = 40;

/// Where the person who pays is.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::AsRefStr,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Scene {
    /// Scans a code with a phone.
    Code,
    /// Has the order on the phone that pays.
    Phone,
}

/// What can be asked of a payment.
#[derive(Clone, Debug)]
pub enum PaymentCommand {
    /// Begins it.
    Start(Box<PaymentStarted>),
    /// The provider has made a page or code.
    Present {
        /// Which.
        url: String,
    },
    /// The provider has the money.
    Capture {
        /// What it tells.
        transaction: Transaction,
        /// The currency that it tells.
        currency_code: String,
        /// What the order can take of what was asked for.
        needed: Minor,
        /// Whether the provider was asked, and said so.
        looked_up: bool,
    },
    /// Decides about what did not fit.
    Settle {
        /// What counts.
        verdict: Verdict,
        /// What the order can take of it.
        needed: Minor,
        /// In the words of the person who decides.
        reason: String,
    },
    /// Nobody can pay it any more.
    Close {
        /// Why.
        why: Closure,
        /// What the provider said; may be empty.
        detail: String,
    },
    /// Sends money back.
    Refund {
        /// How much.
        amount: Minor,
        /// In words.
        reason: String,
    },
    /// The provider tells how a refund went.
    NoteRefund {
        /// Which.
        refund_id: PaymentId,
        /// What the provider said when it can not be done.
        failed: Option<String>,
    },
    /// Asks for a refund again that has failed.
    RetryRefund {
        /// Which.
        refund_id: PaymentId,
        /// In the words of the person who decides.
        reason: String,
    },
}

/// What a person says of something that did not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The brand has the money; the order takes what it needs of it, the rest goes back.
    Take,
    /// The brand has the money; all of it goes back.
    GiveBack,
    /// There is no such money: whoever decides has looked at the provider.
    Dismiss,
}

/// A payment; its object id is its number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage")]
pub enum OnlinePayment {
    /// Not heard of yet.
    #[default]
    Unstarted,
    /// Somebody wanted it.
    Started(Box<Attempt>),
}

type Decision = Result<Vec<PaymentEvent>, PaymentRefusal>;

impl OnlinePayment {
    /// The payment, when there is one.
    ///
    /// # Errors
    /// When there is not.
    pub fn attempt(&self) -> Result<&Attempt, PaymentRefusal> {
        match self {
            Self::Unstarted => Err(PaymentRefusal::PaymentNotFound),
            Self::Started(attempt) => Ok(attempt),
        }
    }
}

impl Decider for OnlinePayment {
    const AGGREGATE: &'static str = "payment";
    type Command = PaymentCommand;
    type Event = PaymentEvent;
    type Refusal = PaymentRefusal;

    fn decide(&self, command: PaymentCommand) -> Decision {
        match (self, command) {
            (Self::Unstarted, PaymentCommand::Start(started)) => start(started),
            (Self::Unstarted, _) => Err(PaymentRefusal::PaymentNotFound),
            (Self::Started(_), PaymentCommand::Start(_)) => Err(PaymentRefusal::PaymentExists),
            (Self::Started(it), PaymentCommand::Present { url }) => it.present(url),
            (
                Self::Started(it),
                PaymentCommand::Capture { transaction, currency_code, needed, looked_up },
            ) => it.capture(transaction, currency_code, (needed, looked_up)),
            (Self::Started(it), PaymentCommand::Settle { verdict, needed, reason }) => {
                it.settle(verdict, needed, reason)
            }
            (Self::Started(it), PaymentCommand::Close { why, detail }) => it.close(why, detail),
            (Self::Started(it), PaymentCommand::Refund { amount, reason }) => {
                it.refund(amount, reason)
            }
            (Self::Started(it), PaymentCommand::NoteRefund { refund_id, failed }) => {
                it.note_refund(refund_id, failed)
            }
            (Self::Started(it), PaymentCommand::RetryRefund { refund_id, reason }) => {
                it.retry_refund(&refund_id, reason)
            }
        }
    }

    fn evolve(&mut self, event: PaymentEvent) {
        match (self, event) {
            (payment, PaymentEvent::PaymentStarted(started)) => {
                *payment = Self::Started(Box::new((*started).into()));
            }
            (Self::Started(it), event) => it.evolve(event),
            (Self::Unstarted, _) => (),
        }
    }
}

fn start(started: Box<PaymentStarted>) -> Decision {
    if started.currency.as_str() != "CNY" {
        return Err(PaymentRefusal::CurrencyNotTaken { currency: started.currency });
    }
    Ok(vec![PaymentEvent::PaymentStarted(started)])
}
