//! What there is of a product (库存), warehouse by warehouse, and what orders have of it.
//!
//! One object a product, so no two orders take the same goods; orders take from the first warehouse
//! that has some, by id. Of a product of which nobody has told what there is, there is enough.

pub mod event;

use std::collections::BTreeMap;

use kernel::{Decider, Refusal, RefusalKind, Text};
use serde::{Deserialize, Serialize};
use values::{OrderId, ProductId, Quantity, WarehouseId};

pub use event::{Level, OrderStock, Part, StockEvent};

use crate::shift::Shift;

/// What can be asked of the stock of a product.
#[derive(Clone, Debug)]
pub enum StockCommand {
    /// Says what there is in a warehouse.
    Count {
        /// The product.
        product_id: ProductId,
        /// Where.
        warehouse_id: WarehouseId,
        /// How much.
        on_hand: Quantity,
        /// Why it differs; may be empty.
        reason: String,
    },
    /// Adds what came into a warehouse.
    Receive {
        /// The product.
        product_id: ProductId,
        /// Where.
        warehouse_id: WarehouseId,
        /// How much.
        quantity: Quantity,
        /// What it came with; may be empty.
        reference: String,
    },
    /// Follows an order.
    Follow {
        /// The order.
        order_id: OrderId,
        /// What changes.
        shift: Shift<Quantity>,
    },
    /// What a warehouse keeps for an order leaves it.
    Leave {
        /// The order.
        order_id: OrderId,
        /// From where.
        warehouse_id: WarehouseId,
        /// How much.
        quantity: Quantity,
    },
    /// Keeps no stock of it any more.
    End {
        /// In the words of the person who says so.
        reason: String,
    },
}

/// Why stock says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum StockRefusal {
    /// Orders can not have what is not there.
    #[error("there are only {available} of {product_id}; take less, or wait for more")]
    OutOfStock {
        /// The product.
        product_id: ProductId,
        /// What there is.
        available: Quantity,
    },
    /// Nobody has told what there is.
    #[error("no stock of the product is kept; count it first")]
    StockNotKept,
    /// Stock is kept of what there is.
    #[error("there is no product {product_id}; publish it first")]
    UnknownProduct {
        /// What was named.
        product_id: ProductId,
    },
    /// A product is named twice.
    #[error("{product_id} is named twice; give each product once")]
    ProductTwice {
        /// The product.
        product_id: ProductId,
    },
}

impl Refusal for StockRefusal {
    fn reason(&self) -> String {
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::OutOfStock { .. } | Self::StockNotKept => RefusalKind::FailedPrecondition,
            Self::UnknownProduct { .. } => RefusalKind::NotFound,
            Self::ProductTwice { .. } => RefusalKind::InvalidArgument,
        }
    }

    fn text(&self) -> Text {
        let zh = match self {
            Self::OutOfStock { product_id, available } => {
                format!("商品 {product_id} 库存不足，仅剩 {available}，请减少数量或等待补货")
            }
            Self::StockNotKept => "该商品未管理库存，请先盘点".to_owned(),
            Self::UnknownProduct { product_id } => format!("没有商品 {product_id}，请先发布"),
            Self::ProductTwice { product_id } => {
                format!("商品 {product_id} 重复，每个商品只能填一次")
            }
        };
        Text::new(zh, self.to_string())
    }
}

/// The stock of a product; its object id is that of the product.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(tag = "stage")]
pub enum StockItem {
    /// Nobody has told what there is: there is enough.
    #[default]
    NotKept,
    /// It is known.
    Kept(Box<Kept>),
}

/// What is known to be there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    /// The product.
    pub product_id: ProductId,
    /// What there is in each warehouse.
    pub levels: BTreeMap<WarehouseId, Level>,
    /// What orders have of each warehouse.
    pub reserved: BTreeMap<OrderId, BTreeMap<WarehouseId, Quantity>>,
}

/// Some of each of some warehouses.
type Parts = Vec<(WarehouseId, Quantity)>;

impl Kept {
    /// What orders can take. A warehouse that has less than orders were promised of it lends nothing
    /// to others.
    pub fn available(&self) -> Quantity {
        Quantity::total(self.levels.values().map(|level| level.available()))
    }

