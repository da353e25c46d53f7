//! What is asked of a provider, and what it answers.

use chrono::{DateTime, Utc};
use values::{Currency, Minor};

use crate::error::PspError;

/// Money that is wanted for something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Our number of the payment (商户订单号): 6 to 32 of `0-9A-Za-z_-`. Alipay's documents name no
    /// hyphen, so a number without one is the safer.
    pub payment_id: String,
    /// How much, in 分.
    pub amount: Minor,
    /// What for, as the payer reads it; cut to 127 signs.
    pub subject: String,
    /// Until when it may be paid.
    pub expires_at: DateTime<Utc>,
    /// Where the provider sends its notices.
    pub notify_url: String,
    /// How it is shown to the payer.
    pub scene: Scene,
}

/// How a charge is shown to the payer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scene {
    /// A code on a screen, which a phone scans.
    Code,
    /// A link on the payer's phone.
    Phone {
        /// Whose phone it is: WeChat Pay wants to know.
        client_ip: String,
    },
}

/// A charge that can be paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presented {
    /// What the code holds, or where the link leads.
    pub url: String,
}

/// How far a payment is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The provider has never heard of it. Alipay says so of a presented code, too, until somebody
    /// scans it.
    Unknown,
    /// It may still be paid.
    Waiting,
    /// It was paid, whatever was refunded afterwards.
    Paid(Capture),
    /// It can not be paid any more.
    Closed,
}

/// Money that was paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    /// Our number of the payment.
    pub payment_id: String,
    /// The provider's number of it.
    pub transaction_id: String,
    /// How much was asked and paid, in 分; the payer's vouchers of the provider count.
    pub amount: Minor,
    /// CNY.
    pub currency: Currency,
    /// When.
    pub paid_at: DateTime<Utc>,
    /// Who paid, as the provider names them to this merchant.
    pub payer: Option<String>,
}

/// What came of closing a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// It is closed, or the provider has never heard of it. Alipay forgets nothing that it has not
    /// heard of: a code presented but never scanned can be paid until it expires.
    Closed,
    /// It was paid before.
    AlreadyPaid,
}

/// Money that is given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Our number of the refund: 1 to 64 of `0-9A-Za-z_-`. The same number is the same refund.
    pub refund_id: String,
    /// Our number of the payment.
    pub payment_id: String,
    /// How much of it, in 分.
    pub amount: Minor,
    /// The whole amount that was paid, in 分.
    pub of: Minor,
    /// Why, as the payer reads it; cut to 80 signs.
    pub reason: String,
    /// Where WeChat Pay tells what came of it. Alipay tells the payment's own address.
    pub notify_url: String,
}

/// How far a refund is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundStanding {
    /// The provider has taken it on.
    Processing,
    /// The payer has the money.
    Refunded {
        /// Since when, where the provider says it.
        refunded_at: Option<DateTime<Utc>>,
    },
    /// The payer will not get it in this way.
    Failed {
        /// The provider's word for why.
        reason: String,
    },
}

/// One movement of money as the provider's own books have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementLine {
    /// Which way the money went.
    pub kind: StatementKind,
    /// Our number of the payment.
    pub payment_id: String,
    /// The provider's number of the payment.
    pub transaction_id: String,
    /// Our number of the refund, if it is one; a refund that was not made by us may have none.
    pub refund_id: Option<String>,
    /// How much, in 分, above zero either way.
    pub amount: Minor,
    /// What the provider takes of it, below zero where it gives back.
    pub fee: Option<Minor>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Which way money went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::AsRefStr)]
#[strum(serialize_all = "snake_case")]
pub enum StatementKind {
    /// From the payer.
    Paid,
    /// Back to the payer.
    Refunded,
}

/// Most signs of a subject: WeChat Pay's limit, which is the smaller one.
const SUBJECT: usize = 127;
/// Most signs of a reason.
const REASON: usize = 80;

impl Charge {
    /// Looks at what both providers would refuse.
    pub(crate) fn check(&self) -> Result<(), PspError> {
        check_payment(&self.payment_id)?;
        if self.amount.0 <= 0 {
            return Err(PspError::parameter("the amount must be above zero"));
        }
        if self.subject.trim().is_empty() {
            return Err(PspError::parameter("the subject is empty"));
        }
        Ok(())
    }

    /// The subject as far as it may go.
    pub(crate) fn short_subject(&self) -> String {
        self.subject.chars().take(SUBJECT).collect()
    }
}

impl Refund {
    /// Looks at what both providers would refuse.
    pub(crate) fn check(&self) -> Result<(), PspError> {
        check_payment(&self.payment_id)?;
        check_refund(&self.refund_id)?;
        if self.amount.0 <= 0 || self.of < self.amount {
            return Err(PspError::parameter("the amount must be above zero, and not above `of`"));
        }
        Ok(())
    }

    /// The reason as far as it may go.
    pub(crate) fn short_reason(&self) -> String {
        self.reason.chars().take(REASON).collect()
    }
}

/// It becomes a part of an address, so nothing else may be in it.
pub(crate) fn check_payment(id: &str) -> Result<(), PspError> {
    if (6..=32).contains(&id.len()) && id.bytes().all(is_plain) {
        return Ok(());
    }
    Err(PspError::parameter("a payment's number is 6 to 32 of 0-9A-Za-z_-"))
}

/// See [`check_payment`].
pub(crate) fn check_refund(id: &str) -> Result<(), PspError> {
    if (1..=64).contains(&id.len()) && id.bytes().all(is_plain) {
        return Ok(());
    }
    Err(PspError::parameter("a refund's number is 1 to 64 of 0-9A-Za-z_-"))
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_would_lead_elsewhere_are_not_sent() {
        for id in ["", "short", "../../other", "PAY?mchid=1", "PAY/12345", &"9".repeat(33)] {
            assert!(check_payment(id).is_err(), "{id}");
        }
        assert!(check_payment("PAY_2026-1").is_ok());
        assert!(check_refund("R").is_ok());
        assert!(check_refund("R/1").is_err());
    }
}
