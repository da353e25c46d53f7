//! The loop that feeds one projection.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::OrderedConfig;
use futures::StreamExt as _;
use sqlx::{PgConnection, PgPool, Row};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, info_span};

use super::{AnyProjection, Checkpoint, Progress, ProjectError};
use crate::event::Recorded;
use crate::failure::chain;
use crate::{clock, stream, telemetry};

/// Facts applied in one transaction at most.
const BATCH: usize = 256;
/// Longest wait between tries of a fact that fails.
const PAUSE_MAX: Duration = Duration::from_secs(10);
/// After this time without news it is checked that the consumer still exists: a stream that was
/// lost and filled again has forgotten it.
const QUIET: Duration = Duration::from_secs(3);

#[derive(Debug, thiserror::Error)]
enum RunError {
    #[error("JetStream: {0}")]
    Stream(String),
    #[error(transparent)]
    Message(#[from] stream::BadMessage),
    #[error("event {position} of {object_id} can not be applied")]
    Fact {
        position: u64,
        object_id: String,
        #[source]
        source: ProjectError,
    },
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    #[error("the stream goes on at {found}, after {applied}: an event is missing")]
    Gap { applied: u64, found: u64 },
    #[error("the checkpoint was moved by a rebuild")]
    Rebuilt,
}

/// Makes the table of checkpoints in a pool's schema.
///
/// # Errors
/// When the database refuses.
pub async fn install(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(include_str!("../../migrations/projection/checkpoints.sql"))
        .execute(pool)
        .await
        .map(drop)
}

/// Feeds one projection from its context's stream.
pub struct Runner {
    projection: Arc<dyn AnyProjection>,
    pool: PgPool,
    jetstream: jetstream::Context,
    progress: watch::Sender<Checkpoint>,
    restart: Arc<Notify>,
}

impl Runner {
    /// A runner whose checkpoint and tables are in the pool's schema.
    ///
    /// # Errors
    /// When the checkpoint can not be read.
    pub async fn new(
        projection: Arc<dyn AnyProjection>,
        pool: PgPool,
        jetstream: jetstream::Context,
    ) -> Result<Self, sqlx::Error> {
        sqlx::query(
            "INSERT INTO checkpoints (name, position) VALUES ($1, 0) ON CONFLICT DO NOTHING",
        )
        .bind(projection.name())
        .execute(&pool)
        .await?;
        let checkpoint =
            checkpoint(&mut *pool.acquire().await?, projection.name(), Lock::None).await?;
        Ok(Self {
            projection,
            pool,
            jetstream,
            progress: watch::Sender::new(checkpoint),
            restart: Arc::default(),
        })
    }

    /// A view on how far it is.
    pub fn progress(&self) -> Progress {
        Progress {
            name: self.projection.name(),
            context: self.projection.context(),
            checkpoint: self.progress.subscribe(),
            restart: self.restart.clone(),
        }
    }

    /// Applies facts until cancelled. A fact that fails is tried again; it is never skipped.
    pub async fn run(self, stop: CancellationToken) {
        let mut pause = Duration::from_millis(100);
        while !stop.is_cancelled() {
            let before = self.progress.borrow().position;
            let ended = tokio::select! {
                () = stop.cancelled() => return,
                () = self.restart.notified() => continue,
                ended = self.follow() => ended,
            };
            let Err(error) = ended else { continue };
            if matches!(error, RunError::Rebuilt) {
                continue;
            }
            let name = self.projection.name();
            tracing::warn!(projection = name, error = %chain(&error), "a projection starts again");
            metrics::counter!("qudao_projection_failures", "projection" => name).increment(1);
            let moved = self.progress.borrow().position > before;
            pause = if moved { Duration::from_millis(100) } else { (pause * 2).min(PAUSE_MAX) };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => (),
            }
        }
    }

    /// Reads the stream after the checkpoint until its consumer is lost.
    async fn follow(&self) -> Result<(), RunError> {
        let name = self.projection.name();
        let stored = checkpoint(&mut *self.pool.acquire().await?, name, Lock::None).await?;
        let start = stored.position + 1;
        self.progress.send_replace(stored);
        let consumer = self.consumer(start).await?;
        let messages = consumer.clone().messages().await;
        let messages = messages.map_err(|error| RunError::Stream(chain(&error)))?;
        let mut batches = messages.ready_chunks(BATCH);
        loop {
            let Ok(batch) = tokio::time::timeout(QUIET, batches.next()).await else {
                if consumer.get_info().await.is_err() {
                    return Ok(());
                }
                continue;
            };
            let Some(batch) = batch else { return Ok(()) };
            let mut events = Vec::with_capacity(batch.len());
            for message in batch {
                let message = message.map_err(|error| RunError::Stream(chain(&error)))?;
                events.push(self.event(&message)?);
            }
            self.apply(&events).await?;
        }
    }

