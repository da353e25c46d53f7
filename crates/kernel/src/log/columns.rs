//! A batch of appends as the arrays that the database's functions take, and their answers.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{PgConnection, Postgres, Row};
use uuid::Uuid;

use super::append::{Append, AppendError, Receipt, StreamVersion};
use super::queue::{Answer, Outcome};
use crate::fault;

/// The two functions of the database that store a batch; migration 2 says what they do.
pub(super) trait Functions {
    /// The position before the batch, when all of it is stored; else nothing is.
    async fn clean(
        &mut self,
        batch: &Batch<'_>,
        ends: &Ends<'_>,
    ) -> Result<Option<i64>, sqlx::Error>;

    /// Stores what can be stored.
    async fn each(&mut self, batch: &Batch<'_>) -> Result<Vec<Answer>, sqlx::Error>;
}

impl Functions for PgConnection {
    async fn clean(
        &mut self,
        batch: &Batch<'_>,
        ends: &Ends<'_>,
    ) -> Result<Option<i64>, sqlx::Error> {
        store_clean(self, batch, ends).await
    }

    async fn each(&mut self, batch: &Batch<'_>) -> Result<Vec<Answer>, sqlx::Error> {
        store_each(self, batch).await
    }
}

/// Stores a batch in one transaction of its own, or in the one that the connection is in. Each
/// append has an answer of its own; an error is about the whole batch, of which nothing is stored.
pub(super) async fn store(
    db: &mut impl Functions,
    appends: &[Arc<Append>],
) -> Result<Vec<Answer>, sqlx::Error> {
    let batch = Batch::of(appends);
    if let Some(ends) = Ends::of(&batch)
        && let Some(before) = db.clean(&batch, &ends).await?
    {
        return Ok(receipts(appends, before));
    }
    db.each(&batch).await
}

async fn store_clean(
    db: &mut PgConnection,
    batch: &Batch<'_>,
    ends: &Ends<'_>,
) -> Result<Option<i64>, sqlx::Error> {
    let query = sqlx::query(
        "SELECT append_clean($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
         $17, $18, $19, $20)",
    )
    .bind(&ends.aggregates)
    .bind(&ends.ids)
    .bind(&ends.versions)
    .bind(&ends.after);
    batch.bind(query).bind(&batch.r_last_event).fetch_one(db).await?.try_get(0)
}

async fn store_each(db: &mut PgConnection, batch: &Batch<'_>) -> Result<Vec<Answer>, sqlx::Error> {
    let query = sqlx::query(
        "SELECT outcome, object_id, version, log_position FROM append_each($1, $2, $3, $4, $5, $6,
         $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
    )
    .bind(&batch.s_append)
    .bind(&batch.s_type)
    .bind(&batch.s_id)
    .bind(&batch.s_version)
    .bind(&batch.s_after);
    let rows = batch.bind(query).fetch_all(db).await?;
    rows.iter().map(answer).collect()
}

fn answer(row: &PgRow) -> Result<Answer, sqlx::Error> {
    let version: i64 = row.try_get("version")?;
    let position: i64 = row.try_get("log_position")?;
    let outcome: &str = row.try_get("outcome")?;
    let receipt = Receipt {
        object_id: row.try_get("object_id")?,
        version: version.cast_unsigned(),
        position: position.cast_unsigned(),
    };
    Ok(match outcome {
        "stored" => Ok(Outcome::Stored(receipt)),
        "repeated" => Ok(Outcome::Repeated(receipt)),
        "conflict" => Err(AppendError::Conflict { actual: version.cast_unsigned() }),
        _ => Err(AppendError::RequestReused),
    })
}

/// The answers to a batch that was stored as a whole after a position.
fn receipts(appends: &[Arc<Append>], before: i64) -> Vec<Answer> {
    let mut position = before.cast_unsigned();
    let mut answers = Vec::with_capacity(appends.len());
    for append in appends {
        position += append.len() as u64;
        let (object_id, version) = subject(append);
        let receipt = Receipt { object_id: object_id.to_owned(), version, position };
        answers.push(Ok(Outcome::Stored(receipt)));
    }
    answers
}

/// What the receipt of an append is about.
pub(super) fn subject(append: &Append) -> (&str, u64) {
    append.streams.first().map_or(("", 0), |grown| {
        let version = grown.stream.version + grown.events.len() as u64;
        (grown.stream.object_id.as_str(), version)
    })
}

/// The arrays of a batch; a prefix says what an entry is: a stream that an append depends on, an
/// event, or an append's request.
#[derive(Default)]
pub(super) struct Batch<'a> {
    pub(super) appends: &'a [Arc<Append>],
    s_append: Vec<i32>,
    s_type: Vec<&'a str>,
    s_id: Vec<String>,
    s_version: Vec<i64>,
    s_after: Vec<Option<Uuid>>,
    e_append: Vec<i32>,
    e_type: Vec<&'a str>,
    e_id: Vec<String>,
    e_sequence: Vec<i64>,
    e_name: Vec<&'a str>,
    e_version: Vec<String>,
    e_payload: Vec<&'a str>,
    e_event_id: Vec<Uuid>,
    r_tenant: Vec<&'a str>,
    r_request: Vec<Uuid>,
    r_digest: Vec<&'a [u8]>,
    r_object: Vec<&'a str>,
    r_version: Vec<i64>,
    r_metadata: Vec<String>,
    r_last_event: Vec<i32>,
    r_keep: Vec<bool>,
}

