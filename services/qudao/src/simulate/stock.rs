//! What warehouses count, and what they get.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use proto::order::v1 as order;
use proto::order::v1::stock_service_client::StockServiceClient;
use world::World;

use super::stage::{Stage, ask};

/// Products by their places, and how much of each.
type Items = [(usize, u32)];

/// The same by the warehouses that keep them.
fn by_warehouse<'a>(world: &'a World, items: &Items) -> BTreeMap<&'a str, Vec<(&'a str, u32)>> {
    let mut all: BTreeMap<&str, Vec<(&str, u32)>> = BTreeMap::new();
    for &(place, quantity) in items {
        if let Some(product) = world.goods.products.get(place) {
            all.entry(product.warehouse_id).or_default().push((&product.id, quantity));
        }
    }
    all
}

/// Somebody counts. `short`: there is less than was thought, and nobody gets any of it today.
pub(super) async fn count(
    stage: &Stage,
    world: &World,
    date: NaiveDate,
    items: &Items,
    short: bool,
) -> anyhow::Result<()> {
    for (warehouse_id, items) in by_warehouse(world, items) {
        let counted = |(product_id, on_hand): (&str, u32)| order::CountedStock {
            product_id: product_id.to_owned(),
            on_hand,
        };
        let request = order::CountStockRequest {
            warehouse_id: warehouse_id.to_owned(),
            items: items.into_iter().map(counted).collect(),
            reason: if short { "盘亏" } else { "期初盘点" }.to_owned(),
            ..Default::default()
        };
        let about = format!("{warehouse_id}/{date}");
        let told = ask!(stage, warehouse, StockServiceClient<_>, count_stock, &about, request)?;
        if short {
            stage.runs_out_now.set(told.is_some_and(|receipt| stage.is_new(&receipt)));
        }
    }
    Ok(())
}

/// Goods come in.
pub(super) async fn replenish(
    stage: &Stage,
    world: &World,
    date: NaiveDate,
    items: &Items,
) -> anyhow::Result<()> {
    for (warehouse_id, items) in by_warehouse(world, items) {
        let received = |(product_id, quantity): (&str, u32)| order::ReceivedStock {
            product_id: product_id.to_owned(),
            quantity,
        };
        let request = order::ReceiveStockRequest {
            warehouse_id: warehouse_id.to_owned(),
            items: items.into_iter().map(received).collect(),
            reference: format!("IN-{}", date.format("%Y%m%d")),
            ..Default::default()
        };
        let about = format!("{warehouse_id}/{date}");
        ask!(stage, warehouse, StockServiceClient<_>, receive_stock, &about, request)?;
    }
    Ok(())
}
