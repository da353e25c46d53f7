//! Snapshots: states written down, so that a long stream need not be read from its beginning.
//! They can be lost at any time; nothing but speed depends on them.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::{PgExecutor, PgPool};
use tokio::sync::Notify;

use super::columns::stored_id;
use super::database::Database;
use super::states::{AnyState, ObjectKey};
use crate::decider::Decider;

/// Objects whose snapshots may wait to be written; more are dropped and come up again later.
const QUEUE: usize = 64;

/// The state of an object after a number of its events, to be written once these are stored.
pub(super) struct Snapshot {
    key: ObjectKey,
    version: u64,
    state_version: u32,
    state: AnyState,
    to_json: fn(&AnyState) -> Option<String>,
}

impl Snapshot {
    pub(super) fn of<D: Decider>(key: ObjectKey, version: u64, state: AnyState) -> Self {
        let to_json = |state: &AnyState| serde_json::to_string(state.downcast_ref::<D>()?).ok();
        Self { key, version, state_version: D::STATE_VERSION, state, to_json }
    }
}

/// Writes snapshots beside the appends. Of each object the newest waits to be written: many
/// commands that read the same long stream at once leave one snapshot.
pub(super) struct Snapshots(Arc<Waiting>);

#[derive(Default)]
struct Waiting {
    /// In order, so that a simulated run is the same each time.
    due: Mutex<BTreeMap<ObjectKey, Snapshot>>,
    news: Notify,
    closed: AtomicBool,
}

impl Snapshots {
    /// A queue, and what writes the snapshots in it: to be run until it ends, with the queue.
    pub(super) fn new(database: Database) -> (Self, impl Future<Output = ()> + Send) {
        let waiting = Arc::<Waiting>::default();
        let queue = Self(waiting.clone());
        let writing = async move {
            while let Some(snapshot) = waiting.next().await {
                if let Err(error) = write(&database, snapshot).await {
                    tracing::warn!(%error, "a snapshot was not written");
                }
            }
        };
        (queue, writing)
    }

    pub(super) fn write(&self, snapshot: Snapshot) {
        let mut due = self.0.due.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = due.get(&snapshot.key).map(|waiting| waiting.version);
        // When many wait, this one is left out: the object will have another.
        let fits = waiting.map_or(due.len() < QUEUE, |version| version < snapshot.version);
        if fits {
            due.insert(snapshot.key.clone(), snapshot);
            self.0.news.notify_one();
        }
    }
}

impl Drop for Snapshots {
    fn drop(&mut self) {
        self.0.closed.store(true, Ordering::Relaxed);
        self.0.news.notify_one();
    }
}

impl Waiting {
    /// One that waits; none when there will be no more.
    async fn next(&self) -> Option<Snapshot> {
        loop {
            if let Some(snapshot) = self.take() {
                return Some(snapshot);
            }
            if self.closed.load(Ordering::Relaxed) {
                return None;
            }
            self.news.notified().await;
        }
    }

    fn take(&self) -> Option<Snapshot> {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        due.pop_first().map(|(_, snapshot)| snapshot)
    }
}

async fn write(database: &Database, snapshot: Snapshot) -> Result<(), sqlx::Error> {
    let Some(json) = (snapshot.to_json)(&snapshot.state) else { return Ok(()) };
    let Snapshot { key, version, state_version, .. } = snapshot;
    let id = stored_id(&key.tenant, &key.object_id);
    database.put_snapshot(Row { aggregate: key.aggregate, id, version, state_version, json }).await
}

/// A snapshot as the database has it.
pub(super) struct Row {
    pub(super) aggregate: &'static str,
    pub(super) id: String,
    /// Number of the events in it.
    pub(super) version: u64,
    pub(super) state_version: u32,
    pub(super) json: String,
}

/// Writes a snapshot in place of older ones.
pub(super) async fn put(pool: &PgPool, row: &Row) -> Result<(), sqlx::Error> {
    crate::fault::at("snapshot.taken");
    sqlx::query(
        "WITH older AS (
             DELETE FROM snapshots
             WHERE aggregate_type = $1 AND aggregate_id = $2 AND last_sequence < $3
         )
         INSERT INTO snapshots
             (aggregate_type, aggregate_id, last_sequence, current_snapshot, payload, state_version)
         VALUES ($1, $2, $3, $3, $4::text::json, $5)
         ON CONFLICT (aggregate_type, aggregate_id, last_sequence)
         DO UPDATE SET payload = excluded.payload, state_version = excluded.state_version",
    )
    .bind(row.aggregate)
    .bind(&row.id)
    .bind(row.version.cast_signed())
    .bind(&row.json)
    .bind(row.state_version.cast_signed())
    .execute(pool)
    .await?;
    crate::fault::at("snapshot.written");
    Ok(())
}

/// A state that was written down.
pub(super) struct Written<D> {
    pub(super) state: D,
    /// Number of the events in it.
    pub(super) version: u64,
    /// Length of its JSON.
    pub(super) bytes: usize,
}

/// The newest snapshot of an object that today's program understands.
pub(super) async fn newest<D: Decider>(
    database: &Database,
    stored_id: &str,
) -> Result<Option<Written<D>>, sqlx::Error> {
    let row = database.snapshot(D::AGGREGATE, stored_id, D::STATE_VERSION).await?;
    Ok(row.and_then(Written::read))
}

impl<D: Decider> Written<D> {
    /// From the number of the events in it, and JSON.
    pub(super) fn read((version, json): (u64, String)) -> Option<Self> {
        let state = serde_json::from_str(&json).ok()?;
        Some(Self { state, version, bytes: json.len() })
    }
}

/// The newest snapshot of an object in a version of its state: number of its events, and JSON.
pub(super) async fn get(
    db: impl PgExecutor<'_>,
    aggregate: &str,
    stored_id: &str,
    state_version: u32,
) -> Result<Option<(u64, String)>, sqlx::Error> {
    let row: Option<(i64, String)> = sqlx::query_as(
        "SELECT last_sequence, payload::text FROM snapshots
         WHERE aggregate_type = $1 AND aggregate_id = $2 AND state_version = $3
         ORDER BY last_sequence DESC LIMIT 1",
    )
    .bind(aggregate)
    .bind(stored_id)
    .bind(state_version.cast_signed())
    .fetch_optional(db)
    .await?;
    Ok(row.map(|(version, json)| (version.cast_unsigned(), json)))
}
