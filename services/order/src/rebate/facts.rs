//! What of an order rebates know: whose it was, its day, and its goods that were delivered or came
//! back.

use values::{BusinessDate, Currency, Minor, OrderId, ProductId, Quantity};

use crate::audience::Buyer;
use crate::order::{Placed, Progress};

/// An order, as rebates see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderFacts {
    /// The order.
    pub order_id: OrderId,
    /// Whose it is, as on its day.
    pub buyer: Buyer,
    /// The day that it counts on.
    pub day: BusinessDate,
    /// Its amounts are in this currency.
    pub currency: Currency,
    /// It sends goods again that another order has counted.
    pub sends_again: bool,
    /// Goods that came to the dealer, and those that went back, in any order.
    pub goods: Vec<Goods>,
}

/// Goods that came to the dealer, or, with numbers below nothing, went back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goods {
    /// What.
    pub product_id: ProductId,
    /// Its categories on the day of the order, from general to special.
    pub category_path: Vec<String>,
    /// Base units.
    pub units: i64,
    /// What they cost after all discounts, or what was given back for them.
    pub net: Minor,
}

/// Numbers of a line that was bought; gifts are none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Base units ordered, without those that will not come.
    pub ordered: Quantity,
    /// What all of them cost after all discounts.
    pub net: Minor,
    /// Base units that left and arrived, well or not.
    pub arrived: Quantity,
    /// Base units for which money went back.
    pub back: Quantity,
    /// That money.
    pub back_minor: Minor,
}

impl Line {
    /// What came, and what went back. The cost of a part of a line is rounded down, so that all parts
    /// together cost what the line does.
    pub fn goods(self, product_id: &ProductId, category_path: &[String]) -> Vec<Goods> {
        let whole = i128::from(self.ordered.get()).max(1);
        let part = i128::from(self.net.0) * i128::from(self.arrived.get()) / whole;
        let came = (self.arrived.get(), Minor(i64::try_from(part).unwrap_or(self.net.0)));
        let went = (-self.back.get(), Minor(-self.back_minor.0));
        let some = [came, went].into_iter().filter(|it| *it != (0, Minor::ZERO));
        let goods = some.map(|(units, net)| Goods {
            product_id: product_id.clone(),
            category_path: category_path.to_vec(),
            units,
            net,
        });
        goods.collect()
    }
}

impl From<&Placed> for OrderFacts {
    fn from(order: &Placed) -> Self {
        // A line without a price list was given, not bought.
        let bought = order.lines.iter().filter(|line| line.price_list_id.is_some());
        Self {
            order_id: order.order_id.clone(),
            buyer: Buyer {
                dealer_id: order.dealer_id.clone(),
                class: order.class.clone(),
                region_ids: order.region_ids.clone(),
            },
            day: order.business_date,
            currency: order.currency.clone(),
            sends_again: order.replaces.is_some(),
            goods: bought.flat_map(goods).collect(),
        }
    }
}

fn goods(line: &Progress) -> Vec<Goods> {
    let numbers = Line {
        ordered: line.ordered,
        net: line.net,
        arrived: line.received.plus(line.disputed),
        back: line.back,
        back_minor: line.back_minor,
    };
    numbers.goods(&line.product_id, &line.category_path)
}
