//! Worlds to try the system with: brands of drinks with dealers, goods, prices and a year of trade, made
//! from a seed. The same seed gives the same world, day by day, with faults that are planted on purpose
//! and a [`Truth`] that says what there is to be found.
//!
//! Nothing here talks to anybody: a [`Script`] says what happens, and whoever plays it does so through
//! the rpcs that people use.
//!
//! Read in this order: [`calendar`] (when there is work, and how much), [`places`], [`goods`], [`dealers`],
//! then [`acts`] (what can happen), [`script`] (what does) and [`truth`].

pub mod acts;
mod books;
pub mod calendar;
pub mod cases;
mod course;
pub mod dealers;
mod dice;
pub mod goods;
mod names;
mod orders;
pub mod places;
pub mod script;
mod stock;
pub mod truth;

pub use books::REBATE_SHARE;
pub use script::Script;
pub use truth::Truth;

use dealers::Dealer;
use goods::Goods;
use places::Places;

/// How large a world is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::AsRefStr, strum::EnumString)]
#[strum(serialize_all = "lowercase")]
pub enum Size {
    /// 2 regions, 40 dealers, 60 products, 30 orders a workday: for tests.
    S,
    /// 7 regions with their provinces and prefectures, 2,000 dealers, 120 products, 330 orders a workday,
    /// 600 in summer: for a demonstration.
    M,
}

/// Which world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How large.
    pub size: Size,
    /// What all chance comes from.
    pub seed: u64,
    /// Whether some dealers pay through providers; else these pay in advance.
    pub online: bool,
}

/// A brand as it is before its first day.
#[derive(Clone, Debug)]
pub struct World {
    /// Which one.
    pub settings: Settings,
    /// Its regions, and where its dealers are.
    pub places: Places,
    /// What it sells.
    pub goods: Goods,
    /// Whom to, the largest first.
    pub dealers: Vec<Dealer>,
}

impl World {
    /// Makes it.
    pub fn new(settings: Settings) -> Self {
        let places = Places::of(settings.size);
        let goods = Goods::of(settings.size);
        let dealers = dealers::all(&settings, &places, &goods);
        Self { settings, places, goods, dealers }
    }

    /// A short name of it that can be the id of a tenant.
    pub fn id(&self) -> String {
        Self::id_of(self.settings.size, self.settings.seed)
    }

    /// The name that a world will have.
    pub fn id_of(size: Size, seed: u64) -> String {
        format!("world-{}-{seed}", size.as_ref())
    }

    /// What happens in so many days from [`calendar::FIRST_DAY`] on.
    pub fn script(&self, days: u32) -> Script<'_> {
        Script::new(self, days)
    }
}

impl Size {
    /// Its dealers.
    pub fn dealers(self) -> usize {
        match self {
            Self::S => 40,
            Self::M => 2_000,
        }
    }

    /// Drinks of each of the four kinds; each is sold in three packages.
    pub fn drinks_of_a_kind(self) -> usize {
        match self {
            Self::S => 5,
            Self::M => 10,
        }
    }

    /// Orders of an ordinary workday.
    pub fn orders_a_day(self) -> u64 {
        match self {
            Self::S => 30,
            Self::M => 330,
        }
    }

    /// One in so many dealers says how content it is.
    pub fn one_who_rates(self) -> usize {
        match self {
            Self::S => 3,
            Self::M => 20,
        }
    }

    /// Fewest and most lines of an order.
    pub fn lines(self) -> (u64, u64) {
        match self {
            Self::S => (2, 6),
            Self::M => (3, 13),
        }
    }
}
