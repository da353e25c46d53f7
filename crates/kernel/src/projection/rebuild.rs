//! Tables that are filled beside those that are read, and take their place.
//!
//! The new tables stand in a schema of their own, `<schema>_<name>_next`. They are filled from the
//! log in bulk, compared with the old ones at one position, and moved into the place of the old
//! ones by one short transaction, so that no query meets a table that is half full or gone. The row
//! in `rebuilds` and the schema are made and dropped together, so a process that dies in the middle
//! is followed by one that goes on from there.

use std::time::Duration;

use sqlx::{Executor as _, PgConnection, PgPool, Row as _};
use tokio::sync::watch;

use super::batch::{self, RunError};
use super::care::Care;
use super::compare::{self, TableComparison};
use super::lane::{Lane, next_schema, schema_of};
use super::source::{BATCH, FromLog};
use super::{AnyProjection, Checkpoint, ControlError, switch};
use crate::failure::chain;
use crate::log::Log;
use crate::wall::{self, exclusively};

/// How often it is looked whether tables have to be filled.
const LOOK: Duration = Duration::from_millis(500);
/// Longest wait between tries after a failure.
const PAUSE_MAX: Duration = Duration::from_secs(10);
/// What tables are filled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To take the place of those that are read.
    Switch,
    /// To be compared with those that are read, and dropped.
    Compare,
}

/// Brings a projection's tables and its rows in `checkpoints` and `rebuilds` to what this program
/// declares: new tables at first, tables beside the old ones after a change.
pub(super) async fn prepare(pool: &PgPool, projection: &dyn AnyProjection) -> sqlx::Result<()> {
    let schema = schema_of(pool).await?;
    let mut tx = wall::begin(pool).await?;
    exclusively(&mut tx).await?;
    let version: Option<i32> =
        sqlx::query_scalar("SELECT version FROM checkpoints WHERE name = $1")
            .bind(projection.name())
            .fetch_optional(&mut *tx)
            .await?;
    let declared = projection.version().cast_signed();
    let names: Vec<_> = projection.tables().iter().map(|table| table.name).collect();
    match version {
        None => {
            (&mut *tx).execute(projection.schema()).await?;
            wall::put_up(&mut tx).await?;
            sqlx::query(
                "INSERT INTO checkpoints (name, position, context, version, tables)
                 VALUES ($1, 0, $2, $3, $4)",
            )
            .bind(projection.name())
            .bind(projection.context())
            .bind(declared)
            .bind(names)
            .execute(&mut *tx)
            .await?;
        }
        // A policy has nothing to fill, and what it has sent is not sent again.
        Some(version) if version < declared && names.is_empty() => {
            sqlx::query("UPDATE checkpoints SET version = $2 WHERE name = $1")
                .bind(projection.name())
                .bind(declared)
                .execute(&mut *tx)
                .await?;
        }
        Some(version) if version < declared => {
            let under_way: bool = sqlx::query_scalar(
                "SELECT EXISTS (SELECT FROM rebuilds
                 WHERE name = $1 AND version = $2 AND finished_at IS NULL)",
            )
            .bind(projection.name())
            .bind(declared)
            .fetch_one(&mut *tx)
            .await?;
            if !under_way {
                begin(&mut tx, &schema, projection, Purpose::Switch, "a new version", 0).await?;
            }
        }
        Some(_) => (),
    }
    // Rows of an earlier release have none.
    sqlx::query("UPDATE checkpoints SET context = $2 WHERE name = $1 AND context = ''")
        .bind(projection.name())
        .bind(projection.context())
        .execute(&mut *tx)
        .await?;
    // What a process left behind that died right after a switch.
    drop_schema(&mut tx, &old_schema(&schema, projection.name())).await?;
    tx.commit().await
}

/// Asks for tables to be filled beside those that are read, in the schema of an owner's pool. The
/// runner does it.
///
/// # Errors
/// When they are being filled already, or the projection has no tables.
pub async fn start(
    pool: &PgPool,
    projection: &dyn AnyProjection,
    purpose: Purpose,
    who: &str,
    head: u64,
) -> Result<(), ControlError> {
    if projection.tables().is_empty() {
        return Err(ControlError::NoTables);
    }
    let schema = schema_of(pool).await?;
    let mut tx = wall::begin(pool).await?;
    exclusively(&mut tx).await?;
    let busy: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM rebuilds WHERE name = $1 AND finished_at IS NULL)",
    )
    .bind(projection.name())
    .fetch_one(&mut *tx)
    .await?;
    if busy {
        return Err(ControlError::UnderWay);
    }
    begin(&mut tx, &schema, projection, purpose, who, head).await?;
    tx.commit().await?;
    Ok(())
}

