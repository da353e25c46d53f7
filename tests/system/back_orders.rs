//! Orders that wait: for goods, which come to the first in line, and not for ever.

use std::time::Duration;

use proto::access::v1::Role;
use proto::order::v1 as order;
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use proto::order::v1::order_rules_service_client::OrderRulesServiceClient;
use proto::order::v1::order_service_client::OrderServiceClient;
use proto::order::v1::shipment_query_service_client::ShipmentQueryServiceClient;
use proto::order::v1::shipment_service_client::ShipmentServiceClient;
use proto::order::v1::stock_service_client::StockServiceClient;
use proto::order::v1::waiting_query_service_client::WaitingQueryServiceClient;
use proto::order::v1::waiting_service_client::WaitingServiceClient;
use proto::order::v1::{BackOrderRule, OrderStatus, WaitingRules};
use serde_json::Value;
use sqlx::PgPool;
use tonic::Code;

use cluster_tests::support::funds::shown;
use cluster_tests::support::shop::{self, open_account, order_of, quote, reason, submit};
use cluster_tests::support::system::{Launch, System, User, id};

/// Lets orders look at stock and wait for it, and warehouses be handed what is confirmed.
async fn rules(user: &User, reviewed: bool, waiting: WaitingRules) {
    let rules = order::OrderRules {
        reviewed,
        stock_checked: true,
        hands_over: true,
        waiting: Some(waiting),
        ..Default::default()
    };
    let request =
        order::SetOrderRulesRequest { request_id: id(), rules: Some(rules), ..Default::default() };
    let mut client = OrderRulesServiceClient::new(user.channel.clone());
    client.set_order_rules(user.says(request)).await.unwrap();
}

fn asked() -> WaitingRules {
    WaitingRules { back_orders: BackOrderRule::Ask.into(), ..Default::default() }
}

async fn count(user: &User, on_hand: u32) {
    let request = order::CountStockRequest {
        request_id: id(),
        warehouse_id: "north".to_owned(),
        items: vec![order::CountedStock { product_id: "tea-500".to_owned(), on_hand }],
        ..Default::default()
    };
    let mut client = StockServiceClient::new(user.channel.clone());
    client.count_stock(user.says(request)).await.unwrap();
}

async fn receive(user: &User, warehouse: &str, quantity: u32) -> u64 {
    let request = order::ReceiveStockRequest {
        request_id: id(),
        warehouse_id: warehouse.to_owned(),
        items: vec![order::ReceivedStock { product_id: "tea-500".to_owned(), quantity }],
        ..Default::default()
    };
    let mut client = StockServiceClient::new(user.channel.clone());
    let told = client.receive_stock(user.says(request)).await.unwrap().into_inner();
    told.receipt.unwrap().position
}

fn waits(order_id: &str, quantity: u32) -> order::SubmitOrderRequest {
    order::SubmitOrderRequest { back_order: Some(true), ..order_of(order_id, quantity) }
}

/// Who waits for tea: order, quantity, place in line.
async fn line(user: &User, min_position: u64) -> Vec<(String, i64, u32)> {
    let asked = order::ListBackOrdersRequest { min_position, ..Default::default() };
    let mut client = WaitingQueryServiceClient::new(user.channel.clone());
    let listed = client.list_back_orders(user.says(asked)).await.unwrap().into_inner();
    let told = |it: &order::BackOrder| (it.order_id.clone(), it.waiting, it.place);
    listed.back_orders.iter().map(told).collect()
}

/// What is to be sent of an order, shipment by shipment: from where, and how much.
async fn shipments(user: &User, order_id: &str) -> Vec<(String, String, i64)> {
    let asked = order::ListShipmentsRequest { order_id: order_id.to_owned(), ..Default::default() };
    let mut client = ShipmentQueryServiceClient::new(user.channel.clone());
    let mut all = client.list_shipments(user.says(asked)).await.unwrap().into_inner().shipments;
    all.sort_by_key(|it| it.number);
    let told =
        |it: &order::Shipment| (it.shipment_id.clone(), it.warehouse_id.clone(), it.quantity);
    all.iter().map(told).collect()
}

