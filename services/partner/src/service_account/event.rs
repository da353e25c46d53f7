//! The facts of a service account.

use chrono::{DateTime, SecondsFormat, Utc};
use kernel::{DomainEvent, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use values::RegionId;

use crate::membership::{Company, roles_in_words};
use crate::role::Role;

/// The facts of a service account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum ServiceAccountEvent {
    /// A program of the tenant may be given keys.
    ServiceAccountAdded {
        /// What people call it.
        name: String,
        /// For which company it works: `brand`, or `dealer:` and the dealer's id.
        company: Company,
        /// The roles that it holds, by their names in the contract.
        roles: Vec<Role>,
        /// The roots of the parts of the region tree that it sees; none means all of it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        regions: Vec<RegionId>,
    },
    /// It has one more key. The key itself is in no event; a digest of it is kept outside the log.
    ServiceKeyIssued {
        /// Which one.
        key_id: Uuid,
        /// Its last 4 signs, by which people tell it from others.
        hint: String,
        /// Since when.
        issued_at: DateTime<Utc>,
        /// Until when it is good.
        expires_at: DateTime<Utc>,
    },
    /// A key is not good any more. Tokens that it was exchanged for end.
    ServiceKeyRevoked {
        /// Which one.
        key_id: Uuid,
        /// Why.
        reason: String,
    },
    /// A program may not use the system for now. All its tokens end.
    ServiceAccountSuspended {
        /// Why.
        reason: String,
    },
    /// A suspended program may use the system again.
    ServiceAccountReinstated {
        /// Why.
        reason: String,
    },
    /// A program is gone for good, with its keys. All its tokens end.
    ServiceAccountRemoved {
        /// Why.
        reason: String,
    },
}

impl DomainEvent for ServiceAccountEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::ServiceAccountAdded { name, company, roles, .. } => {
                let (company, roles) = (company.words(), roles_in_words(roles));
                Text::new(
                    format!("新增服务账号“{name}”，公司：{}，角色：{}", company.zh, roles.zh),
                    format!(
                        "the service account “{name}” was added for {} as {}",
                        company.en, roles.en
                    ),
                )
            }
            Self::ServiceKeyIssued { hint, expires_at, .. } => {
                let until = expires_at.to_rfc3339_opts(SecondsFormat::Secs, true);
                Text::new(
                    format!("签发以 {hint} 结尾的密钥，{until} 前有效"),
                    format!("a key ending in {hint} was issued, good until {until}"),
                )
            }
            Self::ServiceKeyRevoked { reason, .. } => Text::new(
                format!("密钥已撤销，原因：{reason}"),
                format!("a key was revoked: {reason}"),
            ),
            Self::ServiceAccountSuspended { reason } => Text::new(
                format!("服务账号已停用，原因：{reason}"),
                format!("the service account was suspended: {reason}"),
            ),
            Self::ServiceAccountReinstated { reason } => Text::new(
                format!("服务账号已恢复，原因：{reason}"),
                format!("the service account was reinstated: {reason}"),
            ),
            Self::ServiceAccountRemoved { reason } => Text::new(
                format!("服务账号已删除，原因：{reason}"),
                format!("the service account was removed: {reason}"),
            ),
        }
    }
}
