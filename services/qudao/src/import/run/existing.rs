//! What the system already has, for comparing with a request that it refused as a repeat.

use std::collections::HashSet;

use proto::common::v1::PageRequest;
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use proto::order::v1::{
    GetOrderRequest, GetOrderResponse, ListProductsRequest, OrderStatus, Product,
    PublishProductRequest, SubmitOrderRequest,
};
use proto::partner::v1::partner_query_service_client::PartnerQueryServiceClient;
use proto::partner::v1::{
    AddRegionRequest, ListDealersRequest, ListRegionsRequest, RegisterDealerRequest,
};

use crate::client::{Session, retry};
use crate::import::mapping::Reached;

/// Most rows of a page.
const PAGE: u32 = 200;

pub(super) struct Existing<'a> {
    pub(super) session: &'a Session,
    /// Answers have to be at least this fresh.
    pub(super) partner_position: u64,
    pub(super) order_position: u64,
}

impl Existing<'_> {
    /// The name may have been changed since (RenameRegion); place and id may not.
    pub(super) async fn region(&self, wanted: &AddRegionRequest) -> anyhow::Result<bool> {
        let request = ListRegionsRequest { min_position: self.partner_position };
        let answer = retry::until_answered(&[], async || {
            PartnerQueryServiceClient::new(self.session.wire()).list_regions(request).await
        });
        let regions = answer.await?.into_inner().regions;
        Ok(regions.iter().any(|region| {
            region.region_id == wanted.region_id && region.parent_id == wanted.parent_id
        }))
    }

    pub(super) async fn dealer(&self, wanted: &RegisterDealerRequest) -> anyhow::Result<bool> {
        let request = ListDealersRequest {
            page: Some(PageRequest { size: PAGE, token: String::new() }),
            search: wanted.dealer_id.clone(),
            min_position: self.partner_position,
            ..Default::default()
        };
        let answer = retry::until_answered(&[], async || {
            let mut client = PartnerQueryServiceClient::new(self.session.wire());
            client.list_dealers(request.clone()).await
        });
        let dealers = answer.await?.into_inner().dealers;
        Ok(dealers.iter().any(|dealer| {
            dealer.dealer_id == wanted.dealer_id
                && dealer.name == wanted.name
                && dealer.region_id == wanted.region_id
                && dealer.city == wanted.city
        }))
    }

    pub(super) async fn product(&self, wanted: &PublishProductRequest) -> anyhow::Result<bool> {
        let products = self.products(&wanted.product_id).await?;
        Ok(products.iter().any(|product| {
            product.product_id == wanted.product_id
                && product.name == wanted.name
                && product.category_path == wanted.category_path
                && product.base_unit == wanted.base_unit
        }))
    }

    /// Ids of products that have a base price.
    pub(super) async fn priced_products(&self) -> anyhow::Result<HashSet<String>> {
        let products = self.products("").await?.into_iter();
        Ok(products
            .filter(|product| product.unit_price_minor.is_some())
            .map(|product| product.product_id)
            .collect())
    }

    async fn products(&self, search: &str) -> anyhow::Result<Vec<Product>> {
        let (mut products, mut token) = (Vec::new(), String::new());
        loop {
            let request = ListProductsRequest {
                page: Some(PageRequest { size: PAGE, token }),
                search: search.to_owned(),
                min_position: self.order_position,
                ..ListProductsRequest::default()
            };
            let answer = retry::until_answered(&[], async || {
                let mut client = OrderQueryServiceClient::new(self.session.wire());
                client.list_products(request.clone()).await
            });
            let answer = answer.await?.into_inner();
            products.extend(answer.products);
            token = answer.page.unwrap_or_default().next_token;
            if token.is_empty() {
                return Ok(products);
            }
        }
    }

    pub(super) async fn order(&self, wanted: &SubmitOrderRequest) -> anyhow::Result<bool> {
        Ok(is_same_order(&self.get_order(&wanted.order_id).await?, wanted))
    }

    pub(super) async fn has_reached(&self, order_id: &str, step: Reached) -> anyhow::Result<bool> {
        let summary = self.get_order(order_id).await?.summary.unwrap_or_default();
        Ok(is_past(summary.status(), step))
    }

    async fn get_order(&self, order_id: &str) -> anyhow::Result<GetOrderResponse> {
        let (order_id, min_position) = (order_id.to_owned(), self.order_position);
        let request = GetOrderRequest { order_id, min_position };
        let answer = retry::until_answered(&[], async || {
            let mut client = OrderQueryServiceClient::new(self.session.wire());
            client.get_order(request.clone()).await
        });
        Ok(answer.await?.into_inner())
    }
}

/// Whether an order is what a request asks for, however far it has come since.
fn is_same_order(order: &GetOrderResponse, wanted: &SubmitOrderRequest) -> bool {
    let same_head = order.summary.as_ref().is_some_and(|summary| {
        summary.dealer_id == wanted.dealer_id && summary.business_date == wanted.business_date
    });
    same_head
        && order.lines.len() == wanted.lines.len()
        && order.lines.iter().zip(&wanted.lines).all(|(line, wanted)| {
            line.product_id == wanted.product_id
                && line.quantity == i64::from(wanted.quantity)
                && wanted.unit_price_minor.is_none_or(|price| price == line.unit_price_minor)
        })
}

/// Whether an order has a step behind it. A cancelled order has gone its own way since.
fn is_past(status: OrderStatus, step: Reached) -> bool {
    match status {
        OrderStatus::Unspecified => false,
        OrderStatus::Submitted | OrderStatus::OnHold | OrderStatus::AwaitingPayment => {
            step <= Reached::Submitted
        }
        OrderStatus::Confirmed | OrderStatus::PartlyShipped => step <= Reached::Confirmed,
        OrderStatus::Shipped | OrderStatus::PartlyReceived => step <= Reached::Shipped,
        OrderStatus::Received | OrderStatus::Cancelled => true,
    }
}

#[cfg(test)]
mod tests {
    use proto::order::v1::{OrderLine, OrderSummary, SubmitOrderLine};

    use super::*;

    fn order(price: i64) -> GetOrderResponse {
        let line = OrderLine {
            product_id: "trail-1".into(),
            quantity: 2,
            unit_price_minor: price,
            ..Default::default()
        };
        let summary = OrderSummary {
            dealer_id: "d".into(),
            business_date: "2011-01-07".into(),
            ..Default::default()
        };
        GetOrderResponse { summary: Some(summary), lines: vec![line], ..Default::default() }
    }

    #[test]
    fn an_order_is_the_same_when_dealer_day_and_lines_are() {
        let line = SubmitOrderLine {
            product_id: "trail-1".into(),
            quantity: 2,
            unit_price_minor: Some(100),
        };
        let wanted = SubmitOrderRequest {
            dealer_id: "d".into(),
            business_date: "2011-01-07".into(),
            lines: vec![line],
            ..Default::default()
        };

        assert!(is_same_order(&order(100), &wanted));
        assert!(!is_same_order(&order(101), &wanted));
        assert!(!is_same_order(&GetOrderResponse::default(), &wanted));
    }

    #[test]
    fn a_step_is_past_when_the_order_is_at_least_there() {
        assert!(is_past(OrderStatus::Shipped, Reached::Confirmed));
        assert!(!is_past(OrderStatus::PartlyShipped, Reached::Shipped));
        assert!(is_past(OrderStatus::Cancelled, Reached::Received));
    }
}
