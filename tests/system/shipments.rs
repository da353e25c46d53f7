//! Confirmed orders are handed over to the warehouses that keep their goods, and shipped by them.

use proto::access::v1::Role;
use proto::common::v1::Receipt;
use proto::order::v1 as order;
use proto::order::v1::order_rules_service_client::OrderRulesServiceClient;
use proto::order::v1::order_service_client::OrderServiceClient;
use proto::order::v1::shipment_query_service_client::ShipmentQueryServiceClient;
use proto::order::v1::shipment_service_client::ShipmentServiceClient;
use proto::order::v1::stock_query_service_client::StockQueryServiceClient;
use proto::order::v1::stock_service_client::StockServiceClient;
use proto::order::v1::{LineQuantity, OrderStatus, ShipmentStatus};
use sqlx::PgPool;
use tonic::{Code, Response, Status};

use cluster_tests::support::funds::{cancel, confirm_order, limit, release, ship, shown};
use cluster_tests::support::online::Till;
use cluster_tests::support::shop::{
    self, dealer, open_account, order_of, product, reason, set_prices, submit,
};
use cluster_tests::support::system::{System, User, id};

/// Lets warehouses be handed what is confirmed.
async fn rules(user: &User, rules: order::OrderRules) {
    let rules = order::OrderRules { hands_over: true, stock_checked: true, ..rules };
    let request =
        order::SetOrderRulesRequest { request_id: id(), rules: Some(rules), ..Default::default() };
    let mut client = OrderRulesServiceClient::new(user.channel.clone());
    client.set_order_rules(user.says(request)).await.unwrap();
}

async fn count(user: &User, warehouse: &str, on_hand: u32) {
    let request = order::CountStockRequest {
        request_id: id(),
        warehouse_id: warehouse.to_owned(),
        items: vec![order::CountedStock { product_id: "tea-500".to_owned(), on_hand }],
        ..Default::default()
    };
    let mut client = StockServiceClient::new(user.channel.clone());
    client.count_stock(user.says(request)).await.unwrap();
}

/// What there is of tea in each warehouse, and what is kept of it.
async fn levels(user: &User, min_position: u64) -> Vec<(String, i64, i64)> {
    let asked = order::ListStockRequest {
        search: "tea-500".to_owned(),
        min_position,
        ..Default::default()
    };
    let mut client = StockQueryServiceClient::new(user.channel.clone());
    let listed = client.list_stock(user.says(asked)).await.unwrap().into_inner();
    let told = |it: &order::WarehouseStock| (it.warehouse_id.clone(), it.on_hand, it.reserved);
    listed.items[0].warehouses.iter().map(told).collect()
}

async fn listed(user: &User, asked: order::ListShipmentsRequest) -> Vec<order::Shipment> {
    let mut client = ShipmentQueryServiceClient::new(user.channel.clone());
    client.list_shipments(user.says(asked)).await.unwrap().into_inner().shipments
}

async fn of_order(user: &User, order_id: &str, min_position: u64) -> Vec<order::Shipment> {
    let order_id = order_id.to_owned();
    let asked = order::ListShipmentsRequest { order_id, min_position, ..Default::default() };
    let mut found = listed(user, asked).await;
    found.sort_by_key(|it| it.number);
    found
}

async fn found(
    user: &User,
    shipment_id: &str,
    min_position: u64,
) -> Result<order::GetShipmentResponse, Status> {
    let shipment_id = shipment_id.to_owned();
    let asked = order::GetShipmentRequest { shipment_id, min_position, ..Default::default() };
    let mut client = ShipmentQueryServiceClient::new(user.channel.clone());
    client.get_shipment(user.says(asked)).await.map(Response::into_inner)
}

async fn acknowledge(user: &User, shipment_id: &str, reference: &str) -> Result<Receipt, Status> {
    let request = order::AcknowledgeShipmentRequest {
        request_id: id(),
        shipment_id: shipment_id.to_owned(),
        reference: reference.to_owned(),
        ..Default::default()
    };
    let mut client = ShipmentServiceClient::new(user.channel.clone());
    Ok(client.acknowledge_shipment(user.says(request)).await?.into_inner().receipt.unwrap())
}

async fn hand_back(user: &User, shipment_id: &str) -> Result<Receipt, Status> {
    let request = order::HandBackShipmentRequest {
        request_id: id(),
        shipment_id: shipment_id.to_owned(),
        reason: "货位破损".to_owned(),
        ..Default::default()
    };
    let mut client = ShipmentServiceClient::new(user.channel.clone());
    Ok(client.hand_back_shipment(user.says(request)).await?.into_inner().receipt.unwrap())
}

