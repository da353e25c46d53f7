//! Figures of ordering, of a handful of orders that can be counted by hand:
//!
//! | order | of | what happens |
//! |---|---|---|
//! | SO-1 | hengtong, 10 bottles | shipped whole; one bottle is short at the receipt; rated 5 and 4 |
//! | SO-2 | hengtong, 4 bottles, 2 cups | arrives well; later the cups are bad and the bottles unsold; the cups are sent again, rated 2 and 3 |
//! | SO-3 | hengtong, 2 bottles | placed by the brand |
//! | SO-4 | hengtong, 1 bottle | waits for credit, is cancelled |
//! | SO-5 | hengtong, 10 bottles | waits for credit, finance releases it; 6 are shipped and arrive, the rest is closed |
//! | SO-6 | ruifeng, 3 bottles | has no money and waits |
//! | SO-7 | hengtong, 1 bottle | is confirmed by hand, and handed over |

use chrono::NaiveDate;
use proto::access::v1::Role;
use proto::bi::v1::order_metrics_query_service_client::OrderMetricsQueryServiceClient;
use proto::bi::v1::{
    DaysSalesOutstanding, GetOrderMetricsRequest, GetOrderMetricsResponse, MetricsGroup,
    OrderMetrics,
};
use proto::order::v1 as order;
use proto::order::v1::after_sale_service_client::AfterSaleServiceClient;
use proto::order::v1::order_rules_service_client::OrderRulesServiceClient;
use proto::order::v1::order_service_client::OrderServiceClient;
use proto::order::v1::{AfterSaleCause, AfterSaleSettlement, DifferenceKind, RemittancePurpose};
use tonic::{Code, Status};

use cluster_tests::support::funds::{
    cancel, confirm, confirm_order, limit, release, report, reported, settled,
};
use cluster_tests::support::shop::{
    PRICE, dealer, open_account, order_of, product, region, set_prices, submit,
};
use cluster_tests::support::system::{System, User, id};

/// Price of one cup.
const CUP: i64 = 100;
/// Delivered on credit by SO-1, SO-2 and SO-5.
const DELIVERED: i64 = 10 * PRICE + (4 * PRICE + 2 * CUP) + 6 * PRICE;
/// What the dealer paid of it: all of SO-1 and a little more.
const PAID: i64 = 10 * PRICE + 300;

async fn metrics(
    user: &User,
    asked: GetOrderMetricsRequest,
) -> Result<GetOrderMetricsResponse, Status> {
    let mut client = OrderMetricsQueryServiceClient::new(user.channel.clone());
    Ok(client.get_order_metrics(user.says(asked)).await?.into_inner())
}

fn by(group: MetricsGroup, min_position: u64) -> GetOrderMetricsRequest {
    GetOrderMetricsRequest { group_by: group.into(), min_position, ..Default::default() }
}

/// Ships so much of the first lines of an order; nothing: all of it.
async fn ship(admin: &User, order_id: &str, quantity: Option<u32>) {
    let ship = order::ShipOrderRequest {
        request_id: id(),
        order_id: order_id.to_owned(),
        lines: quantity
            .map(|quantity| order::LineQuantity { line_no: 1, quantity })
            .into_iter()
            .collect(),
        ..Default::default()
    };
    OrderServiceClient::new(admin.channel.clone()).ship_order(admin.says(ship)).await.unwrap();
}

/// Receives all that is on its way, but for so much of the first line, which is short.
async fn receive(owner: &User, order_id: &str, short: Option<u32>) {
    let difference = |quantity| order::LineDifference {
        line_no: 1,
        kind: DifferenceKind::Short.into(),
        quantity,
        ..Default::default()
    };
    let receive = order::ReceiveOrderRequest {
        request_id: id(),
        order_id: order_id.to_owned(),
        differences: short.map(difference).into_iter().collect(),
        ..Default::default()
    };
    let mut orders = OrderServiceClient::new(owner.channel.clone());
    orders.receive_order(owner.says(receive)).await.unwrap();
}

