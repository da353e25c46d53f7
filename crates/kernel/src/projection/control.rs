//! What operators see of projections and do to them. All of it goes by way of the tables, so it
//! reaches the runner in whatever process it is; who did what, and why, is kept in `interventions`.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgConnection, PgPool, Row as _};

use super::compare::TableComparison;
use super::lane::schema_of;
use super::{Checkpoint, parked as parking, rebuild};
use crate::wall;

/// Why something can not be done to a projection.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// There is nothing of this name, or nothing parked at this position.
    #[error("there is none")]
    NotFound,
    /// Its effects are commands, which are not sent again.
    #[error("it has no tables to fill")]
    NoTables,
    /// Its tables are being filled already.
    #[error("its tables are being filled already")]
    UnderWay,
    /// The fact waits behind another one of its object.
    #[error("the fact waits behind the one at {0}")]
    Held(u64),
}

/// A projection as its tables tell of it.
#[derive(Clone, Debug)]
pub struct Overview {
    /// Its name.
    pub name: String,
    /// The context that it listens to.
    pub context: String,
    /// Version of the tables that are read.
    pub version: u32,
    /// How far these are.
    pub checkpoint: Checkpoint,
    /// Whether somebody paused it.
    pub paused: bool,
    /// Why it can not go on.
    pub problem: Option<String>,
    /// Facts left to a person.
    pub parked: u64,
    /// Facts that are being tried again.
    pub retrying: u64,
    /// Facts that wait behind those.
    pub held: u64,
    /// The tables being filled beside, or the last ones that were.
    pub rebuild: Option<Rebuild>,
}

/// Tables filled beside those that are read.
#[derive(Clone, Debug)]
pub struct Rebuild {
    /// Their version.
    pub version: u32,
    /// Whether they are to be compared only.
    pub compare_only: bool,
    /// How far they are.
    pub position: u64,
    /// Where the log ended when they were asked for; 0 when the program itself asked.
    pub goal: u64,
    /// When they were asked for.
    pub started_at: DateTime<Utc>,
    /// By whom.
    pub started_by: String,
    /// Why they can not go on.
    pub problem: Option<String>,
    /// When it was over.
    pub finished_at: Option<DateTime<Utc>>,
    /// How it ended: `switched`, `same`, `different` or `cancelled`.
    pub outcome: Option<String>,
    /// What the comparison found, table by table.
    pub compared: Vec<TableComparison>,
}

/// All projections of a pool's schema.
///
/// # Errors
/// When the database fails.
pub async fn overview(pool: &PgPool) -> Result<Vec<Overview>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT c.*, p.*, r.version AS r_version, r.purpose, r.position AS r_position, r.goal,
                r.started_at, r.started_by, r.problem AS r_problem, r.finished_at, r.outcome,
                r.compared
         FROM checkpoints c
         LEFT JOIN rebuilds r ON r.name = c.name
         CROSS JOIN LATERAL (
             SELECT count(*) FILTER (WHERE state = 'parked') AS parked,
                    count(*) FILTER (WHERE state = 'retrying') AS retrying,
                    count(*) FILTER (WHERE state = 'held') AS held
             FROM parked WHERE parked.name = c.name AND NOT next) p
         ORDER BY c.name",
    )
    .fetch_all(pool)
    .await?;
    rows.iter().map(Overview::from_row).collect()
}

fn number(row: &PgRow, column: &str) -> Result<u64, sqlx::Error> {
    row.try_get::<i64, _>(column).map(i64::cast_unsigned)
}

impl FromRow<'_, PgRow> for Overview {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let rebuild = row.try_get::<Option<i32>, _>("r_version")?;
        Ok(Self {
            name: row.try_get("name")?,
            context: row.try_get("context")?,
            version: row.try_get::<i32, _>("version")?.cast_unsigned(),
            checkpoint: Checkpoint {
                position: number(row, "position")?,
                event_id: row.try_get("event_id")?,
                event_time: row.try_get("event_time")?,
                applied_at: row.try_get("applied_at")?,
            },
            paused: row.try_get("paused")?,
            problem: row.try_get("problem")?,
            parked: number(row, "parked")?,
            retrying: number(row, "retrying")?,
            held: number(row, "held")?,
            rebuild: rebuild.map(|version| rebuild_of(row, version)).transpose()?,
        })
    }
}

