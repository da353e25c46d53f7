//! Carts that a dealer keeps, templates, orders that are made of them, and what is suggested.

use chrono::{Days, NaiveDate};
use proto::access::v1::Role;
use proto::common::v1::{PageRequest, Receipt};
use proto::order::v1 as order;
use proto::order::v1::cart_query_service_client::CartQueryServiceClient;
use proto::order::v1::cart_service_client::CartServiceClient;
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use proto::order::v1::order_service_client::OrderServiceClient;
use proto::order::v1::{CartKind, SuggestionBasis};
use tonic::{Code, Status};

use cluster_tests::support::funds::{cancel, shown};
use cluster_tests::support::shop::{self, dealer, order_of, product, reason, retire, submit};
use cluster_tests::support::system::{System, User, id};

fn lines(goods: &[(&str, u32)]) -> Vec<order::CartLine> {
    let line = |&(product_id, quantity): &(&str, u32)| order::CartLine {
        product_id: product_id.to_owned(),
        quantity,
    };
    goods.iter().map(line).collect()
}

fn cart(name: &str, kind: CartKind, goods: &[(&str, u32)]) -> order::SaveCartRequest {
    order::SaveCartRequest {
        request_id: id(),
        dealer_id: "hengtong".to_owned(),
        kind: kind.into(),
        name: name.to_owned(),
        lines: lines(goods),
        ..Default::default()
    }
}

async fn save(user: &User, wanted: order::SaveCartRequest) -> Result<Receipt, Status> {
    let mut carts = CartServiceClient::new(user.channel.clone());
    Ok(carts.save_cart(user.says(wanted)).await?.into_inner().receipt.unwrap())
}

async fn delete(user: &User, cart_id: &str) -> Result<Receipt, Status> {
    let wanted = order::DeleteCartRequest {
        request_id: id(),
        cart_id: cart_id.to_owned(),
        ..Default::default()
    };
    let mut carts = CartServiceClient::new(user.channel.clone());
    Ok(carts.delete_cart(user.says(wanted)).await?.into_inner().receipt.unwrap())
}

async fn get(user: &User, at: &Receipt) -> Result<order::GetCartResponse, Status> {
    let asked = order::GetCartRequest { cart_id: at.object_id.clone(), min_position: at.position };
    let mut carts = CartQueryServiceClient::new(user.channel.clone());
    Ok(carts.get_cart(user.says(asked)).await?.into_inner())
}

/// Names of carts, the last saved first.
async fn names(user: &User, asked: order::ListCartsRequest) -> Vec<String> {
    let mut carts = CartQueryServiceClient::new(user.channel.clone());
    let listed = carts.list_carts(user.says(asked)).await.unwrap().into_inner();
    assert!(listed.page.unwrap().total >= listed.carts.len() as u64);
    listed.carts.into_iter().map(|cart| cart.name).collect()
}

fn all_at(min_position: u64) -> order::ListCartsRequest {
    order::ListCartsRequest { min_position, ..Default::default() }
}

/// The goods of a cart with whether each can be ordered.
fn goods(cart: &order::GetCartResponse) -> Vec<(&str, u32, bool)> {
    let lines = cart.lines.iter();
    lines.map(|line| (line.product_id.as_str(), line.quantity, line.product.is_some())).collect()
}

async fn order_from(
    user: &User,
    order_id: &str,
    (cart_id, version): (&str, Option<u64>),
) -> Result<Receipt, Status> {
    let wanted = order::SubmitOrderRequest {
        cart_id: cart_id.to_owned(),
        cart_version: version,
        ..order_of(order_id, 24)
    };
    let mut orders = OrderServiceClient::new(user.channel.clone());
    Ok(orders.submit_order(user.says(wanted)).await?.into_inner().receipt.unwrap())
}

/// The shop with a second product, and somebody of the dealer.
async fn stocked(system: &System) -> (User, User) {
    let admin = shop::open(system).await;
    product(&admin, "cola-330", "可乐 330ml", &["汽水"]).await;
    product(&admin, "water-550", "矿泉水 550ml", &["水"]).await;
    let prices = [("cola-330", 200), ("water-550", 100)];
    shop::set_prices(&admin, "base", &prices).await;
    shop::open_account(&admin, "hengtong").await;
    let owner = system.user("acme", &[Role::DealerOwner], Some("hengtong"));
    (admin, owner)
}

