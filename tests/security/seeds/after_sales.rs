//! After-sale cases of a brand, opened by the receipt of its goods.

use proto::order::v1 as order;
use proto::order::v1::after_sale_service_client::AfterSaleServiceClient;
use proto::order::v1::order_service_client::OrderServiceClient;

use super::{FEW, Sower, company_canary};
use crate::support::system::id;

/// Opens cases about goods of a dealer; their numbers.
pub(super) async fn open(sower: &Sower<'_>) -> Vec<String> {
    // Of the second dealer, where there is one.
    let dealer = sower.seeds.dealers.len().min(2) - 1;
    let order_id = format!("{}-order-a", sower.seeds.tenant);
    sower.order(order_id.clone(), dealer).await;
    moved(sower, &order_id).await;
    let mut cases = AfterSaleServiceClient::new(sower.channel.clone());
    let mut numbers = Vec::new();
    for _ in 0..FEW {
        let line = order::AfterSaleLine {
            line_no: 1,
            quantity: 1,
            cause: order::AfterSaleCause::Quality.into(),
            note: company_canary(&sower.seeds, dealer),
        };
        let ask = order::RequestAfterSaleRequest {
            request_id: id(),
            order_id: order_id.clone(),
            wish: order::AfterSaleSettlement::Refund.into(),
            lines: vec![line],
            note: company_canary(&sower.seeds, dealer),
            ..Default::default()
        };
        let asked = cases.request_after_sale(sower.says(&sower.admin(), ask)).await.unwrap();
        numbers.push(asked.into_inner().receipt.unwrap().object_id);
    }
    numbers
}

/// Confirms an order, sends it and lets it arrive.
async fn moved(sower: &Sower<'_>, order_id: &str) {
    let admin = sower.admin();
    let mut orders = OrderServiceClient::new(sower.channel.clone());
    let order_id = order_id.to_owned();
    let confirm = order::ConfirmOrderRequest {
        request_id: id(),
        order_id: order_id.clone(),
        ..Default::default()
    };
    orders.confirm_order(sower.says(&admin, confirm)).await.unwrap();
    let ship = order::ShipOrderRequest {
        request_id: id(),
        order_id: order_id.clone(),
        ..Default::default()
    };
    orders.ship_order(sower.says(&admin, ship)).await.unwrap();
    let receive = order::ReceiveOrderRequest { request_id: id(), order_id, ..Default::default() };
    orders.receive_order(sower.says(&admin, receive)).await.unwrap();
}
