//! Promotions in orders: who is given what, how often, and what people are told of it.

use std::collections::BTreeMap;

use proto::access::v1::Role;
use proto::bi::v1::QuerySalesRequest;
use proto::order::v1 as order;
use proto::order::v1::PromotionVerdict;
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use proto::order::v1::order_service_client::OrderServiceClient;
use proto::order::v1::promotion_service_client::PromotionServiceClient;

use cluster_tests::support::promotions::{approve, tenth_off};
use cluster_tests::support::shop::{
    self, PRICE, dealer, open_account, order_of, quote, reason, sales, submit,
};
use cluster_tests::support::system::{System, User, id};

const SUMMER: &str = "summer";

async fn draft(user: &User, request: order::DraftPromotionRequest) {
    let mut promotions = PromotionServiceClient::new(user.channel.clone());
    promotions.draft_promotion(user.says(request)).await.unwrap();
}

async fn shown(user: &User, order_id: &str, min_position: u64) -> order::GetOrderResponse {
    let mut lists = OrderQueryServiceClient::new(user.channel.clone());
    let asked = order::GetOrderRequest { order_id: order_id.to_owned(), min_position };
    lists.get_order(user.says(asked)).await.unwrap().into_inner()
}

async fn cancel(user: &User, order_id: &str) {
    let cancel = order::CancelOrderRequest {
        request_id: id(),
        order_id: order_id.to_owned(),
        reason: "下错".to_owned(),
        ..Default::default()
    };
    OrderServiceClient::new(user.channel.clone()).cancel_order(user.says(cancel)).await.unwrap();
}

#[tokio::test]
async fn an_order_is_given_what_counts_and_remembers_it() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    let director = system.director();
    submit(&admin, &order_of("SO-1", 1)).await;
    draft(&admin, tenth_off(SUMMER, "夏季九折")).await;
    let plain = quote(&admin, "hengtong", 24).await.unwrap();
    assert_eq!((plain.net_minor, plain.promotions.len()), (24 * PRICE, 0), "a draft gives nothing");

    approve(&director, SUMMER).await.unwrap();
    let (gross, off) = (24 * PRICE, 24 * PRICE / 10);
    let told = quote(&admin, "hengtong", 24).await.unwrap();
    assert_eq!((told.gross_minor, told.off_minor, told.net_minor), (gross, off, gross - off));
    assert_eq!(told.promotions[0].verdict(), PromotionVerdict::Applied);

    let asked = |net| order::SubmitOrderRequest { net_minor: Some(net), ..order_of("SO-2", 24) };
    let mut orders = OrderServiceClient::new(admin.channel.clone());
    let no = orders.submit_order(admin.says(asked(gross))).await.unwrap_err();
    assert_eq!(reason(&no), "AMOUNT_CHANGED");
    let other = order::SubmitOrderRequest {
        quote_fingerprint: plain.fingerprint.clone(),
        ..asked(gross - off)
    };
    let no = orders.submit_order(admin.says(other)).await.unwrap_err();
    assert_eq!(reason(&no), "OFFER_CHANGED");
    let asked = order::SubmitOrderRequest {
        quote_fingerprint: told.fingerprint.clone(),
        ..asked(gross - off)
    };
    let receipt = submit(&admin, &asked).await;
    let order = shown(&admin, "SO-2", receipt.position).await;
    let summary = order.summary.unwrap();
    assert_eq!(
        (summary.gross_minor, summary.off_minor, summary.net_minor),
        (gross, off, gross - off)
    );
    assert_eq!((order.promotions[0].name.as_str(), order.promotions[0].times), ("夏季九折", 1));
    let cube = QuerySalesRequest { min_position: receipt.position, ..Default::default() };
    let figures = sales(&admin, cube).await.total.unwrap().figures.unwrap();
    assert_eq!((figures.gross_minor, figures.off_minor), (25 * PRICE, off));

    pause(&director).await;
    submit(&admin, &order_of("SO-3", 24)).await;
    let paused = quote(&admin, "hengtong", 24).await.unwrap();
    assert_eq!(paused.net_minor, gross, "what is paused gives nothing");
    // Approving it again changes nothing: it is resumed, or not.
    approve(&director, SUMMER).await.unwrap();
    assert_eq!(quote(&admin, "hengtong", 24).await.unwrap().net_minor, gross);
}

