//! Statements of account.

use kernel::Text;
use kernel::failure::{Violations, status};
use kernel::projection::Progress;
use kernel::rpc::{self, Reply};
use kernel::wall::TenantPool;
use order::statement::{Point, Sum};
use proto::order::v1 as pb;
use proto::order::v1::statement_query_service_server::StatementQueryService;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, Row as _};
use tonic::{Code, Request, Response, Status};

use crate::funds_query::{entry, listed};
use crate::read::{Page, Scope, date, failed, pattern, rfc3339, today, wait};

/// Answers from the read models of statements and of funds, which have their lines.
#[derive(Clone)]
pub(crate) struct StatementQueryApi {
    pub(crate) pool: TenantPool,
    pub(crate) statements: Progress,
    pub(crate) funds: Progress,
}

/// Statements that the caller sees, the newest first. To people of a dealer there are no drafts.
const STATEMENTS: &str = "
    SELECT s.*, coalesce(d.name, s.dealer_id) AS dealer_name, count(*) OVER () AS total,
           greatest($11 - (waiting_since AT TIME ZONE $12)::date, 0) AS waiting_days
    FROM statements s LEFT JOIN dealers d USING (tenant_id, dealer_id)
    WHERE s.tenant_id = $1
    AND ($2::text IS NULL OR (s.dealer_id = $2 AND s.status NOT IN (1, 7)))
    AND ($3::text[] IS NULL OR d.region_id = ANY($3))
    AND ($4 = '' OR s.statement_id = $4) AND ($5 = '' OR s.dealer_id = $5)
    AND (cardinality($6::int[]) = 0 OR s.account = ANY($6))
    AND (cardinality($7::int[]) = 0 OR s.status = ANY($7))
    AND ($8::text IS NULL OR s.statement_id ILIKE $8 OR s.dealer_id ILIKE $8 OR d.name ILIKE $8)
    AND ($9::date IS NULL OR s.until_date >= $9) AND ($10::date IS NULL OR s.until_date <= $10)
    AND ($13 = 0 OR $11 - (waiting_since AT TIME ZONE $12)::date >= $13)
    ORDER BY s.until_date DESC, s.made_at DESC, s.statement_id LIMIT $14 OFFSET $15";

/// The entries that a statement has.
const LINES: &str = "
    SELECT e.*, coalesce(d.name, of_dealer_id) AS of_dealer_name, count(*) OVER () AS total,
           balance_minor AS own_balance_minor, held_minor AS own_held_minor
    FROM funds_entries e LEFT JOIN dealers d
        ON d.tenant_id = e.tenant_id AND d.dealer_id = of_dealer_id
    WHERE e.tenant_id = $1 AND e.dealer_id = $2 AND account = $3 AND currency_code = $4
    AND position > $5 AND position <= $6 AND balance_minor IS NOT NULL
    ORDER BY position LIMIT $7 OFFSET $8";

/// Accounts that have moved by a day, and were not stated until then. It goes from the first entry of
/// each account to that of the next one, by the index of accounts: entries there are as many as there
/// ever was.
const ACCOUNTS: &str = "
    WITH RECURSIVE accounts AS (
        (SELECT dealer_id, account, currency_code, occurred_at FROM funds_entries
         WHERE tenant_id = $1 AND balance_minor IS NOT NULL
         ORDER BY dealer_id, account, currency_code, position LIMIT 1)
        UNION ALL
        SELECT n.* FROM accounts a CROSS JOIN LATERAL (
            SELECT dealer_id, account, currency_code, occurred_at FROM funds_entries
            WHERE tenant_id = $1 AND balance_minor IS NOT NULL
            AND (dealer_id, account, currency_code) > (a.dealer_id, a.account, a.currency_code)
            ORDER BY dealer_id, account, currency_code, position LIMIT 1
        ) n
    )
    SELECT e.*, coalesce(d.name, e.dealer_id) AS dealer_name, count(*) OVER () AS total,
           coalesce(s.until_date + 1, e.first) AS from_date
    FROM (
        SELECT $1 AS tenant_id, dealer_id, account, currency_code,
               (occurred_at AT TIME ZONE $4)::date AS first
        FROM accounts
    ) e LEFT JOIN dealers d USING (tenant_id, dealer_id)
    LEFT JOIN LATERAL (
        SELECT max(until_date) AS until_date FROM statements s
        WHERE s.tenant_id = e.tenant_id AND s.dealer_id = e.dealer_id AND s.account = e.account
        AND s.currency_code = e.currency_code AND s.status NOT IN (6, 7)
    ) s ON true
    WHERE ($2::text[] IS NULL OR d.region_id = ANY($2))
    AND e.first <= $3 AND (s.until_date IS NULL OR s.until_date < $3)
    ORDER BY e.dealer_id, e.account, e.currency_code LIMIT $5 OFFSET $6";

