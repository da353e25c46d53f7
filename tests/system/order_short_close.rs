//! An order of which a part was shipped is closed: everything that it does not need any more comes
//! back, and all lists tell what it costs now.

use proto::access::v1::Role;
use proto::bi::v1::QuerySalesRequest;
use proto::common::v1::Receipt;
use proto::order::v1 as order;
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use proto::order::v1::order_rules_service_client::OrderRulesServiceClient;
use proto::order::v1::order_service_client::OrderServiceClient;
use proto::order::v1::promotion_service_client::PromotionServiceClient;
use proto::order::v1::stock_query_service_client::StockQueryServiceClient;
use proto::order::v1::stock_service_client::StockServiceClient;
use proto::order::v1::{OrderStatus, PaymentProvider, PaymentStatus, RemittancePurpose};
use tonic::{Code, Status};

use cluster_tests::support::funds::{
    cancel, confirm, confirm_order, funds, limit, report, reported, settled, ship, shown,
};
use cluster_tests::support::online::Till;
use cluster_tests::support::promotions::{approve, tenth_off};
use cluster_tests::support::shop::{
    self, PRICE, order_of, product, quote, reason, sales, set_prices, submit,
};
use cluster_tests::support::system::{System, User, id};

const WHY: &str = "工厂停产";

async fn close(user: &User, order_id: &str) -> Result<Receipt, Status> {
    let close = order::CloseOrderShortRequest {
        request_id: id(),
        order_id: order_id.to_owned(),
        reason: WHY.to_owned(),
        ..Default::default()
    };
    let mut orders = OrderServiceClient::new(user.channel.clone());
    Ok(orders.close_order_short(user.says(close)).await?.into_inner().receipt.unwrap())
}

