//! Orders paid through WeChat Pay and Alipay: once, whatever providers do, and what is not needed
//! goes back.

use proto::access::v1::Role;
use proto::history::v1::GetObjectHistoryRequest;
use proto::history::v1::history_service_client::HistoryServiceClient;
use proto::order::v1 as order;
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use proto::order::v1::payment_query_service_client::PaymentQueryServiceClient;
use proto::order::v1::payment_service_client::PaymentServiceClient;
use proto::order::v1::{OrderStatus, ParkedVerdict, PaymentProvider, PaymentStatus, RefundStatus};
use proto::payment::v1::ListProvidersRequest;
use proto::payment::v1::provider_service_client::ProviderServiceClient;
use serde_json::json;
use tonic::Code;

use cluster_tests::support::funds::{cancel, limit, release, shown};
use cluster_tests::support::online::{Till, payment, settle_parked, start};
use cluster_tests::support::shop::{PRICE, reason};
use cluster_tests::support::system::{User, id};

async fn status_of(user: &User, order_id: &str) -> OrderStatus {
    shown(user, order_id, 0).await.summary.unwrap().status()
}

/// Waits until an order is seen like this.
async fn until_order(user: &User, order_id: &str, wanted: OrderStatus) {
    for _ in 0..600 {
        if status_of(user, order_id).await == wanted {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{order_id} is {:?}, never {wanted:?}", status_of(user, order_id).await);
}

/// Waits until so much of an order is still to be paid: orders and payments follow the log each by
/// itself.
async fn until_open(user: &User, order_id: &str, wanted: i64) {
    let mut open = None;
    for _ in 0..600 {
        open = shown(user, order_id, 0).await.payment.map(|payment| payment.open_minor);
        if open == Some(wanted) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{order_id} has {open:?} open, never {wanted}");
}

/// How often each fact of a payment is in its history.
async fn facts(user: &User, payment_id: &str) -> Vec<String> {
    let object = format!("payment/{payment_id}");
    let asked = GetObjectHistoryRequest { object, ..Default::default() };
    let mut client = HistoryServiceClient::new(user.channel.clone());
    let told = client.get_object_history(user.says(asked)).await.unwrap().into_inner();
    told.entries.into_iter().map(|entry| entry.event.unwrap().event_type).collect()
}

fn count(facts: &[String], fact: &str) -> usize {
    facts.iter().filter(|it| it.as_str() == fact).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_is_paid_through_wechat_pay_and_alipay() {
    let till = Till::start().await;
    let mut providers = ProviderServiceClient::new(till.owner.channel.clone());
    let told = providers.list_providers(till.owner.says(ListProvidersRequest {})).await.unwrap();
    let told: Vec<_> = told.into_inner().providers().collect();
    assert_eq!(told, [PaymentProvider::WechatPay, PaymentProvider::Alipay]);

    for (order_id, provider) in
        [("SO-1", PaymentProvider::WechatPay), ("SO-2", PaymentProvider::Alipay)]
    {
        till.order(order_id, 10).await;
        assert_eq!(status_of(&till.owner, order_id).await, OrderStatus::AwaitingPayment);
        let waiting = till.start_payment(order_id, provider).await;
        assert_eq!((waiting.amount_minor, waiting.provider()), (10 * PRICE, provider));
        assert!(till.scan(&waiting).await);
        let paid = till.until(&waiting.payment_id, PaymentStatus::Captured).await;
        assert_eq!((paid.captured_minor, paid.allocated_minor), (10 * PRICE, 10 * PRICE));
        assert!(paid.url.is_empty() && !paid.transaction.is_empty(), "{paid:?}");
        until_order(&till.owner, order_id, OrderStatus::Confirmed).await;
        let payment = shown(&till.owner, order_id, 0).await.payment.unwrap();
        assert_eq!((payment.online_minor, payment.open_minor), (10 * PRICE, 0));
        let no = start(&till.owner, order_id, provider).await.unwrap_err();
        assert_eq!(reason(&no), "NOTHING_TO_PAY");
        let facts = facts(&till.admin, &waiting.payment_id).await;
        assert_eq!(facts, ["PaymentStarted", "PaymentPresented", "PaymentCaptured"]);
    }
    listed(&till).await;
    let (fine, told) = till.system.qudao(&till.finance, &["payments", "list", "--order", "SO-1"]);
    assert!(fine && told[0]["status"] == "captured", "{told}");
    let number = told[0]["payment_id"].as_str().unwrap().to_owned();
    let (fine, told) = till.system.qudao(&till.owner, &["payments", "show", &number]);
    assert!(fine && told["captured_minor"] == 10 * PRICE, "{told}");
}

/// Each sees the payments of its own.
async fn listed(till: &Till) {
    let list = async |user: &User, search: &str| {
        let asked = order::ListPaymentsRequest { search: search.to_owned(), ..Default::default() };
        let mut client = PaymentQueryServiceClient::new(user.channel.clone());
        client.list_payments(user.says(asked)).await.unwrap().into_inner().payments
    };
    let all = list(&till.finance, "").await;
    assert_eq!(all.len(), 2);
    let one = list(&till.finance, &all[0].transaction).await;
    assert_eq!(one, all[..1]);
    assert_eq!(list(&till.owner, "SO-1").await.len(), 1);
    let other = till.system.user("acme", &[Role::DealerOwner], Some("tongda"));
    assert!(list(&other, "").await.is_empty());
    let no = payment(&other, &all[0].payment_id, 0).await.unwrap_err();
    assert_eq!((no.code(), reason(&no).as_str()), (Code::NotFound, "PAYMENT_NOT_FOUND"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_that_an_order_does_not_need_goes_back() {
    let till = Till::start().await;
    // Cancelled after it was paid.
    till.order("SO-1", 3).await;
    let paid = till.pay("SO-1", PaymentProvider::WechatPay).await;
    till.until(&paid.payment_id, PaymentStatus::Captured).await;
    cancel(&till.admin, "SO-1").await.unwrap();
    let back = till.until(&paid.payment_id, PaymentStatus::Refunded).await;
    assert_eq!((back.refunded_minor, back.refunds.len()), (3 * PRICE, 1));

    // Cancelled while somebody pays it.
    till.order("SO-2", 4).await;
    let late = till.start_payment("SO-2", PaymentProvider::Alipay).await;
    cancel(&till.admin, "SO-2").await.unwrap();
    assert!(till.scan(&late).await);
    let back = till.until(&late.payment_id, PaymentStatus::Refunded).await;
    assert_eq!((back.captured_minor, back.allocated_minor), (4 * PRICE, 0));
    assert_eq!(status_of(&till.owner, "SO-2").await, OrderStatus::Cancelled);

    // Paid twice over, by two codes of one order.
    till.order("SO-3", 5).await;
    let first = till.start_payment("SO-3", PaymentProvider::WechatPay).await;
    let second = till.start_payment("SO-3", PaymentProvider::Alipay).await;
    assert!(till.scan(&first).await && till.scan(&second).await);
    until_order(&till.owner, "SO-3", OrderStatus::Confirmed).await;
    let mut kept = 0;
    for it in [&first, &second] {
        let mut now = payment(&till.owner, &it.payment_id, 0).await.unwrap();
        while !matches!(now.status(), PaymentStatus::Captured | PaymentStatus::Refunded) {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            now = payment(&till.owner, &it.payment_id, 0).await.unwrap();
        }
        kept += now.captured_minor - now.refunded_minor;
    }
    assert_eq!(kept, 5 * PRICE, "the order was paid once");

    // The provider's books say the same.
    let known = till.known().await;
    let sum = |what: &str| -> i64 {
        known[what].as_array().unwrap().iter().map(|it| it["amount"].as_i64().unwrap()).sum()
    };
    assert_eq!(sum("payments") - sum("refunds"), 5 * PRICE, "{known}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_on_hold_is_paid_instead_of_lent_for() {
    let till = Till::start().await;
    limit(&till.finance, "hengtong", 2 * PRICE).await.unwrap();
    till.order("SO-1", 6).await;
    assert_eq!(status_of(&till.owner, "SO-1").await, OrderStatus::OnHold);
    let paid = till.pay("SO-1", PaymentProvider::WechatPay).await;
    assert_eq!(paid.amount_minor, 6 * PRICE);
    until_order(&till.owner, "SO-1", OrderStatus::Confirmed).await;
    let payment = shown(&till.owner, "SO-1", 0).await.payment.unwrap();
    assert_eq!((payment.online_minor, payment.credit_minor), (6 * PRICE, 0));
    let no = release(&till.finance, "SO-1", None).await.unwrap_err();
    assert_eq!(reason(&no), "NOT_ON_HOLD");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_withdrawn_payment_can_not_be_paid_any_more() {
    let till = Till::start().await;
    till.order("SO-1", 2).await;
    let waiting = till.start_payment("SO-1", PaymentProvider::WechatPay).await;
    let request = order::WithdrawPaymentRequest {
        request_id: id(),
        payment_id: waiting.payment_id.clone(),
        ..Default::default()
    };
    let mut client = PaymentServiceClient::new(till.owner.channel.clone());
    client.withdraw_payment(till.owner.says(request.clone())).await.unwrap();
    till.until(&waiting.payment_id, PaymentStatus::Closed).await;
    let no = client
        .withdraw_payment(
            till.owner.says(order::WithdrawPaymentRequest { request_id: id(), ..request }),
        )
        .await
        .unwrap_err();
    assert_eq!(reason(&no), "ALREADY_CLOSED");
    for _ in 0..200 {
        let known = till.known().await;
        if known["payments"][0]["state"] == "closed" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    till.scan(&waiting).await;
    let known = till.known().await;
    assert_eq!(known["payments"][0]["state"], "closed", "{known}");
    assert_eq!(status_of(&till.owner, "SO-1").await, OrderStatus::AwaitingPayment);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn providers_that_fail_are_asked_again() {
    let till = Till::start().await;
    till.order("SO-1", 2).await;
    till.misbehave(json!({ "fail_next": 3 })).await;
    let waiting = till.start_payment("SO-1", PaymentProvider::Alipay).await;
    // Nobody is told: whether it was paid is asked.
    till.misbehave(json!({ "silent": true })).await;
    assert!(till.scan(&waiting).await);
    till.until(&waiting.payment_id, PaymentStatus::Captured).await;

    // A refund that fails waits for a person, who asks again.
    till.misbehave(json!({ "refunds_fail": true })).await;
    cancel(&till.admin, "SO-1").await.unwrap();
    let failed = till.until(&waiting.payment_id, PaymentStatus::RefundFailed).await;
    assert_eq!(failed.refunds[0].status(), RefundStatus::Failed);
    till.behave().await;
    retry(&till.finance, &failed).await;
    let back = till.until(&waiting.payment_id, PaymentStatus::Refunded).await;
    let outcomes: Vec<_> = back.refunds.iter().map(order::PaymentRefund::status).collect();
    assert_eq!(outcomes, [RefundStatus::Replaced, RefundStatus::Done]);
    assert_eq!(back.refunded_minor, 2 * PRICE);
}

/// Asks for the last refund again.
async fn retry(user: &User, failed: &order::Payment) {
    let request = order::RetryRefundRequest {
        request_id: id(),
        payment_id: failed.payment_id.clone(),
        refund_id: failed.refunds.last().unwrap().refund_id.clone(),
        reason: "已与支付机构核对".to_owned(),
        ..Default::default()
    };
    let mut client = PaymentServiceClient::new(user.channel.clone());
    client.retry_refund(user.says(request)).await.unwrap();
}

/// What WeChat Pay calls abnormal is done by hand at its desk: nothing is sent twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_that_is_to_be_done_by_hand_is_not_asked_for_twice() {
    let till = Till::start().await;
    till.order("SO-1", 2).await;
    let paid = till.pay("SO-1", PaymentProvider::WechatPay).await;
    till.until(&paid.payment_id, PaymentStatus::Captured).await;
    till.misbehave(json!({ "refunds_fail": true })).await;
    cancel(&till.admin, "SO-1").await.unwrap();
    let failed = till.until(&paid.payment_id, PaymentStatus::RefundFailed).await;
    till.behave().await;
    retry(&till.finance, &failed).await;
    let failed = till.until(&paid.payment_id, PaymentStatus::RefundFailed).await;
    for _ in 0..100 {
        let now = payment(&till.finance, &paid.payment_id, 0).await.unwrap();
        if now.refunds.len() == 2 && now.refunds[1].status() == RefundStatus::Failed {
            assert!(now.refunds[1].detail.contains("ABNORMAL"), "{now:?}");
            let known = till.known().await;
            assert_eq!(known["refunds"].as_array().unwrap().len(), 1, "{known}");
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the second refund never failed: {failed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_amount_waits_for_a_person() {
    let till = Till::start().await;
    till.misbehave(json!({ "amount_delta": -1 })).await;
    let mut parked = Vec::new();
    for order_id in ["SO-1", "SO-2", "SO-3"] {
        till.order(order_id, 2).await;
        let payment = till.pay(order_id, PaymentProvider::WechatPay).await;
        let payment = till.until(&payment.payment_id, PaymentStatus::Parked).await;
        assert_eq!(payment.parked.clone().unwrap().amount_minor, 2 * PRICE - 1);
        assert_eq!(status_of(&till.owner, order_id).await, OrderStatus::AwaitingPayment);
        parked.push(payment.payment_id);
    }
    till.behave().await;
    let no = settle_parked(&till.owner, &parked[0], ParkedVerdict::Take).await.unwrap_err();
    assert_eq!(no.code(), Code::PermissionDenied);
    // Taken as it is: one 分 is still to be paid.
    settle_parked(&till.finance, &parked[0], ParkedVerdict::Take).await.unwrap();
    let taken = till.until(&parked[0], PaymentStatus::Captured).await;
    assert_eq!(taken.allocated_minor, 2 * PRICE - 1);
    until_open(&till.owner, "SO-1", 1).await;
    settle_parked(&till.finance, &parked[1], ParkedVerdict::GiveBack).await.unwrap();
    till.until(&parked[1], PaymentStatus::Refunded).await;
    // Dismissed, it is looked up: what the provider says when it is asked is right, and counts.
    settle_parked(&till.finance, &parked[2], ParkedVerdict::Dismiss).await.unwrap();
    let no = settle_parked(&till.finance, &parked[2], ParkedVerdict::Take).await.unwrap_err();
    assert_eq!(reason(&no), "NOT_PARKED");
    till.until(&parked[2], PaymentStatus::Captured).await;
    until_order(&till.owner, "SO-3", OrderStatus::Confirmed).await;
    let facts = facts(&till.admin, &parked[2]).await;
    assert_eq!(count(&facts, "ParkedPaymentDismissed"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_pay_at_once_and_every_notice_comes_five_times() {
    const ORDERS: usize = 40;
    let till = Till::start().await;
    till.misbehave(json!({ "copies": 5, "shuffled": true })).await;
    let mut payments = Vec::new();
    for number in 0..ORDERS {
        let order_id = format!("SO-{number}");
        till.order(&order_id, 1).await;
        let provider = match number % 2 {
            0 => PaymentProvider::WechatPay,
            _ => PaymentProvider::Alipay,
        };
        payments.push((order_id.clone(), till.start_payment(&order_id, provider).await));
    }
    for (_, payment) in &payments {
        assert!(till.scan(payment).await);
    }
    for (order_id, payment) in &payments {
        let paid = till.until(&payment.payment_id, PaymentStatus::Captured).await;
        assert_eq!((paid.captured_minor, paid.refunds.len()), (PRICE, 0));
        until_order(&till.owner, order_id, OrderStatus::Confirmed).await;
        let facts = facts(&till.admin, &payment.payment_id).await;
        assert_eq!(count(&facts, "PaymentCaptured"), 1, "{facts:?}");
    }
    let mut lists = OrderQueryServiceClient::new(till.finance.channel.clone());
    let statuses = vec![OrderStatus::Confirmed.into()];
    let asked = order::ListOrdersRequest { statuses, ..Default::default() };
    let all = lists.list_orders(till.finance.says(asked)).await.unwrap().into_inner();
    assert_eq!(all.page.unwrap().total, ORDERS as u64);
    println!("{ORDERS} orders paid at once, each notice five times: each captured once");
}
