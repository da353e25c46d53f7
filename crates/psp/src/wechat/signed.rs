//! How calls to WeChat Pay are signed, and how its answers are looked at before they count.

use chrono::{DateTime, Utc};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, Method, Request, Response};
use kernel::clock;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use super::{Wechat, wire};
use crate::error::PspError;

/// How old a signature may be, and how far ahead, in seconds.
const FRESH_S: i64 = 5 * 60;
/// Ids of public keys begin like this; those of certificates are their serial numbers.
const PUBLIC_KEY: &str = "PUB_KEY_ID_";
/// Codes of refusals that pass.
const PASSING: [&str; 5] = [
    "SYSTEM_ERROR",
    "FREQUENCY_LIMITED",
    "FREQUENCY_LIMIT_EXCEED",
    "RATELIMIT_EXCEEDED",
    "BANK_ERROR",
];

/// Why a signature does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mistrust {
    /// There is none.
    Unsigned,
    /// It is by a key that is not configured.
    UnknownKey(String),
    /// It does not fit.
    Forged,
    /// It is old, or ahead.
    Stale,
}

impl Wechat {
    /// Asks, and reads the answer.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<T, PspError> {
        let answer = self.call(method, path, body).await?;
        serde_json::from_slice(&answer).map_err(|error| PspError::Unreadable(error.to_string()))
    }

    /// Asks; the answer is one that was verified.
    pub(super) async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Vec<u8>, PspError> {
        let address = format!("{}{path}", self.base_url);
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let answer = self.send(method, &address, body).await?;
        let trust = self.verify(answer.headers(), answer.body(), clock::now());
        let status = answer.status();
        if status.is_success() {
            return trust.map(|()| answer.into_body()).map_err(|_| PspError::Unverified);
        }
        Err(match trust {
            Ok(()) => refusal(&answer),
            // What stands before it may answer instead of it, and whoever may not sign is not told
            // anything that is signed: neither says anything about a payment.
            Err(Mistrust::Unsigned) if status.is_server_error() || status.as_u16() == 429 => {
                refusal(&answer)
            }
            Err(Mistrust::Unsigned) if status.as_u16() == 401 => refusal(&answer),
            Err(_) => PspError::Unverified,
        })
    }

    /// Sends a request that is signed.
    pub(super) async fn send(
        &self,
        method: Method,
        address: &str,
        body: String,
    ) -> Result<Response<Vec<u8>>, PspError> {
        let authorization = self.authorization(&method, address, &body)?;
        let mut request = Request::builder()
            .method(method)
            .uri(address)
            .header(AUTHORIZATION, authorization)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/json");
        // While it changes from certificates to public keys, it signs with what is named here.
        if let Some(named) = self.theirs.iter().find(|it| it.id.starts_with(PUBLIC_KEY)) {
            request = request.header("Wechatpay-Serial", &named.id);
        }
        let request = request.body(body.into_bytes());
        let request = request.map_err(|error| PspError::Unreadable(error.to_string()))?;
        Ok(self.outbound.ask(request).await?)
    }

    fn authorization(
        &self,
        method: &Method,
        address: &str,
        body: &str,
    ) -> Result<String, PspError> {
        let url = Url::parse(address).map_err(|_| PspError::without("address"))?;
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let timestamp = clock::now().timestamp();
        let nonce = Uuid::new_v4().simple().to_string().to_uppercase();
        let message = format!("{method}\n{}{query}\n{timestamp}\n{nonce}\n{body}\n", url.path());
        let signature = self.key.sign(message.as_bytes());
        let signature = signature.ok_or_else(|| PspError::parameter("nothing can be signed"))?;
        Ok(format!(
            "WECHATPAY2-SHA256-RSA2048 mchid=\"{}\",nonce_str=\"{nonce}\",\
             timestamp=\"{timestamp}\",serial_no=\"{}\",signature=\"{signature}\"",
            self.mch_id, self.serial_no
        ))
    }

    /// Whether WeChat Pay has signed this, within the last five minutes.
    pub(super) fn verify(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<(), Mistrust> {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let signed = (
            header("wechatpay-serial"),
            header("wechatpay-signature"),
            header("wechatpay-timestamp"),
            header("wechatpay-nonce"),
        );
        let (Some(serial), Some(signature), Some(timestamp), Some(nonce)) = signed else {
            return Err(Mistrust::Unsigned);
        };
        let named = self.theirs.iter().find(|named| named.id.eq_ignore_ascii_case(serial));
        let Some(named) = named else { return Err(Mistrust::UnknownKey(serial.to_owned())) };
        let at: i64 = timestamp.parse().map_err(|_| Mistrust::Forged)?;
        if now.timestamp().abs_diff(at) > FRESH_S.unsigned_abs() {
            return Err(Mistrust::Stale);
        }
        let mut message = format!("{timestamp}\n{nonce}\n").into_bytes();
        message.extend_from_slice(body);
        message.push(b'\n');
        if named.key.verifies(&message, signature) { Ok(()) } else { Err(Mistrust::Forged) }
    }
}

/// What an answer that is no success says.
pub(super) fn refusal(answer: &Response<Vec<u8>>) -> PspError {
    let status = answer.status();
    let told = serde_json::from_slice(answer.body()).ok();
    let told = told.unwrap_or_else(|| wire::Refusal {
        code: format!("HTTP {}", status.as_u16()),
        message: String::new(),
    });
    let wire::Refusal { code, message } = told;
    let is_passing = status.is_server_error() || status.as_u16() == 429;
    if is_passing || PASSING.contains(&code.as_str()) {
        PspError::Busy { code, message }
    } else {
        PspError::Refused { code, message }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, body: &str) -> PspError {
        let answer = Response::builder().status(status).body(body.as_bytes().to_vec());
        refusal(&answer.expect("an answer"))
    }

    #[test]
    fn refusals_that_pass_are_told_from_those_that_stay() {
        let system = refused(500, r#"{"code":"SYSTEM_ERROR","message":"系统异常，请稍后重试"}"#);
        assert!(matches!(&system, PspError::Busy { code, .. } if code == "SYSTEM_ERROR"));
        assert!(refused(502, "<html>").is_passing());
        assert_eq!(refused(502, "<html>").code(), Some("HTTP 502"));
        assert!(refused(429, r#"{"code":"FREQUENCY_LIMITED"}"#).is_passing());
        assert!(refused(403, r#"{"code":"RATELIMIT_EXCEEDED"}"#).is_passing());
        let unknown = refused(404, r#"{"code":"ORDER_NOT_EXIST","message":"订单不存在"}"#);
        assert!(unknown.is(&["ORDER_NOT_EXIST"]) && !unknown.is_passing());
    }
}
