//! A token of YonBIP: got by a signature over the parameters of the call, kept until it ends.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use http::Method;
use kernel::clock;
use ring::hmac;
use serde::Deserialize;
use url::form_urlencoded;

use super::{Yonyou, wire};
use crate::answer::ErpError;
use crate::said::{self, Raw};

const PATH: &str = "/open-auth/selfAppAuth/base/v1/getAccessToken";
/// How long before its end a token is not used any more, in seconds.
const MARGIN_S: i64 = 60;
/// How long one counts that does not say it, in seconds.
const UNSAID_S: i64 = 600;

/// The token that counts, if one does, and until when.
#[derive(Default)]
pub(super) struct Tokens(Mutex<Option<(Arc<str>, DateTime<Utc>)>>);

impl Tokens {
    fn kept(&self) -> MutexGuard<'_, Option<(Arc<str>, DateTime<Utc>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets one that does not count any more, unless another was got meanwhile.
    pub(super) fn forget(&self, ended: &str) {
        let mut kept = self.kept();
        if kept.as_ref().is_some_and(|(token, _)| &**token == ended) {
            *kept = None;
        }
    }
}

#[derive(Deserialize)]
struct Got {
    access_token: Option<String>,
    /// In seconds.
    expire: Option<Raw>,
}

impl Yonyou {
    /// The token that counts; a new one when none does. Two calls may get one each: both count.
    pub(super) async fn token(&self) -> Result<Arc<str>, ErpError> {
        let now = clock::now();
        if let Some((token, ends_at)) = &*self.tokens.kept()
            && *ends_at > now
        {
            return Ok(Arc::clone(token));
        }
        let contract = &self.contract;
        let timestamp = now.timestamp_millis().to_string();
        let parameters = [("appKey", contract.app_key.as_str()), ("timestamp", &timestamp)];
        let signature = signature(&parameters, contract.app_secret.reveal());
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(parameters)
            .append_pair("signature", &signature)
            .finish();
        let address = format!("{}{PATH}?{query}", contract.token_url.trim_end_matches('/'));
        let answer = self.send(Method::GET, &address, String::new()).await?;
        let got: Got = said::read_raw(&wire::token(answer.status(), answer.body())?)?;
        let token = got.access_token.filter(|token| !token.is_empty());
        let token: Arc<str> = token.ok_or_else(|| ErpError::without("access_token"))?.into();
        let lasts = said::some_text(got.expire.as_ref()).and_then(|text| text.parse().ok());
        let lasts: i64 = lasts.unwrap_or(UNSAID_S).clamp(0, 24 * 60 * 60);
        let ends_at = now + TimeDelta::seconds((lasts - MARGIN_S).max(0));
        *self.tokens.kept() = Some((Arc::clone(&token), ends_at));
        Ok(token)
    }
}

/// HMAC-SHA256, in Base64, over names and values as they stand, in the order of the names.
fn signature(parameters: &[(&str, &str)], secret: &str) -> String {
    let mut sorted = parameters.to_vec();
    sorted.sort_unstable();
    let line: String = sorted.iter().flat_map(|(name, value)| [*name, *value]).collect();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    STANDARD.encode(hmac::sign(&key, line.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed by Python's `hmac`; the parameters are those of Yonyou's own example.
    #[test]
    fn a_signature_is_that_of_another_implementation() {
        let parameters =
            [("timestamp", "1568098531823"), ("appKey", "41832a3d2df94989b500da6a22268747")];
        let signature = signature(&parameters, "a-secret-of-the-application");
        assert_eq!(signature, "c2CMFnd0m0gEzAd8jTTErcy0pm6kMH6qG/jspca9j54=");
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("signature", &signature)
            .finish();
        assert_eq!(query, "signature=c2CMFnd0m0gEzAd8jTTErcy0pm6kMH6qG%2Fjspca9j54%3D");
    }
}
