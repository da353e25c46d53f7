//! Products, price lists, accounts.

use kernel::DomainEvent as _;
use kernel::spec::{given, given_nothing};
use order::account::{Account, AccountCommand, AccountRefusal};
use order::price_list::{
    FloorChange, PriceList, PriceListCommand, PriceListEvent, PriceListRefusal, Tariff,
};
use order::product::{Packaging, Product, ProductCommand, ProductEvent, ProductRefusal};
use values::{BusinessDate, Minor, PriceListId, Quantity};

use crate::world::{account_opened, list_created, prices_set, product_id, region_path, sku, usd};

fn published() -> ProductEvent {
    ProductEvent::ProductPublished(sku("trail-1"))
}

fn today() -> BusinessDate {
    "2026-11-23".parse().expect("a day")
}

/// A price that is another one counts from the day on which it is set.
fn from_today(mut event: PriceListEvent) -> PriceListEvent {
    if let PriceListEvent::BasePricesSet { prices, .. } = &mut event {
        for price in prices.iter_mut().filter(|price| price.previous_minor.is_some()) {
            price.effective_on = Some(today());
        }
    }
    event
}

fn retired() -> ProductEvent {
    ProductEvent::ProductRetired { product_id: product_id("trail-1"), reason: "停产".into() }
}

fn retire() -> ProductCommand {
    ProductCommand::Retire { reason: "停产".into() }
}

fn set(prices: &[(&str, i64)]) -> PriceListCommand {
    let price = |&(id, minor): &(&str, i64)| (product_id(id), Tariff::flat(Minor(minor)));
    let prices = prices.iter().map(price).collect();
    PriceListCommand::SetBasePrices { prices, effective_on: None, today: today() }
}

fn create() -> PriceListCommand {
    PriceListCommand::Create {
        price_list_id: PriceListId::base(),
        name: "经销商基准价".into(),
        currency: usd(),
    }
}

#[test]
fn a_product_comes_into_the_range_and_leaves_it() {
    given_nothing::<Product>().when(ProductCommand::Publish(sku("trail-1"))).then([published()]);
    given::<Product>([published()]).when(retire()).then([retired()]);
}

#[test]
fn a_product_can_be_called_something_else() {
    let rename = |name: &str| ProductCommand::Rename { name: name.into() };
    let renamed = ProductEvent::ProductRenamed {
        product_id: product_id("trail-1"),
        name: "山道二号".into(),
    };
    given_nothing::<Product>().when(rename("山道")).then_refused(ProductRefusal::ProductNotFound);
    let product = given::<Product>([published()]).when(rename("山道二号")).then([renamed.clone()]);
    assert_eq!(product.orderable().unwrap().name, "山道二号");
    given::<Product>([published(), renamed]).when(rename("山道二号")).then_nothing();
}

#[test]
fn a_product_is_published_and_retired_once() {
    let product_id = || product_id("trail-1");
    given_nothing::<Product>().when(retire()).then_refused(ProductRefusal::ProductNotFound);
    given::<Product>([published()])
        .when(ProductCommand::Publish(sku("trail-1")))
        .then_refused(ProductRefusal::AlreadyPublished { product_id: product_id() });
    for command in [retire(), ProductCommand::Publish(sku("trail-1"))] {
        given::<Product>([published(), retired()])
            .when(command)
            .then_refused(ProductRefusal::AlreadyRetired { product_id: product_id() });
    }
}

#[test]
fn the_units_of_a_product_have_different_names() {
    for unit in ["箱", "辆"] {
        let mut twice = sku("trail-1");
        twice.packagings.push(Packaging { unit: unit.into(), base_quantity: Quantity::of(9) });
        given_nothing::<Product>()
            .when(ProductCommand::Publish(twice))
            .then_refused(ProductRefusal::UnitTwice { unit: unit.into() });
    }
}

#[test]
fn a_price_list_is_created_once() {
    given_nothing::<PriceList>().when(create()).then([list_created()]);
    given::<PriceList>([list_created()])
        .when(create())
        .then_refused(PriceListRefusal::AlreadyCreated { price_list_id: PriceListId::base() });
    given_nothing::<PriceList>()
        .when(set(&[("trail-1", 1)]))
        .then_refused(PriceListRefusal::PriceListNotFound);
}