fn rebuild_of(row: &PgRow, version: i32) -> Result<Rebuild, sqlx::Error> {
    let compared: sqlx::types::Json<Vec<TableComparison>> = row.try_get("compared")?;
    Ok(Rebuild {
        version: version.cast_unsigned(),
        compare_only: row.try_get::<&str, _>("purpose")? == "compare",
        position: number(row, "r_position")?,
        goal: number(row, "goal")?,
        started_at: row.try_get("started_at")?,
        started_by: row.try_get("started_by")?,
        problem: row.try_get("r_problem")?,
        finished_at: row.try_get("finished_at")?,
        outcome: row.try_get("outcome")?,
        compared: compared.0,
    })
}

/// Stops a projection until it is resumed; what is under way is finished first.
///
/// # Errors
/// When there is none of this name.
pub async fn pause(pool: &PgPool, name: &str, who: &str) -> Result<(), ControlError> {
    set_paused(pool, name, who, true).await
}

/// Lets a projection go on.
///
/// # Errors
/// When there is none of this name.
pub async fn resume(pool: &PgPool, name: &str, who: &str) -> Result<(), ControlError> {
    set_paused(pool, name, who, false).await
}

async fn set_paused(
    pool: &PgPool,
    name: &str,
    who: &str,
    paused: bool,
) -> Result<(), ControlError> {
    let mut tx = wall::begin(pool).await?;
    let done = sqlx::query("UPDATE checkpoints SET paused = $2 WHERE name = $1")
        .bind(name)
        .bind(paused)
        .execute(&mut *tx)
        .await?;
    if done.rows_affected() == 0 {
        return Err(ControlError::NotFound);
    }
    note(&mut tx, who, if paused { "pause" } else { "resume" }, name, "").await?;
    tx.commit().await?;
    Ok(())
}

async fn note(
    tx: &mut PgConnection,
    who: &str,
    action: &str,
    name: &str,
    reason: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO interventions (who, action, name, reason) VALUES ($1, $2, $3, $4)")
        .bind(who)
        .bind(action)
        .bind(name)
        .bind(reason)
        .execute(tx)
        .await
        .map(drop)
}

/// Drops the tables that are being filled, in the schema of an owner's pool; those that are read
/// stay as they are.
///
/// # Errors
/// When none are being filled.
pub async fn cancel_rebuild(pool: &PgPool, name: &str, who: &str) -> Result<(), ControlError> {
    let schema = schema_of(pool).await?;
    let mut tx = wall::begin(pool).await?;
    let done = sqlx::query(
        "UPDATE rebuilds SET finished_at = clock_timestamp(), outcome = 'cancelled'
         WHERE name = $1 AND finished_at IS NULL",
    )
    .bind(name)
    .execute(&mut *tx)
    .await?;
    if done.rows_affected() == 0 {
        return Err(ControlError::NotFound);
    }
    rebuild::clear(&mut tx, &schema, name).await?;
    note(&mut tx, who, "cancel rebuild", name, "").await?;
    tx.commit().await?;
    Ok(())
}

/// Where a parked fact stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParkedState {
    /// It is tried again by itself.
    Retrying,
    /// It is left to a person.
    Parked,
    /// It waits behind another fact of its object.
    Held,
}

/// A fact that could not be applied, or waits behind one.
#[derive(Clone, Debug)]
pub struct ParkedFact {
    /// Name of the projection.
    pub projection: String,
    /// Whether it is about tables that are being filled, and not about those that are read.
    pub next: bool,
    /// Position in the log.
    pub position: u64,
    /// The brand it belongs to.
    pub tenant: String,
    /// `aggregate/id` of the object.
    pub object: String,
    /// Type and version of the event.
    pub event_type: String,
    /// Where it stands.
    pub state: ParkedState,
    /// How often it was tried.
    pub tries: u32,
    /// Why it could not be applied.
    pub reason: String,
    /// When it failed first.
    pub since: DateTime<Utc>,
}

impl FromRow<'_, PgRow> for ParkedFact {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let (aggregate, id): (&str, &str) = (row.try_get("aggregate")?, row.try_get("object_id")?);
        Ok(Self {
            projection: row.try_get("name")?,
            next: row.try_get("next")?,
            position: number(row, "position")?,
            tenant: row.try_get("tenant_id")?,
            object: format!("{aggregate}/{id}"),
            event_type: row.try_get("event_type")?,
            state: match row.try_get("state")? {
                "retrying" => ParkedState::Retrying,
                "held" => ParkedState::Held,
                _ => ParkedState::Parked,
            },
            tries: row.try_get::<i32, _>("tries")?.unsigned_abs(),
            reason: row.try_get("reason")?,
            since: row.try_get("since")?,
        })
    }
}

