//! Who waits for goods of a product (欠货), in the order in which they came.
//!
//! What becomes free is given to the first in line until it has all, then to the next: whatever made
//! it free does so in the same step. One step gives to so many orders at most; until the next one the
//! rest is nobody else's either, see [`Kept::available`].

use serde::{Deserialize, Serialize};
use values::{OrderId, Quantity};

use super::{Kept, StockEvent, first_of};

/// Orders that one step gives something to.
pub const MOST_ALLOTTED: usize = 100;

/// A place in line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Which order.
    pub order_id: OrderId,
    /// How many base units it still waits for from this place, at least 1.
    pub quantity: Quantity,
}

/// Those who wait, the first to be served first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Line(Vec<Waiting>);

impl Line {
    /// Those who wait, the first to be served first.
    pub fn iter(&self) -> impl Iterator<Item = &Waiting> {
        self.0.iter()
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many orders wait.
    pub fn orders(&self) -> usize {
        let mut all: Vec<&OrderId> = self.0.iter().map(|place| &place.order_id).collect();
        all.sort();
        all.dedup();
        all.len()
    }

    /// What all of them wait for.
    pub fn total(&self) -> Quantity {
        Quantity::total(self.0.iter().map(|place| place.quantity))
    }

    /// What an order waits for.
    pub fn of(&self, order_id: &OrderId) -> Quantity {
        let own = self.0.iter().filter(|place| place.order_id == *order_id);
        Quantity::total(own.map(|place| place.quantity))
    }

    /// Takes the last place; what an order wants besides what it waits for has a place of its own.
    pub(super) fn join(&mut self, order_id: OrderId, quantity: Quantity) {
        self.0.push(Waiting { order_id, quantity });
    }

    /// An order was given something, from its first place on.
    pub(super) fn served(&mut self, order_id: &OrderId, quantity: Quantity) {
        take(self.0.iter_mut(), order_id, quantity);
        self.0.retain(|place| !place.quantity.is_zero());
    }

    /// An order wants less, from its last place on.
    pub(super) fn leave(&mut self, order_id: &OrderId, quantity: Quantity) {
        take(self.0.iter_mut().rev(), order_id, quantity);
        self.0.retain(|place| !place.quantity.is_zero());
    }
}

fn take<'a>(places: impl Iterator<Item = &'a mut Waiting>, order_id: &OrderId, quantity: Quantity) {
    let mut left = quantity;
    for place in places.filter(|place| place.order_id == *order_id) {
        let taken = place.quantity.min(left);
        (place.quantity, left) = (place.quantity.less(taken), left.less(taken));
    }
}

impl Kept {
    /// Puts an order at the end of the line, if there is something that it has to wait for.
    pub(super) fn queue(
        &mut self,
        order_id: &OrderId,
        quantity: Quantity,
        events: &mut Vec<StockEvent>,
    ) {
        let (product_id, order_id) = (self.product_id.clone(), order_id.clone());
        let queued = StockEvent::BackOrderQueued { product_id, order_id, quantity };
        self.come_true(quantity, queued, events);
    }

    /// Lets an order wait for less.
    pub(super) fn give_up(
        &mut self,
        order_id: &OrderId,
        quantity: Quantity,
        events: &mut Vec<StockEvent>,
    ) {
        let (product_id, order_id) = (self.product_id.clone(), order_id.clone());
        let given_up = StockEvent::BackOrderGivenUp { product_id, order_id, quantity };
        self.come_true(quantity, given_up, events);
    }

    fn come_true(&mut self, of: Quantity, event: StockEvent, events: &mut Vec<StockEvent>) {
        if !of.is_zero() {
            self.evolve(event.clone());
            events.push(event);
        }
    }

    /// Gives what is free to those who wait, the first first.
    pub(super) fn allot(&mut self, events: &mut Vec<StockEvent>) {
        for _ in 0..MOST_ALLOTTED {
            let Some(first) = self.line.iter().next().cloned() else { return };
            let free = self.levels.iter().map(|(warehouse, level)| (warehouse, level.available()));
            let parts = first_of(first.quantity, free);
            if parts.is_empty() {
                return;
            }
            self.take(&first.order_id, parts, StockEvent::BackOrderFilled, events);
        }
    }
}
