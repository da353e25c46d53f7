//! The keys of persons, and what is done with them: seal, reveal, erase.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead as _, Generate as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Content, Inner, Personal, PersonalError, found, is_in};
use crate::auth::make_file;
use crate::log::Log;
use crate::wall::TenantPool;

/// Bytes of a nonce of XChaCha20: long enough to be drawn by chance.
const NONCE: usize = 24;

/// The keys of all persons of an installation, each wrapped by the installation's key. They lie
/// beside a log and not in it.
#[derive(Clone)]
pub struct Vault {
    pool: TenantPool,
    wrapping: XChaCha20Poly1305,
}

/// The table of the keys. Whoever answers a caller keeps and erases keys of that caller's tenant.
const TABLE: &str = concat!(
    include_str!("../../migrations/personal_keys.sql"),
    "GRANT SELECT, INSERT, UPDATE ON personal_keys TO qudao_tenant",
);

/// What is known of a person's key.
enum PersonKey {
    Held(XChaCha20Poly1305),
    /// It was wrapped by another key than the installation's.
    Shut,
    Erased,
}

impl Vault {
    /// The vault beside a log; its table and the key's file are made if they are missing. With
    /// another key than the one in use it does not open: half of the people would be wrapped by
    /// one key then, half by the other.
    ///
    /// # Errors
    /// See [`PersonalError`].
    pub async fn open(log: &Log, key: &Path) -> Result<Self, PersonalError> {
        log.schema().make(TABLE).await?;
        let oldest: Option<(String, String, Vec<u8>)> = sqlx::query_as(
            "SELECT tenant_id, subject, wrapped FROM personal_keys
             WHERE wrapped IS NOT NULL ORDER BY made_at LIMIT 1",
        )
        .fetch_optional(log.pool())
        .await?;
        if oldest.is_some() && !key.exists() {
            return Err(PersonalError::KeyMissing(key.to_owned()));
        }
        let wrapping = XChaCha20Poly1305::new(&installation_key(key)?);
        match oldest {
            Some((tenant, subject, wrapped))
                if unwrapped(&wrapping, &wrapped, &bound(&tenant, &subject)).is_none() =>
            {
                Err(PersonalError::KeyWrong(key.to_owned()))
            }
            Some(_) | None => Ok(Self { pool: log.schema().tenant().clone(), wrapping }),
        }
    }

    /// A vault whose key is kept nowhere, so that it opens nothing: for measurements, which read
    /// only what is stored.
    pub fn shut(log: &Log) -> Self {
        let pool = log.schema().tenant().clone();
        Self { pool, wrapping: XChaCha20Poly1305::new(&Key::generate()) }
    }

    /// The value as it is stored: encrypted, if it is not yet.
    ///
    /// # Errors
    /// See [`PersonalError`].
    pub async fn sealed<T: Serialize + DeserializeOwned>(
        &self,
        tenant: &str,
        personal: &Personal<T>,
    ) -> Result<Personal<T>, PersonalError> {
        let sealed = self.seal(tenant, &serde_json::to_string(personal)?).await?;
        Ok(serde_json::from_str(&sealed)?)
    }

    /// The value, for a reader who may see it; none when it was erased.
    ///
    /// # Errors
    /// See [`PersonalError`]; also when it can not be decrypted.
    pub async fn reveal<T: Serialize + DeserializeOwned>(
        &self,
        tenant: &str,
        personal: &Personal<T>,
    ) -> Result<Option<T>, PersonalError> {
        let (shown, _) = self.opened(tenant, vec![serde_json::to_string(personal)?]).await?;
        let shown = shown.into_iter().next().unwrap_or_default();
        let shown: Personal<T> = serde_json::from_str(&shown)?;
        match shown.inner.content {
            Content::Plain(value) => Ok(Some(value)),
            Content::Erased(_) => Ok(None),
            Content::Sealed(_) => Err(PersonalError::Sealed(shown.inner.subject)),
        }
    }

