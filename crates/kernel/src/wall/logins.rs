//! Who signs in to the database.

use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{ALL, TENANT};

/// The logins of an installation: the owner of the tables, who makes them; one for what needs the
/// rows of all tenants; one for what answers callers.
#[derive(Clone)]
pub struct Logins {
    pub(super) owner: PgConnectOptions,
    pub(super) all: PgConnectOptions,
    pub(super) tenant: PgConnectOptions,
}

impl Logins {
    /// All by one login, which takes on a role for each use: for a machine of one's own.
    ///
    /// # Errors
    /// When the address is none.
    pub fn of(url: &str) -> Result<Self, sqlx::Error> {
        Self::new(url, None, None)
    }

    /// With logins of their own for the other two. Where one is missing, the owner signs in and
    /// takes on its role: as strong against a query that forgets its tenant, but not against SQL
    /// that somebody smuggled in, which could put the role off again.
    ///
    /// # Errors
    /// When an address is none.
    pub fn new(owner: &str, all: Option<&str>, tenant: Option<&str>) -> Result<Self, sqlx::Error> {
        let owner: PgConnectOptions = owner.parse()?;
        // In the message that opens the connection: no statement, and what RESET returns to.
        let or_role = |url: Option<&str>, role: &str| match url {
            Some(url) => url.parse(),
            None => Ok(owner.clone().options([("role", role)])),
        };
        Ok(Self { all: or_role(all, ALL)?, tenant: or_role(tenant, TENANT)?, owner })
    }

    /// The same, with a setting for each of their sessions.
    #[must_use]
    pub(crate) fn with(self, setting: (&str, &str)) -> Self {
        let Self { owner, all, tenant } = self;
        Self {
            owner: owner.options([setting]),
            all: all.options([setting]),
            tenant: tenant.options([setting]),
        }
    }
}

/// A pool whose connections work in one schema; the first one is made when it is asked for.
pub(crate) fn pool(options: &PgConnectOptions, schema: &str, connections: u32) -> PgPool {
    let options = options.clone().options([("search_path", schema)]).application_name(schema);
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(10))
        .test_before_acquire(false)
        .connect_lazy_with(options)
}
