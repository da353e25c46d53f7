//! The facts of a payment through a provider. Declared here and nowhere else.

use chrono::{DateTime, Utc};
use kernel::{DomainEvent, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{Currency, DealerId, Minor, OrderId, PaymentId};

use super::{Provider, Scene};

/// The facts of a payment. Each says what status people see after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum PaymentEvent {
    /// Somebody wants to pay an order through a provider.
    PaymentStarted(Box<PaymentStarted>),
    /// The provider has made a page or a code that whoever pays opens.
    PaymentPresented {
        /// The payment.
        payment_id: PaymentId,
        /// What is opened, or shown as a code.
        url: String,
        /// What people see from now on.
        status: PaymentStatus,
    },
    /// The provider has the money: once for a payment, however often it tells.
    PaymentCaptured {
        /// The payment.
        payment_id: PaymentId,
        /// The order.
        order_id: OrderId,
        /// All amounts are in this currency.
        currency: Currency,
        /// What the provider has.
        transaction: Transaction,
        /// Of that: what pays the order; the rest is refunded.
        allocated_minor: Minor,
        /// What people see from now on.
        status: PaymentStatus,
    },
    /// The provider tells something that does not fit the payment; somebody has to look at it.
    PaymentParked {
        /// The payment.
        payment_id: PaymentId,
        /// What was to be paid.
        expected_minor: Minor,
        /// What the provider tells.
        transaction: Transaction,
        /// The currency that it tells, an ISO 4217 code.
        currency_code: String,
        /// What does not fit.
        why: Mismatch,
        /// What people see from now on.
        status: PaymentStatus,
    },
    /// A person has looked: there is no such money.
    ParkedPaymentDismissed {
        /// The payment.
        payment_id: PaymentId,
        /// The provider's number of what was told.
        transaction_id: String,
        /// How much was told.
        amount_minor: Minor,
        /// The currency that was told, an ISO 4217 code.
        currency_code: String,
        /// In the words of the person who decided.
        reason: String,
        /// What people see from now on.
        status: PaymentStatus,
    },
    /// Nobody can pay it any more.
    PaymentClosed {
        /// The payment.
        payment_id: PaymentId,
        /// Why.
        why: Closure,
        /// What the provider said, where that is why; may be empty.
        detail: String,
        /// What people see from now on.
        status: PaymentStatus,
    },
    /// Money is to go back to whoever paid.
    RefundRequested {
        /// The payment.
        payment_id: PaymentId,
        /// The refund: one number for each that the provider is asked for.
        refund_id: PaymentId,
        /// All amounts are in this currency.
        currency: Currency,
        /// How much.
        amount_minor: Minor,
        /// In words.
        reason: String,
        /// The refund that failed and is asked for anew by this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaces: Option<PaymentId>,
        /// What people see from now on.
        status: PaymentStatus,
    },
    /// The money is back.
    RefundCompleted {
        /// The payment.
        payment_id: PaymentId,
        /// The refund.
        refund_id: PaymentId,
        /// What people see from now on.
        status: PaymentStatus,
    },
    /// The provider can not send the money back; somebody has to look at it.
    RefundFailed {
        /// The payment.
        payment_id: PaymentId,
        /// The refund.
        refund_id: PaymentId,
        /// What the provider said.
        detail: String,
        /// What people see from now on.
        status: PaymentStatus,
    },
}

/// A payment as it was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct PaymentStarted {
    /// The payment; the provider knows it as the merchant's own number.
    pub payment_id: PaymentId,
    /// What is paid.
    pub order_id: OrderId,
    /// Whose order it is.
    pub dealer_id: DealerId,
    /// Through whom.
    pub provider: Provider,
    /// Where the person who pays is.
    pub scene: Scene,
    /// The amount is in this currency.
    pub currency: Currency,
    /// How much.
    pub amount_minor: Minor,
    /// Until when it can be paid.
    pub expires_at: DateTime<Utc>,
    /// What people see from now on.
    pub status: PaymentStatus,
}

/// What a provider tells of money that it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Transaction {
    /// The provider's own number.
    pub transaction_id: String,
    /// How much.
    pub amount_minor: Minor,
    /// When it was paid.
    pub paid_at: DateTime<Utc>,
}

/// What does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mismatch {
    /// 金额不符: another amount.
    Amount,
    /// 币种不符: another currency.
    Currency,
    /// 重复支付: it was paid before, by another transaction.
    PaidTwice,
}

/// Why nobody can pay it any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Closure {
    /// 已超时: its time is over.
    Expired,
    /// 已撤销: whoever started it does not want it any more.
    Withdrawn,
    /// 无法发起: the provider does not take it.
    Refused,
}

