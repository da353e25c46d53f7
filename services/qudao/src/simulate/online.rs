//! Payments through providers, where the system plays these itself: some are told of twice, and some come
//! when the order is cancelled already.

use std::time::Duration;

use anyhow::{Context as _, bail};
use proto::order::v1 as order;
use proto::order::v1::order_service_client::OrderServiceClient;
use proto::order::v1::payment_query_service_client::PaymentQueryServiceClient;
use proto::order::v1::payment_service_client::PaymentServiceClient;
use proto::order::v1::{Payment, PaymentProvider, PaymentStatus};
use proto::payment::v1::ListProvidersRequest;
use proto::payment::v1::provider_service_client::ProviderServiceClient;
use tokio::time::{Instant, sleep};
use world::acts::Notices;

use super::released::{listed, milliseconds};
use super::stage::{BEHIND, Cast, Stage, ask};
use crate::client::retry;

/// How long a provider may take.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(100);
/// How providers behave that behave well.
const WELL: &str = "{}";

/// Whether there are any. Those of a brand that nobody knows can only be the simulated ones.
pub(super) async fn providers(cast: &Cast) -> anyhow::Result<bool> {
    let told = retry::until_answered(&[], async || {
        ProviderServiceClient::new(cast.mall.wire()).list_providers(ListProvidersRequest {}).await
    });
    let told = told.await.context("asking for providers")?.into_inner().providers;
    Ok(!told.is_empty())
}

