//! How calls to Alipay are signed, and how its answers are looked at before they count.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use http::header::CONTENT_TYPE;
use http::{Method, Request};
use kernel::clock;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use url::form_urlencoded;

use super::{Alipay, wire};
use crate::china;
use crate::error::PspError;

/// The one code of success.
const SUCCESS: &str = "10000";
/// Codes of the gateway that pass: it is not there, or was called too often.
const PASSING: [&str; 2] = ["20000", "40005"];
/// More exact codes that pass.
const PASSING_SUB: [&str; 6] = [
    "ACQ.SYSTEM_ERROR",
    "SYSTEM_ERROR",
    "isp.unknow-error",
    "aop.unknow-error",
    "aop.ACQ.SYSTEM_ERROR",
    "isv.app-call-limited",
];

impl Alipay {
    /// Asks, and reads the answer.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        method: &str,
        notify_url: Option<&str>,
        content: &Value,
    ) -> Result<T, PspError> {
        let form = self.signed(method, notify_url, content, clock::now())?;
        // The gateway reads the form in the charset that the address names.
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("{}?charset=utf-8", self.gateway))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded;charset=utf-8")
            .body(form.into_bytes())
            .map_err(|error| PspError::Unreadable(error.to_string()))?;
        let answer = self.outbound.ask(request).await?;
        let status = answer.status();
        if !status.is_success() {
            let code = format!("HTTP {}", status.as_u16());
            let message = String::new();
            return Err(if status.is_server_error() || status.as_u16() == 429 {
                PspError::Busy { code, message }
            } else {
                PspError::Unverified
            });
        }
        let told = self.verified(method, answer.body())?;
        serde_json::from_str(told).map_err(|error| PspError::Unreadable(error.to_string()))
    }

    /// A call as a form, which is a query as well, with its signature.
    pub(super) fn signed(
        &self,
        method: &str,
        notify_url: Option<&str>,
        content: &Value,
        now: DateTime<Utc>,
    ) -> Result<String, PspError> {
        let (timestamp, content) = (china::plain(now), content.to_string());
        let mut fields = BTreeMap::from([
            ("app_id", self.app_id.as_str()),
            ("biz_content", &content),
            ("charset", "utf-8"),
            ("format", "JSON"),
            ("method", method),
            ("sign_type", "RSA2"),
            ("timestamp", &timestamp),
            ("version", "1.0"),
        ]);
        fields.extend(notify_url.filter(|url| !url.is_empty()).map(|url| ("notify_url", url)));
        let signature = self.key.sign(line(&fields).as_bytes());
        let signature = signature.ok_or_else(|| PspError::parameter("nothing can be signed"))?;
        fields.insert("sign", &signature);
        Ok(form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish())
    }

    /// What an answer tells, once it is known that Alipay has signed just that.
    fn verified<'a>(&self, method: &str, answer: &'a [u8]) -> Result<&'a str, PspError> {
        let unreadable = |error: serde_json::Error| PspError::Unreadable(error.to_string());
        let members: BTreeMap<String, &'a RawValue> =
            serde_json::from_slice(answer).map_err(unreadable)?;
        let name = format!("{}_response", method.replace('.', "_"));
        let told = members.get(&name).or_else(|| members.get("error_response"));
        let told = told.ok_or_else(|| PspError::without(&name))?.get();
        let signature = members.get("sign").and_then(|sign| serde_json::from_str(sign.get()).ok());
        let is_signed = signature.is_some_and(|sign: String| self.is_theirs(told, &sign));
        let outcome: wire::Outcome = serde_json::from_str(told).map_err(unreadable)?;
        let refused = (outcome.code != SUCCESS).then(|| refusal(outcome));
        match refused {
            Some(refusal) if is_signed || is_about_the_call(&refusal) => Err(refusal),
            None if is_signed => Ok(told),
            Some(_) | None => Err(PspError::Unverified),
        }
    }

    /// Whether Alipay has signed this. It has signed slashes that it then wrote with a backslash
    /// before them; either way of writing says the same.
    fn is_theirs(&self, told: &str, signature: &str) -> bool {
        self.theirs.verifies(told.as_bytes(), signature)
            || told.contains("\\/")
                && self.theirs.verifies(told.replace("\\/", "/").as_bytes(), signature)
    }
}

/// Fields in order, as they are signed.
pub(super) fn line<K: AsRef<str>, V: AsRef<str>>(fields: &BTreeMap<K, V>) -> String {
    let mut line = String::new();
    for (name, value) in fields {
        let joint = if line.is_empty() { "" } else { "&" };
        line.extend([joint, name.as_ref(), "=", value.as_ref()]);
    }
    line
}