    fn level(&self, warehouse: &WarehouseId) -> Level {
        self.levels.get(warehouse).copied().unwrap_or_default()
    }

    /// What an order has, as far as it goes.
    fn of_order(&self, order_id: &OrderId, wanted: Quantity) -> Parts {
        let own = self.reserved.get(order_id).into_iter().flatten();
        first_of(wanted, own.map(|(warehouse, quantity)| (warehouse, *quantity)))
    }

    fn counted(
        &self,
        warehouse_id: WarehouseId,
        on_hand: Quantity,
        reason: String,
    ) -> Option<StockEvent> {
        let before = self.level(&warehouse_id);
        let known = self.levels.contains_key(&warehouse_id);
        (!known || before.on_hand != on_hand).then(|| StockEvent::StockCounted {
            product_id: self.product_id.clone(),
            warehouse_id,
            before: before.on_hand,
            reason,
            after: Level { on_hand, ..before },
        })
    }

    fn follow(
        &self,
        order_id: &OrderId,
        shift: Shift<Quantity>,
    ) -> Result<Vec<StockEvent>, StockRefusal> {
        if shift.hold > self.available() {
            let product_id = self.product_id.clone();
            return Err(StockRefusal::OutOfStock { product_id, available: self.available() });
        }
        let mut now = self.clone();
        let mut events = Vec::new();
        let free = self.levels.iter().map(|(warehouse, level)| (warehouse, level.available()));
        let held = first_of(shift.hold, free);
        now.happen(order_id, held, StockEvent::StockReserved, &mut events, |level, quantity| {
            Level { reserved: level.reserved.plus(quantity), ..level }
        });
        // What left has left, also what nobody had kept for the order or known to be there.
        let shipped = now.of_order(order_id, shift.capture);
        now.left(order_id, shipped, &mut events);
        let released = now.of_order(order_id, shift.release);
        now.happen(
            order_id,
            released,
            StockEvent::StockReleased,
            &mut events,
            |level, quantity| Level { reserved: level.reserved.less(quantity), ..level },
        );
        Ok(events)
    }

    /// The same of one warehouse, whatever the order has in others.
    fn leave(
        &self,
        order_id: &OrderId,
        warehouse_id: WarehouseId,
        quantity: Quantity,
    ) -> Vec<StockEvent> {
        let own = self.reserved.get(order_id).and_then(|own| own.get(&warehouse_id));
        let quantity = own.copied().unwrap_or_default().min(quantity);
        let mut events = Vec::new();
        if !quantity.is_zero() {
            self.clone().left(order_id, vec![(warehouse_id, quantity)], &mut events);
        }
        events
    }

    fn left(&mut self, order_id: &OrderId, goods: Parts, events: &mut Vec<StockEvent>) {
        self.happen(order_id, goods, StockEvent::StockShipped, events, |level, quantity| {
            let (on_hand, reserved) = (level.on_hand.less(quantity), level.reserved.less(quantity));
            Level { on_hand, reserved }
        });
    }

    /// Adds a fact about some goods, if there are any, and makes it true.
    fn happen(
        &mut self,
        order_id: &OrderId,
        goods: Parts,
        made: fn(OrderStock) -> StockEvent,
        events: &mut Vec<StockEvent>,
        after: impl Fn(Level, Quantity) -> Level,
    ) {
        if goods.is_empty() {
            return;
        }
        let part = |(warehouse_id, quantity): (WarehouseId, Quantity)| {
            let after = after(self.level(&warehouse_id), quantity);
            Part { warehouse_id, quantity, after }
        };
        let event = made(OrderStock {
            product_id: self.product_id.clone(),
            order_id: order_id.clone(),
            parts: goods.into_iter().map(part).collect(),
        });
        self.evolve(event.clone());
        events.push(event);
    }

    fn evolve(&mut self, event: StockEvent) {
        match event {
            StockEvent::StockCounted { warehouse_id, after, .. }
            | StockEvent::StockReceived { warehouse_id, after, .. } => {
                self.levels.insert(warehouse_id, after);
            }
            StockEvent::StockReserved(it) => self.moved(it, Quantity::plus),
            StockEvent::StockShipped(it) | StockEvent::StockReleased(it) => {
                self.moved(it, Quantity::less);
            }
            StockEvent::StockEnded { .. } => (),
        }
    }

