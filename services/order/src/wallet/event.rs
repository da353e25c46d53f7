//! The facts of a wallet. Each says what is there after it.

use kernel::{DomainEvent, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{AfterSaleId, Currency, DealerId, Minor, OrderId, RemittanceId};

/// The facts of a wallet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum WalletEvent {
    /// Money came in.
    FundsCredited {
        /// Whose it is.
        dealer_id: DealerId,
        /// Where it went.
        purse: Purse,
        /// All amounts are in this currency.
        currency: Currency,
        /// How much.
        amount_minor: Minor,
        /// Where it came from.
        source: Source,
        /// What is there after it.
        after: Balance,
    },
    /// Money was taken out, not for an order.
    FundsDebited {
        /// Whose it was.
        dealer_id: DealerId,
        /// From where.
        purse: Purse,
        /// All amounts are in this currency.
        currency: Currency,
        /// How much.
        amount_minor: Minor,
        /// What for.
        cause: DebitCause,
        /// In the words of the person who did it.
        reason: String,
        /// What is there after it; of rebates it may be less than nothing.
        after: Balance,
    },
    /// An after-sale case gives money back.
    FundsRefunded {
        /// Whose it is.
        dealer_id: DealerId,
        /// By this case.
        after_sale_id: AfterSaleId,
        /// For goods of this order.
        order_id: OrderId,
        /// Where it went.
        purse: Purse,
        /// All amounts are in this currency.
        currency: Currency,
        /// How much.
        amount_minor: Minor,
        /// What is there after it.
        after: Balance,
    },
    /// Money is kept for an order.
    FundsHeld(OrderFunds),
    /// Money that was kept for an order is not needed for it any more.
    FundsReleased(OrderFunds),
    /// Money that was kept for an order has paid for delivered goods.
    FundsCaptured(OrderFunds),
}

/// Money of a dealer and an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct OrderFunds {
    /// Whose it is.
    pub dealer_id: DealerId,
    /// For which order.
    pub order_id: OrderId,
    /// From where.
    pub purse: Purse,
    /// All amounts are in this currency.
    pub currency: Currency,
    /// How much.
    pub amount_minor: Minor,
    /// What is there after it.
    pub after: Balance,
}

/// A part of a wallet.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Purse {
    /// 预存款: what the dealer has paid before it orders.
    Prepaid,
    /// 返利: what the brand has granted it.
    Rebate,
}

impl Purse {
    /// As the trade says it.
    pub fn shown(self) -> Text {
        match self {
            Self::Prepaid => Text::new("预存款", "prepaid money"),
            Self::Rebate => Text::new("返利", "rebates"),
        }
    }
}

/// What is in a purse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Balance {
    /// All of it.
    pub balance_minor: Minor,
    /// Of that: kept for orders.
    pub held_minor: Minor,
}

/// Where money comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Source {
    /// 充值: a dealer sent it.
    TopUp {
        /// By this remittance.
        remittance_id: RemittanceId,
        /// What the bank calls the transfer.
        bank_reference: String,
    },
    /// 发放返利: the brand granted it.
    Grant {
        /// In the words of the person who did it.
        reason: String,
    },
}

/// What money is taken out for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DebitCause {
    /// 返利扣回: a grant was wrong, or what it was for came back.
    Deduction,
    /// 退还: the dealer has its prepaid money again.
    PayBack,
}

impl DomainEvent for WalletEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::FundsCredited { dealer_id, purse, currency, amount_minor, source, .. } => {
                let (amount, purse) = (currency.show(*amount_minor), purse.shown());
                let from = match source {
                    Source::TopUp { remittance_id, .. } => Text::new(
                        format!("汇款 {remittance_id}"),
                        format!("remittance {remittance_id}"),
                    ),
                    Source::Grant { reason } => Text::new(reason, reason),
                };
                Text::new(
                    format!("经销商 {dealer_id} 的{}增加 {amount}（{}）", purse.zh, from.zh),
                    format!("{} of {dealer_id}: {amount} more ({})", purse.en, from.en),
                )
            }
            Self::FundsDebited { dealer_id, purse, currency, amount_minor, reason, .. } => {
                let (amount, purse) = (currency.show(*amount_minor), purse.shown());
                Text::new(
                    format!("经销商 {dealer_id} 的{}减少 {amount}：{reason}", purse.zh),
                    format!("{} of {dealer_id}: {amount} less: {reason}", purse.en),
                )
            }
            Self::FundsRefunded {
                dealer_id, after_sale_id, purse, currency, amount_minor, ..
            } => {
                let (amount, purse) = (currency.show(*amount_minor), purse.shown());
                Text::new(
                    format!(
                        "经销商 {dealer_id} 的{}退回 {amount}（售后 {after_sale_id}）",
                        purse.zh
                    ),
                    format!("{} of {dealer_id}: {amount} back ({after_sale_id})", purse.en),
                )
            }
            Self::FundsHeld(it) => it.sentence("占用", "are kept"),
            Self::FundsReleased(it) => it.sentence("释放", "are free again"),
            Self::FundsCaptured(it) => it.sentence("支付", "have paid"),
        }
    }
}

impl OrderFunds {
    fn sentence(&self, zh: &str, en: &str) -> Text {
        let Self { order_id, purse, currency, amount_minor, .. } = self;
        let (amount, purse) = (currency.show(*amount_minor), purse.shown());
        Text::new(
            format!("订单 {order_id} {zh}{} {amount}", purse.zh),
            format!("{amount} of {} {en} for order {order_id}", purse.en),
        )
    }
}
