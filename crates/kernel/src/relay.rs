//! From the log to JetStream: every committed event is published once, at the sequence that is its
//! position.
//!
//! One relay leads per log (`leadership`). It compares the stream with the log (`standing`), reads
//! ahead from where the stream ends (`reader`), and publishes under the condition that the stream's
//! last sequence is what it expects (`publisher`), so that the server itself refuses whatever would
//! be a gap, a double or out of order. [`Status`] tells how it does, `meter` turns that into
//! metrics, and [`mod@reconcile`] puts a stream right that is not a copy of its log.

mod leadership;
pub mod measure;
mod meter;
mod publisher;
mod reader;
pub mod reconcile;
mod standing;
mod status;

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_nats::jetstream;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

pub use standing::{Difference, Standing, inspect};
pub use status::{Problem, Status};

use crate::failure::chain;
use crate::log::{Log, ReadError};
use leadership::Leadership;
use publisher::Publisher;
use reader::Reader;

/// How often the log and the stream are looked at without being told of news.
const LOOK: Duration = Duration::from_secs(1);
/// Longest wait for an answer of JetStream. A server cut off from its cluster never gives one, and
/// another has the stream by then.
const ANSWER: Duration = Duration::from_secs(2);
/// Wait before another try after a failure; doubled with each one in a row.
const PAUSE: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// Why publishing stopped. It always starts again.
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
    /// The server takes no message of this size.
    #[error("event {position} makes a message that is larger than max_payload of nats-server")]
    TooLarge {
        /// Its position.
        position: u64,
    },
    /// The stream's last sequence is not what this leader expected.
    #[error("the stream moved under the relay")]
    OutOfStep,
    /// Another relay may lead: the connection that holds the lock is gone.
    #[error("leadership was lost")]
    Deposed,
}

/// What an installation may choose about its streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Servers of a NATS cluster that hold the stream: 1, 3 or 5.
    pub replicas: usize,
    /// Whether a backlog goes as atomic batches where the server takes them.
    pub batches: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { replicas: 1, batches: true }
    }
}

/// The relay of one log in this process, leading or standing by.
pub struct Relay {
    log: Log,
    jetstream: jetstream::Context,
    settings: Settings,
    status: watch::Sender<Status>,
    /// A sequence that may hold somebody else's event: the one after the last that was
    /// acknowledged when publishing failed. What was sent behind a refused event may have been
    /// taken all the same, when a stranger's event stood where the refused one was to go; then the
    /// end of the stream looks like the log's.
    doubted: AtomicU64,
}

impl Relay {
    /// A relay that does nothing yet.
    pub fn new(log: Log, mut jetstream: jetstream::Context, settings: Settings) -> Self {
        jetstream.set_timeout(ANSWER);
        let status = watch::Sender::new(Status::new(log.context()));
        Self { log, jetstream, settings, status, doubted: AtomicU64::new(0) }
    }

    /// A view on how it does.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    /// Publishes until cancelled. A standby waits here to become leader, and passes on to the
    /// leader that this process has committed events.
    pub async fn run(self, stop: CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => (),
            never = self.endlessly() => match never {},
            never = meter::run(&self.log, self.status.subscribe()) => match never {},
        }
        self.status.send_modify(|status| status.leads = false);
        meter::left(self.log.context());
    }

    async fn endlessly(&self) -> Infallible {
        let context = self.log.context();
        let mut pause = PAUSE;
        loop {
            let before = self.status.borrow().sequence;
            let Err(error) = self.lead().await;
            tracing::warn!(context, error = %chain(&error), "the relay starts again");
            metrics::counter!("qudao_relay_restarts", "context" => context).increment(1);
            if matches!(error, RelayError::Stream(_) | RelayError::TooLarge { .. }) {
                metrics::counter!("qudao_relay_refused", "context" => context).increment(1);
            }
            let moved = self.status.borrow().sequence > before;
            self.status.send_modify(|status| status.failed(&error));
            if matches!(error, RelayError::Stream(_)) && !moved {
                self.take_another_server().await;
            }
            pause = if moved { PAUSE } else { (pause * 2).min(PAUSE_MAX) };
            tokio::time::sleep(pause).await;
        }
    }

    /// A server that is cut off from its cluster keeps its clients and serves them nothing.
    async fn take_another_server(&self) {
        let client = self.jetstream.client();
        let others = client.server_pool().await.is_ok_and(|servers| servers.len() > 1);
        if others && let Err(error) = client.force_reconnect().await {
            tracing::warn!(%error, "no other server can be taken");
        }
    }

    /// Becomes leader, then publishes until something fails.
    async fn lead(&self) -> Result<Infallible, RelayError> {
        let leadership = Leadership::take(&self.log).await?;
        self.status.send_modify(|status| status.leads = true);
        tracing::info!(context = self.log.context(), "this process leads the relay");
        let led = tokio::select! {
            led = self.follow(&leadership) => led,
            () = leadership.lost() => Err(RelayError::Deposed),
        };
        if matches!(led, Err(RelayError::Deposed)) {
            self.status.send_modify(|status| status.leads = false);
        }
        led
    }

    /// Publishes as a leader. While the stream is no copy of the log, it only watches.
    async fn follow(&self, leadership: &Leadership) -> Result<Infallible, RelayError> {
        let mut depth = Difference::Sampled;
        loop {
            let stream =
                standing::ensure(&self.jetstream, self.log.context(), self.settings).await?;
            let doubted = self.doubted.load(Ordering::Relaxed);
            let standing = standing::compare(&self.log, &stream, depth, doubted).await?;
            self.status.send_modify(|status| status.stands(&standing));
            match standing.problem() {
                Some(problem) if problem.stops_publishing() => {
                    tracing::error!(context = self.log.context(), %problem, "the relay holds");
                    tokio::time::sleep(LOOK).await;
                    depth = Difference::Last;
                }
                _ => return self.publish(leadership, standing).await,
            }
        }
    }

    /// Publishes what follows the stream's end, and looks at the stream once a second.
    async fn publish(
        &self,
        leadership: &Leadership,
        from: Standing,
    ) -> Result<Infallible, RelayError> {
        let batches = from.takes_batches && self.settings.batches;
        let mut reader = Reader::start(self.log.clone(), from.sequence, leadership.news());
        let mut publisher = Publisher::new(self.jetstream.clone(), from.sequence, batches);
        let published = self.publish_all(&mut reader, &mut publisher).await;
        self.doubted.store(publisher.unknown(), Ordering::Relaxed);
        published
    }

    async fn publish_all(
        &self,
        reader: &mut Reader,
        publisher: &mut Publisher,
    ) -> Result<Infallible, RelayError> {
        let mut look = tokio::time::interval_at(Instant::now() + LOOK, LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                sequence = publisher.acknowledged() => {
                    let sequence = sequence?;
                    self.status.send_modify(|status| status.published(sequence));
                }
                _ = look.tick() => self.look(publisher.sequence()).await?,
                chunk = reader.next(), if publisher.has_room() => publisher.send(chunk?).await?,
            }
        }
    }

    /// Whether the stream is still what was published.
    async fn look(&self, published: u64) -> Result<(), RelayError> {
        let name = crate::stream::name(self.log.context());
        let stream = standing::found(&self.jetstream, &name).await?.ok_or(RelayError::OutOfStep)?;
        let standing = standing::compare(&self.log, &stream, Difference::Last, 0).await?;
        let stopped = standing.problem().is_some_and(|problem| problem.stops_publishing());
        if standing.sequence < published || stopped {
            return Err(RelayError::OutOfStep);
        }
        self.status.send_modify(|status| status.stands(&standing));
        Ok(())
    }
}
