//! Stock: orders never have more than there is, however many come at once.

use proto::access::v1::Role;
use proto::order::v1 as order;
use proto::order::v1::funds_query_service_client::FundsQueryServiceClient;
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use proto::order::v1::order_rules_service_client::OrderRulesServiceClient;
use proto::order::v1::order_service_client::OrderServiceClient;
use proto::order::v1::promotion_service_client::PromotionServiceClient;
use proto::order::v1::stock_query_service_client::StockQueryServiceClient;
use proto::order::v1::stock_service_client::StockServiceClient;
use serde_json::Value;
use sqlx::PgPool;

use cluster_tests::support::funds::{cancel, confirm_order, ship};
use cluster_tests::support::promotions::{approve, tenth_off};
use cluster_tests::support::shop::{
    self, open_account, order_of, product, quote, reason, set_prices, submit,
};
use cluster_tests::support::system::{Launch, System, User, id};

/// Lets orders look at stock.
async fn checked(admin: &User) {
    let rules = order::OrderRules { reviewed: true, stock_checked: true, ..Default::default() };
    let request =
        order::SetOrderRulesRequest { request_id: id(), rules: Some(rules), ..Default::default() };
    let mut client = OrderRulesServiceClient::new(admin.channel.clone());
    let set = client.set_order_rules(admin.says(request)).await.unwrap().into_inner();
    // Lists of products look at the rules, too.
    let min_position = set.receipt.unwrap().position;
    let mut lists = FundsQueryServiceClient::new(admin.channel.clone());
    let asked = order::GetOrderRulesRequest { min_position };
    lists.get_order_rules(admin.says(asked)).await.unwrap();
}

async fn count(user: &User, warehouse: &str, product: &str, on_hand: u32) -> u64 {
    let request = order::CountStockRequest {
        request_id: id(),
        warehouse_id: warehouse.to_owned(),
        items: vec![order::CountedStock { product_id: product.to_owned(), on_hand }],
        ..Default::default()
    };
    let mut client = StockServiceClient::new(user.channel.clone());
    let told = client.count_stock(user.says(request)).await.unwrap().into_inner();
    told.receipt.unwrap().position
}

/// What there is, what is kept and what is left of a product.
async fn stock(user: &User, product: &str, min_position: u64) -> [i64; 3] {
    let asked =
        order::ListStockRequest { search: product.to_owned(), min_position, ..Default::default() };
    let mut client = StockQueryServiceClient::new(user.channel.clone());
    let items = client.list_stock(user.says(asked)).await.unwrap().into_inner().items;
    items.first().map_or([0; 3], |item| [item.on_hand, item.reserved, item.available])
}

#[tokio::test]
async fn stock_follows_an_order_until_it_has_left() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    open_account(&admin, "hengtong").await;
    let owner = system.user("acme", &[Role::DealerOwner], Some("hengtong"));
    let keeper = system.somebody("chen.li", Role::Warehouse);
    submit(&owner, &order_of("SO-0", 10)).await;
    checked(&admin).await;
    assert_eq!(available(&owner).await, None, "nobody has counted");
    count(&keeper, "north", "tea-500", 6).await;
    receive(&keeper, "south", 4).await;

    let receipt = submit(&owner, &order_of("SO-1", 8)).await;
    assert_eq!(stock(&keeper, "tea-500", receipt.position).await, [10, 8, 2]);
    let told = quote(&owner, "hengtong", 3).await.unwrap();
    assert_eq!(told.lines[0].available, Some(2), "a quote tells what there is");
    assert_eq!(quote(&owner, "hengtong", 2).await.unwrap().lines[0].available, None);
    let mut orders = OrderServiceClient::new(owner.channel.clone());
    let no = orders.submit_order(owner.says(order_of("SO-2", 3))).await.unwrap_err();
    assert_eq!(reason(&no), "OUT_OF_STOCK", "{no:?}");
    assert_eq!(available(&owner).await, Some(2));

    confirm_order(&admin, "SO-1").await;
    let shipped = ship(&admin, "SO-1", 7).await.unwrap();
    assert_eq!(stock(&keeper, "tea-500", shipped.position).await, [3, 1, 2]);
    let shipped = ship(&admin, "SO-1", 1).await.unwrap();
    assert_eq!(stock(&keeper, "tea-500", shipped.position).await, [2, 0, 2]);
    // An order of before has nothing of it, whatever becomes of it.
    confirm_order(&admin, "SO-0").await;
    let shipped = ship(&admin, "SO-0", 10).await.unwrap();
    assert_eq!(stock(&keeper, "tea-500", shipped.position).await, [2, 0, 2]);
    submit(&owner, &order_of("SO-3", 2)).await;
    let back = cancel(&admin, "SO-3").await.unwrap();
    assert_eq!(stock(&keeper, "tea-500", back.position).await, [2, 0, 2]);

    let position = count(&keeper, "north", "tea-500", 5_000).await;
    let all = stock(&keeper, "tea-500", position).await;
    assert_eq!(all, [5_002, 0, 5_002]);
    assert_eq!(available(&owner).await, Some(100), "a dealer is not told how much there is");
    assert_eq!(available(&admin).await, Some(5_002));
    by_the_command_line(&system, &keeper);
    end(&keeper, &owner).await;
}

