//! Credit, money and payments of dealers.

use kernel::failure::Violations;
use kernel::projection::Progress;
use kernel::rpc::{self, Reply};
use kernel::wall::TenantPool;
use order::grpc::told_rules;
use order::order_rules::Rules;
use proto::order::v1 as pb;
use proto::order::v1::funds_query_service_server::FundsQueryService;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, Row};
use tonic::{Request, Response, Status};
use values::BusinessDate;

use crate::orders_query::{no_such_dealer, not_yet_known};
use crate::read::{Page, Scope, date, failed, pattern, rfc3339, today, wait};

/// Answers from the read model of funds.
#[derive(Clone)]
pub(crate) struct FundsQueryApi {
    pub(crate) pool: TenantPool,
    pub(crate) progress: Progress,
}

#[tonic::async_trait]
impl FundsQueryService for FundsQueryApi {
    async fn list_dealer_funds(
        &self,
        request: Request<pb::ListDealerFundsRequest>,
    ) -> Reply<pb::ListDealerFundsResponse> {
        let (scope, today) = (Scope::of(&request, &self.pool).await?, today(&request)?);
        let wanted = request.into_inner();
        let page = Page::of(wanted.page.clone())?;
        let freshness = wait(&self.progress, wanted.min_position).await?;
        let filter =
            Wanted { search: pattern(&wanted.search), dealer_id: None, filter: wanted.filter };
        let mut db = self.pool.begin(&scope.tenant).await.map_err(failed)?;
        let found = dealers(&mut db, &scope, filter, (page, today)).await;
        let (dealers, total) = found.map_err(failed)?;
        Ok(Response::new(pb::ListDealerFundsResponse {
            dealers,
            page: Some(page.info(total)),
            freshness: Some(freshness),
        }))
    }

    async fn get_dealer_funds(
        &self,
        request: Request<pb::GetDealerFundsRequest>,
    ) -> Reply<pb::GetDealerFundsResponse> {
        let (scope, today) = (Scope::of(&request, &self.pool).await?, today(&request)?);
        let wanted = request.into_inner();
        let freshness = wait(&self.progress, wanted.min_position).await?;
        let mut db = self.pool.begin(&scope.tenant).await.map_err(failed)?;
        let mut funds = one_dealer(&mut db, &scope, &wanted.dealer_id, today).await?;
        if let Some(credit) = &mut funds.credit {
            let holder = match credit.of_dealer_id.as_str() {
                "" => &funds.dealer_id,
                other => other,
            };
            let granted = temporary(&mut db, &scope.tenant, holder, today).await;
            credit.temporary = granted.map_err(failed)?;
            if scope.dealer.is_some() || scope.regions.is_some() {
                of_another(credit);
            }
        }
        let freshness = Some(freshness);
        Ok(Response::new(pb::GetDealerFundsResponse { funds: Some(funds), freshness }))
    }

    async fn list_funds_entries(
        &self,
        request: Request<pb::ListFundsEntriesRequest>,
    ) -> Reply<pb::ListFundsEntriesResponse> {
        let (scope, today) = (Scope::of(&request, &self.pool).await?, today(&request)?);
        let zone = rpc::caller(&request)?.time_zone.clone();
        let wanted = request.into_inner();
        let page = Page::of(wanted.page.clone())?;
        let freshness = wait(&self.progress, wanted.min_position).await?;
        let mut db = self.pool.begin(&scope.tenant).await.map_err(failed)?;
        one_dealer(&mut db, &scope, &wanted.dealer_id, today).await?;
        let rows = entries(&mut db, &scope.tenant, &wanted, &zone, page).await?;
        let (entries, total) = listed(&rows, entry).map_err(failed)?;
        Ok(Response::new(pb::ListFundsEntriesResponse {
            entries,
            page: Some(page.info(total)),
            freshness: Some(freshness),
        }))
    }

