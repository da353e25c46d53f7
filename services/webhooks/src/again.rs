//! Deliveries that are sent again because somebody asks for it.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// Which deliveries of an endpoint.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Which {
    /// This one, whatever came of it.
    One(Uuid),
    /// All that were given up, of events since a time.
    FailedSince(DateTime<Utc>),
}

/// Makes deliveries due, and takes back that they came to an end; gives how many. One that is being
/// sent at this moment is left to whoever sends it.
pub(crate) async fn send_again(
    db: &mut PgConnection,
    (tenant, endpoint): (&str, &str),
    which: Which,
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let (one, failed_since) = match which {
        Which::One(delivery_id) => (Some(delivery_id), None),
        Which::FailedSince(time) => (None, Some(time)),
    };
    let count: i64 = sqlx::query_scalar(
        "WITH before AS (
             SELECT delivery_id, status, (ended_at AT TIME ZONE 'UTC')::date AS day
             FROM webhook_deliveries
             WHERE tenant_id = $1 AND endpoint_id = $2
                 AND ($3::uuid IS NULL OR delivery_id = $3)
                 AND ($4::timestamptz IS NULL OR (status = 'failed' AND occurred_at >= $4))
                 AND (claim IS NULL OR next_at <= $5)
             FOR UPDATE
         ), again AS (
             UPDATE webhook_deliveries AS known SET status = 'pending', tries = 0, next_at = $5,
                 claim = NULL, ended_at = NULL
             FROM before
             WHERE known.tenant_id = $1 AND known.delivery_id = before.delivery_id
         ), ended AS (
             SELECT day, count(*) FILTER (WHERE status = 'delivered') AS delivered,
                 count(*) FILTER (WHERE status = 'failed') AS failed
             FROM before WHERE day IS NOT NULL GROUP BY day
         ), taken_back AS (
             UPDATE webhook_days AS known
             SET delivered = greatest(0, known.delivered - ended.delivered),
                 failed = greatest(0, known.failed - ended.failed)
             FROM ended
             WHERE known.tenant_id = $1 AND known.endpoint_id = $2 AND known.day = ended.day
         )
         SELECT count(*) FROM before",
    )
    .bind(tenant)
    .bind(endpoint)
    .bind(one)
    .bind(failed_since)
    .bind(now)
    .fetch_one(db)
    .await?;
    Ok(count.cast_unsigned())
}