async fn pause(user: &User) {
    let pause = order::PausePromotionRequest {
        request_id: id(),
        promotion_id: SUMMER.to_owned(),
        reason: "缺货".to_owned(),
        ..Default::default()
    };
    let mut promotions = PromotionServiceClient::new(user.channel.clone());
    promotions.pause_promotion(user.says(pause)).await.unwrap();
}

#[tokio::test]
async fn a_gift_is_shipped_and_received_like_a_line() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    let director = system.director();
    let gift = |product: &str, instead: &[&str]| order::Gift {
        product_id: product.to_owned(),
        quantity: 1,
        instead_product_ids: instead.iter().map(|&id| id.to_owned()).collect(),
    };
    let mut bonus = tenth_off("bonus", "买十赠一");
    let terms = bonus.terms.as_mut().unwrap();
    terms.repeats = true;
    terms.tiers = vec![order::PromotionTier {
        from: 10,
        reward: Some(order::promotion_tier::Reward::Gifts(order::Gifts {
            gifts: vec![gift("no-such-cup", &["tea-500"])],
        })),
    }];
    draft(&admin, bonus).await;
    approve(&director, "bonus").await.unwrap();
    let receipt = submit(&admin, &order_of("SO-1", 25)).await;
    let order = shown(&admin, "SO-1", receipt.position).await;
    let gift = &order.lines[1];
    assert_eq!((gift.line_no, gift.quantity, gift.gross_minor), (2, 2, 0));
    assert_eq!((gift.gift_promotion_id.as_str(), gift.product_id.as_str()), ("bonus", "tea-500"));
    assert_eq!(gift.instead_of_product_id, "no-such-cup");

    let mut orders = OrderServiceClient::new(admin.channel.clone());
    let order_id = || "SO-1".to_owned();
    let confirm =
        order::ConfirmOrderRequest { request_id: id(), order_id: order_id(), ..Default::default() };
    orders.confirm_order(admin.says(confirm)).await.unwrap();
    let ship = |lines| order::ShipOrderRequest {
        request_id: id(),
        order_id: order_id(),
        lines,
        ..Default::default()
    };
    let bought = vec![order::LineQuantity { line_no: 1, quantity: 25 }];
    let shipped = orders.ship_order(admin.says(ship(bought))).await.unwrap().into_inner();
    let order = shown(&admin, "SO-1", shipped.receipt.unwrap().position).await;
    let status = order.summary.unwrap().status();
    assert_eq!(status, order::OrderStatus::PartlyShipped, "the gift has not left");
    let shipped = orders.ship_order(admin.says(ship(vec![]))).await.unwrap().into_inner();
    let order = shown(&admin, "SO-1", shipped.receipt.unwrap().position).await;
    assert_eq!(order.lines[1].shipped, 2);
    assert_eq!(order.summary.unwrap().status(), order::OrderStatus::Shipped);
}

