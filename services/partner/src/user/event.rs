//! The facts of a user.

use kernel::event::Upcaster;
use kernel::personal::Personal;
use kernel::{DomainEvent, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use values::{DealerId, RegionId};

use crate::membership::{Company, roles_in_words};
use crate::role::Role;

/// The facts of a user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum UserEvent {
    /// A person may use the system, in one company to begin with.
    UserRegisteredV2 {
        /// What people call them.
        name: Personal<String>,
        /// The roles they hold, by their names in the contract.
        roles: Vec<Role>,
        /// The dealer they work for, if they are a dealer's people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dealer_id: Option<DealerId>,
        /// The roots of the parts of the region tree that they see; none means all of it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        regions: Vec<RegionId>,
        /// Under what id their first password is kept, outside the log.
        credential_id: Uuid,
        /// Somebody else knows that password: they change it when they first sign in.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        password_to_be_changed: bool,
    },
    /// People call them something else now.
    UserRenamed {
        /// What.
        name: Personal<String>,
    },
    /// A person works in one more company.
    MembershipGranted {
        /// `brand`, or `dealer:` and the dealer's id.
        company: Company,
        /// The roles they hold there, by their names in the contract.
        roles: Vec<Role>,
        /// The roots of the parts of the region tree that they see; none means all of it.
        regions: Vec<RegionId>,
    },
    /// A person is something else in a company. All their tokens end.
    MembershipChanged {
        /// `brand`, or `dealer:` and the dealer's id.
        company: Company,
        /// The roles they hold there from now on.
        roles: Vec<Role>,
        /// The roots of the parts of the region tree that they see from now on; none means all.
        regions: Vec<RegionId>,
    },
    /// A person does not work in a company any more. All their tokens end; what they did stays theirs.
    MembershipEnded {
        /// `brand`, or `dealer:` and the dealer's id.
        company: Company,
        /// Why.
        reason: String,
    },
    /// A person may not use the system for now, in whatever company. All their tokens end.
    UserSuspended {
        /// Why.
        reason: String,
    },
    /// A suspended person may use the system again.
    UserReinstated {
        /// Why.
        reason: String,
    },
    /// A person has another password. All their tokens end.
    PasswordChanged {
        /// Under what id it is kept, outside the log.
        credential_id: Uuid,
    },
    /// An administrator took a person's password away; whoever has the one-time link sets another.
    /// All their tokens end.
    PasswordReset {
        /// Under what id the link is kept, outside the log.
        reset_id: Uuid,
    },
    /// A session was over before its time. Its tokens end.
    SessionEnded {
        /// Which one; sessions are kept outside the log.
        session_id: Uuid,
        /// Why.
        why: SessionEnd,
    },
    /// A person may sign in through an identity provider.
    IdentityLinked {
        /// Under what id the link is looked for, outside the log.
        identity_id: Uuid,
        /// The provider, by its issuer.
        issuer: String,
        /// Whom the provider knows them as.
        subject: Personal<String>,
    },
    /// A person does not sign in that way any more. All their tokens end.
    IdentityUnlinked {
        /// Under what id the link was looked for.
        identity_id: Uuid,
    },
    /// A person's data was erased for good; they can not sign in any more.
    UserErased {
        /// Why.
        reason: String,
    },
}

/// Why a session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SessionEnd {
    /// The person signed out.
    SignedOut,
    /// The person, or an administrator, ended it from elsewhere.
    Revoked,
    /// Its refresh token was used a second time: somebody else may have it.
    Reused,
}

impl SessionEnd {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::SignedOut => ("本人退出", "signed out"),
            Self::Revoked => ("被撤销", "revoked"),
            Self::Reused => ("刷新令牌被重复使用", "its refresh token was used twice"),
        }
    }
}

/// A person may use the system.
#[derive(Deserialize, JsonSchema)]
struct UserRegisteredV1 {
    /// What people call them.
    name: String,
    /// The roles they hold, by their names in the contract.
    #[schemars(with = "Vec<FirstRole>")]
    roles: Vec<Role>,
    /// The dealer they work for, if they are a dealer's people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dealer_id: Option<DealerId>,
    /// Under what id their first password is kept, outside the log.
    credential_id: Uuid,
}

