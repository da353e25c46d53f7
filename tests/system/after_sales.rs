//! Goods that do not arrive as they were shipped, or go back: from the receipt to the money.

use proto::access::v1::Role;
use proto::order::v1 as order;
use proto::order::v1::order_rules_service_client::OrderRulesServiceClient;
use proto::order::v1::stock_query_service_client::StockQueryServiceClient;
use proto::order::v1::stock_service_client::StockServiceClient;
use proto::order::v1::{
    AfterSale, AfterSaleCause as Cause, AfterSaleSettlement as By, AfterSaleStatus as Status,
    DifferenceKind as Kind, OrderStatus, PaymentProvider, PaymentStatus, RemittancePurpose,
};
use tonic::Code;

use cluster_tests::support::after_sales::{
    approve, case, cases, rate, rate_order, receive, receive_return, refuse, request, settle,
    ship_return, withdraw,
};
use cluster_tests::support::funds::{
    confirm, entries, funds, limit, report, reported, settled, ship, shown,
};
use cluster_tests::support::online::Till;
use cluster_tests::support::shop::{PRICE, order_of, reason, sales, submit};
use cluster_tests::support::system::{System, User, id};

/// A brand whose orders are paid here and look at stock, of which there are 40 bottles.
struct Desk {
    system: System,
    admin: User,
    owner: User,
    finance: User,
    keeper: User,
    /// Who decides about cases.
    director: User,
}

impl Desk {
    async fn open() -> Self {
        let system = System::start().await;
        let (admin, owner, finance) = settled(&system, false).await;
        let keeper = system.somebody("chen.li", Role::Warehouse);
        let waiting = order::WaitingRules {
            back_orders: order::BackOrderRule::Always.into(),
            ..Default::default()
        };
        let rules = order::OrderRules {
            settled_here: true,
            overdue_grace_days: Some(0),
            stock_checked: true,
            waiting: Some(waiting),
            ..Default::default()
        };
        let set = order::SetOrderRulesRequest {
            request_id: id(),
            rules: Some(rules),
            ..Default::default()
        };
        let mut client = OrderRulesServiceClient::new(admin.channel.clone());
        client.set_order_rules(admin.says(set)).await.unwrap();
        count(&keeper, 40).await;
        limit(&finance, "hengtong", 10 * PRICE).await.unwrap();
        let sent = report("hengtong", RemittancePurpose::TopUp, 5 * PRICE, "ICBC 0001");
        confirm(&finance, &reported(&owner, sent).await.unwrap()).await.unwrap();
        let director = system.somebody("zhao.lei", Role::SalesDirector);
        Self { system, admin, owner, finance, keeper, director }
    }

    /// Orders ten bottles, of which five are prepaid, and ships them.
    async fn ten_bottles(&self) {
        submit(&self.owner, &order_of("SO-1", 10)).await;
        ship(&self.keeper, "SO-1", 10).await.unwrap();
    }

    /// What is prepaid and what is owed.
    async fn money(&self, position: u64) -> (i64, i64) {
        let there = funds(&self.owner, "hengtong", position).await.unwrap();
        (there.prepaid.unwrap().balance_minor, there.credit.unwrap().receivable_minor)
    }

    /// Bottles there and kept.
    async fn stock(&self, min_position: u64) -> [i64; 2] {
        let asked = order::ListStockRequest { min_position, ..Default::default() };
        let mut client = StockQueryServiceClient::new(self.keeper.channel.clone());
        let items = client.list_stock(self.keeper.says(asked)).await.unwrap().into_inner().items;
        [items[0].on_hand, items[0].reserved]
    }
}

async fn count(keeper: &User, on_hand: u32) {
    let count = order::CountStockRequest {
        request_id: id(),
        warehouse_id: "north".to_owned(),
        items: vec![order::CountedStock { product_id: "tea-500".to_owned(), on_hand }],
        ..Default::default()
    };
    let mut client = StockServiceClient::new(keeper.channel.clone());
    client.count_stock(keeper.says(count)).await.unwrap();
}

