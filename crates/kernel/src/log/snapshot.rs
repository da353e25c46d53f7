//! Snapshots: states written down, so that a long stream need not be read from its beginning.
//! They can be lost at any time; nothing but speed depends on them.

use sqlx::PgPool;
use tokio::sync::mpsc;

use super::columns::stored_id;
use super::states::{AnyState, ObjectKey};
use crate::decider::Decider;

/// Snapshots that may wait to be written; more are dropped and come up again later.
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

/// Writes snapshots beside the appends.
pub(super) struct Snapshots(mpsc::Sender<Snapshot>);

impl Snapshots {
    /// Starts the task that writes; it ends with its sender.
    pub(super) fn start(pool: PgPool) -> Self {
        let (queue, mut waiting) = mpsc::channel::<Snapshot>(QUEUE);
        tokio::spawn(async move {
            while let Some(snapshot) = waiting.recv().await {
                if let Err(error) = write(&pool, snapshot).await {
                    tracing::warn!(%error, "a snapshot was not written");
                }
            }
        });
        Self(queue)
    }

    pub(super) fn write(&self, snapshot: Snapshot) {
        // When many wait, this one is left out: the object will have another.
        let _ = self.0.try_send(snapshot);
    }
}

async fn write(pool: &PgPool, snapshot: Snapshot) -> Result<(), sqlx::Error> {
    let Some(json) = (snapshot.to_json)(&snapshot.state) else { return Ok(()) };
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
    .bind(snapshot.key.aggregate)
    .bind(stored_id(&snapshot.key.tenant, &snapshot.key.object_id))
    .bind(snapshot.version.cast_signed())
    .bind(json)
    .bind(snapshot.state_version.cast_signed())
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
    pool: &PgPool,
    stored_id: &str,
) -> Result<Option<Written<D>>, sqlx::Error> {
    let row: Option<(i64, String)> = sqlx::query_as(
        "SELECT last_sequence, payload::text FROM snapshots
         WHERE aggregate_type = $1 AND aggregate_id = $2 AND state_version = $3
         ORDER BY last_sequence DESC LIMIT 1",
    )
    .bind(D::AGGREGATE)
    .bind(stored_id)
    .bind(D::STATE_VERSION.cast_signed())
    .fetch_optional(pool)
    .await?;
    Ok(row.and_then(|(version, json)| {
        let state = serde_json::from_str(&json).ok()?;
        Some(Written { state, version: version.cast_unsigned(), bytes: json.len() })
    }))
}
