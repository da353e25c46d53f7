//! Personal data that can be erased from a log that is never changed. A field of an event is
//! encrypted under a key of its person before it is stored, so the chain and all proofs are over
//! the ciphertext; erasing the key erases the data, in every copy of the log, and nothing else
//! changes.
//!
//! It is a layer between a fact's JSON and the stored JSON. Deciders stay pure: they see a
//! [`Personal`] that is plain when a fact is made, and sealed when it was read from the log.

use std::fmt::Display;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead as _, Generate as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::PgPool;

use crate::text::Text;

/// The name under which JSON has personal data.
const MARK: &str = "$personal";
/// Bytes of a nonce of XChaCha20: long enough to be drawn by chance.
const NONCE: usize = 24;

/// A field of an event that tells something of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Personal<T> {
    #[serde(rename = "$personal")]
    inner: Inner<T>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
struct Inner<T> {
    /// Whom it is about; one key for each person of a tenant.
    subject: String,
    #[serde(flatten)]
    content: Content<T>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Content<T> {
    /// Not stored yet, or shown to somebody who may see it.
    Plain(T),
    /// As stored: nonce and ciphertext in base64.
    Sealed(String),
    /// The person's key is gone.
    Erased(bool),
}

impl<T> Personal<T> {
    /// What a fact says of a person.
    pub fn of(subject: impl Into<String>, value: T) -> Self {
        let inner = Inner { subject: subject.into(), content: Content::Plain(value) };
        Self { inner }
    }

    /// Whom it is about.
    pub fn subject(&self) -> &str {
        &self.inner.subject
    }

    /// The value, where it can be seen.
    pub fn value(&self) -> Option<&T> {
        match &self.inner.content {
            Content::Plain(value) => Some(value),
            Content::Sealed(_) | Content::Erased(_) => None,
        }
    }