#[tokio::test]
async fn damage_at_the_receipt_becomes_a_credit_note() {
    let desk = Desk::open().await;
    desk.ten_bottles().await;
    let at = receive(&desk.owner, "SO-1", &[(2, Kind::Damaged), (1, Kind::Short)]).await.unwrap();
    assert_eq!(desk.money(at.position).await, (0, 5 * PRICE));
    let order = shown(&desk.owner, "SO-1", at.position).await;
    assert_eq!(order.summary.unwrap().status(), OrderStatus::Received);
    let line = &order.lines[0];
    assert_eq!((line.received, line.disputed, line.claimed, line.settled), (7, 3, 3, 0));

    let opened = cases(&desk.owner, "SO-1", at.position).await.unwrap();
    let [opened] = &opened[..] else { panic!("one case: {opened:?}") };
    assert_eq!((opened.status(), opened.at_receipt), (Status::Requested, true));
    let goods: Vec<_> = opened.lines.iter().map(|it| (it.cause(), it.quantity)).collect();
    assert_eq!(goods, [(Cause::Short, 1), (Cause::Damaged, 2)]);
    assert_eq!(opened.lines[0].product_name, "冰红茶 500ml");
    let number = opened.after_sale_id.as_str();
    hidden_from_others(&desk, number).await;

    let denied = approve(&desk.owner, number, false).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
    let early = settle(&desk.finance, number, By::CreditNote, None).await.unwrap_err();
    assert_eq!(reason(&early), "NOT_READY_TO_SETTLE");
    approve(&desk.director, number, false).await.unwrap();
    let more = settle(&desk.finance, number, By::CreditNote, Some(3 * PRICE + 1)).await;
    assert_eq!(reason(&more.unwrap_err()), "MORE_THAN_PAID");
    let at = settle(&desk.finance, number, By::CreditNote, None).await.unwrap().position;
    assert_eq!(desk.money(at).await, (0, 2 * PRICE), "what was used last is owed no more");
    let over = case(&desk.owner, number, at).await.unwrap();
    assert_eq!((over.status(), over.amount_minor), (Status::Settled, 3 * PRICE));
    assert_eq!(over.payout.unwrap().debt_minor, 3 * PRICE);
    let unseen = case(&desk.keeper, number, at).await.unwrap();
    assert_eq!((unseen.amount_minor, unseen.payout), (0, None), "warehouses see no money");
    let last = entries(&desk.owner, "hengtong").await.unwrap().remove(0);
    assert_eq!((last.kind(), last.change_minor), (order::FundsEntryKind::Refund, -3 * PRICE));
    content(&desk, number).await;
}

/// To people of other dealers a case is not there.
async fn hidden_from_others(desk: &Desk, number: &str) {
    let other = desk.system.user("acme", &[Role::DealerOwner], Some("other"));
    let no = case(&other, number, 0).await.unwrap_err();
    assert_eq!(reason(&no), "AFTER_SALE_NOT_FOUND");
    let no = withdraw(&other, number).await.unwrap_err();
    assert_eq!(reason(&no), "AFTER_SALE_NOT_FOUND");
    assert!(cases(&other, "SO-1", 0).await.unwrap().is_empty());
}

/// A dealer says how content it is, once for the order and once for the case.
async fn content(desk: &Desk, number: &str) {
    rate(&desk.owner, number).await.unwrap();
    let at = rate_order(&desk.owner, "SO-1").await.unwrap().position;
    assert_eq!(reason(&rate(&desk.owner, number).await.unwrap_err()), "CASE_RATED");
    assert_eq!(reason(&rate_order(&desk.owner, "SO-1").await.unwrap_err()), "ALREADY_RATED");
    let order = shown(&desk.admin, "SO-1", at).await;
    assert_eq!((order.rated_goods, order.rated_service), (5, 3));
    let rated = case(&desk.admin, number, at).await.unwrap();
    assert_eq!((rated.rated_goods, rated.rated_service), (4, 5));
}

