//! The rows of documents: what is due, when it is due again, and what came of it.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use crate::wishes::SKIPPED;

/// How long whoever hands a document over has it for themselves; it says so again before that is
/// over. What a process did not live to end is taken on by another one after it.
pub(crate) const LEASE: TimeDelta = TimeDelta::seconds(20);
/// How long it is tried again what the books do not answer.
const PATIENCE: TimeDelta = TimeDelta::days(3);
/// Documents of one kind and brand that begin at once.
const BEGUN: i64 = 500;
/// Documents of one brand under way at the same time.
const ROOM: i64 = 4;

/// A document that is due, taken by whoever asked for it.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Due {
    pub(crate) tenant_id: String,
    pub(crate) number: String,
    pub(crate) kind: String,
    pub(crate) aggregate: String,
    pub(crate) object_id: String,
    pub(crate) lane: String,
    pub(crate) position: i64,
    pub(crate) recorded_at: DateTime<Utc>,
    pub(crate) status: String,
    pub(crate) checking: bool,
    /// What the books may have heard of it; none: nothing.
    pub(crate) made_at: Option<i64>,
    /// Whether its order was cancelled.
    pub(crate) cancelled: bool,
    pub(crate) tries: i32,
    pub(crate) begun_at: Option<DateTime<Utc>>,
    pub(crate) claim: Uuid,
}

/// What came of handing a document over.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// The books have it.
    Sent { their_number: String },
    /// A person has to mend something.
    Refused { code: String, words: String },
    /// It is tried again.
    Again { code: String, words: String, pause: TimeDelta },
    /// There is nothing to hand over.
    Nothing { words: String },
}

/// What a document is about, for lists.
#[derive(Clone, Debug, Default)]
pub(crate) struct About {
    pub(crate) dealer_id: String,
    pub(crate) currency: String,
    pub(crate) amount_minor: i64,
    /// The position that it is told as of.
    pub(crate) as_of: i64,
}

/// Goods that came back in a case that is not settled yet.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct CameBack {
    pub(crate) after_sale_id: String,
    pub(crate) position: i64,
}

/// The tables, with the rows of all tenants.
#[derive(Clone)]
pub(crate) struct Documents(pub(crate) PgPool);

impl Documents {
    /// Lets begin what brands want to hand over by now, some at a time. What is looked for often is
    /// looked for by an index, whatever the planner knows of the table.
    pub(crate) async fn begin(&self, now: DateTime<Utc>) -> sqlx::Result<()> {
        let wanted = sqlx::query_as(
            "SELECT d.tenant_id, d.number FROM connector_wants w
             CROSS JOIN LATERAL (
                 SELECT tenant_id, number FROM connector_documents
                 WHERE tenant_id = w.tenant_id AND kind = w.kind AND status = 'idle'
                     AND recorded_at >= w.since AND NOT w.shipped
                 ORDER BY recorded_at LIMIT $1
             ) AS d
             UNION ALL
             SELECT d.tenant_id, d.number FROM connector_wants w
             CROSS JOIN LATERAL (
                 SELECT tenant_id, number FROM connector_documents
                 WHERE tenant_id = w.tenant_id AND kind = w.kind AND status = 'idle'
                     AND shipped_at >= w.since AND w.shipped
                 ORDER BY shipped_at LIMIT $1
             ) AS d",
        );
        let wanted: Vec<(String, String)> = wanted.bind(BEGUN).fetch_all(&self.0).await?;
        if wanted.is_empty() {
            return Ok(());
        }
        let (tenants, numbers): (Vec<_>, Vec<_>) = wanted.into_iter().unzip();
        sqlx::query(
            "UPDATE connector_documents AS d
             SET status = CASE WHEN s.number IS NULL THEN 'waiting' ELSE 'skipped' END,
                 code = CASE WHEN s.number IS NULL THEN '' ELSE $4 END,
                 words = coalesce(s.reason, ''), next_at = $3
             FROM unnest($1::text[], $2::text[]) AS wanted (tenant_id, number)
             LEFT JOIN connector_skips s
                 ON s.tenant_id = wanted.tenant_id AND s.number = wanted.number
             WHERE d.tenant_id = wanted.tenant_id AND d.number = wanted.number
                 AND d.status = 'idle'",
        )
        .bind(tenants)
        .bind(numbers)
        .bind(now)
        .bind(SKIPPED)
        .execute(&self.0)
        .await
        .map(drop)
    }

