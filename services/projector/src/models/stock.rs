//! What there is of products.

use kernel::Recorded;
use kernel::projection::{Db, ProjectError, Projection, Table};
use order::stock::{Level, StockEvent, StockItem};
use serde_json::json;
use values::{ProductId, WarehouseId};

kernel::facts!(
    pub(crate) enum Shelf {
        Stock(StockItem),
    }
);

const LEVELS: Table =
    Table { name: "stock_levels", key: &["tenant_id", "product_id", "warehouse_id"] };
const ITEMS: Table = Table { name: "stock_items", key: &["tenant_id", "product_id"] };

pub(crate) struct Stock;

impl Projection for Stock {
    const NAME: &'static str = "stock";
    const CONTEXT: &'static str = "order";
    const TABLES: &'static [&'static Table] = &[&LEVELS, &ITEMS];
    const SCHEMA: &'static str = include_str!("stock.sql");
    type Facts = Shelf;

    async fn project(
        &self,
        db: &mut Db<'_>,
        recorded: &Recorded,
        Shelf::Stock(event): Shelf,
    ) -> Result<(), ProjectError> {
        let levels: Vec<(ProductId, WarehouseId, Level)> = match event {
            StockEvent::StockCounted { product_id, warehouse_id, after, .. }
            | StockEvent::StockReceived { product_id, warehouse_id, after, .. } => {
                vec![(product_id, warehouse_id, after)]
            }
            StockEvent::StockReserved(it)
            | StockEvent::BackOrderFilled(it)
            | StockEvent::StockReleased(it)
            | StockEvent::StockShipped(it) => {
                let of = it.product_id;
                let parts = it.parts.into_iter();
                parts.map(|part| (of.clone(), part.warehouse_id, part.after)).collect()
            }
            // Those who wait are told of by `waiting`.
            StockEvent::BackOrderQueued { .. }
            | StockEvent::BackOrderGivenUp { .. }
            | StockEvent::StockExpected { .. } => Vec::new(),
            StockEvent::StockEnded { product_id, .. } => {
                let of = json!({ "tenant_id": recorded.tenant, "product_id": product_id });
                db.delete(&LEVELS, of.clone())?;
                return db.delete(&ITEMS, of);
            }
        };
        for (product_id, warehouse_id, level) in levels {
            let row = json!({
                "tenant_id": recorded.tenant,
                "product_id": product_id,
                "warehouse_id": warehouse_id,
                "on_hand": level.on_hand.get(),
                "reserved": level.reserved.get(),
            });
            db.upsert(&LEVELS, row)?;
        }
        let item = json!({
            "tenant_id": recorded.tenant,
            "product_id": recorded.object_id,
            "version": recorded.version,
            "changed_at": recorded.recorded_at,
        });
        db.upsert(&ITEMS, item)
    }
}
