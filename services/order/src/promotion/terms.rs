//! What a promotion says.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{Minor, ProductId, PromotionId, Quantity};

use crate::audience::{Audience, Scope, Window};

/// The terms of a promotion, as they are on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Terms {
    /// The promotion.
    pub promotion_id: PromotionId,
    /// What dealers read, for example 夏季满减.
    pub name: String,
    /// When it counts.
    pub window: Window,
    /// For whom.
    pub audience: Audience,
    /// For which goods.
    pub scope: Scope,
    /// How it stands beside others.
    pub group: Group,
    /// Within its group, the smaller one is tried first; among equal ones the smaller id.
    pub rank: u16,
    /// Whether it stands alone: it is given only when nothing was given before it, and nothing is
    /// tried after it.
    pub alone: bool,
    /// What is given for what.
    pub offer: Offer,
    /// How often it is given.
    #[serde(default, skip_serializing_if = "Quota::is_without_limit")]
    pub quota: Quota,
}

/// How often a promotion is given. Times count as its offer does: each step of a repeated offer,
/// each set, or an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Quota {
    /// In all; absent: without limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<NonZeroU32>,
    /// To each dealer; absent: without limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_dealer: Option<NonZeroU32>,
}

impl Quota {
    /// Whether it may be given without end.
    pub fn is_without_limit(&self) -> bool {
        *self == Self::default()
    }
}

/// Promotions that know of each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Group {
    /// Groups are gone through from the smallest number on.
    pub rank: u16,
    /// What it is called; promotions of one name and rank are one group.
    pub name: String,
    /// How many of its promotions are given.
    pub stacking: Stacking,
}

/// How many promotions of a group are given.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Stacking {
    /// Each for which there is still enough, after those before it (叠加).
    All,
    /// The one that is worth most to the buyer (取最优).
    Best,
    /// The first that is given (互斥).
    First,
}

/// What is given for what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Offer {
    /// What is measured.
    pub measure: Measure,
    /// Steps, from the lowest; the highest that is reached counts. Of sets, what it gives is given
    /// for each one.
    pub tiers: Vec<Tier>,
    /// Whether it is given once for each time that the tier is reached (每满). An offer that does
    /// so has one tier.
    pub repeats: bool,
}

/// What is measured of the goods in scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Measure {
    /// What they cost after the discounts before, in minor units.
    Amount,
    /// Base units.
    Quantity,
    /// How many sets can be made of them; each part is of other goods.
    Sets(Vec<Part>),
}

/// One of the things that make a set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Part {
    /// The product.
    pub product_id: ProductId,
    /// Base units of it in a set, at least 1.
    pub quantity: Quantity,
}

/// From where on what is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Tier {
    /// Least measure: minor units, base units or sets; at least 1.
    pub from: u64,
    /// What is given.
    pub reward: Reward,
}

/// What is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Reward {
    /// So much of what was measured.
    Percent(BasisPoints),
    /// An amount.
    Off(Minor),
    /// What a set costs instead; for sets only.
    SetPrice(Minor),
    /// Goods.
    Gifts(Vec<Gift>),
}

/// Hundredths of a percent, up to 10,000.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
#[schemars(inline, extend("minimum" = 1, "maximum" = 10_000))]
pub struct BasisPoints(pub u16);

impl BasisPoints {
    /// The whole.
    pub const WHOLE: u16 = 10_000;

    /// So much of an amount, half a unit rounded away from zero.
    pub fn of(self, amount: Minor) -> Minor {
        let (whole, half) = (i128::from(Self::WHOLE), i128::from(Self::WHOLE) / 2);
        let share = i128::from(amount.0) * i128::from(self.0.min(Self::WHOLE));
        let rounded = (share + half * share.signum()) / whole;
        // Not more than the amount, so it fits where the amount did.
        Minor(i64::try_from(rounded).unwrap_or(amount.0))
    }
}

/// Goods that are given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Gift {
    /// The product.
    pub product_id: ProductId,
    /// Base units each time, at least 1.
    pub quantity: Quantity,
    /// What is given where it is out of stock, the first that there is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instead: Vec<ProductId>,
}
