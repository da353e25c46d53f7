//! Who we are to a provider: numbers, our private key, and the keys that the provider signs with.

pub use kernel::outbound::Secret;
use kernel::outbound::is_base_address;
use serde::{Deserialize, Serialize};

use crate::keys::{PublicKey, SigningKey};
use crate::provider::Provider;

/// A merchant's contract with one provider, as it is configured.
///
/// It holds secrets: `Debug` does not show them, but `Serialize` writes them, for whoever keeps a
/// configuration.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "provider", rename_all = "snake_case")]
pub enum Merchant {
    /// With 微信支付.
    WechatPay(WechatPay),
    /// With 支付宝.
    Alipay(Alipay),
}

/// A contract with WeChat Pay, API v3.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WechatPay {
    /// 商户号.
    pub mch_id: String,
    /// The 公众账号 or application that the payments are for.
    pub app_id: String,
    /// Serial number of the merchant's certificate.
    pub serial_no: String,
    /// The merchant's private key, PEM.
    pub private_key: Secret,
    /// APIv3密钥: 32 bytes.
    pub api_v3_key: Secret,
    /// The keys that WeChat Pay signs with: several while it changes from one to another. It is asked
    /// to sign its answers with the first public key among them.
    pub platform_keys: Vec<PlatformKey>,
    /// Where its API is.
    #[serde(default = "wechat_base")]
    pub base_url: String,
}

/// A key that WeChat Pay signs with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlatformKey {
    /// `PUB_KEY_ID_…` of a public key, or the serial number of a certificate.
    pub id: String,
    /// The public key or the certificate, PEM.
    pub pem: String,
}

/// A contract with Alipay, for one application of its open platform.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alipay {
    /// The application.
    pub app_id: String,
    /// The merchant (PID), 2088….
    pub seller_id: String,
    /// The application's private key: PEM, or Base64 alone as Alipay's own tool gives it.
    pub private_key: Secret,
    /// The key that Alipay signs with: PEM, or Base64 alone as its console shows it.
    pub alipay_public_key: String,
    /// Where its API is.
    #[serde(default = "alipay_gateway")]
    pub gateway: String,
}

/// What in a merchant's configuration can not be used. It says which field, and nothing of what is
/// in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MerchantError {
    /// It is empty, or has signs that do not belong in it.
    #[error("{0} is empty or has signs that do not belong in it")]
    Text(&'static str),
    /// It is no RSA private key of 2048 to 4096 bits.
    #[error("{0} is no RSA private key (PEM, PKCS#8) of 2048 to 4096 bits")]
    PrivateKey(&'static str),
    /// It is no RSA public key and no certificate with one.
    #[error("{0} is no RSA public key and no certificate (PEM)")]
    PublicKey(String),
    /// It is not as long as it must be.
    #[error("api_v3_key must have 32 bytes")]
    Length,
    /// There is no key at all.
    #[error("platform_keys is empty")]
    NoKeys,
    /// Two keys have one name.
    #[error("platform_keys has two with the id {0}")]
    KeyTwice(String),
    /// The serial number of a certificate is another than its id says.
    #[error("platform_keys: the certificate with the id {0} has another serial number")]
    Serial(String),
    /// It is no address of the web.
    #[error("{0} is no address like https://example.com")]
    Address(&'static str),
}

impl Merchant {
    /// With whom.
    pub fn provider(&self) -> Provider {
        match self {
            Self::WechatPay(_) => Provider::WechatPay,
            Self::Alipay(_) => Provider::Alipay,
        }
    }

    /// The number that the provider knows the merchant by: `mch_id` or `seller_id`.
    pub fn id(&self) -> &str {
        match self {
            Self::WechatPay(merchant) => &merchant.mch_id,
            Self::Alipay(merchant) => &merchant.seller_id,
        }
    }
}

/// A platform key that can be used, with its name.
pub(crate) struct NamedKey {
    pub(crate) id: String,
    pub(crate) key: PublicKey,
}

impl WechatPay {
    /// All keys, when each can be used and no two have one name.
    pub(crate) fn keys(&self) -> Result<Vec<NamedKey>, MerchantError> {
        let mut keys: Vec<NamedKey> = Vec::new();
        for PlatformKey { id, pem } in &self.platform_keys {
            if !is_text(id) {
                return Err(MerchantError::Text("platform_keys.id"));
            }
            let bad = || MerchantError::PublicKey(format!("platform_keys: {id}"));
            let (key, serial) = PublicKey::parse(pem).ok_or_else(bad)?;
            if serial.is_some_and(|serial| !serial.eq_ignore_ascii_case(id)) {
                return Err(MerchantError::Serial(id.clone()));
            }
            if keys.iter().any(|known| known.id.eq_ignore_ascii_case(id)) {
                return Err(MerchantError::KeyTwice(id.clone()));
            }
            keys.push(NamedKey { id: id.clone(), key });
        }
        if keys.is_empty() { Err(MerchantError::NoKeys) } else { Ok(keys) }
    }

    /// Looks at all that is no key of the provider's.
    pub(crate) fn check(&self) -> Result<SigningKey, MerchantError> {
        for (name, text) in
            [("mch_id", &self.mch_id), ("app_id", &self.app_id), ("serial_no", &self.serial_no)]
        {
            if !is_text(text) {
                return Err(MerchantError::Text(name));
            }
        }
        if self.api_v3_key.reveal().len() != 32 {
            return Err(MerchantError::Length);
        }
        check_address("base_url", &self.base_url)?;
        let key = SigningKey::parse(self.private_key.reveal());
        key.ok_or(MerchantError::PrivateKey("private_key"))
    }
}

impl Alipay {
    /// Both keys, when all can be used.
    pub(crate) fn check(&self) -> Result<(SigningKey, PublicKey), MerchantError> {
        for (name, text) in [("app_id", &self.app_id), ("seller_id", &self.seller_id)] {
            if !is_text(text) {
                return Err(MerchantError::Text(name));
            }
        }
        check_address("gateway", &self.gateway)?;
        let key = SigningKey::parse(self.private_key.reveal());
        let key = key.ok_or(MerchantError::PrivateKey("private_key"))?;
        let theirs = PublicKey::parse(&self.alipay_public_key);
        let bad = || MerchantError::PublicKey("alipay_public_key".to_owned());
        Ok((key, theirs.ok_or_else(bad)?.0))
    }
}

/// They stand in headers between quotes, and in signed lines.
fn is_text(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    !text.is_empty() && text.bytes().all(is_plain)
}

fn check_address(name: &'static str, address: &str) -> Result<(), MerchantError> {
    if is_base_address(address) { Ok(()) } else { Err(MerchantError::Address(name)) }
}

fn wechat_base() -> String {
    "https://api.mch.weixin.qq.com".to_owned()
}

fn alipay_gateway() -> String {
    "https://openapi.alipay.com/gateway.do".to_owned()
}
