//! A schema of the database, by the rights with which a process works in it.

use sqlx::{Executor as _, PgPool};

use super::logins::{Logins, pool};
use super::{ROLES, TenantPool, WallError, make};

/// Connections of the owner: tables are made at the start and by rebuilds.
const OWNER: u32 = 2;

/// The pools of one schema.
#[derive(Clone)]
pub struct Schema {
    owner: PgPool,
    all: PgPool,
    tenant: TenantPool,
}

/// Who keeps read models: who makes their tables, and who writes rows of all tenants to them.
#[derive(Clone)]
pub struct Keepers {
    pub(crate) owner: PgPool,
    pub(crate) all: PgPool,
}

/// One login for both: for tools and measurements, on tables that nobody else reads.
impl From<PgPool> for Keepers {
    fn from(pool: PgPool) -> Self {
        Self { owner: pool.clone(), all: pool }
    }
}

impl From<&Schema> for Keepers {
    fn from(schema: &Schema) -> Self {
        Self { owner: schema.owner.clone(), all: schema.all.clone() }
    }
}

impl Schema {
    /// Opens a schema, and makes it and the roles of the wall if they are missing; with so many
    /// connections at most for all tenants, and for one tenant at a time.
    ///
    /// # Errors
    /// See [`WallError`].
    pub async fn open(
        logins: &Logins,
        name: &str,
        (for_all, for_tenants): (u32, u32),
    ) -> Result<Self, WallError> {
        let owner = pool(&logins.owner, name, OWNER);
        create(&owner, name).await?;
        if let Err(error) = owner.execute(ROLES).await {
            return Err(roles_failed(error, logins.owner.get_username()));
        }
        let schema = Self {
            owner,
            all: pool(&logins.all, name, for_all),
            tenant: TenantPool::over(pool(&logins.tenant, name, for_tenants)),
        };
        match schema.check(name).await {
            Ok(()) => Ok(schema),
            Err(WallError::Database(error)) => {
                Err(roles_failed(error, logins.owner.get_username()))
            }
            Err(refused) => Err(refused),
        }
    }

    /// All by one pool: where nothing is asked of it.
    #[cfg(feature = "simulation")]
    pub(crate) fn of(pool: PgPool) -> Self {
        Self { owner: pool.clone(), all: pool.clone(), tenant: TenantPool::over(pool) }
    }

    /// Makes tables by SQL that changes nothing when they are there, and puts the wall up on all
    /// that the schema has.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn make(&self, tables: &str) -> Result<(), sqlx::Error> {
        make(&self.owner, tables).await
    }

    /// Connections of the owner, to make and move tables.
    pub fn owner(&self) -> &PgPool {
        &self.owner
    }

    /// Connections that see the rows of all tenants.
    pub fn all(&self) -> &PgPool {
        &self.all
    }

    /// Connections that see the rows of one tenant at a time.
    pub fn tenant(&self) -> &TenantPool {
        &self.tenant
    }

    /// Logins may be anything that somebody has written into a setting; one that goes past the
    /// wall would show nothing of it.
    async fn check(&self, name: &str) -> Result<(), WallError> {
        // An owner that is no superuser moves rows too, when new tables take their place.
        let owner: (String, bool) = sqlx::query_as(
            "SELECT current_user::text, pg_has_role(current_user, 'qudao_all', 'USAGE')",
        )
        .fetch_one(&self.owner)
        .await?;
        if let (login, false) = owner {
            return Err(WallError::Roles { login });
        }
        for (pool, meant, is_all) in
            [(&self.all, "all tenants", true), (&self.tenant.0, "one tenant", false)]
        {
            let (login, unbound, owns, sees_all, sees_one): (String, bool, bool, bool, bool) =
                sqlx::query_as(
                    "SELECT current_user::text, rolsuper OR rolbypassrls,
                         EXISTS (SELECT FROM pg_namespace
                                 WHERE nspname = $1
                                     AND pg_has_role(current_user, nspowner, 'USAGE')),
                         pg_has_role(current_user, 'qudao_all', 'USAGE'),
                         pg_has_role(current_user, 'qudao_tenant', 'USAGE')
                     FROM pg_roles WHERE rolname = current_user",
                )
                .bind(name)
                .fetch_one(pool)
                .await?;
            let why = match (is_all, sees_all, sees_one) {
                _ if unbound => "no policy binds it; it must be neither superuser nor BYPASSRLS",
                _ if owns => "it owns the tables",
                (true, false, _) => "it is not a member of qudao_all",
                (false, true, _) => "it is a member of qudao_all",
                (false, false, false) => "it is not a member of qudao_tenant",
                (true, true, _) | (false, false, true) => continue,
            };
            return Err(WallError::Login { login, meant, why });
        }
        Ok(())
    }
}

/// Two processes may start at once, and CREATE SCHEMA IF NOT EXISTS is not safe against that.
pub(crate) async fn create(owner: &PgPool, name: &str) -> Result<(), sqlx::Error> {
    let mut tx = super::begin(owner).await?;
    sqlx::query("SELECT pg_advisory_xact_lock(hashtext('qudao schema'))").execute(&mut *tx).await?;
    sqlx::query(&format!("CREATE SCHEMA IF NOT EXISTS {name}")).execute(&mut *tx).await?;
    tx.commit().await
}

fn roles_failed(error: sqlx::Error, login: &str) -> WallError {
    let code = error.as_database_error().and_then(|error| error.code());
    // May not make them, or may not take them on.
    match code.is_some_and(|code| code == "42501") {
        true => WallError::Roles { login: login.to_owned() },
        false => error.into(),
    }
}
