//! Whom the brand sells to: a few large companies and many small ones.

use std::collections::BTreeSet;

use crate::dice::Dice;
use crate::goods::Goods;
use crate::names::company;
use crate::places::Places;
use crate::{Settings, Size};

/// What a dealer is to the brand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The largest tenth.
    A,
    /// Three tenths.
    B,
    /// All others.
    C,
}

impl Level {
    /// From the highest on.
    pub const ALL: [Self; 3] = [Self::A, Self::B, Self::C];

    /// Its id.
    pub fn id(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
            Self::C => "c",
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::A => "核心经销商",
            Self::B => "重点经销商",
            Self::C => "普通经销商",
        }
    }

    /// What it pays of a list price, in percent.
    pub(crate) fn percent(self) -> i64 {
        match self {
            Self::A => 94,
            Self::B => 97,
            Self::C => 100,
        }
    }

    fn of_rank(rank: usize, of: usize) -> Self {
        match rank * 10 / of.max(1) {
            0 => Self::A,
            1..=3 => Self::B,
            _ => Self::C,
        }
    }
}

/// How a dealer pays its orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pay {
    /// On credit, and later.
    Credit {
        /// How much it may owe, in fen.
        limit_minor: i64,
    },
    /// From money that it has sent before, and rebates.
    Prepaid,
    /// Through a provider.
    Online,
}

/// A dealer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dealer {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The region that its sales count in.
    pub region_id: String,
    /// The large region, by its place in the list of them.
    pub area: usize,
    /// Where it is.
    pub city: String,
    /// Its level on the first day.
    pub level: Level,
    /// How it pays.
    pub pay: Pay,
    /// How often it orders and how much, compared with others.
    pub weight: u64,
}

/// What the smallest dealer of a world would weigh if there were a million of them.
const WEIGHT: u64 = 1_000_000;

/// All dealers of a world, the largest first. Their sizes fall as those of real ones do: the three largest
/// of 40 have 15, 10 and 8 percent of the sales.
pub(crate) fn all(settings: &Settings, places: &Places, goods: &Goods) -> Vec<Dealer> {
    let count = settings.size.dealers();
    let mut dice = Dice::new(settings.seed, 1);
    let mut taken = BTreeSet::new();
    let numbers = dice.different(count as u64, count);
    let dealer = |(rank, number): (usize, usize)| {
        let area = dice.between(0, places.areas.len() as u64 - 1);
        let near: Vec<_> = places.cities.iter().filter(|city| city.area as u64 == area).collect();
        let city = *dice.pick(&near);
        // Frequency and size of orders share it evenly.
        let weight = (WEIGHT * WEIGHT / (rank as u64 + 2)).isqrt();
        Dealer {
            id: format!("d-{:04}", number + 1),
            name: company(&mut dice, &city.name, &mut taken),
            region_id: city.region_id.clone(),
            area: city.area,
            city: city.name.clone(),
            level: Level::of_rank(rank, count),
            pay: pay(settings, rank),
            weight,
        }
    };
    let mut all: Vec<_> = numbers.into_iter().enumerate().map(dealer).collect();
    give_credit(settings.size, &mut all, goods);
    all
}

/// Half of them have credit, a fifth pays through providers, and the rest in advance.
fn pay(settings: &Settings, rank: usize) -> Pay {
    match rank % 10 {
        4 | 9 if settings.online => Pay::Online,
        2 | 4 | 6 | 8 | 9 => Pay::Prepaid,
        _ => Pay::Credit { limit_minor: 0 },
    }
}

/// Lets a dealer owe what it orders in about two months, and some orders more, in whole thousands of yuan.
fn give_credit(size: Size, dealers: &mut [Dealer], goods: &Goods) {
    let (least, most) = size.lines();
    let products = goods.products.iter();
    let all: i64 = products.map(|product| usual(product.pack) * product.price_minor).sum();
    let line = all / i64::try_from(goods.products.len()).unwrap_or(1).max(1);
    let order = line * i64::try_from(least + most).unwrap_or_default() / 2;
    let weights: u64 = dealers.iter().map(|dealer| dealer.weight).sum();
    for dealer in dealers {
        let Pay::Credit { limit_minor } = &mut dealer.pay else { continue };
        // Orders of a thousand days.
        let often = size.orders_a_day() * 1_000 * dealer.weight / weights.max(1);
        let orders = 6_000 + 40 * i64::try_from(often).unwrap_or_default();
        let limit = order * scale(dealer.weight) / 1_000 * orders / 1_000;
        *limit_minor = (limit / 100_000 * 100_000).max(100_000);
    }
}

/// What is ordered of a product on average, in its units, by a dealer of the middle.
pub(crate) fn usual(pack: usize) -> i64 {
    [60, 30, 1][pack.min(2)]
}

/// How large the orders of a dealer are, in thousandths.
pub(crate) fn scale(weight: u64) -> i64 {
    i64::try_from(weight * 4 / 1_000).unwrap_or(i64::MAX).max(100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::World;

    #[test]
    fn sizes_fall_as_those_of_real_dealers_do() {
        let world = World::new(Settings { size: Size::S, seed: 7, online: true });

        let squares: Vec<u64> =
            world.dealers.iter().map(|it| it.weight * it.weight / WEIGHT).collect();
        let all: u64 = squares.iter().sum();
        let shares: Vec<u64> = squares.iter().take(3).map(|it| it * 1_000 / all).collect();
        assert_eq!(shares, [151, 100, 75]);
        assert_eq!(world.dealers.iter().filter(|it| it.level == Level::A).count(), 4);
        assert_eq!(world.dealers.iter().filter(|it| it.pay == Pay::Online).count(), 8);
    }

    #[test]
    fn a_world_without_providers_has_nobody_who_pays_through_them() {
        let world = World::new(Settings { size: Size::S, seed: 7, online: false });

        assert!(world.dealers.iter().all(|dealer| dealer.pay != Pay::Online));
    }
}
