//! The whole life of a payment with either provider.

use chrono::{FixedOffset, NaiveDate};
use http::Method;
use kernel::clock;
use psp::{
    Capture, Client, Closing, NoticeKind, Provider, PspError, RefundStanding, Scene, Standing,
    StatementKind,
};
use values::Minor;

use super::stage::{PROVIDERS, Stage, until};

fn today() -> NaiveDate {
    let china = FixedOffset::east_opt(8 * 3600).expect("an offset");
    clock::now().with_timezone(&china).date_naive()
}

async fn capture(client: &Client) -> Capture {
    let standing = client.look_up("PAY000001").await.expect("a standing");
    let Standing::Paid(capture) = standing else { panic!("{standing:?}") };
    capture
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_presented_paid_and_told() {
    for provider in PROVIDERS {
        let stage = Stage::start().await;
        let client = stage.client(provider);
        assert_eq!(client.look_up("PAY000001").await.expect("a standing"), Standing::Unknown);
        let charge = stage.charge(provider, "PAY000001");
        let first = client.present(&charge).await.expect("presented");
        assert_eq!(client.present(&charge).await.expect("presented again"), first);
        // Alipay knows nothing of a code before somebody scans it.
        let unseen = client.look_up("PAY000001").await.expect("a standing");
        let is_unseen = provider == Provider::Alipay;
        let expected = if is_unseen { Standing::Unknown } else { Standing::Waiting };
        assert_eq!(unseen, expected);
        assert_eq!(stage.ask(Method::GET, &first.url, "").await.status(), 200);
        assert_eq!(client.look_up("PAY000001").await.expect("a standing"), Standing::Waiting);

        assert_eq!(stage.ask(Method::POST, &first.url, "action=pay").await.status(), 200);
        let told = stage.read(&client, 1).await.remove(0).expect("a notice");
        let capture = capture(&client).await;
        assert_eq!((capture.amount, capture.currency.as_str()), (Minor(8888), "CNY"));
        assert!(capture.payer.is_some());
        assert_eq!(told.kind, NoticeKind::Paid(capture));
        assert_eq!(client.close("PAY000001").await.expect("an answer"), Closing::AlreadyPaid);
        let again = client.present(&charge).await;
        assert!(matches!(again, Err(PspError::Refused { .. })), "{again:?}");
        until("acknowledgement", || stage.simulator.transactions().notices[0].is_over).await;
        assert_eq!(stage.count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_on_a_phone_leads_to_the_page_of_the_payment() {
    for provider in PROVIDERS {
        let stage = Stage::start().await;
        let client = stage.client(provider);
        let mut charge = stage.charge(provider, "PAY000001");
        charge.scene = Scene::Phone { client_ip: "203.0.113.7".to_owned() };
        let url = client.present(&charge).await.expect("presented").url;
        let answer = stage.ask(Method::GET, &url, "").await;
        let page = match provider {
            Provider::WechatPay => url,
            // The link is a call of the gateway, which then names the page.
            Provider::Alipay => {
                let page = answer.headers()["location"].to_str().expect("an address");
                page.to_owned()
            }
        };
        assert_eq!(client.look_up("PAY000001").await.expect("a standing"), Standing::Waiting);
        stage.ask(Method::POST, &page, "action=pay").await;
        assert_eq!(capture(&client).await.amount, Minor(8888));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn money_goes_back_once_for_each_number_and_never_more_than_came() {
    for provider in PROVIDERS {
        let stage = Stage::start().await;
        let client = stage.paid(provider).await;
        let none = client.look_up_refund("PAY000001", "REF1").await.expect("an answer");
        assert_eq!(none, None);
        let part = stage.refund(provider, "REF1", 888);
        let first = client.refund(&part).await.expect("taken on");
        assert!(!matches!(first, RefundStanding::Failed { .. }));
        refunded(&client, "REF1").await;
        let again = client.refund(&part).await.expect("the same");
        assert!(matches!(again, RefundStanding::Refunded { refunded_at: Some(_) }), "{again:?}");
        assert_eq!(stage.simulator.transactions().refunds.len(), 1);

        for bad in [stage.refund(provider, "REF1", 887), stage.refund(provider, "REF2", 8001)] {
            let refused = client.refund(&bad).await;
            assert!(matches!(refused, Err(PspError::Refused { .. })), "{refused:?}");
        }
        client.refund(&stage.refund(provider, "REF3", 8000)).await.expect("taken on");
        refunded(&client, "REF3").await;
        assert_eq!(capture(&client).await.amount, Minor(8888), "it was paid, all the same");

        let told = stage.read(&client, 3).await;
        let back = told.into_iter().filter_map(|notice| {
            let kind = notice.expect("a notice").kind;
            let NoticeKind::Refunded { refund_id, amount, .. } = kind else { return None };
            Some((refund_id?, amount.0))
        });
        let mut back: Vec<_> = back.collect();
        back.sort();
        // Alipay tells how much went back in all.
        let last = if provider == Provider::Alipay { 8888 } else { 8000 };
        assert_eq!(back, [("REF1".to_owned(), 888), ("REF3".to_owned(), last)]);
    }
}

async fn refunded(client: &Client, refund_id: &str) {
    loop {
        let standing = client.look_up_refund("PAY000001", refund_id).await.expect("an answer");
        match standing.expect("a refund") {
            RefundStanding::Processing => tokio::task::yield_now().await,
            RefundStanding::Refunded { refunded_at } => {
                assert!(refunded_at.is_some());
                return;
            }
            RefundStanding::Failed { reason } => panic!("{reason}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_has_a_line_for_each_movement() {
    for provider in PROVIDERS {
        let stage = Stage::start().await;
        let client = stage.client(provider);
        assert_eq!(client.statement(today()).await.expect("a statement"), []);
        let client = { stage.paid(provider).await };
        let day = today();
        client.refund(&stage.refund(provider, "REF1", 888)).await.expect("taken on");
        refunded(&client, "REF1").await;
        let lines = client.statement(day).await.expect("a statement");
        let [paid, back] = lines.as_slice() else { panic!("{lines:?}") };
        let capture = capture(&client).await;
        assert_eq!((paid.kind, paid.amount), (StatementKind::Paid, Minor(8888)));
        assert_eq!((paid.fee, paid.at), (Some(Minor(53)), capture.paid_at));
        assert_eq!((back.kind, back.amount), (StatementKind::Refunded, Minor(888)));
        assert_eq!((back.fee, back.refund_id.as_deref()), (Some(Minor(-5)), Some("REF1")));
        for line in lines {
            assert_eq!(line.payment_id, "PAY000001");
            assert_eq!(line.transaction_id, capture.transaction_id);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_closed_or_has_expired_can_not_be_paid() {
    for provider in PROVIDERS {
        let stage = Stage::start().await;
        let client = stage.client(provider);
        assert_eq!(client.close("PAY000001").await.expect("an answer"), Closing::Closed);
        for payment_id in ["PAY000001", "PAY000002"] {
            let charge = stage.charge(provider, payment_id);
            let url = client.present(&charge).await.expect("presented").url;
            stage.ask(Method::GET, &url, "").await;
        }
        for _ in 0..2 {
            assert_eq!(client.close("PAY000001").await.expect("an answer"), Closing::Closed);
        }
        stage.simulator.age("PAY000002", chrono::TimeDelta::hours(1)).expect("a payment");
        for payment_id in ["PAY000001", "PAY000002"] {
            assert_eq!(client.look_up(payment_id).await.expect("a standing"), Standing::Closed);
            let paid = stage.simulator.pay(payment_id);
            assert_eq!(paid, Err(psp_simulator::PayError::Closed));
        }
    }
}
