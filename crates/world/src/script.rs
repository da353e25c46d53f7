//! What happens in a world, day by day.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate};

use crate::World;
use crate::acts::{Act, Arrival, BrandAct, Day, NewOrder, Parcel, Remittance};
use crate::books::Books;
use crate::calendar;
use crate::dealers::{Level, Pay};
use crate::dice::{Dice, Fault};
use crate::goods::{Campaign, Goods, PriceChange};
use crate::orders::{Shelf, parcels, spoilt};
use crate::truth::Truth;

/// How long dealers take to pay what was delivered on credit, in days.
const PAYS_AFTER: u64 = 7;

/// The days of a world, in order.
pub struct Script<'w> {
    world: &'w World,
    days: Box<dyn Iterator<Item = NaiveDate> + Send>,
    dice: Dice,
    faults: Faults,
    books: Vec<Books>,
    /// What finance has said that each may owe, without what it granted besides.
    limits: Vec<i64>,
    /// Present list prices of all products.
    prices: Vec<i64>,
    campaign: Option<Campaign>,
    reviewed: bool,
    /// What is on its way, by the day on which something of it happens.
    to_come: BTreeMap<NaiveDate, Vec<(usize, ToCome)>>,
    /// Orders of this year so far, remittances too.
    numbers: [u32; 2],
    truth: Truth,
}

struct Faults {
    difference: Fault,
    duplicate: Fault,
    late: Fault,
    over_credit: Fault,
    /// Orders that finance has looked at.
    holds: u32,
}

enum ToCome {
    Leaves {
        parcel: Parcel,
        /// What the whole order costs, when it is the last of it and was not paid.
        owed: Option<i64>,
    },
    Arrives(Parcel),
}

impl<'w> Script<'w> {
    pub(crate) fn new(world: &'w World, days: u32) -> Self {
        let limits = world.dealers.iter().map(|dealer| match dealer.pay {
            Pay::Credit { limit_minor } => limit_minor,
            Pay::Prepaid | Pay::Online => 0,
        });
        let limits: Vec<i64> = limits.collect();
        Self {
            days: Box::new(calendar::days(days)),
            dice: Dice::new(world.settings.seed, 2),
            faults: Faults {
                difference: Fault::new(20, &[5]),
                duplicate: Fault::new(30, &[2]),
                late: Fault::new(5, &[4]),
                over_credit: Fault::new(15, &[6, 12]),
                holds: 0,
            },
            books: limits.iter().map(|limit| Books::with_limit(*limit)).collect(),
            limits,
            prices: world.goods.products.iter().map(|product| product.price_minor).collect(),
            campaign: None,
            reviewed: false,
            to_come: BTreeMap::new(),
            numbers: [0, 0],
            truth: Truth::new(world.id(), world.settings.seed, &world.places),
            world,
        }
    }

    /// What is true after the days so far.
    pub fn truth(&self) -> &Truth {
        &self.truth
    }

    fn day(&mut self, date: NaiveDate) -> Day {
        self.truth.first_date.get_or_insert(date);
        self.truth.last_date = Some(date);
        let brand = self.brand(date);
        let mut acts: BTreeMap<usize, Vec<Act>> = BTreeMap::new();
        if calendar::is_workday(date) {
            self.truth.workdays += 1;
            self.deliver(date, &mut acts);
            self.money(date, &mut acts);
            self.orders(date, &mut acts);
        }
        Day { date, brand, dealers: acts.into_iter().collect() }
    }

    fn brand(&mut self, date: NaiveDate) -> Vec<BrandAct> {
        let mut acts = Vec::new();
        let over = self.campaign.iter().filter(|it| it.until.succ_opt() == Some(date));
        acts.extend(over.map(|it| BrandAct::EndPromotion { id: it.id.clone() }));
        if self.campaign.as_ref().is_none_or(|it| it.from.month() != date.month()) {
            let campaign = Campaign::of_month(&mut self.dice, date);
            acts.push(BrandAct::Promote(campaign.clone()));
            self.campaign = Some(campaign);
        }
        if date.day() == 1 {
            acts.extend(self.new_prices(date));
        }
        if (date.month(), date.day()) == (7, 1) {
            acts.extend(self.new_levels(date));
        }
        // The brand looks at all orders of the first workday of a month.
        let reviewed = calendar::is_first_of_month(date);
        if calendar::is_workday(date) && (reviewed != self.reviewed || date == calendar::FIRST_DAY)
        {
            acts.push(BrandAct::Review(reviewed));
            self.reviewed = reviewed;
        }
        acts
    }

    fn new_prices(&mut self, from: NaiveDate) -> Option<BrandAct> {
        let changes = Goods::changes(&mut self.dice, &self.prices);
        for &PriceChange { product, price_minor } in &changes {
            self.prices[product] = price_minor;
        }
        self.truth.planted.price_changes.insert(from, changes.len() as u64);
        (!changes.is_empty()).then_some(BrandAct::Prices { from, changes })
    }

