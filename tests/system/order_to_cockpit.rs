//! A dealer's order, from the gRPC call to the cockpit and the audit trail.

use std::collections::BTreeMap;

use proto::bi::v1::{QuerySalesRequest, SalesDimension};
use proto::history::v1::history_service_client::HistoryServiceClient;
use proto::history::v1::replay_events_response::Item;
use proto::history::v1::{Event, GetObjectHistoryRequest, ReplayEventsRequest};
use proto::order::v1 as order;
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use proto::order::v1::order_service_client::OrderServiceClient;
use proto::partner::v1 as partner;
use serde_json::Value;

use cluster_tests::support::shop::{self, PRICE, order_of, reason, sales, submit};
use cluster_tests::support::system::{System, User, id};

#[tokio::test]
async fn an_order_reaches_the_cockpit_the_lists_and_the_history() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    let receipt = submit(&admin, &order_of("SO-1", 48)).await;
    assert_eq!((receipt.object_id.as_str(), receipt.version), ("SO-1", 1));

    let asked = QuerySalesRequest { min_position: receipt.position, ..Default::default() };
    let answer = sales(&admin, asked).await;
    let figures = answer.total.unwrap().figures.unwrap();
    assert_eq!((figures.gross_minor, figures.quantity, figures.orders), (48 * PRICE, 48, 1));

    let last = deliver(&admin).await;
    let mut lists = OrderQueryServiceClient::new(admin.channel.clone());
    let asked = order::GetOrderRequest { order_id: "SO-1".to_owned(), min_position: last };
    let shown = lists.get_order(admin.says(asked)).await.unwrap().into_inner();
    let summary = shown.summary.unwrap();
    assert_eq!(summary.status(), order::OrderStatus::PartlyReceived);
    assert_eq!((shown.lines[0].shipped, shown.lines[0].received), (48, 24));
    assert_eq!(shown.region_names, ["全国", "华东"]);

    history_tells_who_and_what(&admin).await;
    replay_ends_with_a_marker(&admin, last).await;
    lists_can_be_searched(&admin).await;
}

/// Confirms, ships in two parts, receives the first; gives the last position.
async fn deliver(admin: &User) -> u64 {
    let mut orders = OrderServiceClient::new(admin.channel.clone());
    let order_id = "SO-1".to_owned();
    let confirm = order::ConfirmOrderRequest {
        request_id: id(),
        order_id: order_id.clone(),
        ..Default::default()
    };
    orders.confirm_order(admin.says(confirm)).await.unwrap();
    let some = |quantity| vec![order::LineQuantity { line_no: 1, quantity }];
    for lines in [some(24), Vec::new()] {
        let ship = order::ShipOrderRequest {
            request_id: id(),
            order_id: order_id.clone(),
            lines,
            ..Default::default()
        };
        orders.ship_order(admin.says(ship)).await.unwrap();
    }
    let receive = order::ReceiveOrderRequest {
        request_id: id(),
        order_id,
        lines: some(24),
        ..Default::default()
    };
    let received = orders.receive_order(admin.says(receive)).await.unwrap().into_inner();
    received.receipt.unwrap().position
}

async fn history_tells_who_and_what(admin: &User) {
    let mut history = HistoryServiceClient::new(admin.channel.clone());
    let asked = GetObjectHistoryRequest { object: "SO-1".to_owned(), ..Default::default() };
    let told = history.get_object_history(admin.says(asked)).await.unwrap().into_inner().entries;
    let beyond = GetObjectHistoryRequest {
        object: "SO-1".to_owned(),
        min_position: 1_000_000,
        ..Default::default()
    };
    let refused = history.get_object_history(admin.says(beyond)).await.unwrap_err();
    assert_eq!(reason(&refused), "NOT_YET_PROJECTED");
    let types: Vec<_> =
        told.iter().map(|entry| entry.event.as_ref().unwrap().event_type.as_str()).collect();
    let expected =
        ["OrderSubmitted", "OrderConfirmed", "OrderShipped", "OrderShipped", "OrderReceived"];
    assert_eq!(types, expected);
    let first = &told[0];
    assert!(first.sentence_zh.contains("苏州恒通") && first.sentence_zh.contains("SO-1"));
    let event = first.event.as_ref().unwrap();
    assert_eq!(event.origin.as_ref().unwrap().actor_name, "韩梅梅");
    let payload: Value = serde_json::from_str(&event.payload_json).unwrap();
    assert_eq!(payload["lines"][0]["product_name"], "冰红茶 500ml");
    assert!(told.iter().all(|entry| !entry.changes.is_empty()));
}

