//! The facts of an after-sale case. Declared here and nowhere else.

use kernel::{DomainEvent, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{AfterSaleId, Currency, DealerId, Minor, OrderId, ProductId, Quantity, WarehouseId};

use crate::order::SettledLine;
use crate::order::paying::OnlinePart;
use crate::rating::Rating;

/// The facts of an after-sale case. Each says what status people see after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum AfterSaleEvent {
    /// A dealer has something to say about goods of an order, or received them otherwise than they
    /// were shipped.
    AfterSaleRequested(Box<Requested>),
    /// The brand agrees.
    AfterSaleApproved {
        /// The case.
        after_sale_id: AfterSaleId,
        /// Whether the goods that the dealer has come back first.
        goods_return: bool,
        /// For the dealer to know; may be empty.
        remark: String,
        /// What people see from now on.
        status: AfterSaleStatus,
    },
    /// The brand does not agree.
    AfterSaleRefused {
        /// The case.
        after_sale_id: AfterSaleId,
        /// Why, in the words of the person who did it.
        reason: String,
        /// What people see from now on.
        status: AfterSaleStatus,
    },
    /// The dealer does not want it any more.
    AfterSaleWithdrawn {
        /// The case.
        after_sale_id: AfterSaleId,
        /// Why, in the words of the person who did it.
        reason: String,
        /// What people see from now on.
        status: AfterSaleStatus,
    },
    /// The goods are on their way back.
    ReturnShipped {
        /// The case.
        after_sale_id: AfterSaleId,
        /// Who carries them.
        carrier: String,
        /// What the carrier calls them; may be empty.
        tracking_number: String,
        /// What people see from now on.
        status: AfterSaleStatus,
    },
    /// A warehouse has goods back, and has looked at them.
    ReturnReceived {
        /// The case.
        after_sale_id: AfterSaleId,
        /// Where.
        warehouse_id: WarehouseId,
        /// What came this time, line by line.
        lines: Vec<ReturnedLine>,
        /// Whether nothing more is expected.
        last: bool,
        /// What people see from now on.
        status: AfterSaleStatus,
    },
    /// The case is settled.
    AfterSaleSettled(Box<Settled>),
    /// The dealer says how content it is with the case (满意度).
    AfterSaleRated {
        /// The case.
        after_sale_id: AfterSaleId,
        /// Whose it is.
        dealer_id: DealerId,
        /// How content.
        rating: Rating,
        /// What people see, as before.
        status: AfterSaleStatus,
    },
}

/// A case as it began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Requested {
    /// The case.
    pub after_sale_id: AfterSaleId,
    /// The order.
    pub order_id: OrderId,
    /// Whose order it is.
    pub dealer_id: DealerId,
    /// All amounts are in this currency.
    pub currency: Currency,
    /// What the dealer would like; the brand decides.
    pub wish: Settlement,
    /// What it is about.
    pub lines: Vec<CaseLine>,
    /// For the brand to know; may be empty.
    pub note: String,
    /// Whether it began with the receipt of the goods.
    pub at_receipt: bool,
    /// What people see from now on.
    pub status: AfterSaleStatus,
}

/// Goods of one line, with one cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CaseLine {
    /// Number of the line in the order, from 1.
    pub line_no: u32,
    /// What it is.
    pub product_id: ProductId,
    /// How many base units.
    pub quantity: Quantity,
    /// What is wrong.
    pub cause: Cause,
    /// In the words of the person who says so; may be empty.
    pub note: String,
}

/// What came back of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReturnedLine {
    /// Number of the line in the order, from 1.
    pub line_no: u32,
    /// What is wrong with them, as the case says: a line can be there for several causes.
    pub cause: Cause,
    /// Base units that can be sold again.
    pub sellable: Quantity,
    /// Base units that can not.
    pub scrap: Quantity,
    /// Base units that are not taken back, for example because nothing is wrong with them.
    pub rejected: Quantity,
}

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Settled {
    /// The case.
    pub after_sale_id: AfterSaleId,
    /// The order.
    pub order_id: OrderId,
    /// Whose order it is.
    pub dealer_id: DealerId,
    /// All amounts are in this currency.
    pub currency: Currency,
    /// How.
    pub settlement: Settlement,
    /// What was settled, with what it was worth.
    pub lines: Vec<SettledLine>,
    /// What the dealer is given for it; nothing where goods are sent again.
    pub amount_minor: Minor,
    /// Where that went.
    pub payout: Payout,
    /// The order that sends the goods again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement_order_id: Option<OrderId>,
    /// For the dealer to know; may be empty.
    pub remark: String,
    /// What people see from now on.
    pub status: AfterSaleStatus,
}

/// Where money of a case went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Payout {
    /// Back to rebates.
    pub rebate_minor: Minor,
    /// To prepaid money.
    pub prepaid_minor: Minor,
    /// Off what the dealer owes for the order.
    pub debt_minor: Minor,
    /// Back through providers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub online: Vec<OnlinePart>,
    /// To be paid where the order was.
    pub elsewhere_minor: Minor,
}