    /// Whether it was erased.
    pub fn is_erased(&self) -> bool {
        matches!(self.inner.content, Content::Erased(_))
    }
}

impl<T: Display> Personal<T> {
    /// The value in words, or why it is not there.
    pub fn text(&self) -> Text {
        match &self.inner.content {
            Content::Plain(value) => Text::new(value.to_string(), value.to_string()),
            Content::Sealed(_) => Text::new("（已加密）", "(encrypted)"),
            Content::Erased(_) => Text::new("（已删除）", "(erased)"),
        }
    }
}

/// Why personal data can not be sealed or shown.
#[derive(Debug, thiserror::Error)]
pub enum PersonalError {
    /// The database failed.
    #[error("the database of the personal keys failed")]
    Database(#[from] sqlx::Error),
    /// The payload is not JSON, or its personal data has another form.
    #[error("the payload has no personal data of the known form")]
    Form(#[from] serde_json::Error),
    /// The installation's key can not be read or made.
    #[error("the key of the personal data can not be used")]
    Key(#[from] std::io::Error),
    /// The person's data was erased; nothing new is kept under the erased key.
    #[error("the data of {0} was erased; use another subject for new data")]
    Erased(String),
    /// The ciphertext is not what was sealed, or is of another person or installation.
    #[error("the data of {0} can not be decrypted")]
    Sealed(String),
}

/// The keys of all persons of a log, each wrapped by the installation's key. They lie beside the
/// log and not in it.
#[derive(Clone)]
pub struct Vault {
    pool: PgPool,
    wrapping: XChaCha20Poly1305,
}

impl Vault {
    /// The vault beside a log; its table and the key's file are made if they are missing.
    ///
    /// # Errors
    /// See [`PersonalError`].
    pub async fn open(pool: PgPool, key: &Path) -> Result<Self, PersonalError> {
        sqlx::raw_sql(include_str!("../migrations/personal_keys.sql")).execute(&pool).await?;
        let wrapping = XChaCha20Poly1305::new(&installation_key(key)?);
        Ok(Self { pool, wrapping })
    }

    /// The payload to store: all that is personal in it is encrypted. A payload without anything
    /// personal stays as it is, byte for byte.
    ///
    /// # Errors
    /// See [`PersonalError`].
    pub async fn seal(&self, tenant: &str, payload: &str) -> Result<String, PersonalError> {
        if !payload.contains(MARK) {
            return Ok(payload.to_owned());
        }
        let mut payload: Value = serde_json::from_str(payload)?;
        for inner in found(&mut payload) {
            let mut data: Inner<Value> = serde_json::from_value(inner.take())?;
            if let Content::Plain(value) = &data.content {
                let key = self.key_for(tenant, &data.subject).await?;
                let bound = bound(tenant, &data.subject);
                let sealed = encrypt(&key, value.to_string().as_bytes(), &bound);
                data.content = Content::Sealed(STANDARD.encode(sealed));
            }
            *inner = serde_json::to_value(data)?;
        }
        Ok(payload.to_string())
    }

    /// The payload as those may see it who may see personal data: decrypted, and marked where it
    /// was erased. It is for reading only; what is proved is the stored payload.
    ///
    /// # Errors
    /// See [`PersonalError`].
    pub async fn show(&self, tenant: &str, payload: &str) -> Result<String, PersonalError> {
        if !payload.contains(MARK) {
            return Ok(payload.to_owned());
        }
        let mut payload: Value = serde_json::from_str(payload)?;
        for inner in found(&mut payload) {
            let mut data: Inner<Value> = serde_json::from_value(inner.take())?;
            if let Content::Sealed(sealed) = &data.content {
                let key = self.known_key(tenant, &data.subject).await?;
                data.content = match key {
                    Some(key) => {
                        let sealed = STANDARD.decode(sealed).ok();
                        let bound = bound(tenant, &data.subject);
                        let plain = sealed.and_then(|sealed| decrypt(&key, &sealed, &bound));
                        let plain =
                            plain.ok_or_else(|| PersonalError::Sealed(data.subject.clone()))?;
                        Content::Plain(serde_json::from_slice(&plain)?)
                    }
                    None => Content::Erased(true),
                };
            }
            *inner = serde_json::to_value(data)?;
        }
        Ok(payload.to_string())
    }

    /// Erases all personal data of a person: from now on nobody can decrypt it. False when there
    /// was none, or it was erased before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn erase(&self, tenant: &str, subject: &str) -> Result<bool, PersonalError> {
        let erased = sqlx::query(
            "UPDATE personal_keys SET wrapped = NULL, erased_at = clock_timestamp()
             WHERE tenant_id = $1 AND subject = $2 AND wrapped IS NOT NULL",
        )
        .bind(tenant)
        .bind(subject)
        .execute(&self.pool)
        .await?;
        Ok(erased.rows_affected() == 1)
    }

    /// The key of a person, made now if there is none.
    async fn key_for(
        &self,
        tenant: &str,
        subject: &str,
    ) -> Result<XChaCha20Poly1305, PersonalError> {
        let wrapped = encrypt(&self.wrapping, &Key::generate(), &bound(tenant, subject));
        sqlx::query(
            "INSERT INTO personal_keys (tenant_id, subject, wrapped, made_at)
             VALUES ($1, $2, $3, clock_timestamp()) ON CONFLICT DO NOTHING",
        )
        .bind(tenant)
        .bind(subject)
        .bind(wrapped)
        .execute(&self.pool)
        .await?;
        let key = self.known_key(tenant, subject).await?;
        key.ok_or_else(|| PersonalError::Erased(subject.to_owned()))
    }

    /// The key of a person; `None` when it was erased, or never made.
    async fn known_key(
        &self,
        tenant: &str,
        subject: &str,
    ) -> Result<Option<XChaCha20Poly1305>, PersonalError> {
        let wrapped: Option<Option<Vec<u8>>> = sqlx::query_scalar(
            "SELECT wrapped FROM personal_keys WHERE tenant_id = $1 AND subject = $2",
        )
        .bind(tenant)
        .bind(subject)
        .fetch_optional(&self.pool)
        .await?;
        let Some(wrapped) = wrapped.flatten() else { return Ok(None) };
        let key = decrypt(&self.wrapping, &wrapped, &bound(tenant, subject));
        let key = key.and_then(|key| XChaCha20Poly1305::new_from_slice(&key).ok());
        key.map(Some).ok_or_else(|| PersonalError::Sealed(subject.to_owned()))
    }
}

/// What a ciphertext is bound to, so that it can not be passed off as somebody else's.
fn bound(tenant: &str, subject: &str) -> Vec<u8> {
    format!("{tenant}\n{subject}").into_bytes()
}

/// Nonce and ciphertext.
fn encrypt(cipher: &XChaCha20Poly1305, plain: &[u8], bound: &[u8]) -> Vec<u8> {
    let nonce = XNonce::generate();
    let sealed = cipher.encrypt(&nonce, Payload { msg: plain, aad: bound });
    let sealed = sealed.expect("only texts of 256 GiB and more are too long for the cipher");
    [nonce.as_slice(), &sealed].concat()
}

fn decrypt(cipher: &XChaCha20Poly1305, sealed: &[u8], bound: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
    let nonce = XNonce::try_from(nonce).ok()?;
    cipher.decrypt(&nonce, Payload { msg: sealed, aad: bound }).ok()
}

/// All places in a payload that hold personal data: what stands under the mark.
fn found(value: &mut Value) -> Vec<&mut Value> {
    match value {
        Value::Object(fields) => {
            let marked = fields.len() == 1 && fields.contains_key(MARK);
            let values = fields.values_mut();
            if marked { values.collect() } else { values.flat_map(found).collect() }
        }
        Value::Array(items) => items.iter_mut().flat_map(found).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// The installation's key from its file, 64 hexadecimal digits; made if it is missing, readable by
/// its owner only.
fn installation_key(file: &Path) -> Result<Key, PersonalError> {
    if !file.exists() {
        let digits = proof::hex(&Key::generate());
        let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
        match made {
            Ok(mut made) => made.write_all(digits.as_bytes())?,
            // Another process was faster; its key is as good.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => (),
            Err(error) => return Err(error.into()),
        }
    }
    let digits = std::fs::read_to_string(file)?;
    let key = proof::hash_from_hex(digits.trim());
    let form = || std::io::Error::other("the file does not hold 64 hexadecimal digits");
    Ok(key.ok_or_else(form)?.into())
}
