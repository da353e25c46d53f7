//! When goods came in for an order that waited for them, hand them over to their warehouse.

use kernel::Recorded;
use kernel::projection::{Db, ProjectError, Projection};
use order::stock::{OrderStock, StockEvent, StockItem};
use proto::order::v1::HandOverBackOrderRequest;
use proto::order::v1::waiting_service_client::WaitingServiceClient;

use crate::{Commander, answered};

kernel::facts!(
    pub(crate) enum StockFact {
        Stock(StockItem),
    }
);

pub(crate) struct HandOver(pub(crate) Commander);

impl Projection for HandOver {
    const NAME: &'static str = "hand-over-back-orders";
    const CONTEXT: &'static str = "order";
    type Facts = StockFact;

    async fn project(
        &self,
        _: &mut Db<'_>,
        recorded: &Recorded,
        StockFact::Stock(event): StockFact,
    ) -> Result<(), ProjectError> {
        let StockEvent::BackOrderFilled(OrderStock { product_id, order_id, .. }) = event else {
            return Ok(());
        };
        let request = HandOverBackOrderRequest {
            request_id: Commander::request_id(Self::NAME, recorded),
            expected_version: None,
            order_id: order_id.to_string(),
            product_id: product_id.to_string(),
        };
        let request = self.0.request(Self::NAME, recorded, request)?;
        let mut client = WaitingServiceClient::new(self.0.channel.clone());
        answered(client.hand_over_back_order(request).await).map(drop).map_err(ProjectError::from)
    }
}
