//! What happens in a world, day by day.
//!
//! Read `selling` (what is ordered), then `delivering` (what comes of it).

mod delivering;
mod selling;

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate};

use crate::World;
use crate::acts::{Act, BrandAct, Day, NewOrder, Parcel, Remittance};
use crate::books::Books;
use crate::calendar;
use crate::course::Course;
use crate::dealers::{Level, Pay};
use crate::dice::{Dice, Fault};
use crate::goods::{Campaign, Goods, PriceChange};
use crate::stock::Stock;
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
    stock: Stock,
    /// Orders on their way, by their numbers.
    courses: BTreeMap<String, Course>,
    /// Orders that wait for goods, with whose they are.
    waiting: Vec<(usize, NewOrder)>,
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
    complaint: Fault,
    duplicate: Fault,
    delayed: Fault,
    swapped: Fault,
    late: Fault,
    over_credit: Fault,
    out_of_stock: Fault,
    closed: Fault,
    /// Orders that finance has looked at.
    holds: u32,
    /// Orders of what was not there.
    shortages: u32,
}

impl Faults {
    fn new() -> Self {
        Self {
            difference: Fault::new(20, &[5]),
            complaint: Fault::new(10, &[8]),
            duplicate: Fault::new(30, &[2]),
            delayed: Fault::new(10, &[3]),
            swapped: Fault::new(10, &[3]),
            late: Fault::new(5, &[4]),
            over_credit: Fault::new(15, &[6, 12]),
            out_of_stock: Fault::new(100, &[2, 3, 4]),
            closed: Fault::new(60, &[1]),
            holds: 0,
            shortages: 0,
        }
    }
}

enum ToCome {
    Taken { shipment_id: String, handed_back: bool },
    Leaves(Parcel),
    Closed { order_id: String, shipment_ids: Vec<String> },
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
            faults: Faults::new(),
            stock: Stock::of(world),
            courses: BTreeMap::new(),
            waiting: Vec::new(),
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
        let mut brand = self.brand(date);
        let mut acts: BTreeMap<usize, Vec<Act>> = BTreeMap::new();
        if calendar::is_workday(date) {
            self.truth.workdays += 1;
            self.stock.dawn();
            let mut freed = self.deliver(date, &mut acts);
            if self.faults.out_of_stock.strikes(&mut self.dice) {
                // What somebody waits for comes.
                let waiting = self.waiting.iter().flat_map(|(_, order)| &order.lines);
                freed.extend(waiting.map(|line| line.product));
                self.stock.run_out(&mut self.dice, &freed);
            }
            self.money(date, &mut acts);
            self.orders(date, &mut acts);
            brand.extend(self.stock.acts());
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

    /// Debts are paid on Mondays and Thursdays, rebates are granted on the first workday of a month.
    fn money(&mut self, date: NaiveDate, acts: &mut BTreeMap<usize, Vec<Act>>) {
        let pays = matches!(date.weekday(), chrono::Weekday::Mon | chrono::Weekday::Thu);
        let until = date.checked_sub_days(chrono::Days::new(PAYS_AFTER)).unwrap_or(date);
        for dealer in 0..self.world.dealers.len() {
            match self.world.dealers[dealer].pay {
                Pay::Credit { .. } if pays => {
                    let amount_minor = self.books[dealer].repay(until);
                    if amount_minor > 0 {
                        self.truth.credit.repaid_minor += amount_minor;
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
}

impl Iterator for Script<'_> {
    type Item = Day;

    fn next(&mut self) -> Option<Day> {
        let date = self.days.next()?;
        Some(self.day(date))
    }
}
