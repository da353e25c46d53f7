//! S3: tokens that are not ours, not in force or not for this, on every rpc.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePublicKey as _};
use ed25519_dalek::{Signer as _, SigningKey};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kernel::access::Who;
use proto::access::v1::Role;
use proto::partner::v1 as partner;
use proto::partner::v1::identity_service_client::IdentityServiceClient;
use proto::partner::v1::service_account_service_client::ServiceAccountServiceClient;
use serde_json::{Value, json};
use tonic::{Code, Request};
use tonic_types::{ErrorDetail, StatusExt as _};

use super::requests::{Hints, plain};
use super::row::{Found, Row, Run};
use super::rpcs::{Answer, Rpc, call, unhurried, walk};
use super::seeds::sow;
use super::stage::{Stage, caller};
use crate::support::shop::reason;
use crate::support::system::id;

pub(super) static S3: Row = Row {
    id: "S3",
    attack: "no token, and tokens without a signature, signed with another algorithm or key, of \
             another issuer, audience, time, kind or form, cut, changed, and too long; the token and the key of a program that was revoked",
    passes: "each is UNAUTHENTICATED, told in both languages; a public rpc answers as without one; \
             one that no header has room for is cut off",
    control: "`s3_notices_a_gate_that_believes_any_token`",
    environment: &[],
    run: |stage, run| Box::pin(attack(stage, run)),
};

/// Seconds of an hour: longer than the row lasts.
const HOUR: i64 = 3_600;
/// Seconds of a year.
const YEAR: i64 = 31_536_000;

async fn attack(stage: &Stage, run: Run) -> Found {
    let channel = stage.channel();
    let rpcs = walk(channel.clone()).await;
    let tokens = forged(stage);
    let mut found = Found::default();
    for (number, rpc) in rpcs.iter().enumerate() {
        let body = plain(&rpc.method.input(), &Hints::default());
        let without = unhurried(&channel, rpc, &body, &[]).await;
        found.attempt(Some(rpc.name()), refused(rpc, "no token", &without, None));
        for (place, (what, token)) in tokens.iter().enumerate() {
            // A small run tries each token on some rpcs and on each rpc some tokens.
            if !run.whole && (number + place) % 5 != 0 {
                continue;
            }
            let header = format!("Bearer {token}");
            let headers = [("authorization", header.as_str())];
            if *what == TOO_LONG {
                let answer = call(&stage.channel(), rpc, body.clone(), &headers).await;
                found.attempt(Some(rpc.name()), cut_off(&answer));
                continue;
            }
            let answer = call(&channel, rpc, body.clone(), &headers).await;
            found.attempt(Some(rpc.name()), refused(rpc, what, &answer, Some(&without)));
        }
    }
    of_a_revoked_key(stage, &rpcs, &mut found).await;
    found.figure("kinds of tokens", tokens.len() + 2);
    found
}

/// The key of a program that was revoked, and the token that it was exchanged for.
async fn of_a_revoked_key(stage: &Stage, rpcs: &[Rpc], found: &mut Found) {
    let seeds = sow(stage, "kkk", 2).await;
    let admin = stage.token(&caller(&seeds.tenant, &[Role::HqAdmin], None));
    let (key, key_id, token) = exchanged(stage, &admin, &seeds.accounts[0]).await;
    let mut programs = ServiceAccountServiceClient::new(stage.channel());
    let revoke = partner::RevokeServiceKeyRequest {
        request_id: id(),
        account_id: seeds.accounts[0].clone(),
        key_id,
        reason: "泄露".to_owned(),
        ..Default::default()
    };
    programs.revoke_service_key(saying(&admin, revoke)).await.unwrap();
    let again = partner::ExchangeKeyRequest { key };
    let no = programs.exchange_key(again).await.expect_err("a revoked key lets nobody in");
    assert_eq!((no.code(), reason(&no).as_str()), (Code::Unauthenticated, "WRONG_KEY"));
    let mine = partner::GetCurrentUserRequest {};
    let mut people = IdentityServiceClient::new(stage.channel());
    let since = Instant::now();
    // One that works for longer is found by the attempts.
    let soon = || since.elapsed().as_secs() < 3;
    while soon() && people.get_current_user(saying(&token, mine)).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for rpc in rpcs.iter().filter(|rpc| rpc.access.who != Who::Public) {
        let body = plain(&rpc.method.input(), &Hints::default());
        let header = format!("Bearer {token}");
        let headers = [("authorization", header.as_str())];
        let answer = call(&stage.channel(), rpc, body, &headers).await;
        let ended = answer.code() == Code::Unauthenticated && answer.reason() == "SESSION_ENDED";
        let came = if ended { both_languages(&answer) } else { Err(format!("{answer:?}")) };
        found.attempt(Some(rpc.name()), came);
    }
}

