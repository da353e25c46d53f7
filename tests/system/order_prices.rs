//! What dealers pay: lists for some of them, levels from a day on, and why a price is what it is.

use std::time::Duration;

use proto::access::v1::Role;
use proto::order::v1 as order;
use proto::order::v1::PriceListVerdict as Verdict;
use proto::order::v1::account_service_client::AccountServiceClient;
use proto::order::v1::catalogue_query_service_client::CatalogueQueryServiceClient;
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use proto::order::v1::price_list_service_client::PriceListServiceClient;
use proto::partner::v1 as partner;
use proto::partner::v1::dealer_service_client::DealerServiceClient;
use proto::partner::v1::partner_query_service_client::PartnerQueryServiceClient;
use tonic::Status;

use cluster_tests::support::shop::{
    self, PRICE, dealer, open_account, order_of, price_list, quote, reason, set_prices, submit,
};
use cluster_tests::support::system::{System, User, id};

async fn define(admin: &User) -> u64 {
    let level = |level_id: &str, name: &str| partner::DealerLevel {
        level_id: level_id.to_owned(),
        name: name.to_owned(),
    };
    let channel =
        partner::DealerChannel { channel_id: "retail".to_owned(), name: "零售".to_owned() };
    let define = partner::DefineDealerClassesRequest {
        request_id: id(),
        levels: vec![level("gold", "金牌"), level("silver", "银牌")],
        channels: vec![channel],
        ..Default::default()
    };
    let mut dealers = DealerServiceClient::new(admin.channel.clone());
    let defined = dealers.define_dealer_classes(admin.says(define)).await.unwrap();
    defined.into_inner().receipt.unwrap().position
}

async fn classify(admin: &User, dealer: &str, level: &str, on: &str) -> Result<u64, Status> {
    let classify = partner::ClassifyDealerRequest {
        request_id: id(),
        dealer_id: dealer.to_owned(),
        level_id: level.to_owned(),
        channel_id: "retail".to_owned(),
        effective_on: on.to_owned(),
        ..Default::default()
    };
    let mut dealers = DealerServiceClient::new(admin.channel.clone());
    let classified = dealers.classify_dealer(admin.says(classify)).await?;
    Ok(classified.into_inner().receipt.unwrap().position)
}

async fn place(admin: &User, list: &str, levels: &[&str]) -> Result<(), Status> {
    let audience = order::PromotionAudience {
        level_ids: levels.iter().map(ToString::to_string).collect(),
        ..Default::default()
    };
    let place = order::PlacePriceListRequest {
        request_id: id(),
        price_list_id: list.to_owned(),
        from: "2026-01-01".to_owned(),
        audience: Some(audience),
        ..Default::default()
    };
    let mut lists = PriceListServiceClient::new(admin.channel.clone());
    lists.place_price_list(admin.says(place)).await.map(drop)
}

async fn explain(
    user: &User,
    dealer: &str,
    quantity: u32,
) -> Result<order::ExplainPriceResponse, Status> {
    let asked = order::ExplainPriceRequest {
        dealer_id: dealer.to_owned(),
        product_id: "tea-500".to_owned(),
        quantity,
        ..Default::default()
    };
    let mut lists = PriceListServiceClient::new(user.channel.clone());
    lists.explain_price(user.says(asked)).await.map(tonic::Response::into_inner)
}

