//! Why a user says no.

use kernel::{Refusal, RefusalKind, Text};
use values::{DealerId, TenantId};

use crate::membership::{Company, NoMembership};
use crate::region_tree::RegionRefusal;

/// Why a user says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum UserRefusal {
    /// The login is taken.
    #[error("a user with this login exists; choose another login")]
    UserExists,
    /// The login was an erased user's.
    #[error("the user with this login was erased, and it is not given out again; choose another")]
    LoginErased,
    /// There is no such user.
    #[error("there is no user with this login; check it")]
    UnknownUser,
    /// Nobody is nothing.
    #[error("a user needs at least one role; name one")]
    NoRole,
    /// A dealer's people work for a dealer.
    #[error("a dealer role needs the dealer's id; name it")]
    DealerMissing,
    /// The brand's people work for no dealer.
    #[error("only users with dealer roles, and no others, belong to a dealer; leave one out")]
    NotADealersRole,
    /// A dealer's people see their company, wherever it is.
    #[error("people of a dealer see their own company; leave the regions out")]
    RegionsOfDealer,
    /// There is no such dealer.
    #[error("there is no dealer {0}; register it first")]
    UnknownDealer(DealerId),
    /// There is no such tenant.
    #[error("there is no tenant {0}; found it first")]
    UnknownTenant(TenantId),
    /// A rule of the region tree.
    #[error(transparent)]
    Region(#[from] RegionRefusal),
    /// They work there already.
    #[error("the user is a member of {0} already; change that membership")]
    MembershipExists(Company),
    /// They do not work there.
    #[error("the user is no member of {0}; grant a membership first")]
    NoMembership(Company),
    /// It is not for the caller to say.
    #[error("{0} is not your company; ask an administrator of the brand")]
    OtherCompany(Company),
    /// Nobody would be left who could let anybody in.
    #[error("this is the last administrator of the tenant; make somebody else one first")]
    LastAdmin,
    /// There is no link of that kind, or a newer one.
    #[error("the link to set a password is not good any more; ask for another")]
    ResetOver,
    /// They have no such link.
    #[error("you have no such link with an identity provider; list them again")]
    UnknownIdentity,
    /// They have all the links that they may have.
    #[error("you are linked with 5 accounts of identity providers; end one of the links first")]
    TooManyIdentities,
    /// Somebody else is linked with it.
    #[error(
        "another user is linked with this account of the identity provider; use another account"
    )]
    IdentityTaken,
    /// They could not sign in any more.
    #[error(
        "without a password this is your only way to sign in; ask an administrator for a link to set one first"
    )]
    LastWayIn,
}

impl From<NoMembership> for UserRefusal {
    fn from(why: NoMembership) -> Self {
        match why {
            NoMembership::NoRole => Self::NoRole,
            NoMembership::DealerMissing => Self::DealerMissing,
            NoMembership::NotADealersRole => Self::NotADealersRole,
            NoMembership::RegionsOfDealer => Self::RegionsOfDealer,
        }
    }
}

impl Refusal for UserRefusal {
    fn reason(&self) -> String {
        if let Self::Region(refusal) = self {
            return refusal.reason();
        }
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::UserExists
            | Self::LoginErased
            | Self::MembershipExists(_)
            | Self::IdentityTaken => RefusalKind::AlreadyExists,
            Self::NoRole | Self::DealerMissing | Self::NotADealersRole | Self::RegionsOfDealer => {
                RefusalKind::InvalidArgument
            }
            Self::UnknownUser
            | Self::UnknownDealer(_)
            | Self::UnknownTenant(_)
            | Self::NoMembership(_)
            | Self::UnknownIdentity => RefusalKind::NotFound,
            Self::Region(refusal) => refusal.kind(),
            Self::OtherCompany(_) => RefusalKind::PermissionDenied,
            Self::LastAdmin | Self::ResetOver | Self::TooManyIdentities | Self::LastWayIn => {
                RefusalKind::FailedPrecondition
            }
        }
    }

    fn text(&self) -> Text {
        let zh = match self {
            Self::UserExists => "该用户名已存在，请换一个".to_owned(),
            Self::LoginErased => "该用户名属于已删除的用户，不再分配，请换一个".to_owned(),
            Self::UnknownUser => "没有这个用户名的用户，请检查".to_owned(),
            Self::NoRole => "用户至少要有一个角色".to_owned(),
            Self::DealerMissing => "经销商角色必须指定所属经销商".to_owned(),
            Self::NotADealersRole => "只有经销商角色才归属经销商，且不能与其他角色混用".to_owned(),
            Self::RegionsOfDealer => "经销商人员只看本公司数据，不能指定区域".to_owned(),
            Self::UnknownDealer(id) => format!("没有经销商 {id}，请先登记"),
            Self::UnknownTenant(id) => format!("没有租户 {id}，请先开通"),
            Self::Region(refusal) => return refusal.text(),
            Self::MembershipExists(company) => {
                format!("该用户已是{}的成员，请修改其成员身份", company.words().zh)
            }
            Self::NoMembership(company) => {
                format!("该用户不是{}的成员，请先授予", company.words().zh)
            }
            Self::OtherCompany(company) => {
                format!("{}不是您的公司，请联系品牌方管理员", company.words().zh)
            }
            Self::LastAdmin => "这是该租户最后一名管理员，请先指定另一名".to_owned(),
            Self::ResetOver => "设置密码的链接已失效，请重新申请".to_owned(),
            Self::UnknownIdentity => "您没有这个关联，请刷新列表".to_owned(),
            Self::TooManyIdentities => "您已关联 5 个身份提供方账号，请先解除一个".to_owned(),
            Self::IdentityTaken => "该身份提供方账号已关联其他用户，请换一个账号".to_owned(),
            Self::LastWayIn => {
                "您没有密码，这是唯一的登录方式，请先向管理员索取设置密码的链接".to_owned()
            }
        };
        Text::new(zh, self.to_string())
    }
}
