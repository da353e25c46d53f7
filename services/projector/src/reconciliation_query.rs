//! Lines of bank statements and bills of providers, against what is on record.

use chrono::NaiveDate;
use kernel::failure::Violations;
use kernel::projection::Progress;
use kernel::rpc::Reply;
use kernel::wall::TenantPool;
use order::bank_line;
use proto::order::v1 as pb;
use proto::order::v1::reconciliation_query_service_server::ReconciliationQueryService;
use serde::Deserialize;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, Row as _};
use tonic::{Request, Response};

use crate::read::{Page, Scope, date, failed, pattern, rfc3339, wait};

/// Answers from the read model of reconciliation.
#[derive(Clone)]
pub(crate) struct ReconciliationQueryApi {
    pub(crate) pool: TenantPool,
    pub(crate) progress: Progress,
}

/// Lines of bank statements, the newest first. Of a remittance that waits, what was reported stands
/// in the remittance.
const LINES: &str = "
    SELECT l.*, l.booked_on::text AS day, coalesce(d.name, l.dealer_id) AS dealer_name,
           CASE WHEN l.status = 2 THEN l.reported_minor ELSE coalesce(r.amount_minor, 0) END
               AS reported,
           count(*) OVER () AS total
    FROM bank_lines l LEFT JOIN dealers d USING (tenant_id, dealer_id)
    LEFT JOIN remittances r USING (tenant_id, remittance_id)
    WHERE l.tenant_id = $1 AND ($2 = '' OR l.bank_account = $2)
    AND ($3::date IS NULL OR l.booked_on >= $3) AND ($4::date IS NULL OR l.booked_on <= $4)
    AND (cardinality($5::int[]) = 0 OR l.status = ANY($5))
    AND ($6::text IS NULL OR l.bank_reference ILIKE $6 OR l.payer_name ILIKE $6
         OR l.payer_account ILIKE $6 OR l.memo ILIKE $6 OR l.remittance_id ILIKE $6
         OR l.line_id ILIKE $6 OR d.name ILIKE $6)
    ORDER BY l.booked_on DESC, l.line_id LIMIT $7 OFFSET $8";

const BILLS: &str = "
    SELECT b.*, b.day::text AS on_day, coalesce(o.open, 0) AS open, count(*) OVER () AS total
    FROM provider_bills b
    LEFT JOIN LATERAL (
        SELECT count(*) AS open FROM bill_differences x
        WHERE x.tenant_id = b.tenant_id AND x.bill_id = b.bill_id
        AND NOT x.is_gone AND x.resolved_at IS NULL
    ) o ON true
    WHERE b.tenant_id = $1 AND ($2 = 0 OR b.provider = $2) AND (NOT $3 OR o.open > 0)
    ORDER BY b.day DESC, b.bill_id LIMIT $4 OFFSET $5";

const DIFFERENCES: &str = "
    SELECT x.*, b.provider, b.merchant, b.day::text AS on_day, b.currency_code,
           CASE WHEN x.is_gone THEN 3 WHEN x.resolved_at IS NULL THEN 1 ELSE 2 END AS status,
           count(*) OVER () AS total
    FROM bill_differences x JOIN provider_bills b USING (tenant_id, bill_id)
    WHERE x.tenant_id = $1 AND ($2 = '' OR x.bill_id = $2)
    AND (cardinality($3::int[]) = 0
         OR CASE WHEN x.is_gone THEN 3 WHEN x.resolved_at IS NULL THEN 1 ELSE 2 END = ANY($3))
    ORDER BY b.day DESC, x.bill_id, x.difference_id LIMIT $4 OFFSET $5";

#[tonic::async_trait]
impl ReconciliationQueryService for ReconciliationQueryApi {
    async fn list_bank_lines(
        &self,
        request: Request<pb::ListBankLinesRequest>,
    ) -> Reply<pb::ListBankLinesResponse> {
        let scope = Scope::of(&request, &self.pool).await?;
        let wanted = request.into_inner();
        let page = Page::of(wanted.page)?;
        let mut wrong = Violations::default();
        let from: Option<NaiveDate> = date(&mut wrong, "from", &wanted.from);
        let to: Option<NaiveDate> = date(&mut wrong, "to", &wanted.to);
        let (from, to) = wrong.finish(Some((from, to)))?;
        let freshness = wait(&self.progress, wanted.min_position).await?;
        let mut db = self.pool.begin(&scope.tenant).await.map_err(failed)?;
        let rows = sqlx::query(LINES)
            .bind(&scope.tenant)
            .bind(wanted.bank_account)
            .bind(from)
            .bind(to)
            .bind(wanted.statuses)
            .bind(pattern(&wanted.search))
            .bind(page.limit)
            .bind(page.offset)
            .fetch_all(&mut *db)
            .await
            .map_err(failed)?;
        let (lines, total) = listed(&rows, line).map_err(failed)?;
        let (counts, bank_accounts) = summed(&mut db, &scope.tenant).await.map_err(failed)?;
        Ok(Response::new(pb::ListBankLinesResponse {
            lines,
            counts,
            bank_accounts,
            page: Some(page.info(total)),
            freshness: Some(freshness),
        }))
    }

