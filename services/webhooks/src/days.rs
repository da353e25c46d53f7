//! What came to an end, day by day: counted when it does, so that a list of endpoints costs the same
//! however much was sent.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

/// Days that a list of endpoints tells of, today's with them.
pub(crate) const SHOWN: i32 = 7;
/// How long the counts of a day are kept.
const KEPT: TimeDelta = TimeDelta::days(30);

/// What came to an end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) delivered: i64,
    pub(crate) failed: i64,
}

/// Counts what came to an end for an endpoint at a time.
pub(crate) async fn count(
    db: &mut PgConnection,
    (tenant, endpoint): (&str, &str),
    at: DateTime<Utc>,
    ended: Ended,
) -> sqlx::Result<()> {
    if ended == Ended::default() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO webhook_days AS known (tenant_id, endpoint_id, day, delivered, failed)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant_id, endpoint_id, day) DO UPDATE
         SET delivered = known.delivered + $4, failed = known.failed + $5",
    )
    .bind(tenant)
    .bind(endpoint)
    .bind(at.date_naive())
    .bind(ended.delivered)
    .bind(ended.failed)
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets the counts of an endpoint that is no more.
pub(crate) async fn forget(
    db: &mut PgConnection,
    (tenant, endpoint): (&str, &str),
) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM webhook_days WHERE tenant_id = $1 AND endpoint_id = $2")
        .bind(tenant)
        .bind(endpoint)
        .execute(db)
        .await?;
    Ok(())
}

/// Deletes counts of days that nobody asks for any more.
pub(crate) async fn clean(db: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<()> {
    let old = sqlx::query("DELETE FROM webhook_days WHERE day < $1");
    old.bind((now - KEPT).date_naive()).execute(db).await?;
    Ok(())
}