impl<'a> Batch<'a> {
    fn of(appends: &'a [Arc<Append>]) -> Self {
        let mut batch = Self { appends, ..Self::default() };
        for (number, append) in (1..).zip(appends) {
            batch.add(number, append);
        }
        batch
    }

    /// Binds events and requests, which both functions take in the same order.
    fn bind<'q>(
        &'q self,
        query: Query<'q, Postgres, PgArguments>,
    ) -> Query<'q, Postgres, PgArguments> {
        query
            .bind(&self.e_append)
            .bind(&self.e_type)
            .bind(&self.e_id)
            .bind(&self.e_sequence)
            .bind(&self.e_name)
            .bind(&self.e_version)
            .bind(&self.e_payload)
            .bind(&self.e_event_id)
            .bind(&self.r_tenant)
            .bind(&self.r_request)
            .bind(&self.r_digest)
            .bind(&self.r_object)
            .bind(&self.r_version)
            .bind(&self.r_metadata)
            .bind(&self.r_keep)
    }

    fn add(&mut self, number: i32, append: &'a Append) {
        let tenant = &append.metadata.tenant;
        for stream in append.depends_on() {
            self.s_append.push(number);
            self.s_type.push(stream.aggregate);
            self.s_id.push(stored_id(tenant, &stream.object_id));
            self.s_version.push(stream.version.cast_signed());
            self.s_after.push(stream.after);
        }
        for grown in &append.streams {
            let id = stored_id(tenant, &grown.stream.object_id);
            for (sequence, event) in (grown.stream.version + 1..).zip(&grown.events) {
                self.e_append.push(number);
                self.e_type.push(grown.stream.aggregate);
                self.e_id.push(id.clone());
                self.e_sequence.push(sequence.cast_signed());
                self.e_name.push(&event.event_type);
                self.e_version.push(event.event_version.to_string());
                self.e_payload.push(&event.payload);
                self.e_event_id.push(event.event_id);
            }
        }
        let (object, version) = subject(append);
        self.r_tenant.push(tenant);
        self.r_request.push(append.request.id);
        self.r_digest.push(&append.request.digest);
        self.r_object.push(object);
        self.r_version.push(version.cast_signed());
        self.r_metadata.push(
            serde_json::to_string(&append.metadata)
                .expect("metadata holds only strings and ids, which always have a JSON form"),
        );
        self.r_last_event.push(i32::try_from(self.e_append.len()).unwrap_or(i32::MAX));
        self.r_keep.push(!append.streams.is_empty());
    }
}

/// The streams that a batch depends on, each once, as they have to be before it.
#[derive(Default)]
pub(super) struct Ends<'a> {
    pub(super) aggregates: Vec<&'a str>,
    pub(super) ids: Vec<&'a str>,
    pub(super) versions: Vec<i64>,
    pub(super) after: Vec<Option<Uuid>>,
}

impl<'a> Ends<'a> {
    /// `None` when the batch contradicts itself: two appends on the same version of a stream, or
    /// a request that comes twice. Not all of it can be stored, so the database has to choose.
    fn of(batch: &'a Batch<'a>) -> Option<Self> {
        let mut before = Self::default();
        let mut now: HashMap<(&str, &str), (u64, Option<Uuid>)> = HashMap::new();
        let mut requests = HashSet::with_capacity(batch.appends.len());
        let mut ids = batch.s_id.iter();
        for append in batch.appends {
            if !requests.insert((&append.metadata.tenant, append.request.id)) {
                return None;
            }
            let first_id = ids.clone();
            for (stream, id) in append.depends_on().zip(ids.by_ref()) {
                match now.entry((stream.aggregate, id)) {
                    Entry::Occupied(end) if !follows(stream, *end.get()) => {
                        if !fault::planted("ends.contradict") {
                            return None;
                        }
                    }
                    Entry::Occupied(_) => (),
                    Entry::Vacant(end) => {
                        end.insert((stream.version, stream.after));
                        before.add(stream, id);
                    }
                }
            }
            let grown_ids = first_id.skip(append.guards.len());
            for (grown, id) in append.streams.iter().zip(grown_ids) {
                if let Some(last) = grown.events.last() {
                    let version = grown.stream.version + grown.events.len() as u64;
                    now.insert((grown.stream.aggregate, id), (version, Some(last.event_id)));
                }
            }
        }
        Some(before)
    }

    fn add(&mut self, stream: &'a StreamVersion, id: &'a str) {
        self.aggregates.push(stream.aggregate);
        self.ids.push(id);
        self.versions.push(stream.version.cast_signed());
        self.after.push(stream.after);
    }
}

/// Whether a decision on a stream still holds when appends before it have brought it here.
fn follows(stream: &StreamVersion, (version, last_event): (u64, Option<Uuid>)) -> bool {
    stream.version == version && (stream.after.is_none() || stream.after == last_event)
}

/// The id of a stream in the table: the tenant is part of it, so that no two brands share one.
pub(super) fn stored_id(tenant: &str, object_id: &str) -> String {
    format!("{tenant}/{object_id}")
}