/// The roles that there were when version 1 was written: what is released stays as it was.
#[derive(JsonSchema)]
#[expect(dead_code, clippy::enum_variant_names, reason = "only its schema is used, as it was")]
#[schemars(rename_all = "SCREAMING_SNAKE_CASE")]
enum FirstRole {
    RoleHqAdmin,
    RoleSalesDirector,
    RoleRegionManager,
    RoleSalesRep,
    RoleDealerOwner,
    RoleDealerStaff,
    RoleFinance,
    RoleWarehouse,
    RoleAnalyst,
    RoleAuditor,
    RoleIntegration,
}

impl From<UserRegisteredV1> for UserEvent {
    fn from(old: UserRegisteredV1) -> Self {
        let UserRegisteredV1 { name, roles, dealer_id, credential_id } = old;
        let name = Personal::unsealed(name);
        Self::UserRegisteredV2 {
            name,
            roles,
            dealer_id,
            regions: Vec::new(),
            credential_id,
            password_to_be_changed: false,
        }
    }
}

impl DomainEvent for UserEvent {
    const UPCASTERS: &'static [Upcaster] =
        &[Upcaster::of::<UserRegisteredV1, UserEvent>("UserRegistered", 1)];

    fn sentence(&self) -> Text {
        let of_company = |company: &Company, zh: &str, en: &str, more: &Text| {
            let words = company.words();
            Text::new(
                format!("{}：{zh}{}", words.zh, more.zh),
                format!("in {}: {en}{}", words.en, more.en),
            )
        };
        match self {
            Self::UserRegisteredV2 { name, roles, .. } => {
                let (name, roles) = (name.text(), roles_in_words(roles));
                Text::new(
                    format!("登记用户“{}”，角色：{}", name.zh, roles.zh),
                    format!("{} was registered as a user: {}", name.en, roles.en),
                )
            }
            Self::UserRenamed { name } => {
                let name = name.text();
                Text::new(
                    format!("用户改名为“{}”", name.zh),
                    format!("the user is called {} now", name.en),
                )
            }
            Self::MembershipGranted { company, roles, .. } => {
                of_company(company, "加入，角色：", "joined as ", &roles_in_words(roles))
            }
            Self::MembershipChanged { company, roles, .. } => {
                of_company(company, "角色改为：", "from now on ", &roles_in_words(roles))
            }
            Self::MembershipEnded { company, reason } => {
                let reason = Text::new(reason.clone(), reason.clone());
                of_company(company, "离开，原因：", "left, because of ", &reason)
            }
            Self::UserSuspended { reason } => Text::new(
                format!("停用了该用户，原因：{reason}"),
                format!("the user was suspended: {reason}"),
            ),
            Self::UserReinstated { reason } => Text::new(
                format!("恢复了该用户，原因：{reason}"),
                format!("the user was reinstated: {reason}"),
            ),
            Self::PasswordChanged { .. } => {
                Text::new("该用户的密码已更改", "the user's password was changed")
            }
            Self::IdentityLinked { issuer, .. } => Text::new(
                format!("已关联身份提供方 {issuer}"),
                format!("linked with the identity provider {issuer}"),
            ),
            Self::IdentityUnlinked { .. } => {
                Text::new("已解除与身份提供方的关联", "a link with an identity provider was ended")
            }
            Self::PasswordReset { .. } => Text::new(
                "管理员重置了该用户的密码，须通过一次性链接重新设置",
                "an administrator reset the user's password; a one-time link sets another",
            ),
            Self::SessionEnded { why, .. } => {
                let (zh, en) = why.words();
                Text::new(format!("该用户的一个会话已结束：{zh}"), format!("a session ended: {en}"))
            }
            Self::UserErased { reason } => Text::new(
                format!("删除了该用户的个人信息，原因：{reason}"),
                format!("the user's personal data was erased: {reason}"),
            ),
        }
    }
}
