//! Orders are looked at step by step, and become others after that: everything follows the difference.

use std::time::Duration;

use proto::access::v1::Role;
use proto::common::v1::Receipt;
use proto::order::v1 as order;
use proto::order::v1::order_change_service_client::OrderChangeServiceClient;
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use proto::order::v1::order_review_service_client::OrderReviewServiceClient;
use proto::order::v1::order_rules_service_client::OrderRulesServiceClient;
use proto::order::v1::product_service_client::ProductServiceClient;
use proto::order::v1::shipment_query_service_client::ShipmentQueryServiceClient;
use proto::order::v1::shipment_service_client::ShipmentServiceClient;
use proto::order::v1::stock_query_service_client::StockQueryServiceClient;
use proto::order::v1::stock_service_client::StockServiceClient;
use proto::order::v1::{OrderChangeState, OrderStatus, OrderTodo, ReviewStep, WaitingRules};
use sqlx::PgPool;
use tonic::{Code, Status};

use cluster_tests::support::funds::{funds, limit, settled, shown};
use cluster_tests::support::shop::{PRICE, order_of, reason, sales, submit};
use cluster_tests::support::system::{System, User, id};
use proto::bi::v1::QuerySalesRequest;

use crate::system::back_orders::{hours_pass, stuck};

/// Sales looks at every order that a dealer places, finance at what is not paid in full; 20 bottles are
/// in the north.
async fn reviewed(admin: &User, keeper: &User) {
    reviewed_within(admin, keeper, WaitingRules::default()).await;
}

/// The same where orders do not wait for ever.
async fn reviewed_within(admin: &User, keeper: &User, waiting: WaitingRules) {
    let sales = order::ReviewRule {
        reviewer: order::Reviewer::SalesDirector.into(),
        by_dealers_only: true,
        ..Default::default()
    };
    let finance = order::ReviewRule {
        reviewer: order::Reviewer::Finance.into(),
        unless_prepaid: true,
        ..Default::default()
    };
    let rules = order::OrderRules {
        settled_here: true,
        reviewed: true,
        stock_checked: true,
        hands_over: true,
        sales_review: Some(sales),
        finance_review: Some(finance),
        waiting: Some(waiting),
        ..Default::default()
    };
    let set =
        order::SetOrderRulesRequest { request_id: id(), rules: Some(rules), ..Default::default() };
    let mut client = OrderRulesServiceClient::new(admin.channel.clone());
    client.set_order_rules(admin.says(set)).await.unwrap();
    let count = order::CountStockRequest {
        request_id: id(),
        warehouse_id: "north".to_owned(),
        items: vec![order::CountedStock { product_id: "tea-500".to_owned(), on_hand: 20 }],
        ..Default::default()
    };
    let mut client = StockServiceClient::new(keeper.channel.clone());
    client.count_stock(keeper.says(count)).await.unwrap();
}

async fn approve(user: &User, order_id: &str, step: ReviewStep) -> Result<Receipt, Status> {
    let request = order::ApproveOrderRequest {
        request_id: id(),
        order_id: order_id.to_owned(),
        step: step.into(),
        note: "可以".to_owned(),
        ..Default::default()
    };
    let mut client = OrderReviewServiceClient::new(user.channel.clone());
    Ok(client.approve_order(user.says(request)).await?.into_inner().receipt.unwrap())
}

async fn send_back(user: &User, order_id: &str, step: ReviewStep) -> Result<Receipt, Status> {
    let request = order::SendBackOrderRequest {
        request_id: id(),
        order_id: order_id.to_owned(),
        step: step.into(),
        reason: "请减少数量".to_owned(),
        ..Default::default()
    };
    let mut client = OrderReviewServiceClient::new(user.channel.clone());
    Ok(client.send_back_order(user.says(request)).await?.into_inner().receipt.unwrap())
}

