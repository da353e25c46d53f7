//! What is in an order, how it goes on its way, and what is wrong when it arrives.

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
        let mut order = self.priced(NewOrder { id, lines, net_minor: 0, off_minor: 0 });
        while order.net_minor > most_minor && order.lines.len() > 1 {
            order.lines.pop();
            order = self.priced(order);
        }
        order
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
/// arrive.
pub(crate) fn parcels(
    dice: &mut Dice,
    order: &NewOrder,
    date: NaiveDate,
) -> Vec<(NaiveDate, NaiveDate, Parcel)> {
    let lines = || (1..).zip(order.lines.iter().map(|line| line.quantity));
    let later: Vec<(u32, u32)> =
        lines().map(|(no, all)| (no, all / 3)).filter(|(_, quantity)| *quantity > 0).collect();
    let in_two = dice.permille(300) && !later.is_empty();
    let split = |part: u32| -> Vec<(u32, u32)> {
        match (in_two, part) {
            (true, 2) => later.clone(),
            (true, _) => lines().map(|(no, all)| (no, all - all / 3)).collect(),
            (false, _) => lines().collect(),
        }
    };
    let mut leaves = 1;
    let mut all: Vec<(NaiveDate, NaiveDate, Parcel)> = Vec::new();
    for part in 1..=if in_two { 2 } else { 1 } {
        let leaves_on = calendar::workday_after(date, leaves);
        let arrives_on = calendar::workday_after(leaves_on, dice.between(1, 3));
        // No part overtakes another.
        let arrives_on = all.last().map_or(arrives_on, |before| before.1.max(arrives_on));
        let parcel = Parcel { order_id: order.id.clone(), part, lines: split(part) };
        all.push((leaves_on, arrives_on, parcel));
        leaves += dice.between(1, 2);
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
