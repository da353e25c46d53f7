//! What providers send on their own, and why it may not count.

use values::Minor;

use crate::payment::Capture;

/// Something that a provider tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The provider's number of it, the same each time it is sent.
    pub notice_id: String,
    /// What it tells.
    pub kind: NoticeKind,
}

/// What a notice tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// A payment was paid.
    Paid(Capture),
    /// Money of a payment went back.
    Refunded {
        /// Our number of the payment.
        payment_id: String,
        /// Our number of the refund, where the provider says it.
        refund_id: Option<String>,
        /// WeChat Pay: of this refund. Alipay: of all refunds of the payment so far.
        amount: Minor,
    },
    /// The payer did not get the money of a refund; only WeChat Pay tells of it.
    RefundFailed {
        /// Our number of the payment.
        payment_id: String,
        /// Our number of the refund.
        refund_id: String,
        /// The provider's word for why.
        reason: String,
    },
    /// Anything else, by the provider's name for it.
    Other(String),
}

/// Why a notice does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoticeError {
    /// It has no signature.
    #[error("the notice is not signed")]
    Unsigned,
    /// It is signed with a key that is not configured.
    #[error("the notice is signed with the key {0}, which is not known")]
    UnknownKey(String),
    /// The provider has not signed it, or not as it is now.
    #[error("the provider has not signed this notice")]
    Forged,
    /// It was signed more than five minutes ago, or as much ahead.
    #[error("the notice was not signed within the last five minutes")]
    Stale,
    /// It is for another merchant.
    #[error("the notice is for another merchant: {field} is {found}")]
    OtherMerchant {
        /// Which field says so.
        field: &'static str,
        /// What is in it.
        found: String,
    },
    /// It is signed, but does not say what it should.
    #[error("the notice can not be read: {0}")]
    Unreadable(String),
}

impl NoticeError {
    /// The field that a notice should have, and has not.
    pub(crate) fn without(field: &str) -> Self {
        Self::Unreadable(format!("no readable {field}"))
    }
}
