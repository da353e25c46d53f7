//! What is a token of ours, and what is not.

use serde_json::{Value, json};

use super::super::token::LEEWAY;
use super::super::{Extent, Revoked};
use super::*;

fn caller() -> Caller {
    Caller {
        user_id: "li.lei".to_owned(),
        name: "李雷".to_owned(),
        tenant: "acme".to_owned(),
        roles: vec!["ROLE_ADMIN".to_owned()],
        time_zone: "Asia/Shanghai".to_owned(),
        session: Some("s-1".to_owned()),
        version: 3,
        ..Caller::default()
    }
}

struct Place {
    _folder: tempfile::TempDir,
    file: PathBuf,
    keys: Keys,
}

fn place() -> Place {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("key.pem");
    let keys = Keys::open(&file).expect("a key");
    Place { _folder: folder, file, keys }
}

fn token(keys: &Keys) -> String {
    keys.issue(&caller(), clock::now(), Duration::hours(1)).expect("a token")
}

#[test]
fn a_token_known_as_good_is_refused_once_it_is_over() {
    let place = place();
    // Over for longer than it is valid, but within the leeway for two seconds more.
    let issued = clock::now() - Duration::seconds(LEEWAY.cast_signed());
    let token = place.keys.issue(&caller(), issued, Duration::seconds(2)).expect("a token");
    assert_eq!(place.keys.check(&token), Ok(caller()));
    assert_eq!(place.keys.check(&token), Ok(caller()), "from memory");
    std::thread::sleep(std::time::Duration::from_millis(3_500));
    assert_eq!(place.keys.check(&token), Err(TokenError::Invalid));
}

#[test]
fn a_changed_token_is_not_the_one_known_as_good() {
    let place = place();
    let token = token(&place.keys);
    assert!(place.keys.check(&token).is_ok());
    let (signed, signature) = token.rsplit_once('.').expect("three parts");
    let turned: String = signature.chars().rev().collect();
    assert!(place.keys.check(&format!("{signed}.{turned}")).is_err());
    assert!(place.keys.check(signed).is_err());
}

/// A token signed by our own key, with what we would never write.
fn signed(file: &Path, header: &Value, claims: &Value) -> String {
    use ed25519_dalek::Signer as _;

    let text = std::fs::read_to_string(file).expect("the key");
    let key = SigningKey::from_pkcs8_pem(&text).expect("a key");
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let signature = key.sign(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}

#[test]
fn only_exactly_our_form_is_accepted() {
    let place = place();
    let kid = keys_of(&place.file).expect("keys").remove(0).id;
    let header = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": kid});
    let mut claims = serde_json::to_value(caller()).expect("JSON");
    let now = clock::now().timestamp();
    let times = [("iat", now), ("nbf", now), ("exp", now + 60)];
    for (name, at) in times {
        claims[name] = at.into();
    }
    claims["iss"] = "qudao".into();
    claims["aud"] = "qudao".into();
    let check = |header: &Value, claims: &Value| {
        place.keys.check(&signed(&place.file, header, claims)).is_ok()
    };
    assert!(check(&header, &claims), "the control");

    let key = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode([1; 32])});
    let heads = [
        ("alg", json!("none")),
        ("alg", json!("HS256")),
        ("typ", json!("JWT")),
        ("typ", Value::Null),
        ("kid", json!("another")),
        ("kid", Value::Null),
        ("jku", json!("https://evil.example/keys")),
        ("x5u", json!("https://evil.example/cert")),
        ("jwk", key),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
    ];
    for (name, value) in heads {
        let mut other = header.clone();
        other[name] = value.clone();
        assert!(!check(&other, &claims), "header {name}: {value}");
    }
    let (text, late) = (json!((now + 60).to_string()), json!(now + 3_600));
    let bodies = [
        ("iss", json!("somebody")),
        ("aud", json!("another")),
        ("aud", json!(["qudao", "another"])),
        ("sub", Value::Null),
        ("exp", text.clone()),
        ("exp", Value::Null),
        ("exp", json!(now - 60)),
        ("nbf", text),
        ("nbf", Value::Null),
        ("nbf", late),
    ];
    for (name, value) in bodies {
        let mut other = claims.clone();
        other[name] = value.clone();
        assert!(!check(&header, &other), "claim {name}: {value}");
    }
}

#[test]
fn a_key_of_another_installation_signs_nothing_here() {
    let (here, there) = (place(), place());
    assert_eq!(here.keys.check(&token(&there.keys)), Err(TokenError::Invalid));
}

#[test]
fn a_new_key_is_known_before_it_signs_and_the_old_one_stays_good() {
    let place = place();
    let (running, before) = (&place.keys, token(&place.keys));
    let soon = clock::now() + Duration::seconds(3);
    let added = add_key(&place.file, soon, 3).expect("another key");
    let another = Keys::open(&place.file).expect("two keys");
    assert_eq!(token::key_id(&before), token::key_id(&token(&another)), "not yet");
    assert!(running.check(&token(&another)).is_ok());
    std::thread::sleep(std::time::Duration::from_secs(4));
    let after = token(&another);
    assert_eq!(token::key_id(&after), Some(added.id), "its time has come");
    assert_eq!(running.check(&after), Ok(caller()), "read again without a restart");
    assert_eq!(running.check(&before), Ok(caller()));
    assert_eq!(another.check(&before), Ok(caller()));

    let kept = keys_of(&place.file).expect("keys");
    assert_eq!(kept.len(), 2);
    add_key(&place.file, clock::now(), 2).expect("a third");
    std::thread::sleep(std::time::Duration::from_millis(LOOK_MS + 100));
    assert_eq!(running.check(&before), Err(TokenError::Invalid), "its key is gone");
    assert!(running.check(&after).is_ok());
}

#[test]
fn a_token_that_was_ended_is_told_from_one_that_never_was() {
    let place = place();
    let token = token(&place.keys);
    assert!(place.keys.check(&token).is_ok());
    place.keys.revocations().add(&Revoked {
        tenant: "acme".to_owned(),
        subject: "li.lei".to_owned(),
        extent: Extent::Session("s-1".to_owned()),
        at: clock::now(),
    });
    assert_eq!(place.keys.check(&token), Err(TokenError::Ended));
}
