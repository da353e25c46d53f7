//! Why nobody is let in through a provider.

use kernel::Text;
use kernel::failure::{chain, status};
use kernel::outbound::CallError;
use openidconnect::ClaimsVerificationError;
use tonic::{Code, Status};

/// Why nobody is let in through a provider. What a provider said goes to the log of the process,
/// not to the browser.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OidcError {
    /// It does not answer.
    #[error("the identity provider does not answer")]
    Away(#[source] CallError),
    /// It says something else than the standard has.
    #[error("the identity provider answers with something unknown: {0}")]
    Form(String),
    /// It does not take the code.
    #[error("the identity provider does not take the code: {0}")]
    Code(String),
    /// Its token is not good.
    #[error("the ID token is not good")]
    Token(#[source] ClaimsVerificationError),
    /// The browser did not begin this visit, or it is over.
    #[error("there is no such visit, or it is over")]
    NoFlow,
    /// Somebody answered in the provider's place.
    #[error("the answer is not the provider's")]
    OtherIssuer,
    /// Nobody here is linked with whom the provider told of.
    #[error("nobody is linked with this account of the provider")]
    NotLinked,
    /// A password has to be set first, by a link.
    #[error("a password has to be set first")]
    PasswordReset,
}

impl OidcError {
    fn told(&self) -> (Code, &'static str, Text) {
        let (code, reason, zh, en) = match self {
            Self::Away(CallError::Target(_) | CallError::Address { .. }) => (
                Code::FailedPrecondition,
                "PROVIDER_ADDRESS",
                "身份提供方的地址不可用：须为 https、端口 443 或 8443，且不在内部网络中",
                "the address of the identity provider can not be used: take one with https, on the \
                 port 443 or 8443, outside of private networks",
            ),
            Self::Away(_) => (
                Code::Unavailable,
                "PROVIDER_AWAY",
                "身份提供方没有响应，请使用密码登录或稍后重试",
                "the identity provider does not answer; sign in with a password, or try again later",
            ),
            Self::Form(_) => (
                Code::FailedPrecondition,
                "PROVIDER_UNFIT",
                "身份提供方的响应不符合标准，请管理员检查配置",
                "the identity provider does not answer as the standard has it; an administrator \
                 should check its configuration",
            ),
            Self::Code(_) => (
                Code::Unauthenticated,
                "PROVIDER_REFUSED",
                "身份提供方未接受本次登录，请重新登录",
                "the identity provider did not accept this sign-in; begin again",
            ),
            Self::Token(_) => (
                Code::Unauthenticated,
                "ID_TOKEN_NOT_GOOD",
                "身份提供方的身份令牌无效，请重新登录",
                "the identity provider's token is not good; begin again",
            ),
            Self::NoFlow => (
                Code::FailedPrecondition,
                "SIGN_IN_OVER",
                "本次登录不是由此浏览器发起，或已失效，请重新登录",
                "this sign-in was not begun in this browser, or is over; begin again",
            ),
            Self::OtherIssuer => (
                Code::Unauthenticated,
                "OTHER_ISSUER",
                "该响应并非来自所选的身份提供方，请重新登录",
                "the answer is not from the identity provider that was asked; begin again",
            ),
            Self::NotLinked => (
                Code::PermissionDenied,
                "NOT_LINKED",
                "此账号尚未关联任何用户，请先用密码登录，在“我的账号”中关联",
                "no user is linked with this account; sign in with a password, and link it on your \
                 account page",
            ),
            Self::PasswordReset => (
                Code::FailedPrecondition,
                "PASSWORD_RESET",
                "管理员已重置您的密码，请先通过链接设置新密码",
                "an administrator has reset your password; set another by the link first",
            ),
        };
        (code, reason, Text::new(zh, en))
    }
}

impl From<OidcError> for Status {
    fn from(error: OidcError) -> Self {
        let (code, reason, text) = error.told();
        tracing::warn!(reason, error = %chain(&error), "nobody was let in through a provider");
        metrics::counter!("qudao_oidc_refused", "reason" => reason).increment(1);
        status(code, reason, &text)
    }
}
