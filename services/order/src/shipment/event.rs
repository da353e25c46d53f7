//! The facts of a shipment. Declared here and nowhere else.

use kernel::{DomainEvent, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{DealerId, OrderId, ProductId, Quantity, RegionId, ShipmentId, WarehouseId};

use super::status::ShipmentStatus;
use crate::order::LineQuantity;

/// The facts of a shipment. Each says what status people see after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum ShipmentEvent {
    /// A part of a confirmed order was handed over to a warehouse; all parts of it at once.
    ShipmentReleased(Box<ShipmentReleased>),
    /// The warehouse will send it.
    ShipmentAcknowledged {
        /// The shipment.
        shipment_id: ShipmentId,
        /// The warehouse's own number for it; may be empty.
        reference: String,
        /// What people see from now on.
        status: ShipmentStatus,
    },
    /// The warehouse will not send what is left of it; it waits again.
    ShipmentHandedBack {
        /// The shipment.
        shipment_id: ShipmentId,
        /// Why, in the words of the warehouse.
        reason: String,
        /// What people see from now on.
        status: ShipmentStatus,
    },
    /// Goods of it left the warehouse; its order says the same of itself.
    ShipmentShipped {
        /// The shipment.
        shipment_id: ShipmentId,
        /// Of which order.
        order_id: OrderId,
        /// What left this time.
        lines: Vec<LineQuantity>,
        /// Who carries it; may be empty.
        carrier: String,
        /// The carrier's number for it; may be empty.
        tracking_number: String,
        /// What people see from now on.
        status: ShipmentStatus,
    },
    /// The order does not need what was left of it: it was cancelled, or closed short.
    ShipmentWithdrawn {
        /// The shipment.
        shipment_id: ShipmentId,
        /// What will not be sent.
        lines: Vec<LineQuantity>,
        /// Why, in the words of the person who called it off.
        reason: String,
        /// What people see from now on.
        status: ShipmentStatus,
    },
}

/// A shipment as it was handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct ShipmentReleased {
    /// The shipment: the order's number, a `-`, and `number`.
    pub shipment_id: ShipmentId,
    /// Of which order.
    pub order_id: OrderId,
    /// Which of the order's shipments it is, from 1.
    pub number: u32,
    /// How many shipments the order was split into.
    pub of: u32,
    /// Whose order it is.
    pub dealer_id: DealerId,
    /// The dealer's name.
    pub dealer_name: String,
    /// Where the sale counts: regions from the root to the dealer's own, as of the order's day.
    pub region_ids: Vec<RegionId>,
    /// From where; absent: no stock is kept of the goods, so nobody has told where they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warehouse_id: Option<WarehouseId>,
    /// What is to be sent.
    pub lines: Vec<ReleasedLine>,
    /// What people see from now on.
    pub status: ShipmentStatus,
}

/// What is to be sent of one line of the order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReleasedLine {
    /// Number of the line in the order, from 1; gifts come after the lines.
    pub line_no: u32,
    /// What is sent.
    pub product_id: ProductId,
    /// The product's name.
    pub product_name: String,
    /// The unit that the quantity is counted in.
    pub base_unit: String,
    /// How many base units, at least 1.
    pub quantity: Quantity,
}

impl DomainEvent for ShipmentEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::ShipmentReleased(released) => released.sentence(),
            Self::ShipmentAcknowledged { shipment_id, reference, .. } => {
                let (zh, en) = match reference.is_empty() {
                    true => Default::default(),
                    false => (format!("（仓库单号 {reference}）"), format!(" as {reference}")),
                };
                Text::new(
                    format!("发货单 {shipment_id} 已接单{zh}，拣货中"),
                    format!("shipment {shipment_id} was acknowledged{en}"),
                )
            }
            Self::ShipmentHandedBack { shipment_id, reason, .. } => Text::new(
                format!("发货单 {shipment_id} 已退回：{reason}"),
                format!("shipment {shipment_id} was handed back: {reason}"),
            ),
            Self::ShipmentShipped {
                shipment_id, lines, carrier, tracking_number, status, ..
            } => {
                let carried: Vec<&str> = [carrier.as_str(), tracking_number.as_str()]
                    .into_iter()
                    .filter(|word| !word.is_empty())
                    .collect();
                let (zh, en) = match carried.is_empty() {
                    true => Default::default(),
                    false => {
                        (format!("（{}）", carried.join(" ")), format!(" by {}", carried.join(" ")))
                    }
                };
                let (count, status) = (units(lines), status.zh());
                Text::new(
                    format!("发货单 {shipment_id} 发货 {count} 件{zh}，{status}"),
                    format!("{count} of shipment {shipment_id} left{en}"),
                )
            }
            Self::ShipmentWithdrawn { shipment_id, lines, reason, .. } => {
                let count = units(lines);
                Text::new(
                    format!("发货单 {shipment_id} 撤回 {count} 件：{reason}"),
                    format!("{count} of shipment {shipment_id} were withdrawn: {reason}"),
                )
            }
        }
    }
}

impl ShipmentEvent {
    /// What people see after it.
    pub fn status(&self) -> ShipmentStatus {
        match self {
            Self::ShipmentReleased(released) => released.status,
            Self::ShipmentAcknowledged { status, .. }
            | Self::ShipmentHandedBack { status, .. }
            | Self::ShipmentShipped { status, .. }
            | Self::ShipmentWithdrawn { status, .. } => *status,
        }
    }
}

impl ShipmentReleased {
    fn sentence(&self) -> Text {
        let Self { shipment_id, order_id, warehouse_id, number, of, .. } = self;
        let (zh, en) = match warehouse_id {
            Some(id) => (format!("仓库 {id}"), format!("warehouse {id}")),
            None => ("仓库（未指定）".to_owned(), "no certain warehouse".to_owned()),
        };
        Text::new(
            format!("订单 {order_id} 已下发{zh}：发货单 {shipment_id}（{number}/{of}）"),
            format!("order {order_id} was handed over to {en}: {shipment_id}, {number} of {of}"),
        )
    }
}

fn units(lines: &[LineQuantity]) -> Quantity {
    Quantity::total(lines.iter().map(|line| line.quantity))
}
