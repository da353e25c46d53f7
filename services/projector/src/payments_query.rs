//! Payments of orders through providers.

use kernel::Text;
use kernel::failure::status;
use kernel::projection::Progress;
use kernel::rpc::Reply;
use kernel::wall::TenantPool;
use proto::order::v1 as pb;
use proto::order::v1::payment_query_service_server::PaymentQueryService;
use serde::Deserialize;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, Row as _};
use tonic::{Code, Request, Response, Status};

use crate::read::{Page, Scope, failed, pattern, rfc3339, wait};

/// Answers from the read model of payments.
#[derive(Clone)]
pub(crate) struct PaymentQueryApi {
    pub(crate) pool: TenantPool,
    pub(crate) progress: Progress,
}

/// Payments with their refunds, the newest first.
const PAYMENTS: &str = "
    SELECT p.*, coalesce(d.name, p.dealer_id) AS dealer_name, count(*) OVER () AS total,
           coalesce(r.refunds, '[]') AS refunds, coalesce(r.refunded, 0)::bigint AS refunded_minor
    FROM payments p LEFT JOIN dealers d USING (tenant_id, dealer_id)
    LEFT JOIN LATERAL (
        SELECT jsonb_agg(to_jsonb(r) ORDER BY asked_at, refund_id) AS refunds,
               sum(amount_minor) FILTER (WHERE r.status = 2) AS refunded
        FROM payment_refunds r
        WHERE r.tenant_id = p.tenant_id AND r.payment_id = p.payment_id
    ) r ON true
    WHERE p.tenant_id = $1 AND ($2::text IS NULL OR p.dealer_id = $2)
    AND ($3::text[] IS NULL OR d.region_id = ANY($3))
    AND ($4 = '' OR p.payment_id = $4) AND ($5 = '' OR p.order_id = $5)
    AND ($6 = '' OR p.dealer_id = $6)
    AND (cardinality($7::int[]) = 0 OR p.status = ANY($7))
    AND ($8::text IS NULL OR p.payment_id ILIKE $8 OR p.order_id ILIKE $8 OR p.dealer_id ILIKE $8
         OR d.name ILIKE $8 OR p.transaction ILIKE $8)
    ORDER BY p.started_at DESC, p.payment_id LIMIT $9 OFFSET $10";

#[derive(Default)]
struct Wanted {
    payment_id: String,
    order_id: String,
    dealer_id: String,
    statuses: Vec<i32>,
    search: Option<String>,
}

#[tonic::async_trait]
impl PaymentQueryService for PaymentQueryApi {
    async fn get_payment(
        &self,
        request: Request<pb::GetPaymentRequest>,
    ) -> Reply<pb::GetPaymentResponse> {
        let scope = Scope::of(&request, &self.pool).await?;
        let pb::GetPaymentRequest { payment_id, min_position } = request.into_inner();
        let freshness = wait(&self.progress, min_position).await?;
        let mut db = self.pool.begin(&scope.tenant).await.map_err(failed)?;
        let wanted = Wanted { payment_id, ..Wanted::default() };
        let (found, _) = found(&mut db, &scope, wanted, (1, 0)).await.map_err(failed)?;
        let payment = found.into_iter().next().ok_or_else(no_such_payment)?;
        Ok(Response::new(pb::GetPaymentResponse {
            payment: Some(payment),
            freshness: Some(freshness),
        }))
    }

    async fn list_payments(
        &self,
        request: Request<pb::ListPaymentsRequest>,
    ) -> Reply<pb::ListPaymentsResponse> {
        let scope = Scope::of(&request, &self.pool).await?;
        let wanted = request.into_inner();
        let page = Page::of(wanted.page)?;
        let freshness = wait(&self.progress, wanted.min_position).await?;
        let mut db = self.pool.begin(&scope.tenant).await.map_err(failed)?;
        let asked = Wanted {
            payment_id: String::new(),
            order_id: wanted.order_id,
            dealer_id: wanted.dealer_id,
            statuses: wanted.statuses,
            search: pattern(&wanted.search),
        };
        let found = found(&mut db, &scope, asked, (page.limit, page.offset)).await;
        let (payments, total) = found.map_err(failed)?;
        Ok(Response::new(pb::ListPaymentsResponse {
            payments,
            page: Some(page.info(total)),
            freshness: Some(freshness),
        }))
    }
}