async fn until_shipments(user: &User, order_id: &str, wanted: &[(&str, &str, i64)]) {
    let mut found = Vec::new();
    for _ in 0..200 {
        found = shipments(user, order_id).await;
        let told = found.iter().map(|(id, at, n)| (id.as_str(), at.as_str(), *n));
        if told.eq(wanted.iter().copied()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{found:?} instead of {wanted:?}");
}

async fn send(user: &User, shipment_id: &str) -> u64 {
    let request = order::ShipShipmentRequest {
        request_id: id(),
        shipment_id: shipment_id.to_owned(),
        ..Default::default()
    };
    let mut client = ShipmentServiceClient::new(user.channel.clone());
    let told = client.ship_shipment(user.says(request)).await.unwrap().into_inner();
    told.receipt.unwrap().position
}

async fn give_up(user: &User, order_id: &str) -> Result<u64, tonic::Status> {
    let request = order::GiveUpBackOrderRequest {
        request_id: id(),
        order_id: order_id.to_owned(),
        reason: "不等了".to_owned(),
        ..Default::default()
    };
    let mut client = WaitingServiceClient::new(user.channel.clone());
    let told = client.give_up_back_order(user.says(request)).await?.into_inner();
    Ok(told.receipt.unwrap().position)
}

async fn refused(user: &User, request: order::SubmitOrderRequest) -> String {
    let mut orders = OrderServiceClient::new(user.channel.clone());
    reason(&orders.submit_order(user.says(request)).await.unwrap_err())
}

#[tokio::test]
async fn what_is_not_there_waits_and_is_sent_when_it_comes() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    open_account(&admin, "hengtong").await;
    let owner = system.user("acme", &[Role::DealerOwner], Some("hengtong"));
    let keeper = system.somebody("chen.li", Role::Warehouse);
    rules(&admin, false, WaitingRules::default()).await;
    count(&keeper, 3).await;
    assert_eq!(refused(&owner, waits("SO-0", 5)).await, "OUT_OF_STOCK", "nothing may wait");
    rules(&admin, false, asked()).await;
    expect(&keeper, "2026-12-31").await;
    let told = quote(&owner, "hengtong", 5).await.unwrap();
    assert_eq!(told.back_orders(), BackOrderRule::Ask);
    assert_eq!((told.lines[0].available, told.lines[0].would_wait), (Some(3), 2));
    assert_eq!(told.lines[0].expected_on, "2026-12-31");
    assert_eq!(refused(&owner, order_of("SO-0", 5)).await, "OUT_OF_STOCK", "it was not agreed to");

    submit(&owner, &waits("SO-1", 5)).await;
    let second = submit(&owner, &waits("SO-2", 4)).await;
    let all = line(&owner, second.position).await;
    assert_eq!(all, [("SO-1".to_owned(), 2, 1), ("SO-2".to_owned(), 4, 2)]);
    let stranger = system.user("acme", &[Role::DealerOwner], Some("other"));
    assert_eq!(line(&stranger, 0).await, [], "of other dealers nobody is told");
    let asked = order::ListBackOrderedProductsRequest::default();
    let mut lists = WaitingQueryServiceClient::new(owner.channel.clone());
    let missing = lists.list_back_ordered_products(owner.says(asked)).await.unwrap().into_inner();
    let told = missing.products.iter().map(|it| (it.waiting, it.orders, it.expected_on.as_str()));
    assert_eq!(told.collect::<Vec<_>>(), [(6, 2, "2026-12-31")]);
    until_shipments(&keeper, "SO-1", &[("SO-1-1", "north", 3)]).await;
    until_shipments(&keeper, "SO-2", &[]).await;
    let summary = shown(&owner, "SO-1", second.position).await.summary.unwrap();
    assert_eq!(summary.waiting, 2);
    assert!(!summary.waits_since.is_empty());

    let position = receive(&keeper, "south", 3).await;
    assert_eq!(line(&admin, position).await, [("SO-2".to_owned(), 3, 1)]);
    until_shipments(&keeper, "SO-1", &[("SO-1-1", "north", 3), ("SO-1-2", "south", 2)]).await;
    until_shipments(&keeper, "SO-2", &[("SO-2-1", "south", 1)]).await;
    by_the_command_line(&system, &keeper);

    for shipment_id in ["SO-1-2", "SO-1-1"] {
        send(&keeper, shipment_id).await;
    }
    let before = shown(&owner, "SO-2", position).await.summary.unwrap().net_minor;
    let no = give_up(&owner, "SO-2").await.unwrap_err();
    assert_eq!(no.code(), Code::PermissionDenied, "a dealer proposes a change");
    let position = give_up(&admin, "SO-2").await.unwrap();
    assert_eq!(reason(&give_up(&admin, "SO-2").await.unwrap_err()), "NOTHING_WAITS");
    let after = shown(&owner, "SO-2", position).await.summary.unwrap();
    assert_eq!(after.net_minor * 4, before, "one of four is left");
    assert_eq!((after.waiting, after.status()), (0, OrderStatus::Confirmed));
    let position = send(&keeper, "SO-2-1").await;
    let orders = [shown(&owner, "SO-1", position).await, shown(&owner, "SO-2", position).await];
    let left = orders.map(|it| it.lines[0].shipped);
    assert_eq!(left, [5, 1], "all that was there has left");
    all_of_it_waits(&admin, &owner, &keeper).await;
}

/// An order of which nothing is there is cancelled when it does without.
async fn all_of_it_waits(admin: &User, owner: &User, keeper: &User) {
    submit(owner, &waits("SO-3", 2)).await;
    let end = order::EndStockRequest {
        request_id: id(),
        product_id: "tea-500".to_owned(),
        reason: "改由 ERP 管理".to_owned(),
        ..Default::default()
    };
    let mut client = StockServiceClient::new(keeper.channel.clone());
    let no = client.end_stock(keeper.says(end)).await.unwrap_err();
    assert_eq!(reason(&no), "ORDERS_WAIT");
    let position = give_up(admin, "SO-3").await.unwrap();
    let gone = shown(owner, "SO-3", position).await;
    assert_eq!(gone.summary.unwrap().status(), OrderStatus::Cancelled);
    assert_eq!(gone.cancel_reason, "不等了");
    assert_eq!(line(owner, position).await, []);
}

async fn expect(user: &User, day: &str) {
    let request = order::ExpectStockRequest {
        request_id: id(),
        product_id: "tea-500".to_owned(),
        expected_on: day.to_owned(),
        ..Default::default()
    };
    let mut client = WaitingServiceClient::new(user.channel.clone());
    client.expect_stock(user.says(request)).await.unwrap();
}

fn by_the_command_line(system: &System, keeper: &User) {
    let (fine, told) = system.qudao(keeper, &["stock", "waiting"]);
    assert!(fine, "{told}");
    assert_eq!((&told[0]["product_id"], &told[0]["waiting"]), (&"tea-500".into(), &3.into()));
    let (fine, told) = system.qudao(keeper, &["stock", "expect", "tea-500", "2027-01-15"]);
    assert!(fine, "{told}");
    let position = told["position"].to_string();
    let listing = ["stock", "line", "--product", "tea-500", "--min-position", &position];
    let (fine, told) = system.qudao(keeper, &listing);
    assert!(fine && told[0]["order_id"] == "SO-2", "{told}");
    assert_eq!(told[0]["expected_on"], "2027-01-15");
}

/// Sixty orders wait, submitted through two processes, and twenty-five units come in through both in
/// small parts: each unit is given once, to those who came first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_unit_is_given_once_and_to_who_came_first() {
    let environment =
        vec![("QUDAO_CALLS_OF_PERSON", "0".to_owned()), ("QUDAO_CALLS_OF_TENANT", "0".to_owned())];
    let launch = Launch { environment, ..Launch::default() };
    let system = System::start_as(launch.clone()).await;
    let admin = shop::open(&system).await;
    open_account(&admin, "hengtong").await;
    rules(&admin, false, asked()).await;
    count(&admin, 0).await;
    let another = system.another(&launch).await;
    let users = [admin.clone(), another.asked_by(&admin)];
    let mut tasks = Vec::new();
    for (number, user) in (0..60_u32).zip(users.iter().cycle().cloned()) {
        tasks.push(tokio::spawn(async move {
            // Some come while goods do.
            let units = [3, 2].get((number % 12).wrapping_sub(10) as usize).copied();
            for unit in 0..units.unwrap_or(0) {
                receive(&user, ["north", "south"][unit % 2], 1).await;
            }
            submit(&user, &waits(&format!("SO-{number}"), 1)).await;
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    served_in_order(&system).await;
    let [on_hand, reserved] = levels(&system).await;
    assert_eq!((on_hand, reserved), (25, 25), "every unit is somebody's, and nobody's twice");
    let waiting = line(&admin, receive(&admin, "north", 35).await).await;
    assert_eq!(waiting, [], "all are served once there is enough");
    assert_eq!(levels(&system).await, [60, 60]);
    handed_over(&system).await;
}

/// What the log says of the stock of tea, fact by fact.
async fn facts(system: &System) -> Vec<(String, Value)> {
    let pool = PgPool::connect(&system.servers.postgres_url()).await.unwrap();
    sqlx::query_as(
        "SELECT event_type, payload::jsonb FROM order_log.events
         WHERE aggregate_type = 'stock_item' ORDER BY position",
    )
    .fetch_all(&pool)
    .await
    .unwrap()
}

/// Nobody is served before who waited longer, nobody is served twice, and no more is kept than there is.
async fn served_in_order(system: &System) {
    let mut line = std::collections::VecDeque::new();
    for (kind, fact) in facts(system).await {
        let order_id = fact["order_id"].as_str().unwrap_or_default().to_owned();
        match kind.as_str() {
            "BackOrderQueued" => line.push_back(order_id),
            "BackOrderFilled" => assert_eq!(line.pop_front(), Some(order_id)),
            "StockReserved" => assert!(line.is_empty(), "{order_id} came before {line:?}"),
            _ => continue,
        }
        for part in fact["parts"].as_array().into_iter().flatten() {
            let after = &part["after"];
            assert!(after["reserved"].as_i64() <= after["on_hand"].as_i64(), "{fact}");
        }
    }
    assert_eq!(line.len(), 35);
}

/// What there is of tea and what is kept of it, as the log says.
async fn levels(system: &System) -> [i64; 2] {
    let mut levels = std::collections::BTreeMap::new();
    for (_, fact) in facts(system).await {
        let own = fact["warehouse_id"].as_str().map(|at| (at.to_owned(), fact["after"].clone()));
        let parts = fact["parts"].as_array().into_iter().flatten();
        let parts =
            parts.map(|it| (it["warehouse_id"].as_str().unwrap().to_owned(), it["after"].clone()));
        levels.extend(own.into_iter().chain(parts));
    }
    ["on_hand", "reserved"]
        .map(|column| levels.values().map(|level| level[column].as_i64().unwrap()).sum())
}

/// Each order has one shipment in the end, whoever made it.
async fn handed_over(system: &System) {
    let pool = PgPool::connect(&system.servers.postgres_url()).await.unwrap();
    let mut made: i64 = 0;
    for _ in 0..400 {
        made = sqlx::query_scalar(
            "SELECT count(DISTINCT payload::jsonb->>'order_id') FROM order_log.events
             WHERE event_type = 'ShipmentReleased'",
        )
        .fetch_one(&pool)
        .await
        .unwrap();
        if made == 60 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(made, 60);
    let all: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM order_log.events WHERE event_type = 'ShipmentReleased'",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(all, 60, "and none twice");
}

pub(crate) async fn stuck(user: &User) -> Vec<(String, i32)> {
    let asked = order::ListOrdersRequest { stuck: true, ..Default::default() };
    let mut client = OrderQueryServiceClient::new(user.channel.clone());
    let listed = client.list_orders(user.says(asked)).await.unwrap().into_inner();
    listed.orders.into_iter().map(|it| (it.order_id, it.stuck_with)).collect()
}

/// As if so many hours had passed since an order began to wait.
pub(crate) async fn hours_pass(pool: &PgPool, hours: i32) {
    for table in ["policies.order_deadlines", "read_models.order_waits"] {
        let pass = format!("UPDATE {table} SET since = since - make_interval(hours => $1)");
        sqlx::query(&pass).bind(hours).execute(pool).await.unwrap();
    }
}

#[tokio::test]
async fn an_order_waits_for_review_as_long_as_the_rules_let_it() {
    let mut system = System::start().await;
    let admin = shop::open(&system).await;
    open_account(&admin, "hengtong").await;
    let waiting =
        WaitingRules { review_hours: Some(48), stuck_hours: Some(24), ..WaitingRules::default() };
    rules(&admin, true, waiting).await;
    count(&admin, 10).await;
    let pool = PgPool::connect(&system.servers.postgres_url()).await.unwrap();
    submit(&admin, &order_of("SO-1", 4)).await;
    let last = submit(&admin, &order_of("SO-2", 4)).await.position;
    shown(&admin, "SO-2", last).await;
    until_known(&pool, 2).await;
    hours_pass(&pool, 47).await;
    assert_eq!(
        stuck(&admin).await,
        [
            ("SO-2".to_owned(), Role::SalesDirector.into()),
            ("SO-1".to_owned(), Role::SalesDirector.into())
        ]
    );
    tokio::time::sleep(Duration::from_secs(2)).await;
    let status = async |order_id| shown(&admin, order_id, 0).await.summary.unwrap().status();
    assert_eq!(status("SO-1").await, OrderStatus::Submitted, "its time is not over");
    // Who is acted on in time waits no more; the clock goes on while nobody runs.
    cluster_tests::support::funds::confirm_order(&admin, "SO-2").await;
    until_known(&pool, 1).await;
    system.kill_process();
    hours_pass(&pool, 2).await;
    system.start_process();
    system.ready().await;
    let mut gone = shown(&admin, "SO-1", 0).await;
    for _ in 0..200 {
        if gone.summary.as_ref().unwrap().status() == OrderStatus::Cancelled {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        gone = shown(&admin, "SO-1", 0).await;
    }
    assert_eq!(gone.summary.unwrap().status(), OrderStatus::Cancelled);
    assert!(gone.cancel_reason.starts_with("超过 48 小时未审核"), "{}", gone.cancel_reason);
    assert_eq!(status("SO-2").await, OrderStatus::Confirmed);
    assert_eq!(stuck(&admin).await, []);
    // Nobody else says how long an order has waited.
    let early = order::ExpireOrderRequest {
        request_id: id(),
        order_id: "SO-2".to_owned(),
        waits_for: order::WaitsFor::Review.into(),
        since: "2020-01-01T00:00:00Z".to_owned(),
        ..Default::default()
    };
    let program = system.user("acme", &[Role::Integration], None);
    let mut client = WaitingServiceClient::new(program.channel.clone());
    let no = client.expire_order(program.says(early)).await.unwrap_err();
    assert_eq!(reason(&no), "EXPIRES_BY_ITSELF");
    let [_, reserved] = levels(&system).await;
    assert_eq!(reserved, 4, "what it kept is free");
    // Who asks for what is done already changes nothing.
    let again = order::HandOverBackOrderRequest {
        request_id: id(),
        order_id: "SO-2".to_owned(),
        product_id: "tea-500".to_owned(),
        ..Default::default()
    };
    client.hand_over_back_order(program.says(again)).await.unwrap();
    assert_eq!(shipments(&admin, "SO-2").await, [("SO-2-1".into(), "north".into(), 4)]);
}

/// Waits until the clock knows of so many orders.
async fn until_known(pool: &PgPool, wanted: i64) {
    for _ in 0..200 {
        let known: i64 = sqlx::query_scalar("SELECT count(*) FROM policies.order_deadlines")
            .fetch_one(pool)
            .await
            .unwrap();
        if known == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the clock does not know of {wanted} orders");
}
