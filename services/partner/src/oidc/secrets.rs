//! Secrets by which providers know this installation: beside the log, encrypted under a key that
//! the installation's key wraps, as the names of people are.

use chrono::TimeDelta;
use kernel::clock;
use kernel::failure::{internal, personal_failed, unavailable};
use kernel::personal::{Personal, Vault};
use kernel::wall::TenantPool;
use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use tonic::Status;
use uuid::Uuid;

/// Under whose key the secrets of a tenant are; no login has a colon.
const SUBJECT: &str = "provider:oidc";
/// How long a secret is left alone that the log does not name yet.
const YOUNG: TimeDelta = TimeDelta::minutes(5);

/// The secrets of all tenants.
#[derive(Clone)]
pub(crate) struct Secrets {
    pub(crate) pool: TenantPool,
    pub(crate) vault: Vault,
}

impl Secrets {
    /// Keeps a secret; it counts when the log names it. The first one of a request stays.
    pub(crate) async fn keep(&self, tenant: &str, id: Uuid, secret: String) -> Result<(), Status> {
        let sealed = self.vault.sealed(tenant, &Personal::of(SUBJECT, secret)).await;
        let sealed = sealed.map_err(|error| personal_failed(&error))?;
        let sealed = serde_json::to_string(&sealed).map_err(|error| internal(&error))?;
        let keep = sqlx::query(
            "INSERT INTO oidc_secrets (tenant_id, secret_id, sealed, kept_at)
             VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        );
        let keep = keep.bind(tenant).bind(id).bind(sealed).bind(clock::now());
        self.carry_out(tenant, keep).await
    }

    /// A secret.
    pub(crate) async fn open(&self, tenant: &str, id: Uuid) -> Result<Option<String>, Status> {
        let query = "SELECT sealed FROM oidc_secrets WHERE tenant_id = $1 AND secret_id = $2";
        let failed = |error: sqlx::Error| unavailable(&error);
        let mut tx = self.pool.begin(tenant).await.map_err(failed)?;
        let sealed = sqlx::query_scalar(query).bind(tenant).bind(id).fetch_optional(&mut *tx);
        let sealed: Option<String> = sealed.await.map_err(failed)?;
        let Some(sealed) = sealed else { return Ok(None) };
        let sealed = serde_json::from_str(&sealed).map_err(|error| internal(&error))?;
        self.vault.reveal(tenant, &sealed).await.map_err(|error| personal_failed(&error))
    }

    /// Forgets all secrets of a tenant but the one that the log names.
    pub(crate) async fn keep_only(&self, tenant: &str, id: Option<Uuid>) -> Result<(), Status> {
        let forget = sqlx::query(
            "DELETE FROM oidc_secrets WHERE tenant_id = $1 AND secret_id IS DISTINCT FROM $2
             AND (kept_at < $3 OR $2 IS NULL)",
        );
        self.carry_out(tenant, forget.bind(tenant).bind(id).bind(clock::now() - YOUNG)).await
    }

    /// Changes rows of one tenant, which sees no others.
    async fn carry_out(
        &self,
        tenant: &str,
        statement: Query<'_, Postgres, PgArguments>,
    ) -> Result<(), Status> {
        let done = async {
            let mut tx = self.pool.begin(tenant).await?;
            statement.execute(&mut *tx).await?;
            tx.commit().await
        };
        done.await.map_err(|error: sqlx::Error| unavailable(&error))
    }
}
