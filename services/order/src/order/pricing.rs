//! How a basket becomes a submission: names, regions and prices are looked up once and stay.

use std::collections::BTreeMap;
use std::sync::Arc;

use values::{BusinessDate, DealerId, Minor, OrderId, ProductId, Quantity, RegionPath};

use super::{OrderLine, OrderRefusal, Submission};
use crate::account::{Account, Holder};
use crate::assortment::Range;
use crate::audience::Buyer;
use crate::price_list::chain::{Chain, Found};
use crate::product::{Product, Sku};
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

/// Who orders, as it is on the order's day.
#[derive(Clone, Debug)]
pub struct Orderer<'a> {
    /// The dealer.
    pub holder: &'a Holder,
    /// Where its sales count.
    pub region_path: RegionPath,
    /// What rules look at.
    pub buyer: Buyer,
}

impl<'a> Orderer<'a> {
    /// A dealer on a day: its regions are those of the territory on the day, its level and
    /// channel those of its account.
    ///
    /// # Errors
    /// When the dealer can not order.
    pub fn of(
        dealer_id: &DealerId,
        on: BusinessDate,
        account: &'a Account,
        territory: &Territory,
    ) -> Result<Self, OrderRefusal> {
        let holder = account.holder(dealer_id)?;
        let region_path = territory.path(&holder.region_path, on);
        let buyer = holder.buyer(&region_path, on);
        Ok(Self { holder, region_path, buyer })
    }
}

/// What there is for a buyer.
#[derive(Clone, Copy)]
pub struct Offer<'a> {
    /// What it sees.
    pub range: &'a Range<'a>,
    /// Where prices come from.
    pub chain: &'a Chain,
    /// The products that were looked up.
    pub products: &'a BTreeMap<ProductId, Arc<Product>>,
}

impl<'a> Offer<'a> {
    /// A product, if the buyer may have it.
    pub fn orderable(&self, product_id: &ProductId) -> Option<&'a Sku> {
        let sku = self.products.get(product_id)?.orderable()?;
        self.is_seen(product_id).then_some(sku)
    }

    /// Whether the buyer may be told of a product, be it in the range of the brand or not.
    pub fn is_seen(&self, product_id: &ProductId) -> bool {
        let product = self.products.get(product_id);
        let category_path = product.map_or(&[][..], |product| product.category_path());
        self.range.contains(product_id, category_path)
    }
}

/// Looks up what an order must remember: the dealer's name from its account, names and categories
/// from the products, prices from the lists that count for it. Promotions come later: see
/// [`super::promoting`].
///
/// # Errors
/// When a product is not in the range, has no price, or has another price than the caller saw.
pub fn price(
    basket: &Basket,
    orderer: &Orderer<'_>,
    offer: Offer<'_>,
) -> Result<Submission, OrderRefusal> {
    let mut quantities: BTreeMap<&ProductId, Quantity> = BTreeMap::new();
    for line in &basket.lines {
        let all = quantities.entry(&line.product_id).or_insert(Quantity::ZERO);
        *all = all.plus(line.quantity);
    }
    let lines = basket.lines.iter().zip(1..);
    let lines: Vec<OrderLine> = lines
        .map(|(line, line_no)| {
            let all = quantities.get(&line.product_id).copied().unwrap_or(line.quantity);
            line.price(line_no, all, basket.business_date, offer)
        })
        .collect::<Result<_, _>>()?;
    // Whoever applies promotions may add amounts up.
    Minor::total(lines.iter().map(|line| line.gross_minor))
        .map_err(|_| OrderRefusal::AmountTooLarge)?;
    let currency = offer.chain.currency().filter(|_| !lines.is_empty()).cloned();
    Ok(Submission {
        order_id: basket.order_id.clone(),
        dealer_id: orderer.holder.dealer_id.clone(),
        dealer_name: orderer.holder.dealer_name.clone(),
        region_path: orderer.region_path.clone(),
        class: orderer.buyer.class.clone(),
        business_date: basket.business_date,
        currency: currency.ok_or(OrderRefusal::WrongNumberOfLines)?,
        lines,
        gifts: Vec::new(),
        promotions: Vec::new(),
        note: basket.note.clone(),
        placed_on_behalf: basket.placed_on_behalf,
        payment: None,
        reviewed: true,
        steps: None,
        stocked: false,
        back_order: false,
        replaces: None,
    })
}

impl BasketLine {
    /// The line with its price: that of so many units as are in the whole order.
    fn price(
        &self,
        line_no: u32,
        in_all: Quantity,
        day: BusinessDate,
        offer: Offer<'_>,
    ) -> Result<OrderLine, OrderRefusal> {
        let product_id = self.product_id.clone();
        let Some(sku) = offer.orderable(&product_id) else {
            return Err(OrderRefusal::ProductNotOrderable { line_no, product_id });
        };
        let Some(Found { list, tariff }) = offer.chain.find(&product_id, day) else {
            return Err(OrderRefusal::PriceMissing { line_no, product_id });
        };
        let current = tariff.of(in_all);
        if let Some(seen) = self.seen.filter(|&seen| seen != current) {
            let currency = list.currency.clone();
            return Err(OrderRefusal::PriceChanged {
                line_no,
                product_id,
                seen,
                current,
                currency,
            });
        }
        Ok(OrderLine {
            line_no,
            product_id,
            product_name: sku.name.clone(),
            category_path: sku.category_path.clone(),
            base_unit: sku.base_unit.clone(),
            quantity: self.quantity,
            unit_price_minor: current,
            gross_minor: current.times(self.quantity).map_err(|_| OrderRefusal::AmountTooLarge)?,
            price_list_id: list.price_list_id.clone(),
            discounts: Vec::new(),
            tax: None,
        })
    }
}
