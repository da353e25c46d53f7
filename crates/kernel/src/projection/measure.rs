//! How fast a projection folds a log: one fact a transaction, or in bulk as a rebuild does it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::PgPool;

use super::batch::RunError;
use super::lane::{Lane, Which, schema_of};
use super::source::FromLog;
use super::{AnyProjection, batch, install, rebuild};
use crate::failure::chain;
use crate::log::Log;

/// How facts are fed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feed {
    /// A transaction for each fact, durable before the next one begins.
    OneByOne,
    /// Thousands in one transaction, read ahead from the log.
    Bulk,
}

/// What was measured.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// Facts read from the log.
    pub events: u64,
    /// How long they took.
    pub took: Duration,
}

impl Measured {
    /// Facts a second.
    pub fn per_second(&self) -> u64 {
        let micros = self.took.as_micros().max(1);
        u64::try_from(u128::from(self.events) * 1_000_000 / micros).unwrap_or(u64::MAX)
    }
}

/// Why it could not be measured.
#[derive(Debug, thiserror::Error)]
#[error("a projection can not be measured: {0}")]
pub struct MeasureError(String);

impl From<RunError> for MeasureError {
    fn from(error: RunError) -> Self {
        Self(chain(&error))
    }
}

impl From<sqlx::Error> for MeasureError {
    fn from(error: sqlx::Error) -> Self {
        Self(chain(&error))
    }
}

/// Folds the log from its start into tables made in the pool's schema, which must be empty, until
/// `events` facts have been applied.
///
/// # Errors
/// When the database fails or the schema holds the projection already.
pub async fn fold(
    projection: Arc<dyn AnyProjection>,
    pool: &PgPool,
    log: &Log,
    feed: Feed,
    events: u64,
) -> Result<Measured, MeasureError> {
    install(pool).await?;
    rebuild::prepare(pool, projection.as_ref()).await?;
    let schema = schema_of(pool).await?;
    let lane = Lane::new(projection, pool.clone(), &schema, Which::Live);
    let lane = match feed {
        Feed::OneByOne => lane.durable(),
        Feed::Bulk => lane,
    };
    let started = Instant::now();
    let mut facts = FromLog::after(log, 0);
    let mut done = 0;
    while let Some(facts) = facts.next().await? {
        let wanted = usize::try_from(events - done).unwrap_or(usize::MAX).min(facts.len());
        let size = if feed == Feed::OneByOne { 1 } else { wanted.max(1) };
        for some in facts[..wanted].chunks(size) {
            done = batch::apply(&lane, some).await?.position;
        }
        if done >= events {
            break;
        }
    }
    Ok(Measured { events: done, took: started.elapsed() })
}
