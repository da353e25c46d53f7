//! How a call to 金蝶云星空 is signed in headers: once for its gateway (`X-Api-…`), by what the
//! application's id hides, and once for the books (`X-Kd-…`), by the application's secret. Both are
//! HMAC-SHA256, written in hexadecimal and then in Base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kernel::clock;
use ring::hmac;
use url::{Url, form_urlencoded};
use uuid::Uuid;

use crate::answer::ErpError;
use crate::contract::{self, ContractError};

/// What the second part of an application's id is mixed with, in every library of Kingdee's.
const MIXED_WITH: [u8; 32] = *b"0054f397c6234378b09ca7d3e5debce7";

/// What signs the calls of a contract.
pub(super) struct Signer {
    client_id: String,
    app_id: String,
    /// `{账套},{用户},{语言},{组织}`; the organisation is 0, so that the user's own counts.
    app_data: String,
    gateway: hmac::Key,
    books: hmac::Key,
}

impl Signer {
    pub(super) fn new(contract: &contract::Kingdee) -> Result<Self, ContractError> {
        let (client_id, hidden) = contract.app_id.split_once('_').ok_or(ContractError::AppId)?;
        let hidden = opened(hidden).ok_or(ContractError::AppId)?;
        Ok(Self {
            client_id: client_id.to_owned(),
            app_id: contract.app_id.clone(),
            app_data: format!("{},{},{},0", contract.acct_id, contract.user, contract.lcid),
            gateway: hmac::Key::new(hmac::HMAC_SHA256, hidden.as_bytes()),
            books: hmac::Key::new(hmac::HMAC_SHA256, contract.app_secret.reveal().as_bytes()),
        })
    }

    pub(super) fn headers(&self, address: &str) -> Result<Vec<(&'static str, String)>, ErpError> {
        let timestamp = clock::now().timestamp().to_string();
        self.headers_at(address, &timestamp, &Uuid::new_v4().simple().to_string())
    }

    fn headers_at(
        &self,
        address: &str,
        timestamp: &str,
        nonce: &str,
    ) -> Result<Vec<(&'static str, String)>, ErpError> {
        let url = Url::parse(address).map_err(ErpError::unreadable)?;
        let path: String = form_urlencoded::byte_serialize(url.path().as_bytes()).collect();
        let line = format!("POST\n{path}\n\nx-api-nonce:{nonce}\nx-api-timestamp:{timestamp}\n");
        let shown = format!("{}{}", self.app_id, self.app_data);
        Ok(vec![
            ("X-Api-ClientID", self.client_id.clone()),
            ("X-Api-Auth-Version", "2.0".to_owned()),
            ("x-api-timestamp", timestamp.to_owned()),
            ("x-api-nonce", nonce.to_owned()),
            ("x-api-signheaders", "x-api-timestamp,x-api-nonce".to_owned()),
            ("X-Api-Signature", signature(&self.gateway, &line)),
            ("X-Kd-Appkey", self.app_id.clone()),
            ("X-Kd-Appdata", STANDARD.encode(&self.app_data)),
            ("X-Kd-Signature", signature(&self.books, &shown)),
        ])
    }
}

fn signature(key: &hmac::Key, line: &str) -> String {
    let tag = hmac::sign(key, line.as_bytes());
    let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    STANDARD.encode(hex)
}

/// What the second part of an application's id hides.
fn opened(hidden: &str) -> Option<String> {
    if hidden.len() != MIXED_WITH.len() {
        return None;
    }
    let mixed = STANDARD.decode(hidden).ok()?;
    let opened: Vec<u8> = mixed.iter().zip(MIXED_WITH).map(|(byte, with)| byte ^ with).collect();
    Some(STANDARD.encode(opened))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contract(app_id: &str) -> contract::Kingdee {
        let text = format!(
            r#"{{"base_url":"https://erp.example/k3cloud","acct_id":"6512a3bc4fb2cc",
            "user":"channel","app_id":"{app_id}","app_secret":"a-secret-of-the-application",
            "auth":"signed","org":"100"}}"#
        );
        serde_json::from_str(&text).expect("a contract")
    }

    /// Computed by Python's `hmac` and `base64`, by a script that gives the same signatures as
    /// Kingdee's own Python library 8.2 for another contract.
    #[test]
    fn signatures_are_those_of_another_implementation() {
        let signer = Signer::new(&contract("204399_QuDaoConnectorTestVector00000001"));
        let signer = signer.expect("a contract that signs");
        let address = "https://erp.example/k3cloud/\
                       Kingdee.BOS.WebApi.ServicesStub.DynamicFormService.Save.common.kdsvc";
        let headers = signer.headers_at(address, "1764210000", "6f1c0de2a4b84d0e9d2b");
        let headers = headers.expect("headers");
        let header = |name: &str| {
            let found = headers.iter().find(|(it, _)| *it == name);
            found.map(|(_, value)| value.as_str()).expect("a header")
        };
        assert_eq!(header("X-Api-ClientID"), "204399");
        assert_eq!(
            header("X-Api-Signature"),
            "NjA0NmNhODVlODQwMDY0NjNhM2M2MjQ4NmVhMzgxZDAzOTJmNzM3MjU1ZDYyYzljYTQ3ZDdlZDNlMzAzNTdlZg=="
        );
        assert_eq!(header("X-Kd-Appdata"), "NjUxMmEzYmM0ZmIyY2MsY2hhbm5lbCwyMDUyLDA=");
        assert_eq!(
            header("X-Kd-Signature"),
            "NjA1ODgyNjRiNzYzNjM0MmNlODk4M2ZiNzI4OTFhY2EwNDJjZGVkOTM3ZDMxMWE2MjhiOGEwMWJlMWQyZjFiYg=="
        );
    }

    #[test]
    fn an_id_that_hides_nothing_can_not_sign() {
        for app_id in ["204399", "204399_short", "204399_!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!"] {
            assert_eq!(
                Signer::new(&contract(app_id)).err(),
                Some(ContractError::AppId),
                "{app_id}"
            );
        }
    }
}
