//! What can happen in a world, in terms of what people do.

use chrono::NaiveDate;

use crate::cases::Case;
use crate::dealers::Level;
use crate::goods::{Campaign, PriceChange};

/// One day: first what the brand does, then what happens with each dealer, in the order given; dealers
/// do not wait for each other.
#[derive(Clone, Debug)]
pub struct Day {
    /// The business day.
    pub date: NaiveDate,
    /// What the brand does before anybody orders.
    pub brand: Vec<BrandAct>,
    /// Dealers by their places, with what happens.
    pub dealers: Vec<(usize, Vec<Act>)>,
}

/// What the brand does for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BrandAct {
    /// From now on people of the brand look at each order, or do not any more.
    Review(bool),
    /// Prices change from a day on.
    Prices {
        /// The first day.
        from: NaiveDate,
        /// The new list prices.
        changes: Vec<PriceChange>,
    },
    /// Something is given besides for some days.
    Promote(Campaign),
    /// That is over.
    EndPromotion {
        /// Which.
        id: String,
    },
    /// Somebody counts what there is in the warehouses.
    Count {
        /// Products by their places, and how much there is of each.
        items: Vec<(usize, u32)>,
        /// Whether less is there than was thought: today nobody gets any of it.
        short: bool,
    },
    /// Goods come into the warehouses: products by their places, and how much of each.
    Replenish(Vec<(usize, u32)>),
    /// A dealer is of another level from now on.
    Classify {
        /// Which, by its place.
        dealer: usize,
        /// What it is.
        level: Level,
    },
}

/// What happens with one dealer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// The dealer sends money, and it arrives.
    Remit(Remittance),
    /// The brand grants a rebate.
    Rebate {
        /// How much, in fen.
        amount_minor: i64,
        /// Why.
        reason: String,
    },
    /// Finance says what the dealer may owe.
    Limit {
        /// About which order, which names the act.
        order_id: String,
        /// How much, in fen.
        limit_minor: i64,
    },
    /// The dealer orders.
    Order(Box<NewOrder>),
    /// The dealer orders something that is not there, and is refused.
    OutOfStock(Box<NewOrder>),
    /// The dealer pays an order through a provider.
    PayOnline {
        /// The order.
        order_id: String,
        /// How the provider tells of it.
        notices: Notices,
    },
    /// The dealer pays two orders at once, and the provider tells of the second one first.
    PayBoth {
        /// The orders.
        order_ids: [String; 2],
    },
    /// The dealer pays through a provider while the order is being cancelled: the money goes back.
    PayTooLate {
        /// The order.
        order_id: String,
    },
    /// Finance lets an order have more credit than there is.
    Release {
        /// The order.
        order_id: String,
        /// How much the limit is raised for it, in fen.
        more_minor: i64,
    },
    /// Finance refuses it.
    Refuse {
        /// The order.
        order_id: String,
    },
    /// Somebody of the brand has looked at an order.
    Confirm {
        /// The order.
        order_id: String,
    },
    /// A warehouse takes a shipment on.
    Take {
        /// Which.
        shipment_id: String,
        /// Whether it hands it back at first.
        handed_back: bool,
    },
    /// Goods leave the warehouse.
    Ship(Parcel),
    /// The rest of an order does not come: the warehouses hand back what they have of it, and it ends.
    CloseShort {
        /// The order.
        order_id: String,
        /// What is handed back.
        shipment_ids: Vec<String>,
    },
    /// They arrive.
    Receive(Arrival),
    /// The dealer has something to say about them, and the brand answers.
    AfterSale(Case),
    /// The dealer says how content it is with an order.
    Rate {
        /// The order.
        order_id: String,
        /// With the goods and with the service, from 1 to 5.
        rating: (u32, u32),
    },
}

/// How a provider tells of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notices {
    /// As it should.
    Once,
    /// Twice at the same time.
    Twice,
    /// A while later.
    Late,
}

/// Money that a dealer sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remittance {
    /// Its number.
    pub id: String,
    /// Whether it pays what is owed; else it is for orders to come.
    pub repays: bool,
    /// How much, in fen.
    pub amount_minor: i64,
    /// What the bank calls it.
    pub bank_reference: String,
}

/// An order with what it has to cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrder {
    /// Its number.
    pub id: String,
    /// What is ordered.
    pub lines: Vec<NewLine>,
    /// What it costs after discounts, in fen.
    pub net_minor: i64,
    /// What discounts take off, in fen.
    pub off_minor: i64,
    /// Whether it was in a cart before.
    pub from_cart: bool,
    /// Whether it goes to the warehouses by itself as soon as it is paid.
    pub untouched: bool,
}

/// A line of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLine {
    /// The product, by its place.
    pub product: usize,
    /// In its units.
    pub quantity: u32,
    /// What one costs, in fen.
    pub unit_price_minor: i64,
}

/// What goes on its way together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// Of which order.
    pub order_id: String,
    /// Which of its shipments, from 1: each warehouse has one.
    pub shipment: u32,
    /// The first or second part of that.
    pub part: u32,
    /// Line numbers, and how much.
    pub lines: Vec<(u32, u32)>,
}

impl Parcel {
    /// The number of its shipment, which follows from that of its order.
    pub fn shipment_id(&self) -> String {
        format!("{}-{}", self.order_id, self.shipment)
    }
}

/// What a dealer has found in a parcel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// What was sent.
    pub parcel: Parcel,
    /// What of it is not well.
    pub differences: Vec<Difference>,
}

impl Arrival {
    /// What arrived well: line numbers, and how much.
    pub fn well(&self) -> Vec<(u32, u32)> {
        let bad = |line_no| {
            let of_line = self.differences.iter().filter(move |it| it.line_no == line_no);
            of_line.map(|it| it.quantity).sum::<u32>()
        };
        let lines = self.parcel.lines.iter();
        let well =
            lines.map(|&(line_no, quantity)| (line_no, quantity.saturating_sub(bad(line_no))));
        well.filter(|(_, quantity)| *quantity > 0).collect()
    }
}

/// What is not well of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The line.
    pub line_no: u32,
    /// What is wrong.
    pub kind: Wrong,
    /// How much of it.
    pub quantity: u32,
}

/// How goods are not as they were sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, strum::AsRefStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Wrong {
    /// 少货: they are not there.
    Short,
    /// 破损: they are broken.
    Damaged,
    /// 错货: they are others.
    WrongGoods,
}
