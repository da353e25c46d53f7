//! Passwords. Only an Argon2id hash is kept, in a table beside the log and not in it: an event can
//! never be forgotten, a password must be.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use sqlx::PgPool;

/// The passwords of all tenants.
#[derive(Clone)]
pub struct Credentials {
    pool: PgPool,
    /// What an unknown login is checked against, so that it takes as long as a known one.
    nobody: String,
}

impl Credentials {
    /// Makes the table if it is missing.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn open(pool: PgPool) -> sqlx::Result<Self> {
        sqlx::raw_sql(include_str!("../migrations/credentials.sql")).execute(&pool).await?;
        let nobody = hash("nobody knows this".to_owned()).await?;
        Ok(Self { pool, nobody })
    }

    /// Gives a user the first password. A user who has one keeps it, so a repeated registration
    /// changes nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_first(&self, tenant: &str, login: &str, password: String) -> sqlx::Result<()> {
        let hash = hash(password).await?;
        sqlx::query(
            "INSERT INTO credentials (tenant_id, login, hash, updated_at)
             VALUES ($1, $2, $3, clock_timestamp()) ON CONFLICT DO NOTHING",
        )
        .bind(tenant)
        .bind(login)
        .bind(hash)
        .execute(&self.pool)
        .await
        .map(drop)
    }

    /// Whether the password is the user's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn check(&self, tenant: &str, login: &str, password: String) -> sqlx::Result<bool> {
        let stored: Option<String> =
            sqlx::query_scalar("SELECT hash FROM credentials WHERE tenant_id = $1 AND login = $2")
                .bind(tenant)
                .bind(login)
                .fetch_optional(&self.pool)
                .await?;
        let known = stored.is_some();
        let hash = stored.unwrap_or_else(|| self.nobody.clone());
        Ok(matches(hash, password).await? && known)
    }
}

async fn hash(password: String) -> sqlx::Result<String> {
    let hashed = blocking(move || {
        Argon2::default().hash_password(password.as_bytes()).map(|h| h.to_string())
    });
    hashed.await?.map_err(|error| sqlx::Error::Encode(Box::new(error)))
}

async fn matches(hash: String, password: String) -> sqlx::Result<bool> {
    blocking(move || {
        let hash =
            PasswordHash::new(&hash).map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        Ok(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    })
    .await?
}

/// Hashing takes tens of milliseconds of one core; calls must not wait behind it.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> sqlx::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| sqlx::Error::WorkerCrashed)
}