async fn begin(
    tx: &mut PgConnection,
    schema: &str,
    projection: &dyn AnyProjection,
    purpose: Purpose,
    who: &str,
    goal: u64,
) -> sqlx::Result<()> {
    let next = next_schema(schema, projection.name());
    clear(tx, schema, projection.name()).await?;
    sqlx::query("DELETE FROM rebuilds WHERE name = $1")
        .bind(projection.name())
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "INSERT INTO rebuilds (name, version, purpose, goal, started_by)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(projection.name())
    .bind(projection.version().cast_signed())
    .bind(match purpose {
        Purpose::Switch => "switch",
        Purpose::Compare => "compare",
    })
    .bind(goal.cast_signed())
    .bind(who)
    .execute(&mut *tx)
    .await?;
    sqlx::query(&format!("CREATE SCHEMA \"{next}\"")).execute(&mut *tx).await?;
    sqlx::query(&format!("SET LOCAL search_path = \"{next}\"")).execute(&mut *tx).await?;
    (&mut *tx).execute(projection.schema()).await?;
    wall::put_up(tx).await?;
    sqlx::query(&format!("SET LOCAL search_path = \"{schema}\"")).execute(tx).await.map(drop)
}

/// Drops the tables being filled, and what was parked while filling them.
pub(super) async fn clear(tx: &mut PgConnection, schema: &str, name: &str) -> sqlx::Result<()> {
    drop_schema(tx, &next_schema(schema, name)).await?;
    sqlx::query("DELETE FROM parked WHERE name = $1 AND next")
        .bind(name)
        .execute(tx)
        .await
        .map(drop)
}

pub(super) async fn drop_schema(db: &mut PgConnection, schema: &str) -> sqlx::Result<()> {
    sqlx::query(&format!("DROP SCHEMA IF EXISTS \"{schema}\" CASCADE")).execute(db).await.map(drop)
}

pub(super) fn old_schema(schema: &str, name: &str) -> String {
    next_schema(schema, name).replace("_next", "_old")
}

/// Fills tables whenever somebody asked for it.
pub(super) struct Builder {
    /// Makes and moves tables.
    pub(super) owner: PgPool,
    pub(super) live: Lane,
    pub(super) next: Lane,
    pub(super) log: Log,
    pub(super) schema: String,
    pub(super) progress: watch::Sender<Checkpoint>,
}

/// A row of `rebuilds` that is ours to do.
struct Plan {
    started_at: chrono::DateTime<chrono::Utc>,
    purpose: Purpose,
}