    async fn list_receivables(
        &self,
        request: Request<pb::ListReceivablesRequest>,
    ) -> Reply<pb::ListReceivablesResponse> {
        let (scope, today) = (Scope::of(&request, &self.pool).await?, today(&request)?);
        let wanted = request.into_inner();
        let page = Page::of(wanted.page.clone())?;
        let freshness = wait(&self.progress, wanted.min_position).await?;
        let mut db = self.pool.begin(&scope.tenant).await.map_err(failed)?;
        one_dealer(&mut db, &scope, &wanted.dealer_id, today).await?;
        let rows = sqlx::query(
            "SELECT o.*, coalesce(d.name, order_dealer_id) AS dealer_name,
                    greatest($3 - due_on, 0) AS days_late, count(*) OVER () AS total
             FROM receivables o LEFT JOIN dealers d
                ON d.tenant_id = o.tenant_id AND d.dealer_id = order_dealer_id
             WHERE o.tenant_id = $1 AND open_minor > 0
             AND (o.dealer_id = $2 OR order_dealer_id = $2)
             ORDER BY due_on, order_id LIMIT $4 OFFSET $5",
        )
        .bind(&scope.tenant)
        .bind(&wanted.dealer_id)
        .bind(today.day())
        .bind(page.limit)
        .bind(page.offset)
        .fetch_all(&mut *db)
        .await
        .map_err(failed)?;
        let (receivables, total) = listed(&rows, receivable).map_err(failed)?;
        Ok(Response::new(pb::ListReceivablesResponse {
            receivables,
            page: Some(page.info(total)),
            freshness: Some(freshness),
        }))
    }

    async fn list_remittances(
        &self,
        request: Request<pb::ListRemittancesRequest>,
    ) -> Reply<pb::ListRemittancesResponse> {
        let scope = Scope::of(&request, &self.pool).await?;
        let wanted = request.into_inner();
        let page = Page::of(wanted.page.clone())?;
        let freshness = wait(&self.progress, wanted.min_position).await?;
        let mut db = self.pool.begin(&scope.tenant).await.map_err(failed)?;
        let rows = sqlx::query(
            "SELECT m.*, coalesce(d.name, m.dealer_id) AS dealer_name, count(*) OVER () AS total
             FROM remittances m LEFT JOIN dealers d USING (tenant_id, dealer_id)
             WHERE m.tenant_id = $1 AND ($2::text IS NULL OR m.dealer_id = $2)
             AND ($3::text[] IS NULL OR d.region_id = ANY($3))
             AND ($4 = '' OR m.dealer_id = $4)
             AND (cardinality($5::int[]) = 0 OR m.status = ANY($5))
             AND ($6::text IS NULL OR remittance_id ILIKE $6 OR m.dealer_id ILIKE $6
                  OR d.name ILIKE $6 OR bank_reference ILIKE $6)
             ORDER BY reported_at DESC, remittance_id LIMIT $7 OFFSET $8",
        )
        .bind(&scope.tenant)
        .bind(&scope.dealer)
        .bind(&scope.regions)
        .bind(&wanted.dealer_id)
        .bind(&wanted.statuses)
        .bind(pattern(&wanted.search))
        .bind(page.limit)
        .bind(page.offset)
        .fetch_all(&mut *db)
        .await
        .map_err(failed)?;
        let (remittances, total) = listed(&rows, remittance).map_err(failed)?;
        Ok(Response::new(pb::ListRemittancesResponse {
            remittances,
            page: Some(page.info(total)),
            freshness: Some(freshness),
        }))
    }

    async fn get_order_rules(
        &self,
        request: Request<pb::GetOrderRulesRequest>,
    ) -> Reply<pb::GetOrderRulesResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let freshness = wait(&self.progress, request.get_ref().min_position).await?;
        let row: Option<(Json<Rules>, i64)> =
            sqlx::query_as("SELECT rules, version FROM order_rules WHERE tenant_id = $1")
                .bind(&tenant)
                .fetch_optional(&mut *self.pool.begin(&tenant).await.map_err(failed)?)
                .await
                .map_err(failed)?;
        let (rules, version) =
            row.map(|(Json(rules), version)| (rules, version)).unwrap_or_default();
        Ok(Response::new(pb::GetOrderRulesResponse {
            rules: Some(told_rules(rules)),
            version: version.cast_unsigned(),
            freshness: Some(freshness),
        }))
    }
}

/// Rows as they are told, and how many there are on all pages.
pub(crate) fn listed<T>(
    rows: &[PgRow],
    told: fn(&PgRow) -> sqlx::Result<T>,
) -> sqlx::Result<(Vec<T>, i64)> {
    let total = rows.first().map_or(Ok(0), |row| row.try_get("total"))?;
    Ok((rows.iter().map(told).collect::<sqlx::Result<_>>()?, total))
}

/// Which dealers are wanted.
struct Wanted<'a> {
    search: Option<String>,
    dealer_id: Option<&'a str>,
    filter: i32,
}