async fn receive(user: &User, warehouse: &str, quantity: u32) {
    let request = order::ReceiveStockRequest {
        request_id: id(),
        warehouse_id: warehouse.to_owned(),
        items: vec![order::ReceivedStock { product_id: "tea-500".to_owned(), quantity }],
        reference: "DN-1".to_owned(),
        ..Default::default()
    };
    let mut client = StockServiceClient::new(user.channel.clone());
    client.receive_stock(user.says(request.clone())).await.unwrap();
    let none = order::ReceivedStock { product_id: "no-such".to_owned(), quantity };
    let unknown =
        order::ReceiveStockRequest { request_id: id(), items: vec![none], ..request.clone() };
    let no = client.receive_stock(user.says(unknown)).await.unwrap_err();
    assert_eq!(reason(&no), "UNKNOWN_PRODUCT");
    let twice = order::ReceiveStockRequest {
        request_id: id(),
        items: [request.items.clone(), request.items.clone()].concat(),
        ..request
    };
    let no = client.receive_stock(user.says(twice)).await.unwrap_err();
    assert_eq!(reason(&no), "PRODUCT_TWICE");
}

async fn available(user: &User) -> Option<i64> {
    let asked = order::ListProductsRequest { search: "tea-500".to_owned(), ..Default::default() };
    let mut lists = OrderQueryServiceClient::new(user.channel.clone());
    let listed = lists.list_products(user.says(asked)).await.unwrap().into_inner();
    listed.products[0].available
}

fn by_the_command_line(system: &System, keeper: &User) {
    let counting = ["stock", "count", "--warehouse", "north", "tea-500=0"];
    let (fine, told) = system.qudao(keeper, &counting);
    let position = told["position"].to_string();
    assert!(fine, "{told}");
    let listing = ["stock", "list", "--only", "in", "--min-position", &position];
    let (fine, told) = system.qudao(keeper, &listing);
    assert!(fine && told[0]["warehouses"][1]["on_hand"] == 2, "{told}");
}

/// Of a product whose stock is not kept any more there is enough.
async fn end(keeper: &User, owner: &User) {
    let mut orders = OrderServiceClient::new(owner.channel.clone());
    let no = orders.submit_order(owner.says(order_of("SO-9", 9))).await.unwrap_err();
    assert_eq!(reason(&no), "OUT_OF_STOCK");
    let end = order::EndStockRequest {
        request_id: id(),
        product_id: "tea-500".to_owned(),
        reason: "改由 ERP 管理".to_owned(),
        ..Default::default()
    };
    let mut client = StockServiceClient::new(keeper.channel.clone());
    client.end_stock(keeper.says(end.clone())).await.unwrap();
    let again = order::EndStockRequest { request_id: id(), ..end };
    let no = client.end_stock(keeper.says(again)).await.unwrap_err();
    assert_eq!(reason(&no), "STOCK_NOT_KEPT");
    submit(owner, &order_of("SO-9", 9)).await;
}