/// The policy's command carries on the story of the fact that it follows.
#[tokio::test]
async fn what_a_policy_asks_for_names_its_cause() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    submit(&admin, &order_of("SO-1", 1)).await;
    let registered = first_event(&admin, "dealer/hengtong").await;
    let opened = first_event(&admin, "account/hengtong").await;
    assert_eq!(opened.event_type, "AccountOpened");
    let (cause, effect) = (registered.origin.unwrap(), opened.origin.unwrap());
    assert_eq!(effect.causation_id, registered.event_id);
    assert_eq!(effect.correlation_id, cause.correlation_id);
    assert_eq!(effect.actor_id, "policy:open-accounts");
}

async fn first_event(admin: &User, object: &str) -> Event {
    let mut history = HistoryServiceClient::new(admin.channel.clone());
    let asked = GetObjectHistoryRequest { object: object.to_owned(), ..Default::default() };
    let told = history.get_object_history(admin.says(asked)).await.unwrap().into_inner().entries;
    told.into_iter().next().and_then(|entry| entry.event).expect("the object has a history")
}

async fn replay_ends_with_a_marker(admin: &User, last: u64) {
    let mut history = HistoryServiceClient::new(admin.channel.clone());
    let mut stream = history
        .replay_events(admin.says(ReplayEventsRequest::default()))
        .await
        .unwrap()
        .into_inner();
    let mut positions = Vec::new();
    while let Some(item) = stream.message().await.unwrap() {
        match item.item.unwrap() {
            Item::Event(event) => positions.push(event.position),
            Item::Events(_) | Item::Progress(_) => panic!("neither was asked for"),
            Item::End(end) => {
                assert_eq!((end.count, end.last_position), (positions.len() as u64, last));
            }
        }
    }
    assert_eq!(positions, (1..=last).collect::<Vec<_>>());
}

async fn lists_can_be_searched(admin: &User) {
    let mut lists = OrderQueryServiceClient::new(admin.channel.clone());
    for (search, expected) in [("恒通", 1), ("冰红茶", 1), ("so-", 1), ("100%", 0)] {
        let asked = order::ListOrdersRequest { search: search.to_owned(), ..Default::default() };
        let found = lists.list_orders(admin.says(asked)).await.unwrap().into_inner();
        assert_eq!(found.orders.len(), expected, "search for {search}");
        assert_eq!(found.page.unwrap().total, expected as u64);
    }
    let products = lists.list_products(admin.says(order::ListProductsRequest::default())).await;
    let products = products.unwrap().into_inner().products;
    assert_eq!(products[0].unit_price_minor, Some(PRICE));
    let packed = order::Packaging { unit: "箱".to_owned(), base_quantity: 24 };
    assert_eq!(products[0].packagings, [packed]);
    assert!(chrono::DateTime::parse_from_rfc3339(&products[0].published_at).is_ok());
    let mut partners = partner::partner_query_service_client::PartnerQueryServiceClient::new(
        admin.channel.clone(),
    );
    let dealers = partners.list_dealers(admin.says(partner::ListDealersRequest::default())).await;
    assert_eq!(dealers.unwrap().into_inner().dealers[0].region_name, "华东");
    let regions = partners.list_regions(admin.says(partner::ListRegionsRequest::default())).await;
    assert_eq!(regions.unwrap().into_inner().regions[1].path, ["root", "east"]);
}

#[tokio::test]
async fn every_drill_level_adds_up_to_the_total() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    let mut last = 0;
    for n in 1..=20 {
        last = submit(&admin, &order_of(&format!("SO-{n}"), n * 3)).await.position;
    }
    let dimensions = [
        SalesDimension::Period,
        SalesDimension::Region,
        SalesDimension::Dealer,
        SalesDimension::Category,
        SalesDimension::Product,
        SalesDimension::Order,
    ];
    for dimension in dimensions {
        let asked = QuerySalesRequest {
            dimensions: vec![dimension.into()],
            min_position: last,
            ..Default::default()
        };
        let answer = sales(&admin, asked).await;
        let total = answer.total.unwrap().figures.unwrap();
        let figures = answer.rows.iter().map(|row| row.figures.unwrap());
        let sum: (i64, i64) =
            figures.fold((0, 0), |(gross, units), f| (gross + f.gross_minor, units + f.quantity));
        assert_eq!(sum, (total.gross_minor, total.quantity), "by {dimension:?}");
        assert_eq!(total.gross_minor, (1..=20).map(|n| n * 3 * PRICE).sum::<i64>());
    }
}

