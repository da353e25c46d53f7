//! Facts to begin with, named like facts.

use std::collections::BTreeMap;
use std::sync::Arc;

use kernel::Decider;
use order::account::{Account, AccountEvent};
use order::assortment::{Assortment, Rule};
use order::audience::Buyer;
use order::order::pricing::{Basket, BasketLine, Offer, Orderer, price};
use order::order::{
    LineQuantity, OrderCommand, OrderEvent, OrderRefusal, OrderStatus, OrderSubmitted, Submission,
};
use order::price_book::{Placement, PriceBook};
use order::price_list::chain::Chain;
use order::price_list::{PriceChange, PriceList, PriceListEvent};
use order::product::{Packaging, Product, ProductEvent, Sku};
use order::territory::Territory;
use values::{
    BusinessDate, Currency, Minor, PriceListId, ProductId, Quantity, RegionPath, RegionRef,
};

pub(crate) fn day(text: &str) -> BusinessDate {
    text.parse().expect("a day")
}

pub(crate) fn usd() -> Currency {
    "USD".parse().expect("a currency")
}

pub(crate) fn product_id(id: &str) -> ProductId {
    id.parse().expect("a product id")
}

pub(crate) fn region_path() -> RegionPath {
    let region = |id: &str, name: &str| RegionRef {
        region_id: id.parse().expect("an id"),
        name: name.into(),
    };
    RegionPath::parse(vec![region("root", "全国"), region("west", "西部大区")]).expect("a path")
}

pub(crate) fn sku(id: &str) -> Sku {
    Sku {
        product_id: product_id(id),
        name: format!("{id} bike"),
        category_path: vec!["Mountain".into(), "Trail".into()],
        base_unit: "辆".into(),
        packagings: vec![Packaging { unit: "箱".into(), base_quantity: Quantity::of(2) }],
    }
}

pub(crate) fn account_opened() -> AccountEvent {
    AccountEvent::AccountOpened {
        dealer_id: "kansas-29ers".parse().expect("a dealer id"),
        dealer_name: "堪萨斯 29ers".into(),
        region_path: region_path(),
    }
}

pub(crate) fn list_created() -> PriceListEvent {
    PriceListEvent::PriceListCreated {
        price_list_id: PriceListId::base(),
        name: "经销商基准价".into(),
        currency: usd(),
    }
}

pub(crate) fn prices_set(prices: &[(&str, Option<i64>, i64)]) -> PriceListEvent {
    let change = |&(id, before, now): &(&str, Option<i64>, i64)| PriceChange {
        product_id: product_id(id),
        unit_price_minor: Minor(now),
        breaks: Vec::new(),
        effective_on: None,
        previous_minor: before.map(Minor),
    };
    PriceListEvent::BasePricesSet {
        price_list_id: PriceListId::base(),
        currency: usd(),
        prices: prices.iter().map(change).collect(),
    }
}

/// What orders are priced from: an open account, two products, prices for both. Other lists and the
/// visible range are as a test says.
pub(crate) struct Shop {
    pub(crate) account: Account,
    pub(crate) territory: Territory,
    pub(crate) products: BTreeMap<ProductId, Arc<Product>>,
    pub(crate) list: PriceList,
    pub(crate) others: Vec<(Placement, PriceList)>,
    pub(crate) rules: Vec<Rule>,
}

impl Shop {
    pub(crate) fn open() -> Self {
        let published = |id: &str| {
            let product = after::<Product>([ProductEvent::ProductPublished(sku(id))]);
            (product_id(id), product)
        };
        Self {
            account: after([account_opened()]),
            territory: Territory::default(),
            products: ["trail-1", "race-2"]
                .map(published)
                .map(|(id, product)| (id, Arc::new(product)))
                .into(),
            list: after([
                list_created(),
                prices_set(&[("trail-1", None, 300_000), ("race-2", None, 274_000)]),
            ]),
            others: Vec::new(),
            rules: Vec::new(),
        }
    }

    /// The lists that count for an orderer, as a service finds them.
    pub(crate) fn chain(&self, buyer: &Buyer, day: BusinessDate) -> Chain {
        let book: PriceBook = self.others.iter().map(|(placed, _)| placed.clone()).collect();
        let list = |placed: &Placement| {
            let mut all = self.others.iter();
            let (_, list) = all.find(|(it, _)| it == placed).expect("it was placed");
            list.clone()
        };
        let counting = book.chain(buyer, day).into_iter().map(list);
        Chain::of(counting.chain([self.list.clone()]).map(Arc::new))
    }

