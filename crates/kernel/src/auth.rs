//! Who calls. What they may call is in [`crate::access`].
//!
//! Read in this order: [`Caller`] (what a token says), `token` (its form), `keys` (who signs and
//! who checks), `revocations` (what ends it early), `secret` (what else opens a door).

mod keys;
mod revocations;
mod secret;
mod token;

use chrono::{DateTime, NaiveDate, Utc};
use proto::access::v1::Role;
use serde::{Deserialize, Serialize};

pub use keys::{KeyError, KeyInfo, Keys, add_key, keys_of};
pub(crate) use keys::{create_key, make_file};
pub use revocations::{Extent, Feed, Revocations, Revoked};
pub use secret::{digest_of, secret, secret_from};
pub use token::{TokenError, VALID};

/// The id of whoever runs the installation.
pub const OPERATOR: &str = "operator";
/// What the ids of policies begin with.
pub const POLICY: &str = "policy:";
/// What the ids of a tenant's service accounts begin with.
pub const SERVICE: &str = "service:";

/// Whether an id is that of an actor who is no user: nobody is registered under it.
pub fn is_no_user(id: &str) -> bool {
    id == OPERATOR || id.starts_with(POLICY) || id.starts_with(SERVICE)
}

/// Who calls, as their token says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// A user's id, or one that [`is_no_user`].
    #[serde(rename = "sub")]
    pub user_id: String,
    /// The person's name.
    pub name: String,
    /// The brand they work in; empty for the operator of the installation.
    pub tenant: String,
    /// Names of the roles they hold, as in the contract.
    pub roles: Vec<String>,
    /// The dealer they belong to, if they are a dealer's people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dealer_id: Option<String>,
    /// IANA name of the tenant's time zone.
    pub time_zone: String,
    /// The session that the token is of; none of one that nobody signed in for.
    #[serde(default, rename = "sid", skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// All companies in which the person may act; the token is for one of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub memberships: Vec<String>,
    /// The roots of the parts of the region tree that the caller sees; none means all of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    /// What the tenant has turned on, by name; none means everything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modules: Vec<String>,
    /// How many facts of the person the token rests on; see [`Revocations`].
    #[serde(default, rename = "ver", skip_serializing_if = "is_zero")]
    pub version: u64,
    /// Somebody else gave the person their password, and they have not changed it yet.
    #[serde(default, rename = "pwd", skip_serializing_if = "std::ops::Not::not")]
    pub password_to_be_changed: bool,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Caller {
    /// Whether the caller holds a role.
    pub fn has(&self, role: Role) -> bool {
        self.roles.iter().any(|held| held == role.as_str_name())
    }

    /// Whether a tenant's program calls, by a key of its own.
    pub fn is_program(&self) -> bool {
        self.user_id.starts_with(SERVICE)
    }

    /// The business day of a moment in the caller's tenant.
    pub fn business_day(&self, moment: DateTime<Utc>) -> NaiveDate {
        let zone: chrono_tz::Tz = self.time_zone.parse().unwrap_or(chrono_tz::UTC);
        moment.with_timezone(&zone).date_naive()
    }
}