/// Orders are paid here and look at stock, of which there are 20 bottles.
async fn stocked(admin: &User, keeper: &User) {
    let rules = order::OrderRules {
        settled_here: true,
        reviewed: true,
        overdue_grace_days: Some(0),
        stock_checked: true,
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

/// What there is, what is kept and what is left of the bottles.
async fn stock(user: &User, min_position: u64) -> [i64; 3] {
    let asked = order::ListStockRequest { min_position, ..Default::default() };
    let mut client = StockQueryServiceClient::new(user.channel.clone());
    let items = client.list_stock(user.says(asked)).await.unwrap().into_inner().items;
    [items[0].on_hand, items[0].reserved, items[0].available]
}

/// Bottles sold, what they cost, and by how many orders.
async fn sold(user: &User, min_position: u64) -> (i64, i64, i64) {
    let cube = QuerySalesRequest { min_position, ..Default::default() };
    let figures = sales(user, cube).await.total.unwrap().figures.unwrap();
    (figures.quantity, figures.gross_minor - figures.off_minor, figures.orders)
}

#[tokio::test]
async fn what_a_closed_order_does_not_need_any_more_comes_back() {
    let system = System::start().await;
    let (admin, owner, finance) = settled(&system, true).await;
    let keeper = system.somebody("chen.li", Role::Warehouse);
    stocked(&admin, &keeper).await;
    limit(&finance, "hengtong", 10 * PRICE).await.unwrap();
    let sent = report("hengtong", RemittancePurpose::TopUp, 5 * PRICE, "ICBC 0001");
    confirm(&finance, &reported(&owner, sent).await.unwrap()).await.unwrap();

    submit(&owner, &order_of("SO-1", 10)).await;
    assert_eq!(reason(&close(&admin, "SO-1").await.unwrap_err()), "NOT_CONFIRMED");
    confirm_order(&admin, "SO-1").await;
    let no = close(&admin, "SO-1").await.unwrap_err();
    assert_eq!(reason(&no), "NOTHING_SHIPPED", "{no:?}");
    let shipped = ship(&keeper, "SO-1", 6).await.unwrap();
    let credit = funds(&owner, "hengtong", shipped.position).await.unwrap().credit.unwrap();
    assert_eq!((credit.reserved_minor, credit.receivable_minor), (4 * PRICE, PRICE));
    assert_eq!(stock(&keeper, shipped.position).await, [14, 4, 10]);
    assert_eq!(sold(&admin, shipped.position).await, (10, 10 * PRICE, 1));
    assert_eq!(close(&owner, "SO-1").await.unwrap_err().code(), Code::PermissionDenied);

    let at = close(&keeper, "SO-1").await.unwrap().position;
    let there = funds(&owner, "hengtong", at).await.unwrap();
    let credit = there.credit.unwrap();
    let left = (credit.reserved_minor, credit.receivable_minor, credit.available_minor);
    assert_eq!(left, (0, PRICE, 9 * PRICE), "what was delivered is still owed");
    assert_eq!(there.prepaid.unwrap().balance_minor, 0);
    assert_eq!(stock(&keeper, at).await, [14, 0, 14]);
    assert_eq!(sold(&admin, at).await, (6, 6 * PRICE, 1));
    as_lists_tell_it(&owner, at).await;
    for no in [close(&keeper, "SO-1").await, ship(&keeper, "SO-1", 1).await] {
        assert_eq!(reason(&no.unwrap_err()), "ALREADY_SHIPPED");
    }
    assert_eq!(reason(&cancel(&admin, "SO-1").await.unwrap_err()), "GOODS_SHIPPED");
    let receive = order::ReceiveOrderRequest {
        request_id: id(),
        order_id: "SO-1".to_owned(),
        ..Default::default()
    };
    let mut orders = OrderServiceClient::new(owner.channel.clone());
    let received = orders.receive_order(owner.says(receive)).await.unwrap().into_inner();
    let order = shown(&owner, "SO-1", received.receipt.unwrap().position).await;
    assert_eq!(order.summary.unwrap().status(), OrderStatus::Received);
    by_the_command_line(&system, (&admin, &owner, &keeper)).await;
}

/// What lists and detail tell of the closed order.
async fn as_lists_tell_it(owner: &User, position: u64) {
    let order = shown(owner, "SO-1", position).await;
    let summary = order.summary.unwrap();
    assert_eq!(summary.status(), OrderStatus::Shipped);
    let at_first = (summary.quantity, summary.gross_minor);
    assert_eq!(at_first, (10, 10 * PRICE), "what was ordered at first is still told");
    assert_eq!((summary.net_minor, summary.closed_net_minor), (6 * PRICE, 4 * PRICE));
    let line = &order.lines[0];
    assert_eq!((line.quantity, line.shipped, line.closed_quantity), (10, 6, 4));
    assert_eq!(line.closed_net_minor, 4 * PRICE);
    assert_eq!(order.short_closed_reason, WHY);
    let paid = order.payment.unwrap();
    let parts = [paid.rebate_minor, paid.prepaid_minor, paid.credit_minor, paid.open_minor];
    assert_eq!(parts, [0, 5 * PRICE, PRICE, 0]);
    let mut lists = OrderQueryServiceClient::new(owner.channel.clone());
    let asked = order::ListOrdersRequest::default();
    let listed = lists.list_orders(owner.says(asked)).await.unwrap().into_inner().orders;
    assert_eq!(listed[0].net_minor, 6 * PRICE);
}

async fn by_the_command_line(system: &System, (admin, owner, keeper): (&User, &User, &User)) {
    submit(owner, &order_of("SO-2", 3)).await;
    confirm_order(admin, "SO-2").await;
    ship(keeper, "SO-2", 1).await.unwrap();
    let (fine, told) = system.qudao(keeper, &["orders", "close-short", "SO-2", "--reason", WHY]);
    assert!(fine && told["order_id"] == "SO-2", "{told}");
    let position = told["position"].to_string();
    let (fine, told) =
        system.qudao(keeper, &["orders", "show", "SO-2", "--min-position", &position]);
    assert!(fine && told["net_minor"] == PRICE, "{told}");
    assert!(told["lines"][0]["closed_quantity"] == 2, "{told}");
    assert_eq!(told["short_closed_reason"], WHY);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_paid_online_for_the_rest_goes_back_to_who_paid() {
    let till = Till::start().await;
    till.order("SO-1", 10).await;
    let paid = till.pay("SO-1", PaymentProvider::Alipay).await;
    till.until(&paid.payment_id, PaymentStatus::Captured).await;
    ship(&till.admin, "SO-1", 6).await.unwrap();
    let at = close(&till.admin, "SO-1").await.unwrap().position;
    let payment = shown(&till.owner, "SO-1", at).await.payment.unwrap();
    assert_eq!((payment.online_minor, payment.open_minor), (6 * PRICE, 0));
    let back = till.until(&paid.payment_id, PaymentStatus::PartlyRefunded).await;
    assert_eq!((back.captured_minor, back.refunded_minor), (10 * PRICE, 4 * PRICE));
    let refunds: Vec<_> = back.refunds.iter().map(|it| (it.amount_minor, &*it.reason)).collect();
    assert_eq!(refunds, [(4 * PRICE, WHY)]);
}

/// A cup is given with ten bottles, twice in all. The cup that was not shipped others can have, and
/// the discount on what was shipped they can not.
#[tokio::test]
async fn promotions_of_which_nothing_was_shipped_are_there_for_others() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    let director = system.director();
    shop::open_account(&admin, "hengtong").await;
    product(&admin, "cup", "保温杯", &["赠品"]).await;
    set_prices(&admin, "base", &[("cup", 100)]).await;
    let mut promotions = PromotionServiceClient::new(admin.channel.clone());
    let mut bonus = tenth_off("bonus", "买十赠一");
    let gift =
        order::Gift { product_id: "cup".to_owned(), quantity: 1, instead_product_ids: vec![] };
    let gifts = order::promotion_tier::Reward::Gifts(order::Gifts { gifts: vec![gift] });
    let terms = bonus.terms.as_mut().unwrap();
    terms.tiers = vec![order::PromotionTier { from: 10, reward: Some(gifts) }];
    let tenth = tenth_off("tenth", "九折");
    for mut scarce in [bonus, tenth] {
        let promotion_id = scarce.promotion_id.clone();
        let terms = scarce.terms.as_mut().unwrap();
        terms.quota_total = 1;
        terms.group_name.clone_from(&promotion_id);
        promotions.draft_promotion(admin.says(scarce)).await.unwrap();
        approve(&director, &promotion_id).await.unwrap();
    }
    submit(&admin, &order_of("SO-1", 10)).await;
    let told = quote(&admin, "hengtong", 10).await.unwrap();
    assert_eq!((told.gifts.len(), told.off_minor), (0, 0), "both have run out");

    confirm_order(&admin, "SO-1").await;
    ship(&admin, "SO-1", 3).await.unwrap();
    let at = close(&admin, "SO-1").await.unwrap().position;
    let told = quote(&admin, "hengtong", 10).await.unwrap();
    assert_eq!((told.gifts.len(), told.off_minor), (1, 0), "the cup was not shipped");
    let order = shown(&admin, "SO-1", at).await;
    let summary = order.summary.unwrap();
    let (whole, delivered) = (9 * PRICE, 3 * 9 * PRICE / 10);
    assert_eq!((summary.net_minor, summary.closed_net_minor), (delivered, whole - delivered));
    let closed: Vec<_> = order.lines.iter().map(|line| line.closed_quantity).collect();
    assert_eq!((closed, summary.status()), (vec![7, 1], OrderStatus::Shipped));
    assert_eq!(sold(&admin, at).await, (3, delivered, 1));
}
