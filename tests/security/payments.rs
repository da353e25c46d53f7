//! S13: what payment providers did not say, said too often, or said of others.

use std::sync::{Arc, Mutex};

use axum::extract::{Request, State};
use chrono::TimeDelta;
use kernel::clock;
use kernel::outbound::{Outbound, Reach};
use proto::access::v1::Role;
use proto::order::v1 as order;
use proto::order::v1::payment_service_client::PaymentServiceClient;
use proto::order::v1::{PaymentProvider, PaymentStatus};
use psp::{Charge, Client, Merchant, Scene};
use serde_json::json;
use tokio::net::TcpListener;
use tonic::{Code, Status};
use values::Minor;

use super::row::{Found, Row, Run};
use crate::support::files::plain_client;
use crate::support::online::Till;
use crate::support::shop::{PRICE, reason};
use crate::support::system::{User, id};

pub(super) static S13: Row = Row {
    id: "S13",
    attack: "notices of payments that are not signed, signed by a stranger, changed in any byte, about nobody's \
             payment, for another merchant, or telling another amount; each one a hundred times at once and \
             out of order; programs and people who say themselves that something was paid",
    passes: "each payment is captured once, by what its provider says; another amount waits for a person; \
             nothing else is acknowledged",
    control: "`s13_notices_a_gateway_that_believes_everything`",
    environment: &[],
    run: |_, run| Box::pin(attack(run)),
};