/// What people see of a payment. Derived by the payment itself alone; all others copy it.
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
    strum::EnumIter,
    strum::EnumString,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum PaymentStatus {
    /// 发起中: the provider was not asked yet.
    Starting,
    /// 待支付: can be paid.
    Waiting,
    /// 已支付: the provider has the money.
    Captured,
    /// 待核实: something does not fit, somebody has to look.
    Parked,
    /// 退款中: some of the money is on its way back.
    Refunding,
    /// 部分退款: some of it is back.
    PartlyRefunded,
    /// 已退款: all of it is back.
    Refunded,
    /// 退款失败: it can not be sent back, somebody has to look.
    RefundFailed,
    /// 已关闭: can not be paid any more.
    Closed,
}

impl DomainEvent for PaymentEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::PaymentStarted(started) => started.sentence(),
            Self::PaymentPresented { payment_id, .. } => Text::new(
                format!("支付单 {payment_id} 可以支付了"),
                format!("payment {payment_id} can be paid"),
            ),
            Self::PaymentCaptured { payment_id, order_id, currency, transaction, .. } => {
                let amount = currency.show(transaction.amount_minor);
                Text::new(
                    format!("订单 {order_id} 已在线支付 {amount}（支付单 {payment_id}）"),
                    format!("{amount} of order {order_id} were paid by payment {payment_id}"),
                )
            }
            Self::PaymentParked { payment_id, why, .. } => {
                let Text { zh, en } = why.shown();
                Text::new(
                    format!("支付单 {payment_id} 待核实：{zh}"),
                    format!("payment {payment_id} has to be looked at: {en}"),
                )
            }
            Self::ParkedPaymentDismissed { payment_id, reason, .. } => Text::new(
                format!("支付单 {payment_id} 已核实，没有这笔款：{reason}"),
                format!("there is no such money of payment {payment_id}: {reason}"),
            ),
            Self::PaymentClosed { payment_id, why, .. } => {
                let Text { zh, en } = why.shown();
                Text::new(
                    format!("支付单 {payment_id} 已关闭：{zh}"),
                    format!("payment {payment_id} was closed: {en}"),
                )
            }
            Self::RefundRequested { payment_id, currency, amount_minor, reason, .. } => {
                let amount = currency.show(*amount_minor);
                Text::new(
                    format!("支付单 {payment_id} 退款 {amount}：{reason}"),
                    format!("{amount} of payment {payment_id} go back: {reason}"),
                )
            }
            Self::RefundCompleted { payment_id, refund_id, .. } => Text::new(
                format!("支付单 {payment_id} 的退款 {refund_id} 已到账"),
                format!("refund {refund_id} of payment {payment_id} is done"),
            ),
            Self::RefundFailed { payment_id, refund_id, detail, .. } => Text::new(
                format!("支付单 {payment_id} 的退款 {refund_id} 失败：{detail}"),
                format!("refund {refund_id} of payment {payment_id} failed: {detail}"),
            ),
        }
    }
}

impl PaymentEvent {
    /// What people see after it.
    pub fn status(&self) -> PaymentStatus {
        match self {
            Self::PaymentStarted(started) => started.status,
            Self::PaymentPresented { status, .. }
            | Self::PaymentCaptured { status, .. }
            | Self::PaymentParked { status, .. }
            | Self::ParkedPaymentDismissed { status, .. }
            | Self::PaymentClosed { status, .. }
            | Self::RefundRequested { status, .. }
            | Self::RefundCompleted { status, .. }
            | Self::RefundFailed { status, .. } => *status,
        }
    }

    /// Tells what people see after it.
    pub(super) fn set_status(&mut self, to: PaymentStatus) {
        match self {
            Self::PaymentStarted(started) => started.status = to,
            Self::PaymentPresented { status, .. }
            | Self::PaymentCaptured { status, .. }
            | Self::PaymentParked { status, .. }
            | Self::ParkedPaymentDismissed { status, .. }
            | Self::PaymentClosed { status, .. }
            | Self::RefundRequested { status, .. }
            | Self::RefundCompleted { status, .. }
            | Self::RefundFailed { status, .. } => *status = to,
        }
    }
}

impl PaymentStarted {
    fn sentence(&self) -> Text {
        let Self { payment_id, order_id, provider, currency, amount_minor, .. } = self;
        let (amount, zh, en) = (currency.show(*amount_minor), provider.zh(), provider.en());
        Text::new(
            format!("订单 {order_id} 发起支付 {amount}（{zh}，支付单 {payment_id}）"),
            format!("payment {payment_id} of {amount} for order {order_id} by {en} was started"),
        )
    }
}

impl Mismatch {
    fn shown(self) -> Text {
        match self {
            Self::Amount => Text::new("金额不符", "another amount was paid"),
            Self::Currency => Text::new("币种不符", "another currency was paid"),
            Self::PaidTwice => Text::new("重复支付", "it was paid twice"),
        }
    }
}

impl Closure {
    fn shown(self) -> Text {
        match self {
            Self::Expired => Text::new("已超时", "its time is over"),
            Self::Withdrawn => Text::new("已撤销", "it was withdrawn"),
            Self::Refused => Text::new("无法发起", "the provider does not take it"),
        }
    }
}
