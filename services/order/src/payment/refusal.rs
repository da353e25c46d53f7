//! Why a payment says no, and what would make it say yes.

use kernel::{Refusal, RefusalKind, Text};
use values::{Currency, Minor};

/// Why a payment says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum PaymentRefusal {
    /// There is no such payment.
    #[error("there is no such payment; check its number")]
    PaymentNotFound,
    /// The number is taken.
    #[error("this payment was started already; make a new request_id for another one")]
    PaymentExists,
    /// Providers take one currency.
    #[error("{currency} can not be paid online, only CNY; pay otherwise")]
    CurrencyNotTaken {
        /// Which one it is.
        currency: Currency,
    },
    /// It can be paid already.
    #[error("the payment can be paid already; nothing is left to do")]
    AlreadyPresented,
    /// The provider has the money.
    #[error("the payment was paid already; nothing is left to do")]
    AlreadyCaptured,
    /// Nobody can pay it.
    #[error("the payment is closed; start a new one")]
    AlreadyClosed,
    /// Somebody has been told of it.
    #[error("the payment waits to be looked at already; nothing is left to do")]
    AlreadyParked,
    /// Nobody has to look at it.
    #[error("the payment does not wait to be looked at; nothing is left to do")]
    NotParked,
    /// A person has looked at it.
    #[error("somebody has looked at this and dismissed it; nothing is left to do")]
    AlreadyDismissed,
    /// It can not be booked.
    #[error("this is no money of the payment; look at the provider, and dismiss it")]
    OnlyDismissed,
    /// It was not paid.
    #[error("the payment was not paid; there is nothing to refund")]
    NotCaptured,
    /// More than was paid.
    #[error("at most {} of the payment can be refunded; take less", currency.show(*left))]
    RefundTooLarge {
        /// What is left of it.
        left: Minor,
        /// In this currency.
        currency: Currency,
    },
    /// Only all that is left can go back.
    #[error(
        "money of the payment was given back {refunds} times, and now only all that is left of it is; \
         cancel the order, or let it cost as much as before"
    )]
    TooManyRefunds {
        /// How often that was.
        refunds: usize,
    },
    /// Somebody says what only providers can.
    #[error("only what talks to payment providers says this; nobody else does")]
    NotFromProvider,
    /// There is no such refund.
    #[error("the payment has no such refund; check its number")]
    RefundNotFound,
    /// It is done, or has failed.
    #[error("the refund has ended already; nothing is left to do")]
    RefundOver,
    /// It may still be done.
    #[error("the refund has not failed; wait for the provider")]
    RefundNotFailed,
}

impl Refusal for PaymentRefusal {
    fn reason(&self) -> String {
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::PaymentNotFound | Self::RefundNotFound => RefusalKind::NotFound,
            Self::PaymentExists => RefusalKind::AlreadyExists,
            Self::RefundTooLarge { .. } => RefusalKind::InvalidArgument,
            Self::CurrencyNotTaken { .. }
            | Self::AlreadyPresented
            | Self::AlreadyCaptured
            | Self::AlreadyClosed
            | Self::AlreadyParked
            | Self::NotParked
            | Self::AlreadyDismissed
            | Self::OnlyDismissed
            | Self::NotCaptured
            | Self::TooManyRefunds { .. }
            | Self::NotFromProvider
            | Self::RefundOver
            | Self::RefundNotFailed => RefusalKind::FailedPrecondition,
        }
    }

    fn text(&self) -> Text {
        Text::new(self.zh(), self.to_string())
    }
}

impl PaymentRefusal {
    fn zh(&self) -> String {
        match self {
            Self::PaymentNotFound => "没有这笔支付，请核对编号".into(),
            Self::PaymentExists => "该支付已发起；如为另一笔，请换一个 request_id".into(),
            Self::CurrencyNotTaken { currency } => {
                format!("{currency} 不能在线支付（仅支持 CNY），请用其他方式付款")
            }
            Self::AlreadyPresented => "该支付已可支付，无需操作".into(),
            Self::AlreadyCaptured => "该支付已完成，无需操作".into(),
            Self::AlreadyClosed => "该支付已关闭，请重新发起".into(),
            Self::AlreadyParked => "该支付已在待核实中，无需操作".into(),
            Self::NotParked => "该支付无需核实，无需操作".into(),
            Self::AlreadyDismissed => "该通知已核实为无此款项，无需操作".into(),
            Self::OnlyDismissed => "这笔款不属于该支付，请到支付机构核对后忽略".into(),
            Self::NotCaptured => "该支付尚未完成，没有可退的金额".into(),
            Self::RefundTooLarge { left, currency } => {
                format!("该支付最多可退 {}，请减少金额", currency.show(*left))
            }
            Self::TooManyRefunds { refunds } => {
                format!("该支付已退款 {refunds} 次，剩余款项只能一次退清，请取消订单或不再减少金额")
            }
            Self::NotFromProvider => "只有与支付机构通信的服务可以登记，其他人不可操作".into(),
            Self::RefundNotFound => "该支付没有这笔退款，请核对编号".into(),
            Self::RefundOver => "该退款已有结果，无需操作".into(),
            Self::RefundNotFailed => "该退款没有失败，请等待支付机构处理".into(),
        }
    }
}