#[tokio::test]
async fn goods_go_back_and_the_money_follows_what_was_accepted() {
    let desk = Desk::open().await;
    desk.ten_bottles().await;
    receive(&desk.owner, "SO-1", &[]).await.unwrap();
    let many = request(&desk.owner, "SO-1", 11, Cause::Quality).await.unwrap_err();
    assert_eq!(reason(&many), "MORE_THAN_ARRIVED");
    let asked = request(&desk.owner, "SO-1", 8, Cause::Quality).await.unwrap();
    let number = asked.object_id.as_str();
    let twice = request(&desk.owner, "SO-1", 3, Cause::Quality).await.unwrap_err();
    assert_eq!(reason(&twice), "MORE_THAN_ARRIVED", "they are in a case");

    approve(&desk.director, number, true).await.unwrap();
    let at = ship_return(&desk.owner, number).await.unwrap().position;
    assert_eq!(case(&desk.keeper, number, at).await.unwrap().status(), Status::InTransit);
    assert_eq!(reason(&withdraw(&desk.owner, number).await.unwrap_err()), "CASE_UNDER_WAY");
    assert_eq!(desk.stock(at).await, [30, 0]);
    let at = receive_return(&desk.keeper, number, Cause::Quality, [4, 1, 0]).await.unwrap();
    assert_eq!(desk.stock(at.position).await, [34, 0], "what can be sold is there again");
    assert_eq!(
        case(&desk.owner, number, at.position).await.unwrap().status(),
        Status::PartlyReturned
    );
    let much = receive_return(&desk.keeper, number, Cause::Quality, [4, 0, 0]).await.unwrap_err();
    assert_eq!(reason(&much), "MORE_THAN_EXPECTED");
    receive_return(&desk.keeper, number, Cause::Quality, [0, 2, 1]).await.unwrap();
    let at = settle(&desk.finance, number, By::Refund, None).await.unwrap().position;
    // Seven were accepted: five off what is owed, two are prepaid again.
    assert_eq!(desk.money(at).await, (2 * PRICE, 0));
    let over = case(&desk.owner, number, at).await.unwrap();
    assert_eq!(paid_out(&over), [0, 2 * PRICE, 5 * PRICE, 0, 0]);
    // The one that was not accepted can be in another case.
    let again = request(&desk.owner, "SO-1", 3, Cause::Unsold).await.unwrap().object_id;
    refuse(&desk.director, &again).await.unwrap();
    let again = request(&desk.owner, "SO-1", 3, Cause::Unsold).await.unwrap().object_id;
    let at = withdraw(&desk.owner, &again).await.unwrap().position;
    let line = shown(&desk.owner, "SO-1", at).await.lines.remove(0);
    assert_eq!((line.claimed, line.settled), (0, 7));
    by_the_command_line(&desk).await;
}

fn paid_out(case: &AfterSale) -> [i64; 5] {
    let it = case.payout.unwrap();
    [it.rebate_minor, it.prepaid_minor, it.debt_minor, it.online_minor, it.elsewhere_minor]
}

