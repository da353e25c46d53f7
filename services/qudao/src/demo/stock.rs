//! What there is of the demonstration's products: plenty of most of them, of some little, and of the
//! first ones nobody has told.

use anyhow::Context as _;
use proto::common::v1::PageRequest;
use proto::order::v1 as order;
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use proto::order::v1::stock_service_client::StockServiceClient;

use super::TENANT;
use crate::client::{Session, retry};
use crate::import::commands::request_id;

/// Products whose stock is not kept.
const UNTOLD: usize = 8;
const WAREHOUSES: [(&str, u32); 2] = [("chicago", 1_500), ("reno", 600)];

/// Counts all products in both warehouses. What a product has follows from where it stands in the
/// list, and is the same every time.
pub(super) async fn count(session: &Session, position: u64) -> anyhow::Result<()> {
    let products = products(session, position).await?;
    for (warehouse_id, usual) in WAREHOUSES {
        let counted = |(place, product_id): (usize, &String)| order::CountedStock {
            product_id: product_id.clone(),
            on_hand: match place % 20 {
                13 => 0,
                17 => 4,
                _ => usual,
            },
        };
        let items = products.iter().enumerate().skip(UNTOLD).map(counted).collect();
        tell(session, TENANT, warehouse_id, items).await?;
    }
    Ok(())
}

/// Says what there is in a warehouse of a brand.
pub(super) async fn tell(
    session: &Session,
    tenant: &str,
    warehouse_id: &str,
    items: Vec<order::CountedStock>,
) -> anyhow::Result<()> {
    let mut request = order::CountStockRequest {
        warehouse_id: warehouse_id.to_owned(),
        items,
        ..Default::default()
    };
    request.request_id = request_id(tenant, warehouse_id, &request);
    let told = retry::until_answered(&[], async || {
        StockServiceClient::new(session.wire()).count_stock(request.clone()).await
    });
    told.await.map(drop).with_context(|| format!("counting stock in {warehouse_id}"))
}

async fn products(session: &Session, min_position: u64) -> anyhow::Result<Vec<String>> {
    let listed = retry::until_answered(&[], async || {
        let asked = order::ListProductsRequest {
            page: Some(PageRequest { size: 200, token: String::new() }),
            min_position,
            ..Default::default()
        };
        OrderQueryServiceClient::new(session.wire()).list_products(asked).await
    });
    let listed = listed.await.context("listing products")?.into_inner().products;
    Ok(listed.into_iter().map(|product| product.product_id).collect())
}
