//! For whom, when, and for which goods: what prices, the visible range and promotions are bound to.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{BusinessDate, ChannelId, DealerClass, DealerId, LevelId, ProductId, RegionId};

/// Who buys, as on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buyer {
    /// The dealer.
    pub dealer_id: DealerId,
    /// Its level and channel.
    pub class: DealerClass,
    /// Its regions, from the root to its own.
    pub region_ids: Vec<RegionId>,
}

/// Why something is not for a buyer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotFor {
    /// It is for other dealers.
    Dealer,
    /// It is for other regions.
    Region,
    /// It is for other levels.
    Level,
    /// It is for other channels.
    Channel,
}

/// Days on which something counts, in the calendar of the brand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Window {
    /// The first day.
    pub from: BusinessDate,
    /// The last day; absent: until it is ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<BusinessDate>,
}

impl Window {
    /// Whether a day is one of them.
    pub fn contains(&self, day: BusinessDate) -> bool {
        self.from <= day && !self.is_over(day)
    }

    /// Whether there is such a day at all.
    pub fn has_days(&self) -> bool {
        self.until.is_none_or(|until| self.from <= until)
    }

    /// Whether all of them were before a day.
    pub fn is_over(&self, day: BusinessDate) -> bool {
        self.until.is_some_and(|until| until < day)
    }
}

/// Whom something is for: a promotion, prices, products. Each list that is not empty has to name
/// something of the buyer; a dealer that is denied is not, whatever else names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(default)]
pub struct Audience {
    /// Regions, with all below them.
    pub regions: BTreeSet<RegionId>,
    /// Levels of dealers.
    pub levels: BTreeSet<LevelId>,
    /// Channels.
    pub channels: BTreeSet<ChannelId>,
    /// Named dealers.
    pub dealers: BTreeSet<DealerId>,
    /// Dealers that it is not for.
    pub denied: BTreeSet<DealerId>,
}

impl Audience {
    /// Whether it is for a buyer.
    ///
    /// # Errors
    /// What of the buyer is not among those that it is for.
    pub fn admits(&self, buyer: &Buyer) -> Result<(), NotFor> {
        let denied = self.denied.contains(&buyer.dealer_id);
        let named = self.dealers.is_empty() || self.dealers.contains(&buyer.dealer_id);
        if denied || !named {
            return Err(NotFor::Dealer);
        }
        if !self.regions.is_empty() && self.depth(buyer).is_none() {
            return Err(NotFor::Region);
        }
        if !has(&self.levels, buyer.class.level_id.as_ref()) {
            return Err(NotFor::Level);
        }
        if !has(&self.channels, buyer.class.channel_id.as_ref()) {
            return Err(NotFor::Channel);
        }
        Ok(())
    }

    /// How deep the deepest of its regions is that a buyer is in, from 0 at the root; none where
    /// the buyer is in none of them.
    pub fn depth(&self, buyer: &Buyer) -> Option<usize> {
        buyer.region_ids.iter().rposition(|region| self.regions.contains(region))
    }
}

fn has<T: Ord>(wanted: &BTreeSet<T>, own: Option<&T>) -> bool {
    wanted.is_empty() || own.is_some_and(|own| wanted.contains(own))
}

/// Goods. With neither products nor categories named, all that are not excepted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(default)]
pub struct Scope {
    /// Products.
    pub products: BTreeSet<ProductId>,
    /// Categories from general to special, with all below them.
    pub categories: BTreeSet<Vec<String>>,
    /// Products that are left out, whatever names them.
    pub except: BTreeSet<ProductId>,
}

impl Scope {
    /// One product.
    pub fn of(product_id: ProductId) -> Self {
        Self { products: BTreeSet::from([product_id]), ..Self::default() }
    }

    /// Whether a product of a category belongs to it.
    pub fn contains(&self, product_id: &ProductId, category_path: &[String]) -> bool {
        if self.except.contains(product_id) {
            return false;
        }
        let everything = self.products.is_empty() && self.categories.is_empty();
        everything
            || self.products.contains(product_id)
            || self.categories.iter().any(|category| category_path.starts_with(category))
    }
}