#[tokio::test]
async fn a_dealer_keeps_carts_and_templates_and_orders_from_them() {
    let system = System::start().await;
    let (admin, owner) = stocked(&system).await;
    let december = cart("十二月备货", CartKind::Cart, &[("tea-500", 24), ("cola-330", 6)]);
    let december = save(&owner, december).await.unwrap();
    let usual = cart("常购", CartKind::Template, &[("tea-500", 24)]);
    let usual = save(&owner, usual).await.unwrap();
    let promotion = save(&admin, cart("促销", CartKind::Cart, &[])).await.unwrap();
    let at = promotion.position;
    assert_eq!(names(&owner, all_at(at)).await, ["促销", "常购", "十二月备货"]);
    let templates = order::ListCartsRequest { kind: CartKind::Template.into(), ..all_at(at) };
    assert_eq!(names(&owner, templates).await, ["常购"]);
    let searched = order::ListCartsRequest { search: "十二".to_owned(), ..all_at(at) };
    assert_eq!(names(&owner, searched).await, ["十二月备货"]);
    let page = PageRequest { size: 1, token: "1".to_owned() };
    let second = order::ListCartsRequest { page: Some(page), ..all_at(at) };
    assert_eq!(names(&owner, second).await, ["常购"]);

    let shown = get(&owner, &december).await.unwrap();
    let priced = shown.lines[0].product.as_ref().unwrap();
    assert_eq!((priced.unit_price_minor, priced.base_unit.as_str()), (Some(shop::PRICE), "瓶"));
    let head = shown.cart.as_ref().unwrap();
    assert_eq!((head.dealer_name.as_str(), head.line_count, head.quantity), ("苏州恒通", 2, 30));
    assert!(!head.saved_by.is_empty(), "{head:?}");

    // What can not be ordered any more stays in the cart, and is told.
    retire(&admin, "cola-330").await;
    let again = cart("十二月备货", CartKind::Cart, &[("tea-500", 48), ("cola-330", 6)]);
    let cart_id = december.object_id.clone();
    let again = order::SaveCartRequest { cart_id, expected_version: Some(1), ..again };
    let again = save(&owner, again).await.unwrap();
    assert_eq!(again.version, 2);
    let shown = get(&owner, &again).await.unwrap();
    assert_eq!(goods(&shown), [("tea-500", 48, true), ("cola-330", 6, false)]);

    // A template stays, however many orders are made of it; a cart becomes one.
    for order_id in ["SO-1", "SO-2"] {
        order_from(&owner, order_id, (&usual.object_id, None)).await.unwrap();
    }
    let stale = order_from(&owner, "SO-3", (&december.object_id, Some(1))).await.unwrap_err();
    assert_eq!(reason(&stale), "CART_CHANGED", "{stale:?}");
    let done = order_from(&owner, "SO-3", (&december.object_id, Some(2))).await.unwrap();
    assert_eq!(done.object_id, "SO-3", "the receipt is the order's");
    let twice = order_from(&owner, "SO-4", (&december.object_id, None)).await.unwrap_err();
    assert_eq!(reason(&twice), "CART_SUBMITTED", "{twice:?}");
    assert!(twice.message().contains("SO-3"), "{twice:?}");
    assert_eq!(names(&owner, all_at(done.position)).await, ["促销", "常购"]);
    assert_eq!(reason(&get(&owner, &december).await.unwrap_err()), "CART_NOT_FOUND");
    let gone = delete(&owner, &promotion.object_id).await.unwrap();
    assert_eq!(names(&owner, all_at(gone.position)).await, ["常购"]);
    let no = delete(&owner, &promotion.object_id).await.unwrap_err();
    assert_eq!((no.code(), reason(&no)), (Code::FailedPrecondition, "CART_DELETED".to_owned()));
}

#[tokio::test]
async fn two_tabs_do_not_overwrite_each_others_cart() {
    let system = System::start().await;
    let (_, owner) = stocked(&system).await;
    let first = save(&owner, cart("两个窗口", CartKind::Cart, &[("tea-500", 1)])).await.unwrap();
    let change = |quantity| order::SaveCartRequest {
        cart_id: first.object_id.clone(),
        expected_version: Some(1),
        ..cart("两个窗口", CartKind::Cart, &[("tea-500", quantity)])
    };
    let (one, other) = tokio::join!(save(&owner, change(2)), save(&owner, change(3)));
    let (kept, refused) = match (one, other) {
        (Ok(saved), Err(no)) => ((saved, 2), no),
        (Err(no), Ok(saved)) => ((saved, 3), no),
        both => panic!("one of them: {both:?}"),
    };
    assert_eq!(refused.code(), Code::Aborted, "{refused:?}");
    let shown = get(&owner, &kept.0).await.unwrap();
    assert_eq!(goods(&shown), [("tea-500", kept.1, true)]);
    let twice = cart("重复", CartKind::Cart, &[("tea-500", 1), ("tea-500", 2)]);
    let no = save(&owner, twice).await.unwrap_err();
    assert_eq!(no.code(), Code::InvalidArgument, "{no:?}");
}