async fn refuse(user: &User, order_id: &str, step: ReviewStep) -> Result<Receipt, Status> {
    let request = order::RefuseOrderRequest {
        request_id: id(),
        order_id: order_id.to_owned(),
        step: step.into(),
        reason: "下错型号".to_owned(),
        ..Default::default()
    };
    let mut client = OrderReviewServiceClient::new(user.channel.clone());
    Ok(client.refuse_order(user.says(request)).await?.into_inner().receipt.unwrap())
}

async fn resubmit(user: &User, order_id: &str) -> Result<Receipt, Status> {
    let request = order::ResubmitOrderRequest {
        request_id: id(),
        order_id: order_id.to_owned(),
        note: "已核对".to_owned(),
        ..Default::default()
    };
    let mut client = OrderReviewServiceClient::new(user.channel.clone());
    Ok(client.resubmit_order(user.says(request)).await?.into_inner().receipt.unwrap())
}

async fn propose(user: &User, order_id: &str, bottles: u32) -> Result<Receipt, Status> {
    let request = order::ProposeOrderChangeRequest {
        request_id: id(),
        order_id: order_id.to_owned(),
        lines: vec![order::WantedLine { line_no: 1, quantity: bottles }],
        note: "门店改期".to_owned(),
        ..Default::default()
    };
    let mut client = OrderChangeServiceClient::new(user.channel.clone());
    Ok(client.propose_order_change(user.says(request)).await?.into_inner().receipt.unwrap())
}

async fn agree(user: &User, order_id: &str) -> Result<Receipt, Status> {
    let request = order::ApproveOrderChangeRequest {
        request_id: id(),
        order_id: order_id.to_owned(),
        ..Default::default()
    };
    let mut client = OrderChangeServiceClient::new(user.channel.clone());
    Ok(client.approve_order_change(user.says(request)).await?.into_inner().receipt.unwrap())
}

async fn disagree(user: &User, order_id: &str) -> Result<Receipt, Status> {
    let request = order::RefuseOrderChangeRequest {
        request_id: id(),
        order_id: order_id.to_owned(),
        reason: "仓库已备货".to_owned(),
        ..Default::default()
    };
    let mut client = OrderChangeServiceClient::new(user.channel.clone());
    Ok(client.refuse_order_change(user.says(request)).await?.into_inner().receipt.unwrap())
}

async fn withdraw(user: &User, order_id: &str) -> Result<Receipt, Status> {
    let request = order::WithdrawOrderChangeRequest {
        request_id: id(),
        order_id: order_id.to_owned(),
        ..Default::default()
    };
    let mut client = OrderChangeServiceClient::new(user.channel.clone());
    Ok(client.withdraw_order_change(user.says(request)).await?.into_inner().receipt.unwrap())
}

async fn quoted(user: &User, order_id: &str, bottles: u32) -> order::QuoteOrderChangeResponse {
    let request = order::QuoteOrderChangeRequest {
        order_id: order_id.to_owned(),
        lines: vec![order::WantedLine { line_no: 1, quantity: bottles }],
        added: vec![],
    };
    let mut client = OrderChangeServiceClient::new(user.channel.clone());
    client.quote_order_change(user.says(request)).await.unwrap().into_inner()
}

/// How many orders wait for sales, for finance, without steps, with the dealer, and with a change.
async fn todos(user: &User, min_position: u64) -> [u32; 5] {
    let mut client = OrderQueryServiceClient::new(user.channel.clone());
    let asked = order::GetOrderTodosRequest { min_position };
    let told = client.get_order_todos(user.says(asked)).await.unwrap().into_inner();
    [told.sales_review, told.finance_review, told.confirm, told.sent_back, told.change]
}

async fn waiting(user: &User, todo: OrderTodo) -> Vec<String> {
    let mut client = OrderQueryServiceClient::new(user.channel.clone());
    let asked = order::ListOrdersRequest { todo: todo.into(), ..Default::default() };
    let listed = client.list_orders(user.says(asked)).await.unwrap().into_inner();
    listed.orders.into_iter().map(|order| order.order_id).collect()
}

