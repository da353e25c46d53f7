//! The short transaction in which new tables take the place of those that are read.

use std::time::Duration;

use sqlx::PgConnection;

use super::batch::RunError;
use super::lane::next_schema;
use super::rebuild::{drop_schema, old_schema};
use super::{AnyProjection, compare};

/// How long a try waits for queries that run, and other queries behind it.
const LOCK_WAIT: &str = "100ms";
/// Tries before the old tables are fed again for a while.
const LOCK_TRIES: usize = 10;

/// Puts the new tables in the place of the old ones, with their checkpoint and what is parked. The
/// old ones are left in a schema of their own, to be dropped when nobody waits.
pub(super) async fn exchange(
    tx: &mut PgConnection,
    schema: &str,
    projection: &dyn AnyProjection,
) -> Result<(), RunError> {
    let name = projection.name();
    let (next, old) = (next_schema(schema, name), old_schema(schema, name));
    let declared: Vec<_> = projection.tables().iter().map(|table| table.name.to_owned()).collect();
    let mut known = old_tables(tx, schema, name, &declared).await?;
    lock(tx, schema, &mut known).await?;
    drop_schema(tx, &old).await?;
    sqlx::query(&format!("CREATE SCHEMA \"{old}\"")).execute(&mut *tx).await?;
    for table in &known {
        move_table(tx, schema, table, &old).await?;
    }
    for table in &declared {
        move_table(tx, &next, table, schema).await?;
    }
    drop_schema(tx, &next).await?;
    sqlx::query(
        "UPDATE checkpoints c SET version = r.version, position = r.position,
             event_id = r.event_id, event_time = r.event_time, applied_at = r.applied_at,
             attempt_to = r.attempt_to, attempts = 0, problem = NULL, tables = $2
         FROM rebuilds r WHERE c.name = $1 AND r.name = $1",
    )
    .bind(name)
    .bind(&declared)
    .execute(&mut *tx)
    .await?;
    let forget = "DELETE FROM parked WHERE name = $1 AND NOT next";
    sqlx::query(forget).bind(name).execute(&mut *tx).await?;
    let keep = "UPDATE parked SET next = false WHERE name = $1";
    sqlx::query(keep).bind(name).execute(tx).await?;
    Ok(())
}

/// The tables that are there: those of the version that is read, which may have had others.
async fn old_tables(
    tx: &mut PgConnection,
    schema: &str,
    name: &str,
    declared: &[String],
) -> Result<Vec<String>, sqlx::Error> {
    let recorded: Vec<String> =
        sqlx::query_scalar("SELECT tables FROM checkpoints WHERE name = $1")
            .bind(name)
            .fetch_one(&mut *tx)
            .await?;
    let mut there = Vec::new();
    for table in declared.iter().chain(&recorded) {
        if !there.contains(table) && compare::exists(tx, schema, table).await? {
            there.push(table.clone());
        }
    }
    Ok(there)
}

/// Locks all tables against readers, or none. A query that joins them locks them one by one in an
/// order of its own, so both orders are tried and no try is long.
async fn lock(tx: &mut PgConnection, schema: &str, tables: &mut [String]) -> Result<(), RunError> {
    if tables.is_empty() {
        return Ok(());
    }
    sqlx::query(&format!("SET LOCAL lock_timeout = '{LOCK_WAIT}'")).execute(&mut *tx).await?;
    for _ in 0..LOCK_TRIES {
        let names: Vec<_> =
            tables.iter().map(|table| format!("\"{schema}\".\"{table}\"")).collect();
        sqlx::query("SAVEPOINT locks").execute(&mut *tx).await?;
        let lock = format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", names.join(", "));
        let Err(error) = sqlx::query(&lock).execute(&mut *tx).await else { return Ok(()) };
        if error.as_database_error().is_none() {
            return Err(error.into());
        }
        sqlx::query("ROLLBACK TO SAVEPOINT locks").execute(&mut *tx).await?;
        tables.reverse();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err(RunError::InUse)
}

async fn move_table(
    tx: &mut PgConnection,
    from: &str,
    table: &str,
    to: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(&format!("ALTER TABLE \"{from}\".\"{table}\" SET SCHEMA \"{to}\""))
        .execute(tx)
        .await
        .map(drop)
}
