//! The goods of a cart, and how discounts get to its lines.

use std::collections::BTreeMap;

use values::{Minor, ProductId, PromotionId, Quantity};

use crate::promotion::cart::CartLine;
use crate::promotion::outcome::{Discount, PricedLine};
use crate::promotion::spread::{Taker, spread};

/// Goods by product and price.
pub(super) struct Items(Vec<Item>);

/// All of one product at one price.
pub(super) struct Item {
    pub(super) product_id: ProductId,
    pub(super) category_path: Vec<String>,
    pub(super) quantity: Quantity,
    /// After the discounts so far.
    pub(super) net: Minor,
    /// What it has to cost, at least.
    floor: Minor,
    unit_price: Minor,
    unit_floor: Minor,
    lines: Vec<(u32, Quantity)>,
    discounts: Vec<Discount>,
}

impl Item {
    /// How much of a discount it can take.
    pub(super) fn taker(&self) -> Taker {
        taker(self.net, self.floor)
    }
}

impl Items {
    pub(super) fn of(lines: &[CartLine]) -> Self {
        let mut by_number: Vec<&CartLine> = lines.iter().collect();
        by_number.sort_by_key(|line| (line.line_no, line.quantity));
        let mut items: BTreeMap<(&ProductId, Minor), Item> = BTreeMap::new();
        for line in by_number {
            let item = items.entry((&line.product_id, line.unit_price)).or_insert_with(|| Item {
                product_id: line.product_id.clone(),
                category_path: line.category_path.clone(),
                quantity: Quantity::ZERO,
                net: Minor::ZERO,
                floor: Minor::ZERO,
                unit_price: line.unit_price,
                unit_floor: Minor::ZERO,
                lines: Vec::new(),
                discounts: Vec::new(),
            });
            item.quantity = item.quantity.plus(line.quantity);
            item.net = cost(line.unit_price, item.quantity);
            item.unit_floor = item.unit_floor.max(line.floor);
            item.floor = cost(item.unit_floor, item.quantity);
            item.lines.push((line.line_no, line.quantity));
        }
        Self(items.into_values().collect())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &Item)> {
        self.0.iter().enumerate()
    }

    /// Base units of a product that are bought.
    pub(super) fn bought(&self, product_id: &ProductId) -> Quantity {
        let of_it = self.0.iter().filter(|item| item.product_id == *product_id);
        Quantity::total(of_it.map(|item| item.quantity))
    }

    /// Takes parts of a promotion off items, by their number.
    pub(super) fn take_off(&mut self, promotion_id: &PromotionId, parts: &[(usize, Minor)]) {
        for (at, off) in parts.iter().filter(|(_, off)| *off > Minor::ZERO) {
            let Some(item) = self.0.get_mut(*at) else { continue };
            item.net.0 -= off.0;
            item.discounts.push(Discount { promotion_id: promotion_id.clone(), off: *off });
        }
    }

    /// The lines, by number.
    pub(super) fn lines(&self) -> Vec<PricedLine> {
        let mut lines: Vec<_> = self.0.iter().flat_map(Item::priced).collect();
        lines.sort_by_key(|line| line.line_no);
        lines
    }
}

impl Item {
    /// Its lines, each discount in proportion to what they cost by then. No line falls below the
    /// floor: together they have exactly the room that the item had.
    fn priced(&self) -> Vec<PricedLine> {
        let mut lines: Vec<PricedLine> = self.lines.iter().map(|line| self.line(line)).collect();
        for discount in &self.discounts {
            let takers = lines.iter().zip(&self.lines);
            let takers: Vec<Taker> = takers
                .map(|(line, (_, quantity))| taker(line.net, cost(self.unit_floor, *quantity)))
                .collect();
            let (parts, _) = spread(discount.off, &takers);
            for (line, off) in lines.iter_mut().zip(parts).filter(|(_, off)| *off > Minor::ZERO) {
                line.net.0 -= off.0;
                let promotion_id = discount.promotion_id.clone();
                line.discounts.push(Discount { promotion_id, off });
            }
        }
        lines
    }

    fn line(&self, (line_no, quantity): &(u32, Quantity)) -> PricedLine {
        let gross = cost(self.unit_price, *quantity);
        PricedLine { line_no: *line_no, gross, net: gross, discounts: Vec::new() }
    }
}

/// What costs so much and may not cost less than so much.
fn taker(net: Minor, floor: Minor) -> Taker {
    Taker { net, room: Minor((net.0 - floor.0).max(0)) }
}

fn cost(price: Minor, quantity: Quantity) -> Minor {
    price.times(quantity).unwrap_or(Minor(i64::MAX))
}
