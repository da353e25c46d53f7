//! What orders come to under a plan, and why: a pure function of the plan and the facts.
//!
//! Whole numbers only. What is counted is added up first, so the order of facts makes no difference;
//! each step that gives something is rounded once, down to a whole minor unit.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{BusinessDate, Minor};

use super::cycle::Period;
use super::facts::OrderFacts;
use super::terms::{Basis, Ladder, Ppm, RebateTerms, Reward};
use crate::audience::NotFor;

/// What counts: of an order, or of all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Counted {
    /// What the goods cost after all discounts, less what was given back.
    pub net_minor: Minor,
    /// Base units, less those that went back.
    pub units: i64,
}

impl Counted {
    /// These and the others. It stops at the largest number there is, which no dealer reaches.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            net_minor: Minor(self.net_minor.0.saturating_add(other.net_minor.0)),
            units: self.units.saturating_add(other.units),
        }
    }
}

/// Why an order does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotCounted {
    /// The plan was not for the dealer on that day.
    Buyer(NotFor),
    /// It is in another currency.
    Currency,
    /// Its day is not in the period, or not one of the plan's.
    Day,
    /// It sends goods again that another order has counted.
    SendsAgain,
    /// None of the plan's goods have come, or all went back.
    NoGoods,
}

/// How far a dealer is, and what that gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// What counts.
    pub counted: Counted,
    /// The measure: minor units or base units.
    pub measured: u64,
    /// The highest step that is reached, from 0.
    pub tier: Option<usize>,
    /// What it gives, step by step.
    pub parts: Vec<Part>,
    /// All of that.
    pub amount: Minor,
    /// The next step.
    pub next: Option<Next>,
}

/// What a step gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The step, from 0.
    pub tier: usize,
    /// What it is given for: minor units of a rate, base units of an amount for each.
    pub of: i64,
    /// How much.
    pub amount: Minor,
}

/// A step that is not reached yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    /// The step, from 0.
    pub tier: usize,
    /// What is missing: minor units or base units.
    pub missing: u64,
}

impl RebateTerms {
    /// What of an order counts in a period; `ended` is the last day that counts of a plan that has
    /// been ended.
    ///
    /// # Errors
    /// Why nothing does.
    pub fn count(
        &self,
        period: Period,
        ended: Option<BusinessDate>,
        order: &OrderFacts,
    ) -> Result<Counted, NotCounted> {
        if order.sends_again {
            return Err(NotCounted::SendsAgain);
        }
        let open = ended.is_none_or(|last| order.day <= last);
        if !open || !period.contains(order.day) || !self.window.contains(order.day) {
            return Err(NotCounted::Day);
        }
        if order.currency != self.currency {
            return Err(NotCounted::Currency);
        }
        self.audience.admits(&order.buyer).map_err(NotCounted::Buyer)?;
        let of_plan = order.goods.iter();
        let of_plan = of_plan.filter(|it| self.scope.contains(&it.product_id, &it.category_path));
        let counted = of_plan.fold(Counted::default(), |sum, it| {
            sum.plus(Counted { net_minor: it.net, units: it.units })
        });
        if counted == Counted::default() { Err(NotCounted::NoGoods) } else { Ok(counted) }
    }

    /// What all of that gives.
    pub fn reach(&self, counted: Counted) -> Reached {
        let measured = match self.basis {
            Basis::Amount => counted.net_minor.0,
            Basis::Units => counted.units,
        };
        let measured = u64::try_from(measured).unwrap_or(0);
        let tier = self.tiers.iter().rposition(|tier| tier.from <= measured);
        let parts = match (tier, self.ladder) {
            (None, _) => vec![],
            (Some(tier), Ladder::Whole) => vec![self.whole(tier, counted)],
            (Some(tier), Ladder::Bracket) => {
                (0..=tier).map(|tier| self.bracket(tier, measured)).collect()
            }
        };
        let amount = parts.iter().fold(0_i64, |sum, part| sum.saturating_add(part.amount.0));
        let next = tier.map_or(0, |tier| tier + 1);
        let next = self.tiers.get(next).map(|it| Next { tier: next, missing: it.from - measured });
        Reached { counted, measured, tier, parts, amount: Minor(amount), next }
    }

    /// The step's reward for everything.
    fn whole(&self, tier: usize, counted: Counted) -> Part {
        let reward = self.tiers[tier].reward;
        let of = match reward {
            Reward::Rate(_) => counted.net_minor.0,
            Reward::PerUnit(_) => counted.units,
        };
        Part { tier, of, amount: reward.of(of) }
    }

    /// The step's reward for what lies between it and the next one.
    fn bracket(&self, tier: usize, measured: u64) -> Part {
        let until = self.tiers.get(tier + 1).map_or(measured, |next| next.from.min(measured));
        let of = i64::try_from(until - self.tiers[tier].from).unwrap_or(i64::MAX);
        Part { tier, of, amount: self.tiers[tier].reward.of(of) }
    }
}

impl Reward {
    /// What it comes to for so many minor units or base units, rounded down.
    fn of(self, measure: i64) -> Minor {
        let measure = i128::from(measure.max(0));
        let amount = match self {
            Self::Rate(Ppm(ppm)) => measure * i128::from(ppm) / i128::from(Ppm::WHOLE),
            Self::PerUnit(amount) => measure * i128::from(amount.0),
        };
        Minor(i64::try_from(amount).unwrap_or(i64::MAX))
    }
}
