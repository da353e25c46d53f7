//! What comes of promotions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{Minor, ProductId, PromotionId, Quantity};

use crate::audience::NotFor;

/// Discounts, gifts, and how they came about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Every line of the cart, by its number.
    pub lines: Vec<PricedLine>,
    /// What is given, in the order of the promotions.
    pub gifts: Vec<GiftLine>,
    /// Every promotion, in the order in which they were tried.
    pub tried: Vec<Tried>,
}

impl Outcome {
    /// What the lines cost after all discounts.
    pub fn net(&self) -> Minor {
        self.lines.iter().map(|line| line.net).sum()
    }

    /// All discounts.
    pub fn off(&self) -> Minor {
        self.lines.iter().map(PricedLine::off).sum()
    }
}

/// A line after all discounts: its gross is its net and its discounts, to the minor unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricedLine {
    /// Its number in the cart.
    pub line_no: u32,
    /// What it would cost without promotions.
    pub gross: Minor,
    /// What it costs.
    pub net: Minor,
    /// Its share of each promotion, where it has one.
    pub discounts: Vec<Discount>,
}

impl PricedLine {
    /// All its discounts.
    pub fn off(&self) -> Minor {
        self.discounts.iter().map(|discount| discount.off).sum()
    }
}

/// The share of a line in a promotion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Discount {
    /// The promotion.
    pub promotion_id: PromotionId,
    /// How much less the line costs by it, above 0.
    #[serde(rename = "off_minor")]
    pub off: Minor,
}

/// Goods that are given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct GiftLine {
    /// By which promotion.
    pub promotion_id: PromotionId,
    /// What is given.
    pub product_id: ProductId,
    /// Base units.
    pub quantity: Quantity,
    /// What was promised and is out of stock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<ProductId>,
}

/// A promotion and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// The promotion.
    pub promotion_id: PromotionId,
    /// What came of it.
    pub verdict: Verdict,
}

/// What came of a promotion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is given.
    Applied(Applied),
    /// It is not.
    Refused(Refused),
}

/// A promotion that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// The tier that was reached, from 0.
    pub tier: usize,
    /// How often it is given.
    pub times: u32,
    /// How much less the cart costs by it.
    pub off: Minor,
    /// What would have been given besides if a price could go below its floor.
    pub kept_by_floor: Minor,
    /// What was promised and is neither in stock nor replaced.
    pub missing_gifts: Vec<(ProductId, Quantity)>,
    /// Whether there is too little left of it for more.
    pub ran_out: bool,
    /// What is missing for the next tier, or for the next time.
    pub next: Option<Missing>,
}

/// Why a promotion is not given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Not on this day.
    Day,
    /// Not for this buyer.
    NotFor(NotFor),
    /// Nothing in the cart is what it is about.
    Scope,
    /// There is too little in the cart.
    TooLittle(Missing),
    /// Nothing is left of it.
    RanOut,
    /// No price may go lower.
    Floor,
    /// Neither what it gives nor what replaces it is in stock.
    GiftsGone,
    /// It only stands alone, and another one was given.
    NotAlone,
    /// Another one was given that stands alone.
    AfterOneAlone(PromotionId),
    /// Another one of its group is given.
    Group(PromotionId),
}

/// What is missing for more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// An amount.
    Amount(Minor),
    /// Base units.
    Quantity(Quantity),
    /// Base units of each part that there is too little of.
    Parts(Vec<(ProductId, Quantity)>),
}

impl Missing {
    /// The parts that there is too little of; none where an amount or a quantity is missing.
    pub fn parts(&self) -> &[(ProductId, Quantity)] {
        match self {
            Self::Parts(parts) => parts,
            Self::Amount(_) | Self::Quantity(_) => &[],
        }
    }
}
