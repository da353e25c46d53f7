//! What a provider refuses, and what a client does not believe.

use std::time::Duration;

use chrono::TimeDelta;
use http::Method;
use psp::{Client, Merchant, Provider, PspError, RefundStanding};
use values::Minor;

use super::stage::{PROVIDERS, Stage, outbound, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_that_of_one_charge_only() {
    for (provider, code) in
        [(Provider::WechatPay, "OUT_TRADE_NO_USED"), (Provider::Alipay, "ACQ.CONTEXT_INCONSISTENT")]
    {
        let stage = Stage::start().await;
        let client = stage.client(provider);
        let mut charge = stage.charge(provider, "PAY000001");
        client.present(&charge).await.expect("presented");
        charge.amount = Minor(8889);
        let refused = client.present(&charge).await.expect_err("refused");
        assert_eq!(refused.code(), Some(code));
        assert!(!refused.is_passing());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_with_another_key_is_refused() {
    for provider in PROVIDERS {
        let stage = Stage::start().await;
        let (ours, others) =
            (stage.simulator.merchant(provider), stage.simulator.another_merchant(provider));
        let mixed = match (ours, others) {
            (Merchant::WechatPay(ours), Merchant::WechatPay(others)) => {
                Merchant::WechatPay(psp::WechatPay { private_key: others.private_key, ..ours })
            }
            (Merchant::Alipay(ours), Merchant::Alipay(others)) => {
                Merchant::Alipay(psp::Alipay { private_key: others.private_key, ..ours })
            }
            other => panic!("{other:?}"),
        };
        let client = stage.client_of(mixed);
        let refused = client.look_up("PAY000001").await.expect_err("refused");
        assert!(
            matches!(refused.code(), Some("SIGN_ERROR" | "isv.invalid-signature")),
            "{refused:?}"
        );
        assert!(matches!(refused, PspError::Refused { .. }));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_merchants_payment_is_unknown() {
    for provider in PROVIDERS {
        let stage = Stage::start().await;
        stage.paid(provider).await;
        let other = stage.client_of(stage.simulator.another_merchant(provider));
        let found = other.look_up("PAY000001").await.expect("an answer");
        assert_eq!(found, psp::Standing::Unknown);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_others_signed_is_not_believed() {
    for provider in PROVIDERS {
        let stage = Stage::start().await;
        stage.paid(provider).await;
        // The client believes the key that the other provider signs with.
        let both = PROVIDERS.map(|provider| stage.simulator.merchant(provider));
        let [Merchant::WechatPay(mut wechat), Merchant::Alipay(mut alipay)] = both else {
            panic!("{both:?}")
        };
        let key = std::mem::take(&mut wechat.platform_keys[0].pem);
        wechat.platform_keys[0].pem = std::mem::replace(&mut alipay.alipay_public_key, key);
        let merchant = match provider {
            Provider::WechatPay => Merchant::WechatPay(wechat),
            Provider::Alipay => Merchant::Alipay(alipay),
        };
        let client = stage.client_of(merchant);
        // Neither a success nor a refusal.
        for payment_id in ["PAY000001", "PAY000002"] {
            let read = client.look_up(payment_id).await;
            assert!(matches!(read, Err(PspError::Unverified)), "{read:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_paid_a_year_ago_does_not_go_back() {
    for provider in PROVIDERS {
        let stage = Stage::start().await;
        let client = stage.paid(provider).await;
        stage.simulator.age("PAY000001", TimeDelta::days(366)).expect("a payment");
        let refused = client.refund(&stage.refund(provider, "REF1", 888)).await;
        assert!(matches!(refused, Err(PspError::Refused { .. })), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_fails_is_told_in_the_way_of_its_provider() {
    let stage = Stage::start().await;
    let client = stage.paid(Provider::WechatPay).await;
    let failing = psp_simulator::Misbehaviour { refunds_fail: true, ..Default::default() };
    stage.simulator.misbehave(failing.clone());
    let taken = client.refund(&stage.refund(Provider::WechatPay, "REF1", 888)).await;
    assert_eq!(taken.expect("taken on"), RefundStanding::Processing);
    let told = stage.read(&client, 2).await.remove(1).expect("a notice").kind;
    let (payment_id, refund_id) = ("PAY000001".to_owned(), "REF1".to_owned());
    let reason = "ABNORMAL".to_owned();
    let failed = psp::NoticeKind::RefundFailed { payment_id, refund_id, reason: reason.clone() };
    assert_eq!(told, failed);
    let found = client.look_up_refund("PAY000001", "REF1").await.expect("an answer");
    assert_eq!(found, Some(RefundStanding::Failed { reason }));

    let stage = Stage::start().await;
    let client = stage.paid(Provider::Alipay).await;
    stage.simulator.misbehave(failing);
    let refused = client.refund(&stage.refund(Provider::Alipay, "REF1", 888)).await;
    let refused = refused.expect_err("refused");
    assert_eq!(refused.code(), Some("ACQ.SELLER_BALANCE_NOT_ENOUGH"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_passes_and_silence_ends() {
    for provider in PROVIDERS {
        let stage = Stage::start().await;
        let client = stage.paid(provider).await;
        let set = r#"{"fail_next": 2}"#;
        assert_eq!(stage.ask(Method::POST, "/simulator/misbehave", set).await.status(), 200);
        for _ in 0..2 {
            let failed = client.look_up("PAY000001").await.expect_err("a fault");
            assert!(matches!(failed, PspError::Busy { .. }) && failed.is_passing(), "{failed:?}");
        }
        client.look_up("PAY000001").await.expect("a standing");
        stage.ask(Method::POST, "/simulator/misbehave", r#"{"hang_next": 1}"#).await;
        let brief = outbound().within(Duration::from_millis(300));
        let hasty = Client::new(stage.simulator.merchant(provider), brief).expect("a client");
        let failed = hasty.look_up("PAY000001").await.expect_err("silence");
        assert!(matches!(failed, PspError::Unreachable(_)) && failed.is_passing(), "{failed:?}");
        client.look_up("PAY000001").await.expect("a standing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulator_that_was_stopped_answers_nobody() {
    let stop = tokio_util::sync::CancellationToken::new();
    let listen = "127.0.0.1:0".parse().expect("an address");
    let simulator = psp_simulator::Simulator::start(listen, stop.clone()).await.expect("started");
    let merchant = simulator.merchant(Provider::WechatPay);
    let client = Client::new(merchant, outbound()).expect("a client");
    client.look_up("PAY000001").await.expect("an answer");
    stop.cancel();
    let address = simulator.address();
    until("end", || std::net::TcpStream::connect(address).is_err()).await;
    assert!(client.look_up("PAY000001").await.expect_err("nobody").is_passing());
}
