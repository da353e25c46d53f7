//! The providers, and how each is told that a notice has come.

use http::StatusCode;
use serde::{Deserialize, Serialize};

/// Who moves the money.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
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

/// Status, content type and body that answer a notice: taken, or to be sent again.
pub fn acknowledgement(provider: Provider, ok: bool) -> (StatusCode, &'static str, String) {
    const JSON: &str = "application/json";
    const TEXT: &str = "text/plain; charset=utf-8";
    match (provider, ok) {
        (Provider::WechatPay, true) => (StatusCode::OK, JSON, r#"{"code":"SUCCESS"}"#.to_owned()),
        (Provider::WechatPay, false) => {
            let body = r#"{"code":"FAIL","message":"处理失败，请重发"}"#;
            (StatusCode::INTERNAL_SERVER_ERROR, JSON, body.to_owned())
        }
        // It looks at the text alone, and wants a status of success with either.
        (Provider::Alipay, true) => (StatusCode::OK, TEXT, "success".to_owned()),
        (Provider::Alipay, false) => (StatusCode::OK, TEXT, "failure".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_provider_is_told_in_its_own_way() {
        let (status, kind, body) = acknowledgement(Provider::WechatPay, true);
        assert_eq!((status.as_u16(), kind), (200, "application/json"));
        assert_eq!(body, r#"{"code":"SUCCESS"}"#);
        assert_eq!(acknowledgement(Provider::WechatPay, false).0.as_u16(), 500);
        assert_eq!(acknowledgement(Provider::Alipay, true).2, "success");
        assert_eq!(acknowledgement(Provider::Alipay, false).2, "failure");
    }

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