/// A notice as it comes.
#[derive(Clone, Debug)]
struct Notice {
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

async fn attack(run: Run) -> Found {
    let mut found = Found::default();
    let till = Till::start().await;
    let (right, all) = refused(&till.system.web).await;
    for number in 0..all {
        let came = (number < right).then_some(()).ok_or_else(|| "was acknowledged".to_owned());
        found.attempt(None, came);
    }
    for provider in ["wechat_pay", "alipay"] {
        changed(&till, provider, run, &mut found).await;
    }
    too_often(&till, run.size(20, 100), &mut found).await;
    strangers(&till, &mut found).await;
    other_amounts(&till, &mut found).await;
    said_by_others(&till, &mut found).await;
    found
}

/// How many of the things that nobody has signed a server refuses at this address.
pub async fn refused(web: &str) -> (u64, u64) {
    let client = plain_client();
    let signed = [
        ("wechatpay-serial", "PUB_KEY_ID_0000000000000024101100397200000006"),
        ("wechatpay-timestamp", "1732521600"),
        ("wechatpay-nonce", "593BEC0C930BF1AFEB40B4A08C8FB242"),
        ("wechatpay-signature", "bm8gc2lnbmF0dXJlIGF0IGFsbA=="),
    ];
    let bodies: [&[u8]; 6] = [
        b"",
        b"{}",
        b"\xff\xfe\x00",
        br#"{"id":"1","event_type":"TRANSACTION.SUCCESS","resource":{"algorithm":"AEAD_AES_256_GCM"}}"#,
        b"trade_status=TRADE_SUCCESS&out_trade_no=PM202611260001&total_amount=1.00&sign=eA%3D%3D",
        b"app_id=1&sign_type=none&sign=",
    ];
    let (mut right, mut all) = (0, 0);
    for path in ["acme/wechat_pay", "acme/alipay", "nobody/alipay", "acme/unionpay", "Ä/alipay"] {
        for body in bodies {
            for headers in [&[][..], &signed[..1], &signed] {
                let url = format!("{web}/payments/notices/{path}");
                let mut request = client.post(url).body(body.to_vec());
                for (name, value) in headers {
                    request = request.header(*name, *value);
                }
                all += 1;
                let Ok(answer) = request.send().await else { continue };
                let refused = answer.status().is_client_error();
                let said = answer.text().await.unwrap_or_default();
                right += u64::from(refused && !is_acknowledged(200, &said));
            }
        }
    }
    (right, all)
}

/// Whether a provider takes an answer for an acknowledgement.
fn is_acknowledged(status: u16, said: &str) -> bool {
    status == 200 && (said == "success" || said.contains("SUCCESS"))
}

fn unless_acknowledged(status: u16, said: &str) -> Result<(), String> {
    if is_acknowledged(status, said) { Err(format!("{status} {said}")) } else { Ok(()) }
}

/// A notice that its provider has signed, about a payment of nobody, changed byte by byte.
async fn changed(till: &Till, provider: &str, run: Run, found: &mut Found) {
    let told = till.merchants().await;
    let merchant = &told["ours"][provider];
    let merchant: Merchant = serde_json::from_value(merchant.clone()).unwrap_or_else(|error| {
        panic!("{error}: {told}");
    });
    let notice = signed(till, provider, merchant).await;
    let (status, said) = till.notice(&notice.path, &notice.headers, notice.body.clone()).await;
    found.attempt(None, unless_acknowledged(status, &said));
    let step = (notice.body.len() / run.size(40, 400)).max(1);
    for at in (0..notice.body.len()).step_by(step) {
        let mut body = notice.body.clone();
        body[at] ^= 1;
        let (status, said) = till.notice(&notice.path, &notice.headers, body).await;
        let came = if status == 401 { Ok(()) } else { Err(format!("byte {at}: {status} {said}")) };
        found.attempt(None, came);
    }
    // Where another provider, or another brand, is told.
    for path in [format!("nobody/{provider}"), "acme/unionpay".to_owned()] {
        let (status, said) = till.notice(&path, &notice.headers, notice.body.clone()).await;
        found.attempt(None, unless_acknowledged(status, &said));
    }
}

/// Has a provider sign a notice, and takes it before it gets anywhere.
async fn signed(till: &Till, provider: &str, merchant: Merchant) -> Notice {
    let (taken, url) = trap(provider).await;
    let client = Client::new(merchant, Outbound::new(Reach::Private, None).unwrap()).unwrap();
    let charge = Charge {
        payment_id: format!("NOBODYS{}", if provider == "alipay" { "A" } else { "W" }),
        amount: Minor(100),
        subject: "无人的订单".to_owned(),
        expires_at: clock::now() + TimeDelta::minutes(5),
        notify_url: url,
        scene: Scene::Code,
    };
    let url = client.present(&charge).await.unwrap().url;
    let payment = order::Payment { url, ..Default::default() };
    assert!(till.scan(&payment).await);
    for _ in 0..200 {
        if let Some(notice) = taken.lock().unwrap().clone() {
            return notice;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("no notice came");
}

type Taken = Arc<Mutex<Option<Notice>>>;

/// Takes the first request that comes.
async fn trap(provider: &str) -> (Taken, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/notice", listener.local_addr().unwrap());
    let taken = Taken::default();
    let state = (taken.clone(), format!("acme/{provider}"));
    let take = async |State((taken, path)): State<(Taken, String)>, request: Request| {
        let (head, body) = request.into_parts();
        let headers = head.headers.iter();
        let headers = headers.map(|(name, value)| {
            (name.as_str().to_owned(), value.to_str().unwrap_or_default().to_owned())
        });
        let headers = headers.filter(|(name, _)| name.starts_with("wechatpay-")).collect();
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap().to_vec();
        taken.lock().unwrap().get_or_insert(Notice { path, headers, body });
        "success"
    };
    let router = axum::Router::new().fallback(take).with_state(state);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (taken, url)
}

/// Each notice comes so often at once, and out of order.
async fn too_often(till: &Till, copies: u32, found: &mut Found) {
    till.misbehave(json!({ "copies": copies, "shuffled": true })).await;
    for (order_id, provider) in
        [("SO-101", PaymentProvider::WechatPay), ("SO-102", PaymentProvider::Alipay)]
    {
        till.order(order_id, 1).await;
        let paid = till.pay(order_id, provider).await;
        till.until(&paid.payment_id, PaymentStatus::Captured).await;
        let captured = captures(till, &paid.payment_id).await;
        let came = if captured == 1 { Ok(()) } else { Err(format!("captured {captured} times")) };
        for _ in 0..copies {
            found.attempt(None, came.clone());
        }
    }
    found.figure("copies of each notice at once", copies);
}

/// Signed by a stranger, or for another merchant: not believed, and the provider is asked instead.
async fn strangers(till: &Till, found: &mut Found) {
    for (order_id, how) in [("SO-201", "forged"), ("SO-202", "for_another_merchant")] {
        till.misbehave(json!({ how: true, "copies": 5 })).await;
        for provider in [PaymentProvider::WechatPay, PaymentProvider::Alipay] {
            let order_id = format!("{order_id}-{}", i32::from(provider));
            till.order(&order_id, 1).await;
            let paid = till.pay(&order_id, provider).await;
            till.until(&paid.payment_id, PaymentStatus::Captured).await;
            let known = till.known().await;
            let notices = known["notices"].as_array().unwrap().iter();
            let mut own = notices.filter(|it| it["payment_id"] == paid.payment_id);
            let acknowledged = own.any(|it| it["is_acknowledged"] == true);
            let captured = captures(till, &paid.payment_id).await;
            let came = match (acknowledged, captured) {
                (false, 1) => Ok(()),
                told => Err(format!("{how}: acknowledged and captured {told:?}")),
            };
            found.attempt(None, came);
        }
    }
}

/// Properly signed, and of another amount.
async fn other_amounts(till: &Till, found: &mut Found) {
    for (number, delta) in [(301, -1), (302, 1), (303, 100_000)] {
        till.misbehave(json!({ "amount_delta": delta, "copies": 5 })).await;
        let order_id = format!("SO-{number}");
        till.order(&order_id, 1).await;
        let paid = till.pay(&order_id, PaymentProvider::WechatPay).await;
        let parked = till.until(&paid.payment_id, PaymentStatus::Parked).await;
        let captured = captures(till, &paid.payment_id).await;
        let came = match (parked.parked.map(|it| it.amount_minor), captured) {
            (Some(told), 0) if told == PRICE + delta => Ok(()),
            told => Err(format!("{delta} more: {told:?}")),
        };
        found.attempt(None, came);
    }
    till.behave().await;
}

/// Nobody but what looks at signatures says what providers have said.
async fn said_by_others(till: &Till, found: &mut Found) {
    till.order("SO-401", 1).await;
    let waiting = till.start_payment("SO-401", PaymentProvider::WechatPay).await;
    for role in [Role::HqAdmin, Role::Finance, Role::DealerOwner, Role::Integration] {
        let dealer = (role == Role::DealerOwner).then_some("hengtong");
        let user = till.system.user("acme", &[role], dealer);
        for (rpc, came) in noted_by(&user, &waiting.payment_id).await {
            let refused =
                came.code() == Code::PermissionDenied || reason(&came) == "NOT_FROM_PROVIDER";
            let came = if refused { Ok(()) } else { Err(format!("{role:?}: {came:?}")) };
            found.attempt(Some(rpc), came);
        }
    }
    let captured = captures(till, &waiting.payment_id).await;
    let came = if captured == 0 { Ok(()) } else { Err("it was captured".to_owned()) };
    found.attempt(None, came);
}

/// What becomes of it when somebody notes things of a payment.
async fn noted_by(user: &User, payment_id: &str) -> [(&'static str, Status); 4] {
    let mut client = PaymentServiceClient::new(user.channel.clone());
    let payment_id = payment_id.to_owned();
    let captured = order::NotePaymentCapturedRequest {
        request_id: id(),
        expected_version: None,
        payment_id: payment_id.clone(),
        transaction: "4200001".to_owned(),
        amount_minor: PRICE,
        currency_code: "CNY".to_owned(),
        looked_up: true,
        paid_at: "2026-11-26T08:00:00Z".to_owned(),
    };
    let presented = order::NotePaymentPresentedRequest {
        request_id: id(),
        payment_id: payment_id.clone(),
        url: "https://example.com/pay".to_owned(),
        ..Default::default()
    };
    let closed = order::NotePaymentClosedRequest {
        request_id: id(),
        payment_id: payment_id.clone(),
        ..Default::default()
    };
    let refunded = order::NoteRefundRequest {
        request_id: id(),
        refund_id: format!("{payment_id}R1"),
        payment_id,
        ..Default::default()
    };
    fn no<T: std::fmt::Debug>(came: Result<T, Status>) -> Status {
        came.err().unwrap_or_else(|| Status::ok("it was noted"))
    }
    [
        ("NotePaymentCaptured", no(client.note_payment_captured(user.says(captured)).await)),
        ("NotePaymentPresented", no(client.note_payment_presented(user.says(presented)).await)),
        ("NotePaymentClosed", no(client.note_payment_closed(user.says(closed)).await)),
        ("NoteRefund", no(client.note_refund(user.says(refunded)).await)),
    ]
}

/// How often a payment was captured, by the log itself.
async fn captures(till: &Till, payment_id: &str) -> i64 {
    let url = till.system.servers.postgres_url();
    let log = kernel::log::Log::open(&url, "order").await.unwrap();
    let events = log.read_object("acme", Some("payment"), payment_id).await.unwrap();
    let captured = events.iter().filter(|event| event.event_type == "PaymentCaptured").count();
    i64::try_from(captured).unwrap()
}
