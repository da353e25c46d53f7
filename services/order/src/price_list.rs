//! A price list (价格表): one currency, and of each product what it costs from which day on.
//!
//! Which list counts for whom is said by the [price book](crate::price_book).
//!
//! Read in this order: [`event`] (what can happen), [`tariff`] (prices by quantity), this file (the
//! rules), [`chain`] (several lists), [`refusal`] (the words of a no).

pub mod chain;
pub mod event;
pub mod refusal;
pub mod tariff;

use std::collections::{BTreeMap, BTreeSet};

use kernel::Decider;
use serde::{Deserialize, Serialize};
use values::{BusinessDate, Currency, Minor, NoChange, PriceListId, ProductId, Timeline};

pub use event::{FloorChange, PriceChange, PriceListEvent};
pub use refusal::PriceListRefusal;
pub use tariff::{PriceBreak, Tariff};

/// What can be asked of a price list.
#[derive(Clone, Debug)]
pub enum PriceListCommand {
    /// Creates it.
    Create {
        /// The list.
        price_list_id: PriceListId,
        /// What it is called.
        name: String,
        /// All its prices are in this currency.
        currency: Currency,
    },
    /// Sets base prices.
    SetBasePrices {
        /// What each product costs.
        prices: BTreeMap<ProductId, Tariff>,
        /// The first day; none: at once.
        effective_on: Option<BusinessDate>,
        /// Today in the calendar of the brand.
        today: BusinessDate,
    },
    /// Takes prices away, those that were announced too.
    WithdrawPrices {
        /// Of which products.
        products: BTreeSet<ProductId>,
    },
    /// Sets floor prices.
    SetFloorPrices {
        /// What one base unit of each product costs at least; 0: no floor.
        floors: BTreeMap<ProductId, Minor>,
        /// Today in the calendar of the brand.
        today: BusinessDate,
    },
}

/// Products that one list may hold.
pub const MAX_PRICES: usize = 20_000;

/// A price list; its object id is the list's id.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(tag = "stage")]
pub enum PriceList {
    /// Not heard of yet.
    #[default]
    Uncreated,
    /// In use.
    Created(Prices),
}

/// The prices of a list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Prices {
    /// The list.
    pub price_list_id: PriceListId,
    /// What it is called.
    pub name: String,
    /// All its prices are in this currency.
    pub currency: Currency,
    /// What each product costs, day by day.
    pub tariffs: BTreeMap<ProductId, Timeline<Tariff>>,
    /// What one base unit of a product costs at least, where it has a floor.
    #[serde(default)]
    pub floors: BTreeMap<ProductId, Minor>,
}

impl Decider for PriceList {
    const AGGREGATE: &'static str = "price_list";
    const STATE_VERSION: u32 = 2;
    type Command = PriceListCommand;
    type Event = PriceListEvent;
    type Refusal = PriceListRefusal;

    fn decide(&self, command: PriceListCommand) -> Decision {
        match (self, command) {
            (Self::Uncreated, PriceListCommand::Create { price_list_id, name, currency }) => {
                Ok(vec![PriceListEvent::PriceListCreated { price_list_id, name, currency }])
            }
            (
                Self::Uncreated,
                PriceListCommand::SetBasePrices { .. }
                | PriceListCommand::WithdrawPrices { .. }
                | PriceListCommand::SetFloorPrices { .. },
            ) => Err(PriceListRefusal::PriceListNotFound),
            (Self::Created(list), PriceListCommand::Create { .. }) => {
                Err(PriceListRefusal::AlreadyCreated { price_list_id: list.price_list_id.clone() })
            }
            (
                Self::Created(list),
                PriceListCommand::SetBasePrices { prices, effective_on, today },
            ) => list.set(prices, effective_on, today),
            (Self::Created(list), PriceListCommand::WithdrawPrices { products }) => {
                Ok(list.withdraw(products))
            }
            (Self::Created(list), PriceListCommand::SetFloorPrices { floors, today }) => {
                list.set_floors(floors, today)
            }
        }
    }

    fn evolve(&mut self, event: PriceListEvent) {
        match (self, event) {
            (list, PriceListEvent::PriceListCreated { price_list_id, name, currency }) => {
                let (tariffs, floors) = (BTreeMap::new(), BTreeMap::new());
                let prices = Prices { price_list_id, name, currency, tariffs, floors };
                *list = Self::Created(prices);
            }
            (Self::Created(list), PriceListEvent::BasePricesSet { prices, .. }) => {
                for change in prices {
                    let tariffs = list.tariffs.entry(change.product_id.clone()).or_default();
                    tariffs.set(change.effective_on, change.tariff());
                }
            }
            (Self::Created(list), PriceListEvent::PricesWithdrawn { product_ids, .. }) => {
                for product_id in &product_ids {
                    list.tariffs.remove(product_id);
                    list.floors.remove(product_id);
                }
            }
            (Self::Created(list), PriceListEvent::FloorPricesSet { floors, .. }) => {
                list.floors
                    .extend(floors.into_iter().map(|new| (new.product_id, new.floor_price_minor)));
                list.floors.retain(|_, floor| *floor > Minor::ZERO);
            }
            (
                Self::Uncreated,
                PriceListEvent::BasePricesSet { .. }
                | PriceListEvent::PricesWithdrawn { .. }
                | PriceListEvent::FloorPricesSet { .. },
            ) => (),
        }
    }
}

