//! A batch as a whole, by one statement: the way that nearly all of them go.
//!
//! Positions and hashes are made here, on the end of the log as this process knows it, so that the
//! database only has to store rows. The statement moves the end of the log from what it was taken
//! for, and stores nothing when it was not that: another process was faster.

use std::sync::{Arc, LazyLock};

use chrono::{DateTime, Utc};
use proof::{StoredEvent, chain_step};
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{PgConnection, Postgres, Row as _};
use uuid::Uuid;

use super::append::{Append, Receipt};
use super::columns::{metadata_json, stored_id};
use super::ends::End;
use super::head::Head;
use super::queue::{Answer, Outcome};

/// What the tables do not refuse by themselves: a stream that is not as it was read, or a request
/// that was answered before.
const NO_SURPRISE: &str = "NOT EXISTS (
    SELECT FROM unnest($1::text[], $2::text[], $3::bigint[], $4::uuid[])
        AS wanted (type, id, version, after)
    LEFT JOIN LATERAL (
        SELECT sequence, event_id FROM events
        WHERE aggregate_id = wanted.id AND aggregate_type = wanted.type
        ORDER BY sequence DESC LIMIT 1
    ) AS last ON true
    WHERE coalesce(last.sequence, 0) <> wanted.version
        OR (wanted.after IS NOT NULL AND wanted.after IS DISTINCT FROM last.event_id)
    UNION ALL
    SELECT FROM unnest($5::uuid[], $6::text[]) AS asked (id, tenant)
    JOIN requests ON request_id = asked.id AND tenant_id = asked.tenant
)";

/// The rows of a batch. `%` stands for what else must be so; parameters 1 to 6 are of that.
const STORE: &str = "
WITH head AS (
    UPDATE log_head SET position = $7, hash = $8, recorded_at = $9
    WHERE position = $10 AND hash = $11 AND recorded_at <= $9 AND %
    RETURNING clock_timestamp() AS now
), kept AS (
    INSERT INTO requests (request_id, tenant_id, digest, position, object_id, version)
    SELECT * FROM unnest($12::uuid[], $13::text[], $14::bytea[], $15::bigint[], $16::text[],
        $17::bigint[])
    WHERE EXISTS (SELECT FROM head)
), stored AS (
    INSERT INTO events (aggregate_id, aggregate_type, sequence, event_type, event_version, payload,
        metadata, position, event_id, tenant_id, recorded_at, hash)
    SELECT id, type, sequence, name, version, payload::json, metadata::json, position, event_id,
        tenant, $9, hash
    FROM unnest($18::text[], $19::text[], $20::bigint[], $21::text[], $22::text[], $23::text[],
        $24::text[], $25::bigint[], $26::uuid[], $27::text[], $28::bytea[])
        AS new (id, type, sequence, name, version, payload, metadata, position, event_id, tenant,
            hash)
    WHERE EXISTS (SELECT FROM head)
)
SELECT now FROM head";

static CHECKED: LazyLock<String> = LazyLock::new(|| STORE.replace('%', NO_SURPRISE));
static UNCHECKED: LazyLock<String> = LazyLock::new(|| {
    // The parameters of the check keep their types, so that both statements are bound alike.
    let none = "($1::text[], $2::text[], $3::bigint[], $4::uuid[], $5::uuid[], $6::text[])";
    STORE.replace('%', &format!("{none} IS NOT NULL"))
});
static ASKED: LazyLock<String> =
    LazyLock::new(|| format!("SELECT clock_timestamp() AS now WHERE {NO_SURPRISE}"));

/// How much is looked at before rows are stored.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    /// Only what the tables do not refuse by themselves, with an error for the whole batch.
    Least,
    /// Everything, so that there is no error: a transaction would not survive one.
    All,
}