async fn send(user: &User, shipment_id: &str, lines: &[(u32, u32)]) -> Result<Receipt, Status> {
    let line = |&(line_no, quantity): &(u32, u32)| LineQuantity { line_no, quantity };
    let request = order::ShipShipmentRequest {
        request_id: id(),
        shipment_id: shipment_id.to_owned(),
        lines: lines.iter().map(line).collect(),
        carrier: "顺丰".to_owned(),
        tracking_number: format!("SF-{shipment_id}"),
        ..Default::default()
    };
    let mut client = ShipmentServiceClient::new(user.channel.clone());
    Ok(client.ship_shipment(user.says(request)).await?.into_inner().receipt.unwrap())
}

async fn close_short(user: &User, order_id: &str) -> Result<Receipt, Status> {
    let request = order::CloseOrderShortRequest {
        request_id: id(),
        order_id: order_id.to_owned(),
        reason: "工厂停产".to_owned(),
        ..Default::default()
    };
    let mut client = OrderServiceClient::new(user.channel.clone());
    Ok(client.close_order_short(user.says(request)).await?.into_inner().receipt.unwrap())
}

fn refused<T: std::fmt::Debug>(answer: Result<T, Status>) -> String {
    reason(&answer.expect_err("it must be refused"))
}

async fn status(user: &User, order_id: &str, min_position: u64) -> OrderStatus {
    shown(user, order_id, min_position).await.summary.unwrap().status()
}

/// Six bottles in the north and four in the south; of cups nobody keeps stock.
async fn open(system: &System) -> (User, User) {
    let admin = shop::open(system).await;
    open_account(&admin, "hengtong").await;
    product(&admin, "cup", "保温杯", &["杯具"]).await;
    set_prices(&admin, "base", &[("cup", 100)]).await;
    count(&admin, "north", 6).await;
    count(&admin, "south", 4).await;
    (admin, system.somebody("chen.li", Role::Warehouse))
}

/// So many bottles and two cups.
fn both(order_id: &str, bottles: u32) -> order::SubmitOrderRequest {
    let mut request = order_of(order_id, bottles);
    let product_id = "cup".to_owned();
    request.lines.push(order::SubmitOrderLine { product_id, quantity: 2, unit_price_minor: None });
    request
}

#[tokio::test]
async fn an_order_of_two_warehouses_is_handed_over_and_shipped_in_parts() {
    let system = System::start().await;
    let (admin, keeper) = open(&system).await;
    rules(&admin, order::OrderRules::default()).await;
    let owner = system.user("acme", &[Role::DealerOwner], Some("hengtong"));
    let placed = submit(&owner, &both("SO-1", 8)).await;
    assert_eq!(status(&owner, "SO-1", placed.position).await, OrderStatus::Confirmed);

    let all = of_order(&keeper, "SO-1", placed.position).await;
    let told = |it: &order::Shipment| {
        (it.shipment_id.clone(), it.warehouse_id.clone(), it.quantity, it.status())
    };
    let waiting = |id: &str, at: &str, quantity| {
        (id.to_owned(), at.to_owned(), quantity, ShipmentStatus::Released)
    };
    let expected =
        [waiting("SO-1-1", "north", 6), waiting("SO-1-2", "south", 2), waiting("SO-1-3", "", 2)];
    assert_eq!(all.iter().map(told).collect::<Vec<_>>(), expected);
    assert!(all.iter().all(|it| it.of == 3 && it.dealer_name == "苏州恒通" && !it.stuck));
    let no = refused(ship(&keeper, "SO-1", 1).await);
    assert_eq!(no, "HANDED_OVER", "an order with shipments is shipped by them");

    taken_on(&system, &keeper, &admin).await;
    stuck(&system, &keeper, &owner).await;
    sent(&keeper, &owner).await;
    seen(&system, &admin, &owner).await;
}