async fn by_the_command_line(desk: &Desk) {
    let run = |user, words: &[&str]| {
        let (fine, told) = desk.system.qudao(user, words);
        assert!(fine, "{words:?}: {told}");
        told
    };
    let ask = ["after-sales", "request", "SO-1", "--line", "1=1:near-expiry", "--wish", "refund"];
    let told = run(&desk.owner, &ask);
    let number = told["after_sale_id"].as_str().unwrap();
    run(&desk.director, &["after-sales", "approve", number]);
    let settle = ["after-sales", "settle", number, "--by", "credit-note", "--amount", "200"];
    let position = run(&desk.finance, &settle)["position"].to_string();
    let show = ["after-sales", "show", number, "--min-position", &position];
    let told = run(&desk.owner, &show);
    assert_eq!((&told["status"], &told["amount_minor"]), (&"settled".into(), &200.into()));
    let list = ["after-sales", "list", "--only", "settled", "--order", "SO-1"];
    assert_eq!(run(&desk.owner, &list).as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn goods_are_sent_again_by_an_order_that_costs_nothing() {
    let desk = Desk::open().await;
    desk.ten_bottles().await;
    let at = receive(&desk.owner, "SO-1", &[(2, Kind::WrongGoods)]).await.unwrap();
    let number = cases(&desk.owner, "SO-1", at.position).await.unwrap().remove(0).after_sale_id;
    approve(&desk.director, &number, false).await.unwrap();
    // Orders wait for goods here, but nobody could call off what is sent again.
    count(&desk.keeper, 1).await;
    let no = settle(&desk.finance, &number, By::Replacement, None).await.unwrap_err();
    assert_eq!(reason(&no), "OUT_OF_STOCK");
    count(&desk.keeper, 30).await;
    let at = settle(&desk.finance, &number, By::Replacement, None).await.unwrap().position;
    assert_eq!(desk.stock(at).await, [30, 2], "kept for the order that sends them again");
    assert_eq!(desk.money(at).await, (0, 5 * PRICE), "what was bought is owed as before");
    let over = case(&desk.owner, &number, at).await.unwrap();
    let again = shown(&desk.owner, &over.replacement_order_id, at).await;
    let summary = again.summary.unwrap();
    assert_eq!((summary.status(), summary.net_minor), (OrderStatus::Confirmed, 0));
    assert_eq!((summary.quantity, again.replaces_after_sale_id), (2, number));
    ship(&desk.keeper, &over.replacement_order_id, 2).await.unwrap();
    let at = receive(&desk.owner, &over.replacement_order_id, &[]).await.unwrap().position;
    assert_eq!(desk.stock(at).await, [28, 0]);
    let cube = proto::bi::v1::QuerySalesRequest { min_position: at, ..Default::default() };
    let sold = sales(&desk.admin, cube).await.total.unwrap().figures.unwrap();
    assert_eq!((sold.orders, sold.quantity), (1, 10), "what is sent again was sold before");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_of_what_was_paid_online_goes_back_through_the_provider() {
    let till = Till::start().await;
    till.order("SO-1", 10).await;
    let paid = till.pay("SO-1", PaymentProvider::WechatPay).await;
    till.until(&paid.payment_id, PaymentStatus::Captured).await;
    ship(&till.admin, "SO-1", 10).await.unwrap();
    let at = receive(&till.owner, "SO-1", &[(3, Kind::Damaged)]).await.unwrap();
    let number = cases(&till.owner, "SO-1", at.position).await.unwrap().remove(0).after_sale_id;
    approve(&till.finance, &number, false).await.unwrap();
    settle(&till.finance, &number, By::Refund, None).await.unwrap();
    let back = till.until(&paid.payment_id, PaymentStatus::PartlyRefunded).await;
    assert_eq!((back.captured_minor, back.refunded_minor), (10 * PRICE, 3 * PRICE));
    let refunds: Vec<_> = back.refunds.iter().map(|it| (it.amount_minor, &*it.reason)).collect();
    assert_eq!(refunds, [(3 * PRICE, number.as_str())]);
}

#[tokio::test]
async fn whoever_asked_for_a_case_does_not_decide_it() {
    let desk = Desk::open().await;
    desk.ten_bottles().await;
    receive(&desk.owner, "SO-1", &[]).await.unwrap();
    let asked = request(&desk.admin, "SO-1", 1, Cause::Other).await.unwrap().object_id;
    let no = approve(&desk.admin, &asked, false).await.unwrap_err();
    assert_eq!(reason(&no), "DUTIES_APART", "{no:?}");
    approve(&desk.finance, &asked, false).await.unwrap();
    let no = settle(&desk.admin, &asked, By::Refund, None).await.unwrap_err();
    assert_eq!(reason(&no), "DUTIES_APART", "{no:?}");
    settle(&desk.finance, &asked, By::WriteOff, None).await.unwrap();
}
