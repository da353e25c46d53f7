//! What is signed: the state of a log at a size, in the C2SP tlog-checkpoint format
//! (c2sp.org/tlog-checkpoint) with two extension lines.

use crate::event::Hash;
use crate::note::{NoteError, Signer, Verifier};
use crate::{base64, hash_from_base64};

/// The state of a log when it had a number of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: `qudao/<installation>/<context>`; also the name of its key.
    pub origin: String,
    /// Number of events, and the position of the last one.
    pub size: u64,
    /// Root of the Merkle tree over the first `size` events.
    pub root: Hash,
    /// The chain's hash at the last one.
    pub chain: Hash,
    /// When it was signed, RFC 3339, UTC.
    pub time: String,
}

/// Why a text is not a checkpoint of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The signature, or the note's form, is wrong.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The signed text is not a checkpoint of ours.
    #[error("the signed text is not a checkpoint of a log of this system")]
    Text,
    /// It is the checkpoint of another log.
    #[error("the checkpoint is of another log than the key")]
    Origin,
}

impl Checkpoint {
    /// The text that is signed.
    pub fn text(&self) -> String {
        let Self { origin, size, root, chain, time } = self;
        format!("{origin}\n{size}\n{}\nchain {}\ntime {time}\n", base64(root), base64(chain))
    }

    /// Reads the text back.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let checkpoint = Self {
            origin: lines.next().filter(|origin| !origin.is_empty())?.to_owned(),
            size: lines.next()?.parse().ok()?,
            root: hash_from_base64(lines.next()?)?,
            chain: hash_from_base64(lines.next()?.strip_prefix("chain ")?)?,
            time: lines.next()?.strip_prefix("time ")?.to_owned(),
        };
        // One form only: a size with a plus sign or a leading zero is not what was signed.
        (checkpoint.text() == text).then_some(checkpoint)
    }

    /// The signed note.
    ///
    /// # Errors
    /// When the origin or the time has characters that a note may not have.
    pub fn sign(&self, signer: &Signer) -> Result<String, NoteError> {
        signer.sign(&self.text())
    }

    /// Checks a signed note.
    ///
    /// # Errors
    /// See [`CheckpointError`].
    pub fn open(note: &str, verifier: &Verifier) -> Result<Self, CheckpointError> {
        let checkpoint = Self::parse(verifier.open(note)?).ok_or(CheckpointError::Text)?;
        match checkpoint.origin == verifier.name() {
            true => Ok(checkpoint),
            false => Err(CheckpointError::Origin),
        }
    }
}