type Decision = Result<Vec<PriceListEvent>, PriceListRefusal>;

impl Prices {
    /// What a product costs on a day.
    pub fn tariff(&self, product_id: &ProductId, on: BusinessDate) -> Option<&Tariff> {
        self.tariffs.get(product_id)?.on(on)
    }

    fn set(
        &self,
        prices: BTreeMap<ProductId, Tariff>,
        effective_on: Option<BusinessDate>,
        today: BusinessDate,
    ) -> Decision {
        for (product_id, tariff) in &prices {
            let product_id = product_id.clone();
            if !tariff.is_positive() {
                return Err(PriceListRefusal::PriceNotPositive { product_id });
            }
            if !tariff.is_rising() {
                return Err(PriceListRefusal::BreaksNotRising { product_id });
            }
        }
        let added = prices.keys().filter(|product| !self.tariffs.contains_key(*product));
        if self.tariffs.len() + added.count() > MAX_PRICES {
            return Err(PriceListRefusal::TooManyPrices);
        }
        let mut changes = Vec::new();
        for (product_id, tariff) in prices {
            changes.extend(self.change(product_id, tariff, effective_on, today)?);
        }
        Ok(self.told(changes, |price_list_id, currency, prices| PriceListEvent::BasePricesSet {
            price_list_id,
            currency,
            prices,
        }))
    }

    /// The price from a day on, where that is a change.
    fn change(
        &self,
        product_id: ProductId,
        tariff: Tariff,
        effective_on: Option<BusinessDate>,
        today: BusinessDate,
    ) -> Result<Option<PriceChange>, PriceListRefusal> {
        let none = Timeline::default();
        let known = self.tariffs.get(&product_id).unwrap_or(&none);
        let since = match known.change(&tariff, effective_on, today) {
            Ok(Some(since)) => since,
            Ok(None) => return Ok(None),
            Err(NoChange::DayOver) => return Err(PriceListRefusal::DayOver { today }),
            Err(NoChange::TooManyAnnounced) => {
                return Err(PriceListRefusal::TooManyAnnounced { product_id });
            }
        };
        let before = known.on(since.day().unwrap_or(today));
        Ok(Some(PriceChange {
            product_id,
            unit_price_minor: tariff.unit_price,
            breaks: tariff.breaks,
            effective_on: since.day(),
            previous_minor: before.map(|before| before.unit_price),
        }))
    }

    fn withdraw(&self, products: BTreeSet<ProductId>) -> Vec<PriceListEvent> {
        let priced = |product: &ProductId| self.tariffs.contains_key(product);
        let gone: Vec<_> = products.into_iter().filter(priced).collect();
        self.told(gone, |price_list_id, _, product_ids| PriceListEvent::PricesWithdrawn {
            price_list_id,
            product_ids,
        })
    }

    fn set_floors(&self, floors: BTreeMap<ProductId, Minor>, today: BusinessDate) -> Decision {
        let mut changes = Vec::new();
        for (product_id, floor_price_minor) in floors {
            let Some(price) = self.lowest(&product_id, today) else {
                return Err(PriceListRefusal::FloorWithoutPrice { product_id });
            };
            if floor_price_minor > price {
                let currency = self.currency.clone();
                return Err(PriceListRefusal::FloorAbovePrice { product_id, price, currency });
            }
            let previous_minor = self.floors.get(&product_id).copied();
            if previous_minor.unwrap_or_default() != floor_price_minor {
                changes.push(FloorChange { product_id, floor_price_minor, previous_minor });
            }
        }
        Ok(self.told(changes, |price_list_id, currency, floors| PriceListEvent::FloorPricesSet {
            price_list_id,
            currency,
            floors,
        }))
    }

    /// The lowest price that a product has today or on a day that is announced.
    fn lowest(&self, product_id: &ProductId, today: BusinessDate) -> Option<Minor> {
        let known = self.tariffs.get(product_id)?;
        let announced = known.after(today).map(|(_, tariff)| tariff);
        known.on(today).into_iter().chain(announced).map(Tariff::lowest).min()
    }

    /// One fact about what changed; none where nothing did.
    fn told<T>(
        &self,
        changes: Vec<T>,
        fact: impl FnOnce(PriceListId, Currency, Vec<T>) -> PriceListEvent,
    ) -> Vec<PriceListEvent> {
        if changes.is_empty() {
            return Vec::new();
        }
        vec![fact(self.price_list_id.clone(), self.currency.clone(), changes)]
    }
}