/// Who may not call is told so without a signature; this says nothing about a payment.
fn is_about_the_call(refusal: &PspError) -> bool {
    let is_own = |code: &str| code.starts_with("isv.") || code.starts_with("isp.");
    refusal.is_passing() || refusal.code().is_some_and(is_own)
}

fn refusal(outcome: wire::Outcome) -> PspError {
    let is_passing = PASSING.contains(&outcome.code.as_str())
        || outcome.sub_code.as_deref().is_some_and(|code| PASSING_SUB.contains(&code));
    let code = outcome.sub_code.unwrap_or(outcome.code);
    let message = outcome.sub_msg.unwrap_or(outcome.msg);
    if is_passing { PspError::Busy { code, message } } else { PspError::Refused { code, message } }
}

#[cfg(test)]
mod tests {
    use kernel::outbound::{Outbound, Reach};
    use rsa::RsaPrivateKey;
    use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
    use rsa::rand_core::OsRng;

    use super::*;
    use crate::merchant;

    const METHOD: &str = "alipay.trade.precreate";

    /// A merchant that signs with the key that it believes.
    fn merchant() -> Alipay {
        let key = RsaPrivateKey::new(&mut OsRng, 2048).expect("a key");
        let private_key = key.to_pkcs8_pem(LineEnding::LF).expect("a text").to_string().into();
        let public = key.to_public_key().to_public_key_pem(LineEnding::LF).expect("a text");
        let merchant = merchant::Alipay {
            app_id: "2026000000000001".to_owned(),
            seller_id: "2088000000000001".to_owned(),
            private_key,
            alipay_public_key: public,
            gateway: "https://openapi.example/gateway.do".to_owned(),
        };
        let outbound = Outbound::new(Reach::Public, None).expect("roots");
        Alipay::new(merchant, outbound).expect("a merchant")
    }

    fn answer(told: &str, sign: &str) -> Vec<u8> {
        format!(r#"{{ "alipay_trade_precreate_response" : {told} ,"sign":"{sign}"}}"#).into_bytes()
    }

    #[test]
    fn an_answer_counts_as_it_was_signed_to_the_byte() {
        let merchant = merchant();
        let written = r#"{"code":"10000", "qr_code":"https:\/\/qr.example\/1","amount":1.0}"#;
        let plain = written.replace("\\/", "/");
        for signed in [written, plain.as_str()] {
            let sign = merchant.key.sign(signed.as_bytes()).expect("a signature");
            let read = answer(written, &sign);
            assert_eq!(merchant.verified(METHOD, &read).expect("it counts"), written);
            let changed = answer(&written.replace("1.0", "1.00"), &sign);
            let read = merchant.verified(METHOD, &changed);
            assert!(matches!(read, Err(PspError::Unverified)), "{read:?}");
        }
    }

    #[test]
    fn a_signed_refusal_counts_and_an_unsigned_one_does_not() {
        let merchant = merchant();
        let told = r#"{"code":"40004","msg":"Business Failed","sub_code":"ACQ.TRADE_NOT_EXIST"}"#;
        let sign = merchant.key.sign(told.as_bytes()).expect("a signature");
        let refused = merchant.verified(METHOD, &answer(told, &sign)).expect_err("refused");
        assert_eq!(refused.code(), Some("ACQ.TRADE_NOT_EXIST"));
        let refused = merchant.verified(METHOD, &answer(told, "AAAA")).expect_err("refused");
        assert!(matches!(refused, PspError::Unverified), "{refused:?}");
    }

    fn refused(code: &str, sub_code: Option<&str>) -> PspError {
        let sub_code = sub_code.map(str::to_owned);
        refusal(wire::Outcome {
            code: code.to_owned(),
            msg: "m".to_owned(),
            sub_code,
            sub_msg: None,
        })
    }

    #[test]
    fn refusals_that_pass_are_told_from_those_that_stay() {
        assert!(refused("20000", Some("isp.unknow-error")).is_passing());
        assert!(refused("40004", Some("ACQ.SYSTEM_ERROR")).is_passing());
        assert!(refused("40005", None).is_passing());
        let unknown = refused("40004", Some("ACQ.TRADE_NOT_EXIST"));
        assert!(unknown.is(&["ACQ.TRADE_NOT_EXIST"]) && !unknown.is_passing());
        assert_eq!(refused("40001", None).code(), Some("40001"));
    }

    #[test]
    fn an_unsigned_refusal_says_nothing_about_a_payment() {
        assert!(is_about_the_call(&refused("40002", Some("isv.invalid-signature"))));
        assert!(!is_about_the_call(&refused("40004", Some("ACQ.TRADE_NOT_EXIST"))));
    }

    #[test]
    fn fields_are_signed_in_order() {
        let fields = BTreeMap::from([("b", "2"), ("a", "1"), ("c", "")]);
        assert_eq!(line(&fields), "a=1&b=2&c=");
    }
}
