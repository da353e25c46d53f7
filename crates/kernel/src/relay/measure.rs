//! Measures the relay: how fast it drains a backlog, and how long an event takes from its commit to
//! its acknowledgement by JetStream while nothing else goes on.

use std::time::Duration;

use async_nats::jetstream;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::server::Server as _;
use super::{Relay, RelayError, Settings, Status};
use crate::failure::chain;
use crate::log::{Append, AppendError, Log, NewEvent, RequestKey, StreamAppend, StreamVersion};
use crate::metadata::Metadata;

/// A measurement that takes longer has failed.
const LIMIT: Duration = Duration::from_secs(600);
/// Events stored by one append while the log is filled.
const APPEND: u64 = 1_000;

/// Why a measurement failed.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    /// The log took no events.
    #[error("the log took no events")]
    Append(#[from] AppendError),
    /// The stream could not be looked at.
    #[error(transparent)]
    Relay(#[from] RelayError),
    /// The relay did not get there.
    #[error("the relay did not get to {0} in ten minutes")]
    Late(u64),
}

/// How fast a backlog went into the stream.
#[derive(Clone, Copy, Debug)]
pub struct Drain {
    /// Events that were published.
    pub events: u64,
    /// How long that took.
    pub took: Duration,
}

impl Drain {
    /// Events a second.
    #[expect(clippy::float_arithmetic, reason = "a rate of a measurement, nothing counted")]
    pub fn per_second(&self) -> f64 {
        let events = f64::from(u32::try_from(self.events).unwrap_or(u32::MAX));
        events / self.took.as_secs_f64()
    }
}

/// Times of many events, sorted.
#[derive(Clone, Debug)]
pub struct Times(Vec<Duration>);

impl Times {
    /// The time that this many percent did not exceed, 0–100.
    pub fn percentile(&self, percent: usize) -> Duration {
        let last = self.0.len().saturating_sub(1);
        self.0.get((self.0.len() * percent / 100).min(last)).copied().unwrap_or_default()
    }
}

/// Appends events of about 200 bytes of payload each, many at once, to objects of their own.
///
/// # Errors
/// When the log does not take them.
pub async fn fill(log: &Log, events: u64) -> Result<(), MeasureError> {
    let mut left = events;
    while left > 0 {
        let now = left.min(APPEND);
        log.append(append(now)).await?;
        left -= now;
    }
    Ok(())
}

fn append(events: u64) -> Append {
    let id = Uuid::new_v4();
    let payload = format!(
        r#"{{"type":"Measured","note":"{}","order":"SO-20261123-0001","dealer":"华东一区"}}"#,
        "x".repeat(120)
    );
    let event = NewEvent {
        event_id: uuid::Uuid::now_v7(),
        event_type: "Measured".to_owned(),
        event_version: 1,
        payload,
    };
    let object_id = id.to_string();
    let stream = StreamVersion { aggregate: "measured", object_id, version: 0, after: None };
    let events = (0..events).map(|_| event.clone()).collect();
    Append {
        metadata: Metadata {
            tenant: "acme".to_owned(),
            actor_id: "li.lei".to_owned(),
            actor_name: "李雷".to_owned(),
            correlation_id: id,
            causation_id: id,
            request_id: id,
            traceparent: None,
        },
        request: RequestKey { id, digest: [0; 32] },
        guards: Vec::new(),
        streams: vec![StreamAppend { stream, events }],
    }
}

/// A relay that runs until it is dropped.
struct Running {
    status: watch::Receiver<Status>,
    stop: CancellationToken,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Running {
    fn start(log: &Log, jetstream: &jetstream::Context, settings: Settings) -> Self {
        let relay = Relay::new(log.clone(), jetstream.clone(), settings);
        let (status, stop) = (relay.status(), CancellationToken::new());
        tokio::spawn(relay.run(stop.clone()));
        Self { status, stop }
    }

    async fn reached(&mut self, position: u64) -> Result<(), MeasureError> {
        let there = |status: &Status| status.sequence.is_some_and(|sequence| sequence >= position);
        match timeout(LIMIT, self.status.wait_for(there)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(MeasureError::Late(position)),
        }
    }
}

/// Empties the stream of a log and measures how long the relay takes to fill it again. The log's
/// own relay must not run meanwhile.
///
/// # Errors
/// When the log or JetStream fails.
pub async fn drain(
    log: &Log,
    jetstream: &jetstream::Context,
    settings: Settings,
) -> Result<Drain, MeasureError> {
    let name = crate::stream::name(log.context());
    if jetstream.found(&name).await?.is_some() {
        let deleted = jetstream.delete_stream(&name).await;
        deleted.map_err(|error| RelayError::Stream(chain(&error)))?;
    }
    jetstream.ensure(log.context(), settings).await?;
    let events = log.head().await.map_err(RelayError::Log)?;
    let mut relay = Running::start(log, jetstream, settings);
    relay.reached(0).await?;
    let start = Instant::now();
    relay.reached(events).await?;
    Ok(Drain { events, took: start.elapsed() })
}

/// Publishes the log's first events one by one, each acknowledged before the next, into an emptied
/// stream: what a relay without windows and batches would reach.
///
/// # Errors
/// When the log or JetStream fails.
pub async fn drain_singly(
    log: &Log,
    jetstream: &jetstream::Context,
    events: u32,
) -> Result<Drain, MeasureError> {
    // The stream may be missing; it is made next.
    let _ = jetstream.delete_stream(crate::stream::name(log.context())).await;
    jetstream.ensure(log.context(), Settings::default()).await?;
    let all = log.read_after(0, events).await.map_err(RelayError::Log)?;
    let start = Instant::now();
    for event in &all {
        super::publisher::alone(jetstream, event).await?;
    }
    Ok(Drain { events: all.len() as u64, took: start.elapsed() })
}

/// Appends one event after another with pauses between, and measures from each commit to the
/// acknowledgement of its message. The relay runs in this process, as it does in a role.
///
/// # Errors
/// When the log or JetStream fails.
pub async fn idle(
    log: &Log,
    jetstream: &jetstream::Context,
    events: usize,
    pause: Duration,
) -> Result<Times, MeasureError> {
    let mut relay = Running::start(log, jetstream, Settings::default());
    let start = log.head().await.map_err(RelayError::Log)?;
    relay.reached(start).await?;
    let mut times = Vec::with_capacity(events);
    for _ in 0..events {
        tokio::time::sleep(pause).await;
        let receipt = log.append(append(1)).await?;
        let committed = Instant::now();
        relay.reached(receipt.position).await?;
        times.push(committed.elapsed());
    }
    times.sort_unstable();
    Ok(Times(times))
}
