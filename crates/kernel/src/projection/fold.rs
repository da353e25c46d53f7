//! A whole log folded into empty tables, one fact a transaction or in bulk as a rebuild does it:
//! for whoever compares the rows, or the time that it takes.

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

/// What was folded.
#[derive(Clone, Copy, Debug)]
pub struct Folded {
    /// Facts read from the log.
    pub events: u64,
    /// How long they took.
    pub took: Duration,
}

/// Why it could not be folded.
#[derive(Debug, thiserror::Error)]
#[error("a log can not be folded: {0}")]
pub struct FoldError(String);

impl From<RunError> for FoldError {
    fn from(error: RunError) -> Self {
        Self(chain(&error))
    }
}

impl From<sqlx::Error> for FoldError {
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
) -> Result<Folded, FoldError> {
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
    Ok(Folded { events: done, took: started.elapsed() })
}
