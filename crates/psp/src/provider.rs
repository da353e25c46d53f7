//! How each provider is told that a notice has come.

use http::StatusCode;
pub use values::Provider;

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
}
