//! Who calls: tokens are EdDSA-signed JWTs.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Duration, NaiveDate, Utc};
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use lru::LruCache;
use proto::access::v1::Role;
use serde::{Deserialize, Serialize};

use crate::clock;

const ISSUER: &str = "qudao";
const AUDIENCE: &str = "qudao";
/// Seconds that clocks of two machines may differ.
const LEEWAY: u64 = 30;
/// Tokens whose signature was found good are known again; checking one costs more than the rest
/// of a call's way to its handler.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(4_096).expect("not zero");

/// The id of whoever runs the installation.
pub const OPERATOR: &str = "operator";
/// What the ids of policies begin with.
pub const POLICY: &str = "policy:";

/// Whether an id is that of an actor who is no user: nobody is registered under it.
pub fn is_no_user(id: &str) -> bool {
    id == OPERATOR || id.starts_with(POLICY)
}

/// Who calls, as their token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// A user's id, or one that [`is_no_user`].
    #[serde(rename = "sub")]
    pub user_id: String,
    /// The person's name.
    pub name: String,
    /// The brand they work in; empty for the operator of the installation.
    pub tenant: String,
    /// Names of the roles they hold, as in the contract.
    pub roles: Vec<String>,
    /// The dealer they belong to, if they are a dealer's people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dealer_id: Option<String>,
    /// IANA name of the tenant's time zone.
    pub time_zone: String,
}

impl Caller {
    /// Whether the caller holds a role.
    pub fn has(&self, role: Role) -> bool {
        self.roles.iter().any(|held| held == role.as_str_name())
    }

    /// The business day of a moment in the caller's tenant.
    pub fn business_day(&self, moment: DateTime<Utc>) -> NaiveDate {
        let zone: chrono_tz::Tz = self.time_zone.parse().unwrap_or(chrono_tz::UTC);
        moment.with_timezone(&zone).date_naive()
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Claims {
    #[serde(flatten)]
    caller: Caller,
    iss: String,
    aud: String,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// The keys that tokens are signed and checked with.
#[derive(Clone)]
pub struct Keys {
    signing: EncodingKey,
    checking: DecodingKey,
    /// Tokens that were found good, word by word, with what they say.
    good: Arc<Mutex<LruCache<String, Claims>>>,
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
    /// Its public half can not be written down.
    #[error("the public key can not be written down")]
    Public(#[from] ed25519_dalek::pkcs8::spki::Error),
    /// The token library refuses the key.
    #[error("the key can not sign tokens")]
    Token(#[from] jsonwebtoken::errors::Error),
}

impl Keys {
    /// Reads the key of a file; a missing file is made, readable by its owner only.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn open(file: &Path) -> Result<Self, KeyError> {
        if !file.exists() {
            create_key(file)?;
        }
        let pem = std::fs::read_to_string(file)?;
        let public =
            SigningKey::from_pkcs8_pem(&pem)?.verifying_key().to_public_key_pem(LineEnding::LF)?;
        Ok(Self {
            signing: EncodingKey::from_ed_pem(pem.as_bytes())?,
            checking: DecodingKey::from_ed_pem(public.as_bytes())?,
            good: Arc::new(Mutex::new(LruCache::new(REMEMBERED))),
        })
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
        let claims = Claims {
            caller: caller.clone(),
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: (now + valid).timestamp(),
        };
        Ok(jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &self.signing)?)
    }

    /// The caller that a token names, if the token is ours and in force.
    pub fn check(&self, token: &str) -> Option<Caller> {
        if let Some(claims) = self.remembered(token) {
            return claims.in_force().then_some(claims.caller);
        }
        // A token of another kind, or one that names a key from elsewhere, has another header than
        // those that we write.
        if jsonwebtoken::decode_header(token).ok()? != Header::new(Algorithm::EdDSA) {
            return None;
        }
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[AUDIENCE]);
        rules.validate_nbf = true;
        rules.leeway = LEEWAY;
        let claims = jsonwebtoken::decode::<Claims>(token, &self.checking, &rules).ok()?.claims;
        let mut good = self.good.lock().unwrap_or_else(PoisonError::into_inner);
        good.put(token.to_owned(), claims.clone());
        Some(claims.caller)
    }

    fn remembered(&self, token: &str) -> Option<Claims> {
        self.good.lock().unwrap_or_else(PoisonError::into_inner).get(token).cloned()
    }
}

impl Claims {
    /// Whether the token holds now. Its signature, issuer and audience do not change.
    fn in_force(&self) -> bool {
        let (now, leeway) = (clock::now().timestamp(), LEEWAY.cast_signed());
        self.nbf <= now + leeway && now <= self.exp + leeway
    }
}

/// Makes the file of a new Ed25519 key, unless another process was faster.
pub(crate) fn create_key(file: &Path) -> Result<(), KeyError> {
    let mut secret = [0; 32];
    secret[..16].copy_from_slice(uuid::Uuid::new_v4().as_bytes());
    secret[16..].copy_from_slice(uuid::Uuid::new_v4().as_bytes());
    // Two version-4 UUIDs carry 244 random bits of the system's generator.
    let pem = SigningKey::from_bytes(&secret).to_pkcs8_pem(LineEnding::LF)?;
    Ok(make_file(file, &pem)?)
}

/// Makes the file of a secret, readable by its owner only, unless another process was faster.
pub(crate) fn make_file(file: &Path, secret: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;

    // Under its name only when it is whole: another process may be reading.
    let draft = file.with_extension(format!("{}.draft", uuid::Uuid::new_v4().simple()));
    let mut written =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    written.write_all(secret.as_bytes())?;
    written.sync_all()?;
    let named = std::fs::hard_link(&draft, file);
    std::fs::remove_file(&draft)?;
    match named {
        Ok(()) => Ok(()),
        // Another process was faster; its key is as good.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller() -> Caller {
        Caller {
            user_id: "li.lei".to_owned(),
            name: "李雷".to_owned(),
            tenant: "acme".to_owned(),
            roles: vec!["ROLE_ADMIN".to_owned()],
            dealer_id: None,
            time_zone: "Asia/Shanghai".to_owned(),
        }
    }

    #[test]
    fn a_token_known_as_good_is_refused_once_it_is_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let keys = Keys::open(&folder.path().join("key.pem")).expect("a key");
        // Over for longer than it is valid, but within the leeway for two seconds more.
        let issued = clock::now() - Duration::seconds(LEEWAY.cast_signed());
        let token = keys.issue(&caller(), issued, Duration::seconds(2)).expect("a token");
        assert_eq!(keys.check(&token), Some(caller()));
        assert_eq!(keys.check(&token), Some(caller()), "from memory");
        std::thread::sleep(std::time::Duration::from_millis(3_500));
        assert_eq!(keys.check(&token), None);
    }

    #[test]
    fn a_changed_token_is_not_the_one_known_as_good() {
        let folder = tempfile::tempdir().expect("a folder");
        let keys = Keys::open(&folder.path().join("key.pem")).expect("a key");
        let token = keys.issue(&caller(), clock::now(), Duration::hours(1)).expect("a token");
        assert!(keys.check(&token).is_some());
        let (signed, signature) = token.rsplit_once('.').expect("three parts");
        let turned: String = signature.chars().rev().collect();
        assert_eq!(keys.check(&format!("{signed}.{turned}")), None);
        assert_eq!(keys.check(signed), None);
    }
}