/// A dealer that the caller sees, with its credit and money.
async fn one_dealer(
    db: &mut PgConnection,
    scope: &Scope,
    dealer_id: &str,
    today: BusinessDate,
) -> Result<pb::DealerFunds, Status> {
    let wanted = Wanted { search: None, dealer_id: Some(dealer_id), filter: 0 };
    let (found, _) =
        dealers(db, scope, wanted, (Page { limit: 1, offset: 0 }, today)).await.map_err(failed)?;
    found.into_iter().next().ok_or_else(|| match scope.dealer {
        Some(_) => not_yet_known(dealer_id),
        None => no_such_dealer(dealer_id),
    })
}

/// Dealers with what there is for them. What is available and what is late depends on the day, so
/// it is worked out when somebody asks.
const DEALERS: &str = "
    WITH late AS (
        SELECT dealer_id, sum(open_minor)::bigint AS overdue_minor, min(due_on) AS since
        FROM receivables WHERE tenant_id = $1 AND open_minor > 0 AND due_on < $2
        GROUP BY dealer_id
    ), granted AS (
        SELECT dealer_id, sum(amount_minor)::bigint AS temporary_minor
        FROM credit_grants WHERE tenant_id = $1 AND until >= $2 GROUP BY dealer_id
    ), shown AS (
        SELECT d.dealer_id, d.name, coalesce(r.name, d.region_id) AS region_name,
               f.currency_code, coalesce(prepaid_minor, 0) AS prepaid_minor,
               coalesce(prepaid_held_minor, 0) AS prepaid_held_minor,
               coalesce(rebate_minor, 0) AS rebate_minor,
               coalesce(rebate_held_minor, 0) AS rebate_held_minor,
               f.credit_of, h.name AS holder_name, c.currency_code AS credit_currency,
               c.limit_minor, c.payment_days, c.blocked_reason, c.reserved_minor,
               c.receivable_minor, c.version, coalesce(temporary_minor, 0) AS temporary_minor,
               coalesce(overdue_minor, 0) AS overdue_minor, coalesce($2 - since, 0) AS days_late,
               CASE WHEN blocked_reason <> '' THEN 0
                    ELSE greatest(limit_minor + coalesce(temporary_minor, 0) - reserved_minor
                                  - receivable_minor, 0) END AS available_minor,
               coalesce(reported_minor, 0) AS reported_minor, coalesce(reports, 0) AS reports
        FROM dealers d
        LEFT JOIN regions r USING (tenant_id, region_id)
        LEFT JOIN dealer_funds f USING (tenant_id, dealer_id)
        LEFT JOIN credit_lines c ON c.tenant_id = d.tenant_id
                                AND c.dealer_id = coalesce(f.credit_of, d.dealer_id)
        LEFT JOIN dealers h ON h.tenant_id = d.tenant_id AND h.dealer_id = f.credit_of
        LEFT JOIN late ON late.dealer_id = c.dealer_id
        LEFT JOIN granted ON granted.dealer_id = c.dealer_id
        LEFT JOIN LATERAL (
            SELECT count(*) AS reports, sum(amount_minor) FILTER (WHERE m.currency_code =
                coalesce(f.currency_code, c.currency_code, m.currency_code))::bigint AS reported_minor
            FROM remittances m WHERE m.tenant_id = d.tenant_id AND m.dealer_id = d.dealer_id
            AND status = 1) reported ON true
        WHERE d.tenant_id = $1 AND ($3::text IS NULL OR d.dealer_id = $3)
        AND ($4::text[] IS NULL OR d.region_id = ANY($4))
        AND ($5::text IS NULL OR d.dealer_id = $5)
        AND ($6::text IS NULL OR d.name ILIKE $6 OR d.dealer_id ILIKE $6)
    )
    SELECT *, count(*) OVER () AS total FROM shown WHERE CASE $7
        WHEN 1 THEN credit_of IS NULL AND limit_minor > 0
        WHEN 2 THEN credit_of IS NULL AND overdue_minor > 0
        WHEN 3 THEN credit_of IS NULL AND blocked_reason <> ''
        WHEN 4 THEN credit_of IS NULL AND limit_minor > 0 AND available_minor * 10 < limit_minor + temporary_minor
        ELSE true END
    ORDER BY name, dealer_id LIMIT $8 OFFSET $9";

