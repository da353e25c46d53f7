//! Signed text: the C2SP signed-note format with Ed25519 (c2sp.org/signed-note). A note is text
//! that ends with a line feed, an empty line, and signature lines
//! `— <key name> <base64 of key id and signature>`.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

/// The signature type of Ed25519.
const ED25519: u8 = 1;
/// Longest note that is read, in bytes.
const LONGEST: usize = 1 << 20;

/// Why a note, or a key for notes, is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// The name of a key is empty or has a space or a plus sign.
    #[error("the name of a key has no space and no +")]
    Name,
    /// The text is not `<name>+<key id>+<base64 of type and key>`.
    #[error("this is not a verifier key of the form <name>+<key id>+<base64>")]
    Key,
    /// The text is not of the form of a signed note.
    #[error("this is not a signed note")]
    Form,
    /// No signature is by this key.
    #[error("no signature of the note is by this key")]
    Unsigned,
    /// A signature that claims to be by this key is not.
    #[error("the signature does not fit the text: the note was changed, or signed by another key")]
    Forged,
}

/// Signs notes.
#[derive(Clone)]
pub struct Signer {
    key: SigningKey,
    verifier: Verifier,
}

/// Checks notes; its text form is the verifier key that is handed to auditors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    key: VerifyingKey,
}

impl Signer {
    /// A signer under a name.
    ///
    /// # Errors
    /// [`NoteError::Name`].
    pub fn new(name: &str, key: SigningKey) -> Result<Self, NoteError> {
        let verifier = Verifier::new(name, key.verifying_key())?;
        Ok(Self { key, verifier })
    }

    /// What checks the notes of this signer.
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// The note with this text.
    ///
    /// # Errors
    /// [`NoteError::Form`] when the text does not end with a line feed, has an empty line, or a
    /// control character.
    pub fn sign(&self, text: &str) -> Result<String, NoteError> {
        let control = text.chars().any(|letter| letter < ' ' && letter != '\n');
        if !text.ends_with('\n') || text.contains("\n\n") || text == "\n" || control {
            return Err(NoteError::Form);
        }
        let mut signature = self.verifier.id().to_vec();
        signature.extend_from_slice(&self.key.sign(text.as_bytes()).to_bytes());
        Ok(format!("{text}\n— {} {}\n", self.verifier.name, STANDARD.encode(signature)))
    }
}

impl Verifier {
    fn new(name: &str, key: VerifyingKey) -> Result<Self, NoteError> {
        if name.is_empty() || name.chars().any(|letter| letter.is_whitespace() || letter == '+') {
            return Err(NoteError::Name);
        }
        Ok(Self { name: name.to_owned(), key })
    }

    /// The name under which is signed.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn id(&self) -> [u8; 4] {
        let digest = Sha256::new_with_prefix(&self.name)
            .chain_update([b'\n', ED25519])
            .chain_update(self.key.as_bytes())
            .finalize();
        [digest[0], digest[1], digest[2], digest[3]]
    }

    /// The text of a note that this key has signed. Signatures by other keys are passed over.
    ///
    /// # Errors
    /// See [`NoteError`].
    pub fn open<'a>(&self, note: &'a str) -> Result<&'a str, NoteError> {
        if note.len() > LONGEST {
            return Err(NoteError::Form);
        }
        let end = note.rfind("\n\n").ok_or(NoteError::Form)? + 1;
        let (text, lines) = (&note[..end], &note[end + 1..]);
        if lines.is_empty() || !lines.ends_with('\n') {
            return Err(NoteError::Form);
        }
        for line in lines.lines() {
            let signature = line.strip_prefix("— ").and_then(|rest| rest.split_once(' '));
            let (name, signature) = signature.ok_or(NoteError::Form)?;
            let signature = STANDARD.decode(signature).map_err(|_| NoteError::Form)?;
            let (id, signature) = signature.split_at_checked(4).ok_or(NoteError::Form)?;
            if name == self.name && id == self.id() {
                let signature = Signature::from_slice(signature).map_err(|_| NoteError::Forged)?;
                let checked = self.key.verify_strict(text.as_bytes(), &signature);
                return checked.map(|()| text).map_err(|_| NoteError::Forged);
            }
        }
        Err(NoteError::Unsigned)
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![ED25519];
        key.extend_from_slice(self.key.as_bytes());
        write!(f, "{}+{}+{}", self.name, crate::hex(&self.id()), STANDARD.encode(key))
    }
}

impl FromStr for Verifier {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.trim().splitn(3, '+');
        let mut part = || parts.next().ok_or(NoteError::Key);
        let (name, id, key) = (part()?, part()?, part()?);
        let key = STANDARD.decode(key).map_err(|_| NoteError::Key)?;
        let key = key.strip_prefix(&[ED25519]).ok_or(NoteError::Key)?;
        let key: [u8; 32] = key.try_into().map_err(|_| NoteError::Key)?;
        let key = VerifyingKey::from_bytes(&key).map_err(|_| NoteError::Key)?;
        let verifier = Self::new(name, key)?;
        if crate::hex(&verifier.id()) == id { Ok(verifier) } else { Err(NoteError::Key) }
    }
}
