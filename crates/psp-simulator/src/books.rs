//! What a simulator remembers: payments, refunds and the notices it sent.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use psp::Provider;
use serde::Serialize;
use values::Minor;

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Payment {
    /// With whom.
    pub provider: Provider,
    /// Whose: 商户号 or PID.
    pub merchant_id: String,
    /// The merchant's number of it.
    pub payment_id: String,
    /// The provider's number of it.
    pub transaction_id: String,
    /// The id of its page.
    pub page_id: String,
    /// What for.
    pub subject: String,
    /// How much, in 分.
    pub amount: Minor,
    /// How it was presented, as WeChat Pay or Alipay call it.
    pub scene: &'static str,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Until when it may be paid.
    pub expires_at: DateTime<Utc>,
    /// Where notices go.
    pub notify_url: String,
    /// How far it is.
    pub state: State,
    /// When it was paid.
    pub paid_at: Option<DateTime<Utc>>,
    /// Whether somebody has scanned it: Alipay knows no payment before.
    pub is_seen: bool,
}

/// How far a payment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It may be paid.
    Waiting,
    /// It was.
    Paid,
    /// It can not be paid any more.
    Closed,
}

/// A refund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refunded {
    /// With whom.
    pub provider: Provider,
    /// Whose.
    pub merchant_id: String,
    /// Of which payment.
    pub payment_id: String,
    /// The merchant's number of it.
    pub refund_id: String,
    /// The provider's number of it.
    pub transaction_id: String,
    /// How much, in 分.
    pub amount: Minor,
    /// Where WeChat Pay tells what came of it.
    pub notify_url: String,
    /// How far it is.
    pub state: RefundState,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When the payer had it.
    pub refunded_at: Option<DateTime<Utc>>,
}

/// How far a refund is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    /// It was asked for.
    Processing,
    /// The payer has it.
    Done,
    /// The payer will not get it.
    Failed,
}

/// A notice, with all the times it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// Its number.
    pub notice_id: String,
    /// From whom.
    pub provider: Provider,
    /// About which payment.
    pub payment_id: String,
    /// About which refund.
    pub refund_id: Option<String>,
    /// Where it goes.
    pub url: String,
    /// Since when.
    pub made_at: DateTime<Utc>,
    /// How often it was sent; copies count.
    pub times: u32,
    /// What the last answer was: a status, or why there was none.
    pub last_answer: Option<String>,
    /// Whether it was acknowledged, so that it is not sent again.
    pub is_acknowledged: bool,
    /// Whether it is not sent any more, acknowledged or not.
    pub is_over: bool,
}

/// Everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Transactions {
    /// All payments, the oldest first.
    pub payments: Vec<Payment>,
    /// All refunds, the oldest first.
    pub refunds: Vec<Refunded>,
    /// All notices, the oldest first.
    pub notices: Vec<Sent>,
}

/// Everything, and the bills that wait to be downloaded.
#[derive(Default)]
pub(crate) struct Books {
    pub(crate) all: Transactions,
    pub(crate) bills: HashMap<String, Vec<u8>>,
}

impl Books {
    /// Closes what has expired.
    pub(crate) fn expire(&mut self, now: DateTime<Utc>) {
        for payment in &mut self.all.payments {
            if payment.state == State::Waiting && payment.expires_at <= now {
                payment.state = State::Closed;
            }
        }
    }

    /// The payment of a merchant by its number.
    pub(crate) fn payment(&mut self, merchant_id: &str, payment_id: &str) -> Option<&mut Payment> {
        let mut payments = self.all.payments.iter_mut();
        payments.find(|it| it.merchant_id == merchant_id && it.payment_id == payment_id)
    }

    /// The payment of a page.
    pub(crate) fn paged(&mut self, page_id: &str) -> Option<&mut Payment> {
        self.all.payments.iter_mut().find(|it| it.page_id == page_id)
    }

    /// The page of a payment.
    pub(crate) fn page_of(&self, payment_id: &str) -> Option<String> {
        let found = self.all.payments.iter().find(|it| it.payment_id == payment_id);
        found.map(|payment| payment.page_id.clone())
    }

    /// The refund of a merchant by its number.
    pub(crate) fn refund(&mut self, merchant_id: &str, refund_id: &str) -> Option<&mut Refunded> {
        let mut refunds = self.all.refunds.iter_mut();
        refunds.find(|it| it.merchant_id == merchant_id && it.refund_id == refund_id)
    }

    /// How much of a payment went back, or is about to.
    pub(crate) fn refunded(&self, merchant_id: &str, payment_id: &str) -> Minor {
        let refunds = self.all.refunds.iter().filter(|it| {
            it.merchant_id == merchant_id
                && it.payment_id == payment_id
                && it.state != RefundState::Failed
        });
        refunds.map(|refund| refund.amount).sum()
    }

    /// Lets a payment have been so much earlier.
    pub(crate) fn age(&mut self, payment_id: &str, by: TimeDelta) -> bool {
        let found = self.all.payments.iter_mut().find(|it| it.payment_id == payment_id);
        let Some(payment) = found else { return false };
        payment.created_at -= by;
        payment.expires_at -= by;
        payment.paid_at = payment.paid_at.map(|at| at - by);
        true
    }
}