#[tokio::test]
async fn a_cancelled_order_is_no_sale_and_a_retired_product_can_not_be_ordered() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    submit(&admin, &order_of("SO-1", 10)).await;
    submit(&admin, &order_of("SO-2", 1)).await;
    let mut orders = OrderServiceClient::new(admin.channel.clone());
    let cancel = order::CancelOrderRequest {
        request_id: id(),
        order_id: "SO-1".to_owned(),
        reason: "下错了".to_owned(),
        ..Default::default()
    };
    let cancelled = orders.cancel_order(admin.says(cancel)).await.unwrap().into_inner();
    let min_position = cancelled.receipt.unwrap().position;
    let answer = sales(&admin, QuerySalesRequest { min_position, ..Default::default() }).await;
    let total = answer.total.unwrap().figures.unwrap();
    assert_eq!((total.gross_minor, total.orders), (PRICE, 1));

    let mut products =
        order::product_service_client::ProductServiceClient::new(admin.channel.clone());
    let rename = order::RenameProductRequest {
        request_id: id(),
        product_id: "tea-500".to_owned(),
        name: "冰红茶 500ml 新装".to_owned(),
        ..Default::default()
    };
    let renamed = products.rename_product(admin.says(rename)).await.unwrap().into_inner();
    let mut lists = OrderQueryServiceClient::new(admin.channel.clone());
    let min_position = renamed.receipt.unwrap().position;
    let asked = order::ListProductsRequest { min_position, ..Default::default() };
    let listed = lists.list_products(admin.says(asked)).await.unwrap().into_inner();
    assert_eq!(listed.products[0].name, "冰红茶 500ml 新装");
    let retire = order::RetireProductRequest {
        request_id: id(),
        product_id: "tea-500".to_owned(),
        reason: "换代".to_owned(),
        ..Default::default()
    };
    products.retire_product(admin.says(retire)).await.unwrap();
    let refused = orders.submit_order(admin.says(order_of("SO-3", 1))).await.unwrap_err();
    assert_eq!(reason(&refused), "PRODUCT_NOT_ORDERABLE");
}

#[tokio::test]
async fn one_command_is_one_trace_from_gateway_to_projection() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    submit(&admin, &order_of("SO-0", 1)).await;
    let trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
    let mut request = admin.says(order_of("SO-1", 1));
    let parent = format!("00-{trace_id}-00f067aa0ba902b7-01").parse().unwrap();
    request.metadata_mut().insert("traceparent", parent);
    OrderServiceClient::new(admin.channel.clone()).submit_order(request).await.unwrap();

    let expected = [
        "gateway/qudao.order",
        "qudao.order.v1",
        "log.append",
        "relay.publish",
        "projection.apply",
    ];
    for _ in 0..200 {
        let spans = spans(&system, trace_id);
        let names: Vec<_> = spans.values().map(|(name, _)| name.clone()).collect();
        if expected.iter().all(|part| names.iter().any(|name| name.starts_with(part))) {
            let rooted = spans
                .values()
                .all(|(_, parent)| parent == "00f067aa0ba902b7" || spans.contains_key(parent));
            assert!(rooted, "every span has its parent in the trace: {spans:?}");
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the trace has only {:?}", spans(&system, trace_id));
}

/// Spans of a trace by id: name and parent.
fn spans(system: &System, trace_id: &str) -> BTreeMap<String, (String, String)> {
    let lines = std::fs::read_to_string(system.traces()).unwrap_or_default();
    let spans = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let text = |span: &Value, key: &str| span[key].as_str().unwrap_or_default().to_owned();
    spans
        .filter(|span| text(span, "trace_id") == trace_id)
        .map(|s| (text(&s, "span_id"), (text(&s, "name"), text(&s, "parent_span_id"))))
        .collect()
}