#[tonic::async_trait]
impl StatementQueryService for StatementQueryApi {
    async fn get_statement(
        &self,
        request: Request<pb::GetStatementRequest>,
    ) -> Reply<pb::GetStatementResponse> {
        let seen = Seen::of(&request, &self.pool).await?;
        let pb::GetStatementRequest { statement_id, min_position } = request.into_inner();
        let freshness = wait(&self.statements, min_position).await?;
        let mut db = self.pool.begin(&seen.scope.tenant).await.map_err(failed)?;
        let mut statement = one(&mut db, &seen, statement_id).await?;
        let steps = steps(&mut db, &seen.scope, &statement.statement_id).await;
        statement.steps = steps.map_err(failed)?;
        let freshness = Some(freshness);
        Ok(Response::new(pb::GetStatementResponse { statement: Some(statement), freshness }))
    }

    async fn list_statements(
        &self,
        request: Request<pb::ListStatementsRequest>,
    ) -> Reply<pb::ListStatementsResponse> {
        let seen = Seen::of(&request, &self.pool).await?;
        let wanted = request.into_inner();
        let page = Page::of(wanted.page.clone())?;
        let freshness = wait(&self.statements, wanted.min_position).await?;
        let mut db = self.pool.begin(&seen.scope.tenant).await.map_err(failed)?;
        let (statements, total) = found(&mut db, &seen, (wanted, String::new()), &page).await?;
        Ok(Response::new(pb::ListStatementsResponse {
            statements,
            page: Some(page.info(total)),
            freshness: Some(freshness),
        }))
    }

    async fn list_statement_lines(
        &self,
        request: Request<pb::ListStatementLinesRequest>,
    ) -> Reply<pb::ListStatementLinesResponse> {
        let seen = Seen::of(&request, &self.pool).await?;
        let wanted = request.into_inner();
        let page = Page::of(wanted.page)?;
        wait(&self.statements, wanted.min_position).await?;
        let mut db = self.pool.begin(&seen.scope.tenant).await.map_err(failed)?;
        let statement = one(&mut db, &seen, wanted.statement_id).await?;
        let freshness = wait(&self.funds, statement.upto_position).await?;
        let rows = sqlx::query(LINES)
            .bind(&seen.scope.tenant)
            .bind(&statement.dealer_id)
            .bind(statement.account)
            .bind(&statement.currency_code)
            .bind(statement.after_position.cast_signed())
            .bind(statement.upto_position.cast_signed())
            .bind(page.limit)
            .bind(page.offset)
            .fetch_all(&mut *db)
            .await
            .map_err(failed)?;
        let (lines, total) = listed(&rows, entry).map_err(failed)?;
        Ok(Response::new(pb::ListStatementLinesResponse {
            lines,
            page: Some(page.info(total)),
            freshness: Some(freshness),
        }))
    }

    async fn list_accounts_to_state(
        &self,
        request: Request<pb::ListAccountsToStateRequest>,
    ) -> Reply<pb::ListAccountsToStateResponse> {
        let seen = Seen::of(&request, &self.pool).await?;
        let wanted = request.into_inner();
        let page = Page::of(wanted.page)?;
        let mut violations = Violations::default();
        let until = date(&mut violations, "until_date", &wanted.until_date);
        let until = violations.finish(until)?;
        wait(&self.funds, wanted.min_position).await?;
        let freshness = wait(&self.statements, wanted.min_position).await?;
        let mut db = self.pool.begin(&seen.scope.tenant).await.map_err(failed)?;
        let rows = sqlx::query(ACCOUNTS)
            .bind(&seen.scope.tenant)
            .bind(&seen.scope.regions)
            .bind(until)
            .bind(&seen.zone)
            .bind(page.limit)
            .bind(page.offset)
            .fetch_all(&mut *db)
            .await
            .map_err(failed)?;
        let (accounts, total) = listed(&rows, account).map_err(failed)?;
        Ok(Response::new(pb::ListAccountsToStateResponse {
            accounts,
            page: Some(page.info(total)),
            freshness: Some(freshness),
        }))
    }
}

/// Whose statements the caller sees, and on which day.
struct Seen {
    scope: Scope,
    today: chrono::NaiveDate,
    zone: String,
}

impl Seen {
    async fn of<T: Sync>(request: &Request<T>, pool: &TenantPool) -> Result<Self, Status> {
        let scope = Scope::of(request, pool).await?;
        let zone = rpc::caller(request)?.time_zone.clone();
        Ok(Self { scope, today: today(request)?.day(), zone })
    }
}

async fn one(
    db: &mut PgConnection,
    seen: &Seen,
    statement_id: String,
) -> Result<pb::Statement, Status> {
    let all = pb::ListStatementsRequest::default();
    let page = Page { limit: 1, offset: 0 };
    let (found, _) = found(db, seen, (all, statement_id), &page).await?;
    found.into_iter().next().ok_or_else(|| {
        let text = Text::new(
            "没有这份对账单，或您无权查看",
            "there is no such statement, or you may not see it; check its number",
        );
        status(Code::NotFound, "STATEMENT_NOT_FOUND", &text)
    })
}

