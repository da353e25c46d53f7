//! What goes into the log, and what comes back.

use serde::Serialize;
use serde::de::Error as _;
use uuid::Uuid;

use crate::event::{DomainEvent, type_and_version};
use crate::metadata::Metadata;
use crate::personal;

/// A change of one or more streams of a log: all of it is stored, or nothing.
#[derive(Clone, Debug)]
pub struct Append {
    /// Who and what causes it.
    pub metadata: Metadata,
    /// Makes repeats harmless.
    pub request: RequestKey,
    /// Streams that were only read: they must still have the version they were read at.
    pub guards: Vec<StreamVersion>,
    /// Streams that grow. The first one is what the receipt is about. Without any, the append
    /// only asks whether its guards hold, and its answer is not kept for repeats.
    pub streams: Vec<StreamAppend>,
}

impl Append {
    /// Every stream that must be as it was read.
    pub(super) fn depends_on(&self) -> impl Iterator<Item = &StreamVersion> {
        self.guards.iter().chain(self.streams.iter().map(|grown| &grown.stream))
    }

    /// Number of events.
    pub(super) fn len(&self) -> usize {
        self.streams.iter().map(|grown| grown.events.len()).sum()
    }

    /// What its receipt is about: the first stream, and its version then.
    pub(super) fn subject(&self) -> (&str, u64) {
        self.streams.first().map_or(("", 0), |grown| {
            let version = grown.stream.version + grown.events.len() as u64;
            (grown.stream.object_id.as_str(), version)
        })
    }

    /// Whether its last event is one of the stream that the receipt is about.
    pub(super) fn ends_with_subject(&self) -> bool {
        self.streams.iter().rposition(|grown| !grown.events.is_empty()) == Some(0)
    }

    /// Whether its answer is kept for repeats; that of a question is not.
    pub(super) fn is_kept(&self) -> bool {
        !self.streams.is_empty()
    }

    /// An event that the stream could not carry would stop all that come after it.
    pub(super) fn check_sizes(&self) -> Result<(), AppendError> {
        let events = self.streams.iter().flat_map(|grown| &grown.events);
        match events.map(|event| event.payload.len()).max() {
            Some(bytes) if bytes > PAYLOAD => Err(AppendError::TooLarge { bytes, limit: PAYLOAD }),
            _ => Ok(()),
        }
    }

    /// About how much memory it takes.
    pub(super) fn bytes(&self) -> usize {
        let events = self.streams.iter().flat_map(|grown| &grown.events);
        let payloads: usize = events.map(|event| event.payload.len() + PER_EVENT).sum();
        payloads + PER_EVENT * (1 + self.guards.len() + self.streams.len())
    }
}

/// Longest JSON of an event, in bytes. Its message has headers besides, for which the server's
/// `max_payload` leaves room.
const PAYLOAD: usize = 1 << 20;
/// What an event or a stream takes besides its payload: ids, names, metadata.
const PER_EVENT: usize = 512;

/// The identity of a request and of its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestKey {
    /// Made by the caller, unique in the tenant.
    pub id: Uuid,
    /// SHA-256 of what was asked.
    pub digest: [u8; 32],
}

/// A stream at a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamVersion {
    /// Kind of the object.
    pub aggregate: &'static str,
    /// The object, unique in its tenant.
    pub object_id: String,
    /// Number of its events.
    pub version: u64,
    /// The event it must end with: told when the decision was made on an event that was not
    /// stored yet, and that could be somebody else's by now.
    pub after: Option<Uuid>,
}

/// New events at the end of a stream.
#[derive(Clone, Debug)]
pub struct StreamAppend {
    /// The stream, at the version that the decision was made on.
    pub stream: StreamVersion,
    /// What follows.
    pub events: Vec<NewEvent>,
}

/// An event that is not stored yet.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Unique for ever, and growing with time.
    pub event_id: Uuid,
    /// For example `OrderSubmitted`.
    pub event_type: String,
    /// From 1.
    pub event_version: u32,
    /// JSON.
    pub payload: String,
}

impl NewEvent {
    /// The stored form of a fact.
    ///
    /// # Errors
    /// When the fact has no JSON form, which a spec of its aggregate would have shown; or when it
    /// holds personal data that was not sealed, which could never be erased.
    pub fn of<E: DomainEvent + Serialize>(event: &E) -> Result<Self, serde_json::Error> {
        let (event_type, event_version) = type_and_version(event.as_ref());
        let payload = serde_json::to_string(event)?;
        if personal::is_plain_in(&payload)? {
            return Err(serde_json::Error::custom("personal data must be sealed to be stored"));
        }
        Ok(Self {
            event_id: Uuid::now_v7(),
            event_type: event_type.to_owned(),
            event_version,
            payload,
        })
    }
}

/// Where an accepted command ended up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The object that the command was about.
    pub object_id: String,
    /// Number of its events now.
    pub version: u64,
    /// Position of the last event of the command in the log.
    pub position: u64,
}

/// Why an append was not stored.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// A stream has grown since it was read.
    #[error("a stream that the decision was made on has changed; it has {actual} events now")]
    Conflict {
        /// Number of its events now.
        actual: u64,
    },
    /// The request id was used for another request.
    #[error("the request id was used for another request before")]
    RequestReused,
    /// An event is larger than a stream carries.
    #[error("an event has {bytes} bytes, more than {limit}")]
    TooLarge {
        /// How many it has.
        bytes: usize,
        /// How many it may have.
        limit: usize,
    },
    /// Too much waits to be stored.
    #[error("the log's queue is full")]
    Busy,
    /// The database failed. Whether the append was stored is not known; repeat the request.
    #[error("the log's database failed")]
    Database(#[source] std::sync::Arc<sqlx::Error>),
    /// The log is shutting down.
    #[error("the log is closed")]
    Closed,
}
