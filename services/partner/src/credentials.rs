//! Passwords. Only an Argon2id hash is kept, in a table beside the log and not in it: an event can
//! never be forgotten, a password must be.
//!
//! A password is kept before its user is registered, under an id that the user's event then names.
//! A crash between the two leaves a hash that nobody can sign in with, and the login stays free;
//! a refused registration takes back what it kept, and can not touch the password of the user who
//! has the login.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use kernel::log::Log;
use kernel::wall::TenantPool;
use tokio::sync::Semaphore;
use uuid::Uuid;

/// Hashes made at the same time. Each takes 19 MiB and a core, and anybody may ask for one.
const AT_ONCE: usize = 4;

/// What became of a password that was to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is kept from now on.
    New,
    /// The same one was kept under the id before.
    Before,
    /// It is not: another one was.
    Other,
}

/// The passwords of all tenants.
#[derive(Clone)]
pub struct Credentials {
    pool: TenantPool,
    turns: Arc<Semaphore>,
    /// What an unknown login is checked against, so that it takes as long as a known one.
    nobody: Arc<str>,
}

impl Credentials {
    /// The tables beside a log that let people in; makes them if they are missing.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn open(log: &Log) -> sqlx::Result<Self> {
        let tables = concat!(
            include_str!("../migrations/passwords.sql"),
            include_str!("../migrations/identity.sql"),
            include_str!("../migrations/service_keys.sql"),
            include_str!("../migrations/oidc.sql")
        );
        log.schema().make(tables).await?;
        let pool = log.schema().tenant().clone();
        let turns = Arc::new(Semaphore::new(AT_ONCE));
        let mut credentials = Self { pool, turns, nobody: "".into() };
        credentials.nobody = credentials.hash("nobody knows this".to_owned()).await?.into();
        Ok(credentials)
    }

    /// Keeps a person's password, if none was kept under the id before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep(
        &self,
        (tenant, user): (&str, &str),
        id: Uuid,
        password: String,
    ) -> sqlx::Result<Kept> {
        let hash = self.hash(password.clone()).await?;
        let mut tx = self.pool.begin(tenant).await?;
        let kept = sqlx::query(
            "INSERT INTO passwords (tenant_id, credential_id, user_id, hash, kept_at)
             VALUES ($1, $2, $3, $4, clock_timestamp()) ON CONFLICT DO NOTHING",
        )
        .bind(tenant)
        .bind(id)
        .bind(user)
        .bind(hash)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        if kept.rows_affected() == 1 {
            return Ok(Kept::New);
        }
        let same = self.check(tenant, id, password).await?;
        Ok(if same { Kept::Before } else { Kept::Other })
    }

    /// Whether any password is kept under an id, once nobody is about to discard it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_kept(&self, tenant: &str, id: Uuid) -> sqlx::Result<bool> {
        let kept = sqlx::query(
            "SELECT FROM passwords WHERE tenant_id = $1 AND credential_id = $2 FOR SHARE",
        );
        let mut tx = self.pool.begin(tenant).await?;
        Ok(kept.bind(tenant).bind(id).fetch_optional(&mut *tx).await?.is_some())
    }

    /// Erases the password of a request that was refused, but not when the same request was
    /// carried out meanwhile. It is looked for that with the row locked, so that whoever asks
    /// [`Self::is_kept`] after an event is in the log is told what holds.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn discard(&self, tenant: &str, id: Uuid) -> sqlx::Result<()> {
        let mut tx = self.pool.begin(tenant).await?;
        for statement in [
            "SELECT FROM passwords WHERE tenant_id = $1 AND credential_id = $2 FOR UPDATE",
            "DELETE FROM passwords WHERE tenant_id = $1 AND credential_id = $2
             AND NOT EXISTS (SELECT FROM requests WHERE request_id = $2 AND tenant_id = $1)",
        ] {
            sqlx::query(statement).bind(tenant).bind(id).execute(&mut *tx).await?;
        }
        tx.commit().await
    }

    /// Whether a password was kept under an id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn check(&self, tenant: &str, id: Uuid, password: String) -> sqlx::Result<bool> {
        let stored: Option<String> = sqlx::query_scalar(
            "SELECT hash FROM passwords WHERE tenant_id = $1 AND credential_id = $2",
        )
        .bind(tenant)
        .bind(id)
        .fetch_optional(&mut *self.pool.begin(tenant).await?)
        .await?;
        let known = stored.is_some();
        let hash = stored.unwrap_or_else(|| self.nobody.to_string());
        Ok(self.matches(hash, password).await? && known)
    }

    /// Erases a password.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn erase(&self, tenant: &str, id: Uuid) -> sqlx::Result<()> {
        let mut tx = self.pool.begin(tenant).await?;
        sqlx::query("DELETE FROM passwords WHERE tenant_id = $1 AND credential_id = $2")
            .bind(tenant)
            .bind(id)
            .execute(&mut *tx)
            .await?;
        tx.commit().await
    }

    /// Erases a person's passwords, but for the one that they have now, if they have one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn erase_others(
        &self,
        (tenant, user): (&str, &str),
        now: Option<Uuid>,
    ) -> sqlx::Result<()> {
        let mut tx = self.pool.begin(tenant).await?;
        sqlx::query(
            "DELETE FROM passwords WHERE tenant_id = $1 AND user_id = $2
             AND credential_id IS DISTINCT FROM $3",
        )
        .bind(tenant)
        .bind(user)
        .bind(now)
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }

    async fn hash(&self, password: String) -> sqlx::Result<String> {
        let hashed = self.blocking(move || {
            Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string())
        });
        hashed.await?.map_err(|error| sqlx::Error::Encode(Box::new(error)))
    }

    async fn matches(&self, hash: String, password: String) -> sqlx::Result<bool> {
        let matches = move || {
            let hash =
                PasswordHash::new(&hash).map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
            Ok(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
        };
        self.blocking(matches).await?
    }

    /// Hashing takes tens of milliseconds of one core; other calls must not wait behind it.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> sqlx::Result<T> {
        let turn = self.turns.clone().acquire_owned().await;
        let turn = turn.map_err(|_| sqlx::Error::WorkerCrashed)?;
        // The turn goes with the work: a caller who hangs up does not make room for another.
        let done = tokio::task::spawn_blocking(move || (work(), drop(turn)).0).await;
        done.map_err(|_| sqlx::Error::WorkerCrashed)
    }
}