/// Waits until the level of a dealer has got to where orders are decided.
async fn is_of(admin: &User, dealer: &str, level: &str) {
    for _ in 0..300 {
        if explain(admin, dealer, 1).await.unwrap().level_id == level {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{dealer} never was of {level}");
}

async fn shown(user: &User, dealer: &str, min_position: u64) -> Vec<order::Product> {
    let dealer_id = dealer.to_owned();
    let asked = order::ListProductsRequest { dealer_id, min_position, ..Default::default() };
    let mut lists = OrderQueryServiceClient::new(user.channel.clone());
    lists.list_products(user.says(asked)).await.unwrap().into_inner().products
}

#[tokio::test]
async fn a_dealer_pays_what_its_level_pays_and_is_told_why() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    dealer(&admin, "star", "east").await;
    open_account(&admin, "hengtong").await;
    open_account(&admin, "star").await;
    let no = classify(&admin, "hengtong", "gold", "").await.unwrap_err();
    assert_eq!(reason(&no), "LEVEL_NOT_DEFINED");
    define(&admin).await;
    let classified = classify(&admin, "hengtong", "gold", "").await.unwrap();
    price_list(&admin, "gold", "金牌价", &[("tea-500", 320)]).await;
    let position = set_prices(&admin, "gold", &[("tea-500", 300)]).await.position;
    assert_eq!(quote(&admin, "hengtong", 1).await.unwrap().net_minor, PRICE, "it is not placed");
    place(&admin, "gold", &["gold"]).await.unwrap();
    is_of(&admin, "hengtong", "gold").await;

    let told = quote(&admin, "hengtong", 2).await.unwrap();
    assert_eq!((told.net_minor, told.lines[0].price_list_id.as_str()), (600, "gold"));
    assert_eq!(quote(&admin, "star", 2).await.unwrap().net_minor, 2 * PRICE);
    let dear = submit_refused(&admin, &order_of("SO-1", 2)).await;
    assert_eq!(reason(&dear), "PRICE_CHANGED");
    let mut right = order_of("SO-1", 2);
    right.lines[0].unit_price_minor = Some(300);
    submit(&admin, &right).await;

    let why = |told: &order::ExplainPriceResponse| -> Vec<(String, Verdict)> {
        let one = |it: &order::TriedPriceList| (it.price_list_id.clone(), it.verdict());
        told.price_lists.iter().map(one).collect()
    };
    let told = explain(&admin, "star", 1).await.unwrap();
    assert_eq!(told.unit_price_minor, Some(PRICE));
    assert_eq!(why(&told), [("gold".into(), Verdict::Level), ("base".into(), Verdict::Used)]);
    let told = explain(&admin, "hengtong", 1).await.unwrap();
    assert_eq!(why(&told), [("gold".into(), Verdict::Used), ("base".into(), Verdict::Later)]);
    assert_eq!(told.visibility(), order::Visibility::Visible);
    let star = system.user("acme", &[Role::DealerStaff], Some("star"));
    let own = explain(&star, "star", 1).await.unwrap();
    assert_eq!(why(&own), [("base".into(), Verdict::Used)], "others' lists are not told");
    let no = explain(&star, "hengtong", 1).await.unwrap_err();
    assert_eq!(no.code(), tonic::Code::PermissionDenied, "{no:?}");

    let asked = ["prices", "explain", "--dealer", "star", "--product", "tea-500"];
    let (went_well, said) = system.qudao(&admin, &asked);
    assert!(went_well, "{said}");
    assert_eq!(
        (&said["unit_price_minor"], &said["price_list_id"]),
        (&PRICE.into(), &"base".into())
    );
    assert_eq!(said["price_lists"][0]["verdict"], "level");

    // Lists that people look into say the same.
    let mut partners = PartnerQueryServiceClient::new(admin.channel.clone());
    let asked = partner::ListDealersRequest { min_position: classified, ..Default::default() };
    let dealers = partners.list_dealers(admin.says(asked)).await.unwrap().into_inner().dealers;
    let hengtong = dealers.iter().find(|it| it.dealer_id == "hengtong").unwrap();
    assert_eq!((hengtong.level_id.as_str(), hengtong.channel_id.as_str()), ("gold", "retail"));
    let price = |products: &[order::Product]| products[0].unit_price_minor;
    for _ in 0..300 {
        if price(&shown(&admin, "hengtong", position).await) == Some(300) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(price(&shown(&admin, "hengtong", position).await), Some(300));
    assert_eq!(price(&shown(&star, "", position).await), Some(PRICE));
    assert_eq!(price(&shown(&admin, "", position).await), Some(PRICE), "the base price");
}

async fn submit_refused(user: &User, request: &order::SubmitOrderRequest) -> Status {
    use proto::order::v1::order_service_client::OrderServiceClient;
    let mut orders = OrderServiceClient::new(user.channel.clone());
    orders.submit_order(user.says(request.clone())).await.unwrap_err()
}

#[tokio::test]
async fn a_class_is_noted_of_an_open_account_only_and_by_integrations_only() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    let policy = system.user("acme", &[Role::Integration], None);
    let note = |dealer: &str| order::NoteDealerClassRequest {
        request_id: id(),
        dealer_id: dealer.to_owned(),
        level_id: "gold".to_owned(),
        ..Default::default()
    };
    let mut accounts = AccountServiceClient::new(admin.channel.clone());
    let no = accounts.note_dealer_class(policy.says(note("nobody"))).await.unwrap_err();
    assert_eq!(reason(&no), "NOT_OPENED");
    let no = accounts.note_dealer_class(admin.says(note("hengtong"))).await.unwrap_err();
    assert_eq!(reason(&no), "ROLE_MISSING");
    open_account(&admin, "hengtong").await;
    let first = accounts.note_dealer_class(policy.says(note("hengtong"))).await.unwrap();
    let again = accounts.note_dealer_class(policy.says(note("hengtong"))).await.unwrap();
    let version = |answer: tonic::Response<order::NoteDealerClassResponse>| {
        answer.into_inner().receipt.unwrap().version
    };
    assert_eq!(version(first), version(again), "a second request of the same is no second fact");
    assert_eq!(explain(&admin, "hengtong", 1).await.unwrap().level_id, "gold");
}

#[tokio::test]
async fn lists_are_placed_announced_withdrawn_and_taken_out() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    open_account(&admin, "hengtong").await;
    define(&admin).await;
    price_list(&admin, "spring", "春季价", &[("tea-500", 340)]).await;
    let no = place(&admin, "nowhere", &[]).await.unwrap_err();
    assert_eq!(reason(&no), "PRICE_LIST_NOT_FOUND");
    place(&admin, "spring", &[]).await.unwrap();
    assert_eq!(quote(&admin, "hengtong", 1).await.unwrap().net_minor, 340);

    let mut lists = PriceListServiceClient::new(admin.channel.clone());
    let steps = vec![order::PriceBreak { from_quantity: 10, unit_price_minor: 330 }];
    let price = order::BasePrice {
        product_id: "tea-500".to_owned(),
        unit_price_minor: 345,
        breaks: steps.clone(),
    };
    let announce = order::SetBasePricesRequest {
        request_id: id(),
        price_list_id: "spring".to_owned(),
        prices: vec![price],
        effective_on: "2099-01-01".to_owned(),
        ..Default::default()
    };
    let position = lists.set_base_prices(admin.says(announce)).await.unwrap().into_inner();
    let min_position = position.receipt.unwrap().position;
    assert_eq!(quote(&admin, "hengtong", 10).await.unwrap().net_minor, 3_400, "not yet");
    let mut listed = CatalogueQueryServiceClient::new(admin.channel.clone());
    let asked = order::ListPricesRequest {
        price_list_id: "spring".to_owned(),
        min_position,
        ..Default::default()
    };
    let prices = listed.list_prices(admin.says(asked.clone())).await.unwrap().into_inner();
    let [price] = prices.prices.as_slice() else { panic!("{prices:?}") };
    assert_eq!((price.unit_price_minor, price.product_name.as_str()), (Some(340), "冰红茶 500ml"));
    let announced = &price.announced[0];
    assert_eq!((announced.effective_on.as_str(), announced.unit_price_minor), ("2099-01-01", 345));
    assert_eq!(announced.breaks, steps);
    let asked_lists = order::ListPriceListsRequest { min_position, ..Default::default() };
    let all = listed.list_price_lists(admin.says(asked_lists)).await.unwrap().into_inner();
    let told: Vec<_> =
        all.price_lists.iter().map(|it| (it.price_list_id.as_str(), it.product_count)).collect();
    assert_eq!(told, [("base", 1), ("spring", 1)]);
    assert_eq!(all.price_lists[1].placement.as_ref().unwrap().from, "2026-01-01");

    let withdraw = order::WithdrawPricesRequest {
        request_id: id(),
        price_list_id: "spring".to_owned(),
        product_ids: vec!["tea-500".to_owned()],
        ..Default::default()
    };
    let withdrawn = lists.withdraw_prices(admin.says(withdraw)).await.unwrap().into_inner();
    assert_eq!(quote(&admin, "hengtong", 1).await.unwrap().net_minor, PRICE, "the next list");
    let min_position = withdrawn.receipt.unwrap().position;
    let asked = order::ListPricesRequest { min_position, ..asked };
    assert!(listed.list_prices(admin.says(asked)).await.unwrap().into_inner().prices.is_empty());
    let out = order::TakeOutPriceListRequest {
        request_id: id(),
        price_list_id: "spring".to_owned(),
        reason: "季节已过".to_owned(),
        ..Default::default()
    };
    lists.take_out_price_list(admin.says(out.clone())).await.unwrap();
    let again = order::TakeOutPriceListRequest { request_id: id(), ..out };
    let no = lists.take_out_price_list(admin.says(again)).await.unwrap_err();
    assert_eq!(reason(&no), "NOT_PLACED");
}

