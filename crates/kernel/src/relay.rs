//! From the log to JetStream. One leader per log publishes committed events in order, each under
//! the condition that the stream's last sequence is the event's position minus one. So sequence and
//! position are always the same, and no duplicate and no second leader can get in.

use std::time::Duration;

use async_nats::jetstream::context::PublishErrorKind;
use async_nats::jetstream::{self, message::PublishMessage};
use sqlx::{Connection as _, PgConnection};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, info_span};

use crate::event::Recorded;
use crate::failure::chain;
use crate::log::{Log, ReadError};
use crate::{stream, telemetry};

/// Events published before their acknowledgements are awaited.
const WINDOW: u32 = 256;
/// How often the log is looked at without being told of news.
const POLL: Duration = Duration::from_secs(1);
/// Wait before another try after a failure.
const PAUSE: Duration = Duration::from_millis(500);

/// Why publishing stopped.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The log can not be read.
    #[error("the log can not be read")]
    Log(#[from] ReadError),
    /// The log's database failed.
    #[error("the log's database failed")]
    Database(#[from] sqlx::Error),
    /// JetStream does not answer or refuses.
    #[error("JetStream: {0}")]
    Stream(String),
    /// The stream holds events that the log does not have.
    #[error(
        "stream {stream} is at sequence {sequence}, but its log ends at {position}: the log was \
         restored from an older state. Restore the newer log, or delete the stream to refill it"
    )]
    Ahead {
        /// Name of the stream.
        stream: String,
        /// Its last sequence.
        sequence: u64,
        /// Last position of the log.
        position: u64,
    },
    /// The stream's last sequence is not what this leader expected.
    #[error("the stream moved under the relay")]
    OutOfStep,
    /// The connection that holds leadership is gone.
    #[error("leadership was lost")]
    Deposed(#[source] sqlx::Error),
}

/// Publishes the events of a log until cancelled. A standby waits here to become leader.
pub async fn run(log: Log, jetstream: jetstream::Context, stop: CancellationToken) {
    let relay = Relay { log, jetstream };
    while !stop.is_cancelled() {
        let led = tokio::select! {
            () = stop.cancelled() => return,
            led = relay.lead() => led,
        };
        let Err(error) = led;
        tracing::warn!(
            context = relay.log.context(), error = %chain(&error), "the relay starts again"
        );
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => (),
        }
    }
}

struct Relay {
    log: Log,
    jetstream: jetstream::Context,
}

impl Relay {
    /// Becomes leader, then publishes until something fails.
    async fn lead(&self) -> Result<std::convert::Infallible, RelayError> {
        let mut leadership = self.take_leadership().await?;
        tracing::info!(context = self.log.context(), "this process leads the relay");
        let mut committed = self.log.committed();
        let mut published = self.last_sequence().await?;
        loop {
            committed.mark_unchanged();
            while let Some(last) = self.publish_after(published).await? {
                published = last;
            }
            // A timeout is as good as news: the log may have grown in another process.
            let news = tokio::time::timeout(POLL, committed.changed()).await;
            if news.is_err() {
                leadership.ping().await.map_err(RelayError::Deposed)?;
                published = self.last_sequence().await?;
            }
        }
    }

    /// Waits for the advisory lock of the log; it is held as long as the connection.
    async fn take_leadership(&self) -> Result<PgConnection, RelayError> {
        let mut connection = PgConnection::connect_with(&self.log.pool().connect_options()).await?;
        let key = format!("qudao relay {}", self.log.context());
        loop {
            let leads: bool =
                sqlx::query_scalar("SELECT pg_try_advisory_lock(hashtextextended($1, 0))")
                    .bind(&key)
                    .fetch_one(&mut connection)
                    .await?;
            if leads {
                return Ok(connection);
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Where the stream ends; a missing stream is made.
    async fn last_sequence(&self) -> Result<u64, RelayError> {
        let name = self.log.context().to_uppercase();
        let stream = self
            .jetstream
            .get_or_create_stream(stream::config(self.log.context()))
            .await
            .map_err(|error| RelayError::Stream(chain(&error)))?;
        let sequence = stream.cached_info().state.last_sequence;
        let position = self.log.head().await?;
        if sequence > position {
            return Err(RelayError::Ahead { stream: name, sequence, position });
        }
        metrics::gauge!("qudao_relay_lag_events", "context" => self.log.context())
            .set(u32::try_from(position - sequence).unwrap_or(u32::MAX));
        Ok(sequence)
    }

    /// Publishes the next window of events; `None` when there is nothing new.
    async fn publish_after(&self, position: u64) -> Result<Option<u64>, RelayError> {
        let events = self.log.read_after(position, WINDOW).await?;
        let Some(last) = events.last().map(|event| event.position) else { return Ok(None) };
        let mut acknowledgements = Vec::with_capacity(events.len());
        for event in &events {
            acknowledgements.push((self.send(event).await?, span(event)));
        }
        for (acknowledgement, span) in acknowledgements {
            acknowledgement.into_future().instrument(span).await.map_err(|error| {
                if error.kind() == PublishErrorKind::WrongLastSequence {
                    return RelayError::OutOfStep;
                }
                RelayError::Stream(chain(&error))
            })?;
        }
        metrics::counter!("qudao_relay_published", "context" => self.log.context())
            .increment(events.len() as u64);
        Ok(Some(last))
    }

    async fn send(
        &self,
        event: &Recorded,
    ) -> Result<jetstream::context::PublishAckFuture, RelayError> {
        let message = PublishMessage::build()
            .headers(stream::headers(event))
            .payload(event.payload.clone().into())
            .expected_last_sequence(event.position - 1);
        self.jetstream
            .send_publish(stream::subject(event), message)
            .await
            .map_err(|error| RelayError::Stream(chain(&error)))
    }
}

/// The span of publishing an event, part of its command's trace while that is fresh.
fn span(event: &Recorded) -> tracing::Span {
    telemetry::span_of_fact(event, || {
        info_span!(
            parent: None,
            "relay.publish",
            otel.kind = "producer",
            messaging.system = "nats",
            qudao.event = event.event_type,
            qudao.position = event.position,
        )
    })
}
