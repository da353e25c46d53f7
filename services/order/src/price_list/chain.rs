//! Several lists, the closest one to a buyer first.

use std::sync::Arc;

use values::{BusinessDate, Currency, Minor, ProductId};

use super::{PriceList, Prices, Tariff};

/// Where the prices of a buyer come from: each from the first list that has one for the product.
///
/// All are in the currency of the first list; lists in other currencies are passed over, as an
/// order has one.
#[derive(Clone, Debug, Default)]
pub struct Chain(Vec<Arc<PriceList>>);

/// A price, and where it was found.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// On which list.
    pub list: &'a Prices,
    /// What is asked for how much.
    pub tariff: &'a Tariff,
}

impl Chain {
    /// Lists from the closest one to the base list.
    pub fn of(lists: impl IntoIterator<Item = Arc<PriceList>>) -> Self {
        Self(lists.into_iter().collect())
    }

    fn created(&self) -> impl Iterator<Item = &Prices> {
        self.0.iter().filter_map(|list| match &**list {
            PriceList::Created(prices) => Some(prices),
            PriceList::Uncreated => None,
        })
    }

    /// The lists whose prices count.
    pub fn lists(&self) -> impl Iterator<Item = &Prices> {
        self.created().filter(|list| Some(&list.currency) == self.currency())
    }

    /// The currency of all prices; none where there is no list.
    pub fn currency(&self) -> Option<&Currency> {
        self.created().next().map(|list| &list.currency)
    }

    /// What a product costs on a day.
    pub fn find(&self, product_id: &ProductId, on: BusinessDate) -> Option<Found<'_>> {
        self.lists().find_map(|list| Some(Found { list, tariff: list.tariff(product_id, on)? }))
    }

    /// What one base unit of a product costs at least: by the list that its price is from, or else
    /// by the first one after it that says so; 0 where none does.
    pub fn floor(&self, product_id: &ProductId, on: BusinessDate) -> Minor {
        let from = self.lists().skip_while(|list| list.tariff(product_id, on).is_none());
        from.filter_map(|list| list.floors.get(product_id)).next().copied().unwrap_or_default()
    }
}
