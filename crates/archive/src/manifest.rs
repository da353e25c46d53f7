//! The list of the files of an archive: what each holds, and how far they go together.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::ArchiveError;
use crate::row::COLUMNS;

/// The list. Written anew, in one piece, after the files that it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this form.
    pub format: u32,
    /// Whose events: a tenant's id, or `*` for everybody's.
    pub scope: String,
    /// Names of the columns, the same in every file.
    pub columns: Vec<String>,
    /// Position up to which each context's log is in the files.
    pub reached: BTreeMap<String, u64>,
    /// In the order in which they were written.
    pub files: Vec<Entry>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Below the folder of the manifest.
    pub path: String,
    /// The log that its events stand in.
    pub context: String,
    /// The brand they belong to.
    pub tenant: String,
    /// The day they were recorded, UTC.
    pub date: String,
    /// Their type.
    pub event_type: String,
    /// Position of the first of them.
    pub first_position: u64,
    /// Position of the last of them.
    pub last_position: u64,
    /// How many they are.
    pub rows: u64,
    /// Size of the file.
    pub bytes: u64,
    /// SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
}

impl Manifest {
    pub(crate) fn new(scope: &str) -> Self {
        Self {
            format: 1,
            scope: scope.to_owned(),
            columns: COLUMNS.map(str::to_owned).to_vec(),
            reached: BTreeMap::new(),
            files: Vec::new(),
        }
    }

    /// Reads a manifest; `None` when there is none.
    ///
    /// # Errors
    /// When the file can not be read, or is something else.
    pub fn load(path: &Path) -> Result<Option<Self>, ArchiveError> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(crate::failed(path, error)),
        };
        let manifest = serde_json::from_str(&text);
        manifest.map(Some).map_err(|error| ArchiveError::Manifest(path.to_owned(), error))
    }

    /// Position up to which a context's log is in the files; 0 when none of it is.
    pub fn last_position(&self, context: &str) -> u64 {
        self.reached.get(context).copied().unwrap_or_default()
    }

    pub(crate) fn text(&self) -> Vec<u8> {
        // Only maps with keys that are not text have no JSON form, and there are none.
        let mut text = serde_json::to_vec_pretty(self).unwrap_or_default();
        text.push(b'\n');
        text
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
