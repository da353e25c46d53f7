//! What the brand sells, and for how much: drinks of four kinds in three packages, with list prices that
//! change on the 1st of a month, and less for dealers of higher levels.

use chrono::{Datelike as _, NaiveDate};

use crate::Size;
use crate::dealers::Level;
use crate::dice::Dice;

/// What drinks there are of each kind, and what the cheapest bottle of it costs, in fen.
const KINDS: [(&str, &str, i64, [&str; 10]); 4] = [
    (
        "water",
        "水",
        110,
        [
            "天然水",
            "矿泉水",
            "苏打水",
            "气泡水",
            "冰川水",
            "弱碱水",
            "柠檬水",
            "淡竹水",
            "深泉水",
            "母婴水",
        ],
    ),
    (
        "tea",
        "茶",
        260,
        [
            "绿茶",
            "乌龙茶",
            "茉莉花茶",
            "冰红茶",
            "普洱茶",
            "柠檬茶",
            "大麦茶",
            "青柑茶",
            "白桃乌龙",
            "桂花红茶",
        ],
    ),
    (
        "energy",
        "功能",
        380,
        [
            "牛磺酸饮料",
            "电解质水",
            "维生素饮料",
            "运动饮料",
            "氨基酸饮料",
            "葡萄糖饮料",
            "膳食纤维饮料",
            "益生元饮料",
            "胶原蛋白饮料",
            "咖啡因饮料",
        ],
    ),
    (
        "juice",
        "果汁",
        420,
        [
            "橙汁",
            "苹果汁",
            "葡萄汁",
            "桃汁",
            "芒果汁",
            "西柚汁",
            "蓝莓汁",
            "石榴汁",
            "椰子水",
            "混合果蔬汁",
        ],
    ),
];
/// Packages: id, unit, bottles in it, and what a bottle costs in it, in percent.
const PACKS: [(&str, &str, i64, i64); 3] =
    [("bottle", "瓶", 1, 100), ("case", "箱", 15, 96), ("pallet", "托", 900, 92)];

/// Which warehouse keeps each kind.
const WAREHOUSES: [&str; KINDS.len()] = ["hangzhou", "hangzhou", "guangzhou", "guangzhou"];

/// Something that can be ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// From general to special.
    pub categories: [&'static str; 2],
    /// What it is counted in.
    pub unit: &'static str,
    /// How it is packed, by its place among bottle, case and pallet.
    pub pack: usize,
    /// What it costs on the first day, in fen.
    pub price_minor: i64,
    /// Which warehouse keeps it.
    pub warehouse_id: &'static str,
}

/// A price that counts from a 1st of a month on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceChange {
    /// Which product, by its place.
    pub product: usize,
    /// The list price from then on.
    pub price_minor: i64,
}

/// All products, with the list prices of the present day.
#[derive(Clone, Debug)]
pub struct Goods {
    /// In the order in which they are listed.
    pub products: Vec<Product>,
}

impl Goods {
    /// Those of a world; they are the same for every seed.
    pub(crate) fn of(size: Size) -> Self {
        let mut products = Vec::new();
        for ((kind, category, cheapest, names), warehouse_id) in KINDS.into_iter().zip(WAREHOUSES) {
            for (number, name) in (0..).zip(names.iter().take(size.drinks_of_a_kind())) {
                for (pack, (package, unit, bottles, percent)) in PACKS.into_iter().enumerate() {
                    products.push(Product {
                        id: format!("{kind}-{:02}-{package}", number + 1),
                        name: format!("云岭{name} {unit}装"),
                        categories: [category, name],
                        unit,
                        pack,
                        price_minor: (cheapest + 20 * number) * bottles * percent / 100,
                        warehouse_id,
                    });
                }
            }
        }
        Self { products }
    }

    /// Prices that are others from the 1st of a month on: a drink in ten costs a little more or less.
    pub(crate) fn changes(dice: &mut Dice, now: &[i64]) -> Vec<PriceChange> {
        let mut changes = Vec::new();
        for (drink, prices) in now.chunks(PACKS.len()).enumerate() {
            if !dice.permille(100) {
                continue;
            }
            let percent = *dice.pick(&[95, 97, 103, 104, 105]);
            let changed = |(pack, price): (usize, &i64)| PriceChange {
                product: drink * PACKS.len() + pack,
                price_minor: price * percent / 100,
            };
            changes.extend(prices.iter().enumerate().map(changed));
        }
        changes
    }
}

/// What a dealer of a level pays for what costs this much.
pub fn price_for(level: Level, list_price_minor: i64) -> i64 {
    list_price_minor * level.percent() / 100
}

/// What a brand gives besides in a month: so much off from so much on, the highest that is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Campaign {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its first day.
    pub from: NaiveDate,
    /// Its last day. It is ended then, since what is over can not be approved afterwards.
    pub until: NaiveDate,
    /// From which amount on how much is taken off, in fen, from the lowest.
    pub tiers: [(i64, i64); 2],
    /// By how much more is ordered because of it, in percent.
    pub lift: u64,
}

impl Campaign {
    /// That of a day's month.
    pub(crate) fn of_month(dice: &mut Dice, date: NaiveDate) -> Self {
        let (from, until) = crate::calendar::campaign(date.month());
        Self {
            id: format!("month-{:02}", date.month()),
            name: format!("{} 月满减", date.month()),
            from,
            until,
            tiers: [(300_000, 6_000), (1_000_000, 25_000)],
            lift: dice.between(20, 120),
        }
    }

    /// What it takes off an order of a day.
    pub fn off(&self, date: NaiveDate, gross_minor: i64) -> i64 {
        if date < self.from || self.until < date {
            return 0;
        }
        let reached = self.tiers.iter().rfind(|tier| gross_minor >= tier.0);
        reached.map_or(0, |tier| tier.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worlds_have_as_many_products_as_they_say() {
        assert_eq!(Goods::of(Size::S).products.len(), 60);
        assert_eq!(Goods::of(Size::M).products.len(), 120);
    }

    #[test]
    fn higher_levels_pay_less() {
        assert_eq!(Level::ALL.map(|level| price_for(level, 10_050)), [9_447, 9_748, 10_050]);
    }

    #[test]
    fn the_highest_step_that_is_reached_counts_on_its_days() {
        let march = NaiveDate::from_ymd_opt(2026, 3, 12).unwrap();
        let campaign = Campaign::of_month(&mut Dice::new(1, 0), march);

        assert_eq!(
            [299_999, 300_000, 2_000_000].map(|it| campaign.off(march, it)),
            [0, 6_000, 25_000]
        );
        assert_eq!(campaign.off(march - chrono::Days::new(7), 2_000_000), 0);
    }
}
