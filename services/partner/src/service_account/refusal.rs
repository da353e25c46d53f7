//! Why a service account says no.

use kernel::{Refusal, RefusalKind, Text};

use crate::user::UserRefusal;

/// Why a service account says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum ServiceAccountRefusal {
    /// The id is taken.
    #[error("a service account with this id exists; choose another id")]
    AccountExists,
    /// The id was a removed account's.
    #[error(
        "the service account with this id was removed, and its id is not given out again; choose another"
    )]
    AccountIdUsed,
    /// There is none.
    #[error("there is no service account with this id; check it")]
    UnknownServiceAccount,
    /// It is kept out for now.
    #[error("the service account is suspended; reinstate it first")]
    ServiceAccountSuspended,
    /// It has all the keys that it may have.
    #[error("the service account has 5 keys that are good; revoke one first")]
    TooManyKeys,
    /// It has no such key, or it was revoked.
    #[error("the service account has no such key; list them again")]
    UnknownServiceKey,
    /// A tenant has all the accounts that it may have.
    #[error("the tenant has 100 service accounts; remove one first")]
    TooManyAccounts,
    /// Where it is to work, and as what, is as with people.
    #[error(transparent)]
    Place(#[from] UserRefusal),
}

impl Refusal for ServiceAccountRefusal {
    fn reason(&self) -> String {
        match self {
            Self::Place(refusal) => refusal.reason(),
            Self::AccountExists
            | Self::AccountIdUsed
            | Self::UnknownServiceAccount
            | Self::ServiceAccountSuspended
            | Self::TooManyKeys
            | Self::UnknownServiceKey
            | Self::TooManyAccounts => self.as_ref().to_owned(),
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::AccountExists | Self::AccountIdUsed => RefusalKind::AlreadyExists,
            Self::UnknownServiceAccount | Self::UnknownServiceKey => RefusalKind::NotFound,
            Self::ServiceAccountSuspended | Self::TooManyKeys | Self::TooManyAccounts => {
                RefusalKind::FailedPrecondition
            }
            Self::Place(refusal) => refusal.kind(),
        }
    }

    fn text(&self) -> Text {
        let zh = match self {
            Self::AccountExists => "该服务账号编号已存在，请换一个",
            Self::AccountIdUsed => "该编号属于已删除的服务账号，不再分配，请换一个",
            Self::UnknownServiceAccount => "没有这个服务账号，请检查编号",
            Self::ServiceAccountSuspended => "该服务账号已停用，请先恢复",
            Self::TooManyKeys => "该服务账号已有 5 个有效密钥，请先撤销一个",
            Self::UnknownServiceKey => "该服务账号没有这个密钥，请刷新列表",
            Self::TooManyAccounts => "该租户已有 100 个服务账号，请先删除一个",
            Self::Place(refusal) => return refusal.text(),
        };
        Text::new(zh, self.to_string())
    }
}
