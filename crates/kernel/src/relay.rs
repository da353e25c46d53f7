//! From the log to JetStream: every committed event is published once, at the sequence that is its
//! position.
//!
//! One relay leads per log (`leadership`). The leader (`leader`) compares the stream with the log
//! (`standing`), reads ahead from where the stream ends (`reader`), and publishes under the
//! condition that the stream's last sequence is what it expects (`publisher`), so that the server
//! itself refuses whatever would be a gap, a double or out of order. [`Status`] tells how it does,
//! `meter` turns that into metrics, and [`mod@reconcile`] puts a stream right that is not a copy of
//! its log.

mod leader;
mod leadership;
mod meter;
mod publisher;
mod reader;
pub mod reconcile;
mod server;
#[cfg(feature = "simulation")]
pub(crate) mod simulated;
mod standing;
mod status;
mod stranger;

use std::convert::Infallible;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use async_nats::jetstream;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub use standing::{Difference, Standing, inspect};
pub use status::{Problem, Status};

use crate::failure::chain;
use crate::log::{Log, ReadError};
use leader::Leader;
use leadership::Leadership;
use server::Server as _;

/// How often the log and the stream are looked at without being told of news.
const LOOK: Duration = Duration::from_secs(1);
/// Longest wait for an answer of JetStream. A server cut off from its cluster never gives one, and
/// another has the stream by then.
const ANSWER: Duration = Duration::from_secs(2);
/// Wait before another try after a failure; doubled with each one in a row.
const PAUSE: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(1);
/// The same while another server is tried each time: one of them may have a leader by now.
const PAUSE_MAX_AMONG: Duration = Duration::from_millis(200);

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
    /// The first sequence of which this relay does not know what it holds, since publishing failed;
    /// 0 when it has not led yet.
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
        let (mut pause, mut in_vain) = (PAUSE, 0);
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
            in_vain = if moved { 0 } else { in_vain + 1 };
            let another = is_of_the_server(&error, in_vain) && self.jetstream.take_another().await;
            let longest = if another { PAUSE_MAX_AMONG } else { PAUSE_MAX };
            pause = if moved { PAUSE } else { (pause * 2).min(longest) };
            tokio::time::sleep(pause).await;
        }
    }

    /// Becomes leader, then publishes until something fails.
    async fn lead(&self) -> Result<Infallible, RelayError> {
        let stands_by = || {
            self.status.send_if_modified(|status| std::mem::replace(&mut status.leads, false));
        };
        let leadership = Leadership::take(&self.log, stands_by).await?;
        self.status.send_modify(|status| status.leads = true);
        tracing::info!(context = self.log.context(), "this process leads the relay");
        let leader = Leader {
            log: &self.log,
            server: &self.jetstream,
            settings: self.settings,
            status: &self.status,
            doubted: &self.doubted,
        };
        let led = tokio::select! {
            led = leader.follow(leadership.news()) => led,
            () = leadership.lost() => Err(RelayError::Deposed),
        };
        if matches!(led, Err(RelayError::Deposed)) {
            self.status.send_modify(|status| status.leads = false);
        }
        led
    }
}

/// Whether another server of a cluster may do better. One that is cut off keeps its clients: it
/// does not answer, or, as the stream's leader that was, describes the stream as it knows it and
/// takes what is published for out of step with what it could not pass on.
fn is_of_the_server(error: &RelayError, tries_in_vain: u32) -> bool {
    match error {
        RelayError::Stream(_) => true,
        RelayError::OutOfStep => tries_in_vain > 1,
        RelayError::Log(_)
        | RelayError::Database(_)
        | RelayError::TooLarge { .. }
        | RelayError::Deposed => false,
    }
}
