//! What waits for goods, by product and order.

use kernel::projection::Progress;
use kernel::rpc::Reply;
use kernel::wall::TenantPool;
use proto::order::v1 as pb;
use proto::order::v1::waiting_query_service_server::WaitingQueryService;
use sqlx::postgres::PgRow;
use sqlx::{Postgres, QueryBuilder, Row as _};
use tonic::{Request, Response};

use crate::read::{Page, Scope, failed, pattern, rfc3339, wait};

/// Answers from the read model of what waits.
#[derive(Clone)]
pub(crate) struct WaitingQueryApi {
    pub(crate) pool: TenantPool,
    pub(crate) waiting: Progress,
    /// Whose an order is stands in its list.
    pub(crate) orders: Progress,
}

/// Places in line are those among all orders; what is shown of them is what the caller sees.
const PLACES: &str = "WITH places AS (
        SELECT b.*, row_number() OVER (PARTITION BY product_id ORDER BY queued_at) AS place
        FROM back_orders b WHERE tenant_id = ";
const SHOWN: &str = ") SELECT b.*, o.dealer_id, o.dealer_name, e.expected_on,
        coalesce(p.name, b.product_id) AS name, coalesce(p.base_unit, '') AS base_unit,
        count(*) OVER () AS total
    FROM places b JOIN orders o USING (tenant_id, order_id)
    LEFT JOIN products p USING (tenant_id, product_id)
    LEFT JOIN expected_stock e USING (tenant_id, product_id)
    WHERE b.tenant_id = ";
const PRODUCTS: &str = "SELECT b.product_id, coalesce(p.name, b.product_id) AS name,
        coalesce(p.base_unit, '') AS base_unit, e.expected_on, sum(b.waiting)::bigint AS waiting,
        count(*) AS orders, min(b.since) AS since, count(*) OVER () AS total
    FROM back_orders b JOIN orders o USING (tenant_id, order_id)
    LEFT JOIN products p USING (tenant_id, product_id)
    LEFT JOIN expected_stock e USING (tenant_id, product_id)
    WHERE b.tenant_id = ";

#[tonic::async_trait]
impl WaitingQueryService for WaitingQueryApi {
    async fn list_back_ordered_products(
        &self,
        request: Request<pb::ListBackOrderedProductsRequest>,
    ) -> Reply<pb::ListBackOrderedProductsResponse> {
        let scope = Scope::of(&request, &self.pool).await?;
        let wanted = request.into_inner();
        let page = Page::of(wanted.page)?;
        let freshness = wait(&self.waiting, wanted.min_position).await?;
        wait(&self.orders, wanted.min_position).await?;
        let mut sql = QueryBuilder::new(PRODUCTS);
        sql.push_bind(scope.tenant.clone());
        scope.push(&mut sql, "region_ids");
        if let Some(search) = pattern(&wanted.search) {
            sql.push(" AND (p.name ILIKE ").push_bind(search.clone());
            sql.push(" OR b.product_id ILIKE ").push_bind(search).push(")");
        }
        sql.push(" GROUP BY b.product_id, p.name, p.base_unit, e.expected_on");
        sql.push(" ORDER BY waiting DESC, b.product_id");
        let (rows, total) = self.rows(sql, &scope, page).await.map_err(failed)?;
        let products = rows.iter().map(product).collect::<sqlx::Result<_>>().map_err(failed)?;
        Ok(Response::new(pb::ListBackOrderedProductsResponse {
            products,
            page: Some(page.info(total)),
            freshness: Some(freshness),
        }))
    }

    async fn list_back_orders(
        &self,
        request: Request<pb::ListBackOrdersRequest>,
    ) -> Reply<pb::ListBackOrdersResponse> {
        let scope = Scope::of(&request, &self.pool).await?;
        let wanted = request.into_inner();
        let page = Page::of(wanted.page)?;
        let freshness = wait(&self.waiting, wanted.min_position).await?;
        wait(&self.orders, wanted.min_position).await?;
        let mut sql = QueryBuilder::new(PLACES);
        sql.push_bind(scope.tenant.clone());
        sql.push(SHOWN).push_bind(scope.tenant.clone());
        scope.push(&mut sql, "region_ids");
        for (column, id) in [("b.product_id", wanted.product_id), ("b.order_id", wanted.order_id)] {
            if !id.is_empty() {
                sql.push(format!(" AND {column} = ")).push_bind(id);
            }
        }
        sql.push(" ORDER BY b.product_id, place");
        let (rows, total) = self.rows(sql, &scope, page).await.map_err(failed)?;
        let back_orders = rows.iter().map(order).collect::<sqlx::Result<_>>().map_err(failed)?;
        Ok(Response::new(pb::ListBackOrdersResponse {
            back_orders,
            page: Some(page.info(total)),
            freshness: Some(freshness),
        }))
    }
}

impl WaitingQueryApi {
    /// A page of rows, and how many there are of all.
    async fn rows(
        &self,
        mut sql: QueryBuilder<'_, Postgres>,
        scope: &Scope,
        page: Page,
    ) -> sqlx::Result<(Vec<PgRow>, i64)> {
        sql.push(" LIMIT ").push_bind(page.limit).push(" OFFSET ").push_bind(page.offset);
        let mut db = self.pool.begin(&scope.tenant).await?;
        let rows = sql.build().fetch_all(&mut *db).await?;
        let total = rows.first().map_or(Ok(0), |row| row.try_get("total"))?;
        Ok((rows, total))
    }
}

fn expected(row: &PgRow) -> sqlx::Result<String> {
    let day = row.try_get::<Option<chrono::NaiveDate>, _>("expected_on")?;
    Ok(day.map(|day| day.to_string()).unwrap_or_default())
}

fn product(row: &PgRow) -> sqlx::Result<pb::BackOrderedProduct> {
    Ok(pb::BackOrderedProduct {
        product_id: row.try_get("product_id")?,
        product_name: row.try_get("name")?,
        base_unit: row.try_get("base_unit")?,
        waiting: row.try_get("waiting")?,
        orders: u32::try_from(row.try_get::<i64, _>("orders")?).unwrap_or(u32::MAX),
        oldest_at: rfc3339(row.try_get("since")?),
        expected_on: expected(row)?,
    })
}

fn order(row: &PgRow) -> sqlx::Result<pb::BackOrder> {
    Ok(pb::BackOrder {
        order_id: row.try_get("order_id")?,
        dealer_id: row.try_get("dealer_id")?,
        dealer_name: row.try_get("dealer_name")?,
        product_id: row.try_get("product_id")?,
        product_name: row.try_get("name")?,
        base_unit: row.try_get("base_unit")?,
        waiting: row.try_get("waiting")?,
        place: u32::try_from(row.try_get::<i64, _>("place")?).unwrap_or(u32::MAX),
        since: rfc3339(row.try_get("since")?),
        expected_on: expected(row)?,
    })
}
