//! Whether a promotion makes sense, before anybody relies on it.

use std::collections::BTreeSet;

use values::{Explain, Minor};

use super::terms::{BasisPoints, Measure, Offer, Part, Quota, Reward, Terms, Tier};

/// Tiers that an offer may have.
pub const MAX_TIERS: usize = 20;
/// Parts of a set.
pub const MAX_PARTS: usize = 20;
/// Gifts of a tier, with those that replace them: each is looked up for every order.
pub const MAX_GIFT_IDS: usize = 50;

/// What is wrong with a promotion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It ends before it begins.
    #[error("the last day has to be the first or a later one")]
    Window,
    /// Steps that are none.
    #[error("1 to 20 tiers, each from more than the one before, the first from 1 or more")]
    Tiers,
    /// An offer that repeats has several tiers.
    #[error("an offer that repeats has one tier; use tiers or repetition")]
    RepeatedTiers,
    /// A share of everything is given once.
    #[error("a percentage is of all that is measured, so it is not repeated; turn repetition off")]
    RepeatedPercent,
    /// A set without parts, or with one twice.
    #[error("a set has 1 to 20 different products, at least one of each")]
    Parts,
    /// A percentage that is none.
    #[error("a discount is 0.01 % to 100 %")]
    Percent,
    /// An amount that is none.
    #[error("an amount off has to be above 0")]
    Off,
    /// A price of a set where nothing makes one, or below 0.
    #[error("a price for a set needs sets, and is 0 or more")]
    SetPrice,
    /// A dealer may have more than there is.
    #[error("a dealer can not be given it more often than all dealers together")]
    Quota,
    /// No gifts, or none of one.
    #[error("a tier gives 1 to 50 products, replacements counted, at least one of each")]
    Gifts,
}

impl Explain for Fault {
    fn zh(&self) -> String {
        match self {
            Self::Window => "结束日期不得早于开始日期",
            Self::Tiers => "须有 1 至 20 个阶梯，门槛从 1 起逐级递增",
            Self::RepeatedTiers => "每满循环的优惠只能有一个阶梯，请改用多阶梯或循环之一",
            Self::RepeatedPercent => "折扣按全部适用金额计算，不能每满循环，请关闭循环",
            Self::Parts => "组合须含 1 至 20 个不同商品，每个数量至少为 1",
            Self::Percent => "折扣须为 0.01% 至 100%",
            Self::Off => "减免金额须大于 0",
            Self::SetPrice => "组合价仅用于组合促销，且不得小于 0",
            Self::Quota => "单个经销商的限额不得大于总限额",
            Self::Gifts => "每个阶梯的赠品连同替代品须为 1 至 50 个，每个数量至少为 1",
        }
        .to_owned()
    }
}

impl Terms {
    /// Whether the engine can make sense of it.
    ///
    /// # Errors
    /// The first [`Fault`] found.
    pub fn check(&self) -> Result<(), Fault> {
        if !self.window.has_days() {
            return Err(Fault::Window);
        }
        if let Quota { total: Some(total), per_dealer: Some(own) } = self.quota
            && total < own
        {
            return Err(Fault::Quota);
        }
        self.offer.check()
    }
}

impl Offer {
    fn check(&self) -> Result<(), Fault> {
        let rising = self.tiers.windows(2).all(|pair| pair[0].from < pair[1].from);
        let from_one = self.tiers.first().is_some_and(|tier| tier.from >= 1);
        if !rising || !from_one || self.tiers.len() > MAX_TIERS {
            return Err(Fault::Tiers);
        }
        if self.repeats && self.tiers.len() > 1 {
            return Err(Fault::RepeatedTiers);
        }
        if let Measure::Sets(parts) = &self.measure {
            parts_make_sense(parts)?;
        }
        self.tiers.iter().try_for_each(|tier| self.check_reward(tier))
    }

    fn check_reward(&self, tier: &Tier) -> Result<(), Fault> {
        let sets = matches!(self.measure, Measure::Sets(_));
        match &tier.reward {
            Reward::Percent(_) if self.repeats && !sets => Err(Fault::RepeatedPercent),
            Reward::Percent(BasisPoints(1..=BasisPoints::WHOLE)) => Ok(()),
            Reward::Percent(_) => Err(Fault::Percent),
            Reward::Off(off) if *off > Minor::ZERO => Ok(()),
            Reward::Off(_) => Err(Fault::Off),
            Reward::SetPrice(price) if sets && *price >= Minor::ZERO => Ok(()),
            Reward::SetPrice(_) => Err(Fault::SetPrice),
            Reward::Gifts(gifts) => {
                let some = gifts.iter().all(|gift| !gift.quantity.is_zero());
                let all = gifts.iter().map(|gift| 1 + gift.instead.len()).sum::<usize>();
                let fits = some && !gifts.is_empty() && all <= MAX_GIFT_IDS;
                if fits { Ok(()) } else { Err(Fault::Gifts) }
            }
        }
    }
}

fn parts_make_sense(parts: &[Part]) -> Result<(), Fault> {
    let different: BTreeSet<_> = parts.iter().map(|part| &part.product_id).collect();
    let some = parts.iter().all(|part| !part.quantity.is_zero());
    let fits = some && different.len() == parts.len() && (1..=MAX_PARTS).contains(&parts.len());
    if fits { Ok(()) } else { Err(Fault::Parts) }
}
