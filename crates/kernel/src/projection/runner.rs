//! The loop that feeds one projection.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream;
use futures::StreamExt as _;
use sqlx::PgPool;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::batch::RunError;
use super::care::Care;
use super::lane::{Lane, Which, schema_of};
use super::source::{self, Delivered, FromLog};
use super::{AnyProjection, Checkpoint, Progress, parked, rebuild};
use crate::failure::chain;
use crate::log::Log;
use crate::wall::{self, Keepers};

/// Facts from the stream applied in one transaction at most.
const BATCH: usize = 256;
/// More facts behind than this, and they are read from the log.
const FAR: u64 = 2_000;
/// Longest wait between tries after a failure.
const PAUSE_MAX: Duration = Duration::from_secs(10);
/// How often the log is read while the stream is away.
const WITHOUT_STREAM: Duration = Duration::from_millis(500);
/// After this time without news it is checked that the consumer still exists: a stream that was
/// lost and filled again has forgotten it.
const QUIET: Duration = Duration::from_secs(3);

/// Makes the tables that projections keep about themselves in the schema of an owner's pool, and
/// puts the wall between tenants up on all that is there.
///
/// # Errors
/// When the database refuses.
pub async fn install(pool: &PgPool) -> Result<(), sqlx::Error> {
    wall::make(pool, include_str!("../../migrations/projection/tables.sql")).await
}

/// Feeds one projection from its context's log and stream.
pub struct Runner {
    owner: PgPool,
    live: Lane,
    next: Lane,
    log: Log,
    jetstream: jetstream::Context,
    schema: String,
    progress: watch::Sender<Checkpoint>,
    problem: watch::Sender<Option<String>>,
}

impl Runner {
    /// A runner whose checkpoint and tables are in the keepers' schema; makes them if they are
    /// missing.
    ///
    /// # Errors
    /// When the tables can not be made or the checkpoint not be read.
    pub async fn new(
        projection: Arc<dyn AnyProjection>,
        keepers: impl Into<Keepers>,
        log: Log,
        jetstream: jetstream::Context,
    ) -> Result<Self, sqlx::Error> {
        let Keepers { owner, all } = keepers.into();
        rebuild::prepare(&owner, projection.as_ref()).await?;
        let schema = schema_of(&owner).await?;
        let live = Lane::new(projection.clone(), all.clone(), &schema, Which::Live);
        let next = Lane::new(projection, all, &schema, Which::Next);
        let checkpoint = live.checkpoint().await?.unwrap_or_default();
        Ok(Self {
            owner,
            live,
            next,
            log,
            jetstream,
            schema,
            progress: watch::Sender::new(checkpoint),
            problem: watch::Sender::new(None),
        })
    }

    /// A view on how far it is.
    pub fn progress(&self) -> Progress {
        Progress {
            name: self.live.name(),
            context: self.live.projection.context(),
            checkpoint: self.progress.subscribe(),
            problem: self.problem.subscribe(),
        }
    }

    /// Applies facts until cancelled. A fact that can not be applied is parked, never skipped.
    pub async fn run(self, stop: CancellationToken) {
        let (live, next) = (self.live.clone(), self.next.clone());
        let mut tasks = JoinSet::new();
        tasks.spawn(parked::run(live.clone(), self.log.clone()));
        if !live.projection.tables().is_empty() {
            tasks.spawn(parked::run(next.clone(), self.log.clone()));
            let builder = rebuild::Builder {
                owner: self.owner.clone(),
                live: live.clone(),
                next: next.clone(),
                log: self.log.clone(),
                schema: self.schema.clone(),
                progress: self.progress.clone(),
            };
            tasks.spawn(builder.run());
        }
        tokio::select! {
            () = stop.cancelled() => (),
            () = self.feed() => (),
        }
        tasks.shutdown().await;
        for lane in [live, next] {
            if let Err(error) = lane.end().await {
                tracing::debug!(error = %chain(&error), "the end of a projection is not on record");
            }
        }
    }

