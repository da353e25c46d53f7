//! A price list (价格表): one currency, one price for each product.

use std::collections::BTreeMap;

use kernel::{Decider, DomainEvent, Refusal, RefusalKind, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{Currency, Minor, PriceListId, ProductId};

/// The facts of a price list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum PriceListEvent {
    /// A list was created, without prices.
    PriceListCreated {
        /// The list; orders are priced from `base`.
        price_list_id: PriceListId,
        /// What it is called.
        name: String,
        /// All its prices are in this currency.
        currency: Currency,
    },
    /// Base prices changed. Placed orders keep theirs.
    BasePricesSet {
        /// The list.
        price_list_id: PriceListId,
        /// The list's currency.
        currency: Currency,
        /// Only the prices that are new or different.
        prices: Vec<PriceChange>,
    },
    /// Products cost at least something else, whatever promotions there are. Placed orders keep
    /// what they were given.
    FloorPricesSet {
        /// The list.
        price_list_id: PriceListId,
        /// The list's currency.
        currency: Currency,
        /// Only the floors that are new or different.
        floors: Vec<FloorChange>,
    },
}

/// One floor that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FloorChange {
    /// The product.
    pub product_id: ProductId,
    /// What one base unit costs at least from now on; 0: it has no floor.
    pub floor_price_minor: Minor,
    /// What it was until now; absent when there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_minor: Option<Minor>,
}

/// One price that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PriceChange {
    /// The product.
    pub product_id: ProductId,
    /// Price of one base unit from now on, above 0.
    pub unit_price_minor: Minor,
    /// Price until now; absent when there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_minor: Option<Minor>,
}

impl DomainEvent for PriceListEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::PriceListCreated { price_list_id, name, currency } => Text::new(
                format!("价格表 {name}（{price_list_id}）已创建，货币：{currency}"),
                format!("price list {name} ({price_list_id}) was created in {currency}"),
            ),
            Self::BasePricesSet { price_list_id, currency, prices } => match prices.as_slice() {
                [one] => one.sentence(price_list_id, currency),
                many => Text::new(
                    format!("价格表 {price_list_id} 设定了 {} 个商品的价格", many.len()),
                    format!("price list {price_list_id} has {} new prices", many.len()),
                ),
            },
            Self::FloorPricesSet { price_list_id, floors, .. } => Text::new(
                format!("价格表 {price_list_id} 设定了 {} 个商品的底价", floors.len()),
                format!("price list {price_list_id} has floors for {} products", floors.len()),
            ),
        }
    }
}

impl PriceChange {
    fn sentence(&self, list: &PriceListId, currency: &Currency) -> Text {
        let product = &self.product_id;
        let price = currency.show(self.unit_price_minor);
        match self.previous_minor.map(|previous| currency.show(previous)) {
            Some(previous) => Text::new(
                format!("价格表 {list} 中商品 {product} 的价格由 {previous} 改为 {price}"),
                format!("price list {list} has {product} at {price} instead of {previous}"),
            ),
            None => Text::new(
                format!("价格表 {list} 中商品 {product} 定价 {price}"),
                format!("price list {list} has {product} at {price}"),
            ),
        }
    }
}

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
        /// Price of one base unit of each product.
        prices: BTreeMap<ProductId, Minor>,
    },
    /// Sets floor prices.
    SetFloorPrices {
        /// What one base unit of each product costs at least; 0: no floor.
        floors: BTreeMap<ProductId, Minor>,
    },
}

/// Products that one list may hold.
pub const MAX_PRICES: usize = 20_000;

/// Why a price list says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum PriceListRefusal {
    /// There is no such list.
    #[error("there is no such price list; create it first")]
    PriceListNotFound,
    /// It exists already.
    #[error("price list {price_list_id} exists already; choose another id for another list")]
    AlreadyCreated {
        /// The list.
        price_list_id: PriceListId,
    },
    /// Nothing is free of charge by way of a price list.
    #[error("the price of {product_id} is not above 0; give a price above 0")]
    PriceNotPositive {
        /// The product.
        product_id: ProductId,
    },
    /// A floor is above the price.
    #[error(
        "the floor of {product_id} is above its price; set it to {} at most",
        currency.show(*price)
    )]
    FloorAbovePrice {
        /// The product.
        product_id: ProductId,
        /// Its price.
        price: Minor,
        /// In this currency.
        currency: Currency,
    },
    /// What has no price has no floor.
    #[error("{product_id} has no price; set its price first")]
    FloorWithoutPrice {
        /// The product.
        product_id: ProductId,
    },
    /// The list is full.
    #[error("a price list holds at most 20,000 prices; open another list")]
    TooManyPrices,
}