/// Tea has 13 % of tax in it.
async fn taxed(admin: &User) {
    let tax = order::SetProductTaxRequest {
        request_id: id(),
        product_id: "tea-500".to_owned(),
        tax: Some(order::Tax { rate_ppm: 130_000, exempt: false }),
        ..Default::default()
    };
    let mut products = ProductServiceClient::new(admin.channel.clone());
    products.set_product_tax(admin.says(tax)).await.unwrap();
}

/// The order as the list has it.
async fn listed(user: &User, min_position: u64) -> order::OrderSummary {
    let asked = order::ListOrdersRequest { min_position, ..Default::default() };
    let mut lists = OrderQueryServiceClient::new(user.channel.clone());
    lists.list_orders(user.says(asked)).await.unwrap().into_inner().orders.remove(0)
}

/// What there is of the bottles, and what is kept.
async fn stock(user: &User, min_position: u64) -> [i64; 2] {
    let asked = order::ListStockRequest { min_position, ..Default::default() };
    let mut client = StockQueryServiceClient::new(user.channel.clone());
    let items = client.list_stock(user.says(asked)).await.unwrap().into_inner().items;
    [items[0].on_hand, items[0].reserved]
}

async fn reserved(user: &User, min_position: u64) -> i64 {
    let there = funds(user, "hengtong", min_position).await.unwrap();
    there.credit.unwrap().reserved_minor
}

#[tokio::test]
async fn an_order_passes_its_steps_and_is_confirmed_by_the_last_one() {
    let system = System::start().await;
    let (admin, owner, finance) = settled(&system, true).await;
    let keeper = system.somebody("chen.li", Role::Warehouse);
    let manager = system.director();
    reviewed(&admin, &keeper).await;
    limit(&finance, "hengtong", 20 * PRICE).await.unwrap();

    submit(&owner, &order_of("SO-1", 6)).await;
    let no = approve(&finance, "SO-1", ReviewStep::Finance).await.unwrap_err();
    assert_eq!(reason(&no), "OTHER_STEP");
    let no = approve(&finance, "SO-1", ReviewStep::Sales).await.unwrap_err();
    assert_eq!((reason(&no), no.code()), ("NOT_YOUR_STEP".to_owned(), Code::PermissionDenied));
    let no = approve(&owner, "SO-1", ReviewStep::Sales).await.unwrap_err();
    assert_eq!(no.code(), Code::PermissionDenied, "a dealer reviews nothing");
    let at = send_back(&manager, "SO-1", ReviewStep::Sales).await.unwrap().position;
    assert_eq!(todos(&admin, at).await, [0, 0, 0, 1, 0]);
    let order = shown(&owner, "SO-1", at).await.summary.unwrap();
    assert!(order.sent_back && order.sent_back_reason == "请减少数量", "{order:?}");
    let again = resubmit(&owner, "SO-1").await.unwrap().position;
    assert_eq!(todos(&admin, again).await, [1, 0, 0, 0, 0]);
    assert_eq!(waiting(&manager, OrderTodo::SalesReview).await, ["SO-1"]);

    // A change before it is confirmed is made at once, and begins the review anew.
    let passed = approve(&manager, "SO-1", ReviewStep::Sales).await.unwrap().position;
    assert_eq!(todos(&admin, passed).await, [0, 1, 0, 0, 0]);
    let quote = quoted(&owner, "SO-1", 4).await;
    assert_eq!((quote.net_minor, quote.needs_approval), (4 * PRICE, false));
    let at = propose(&owner, "SO-1", 4).await.unwrap().position;
    assert_eq!(todos(&admin, at).await, [1, 0, 0, 0, 0]);
    assert_eq!((reserved(&owner, at).await, stock(&keeper, at).await), (4 * PRICE, [20, 4]));
    approve(&manager, "SO-1", ReviewStep::Sales).await.unwrap();
    let at = approve(&finance, "SO-1", ReviewStep::Finance).await.unwrap().position;
    let order = shown(&owner, "SO-1", at).await;
    let summary = order.summary.unwrap();
    assert_eq!(summary.status(), OrderStatus::Confirmed);
    assert_eq!((summary.review_step(), summary.quantity), (ReviewStep::Unspecified, 4));
    assert_eq!(order.changes.len(), 1);
    let mut shipments = ShipmentQueryServiceClient::new(keeper.channel.clone());
    let asked = order::ListShipmentsRequest { min_position: at, ..Default::default() };
    let listed = shipments.list_shipments(keeper.says(asked)).await.unwrap().into_inner();
    assert_eq!(listed.shipments.len(), 1, "it was handed over by the last step");

    // Who placed an order does not review it.
    submit(&admin, &order_of("SO-2", 1)).await;
    let no = approve(&admin, "SO-2", ReviewStep::Finance).await.unwrap_err();
    assert_eq!(reason(&no), "DUTIES_APART");
    let at = refuse(&finance, "SO-2", ReviewStep::Finance).await.unwrap().position;
    let gone = shown(&owner, "SO-2", at).await.summary.unwrap();
    assert_eq!(gone.status(), OrderStatus::Cancelled);
    assert_eq!((reserved(&owner, at).await, stock(&keeper, at).await), (4 * PRICE, [20, 4]));
    let (fine, told) = system.qudao(&admin, &["orders", "review", "todo"]);
    assert!(fine && told["sales_review"] == 0, "{told}");
}