    async fn feed(&self) {
        let name = self.live.name();
        let mut pause = Duration::from_millis(100);
        let mut care = None;
        loop {
            let before = self.progress.borrow().position;
            let error = match self.follow(&mut care).await {
                Ok(()) => continue,
                Err(error) => error,
            };
            if error.is_usual() {
                tracing::debug!(projection = name, error = %chain(&error), "no stream for now");
                if let RunError::OtherVersion(_) = error {
                    self.show(Some(chain(&error)));
                }
                tokio::time::sleep(WITHOUT_STREAM).await;
                continue;
            }
            tracing::warn!(projection = name, error = %chain(&error), "a projection starts again");
            metrics::counter!("qudao_projection_failures", "projection" => name).increment(1);
            let moved = self.progress.borrow().position > before;
            pause = if moved { Duration::from_millis(100) } else { (pause * 2).min(PAUSE_MAX) };
            if error.is_named() {
                self.tell(Some(chain(&error))).await;
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// Applies what is after the checkpoint, from the log if there is much, then from the stream
    /// until its consumer is lost.
    async fn follow(&self, care: &mut Option<Care>) -> Result<(), RunError> {
        let care = match care {
            Some(care) => care,
            None => care.insert(Care::begin(&self.live).await?),
        };
        let at = self.live.checkpoint().await?.ok_or(RunError::Stopped)?;
        let start = at.position + 1;
        match self.live.standing().await? {
            Some((false, version)) if version == self.live.projection.version() => (),
            Some((false, version)) => {
                self.progress.send_replace(at);
                return Err(RunError::OtherVersion(version));
            }
            _ => return Err(RunError::Stopped),
        }
        let behind = self.behind(&at).await?;
        self.progress.send_replace(at);
        self.tell(None).await;
        let context = self.live.projection.context();
        if behind > FAR {
            return self.read_log(start - 1, care).await;
        }
        match source::consumer(&self.jetstream, context, start).await {
            Ok(consumer) => {
                // Once more: log and stream may have been replaced before the consumer was there.
                self.behind(&self.live.checkpoint().await?.ok_or(RunError::Stopped)?).await?;
                self.read_stream(consumer, care).await
            }
            Err(error) => {
                self.read_log(start - 1, care).await?;
                Err(error)
            }
        }
    }

    /// How many facts there are after a checkpoint, when it is one of this log.
    async fn behind(&self, at: &Checkpoint) -> Result<u64, RunError> {
        let head = self.log.head().await?;
        if at.position > head {
            return Err(RunError::Ahead { position: at.position, head });
        }
        if let Some(applied) = at.event_id {
            let there = self.log.read_after(at.position - 1, 1).await?;
            if there.first().map(|event| event.event_id) != Some(applied) {
                return Err(RunError::Diverged { position: at.position });
            }
        }
        Ok(head - at.position)
    }

    async fn read_log(&self, position: u64, care: &mut Care) -> Result<(), RunError> {
        let mut facts = FromLog::after(&self.log, position);
        while let Some(batch) = facts.next().await? {
            self.progress.send_replace(care.apply(&self.live, &batch).await?);
        }
        Ok(())
    }

    /// What the stream does not have as it should be, from the log, which is the record.
    async fn read_missing(&self, care: &mut Care) -> Result<(), RunError> {
        let at = self.live.checkpoint().await?.ok_or(RunError::Stopped)?;
        self.behind(&at).await?;
        self.read_log(at.position, care).await
    }

    async fn read_stream(
        &self,
        consumer: jetstream::consumer::Consumer<jetstream::consumer::pull::OrderedConfig>,
        care: &mut Care,
    ) -> Result<(), RunError> {
        let context = self.live.projection.context();
        let messages = consumer.clone().messages().await;
        let messages = messages.map_err(|error| RunError::Stream(chain(&error)))?;
        let mut batches = messages.ready_chunks(BATCH);
        let mut read = 0;
        loop {
            let Ok(batch) = tokio::time::timeout(QUIET, batches.next()).await else {
                // A database that died may have lost what it had said to be done.
                let at = self.live.checkpoint().await?.ok_or(RunError::Stopped)?;
                let moved = at != *self.progress.borrow();
                if moved || consumer.get_info().await.is_err() {
                    return Ok(());
                }
                match self.behind(&at).await? {
                    0 => continue,
                    // The stream says nothing of facts that there are, so it is no good copy.
                    _ => return self.read_log(at.position, care).await,
                }
            };
            let Some(batch) = batch else { return Ok(()) };
            let (mut events, mut behind) = (Vec::with_capacity(batch.len()), 0);
            for message in batch {
                let message = message.map_err(|error| RunError::Stream(chain(&error)))?;
                let Delivered { event, nth, pending } = match source::event(context, &message) {
                    Ok(delivered) => delivered,
                    Err(error) => {
                        // The log has it as well, and is the record.
                        tracing::warn!(error = %chain(&error), "a message can not be read");
                        return self.read_missing(care).await;
                    }
                };
                read += 1;
                if nth != read {
                    tracing::info!(projection = self.live.name(), "its consumer was made anew");
                    return Ok(());
                }
                behind = pending;
                events.push(event);
            }
            match care.apply(&self.live, &events).await {
                Ok(at) => drop(self.progress.send_replace(at)),
                // The stream is no good copy; the log has what is missing, and in order.
                Err(error @ RunError::Gap { .. }) => {
                    tracing::warn!(error = %chain(&error), "read from the log instead");
                    return self.read_missing(care).await;
                }
                Err(error) => return Err(error),
            }
            // Messages that wait need not be facts that are missing.
            let at = self.progress.borrow().clone();
            if behind > FAR && self.behind(&at).await? > FAR {
                return Ok(());
            }
        }
    }

    /// Tells why it can not go on, here and to whoever asks another process.
    async fn tell(&self, problem: Option<String>) {
        let name = self.live.name();
        let told = sqlx::query(
            "UPDATE checkpoints SET problem = $2 WHERE name = $1 AND problem IS DISTINCT FROM $2",
        )
        .bind(name)
        .bind(&problem)
        .execute(&self.live.pool)
        .await;
        if let Err(error) = told {
            tracing::debug!(error = %chain(&error), "a problem can not be written down");
        }
        self.show(problem);
    }

    fn show(&self, problem: Option<String>) {
        self.problem.send_if_modified(|before| {
            let changed = *before != problem;
            *before = problem;
            changed
        });
    }
}