    /// A dealer in twenty gets another level. What has to be told on a day counts from that day on: for
    /// orders that are told of later than they were placed, the level stays what it was.
    fn new_levels(&mut self, date: NaiveDate) -> Vec<BrandAct> {
        let mut acts = Vec::new();
        for (dealer, it) in self.world.dealers.iter().enumerate() {
            if self.dice.permille(50) {
                let level = if it.level == Level::B { Level::A } else { Level::B };
                acts.push(BrandAct::Classify { dealer, level });
            }
        }
        self.truth.planted.level_changes.insert(date, acts.len() as u64);
        acts
    }

    fn deliver(&mut self, date: NaiveDate, acts: &mut BTreeMap<usize, Vec<Act>>) {
        for (dealer, what) in self.to_come.remove(&date).unwrap_or_default() {
            let act = match what {
                ToCome::Leaves { parcel, owed } => {
                    if let Some(net) = owed {
                        self.books[dealer].delivered(date, net);
                    }
                    Act::Ship(parcel)
                }
                ToCome::Arrives(parcel) => Act::Receive(self.arrival(parcel)),
            };
            acts.entry(dealer).or_default().push(act);
        }
    }

    fn arrival(&mut self, parcel: Parcel) -> Arrival {
        // Lines of the second parcel came with the first one, too.
        let new_lines = if parcel.part == 1 { parcel.lines.len() as u64 } else { 0 };
        let can_be_short = parcel.lines.iter().any(|line| line.1 > 1);
        let arrival = if can_be_short && self.faults.difference.strikes(&mut self.dice) {
            spoilt(&mut self.dice, parcel)
        } else {
            Arrival { parcel, differences: Vec::new() }
        };
        self.truth.arrived(&arrival, new_lines);
        arrival
    }

    /// Debts are paid on Mondays and Thursdays, rebates are granted on the first workday of a month.
    fn money(&mut self, date: NaiveDate, acts: &mut BTreeMap<usize, Vec<Act>>) {
        let pays = matches!(date.weekday(), chrono::Weekday::Mon | chrono::Weekday::Thu);
        let until = date.checked_sub_days(chrono::Days::new(PAYS_AFTER)).unwrap_or(date);
        for dealer in 0..self.world.dealers.len() {
            match self.world.dealers[dealer].pay {
                Pay::Credit { .. } if pays => {
                    let amount_minor = self.books[dealer].repay(until);
                    if amount_minor > 0 {
                        let remittance = self.remittance(date, true, amount_minor);
                        acts.entry(dealer).or_default().push(remittance);
                    }
                }
                Pay::Prepaid if self.reviewed && self.dice.permille(300) => {
                    let yuan = i64::try_from(self.dice.between(5, 30)).unwrap_or(5) * 100;
                    let reason = format!("{} 月返利", date.month());
                    self.books[dealer].grant(yuan * 100);
                    let rebate = Act::Rebate { amount_minor: yuan * 100, reason };
                    acts.entry(dealer).or_default().push(rebate);
                }
                Pay::Credit { .. } | Pay::Prepaid | Pay::Online => (),
            }
        }
    }

    fn remittance(&mut self, date: NaiveDate, repays: bool, amount_minor: i64) -> Act {
        self.numbers[1] += 1;
        let (number, day) = (self.numbers[1], date.format("%Y%m%d"));
        Act::Remit(Remittance {
            id: format!("RM-{day}-{number:06}"),
            repays,
            amount_minor,
            bank_reference: format!("YLYP {day} {number:06}"),
        })
    }

    fn orders(&mut self, date: NaiveDate, acts: &mut BTreeMap<usize, Vec<Act>>) {
        let size = self.world.settings.size;
        let lift = self.campaign.as_ref().map_or(0, |campaign| campaign.lift);
        let noise = self.dice.between(90, 110);
        let count = size.orders_a_day() * calendar::demand(size, date, lift) * noise / 100_000;
        let weights: u64 = self.world.dealers.iter().map(|dealer| dealer.weight).sum();
        for _ in 0..count {
            let mut at = self.dice.between(0, weights.saturating_sub(1));
            let drawn = self.world.dealers.iter().position(|dealer| {
                let hit = at < dealer.weight;
                at = at.saturating_sub(dealer.weight);
                hit
            });
            let dealer = drawn.unwrap_or_default();
            let done = self.order(date, dealer);
            acts.entry(dealer).or_default().extend(done);
        }
    }