    fn moved(&mut self, goods: OrderStock, change: fn(Quantity, Quantity) -> Quantity) {
        let own = self.reserved.entry(goods.order_id).or_default();
        for Part { warehouse_id, quantity, after } in goods.parts {
            let kept = own.entry(warehouse_id.clone()).or_default();
            *kept = change(*kept, quantity);
            self.levels.insert(warehouse_id, after);
        }
        own.retain(|_, quantity| !quantity.is_zero());
        self.reserved.retain(|_, own| !own.is_empty());
    }
}

/// So much from the first of these that have some.
fn first_of<'a>(
    wanted: Quantity,
    from: impl Iterator<Item = (&'a WarehouseId, Quantity)>,
) -> Parts {
    let (mut left, mut parts) = (wanted, Vec::new());
    for (warehouse_id, there) in from {
        let quantity = there.min(left);
        if !quantity.is_zero() {
            left = left.less(quantity);
            parts.push((warehouse_id.clone(), quantity));
        }
    }
    parts
}

impl StockItem {
    /// What is known, where stock is kept.
    pub fn kept(&self) -> Option<&Kept> {
        match self {
            Self::NotKept => None,
            Self::Kept(kept) => Some(kept),
        }
    }

    /// What warehouses keep for an order.
    pub fn kept_for(&self, order_id: &OrderId) -> Vec<(WarehouseId, Quantity)> {
        let own = self.kept().and_then(|kept| kept.reserved.get(order_id)).into_iter().flatten();
        own.map(|(warehouse_id, quantity)| (warehouse_id.clone(), *quantity)).collect()
    }

    /// What is known; kept from now on.
    fn begun(&self, product_id: &ProductId) -> Kept {
        self.kept().cloned().unwrap_or_else(|| Kept {
            product_id: product_id.clone(),
            levels: BTreeMap::new(),
            reserved: BTreeMap::new(),
        })
    }
}

impl Decider for StockItem {
    const AGGREGATE: &'static str = "stock_item";
    type Command = StockCommand;
    type Event = StockEvent;
    type Refusal = StockRefusal;

    fn decide(&self, command: StockCommand) -> Result<Vec<StockEvent>, StockRefusal> {
        match command {
            StockCommand::Count { product_id, warehouse_id, on_hand, reason } => {
                let counted = self.begun(&product_id).counted(warehouse_id, on_hand, reason);
                Ok(counted.into_iter().collect())
            }
            StockCommand::Receive { product_id, warehouse_id, quantity, reference } => {
                let before = self.begun(&product_id).level(&warehouse_id);
                let after = Level { on_hand: before.on_hand.plus(quantity), ..before };
                Ok(vec![StockEvent::StockReceived {
                    product_id,
                    warehouse_id,
                    quantity,
                    reference,
                    after,
                }])
            }
            StockCommand::Follow { order_id, shift } => match self.kept() {
                Some(kept) => kept.follow(&order_id, shift),
                None => Ok(Vec::new()),
            },
            StockCommand::Leave { order_id, warehouse_id, quantity } => {
                let left = self.kept().map(|kept| kept.leave(&order_id, warehouse_id, quantity));
                Ok(left.unwrap_or_default())
            }
            StockCommand::End { reason } => {
                let kept = self.kept().ok_or(StockRefusal::StockNotKept)?;
                Ok(vec![StockEvent::StockEnded { product_id: kept.product_id.clone(), reason }])
            }
        }
    }

    fn evolve(&mut self, event: StockEvent) {
        match (&mut *self, event) {
            (_, StockEvent::StockEnded { .. }) => *self = Self::NotKept,
            (Self::Kept(kept), event) => kept.evolve(event),
            (
                Self::NotKept,
                StockEvent::StockCounted { product_id, warehouse_id, after, .. }
                | StockEvent::StockReceived { product_id, warehouse_id, after, .. },
            ) => {
                let mut kept = self.begun(&product_id);
                kept.levels.insert(warehouse_id, after);
                *self = Self::Kept(Box::new(kept));
            }
            (
                Self::NotKept,
                StockEvent::StockReserved(_)
                | StockEvent::StockReleased(_)
                | StockEvent::StockShipped(_),
            ) => (),
        }
    }
}