async fn found(
    db: &mut PgConnection,
    scope: &Scope,
    wanted: Wanted,
    (limit, offset): (i64, i64),
) -> sqlx::Result<(Vec<pb::Payment>, i64)> {
    let rows = sqlx::query(PAYMENTS)
        .bind(&scope.tenant)
        .bind(&scope.dealer)
        .bind(&scope.regions)
        .bind(wanted.payment_id)
        .bind(wanted.order_id)
        .bind(wanted.dealer_id)
        .bind(wanted.statuses)
        .bind(wanted.search)
        .bind(limit)
        .bind(offset)
        .fetch_all(db)
        .await?;
    let total = rows.first().map_or(Ok(0), |row| row.try_get("total"))?;
    Ok((rows.iter().map(payment).collect::<sqlx::Result<_>>()?, total))
}

fn no_such_payment() -> Status {
    let text = Text::new(
        "没有这笔支付，或您无权查看",
        "there is no such payment, or you may not see it; check its number",
    );
    status(Code::NotFound, "PAYMENT_NOT_FOUND", &text)
}

fn payment(row: &PgRow) -> sqlx::Result<pb::Payment> {
    let Json(refunds) = row.try_get::<Json<Vec<RefundRow>>, _>("refunds")?;
    let paid_at = row.try_get::<Option<_>, _>("paid_at")?;
    Ok(pb::Payment {
        payment_id: row.try_get("payment_id")?,
        order_id: row.try_get("order_id")?,
        dealer_id: row.try_get("dealer_id")?,
        dealer_name: row.try_get("dealer_name")?,
        provider: row.try_get("provider")?,
        scene: row.try_get("scene")?,
        status: row.try_get("status")?,
        currency_code: row.try_get("currency_code")?,
        amount_minor: row.try_get("amount_minor")?,
        captured_minor: row.try_get("captured_minor")?,
        allocated_minor: row.try_get("allocated_minor")?,
        refunded_minor: row.try_get("refunded_minor")?,
        url: row.try_get("url")?,
        expires_at: rfc3339(row.try_get("expires_at")?),
        transaction: row.try_get("transaction")?,
        started_at: rfc3339(row.try_get("started_at")?),
        paid_at: paid_at.map(rfc3339).unwrap_or_default(),
        started_by: row.try_get("started_by")?,
        detail: row.try_get("detail")?,
        parked: parked(row)?,
        refunds: refunds.into_iter().map(RefundRow::told).collect(),
        version: row.try_get::<i64, _>("version")?.cast_unsigned(),
        closure: row.try_get("closure")?,
    })
}

fn parked(row: &PgRow) -> sqlx::Result<Option<pb::ParkedMoney>> {
    let mismatch: i32 = row.try_get("mismatch")?;
    if mismatch == 0 {
        return Ok(None);
    }
    Ok(Some(pb::ParkedMoney {
        mismatch,
        transaction: row.try_get("parked_transaction")?,
        amount_minor: row.try_get("parked_minor")?,
        currency_code: row.try_get("parked_currency_code")?,
    }))
}

#[derive(Deserialize)]
struct RefundRow {
    refund_id: String,
    amount_minor: i64,
    status: i32,
    reason: String,
    detail: String,
    asked_at: chrono::DateTime<chrono::Utc>,
    ended_at: Option<chrono::DateTime<chrono::Utc>>,
}

impl RefundRow {
    fn told(self) -> pb::PaymentRefund {
        pb::PaymentRefund {
            refund_id: self.refund_id,
            amount_minor: self.amount_minor,
            status: self.status,
            reason: self.reason,
            detail: self.detail,
            asked_at: rfc3339(self.asked_at),
            ended_at: self.ended_at.map(rfc3339).unwrap_or_default(),
        }
    }
}