/// A key of a program, its id, and the token that it is exchanged for.
async fn exchanged(stage: &Stage, admin: &str, account: &str) -> (String, String, String) {
    let mut programs = ServiceAccountServiceClient::new(stage.channel());
    let issue = partner::IssueServiceKeyRequest {
        request_id: id(),
        account_id: account.to_owned(),
        ..Default::default()
    };
    let issued = programs.issue_service_key(saying(admin, issue)).await.unwrap().into_inner();
    let exchange = partner::ExchangeKeyRequest { key: issued.key.clone() };
    let token = programs.exchange_key(exchange).await.unwrap().into_inner().token;
    (issued.key, issued.key_id, token)
}

fn saying<T>(token: &str, body: T) -> Request<T> {
    let mut request = Request::new(body);
    let header = format!("Bearer {token}").parse().unwrap();
    request.metadata_mut().insert("authorization", header);
    request
}

/// A token that no header has room for.
const TOO_LONG: &str = "100 kB";

/// Whether the server's HTTP/2 refused a call before anybody looked at it. It may end the
/// connection for it, so such a call has one of its own.
fn cut_off(answer: &Answer) -> Result<(), String> {
    match matches!(answer.code(), Code::ResourceExhausted | Code::Unauthenticated) {
        true => Ok(()),
        false => Err(format!("{TOO_LONG}: {:?}", answer.status)),
    }
}

/// Whether an answer says that nobody is signed in, or, of a public rpc, what it says to anybody.
fn refused(rpc: &Rpc, what: &str, answer: &Answer, without: Option<&Answer>) -> Result<(), String> {
    let said = (answer.code(), answer.reason(), answer.status.message().to_owned());
    if rpc.access.who == Who::Public {
        let Some(without) = without else { return Ok(()) };
        let before = (without.code(), without.reason(), without.status.message().to_owned());
        // A wait is everybody's at this address or with this login, whatever they hold.
        let waits = ["TOO_MANY_ATTEMPTS", "TOO_OFTEN"].contains(&said.1.as_str());
        return match said == before || waits {
            true => Ok(()),
            false => Err(format!("{what}: {said:?} and not {before:?}")),
        };
    }
    if said.0 != Code::Unauthenticated || said.1 != "NOT_SIGNED_IN" {
        return Err(format!("{what}: {said:?}"));
    }
    both_languages(answer).map_err(|missing| format!("{what}: {missing}"))
}

/// Whether a refusal is told in Chinese and in English.
pub(super) fn both_languages(answer: &Answer) -> Result<(), String> {
    let details = answer.status.get_error_details_vec();
    for locale in ["zh-CN", "en"] {
        let told = details.iter().any(|detail| {
            let ErrorDetail::LocalizedMessage(told) = detail else { return false };
            told.locale == locale && !told.message.is_empty()
        });
        if !told {
            return Err(format!("nothing in {locale}: {:?}", answer.status));
        }
    }
    // Nor does anybody meet a reason that the catalogue does not explain.
    let reason = answer.reason();
    match CATALOGUE.contains(&format!("| `{reason}` |")) {
        true => Ok(()),
        false => Err(format!("{reason:?} is not in docs/errors.md")),
    }
}

const CATALOGUE: &str = include_str!("../../docs/errors.md");

fn coded(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(value).unwrap())
}

fn decoded(part: &str) -> Value {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// A token with this header and these claims, signed as EdDSA wants it.
fn signed(header: &Value, claims: &Value, key: &SigningKey) -> String {
    let signed = format!("{}.{}", coded(header), coded(claims));
    let signature = BASE64_URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()).to_bytes());
    format!("{signed}.{signature}")
}

/// The same value with one part of another value; without it when there is no other.
fn with(value: &Value, name: &str, part: Option<Value>) -> Value {
    let mut changed = value.clone();
    let parts = changed.as_object_mut().unwrap();
    match part {
        Some(part) => parts.insert(name.to_owned(), part),
        None => parts.remove(name),
    };
    changed
}

