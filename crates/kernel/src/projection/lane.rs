//! The checkpoint of a projection's tables: those that are read, or those being filled beside them.

use std::sync::Arc;

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, Row as _};

use super::batch::{self, Mode, RunError, Tables};
use super::care::Found;
use super::{AnyProjection, Checkpoint};
use crate::event::Recorded;

/// Which of a projection's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// Those that queries read.
    Live,
    /// Those that are filled beside them.
    Next,
}

impl Which {
    /// The table with the checkpoint.
    pub(super) fn table(self) -> &'static str {
        match self {
            Self::Live => "checkpoints",
            Self::Next => "rebuilds",
        }
    }

    pub(super) fn is_next(self) -> bool {
        self == Self::Next
    }
}

/// One projection with one of its sets of tables.
#[derive(Clone)]
pub(super) struct Lane {
    pub(super) projection: Arc<dyn AnyProjection>,
    pub(super) pool: PgPool,
    pub(super) which: Which,
    /// The schema of its tables.
    schema: String,
    /// Schemas that names of tables are looked up in.
    search_path: String,
    /// Whether a commit waits for the disk.
    synchronous: &'static str,
}

/// A lane's row, locked until the transaction ends.
pub(super) struct Locked {
    pub(super) at: Checkpoint,
    /// Version of the tables.
    pub(super) version: u32,
    /// Paused, or no longer wanted.
    pub(super) stopped: bool,
    /// Whether facts of it are parked.
    pub(super) holds: bool,
}

impl Lane {
    pub(super) fn new(
        projection: Arc<dyn AnyProjection>,
        pool: PgPool,
        schema: &str,
        which: Which,
    ) -> Self {
        let next = next_schema(schema, projection.name());
        let (schema, search_path) = match which {
            Which::Live => (schema.to_owned(), format!("\"{schema}\"")),
            Which::Next => (next.clone(), format!("\"{next}\", \"{schema}\"")),
        };
        Self { projection, pool, which, schema, search_path, synchronous: "off" }
    }

    /// The same, with every commit on disk before the next one begins.
    pub(super) fn durable(self) -> Self {
        Self { synchronous: "on", ..self }
    }

    pub(super) fn name(&self) -> &'static str {
        self.projection.name()
    }

    /// The label of its metrics and log lines.
    pub(super) fn label(&self) -> &'static str {
        match self.which {
            Which::Live => "live",
            Which::Next => "next",
        }
    }

    /// Locks the checkpoint and points the transaction at the lane's tables; `None` when there is
    /// nothing to fill.
    ///
    /// The schema is asked for as well: were it gone, names would be found among the tables that are
    /// read. It is made and dropped together with the row.
    ///
    /// A commit does not wait for the disk: what a power cut takes is taken together with the
    /// checkpoint and comes again from the log. Plans are made each time, because a table grows
    /// from nothing to millions of rows between two batches of a rebuild.
    pub(super) async fn lock(&self, tx: &mut PgConnection) -> Result<Option<Locked>, sqlx::Error> {
        let table = self.which.table();
        let stopped = match self.which {
            Which::Live => "paused",
            Which::Next => "finished_at IS NOT NULL",
        };
        let row = sqlx::query(&format!(
            "SELECT position, event_id, event_time, applied_at, version, {stopped} AS stopped,
                 EXISTS (SELECT FROM parked WHERE name = $1 AND next = $2) AS holds,
                 set_config('search_path', $3, true), set_config('synchronous_commit', $4, true),
                 set_config('plan_cache_mode', 'force_custom_plan', true)
             FROM {table} WHERE name = $1 AND to_regnamespace(quote_ident($5)) IS NOT NULL
             FOR UPDATE OF {table}"
        ))
        .bind(self.name())
        .bind(self.which.is_next())
        .bind(&self.search_path)
        .bind(self.synchronous)
        .bind(&self.schema)
        .fetch_optional(tx)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Locked {
            at: checkpoint(&row)?,
            version: row.try_get::<i32, _>("version")?.cast_unsigned(),
            stopped: row.try_get("stopped")?,
            holds: row.try_get("holds")?,
        }))
    }

    /// Takes the mark away that a process fills the tables: this is an orderly end.
    pub(super) async fn end(&self) -> Result<(), sqlx::Error> {
        let table = self.which.table();
        sqlx::query(&format!("UPDATE {table} SET running = false WHERE name = $1"))
            .bind(self.name())
            .execute(&self.pool)
            .await
            .map(drop)
    }

    /// Where it is, without a lock.
    pub(super) async fn checkpoint(&self) -> Result<Option<Checkpoint>, sqlx::Error> {
        let table = self.which.table();
        let row = sqlx::query(&format!(
            "SELECT position, event_id, event_time, applied_at FROM {table} WHERE name = $1"
        ))
        .bind(self.name())
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(checkpoint).transpose()
    }

    /// Whether its tables are paused, and of which version they are.
    pub(super) async fn standing(&self) -> Result<Option<(bool, u32)>, sqlx::Error> {
        let row: Option<(bool, i32)> =
            sqlx::query_as("SELECT paused, version FROM checkpoints WHERE name = $1")
                .bind(self.name())
                .fetch_optional(&self.pool)
                .await?;
        Ok(row.map(|(paused, version)| (paused, version.cast_unsigned())))
    }

    /// Moves the checkpoint in the transaction that holds the effect.
    pub(super) async fn move_to(
        &self,
        tx: &mut PgConnection,
        at: &Checkpoint,
    ) -> Result<(), sqlx::Error> {
        let table = self.which.table();
        sqlx::query(&format!(
            "UPDATE {table} SET position = $2, event_id = $3, event_time = $4, applied_at = $5
             WHERE name = $1"
        ))
        .bind(self.name())
        .bind(at.position.cast_signed())
        .bind(at.event_id)
        .bind(at.event_time)
        .bind(at.applied_at)
        .execute(tx)
        .await
        .map(drop)
    }
}

