//! What there is to be found in a world after it was played, as it was made; nothing of it is taken from
//! the system that it is compared with.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::Serialize;

use crate::acts::{Arrival, NewOrder, Wrong};
use crate::cases::{About, Ending};
use crate::dealers::Dealer;
use crate::places::Places;

/// All of it; amounts are in fen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Truth {
    /// The brand's id.
    pub tenant: String,
    /// Where all chance came from.
    pub seed: u64,
    /// The first business day.
    pub first_date: Option<NaiveDate>,
    /// The last one.
    pub last_date: Option<NaiveDate>,
    /// Days with work among them.
    pub workdays: u32,
    /// Orders.
    pub orders: Orders,
    /// What arrived.
    pub receipts: Receipts,
    /// What warehouses were handed.
    pub shipments: Shipments,
    /// Orders whose delivery is over.
    pub fill_rate: FillRate,
    /// How often dealers order.
    pub frequency: Frequency,
    /// How content dealers are.
    pub satisfaction: Satisfaction,
    /// What they had to say about goods.
    pub cases: Cases,
    /// What was delivered on credit.
    pub credit: Credit,
    /// What was sold, by large region, in the order of the regions; all without what was cancelled.
    pub sales: Vec<Sales>,
    /// Faults that were planted.
    pub planted: Planted,
    /// Orders and lines of them that were not well.
    #[serde(skip)]
    corrected: BTreeSet<(String, u32)>,
    /// Dealers with orders.
    #[serde(skip)]
    buyers: BTreeSet<String>,
}

/// Orders by what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Orders {
    /// All that were submitted.
    pub submitted: u64,
    /// Their lines.
    pub lines: u64,
    /// Those that were cancelled, or given no credit.
    pub cancelled: u64,
    /// Those that were confirmed.
    pub confirmed: u64,
    /// Those of them that nobody of the brand had to look at.
    pub touch_free: u64,
    /// Those of all that were in a cart before.
    pub from_carts: u64,
}

/// Goods that arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Receipts {
    /// Parcels that arrived.
    pub parcels: u64,
    /// Those with a difference.
    pub with_differences: u64,
    /// Lines of orders of which something arrived.
    pub lines: u64,
    /// Those of them with a difference.
    pub corrected_lines: u64,
    /// How many lines in a million were without one.
    pub accuracy_ppm: u64,
}

/// Shipments, and what warehouses said to them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Shipments {
    /// All of orders that were confirmed.
    pub released: u64,
    /// How often one was taken on before it left.
    pub acknowledged: u64,
    /// How often one was handed back.
    pub handed_back: u64,
}

/// Orders of which everything left or the rest was given up; gifts there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FillRate {
    /// How many.
    pub orders: u64,
    /// Their units, as they were ordered.
    pub ordered: u64,
    /// Those of them that left.
    pub shipped: u64,
    /// How many in a million that is.
    pub ppm: u64,
}

/// How often dealers order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Frequency {
    /// Dealers with orders that were not cancelled.
    pub dealers: u64,
    /// The business days of the first and the last of these orders.
    pub first_date: Option<NaiveDate>,
    /// The last one.
    pub last_date: Option<NaiveDate>,
    /// Orders of a dealer in 30 days, in hundredths.
    pub orders_per_dealer_30_days_x100: u64,
}

/// How content dealers are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Satisfaction {
    /// With orders: goods and service.
    pub deliveries: Answers,
    /// With cases: their outcome and the service.
    pub after_sales: Answers,
}

/// Answers from 1 to 5.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Answers {
    /// How many.
    pub answers: u64,
    /// The mean of the first question, in hundredths.
    pub goods_x100: u64,
    /// That of the second one.
    pub service_x100: u64,
    #[serde(skip)]
    sums: [u64; 2],
}

/// After-sale cases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cases {
    /// Those that receipts have made.
    pub at_receipt: u64,
    /// Those that dealers asked for later.
    pub asked: u64,
    /// Those that were refused.
    pub refused: u64,
    /// Those that were settled.
    pub settled: u64,
    /// What was given for them, in fen.
    pub given_minor: i64,
}

/// Deliveries on credit, in fen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Credit {
    /// All that was delivered.
    pub delivered_minor: i64,
    /// What was paid of it.
    pub repaid_minor: i64,
    /// What was taken off.
    pub reduced_minor: i64,
}

/// Sales of a region.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sales {
    /// The region.
    pub region_id: String,
    /// What it is called.
    pub region_name: String,
    /// Its orders.
    pub orders: u64,
    /// Before discounts.
    pub gross_minor: i64,
    /// What discounts took off.
    pub off_minor: i64,
    /// What is left.
    pub net_minor: i64,
}

/// Faults that were planted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Planted {
    /// What was not well on arrival.
    pub differences: Vec<PlantedDifference>,
    /// Orders whose payment the provider told of more than once.
    pub duplicate_notices: Vec<String>,
    /// Orders that were paid after they had been cancelled.
    pub late_payments: Vec<String>,
    /// Orders over the credit that finance released.
    pub holds_released: Vec<String>,
    /// Orders over the credit that finance refused.
    pub holds_refused: Vec<String>,
    /// Orders whose payment the provider told of late.
    pub late_notices: Vec<String>,
    /// Orders that were paid together, and told of in any order.
    pub swapped_notices: Vec<[String; 2]>,
    /// Orders of what was not there.
    pub out_of_stock: Vec<OutOfStock>,
    /// Orders of which the rest never came.
    pub closed_short: Vec<String>,
    /// How many products got another price, by the day.
    pub price_changes: BTreeMap<NaiveDate, u64>,
    /// How many dealers got another level, by the day.
    pub level_changes: BTreeMap<NaiveDate, u64>,
}

