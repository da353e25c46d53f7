//! The end of the log, where the next batch goes.

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use proof::Hash;
use sqlx::{PgConnection, Row as _};

use crate::clock;

/// The end of the log as this process knows it: another process may have moved it.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) position: u64,
    pub(super) hash: Hash,
    recorded_at: DateTime<Utc>,
    /// The database's clock, and when it was read: all processes go by that one clock.
    clock: (DateTime<Utc>, Instant),
}

impl Head {
    /// Locks it until the transaction ends: nobody else can move it then.
    pub(super) async fn lock(db: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let row = sqlx::query(
            "SELECT position, hash, recorded_at, clock_timestamp() FROM log_head FOR UPDATE",
        )
        .fetch_one(db)
        .await?;
        let hash: &[u8] = row.try_get(1)?;
        Ok(Self {
            position: row.try_get::<i64, _>(0)?.cast_unsigned(),
            hash: hash.try_into().map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
            recorded_at: row.try_get(2)?,
            clock: (row.try_get(3)?, clock::instant()),
        })
    }

    /// The time that a batch is recorded at now. It never runs backwards, whatever the clock does.
    pub(super) fn time(&self) -> DateTime<Utc> {
        let (read, at) = self.clock;
        let passed = TimeDelta::from_std(clock::since(at)).unwrap_or_default();
        // The database keeps microseconds, and what is hashed has to be what it keeps.
        let now = (read + passed).timestamp_micros();
        DateTime::from_timestamp_micros(now).unwrap_or(read).max(self.recorded_at)
    }

    /// The end after a batch, and the database's clock as it was told with it.
    pub(super) fn after(
        position: u64,
        hash: Hash,
        recorded_at: DateTime<Utc>,
        clock: DateTime<Utc>,
    ) -> Self {
        Self { position, hash, recorded_at, clock: (clock, clock::instant()) }
    }

    /// Whether nobody has moved it.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.position == other.position && self.hash == other.hash
    }
}