    async fn look_up_bank_lines(
        &self,
        request: Request<pb::LookUpBankLinesRequest>,
    ) -> Reply<pb::LookUpBankLinesResponse> {
        let scope = Scope::of(&request, &self.pool).await?;
        let pb::LookUpBankLinesRequest { bank_account, bank_references } = request.into_inner();
        let freshness = wait(&self.progress, 0).await?;
        let ids = bank_references.iter().map(|told| bank_line::line_id(&bank_account, told));
        let ids: Vec<String> = ids.collect();
        let mut db = self.pool.begin(&scope.tenant).await.map_err(failed)?;
        let rows = sqlx::query(
            "SELECT line_id, booked_on::text AS day, currency_code, amount_minor
             FROM bank_lines WHERE tenant_id = $1 AND line_id = ANY($2)",
        )
        .bind(&scope.tenant)
        .bind(&ids)
        .fetch_all(&mut *db)
        .await
        .map_err(failed)?;
        let known = rows.iter().map(known).collect::<sqlx::Result<Vec<_>>>().map_err(failed)?;
        let told = bank_references.into_iter().zip(&ids).filter_map(|(bank_reference, id)| {
            let line = known.iter().find(|line| line.line_id == *id)?.clone();
            Some(pb::KnownBankLine { bank_reference, ..line })
        });
        let lines = told.collect();
        Ok(Response::new(pb::LookUpBankLinesResponse { lines, freshness: Some(freshness) }))
    }

    async fn list_provider_bills(
        &self,
        request: Request<pb::ListProviderBillsRequest>,
    ) -> Reply<pb::ListProviderBillsResponse> {
        let scope = Scope::of(&request, &self.pool).await?;
        let wanted = request.into_inner();
        let page = Page::of(wanted.page)?;
        let freshness = wait(&self.progress, wanted.min_position).await?;
        let mut db = self.pool.begin(&scope.tenant).await.map_err(failed)?;
        let rows = sqlx::query(BILLS)
            .bind(&scope.tenant)
            .bind(wanted.provider)
            .bind(wanted.only_open)
            .bind(page.limit)
            .bind(page.offset)
            .fetch_all(&mut *db)
            .await
            .map_err(failed)?;
        let (bills, total) = listed(&rows, bill).map_err(failed)?;
        let open: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM bill_differences
             WHERE tenant_id = $1 AND NOT is_gone AND resolved_at IS NULL",
        )
        .bind(&scope.tenant)
        .fetch_one(&mut *db)
        .await
        .map_err(failed)?;
        Ok(Response::new(pb::ListProviderBillsResponse {
            bills,
            open_differences: open.cast_unsigned(),
            page: Some(page.info(total)),
            freshness: Some(freshness),
        }))
    }

    async fn list_bill_differences(
        &self,
        request: Request<pb::ListBillDifferencesRequest>,
    ) -> Reply<pb::ListBillDifferencesResponse> {
        let scope = Scope::of(&request, &self.pool).await?;
        let wanted = request.into_inner();
        let page = Page::of(wanted.page)?;
        let freshness = wait(&self.progress, wanted.min_position).await?;
        let mut db = self.pool.begin(&scope.tenant).await.map_err(failed)?;
        let rows = sqlx::query(DIFFERENCES)
            .bind(&scope.tenant)
            .bind(wanted.bill_id)
            .bind(wanted.statuses)
            .bind(page.limit)
            .bind(page.offset)
            .fetch_all(&mut *db)
            .await
            .map_err(failed)?;
        let (differences, total) = listed(&rows, difference).map_err(failed)?;
        Ok(Response::new(pb::ListBillDifferencesResponse {
            differences,
            page: Some(page.info(total)),
            freshness: Some(freshness),
        }))
    }
}

/// Rows as they are told, and how many there are on all pages.
fn listed<T>(
    rows: &[PgRow],
    told: impl Fn(&PgRow) -> sqlx::Result<T>,
) -> sqlx::Result<(Vec<T>, i64)> {
    let total = rows.first().map_or(Ok(0), |row| row.try_get("total"))?;
    Ok((rows.iter().map(told).collect::<sqlx::Result<_>>()?, total))
}

