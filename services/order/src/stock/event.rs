//! The facts of the stock of a product. Each says what there is after it.

use kernel::{DomainEvent, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{BusinessDate, OrderId, ProductId, Quantity, WarehouseId};

/// The facts of the stock of a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum StockEvent {
    /// There is so much in a warehouse, whatever was known before; the first time stock of the product
    /// is kept at all.
    StockCounted {
        /// The product.
        product_id: ProductId,
        /// Where.
        warehouse_id: WarehouseId,
        /// What was known to be there.
        before: Quantity,
        /// Why it differs; may be empty.
        reason: String,
        /// What is there.
        after: Level,
    },
    /// Goods came into a warehouse.
    StockReceived {
        /// The product.
        product_id: ProductId,
        /// Where.
        warehouse_id: WarehouseId,
        /// How many base units.
        quantity: Quantity,
        /// What they came with; may be empty.
        reference: String,
        /// What is there after it.
        after: Level,
    },
    /// Goods are kept for an order.
    StockReserved(OrderStock),
    /// Goods that were kept for an order are not needed for it any more.
    StockReleased(OrderStock),
    /// Goods left for an order.
    StockShipped(OrderStock),
    /// An order waits for goods that are not there (欠货), behind all who wait already.
    BackOrderQueued {
        /// The product.
        product_id: ProductId,
        /// Which order.
        order_id: OrderId,
        /// How many base units it waits for, besides what it waited for before.
        quantity: Quantity,
    },
    /// Goods are kept for an order that waited for them, the first in line.
    BackOrderFilled(OrderStock),
    /// An order does not wait for goods any more.
    BackOrderGivenUp {
        /// The product.
        product_id: ProductId,
        /// Which order.
        order_id: OrderId,
        /// How many base units it does not wait for any more.
        quantity: Quantity,
    },
    /// The brand says when more of the product is expected.
    StockExpected {
        /// The product.
        product_id: ProductId,
        /// The day; absent: nobody knows.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expected_on: Option<BusinessDate>,
    },
    /// Stock of the product is not kept any more.
    StockEnded {
        /// The product.
        product_id: ProductId,
        /// In the words of the person who said so.
        reason: String,
    },
}

/// Goods of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct OrderStock {
    /// The product.
    pub product_id: ProductId,
    /// For which order.
    pub order_id: OrderId,
    /// From which warehouses.
    pub parts: Vec<Part>,
}

/// Some of one warehouse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Part {
    /// Where.
    pub warehouse_id: WarehouseId,
    /// How many base units.
    pub quantity: Quantity,
    /// What is there after it.
    pub after: Level,
}

/// What there is of a product in a warehouse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Level {
    /// 现存: all of it.
    pub on_hand: Quantity,
    /// 占用: kept for orders; more than there is when somebody has counted less.
    pub reserved: Quantity,
}

impl Level {
    /// 可用: what orders can take.
    pub fn available(self) -> Quantity {
        self.on_hand.less(self.reserved)
    }
}

impl DomainEvent for StockEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::StockCounted { product_id, warehouse_id, before, after, .. } => {
                let Level { on_hand, .. } = after;
                Text::new(
                    format!(
                        "商品 {product_id} 在仓库 {warehouse_id} 盘点为 {on_hand}，原为 {before}"
                    ),
                    format!("{on_hand} of {product_id} are in {warehouse_id}, not {before}"),
                )
            }
            Self::StockReceived { product_id, warehouse_id, quantity, .. } => Text::new(
                format!("商品 {product_id} 入库 {quantity}，仓库 {warehouse_id}"),
                format!("{quantity} of {product_id} came into {warehouse_id}"),
            ),
            Self::StockReserved(it) => it.sentence("占用库存", "are kept for"),
            Self::StockReleased(it) => it.sentence("释放库存", "are free again from"),
            Self::StockShipped(it) => it.sentence("出库", "left for"),
            Self::BackOrderQueued { product_id, order_id, quantity } => Text::new(
                format!("订单 {order_id} 欠货 {quantity}：商品 {product_id}，到货后按先后顺序补发"),
                format!("order {order_id} waits for {quantity} of {product_id}"),
            ),
            Self::BackOrderFilled(it) => it.sentence("欠货到货占用", "came in and are kept for"),
            Self::BackOrderGivenUp { product_id, order_id, quantity } => Text::new(
                format!("订单 {order_id} 不再等待欠货 {quantity}：商品 {product_id}"),
                format!("order {order_id} waits for {quantity} of {product_id} no more"),
            ),
            Self::StockExpected { product_id, expected_on } => match expected_on {
                Some(day) => Text::new(
                    format!("商品 {product_id} 预计 {day} 到货"),
                    format!("more of {product_id} is expected on {day}"),
                ),
                None => Text::new(
                    format!("商品 {product_id} 到货日期待定"),
                    format!("nobody knows when more of {product_id} comes"),
                ),
            },
            Self::StockEnded { product_id, reason } => Text::new(
                format!("商品 {product_id} 不再管理库存：{reason}"),
                format!("stock of {product_id} is not kept any more: {reason}"),
            ),
        }
    }
}

impl OrderStock {
    fn sentence(&self, zh: &str, en: &str) -> Text {
        let Self { product_id, order_id, parts, .. } = self;
        let total = Quantity::total(parts.iter().map(|part| part.quantity));
        Text::new(
            format!("订单 {order_id} {zh}：商品 {product_id} {total}"),
            format!("{total} of {product_id} {en} order {order_id}"),
        )
    }
}