    /// One order, as far as it comes on its day.
    fn order(&mut self, date: NaiveDate, dealer: usize) -> Vec<Act> {
        let Some(campaign) = self.campaign.clone() else { return Vec::new() };
        let world = self.world;
        let shelf = Shelf {
            size: world.settings.size,
            goods: &world.goods,
            prices: &self.prices,
            campaign: &campaign,
            date,
        };
        self.numbers[0] += 1;
        let id = format!("SO-{}-{:06}", date.format("%Y%m%d"), self.numbers[0]);
        let it = &world.dealers[dealer];
        // Dealers know what they may owe, and order less where there is little left.
        let most_minor = match it.pay {
            Pay::Credit { .. } => self.books[dealer].left(),
            Pay::Prepaid | Pay::Online => i64::MAX,
        };
        let order = shelf.order(&mut self.dice, it, id, most_minor);
        let (order, acts) = match it.pay {
            Pay::Credit { .. } => self.on_credit(date, dealer, order),
            Pay::Prepaid => self.prepaid(date, dealer, order),
            Pay::Online => self.online(date, dealer, order),
        };
        self.truth.submitted(&order);
        acts
    }

    /// Now and then a limit is cut before the dealer knows.
    fn on_credit(
        &mut self,
        date: NaiveDate,
        dealer: usize,
        order: NewOrder,
    ) -> (NewOrder, Vec<Act>) {
        let order_id = order.id.clone();
        let mut acts = Vec::new();
        let cut = self.faults.over_credit.strikes(&mut self.dice);
        if cut {
            let limit_minor = self.books[dealer].cut_to(order.net_minor / 2);
            acts.push(Act::Limit { order_id: order_id.clone(), limit_minor });
        }
        acts.push(Act::Order(Box::new(order.clone())));
        let missing = order.net_minor - self.books[dealer].left();
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
            acts.extend(self.accept(date, dealer, &order, missing > 0));
        }
        if cut {
            // What was granted for the order stays besides.
            let limit_minor = self.limits[dealer];
            self.books[dealer].limit_to(limit_minor);
            acts.push(Act::Limit { order_id, limit_minor });
        }
        (order, acts)
    }

    /// A third of the orders that wait for credit are not given any.
    fn finance_refuses(&mut self) -> bool {
        self.faults.holds += 1;
        self.faults.holds.is_multiple_of(3) || self.faults.holds == 2
    }

    fn prepaid(&mut self, date: NaiveDate, dealer: usize, order: NewOrder) -> (NewOrder, Vec<Act>) {
        let mut acts = Vec::new();
        let missing = self.books[dealer].missing(order.net_minor);
        if missing > 0 {
            let times = i64::try_from(self.dice.between(2, 5)).unwrap_or(2);
            let amount = (missing * times + 99_999) / 100_000 * 100_000;
            self.books[dealer].top_up(amount);
            acts.push(self.remittance(date, false, amount));
        }
        self.books[dealer].pay(order.net_minor);
        acts.push(Act::Order(Box::new(order.clone())));
        acts.extend(self.accept(date, dealer, &order, false));
        (order, acts)
    }

    fn online(&mut self, date: NaiveDate, dealer: usize, order: NewOrder) -> (NewOrder, Vec<Act>) {
        let mut acts = vec![Act::Order(Box::new(order.clone()))];
        let order_id = order.id.clone();
        if self.faults.late.strikes(&mut self.dice) {
            self.truth.planted.late_payments.push(order_id.clone());
            self.truth.cancelled();
            acts.push(Act::PayTooLate { order_id });
            return (order, acts);
        }
        let twice = self.faults.duplicate.strikes(&mut self.dice);
        if twice {
            self.truth.planted.duplicate_notices.push(order_id.clone());
        }
        acts.push(Act::PayOnline { order_id, notices: if twice { 2 } else { 1 } });
        acts.extend(self.accept(date, dealer, &order, false));
        (order, acts)
    }

    /// The brand takes an order; it goes on its way in the days that follow.
    fn accept(
        &mut self,
        date: NaiveDate,
        dealer: usize,
        order: &NewOrder,
        held: bool,
    ) -> Option<Act> {
        let it = &self.world.dealers[dealer];
        self.truth.sold(order, it.area, held || self.reviewed);
        let on_credit = matches!(it.pay, Pay::Credit { .. });
        let parcels = parcels(&mut self.dice, order, date);
        let last = parcels.len() as u32;
        for (leaves_on, arrives_on, parcel) in parcels {
            let owed = (on_credit && parcel.part == last).then_some(order.net_minor);
            let arrives = ToCome::Arrives(parcel.clone());
            let mut at = |day, what| self.to_come.entry(day).or_default().push((dealer, what));
            at(leaves_on, ToCome::Leaves { parcel, owed });
            at(arrives_on, arrives);
        }
        self.reviewed.then(|| Act::Confirm { order_id: order.id.clone() })
    }
}

impl Iterator for Script<'_> {
    type Item = Day;

    fn next(&mut self) -> Option<Day> {
        let date = self.days.next()?;
        Some(self.day(date))
    }
}
