//! What is configured of a system that this one has an account with: secrets, and where it is.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

/// A text that is not shown. `Serialize` writes it, for whoever keeps a configuration.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("…")
    }
}

/// Whether calls can be made below an address: it is one of the web, and nothing but its path would be
/// in the way of more.
pub fn is_base_address(address: &str) -> bool {
    let is_base = |url: Url| {
        let is_plain = url.query().is_none() && url.fragment().is_none();
        is_plain && matches!(url.scheme(), "https" | "http") && url.has_host()
    };
    Url::parse(address).is_ok_and(is_base)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        let secret = Secret::from("open sesame".to_owned());
        assert_eq!((format!("{secret:?}").as_str(), secret.reveal()), ("…", "open sesame"));
    }

    #[test]
    fn calls_are_made_below_addresses_of_the_web() {
        for good in ["https://example.com", "http://127.0.0.1:8080/gateway.do"] {
            assert!(is_base_address(good), "{good}");
        }
        for bad in
            ["example.com", "ftp://example.com", "https://example.com/?a=1", "https://x/#a", ""]
        {
            assert!(!is_base_address(bad), "{bad}");
        }
    }
}
