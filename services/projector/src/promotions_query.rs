//! Lists of promotions.

use kernel::failure::refused;
use kernel::projection::Progress;
use kernel::rpc::{self, Reply};
use kernel::wall::TenantPool;
use order::grpc::terms_of;
use order::promotion::{Plan, PromotionRefusal, PromotionStatus};
use proto::order::v1 as pb;
use proto::order::v1::promotion_query_service_server::PromotionQueryService;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use tonic::{Request, Response};

use crate::read::{Page, failed, pattern, rfc3339, wait};

/// Answers from the read model of promotions.
#[derive(Clone)]
pub(crate) struct PromotionQueryApi {
    pub(crate) pool: TenantPool,
    pub(crate) progress: Progress,
}

#[tonic::async_trait]
impl PromotionQueryService for PromotionQueryApi {
    async fn list_promotions(
        &self,
        request: Request<pb::ListPromotionsRequest>,
    ) -> Reply<pb::ListPromotionsResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let wanted = request.into_inner();
        let page = Page::of(wanted.page.clone())?;
        let freshness = wait(&self.progress, wanted.min_position).await?;
        let (promotions, total) = self.list(&tenant, &wanted, page).await.map_err(failed)?;
        Ok(Response::new(pb::ListPromotionsResponse {
            promotions,
            page: Some(page.info(total)),
            freshness: Some(freshness),
        }))
    }

    async fn get_promotion(
        &self,
        request: Request<pb::GetPromotionRequest>,
    ) -> Reply<pb::GetPromotionResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let wanted = request.into_inner();
        let freshness = wait(&self.progress, wanted.min_position).await?;
        let row =
            sqlx::query("SELECT * FROM promotions WHERE tenant_id = $1 AND promotion_id = $2")
                .bind(&tenant)
                .bind(&wanted.promotion_id)
                .fetch_optional(&mut *self.pool.begin(&tenant).await.map_err(failed)?)
                .await
                .map_err(failed)?;
        let row = row.ok_or_else(|| refused(&PromotionRefusal::PromotionNotFound))?;
        let promotion = promotion(&row).map_err(failed)?;
        let terms = row.try_get::<Json<Plan>, _>("plan").map_err(failed)?;
        Ok(Response::new(pb::GetPromotionResponse {
            promotion: Some(promotion),
            terms: Some(terms_of(terms.0)),
            freshness: Some(freshness),
        }))
    }
}

impl PromotionQueryApi {
    async fn list(
        &self,
        tenant: &str,
        wanted: &pb::ListPromotionsRequest,
        page: Page,
    ) -> sqlx::Result<(Vec<pb::Promotion>, i64)> {
        let rows = sqlx::query(
            "SELECT *, count(*) OVER () AS total FROM promotions
             WHERE tenant_id = $1 AND ($2 = '' OR status = $2)
             AND ($3::text IS NULL OR name ILIKE $3 OR promotion_id ILIKE $3)
             ORDER BY begins_on DESC, promotion_id LIMIT $4 OFFSET $5",
        )
        .bind(tenant)
        .bind(word(wanted.status()))
        .bind(pattern(&wanted.search))
        .bind(page.limit)
        .bind(page.offset)
        .fetch_all(&mut *self.pool.begin(tenant).await?)
        .await?;
        let total = rows.first().map_or(Ok(0), |row| row.try_get("total"))?;
        Ok((rows.iter().map(promotion).collect::<sqlx::Result<_>>()?, total))
    }
}

fn word(status: pb::PromotionStatus) -> &'static str {
    match status {
        pb::PromotionStatus::Unspecified => "",
        pb::PromotionStatus::Draft => PromotionStatus::Draft.into(),
        pb::PromotionStatus::Approved => PromotionStatus::Approved.into(),
        pb::PromotionStatus::Paused => PromotionStatus::Paused.into(),
        pb::PromotionStatus::Ended => PromotionStatus::Ended.into(),
    }
}

fn status(word_: &str) -> pb::PromotionStatus {
    use pb::PromotionStatus::{Approved, Draft, Ended, Paused, Unspecified};
    let found = [Draft, Approved, Paused, Ended].into_iter().find(|it| word(*it) == word_);
    found.unwrap_or(Unspecified)
}

fn promotion(row: &PgRow) -> sqlx::Result<pb::Promotion> {
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    Ok(pb::Promotion {
        promotion_id: row.try_get("promotion_id")?,
        name: row.try_get("name")?,
        status: status(row.try_get("status")?).into(),
        from: day(row.try_get("begins_on")?),
        until: day(row.try_get("ends_on")?),
        drafted_by: row.try_get("drafted_by")?,
        approved_by: row.try_get::<Option<_>, _>("approved_by")?.unwrap_or_default(),
        reason: row.try_get("reason")?,
        changed_at: rfc3339(row.try_get("changed_at")?),
        version: row.try_get::<i64, _>("version")?.cast_unsigned(),
    })
}
