//! Publishes chunks of events, several of them on their way at once.
//!
//! A few fresh events go one by one, which is the fastest way for one. More of them go as an atomic
//! batch (ADR-50 of NATS): all of it is stored or nothing, with one sync of the disk and one
//! acknowledgement. Only the first message of a batch may and need name the expected sequence.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_nats::header::{NATS_BATCH_COMMIT, NATS_BATCH_ID, NATS_BATCH_SEQUENCE};
use async_nats::header::{NATS_BATCH_COMMIT_FINAL, NATS_EXPECTED_LAST_SEQUENCE};
use futures::StreamExt as _;
use futures::future::BoxFuture;
use futures::stream::FuturesOrdered;
use tracing::{Instrument as _, Span, info_span};
use uuid::Uuid;

use super::RelayError;
use super::reader::Chunk;
use super::server::{Sent, Server};
use crate::event::Recorded;
use crate::{clock, fault, stream, telemetry};

/// Chunks on their way at most: enough to keep the server busy while acknowledgements travel.
const CHUNKS: usize = 4;
/// Events on their way at most.
pub(super) const ON_THEIR_WAY: u64 = (CHUNKS * super::reader::EVENTS) as u64;
/// Bytes of payload on their way at most, but always one chunk.
const BYTES: usize = 8 << 20;
/// From this many events on a chunk goes as a batch.
const BATCH_FROM: usize = 3;
/// Handing a chunk to the connection must not take longer.
const HAND_OVER: Duration = Duration::from_secs(5);

type Acknowledged = Result<(u64, usize), RelayError>;
/// Gives the position of the last event that it is about.
type Awaited = BoxFuture<'static, Result<u64, RelayError>>;

pub(super) struct Publisher<S> {
    server: S,
    sequence: u64,
    /// The last event that was acknowledged, also within a chunk.
    stored: Arc<AtomicU64>,
    batches: bool,
    on_their_way: FuturesOrdered<BoxFuture<'static, Acknowledged>>,
    bytes: usize,
}

impl<S: Server> Publisher<S> {
    /// Publishes what follows a sequence; `batches` when the stream takes atomic batches.
    pub(super) fn new(server: S, sequence: u64, batches: bool) -> Self {
        let stored = Arc::new(AtomicU64::new(sequence));
        Self { server, sequence, stored, batches, on_their_way: FuturesOrdered::new(), bytes: 0 }
    }

    /// The last sequence that was acknowledged.
    pub(super) fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The first sequence of which it is not known what it holds.
    pub(super) fn unknown(&self) -> u64 {
        self.stored.load(Ordering::Relaxed) + 1
    }

    /// Whether another chunk may be sent before older ones are acknowledged.
    pub(super) fn has_room(&self) -> bool {
        self.on_their_way.len() < CHUNKS && (self.bytes < BYTES || self.on_their_way.is_empty())
    }

    /// Hands a chunk to the connection.
    pub(super) async fn send(&mut self, chunk: Chunk) -> Result<(), RelayError> {
        let Some(last) = chunk.events.last().map(|event| event.position) else { return Ok(()) };
        let handed_over = if self.batches && chunk.events.len() >= BATCH_FROM {
            clock::timeout(HAND_OVER, batch(&self.server, &chunk.events, last)).await
        } else {
            clock::timeout(HAND_OVER, one_by_one(&self.server, &chunk.events)).await
        };
        let all = handed_over.map_err(|_| {
            RelayError::Stream("the connection takes no messages: is nats-server there?".to_owned())
        })??;
        metrics::histogram!("qudao_relay_chunk_size").record(count(chunk.events.len()));
        self.bytes += chunk.bytes;
        let (bytes, stored) = (chunk.bytes, self.stored.clone());
        self.on_their_way.push_back(Box::pin(async move {
            for acknowledgement in all {
                stored.store(acknowledgement.await?, Ordering::Relaxed);
            }
            Ok((last, bytes))
        }));
        Ok(())
    }

    /// The next last sequence that is safely in the stream; waits for ever when nothing is sent.
    pub(super) async fn acknowledged(&mut self) -> Result<u64, RelayError> {
        if self.on_their_way.is_empty() {
            std::future::pending::<()>().await;
        }
        let Some(done) = self.on_their_way.next().await else { return Ok(self.sequence) };
        let (sequence, bytes) = done?;
        self.bytes -= bytes;
        self.sequence = sequence;
        Ok(sequence)
    }
}

async fn one_by_one(server: &impl Server, events: &[Recorded]) -> Result<Vec<Awaited>, RelayError> {
    let mut all = Vec::with_capacity(events.len());
    for event in events {
        let mut headers = stream::headers(event);
        if !fault::planted("relay.unconditional") {
            headers.insert(NATS_EXPECTED_LAST_SEQUENCE, (event.position - 1).to_string());
        }
        fault::at("relay.one");
        let sent = server.send(event, headers).await?;
        all.push(awaited(sent, event.position, vec![span(event)], "relay.one_acknowledged"));
    }
    Ok(all)
}

async fn batch(
    server: &impl Server,
    events: &[Recorded],
    last: u64,
) -> Result<Vec<Awaited>, RelayError> {
    let id = Uuid::new_v4().simple().to_string();
    let mut spans = Vec::new();
    for (number, event) in (1_u64..).zip(events) {
        let mut headers = stream::headers(event);
        headers.insert(NATS_BATCH_ID, id.as_str());
        headers.insert(NATS_BATCH_SEQUENCE, number.to_string());
        if number == 1 {
            headers.insert(NATS_EXPECTED_LAST_SEQUENCE, (event.position - 1).to_string());
        }
        spans.push(span(event));
        if event.position == last {
            headers.insert(NATS_BATCH_COMMIT, NATS_BATCH_COMMIT_FINAL);
            fault::at("relay.batch");
            let sent = server.send(event, headers).await?;
            return Ok(vec![awaited(sent, last, spans, "relay.batch_acknowledged")]);
        }
        server.push(event, headers).await?;
    }
    Ok(Vec::new())
}

fn awaited(sent: Sent, position: u64, spans: Vec<Span>, then: &'static str) -> Awaited {
    let first = spans.first().cloned().unwrap_or_else(Span::none);
    let done = async move {
        let sequence = sent.await?;
        drop(spans);
        // Anything else would be a message that the server takes for another one.
        if sequence != position {
            return Err(RelayError::OutOfStep);
        }
        fault::at(then);
        Ok(position)
    };
    Box::pin(done.instrument(first))
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The span of publishing an event, part of its command's trace while that is fresh.
fn span(event: &Recorded) -> Span {
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
