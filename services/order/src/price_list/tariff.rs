//! What a product costs, by how much of it is bought.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{Minor, Quantity};

/// Quantity breaks (数量价) that a product may have.
pub const MAX_BREAKS: usize = 10;

/// The prices of one product on one list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tariff {
    /// Price of one base unit.
    pub unit_price: Minor,
    /// Other prices of larger quantities, from the smallest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breaks: Vec<PriceBreak>,
}

/// Another price from a quantity on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct PriceBreak {
    /// Base units of the product in the whole order, at least 2.
    pub from_quantity: Quantity,
    /// Price of each base unit, above 0.
    pub unit_price_minor: Minor,
}

impl Tariff {
    /// One price for all quantities.
    pub fn flat(unit_price: Minor) -> Self {
        Self { unit_price, breaks: Vec::new() }
    }

    /// What one base unit costs where so much is bought.
    pub fn of(&self, quantity: Quantity) -> Minor {
        let reached = self.breaks.iter().rfind(|it| it.from_quantity <= quantity);
        reached.map_or(self.unit_price, |it| it.unit_price_minor)
    }

    /// The next quantity from which on it costs something else.
    pub fn next(&self, quantity: Quantity) -> Option<PriceBreak> {
        self.breaks.iter().find(|it| it.from_quantity > quantity).copied()
    }

    /// The lowest of its prices.
    pub fn lowest(&self) -> Minor {
        let breaks = self.breaks.iter().map(|it| it.unit_price_minor);
        breaks.fold(self.unit_price, Minor::min)
    }

    /// Whether every price is above 0.
    pub fn is_positive(&self) -> bool {
        self.lowest() > Minor::ZERO
    }

    /// Whether each break begins above the one before.
    pub fn is_rising(&self) -> bool {
        let first = self.breaks.first().is_none_or(|it| it.from_quantity > Quantity::of(1));
        let mut pairs = self.breaks.windows(2);
        let rising = pairs.all(|it| it[0].from_quantity < it[1].from_quantity);
        first && rising && self.breaks.len() <= MAX_BREAKS
    }
}