impl Tables for Lane {
    async fn begin(&self) -> Result<Option<Found>, sqlx::Error> {
        let table = self.which.table();
        let row = sqlx::query(&format!(
            "UPDATE {table} SET crashes = CASE WHEN running THEN crashes + 1 ELSE 0 END,
                 suspect_to = CASE WHEN running THEN greatest(suspect_to, attempt_to) ELSE 0 END,
                 attempts = CASE WHEN running THEN attempts ELSE 0 END, running = true
             WHERE name = $1 RETURNING position, crashes, suspect_to, attempt_to, attempts"
        ))
        .bind(self.name())
        .fetch_optional(&self.pool)
        .await?;
        let found = row.map(|row| {
            Ok(Found {
                position: row.try_get::<i64, _>("position")?.cast_unsigned(),
                crashes: row.try_get("crashes")?,
                suspect_to: row.try_get::<i64, _>("suspect_to")?.cast_unsigned(),
                attempt_to: row.try_get::<i64, _>("attempt_to")?.cast_unsigned(),
                tries: row.try_get("attempts")?,
            })
        });
        found.transpose()
    }

    async fn put_on_record(&self, to: u64, tries: i32) -> Result<bool, sqlx::Error> {
        let table = self.which.table();
        let done = sqlx::query(&format!(
            "UPDATE {table} SET attempt_to = $2, attempts = $3
             WHERE name = $1 AND position < $2 AND ($3 = 0 OR position + 1 = $2)"
        ))
        .bind(self.name())
        .bind(to.cast_signed())
        .bind(tries)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn calm(&self) -> Result<(), sqlx::Error> {
        let table = self.which.table();
        sqlx::query(&format!("UPDATE {table} SET crashes = 0 WHERE name = $1"))
            .bind(self.name())
            .execute(&self.pool)
            .await
            .map(drop)
    }

    async fn attempt(&self, events: &[Recorded], mode: Mode<'_>) -> Result<Checkpoint, RunError> {
        batch::attempt(self, events, mode).await
    }
}

fn checkpoint(row: &PgRow) -> Result<Checkpoint, sqlx::Error> {
    Ok(Checkpoint {
        position: row.try_get::<i64, _>("position")?.cast_unsigned(),
        event_id: row.try_get("event_id")?,
        event_time: row.try_get("event_time")?,
        applied_at: row.try_get("applied_at")?,
    })
}

/// The schema of the tables that are filled beside those of a projection.
pub(super) fn next_schema(schema: &str, name: &str) -> String {
    format!("{schema}_{}_next", name.replace('-', "_"))
}

/// The schema that a pool works in.
pub(super) async fn schema_of(pool: &PgPool) -> Result<String, sqlx::Error> {
    sqlx::query_scalar("SELECT current_schema()::text").fetch_one(pool).await
}
