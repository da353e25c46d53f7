//! Access tokens: JWTs of RFC 9068 (`at+jwt`), signed by Ed25519, good for a quarter of an hour.
//! What is not exactly of the form that we write is refused.

use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::Caller;
use crate::clock;

/// How long an access token is good for: as long as somebody may be let in whom nobody could be
/// told of.
pub const VALID: TimeDelta = TimeDelta::minutes(15);
/// Seconds that clocks of two machines may differ.
pub(super) const LEEWAY: u64 = 30;

const ISSUER: &str = "qudao";
const AUDIENCE: &str = "qudao";
const TYPE: &str = "at+jwt";

/// Why a token lets nobody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is not ours, or not in force.
    #[error("the token is not one of this installation, or not in force")]
    Invalid,
    /// It was good, and was ended before its time.
    #[error("the session of the token was ended")]
    Ended,
}

/// What a token says. Times are whole seconds; a text in their place is an error.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Claims {
    #[serde(flatten)]
    pub(super) caller: Caller,
    pub(super) iss: String,
    pub(super) aud: String,
    pub(super) iat: i64,
    pub(super) nbf: i64,
    pub(super) exp: i64,
}

impl Claims {
    pub(super) fn new(caller: Caller, from: i64, until: i64) -> Self {
        let (iss, aud) = (ISSUER.to_owned(), AUDIENCE.to_owned());
        Self { caller, iss, aud, iat: from, nbf: from, exp: until }
    }

    /// Whether the token holds now. Its signature, issuer and audience do not change.
    pub(super) fn in_force(&self) -> bool {
        let (now, leeway) = (clock::now().timestamp(), LEEWAY.cast_signed());
        self.nbf <= now + leeway && now <= self.exp + leeway
    }
}

pub(super) fn sign(
    claims: &Claims,
    key_id: &str,
    key: &EncodingKey,
) -> Result<String, jsonwebtoken::errors::Error> {
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some(TYPE.to_owned());
    header.kid = Some(key_id.to_owned());
    jsonwebtoken::encode(&header, claims, key)
}

/// The id of the key that a token says it was signed with, if its header is one that we write.
/// Whatever names a key from elsewhere, or asks for what we do not know, is refused and not passed
/// over.
pub(super) fn key_id(token: &str) -> Option<String> {
    let header = jsonwebtoken::decode_header(token).ok()?;
    let kid = header.kid.clone()?;
    let mut ours = Header::new(Algorithm::EdDSA);
    ours.typ = Some(TYPE.to_owned());
    ours.kid = Some(kid.clone());
    (header == ours).then_some(kid)
}

/// What a token says, if the key has signed it and it is in force.
pub(super) fn read(token: &str, key: &DecodingKey) -> Option<Claims> {
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
    rules.set_issuer(&[ISSUER]);
    rules.set_audience(&[AUDIENCE]);
    rules.validate_nbf = true;
    rules.leeway = LEEWAY;
    Some(jsonwebtoken::decode::<Claims>(token, key, &rules).ok()?.claims)
}