/// A case about one unit of a line; its number.
async fn case(owner: &User, line_no: u32, cause: AfterSaleCause) -> String {
    let line =
        order::AfterSaleLine { line_no, quantity: 1, cause: cause.into(), ..Default::default() };
    let request = order::RequestAfterSaleRequest {
        request_id: id(),
        order_id: "SO-2".to_owned(),
        wish: AfterSaleSettlement::Replacement.into(),
        lines: vec![line],
        ..Default::default()
    };
    let mut cases = AfterSaleServiceClient::new(owner.channel.clone());
    let asked = cases.request_after_sale(owner.says(request)).await.unwrap().into_inner();
    asked.receipt.unwrap().object_id
}

/// The cups are sent again, and the dealer is not content.
async fn sent_again(system: &System, (owner, finance): (&User, &User)) {
    let cups = case(owner, 2, AfterSaleCause::Quality).await;
    // It does not want these any more, which is nobody's mistake.
    case(owner, 1, AfterSaleCause::Unsold).await;
    let mut cases = AfterSaleServiceClient::new(owner.channel.clone());
    let approve = order::ApproveAfterSaleRequest {
        request_id: id(),
        after_sale_id: cups.clone(),
        ..Default::default()
    };
    cases.approve_after_sale(system.director().says(approve)).await.unwrap();
    let settle = order::SettleAfterSaleRequest {
        request_id: id(),
        after_sale_id: cups.clone(),
        settlement: AfterSaleSettlement::Replacement.into(),
        ..Default::default()
    };
    cases.settle_after_sale(finance.says(settle)).await.unwrap();
    let rate = order::RateAfterSaleRequest {
        request_id: id(),
        after_sale_id: cups,
        goods: 2,
        service: 3,
        ..Default::default()
    };
    cases.rate_after_sale(owner.says(rate)).await.unwrap();
}

/// From now on people confirm orders, and warehouses are handed what is confirmed.
async fn reviewed(admin: &User) {
    let rules = order::OrderRules {
        settled_here: true,
        reviewed: true,
        rebate_share_percent: 30,
        overdue_grace_days: Some(0),
        hands_over: true,
        ..Default::default()
    };
    let set =
        order::SetOrderRulesRequest { request_id: id(), rules: Some(rules), ..Default::default() };
    let mut client = OrderRulesServiceClient::new(admin.channel.clone());
    client.set_order_rules(admin.says(set)).await.unwrap();
}

/// Everything that happens; gives the last position.
async fn business(system: &System, [admin, owner, finance]: [&User; 3]) -> u64 {
    let first_three = 10 * PRICE + (4 * PRICE + 2 * CUP) + 2 * PRICE;
    limit(finance, "hengtong", first_three).await.unwrap();
    submit(owner, &order_of("SO-1", 10)).await;
    let mut two = order_of("SO-2", 4);
    two.lines.push(order::SubmitOrderLine {
        product_id: "cup".to_owned(),
        quantity: 2,
        unit_price_minor: Some(CUP),
    });
    submit(owner, &two).await;
    submit(admin, &order_of("SO-3", 2)).await;
    submit(owner, &order_of("SO-4", 1)).await;
    cancel(admin, "SO-4").await.unwrap();
    submit(owner, &order_of("SO-5", 10)).await;
    // So there is enough for SO-7, too.
    release(finance, "SO-5", Some(11 * PRICE)).await.unwrap();
    let other = system.user("acme", &[Role::DealerOwner], Some("ruifeng"));
    submit(
        &other,
        &order::SubmitOrderRequest { dealer_id: "ruifeng".to_owned(), ..order_of("SO-6", 3) },
    )
    .await;

    for (order_id, shipped, short) in
        [("SO-1", None, Some(1)), ("SO-2", None, None), ("SO-5", Some(6), None)]
    {
        ship(admin, order_id, shipped).await;
        receive(owner, order_id, short).await;
    }
    let mut orders = OrderServiceClient::new(owner.channel.clone());
    let close = order::CloseOrderShortRequest {
        request_id: id(),
        order_id: "SO-5".to_owned(),
        reason: "停产".to_owned(),
        ..Default::default()
    };
    orders.close_order_short(admin.says(close)).await.unwrap();
    let rate = order::RateOrderRequest {
        request_id: id(),
        order_id: "SO-1".to_owned(),
        goods: 5,
        service: 4,
        ..Default::default()
    };
    orders.rate_order(owner.says(rate)).await.unwrap();
    sent_again(system, (owner, finance)).await;

    reviewed(admin).await;
    submit(owner, &order_of("SO-7", 1)).await;
    confirm_order(admin, "SO-7").await;
    let sent = report("hengtong", RemittancePurpose::Repayment, PAID, "ICBC 0001");
    let sent = reported(owner, sent).await.unwrap();
    confirm(finance, &sent).await.unwrap().position
}