#[tokio::test]
async fn a_level_is_announced_and_told_to_the_brand_only() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    open_account(&admin, "hengtong").await;
    let defined = define(&admin).await;
    classify(&admin, "hengtong", "silver", "").await.unwrap();
    let min_position = classify(&admin, "hengtong", "gold", "2099-01-01").await.unwrap();
    let mut lists = PartnerQueryServiceClient::new(admin.channel.clone());
    let asked = partner::ListDealerClassesRequest { min_position: defined };
    let classes = lists.list_dealer_classes(admin.says(asked)).await.unwrap().into_inner();
    let names: Vec<_> = classes.levels.iter().map(|it| it.name.as_str()).collect();
    assert_eq!((names.len(), classes.channels[0].name.as_str()), (2, "零售"));
    let asked = partner::ListDealersRequest { min_position, ..Default::default() };
    let own = system.user("acme", &[Role::DealerOwner], Some("hengtong"));
    for (user, announced) in [(&admin, 1), (&own, 0)] {
        let dealers = lists.list_dealers(user.says(asked.clone())).await.unwrap().into_inner();
        let [dealer] = dealers.dealers.as_slice() else { panic!("{dealers:?}") };
        assert_eq!((dealer.level_id.as_str(), dealer.announced.len()), ("silver", announced));
    }
    is_of(&admin, "hengtong", "silver").await;
    let no = classify(&admin, "hengtong", "gold", "2026-01-01").await.unwrap_err();
    assert_eq!(reason(&no), "DAY_OVER");
}
