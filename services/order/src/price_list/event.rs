//! The facts of a price list. Declared here and nowhere else.

use kernel::{DomainEvent, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{BusinessDate, Currency, Minor, PriceListId, ProductId};

use super::tariff::{PriceBreak, Tariff};

/// The facts of a price list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum PriceListEvent {
    /// A list was created, without prices.
    PriceListCreated {
        /// The list; `base` is for everybody, others for whom the price book says.
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
    /// Products have no price here any more, neither now nor later. Placed orders keep theirs.
    PricesWithdrawn {
        /// The list.
        price_list_id: PriceListId,
        /// The products.
        product_ids: Vec<ProductId>,
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
    /// Price of one base unit, above 0.
    pub unit_price_minor: Minor,
    /// Other prices of larger quantities, from the smallest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breaks: Vec<PriceBreak>,
    /// The first day on which it counts; absent: at once, and for orders of earlier days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_on: Option<BusinessDate>,
    /// Price of one base unit until then; absent when there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_minor: Option<Minor>,
}

impl PriceChange {
    /// The prices of it.
    pub fn tariff(self) -> Tariff {
        Tariff { unit_price: self.unit_price_minor, breaks: self.breaks }
    }
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
            Self::PricesWithdrawn { price_list_id, product_ids } => Text::new(
                format!("价格表 {price_list_id} 撤下了 {} 个商品的价格", product_ids.len()),
                format!(
                    "price list {price_list_id} has no prices for {} products any more",
                    product_ids.len()
                ),
            ),
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
        let (zh, en) = match self.effective_on {
            Some(day) => (format!("自 {day} 起，"), format!(" from {day} on")),
            None => Default::default(),
        };
        match self.previous_minor.map(|previous| currency.show(previous)) {
            Some(previous) => Text::new(
                format!("{zh}价格表 {list} 中商品 {product} 的价格由 {previous} 改为 {price}"),
                format!("price list {list} has {product} at {price} instead of {previous}{en}"),
            ),
            None => Text::new(
                format!("{zh}价格表 {list} 中商品 {product} 定价 {price}"),
                format!("price list {list} has {product} at {price}{en}"),
            ),
        }
    }
}