#[tokio::test]
async fn a_confirmed_order_changes_when_the_brand_agrees() {
    let system = System::start().await;
    let (admin, owner, finance) = settled(&system, true).await;
    let keeper = system.somebody("chen.li", Role::Warehouse);
    let manager = system.director();
    reviewed(&admin, &keeper).await;
    taxed(&admin).await;
    limit(&finance, "hengtong", 10 * PRICE).await.unwrap();
    submit(&owner, &order_of("SO-1", 6)).await;
    approve(&manager, "SO-1", ReviewStep::Sales).await.unwrap();
    approve(&finance, "SO-1", ReviewStep::Finance).await.unwrap();

    // What was refused or taken back changes nothing.
    propose(&owner, "SO-1", 2).await.unwrap();
    let no = propose(&owner, "SO-1", 3).await.unwrap_err();
    assert_eq!(reason(&no), "CHANGE_WAITS");
    disagree(&manager, "SO-1").await.unwrap();
    propose(&owner, "SO-1", 2).await.unwrap();
    withdraw(&owner, "SO-1").await.unwrap();
    assert_eq!(reason(&agree(&manager, "SO-1").await.unwrap_err()), "NO_CHANGE_WAITS");

    // Who proposed what was taken back agrees to what others propose.
    propose(&manager, "SO-1", 2).await.unwrap();
    assert_eq!(reason(&agree(&manager, "SO-1").await.unwrap_err()), "DUTIES_APART");
    withdraw(&manager, "SO-1").await.unwrap();

    // Less: what the warehouse has not taken on, with the credit that it had; as it is not paid in
    // full, finance looks at it, too.
    let at = propose(&owner, "SO-1", 4).await.unwrap().position;
    assert_eq!(todos(&admin, at).await, [0, 0, 0, 0, 1]);
    assert_eq!(reason(&agree(&finance, "SO-1").await.unwrap_err()), "NOT_YOUR_STEP");
    let at = agree(&manager, "SO-1").await.unwrap().position;
    assert_eq!(todos(&admin, at).await, [0, 1, 0, 0, 1]);
    assert_eq!((reserved(&owner, at).await, stock(&keeper, at).await), (6 * PRICE, [20, 6]));
    assert_eq!(reason(&agree(&manager, "SO-1").await.unwrap_err()), "NOT_YOUR_STEP");
    let at = agree(&finance, "SO-1").await.unwrap().position;
    assert_eq!(todos(&admin, at).await, [0, 0, 0, 0, 0]);
    assert_eq!((reserved(&owner, at).await, stock(&keeper, at).await), (4 * PRICE, [20, 4]));
    // More: on a line and a shipment of their own.
    propose(&owner, "SO-1", 7).await.unwrap();
    agree(&manager, "SO-1").await.unwrap();
    let at = agree(&finance, "SO-1").await.unwrap().position;
    assert_eq!((reserved(&owner, at).await, stock(&keeper, at).await), (7 * PRICE, [20, 7]));
    let order = shown(&owner, "SO-1", at).await;
    let lines: Vec<_> = order.lines.iter().map(|it| (it.line_no, it.quantity)).collect();
    assert_eq!(lines, [(1, 4), (2, 3)]);
    assert_eq!(order.summary.unwrap().net_minor, 7 * PRICE);
    // 7 × 3.50 with 13 %, in the list as well.
    assert_eq!(listed(&owner, at).await.tax_minor, Some(282));
    let states: Vec<_> = order.changes.iter().map(order::OrderChange::state).collect();
    use OrderChangeState::{Made, Refused, Withdrawn};
    assert_eq!(states, [Made, Made, Withdrawn, Withdrawn, Refused]);
    let cube = QuerySalesRequest { min_position: at, ..Default::default() };
    let figures = sales(&admin, cube).await.total.unwrap().figures.unwrap();
    assert_eq!((figures.quantity, figures.gross_minor), (7, 7 * PRICE));

    // Never over the limit, never more than there is.
    propose(&owner, "SO-1", 9).await.unwrap();
    let no = agree(&manager, "SO-1").await.unwrap_err();
    assert_eq!(reason(&no), "CREDIT_ON_HOLD", "{no:?}");
    limit(&finance, "hengtong", 100 * PRICE).await.unwrap();
    withdraw(&owner, "SO-1").await.unwrap();
    propose(&owner, "SO-1", 19).await.unwrap();
    agree(&manager, "SO-1").await.unwrap();
    assert_eq!(reason(&agree(&finance, "SO-1").await.unwrap_err()), "OUT_OF_STOCK");
    withdraw(&owner, "SO-1").await.unwrap();
    taken_on(&keeper, &owner, [&manager, &finance]).await;
    by_the_command_line(&system, &owner, [&manager, &finance]).await;
}

