//! What an order freezes, and when it can not be priced.

use kernel::Refusal as _;
use kernel::spec::given;
use order::account::Account;
use order::order::{Order, OrderRefusal};
use order::price_list::PriceList;
use order::product::{Product, ProductEvent};
use values::{Minor, PriceListId, Quantity};

use crate::world::{
    Shop, after, basket, list_created, prices_set, product_id, region_path, sku, submission, usd,
};

#[test]
fn an_order_remembers_names_regions_and_prices() {
    let submission = submission();
    assert_eq!(submission.dealer_name, "堪萨斯 29ers");
    assert_eq!(submission.region_path, region_path());
    assert_eq!(submission.currency, usd());

    let line = &submission.lines[0];
    assert_eq!((line.line_no, line.product_id.as_str()), (1, "trail-1"));
    assert_eq!((line.product_name.as_str(), line.base_unit.as_str()), ("trail-1 bike", "辆"));
    assert_eq!(line.category_path, ["Mountain", "Trail"]);
    assert_eq!((line.quantity, line.unit_price_minor), (Quantity::of(2), Minor(300_000)));
    assert_eq!(line.gross_minor, Minor(600_000));
    assert_eq!(line.price_list_id, PriceListId::base());
}

#[test]
fn a_product_may_stand_on_several_lines() {
    let priced = Shop::open().price(&basket(&[("trail-1", 1, None), ("trail-1", 4, None)]));
    let lines = priced.expect("priced").lines;
    assert_eq!(lines.iter().map(|line| line.line_no).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(lines[1].gross_minor, Minor(1_200_000));
}

#[test]
fn a_dealer_without_an_account_may_try_again_soon() {
    let shop = Shop { account: Account::Unopened, ..Shop::open() };
    let refusal = shop.price(&basket(&[("trail-1", 1, None)])).expect_err("refused");
    let dealer_id = "kansas-29ers".parse().expect("a dealer id");
    assert_eq!(refusal, OrderRefusal::AccountNotOpen { dealer_id });
    assert_eq!(refusal.reason(), "ACCOUNT_NOT_OPEN");
    assert!(refusal.retry_soon());
}

#[test]
fn unknown_and_retired_products_can_not_be_ordered() {
    let mut shop = Shop::open();
    let retired =
        ProductEvent::ProductRetired { product_id: product_id("race-2"), reason: "停产".into() };
    let race = after::<Product>([ProductEvent::ProductPublished(sku("race-2")), retired]);
    shop.products.insert(product_id("race-2"), race.into());
    for id in ["race-2", "ghost"] {
        let refusal = shop.price(&basket(&[("trail-1", 1, None), (id, 1, None)]));
        let product_id = product_id(id);
        assert_eq!(refusal, Err(OrderRefusal::ProductNotOrderable { line_no: 2, product_id }));
    }
}

#[test]
fn a_product_without_a_price_is_never_free() {
    let missing = OrderRefusal::PriceMissing { line_no: 1, product_id: product_id("trail-1") };
    let without_list = Shop { list: PriceList::Uncreated, ..Shop::open() };
    let without_price = Shop { list: after([list_created()]), ..Shop::open() };
    for shop in [without_list, without_price] {
        assert_eq!(shop.price(&basket(&[("trail-1", 1, None)])), Err(missing.clone()));
    }
}

#[test]
fn a_price_that_changed_is_never_taken_silently() {
    let shop = Shop::open();
    assert!(shop.price(&basket(&[("trail-1", 1, Some(300_000))])).is_ok());

    let refusal = shop.price(&basket(&[("trail-1", 1, Some(290_000))])).expect_err("refused");
    assert_eq!(
        refusal,
        OrderRefusal::PriceChanged {
            line_no: 1,
            product_id: product_id("trail-1"),
            seen: Minor(290_000),
            current: Minor(300_000),
            currency: usd(),
        }
    );
    let zh =
        "第 1 行：商品 trail-1 的价格已由 USD 2,900.00 变为 USD 3,000.00，请确认新价格后重新提交";
    assert_eq!(refusal.text().zh, zh);
    assert!(!refusal.retry_soon());
}

#[test]
fn an_order_too_dear_to_count_is_refused() {
    let list = after([list_created(), prices_set(&[("trail-1", None, i64::MAX / 2)])]);
    let shop = Shop { list, ..Shop::open() };
    for lines in [&[("trail-1", 3, None)][..], &[("trail-1", 2, None), ("trail-1", 2, None)]] {
        assert_eq!(shop.price(&basket(lines)), Err(OrderRefusal::AmountTooLarge));
    }
    // The order itself counts again.
    let mut submission = shop.price(&basket(&[("trail-1", 2, None)])).expect("it fits");
    submission.lines.extend(submission.lines.clone());
    let submit = order::order::OrderCommand::Submit(Box::new(submission));
    given::<Order>([]).when(submit).then_refused(OrderRefusal::AmountTooLarge);
}

#[test]
fn an_empty_basket_is_no_order() {
    assert_eq!(Shop::open().price(&basket(&[])), Err(OrderRefusal::WrongNumberOfLines));
}