async fn found(
    db: &mut PgConnection,
    seen: &Seen,
    (wanted, statement_id): (pb::ListStatementsRequest, String),
    page: &Page,
) -> Result<(Vec<pb::Statement>, i64), Status> {
    let mut violations = Violations::default();
    let from = date(&mut violations, "until_from", &wanted.until_from);
    let to = date(&mut violations, "until_to", &wanted.until_to);
    violations.finish(Some(()))?;
    let rows = sqlx::query(STATEMENTS)
        .bind(&seen.scope.tenant)
        .bind(&seen.scope.dealer)
        .bind(&seen.scope.regions)
        .bind(statement_id)
        .bind(wanted.dealer_id)
        .bind(wanted.accounts)
        .bind(wanted.statuses)
        .bind(pattern(&wanted.search))
        .bind(from)
        .bind(to)
        .bind(seen.today)
        .bind(&seen.zone)
        .bind(wanted.waiting_days.cast_signed())
        .bind(page.limit)
        .bind(page.offset)
        .fetch_all(db)
        .await
        .map_err(failed)?;
    listed(&rows, statement).map_err(failed)
}

async fn steps(
    db: &mut PgConnection,
    scope: &Scope,
    statement_id: &str,
) -> sqlx::Result<Vec<pb::StatementStep>> {
    // What was done before a dealer could see it is of no concern to its people.
    let rows = sqlx::query(
        "SELECT * FROM statement_steps WHERE tenant_id = $1 AND statement_id = $2
         AND NOT ($3 AND act = 1) ORDER BY version",
    )
    .bind(&scope.tenant)
    .bind(statement_id)
    .bind(scope.dealer.is_some())
    .fetch_all(db)
    .await?;
    rows.iter().map(step).collect()
}

fn step(row: &PgRow) -> sqlx::Result<pb::StatementStep> {
    Ok(pb::StatementStep {
        act: row.try_get("act")?,
        actor_id: row.try_get("actor_id")?,
        done_at: rfc3339(row.try_get("done_at")?),
        text: row.try_get("text")?,
    })
}

fn account(row: &PgRow) -> sqlx::Result<pb::AccountToState> {
    Ok(pb::AccountToState {
        dealer_id: row.try_get("dealer_id")?,
        dealer_name: row.try_get("dealer_name")?,
        account: row.try_get("account")?,
        currency_code: row.try_get("currency_code")?,
        from_date: row.try_get::<chrono::NaiveDate, _>("from_date")?.to_string(),
    })
}

fn statement(row: &PgRow) -> sqlx::Result<pb::Statement> {
    let count =
        |column: &str| Ok::<u32, sqlx::Error>(row.try_get::<i32, _>(column)?.cast_unsigned());
    let position =
        |column: &str| Ok::<u64, sqlx::Error>(row.try_get::<i64, _>(column)?.cast_unsigned());
    let day = |column: &str| {
        Ok::<_, sqlx::Error>(row.try_get::<chrono::NaiveDate, _>(column)?.to_string())
    };
    let Json(sums) = row.try_get::<Json<Vec<Sum>>, _>("sums")?;
    let Json(disputed) = row.try_get::<Json<Vec<Point>>, _>("disputed")?;
    let waiting = row.try_get::<Option<_>, _>("waiting_since")?;
    let waited = row.try_get::<Option<i32>, _>("waiting_days")?.unwrap_or_default();
    Ok(pb::Statement {
        statement_id: row.try_get("statement_id")?,
        dealer_id: row.try_get("dealer_id")?,
        dealer_name: row.try_get("dealer_name")?,
        account: row.try_get("account")?,
        currency_code: row.try_get("currency_code")?,
        from_date: day("from_date")?,
        until_date: day("until_date")?,
        status: row.try_get("status")?,
        opening_minor: row.try_get("opening_minor")?,
        opening_held_minor: row.try_get("opening_held_minor")?,
        closing_minor: row.try_get("closing_minor")?,
        closing_held_minor: row.try_get("closing_held_minor")?,
        sums: sums.into_iter().map(sum).collect(),
        line_count: count("line_count")?,
        overdue_minor: row.try_get("overdue_minor")?,
        overdue_days: count("overdue_days")?,
        digest: row.try_get("digest")?,
        follows: row.try_get("follows")?,
        replaces: row.try_get("replaces")?,
        replaced_by: row.try_get("replaced_by")?,
        after_position: position("after_position")?,
        upto_position: position("upto_position")?,
        waiting_since: waiting.map(rfc3339).unwrap_or_default(),
        waiting_days: waited.cast_unsigned(),
        disputed: disputed.into_iter().map(point).collect(),
        steps: Vec::new(),
        version: position("version")?,
    })
}

fn sum(sum: Sum) -> pb::StatementSum {
    pb::StatementSum {
        kind: pb::FundsEntryKind::from(sum.kind).into(),
        count: sum.count,
        change_minor: sum.change_minor.0,
        held_change_minor: sum.held_change_minor.0,
    }
}

fn point(point: Point) -> pb::DisputedPoint {
    pb::DisputedPoint { position: point.position, reason: point.reason }
}