    /// Many values of a tenant: the keys of all persons are asked for once. What can not be
    /// decrypted stays sealed.
    ///
    /// # Errors
    /// See [`PersonalError`].
    pub async fn reveal_all<T: Serialize + DeserializeOwned>(
        &self,
        tenant: &str,
        personal: &[Personal<T>],
    ) -> Result<Vec<Personal<T>>, PersonalError> {
        let stored: Result<_, _> = personal.iter().map(serde_json::to_string).collect();
        let shown = self.show_all(tenant, stored?).await?;
        Ok(shown.iter().map(|one| serde_json::from_str(one)).collect::<Result<_, _>>()?)
    }

    /// The payload to store: all that is personal in it is encrypted. A payload without anything
    /// personal stays as it is, byte for byte.
    ///
    /// # Errors
    /// See [`PersonalError`].
    pub async fn seal(&self, tenant: &str, payload: &str) -> Result<String, PersonalError> {
        if !is_in(payload) {
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
    /// was erased. What can not be decrypted stays sealed, and is logged. It is for reading only;
    /// what is proved is the stored payload.
    ///
    /// # Errors
    /// See [`PersonalError`].
    pub async fn show(&self, tenant: &str, payload: &str) -> Result<String, PersonalError> {
        let shown = self.show_all(tenant, vec![payload.to_owned()]).await?;
        Ok(shown.into_iter().next().unwrap_or_default())
    }

    /// The same for many payloads of a tenant: the keys of all persons are asked for once.
    ///
    /// # Errors
    /// See [`PersonalError`].
    pub async fn show_all(
        &self,
        tenant: &str,
        payloads: Vec<String>,
    ) -> Result<Vec<String>, PersonalError> {
        let (payloads, shut) = self.opened(tenant, payloads).await?;
        if !shut.is_empty() {
            tracing::error!(tenant, people = ?shut, "data of people can not be decrypted");
        }
        Ok(payloads)
    }

    /// The payloads decrypted, and the persons whose data could not be.
    async fn opened(
        &self,
        tenant: &str,
        mut payloads: Vec<String>,
    ) -> Result<(Vec<String>, BTreeSet<String>), PersonalError> {
        let marked: Vec<_> = payloads.iter_mut().filter(|payload| is_in(payload)).collect();
        let mut parsed = Vec::with_capacity(marked.len());
        let mut subjects = BTreeSet::new();
        for payload in marked {
            let mut json: Value = serde_json::from_str(payload)?;
            let about = found(&mut json).into_iter().filter_map(|inner| inner["subject"].as_str());
            subjects.extend(about.map(str::to_owned));
            parsed.push((payload, json));
        }
        let mut shut = BTreeSet::new();
        if parsed.is_empty() {
            return Ok((payloads, shut));
        }
        let keys = self.keys(tenant, subjects).await?;
        for (payload, mut json) in parsed {
            for inner in found(&mut json) {
                let mut data: Inner<Value> = serde_json::from_value(inner.take())?;
                data.content = shown(tenant, &data.subject, data.content, &keys);
                if matches!(data.content, Content::Sealed(_)) {
                    shut.insert(data.subject.clone());
                }
                *inner = serde_json::to_value(data)?;
            }
            *payload = json.to_string();
        }
        Ok((payloads, shut))
    }

    /// Erases all personal data of a person: from now on nobody can decrypt it, and nothing new is
    /// kept of them. False when it was erased before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn erase(&self, tenant: &str, subject: &str) -> Result<bool, PersonalError> {
        // A person without a key gets an erased one: their oldest facts may be stored plain.
        let mut tx = self.pool.begin(tenant).await?;
        let erased = sqlx::query(
            "INSERT INTO personal_keys AS known (tenant_id, subject, wrapped, made_at, erased_at)
             VALUES ($1, $2, NULL, clock_timestamp(), clock_timestamp())
             ON CONFLICT (tenant_id, subject) DO UPDATE
             SET wrapped = NULL, erased_at = clock_timestamp() WHERE known.wrapped IS NOT NULL",
        )
        .bind(tenant)
        .bind(subject)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(erased.rows_affected() == 1)
    }

    /// The key of a person, made now if there is none.
    async fn key_for(
        &self,
        tenant: &str,
        subject: &str,
    ) -> Result<XChaCha20Poly1305, PersonalError> {
        let wrapped = encrypt(&self.wrapping, &Key::generate(), &bound(tenant, subject));
        let mut tx = self.pool.begin(tenant).await?;
        sqlx::query(
            "INSERT INTO personal_keys (tenant_id, subject, wrapped, made_at)
             VALUES ($1, $2, $3, clock_timestamp()) ON CONFLICT DO NOTHING",
        )
        .bind(tenant)
        .bind(subject)
        .bind(wrapped)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        let mut keys = self.keys(tenant, BTreeSet::from([subject.to_owned()])).await?;
        match keys.remove(subject) {
            Some(PersonKey::Held(key)) => Ok(key),
            Some(PersonKey::Shut) => Err(PersonalError::Sealed(subject.to_owned())),
            Some(PersonKey::Erased) | None => Err(PersonalError::Erased(subject.to_owned())),
        }
    }

    /// The keys of these persons, where there ever were any.
    async fn keys(
        &self,
        tenant: &str,
        subjects: BTreeSet<String>,
    ) -> Result<HashMap<String, PersonKey>, PersonalError> {
        let subjects: Vec<_> = subjects.into_iter().collect();
        let rows: Vec<(String, Option<Vec<u8>>)> = sqlx::query_as(
            "SELECT subject, wrapped FROM personal_keys
             WHERE tenant_id = $1 AND subject = ANY($2)",
        )
        .bind(tenant)
        .bind(subjects)
        .fetch_all(&mut *self.pool.begin(tenant).await?)
        .await?;
        let mut keys = HashMap::with_capacity(rows.len());
        for (subject, wrapped) in rows {
            let key = match wrapped {
                None => PersonKey::Erased,
                Some(wrapped) => {
                    let key = unwrapped(&self.wrapping, &wrapped, &bound(tenant, &subject));
                    key.map_or(PersonKey::Shut, PersonKey::Held)
                }
            };
            keys.insert(subject, key);
        }
        Ok(keys)
    }
}

/// What a reader sees. Nothing of a person who was erased, also what was once stored plain. Who
/// has no key was not erased for that: somebody has lost it.
fn shown(
    tenant: &str,
    subject: &str,
    content: Content<Value>,
    keys: &HashMap<String, PersonKey>,
) -> Content<Value> {
    match (content, keys.get(subject)) {
        (_, Some(PersonKey::Erased)) | (Content::Erased(_), _) => Content::Erased(true),
        (Content::Sealed(sealed), Some(PersonKey::Held(key))) => {
            let plain = STANDARD.decode(&sealed).ok();
            let plain = plain.and_then(|plain| decrypt(key, &plain, &bound(tenant, subject)));
            let plain = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
            plain.map_or(Content::Sealed(sealed), Content::Plain)
        }
        (content @ (Content::Plain(_) | Content::Sealed(_)), _) => content,
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

/// A person's key, if this is the key that it was wrapped by.
fn unwrapped(
    wrapping: &XChaCha20Poly1305,
    wrapped: &[u8],
    bound: &[u8],
) -> Option<XChaCha20Poly1305> {
    let key = decrypt(wrapping, wrapped, bound)?;
    XChaCha20Poly1305::new_from_slice(&key).ok()
}

/// The installation's key from its file, 64 hexadecimal digits; made if it is missing, readable by
/// its owner only.
fn installation_key(file: &Path) -> Result<Key, PersonalError> {
    if !file.exists() {
        make_file(file, &proof::hex(&Key::generate()))?;
    }
    let digits = std::fs::read_to_string(file)?;
    let key = proof::hash_from_hex(digits.trim());
    let form = || std::io::Error::other("the file does not hold 64 hexadecimal digits");
    Ok(key.ok_or_else(form)?.into())
}