/// An order that was refused at first, because there was nothing left of a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OutOfStock {
    /// The order.
    pub order_id: String,
    /// The product.
    pub product_id: String,
    /// Whether it was ordered without that; else it was ordered again on the next workday.
    pub cut: bool,
}

/// What was not well of one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlantedDifference {
    /// The order.
    pub order_id: String,
    /// The parcel.
    pub part: u32,
    /// The line.
    pub line_no: u32,
    /// What was wrong.
    pub kind: Wrong,
    /// How much of it.
    pub quantity: u32,
}

impl Truth {
    pub(crate) fn new(tenant: String, seed: u64, places: &Places) -> Self {
        let region = |(id, name): &(String, String)| Sales {
            region_id: id.clone(),
            region_name: name.clone(),
            ..Sales::default()
        };
        let sales = places.areas.iter().map(region).collect();
        Self { tenant, seed, sales, ..Self::default() }
    }

    pub(crate) fn submitted(&mut self, order: &NewOrder) {
        self.orders.submitted += 1;
        self.orders.lines += order.lines.len() as u64;
        self.orders.from_carts += u64::from(order.from_cart);
    }

    pub(crate) fn out_of_stock(&mut self, order_id: &str, product_id: &str, cut: bool) {
        let [order_id, product_id] = [order_id, product_id].map(str::to_owned);
        self.planted.out_of_stock.push(OutOfStock { order_id, product_id, cut });
    }

    pub(crate) fn cancelled(&mut self) {
        self.orders.cancelled += 1;
    }

    pub(crate) fn sold(&mut self, order: &NewOrder, dealer: &Dealer, date: NaiveDate) {
        self.orders.confirmed += 1;
        self.orders.touch_free += u64::from(order.untouched);
        self.buyers.insert(dealer.id.clone());
        let often = &mut self.frequency;
        often.dealers = self.buyers.len() as u64;
        let first = *often.first_date.get_or_insert(date);
        often.last_date = Some(date);
        let days = (date - first).num_days().unsigned_abs() + 1;
        often.orders_per_dealer_30_days_x100 =
            self.orders.confirmed * 30 * 100 / (often.dealers * days);
        let Some(sales) = self.sales.get_mut(dealer.area) else { return };
        sales.orders += 1;
        sales.gross_minor += order.net_minor + order.off_minor;
        sales.off_minor += order.off_minor;
        sales.net_minor += order.net_minor;
    }

    /// A warehouse takes a shipment on, perhaps after it has handed it back.
    pub(crate) fn taken(&mut self, handed_back: bool) {
        self.shipments.acknowledged += 1 + u64::from(handed_back);
        self.shipments.handed_back += u64::from(handed_back);
    }

    /// The rest of an order was given up.
    pub(crate) fn closed(&mut self, area: usize, rest_minor: i64) {
        let Some(sales) = self.sales.get_mut(area) else { return };
        sales.gross_minor -= rest_minor;
        sales.net_minor -= rest_minor;
    }

    /// The delivery of an order is over.
    pub(crate) fn over(&mut self, ordered: u64, shipped: u64) {
        let rate = &mut self.fill_rate;
        rate.orders += 1;
        rate.ordered += ordered;
        rate.shipped += shipped;
        rate.ppm = (rate.shipped * 1_000_000).checked_div(rate.ordered).unwrap_or_default();
    }

    pub(crate) fn case(
        &mut self,
        order_id: &str,
        about: &About,
        ending: Ending,
        rating: Option<(u32, u32)>,
    ) {
        match about {
            About::Receipt(_) => self.cases.at_receipt += 1,
            About::Goods { line_no, quality, .. } => {
                self.cases.asked += 1;
                // What expires too soon was not sent by mistake.
                if *quality {
                    self.corrected.insert((order_id.to_owned(), *line_no));
                    self.reckon();
                }
            }
        }
        match ending {
            Ending::Refused => self.cases.refused += 1,
            Ending::WrittenOff => self.cases.settled += 1,
            Ending::Noted { amount_minor, .. } => {
                self.cases.settled += 1;
                self.cases.given_minor += amount_minor;
            }
        }
        if let Some(rating) = rating {
            self.satisfaction.after_sales.add(rating);
        }
    }

    /// Something arrived; `new_lines` of it are of lines of which nothing had.
    pub(crate) fn arrived(&mut self, arrival: &Arrival, new_lines: u64) {
        self.receipts.parcels += 1;
        self.receipts.with_differences += u64::from(!arrival.differences.is_empty());
        self.receipts.lines += new_lines;
        for it in &arrival.differences {
            let order_id = arrival.parcel.order_id.clone();
            self.corrected.insert((order_id.clone(), it.line_no));
            self.planted.differences.push(PlantedDifference {
                order_id,
                part: arrival.parcel.part,
                line_no: it.line_no,
                kind: it.kind,
                quantity: it.quantity,
            });
        }
        self.reckon();
    }

    fn reckon(&mut self) {
        let corrected = self.corrected.len() as u64;
        self.receipts.corrected_lines = corrected;
        // Rounded down, as the system's own.
        let right = self.receipts.lines.saturating_sub(corrected) * 1_000_000;
        self.receipts.accuracy_ppm = right.checked_div(self.receipts.lines).unwrap_or_default();
    }
}

impl Answers {
    pub(crate) fn add(&mut self, (goods, service): (u32, u32)) {
        self.answers += 1;
        self.sums[0] += u64::from(goods);
        self.sums[1] += u64::from(service);
        let mean = |sum: u64| sum * 100 / self.answers;
        [self.goods_x100, self.service_x100] = self.sums.map(mean);
    }
}
