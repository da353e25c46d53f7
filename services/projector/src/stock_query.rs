//! What there is of products.

use kernel::projection::Progress;
use kernel::rpc::{self, Reply};
use kernel::wall::TenantPool;
use proto::order::v1 as pb;
use proto::order::v1::stock_query_service_server::StockQueryService;
use serde::Deserialize;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use tonic::{Request, Response};

use crate::read::{Page, failed, pattern, rfc3339, wait};

/// Answers from the read model of stock.
#[derive(Clone)]
pub(crate) struct StockQueryApi {
    pub(crate) pool: TenantPool,
    pub(crate) progress: Progress,
}

/// Products whose stock is kept; what is available is told warehouse by warehouse, as orders see it.
const STOCK: &str = "
    WITH kept AS (
        SELECT i.product_id, coalesce(p.name, i.product_id) AS name,
               coalesce(p.base_unit, '') AS base_unit, i.version, i.changed_at,
               sum(on_hand)::bigint AS on_hand, sum(reserved)::bigint AS reserved,
               sum(greatest(on_hand - reserved, 0))::bigint AS available,
               jsonb_agg(jsonb_build_object('warehouse_id', warehouse_id, 'on_hand', on_hand,
                   'reserved', reserved) ORDER BY warehouse_id) AS warehouses
        FROM stock_items i JOIN stock_levels l USING (tenant_id, product_id)
        LEFT JOIN products p USING (tenant_id, product_id)
        WHERE i.tenant_id = $1
        AND ($2::text IS NULL OR p.name ILIKE $2 OR i.product_id ILIKE $2)
        GROUP BY i.product_id, p.name, p.base_unit, i.version, i.changed_at
    )
    SELECT *, count(*) OVER () AS total FROM kept
    WHERE CASE $3 WHEN 1 THEN available = 0 WHEN 2 THEN available > 0 ELSE true END
    ORDER BY name, product_id LIMIT $4 OFFSET $5";

#[tonic::async_trait]
impl StockQueryService for StockQueryApi {
    async fn list_stock(
        &self,
        request: Request<pb::ListStockRequest>,
    ) -> Reply<pb::ListStockResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let wanted = request.into_inner();
        let page = Page::of(wanted.page.clone())?;
        let freshness = wait(&self.progress, wanted.min_position).await?;
        let rows = sqlx::query(STOCK)
            .bind(&tenant)
            .bind(pattern(&wanted.search))
            .bind(wanted.filter)
            .bind(page.limit)
            .bind(page.offset)
            .fetch_all(&mut *self.pool.begin(&tenant).await.map_err(failed)?)
            .await
            .map_err(failed)?;
        let total = rows.first().map_or(Ok(0), |row| row.try_get("total")).map_err(failed)?;
        let items = rows.iter().map(item).collect::<sqlx::Result<_>>().map_err(failed)?;
        Ok(Response::new(pb::ListStockResponse {
            items,
            page: Some(page.info(total)),
            freshness: Some(freshness),
        }))
    }
}

#[derive(Deserialize)]
struct Warehouse {
    warehouse_id: String,
    on_hand: i64,
    reserved: i64,
}

fn item(row: &PgRow) -> sqlx::Result<pb::StockItem> {
    let Json(warehouses) = row.try_get::<Json<Vec<Warehouse>>, _>("warehouses")?;
    let told = |Warehouse { warehouse_id, on_hand, reserved }: Warehouse| pb::WarehouseStock {
        warehouse_id,
        on_hand,
        reserved,
    };
    Ok(pb::StockItem {
        product_id: row.try_get("product_id")?,
        product_name: row.try_get("name")?,
        base_unit: row.try_get("base_unit")?,
        on_hand: row.try_get("on_hand")?,
        reserved: row.try_get("reserved")?,
        available: row.try_get("available")?,
        warehouses: warehouses.into_iter().map(told).collect(),
        version: row.try_get::<i64, _>("version")?.cast_unsigned(),
        changed_at: rfc3339(row.try_get("changed_at")?),
    })
}