/// One of the shipments is acknowledged, and handed back.
async fn taken_on(system: &System, keeper: &User, admin: &User) {
    let first = acknowledge(keeper, "SO-1-1", "WMS-1").await.unwrap();
    let again = acknowledge(keeper, "SO-1-1", "WMS-1").await.unwrap();
    assert_eq!(first.version, again.version, "to say it again changes nothing");
    let no = refused(acknowledge(keeper, "SO-1-1", "WMS-2").await);
    assert_eq!(no, "ACKNOWLEDGED_OTHERWISE");
    assert_eq!(refused(cancel(admin, "SO-1").await), "WAREHOUSE_HAS_IT");
    let all = of_order(keeper, "SO-1", first.position).await;
    let statuses: Vec<_> = all.iter().map(order::Shipment::status).collect();
    let (waiting, taken) = (ShipmentStatus::Released, ShipmentStatus::Acknowledged);
    assert_eq!(statuses, [taken, waiting, waiting], "a refused cancel withdraws nothing");
    assert_eq!((all[0].reference.as_str(), all[0].waiting_minutes), ("WMS-1", None));

    let (fine, told) =
        system.qudao(keeper, &["shipments", "hand-back", "SO-1-1", "--reason", "货位破损"]);
    assert!(fine && told["shipment_id"] == "SO-1-1", "{told}");
    let back = found(keeper, "SO-1-1", told["position"].as_u64().unwrap()).await.unwrap();
    let back = back.shipment.unwrap();
    assert_eq!((back.status(), back.reason.as_str()), (waiting, "货位破损"));
    assert_eq!((back.reference.as_str(), back.waiting_minutes), ("", Some(0)));
    assert_eq!(refused(hand_back(keeper, "SO-1-1").await), "NOT_ACKNOWLEDGED");
}

/// What nobody has taken on for too long is on a list.
async fn stuck(system: &System, keeper: &User, owner: &User) {
    let asked = |stuck_minutes| order::ListShipmentsRequest {
        stuck: true,
        stuck_minutes,
        ..Default::default()
    };
    assert!(listed(keeper, asked(0)).await.is_empty(), "two hours are not over");
    // As if they had been released so many minutes ago.
    let pool = PgPool::connect(&system.servers.postgres_url()).await.unwrap();
    for (shipment_id, minutes) in [("SO-1-2", 119), ("SO-1-3", 200)] {
        sqlx::query(
            "UPDATE read_models.shipments SET waits_since = now() - make_interval(mins => $1)
             WHERE shipment_id = $2",
        )
        .bind(minutes)
        .bind(shipment_id)
        .execute(&pool)
        .await
        .unwrap();
    }
    let ids = |all: Vec<order::Shipment>| {
        all.into_iter().map(|it| (it.shipment_id, it.waiting_minutes, it.stuck)).collect::<Vec<_>>()
    };
    let late = ("SO-1-3".to_owned(), Some(200), true);
    assert_eq!(ids(listed(keeper, asked(0)).await), std::slice::from_ref(&late));
    let soon = ("SO-1-2".to_owned(), Some(119), true);
    assert_eq!(ids(listed(keeper, asked(60)).await), [late, soon], "the longest first");
    assert!(listed(owner, asked(1)).await.is_empty(), "dealers are not told");
    let (fine, told) = system.qudao(keeper, &["shipments", "list", "--stuck"]);
    assert!(fine && told[0]["waiting_minutes"] == 200 && told[1].is_null(), "{told}");
}

