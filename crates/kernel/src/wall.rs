//! The wall between tenants inside of PostgreSQL: row-level security, on every table with rows of
//! tenants, for every login of ours.
//!
//! Queries name the tenant of their caller anyway. The wall is for the query that some day does
//! not: it finds no row of anybody else. Read in this order: this file (how the wall is put up),
//! [`Logins`] (who signs in to the database), [`Schema`] (its pools), [`TenantPool`] (the one way
//! to rows for whoever answers a caller).

mod logins;
mod schema;
mod tenant;

use sqlx::{Executor as _, PgConnection, PgPool, Postgres, Transaction};

pub use logins::Logins;
pub(crate) use logins::pool;
pub(crate) use schema::create;
pub use schema::{Keepers, Schema};
pub use tenant::{TenantPool, TenantTransaction};

/// The role whose policies show rows of all tenants: of what writes, copies, signs, folds.
pub const ALL: &str = "qudao_all";
/// The role whose policies show rows of one tenant: of what answers callers.
pub const TENANT: &str = "qudao_tenant";

const ROLES: &str = include_str!("../walls/roles.sql");
const TABLES: &str = include_str!("../walls/tables.sql");

/// How long a try waits for those who use a table that has no wall yet: appends wait behind it.
const LOCK_WAIT: &str = "SET LOCAL lock_timeout = '300ms'";
/// Tries, with a pause after each.
const LOCK_TRIES: u32 = 100;
const LOCK_PAUSE: std::time::Duration = std::time::Duration::from_millis(200);

/// Why the wall does not stand.
#[derive(Debug, thiserror::Error)]
pub enum WallError {
    /// The database does not answer, or refuses.
    #[error("the database does not answer")]
    Database(#[from] sqlx::Error),
    /// The roles of the wall are missing, and this login may not make them.
    #[error(
        "the roles qudao_all and qudao_tenant are missing, and this login may neither make nor \
         take them; an administrator has to: CREATE ROLE qudao_all; CREATE ROLE qudao_tenant; \
         GRANT qudao_all, qudao_tenant TO {login}"
    )]
    Roles {
        /// The login that owns the tables.
        login: String,
    },
    /// A login would go past the wall.
    #[error("the login {login} can not be used for rows of {meant}: {why}")]
    Login {
        /// The role that the session has.
        login: String,
        /// What it is used for.
        meant: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
}

/// Begins a transaction that is rolled back when it is dropped, and when whoever asked for it goes
/// away before it has begun.
///
/// Not `pool.begin()`: with sqlx 0.8 a transaction that is given up while it begins is open for the
/// server and not for sqlx. Its connection goes back to the pool, and whatever is done on it from
/// there on is never committed and keeps its locks.
///
/// # Errors
/// When the database does not answer.
pub async fn begin(pool: &PgPool) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let pool = pool.clone();
    // A task of its own comes to its end whoever goes away.
    let begun = tokio::spawn(async move { pool.begin().await });
    begun.await.unwrap_or(Err(sqlx::Error::WorkerCrashed))
}

/// Makes tables in a pool's schema by SQL that changes nothing when they are there, and puts the
/// wall up on all that the schema has.
///
/// # Errors
/// When the database refuses, or others use a table that has no wall yet for too long.
pub async fn make(owner: &PgPool, tables: &str) -> Result<(), sqlx::Error> {
    let mut tries = 0;
    loop {
        let made = try_make(owner, tables).await;
        match made {
            Err(error) if is_lock_timeout(&error) && tries < LOCK_TRIES => tries += 1,
            done => return done,
        }
        tokio::time::sleep(LOCK_PAUSE).await;
    }
}

async fn try_make(owner: &PgPool, tables: &str) -> Result<(), sqlx::Error> {
    let mut tx = begin(owner).await?;
    exclusively(&mut tx).await?;
    (&mut *tx).execute(ROLES).await?;
    (&mut *tx).execute(LOCK_WAIT).await?;
    (&mut *tx).execute(tables).await?;
    put_up(&mut tx).await?;
    tx.commit().await
}

/// Puts the wall up on the tables of the current schema, where it is missing.
pub(crate) async fn put_up(owner: &mut PgConnection) -> Result<(), sqlx::Error> {
    owner.execute(TABLES).await.map(drop)
}

/// Two processes may start at once.
pub(crate) async fn exclusively(tx: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query(
        "SELECT pg_advisory_xact_lock(hashtextextended('projections of ' || current_schema(), 0))",
    )
    .execute(tx)
    .await
    .map(drop)
}

fn is_lock_timeout(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == "55P03")
}
