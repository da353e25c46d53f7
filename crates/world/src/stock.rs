//! What there is in the warehouses, so that a world knows beforehand what can be ordered.
//!
//! Each product is kept in one warehouse, and there is enough of it for every order of a day before the
//! day begins; so it does not matter which dealer comes first. Now and then there is nothing left of a
//! product for a day: then nobody gets any.

use std::collections::BTreeSet;

use crate::acts::{BrandAct, NewLine};
use crate::dealers::usual;
use crate::dice::Dice;
use crate::goods::Goods;
use crate::{Size, World};

/// How many ordinary days it takes to sell what there is on the first day.
const DAYS: i64 = 20;

/// The stock of all products, by their places.
#[derive(Clone, Debug)]
pub(crate) struct Stock {
    shelves: Vec<Shelf>,
    counted: bool,
    /// The product of which there is nothing left today.
    short: Option<usize>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Shelf {
    on_hand: i64,
    reserved: i64,
    /// What was reserved when the day began.
    at_dawn: i64,
    /// What is ordered today.
    wanted: i64,
    /// How much there should be.
    target: i64,
}

impl Stock {
    pub(crate) fn of(world: &World) -> Self {
        let shelves = target(world.settings.size, &world.goods);
        Self { shelves, counted: false, short: None }
    }

    /// A day begins.
    pub(crate) fn dawn(&mut self) {
        self.short = None;
        for shelf in &mut self.shelves {
            (shelf.at_dawn, shelf.wanted) = (shelf.reserved, 0);
        }
    }

    /// Nothing is left of some product today, but for what orders have; not of one of these.
    pub(crate) fn run_out(&mut self, dice: &mut Dice, but: &BTreeSet<usize>) {
        let there = |at: &usize| !but.contains(at) && self.shelves[*at].available() > 0;
        let all: Vec<usize> = (0..self.shelves.len()).filter(there).collect();
        if self.counted && !all.is_empty() {
            let product = *dice.pick(&all);
            self.shelves[product].on_hand = self.shelves[product].reserved;
            self.short = Some(product);
        }
    }

    /// The product of which there is nothing left.
    pub(crate) fn short(&self) -> Option<usize> {
        self.short
    }

    /// Somebody orders; what is given up again the same day was there.
    pub(crate) fn want(&mut self, lines: &[NewLine]) {
        for line in lines {
            self.shelves[line.product].wanted += i64::from(line.quantity);
        }
    }

    /// It is kept for an order.
    pub(crate) fn reserve(&mut self, lines: &[NewLine]) {
        for line in lines {
            self.shelves[line.product].reserved += i64::from(line.quantity);
        }
    }

    /// Some of it leaves.
    pub(crate) fn leave(&mut self, product: usize, quantity: u32) {
        self.shelves[product].on_hand -= i64::from(quantity);
        self.shelves[product].reserved -= i64::from(quantity);
    }

    /// It is not kept any more.
    pub(crate) fn release(&mut self, product: usize, quantity: u32) {
        self.shelves[product].reserved -= i64::from(quantity);
    }

    /// What the brand does before a day so that there is enough: it counts everything once, and what is
    /// little is bought again.
    pub(crate) fn acts(&mut self) -> Vec<BrandAct> {
        if !std::mem::replace(&mut self.counted, true) {
            let all = self.shelves.iter_mut().enumerate().map(|(product, shelf)| {
                shelf.on_hand = shelf.target + shelf.wanted;
                (product, count(shelf.on_hand))
            });
            return vec![BrandAct::Count { items: all.collect(), short: false }];
        }
        let mut acts = Vec::new();
        if let Some(product) = self.short {
            let items = vec![(product, count(self.shelves[product].at_dawn))];
            acts.push(BrandAct::Count { items, short: true });
        }
        let mut came = Vec::new();
        for (product, shelf) in self.shelves.iter_mut().enumerate() {
            // What is ordered today is reserved by now, but for what was given up again.
            let before = shelf.on_hand - shelf.at_dawn.max(shelf.reserved) - shelf.wanted;
            if self.short != Some(product) && before < shelf.target / 4 {
                let more = shelf.target - before;
                shelf.on_hand += more;
                came.push((product, count(more)));
            }
        }
        if !came.is_empty() {
            acts.push(BrandAct::Replenish(came));
        }
        acts
    }
}

impl Shelf {
    fn available(self) -> i64 {
        self.on_hand - self.reserved
    }
}

fn count(quantity: i64) -> u32 {
    u32::try_from(quantity).unwrap_or_default()
}

/// How much there should be of each product.
fn target(size: Size, goods: &Goods) -> Vec<Shelf> {
    let (least, most) = size.lines();
    let lines = size.orders_a_day() * (least + most) / 2;
    let products = goods.products.len().max(1) as u64;
    let often = i64::try_from((lines / products).max(1)).unwrap_or(1);
    // The large dealers, who order most, order twice as much as others.
    let target = |pack| usual(pack) * often * 2 * DAYS;
    let shelf = |pack| Shelf { target: target(pack), ..Shelf::default() };
    goods.products.iter().map(|product| shelf(product.pack)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;

    fn stock() -> Stock {
        let world = World::new(Settings { size: Size::S, seed: 1, online: true });
        Stock::of(&world)
    }

    fn line(quantity: u32) -> NewLine {
        NewLine { product: 0, quantity, unit_price_minor: 100 }
    }

    #[test]
    fn there_is_always_enough_for_a_day() {
        let mut stock = stock();
        for quantity in [1, 40_000, 90_000] {
            stock.dawn();
            stock.want(&[line(quantity)]);
            stock.reserve(&[line(quantity)]);
            assert_eq!(stock.acts().len(), 1);
            assert!(stock.shelves[0].available() >= 0);
            stock.leave(0, quantity);
        }
    }

    #[test]
    fn what_has_run_out_comes_again_the_next_day() {
        let mut stock = stock();
        let others = (1..stock.shelves.len()).collect();
        stock.run_out(&mut Dice::new(1, 3), &others);
        assert_eq!(stock.short(), None, "nobody has counted");
        stock.acts();
        stock.reserve(&[line(7)]);
        stock.dawn();
        stock.run_out(&mut Dice::new(1, 3), &others);
        stock.leave(0, 2);

        assert_eq!(stock.acts(), [BrandAct::Count { items: vec![(0, 7)], short: true }]);
        assert_eq!((stock.short(), stock.shelves[0].available()), (Some(0), 0));
        stock.dawn();
        let target = u32::try_from(stock.shelves[0].target).unwrap();
        assert_eq!(stock.acts(), [BrandAct::Replenish(vec![(0, target)])]);
    }
}
