//! Facts that can not be applied: tried again with growing pauses, then left to a person. Later
//! facts of the same object wait behind them, all others flow on.

use std::collections::HashSet;
use std::time::Duration;

use sqlx::{PgConnection, Row as _};

use super::batch::{RunError, alone, locked};
use super::lane::{Lane, Which};
use crate::clock;
use crate::event::Recorded;
use crate::failure::chain;
use crate::fault;
use crate::log::Log;
use crate::wall;

/// Tries of a fact before it is left to a person.
pub(super) const TRIES: i32 = 5;
/// Facts of one projection that may wait behind parked ones.
const HELD_MAX: i64 = 100_000;
/// Pause after the first try; each one after it is four times as long.
const PAUSE: Duration = Duration::from_millis(100);
/// How often it is looked whether somebody asked for a retry.
const LOOK: Duration = Duration::from_secs(1);

/// Objects of which a fact is parked.
#[derive(Default)]
pub(super) struct Objects(HashSet<(String, String, String)>);

impl Objects {
    pub(super) fn contain(&self, event: &Recorded) -> bool {
        !self.0.is_empty() && self.0.contains(&key(event)) && !fault::planted("facts.overtake")
    }

    pub(super) fn add(&mut self, event: &Recorded) {
        self.0.insert(key(event));
    }
}

fn key(event: &Recorded) -> (String, String, String) {
    (event.tenant.clone(), event.aggregate.clone(), event.object_id.clone())
}

/// A fact that is put aside.
pub(super) struct Waiting {
    event: Recorded,
    state: &'static str,
    tries: i32,
    reason: String,
}

impl Waiting {
    /// It waits behind another.
    pub(super) fn held(event: &Recorded) -> Self {
        Self { event: event.clone(), state: "held", tries: 0, reason: String::new() }
    }

    /// It failed for the first time.
    pub(super) fn failed(event: &Recorded, reason: &str) -> Self {
        Self { event: event.clone(), state: "retrying", tries: 1, reason: reason.to_owned() }
    }

    /// It was tried often enough.
    pub(super) fn given_up(event: &Recorded, reason: &str) -> Self {
        Self { event: event.clone(), state: "parked", tries: TRIES, reason: reason.to_owned() }
    }
}

pub(super) async fn objects(lane: &Lane, tx: &mut PgConnection) -> Result<Objects, sqlx::Error> {
    let rows = sqlx::query_as(
        "SELECT DISTINCT tenant_id, aggregate, object_id FROM parked WHERE name = $1 AND next = $2",
    )
    .bind(lane.name())
    .bind(lane.which.is_next())
    .fetch_all(tx)
    .await?;
    Ok(Objects(rows.into_iter().collect()))
}

/// Whether a person decided that the read model goes without a fact.
pub(super) async fn was_skipped(
    lane: &Lane,
    db: &mut PgConnection,
    position: u64,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM interventions
         WHERE name = $1 AND position = $2 AND action = 'skip')",
    )
    .bind(lane.name())
    .bind(position.cast_signed())
    .fetch_one(db)
    .await
}

/// Stores what is put aside; not more than a person can look through.
pub(super) async fn put(
    lane: &Lane,
    tx: &mut PgConnection,
    waiting: &[Waiting],
) -> Result<(), RunError> {
    for one in waiting {
        sqlx::query(
            "INSERT INTO parked (name, next, position, tenant_id, aggregate, object_id, event_type,
                                 state, tries, next_try, reason)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(lane.name())
        .bind(lane.which.is_next())
        .bind(one.event.position.cast_signed())
        .bind(&one.event.tenant)
        .bind(&one.event.aggregate)
        .bind(&one.event.object_id)
        .bind(format!("{} v{}", one.event.event_type, one.event.event_version))
        .bind(one.state)
        .bind(one.tries)
        .bind(clock::now() + pause(one.tries))
        .bind(&one.reason)
        .execute(&mut *tx)
        .await?;
    }
    if waiting.is_empty() {
        return Ok(());
    }
    let held: i64 = sqlx::query_scalar("SELECT count(*) FROM parked WHERE name = $1 AND next = $2")
        .bind(lane.name())
        .bind(lane.which.is_next())
        .fetch_one(tx)
        .await?;
    if held > HELD_MAX {
        return Err(RunError::TooManyHeld(held));
    }
    Ok(())
}

fn pause(tries: i32) -> Duration {
    PAUSE * 4_u32.pow(tries.clamp(1, TRIES).unsigned_abs() - 1)
}

/// Tries parked facts again whenever they are due. Never ends.
pub(super) async fn run(lane: Lane, log: Log) {
    loop {
        let pause = match retry_next(&lane, &log).await {
            Ok(Some(())) => Duration::ZERO,
            Ok(None) | Err(RunError::Stopped | RunError::OtherVersion(_)) => LOOK,
            Err(error) => {
                tracing::warn!(
                    projection = lane.name(), error = %chain(&error), "parked facts have to wait"
                );
                LOOK
            }
        };
        if !pause.is_zero() {
            tokio::time::sleep(pause.min(next_due(&lane).await)).await;
        }
    }
}

