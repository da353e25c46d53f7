//! What an order has of the stock of each product.

use std::collections::BTreeMap;

use values::{ProductId, Quantity};

use super::{Commercial, Order, Placed, Submission};
use crate::shift::{Position, Shift};

/// What changes of each product when an order goes on.
pub type StockShifts = BTreeMap<ProductId, Shift<Quantity>>;

impl Submission {
    /// What it takes of each product, gifts too.
    pub fn wanted(&self) -> BTreeMap<ProductId, Quantity> {
        let bought = self.lines.iter().map(|line| (&line.product_id, line.quantity));
        let given = self.gifts.iter().map(|gift| (&gift.product_id, gift.quantity));
        let mut wanted: BTreeMap<ProductId, Quantity> = BTreeMap::new();
        for (product_id, quantity) in bought.chain(given) {
            let all = wanted.entry(product_id.clone()).or_default();
            *all = all.plus(quantity);
        }
        wanted
    }
}

impl Placed {
    /// What it has of each product; nothing where stock was not looked at.
    fn stock(&self) -> BTreeMap<ProductId, Position<Quantity>> {
        let mut all: BTreeMap<ProductId, Position<Quantity>> = BTreeMap::new();
        if !self.stocked {
            return all;
        }
        let gone = self.commercial == Commercial::Cancelled;
        for line in &self.lines {
            let position = all.entry(line.product_id.clone()).or_default();
            let open = if gone { Quantity::ZERO } else { line.ordered.less(line.shipped) };
            position.held = position.held.plus(open);
            position.captured = position.captured.plus(line.shipped);
        }
        all
    }
}

impl Order {
    /// What changes of each product until the order is as another one.
    pub fn stock_shifts(&self, after: &Self) -> StockShifts {
        let stock = |order: &Self| match order {
            Self::Placed(placed) => placed.stock(),
            Self::Unsubmitted => BTreeMap::new(),
        };
        let (before, after) = (stock(self), stock(after));
        let shift = |(product_id, after): (ProductId, Position<Quantity>)| {
            let before = before.get(&product_id).copied().unwrap_or_default();
            (product_id, Shift::between(before, after))
        };
        after.into_iter().map(shift).filter(|(_, shift)| !shift.is_none()).collect()
    }
}
