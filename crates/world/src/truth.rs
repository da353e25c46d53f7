//! What there is to be found in a world after it was played, as it was made; nothing of it is taken from
//! the system that it is compared with.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::Serialize;

use crate::acts::{Arrival, NewOrder, Wrong};
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
    /// What was sold, by large region, in the order of the regions; all without what was cancelled.
    pub sales: Vec<Sales>,
    /// Faults that were planted.
    pub planted: Planted,
    /// Orders and lines of them that were not well.
    #[serde(skip)]
    corrected: BTreeSet<(String, u32)>,
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
    /// How many products got another price, by the day.
    pub price_changes: BTreeMap<NaiveDate, u64>,
    /// How many dealers got another level, by the day.
    pub level_changes: BTreeMap<NaiveDate, u64>,
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
    }

    pub(crate) fn cancelled(&mut self) {
        self.orders.cancelled += 1;
    }

    pub(crate) fn sold(&mut self, order: &NewOrder, area: usize, touched: bool) {
        self.orders.confirmed += 1;
        self.orders.touch_free += u64::from(!touched);
        let Some(sales) = self.sales.get_mut(area) else { return };
        sales.orders += 1;
        sales.gross_minor += order.net_minor + order.off_minor;
        sales.off_minor += order.off_minor;
        sales.net_minor += order.net_minor;
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
        let corrected = self.corrected.len() as u64;
        self.receipts.corrected_lines = corrected;
        // Rounded down, as the system's own.
        let right = self.receipts.lines.saturating_sub(corrected) * 1_000_000;
        self.receipts.accuracy_ppm = right.checked_div(self.receipts.lines).unwrap_or_default();
    }
}
