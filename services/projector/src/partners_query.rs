//! Lists of regions and dealers.

use kernel::projection::Progress;
use kernel::rpc::Reply;
use kernel::wall::TenantPool;
use proto::partner::v1 as pb;
use proto::partner::v1::partner_query_service_server::PartnerQueryService;
use sqlx::Row;
use sqlx::postgres::PgRow;
use tonic::{Request, Response};

use crate::read::{Page, Scope, failed, pattern, rfc3339, wait};

/// Answers from the read models of regions and dealers.
#[derive(Clone)]
pub(crate) struct PartnerQueryApi {
    pub(crate) pool: TenantPool,
    pub(crate) progress: Progress,
}

#[tonic::async_trait]
impl PartnerQueryService for PartnerQueryApi {
    async fn list_regions(
        &self,
        request: Request<pb::ListRegionsRequest>,
    ) -> Reply<pb::ListRegionsResponse> {
        let scope = Scope::of(&request)?;
        let freshness = wait(&self.progress, request.into_inner().min_position).await?;
        let regions = self.regions(&scope.tenant).await.map_err(failed)?;
        Ok(Response::new(pb::ListRegionsResponse { regions, freshness: Some(freshness) }))
    }

    async fn list_dealers(
        &self,
        request: Request<pb::ListDealersRequest>,
    ) -> Reply<pb::ListDealersResponse> {
        let scope = Scope::of(&request)?;
        let wanted = request.into_inner();
        let page = Page::of(wanted.page.clone())?;
        let freshness = wait(&self.progress, wanted.min_position).await?;
        let (dealers, total) = self.dealers(&scope, &wanted, page).await.map_err(failed)?;
        Ok(Response::new(pb::ListDealersResponse {
            dealers,
            page: Some(page.info(total)),
            freshness: Some(freshness),
        }))
    }
}

impl PartnerQueryApi {
    async fn regions(&self, tenant: &str) -> sqlx::Result<Vec<pb::Region>> {
        let rows = sqlx::query(
            "SELECT * FROM regions WHERE tenant_id = $1 ORDER BY cardinality(path), name, region_id",
        )
        .bind(tenant)
        .fetch_all(&mut *self.pool.begin(tenant).await?)
        .await?;
        rows.iter().map(region).collect()
    }

    async fn dealers(
        &self,
        scope: &Scope,
        wanted: &pb::ListDealersRequest,
        page: Page,
    ) -> sqlx::Result<(Vec<pb::Dealer>, i64)> {
        let rows = sqlx::query(
            "SELECT *, count(*) OVER () AS total FROM dealers
             WHERE tenant_id = $1 AND ($2::text IS NULL OR dealer_id = $2)
             AND ($3 = '' OR $3 = ANY(region_path))
             AND ($4::text IS NULL OR name ILIKE $4 OR dealer_id ILIKE $4 OR city ILIKE $4)
             AND (cardinality($5::text[]) = 0 OR region_path && $5)
             ORDER BY name, dealer_id LIMIT $6 OFFSET $7",
        )
        .bind(&scope.tenant)
        .bind(&scope.dealer)
        .bind(&wanted.region_id)
        .bind(pattern(&wanted.search))
        .bind(&scope.regions)
        .bind(page.limit)
        .bind(page.offset)
        .fetch_all(&mut *self.pool.begin(&scope.tenant).await?)
        .await?;
        let total = rows.first().map_or(Ok(0), |row| row.try_get("total"))?;
        Ok((rows.iter().map(dealer).collect::<sqlx::Result<_>>()?, total))
    }
}

fn region(row: &PgRow) -> sqlx::Result<pb::Region> {
    Ok(pb::Region {
        region_id: row.try_get("region_id")?,
        name: row.try_get("name")?,
        parent_id: row.try_get("parent_id")?,
        path: row.try_get("path")?,
    })
}

fn dealer(row: &PgRow) -> sqlx::Result<pb::Dealer> {
    Ok(pb::Dealer {
        dealer_id: row.try_get("dealer_id")?,
        name: row.try_get("name")?,
        region_id: row.try_get("region_id")?,
        region_name: row.try_get("region_name")?,
        city: row.try_get("city")?,
        registered_at: rfc3339(row.try_get("registered_at")?),
    })
}