async fn dealers(
    db: &mut PgConnection,
    scope: &Scope,
    wanted: Wanted<'_>,
    (page, today): (Page, BusinessDate),
) -> sqlx::Result<(Vec<pb::DealerFunds>, i64)> {
    let rows = sqlx::query(DEALERS)
        .bind(&scope.tenant)
        .bind(today.day())
        .bind(&scope.dealer)
        .bind(&scope.regions)
        .bind(wanted.dealer_id)
        .bind(wanted.search)
        .bind(wanted.filter)
        .bind(page.limit)
        .bind(page.offset)
        .fetch_all(db)
        .await?;
    let (mut dealers, total) = listed(&rows, dealer)?;
    if scope.dealer.is_some() || scope.regions.is_some() {
        dealers.iter_mut().filter_map(|it| it.credit.as_mut()).for_each(of_another);
    }
    Ok((dealers, total))
}

/// Of the credit of another dealer its members, and who does not look after all regions, are told
/// what is left of it, and nothing of who else has taken how much.
fn of_another(credit: &mut pb::Credit) {
    if credit.of_dealer_id.is_empty() {
        return;
    }
    *credit = pb::Credit {
        currency_code: std::mem::take(&mut credit.currency_code),
        limit_minor: credit.available_minor,
        available_minor: credit.available_minor,
        payment_days: credit.payment_days,
        of_dealer_id: std::mem::take(&mut credit.of_dealer_id),
        of_dealer_name: std::mem::take(&mut credit.of_dealer_name),
        ..pb::Credit::default()
    };
}

fn dealer(row: &PgRow) -> sqlx::Result<pb::DealerFunds> {
    let purse = |balance: &str, held: &str| -> sqlx::Result<pb::Purse> {
        let (balance, held): (i64, i64) = (row.try_get(balance)?, row.try_get(held)?);
        let available_minor = (balance - held).max(0);
        Ok(pb::Purse { balance_minor: balance, held_minor: held, available_minor })
    };
    Ok(pb::DealerFunds {
        dealer_id: row.try_get("dealer_id")?,
        dealer_name: row.try_get("name")?,
        region_name: row.try_get("region_name")?,
        credit: credit(row)?,
        currency_code: row.try_get::<Option<_>, _>("currency_code")?.unwrap_or_default(),
        prepaid: Some(purse("prepaid_minor", "prepaid_held_minor")?),
        rebate: Some(purse("rebate_minor", "rebate_held_minor")?),
        reported_minor: row.try_get("reported_minor")?,
        reported_remittances: row.try_get::<i64, _>("reports")?.try_into().unwrap_or(u32::MAX),
    })
}

fn credit(row: &PgRow) -> sqlx::Result<Option<pb::Credit>> {
    let Some(currency_code) = row.try_get("credit_currency")? else { return Ok(None) };
    let days = |column: &str| -> sqlx::Result<u32> {
        Ok(row.try_get::<i32, _>(column)?.max(0).cast_unsigned())
    };
    Ok(Some(pb::Credit {
        currency_code,
        limit_minor: row.try_get("limit_minor")?,
        temporary_minor: row.try_get("temporary_minor")?,
        temporary: Vec::new(),
        reserved_minor: row.try_get("reserved_minor")?,
        receivable_minor: row.try_get("receivable_minor")?,
        overdue_minor: row.try_get("overdue_minor")?,
        overdue_days: days("days_late")?,
        available_minor: row.try_get("available_minor")?,
        payment_days: days("payment_days")?,
        blocked_reason: row.try_get("blocked_reason")?,
        of_dealer_id: row.try_get::<Option<_>, _>("credit_of")?.unwrap_or_default(),
        of_dealer_name: row.try_get::<Option<_>, _>("holder_name")?.unwrap_or_default(),
        version: row.try_get::<i64, _>("version")?.cast_unsigned(),
    }))
}

/// What is added to a limit today and later.
async fn temporary(
    db: &mut PgConnection,
    tenant: &str,
    holder: &str,
    today: BusinessDate,
) -> sqlx::Result<Vec<pb::TemporaryCredit>> {
    let rows: Vec<(i64, chrono::NaiveDate)> = sqlx::query_as(
        "SELECT amount_minor, until FROM credit_grants
         WHERE tenant_id = $1 AND dealer_id = $2 AND until >= $3 ORDER BY until, position",
    )
    .bind(tenant)
    .bind(holder)
    .bind(today.day())
    .fetch_all(db)
    .await?;
    let told = |(amount_minor, until): (i64, chrono::NaiveDate)| pb::TemporaryCredit {
        amount_minor,
        until: until.to_string(),
    };
    Ok(rows.into_iter().map(told).collect())
}

