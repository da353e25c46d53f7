//! The facts of a credit account. Each that moves credit says what is taken after it.

use kernel::{DomainEvent, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{AfterSaleId, BusinessDate, Currency, DealerId, Minor, OrderId, RemittanceId};

/// The facts of a credit account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum CreditEvent {
    /// There is so much credit from now on; the first time the dealer has credit at all.
    CreditLimitSet {
        /// Who holds it.
        dealer_id: DealerId,
        /// All amounts are in this currency.
        currency: Currency,
        /// How much there is.
        limit_minor: Minor,
        /// Days after a delivery until it is to be paid.
        payment_days: u32,
        /// In the words of the person who said so; may be empty.
        reason: String,
    },
    /// There is more until a day.
    TemporaryCreditGranted {
        /// Who holds it.
        dealer_id: DealerId,
        /// All amounts are in this currency.
        currency: Currency,
        /// How much more.
        amount_minor: Minor,
        /// The last day on which it counts.
        until: BusinessDate,
        /// The day on which it was granted.
        granted_on: BusinessDate,
        /// In the words of the person who did it.
        reason: String,
    },
    /// All that was added for a while counts no more.
    TemporaryCreditEnded {
        /// Who holds it.
        dealer_id: DealerId,
        /// In the words of the person who did it.
        reason: String,
    },
    /// No more credit is given; what was taken stays.
    CreditBlocked {
        /// Who holds it.
        dealer_id: DealerId,
        /// In the words of the person who did it.
        reason: String,
    },
    /// Credit is given again.
    CreditUnblocked {
        /// Who holds it.
        dealer_id: DealerId,
        /// In the words of the person who did it.
        reason: String,
    },
    /// An order takes credit.
    CreditReserved(OrderCredit),
    /// Credit that an order took is not needed for it any more.
    CreditFreed(OrderCredit),
    /// Goods were delivered on credit; they are to be paid until a day.
    CreditConsumed(OrderCredit),
    /// What was owed is paid, the oldest first.
    CreditRepaid {
        /// Who holds the credit.
        dealer_id: DealerId,
        /// Who paid.
        payer_dealer_id: DealerId,
        /// With this money.
        remittance_id: RemittanceId,
        /// What the bank calls the transfer.
        bank_reference: String,
        /// All amounts are in this currency.
        currency: Currency,
        /// How much.
        amount_minor: Minor,
        /// What it paid.
        paid: Vec<Paid>,
        /// What is taken after it.
        after: Exposure,
    },
    /// What was owed for an order is less by an after-sale case.
    DebtReduced {
        /// Who holds the credit.
        dealer_id: DealerId,
        /// Whose order it is.
        order_dealer_id: DealerId,
        /// The order.
        order_id: OrderId,
        /// By this case.
        after_sale_id: AfterSaleId,
        /// All amounts are in this currency.
        currency: Currency,
        /// How much.
        amount_minor: Minor,
        /// What it is taken off, the oldest first.
        paid: Vec<Paid>,
        /// What is taken after it.
        after: Exposure,
    },
}

/// Credit of a dealer and an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct OrderCredit {
    /// Who holds it.
    pub dealer_id: DealerId,
    /// For which order.
    pub order_id: OrderId,
    /// Whose order it is: the holder's, or another dealer's who draws on its credit.
    pub order_dealer_id: DealerId,
    /// All amounts are in this currency.
    pub currency: Currency,
    /// How much.
    pub amount_minor: Minor,
    /// When it is to be paid; only of what was delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<BusinessDate>,
    /// What is taken after it.
    pub after: Exposure,
}

/// What orders have of a line of credit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exposure {
    /// 占用: taken by orders that were not delivered.
    pub reserved_minor: Minor,
    /// 应收: delivered and not paid.
    pub receivable_minor: Minor,
}

impl Exposure {
    /// Both.
    pub fn total(self) -> Minor {
        Minor(self.reserved_minor.0.saturating_add(self.receivable_minor.0))
    }
}