/// All three leave, the first one in parts; stock leaves the warehouse of each.
async fn sent(keeper: &User, owner: &User) {
    let at = |place: &str, on_hand, reserved| (place.to_owned(), on_hand, reserved);
    assert_eq!(levels(keeper, 0).await, [at("north", 6, 6), at("south", 4, 2)]);
    let left = send(keeper, "SO-1-2", &[]).await.unwrap();
    assert_eq!(levels(keeper, left.position).await, [at("north", 6, 6), at("south", 2, 0)]);
    assert_eq!(status(owner, "SO-1", left.position).await, OrderStatus::PartlyShipped);
    assert_eq!(refused(send(keeper, "SO-1-1", &[(1, 7)]).await), "MORE_THAN_RELEASED");
    assert_eq!(refused(send(keeper, "SO-1-1", &[(2, 1)]).await), "LINE_NOT_FOUND");
    assert_eq!(refused(send(keeper, "SO-1-1", &[(1, 1), (1, 1)]).await), "LINE_TWICE");
    assert_eq!(refused(send(keeper, "SO-9-1", &[]).await), "SHIPMENT_NOT_FOUND");
    let left = send(keeper, "SO-1-1", &[(1, 2)]).await.unwrap();
    assert_eq!(levels(keeper, left.position).await, [at("north", 4, 4), at("south", 2, 0)]);
    let part = found(keeper, "SO-1-1", left.position).await.unwrap().shipment.unwrap();
    assert_eq!((part.status(), part.shipped), (ShipmentStatus::PartlyShipped, 2));
    send(keeper, "SO-1-1", &[]).await.unwrap();
    assert_eq!(refused(send(keeper, "SO-1-1", &[]).await), "SHIPMENT_SHIPPED");
    let left = send(keeper, "SO-1-3", &[(2, 2)]).await.unwrap();
    assert_eq!(levels(keeper, left.position).await, [at("north", 0, 0), at("south", 2, 0)]);
    assert_eq!(status(owner, "SO-1", left.position).await, OrderStatus::Shipped);
    let lines = shown(owner, "SO-1", left.position).await.lines;
    let shipped: Vec<_> = lines.iter().map(|line| line.shipped).collect();
    assert_eq!(shipped, lines.iter().map(|line| line.quantity).collect::<Vec<_>>());
    let whole = found(keeper, "SO-1-1", left.position).await.unwrap();
    let parcels: Vec<_> = whole.parcels.iter().map(|it| it.lines[0].quantity).collect();
    assert_eq!(parcels, [2, 4]);
    assert_eq!((whole.lines[0].product_name.as_str(), whole.lines[0].shipped), ("冰红茶 500ml", 6));
}

/// Each sees the shipments of its own.
async fn seen(system: &System, admin: &User, owner: &User) {
    let mine = of_order(owner, "SO-1", 0).await;
    assert_eq!(mine.len(), 3);
    let first = found(owner, "SO-1-1", 0).await.unwrap().shipment.unwrap();
    assert_eq!((first.carrier.as_str(), first.tracking_number.as_str()), ("顺丰", "SF-SO-1-1"));
    assert_eq!(first.reason, "", "why a warehouse handed it back is not for dealers");
    dealer(admin, "tongda", "east").await;
    let other = system.user("acme", &[Role::DealerOwner], Some("tongda"));
    assert!(of_order(&other, "SO-1", 0).await.is_empty());
    let no = found(&other, "SO-1-1", 0).await.unwrap_err();
    assert_eq!((no.code(), reason(&no).as_str()), (Code::NotFound, "SHIPMENT_NOT_FOUND"));
    let no = acknowledge(owner, "SO-1-1", "").await.unwrap_err();
    assert_eq!(no.code(), Code::PermissionDenied, "a dealer is no warehouse");
    for search in ["SF-SO-1-2", "苏州", "1-2"] {
        let search = search.to_owned();
        let asked = order::ListShipmentsRequest { search, ..Default::default() };
        assert!(listed(admin, asked).await.iter().any(|it| it.shipment_id == "SO-1-2"));
    }
    let asked = order::ListShipmentsRequest {
        warehouse_id: "south".to_owned(),
        dealer_id: "hengtong".to_owned(),
        statuses: vec![ShipmentStatus::Shipped.into()],
        ..Default::default()
    };
    assert_eq!(listed(admin, asked).await.len(), 1);
}

