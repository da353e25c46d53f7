//! The least that PostgreSQL can do: one INSERT of the same row into a table like the log's.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use kernel::log::{Log, NewEvent};
use sqlx::PgPool;
use uuid::Uuid;

use super::ours::{TENANT, metadata};
use super::tally::counted;
use crate::load::Operation;

/// As many as a log has.
const CONNECTIONS: u32 = 8;

const INSERT: &str = "
INSERT INTO plain_events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload,
    metadata, position, event_id, tenant_id, recorded_at, hash)
VALUES ('tally', $1, 1, $2, '1', $3::json, $4::json, $5, $6, $7, clock_timestamp(), $8)";

/// Makes the table: columns and indexes of the log's own.
///
/// # Errors
/// When the database does not answer.
pub async fn table(url: &str, log: &Log) -> anyhow::Result<PgPool> {
    let pool = owner(url, log).await?;
    sqlx::query("CREATE TABLE plain_events (LIKE events INCLUDING ALL)").execute(&pool).await?;
    Ok(pool)
}

/// The owner's connections to a log's schema: the log's own may make no table there.
pub(super) async fn owner(url: &str, log: &Log) -> anyhow::Result<PgPool> {
    let schema = format!("{}_log", log.context());
    Ok(kernel::log::connect(url, &schema, CONNECTIONS).await?)
}

/// Inserts one row, committed by itself.
pub fn single(pool: PgPool) -> Operation {
    let position = Arc::new(AtomicI64::new(0));
    Arc::new(move |_| {
        let pool = pool.clone();
        let position = position.fetch_add(1, Ordering::Relaxed) + 1;
        Box::pin(async move {
            let id = Uuid::new_v4();
            let event = NewEvent::of(&counted(1))?;
            sqlx::query(INSERT)
                .bind(format!("{TENANT}/{id}"))
                .bind(event.event_type)
                .bind(event.payload)
                .bind(serde_json::to_string(&metadata(id))?)
                .bind(position)
                .bind(Uuid::now_v7())
                .bind(TENANT)
                .bind(&[7_u8; 32][..])
                .execute(&pool)
                .await?;
            Ok(())
        })
    })
}
