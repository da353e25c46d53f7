//! Who takes money for a brand: payment service providers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who takes the money for the brand.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::AsRefStr,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Provider {
    /// 微信支付.
    WechatPay,
    /// 支付宝.
    Alipay,
}

impl Provider {
    /// Its name for people who read Chinese.
    pub fn zh(self) -> &'static str {
        match self {
            Self::WechatPay => "微信支付",
            Self::Alipay => "支付宝",
        }
    }

    /// Its name for people who read English.
    pub fn en(self) -> &'static str {
        match self {
            Self::WechatPay => "WeChat Pay",
            Self::Alipay => "Alipay",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_written_in_one_way() {
        for (provider, text) in [(Provider::WechatPay, "wechat_pay"), (Provider::Alipay, "alipay")]
        {
            assert_eq!(provider.as_ref(), text);
            assert_eq!(text.parse(), Ok(provider));
            assert_eq!(serde_json::to_value(provider).ok(), Some(text.into()));
        }
    }
}
