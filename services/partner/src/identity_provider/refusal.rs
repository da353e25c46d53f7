//! Why an identity provider says no.

use kernel::{Refusal, RefusalKind, Text};

/// Why an identity provider says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum IdentityProviderRefusal {
    /// The tenant has none.
    #[error("the tenant has no identity provider; sign in with a password, or configure one first")]
    NoProvider,
}

impl Refusal for IdentityProviderRefusal {
    fn reason(&self) -> String {
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::NoProvider => RefusalKind::NotFound,
        }
    }

    fn text(&self) -> Text {
        let zh = match self {
            Self::NoProvider => "该租户没有身份提供方，请使用密码登录，或先配置一个",
        };
        Text::new(zh, self.to_string())
    }
}
