//! Endpoints of a brand, as its administrators see them.

use proto::common::v1::Receipt;
use proto::partner::v1 as partner;
use proto::partner::v1::webhook_service_client::WebhookServiceClient;
use proto::webhook::v1 as pb;
use proto::webhook::v1::delivery_service_client::DeliveryServiceClient;
use tonic::transport::Channel;

use super::system::{Launch, User, id};

/// A process that sends to receivers of this machine.
pub fn anywhere() -> Launch {
    let environment = vec![("QUDAO_OUTBOUND_PRIVATE", "true".to_owned())];
    Launch { environment, ..Launch::default() }
}

pub fn endpoints(user: &User) -> WebhookServiceClient<Channel> {
    WebhookServiceClient::new(user.channel.clone())
}

pub fn deliveries(user: &User) -> DeliveryServiceClient<Channel> {
    DeliveryServiceClient::new(user.channel.clone())
}

pub fn registration(url: &str, events: &[&str]) -> partner::RegisterWebhookRequest {
    partner::RegisterWebhookRequest {
        request_id: id(),
        url: url.to_owned(),
        description: "ERP".to_owned(),
        event_types: events.iter().map(|&it| it.to_owned()).collect(),
        ..Default::default()
    }
}

/// Registers an endpoint; gives its receipt and its secret.
pub async fn register(admin: &User, url: &str, events: &[&str]) -> (Receipt, String) {
    let request = admin.says(registration(url, events));
    let answer = endpoints(admin).register_webhook(request).await.unwrap().into_inner();
    (answer.receipt.unwrap(), answer.secret)
}

/// Removes an endpoint, so that its place can be another's.
pub async fn remove(admin: &User, endpoint_id: &str) {
    let request = partner::RemoveWebhookRequest {
        request_id: id(),
        endpoint_id: endpoint_id.to_owned(),
        reason: "no longer wanted".to_owned(),
        ..Default::default()
    };
    endpoints(admin).remove_webhook(admin.says(request)).await.unwrap();
}

/// All endpoints, once those are known that a position tells of.
pub async fn list(admin: &User, min_position: u64) -> Vec<pb::Webhook> {
    let request = pb::ListWebhooksRequest { min_position, ..Default::default() };
    let answer = deliveries(admin).list_webhooks(admin.says(request)).await.unwrap();
    answer.into_inner().webhooks
}

/// What was sent to an endpoint, the newest first.
pub async fn sent(admin: &User, endpoint_id: &str) -> Vec<pb::Delivery> {
    let endpoint_id = endpoint_id.to_owned();
    let request = pb::ListDeliveriesRequest { endpoint_id, ..Default::default() };
    let answer = deliveries(admin).list_deliveries(admin.says(request)).await.unwrap();
    answer.into_inner().deliveries
}

/// A delivery with its attempts.
pub async fn get(admin: &User, delivery_id: &str) -> pb::GetDeliveryResponse {
    let request = pb::GetDeliveryRequest { delivery_id: delivery_id.to_owned() };
    deliveries(admin).get_delivery(admin.says(request)).await.unwrap().into_inner()
}

/// Waits until a condition of what was sent to an endpoint holds.
pub async fn until(
    admin: &User,
    endpoint_id: &str,
    holds: impl Fn(&[pb::Delivery]) -> bool,
) -> Vec<pb::Delivery> {
    let mut last = Vec::new();
    for _ in 0..300 {
        last = sent(admin, endpoint_id).await;
        if holds(&last) {
            return last;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("it never came to that: {last:?}");
}
