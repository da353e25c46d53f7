//! Quantities of goods.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::money::grouped;

/// How many base units of a product, never below zero.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(transparent)]
#[schemars(extend("minimum" = 0))]
pub struct Quantity(i64);

impl Quantity {
    /// None.
    pub const ZERO: Self = Self(0);

    /// So many.
    pub const fn of(units: u32) -> Self {
        Self(units as i64)
    }

    /// The number.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Whether there are none.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// These and the others. It stops at the largest number there is, which no stock reaches.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// What is left after taking the others away; none when they are more.
    #[must_use]
    pub const fn less(self, other: Self) -> Self {
        if self.0 > other.0 { Self(self.0 - other.0) } else { Self::ZERO }
    }

    /// All together.
    pub fn total(quantities: impl IntoIterator<Item = Self>) -> Self {
        quantities.into_iter().fold(Self::ZERO, Self::plus)
    }
}

impl From<u32> for Quantity {
    fn from(units: u32) -> Self {
        Self::of(units)
    }
}

/// In groups of three digits.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&grouped(self.0.unsigned_abs()))
    }
}