/// Pays an order.
pub(super) async fn pay(stage: &Stage, order_id: &str, notices: Notices) -> anyhow::Result<()> {
    let Some(payment) = start(stage, order_id).await? else { return Ok(()) };
    if payment.status() == PaymentStatus::Waiting {
        let manners = match notices {
            Notices::Once => None,
            Notices::Twice => Some(r#"{"copies":2}"#),
            Notices::Late => Some(r#"{"delay_ms":700}"#),
        };
        if let Some(manners) = manners {
            // Nobody else pays meanwhile.
            let _alone = stage.manners.write().await;
            misbehave(&payment, manners).await?;
            let paid = scan_and_await(stage, &payment).await;
            misbehave(&payment, WELL).await?;
            paid?;
        } else {
            let _shared = stage.manners.read().await;
            scan_and_await(stage, &payment).await?;
        }
    }
    released(stage, order_id).await
}

/// Pays two orders at once; the provider keeps every other notice back until it has sent the next.
pub(super) async fn pay_both(stage: &Stage, order_ids: &[String; 2]) -> anyhow::Result<()> {
    let [first, second] = order_ids;
    let both = (start(stage, first).await?, start(stage, second).await?);
    let (Some(one), Some(other)) = both else { return Ok(()) };
    let waiting = |payment: &&Payment| payment.status() == PaymentStatus::Waiting;
    let waiting: Vec<&Payment> = [&one, &other].into_iter().filter(waiting).collect();
    if !waiting.is_empty() {
        let _alone = stage.manners.write().await;
        misbehave(&one, r#"{"shuffled":true}"#).await?;
        let paid = all(stage, &waiting).await;
        misbehave(&one, WELL).await?;
        paid?;
    }
    released(stage, first).await?;
    released(stage, second).await
}

async fn all(stage: &Stage, payments: &[&Payment]) -> anyhow::Result<()> {
    for payment in payments {
        scan(payment).await?;
    }
    for payment in payments {
        until(stage, &payment.payment_id, &[PaymentStatus::Captured]).await?;
    }
    Ok(())
}

/// A paid order is in the warehouses' list soon.
async fn released(stage: &Stage, order_id: &str) -> anyhow::Result<()> {
    let sent = stage.released.borrow_mut().sent.remove(order_id);
    let Some(sent) = sent else { return Ok(()) };
    if let Some(at) = listed(stage, order_id, 0).await? {
        stage.released.borrow_mut().paid.push(milliseconds(sent, at));
    }
    Ok(())
}

async fn scan_and_await(stage: &Stage, payment: &Payment) -> anyhow::Result<()> {
    scan(payment).await?;
    until(stage, &payment.payment_id, &[PaymentStatus::Captured]).await.map(drop)
}

/// Somebody pays while the brand cancels the order: all of it goes back.
pub(super) async fn pay_too_late(stage: &Stage, order_id: &str) -> anyhow::Result<()> {
    let Some(payment) = start(stage, order_id).await? else { return Ok(()) };
    let request = order::CancelOrderRequest {
        order_id: order_id.to_owned(),
        reason: "客户要求取消".to_owned(),
        ..Default::default()
    };
    ask!(stage, director, OrderServiceClient<_>, cancel_order, order_id, request)?;
    if payment.status() == PaymentStatus::Waiting {
        let _shared = stage.manners.read().await;
        scan(&payment).await?;
        until(stage, &payment.payment_id, &[PaymentStatus::Refunded]).await?;
    }
    Ok(())
}

/// Starts a payment, and waits until it can be paid, or was before.
async fn start(stage: &Stage, order_id: &str) -> anyhow::Result<Option<Payment>> {
    let odd = order_id.bytes().next_back().is_some_and(|digit| digit % 2 == 1);
    let provider = if odd { PaymentProvider::WechatPay } else { PaymentProvider::Alipay };
    let request = order::StartPaymentRequest {
        order_id: order_id.to_owned(),
        provider: provider.into(),
        scene: order::PaymentScene::Code.into(),
        ..Default::default()
    };
    let started = ask!(stage, mall, PaymentServiceClient<_>, start_payment, order_id, request)?;
    let Some(receipt) = started else { return Ok(None) };
    let wanted = [PaymentStatus::Waiting, PaymentStatus::Captured, PaymentStatus::Refunded];
    until(stage, &receipt.object_id, &wanted).await
}

/// Waits until a payment is seen like one of these; nothing where it never is.
async fn until(
    stage: &Stage,
    payment_id: &str,
    wanted: &[PaymentStatus],
) -> anyhow::Result<Option<Payment>> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let told = retry::until_answered(BEHIND, async || {
            let payment_id = payment_id.to_owned();
            let request = order::GetPaymentRequest { payment_id, min_position: stage.position() };
            PaymentQueryServiceClient::new(stage.cast.mall.wire()).get_payment(request).await
        });
        let payment = told.await.context("asking for a payment")?.into_inner().payment;
        let payment = payment.unwrap_or_default();
        if wanted.contains(&payment.status()) {
            return Ok(Some(payment));
        }
        if Instant::now() > deadline {
            let why = format!("is {:?}, never {wanted:?}", payment.status());
            stage.refused(&format!("payment {payment_id}"), &why);
            return Ok(None);
        }
        sleep(PAUSE).await;
    }
}

/// Pays as somebody does who has scanned the code.
async fn scan(payment: &Payment) -> anyhow::Result<()> {
    let (port, path) = simulated(&payment.url)?;
    let form = "application/x-www-form-urlencoded";
    succeeded(local::http::post(port, path, form, "action=pay").await?)
}

/// From now on providers tell of payments like this.
async fn misbehave(payment: &Payment, manners: &str) -> anyhow::Result<()> {
    let (port, _) = simulated(&payment.url)?;
    let path = "/simulator/misbehave";
    succeeded(local::http::post(port, path, "application/json", manners).await?)
}

fn succeeded((status, said): (u16, String)) -> anyhow::Result<()> {
    match status {
        200..=299 => Ok(()),
        _ => bail!("the simulated provider says {status}: {said}"),
    }
}

/// The port and path of a page of the simulator. Others are never asked: money is real there.
fn simulated(url: &str) -> anyhow::Result<(u16, &str)> {
    let found = url.strip_prefix("http://127.0.0.1:").and_then(|rest| {
        let slash = rest.find('/')?;
        Some((rest[..slash].parse().ok()?, &rest[slash..]))
    });
    found.with_context(|| format!("{url} is no page of a simulated provider on this machine"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_but_the_simulator_is_ever_paid() {
        assert_eq!(simulated("http://127.0.0.1:4900/pay/abc").unwrap(), (4_900, "/pay/abc"));
        for real in ["https://pay.example/x", "http://127.0.0.1.example:80/x", "weixin://wxpay/x"] {
            assert!(simulated(real).is_err(), "{real}");
        }
    }
}
