//! Compares a stream with its log.

use std::collections::HashMap;

use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::OrderedConfig;
use async_nats::jetstream::context::GetStreamErrorKind;
use async_nats::jetstream::stream::{Config, Info, RawMessageErrorKind, Stream};
use async_nats::jetstream::{self, ErrorCode};
use futures::StreamExt as _;
use uuid::Uuid;

use super::{Problem, RelayError, Settings};
use crate::failure::chain;
use crate::log::Log;
use crate::stream;

/// How much of a stream is compared with its log. Two histories that are the same at one position
/// are the same before it, because an event's id is never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The last message only.
    Last,
    /// Some earlier ones too, against streams that were put together by hand.
    Sampled,
    /// Every message, against a stranger's event between two of ours.
    Every,
}

/// A stream as compared with its log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Last position of the log.
    pub position: u64,
    /// Last sequence of the stream.
    pub sequence: u64,
    /// Sequence of the first message it still has.
    pub first: u64,
    /// Messages it has.
    pub messages: u64,
    /// The first sequence that is known to hold another event than the log, if one does.
    pub differs_from: Option<u64>,
    /// Whether the stream takes atomic batches.
    pub takes_batches: bool,
    /// Whether the stream is meant to keep recent history only.
    pub forgets: bool,
}

impl Standing {
    /// What is wrong, if anything. A stream that lacks the newest events is only behind.
    pub fn problem(&self) -> Option<Problem> {
        let Self { position, sequence, .. } = *self;
        // Divergence says more than being ahead: what was overtaken is not in the log at all.
        if sequence > position {
            return Some(Problem::Ahead { sequence, position });
        }
        if let Some(from) = self.differs_from {
            return Some(Problem::Diverged { from });
        }
        let expected =
            if self.forgets { sequence - self.first.min(sequence) + 1 } else { sequence };
        let missing = expected.saturating_sub(self.messages);
        (missing > 0 && sequence > 0).then_some(Problem::Incomplete { missing, sequence })
    }
}

/// Compares the stream of a log with it; `None` when there is no stream.
///
/// # Errors
/// When the log or JetStream does not answer.
pub async fn inspect(
    log: &Log,
    jetstream: &jetstream::Context,
    difference: Difference,
) -> Result<Option<Standing>, RelayError> {
    match found(jetstream, &stream::name(log.context())).await? {
        Some(stream) => compare(log, &stream, difference, 0).await.map(Some),
        None => Ok(None),
    }
}

/// The stream, if it is there.
pub(super) async fn found(
    jetstream: &jetstream::Context,
    name: &str,
) -> Result<Option<Stream<Info>>, RelayError> {
    let error = match jetstream.get_stream(name).await {
        Ok(stream) => return Ok(Some(stream)),
        Err(error) => error,
    };
    if let GetStreamErrorKind::JetStream(refused) = error.kind()
        && refused.error_code() == ErrorCode::STREAM_NOT_FOUND
    {
        return Ok(None);
    }
    Err(failed(&error))
}

/// The stream, made or brought up to its declaration.
pub(super) async fn ensure(
    jetstream: &jetstream::Context,
    context: &str,
    settings: Settings,
) -> Result<Stream<Info>, RelayError> {
    let declared = stream::config(context, settings.replicas);
    let Some(stream) = found(jetstream, &declared.name).await? else {
        tracing::info!(stream = declared.name, "the stream is made");
        return jetstream.create_stream(declared).await.map_err(|error| failed(&error));
    };
    let is = &stream.cached_info().config;
    let wanted = Config {
        subjects: declared.subjects,
        num_replicas: declared.num_replicas,
        deny_delete: declared.deny_delete,
        deny_purge: declared.deny_purge,
        allow_direct: declared.allow_direct,
        allow_atomic_publish: declared.allow_atomic_publish,
        ..is.clone()
    };
    if *is == wanted {
        return Ok(stream);
    }
    // An operator may have reasons of their own; the copy is good with other settings too.
    if let Err(error) = jetstream.update_stream(&wanted).await {
        tracing::warn!(stream = wanted.name, error = %chain(&error), "the stream stays as it is");
        return Ok(stream);
    }
    found(jetstream, &wanted.name).await?.ok_or(RelayError::OutOfStep)
}