/// All figures of the six orders that count. `days` lie between the first and the last of them: one,
/// if nobody looks at midnight.
fn check(total: &OrderMetrics, days: i64) {
    assert_eq!((total.orders, total.waiting_orders, total.dealers), (6, 1, 2));
    let release = total.release.unwrap();
    assert_eq!((release.orders, total.within_two_hours), (5, 5));
    assert_eq!(total.within_two_hours_ppm, 1_000_000);
    // SO-1, SO-2 and SO-3 are confirmed as they are submitted; SO-5 and SO-7 wait for somebody.
    assert_eq!(release.p50_milliseconds, 0);
    assert!(release.p90_milliseconds > 0, "{release:?}");
    assert_eq!(release.p90_milliseconds, release.p99_milliseconds);
    let shipping = total.shipping.unwrap();
    assert_eq!(shipping.orders, 3);
    assert!(
        shipping.p50_milliseconds > 0 && shipping.p50_milliseconds <= shipping.p99_milliseconds
    );
    // Only SO-1 and SO-2 saw no hand of the brand.
    assert_eq!((total.touch_free_orders, total.touch_free_ppm), (2, 400_000));
    // The bottles of SO-1 and the cups of SO-2, of these and the bottles of SO-2 and SO-5.
    let accuracy = total.accuracy.unwrap();
    assert_eq!((accuracy.received_lines, accuracy.corrected_lines), (4, 2));
    assert_eq!(accuracy.accuracy_ppm, 500_000);
    // 10 of 10, 6 of 6, and 6 of 10.
    let fill_rate = total.fill_rate.unwrap();
    let quantities = (fill_rate.ordered_quantity, fill_rate.shipped_quantity);
    assert_eq!((fill_rate.orders, quantities), (3, (26, 22)));
    assert_eq!(fill_rate.fill_rate_ppm, 846_153);
    assert_eq!(total.orders_per_dealer_30_days_x100, 6 * 30 * 100 / (2 * days));
    let content = total.delivery_satisfaction.unwrap();
    assert_eq!((content.answers, content.goods_x100, content.service_x100), (1, 500, 400));
    let content = total.after_sale_satisfaction.unwrap();
    assert_eq!((content.answers, content.goods_x100, content.service_x100), (1, 200, 300));
    check_owing(total.days_sales_outstanding.as_ref().unwrap());
}

fn check_owing(owing: &DaysSalesOutstanding) {
    let amounts = (owing.receivable_minor, owing.delivered_minor);
    assert_eq!((owing.known, amounts), (true, (DELIVERED - PAID, DELIVERED)));
    assert_eq!(owing.currency_code, "CNY");
    // 3400 of 7200 fen: 0.47 days of deliveries, if they are of one day.
    assert_eq!(owing.days_x10, 3_400 * owing.window_days * 10 / 7_200);
}

#[tokio::test]
async fn figures_of_orders_are_those_that_can_be_counted_by_hand() {
    let system = System::start().await;
    let (admin, owner, finance) = settled(&system, false).await;
    product(&admin, "cup", "保温杯", &["杯壶"]).await;
    set_prices(&admin, "base", &[("cup", CUP)]).await;
    region(&admin, "west", "西部").await;
    dealer(&admin, "ruifeng", "west").await;
    open_account(&admin, "ruifeng").await;
    let empty = metrics(&admin, by(MetricsGroup::Dealer, 0)).await.unwrap();
    assert_eq!((empty.rows.len(), empty.total.unwrap().orders), (0, 0), "nothing happened yet");

    let at = business(&system, [&admin, &owner, &finance]).await;
    let told = metrics(&admin, by(MetricsGroup::Region, at)).await.unwrap();
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let days = (day(&told.last_date) - day(&told.first_date)).num_days() + 1;
    check(&told.total.unwrap(), days);
    let rows: Vec<_> = told
        .rows
        .iter()
        .map(|row| (&*row.id, &*row.name, row.metrics.as_ref().unwrap().orders))
        .collect();
    assert_eq!(rows, [("east", "华东", 5), ("west", "西部", 1)]);
    let owed = |row: usize| told.rows[row].metrics.clone().unwrap().days_sales_outstanding;
    check_owing(&owed(0).unwrap());
    assert_eq!(owed(1), None, "nothing was delivered there");

    grouped(&admin, at).await;
    everybody_sees_their_own(&system, &owner, at).await;
    by_the_command_line(&system, &admin, at);
}