/// How many lines there are of each status, and of which accounts.
async fn summed(
    db: &mut PgConnection,
    tenant: &str,
) -> sqlx::Result<(Vec<pb::BankLineCount>, Vec<String>)> {
    let rows = sqlx::query(
        "SELECT status, count(*) AS count FROM bank_lines
         WHERE tenant_id = $1 GROUP BY status ORDER BY status",
    );
    let rows = rows.bind(tenant).fetch_all(&mut *db).await?;
    let count = |row: &PgRow| {
        let count: i64 = row.try_get("count")?;
        Ok(pb::BankLineCount { status: row.try_get("status")?, count: count.cast_unsigned() })
    };
    let counts = rows.iter().map(count).collect::<sqlx::Result<_>>()?;
    let accounts = sqlx::query_scalar(
        "SELECT DISTINCT bank_account FROM bank_lines WHERE tenant_id = $1
         ORDER BY bank_account LIMIT 100",
    );
    Ok((counts, accounts.bind(tenant).fetch_all(db).await?))
}

fn line(row: &PgRow) -> sqlx::Result<pb::BankLine> {
    Ok(pb::BankLine {
        line_id: row.try_get("line_id")?,
        bank_account: row.try_get("bank_account")?,
        bank_reference: row.try_get("bank_reference")?,
        booked_on: row.try_get("day")?,
        currency_code: row.try_get("currency_code")?,
        amount_minor: row.try_get("amount_minor")?,
        payer_name: row.try_get("payer_name")?,
        payer_account: row.try_get("payer_account")?,
        memo: row.try_get("memo")?,
        status: row.try_get("status")?,
        remittance_id: row.try_get("remittance_id")?,
        dealer_id: row.try_get("dealer_id")?,
        dealer_name: row.try_get("dealer_name")?,
        reported_minor: row.try_get("reported")?,
        by_hand: row.try_get("by_hand")?,
        reason: row.try_get("reason")?,
        imported_by: row.try_get("imported_by")?,
        imported_at: rfc3339(row.try_get("imported_at")?),
        changed_by: row.try_get("changed_by")?,
        changed_at: rfc3339(row.try_get("changed_at")?),
        version: row.try_get::<i64, _>("version")?.cast_unsigned(),
        rival_remittance_id: row.try_get("rival_id")?,
    })
}

fn known(row: &PgRow) -> sqlx::Result<pb::KnownBankLine> {
    Ok(pb::KnownBankLine {
        bank_reference: String::new(),
        line_id: row.try_get("line_id")?,
        booked_on: row.try_get("day")?,
        currency_code: row.try_get("currency_code")?,
        amount_minor: row.try_get("amount_minor")?,
    })
}

fn bill(row: &PgRow) -> sqlx::Result<pb::ProviderBill> {
    let Json(there) = row.try_get::<Json<Totals>, _>("there")?;
    let Json(here) = row.try_get::<Json<Totals>, _>("here")?;
    let open: i64 = row.try_get("open")?;
    Ok(pb::ProviderBill {
        bill_id: row.try_get("bill_id")?,
        provider: row.try_get("provider")?,
        merchant: row.try_get("merchant")?,
        day: row.try_get("on_day")?,
        currency_code: row.try_get("currency_code")?,
        there: Some(there.told()),
        here: Some(here.told()),
        fee_minor: row.try_get("fee_minor")?,
        digest: row.try_get("digest")?,
        differences_count: row.try_get::<i32, _>("differences_count")?.cast_unsigned(),
        open_count: open.try_into().unwrap_or(u32::MAX),
        compared_at: rfc3339(row.try_get("compared_at")?),
        asked_by: row.try_get("asked_by")?,
        version: row.try_get::<i64, _>("version")?.cast_unsigned(),
    })
}

#[derive(Deserialize)]
struct Totals {
    paid_count: u32,
    paid_minor: i64,
    refunded_count: u32,
    refunded_minor: i64,
}

impl Totals {
    fn told(self) -> pb::BillTotals {
        pb::BillTotals {
            paid_count: self.paid_count,
            paid_minor: self.paid_minor,
            refunded_count: self.refunded_count,
            refunded_minor: self.refunded_minor,
        }
    }
}

fn difference(row: &PgRow) -> sqlx::Result<pb::ListedDifference> {
    let resolved_at = row.try_get::<Option<_>, _>("resolved_at")?;
    Ok(pb::ListedDifference {
        bill_id: row.try_get("bill_id")?,
        provider: row.try_get("provider")?,
        merchant: row.try_get("merchant")?,
        day: row.try_get("on_day")?,
        currency_code: row.try_get("currency_code")?,
        difference: Some(pb::BillDifference {
            difference_id: row.try_get("difference_id")?,
            kind: row.try_get("kind")?,
            is_refund: row.try_get("is_refund")?,
            payment: row.try_get("payment")?,
            refund: row.try_get("refund")?,
            transaction: row.try_get("transaction")?,
            there_minor: row.try_get("there_minor")?,
            here_minor: row.try_get("here_minor")?,
        }),
        status: row.try_get("status")?,
        reason: row.try_get("reason")?,
        resolved_by: row.try_get("resolved_by")?,
        resolved_at: resolved_at.map(rfc3339).unwrap_or_default(),
    })
}
