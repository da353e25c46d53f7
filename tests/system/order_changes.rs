//! Orders are looked at step by step, and become others after that: everything follows the difference.

use proto::access::v1::Role;
use proto::common::v1::Receipt;
use proto::order::v1 as order;
use proto::order::v1::order_change_service_client::OrderChangeServiceClient;
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use proto::order::v1::order_review_service_client::OrderReviewServiceClient;
use proto::order::v1::order_rules_service_client::OrderRulesServiceClient;
use proto::order::v1::shipment_query_service_client::ShipmentQueryServiceClient;
use proto::order::v1::shipment_service_client::ShipmentServiceClient;
use proto::order::v1::stock_query_service_client::StockQueryServiceClient;
use proto::order::v1::stock_service_client::StockServiceClient;
use proto::order::v1::{OrderChangeState, OrderStatus, OrderTodo, ReviewStep};
use tonic::{Code, Status};

use cluster_tests::support::funds::{funds, limit, settled, shown};
use cluster_tests::support::shop::{PRICE, order_of, reason, sales, submit};
use cluster_tests::support::system::{System, User, id};
use proto::bi::v1::QuerySalesRequest;

/// Sales looks at every order that a dealer places, finance at what is not paid in full; 20 bottles are
/// in the north.
async fn reviewed(admin: &User, keeper: &User) {
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

    // Less: what the warehouse has not taken on, with the credit that it had.
    let at = propose(&owner, "SO-1", 4).await.unwrap().position;
    assert_eq!(todos(&admin, at).await, [0, 0, 0, 0, 1]);
    let at = agree(&manager, "SO-1").await.unwrap().position;
    assert_eq!((reserved(&owner, at).await, stock(&keeper, at).await), (4 * PRICE, [20, 4]));
    // More: on a line and a shipment of their own.
    propose(&owner, "SO-1", 7).await.unwrap();
    let at = agree(&manager, "SO-1").await.unwrap().position;
    assert_eq!((reserved(&owner, at).await, stock(&keeper, at).await), (7 * PRICE, [20, 7]));
    let order = shown(&owner, "SO-1", at).await;
    let lines: Vec<_> = order.lines.iter().map(|it| (it.line_no, it.quantity)).collect();
    assert_eq!(lines, [(1, 4), (2, 3)]);
    assert_eq!(order.summary.unwrap().net_minor, 7 * PRICE);
    let states: Vec<_> = order.changes.iter().map(order::OrderChange::state).collect();
    use OrderChangeState::{Made, Refused, Withdrawn};
    assert_eq!(states, [Made, Made, Withdrawn, Refused]);
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
    assert_eq!(reason(&agree(&manager, "SO-1").await.unwrap_err()), "OUT_OF_STOCK");
    withdraw(&owner, "SO-1").await.unwrap();
    taken_on(&keeper, &owner, &manager).await;
    by_the_command_line(&system, &owner, &manager).await;
}

/// What a warehouse works on stays.
async fn taken_on(keeper: &User, owner: &User, manager: &User) {
    let request = order::AcknowledgeShipmentRequest {
        request_id: id(),
        shipment_id: "SO-1-1".to_owned(),
        ..Default::default()
    };
    let mut client = ShipmentServiceClient::new(keeper.channel.clone());
    client.acknowledge_shipment(keeper.says(request)).await.unwrap();
    propose(owner, "SO-1", 1).await.unwrap();
    assert_eq!(reason(&agree(manager, "SO-1").await.unwrap_err()), "WAREHOUSE_HAS_IT");
    withdraw(owner, "SO-1").await.unwrap();
}

async fn by_the_command_line(system: &System, owner: &User, manager: &User) {
    let (fine, told) = system.qudao(owner, &["orders", "change", "quote", "SO-1", "--line", "2=1"]);
    assert!(fine && told["net_minor"] == 5 * PRICE && told["needs_approval"] == true, "{told}");
    let propose = ["orders", "change", "propose", "SO-1", "--line", "2=1", "--note", "少订"];
    let (fine, told) = system.qudao(owner, &propose);
    assert!(fine && told["order_id"] == "SO-1", "{told}");
    let (fine, told) = system.qudao(manager, &["orders", "change", "approve", "SO-1"]);
    assert!(fine, "{told}");
    let position = told["position"].as_u64().unwrap();
    assert_eq!(shown(owner, "SO-1", position).await.summary.unwrap().net_minor, 5 * PRICE);
}