#[tokio::test]
async fn carts_are_seen_by_their_own_dealer_and_by_whom_the_brand_lets() {
    let system = System::start().await;
    let (admin, owner) = stocked(&system).await;
    shop::region(&admin, "west", "西部").await;
    dealer(&admin, "xifeng", "west").await;
    shop::open_account(&admin, "xifeng").await;
    let other = system.user("acme", &[Role::DealerStaff], Some("xifeng"));
    let (here, there) = (system.manager("acme", &["east"]), system.manager("acme", &["west"]));
    let mine = save(&owner, cart("我的", CartKind::Cart, &[("tea-500", 1)])).await.unwrap();
    let at = mine.position;
    for user in [&owner, &admin, &here] {
        assert_eq!(names(user, all_at(at)).await, ["我的"]);
        get(user, &mine).await.unwrap();
    }
    for user in [&other, &there] {
        assert_eq!(names(user, all_at(at)).await, Vec::<String>::new());
        assert_eq!(reason(&get(user, &mine).await.unwrap_err()), "CART_NOT_FOUND");
        assert_eq!(reason(&delete(user, &mine.object_id).await.unwrap_err()), "CART_NOT_FOUND");
    }
    let cart_id = mine.object_id.clone();
    let theirs = order::SaveCartRequest {
        dealer_id: "xifeng".to_owned(),
        cart_id,
        ..cart("抢来的", CartKind::Cart, &[])
    };
    for user in [&other, &there, &admin] {
        let no = save(user, theirs.clone()).await.unwrap_err();
        assert_eq!(reason(&no), "CART_NOT_FOUND", "{no:?}");
    }
    let ordered = order::SubmitOrderRequest {
        dealer_id: "xifeng".to_owned(),
        cart_id: mine.object_id.clone(),
        ..order_of("SO-9", 1)
    };
    let mut orders = OrderServiceClient::new(other.channel.clone());
    let no = orders.submit_order(other.says(ordered)).await.unwrap_err();
    assert_eq!(reason(&no), "CART_NOT_FOUND", "{no:?}");
}

/// Orders goods on a day.
async fn ordered(admin: &User, order_id: &str, on: NaiveDate, goods: &[(&str, u32)]) -> Receipt {
    let line = |&(product_id, quantity): &(&str, u32)| order::SubmitOrderLine {
        product_id: product_id.to_owned(),
        quantity,
        unit_price_minor: None,
    };
    let wanted = order::SubmitOrderRequest {
        lines: goods.iter().map(line).collect(),
        business_date: on.to_string(),
        ..order_of(order_id, 1)
    };
    submit(admin, &wanted).await
}

#[tokio::test]
async fn what_a_dealer_usually_orders_is_suggested_when_it_is_due() {
    let system = System::start().await;
    let (admin, owner) = stocked(&system).await;
    product(&admin, "milk-250", "牛奶 250ml", &["奶"]).await;
    shop::set_prices(&admin, "base", &[("milk-250", 300)]).await;
    // The day in the time zone of the brand.
    let today = order_day(&admin).await;
    let ago = |days: u64| today - Days::new(days);
    ordered(&admin, "SO-1", ago(91), &[("water-550", 500)]).await;
    ordered(&admin, "SO-2", ago(30), &[("tea-500", 24), ("cola-330", 12)]).await;
    ordered(&admin, "SO-3", ago(20), &[("tea-500", 48), ("tea-500", 24), ("milk-250", 6)]).await;
    ordered(&admin, "SO-4", ago(13), &[("tea-500", 48), ("cola-330", 12), ("milk-250", 6)]).await;
    ordered(&admin, "SO-5", ago(8), &[("tea-500", 240), ("water-550", 99)]).await;
    ordered(&admin, "SO-6", ago(3), &[("tea-500", 960)]).await;
    cancel(&admin, "SO-6").await.unwrap();
    let at = retire(&admin, "milk-250").await.position;

    let asked = order::SuggestOrderRequest { min_position: at, ..Default::default() };
    let mut carts = CartQueryServiceClient::new(owner.channel.clone());
    let told = carts.suggest_order(owner.says(asked)).await.unwrap().into_inner();
    assert_eq!((told.orders, told.since), (4, ago(90).to_string()));
    let lines = told.lines.iter().map(|line| {
        let product = line.product.as_ref().unwrap();
        let days = (line.interval_days, line.days_since, line.is_due);
        (product.product_id.as_str(), line.basis(), line.quantity, line.orders, days)
    });
    // Tea: 24, 72, 48 and 240, after 10, 7 and 5 days. Milk is not sold any more, and the first
    // order of water is too long ago.
    let wanted = [
        ("tea-500", SuggestionBasis::Usual, 48, 4, (7, 8, true)),
        ("cola-330", SuggestionBasis::Usual, 12, 2, (17, 13, false)),
        ("water-550", SuggestionBasis::LastOrder, 99, 1, (0, 8, false)),
    ];
    assert_eq!(lines.collect::<Vec<_>>(), wanted);

    let asked = order::SuggestOrderRequest::default();
    let mut carts = CartQueryServiceClient::new(admin.channel.clone());
    let no = carts.suggest_order(admin.says(asked)).await.unwrap_err();
    assert_eq!(no.code(), Code::InvalidArgument, "the brand says for whom: {no:?}");
    let (said, suggested) = system.qudao(&admin, &["carts", "suggest", "--dealer", "hengtong"]);
    assert!(said && suggested[0]["is_due"] == true, "{suggested}");
}