#[tokio::test]
async fn a_dealer_is_told_of_no_promotion_for_others() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    let director = system.director();
    dealer(&admin, "star", "east").await;
    let mut theirs = tenth_off(SUMMER, "恒通专享");
    let audience =
        order::PromotionAudience { dealer_ids: vec!["hengtong".to_owned()], ..Default::default() };
    theirs.terms.as_mut().unwrap().audience = Some(audience);
    draft(&admin, theirs).await;
    approve(&director, SUMMER).await.unwrap();
    for dealer in ["hengtong", "star"] {
        open_account(&admin, dealer).await;
    }
    let star = system.user("acme", &[Role::DealerOwner], Some("star"));
    assert!(quote(&star, "star", 10).await.unwrap().promotions.is_empty());
    let no = quote(&star, "hengtong", 10).await.unwrap_err();
    assert_eq!(no.code(), tonic::Code::PermissionDenied, "{no:?}");
    let asked = quote(&admin, "star", 10).await.unwrap().promotions;
    assert_eq!(asked[0].verdict(), PromotionVerdict::Dealer, "the brand is told why");
    let own = system.user("acme", &[Role::DealerStaff], Some("hengtong"));
    assert_eq!(quote(&own, "hengtong", 10).await.unwrap().off_minor, PRICE);
}

/// Three dealers send 20 orders each at once, for a promotion that is given 20 times and to each
/// dealer 8 times.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_is_given_than_there_is_however_many_ask_at_once() {
    const DEALERS: [&str; 3] = ["hengtong", "star", "moon"];
    let system = System::start().await;
    let admin = shop::open(&system).await;
    let director = system.director();
    dealer(&admin, "star", "east").await;
    dealer(&admin, "moon", "east").await;
    let mut scarce = tenth_off(SUMMER, "限量九折");
    let terms = scarce.terms.as_mut().unwrap();
    (terms.quota_total, terms.quota_per_dealer) = (20, 8);
    draft(&admin, scarce).await;
    approve(&director, SUMMER).await.unwrap();
    for dealer in DEALERS {
        open_account(&admin, dealer).await;
    }
    let order = |dealer: &str, n: u32| order::SubmitOrderRequest {
        dealer_id: dealer.to_owned(),
        ..order_of(&format!("SO-{dealer}-{n}"), 10)
    };
    let asked = (0..20).flat_map(|n| DEALERS.map(|dealer| order(dealer, n)));
    let all = asked.map(|order| {
        let admin = admin.clone();
        tokio::spawn(async move { submit(&admin, &order).await.position })
    });
    let mut last = 0;
    for order in all.collect::<Vec<_>>() {
        last = last.max(order.await.unwrap());
    }
    let given = given(&admin, last).await;
    assert_eq!(given.values().sum::<usize>(), 20, "{given:?}");
    assert!(given.values().all(|&times| times <= 8), "{given:?}");

    // What a cancelled order had, another one gets, and no more.
    assert_eq!(quote(&admin, "moon", 10).await.unwrap().off_minor, 0);
    let (orders, _) = list(&admin, last).await;
    let had = orders.iter().find(|it| it.off_minor > 0 && it.dealer_id == "moon").unwrap();
    cancel(&admin, &had.order_id).await;
    submit(&admin, &order("moon", 20)).await;
    let receipt = submit(&admin, &order("moon", 21)).await;
    let again = self::given(&admin, receipt.position).await;
    assert_eq!(again.values().sum::<usize>(), 20, "{again:?}");
}

async fn list(user: &User, min_position: u64) -> (Vec<order::OrderSummary>, u64) {
    let mut lists = OrderQueryServiceClient::new(user.channel.clone());
    let page = proto::common::v1::PageRequest { size: 200, ..Default::default() };
    let asked = order::ListOrdersRequest { page: Some(page), min_position, ..Default::default() };
    let answer = lists.list_orders(user.says(asked)).await.unwrap().into_inner();
    (answer.orders, answer.page.unwrap().total)
}

/// How many orders of each dealer were given the promotion and are not cancelled.
async fn given(user: &User, min_position: u64) -> BTreeMap<String, usize> {
    let (orders, total) = list(user, min_position).await;
    assert_eq!(orders.len() as u64, total, "all are on one page");
    let mut given = BTreeMap::new();
    let counts =
        |it: &order::OrderSummary| it.off_minor > 0 && it.status() != order::OrderStatus::Cancelled;
    for order in orders.into_iter().filter(counts) {
        *given.entry(order.dealer_id).or_default() += 1;
    }
    given
}