/// How long until a fact is due; also tells the metrics how many there are.
async fn next_due(lane: &Lane) -> Duration {
    let asked = sqlx::query(
        "SELECT count(*) FILTER (WHERE state = 'parked') AS parked,
                count(*) FILTER (WHERE state = 'held') AS held,
                (extract(epoch FROM min(next_try) FILTER (WHERE state = 'retrying')
                    - clock_timestamp()) * 1000)::bigint AS due
         FROM parked WHERE name = $1 AND next = $2",
    )
    .bind(lane.name())
    .bind(lane.which.is_next())
    .fetch_one(&lane.pool)
    .await;
    let Ok(row) = asked else { return LOOK };
    if lane.which == Which::Live {
        for state in ["parked", "held"] {
            let count = u32::try_from(row.get::<i64, _>(state)).unwrap_or(u32::MAX);
            metrics::gauge!("qudao_projection_parked", "projection" => lane.name(), "state" => state)
                .set(count);
        }
    }
    let due = row.get::<Option<i64>, _>("due").map(|due| due.clamp(10, 1_000).unsigned_abs());
    due.map_or(LOOK, Duration::from_millis)
}

/// Tries the first fact that is due; `None` when there is none.
async fn retry_next(lane: &Lane, log: &Log) -> Result<Option<()>, RunError> {
    // The try is on record before it begins: a fact that ends the process has been tried as well.
    let row = sqlx::query(
        "UPDATE parked SET
             state = CASE WHEN tries >= $3 THEN 'parked' ELSE state END,
             tries = least(tries + 1, $3),
             next_try = clock_timestamp() + interval '100 ms' * 4 ^ tries
         WHERE (name, next, position) IN (
             SELECT p.name, p.next, p.position FROM parked p
             JOIN checkpoints c ON c.name = p.name AND (p.next OR NOT c.paused)
             WHERE p.name = $1 AND p.next = $2 AND state = 'retrying'
                 AND next_try <= clock_timestamp()
             ORDER BY p.position LIMIT 1)
         RETURNING position, state",
    )
    .bind(lane.name())
    .bind(lane.which.is_next())
    .bind(TRIES)
    .fetch_optional(&lane.pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    if row.get::<&str, _>("state") == "retrying" {
        let position = row.get::<i64, _>("position").cast_unsigned();
        let tried = retry(lane, log, position).await;
        if tried.is_err() {
            // Not the fact's fault, so it does not count.
            sqlx::query(
                "UPDATE parked SET tries = tries - 1
                 WHERE name = $1 AND next = $2 AND position = $3 AND tries > 0",
            )
            .bind(lane.name())
            .bind(lane.which.is_next())
            .bind(position.cast_signed())
            .execute(&lane.pool)
            .await?;
        }
        tried?;
    }
    Ok(Some(()))
}

async fn retry(lane: &Lane, log: &Log, position: u64) -> Result<(), RunError> {
    let events = log.read_after(position - 1, 1).await?;
    let Some(event) = events.first().filter(|event| event.position == position) else {
        return Err(RunError::Ahead { position, head: log.head().await? });
    };
    let mut tx = wall::begin(&lane.pool).await?;
    locked(lane, &mut tx).await?;
    let still: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM parked
         WHERE name = $1 AND next = $2 AND position = $3 AND state = 'retrying')",
    )
    .bind(lane.name())
    .bind(lane.which.is_next())
    .bind(position.cast_signed())
    .fetch_one(&mut *tx)
    .await?;
    if !still {
        return Ok(());
    }
    match alone(lane, &mut tx, event).await? {
        Ok(()) => release(lane, &mut tx, event).await?,
        Err(source) => {
            sqlx::query(
                "UPDATE parked SET reason = $4,
                     state = CASE WHEN tries >= $5 THEN 'parked' ELSE state END
                 WHERE name = $1 AND next = $2 AND position = $3",
            )
            .bind(lane.name())
            .bind(lane.which.is_next())
            .bind(position.cast_signed())
            .bind(chain(&source))
            .bind(TRIES)
            .execute(&mut *tx)
            .await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// A parked fact is done with; the next one of its object is tried.
pub(super) async fn release(
    lane: &Lane,
    tx: &mut PgConnection,
    event: &Recorded,
) -> Result<(), sqlx::Error> {
    forget(tx, lane.name(), lane.which.is_next(), event.position.cast_signed()).await
}

/// Takes a fact from the list and makes the next one of its object due.
pub(super) async fn forget(
    tx: &mut PgConnection,
    name: &str,
    next: bool,
    position: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "WITH gone AS (
             DELETE FROM parked WHERE name = $1 AND next = $2 AND position = $3
             RETURNING tenant_id, aggregate, object_id)
         UPDATE parked SET state = 'retrying', tries = 0, next_try = clock_timestamp()
         WHERE name = $1 AND next = $2 AND state = 'held' AND position = (
             SELECT min(p.position) FROM parked p
             JOIN gone USING (tenant_id, aggregate, object_id)
             WHERE p.name = $1 AND p.next = $2 AND p.position <> $3)",
    )
    .bind(name)
    .bind(next)
    .bind(position)
    .execute(tx)
    .await
    .map(drop)
}