#[tokio::test]
async fn what_a_warehouse_works_on_is_neither_cancelled_nor_closed() {
    let system = System::start().await;
    let (admin, keeper) = open(&system).await;
    // An order of before is shipped as a whole, whatever the rules are later.
    submit(&admin, &order_of("SO-0", 1)).await;
    confirm_order(&admin, "SO-0").await;
    rules(&admin, order::OrderRules { reviewed: true, ..Default::default() }).await;
    ship(&keeper, "SO-0", 1).await.unwrap();

    let placed = submit(&admin, &both("SO-1", 8)).await;
    assert!(of_order(&keeper, "SO-1", placed.position).await.is_empty(), "nobody has confirmed it");
    confirm_order(&admin, "SO-1").await;
    acknowledge(&keeper, "SO-1-2", "").await.unwrap();
    assert_eq!(refused(cancel(&admin, "SO-1").await), "WAREHOUSE_HAS_IT");
    hand_back(&keeper, "SO-1-2").await.unwrap();
    let gone = cancel(&admin, "SO-1").await.unwrap();
    let all = of_order(&keeper, "SO-1", gone.position).await;
    assert!(all.iter().all(|it| it.status() == ShipmentStatus::Withdrawn), "{all:?}");
    assert_eq!((all[0].withdrawn, all[0].reason.as_str()), (6, "下错"));
    assert_eq!(refused(acknowledge(&keeper, "SO-1-1", "").await), "SHIPMENT_WITHDRAWN");
    assert_eq!(refused(send(&keeper, "SO-1-1", &[]).await), "SHIPMENT_WITHDRAWN");
    let free = |place: &str, on_hand| (place.to_owned(), on_hand, 0);
    let there = levels(&keeper, gone.position).await;
    assert_eq!(there, [free("north", 6), free("south", 4)], "all of it is free again");

    // The south has sent all it had, and the north a part, which it works on.
    submit(&admin, &both("SO-2", 8)).await;
    confirm_order(&admin, "SO-2").await;
    send(&keeper, "SO-2-2", &[]).await.unwrap();
    send(&keeper, "SO-2-1", &[(1, 1)]).await.unwrap();
    assert_eq!(refused(close_short(&admin, "SO-2").await), "WAREHOUSE_HAS_IT");
    assert_eq!(refused(cancel(&admin, "SO-2").await), "GOODS_SHIPPED");
    hand_back(&keeper, "SO-2-1").await.unwrap();
    let closed = close_short(&admin, "SO-2").await.unwrap();
    let all = of_order(&keeper, "SO-2", closed.position).await;
    let told: Vec<_> = all.iter().map(|it| (it.status(), it.shipped, it.withdrawn)).collect();
    let (sent, gone) = (ShipmentStatus::Shipped, ShipmentStatus::Withdrawn);
    assert_eq!(told, [(sent, 1, 5), (sent, 2, 0), (gone, 0, 2)]);
    assert_eq!(status(&admin, "SO-2", closed.position).await, OrderStatus::Shipped);
    let there = levels(&keeper, closed.position).await;
    assert_eq!(there, [free("north", 5), free("south", 2)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_confirms_an_order_hands_it_over() {
    let till = Till::start().await;
    let settled = order::OrderRules { settled_here: true, ..Default::default() };
    rules(&till.admin, settled).await;
    let keeper = till.system.somebody("chen.li", Role::Warehouse);
    let waits = async |receipt: Receipt| {
        let all = of_order(&keeper, &receipt.object_id, receipt.position).await;
        assert!(all.is_empty(), "it is not confirmed: {all:?}");
    };
    let handed_over = async |receipt: Receipt| {
        let all = of_order(&keeper, &receipt.object_id, receipt.position).await;
        let told: Vec<_> = all.iter().map(|it| (it.number, it.of, it.quantity)).collect();
        assert_eq!(told, [(1, 1, 2)], "{all:?}");
    };

    // By money that a provider has.
    waits(submit(&till.owner, &order_of("SO-1", 2)).await).await;
    let paid = till.pay("SO-1", order::PaymentProvider::WechatPay).await;
    till.until(&paid.payment_id, order::PaymentStatus::Captured).await;
    let position = order_log(&till.system).await;
    handed_over(Receipt { object_id: "SO-1".to_owned(), position, version: 0 }).await;
    // By finance, which lets it have the credit that it waited for.
    limit(&till.finance, "hengtong", shop::PRICE).await.unwrap();
    waits(submit(&till.owner, &order_of("SO-2", 2)).await).await;
    handed_over(release(&till.finance, "SO-2", Some(10 * shop::PRICE)).await.unwrap()).await;
    // As it is submitted, on credit.
    limit(&till.finance, "hengtong", 100 * shop::PRICE).await.unwrap();
    handed_over(submit(&till.owner, &order_of("SO-3", 2)).await).await;
    // By whoever pays it later.
    let mut later = order_of("SO-4", 2);
    later.payment = Some(order::PaymentChoice { without_credit: true, ..Default::default() });
    waits(submit(&till.owner, &later).await).await;
    let pay = order::PayOrderRequest {
        request_id: id(),
        order_id: "SO-4".to_owned(),
        ..Default::default()
    };
    let mut orders = OrderServiceClient::new(till.owner.channel.clone());
    let paid = orders.pay_order(till.owner.says(pay)).await.unwrap().into_inner();
    handed_over(paid.receipt.unwrap()).await;
}

/// The end of the order log.
async fn order_log(system: &System) -> u64 {
    let pool = PgPool::connect(&system.servers.postgres_url()).await.unwrap();
    let end = "SELECT max(position) FROM order_log.events";
    let end: i64 = sqlx::query_scalar(end).fetch_one(&pool).await.unwrap();
    end.cast_unsigned()
}