/// The day on which an order counts that says none.
async fn order_day(admin: &User) -> NaiveDate {
    let at = submit(admin, &order_of("SO-0", 1)).await;
    cancel(admin, "SO-0").await.unwrap();
    let order = shown(admin, "SO-0", at.position).await;
    order.summary.unwrap().business_date.parse().unwrap()
}

#[tokio::test]
async fn an_order_is_ordered_again_at_todays_prices() {
    let system = System::start().await;
    let (admin, owner) = stocked(&system).await;
    let at = submit(&owner, &order_of("SO-1", 24)).await.position;
    let before = shown(&owner, "SO-1", at).await;
    let at = shop::set_prices(&admin, "base", &[("tea-500", 400)]).await.position;
    // What the lines of the order are today, asked for by their ids and by their names.
    let product_ids = before.lines.iter().map(|line| line.product_id.clone()).collect();
    let asked = order::ListProductsRequest {
        product_ids,
        names: vec!["可乐 330ML".to_owned()],
        min_position: at,
        ..Default::default()
    };
    let mut lists = OrderQueryServiceClient::new(owner.channel.clone());
    let told = lists.list_products(owner.says(asked)).await.unwrap().into_inner();
    let prices = told.products.iter().map(|it| (it.product_id.as_str(), it.unit_price_minor));
    let prices: Vec<_> = prices.collect();
    assert_eq!(prices, [("tea-500", Some(400)), ("cola-330", Some(200))]);
    let pack = &told.products[0].packagings[0];
    assert_eq!((pack.unit.as_str(), pack.base_quantity), ("箱", 24));
    // At the old price it is asked again, and nothing is ordered.
    let mut orders = OrderServiceClient::new(owner.channel.clone());
    let no = orders.submit_order(owner.says(order_of("SO-2", 24))).await.unwrap_err();
    assert_eq!(reason(&no), "PRICE_CHANGED", "{no:?}");
    let mut again = order_of("SO-2", 24);
    again.lines[0].unit_price_minor = Some(400);
    submit(&owner, &again).await;
}

#[tokio::test]
async fn the_command_line_keeps_carts() {
    let system = System::start().await;
    let (admin, _) = stocked(&system).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "商品,数量\ntea-500,24\ncola-330,6\ntea-500,24\n").unwrap();
    let path = file.path().to_str().unwrap();
    let save = ["carts", "save", "--dealer", "hengtong", "--name", "表格", "--csv", path];
    let (done, saved) = system.qudao(&admin, &save);
    assert!(done, "{saved}");
    let cart_id = saved["cart_id"].as_str().unwrap();
    let at = saved["position"].to_string();
    let (_, shown) = system.qudao(&admin, &["carts", "show", cart_id, "--min-position", &at]);
    assert_eq!(shown["lines"][0]["quantity"], 48, "{shown}");
    let (_, listed) = system.qudao(&admin, &["carts", "list", "--kind", "cart"]);
    assert_eq!(listed[0]["name"], "表格", "{listed}");
    let stale = ["carts", "delete", cart_id, "--version", "7"];
    assert!(!system.qudao(&admin, &stale).0, "it has another version");
    let (done, _) = system.qudao(&admin, &["carts", "delete", cart_id, "--version", "1"]);
    assert!(done);
}
