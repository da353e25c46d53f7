//! What there is of a product (库存), warehouse by warehouse, and what orders have of it.
//!
//! One object a product, so no two orders take the same goods; orders take from the first warehouse
//! that has some, by id. Of a product of which nobody has told what there is, there is enough.
//!
//! What an order could not have waits in [`line`], where the order agreed to that.

pub mod event;
mod freeing;
pub mod line;
mod refusal;

use std::collections::BTreeMap;

use kernel::Decider;
use serde::{Deserialize, Serialize};
use values::{BusinessDate, OrderId, ProductId, Quantity, WarehouseId};

pub use event::{Level, OrderStock, Part, StockEvent};
pub use line::{Line, Waiting};
pub use refusal::StockRefusal;

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
        /// Whether what is not there may wait for more; if not, the order is refused.
        waits: bool,
    },
    /// Follows an order that was changed while warehouses have shipments of it.
    Rearrange {
        /// The order.
        order_id: OrderId,
        /// What changes.
        shift: Shift<Quantity>,
        /// Whether what is not there may wait for more; if not, the order is refused.
        waits: bool,
        /// What its shipments still send, and from where: that stays kept for it.
        sends: Vec<(WarehouseId, Quantity)>,
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
    /// Gives what is free to those who wait, as far as one step goes.
    Allot,
    /// Says when more of it is expected.
    Expect {
        /// The day; none: nobody knows.
        on: Option<BusinessDate>,
    },
    /// Keeps no stock of it any more.
    End {
        /// In the words of the person who says so.
        reason: String,
    },
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
    /// Who waits for more of it.
    pub line: Line,
    /// When more of it is expected.
    pub expected_on: Option<BusinessDate>,
}

/// Some of each of some warehouses.
type Parts = Vec<(WarehouseId, Quantity)>;

impl Kept {
    /// What orders can take: what is free, but for what those in line will be given of it. A warehouse
    /// that has less than orders were promised of it lends nothing to others.
    pub fn available(&self) -> Quantity {
        let free = Quantity::total(self.levels.values().map(|level| level.available()));
        free.less(self.line.total())
    }