/// Entries of a dealer's accounts, and those of its orders on the credit of another one.
async fn entries(
    db: &mut PgConnection,
    tenant: &str,
    wanted: &pb::ListFundsEntriesRequest,
    zone: &str,
    page: Page,
) -> Result<Vec<PgRow>, Status> {
    let mut violations = Violations::default();
    let from = date(&mut violations, "from_date", &wanted.from_date);
    let to = date(&mut violations, "to_date", &wanted.to_date);
    violations.finish(Some(()))?;
    sqlx::query(
        "SELECT e.*, coalesce(d.name, of_dealer_id) AS of_dealer_name, count(*) OVER () AS total,
                -- What is there after it is told of the dealer's own accounts only.
                CASE WHEN e.dealer_id = $2 THEN balance_minor END AS own_balance_minor,
                CASE WHEN e.dealer_id = $2 THEN held_minor END AS own_held_minor
         FROM funds_entries e LEFT JOIN dealers d
            ON d.tenant_id = e.tenant_id AND d.dealer_id = of_dealer_id
         WHERE e.tenant_id = $1 AND (e.dealer_id = $2 OR of_dealer_id = $2)
         AND (cardinality($3::int[]) = 0 OR account = ANY($3))
         AND ($4::date IS NULL OR (occurred_at AT TIME ZONE $6)::date >= $4)
         AND ($5::date IS NULL OR (occurred_at AT TIME ZONE $6)::date <= $5)
         ORDER BY position DESC LIMIT $7 OFFSET $8",
    )
    .bind(tenant)
    .bind(&wanted.dealer_id)
    .bind(&wanted.accounts)
    .bind(from)
    .bind(to)
    .bind(zone)
    .bind(page.limit)
    .bind(page.offset)
    .fetch_all(db)
    .await
    .map_err(failed)
}

pub(crate) fn entry(row: &PgRow) -> sqlx::Result<pb::FundsEntry> {
    Ok(pb::FundsEntry {
        position: row.try_get::<i64, _>("position")?.cast_unsigned(),
        account: row.try_get("account")?,
        kind: row.try_get("kind")?,
        currency_code: row.try_get("currency_code")?,
        change_minor: row.try_get("change_minor")?,
        held_change_minor: row.try_get("held_change_minor")?,
        balance_minor: row.try_get("own_balance_minor")?,
        held_minor: row.try_get("own_held_minor")?,
        order_id: row.try_get("order_id")?,
        remittance_id: row.try_get("remittance_id")?,
        of_dealer_id: row.try_get("of_dealer_id")?,
        of_dealer_name: row.try_get("of_dealer_name")?,
        reason: row.try_get("reason")?,
        occurred_at: rfc3339(row.try_get("occurred_at")?),
        limit_minor: row.try_get("limit_minor")?,
    })
}

fn receivable(row: &PgRow) -> sqlx::Result<pb::Receivable> {
    Ok(pb::Receivable {
        order_id: row.try_get("order_id")?,
        dealer_id: row.try_get("order_dealer_id")?,
        dealer_name: row.try_get("dealer_name")?,
        currency_code: row.try_get("currency_code")?,
        amount_minor: row.try_get("amount_minor")?,
        open_minor: row.try_get("open_minor")?,
        due_on: row.try_get::<chrono::NaiveDate, _>("due_on")?.to_string(),
        overdue_days: row.try_get::<i32, _>("days_late")?.cast_unsigned(),
    })
}

fn remittance(row: &PgRow) -> sqlx::Result<pb::Remittance> {
    let decided: Option<chrono::DateTime<chrono::Utc>> = row.try_get("decided_at")?;
    Ok(pb::Remittance {
        remittance_id: row.try_get("remittance_id")?,
        dealer_id: row.try_get("dealer_id")?,
        dealer_name: row.try_get("dealer_name")?,
        purpose: row.try_get("purpose")?,
        status: row.try_get("status")?,
        currency_code: row.try_get("currency_code")?,
        amount_minor: row.try_get("amount_minor")?,
        received_minor: row.try_get("received_minor")?,
        paid_on: row.try_get::<chrono::NaiveDate, _>("paid_on")?.to_string(),
        bank_reference: row.try_get("bank_reference")?,
        note: row.try_get("note")?,
        reason: row.try_get("reason")?,
        reported_by: row.try_get("reported_by")?,
        decided_by: row.try_get("decided_by")?,
        reported_at: rfc3339(row.try_get("reported_at")?),
        decided_at: decided.map(rfc3339).unwrap_or_default(),
        version: row.try_get::<i64, _>("version")?.cast_unsigned(),
    })
}