/// What is tried, by name. Each would be somebody who may call nearly everything.
fn forged(stage: &Stage) -> Vec<(&'static str, String)> {
    let roles = [Role::HqAdmin, Role::Auditor, Role::Integration, Role::Operator];
    let good = stage.token(&caller("acme", &roles, None));
    let parts: Vec<_> = good.split('.').collect();
    let (header, claims) = (decoded(parts[0]), decoded(parts[1]));
    let pem = std::fs::read_to_string(stage.key_file()).unwrap();
    let ours = SigningKey::from_pkcs8_pem(&pem).unwrap();
    // Whoever revokes tokens adds one that was good and is revoked here.
    let mut all = of_other_keys(&header, &claims, &ours);
    all.extend(of_other_claims(&header, &claims, &ours));
    let mut changed = good.clone().into_bytes();
    let middle = changed.len() - 40;
    changed[middle] = if changed[middle] == b'A' { b'B' } else { b'A' };
    let (before, _) = good.rsplit_once('.').unwrap();
    all.extend([
        ("a changed signature", String::from_utf8(changed).unwrap()),
        ("a cut signature", good[..good.len() - 10].to_owned()),
        ("an empty signature", format!("{before}.")),
        ("two parts", before.to_owned()),
        ("a token and more", format!("{good} {good}")),
        ("nothing behind the word", String::new()),
        ("10 kB", format!("{good}{}", "A".repeat(10_000))),
        (TOO_LONG, format!("{good}{}", "A".repeat(100_000))),
    ]);
    all
}

fn of_other_keys(header: &Value, claims: &Value, ours: &SigningKey) -> Vec<(&'static str, String)> {
    let theirs = SigningKey::from_bytes(&[7; 32]);
    let public = BASE64_URL_SAFE_NO_PAD.encode(theirs.verifying_key().as_bytes());
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": public, "alg": "EdDSA", "use": "sig"});
    let url = Some(json!("https://attacker.example/keys.json"));
    let none = |word: &str| {
        format!("{}.{}.", coded(&with(header, "alg", Some(json!(word)))), coded(claims))
    };
    let public_pem = ours.verifying_key().to_public_key_pem(LineEnding::LF).unwrap();
    let hmac = |algorithm, secret: &[u8]| {
        let key = EncodingKey::from_secret(secret);
        let mut forged = Header::new(algorithm);
        forged.kid = header["kid"].as_str().map(str::to_owned);
        jsonwebtoken::encode(&forged, claims, &key).unwrap()
    };
    let claimed = with(header, "alg", Some(json!("HS256")));
    vec![
        ("alg none", none("none")),
        ("alg None", none("None")),
        ("HS256 with the public key's PEM", hmac(Algorithm::HS256, public_pem.as_bytes())),
        ("HS512 with the public key", hmac(Algorithm::HS512, ours.verifying_key().as_bytes())),
        ("our signature under HS256", signed(&claimed, claims, ours)),
        ("another's key", signed(header, claims, &theirs)),
        ("another's key by jwk", signed(&with(header, "jwk", Some(jwk)), claims, &theirs)),
        ("another's key by jku", signed(&with(header, "jku", url.clone()), claims, &theirs)),
        ("another's key by x5u", signed(&with(header, "x5u", url), claims, &theirs)),
        ("an unknown kid", signed(&with(header, "kid", Some(json!("k-1"))), claims, &theirs)),
        ("a kid that is a path", {
            signed(&with(header, "kid", Some(json!("../../dev/null"))), claims, &theirs)
        }),
    ]
}

fn of_other_claims(
    header: &Value,
    claims: &Value,
    ours: &SigningKey,
) -> Vec<(&'static str, String)> {
    let now = kernel::clock::now().timestamp();
    let claim = |name: &str, value| signed(header, &with(claims, name, value), ours);
    let typed = |kind: &str| with(header, "typ", Some(json!(kind)));
    let id_token = with(&with(claims, "aud", Some(json!("web-page"))), "nonce", Some(json!("n")));
    let times = |nbf: Value, exp: Value| {
        signed(header, &with(&with(claims, "nbf", Some(nbf)), "exp", Some(exp)), ours)
    };
    vec![
        ("another issuer", claim("iss", Some(json!("https://attacker.example")))),
        ("no issuer", claim("iss", None)),
        ("another audience", claim("aud", Some(json!("billing")))),
        ("no audience", claim("aud", None)),
        ("expired", times(json!(now - YEAR), json!(now - 61))),
        ("not yet valid", times(json!(now + HOUR), json!(now + YEAR))),
        ("nbf as a text", claim("nbf", Some(json!((now + YEAR).to_string())))),
        ("exp as a text", claim("exp", Some(json!((now - YEAR).to_string())))),
        ("no exp", claim("exp", None)),
        ("exp beyond all numbers", claim("exp", Some(json!(1e300)))),
        ("no subject", claim("sub", None)),
        ("an id token of a page", signed(&typed("JWT"), &id_token, ours)),
        ("an id token by its type", signed(&typed("id+jwt"), claims, ours)),
        ("a logout token by its type", signed(&typed("logout+jwt"), claims, ours)),
        ("a part that must be understood", {
            signed(&with(header, "crit", Some(json!(["exp-other"]))), claims, ours)
        }),
    ]
}
