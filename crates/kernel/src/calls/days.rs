//! Partitions of the access log: one a day, made before it is needed and dropped when it is old.

use std::time::Duration;

use chrono::{DateTime, Days as Span, NaiveDate, Utc};
use sqlx::{PgConnection, PgPool};

use crate::failure::chain;

/// Makes the tables if they are missing, with the partitions of today and tomorrow.
pub(super) async fn prepare(pool: &PgPool, now: DateTime<Utc>) -> sqlx::Result<()> {
    let mut tx = pool.begin().await?;
    // Every process does this at its start and at midnight; one after the other.
    sqlx::query("SELECT pg_advisory_xact_lock(hashtext('qudao access log'))")
        .execute(&mut *tx)
        .await?;
    for statement in include_str!("../../migrations/calls/tables.sql").split_inclusive(";\n") {
        sqlx::query(statement).execute(&mut *tx).await?;
    }
    for ahead in [0, 1] {
        partition(&mut tx, now.date_naive() + Span::new(ahead)).await?;
    }
    tx.commit().await
}

async fn partition(connection: &mut PgConnection, day: NaiveDate) -> sqlx::Result<()> {
    let (name, next) = (name(day), day + Span::new(1));
    // Names and dates are our own; a partition can not be made with parameters.
    let statement = format!(
        "CREATE TABLE IF NOT EXISTS {name} PARTITION OF calls
         FOR VALUES FROM ('{day} 00:00:00+00') TO ('{next} 00:00:00+00')"
    );
    sqlx::query(&statement).execute(connection).await.map(drop)
}

fn name(day: NaiveDate) -> String {
    format!("calls_{}", day.format("%Y%m%d"))
}

/// Keeps the partitions as the days go by.
pub(super) struct Days {
    pool: PgPool,
    keep: Duration,
    seen: Option<NaiveDate>,
}

impl Days {
    pub(super) fn new(pool: PgPool, keep: Duration) -> Self {
        Self { pool, keep, seen: None }
    }

    /// Does what a new day asks for, if there is one. What fails is tried again with the next
    /// batch: tomorrow's partition is there already.
    pub(super) async fn turn(&mut self, now: DateTime<Utc>) {
        let today = now.date_naive();
        if self.seen == Some(today) {
            return;
        }
        match self.renew(now).await {
            Ok(()) => self.seen = Some(today),
            Err(error) => {
                tracing::warn!(error = %chain(&error), "the days of the access log are not kept");
            }
        }
    }

    async fn renew(&self, now: DateTime<Utc>) -> sqlx::Result<()> {
        prepare(&self.pool, now).await?;
        let oldest = (now - self.keep).date_naive();
        let partitions: Vec<String> = sqlx::query_scalar(
            "SELECT child.relname FROM pg_inherits
             JOIN pg_class child ON child.oid = inhrelid
             WHERE inhparent = 'calls'::regclass AND child.relname < $1",
        )
        .bind(name(oldest))
        .fetch_all(&self.pool)
        .await?;
        for partition in partitions {
            let statement = format!("DROP TABLE IF EXISTS {partition}");
            sqlx::query(&statement).execute(&self.pool).await?;
            tracing::info!(partition, "a day of the access log is older than it is kept");
        }
        Ok(())
    }
}
