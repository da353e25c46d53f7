//! Shipments of a brand, released while its confirmed orders are handed over to warehouses.

use proto::order::v1 as order;
use proto::order::v1::order_rules_service_client::OrderRulesServiceClient;
use proto::order::v1::order_service_client::OrderServiceClient;

use super::{FEW, Sower};
use crate::support::system::id;

/// Releases shipments of orders of a dealer; their numbers.
pub(super) async fn release(sower: &Sower<'_>) -> Vec<String> {
    hand_over(sower, true).await;
    let mut shipments = Vec::new();
    for number in 0..FEW {
        let order_id = format!("{}-order-s{number}", sower.seeds.tenant);
        // Of the second dealer, where there is one.
        sower.order(order_id.clone(), sower.seeds.dealers.len().min(2) - 1).await;
        let confirm = order::ConfirmOrderRequest {
            request_id: id(),
            order_id: order_id.clone(),
            ..Default::default()
        };
        let mut orders = OrderServiceClient::new(sower.channel.clone());
        orders.confirm_order(sower.says(&sower.admin(), confirm)).await.unwrap();
        shipments.push(format!("{order_id}-1"));
    }
    hand_over(sower, false).await;
    shipments
}

/// Whether confirmed orders are handed over from now on.
async fn hand_over(sower: &Sower<'_>, hands_over: bool) {
    let rules = order::OrderRules { hands_over, reviewed: true, ..Default::default() };
    let request =
        order::SetOrderRulesRequest { request_id: id(), rules: Some(rules), ..Default::default() };
    let mut client = OrderRulesServiceClient::new(sower.channel.clone());
    client.set_order_rules(sower.says(&sower.admin(), request)).await.unwrap();
}