/// What a warehouse works on stays.
async fn taken_on(keeper: &User, owner: &User, [manager, finance]: [&User; 2]) {
    let request = order::AcknowledgeShipmentRequest {
        request_id: id(),
        shipment_id: "SO-1-1".to_owned(),
        ..Default::default()
    };
    let mut client = ShipmentServiceClient::new(keeper.channel.clone());
    client.acknowledge_shipment(keeper.says(request)).await.unwrap();
    propose(owner, "SO-1", 1).await.unwrap();
    agree(manager, "SO-1").await.unwrap();
    assert_eq!(reason(&agree(finance, "SO-1").await.unwrap_err()), "WAREHOUSE_HAS_IT");
    withdraw(owner, "SO-1").await.unwrap();
}

async fn by_the_command_line(system: &System, owner: &User, reviewers: [&User; 2]) {
    let (fine, told) = system.qudao(owner, &["orders", "change", "quote", "SO-1", "--line", "2=1"]);
    assert!(fine && told["net_minor"] == 5 * PRICE && told["needs_approval"] == true, "{told}");
    let propose = ["orders", "change", "propose", "SO-1", "--line", "2=1", "--note", "少订"];
    let (fine, told) = system.qudao(owner, &propose);
    assert!(fine && told["order_id"] == "SO-1", "{told}");
    let mut position = 0;
    for reviewer in reviewers {
        let (fine, told) = system.qudao(reviewer, &["orders", "change", "approve", "SO-1"]);
        assert!(fine, "{told}");
        position = told["position"].as_u64().unwrap();
    }
    assert_eq!(shown(owner, "SO-1", position).await.summary.unwrap().net_minor, 5 * PRICE);
}