/// What is wrong with goods.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// 少货: they did not arrive.
    Short,
    /// 破损: they arrived damaged.
    Damaged,
    /// 错货: other goods arrived.
    WrongGoods,
    /// 质量问题: they are not as they should be.
    Quality,
    /// 临期: they can not be sold before they expire.
    NearExpiry,
    /// 滞销: nobody buys them.
    Unsold,
    /// 其他
    Other,
}

/// How a case ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Settlement {
    /// 退款: the money goes back the way it came.
    Refund,
    /// 抵扣货款: the money is taken off what is owed for the order, or kept for the next one.
    CreditNote,
    /// 补发换货: the goods are sent again.
    Replacement,
    /// 不予补偿: nothing.
    WriteOff,
}

/// What people see of a case. Derived by the case itself alone; all others copy it.
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
pub enum AfterSaleStatus {
    /// 待审核: waits for the brand.
    Requested,
    /// 待退货: the dealer is to send the goods back.
    AwaitingReturn,
    /// 退货中: they are on their way.
    InTransit,
    /// 部分收回: some of them are back.
    PartlyReturned,
    /// 待处理: finance is to settle it.
    ToSettle,
    /// 已完成: settled.
    Settled,
    /// 已拒绝: the brand does not agree.
    Refused,
    /// 已撤销: the dealer does not want it any more.
    Withdrawn,
}

impl Settlement {
    /// As the trade says it.
    pub fn shown(self) -> Text {
        match self {
            Self::Refund => Text::new("退款", "a refund"),
            Self::CreditNote => Text::new("抵扣货款", "a credit note"),
            Self::Replacement => Text::new("补发换货", "goods sent again"),
            Self::WriteOff => Text::new("不予补偿", "nothing"),
        }
    }
}

impl DomainEvent for AfterSaleEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::AfterSaleRequested(it) => it.sentence(),
            Self::AfterSaleApproved { after_sale_id, goods_return, .. } => {
                let (zh, en) = match goods_return {
                    true => ("，须退回商品", ", and the goods come back"),
                    false => ("", ""),
                };
                Text::new(
                    format!("售后 {after_sale_id} 已同意{zh}"),
                    format!("after-sale case {after_sale_id} was approved{en}"),
                )
            }
            Self::AfterSaleRefused { after_sale_id, reason, .. } => Text::new(
                format!("售后 {after_sale_id} 已拒绝：{reason}"),
                format!("after-sale case {after_sale_id} was refused: {reason}"),
            ),
            Self::AfterSaleWithdrawn { after_sale_id, reason, .. } => Text::new(
                format!("售后 {after_sale_id} 已撤销：{reason}"),
                format!("after-sale case {after_sale_id} was withdrawn: {reason}"),
            ),
            Self::ReturnShipped { after_sale_id, carrier, tracking_number, .. } => Text::new(
                format!("售后 {after_sale_id} 的商品已寄回：{carrier} {tracking_number}"),
                format!(
                    "goods of {after_sale_id} are on their way back: {carrier} {tracking_number}"
                ),
            ),
            Self::ReturnReceived { after_sale_id, warehouse_id, lines, .. } => {
                let taken = |line: &ReturnedLine| line.sellable.plus(line.scrap);
                let total = Quantity::total(lines.iter().map(taken));
                Text::new(
                    format!("仓库 {warehouse_id} 收回售后 {after_sale_id} 的商品 {total} 件"),
                    format!("warehouse {warehouse_id} took back {total} units of {after_sale_id}"),
                )
            }
            Self::AfterSaleSettled(it) => it.sentence(),
            Self::AfterSaleRated { after_sale_id, rating, .. } => {
                let Text { zh, en } = rating.shown();
                Text::new(
                    format!("售后 {after_sale_id} 的评价：{zh}"),
                    format!("after-sale case {after_sale_id} was rated: {en}"),
                )
            }
        }
    }
}

impl Requested {
    fn sentence(&self) -> Text {
        let Self { after_sale_id, order_id, dealer_id, .. } = self;
        let total = Quantity::total(self.lines.iter().map(|line| line.quantity));
        let Text { zh, en } = self.wish.shown();
        Text::new(
            format!(
                "经销商 {dealer_id} 就订单 {order_id} 的 {total} 件商品申请售后 {after_sale_id}：{zh}"
            ),
            format!(
                "{dealer_id} asked for {en} for {total} units of order {order_id} ({after_sale_id})"
            ),
        )
    }
}

impl Settled {
    fn sentence(&self) -> Text {
        let Self { after_sale_id, currency, amount_minor, .. } = self;
        let Text { zh, en } = self.settlement.shown();
        let amount = match *amount_minor > Minor::ZERO {
            true => format!(" {}", currency.show(*amount_minor)),
            false => String::new(),
        };
        Text::new(
            format!("售后 {after_sale_id} 已完成：{zh}{amount}"),
            format!("after-sale case {after_sale_id} was settled by {en}{amount}"),
        )
    }
}