/// One parked fact; of the tables that are read, if it is parked for both.
///
/// # Errors
/// When the database fails.
pub async fn parked_at(
    pool: &PgPool,
    name: &str,
    position: u64,
) -> Result<Option<ParkedFact>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM parked WHERE name = $1 AND position = $2 ORDER BY next LIMIT 1")
        .bind(name)
        .bind(position.cast_signed())
        .fetch_optional(pool)
        .await
}

/// Parked facts, oldest first; those of one projection if it is named. Those that only wait come
/// last.
///
/// # Errors
/// When the database fails.
pub async fn parked(
    pool: &PgPool,
    name: Option<&str>,
    limit: u32,
) -> Result<Vec<ParkedFact>, sqlx::Error> {
    sqlx::query_as(
        "SELECT * FROM parked WHERE $1::text IS NULL OR name = $1
         ORDER BY state = 'held', name, next, position LIMIT $2",
    )
    .bind(name)
    .bind(i64::from(limit))
    .fetch_all(pool)
    .await
}

/// Has a parked fact tried once more.
///
/// # Errors
/// When it is not parked, or waits behind another.
pub async fn retry(
    pool: &PgPool,
    name: &str,
    position: u64,
    who: &str,
) -> Result<(), ControlError> {
    let mut tx = wall::begin(pool).await?;
    let object = blocker(&mut tx, name, position).await?;
    sqlx::query(
        "UPDATE parked SET state = 'retrying', tries = $3, next_try = clock_timestamp()
         WHERE name = $1 AND position = $2 AND state <> 'held'",
    )
    .bind(name)
    .bind(position.cast_signed())
    .bind(parking::TRIES - 1)
    .execute(&mut *tx)
    .await?;
    intervene(&mut tx, who, "retry", (name, position, &object), "").await?;
    tx.commit().await?;
    Ok(())
}

/// Leaves a fact out of a read model, now and in every rebuild in which it fails again. Those that
/// wait behind it are tried.
///
/// # Errors
/// When it is not parked, or waits behind another.
pub async fn skip(
    pool: &PgPool,
    name: &str,
    position: u64,
    who: &str,
    reason: &str,
) -> Result<(), ControlError> {
    let mut tx = wall::begin(pool).await?;
    let object = blocker(&mut tx, name, position).await?;
    for next in [false, true] {
        parking::forget(&mut tx, name, next, position.cast_signed()).await?;
    }
    intervene(&mut tx, who, "skip", (name, position, &object), reason).await?;
    tx.commit().await?;
    Ok(())
}

/// The object of a fact that is parked itself. The checkpoint is locked, so nothing of the object
/// moves meanwhile.
async fn blocker(tx: &mut PgConnection, name: &str, position: u64) -> Result<String, ControlError> {
    for table in ["checkpoints", "rebuilds"] {
        sqlx::query(&format!("SELECT 1 FROM {table} WHERE name = $1 FOR UPDATE"))
            .bind(name)
            .execute(&mut *tx)
            .await?;
    }
    let fact: Option<ParkedFact> = sqlx::query_as(
        "SELECT * FROM parked WHERE name = $1 AND position = $2 ORDER BY state = 'held' LIMIT 1",
    )
    .bind(name)
    .bind(position.cast_signed())
    .fetch_optional(&mut *tx)
    .await?;
    let fact = fact.ok_or(ControlError::NotFound)?;
    if fact.state == ParkedState::Held {
        let first: i64 = sqlx::query_scalar(
            "SELECT min(b.position) FROM parked b JOIN parked h
                 USING (name, next, tenant_id, aggregate, object_id)
             WHERE name = $1 AND h.position = $2",
        )
        .bind(name)
        .bind(position.cast_signed())
        .fetch_one(tx)
        .await?;
        return Err(ControlError::Held(first.cast_unsigned()));
    }
    Ok(format!("{}/{}", fact.tenant, fact.object))
}

async fn intervene(
    tx: &mut PgConnection,
    who: &str,
    action: &str,
    (name, position, object): (&str, u64, &str),
    reason: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO interventions (who, action, name, position, object, reason)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(who)
    .bind(action)
    .bind(name)
    .bind(position.cast_signed())
    .bind(object)
    .bind(reason)
    .execute(tx)
    .await
    .map(drop)
}
