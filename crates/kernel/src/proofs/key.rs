//! The installation's log key: an Ed25519 key that signs the states of its logs and nothing else.
//! The public half goes to auditors, one for each log, as a C2SP verifier key.

use std::path::Path;

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::DecodePrivateKey as _;
use proof::Signer;
use proof::note::NoteError;

use crate::auth::{KeyError, create_key};

/// The key with the installation's name.
#[derive(Clone)]
pub struct LogKey {
    key: SigningKey,
    installation: String,
}

impl LogKey {
    /// Reads the key of a file; a missing file is made, readable by its owner only.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn open(file: &Path, installation: &str) -> Result<Self, KeyError> {
        if !file.exists() {
            create_key(file)?;
        }
        let key = SigningKey::from_pkcs8_pem(&std::fs::read_to_string(file)?)?;
        Ok(Self { key, installation: installation.to_owned() })
    }

    /// What signs the log of a context, under the name `qudao/<installation>/<context>`.
    ///
    /// # Errors
    /// When the installation's name has a space or a plus sign.
    pub fn signer(&self, context: &str) -> Result<Signer, NoteError> {
        Signer::new(&format!("qudao/{}/{context}", self.installation), self.key.clone())
    }
}