#[test]
fn only_prices_that_changed_are_facts() {
    let before = || [list_created(), prices_set(&[("trail-1", None, 300), ("race-2", None, 200)])];
    given::<PriceList>(before())
        .when(set(&[("race-2", 200), ("trail-1", 310), ("urban-3", 100)]))
        .then([from_today(prices_set(&[("trail-1", Some(300), 310), ("urban-3", None, 100)]))]);
    given::<PriceList>(before()).when(set(&[("race-2", 200)])).then_nothing();
}

#[test]
fn nothing_is_free_of_charge() {
    for price in [0, -1] {
        given::<PriceList>([list_created()])
            .when(set(&[("trail-1", price)]))
            .then_refused(PriceListRefusal::PriceNotPositive { product_id: product_id("trail-1") });
    }
}

#[test]
fn a_floor_is_not_above_the_price_and_can_be_taken_away() {
    let floor = |id: &str, minor: i64| PriceListCommand::SetFloorPrices {
        floors: [(product_id(id), Minor(minor))].into(),
        today: today(),
    };
    let changed = |now: i64, before: Option<i64>| PriceListEvent::FloorPricesSet {
        price_list_id: PriceListId::base(),
        currency: usd(),
        floors: vec![FloorChange {
            product_id: product_id("trail-1"),
            floor_price_minor: Minor(now),
            previous_minor: before.map(Minor),
        }],
    };
    let priced = || [list_created(), prices_set(&[("trail-1", None, 300)])];
    let floored = || priced().into_iter().chain([changed(300, None)]);
    given::<PriceList>(priced()).when(floor("trail-1", 300)).then([changed(300, None)]);
    given::<PriceList>(priced()).when(floor("trail-1", 0)).then_nothing();
    given::<PriceList>(floored()).when(floor("trail-1", 300)).then_nothing();
    given::<PriceList>(floored()).when(floor("trail-1", 0)).then([changed(0, Some(300))]);
    let above = PriceListRefusal::FloorAbovePrice {
        product_id: product_id("trail-1"),
        price: Minor(300),
        currency: usd(),
    };
    given::<PriceList>(priced()).when(floor("trail-1", 301)).then_refused(above);
    let without = PriceListRefusal::FloorWithoutPrice { product_id: product_id("race-2") };
    given::<PriceList>(priced()).when(floor("race-2", 1)).then_refused(without);
    given_nothing::<PriceList>()
        .when(floor("trail-1", 1))
        .then_refused(PriceListRefusal::PriceListNotFound);
}

#[test]
fn an_account_is_opened_once() {
    let open = || AccountCommand::Open {
        dealer_id: "kansas-29ers".parse().expect("a dealer id"),
        dealer_name: "堪萨斯 29ers".into(),
        region_path: region_path(),
    };
    given_nothing::<Account>().when(open()).then([account_opened()]);
    let dealer_id = "kansas-29ers".parse().expect("a dealer id");
    given::<Account>([account_opened()])
        .when(open())
        .then_refused(AccountRefusal::AlreadyOpened { dealer_id });
}

#[test]
fn events_of_the_catalogue_read_as_sentences() {
    let zh = |text: kernel::Text| text.zh;
    let one = prices_set(&[("trail-1", Some(300_000), 310_000)]);
    assert_eq!(
        zh(one.sentence()),
        "价格表 base 中商品 trail-1 的价格由 USD 3,000.00 改为 USD 3,100.00"
    );
    let two = prices_set(&[("trail-1", None, 1), ("race-2", None, 2)]);
    assert_eq!(zh(two.sentence()), "价格表 base 设定了 2 个商品的价格");
    assert_eq!(
        zh(published().sentence()),
        "商品 trail-1 bike（trail-1）已发布，类别：Mountain / Trail"
    );
    let opened = account_opened().sentence();
    assert_eq!(opened.zh, "经销商 堪萨斯 29ers 开通了订货账户，区域：西部大区");
}