    fn own(&self, order_id: &OrderId) -> Quantity {
        let own = self.reserved.get(order_id).into_iter().flatten();
        Quantity::total(own.map(|(_, quantity)| *quantity))
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

    /// Takes, ships and gives back what an order does. Of what is not there any more it gives up what
    /// it waits for first: that was promised last.
    fn follow(
        &mut self,
        order_id: &OrderId,
        shift: Shift<Quantity>,
        waits: bool,
    ) -> Result<Vec<StockEvent>, StockRefusal> {
        let (available, product_id) = (self.available(), self.product_id.clone());
        if shift.hold > available && !waits {
            return Err(StockRefusal::OutOfStock { product_id, available });
        }
        let waiting = self.line.of(order_id);
        if !waiting.is_zero() && shift.capture > self.own(order_id) {
            return Err(StockRefusal::StillWaiting { product_id, waiting });
        }
        let mut events = Vec::new();
        let held = shift.hold.min(available);
        let free = self.levels.iter().map(|(warehouse, level)| (warehouse, level.available()));
        let parts = first_of(held, free);
        self.take(order_id, parts, StockEvent::StockReserved, &mut events);
        self.queue(order_id, shift.hold.less(held), &mut events);
        // What left has left, also what nobody had kept for the order or known to be there.
        let shipped = self.of_order(order_id, shift.capture);
        self.left(order_id, shipped, &mut events);
        let given_up = shift.release.min(waiting);
        self.give_up(order_id, given_up, &mut events);
        let released = self.of_order(order_id, shift.release.less(given_up));
        self.release(order_id, released, &mut events);
        Ok(events)
    }

    fn release(&mut self, order_id: &OrderId, goods: Parts, events: &mut Vec<StockEvent>) {
        self.happen(order_id, goods, StockEvent::StockReleased, events, |level, quantity| Level {
            reserved: level.reserved.less(quantity),
            ..level
        });
    }

    fn take(
        &mut self,
        order_id: &OrderId,
        parts: Parts,
        made: fn(OrderStock) -> StockEvent,
        events: &mut Vec<StockEvent>,
    ) {
        self.happen(order_id, parts, made, events, |level, quantity| Level {
            reserved: level.reserved.plus(quantity),
            ..level
        });
    }

    /// The same of one warehouse, whatever the order has in others.
    fn leave(
        &mut self,
        order_id: &OrderId,
        warehouse_id: WarehouseId,
        quantity: Quantity,
    ) -> Vec<StockEvent> {
        let own = self.reserved.get(order_id).and_then(|own| own.get(&warehouse_id));
        let quantity = own.copied().unwrap_or_default().min(quantity);
        let mut events = Vec::new();
        if !quantity.is_zero() {
            self.left(order_id, vec![(warehouse_id, quantity)], &mut events);
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
            StockEvent::BackOrderFilled(it) => {
                let filled = Quantity::total(it.parts.iter().map(|part| part.quantity));
                self.line.served(&it.order_id, filled);
                self.moved(it, Quantity::plus);
            }
            StockEvent::BackOrderQueued { order_id, quantity, .. } => {
                self.line.join(order_id, quantity);
            }
            StockEvent::BackOrderGivenUp { order_id, quantity, .. } => {
                self.line.leave(&order_id, quantity);
            }
            StockEvent::StockExpected { expected_on, .. } => self.expected_on = expected_on,
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

    /// What comes of what is known; nothing where stock is not kept.
    fn with(
        &self,
        decide: impl FnOnce(&mut Kept) -> Result<Vec<StockEvent>, StockRefusal>,
    ) -> Result<Vec<StockEvent>, StockRefusal> {
        self.kept().cloned().map_or(Ok(Vec::new()), |mut kept| decide(&mut kept))
    }

    /// What is known; kept from now on.
    fn begun(&self, product_id: &ProductId) -> Kept {
        self.kept().cloned().unwrap_or_else(|| Kept {
            product_id: product_id.clone(),
            levels: BTreeMap::new(),
            reserved: BTreeMap::new(),
            line: Line::default(),
            expected_on: None,
        })
    }

    /// What an order waits for.
    pub fn waiting_for(&self, order_id: &OrderId) -> Quantity {
        self.kept().map_or(Quantity::ZERO, |kept| kept.line.of(order_id))
    }
}

/// What is said of stock, and who in line is given something by it.
fn and_allotted(mut kept: Kept, mut events: Vec<StockEvent>) -> Vec<StockEvent> {
    for event in &events {
        kept.evolve(event.clone());
    }
    kept.allot(&mut events);
    events
}

impl Decider for StockItem {
    const AGGREGATE: &'static str = "stock_item";
    const STATE_VERSION: u32 = 2;
    type Command = StockCommand;
    type Event = StockEvent;
    type Refusal = StockRefusal;

    fn decide(&self, command: StockCommand) -> Result<Vec<StockEvent>, StockRefusal> {
        match command {
            StockCommand::Count { product_id, warehouse_id, on_hand, reason } => {
                let kept = self.begun(&product_id);
                let counted = kept.counted(warehouse_id, on_hand, reason);
                Ok(and_allotted(kept, counted.into_iter().collect()))
            }
            StockCommand::Receive { product_id, warehouse_id, quantity, reference } => {
                let kept = self.begun(&product_id);
                let before = kept.level(&warehouse_id);
                let after = Level { on_hand: before.on_hand.plus(quantity), ..before };
                let received = StockEvent::StockReceived {
                    product_id,
                    warehouse_id,
                    quantity,
                    reference,
                    after,
                };
                Ok(and_allotted(kept, vec![received]))
            }
            StockCommand::Follow { order_id, shift, waits } => self.with(|kept| {
                let mut events = kept.follow(&order_id, shift, waits)?;
                kept.allot(&mut events);
                Ok(events)
            }),
            StockCommand::Rearrange { order_id, shift, waits, sends } => self.with(|kept| {
                let mut events = kept.rearrange(&order_id, shift, waits, &sends)?;
                kept.allot(&mut events);
                Ok(events)
            }),
            StockCommand::Leave { order_id, warehouse_id, quantity } => self.with(|kept| {
                let mut events = kept.leave(&order_id, warehouse_id, quantity);
                kept.allot(&mut events);
                Ok(events)
            }),
            StockCommand::Allot => self.with(|kept| {
                let mut events = Vec::new();
                kept.allot(&mut events);
                Ok(events)
            }),
            StockCommand::Expect { on } => {
                let kept = self.kept().ok_or(StockRefusal::StockNotKept)?;
                let product_id = kept.product_id.clone();
                let expected = StockEvent::StockExpected { product_id, expected_on: on };
                Ok((kept.expected_on != on).then_some(expected).into_iter().collect())
            }
            StockCommand::End { reason } => {
                let kept = self.kept().ok_or(StockRefusal::StockNotKept)?;
                if !kept.line.is_empty() {
                    return Err(StockRefusal::OrdersWait { orders: kept.line.orders() });
                }
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
                | StockEvent::StockShipped(_)
                | StockEvent::BackOrderQueued { .. }
                | StockEvent::BackOrderFilled(_)
                | StockEvent::BackOrderGivenUp { .. }
                | StockEvent::StockExpected { .. },
            ) => (),
        }
    }
}