/// Stores a batch on an end of the log and gives the new end; or stores nothing, because the log
/// does not end so any more, a stream is not as expected, or a request is not new.
pub(super) async fn store(
    db: &mut PgConnection,
    appends: &[Arc<Append>],
    ends: &[End<'_>],
    head: &Head,
    care: Care,
) -> Result<Option<Head>, sqlx::Error> {
    let checks = Checks::of(appends, ends, care);
    let rows = Rows::of(appends, head);
    let statement = match (rows.is_empty(), checks.is_empty()) {
        (true, _) => &ASKED,
        (false, true) => &UNCHECKED,
        (false, false) => &CHECKED,
    };
    let query = checks.bind(sqlx::query(statement));
    let query = if rows.is_empty() { query } else { rows.bind(query, head) };
    let Some(row) = query.fetch_optional(db).await? else { return Ok(None) };
    Ok(Some(Head::after(rows.last, rows.hash, rows.time, row.try_get("now")?)))
}

/// The answers to a batch that was stored after a position.
pub(super) fn answers(appends: &[Arc<Append>], before: u64) -> Vec<Answer> {
    let mut position = before;
    let mut answers = Vec::with_capacity(appends.len());
    for append in appends {
        position += append.len() as u64;
        let (object_id, version) = append.subject();
        let receipt = Receipt { object_id: object_id.to_owned(), version, position };
        answers.push(Ok(Outcome::Stored(receipt)));
    }
    answers
}

type Statement<'q> = Query<'q, Postgres, PgArguments>;

#[derive(Default)]
struct Checks<'a> {
    types: Vec<&'a str>,
    ids: Vec<&'a str>,
    versions: Vec<i64>,
    after: Vec<Option<Uuid>>,
    requests: Vec<Uuid>,
    tenants: Vec<&'a str>,
}

impl<'a> Checks<'a> {
    fn of(appends: &'a [Arc<Append>], ends: &'a [End<'a>], care: Care) -> Self {
        let mut checks = Self::default();
        for end in ends.iter().filter(|end| care == Care::All || !end.begins) {
            checks.types.push(end.aggregate);
            checks.ids.push(&end.id);
            checks.versions.push(end.version);
            checks.after.push(end.after);
        }
        for append in appends.iter().filter(|append| care == Care::All || !append.is_kept()) {
            checks.requests.push(append.request.id);
            checks.tenants.push(&append.metadata.tenant);
        }
        checks
    }

    fn is_empty(&self) -> bool {
        self.ids.is_empty() && self.requests.is_empty()
    }

    fn bind<'q>(&'q self, query: Statement<'q>) -> Statement<'q> {
        query
            .bind(&self.types)
            .bind(&self.ids)
            .bind(&self.versions)
            .bind(&self.after)
            .bind(&self.requests)
            .bind(&self.tenants)
    }
}

/// The arrays of a batch; a prefix says what an entry is: an append's request, or an event.
struct Rows<'a> {
    last: u64,
    hash: proof::Hash,
    time: DateTime<Utc>,
    r_id: Vec<Uuid>,
    r_tenant: Vec<&'a str>,
    r_digest: Vec<&'a [u8]>,
    r_position: Vec<i64>,
    r_object: Vec<Option<&'a str>>,
    r_version: Vec<Option<i64>>,
    e_id: Vec<String>,
    e_type: Vec<&'a str>,
    e_sequence: Vec<i64>,
    e_name: Vec<&'a str>,
    e_version: Vec<String>,
    e_payload: Vec<&'a str>,
    e_metadata: Vec<String>,
    e_position: Vec<i64>,
    e_event_id: Vec<Uuid>,
    e_tenant: Vec<&'a str>,
    e_hash: Vec<proof::Hash>,
}