/// What a payment paid of one delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Paid {
    /// The order.
    pub order_id: OrderId,
    /// When it was to be paid.
    pub due_on: BusinessDate,
    /// How much of it.
    pub amount_minor: Minor,
}

/// Why an order is given no credit.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum HoldReason {
    /// 超出额度: there is not so much left.
    OverLimit,
    /// 有逾期: payments are late.
    Overdue,
    /// 授信已停用: no more credit is given.
    Blocked,
}

impl HoldReason {
    /// As the trade says it.
    pub fn shown(self) -> Text {
        match self {
            Self::OverLimit => Text::new("超出额度", "over the limit"),
            Self::Overdue => Text::new("有逾期", "payments are late"),
            Self::Blocked => Text::new("授信已停用", "credit is blocked"),
        }
    }

    /// Several of them.
    pub fn all_shown(reasons: &[Self]) -> Text {
        let (zh, en): (Vec<_>, Vec<_>) =
            reasons.iter().map(|reason| (reason.shown().zh, reason.shown().en)).unzip();
        Text::new(zh.join("、"), en.join(", "))
    }
}

impl DomainEvent for CreditEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::CreditLimitSet { dealer_id, currency, limit_minor, payment_days, .. } => {
                let limit = currency.show(*limit_minor);
                Text::new(
                    format!("经销商 {dealer_id} 的信用额度为 {limit}，账期 {payment_days} 天"),
                    format!("{dealer_id} has credit of {limit}, to be paid in {payment_days} days"),
                )
            }
            Self::TemporaryCreditGranted {
                dealer_id,
                currency,
                amount_minor,
                until,
                reason,
                ..
            } => {
                let amount = currency.show(*amount_minor);
                Text::new(
                    format!("经销商 {dealer_id} 的临时额度 {amount}，至 {until}：{reason}"),
                    format!("{dealer_id} has {amount} more credit until {until}: {reason}"),
                )
            }
            Self::TemporaryCreditEnded { dealer_id, reason } => Text::new(
                format!("经销商 {dealer_id} 的临时额度已结束：{reason}"),
                format!("the temporary credit of {dealer_id} has ended: {reason}"),
            ),
            Self::CreditBlocked { dealer_id, reason } => Text::new(
                format!("经销商 {dealer_id} 已停用授信：{reason}"),
                format!("{dealer_id} is given no more credit: {reason}"),
            ),
            Self::CreditUnblocked { dealer_id, reason } => Text::new(
                format!("经销商 {dealer_id} 已恢复授信：{reason}"),
                format!("{dealer_id} is given credit again: {reason}"),
            ),
            Self::CreditReserved(it) => it.sentence("占用额度", "takes credit of"),
            Self::CreditFreed(it) => it.sentence("释放额度", "gives back credit of"),
            Self::CreditConsumed(it) => it.sentence("发货挂账", "was delivered on credit of"),
            Self::CreditRepaid {
                payer_dealer_id, currency, amount_minor, remittance_id, ..
            } => {
                let amount = currency.show(*amount_minor);
                Text::new(
                    format!("经销商 {payer_dealer_id} 还款 {amount}（汇款 {remittance_id}）"),
                    format!("{payer_dealer_id} paid {amount} of what it owes ({remittance_id})"),
                )
            }
            Self::DebtReduced { order_id, after_sale_id, currency, amount_minor, .. } => {
                let amount = currency.show(*amount_minor);
                Text::new(
                    format!("订单 {order_id} 的应收减少 {amount}（售后 {after_sale_id}）"),
                    format!("{amount} less are owed for order {order_id} ({after_sale_id})"),
                )
            }
        }
    }
}

impl OrderCredit {
    fn sentence(&self, zh: &str, en: &str) -> Text {
        let Self { order_id, dealer_id, currency, amount_minor, .. } = self;
        let amount = currency.show(*amount_minor);
        Text::new(
            format!("订单 {order_id} {zh} {amount}（{dealer_id}）"),
            format!("order {order_id} {en} {dealer_id}: {amount}"),
        )
    }
}