async fn grouped(admin: &User, at: u64) {
    let told = metrics(admin, by(MetricsGroup::Day, at)).await.unwrap();
    let days: Vec<_> = told.rows.iter().map(|row| row.metrics.clone().unwrap()).collect();
    assert_eq!(days.iter().map(|day| day.orders).sum::<i64>(), 6);
    assert!(days.iter().all(|day| day.days_sales_outstanding.is_none()));
    assert!(days.iter().all(|day| day.orders_per_dealer_30_days_x100 == 0));

    let first = GetOrderMetricsRequest { limit: 1, ..by(MetricsGroup::Dealer, at) };
    let told = metrics(admin, first).await.unwrap();
    let only = &told.rows[0];
    assert_eq!((told.rows.len(), told.row_count, &*only.id), (1, 2, "hengtong"));
    assert_eq!(only.name, "苏州恒通");

    let west =
        GetOrderMetricsRequest { region_id: "west".to_owned(), ..by(MetricsGroup::Dealer, at) };
    let told = metrics(admin, west).await.unwrap();
    let total = told.total.unwrap();
    assert_eq!((total.orders, total.waiting_orders), (1, 1));
    assert!(!total.days_sales_outstanding.unwrap().known);
    assert_eq!(told.rows[0].id, "ruifeng");

    let before =
        GetOrderMetricsRequest { to_date: "2020-01-01".to_owned(), ..by(MetricsGroup::Day, at) };
    let told = metrics(admin, before).await.unwrap();
    let total = told.total.unwrap();
    assert_eq!((total.orders, told.rows.len(), &*told.first_date), (0, 0, ""));
    assert_eq!(total.days_sales_outstanding.unwrap().receivable_minor, 0);
}

async fn everybody_sees_their_own(system: &System, owner: &User, at: u64) {
    let all = by(MetricsGroup::Dealer, at);
    let own = metrics(owner, all.clone()).await.unwrap();
    assert_eq!((own.total.unwrap().orders, own.rows.len()), (5, 1));
    let foreign = GetOrderMetricsRequest { dealer_id: "ruifeng".to_owned(), ..all.clone() };
    assert_eq!(metrics(owner, foreign).await.unwrap_err().code(), Code::PermissionDenied);
    let manager = system.manager("acme", &["west"]);
    let west = metrics(&manager, all).await.unwrap();
    assert_eq!((west.total.unwrap().orders, &*west.rows[0].id), (1, "ruifeng"));
    let keeper = system.somebody("chen.li", Role::Warehouse);
    let told = metrics(&keeper, by(MetricsGroup::Dealer, at)).await.unwrap();
    let rows = told.rows.iter().filter_map(|row| row.metrics.as_ref());
    for metrics in told.total.iter().chain(rows) {
        assert_eq!(metrics.days_sales_outstanding, None, "who sees no money sees no debts");
    }
}

fn by_the_command_line(system: &System, admin: &User, at: u64) {
    let position = at.to_string();
    let asked = ["metrics", "--by", "region", "--min-position", &position];
    let (fine, told) = system.qudao(admin, &asked);
    assert!(fine && told["total"]["fill_rate_ppm"] == 846_153, "{told}");
    assert_eq!(told["rows"][0]["touch_free_orders"], 2);
    assert_eq!(told["rows"][0]["days_sales_outstanding"]["delivered_minor"], DELIVERED);
}
