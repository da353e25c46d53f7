//! The facts of an order. Declared here and nowhere else.

use kernel::{DomainEvent, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{
    BusinessDate, Currency, DealerId, Minor, OrderId, PriceListId, ProductId, Quantity, RegionPath,
};

use super::status::OrderStatus;

/// The facts of an order. Each says what status people see after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum OrderEvent {
    /// A dealer ordered, or somebody did for it. Names, region and prices are those of that day
    /// and stay so.
    OrderSubmitted(Box<OrderSubmitted>),
    /// The brand accepted the order for delivery.
    OrderConfirmed {
        /// The order.
        order_id: OrderId,
        /// What people see from now on.
        status: OrderStatus,
    },
    /// Goods of the order left the warehouse.
    OrderShipped {
        /// The order.
        order_id: OrderId,
        /// What left this time.
        lines: Vec<LineQuantity>,
        /// What people see from now on.
        status: OrderStatus,
    },
    /// The dealer received goods of the order.
    OrderReceived {
        /// The order.
        order_id: OrderId,
        /// What arrived this time.
        lines: Vec<LineQuantity>,
        /// What people see from now on.
        status: OrderStatus,
    },
    /// The order was called off before anything was shipped; it is no sale any more.
    OrderCancelled {
        /// The order.
        order_id: OrderId,
        /// Why, in the words of the person who did it.
        reason: String,
        /// What people see from now on.
        status: OrderStatus,
    },
}

/// An order as it was placed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct OrderSubmitted {
    /// The order.
    pub order_id: OrderId,
    /// Who ordered.
    pub dealer_id: DealerId,
    /// The dealer's name on that day.
    pub dealer_name: String,
    /// Where the sale counts: regions from the root to the dealer's own, as of that day.
    pub region_path: RegionPath,
    /// The day the sale counts on, in the tenant's calendar.
    pub business_date: BusinessDate,
    /// All amounts of the order are in this currency.
    pub currency: Currency,
    /// What was ordered, numbered from 1 without gaps.
    pub lines: Vec<OrderLine>,
    /// Sum of the lines' gross amounts.
    pub gross_minor: Minor,
    /// Sum of the lines' quantities, in base units.
    pub quantity: Quantity,
    /// What the dealer wanted the brand to know; may be empty.
    pub note: String,
    /// Whether somebody who is not of the dealer placed it.
    pub placed_on_behalf: bool,
    /// What people see from now on.
    pub status: OrderStatus,
}

/// One line of an order, as it was placed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrderLine {
    /// Number in the order, from 1.
    pub line_no: u32,
    /// What was ordered.
    pub product_id: ProductId,
    /// The product's name on that day.
    pub product_name: String,
    /// The product's categories on that day, from general to special.
    pub category_path: Vec<String>,
    /// The unit that the quantity is counted in.
    pub base_unit: String,
    /// How many base units.
    pub quantity: Quantity,
    /// Price of one base unit.
    pub unit_price_minor: Minor,
    /// Quantity times unit price.
    pub gross_minor: Minor,
    /// The list that the price came from.
    pub price_list_id: PriceListId,
}

/// Some of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LineQuantity {
    /// Number of the line in the order, from 1.
    pub line_no: u32,
    /// How many base units.
    pub quantity: Quantity,
}

impl DomainEvent for OrderEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::OrderSubmitted(order) => order.sentence(),
            Self::OrderConfirmed { order_id, .. } => Text::new(
                format!("订单 {order_id} 已确认，开始备货"),
                format!("order {order_id} was confirmed for delivery"),
            ),
            Self::OrderShipped { order_id, lines, status } => {
                let Text { zh, en } = units(lines);
                let status = status.zh();
                Text::new(
                    format!("订单 {order_id} 发货 {zh}，{status}"),
                    format!("order {order_id}: {en} shipped"),
                )
            }
            Self::OrderReceived { order_id, lines, status } => {
                let Text { zh, en } = units(lines);
                let status = status.zh();
                Text::new(
                    format!("订单 {order_id} 签收 {zh}，{status}"),
                    format!("order {order_id}: {en} received"),
                )
            }
            Self::OrderCancelled { order_id, reason, .. } => Text::new(
                format!("订单 {order_id} 已取消：{reason}"),
                format!("order {order_id} was cancelled: {reason}"),
            ),
        }
    }
}

impl OrderSubmitted {
    fn sentence(&self) -> Text {
        let Self { order_id, dealer_name, lines, .. } = self;
        let gross = self.currency.show(self.gross_minor);
        let (count, s) = (lines.len(), if lines.len() == 1 { "" } else { "s" });
        let (zh, en) =
            if self.placed_on_behalf { ("（代下单）", " on behalf") } else { ("", "") };
        Text::new(
            format!("{dealer_name} 提交了订单 {order_id}{zh}：{count} 行，合计 {gross}"),
            format!("{dealer_name} submitted order {order_id}{en}: {count} line{s}, {gross}"),
        )
    }
}

/// How much was moved, for example `3 units of 2 lines were`.
fn units(lines: &[LineQuantity]) -> Text {
    let total = Quantity::total(lines.iter().map(|line| line.quantity));
    let (unit, were) = if total == Quantity::of(1) { ("unit", "was") } else { ("units", "were") };
    let line = if lines.len() == 1 { "line" } else { "lines" };
    let count = lines.len();
    Text::new(
        format!("{count} 行共 {total} 件"),
        format!("{total} {unit} of {count} {line} {were}"),
    )
}