    /// Asks something of what there is for the dealer of a basket.
    pub(crate) fn offered<T>(
        &self,
        basket: &Basket,
        ask: impl FnOnce(&Orderer<'_>, Offer<'_>) -> T,
    ) -> Result<T, OrderRefusal> {
        let day = basket.business_date;
        let orderer = Orderer::of(&basket.dealer_id, day, &self.account, &self.territory)?;
        let assortment: Assortment = self.rules.iter().cloned().collect();
        let chain = self.chain(&orderer.buyer, day);
        let range = assortment.range(&orderer.buyer, day);
        let offer = Offer { range: &range, chain: &chain, products: &self.products };
        Ok(ask(&orderer, offer))
    }

    pub(crate) fn price(&self, basket: &Basket) -> Result<Submission, OrderRefusal> {
        self.offered(basket, |orderer, offer| price(basket, orderer, offer))?
    }
}

pub(crate) fn after<D: Decider>(facts: impl IntoIterator<Item = D::Event>) -> D {
    let mut state = D::default();
    facts.into_iter().for_each(|fact| state.evolve(fact));
    state
}

pub(crate) fn basket(lines: &[(&str, u32, Option<i64>)]) -> Basket {
    let line = |&(id, quantity, seen): &(&str, u32, Option<i64>)| BasketLine {
        product_id: product_id(id),
        quantity: Quantity::of(quantity),
        seen: seen.map(Minor),
    };
    Basket {
        order_id: "SO-000002".parse().expect("an order id"),
        dealer_id: "kansas-29ers".parse().expect("a dealer id"),
        lines: lines.iter().map(line).collect(),
        business_date: "2026-11-23".parse().expect("a day"),
        seen: None,
        quoted: None,
        note: "周五前送到".into(),
        placed_on_behalf: false,
    }
}

/// Two trail bikes and one race bike: USD 8,740.00.
pub(crate) fn submission() -> Submission {
    Shop::open().price(&basket(&[("trail-1", 2, None), ("race-2", 1, None)])).expect("priced")
}

pub(crate) fn submit() -> OrderCommand {
    OrderCommand::Submit(Box::new(submission()))
}

pub(crate) fn submitted() -> OrderEvent {
    let submission = submission();
    OrderEvent::OrderSubmitted(Box::new(OrderSubmitted {
        order_id: submission.order_id,
        dealer_id: submission.dealer_id,
        dealer_name: submission.dealer_name,
        region_path: submission.region_path,
        class: submission.class,
        business_date: submission.business_date,
        currency: submission.currency,
        lines: submission.lines,
        gifts: submission.gifts,
        promotions: submission.promotions,
        gross_minor: Minor(874_000),
        quantity: Quantity::of(3),
        note: submission.note,
        placed_on_behalf: false,
        stocked: false,
        back_order: false,
        replaces: None,
        status: OrderStatus::Submitted,
    }))
}

pub(crate) fn confirmed() -> OrderEvent {
    let order_id = submission().order_id;
    OrderEvent::OrderConfirmed { order_id, status: OrderStatus::Confirmed }
}

pub(crate) fn shipped(moved: &[(u32, u32)], status: OrderStatus) -> OrderEvent {
    OrderEvent::OrderShipped { order_id: submission().order_id, lines: lines(moved), status }
}

pub(crate) fn received(moved: &[(u32, u32)], status: OrderStatus) -> OrderEvent {
    let (order_id, lines) = (submission().order_id, lines(moved));
    OrderEvent::OrderReceived { order_id, lines, differences: vec![], status }
}

pub(crate) fn cancelled() -> OrderEvent {
    OrderEvent::OrderCancelled {
        order_id: submission().order_id,
        reason: "下错型号".into(),
        status: OrderStatus::Cancelled,
    }
}

pub(crate) fn lines(moved: &[(u32, u32)]) -> Vec<LineQuantity> {
    let line =
        |&(line_no, units): &(u32, u32)| LineQuantity { line_no, quantity: Quantity::of(units) };
    moved.iter().map(line).collect()
}
