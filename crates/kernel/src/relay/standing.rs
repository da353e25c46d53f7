//! Compares a stream with its log.

use async_nats::jetstream;

use super::publisher::ON_THEIR_WAY;
use super::server::{Server, State};
use super::{Problem, RelayError, stranger};
use crate::fault;
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

/// Which messages are looked at besides, because nobody knows how they came there: publishing ended
/// while they were on their way. One that was refused may have others behind it that were taken,
/// when a stranger's stands in its place; then the end of the stream looks like the log's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// None.
    Nothing,
    /// All from a sequence on.
    From(u64),
    /// As many at the end as a relay has on their way at most.
    End,
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

    /// The first sequence that can be compared up to a last one.
    fn first_of(&self, last: u64) -> Option<u64> {
        let first = self.first.max(1);
        (self.messages > 0 && first <= last).then_some(first)
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
    let Some(stream) = jetstream.found(&stream::name(log.context())).await? else {
        return Ok(None);
    };
    let mut standing =
        compare::<jetstream::Context>(log, &stream, difference, Doubt::Nothing).await?;
    // Reading all of it takes a while, so what is known to be wrong is not looked at closer.
    if difference == Difference::Every && standing.problem().is_none() {
        let last = standing.sequence.min(standing.position);
        if let Some(first) = standing.first_of(last) {
            standing.differs_from = stranger::find(log, &stream, first, last).await?;
        }
    }
    Ok(Some(standing))
}

/// Compares a stream whose state was just asked for with its log, and every message that is
/// doubted.
pub(super) async fn compare<S: Server>(
    log: &Log,
    stream: &S::Stream,
    difference: Difference,
    doubt: Doubt,
) -> Result<Standing, RelayError> {
    let State { last_sequence, first_sequence, messages, takes_batches, forgets } =
        S::state(stream);
    // The stream was asked first, so a log that goes on meanwhile is never taken for behind it.
    let position = log.head().await?;
    let mut standing = Standing {
        position,
        sequence: last_sequence,
        first: first_sequence,
        messages,
        differs_from: None,
        takes_batches,
        forgets,
    };
    let shared = standing.sequence.min(position);
    let Some(first) = standing.first_of(shared) else { return Ok(standing) };
    let mut positions = vec![shared];
    if difference != Difference::Last {
        positions.extend((0..4).map(|quarter| first + (shared - first) / 4 * quarter));
    }
    for position in positions {
        if !same::<S>(log, stream, position).await? {
            standing.differs_from =
                Some(first_difference::<S>(log, stream, first, position).await?);
            return Ok(standing);
        }
    }
    let from = match doubt {
        Doubt::Nothing => return Ok(standing),
        Doubt::From(sequence) => sequence.max(first),
        Doubt::End => first.max(shared.saturating_sub(ON_THEIR_WAY)),
    };
    if from <= shared && !fault::planted("standing.blind") {
        standing.differs_from = S::stranger(log, stream, from, shared).await?;
    }
    Ok(standing)
}

/// The first position that differs, by halves: from there on all do.
async fn first_difference<S: Server>(
    log: &Log,
    stream: &S::Stream,
    mut low: u64,
    mut high: u64,
) -> Result<u64, RelayError> {
    while low < high {
        let middle = low + (high - low) / 2;
        if same::<S>(log, stream, middle).await? {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(high)
}

/// Whether the stream has the log's event at a position. A message that is missing differs in
/// nothing; it is counted elsewhere.
async fn same<S: Server>(log: &Log, stream: &S::Stream, position: u64) -> Result<bool, RelayError> {
    if fault::planted("standing.blind") {
        return Ok(true);
    }
    let Some(id) = S::event_at(stream, position).await? else { return Ok(true) };
    let stored = log.event_id(position).await?;
    Ok(stored.is_some() && id == stored)
}
