//! The rows of deliveries, for whoever sends them: what is due, and what came of it.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::wall;
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use crate::days::{self, Ended};
use crate::follow::KEPT;

/// How long whoever sends a delivery has it for themselves. Longer than any call, so that nobody
/// sends it at the same time; what a process did not live to end is sent by another one after it.
pub(crate) const LEASE: TimeDelta = TimeDelta::seconds(60);
/// How long an endpoint may take nothing before it is disabled.
pub(crate) const PATIENCE: TimeDelta = TimeDelta::days(5);

/// A delivery that is due, taken by whoever asked for it.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Due {
    pub(crate) tenant_id: String,
    pub(crate) delivery_id: Uuid,
    pub(crate) endpoint_id: String,
    pub(crate) event_id: Uuid,
    pub(crate) event_type: String,
    pub(crate) body: String,
    pub(crate) tries: i32,
    pub(crate) claim: Uuid,
    pub(crate) url: String,
    pub(crate) secret_id: Uuid,
    pub(crate) previous_secret_id: Option<Uuid>,
    pub(crate) previous_until: Option<DateTime<Utc>>,
}

/// What an attempt came to.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) at: DateTime<Utc>,
    pub(crate) duration: std::time::Duration,
    pub(crate) http_status: Option<u16>,
    /// In one word; none when the endpoint took it.
    pub(crate) error: Option<&'static str>,
    pub(crate) excerpt: String,
    /// When it is sent again, if it is.
    pub(crate) next_at: Option<DateTime<Utc>>,
}

/// How many deliveries may be under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    pub(crate) in_all: i64,
    pub(crate) each: i32,
}

/// The tables of deliveries, with the rows of all tenants.
#[derive(Clone)]
pub(crate) struct Deliveries(pub(crate) PgPool);

impl Deliveries {
    /// Takes what is due, for as long as [`LEASE`]; of an endpoint not more than it has room for
    /// besides what is under way, and of one that fails one at a time. No endpoint waits for
    /// another one.
    pub(crate) async fn take(
        &self,
        now: DateTime<Utc>,
        room: Room,
        (endpoints, under_way): (Vec<String>, Vec<i32>),
    ) -> sqlx::Result<Vec<Due>> {
        let rows = sqlx::query_as(
            "WITH due AS (
                 SELECT d.tenant_id, d.delivery_id, e.url, e.secret_id, e.previous_secret_id,
                     e.previous_until
                 FROM webhook_endpoints e
                 LEFT JOIN unnest($3::text[], $4::integer[]) AS busy (endpoint_id, under_way)
                     ON busy.endpoint_id = e.endpoint_id
                 CROSS JOIN LATERAL (
                     SELECT tenant_id, delivery_id, next_at, position FROM webhook_deliveries
                     WHERE tenant_id = e.tenant_id AND endpoint_id = e.endpoint_id
                         AND status = 'pending' AND next_at <= $1
                     ORDER BY next_at, position
                     LIMIT greatest(0, CASE WHEN e.failing_since IS NULL THEN $5 ELSE 1 END
                         - coalesce(busy.under_way, 0))
                     FOR UPDATE SKIP LOCKED
                 ) AS d
                 WHERE e.enabled AND e.closing IS NULL
                 ORDER BY d.next_at, d.position LIMIT $2
             )
             UPDATE webhook_deliveries AS w
             SET next_at = $6, claim = gen_random_uuid()
             FROM due WHERE w.tenant_id = due.tenant_id AND w.delivery_id = due.delivery_id
             RETURNING w.tenant_id, w.delivery_id, w.endpoint_id, w.event_id, w.event_type, w.body,
                 w.tries, w.claim, due.url, due.secret_id, due.previous_secret_id,
                 due.previous_until",
        );
        rows.bind(now)
            .bind(room.in_all)
            .bind(endpoints)
            .bind(under_way)
            .bind(room.each)
            .bind(now + LEASE)
            .fetch_all(&self.0)
            .await
    }

    /// Notes what came of a delivery that was taken, unless somebody else has taken it since.
    pub(crate) async fn note(&self, due: &Due, attempt: &Attempt) -> sqlx::Result<()> {
        let mut tx = wall::begin(&self.0).await?;
        // Endpoints before deliveries, as whoever follows the facts does.
        let taken = attempt.error.is_none();
        let gone = attempt.http_status == Some(410);
        sqlx::query(
            "UPDATE webhook_endpoints
             SET failing_since = CASE WHEN $4 THEN NULL ELSE coalesce(failing_since, $5) END,
                 closing = CASE WHEN $4 THEN closing WHEN $6 THEN 'gone'
                     WHEN failing_since <= $7 THEN 'failing' ELSE closing END
             WHERE tenant_id = $1 AND endpoint_id = $2 AND url = $3
                 AND (failing_since IS NOT NULL OR NOT $4)",
        )
        .bind(&due.tenant_id)
        .bind(&due.endpoint_id)
        .bind(&due.url)
        .bind(taken)
        .bind(attempt.at)
        .bind(gone)
        .bind(attempt.at - PATIENCE)
        .execute(&mut *tx)
        .await?;
        let status = match (taken, attempt.next_at) {
            (true, _) => "delivered",
            (false, Some(_)) => "pending",
            (false, None) => "failed",
        };
        let number: Option<i32> = sqlx::query_scalar(
            "UPDATE webhook_deliveries
             SET status = $4, tries = tries + 1, attempts = attempts + 1, next_at = $5,
                 claim = NULL, last_status = $6, last_error = $7,
                 ended_at = CASE WHEN $4 = 'pending' THEN NULL ELSE $8 END
             WHERE tenant_id = $1 AND delivery_id = $2 AND claim = $3 RETURNING attempts",
        )
        .bind(&due.tenant_id)
        .bind(due.delivery_id)
        .bind(due.claim)
        .bind(status)
        .bind(attempt.next_at)
        .bind(attempt.http_status.map(i32::from))
        .bind(attempt.error)
        .bind(attempt.at)
        .fetch_optional(&mut *tx)
        .await?;
        let Some(number) = number else { return Ok(()) };
        let whose = (due.tenant_id.as_str(), due.endpoint_id.as_str());
        let ended = match status {
            "delivered" => Ended { delivered: 1, failed: 0 },
            "failed" => Ended { delivered: 0, failed: 1 },
            _ => Ended::default(),
        };
        days::count(&mut tx, whose, attempt.at, ended).await?;
        sqlx::query(
            "INSERT INTO webhook_attempts (tenant_id, delivery_id, number, at, duration_ms,
                 http_status, error, excerpt) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(&due.tenant_id)
        .bind(due.delivery_id)
        .bind(number)
        .bind(attempt.at)
        .bind(i32::try_from(attempt.duration.as_millis()).unwrap_or(i32::MAX))
        .bind(attempt.http_status.map(i32::from))
        .bind(attempt.error)
        // PostgreSQL has no place for this sign in a text.
        .bind(attempt.excerpt.replace('\0', "\u{fffd}"))
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }

    /// Deletes what is older than it is kept.
    pub(crate) async fn clean(&self, now: DateTime<Utc>) -> sqlx::Result<()> {
        for statement in [
            "DELETE FROM webhook_attempts WHERE at < $1",
            "DELETE FROM webhook_deliveries WHERE created_at < $1 AND status <> 'pending'",
        ] {
            sqlx::query(statement).bind(now - KEPT).execute(&self.0).await?;
        }
        days::clean(&mut *self.0.acquire().await?, now).await
    }
}