/// Waits until the clock knows of so many orders that are with the dealer, and with the brand.
async fn known(pool: &PgPool, wanted: (i64, i64)) {
    let mut there = (0, 0);
    for _ in 0..200 {
        there = of_waits(pool, "policies.order_deadlines").await;
        if there == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the clock knows of {there:?}, not of {wanted:?}");
}

async fn of_waits(pool: &PgPool, table: &str) -> (i64, i64) {
    let count = format!(
        "SELECT count(*) FILTER (WHERE sent_back), count(*) FILTER (WHERE NOT sent_back) FROM {table}"
    );
    sqlx::query_as(&count).fetch_one(pool).await.unwrap()
}

/// Waits until the lists know of the two that were sent back, too.
async fn until_sent_back(pool: &PgPool) {
    for _ in 0..200 {
        if of_waits(pool, "read_models.order_waits").await.0 == 2 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the lists do not know that orders were sent back");
}

/// Waits until the lists say of these orders that they wait too long, and with whom.
async fn until_stuck(user: &User, wanted: &[(&str, Role)]) {
    let wanted: Vec<(String, i32)> =
        wanted.iter().map(|(id, with)| ((*id).to_owned(), (*with).into())).collect();
    let mut there = Vec::new();
    for _ in 0..200 {
        there = stuck(user).await;
        there.sort();
        if there == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{there:?} wait too long, not {wanted:?}");
}

/// Waits until the two orders wait for so many hours.
async fn since(pool: &PgPool, wanted: [f64; 2]) {
    let mut hours: Vec<f64> = Vec::new();
    for _ in 0..200 {
        let asked = "SELECT round(extract(epoch FROM now() - since) / 3600)::float8
                     FROM policies.order_deadlines ORDER BY order_id";
        hours = sqlx::query_scalar(asked).fetch_all(pool).await.unwrap();
        if hours == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("they wait for {hours:?} hours, not for {wanted:?}");
}

#[tokio::test]
async fn the_time_of_a_review_begins_anew_and_does_not_pass_while_the_dealer_has_it() {
    let system = System::start().await;
    let (admin, owner, finance) = settled(&system, true).await;
    let keeper = system.somebody("chen.li", Role::Warehouse);
    let manager = system.director();
    let waiting =
        WaitingRules { review_hours: Some(48), stuck_hours: Some(24), ..WaitingRules::default() };
    reviewed_within(&admin, &keeper, waiting).await;
    limit(&finance, "hengtong", 20 * PRICE).await.unwrap();
    let pool = PgPool::connect(&system.servers.postgres_url()).await.unwrap();
    let status = async |order_id| shown(&admin, order_id, 0).await.summary.unwrap().status();

    for order_id in ["SO-1", "SO-2", "SO-3"] {
        submit(&owner, &order_of(order_id, 2)).await;
    }
    send_back(&manager, "SO-2", ReviewStep::Sales).await.unwrap();
    send_back(&manager, "SO-3", ReviewStep::Sales).await.unwrap();
    known(&pool, (2, 1)).await;
    until_sent_back(&pool).await;
    hours_pass(&pool, 49).await;
    known(&pool, (2, 0)).await;
    assert_eq!(status("SO-2").await, OrderStatus::Submitted, "it is with the dealer");
    until_stuck(&admin, &[("SO-2", Role::SalesRep), ("SO-3", Role::SalesRep)]).await;

    resubmit(&owner, "SO-2").await.unwrap();
    propose(&owner, "SO-3", 1).await.unwrap();
    known(&pool, (0, 2)).await;
    until_stuck(&admin, &[]).await;
    hours_pass(&pool, 47).await;
    // Sales has passed it, and that is not another review.
    approve(&manager, "SO-2", ReviewStep::Sales).await.unwrap();
    // What is changed again has all of its time again.
    propose(&owner, "SO-3", 3).await.unwrap();
    until_stuck(&admin, &[("SO-2", Role::SalesDirector)]).await;
    since(&pool, [47.0, 0.0]).await;
    hours_pass(&pool, 2).await;
    known(&pool, (0, 1)).await;
    assert_eq!(status("SO-3").await, OrderStatus::Submitted);
}
