//! The columns of an archive. They stay as they are: a new one may come at the end.

use chrono::{DateTime, Utc};

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Position in the context's log, from 1.
    pub position: u64,
    /// Unique for ever.
    pub event_id: String,
    /// The brand it belongs to.
    pub tenant: String,
    /// The log it stands in.
    pub context: String,
    /// Kind of the object.
    pub aggregate: String,
    /// The object.
    pub object_id: String,
    /// Number of the event among those of its object, from 1.
    pub version: u64,
    /// Its type.
    pub event_type: String,
    /// Version of its type, from 1.
    pub event_version: u32,
    /// When the log stored it, in microseconds.
    pub recorded_at: DateTime<Utc>,
    /// Who did it.
    pub actor_id: String,
    /// Empty: names are not recorded any more, and files of before and of today are read as one.
    pub actor_name: String,
    /// Same for all that follows from one request of the outside world.
    pub correlation_id: String,
    /// The request or event that directly caused it.
    pub causation_id: String,
    /// The idempotency key of the command.
    pub request_id: String,
    /// W3C Trace Context; null when there was none.
    pub traceparent: Option<String>,
    /// The exact JSON text stored.
    pub payload: String,
}

/// Names of the columns.
pub const COLUMNS: [&str; 17] = [
    "position",
    "event_id",
    "tenant",
    "context",
    "aggregate",
    "object_id",
    "version",
    "event_type",
    "event_version",
    "recorded_at",
    "actor_id",
    "actor_name",
    "correlation_id",
    "causation_id",
    "request_id",
    "traceparent",
    "payload",
];

/// Their types, as Parquet writes them down.
pub(crate) const SCHEMA: &str = "message event {
    required int64 position;
    required binary event_id (STRING);
    required binary tenant (STRING);
    required binary context (STRING);
    required binary aggregate (STRING);
    required binary object_id (STRING);
    required int64 version;
    required binary event_type (STRING);
    required int32 event_version;
    required int64 recorded_at (TIMESTAMP(MICROS, true));
    required binary actor_id (STRING);
    required binary actor_name (STRING);
    required binary correlation_id (STRING);
    required binary causation_id (STRING);
    required binary request_id (STRING);
    optional binary traceparent (STRING);
    required binary payload (STRING);
}";
