//! Orders of a day: what dealers order, how they pay, and what becomes of it on the same day.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Script, ToCome};
use crate::acts::{Act, NewOrder, Notices};
use crate::calendar;
use crate::course::Course;
use crate::dealers::Pay;
use crate::goods::Campaign;
use crate::orders::{Shelf, parcels};

impl Script<'_> {
    pub(super) fn orders(&mut self, date: NaiveDate, acts: &mut BTreeMap<usize, Vec<Act>>) {
        let Some(campaign) = self.campaign.clone() else { return };
        for (dealer, order) in std::mem::take(&mut self.waiting) {
            let most_minor = self.most(dealer);
            let it = &self.world.dealers[dealer];
            let order = self.shelf(&campaign, date).within(it, order, most_minor);
            let done = self.order(date, dealer, &campaign, order);
            acts.entry(dealer).or_default().extend(done);
        }
        let size = self.world.settings.size;
        let noise = self.dice.between(90, 110);
        let demand = calendar::demand(size, date, campaign.lift);
        let count = size.orders_a_day() * demand * noise / 100_000;
        let weights: u64 = self.world.dealers.iter().map(|dealer| dealer.weight).sum();
        for _ in 0..count {
            let mut at = self.dice.between(0, weights.saturating_sub(1));
            let drawn = self.world.dealers.iter().position(|dealer| {
                let hit = at < dealer.weight;
                at = at.saturating_sub(dealer.weight);
                hit
            });
            let dealer = drawn.unwrap_or_default();
            let order = self.draw(date, dealer, &campaign);
            let done = self.order(date, dealer, &campaign, order);
            acts.entry(dealer).or_default().extend(done);
        }
    }

    /// Dealers know what they may owe, and order less where there is little left.
    fn most(&self, dealer: usize) -> i64 {
        match self.world.dealers[dealer].pay {
            Pay::Credit { .. } => self.books[dealer].left(),
            Pay::Prepaid | Pay::Online => i64::MAX,
        }
    }

    fn shelf<'a>(&'a self, campaign: &'a Campaign, date: NaiveDate) -> Shelf<'a> {
        Shelf {
            size: self.world.settings.size,
            goods: &self.world.goods,
            prices: &self.prices,
            campaign,
            date,
        }
    }

    /// What a dealer would like to order.
    fn draw(&mut self, date: NaiveDate, dealer: usize, campaign: &Campaign) -> NewOrder {
        self.numbers[0] += 1;
        let id = format!("SO-{}-{:06}", date.format("%Y%m%d"), self.numbers[0]);
        let most_minor = self.most(dealer);
        let mut dice = self.dice.clone();
        let it = &self.world.dealers[dealer];
        let order = self.shelf(campaign, date).order(&mut dice, it, id, most_minor);
        self.dice = dice;
        order
    }

    /// One order, as far as it comes on its day.
    fn order(
        &mut self,
        date: NaiveDate,
        dealer: usize,
        campaign: &Campaign,
        mut order: NewOrder,
    ) -> Vec<Act> {
        let mut acts = Vec::new();
        let short = self.stock.short();
        let missing = short.filter(|it| order.lines.iter().any(|line| line.product == *it));
        if let Some(product) = missing {
            // What is refused must not take the cart with it.
            order.from_cart = false;
            acts.push(Act::OutOfStock(Box::new(order.clone())));
            self.faults.shortages += 1;
            let cut = order.lines.len() > 1 && !self.faults.shortages.is_multiple_of(3);
            let name = &self.world.goods.products[product].id;
            self.truth.out_of_stock(&order.id, name, cut);
            if !cut {
                // Goods come tomorrow.
                self.waiting.push((dealer, order));
                return acts;
            }
            order = self.shelf(campaign, date).without(order, product);
        }
        order.untouched = !self.reviewed;
        acts.extend(match self.world.dealers[dealer].pay {
            Pay::Credit { .. } => self.on_credit(date, dealer, order),
            Pay::Prepaid => self.prepaid(date, dealer, order),
            Pay::Online => self.online(date, dealer, campaign, order),
        });
        acts
    }

    /// Now and then a limit is cut before the dealer knows.
    fn on_credit(&mut self, date: NaiveDate, dealer: usize, mut order: NewOrder) -> Vec<Act> {
        let order_id = order.id.clone();
        let mut acts = Vec::new();
        let cut = self.faults.over_credit.strikes(&mut self.dice);
        if cut {
            let limit_minor = self.books[dealer].cut_to(order.net_minor / 2);
            acts.push(Act::Limit { order_id: order_id.clone(), limit_minor });
        }
        let missing = order.net_minor - self.books[dealer].left();
        order.untouched &= missing <= 0;
        self.submitted(&order, &mut acts);
        let more_minor = (missing.max(0) + 99_999) / 100_000 * 100_000;
        let refused = missing > 0 && self.finance_refuses();
        if refused {
            self.truth.planted.holds_refused.push(order_id.clone());
            self.truth.cancelled();
            acts.push(Act::Refuse { order_id: order_id.clone() });
        } else if missing > 0 {
            self.books[dealer].raise(more_minor);
            self.truth.planted.holds_released.push(order_id.clone());
            acts.push(Act::Release { order_id: order_id.clone(), more_minor });
        }
        if !refused {
            self.books[dealer].borrow(order.net_minor);
            acts.extend(self.accept(date, dealer, &order, 0));
        }
        if cut {
            // What was granted for the order stays besides.
            let limit_minor = self.limits[dealer];
            self.books[dealer].limit_to(limit_minor);
            acts.push(Act::Limit { order_id, limit_minor });
        }
        acts
    }

    /// A third of the orders that wait for credit are not given any.
    fn finance_refuses(&mut self) -> bool {
        self.faults.holds += 1;
        self.faults.holds.is_multiple_of(3) || self.faults.holds == 2
    }

    fn prepaid(&mut self, date: NaiveDate, dealer: usize, order: NewOrder) -> Vec<Act> {
        let mut acts = Vec::new();
        let missing = self.books[dealer].missing(order.net_minor);
        if missing > 0 {
            let times = i64::try_from(self.dice.between(2, 5)).unwrap_or(2);
            let amount = (missing * times + 99_999) / 100_000 * 100_000;
            self.books[dealer].top_up(amount);
            acts.push(self.remittance(date, false, amount));
        }
        let rebate = self.books[dealer].pay(order.net_minor);
        self.submitted(&order, &mut acts);
        acts.extend(self.accept(date, dealer, &order, rebate));
        acts
    }

    fn online(
        &mut self,
        date: NaiveDate,
        dealer: usize,
        campaign: &Campaign,
        order: NewOrder,
    ) -> Vec<Act> {
        let mut acts = Vec::new();
        self.submitted(&order, &mut acts);
        let order_id = order.id.clone();
        if self.faults.late.strikes(&mut self.dice) {
            self.truth.planted.late_payments.push(order_id.clone());
            self.truth.cancelled();
            acts.push(Act::PayTooLate { order_id });
            return acts;
        }
        let swapped = self.faults.swapped.strikes(&mut self.dice);
        let other = swapped.then(|| self.draw(date, dealer, campaign));
        let there = |other: &NewOrder| {
            !other.lines.iter().any(|line| Some(line.product) == self.stock.short())
        };
        if let Some(mut other) = other.filter(there) {
            other.untouched = !self.reviewed;
            self.submitted(&other, &mut acts);
            let order_ids = [order_id, other.id.clone()];
            self.truth.planted.swapped_notices.push(order_ids.clone());
            acts.push(Act::PayBoth { order_ids });
            acts.extend(self.accept(date, dealer, &order, 0));
            acts.extend(self.accept(date, dealer, &other, 0));
            return acts;
        }
        let twice = self.faults.duplicate.strikes(&mut self.dice);
        let late = !twice && self.faults.delayed.strikes(&mut self.dice);
        let notices = match (twice, late) {
            (true, _) => Notices::Twice,
            (false, true) => Notices::Late,
            (false, false) => Notices::Once,
        };
        if twice {
            self.truth.planted.duplicate_notices.push(order_id.clone());
        }
        if late {
            self.truth.planted.late_notices.push(order_id.clone());
        }
        acts.push(Act::PayOnline { order_id, notices });
        acts.extend(self.accept(date, dealer, &order, 0));
        acts
    }

    fn submitted(&mut self, order: &NewOrder, acts: &mut Vec<Act>) {
        self.stock.want(&order.lines);
        self.truth.submitted(order);
        acts.push(Act::Order(Box::new(order.clone())));
    }

    /// The brand takes an order; it goes on its way in the days that follow.
    fn accept(
        &mut self,
        date: NaiveDate,
        dealer: usize,
        order: &NewOrder,
        rebate_minor: i64,
    ) -> Option<Act> {
        let it = &self.world.dealers[dealer];
        self.truth.sold(order, it, date);
        self.stock.reserve(&order.lines);
        let on_credit = matches!(it.pay, Pay::Credit { .. });
        let mut parcels = parcels(&mut self.dice, &self.world.goods, order, date);
        let rest = parcels.iter().find(|(_, _, parcel)| parcel.part == 2).map(|it| it.0);
        // What discounts took off would have to be reckoned anew.
        let can_close = on_credit && order.off_minor == 0;
        let closed = rest.filter(|_| can_close && self.faults.closed.strikes(&mut self.dice));
        if let Some(day) = closed {
            let order_id = order.id.clone();
            let rests = parcels.iter().filter(|(_, _, parcel)| parcel.part == 2);
            let shipment_ids = rests.map(|(_, _, parcel)| parcel.shipment_id()).collect();
            parcels.retain(|(_, _, parcel)| parcel.part == 1);
            self.at(day, dealer, ToCome::Closed { order_id, shipment_ids });
        }
        let mut course = Course::of(dealer, order, parcels.len());
        (course.on_credit, course.rebate_minor) = (on_credit, rebate_minor);
        self.courses.insert(order.id.clone(), course);
        for (leaves_on, arrives_on, parcel) in parcels {
            if parcel.part == 1 {
                self.truth.shipments.released += 1;
                self.take(leaves_on, dealer, parcel.shipment_id());
            }
            self.at(leaves_on, dealer, ToCome::Leaves(parcel.clone()));
            self.at(arrives_on, dealer, ToCome::Arrives(parcel));
        }
        self.reviewed.then(|| Act::Confirm { order_id: order.id.clone() })
    }

    /// Most warehouses say so before they ship, and some change their mind once.
    fn take(&mut self, day: NaiveDate, dealer: usize, shipment_id: String) {
        let silent = self.dice.permille(50);
        let handed_back = self.dice.permille(20);
        if !silent {
            self.at(day, dealer, ToCome::Taken { shipment_id, handed_back });
        }
    }

    fn at(&mut self, day: NaiveDate, dealer: usize, what: ToCome) {
        self.to_come.entry(day).or_default().push((dealer, what));
    }
}
