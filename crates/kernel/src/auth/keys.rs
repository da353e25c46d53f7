//! The keys that tokens are signed and checked with. Their file may hold several: the newest whose
//! time has come signs, all of them check. A running process looks at the file every few seconds,
//! so a key comes and goes without a restart; a new one signs a while after it was written down,
//! when every process knows it.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Instant, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::Key as Random;
use chacha20poly1305::aead::Generate as _;
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey};
use jsonwebtoken::{DecodingKey, EncodingKey};
use lru::LruCache;
use sha2::{Digest as _, Sha256};

use super::Caller;
use super::revocations::Revocations;
use super::token::{self, Claims, TokenError};
use crate::clock;
use crate::failure::chain;

/// Tokens whose signature was found good are known again; checking one costs more than the rest
/// of a call's way to its handler.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(4_096).expect("not zero");
/// How often the file is looked at, in milliseconds.
const LOOK_MS: u64 = 2_000;
/// What stands before a key that is not to sign at once.
const SIGNS_FROM: &str = "signs from ";
const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";

/// The keys of an installation.
#[derive(Clone)]
pub struct Keys(Arc<Inner>);

struct Inner {
    file: PathBuf,
    ring: RwLock<Ring>,
    /// Tokens that were found good, word by word, with what they say.
    good: Mutex<LruCache<String, Arc<Claims>>>,
    revocations: Revocations,
    /// When the file was looked at last, in milliseconds since `started`.
    looked: AtomicU64,
    started: Instant,
}

/// The keys of a file, oldest first.
struct Ring {
    keys: Vec<Key>,
    /// How the file is told from one written later.
    written: Option<Written>,
}

struct Key {
    info: KeyInfo,
    signing: EncodingKey,
    checking: DecodingKey,
}

/// One key of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyInfo {
    /// The `kid` of its tokens: the thumbprint of RFC 7638.
    pub id: String,
    /// From when on it signs; none if it always did.
    pub signs_from: Option<DateTime<Utc>>,
}

/// Why the keys can not be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file can not be read or written.
    #[error("the signing key's file can not be used")]
    File(#[from] std::io::Error),
    /// The file holds no Ed25519 key in PKCS#8 PEM.
    #[error("the file holds no Ed25519 key in PKCS#8 PEM form")]
    Form(#[from] ed25519_dalek::pkcs8::Error),
    /// The file holds no key at all.
    #[error("the file holds no key")]
    Empty,
    /// Its public half can not be written down.
    #[error("the public key can not be written down")]
    Public(#[from] ed25519_dalek::pkcs8::spki::Error),
    /// The token library refuses the key.
    #[error("the key can not sign tokens")]
    Token(#[from] jsonwebtoken::errors::Error),
}

impl Keys {
    /// Reads the keys of a file; a missing file is made, readable by its owner only.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn open(file: &Path) -> Result<Self, KeyError> {
        if !file.exists() {
            create_key(file)?;
        }
        Ok(Self(Arc::new(Inner {
            ring: RwLock::new(Ring::read(file)?),
            file: file.to_owned(),
            good: Mutex::new(LruCache::new(REMEMBERED)),
            revocations: Revocations::default(),
            looked: AtomicU64::new(0),
            started: clock::instant(),
        })))
    }

    /// What ends tokens before their time.
    pub fn revocations(&self) -> &Revocations {
        &self.0.revocations
    }

    /// Signs a token.
    ///
    /// # Errors
    /// When the token library refuses the key.
    pub fn issue(
        &self,
        caller: &Caller,
        now: DateTime<Utc>,
        valid: Duration,
    ) -> Result<String, KeyError> {
        self.look();
        let claims = Claims::new(caller.clone(), now.timestamp(), (now + valid).timestamp());
        let ring = self.0.ring.read().unwrap_or_else(PoisonError::into_inner);
        let key = ring.signing(clock::now()).ok_or(KeyError::Empty)?;
        Ok(token::sign(&claims, &key.info.id, &key.signing)?)
    }

    /// The caller that a token names.
    ///
    /// # Errors
    /// When the token is not ours, not in force, or was ended.
    pub fn check(&self, token: &str) -> Result<Caller, TokenError> {
        self.look();
        let claims = self.read(token).ok_or(TokenError::Invalid)?;
        if self.0.revocations.end(&claims.caller) {
            return Err(TokenError::Ended);
        }
        Ok(claims.caller.clone())
    }

    fn read(&self, token: &str) -> Option<Arc<Claims>> {
        let good = || self.0.good.lock().unwrap_or_else(PoisonError::into_inner);
        let known = good().get(token).cloned();
        if let Some(claims) = known {
            return claims.in_force().then_some(claims);
        }
        let key_id = token::key_id(token)?;
        let claims = {
            let ring = self.0.ring.read().unwrap_or_else(PoisonError::into_inner);
            let key = ring.keys.iter().find(|key| key.info.id == key_id)?;
            Arc::new(token::read(token, &key.checking)?)
        };
        good().put(token.to_owned(), claims.clone());
        Some(claims)
    }

    /// Reads the file again if it was written since, at most every few seconds. Tokens of a key that
    /// is gone are not known as good any more.
    fn look(&self) {
        let now = self.0.started.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
        let looked = self.0.looked.load(Ordering::Relaxed);
        let mine = || {
            let (order, failure) = (Ordering::Relaxed, Ordering::Relaxed);
            self.0.looked.compare_exchange(looked, now, order, failure).is_ok()
        };
        if now < looked.saturating_add(LOOK_MS) || !mine() {
            return;
        }
        let known = self.0.ring.read().unwrap_or_else(PoisonError::into_inner).written;
        if written(&self.0.file) == known {
            return;
        }
        match Ring::read(&self.0.file) {
            Ok(ring) => {
                tracing::info!(keys = ring.keys.len(), "the signing keys were read again");
                *self.0.ring.write().unwrap_or_else(PoisonError::into_inner) = ring;
                self.0.good.lock().unwrap_or_else(PoisonError::into_inner).clear();
            }
            // The keys at hand are as good as they were.
            Err(error) => tracing::warn!(error = %chain(&error), "the signing keys stay as read"),
        }
    }
}

impl Ring {
    fn read(file: &Path) -> Result<Self, KeyError> {
        let written = written(file);
        let text = std::fs::read_to_string(file)?;
        let keys = parts(&text).map(Key::read).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            return Err(KeyError::Empty);
        }
        Ok(Self { keys, written })
    }

    /// The newest key whose time has come; the oldest when that of none has.
    fn signing(&self, now: DateTime<Utc>) -> Option<&Key> {
        let due = |key: &&Key| key.info.signs_from.is_none_or(|from| from <= now);
        self.keys.iter().rev().find(due).or(self.keys.first())
    }
}

impl Key {
    fn read(part: Part<'_>) -> Result<Self, KeyError> {
        let key = SigningKey::from_pkcs8_pem(part.pem)?;
        let public = key.verifying_key().to_public_key_pem(LineEnding::LF)?;
        let signs_from = part.head.lines().filter_map(|line| line.strip_prefix(SIGNS_FROM));
        let signs_from = signs_from.filter_map(|at| at.trim().parse().ok()).next_back();
        Ok(Self {
            info: KeyInfo { id: thumbprint(&key), signs_from },
            signing: EncodingKey::from_ed_pem(part.pem.as_bytes())?,
            checking: DecodingKey::from_ed_pem(public.as_bytes())?,
        })
    }
}

/// A key of a file, and what stands before it.
struct Part<'a> {
    head: &'a str,
    pem: &'a str,
}

fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (head, body) = rest.split_at(rest.find(BEGIN)?);
        // A key without an end is the last one, and is no key; whoever reads it says so.
        let next = body[BEGIN.len()..].find(BEGIN).map_or(body.len(), |at| at + BEGIN.len());
        let end = body[..next].rfind("-----").map_or(next, |at| (at + "-----".len()).min(next));
        rest = &body[end..];
        Some(Part { head, pem: &body[..end] })
    })
}

/// RFC 7638 over the form of RFC 8037: the members in the order of the alphabet.
fn thumbprint(key: &SigningKey) -> String {
    let x = URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
    let jwk = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    URL_SAFE_NO_PAD.encode(Sha256::digest(jwk))
}

/// When a file was written and which one it is: the clock of a file system may stand still for
/// some milliseconds.
type Written = (SystemTime, u64);

fn written(file: &Path) -> Option<Written> {
    use std::os::unix::fs::MetadataExt as _;

    let about = std::fs::metadata(file).ok()?;
    Some((about.modified().ok()?, about.ino()))
}

/// The keys of a file, oldest first.
///
/// # Errors
/// See [`KeyError`].
pub fn keys_of(file: &Path) -> Result<Vec<KeyInfo>, KeyError> {
    Ok(Ring::read(file)?.keys.into_iter().map(|key| key.info).collect())
}

/// Adds a key to a file that signs from a moment on; of those before it the newest stay, so that
/// there are at most `most`.
///
/// # Errors
/// See [`KeyError`].
pub fn add_key(file: &Path, signs_from: DateTime<Utc>, most: usize) -> Result<KeyInfo, KeyError> {
    let text = std::fs::read_to_string(file)?;
    let mut kept: Vec<String> = parts(&text).map(|part| told(part.head, part.pem)).collect();
    kept.drain(..kept.len().saturating_sub(most.saturating_sub(1)));
    let key = SigningKey::from_bytes(&Random::generate().into());
    let head = format!("{SIGNS_FROM}{}", signs_from.to_rfc3339_opts(SecondsFormat::Secs, true));
    kept.push(told(&head, &key.to_pkcs8_pem(LineEnding::LF)?));
    let draft = draft_of(file);
    write_new(&draft, &kept.concat())?;
    // Under its name at once or not at all: other processes are reading.
    std::fs::rename(&draft, file)?;
    Ok(KeyInfo { id: thumbprint(&key), signs_from: Some(signs_from) })
}

fn told(head: &str, pem: &str) -> String {
    let head = head.trim();
    let line = if head.is_empty() { "" } else { "\n" };
    format!("{head}{line}{}\n", pem.trim())
}

/// Makes the file of a new Ed25519 key, unless another process was faster.
pub(crate) fn create_key(file: &Path) -> Result<(), KeyError> {
    let key = SigningKey::from_bytes(&Random::generate().into());
    Ok(make_file(file, &key.to_pkcs8_pem(LineEnding::LF)?)?)
}

/// Makes the file of a secret, readable by its owner only, unless another process was faster.
pub(crate) fn make_file(file: &Path, secret: &str) -> std::io::Result<()> {
    // Under its name only when it is whole: another process may be reading.
    let draft = draft_of(file);
    write_new(&draft, secret)?;
    let named = std::fs::hard_link(&draft, file);
    std::fs::remove_file(&draft)?;
    match named {
        Ok(()) => Ok(()),
        // Another process was faster; its key is as good.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

fn draft_of(file: &Path) -> PathBuf {
    file.with_extension(format!("{}.draft", uuid::Uuid::new_v4().simple()))
}

fn write_new(file: &Path, secret: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;

    let mut made =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    made.write_all(secret.as_bytes())?;
    made.sync_all()
}

#[cfg(test)]
mod tests;