impl Builder {
    /// Never ends.
    pub(super) async fn run(self) {
        let name = self.next.name();
        let mut pause = LOOK;
        // Which one is under way, and how careful it has to be.
        let mut under_way: Option<(chrono::DateTime<chrono::Utc>, Care)> = None;
        loop {
            let done = self.step(&mut under_way).await;
            pause = match done {
                Ok(()) | Err(RunError::Stopped | RunError::InUse) => LOOK,
                Err(error) => {
                    tracing::warn!(projection = name, error = %chain(&error), "a rebuild has to wait");
                    self.tell(error.is_named().then(|| chain(&error))).await;
                    (pause * 2).min(PAUSE_MAX)
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    async fn tell(&self, problem: Option<String>) {
        let told = sqlx::query(
            "UPDATE rebuilds SET problem = $2 WHERE name = $1 AND problem IS DISTINCT FROM $2",
        )
        .bind(self.next.name())
        .bind(problem)
        .execute(&self.next.pool)
        .await;
        if let Err(error) = told {
            tracing::debug!(error = %chain(&error), "a problem can not be written down");
        }
    }

    async fn step(
        &self,
        under_way: &mut Option<(chrono::DateTime<chrono::Utc>, Care)>,
    ) -> Result<(), RunError> {
        let Some(plan) = self.plan().await? else {
            *under_way = None;
            return Ok(());
        };
        let care = match under_way {
            Some((started_at, care)) if *started_at == plan.started_at => care,
            _ => {
                self.wall().await?;
                let care = Care::begin(&self.next).await?;
                &mut under_way.insert((plan.started_at, care)).1
            }
        };
        self.fill(care).await?;
        match plan.purpose {
            Purpose::Compare => self.compare().await,
            Purpose::Switch => self.switch().await,
        }
    }

    /// Puts the wall up where a program of before has made the tables.
    async fn wall(&self) -> Result<(), sqlx::Error> {
        let next = next_schema(&self.schema, self.next.name());
        let mut tx = wall::begin(&self.owner).await?;
        sqlx::query(&format!("SET LOCAL search_path = \"{next}\"")).execute(&mut *tx).await?;
        wall::put_up(&mut tx).await?;
        tx.commit().await
    }

    async fn plan(&self) -> Result<Option<Plan>, sqlx::Error> {
        let row = sqlx::query(
            "SELECT started_at, purpose FROM rebuilds
             WHERE name = $1 AND version = $2 AND finished_at IS NULL",
        )
        .bind(self.next.name())
        .bind(self.next.projection.version().cast_signed())
        .fetch_optional(&self.next.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let purpose = match row.try_get("purpose")? {
            "compare" => Purpose::Compare,
            _ => Purpose::Switch,
        };
        Ok(Some(Plan { started_at: row.try_get("started_at")?, purpose }))
    }

    /// Applies the log up to its end.
    async fn fill(&self, care: &mut Care) -> Result<(), RunError> {
        let Some(at) = self.next.checkpoint().await? else { return Err(RunError::Stopped) };
        let mut facts = FromLog::after(&self.log, at.position);
        while let Some(batch) = facts.next().await? {
            care.apply(&self.next, &batch).await?;
        }
        Ok(())
    }

    /// Brings the new tables to a position of the old ones.
    async fn reach(&self, position: u64) -> Result<u64, RunError> {
        let Some(at) = self.next.checkpoint().await? else { return Err(RunError::Stopped) };
        if at.position >= position {
            return Ok(at.position);
        }
        let mut events = self.log.read_after(at.position, BATCH).await?;
        events.retain(|event| event.position <= position);
        Ok(batch::apply(&self.next, &events).await?.position)
    }

    /// Compares both sets of tables at one position; `None` when they have none in common.
    async fn compared(&self) -> Result<Option<Vec<TableComparison>>, RunError> {
        for _ in 0..100 {
            let mut held = wall::begin(&self.live.pool).await?;
            let Some(live) = self.live.lock(&mut held).await? else { return Ok(None) };
            let another = live.version != self.next.projection.version();
            let next = self.reach(live.at.position).await?;
            if next == live.at.position && !another {
                // The snapshot is taken while the old tables can not move; then they may.
                let mut snapshot = wall::begin(&self.live.pool).await?;
                sqlx::query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                    .execute(&mut *snapshot)
                    .await?;
                sqlx::query("SELECT 1").execute(&mut *snapshot).await?;
                held.rollback().await?;
                return Ok(Some(self.sums(&mut snapshot).await?));
            }
            held.rollback().await?;
            if live.stopped || another || self.is_ahead(&live.at).await? {
                return Ok(None);
            }
            // The old tables are a few facts behind; they will have caught up in a moment.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(None)
    }

    /// Whether the old tables have facts that the log, restored from an older state, does not have:
    /// the new ones will never get there.
    async fn is_ahead(&self, live: &Checkpoint) -> Result<bool, RunError> {
        Ok(live.position > self.log.head().await?)
    }

    async fn sums(&self, db: &mut PgConnection) -> Result<Vec<TableComparison>, sqlx::Error> {
        let next = next_schema(&self.schema, self.next.name());
        let names = self.next.projection.tables().iter().map(|table| table.name);
        compare::tables(db, (&self.schema, &next), names).await
    }

    async fn compare(&self) -> Result<(), RunError> {
        let Some(compared) = self.compared().await? else { return Ok(()) };
        let same = compared.iter().all(|table| table.live == table.next);
        let mut tx = wall::begin(&self.owner).await?;
        self.finish(&mut tx, if same { "same" } else { "different" }, &compared).await?;
        clear(&mut tx, &self.schema, self.next.name()).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn finish(
        &self,
        tx: &mut PgConnection,
        outcome: &str,
        compared: &[TableComparison],
    ) -> Result<(), RunError> {
        let done = sqlx::query(
            "UPDATE rebuilds SET finished_at = clock_timestamp(), outcome = $2, problem = NULL,
                 running = false, compared = $3
             WHERE name = $1 AND finished_at IS NULL",
        )
        .bind(self.next.name())
        .bind(outcome)
        .bind(sqlx::types::Json(compared))
        .execute(tx)
        .await?;
        // Another process was faster, or somebody cancelled it.
        if done.rows_affected() == 0 { Err(RunError::Stopped) } else { Ok(()) }
    }

    async fn switch(&self) -> Result<(), RunError> {
        let compared = self.compared().await?.unwrap_or_default();
        let name = self.next.name();
        let mut tx = wall::begin(&self.owner).await?;
        let Some(live) = self.live.lock(&mut tx).await? else { return Err(RunError::Stopped) };
        // The old tables stand still from here on; a few facts are left to apply to the new ones.
        let behind = self.reach(live.at.position).await? < live.at.position;
        if behind && !self.is_ahead(&live.at).await? {
            return Ok(());
        }
        let worse: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM parked n WHERE name = $1 AND next AND state <> 'held'
             AND NOT EXISTS (SELECT FROM parked l
                 WHERE l.name = $1 AND NOT l.next AND l.position = n.position)",
        )
        .bind(name)
        .fetch_one(&mut *tx)
        .await?;
        if worse > 0 {
            return Err(RunError::Blocked(worse));
        }
        self.finish(&mut tx, "switched", &compared).await?;
        crate::fault::at("rebuild.filled");
        switch::exchange(&mut tx, &self.schema, self.next.projection.as_ref()).await?;
        crate::fault::at("rebuild.exchanged");
        tx.commit().await?;
        crate::fault::at("rebuild.switched");
        if let Some(at) = self.live.checkpoint().await? {
            self.progress.send_replace(at);
        }
        let mut db = self.owner.acquire().await?;
        drop_schema(&mut db, &old_schema(&self.schema, name)).await?;
        Ok(())
    }
}
