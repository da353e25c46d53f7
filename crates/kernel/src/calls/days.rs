//! Partitions of the access log: one a day, made before it is needed and dropped when it is old.

use std::time::Duration;

use chrono::{DateTime, Days as Span, NaiveDate, Utc};

use crate::failure::chain;
use crate::wall::Schema;

/// Makes the tables if they are missing, with the partitions of today and tomorrow.
pub(super) async fn prepare(schema: &Schema, now: DateTime<Utc>) -> sqlx::Result<()> {
    let (today, tomorrow) = (now.date_naive(), now.date_naive() + Span::new(1));
    let tables = include_str!("../../migrations/calls/tables.sql");
    schema.make(&format!("{tables}{}{}", partition(today), partition(tomorrow))).await
}

/// Names and dates are our own; a partition can not be made with parameters.
fn partition(day: NaiveDate) -> String {
    let (name, next) = (name(day), day + Span::new(1));
    format!(
        "CREATE TABLE IF NOT EXISTS {name} PARTITION OF calls
         FOR VALUES FROM ('{day} 00:00:00+00') TO ('{next} 00:00:00+00');"
    )
}

fn name(day: NaiveDate) -> String {
    format!("calls_{}", day.format("%Y%m%d"))
}

/// Keeps the partitions as the days go by.
pub(super) struct Days {
    schema: Schema,
    keep: Duration,
    seen: Option<NaiveDate>,
}

impl Days {
    pub(super) fn new(schema: Schema, keep: Duration) -> Self {
        Self { schema, keep, seen: None }
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
        prepare(&self.schema, now).await?;
        let oldest = (now - self.keep).date_naive();
        let partitions: Vec<String> = sqlx::query_scalar(
            "SELECT child.relname FROM pg_inherits
             JOIN pg_class child ON child.oid = inhrelid
             WHERE inhparent = 'calls'::regclass AND child.relname < $1",
        )
        .bind(name(oldest))
        .fetch_all(self.schema.owner())
        .await?;
        for partition in partitions {
            let statement = format!("DROP TABLE IF EXISTS {partition}");
            sqlx::query(&statement).execute(self.schema.owner()).await?;
            tracing::info!(partition, "a day of the access log is older than it is kept");
        }
        Ok(())
    }
}