impl Refusal for PriceListRefusal {
    fn reason(&self) -> String {
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::PriceListNotFound => RefusalKind::NotFound,
            Self::AlreadyCreated { .. } => RefusalKind::AlreadyExists,
            Self::PriceNotPositive { .. } => RefusalKind::InvalidArgument,
            Self::FloorAbovePrice { .. } | Self::FloorWithoutPrice { .. } | Self::TooManyPrices => {
                RefusalKind::FailedPrecondition
            }
        }
    }

    fn text(&self) -> Text {
        let zh = match self {
            Self::PriceListNotFound => "没有这个价格表，请先创建".to_owned(),
            Self::AlreadyCreated { price_list_id } => {
                format!("价格表 {price_list_id} 已创建；如为另一价格表，请换一个编号")
            }
            Self::PriceNotPositive { product_id } => {
                format!("商品 {product_id} 的价格须大于 0")
            }
            Self::FloorAbovePrice { product_id, price, currency } => {
                let price = currency.show(*price);
                format!("商品 {product_id} 的底价高于其价格，最多可设为 {price}")
            }
            Self::FloorWithoutPrice { product_id } => {
                format!("商品 {product_id} 尚无价格，请先设定价格")
            }
            Self::TooManyPrices => "一个价格表最多 20,000 个价格，请另建价格表".to_owned(),
        };
        Text::new(zh, self.to_string())
    }
}

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
    /// Price of one base unit of each product.
    pub unit_prices: BTreeMap<ProductId, Minor>,
    /// What one base unit of a product costs at least, where it has a floor.
    #[serde(default)]
    pub floors: BTreeMap<ProductId, Minor>,
}

impl Decider for PriceList {
    const AGGREGATE: &'static str = "price_list";
    type Command = PriceListCommand;
    type Event = PriceListEvent;
    type Refusal = PriceListRefusal;

    fn decide(&self, command: PriceListCommand) -> Result<Vec<PriceListEvent>, PriceListRefusal> {
        match (self, command) {
            (Self::Uncreated, PriceListCommand::Create { price_list_id, name, currency }) => {
                Ok(vec![PriceListEvent::PriceListCreated { price_list_id, name, currency }])
            }
            (
                Self::Uncreated,
                PriceListCommand::SetBasePrices { .. } | PriceListCommand::SetFloorPrices { .. },
            ) => Err(PriceListRefusal::PriceListNotFound),
            (Self::Created(list), PriceListCommand::Create { .. }) => {
                Err(PriceListRefusal::AlreadyCreated { price_list_id: list.price_list_id.clone() })
            }
            (Self::Created(list), PriceListCommand::SetBasePrices { prices }) => list.set(prices),
            (Self::Created(list), PriceListCommand::SetFloorPrices { floors }) => {
                list.set_floors(floors)
            }
        }
    }

    fn evolve(&mut self, event: PriceListEvent) {
        match (self, event) {
            (list, PriceListEvent::PriceListCreated { price_list_id, name, currency }) => {
                let (unit_prices, floors) = (BTreeMap::new(), BTreeMap::new());
                let prices = Prices { price_list_id, name, currency, unit_prices, floors };
                *list = Self::Created(prices);
            }
            (Self::Created(list), PriceListEvent::BasePricesSet { prices, .. }) => {
                let prices = prices.into_iter().map(|new| (new.product_id, new.unit_price_minor));
                list.unit_prices.extend(prices);
            }
            (Self::Created(list), PriceListEvent::FloorPricesSet { floors, .. }) => {
                list.floors
                    .extend(floors.into_iter().map(|new| (new.product_id, new.floor_price_minor)));
                list.floors.retain(|_, floor| *floor > Minor::ZERO);
            }
            (
                Self::Uncreated,
                PriceListEvent::BasePricesSet { .. } | PriceListEvent::FloorPricesSet { .. },
            ) => (),
        }
    }
}

impl Prices {
    fn set(
        &self,
        prices: BTreeMap<ProductId, Minor>,
    ) -> Result<Vec<PriceListEvent>, PriceListRefusal> {
        if let Some((product_id, _)) = prices.iter().find(|(_, price)| **price <= Minor::ZERO) {
            return Err(PriceListRefusal::PriceNotPositive { product_id: product_id.clone() });
        }
        let added = prices.keys().filter(|product| !self.unit_prices.contains_key(*product));
        if self.unit_prices.len() + added.count() > MAX_PRICES {
            return Err(PriceListRefusal::TooManyPrices);
        }
        let changes: Vec<_> = prices.into_iter().filter_map(|price| self.change(price)).collect();
        if changes.is_empty() {
            return Ok(vec![]);
        }
        Ok(vec![PriceListEvent::BasePricesSet {
            price_list_id: self.price_list_id.clone(),
            currency: self.currency.clone(),
            prices: changes,
        }])
    }

    fn set_floors(
        &self,
        floors: BTreeMap<ProductId, Minor>,
    ) -> Result<Vec<PriceListEvent>, PriceListRefusal> {
        let mut changes = Vec::new();
        for (product_id, floor_price_minor) in floors {
            let Some(&price) = self.unit_prices.get(&product_id) else {
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
        if changes.is_empty() {
            return Ok(vec![]);
        }
        Ok(vec![PriceListEvent::FloorPricesSet {
            price_list_id: self.price_list_id.clone(),
            currency: self.currency.clone(),
            floors: changes,
        }])
    }

    fn change(&self, (product_id, unit_price_minor): (ProductId, Minor)) -> Option<PriceChange> {
        let previous_minor = self.unit_prices.get(&product_id).copied();
        let changed = previous_minor != Some(unit_price_minor);
        changed.then_some(PriceChange { product_id, unit_price_minor, previous_minor })
    }
}