    async fn consumer(
        &self,
        start: u64,
    ) -> Result<jetstream::consumer::Consumer<OrderedConfig>, RunError> {
        let config = OrderedConfig {
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: start },
            ..OrderedConfig::default()
        };
        self.jetstream
            .create_consumer_on_stream(config, self.projection.context().to_uppercase())
            .await
            .map_err(|error| RunError::Stream(chain(&error)))
    }

    fn event(&self, message: &jetstream::Message) -> Result<Recorded, RunError> {
        let info = message.info().map_err(|error| RunError::Stream(error.to_string()))?;
        let none = async_nats::HeaderMap::new();
        let headers = message.headers.as_ref().unwrap_or(&none);
        let context = self.projection.context();
        Ok(stream::event(context, info.stream_sequence, headers, &message.payload)?)
    }

    /// Applies a batch in one transaction with the checkpoint.
    async fn apply(&self, events: &[Recorded]) -> Result<(), RunError> {
        let name = self.projection.name();
        let mut tx = self.pool.begin().await?;
        let mut at = checkpoint(&mut tx, name, Lock::Row).await?;
        if at.position < self.progress.borrow().position {
            return Err(RunError::Rebuilt);
        }
        for event in events {
            // Another process may have applied it already.
            if event.position <= at.position {
                continue;
            }
            if event.position != at.position + 1 {
                return Err(RunError::Gap { applied: at.position, found: event.position });
            }
            self.projection.apply(&mut tx, event).instrument(span(name, event)).await.map_err(
                |source| RunError::Fact {
                    position: event.position,
                    object_id: event.object_id.clone(),
                    source,
                },
            )?;
            at.position = event.position;
            at.event_time = Some(event.recorded_at);
        }
        at.applied_at = Some(clock::now());
        sqlx::query(
            "UPDATE checkpoints SET position = $2, event_time = $3, applied_at = $4 WHERE name = $1",
        )
        .bind(name)
        .bind(at.position.cast_signed())
        .bind(at.event_time)
        .bind(at.applied_at)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        metrics::gauge!("qudao_projection_position", "projection" => name)
            .set(u32::try_from(at.position).unwrap_or(u32::MAX));
        self.progress.send_replace(at);
        Ok(())
    }
}

enum Lock {
    None,
    Row,
}

async fn checkpoint(
    db: &mut PgConnection,
    name: &str,
    lock: Lock,
) -> Result<Checkpoint, sqlx::Error> {
    let query = match lock {
        Lock::None => "SELECT position, event_time, applied_at FROM checkpoints WHERE name = $1",
        Lock::Row => {
            "SELECT position, event_time, applied_at FROM checkpoints WHERE name = $1 FOR UPDATE"
        }
    };
    let row = sqlx::query(query).bind(name).fetch_one(db).await?;
    Ok(Checkpoint {
        position: row.try_get::<i64, _>("position")?.cast_unsigned(),
        event_time: row.try_get("event_time")?,
        applied_at: row.try_get("applied_at")?,
    })
}

/// Empties a projection's tables and sets it back to the start; its runner fills it again.
///
/// # Errors
/// When the database refuses.
pub async fn reset(
    pool: &PgPool,
    projection: &dyn AnyProjection,
    progress: &Progress,
) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    // The checkpoint's lock comes first, as in the runner, so that the two can not deadlock.
    checkpoint(&mut tx, projection.name(), Lock::Row).await?;
    for table in projection.tables() {
        sqlx::query(&format!("DELETE FROM {table}")).execute(&mut *tx).await?;
    }
    sqlx::query(
        "UPDATE checkpoints SET position = 0, event_time = NULL, applied_at = NULL WHERE name = $1",
    )
    .bind(projection.name())
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    progress.restart.notify_one();
    Ok(())
}

/// The span of applying an event, part of its command's trace while that is fresh.
fn span(projection: &'static str, event: &Recorded) -> tracing::Span {
    telemetry::span_of_fact(event, || {
        info_span!(
            parent: None,
            "projection.apply",
            otel.kind = "consumer",
            messaging.system = "nats",
            qudao.projection = projection,
            qudao.event = event.event_type,
            qudao.position = event.position,
        )
    })
}
