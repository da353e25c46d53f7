//! The bytes of an event that are hashed, and the chain of hashes over all events of a log.

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// A stored event, borrowed from wherever it was read. Every field is as stored: nothing is
/// parsed, so nothing can be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredEvent<'a> {
    /// Position in the log, from 1.
    pub position: u64,
    /// Unique for ever.
    pub event_id: Uuid,
    /// The brand it belongs to.
    pub tenant_id: &'a str,
    /// Kind of the object.
    pub aggregate_type: &'a str,
    /// `<tenant>/<object id>`.
    pub aggregate_id: &'a str,
    /// Number of the event in the object's stream, from 1.
    pub sequence: u64,
    /// For example `OrderSubmitted`.
    pub event_type: &'a str,
    /// Version of the event type, as stored.
    pub event_version: &'a str,
    /// Microseconds since 1970-01-01 UTC.
    pub recorded_at: i64,
    /// Exact JSON text.
    pub metadata: &'a str,
    /// Exact JSON text.
    pub payload: &'a str,
}

impl StoredEvent<'_> {
    /// Appends the canonical bytes: position, event id, tenant, aggregate type, aggregate id,
    /// sequence, event type, event version, time in microseconds, length of the metadata in bytes,
    /// metadata and payload, with a line feed between each two.
    pub fn write_canonical(&self, out: &mut Vec<u8>) {
        let mut number = itoa::Buffer::new();
        out.extend_from_slice(number.format(self.position).as_bytes());
        out.push(b'\n');
        self.write_body(out);
    }

    /// The canonical bytes after the position and its line feed.
    pub(crate) fn write_body(&self, out: &mut Vec<u8>) {
        let (mut number, mut id) = (itoa::Buffer::new(), Uuid::encode_buffer());
        let mut field = |text: &str| {
            out.extend_from_slice(text.as_bytes());
            out.push(b'\n');
        };
        field(self.event_id.hyphenated().encode_lower(&mut id));
        field(self.tenant_id);
        field(self.aggregate_type);
        field(self.aggregate_id);
        field(number.format(self.sequence));
        field(self.event_type);
        field(self.event_version);
        field(number.format(self.recorded_at));
        field(number.format(self.metadata.len()));
        field(self.metadata);
        out.extend_from_slice(self.payload.as_bytes());
    }
}

/// What the first event of a log follows: SHA-256 of nothing.
pub fn chain_start() -> Hash {
    Sha256::digest([]).into()
}

/// The chain's hash at an event: SHA-256 of the hash before and the event's canonical bytes.
pub fn chain_step(previous: &Hash, canonical: &[u8]) -> Hash {
    Sha256::new_with_prefix(previous).chain_update(canonical).finalize().into()
}