impl<'a> Rows<'a> {
    fn of(appends: &'a [Arc<Append>], head: &Head) -> Self {
        let mut rows = Self {
            last: head.position,
            hash: head.hash,
            time: head.time(),
            r_id: Vec::with_capacity(appends.len()),
            r_tenant: Vec::with_capacity(appends.len()),
            r_digest: Vec::with_capacity(appends.len()),
            r_position: Vec::with_capacity(appends.len()),
            r_object: Vec::with_capacity(appends.len()),
            r_version: Vec::with_capacity(appends.len()),
            e_id: Vec::with_capacity(appends.len()),
            e_type: Vec::with_capacity(appends.len()),
            e_sequence: Vec::with_capacity(appends.len()),
            e_name: Vec::with_capacity(appends.len()),
            e_version: Vec::with_capacity(appends.len()),
            e_payload: Vec::with_capacity(appends.len()),
            e_metadata: Vec::with_capacity(appends.len()),
            e_position: Vec::with_capacity(appends.len()),
            e_event_id: Vec::with_capacity(appends.len()),
            e_tenant: Vec::with_capacity(appends.len()),
            e_hash: Vec::with_capacity(appends.len()),
        };
        let mut canonical = Vec::with_capacity(1_024);
        for append in appends {
            rows.add(append, &mut canonical);
        }
        rows
    }

    /// Whether there is nothing to store: only questions.
    fn is_empty(&self) -> bool {
        self.e_id.is_empty() && self.r_id.is_empty()
    }

    fn add(&mut self, append: &'a Append, canonical: &mut Vec<u8>) {
        let tenant = &append.metadata.tenant;
        let metadata = metadata_json(append);
        for grown in &append.streams {
            let id = stored_id(tenant, &grown.stream.object_id);
            for (sequence, event) in (grown.stream.version + 1..).zip(&grown.events) {
                self.last += 1;
                let event_version = event.event_version.to_string();
                canonical.clear();
                StoredEvent {
                    position: self.last,
                    event_id: event.event_id,
                    tenant_id: tenant,
                    aggregate_type: grown.stream.aggregate,
                    aggregate_id: &id,
                    sequence,
                    event_type: &event.event_type,
                    event_version: &event_version,
                    recorded_at: self.time.timestamp_micros(),
                    metadata: &metadata,
                    payload: &event.payload,
                }
                .write_canonical(canonical);
                self.hash = chain_step(&self.hash, canonical);
                self.e_id.push(id.clone());
                self.e_type.push(grown.stream.aggregate);
                self.e_sequence.push(sequence.cast_signed());
                self.e_name.push(&event.event_type);
                self.e_version.push(event_version);
                self.e_payload.push(&event.payload);
                self.e_metadata.push(metadata.clone());
                self.e_position.push(self.last.cast_signed());
                self.e_event_id.push(event.event_id);
                self.e_tenant.push(tenant);
                self.e_hash.push(self.hash);
            }
        }
        if append.is_kept() {
            self.keep(append);
        }
    }

    /// Keeps the answer. What its last event says already is not kept once more.
    fn keep(&mut self, append: &'a Append) {
        let (object, version) = append.subject();
        let said = append.ends_with_subject();
        self.r_id.push(append.request.id);
        self.r_tenant.push(&append.metadata.tenant);
        self.r_digest.push(&append.request.digest);
        self.r_position.push(self.last.cast_signed());
        self.r_object.push((!said).then_some(object));
        self.r_version.push((!said).then_some(version.cast_signed()));
    }

    fn bind<'q>(&'q self, query: Statement<'q>, head: &'q Head) -> Statement<'q> {
        query
            .bind(self.last.cast_signed())
            .bind(self.hash)
            .bind(self.time)
            .bind(head.position.cast_signed())
            .bind(head.hash)
            .bind(&self.r_id)
            .bind(&self.r_tenant)
            .bind(&self.r_digest)
            .bind(&self.r_position)
            .bind(&self.r_object)
            .bind(&self.r_version)
            .bind(&self.e_id)
            .bind(&self.e_type)
            .bind(&self.e_sequence)
            .bind(&self.e_name)
            .bind(&self.e_version)
            .bind(&self.e_payload)
            .bind(&self.e_metadata)
            .bind(&self.e_position)
            .bind(&self.e_event_id)
            .bind(&self.e_tenant)
            .bind(&self.e_hash)
    }
}
