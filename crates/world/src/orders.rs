//! What is in an order, how it goes on its way, and what is wrong when it arrives.

use std::collections::BTreeMap;

use crate::acts::{Arrival, Difference, NewLine, NewOrder, Parcel, Wrong};
use crate::dealers::{Dealer, scale, usual};
use crate::dice::Dice;
use crate::goods::{Campaign, Goods, price_for};
use crate::{Size, calendar};
use chrono::NaiveDate;

/// Makes baskets of a day.
pub(crate) struct Shelf<'a> {
    pub(crate) size: Size,
    pub(crate) goods: &'a Goods,
    /// List prices of that day.
    pub(crate) prices: &'a [i64],
    pub(crate) campaign: &'a Campaign,
    pub(crate) date: NaiveDate,
}

impl Shelf<'_> {
    /// What a dealer orders: fewer lines where it would cost more than that, if one line does not.
    pub(crate) fn order(
        &self,
        dice: &mut Dice,
        dealer: &Dealer,
        id: String,
        most_minor: i64,
    ) -> NewOrder {
        let (least, most) = self.size.lines();
        let lines = dice.between(least, most);
        let products = dice.different(lines, self.goods.products.len());
        let line = |product: usize| {
            let usual = usual(self.goods.products[product].pack);
            let spread = i64::try_from(dice.between(40, 160)).unwrap_or(100);
            let quantity = usual * scale(dealer.weight) * spread / 100_000;
            NewLine {
                product,
                quantity: u32::try_from(quantity).unwrap_or(u32::MAX).clamp(1, 100_000),
                unit_price_minor: price_for(dealer.level, self.prices[product]),
            }
        };
        let lines = products.into_iter().map(line).collect();
        let from_cart = dice.permille(200);
        let order = NewOrder { id, lines, net_minor: 0, off_minor: 0, from_cart, untouched: false };
        self.within(dealer, order, most_minor)
    }

    /// The same order at the prices of the day, with fewer lines where it would cost too much.
    pub(crate) fn within(&self, dealer: &Dealer, mut order: NewOrder, most_minor: i64) -> NewOrder {
        for line in &mut order.lines {
            line.unit_price_minor = price_for(dealer.level, self.prices[line.product]);
        }
        let mut order = self.priced(order);
        while order.net_minor > most_minor && order.lines.len() > 1 {
            order.lines.pop();
            order = self.priced(order);
        }
        order
    }

    /// The same order without a product.
    pub(crate) fn without(&self, mut order: NewOrder, product: usize) -> NewOrder {
        order.lines.retain(|line| line.product != product);
        self.priced(order)
    }

    fn priced(&self, mut order: NewOrder) -> NewOrder {
        let gross: i64 = order.lines.iter().map(NewLine::gross_minor).sum();
        order.off_minor = self.campaign.off(self.date, gross);
        order.net_minor = gross - order.off_minor;
        order
    }
}

impl NewLine {
    /// What it costs before discounts.
    pub fn gross_minor(&self) -> i64 {
        i64::from(self.quantity) * self.unit_price_minor
    }
}

/// How an order that is confirmed on a day goes on its way: the days on which parcels leave and
/// arrive. Each warehouse sends what it keeps of it, in one parcel or in two.
pub(crate) fn parcels(
    dice: &mut Dice,
    goods: &Goods,
    order: &NewOrder,
    date: NaiveDate,
) -> Vec<(NaiveDate, NaiveDate, Parcel)> {
    // Shipments are numbered by the ids of their warehouses.
    let mut shipments: BTreeMap<&str, Vec<(u32, u32)>> = BTreeMap::new();
    for (line_no, line) in (1..).zip(&order.lines) {
        let warehouse = goods.products[line.product].warehouse_id;
        shipments.entry(warehouse).or_default().push((line_no, line.quantity));
    }
    let in_two = dice.permille(300);
    let first = calendar::workday_after(date, 1);
    let second = calendar::workday_after(first, dice.between(1, 2));
    let mut all: Vec<(NaiveDate, NaiveDate, Parcel)> = Vec::new();
    for (shipment, lines) in (1..).zip(shipments.into_values()) {
        let order_id = order.id.clone();
        let parcel = |part, lines| Parcel { order_id: order_id.clone(), shipment, part, lines };
        let later = lines.iter().map(|&(line_no, all)| (line_no, all / 3));
        let later: Vec<_> = later.filter(|(_, quantity)| in_two && *quantity > 0).collect();
        let kept = |line_no| later.iter().find(|it| it.0 == line_no).map_or(0, |it| it.1);
        let now = lines.iter().map(|&(line_no, all)| (line_no, all - kept(line_no))).collect();
        let arrives_on = calendar::workday_after(first, dice.between(1, 3));
        all.push((first, arrives_on, parcel(1, now)));
        if !later.is_empty() {
            // No part overtakes another.
            let later_on = calendar::workday_after(second, dice.between(1, 3)).max(arrives_on);
            all.push((second, later_on, parcel(2, later)));
        }
    }
    all
}

/// A parcel of which one or two lines are not well.
pub(crate) fn spoilt(dice: &mut Dice, parcel: Parcel) -> Arrival {
    let large: Vec<_> = parcel.lines.iter().filter(|line| line.1 > 1).copied().collect();
    let chosen = dice.different(if large.len() > 4 { 2 } else { 1 }, large.len());
    let difference = |at: usize| {
        let (line_no, quantity) = large[at];
        let kind = *dice.pick(&[Wrong::Short, Wrong::Damaged, Wrong::WrongGoods]);
        let most = u64::from((quantity / 10).max(1));
        let quantity = u32::try_from(dice.between(1, most)).unwrap_or(1);
        Difference { line_no, kind, quantity }
    };
    let mut differences: Vec<_> = chosen.into_iter().map(difference).collect();
    differences.sort_by_key(|it| it.line_no);
    Arrival { parcel, differences }
}
