//! What promotions are applied to.

use std::collections::BTreeMap;

use values::{BusinessDate, Minor, ProductId, PromotionId, Quantity};

use crate::audience::Buyer;

/// All that the engine knows.
#[derive(Clone, Debug)]
pub struct Cart {
    /// The day that counts, in the calendar of the brand.
    pub day: BusinessDate,
    /// Who buys.
    pub buyer: Buyer,
    /// What is bought, at the prices of the buyer's lists.
    pub lines: Vec<CartLine>,
    /// What can be given.
    pub stock: Stock,
    /// How often promotions can still be given, to this buyer, where there is a limit.
    pub left: BTreeMap<PromotionId, u32>,
}

/// One line of a cart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CartLine {
    /// Number in the cart, each once.
    pub line_no: u32,
    /// What is bought.
    pub product_id: ProductId,
    /// Its categories, from general to special.
    pub category_path: Vec<String>,
    /// Base units.
    pub quantity: Quantity,
    /// Price of one base unit, not below 0.
    pub unit_price: Minor,
    /// What one base unit has to cost after all discounts, at least.
    pub floor: Minor,
}

/// Goods that can be given. What is bought is not part of it.
#[derive(Clone, Debug, Default)]
pub struct Stock {
    /// How much there is of what is scarce; of other products there is enough.
    pub there: BTreeMap<ProductId, Quantity>,
    /// What one base unit costs otherwise, to compare gifts with discounts; 0 where nobody says.
    pub worth: BTreeMap<ProductId, Minor>,
}
