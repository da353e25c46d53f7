//! Payments of a brand, begun while its orders are paid here.

use proto::order::v1 as order;
use proto::order::v1::order_rules_service_client::OrderRulesServiceClient;
use proto::order::v1::payment_service_client::PaymentServiceClient;

use super::{FEW, Sower};
use crate::support::system::id;

/// Begins payments of an order of a dealer; their numbers.
pub(super) async fn begin(sower: &Sower<'_>) -> Vec<String> {
    let admin = sower.admin();
    settle(sower, true).await;
    let order_id = format!("{}-order-p", sower.seeds.tenant);
    // Of the second dealer, where there is one.
    sower.order(order_id.clone(), sower.seeds.dealers.len().min(2) - 1).await;
    let mut client = PaymentServiceClient::new(sower.channel.clone());
    let mut payments = Vec::new();
    for _ in 0..FEW {
        let start = order::StartPaymentRequest {
            request_id: id(),
            order_id: order_id.clone(),
            provider: order::PaymentProvider::WechatPay.into(),
            scene: order::PaymentScene::Code.into(),
            ..Default::default()
        };
        let started = client.start_payment(sower.says(&admin, start)).await.unwrap();
        payments.push(started.into_inner().receipt.unwrap().object_id);
    }
    settle(sower, false).await;
    payments
}

/// Whether orders are paid here from now on.
async fn settle(sower: &Sower<'_>, settled_here: bool) {
    let rules = order::OrderRules { settled_here, reviewed: true, ..Default::default() };
    let request =
        order::SetOrderRulesRequest { request_id: id(), rules: Some(rules), ..Default::default() };
    let mut client = OrderRulesServiceClient::new(sower.channel.clone());
    client.set_order_rules(sower.says(&sower.admin(), request)).await.unwrap();
}
