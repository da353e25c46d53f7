//! How a basket becomes a submission: names, regions and prices are looked up once and stay.

use std::collections::BTreeMap;
use std::sync::Arc;

use values::{BusinessDate, Currency, DealerId, Minor, OrderId, ProductId, Quantity};

use super::{OrderLine, OrderRefusal, Submission};
use crate::account::Account;
use crate::price_list::{PriceList, Prices};
use crate::product::Product;
use crate::territory::Territory;

/// What a dealer wants, before anything was looked up.
#[derive(Clone, Debug)]
pub struct Basket {
    /// The order.
    pub order_id: OrderId,
    /// Who orders.
    pub dealer_id: DealerId,
    /// What is wanted; the same product may stand on several lines.
    pub lines: Vec<BasketLine>,
    /// The day the sale counts on.
    pub business_date: BusinessDate,
    /// What it all costs after discounts as the caller saw it, if the caller says so.
    pub seen: Option<Minor>,
    /// The fingerprint of the quote that the caller saw, if the caller says so.
    pub quoted: Option<String>,
    /// For the brand to know.
    pub note: String,
    /// Whether somebody who is not of the dealer places it.
    pub placed_on_behalf: bool,
}

/// One thing wanted.
#[derive(Clone, Debug)]
pub struct BasketLine {
    /// The product.
    pub product_id: ProductId,
    /// How many base units.
    pub quantity: Quantity,
    /// The unit price that the caller saw, if the caller says so.
    pub seen: Option<Minor>,
}

/// Looks up what an order must remember: the dealer's name from its account, its regions on the
/// order's day from the territory, names and categories from the products, prices from the list.
/// Promotions come later: see [`super::promoting`].
///
/// # Errors
/// When the dealer can not order, or a product is not in the range, has no price, or has another
/// price than the caller saw.
pub fn price(
    basket: &Basket,
    account: &Account,
    territory: &Territory,
    products: &BTreeMap<ProductId, Arc<Product>>,
    list: &PriceList,
) -> Result<Submission, OrderRefusal> {
    let holder = match account {
        Account::Open(holder) => holder,
        Account::Unopened => {
            let dealer_id = basket.dealer_id.clone();
            return Err(OrderRefusal::AccountNotOpen { dealer_id });
        }
    };
    let lines = basket.lines.iter().zip(1..);
    let lines: Vec<(OrderLine, &Currency)> = lines
        .map(|(line, line_no)| line.price(line_no, products, list))
        .collect::<Result<_, _>>()?;
    // Whoever applies promotions may add amounts up.
    Minor::total(lines.iter().map(|(line, _)| line.gross_minor))
        .map_err(|_| OrderRefusal::AmountTooLarge)?;
    // A list has one currency, so any line knows that of the order.
    let currency = lines.first().map(|(_, currency)| (*currency).clone());
    Ok(Submission {
        order_id: basket.order_id.clone(),
        dealer_id: holder.dealer_id.clone(),
        dealer_name: holder.dealer_name.clone(),
        region_path: territory.path(&holder.region_path, basket.business_date),
        business_date: basket.business_date,
        currency: currency.ok_or(OrderRefusal::WrongNumberOfLines)?,
        lines: lines.into_iter().map(|(line, _)| line).collect(),
        gifts: Vec::new(),
        promotions: Vec::new(),
        note: basket.note.clone(),
        placed_on_behalf: basket.placed_on_behalf,
    })
}

impl BasketLine {
    fn price<'a>(
        &self,
        line_no: u32,
        products: &BTreeMap<ProductId, Arc<Product>>,
        list: &'a PriceList,
    ) -> Result<(OrderLine, &'a Currency), OrderRefusal> {
        let product_id = self.product_id.clone();
        let Some(sku) = products.get(&product_id).and_then(|product| product.orderable()) else {
            return Err(OrderRefusal::ProductNotOrderable { line_no, product_id });
        };
        let Some((prices, current)) = find_price(list, &product_id) else {
            return Err(OrderRefusal::PriceMissing { line_no, product_id });
        };
        if let Some(seen) = self.seen.filter(|&seen| seen != current) {
            let currency = prices.currency.clone();
            return Err(OrderRefusal::PriceChanged {
                line_no,
                product_id,
                seen,
                current,
                currency,
            });
        }
        let line = OrderLine {
            line_no,
            product_id,
            product_name: sku.name.clone(),
            category_path: sku.category_path.clone(),
            base_unit: sku.base_unit.clone(),
            quantity: self.quantity,
            unit_price_minor: current,
            gross_minor: current.times(self.quantity).map_err(|_| OrderRefusal::AmountTooLarge)?,
            price_list_id: prices.price_list_id.clone(),
            discounts: Vec::new(),
        };
        Ok((line, &prices.currency))
    }
}

fn find_price<'a>(list: &'a PriceList, product_id: &ProductId) -> Option<(&'a Prices, Minor)> {
    match list {
        PriceList::Uncreated => None,
        PriceList::Created(prices) => Some((prices, *prices.unit_prices.get(product_id)?)),
    }
}