#[tokio::test]
async fn gifts_that_are_not_there_are_replaced() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    let director = system.director();
    open_account(&admin, "hengtong").await;
    for (product_id, name) in [("cup", "保温杯"), ("pen", "签字笔")] {
        product(&admin, product_id, name, &["赠品"]).await;
        set_prices(&admin, "base", &[(product_id, 100)]).await;
    }
    checked(&admin).await;
    count(&admin, "north", "cup", 3).await;
    let mut bonus = tenth_off("bonus", "买十赠一");
    let terms = bonus.terms.as_mut().unwrap();
    terms.repeats = true;
    terms.tiers = vec![order::PromotionTier {
        from: 10,
        reward: Some(order::promotion_tier::Reward::Gifts(order::Gifts {
            gifts: vec![order::Gift {
                product_id: "cup".to_owned(),
                quantity: 1,
                instead_product_ids: vec!["pen".to_owned()],
            }],
        })),
    }];
    let mut promotions = PromotionServiceClient::new(admin.channel.clone());
    promotions.draft_promotion(admin.says(bonus)).await.unwrap();
    approve(&director, "bonus").await.unwrap();
    let told = quote(&admin, "hengtong", 50).await.unwrap();
    let gifts: Vec<_> = told.gifts.iter().map(|it| (it.product_id.as_str(), it.quantity)).collect();
    assert_eq!(gifts, [("cup", 3), ("pen", 2)], "what there is, and the rest of the other one");
    let receipt = submit(&admin, &order_of("SO-1", 50)).await;
    assert_eq!(stock(&admin, "cup", receipt.position).await, [3, 3, 0]);
    let told = quote(&admin, "hengtong", 10).await.unwrap();
    assert_eq!(told.gifts[0].product_id, "pen");
}

/// 500 buyers for 100 bottles, through two processes; then some cancel, and others get those.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stock_is_never_oversold_however_many_ask_at_once() {
    let environment =
        vec![("QUDAO_CALLS_OF_PERSON", "0".to_owned()), ("QUDAO_CALLS_OF_TENANT", "0".to_owned())];
    let launch = Launch { environment, ..Launch::default() };
    let system = System::start_as(launch.clone()).await;
    let admin = shop::open(&system).await;
    open_account(&admin, "hengtong").await;
    checked(&admin).await;
    count(&admin, "north", "tea-500", 60).await;
    count(&admin, "south", "tea-500", 40).await;
    let another = system.another(&launch).await;
    let users = [admin.clone(), another.asked_by(&admin)];
    let first = buy(&users, 0..500).await;
    assert_eq!(first.len(), 100, "exactly as many as there are");
    for order_id in first.iter().take(10) {
        cancel(&admin, order_id).await.unwrap();
    }
    let second = buy(&users, 500..600).await;
    assert_eq!(second.len(), 10, "what came back, and no more");
    let [on_hand, reserved, left] = stock(&admin, "tea-500", 0).await;
    assert_eq!((on_hand, left), (100, 100 - reserved));
    never_oversold(&system).await;
}

/// The orders that got their bottle.
async fn buy(users: &[User], numbers: std::ops::Range<u32>) -> Vec<String> {
    let sent: Vec<_> = numbers
        .zip(users.iter().cycle().cloned())
        .map(|(number, user)| {
            tokio::spawn(async move {
                let order_id = format!("SO-{number}");
                let mut orders = OrderServiceClient::new(user.channel.clone());
                match orders.submit_order(user.says(order_of(&order_id, 1))).await {
                    Ok(_) => Some(order_id),
                    Err(no) => {
                        assert_eq!(reason(&no), "OUT_OF_STOCK", "{no:?}");
                        None
                    }
                }
            })
        })
        .collect();
    let mut got = Vec::new();
    for one in sent {
        got.extend(one.await.unwrap());
    }
    got
}

/// At no position of the log is more reserved in a warehouse than there is.
async fn never_oversold(system: &System) {
    let pool = PgPool::connect(&system.servers.postgres_url()).await.unwrap();
    let facts: Vec<Value> = sqlx::query_scalar(
        "SELECT payload::jsonb FROM order_log.events
         WHERE aggregate_type = 'stock_item' AND event_type = 'StockReserved' ORDER BY position",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(facts.len(), 110);
    for fact in facts {
        let after = &fact["parts"][0]["after"];
        assert!(after["reserved"].as_i64() <= after["on_hand"].as_i64(), "{fact}");
    }
}
