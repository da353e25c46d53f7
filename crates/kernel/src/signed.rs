//! Messages that programs of others send and get, signed after [Standard Webhooks]: who made one,
//! that nobody changed it, and that it is not an old one.
//!
//! [Standard Webhooks]: https://github.com/standard-webhooks/standard-webhooks

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::Key;
use chacha20poly1305::aead::Generate as _;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use uuid::Uuid;

/// Header with the message's id, the same for each attempt to deliver it.
pub const ID: &str = "webhook-id";
/// Header with the second of the attempt, since 1970.
pub const TIMESTAMP: &str = "webhook-timestamp";
/// Header with the signatures, separated by spaces.
pub const SIGNATURE: &str = "webhook-signature";

/// How far the clocks of sender and receiver may be apart, and how old a message may be.
pub const TOLERANCE: TimeDelta = TimeDelta::minutes(5);
/// What a secret's text begins with.
const PREFIX: &str = "whsec_";
/// Bytes that a secret may have, by the specification.
const LENGTH: std::ops::RangeInclusive<usize> = 24..=64;
/// Signatures of a message that are looked at.
const SIGNATURES: usize = 10;

/// What two sides share that sign messages. It is never shown in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// A new one of 256 random bits.
    pub fn generate() -> Self {
        Self(Key::generate().to_vec())
    }

    /// Reads its text; none when it is no secret.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?;
        LENGTH.contains(&bytes.len()).then_some(Self(bytes))
    }

    /// Its text, for the one it is shared with.
    pub fn text(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }

    fn mac(&self, id: &str, timestamp: i64, body: &[u8]) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(&self.0);
        let mut mac = mac.expect("HMAC takes keys of any length");
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        mac
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret")
    }
}

/// The value of [`SIGNATURE`]: one signature by each secret.
pub fn sign(secrets: &[Secret], id: &str, at: DateTime<Utc>, body: &str) -> String {
    let by = |secret: &Secret| {
        let mac = secret.mac(id, at.timestamp(), body.as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    };
    secrets.iter().map(by).collect::<Vec<_>>().join(" ")
}

/// The headers of a message that came.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    /// Of [`ID`].
    pub id: &'a str,
    /// Of [`TIMESTAMP`].
    pub timestamp: &'a str,
    /// Of [`SIGNATURE`].
    pub signature: &'a str,
}

/// Why a message is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotGenuine {
    /// A header is missing or has another form.
    #[error("a header of the message is missing or has another form")]
    Form,
    /// It was signed too long ago, or in the time to come.
    #[error("the message is older than five minutes, or of the time to come")]
    Time,
    /// No signature is by one of the secrets.
    #[error("no signature of the message is by the secret")]
    Signature,
}

/// Whether a message was signed by one of the secrets within the last minutes. One that comes
/// twice is genuine both times: see [`request_id`].
///
/// # Errors
/// See [`NotGenuine`].
pub fn verify(
    secrets: &[Secret],
    received: Received<'_>,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<(), NotGenuine> {
    let timestamp: i64 = received.timestamp.parse().map_err(|_| NotGenuine::Form)?;
    let at = DateTime::from_timestamp(timestamp, 0).ok_or(NotGenuine::Form)?;
    if received.id.is_empty() || received.id.contains('.') {
        return Err(NotGenuine::Form);
    }
    if (now - at).abs() > TOLERANCE {
        return Err(NotGenuine::Time);
    }
    let signatures = received.signature.split(' ').take(SIGNATURES);
    let given: Vec<_> = signatures
        .filter_map(|one| one.strip_prefix("v1,"))
        .filter_map(|one| STANDARD.decode(one).ok())
        .collect();
    // It is compared in constant time.
    let by = |secret: &Secret| {
        let mac = secret.mac(received.id, timestamp, body);
        given.iter().any(|one| mac.clone().verify_slice(one).is_ok())
    };
    secrets.iter().any(by).then_some(()).ok_or(NotGenuine::Signature)
}

/// The request id of the command that a message asks for, so that a message which comes twice is
/// carried out once: the log answers the second time as it did the first.
pub fn request_id(sender: &str, id: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("webhook/{sender}/{id}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"test": 2432232314}"#;

    fn at(timestamp: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(timestamp, 0).expect("a time")
    }

    /// The example that the specification's own libraries are tested with.
    fn example() -> (Secret, Received<'static>, DateTime<Utc>) {
        let secret = Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a secret");
        let received = Received {
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            timestamp: "1614265330",
            signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        };
        (secret, received, at(1_614_265_330))
    }

    #[test]
    fn the_example_of_the_specification_is_signed_the_same_and_believed() {
        let (secret, received, now) = example();
        let body = std::str::from_utf8(BODY).expect("text");
        assert_eq!(sign(std::slice::from_ref(&secret), received.id, now, body), received.signature);
        assert_eq!(verify(&[secret], received, BODY, now), Ok(()));
    }

    #[test]
    fn what_was_changed_or_signed_by_others_is_not_believed() {
        let (secret, received, now) = example();
        let other = Secret::generate();
        let cases = [
            (&other, received, BODY),
            (&secret, received, &b"{}"[..]),
            (&secret, Received { id: "msg_other", ..received }, BODY),
            (&secret, Received { timestamp: "1614265331", ..received }, BODY),
            (&secret, Received { signature: "v1,AAAA", ..received }, BODY),
            (&secret, Received { signature: "", ..received }, BODY),
            (&secret, Received { signature: "v1a,g0hM9SsE", ..received }, BODY),
        ];
        for (secret, received, body) in cases {
            let answer = verify(std::slice::from_ref(secret), received, body, now);
            assert_eq!(answer, Err(NotGenuine::Signature), "{received:?}");
        }
        for received in [
            Received { timestamp: "soon", ..received },
            Received { timestamp: "99999999999999999999", ..received },
            Received { id: "", ..received },
            // Else a part of the id could be passed off as the time.
            Received { id: "msg.1614265330", ..received },
        ] {
            let answer = verify(std::slice::from_ref(&secret), received, BODY, now);
            assert_eq!(answer, Err(NotGenuine::Form), "{received:?}");
        }
    }

    #[test]
    fn an_old_message_is_not_believed() {
        let (secret, received, now) = example();
        let secrets = [secret];
        for (seconds, answer) in [
            (300, Ok(())),
            (301, Err(NotGenuine::Time)),
            (-300, Ok(())),
            (-301, Err(NotGenuine::Time)),
        ] {
            let now = now + TimeDelta::seconds(seconds);
            assert_eq!(verify(&secrets, received, BODY, now), answer, "{seconds} s later");
        }
    }

    #[test]
    fn while_a_secret_is_changed_messages_are_believed_by_both() {
        let (old, new) = (Secret::generate(), Secret::generate());
        let signature = sign(&[new.clone(), old.clone()], "m", at(1_700_000_000), "{}");
        let received = Received { id: "m", timestamp: "1700000000", signature: &signature };
        for secret in [old, new] {
            let read = Secret::parse(&secret.text()).expect("its own text");
            assert_eq!(verify(&[read], received, b"{}", at(1_700_000_000)), Ok(()));
        }
    }

    #[test]
    fn a_message_that_comes_twice_asks_for_one_thing() {
        assert_eq!(request_id("acme/pay", "m"), request_id("acme/pay", "m"));
        assert_ne!(request_id("acme/pay", "m"), request_id("zenith/pay", "m"));
        assert_eq!(format!("{:?}", Secret::generate()), "Secret");
    }
}
