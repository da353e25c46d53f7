//! How far the lines of an order have got.

use serde::{Deserialize, Serialize};
use values::{Minor, PriceListId, ProductId, PromotionId, Quantity};

use super::Placed;

/// The fulfilment axis of an order, derived from what was moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fulfilment {
    /// Nothing has left.
    None,
    /// Some has left.
    PartlyShipped,
    /// All has left.
    Shipped,
    /// Some has arrived, or is known not to.
    PartlyReceived,
    /// All has.
    Received,
}

/// How far one line has got: received + disputed ≤ shipped ≤ ordered, and claimed + settled ≤
/// received + disputed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Number in the order, from 1.
    pub line_no: u32,
    /// What was ordered.
    pub product_id: ProductId,
    /// The product's categories on the day of the order; none of a gift.
    pub category_path: Vec<String>,
    /// Base units ordered, without those that will not come.
    pub ordered: Quantity,
    /// Price of one of them before discounts; nothing of a gift.
    pub unit_price: Minor,
    /// What all of them cost; nothing of a gift.
    pub net: Minor,
    /// The promotions whose discounts it has, or that give it.
    pub promotions: Vec<PromotionId>,
    /// The list that its price came from; none of a gift.
    pub price_list_id: Option<PriceListId>,
    /// Base units that left the warehouse.
    pub shipped: Quantity,
    /// Base units that the dealer has.
    pub received: Quantity,
    /// Base units that left and did not arrive as they should have.
    pub disputed: Quantity,
    /// Base units in open after-sale cases.
    pub claimed: Quantity,
    /// Base units that after-sale cases have settled.
    pub settled: Quantity,
    /// What those were worth.
    pub settled_worth: Minor,
    /// Base units for which money went back.
    pub back: Quantity,
    /// That money.
    pub back_minor: Minor,
}

impl Placed {
    /// Where the goods are.
    pub fn fulfilment(&self) -> Fulfilment {
        let (ordered, shipped) = (self.sum(|line| line.ordered), self.sum(|line| line.shipped));
        let received = self.sum(|line| line.received.plus(line.disputed));
        if shipped.is_zero() {
            Fulfilment::None
        } else if received >= ordered {
            Fulfilment::Received
        } else if !received.is_zero() {
            Fulfilment::PartlyReceived
        } else if shipped >= ordered {
            Fulfilment::Shipped
        } else {
            Fulfilment::PartlyShipped
        }
    }

    pub(super) fn sum(&self, pick: impl Fn(&Progress) -> Quantity) -> Quantity {
        Quantity::total(self.lines.iter().map(pick))
    }
}