    /// Takes what is due, for as long as [`LEASE`]: of an order one after the other, of a brand
    /// some at a time, and of one whose books do not answer a single one.
    pub(crate) async fn take(&self, now: DateTime<Utc>, most: i64) -> sqlx::Result<Vec<Due>> {
        let rows = sqlx::query_as(
            "WITH due AS (
                 SELECT d.tenant_id, d.number FROM connector_connections c
                 CROSS JOIN LATERAL (
                     SELECT count(*) AS under_way FROM connector_documents
                     WHERE tenant_id = c.tenant_id AND status = 'waiting' AND claim IS NOT NULL
                         AND next_at > $1
                 ) AS busy
                 CROSS JOIN LATERAL (
                     SELECT tenant_id, number, next_at, position FROM connector_documents w
                     WHERE tenant_id = c.tenant_id AND status = 'waiting' AND next_at <= $1
                         AND NOT EXISTS (
                             SELECT FROM connector_documents e
                             WHERE e.tenant_id = w.tenant_id AND e.lane = w.lane
                                 AND e.position < w.position
                                 AND e.status IN ('waiting', 'refused', 'given_up')
                         )
                     ORDER BY next_at, position
                     LIMIT greatest(0, CASE WHEN c.failing_since IS NULL THEN $3 ELSE 1 END
                         - busy.under_way)
                     FOR UPDATE SKIP LOCKED
                 ) AS d
                 WHERE NOT c.paused
                 ORDER BY d.next_at, d.position LIMIT $2
             )
             UPDATE connector_documents AS w
             SET next_at = $4, claim = gen_random_uuid(), begun_at = coalesce(begun_at, $1)
             FROM due WHERE w.tenant_id = due.tenant_id AND w.number = due.number
             RETURNING w.tenant_id, w.number, w.kind, w.aggregate, w.object_id, w.lane, w.position,
                 w.recorded_at, w.status, w.checking, w.made_at,
                 w.cancelled_at IS NOT NULL AS cancelled, w.tries, w.begun_at, w.claim",
        );
        rows.bind(now).bind(most).bind(ROOM).bind(now + LEASE).fetch_all(&self.0).await
    }

    /// Says that a document is still being handed over; false when somebody else has it.
    pub(crate) async fn hold(&self, due: &Due, now: DateTime<Utc>) -> sqlx::Result<bool> {
        let held = sqlx::query(
            "UPDATE connector_documents SET next_at = $4
             WHERE tenant_id = $1 AND number = $2 AND claim = $3",
        );
        let held = held.bind(&due.tenant_id).bind(&due.number).bind(due.claim).bind(now + LEASE);
        Ok(held.execute(&self.0).await?.rows_affected() > 0)
    }

    /// Notes what a document is about, before any of that is sent.
    pub(crate) async fn describe(&self, due: &Due, about: &About) -> sqlx::Result<()> {
        sqlx::query(
            "UPDATE connector_documents
             SET dealer_id = $3, currency = $4, amount_minor = $5, made_at = $6
             WHERE tenant_id = $1 AND number = $2",
        )
        .bind(&due.tenant_id)
        .bind(&due.number)
        .bind(&about.dealer_id)
        .bind(&about.currency)
        .bind(about.amount_minor)
        .bind(about.as_of)
        .execute(&self.0)
        .await
        .map(drop)
    }

    /// Notes that the books have lost a document that they had.
    pub(crate) async fn missing(&self, due: &Due) -> sqlx::Result<()> {
        sqlx::query(
            "UPDATE connector_documents SET was_missing = true
             WHERE tenant_id = $1 AND number = $2",
        )
        .bind(&due.tenant_id)
        .bind(&due.number)
        .execute(&self.0)
        .await
        .map(drop)
    }

    /// Notes what came of a document. What the books have they have, whoever handed it over; all
    /// else counts only as long as nobody else has taken the document since. Of an order that was
    /// cancelled while it was refused the books may keep a part: it is looked for.
    pub(crate) async fn note(
        &self,
        due: &Due,
        outcome: &Outcome,
        now: DateTime<Utc>,
    ) -> sqlx::Result<()> {
        let patient = due.begun_at.is_none_or(|begun| now < begun + PATIENCE);
        let (status, next_at) = match outcome {
            Outcome::Sent { .. } => ("sent", None),
            Outcome::Refused { .. } => ("refused", None),
            Outcome::Nothing { .. } => ("skipped", None),
            Outcome::Again { pause, .. } if patient => ("waiting", Some(now + *pause)),
            Outcome::Again { .. } => ("given_up", None),
        };
        let their_number = match outcome {
            Outcome::Sent { their_number } => their_number.as_str(),
            Outcome::Refused { .. } | Outcome::Again { .. } | Outcome::Nothing { .. } => "",
        };
        let (code, words) = match outcome {
            Outcome::Sent { .. } => ("", ""),
            Outcome::Refused { code, words } | Outcome::Again { code, words, .. } => {
                (code.as_str(), words.as_str())
            }
            Outcome::Nothing { words } => ("NOTHING", words.as_str()),
        };
        sqlx::query(
            "UPDATE connector_documents
             SET status = CASE WHEN $4 = 'refused' AND cancelled_at IS NOT NULL AND NOT $10
                     THEN 'waiting' ELSE $4 END,
                 next_at = CASE WHEN $4 = 'refused' AND cancelled_at IS NOT NULL AND NOT $10
                     THEN $9 ELSE $5 END,
                 claim = NULL, code = $6, words = $7,
                 their_number = CASE WHEN $8 = '' THEN their_number ELSE $8 END,
                 checking = checking AND $4 = 'waiting',
                 tries = tries + 1, attempts = attempts + 1,
                 ended_at = CASE WHEN $4 = 'waiting' THEN NULL ELSE $9 END
             WHERE tenant_id = $1 AND number = $2 AND (claim = $3 OR $4 = 'sent')",
        )
        .bind(&due.tenant_id)
        .bind(&due.number)
        .bind(due.claim)
        .bind(status)
        .bind(next_at)
        .bind(code)
        .bind(words)
        .bind(their_number)
        .bind(now)
        .bind(due.cancelled)
        .execute(&self.0)
        .await?;
        self.answers(&due.tenant_id, !matches!(outcome, Outcome::Again { .. }), now).await
    }

    /// Notes whether the books of a brand answer.
    async fn answers(&self, tenant: &str, well: bool, now: DateTime<Utc>) -> sqlx::Result<()> {
        sqlx::query(
            "UPDATE connector_connections
             SET failing_since = CASE WHEN $2 THEN NULL ELSE coalesce(failing_since, $3) END
             WHERE tenant_id = $1 AND (NOT $2 OR failing_since IS NOT NULL)",
        )
        .bind(tenant)
        .bind(well)
        .bind(now)
        .execute(&self.0)
        .await
        .map(drop)
    }

    /// The number that the books gave the order of a document.
    pub(crate) async fn order_there(&self, due: &Due) -> sqlx::Result<Option<String>> {
        let number = sqlx::query_scalar(
            "SELECT their_number FROM connector_documents
             WHERE tenant_id = $1 AND lane = $2 AND kind = 'sales_order' AND their_number <> ''",
        );
        number.bind(&due.tenant_id).bind(&due.lane).fetch_optional(&self.0).await
    }

    /// Deliveries and returns that the books of a brand are to have, and have not as far as is known:
    /// those they never told a number of, those they have lost, and those that are to begin yet.
    pub(crate) async fn unsent(&self, tenant: &str) -> sqlx::Result<Vec<Due>> {
        let rows = sqlx::query_as(
            "SELECT d.tenant_id, d.number, d.kind, d.aggregate, d.object_id, d.lane, d.position,
                 d.recorded_at, d.status, d.checking, d.made_at,
                 d.cancelled_at IS NOT NULL AS cancelled, d.tries, d.begun_at,
                 coalesce(d.claim, gen_random_uuid()) AS claim
             FROM (
                 SELECT number FROM connector_documents
                 WHERE tenant_id = $1 AND kind IN ('delivery', 'return')
                     AND status IN ('waiting', 'refused', 'given_up')
                     AND (their_number = '' OR was_missing)
                 UNION ALL
                 SELECT i.number FROM connector_wants w
                 JOIN connector_documents i ON i.tenant_id = w.tenant_id AND i.kind = w.kind
                     AND i.recorded_at >= w.since
                 WHERE w.tenant_id = $1 AND w.kind IN ('delivery', 'return') AND i.status = 'idle'
                     AND NOT EXISTS (
                         SELECT FROM connector_skips s
                         WHERE s.tenant_id = i.tenant_id AND s.number = i.number
                     )
             ) AS not_there
             JOIN connector_documents d ON d.tenant_id = $1 AND d.number = not_there.number
             ORDER BY d.position",
        );
        rows.bind(tenant).fetch_all(&self.0).await
    }

    /// Cases that are not settled yet, and of which a brand hands over what came back once they are.
    pub(crate) async fn came_back(&self, tenant: &str) -> sqlx::Result<Vec<CameBack>> {
        let rows = sqlx::query_as(
            "SELECT r.after_sale_id, r.position FROM connector_returns r
             WHERE r.tenant_id = $1 AND EXISTS (
                 SELECT FROM connector_wants WHERE tenant_id = $1 AND kind = 'return'
             )
             ORDER BY r.after_sale_id",
        );
        rows.bind(tenant).fetch_all(&self.0).await
    }
}