/// Compares a stream whose state was just asked for with its log, also at a sequence that is
/// doubted.
pub(super) async fn compare(
    log: &Log,
    stream: &Stream<Info>,
    difference: Difference,
    doubted: u64,
) -> Result<Standing, RelayError> {
    let info = stream.cached_info();
    let state = &info.state;
    // The stream was asked first, so a log that goes on meanwhile is never taken for behind it.
    let position = log.head().await?;
    let mut standing = Standing {
        position,
        sequence: state.last_sequence,
        first: state.first_sequence,
        messages: state.messages,
        differs_from: None,
        takes_batches: info.config.allow_atomic_publish,
        forgets: info.config.max_age.as_secs() > 0
            || info.config.max_bytes > 0
            || info.config.max_messages > 0,
    };
    let shared = standing.sequence.min(position);
    let first = standing.first.max(1);
    if standing.messages == 0 || shared < first {
        return Ok(standing);
    }
    let mut positions = vec![shared];
    positions.extend((first..=shared).contains(&doubted).then_some(doubted));
    if difference != Difference::Last {
        positions.extend((0..4).map(|quarter| first + (shared - first) / 4 * quarter));
    }
    for position in positions {
        if !same(log, stream, position).await? {
            standing.differs_from = Some(first_difference(log, stream, first, position).await?);
            return Ok(standing);
        }
    }
    // Reading all of it takes a while, so what is known to be wrong is not looked at closer.
    if difference == Difference::Every && standing.problem().is_none() {
        standing.differs_from = stranger(log, stream, first, shared).await?;
    }
    Ok(standing)
}

/// Events compared at once.
const PAGE: u64 = 5_000;

/// The first message of all that is not the log's event.
async fn stranger(
    log: &Log,
    stream: &Stream<Info>,
    first: u64,
    last: u64,
) -> Result<Option<u64>, RelayError> {
    let consumer = OrderedConfig {
        headers_only: true,
        deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: first },
        ..OrderedConfig::default()
    };
    let consumer = stream.create_consumer(consumer).await.map_err(|error| failed(&error))?;
    let mut messages = consumer.messages().await.map_err(|error| failed(&error))?;
    let mut events = HashMap::new();
    let mut read = first - 1;
    loop {
        let next = tokio::time::timeout(super::ANSWER, messages.next()).await;
        let next = next.map_err(|_| RelayError::Stream("no message comes".to_owned()))?;
        let Some(message) = next else {
            return Err(RelayError::Stream("the messages end early".to_owned()));
        };
        let message = message.map_err(|error| failed(&error))?;
        let info = message.info().map_err(|error| failed(error.as_ref()))?;
        let sequence = info.stream_sequence;
        if sequence > last {
            return Ok(None);
        }
        while read < sequence {
            events = ids(log, read).await?;
            read += PAGE;
        }
        let id = message.headers.as_ref().and_then(stream::event_id);
        if id.is_none() || id != events.get(&sequence).copied() {
            return Ok(Some(sequence));
        }
        if sequence == last {
            return Ok(None);
        }
    }
}

/// Ids of the events after a position.
async fn ids(log: &Log, after: u64) -> Result<HashMap<u64, Uuid>, sqlx::Error> {
    let rows: Vec<(i64, Uuid)> = sqlx::query_as(
        "SELECT position, event_id FROM events WHERE position > $1 AND position <= $1 + $2",
    )
    .bind(after.cast_signed())
    .bind(PAGE.cast_signed())
    .fetch_all(log.pool())
    .await?;
    Ok(rows.into_iter().map(|(position, id)| (position.cast_unsigned(), id)).collect())
}

/// The first position that differs, by halves: from there on all do.
async fn first_difference(
    log: &Log,
    stream: &Stream<Info>,
    mut low: u64,
    mut high: u64,
) -> Result<u64, RelayError> {
    while low < high {
        let middle = low + (high - low) / 2;
        if same(log, stream, middle).await? {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(high)
}

/// Whether the stream has the log's event at a position. A message that is missing differs in
/// nothing; it is counted elsewhere.
async fn same(log: &Log, stream: &Stream<Info>, position: u64) -> Result<bool, RelayError> {
    let message = match stream.get_raw_message(position).await {
        Ok(message) => message,
        Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => return Ok(true),
        Err(error) => return Err(failed(&error)),
    };
    let stored: Option<Uuid> =
        sqlx::query_scalar("SELECT event_id FROM events WHERE position = $1")
            .bind(position.cast_signed())
            .fetch_optional(log.pool())
            .await?;
    Ok(stored.is_some() && stream::event_id(&message.headers) == stored)
}

fn failed(error: &(impl std::error::Error + ?Sized)) -> RelayError {
    RelayError::Stream(chain(error))
}
