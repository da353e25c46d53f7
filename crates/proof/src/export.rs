//! What leaves the system for an auditor: a folder of four files, which can be checked anywhere.
//!
//! A complete export holds all events of a log and the leaves of its tree. A partial one holds
//! some events, each with the hash before it and its path to the root of the signed checkpoint, so
//! that it shows nothing of the other events but hashes.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::event::{Hash, StoredEvent};
use crate::note::{NoteError, Signer, Verifier};
use crate::{base64, hash_from_base64, hash_from_hex, hex};

/// First line of the signed manifest, and its version.
pub const FORMAT: &str = "qudao-export/1";
/// One event a line, see [`Line`].
pub const EVENTS: &str = "events.ndjson";
/// Leaf hashes of the tree, 32 bytes each; in a complete export only.
pub const LEAVES: &str = "leaves.bin";
/// The signed checkpoint that everything leads to.
pub const CHECKPOINT: &str = "checkpoint.note";
/// The signed [`Manifest`].
pub const MANIFEST: &str = "manifest.note";

/// One event of an export. The texts are the exact bytes stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line<'a> {
    /// Position in the log.
    pub position: u64,
    /// Unique for ever.
    pub event_id: Uuid,
    /// The brand it belongs to.
    pub tenant_id: Cow<'a, str>,
    /// Kind of the object.
    pub aggregate_type: Cow<'a, str>,
    /// `<tenant>/<object id>`.
    pub aggregate_id: Cow<'a, str>,
    /// Number of the event in the object's stream.
    pub sequence: u64,
    /// For example `OrderSubmitted`.
    pub event_type: Cow<'a, str>,
    /// Version of the event type, as stored.
    pub event_version: Cow<'a, str>,
    /// Microseconds since 1970-01-01 UTC.
    pub recorded_at_us: i64,
    /// Exact JSON text, as a string.
    pub metadata: Cow<'a, str>,
    /// Exact JSON text, as a string.
    pub payload: Cow<'a, str>,
    /// The stored hash, in hexadecimal digits.
    pub hash: String,
    /// Partial exports: the hash stored with the event before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// Partial exports: the inclusion proof, hashes in base64 from the leaf to the root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Vec<String>>,
}

impl<'a> Line<'a> {
    /// The line of an event of a complete export.
    pub fn of(event: &StoredEvent<'a>, hash: &[u8]) -> Self {
        Self {
            position: event.position,
            event_id: event.event_id,
            tenant_id: event.tenant_id.into(),
            aggregate_type: event.aggregate_type.into(),
            aggregate_id: event.aggregate_id.into(),
            sequence: event.sequence,
            event_type: event.event_type.into(),
            event_version: event.event_version.into(),
            recorded_at_us: event.recorded_at,
            metadata: event.metadata.into(),
            payload: event.payload.into(),
            hash: hex(hash),
            previous: None,
            proof: None,
        }
    }

    /// The same with what proves it.
    #[must_use]
    pub fn proved(mut self, previous: &[u8], path: &[Hash]) -> Self {
        self.previous = Some(hex(previous));
        self.proof = Some(path.iter().map(|hash| base64(hash)).collect());
        self
    }

    /// The event itself.
    pub fn event(&self) -> StoredEvent<'_> {
        StoredEvent {
            position: self.position,
            event_id: self.event_id,
            tenant_id: &self.tenant_id,
            aggregate_type: &self.aggregate_type,
            aggregate_id: &self.aggregate_id,
            sequence: self.sequence,
            event_type: &self.event_type,
            event_version: &self.event_version,
            recorded_at: self.recorded_at_us,
            metadata: &self.metadata,
            payload: &self.payload,
        }
    }

    /// The stored hash.
    pub fn hash(&self) -> Option<Hash> {
        hash_from_hex(&self.hash)
    }

    /// What proves it, in a partial export.
    pub fn proof(&self) -> Option<(Hash, Vec<Hash>)> {
        let previous = hash_from_hex(self.previous.as_ref()?)?;
        let path = self.proof.as_ref()?.iter().map(|hash| hash_from_base64(hash));
        Some((previous, path.collect::<Option<_>>()?))
    }
}

/// Which events an export is to hold. Nothing given: the complete log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// Only events of this brand.
    pub tenant: Option<String>,
    /// Only events of the object with this id, or of `<aggregate>/<id>`.
    pub object: Option<String>,
    /// Only these event types.
    #[serde(default)]
    pub event_types: Vec<String>,
    /// From this position on.
    pub from_position: Option<u64>,
    /// Up to this position.
    pub to_position: Option<u64>,
    /// Recorded at this time or later, microseconds since 1970-01-01 UTC.
    pub from_time_us: Option<i64>,
    /// Recorded before this time.
    pub before_time_us: Option<i64>,
}

impl Selection {
    /// Whether it leaves nothing out.
    pub fn is_complete(&self) -> bool {
        *self == Self::default()
    }
}

/// One file of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its name.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
}

/// Where the log said that it ended when it was exported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadEntry {
    /// Position of the newest event.
    pub position: u64,
    /// The chain's hash there, in hexadecimal digits.
    pub hash: String,
}

/// What an export holds. Signed by the log's key, so that nobody can pass off another selection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The context, for example `order`.
    pub context: String,
    /// Origin of its checkpoints, and name of its key.
    pub origin: String,
    /// What was asked for.
    pub selection: Selection,
    /// Whether all events of the log are in it.
    pub complete: bool,
    /// Number of events in it.
    pub events: u64,
    /// Number of events that its checkpoint is about.
    pub checkpoint_size: u64,
    /// The log's head, in a complete export.
    pub head: Option<HeadEntry>,
    /// Its files but the manifest itself.
    pub files: Vec<FileEntry>,
    /// When it was made, RFC 3339, UTC.
    pub created_at: String,
}

impl Manifest {
    /// The signed manifest.
    ///
    /// # Errors
    /// [`NoteError::Form`] when it can not be written as one line, which its types rule out.
    pub fn sign(&self, signer: &Signer) -> Result<String, NoteError> {
        let json = serde_json::to_string(self).map_err(|_| NoteError::Form)?;
        signer.sign(&format!("{FORMAT}\n{json}\n"))
    }

    /// Checks a signed manifest.
    ///
    /// # Errors
    /// See [`NoteError`].
    pub fn open(note: &str, verifier: &Verifier) -> Result<Self, NoteError> {
        let json = verifier.open(note)?.strip_prefix(FORMAT).ok_or(NoteError::Form)?;
        serde_json::from_str(json).map_err(|_| NoteError::Form)
    }

    /// The digest that a file should have.
    pub fn digest_of(&self, name: &str) -> Option<&str> {
        let file = self.files.iter().find(|file| file.name == name)?;
        Some(&file.sha256)
    }
}
