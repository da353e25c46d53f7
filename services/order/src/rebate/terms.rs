//! What a plan says: for whom, for which goods, from which measure on how much.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{Currency, Explain, Minor, RebatePlanId};

use super::cycle::Cycle;
use crate::audience::{Audience, Scope, Window};

/// Steps that a plan may have.
pub const MAX_TIERS: usize = 20;
/// What one base unit can give at most.
const MAX_PER_UNIT: Minor = Minor(1_000_000_000);

/// What a plan says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct RebateTerms {
    /// The plan.
    pub plan_id: RebatePlanId,
    /// What dealers read.
    pub name: String,
    /// All amounts are in this currency; orders in another one do not count.
    pub currency: Currency,
    /// The days whose orders count; the first one begins a period.
    pub window: Window,
    /// How long a period is.
    pub cycle: Cycle,
    /// Whose orders count.
    pub audience: Audience,
    /// Which goods of them.
    pub scope: Scope,
    /// What is measured.
    pub basis: Basis,
    /// What a step gives its reward for.
    pub ladder: Ladder,
    /// Steps, from the lowest.
    pub tiers: Vec<RebateTier>,
}

/// What is measured of the goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// 收货额: what they cost after all discounts.
    Amount,
    /// 收货量: base units.
    Units,
}

/// What a step gives its reward for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ladder {
    /// 全额累进: the highest step that is reached, for everything.
    Whole,
    /// 分段累进: each step, for what lies between it and the next one.
    Bracket,
}

/// A step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct RebateTier {
    /// Reached from this measure on: minor units or base units.
    pub from: u64,
    /// What it gives.
    pub reward: Reward,
}

/// What a step gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Reward {
    /// A share of what the goods cost after all discounts.
    Rate(Ppm),
    /// So many minor units for each base unit.
    PerUnit(Minor),
}

impl Reward {
    /// Whether another one gives as much for the same goods, or more, whatever they cost: a rate and
    /// an amount for each unit can not be compared.
    fn is_up_to(self, other: Self) -> bool {
        match (self, other) {
            (Self::Rate(one), Self::Rate(other)) => one.0 <= other.0,
            (Self::PerUnit(one), Self::PerUnit(other)) => one <= other,
            (Self::Rate(_), Self::PerUnit(_)) | (Self::PerUnit(_), Self::Rate(_)) => false,
        }
    }
}

/// Millionths, up to all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline, extend("minimum" = 1, "maximum" = 1_000_000))]
pub struct Ppm(pub u32);

impl Ppm {
    /// The whole.
    pub const WHOLE: u32 = 1_000_000;
}

/// What is wrong with a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It ends before it begins.
    #[error("the last day has to be the first or a later one")]
    Window,
    /// It would count a part of a period.
    #[error(
        "the first day has to be the first of a month, a quarter or a year, as the periods are"
    )]
    Begin,
    /// Steps that are none.
    #[error("1 to 20 tiers, each from more than the one before")]
    Tiers,
    /// A rate that is none.
    #[error("a rate is 0.0001 % to 100 %")]
    Rate,
    /// An amount that is none.
    #[error("an amount for each unit has to be above 0, and 1,000,000,000 minor units at most")]
    PerUnit,
    /// What lies between two steps is measured in something else than it is paid for.
    #[error(
        "tiers by bracket give a rate of amounts, or an amount for each unit; choose one of both"
    )]
    Mixed,
    /// Leaving orders out could give more than all of them.
    #[error(
        "a tier that counts for everything has to give as much as the one before, or more, and in \
         the same way: rates only, or amounts for each unit only; raise it, or choose tiers by bracket"
    )]
    Falling,
}

impl Explain for Fault {
    fn zh(&self) -> String {
        match self {
            Self::Window => "结束日期不得早于开始日期",
            Self::Begin => "开始日期须为所选周期（月、季、年）的第一天",
            Self::Tiers => "须有 1 至 20 个阶梯，门槛逐级递增",
            Self::Rate => "返利比例须为 0.0001% 至 100%",
            Self::PerUnit => "每单位返利须大于 0，且不超过 1,000,000,000 最小货币单位",
            Self::Mixed => "分段累进时，按金额的阶梯只能设比例，按数量的阶梯只能设每单位金额",
            Self::Falling => {
                "全额累进时，各阶梯须全部设比例或全部设每单位金额，且返利不得低于上一阶梯；请提高该阶梯，或改用分段累进"
            }
        }
        .to_owned()
    }
}

impl RebateTerms {
    /// Whether the engine can make sense of it.
    ///
    /// # Errors
    /// The first [`Fault`] found.
    pub fn check(&self) -> Result<(), Fault> {
        if !self.window.has_days() {
            return Err(Fault::Window);
        }
        if self.cycle.of(self.window.from).first_day() != self.window.from {
            return Err(Fault::Begin);
        }
        let rising = self.tiers.windows(2).all(|pair| pair[0].from < pair[1].from);
        if !rising || !(1..=MAX_TIERS).contains(&self.tiers.len()) {
            return Err(Fault::Tiers);
        }
        self.tiers.iter().try_for_each(|tier| self.check_reward(tier.reward))?;
        let fits = self.tiers.windows(2).all(|pair| pair[0].reward.is_up_to(pair[1].reward));
        if self.ladder == Ladder::Whole && !fits { Err(Fault::Falling) } else { Ok(()) }
    }

    fn check_reward(&self, reward: Reward) -> Result<(), Fault> {
        match reward {
            Reward::Rate(Ppm(0)) | Reward::Rate(Ppm(1_000_001..)) => Err(Fault::Rate),
            Reward::PerUnit(amount) if !(Minor(1)..=MAX_PER_UNIT).contains(&amount) => {
                Err(Fault::PerUnit)
            }
            Reward::Rate(_) if self.ladder == Ladder::Bracket && self.basis == Basis::Units => {
                Err(Fault::Mixed)
            }
            Reward::PerUnit(_) if self.ladder == Ladder::Bracket && self.basis == Basis::Amount => {
                Err(Fault::Mixed)
            }
            Reward::Rate(_) | Reward::PerUnit(_) => Ok(()),
        }
    }
}
