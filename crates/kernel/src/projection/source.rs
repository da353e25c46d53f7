//! Where facts come from: the stream while a projection is close behind, the log while it is far
//! behind, or when the stream is away or holds recent history only.

use async_nats::connection::State;
use async_nats::jetstream;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::OrderedConfig;
use futures::StreamExt as _;
use tokio::sync::mpsc;

use super::batch::RunError;
use crate::event::Recorded;
use crate::failure::chain;
use crate::log::{Log, ReadError};
use crate::stream;
use crate::task::{self, Task};

/// Facts read from the log for one transaction, at most.
pub(super) const BATCH: u32 = 5_000;
/// Bytes of payload in one transaction; one fact may be larger. Memory holds three batches: one
/// being applied, one waiting, one being read.
const BATCH_BYTES: usize = 4 << 20;

/// Batches of facts read from the log ahead of those who apply them. It ends at the end of the log.
pub(super) struct FromLog {
    batches: mpsc::Receiver<Result<Vec<Recorded>, ReadError>>,
    _reader: Task,
}

impl FromLog {
    pub(super) fn after(log: &Log, position: u64) -> Self {
        let (sender, batches) = mpsc::channel(1);
        let reader = task::spawn(read(log.clone(), position, sender));
        Self { batches, _reader: reader }
    }

    pub(super) async fn next(&mut self) -> Result<Option<Vec<Recorded>>, RunError> {
        Ok(self.batches.recv().await.transpose()?)
    }
}

async fn read(
    log: Log,
    mut position: u64,
    batches: mpsc::Sender<Result<Vec<Recorded>, ReadError>>,
) {
    loop {
        let before = position;
        let mut events = log.stream_after(position, BATCH);
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while let Some(event) = events.next().await {
            match event {
                Ok(event) => {
                    position = event.position;
                    bytes += event.payload.len();
                    batch.push(event);
                }
                Err(error) => {
                    let _ = batches.send(Err(error)).await;
                    return;
                }
            }
            if bytes >= BATCH_BYTES {
                bytes = 0;
                if batches.send(Ok(std::mem::take(&mut batch))).await.is_err() {
                    return;
                }
            }
        }
        let full = position - before == u64::from(BATCH);
        if !batch.is_empty() && batches.send(Ok(batch)).await.is_err() || !full {
            return;
        }
    }
}

/// The consumer of a context's stream from a position on, when the stream has it.
pub(super) async fn consumer(
    jetstream: &jetstream::Context,
    context: &str,
    start: u64,
) -> Result<jetstream::consumer::Consumer<OrderedConfig>, RunError> {
    let failed = |error: &dyn std::error::Error| RunError::Stream(chain(error));
    // Without a connection every question would take its whole timeout.
    if jetstream.client().connection_state() != State::Connected {
        return Err(RunError::Stream("not connected".to_owned()));
    }
    let name = context.to_uppercase();
    let stream = jetstream.get_stream(&name).await.map_err(|error| failed(&error))?;
    let first = stream.cached_info().state.first_sequence;
    if first > start {
        return Err(RunError::Stream(format!("{name} begins at {first}, after {start}")));
    }
    let config = OrderedConfig {
        deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: start },
        ..OrderedConfig::default()
    };
    jetstream.create_consumer_on_stream(config, name).await.map_err(|error| failed(&error))
}

/// A fact that the stream handed out.
pub(super) struct Delivered {
    pub(super) event: Recorded,
    /// The how manieth of its consumer. The client makes a lost consumer anew without a word, also
    /// on a stream that was made anew and holds another history: it counts from 1 again.
    pub(super) nth: u64,
    /// How many the consumer has still to get after it.
    pub(super) pending: u64,
}

/// The event in a message.
pub(super) fn event(context: &str, message: &jetstream::Message) -> Result<Delivered, RunError> {
    let info = message.info().map_err(|error| RunError::Stream(error.to_string()))?;
    let none = async_nats::HeaderMap::new();
    let headers = message.headers.as_ref().unwrap_or(&none);
    let event = stream::event(context, info.stream_sequence, headers, &message.payload)?;
    Ok(Delivered { event, nth: info.consumer_sequence, pending: info.pending })
}
