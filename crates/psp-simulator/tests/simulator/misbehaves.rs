//! Each way of misbehaving, as the receiver of notices sees it.

use std::time::Duration;

use psp::{NoticeError, NoticeKind, Provider};
use psp_simulator::Misbehaviour;

use super::stage::{PROVIDERS, Stage, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_comes_until_it_is_acknowledged() {
    for provider in PROVIDERS {
        let stage = Stage::start().await;
        stage.refuse(true);
        let client = stage.paid(provider).await;
        let notices = stage.read(&client, 3).await;
        let mut ids: Vec<_> =
            notices.into_iter().map(|notice| notice.expect("a notice").notice_id).collect();
        ids.dedup();
        assert_eq!(ids.len(), 1, "it is the same each time");
        stage.refuse(false);
        until("end", || stage.simulator.transactions().notices[0].is_over).await;
        let sent = stage.simulator.transactions().notices.remove(0);
        assert!(sent.is_acknowledged && sent.times >= 4, "{sent:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_come_at_once() {
    for provider in PROVIDERS {
        let stage = Stage::start().await;
        stage.simulator.misbehave(Misbehaviour { copies: 3, ..Default::default() });
        let client = stage.paid(provider).await;
        let notices = stage.read(&client, 3).await;
        let first = notices[0].clone().expect("a notice");
        assert!(notices.iter().all(|notice| notice.as_ref() == Ok(&first)));
        until("end", || stage.simulator.transactions().notices[0].is_over).await;
        assert_eq!(stage.count(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_notice_may_come_before_an_earlier_one() {
    for provider in PROVIDERS {
        let stage = Stage::start().await;
        stage.simulator.misbehave(Misbehaviour { shuffled: true, ..Default::default() });
        let client = stage.paid(provider).await;
        client.refund(&stage.refund(provider, "REF1", 888)).await.expect("taken on");
        let notices = stage.read(&client, 2).await;
        let kinds: Vec<_> = notices.into_iter().map(|it| it.expect("a notice").kind).collect();
        assert!(matches!(kinds[0], NoticeKind::Refunded { .. }), "{kinds:?}");
        assert!(matches!(kinds[1], NoticeKind::Paid(_)), "{kinds:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_may_come_late_or_never() {
    let stage = Stage::start().await;
    let provider = Provider::WechatPay;
    stage.simulator.misbehave(Misbehaviour { delay_ms: 300, ..Default::default() });
    let started = std::time::Instant::now();
    let client = stage.paid(provider).await;
    stage.read(&client, 1).await;
    assert!(started.elapsed() >= Duration::from_millis(300));
    stage.simulator.misbehave(Misbehaviour { silent: true, ..Default::default() });
    client.present(&stage.charge(provider, "PAY000002")).await.expect("presented");
    stage.simulator.pay("PAY000002").expect("paid");
    assert_eq!(stage.simulator.transactions().notices.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_amount_is_told_and_properly_signed() {
    for provider in PROVIDERS {
        let stage = Stage::start().await;
        stage.simulator.misbehave(Misbehaviour { amount_delta: -8000, ..Default::default() });
        let client = stage.paid(provider).await;
        let told = stage.read(&client, 1).await.remove(0).expect("a notice").kind;
        let NoticeKind::Paid(capture) = told else { panic!("{told:?}") };
        assert_eq!(capture.amount.0, 888);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_not_believed() {
    for provider in PROVIDERS {
        let stage = Stage::start().await;
        stage.simulator.misbehave(Misbehaviour { forged: true, ..Default::default() });
        let client = stage.paid(provider).await;
        assert_eq!(stage.read(&client, 1).await.remove(0), Err(NoticeError::Forged));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_another_merchant_is_left_alone() {
    for provider in PROVIDERS {
        let stage = Stage::start().await;
        stage
            .simulator
            .misbehave(Misbehaviour { for_another_merchant: true, ..Default::default() });
        let client = stage.paid(provider).await;
        let told = stage.read(&client, 1).await.remove(0);
        assert!(matches!(told, Err(NoticeError::OtherMerchant { .. })), "{told:?}");
    }
}
