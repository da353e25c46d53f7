//! Secrets that sign what is sent to endpoints. Each is encrypted under a key of its endpoint, in a
//! table beside the log; once the endpoint is removed, nobody can read them, not in a backup either.

use std::collections::HashMap;

use kernel::log::Log;
use kernel::personal::{Personal, PersonalError, Vault};
use kernel::signed::Secret;
use kernel::wall::TenantPool;
use uuid::Uuid;

/// The secrets of all tenants' endpoints.
#[derive(Clone)]
pub struct WebhookSecrets {
    pool: TenantPool,
    vault: Vault,
}

/// Why a secret can not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The database failed.
    #[error("the table of secrets failed")]
    Database(#[from] sqlx::Error),
    /// The key of the endpoint is gone, or the vault can not be used.
    #[error(transparent)]
    Vault(#[from] PersonalError),
    /// What is kept is no secret.
    #[error("what is kept as the secret {0} is none")]
    Form(Uuid),
}

impl WebhookSecrets {
    /// Those beside a partner log; makes their table if it is missing.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn open(log: &Log, vault: Vault) -> sqlx::Result<Self> {
        log.schema().make(include_str!("../migrations/webhooks.sql")).await?;
        Ok(Self { pool: log.schema().tenant().clone(), vault })
    }

    /// Makes a secret of an endpoint, unless there is one under the id, and gives it.
    ///
    /// # Errors
    /// See [`SecretError`].
    pub(crate) async fn make(
        &self,
        (tenant, endpoint): (&str, &str),
        id: Uuid,
    ) -> Result<Secret, SecretError> {
        let text = Personal::of(subject(endpoint), Secret::generate().text());
        let sealed = self.vault.sealed(tenant, &text).await?;
        let sealed = serde_json::to_string(&sealed).map_err(PersonalError::from)?;
        let mut tx = self.pool.begin(tenant).await?;
        sqlx::query(
            "INSERT INTO webhook_secrets (tenant_id, secret_id, endpoint_id, sealed, made_at)
             VALUES ($1, $2, $3, $4, clock_timestamp()) ON CONFLICT DO NOTHING",
        )
        .bind(tenant)
        .bind(id)
        .bind(endpoint)
        .bind(sealed)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        let mut kept = self.of(tenant, &[id]).await?;
        kept.pop().ok_or(SecretError::Form(id))
    }

    /// The secrets under these ids, in their order. One that was erased is left out.
    ///
    /// # Errors
    /// See [`SecretError`].
    pub async fn of(&self, tenant: &str, ids: &[Uuid]) -> Result<Vec<Secret>, SecretError> {
        let rows: Vec<(Uuid, String)> = sqlx::query_as(
            "SELECT secret_id, sealed FROM webhook_secrets
             WHERE tenant_id = $1 AND secret_id = ANY($2)",
        )
        .bind(tenant)
        .bind(ids)
        .fetch_all(&mut *self.pool.begin(tenant).await?)
        .await?;
        let mut sealed: HashMap<Uuid, String> = rows.into_iter().collect();
        let mut secrets = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(sealed) = sealed.remove(id) else { continue };
            let sealed: Personal<String> =
                serde_json::from_str(&sealed).map_err(PersonalError::from)?;
            if let Some(text) = self.vault.reveal(tenant, &sealed).await? {
                secrets.push(Secret::parse(&text).ok_or(SecretError::Form(*id))?);
            }
        }
        Ok(secrets)
    }

    /// Erases all secrets of an endpoint.
    ///
    /// # Errors
    /// See [`SecretError`].
    pub(crate) async fn erase(&self, tenant: &str, endpoint: &str) -> Result<(), SecretError> {
        self.vault.erase(tenant, &subject(endpoint)).await?;
        let mut tx = self.pool.begin(tenant).await?;
        sqlx::query("DELETE FROM webhook_secrets WHERE tenant_id = $1 AND endpoint_id = $2")
            .bind(tenant)
            .bind(endpoint)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Whose key it is in the vault; no person is called so.
fn subject(endpoint: &str) -> String {
    format!("webhook:{endpoint}")
}
