//! Secrets that the installation shares with others: what signs messages to endpoints, and by what
//! identity providers know it. They lie in one table beside the log, each encrypted under a key of
//! whom it is for, and are read and written behind the wall between tenants.

use std::collections::HashMap;

use chrono::TimeDelta;
use kernel::clock;
use kernel::failure::{internal, personal_failed, unavailable};
use kernel::log::Log;
use kernel::personal::{Personal, PersonalError, Vault};
use kernel::signed::Secret;
use kernel::wall::TenantPool;
use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use tonic::Status;
use uuid::Uuid;

/// How long a secret is left alone that the log does not name yet.
const YOUNG: TimeDelta = TimeDelta::minutes(5);

/// For whom a secret is, within a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder<'a> {
    /// The identity provider.
    Provider,
    /// The endpoint with this id.
    Endpoint(&'a str),
}

impl Holder<'_> {
    /// Its name in the table, and whose key it is in the vault; no login has a colon.
    fn name(self) -> String {
        match self {
            Self::Provider => "provider:oidc".to_owned(),
            Self::Endpoint(id) => format!("webhook:{id}"),
        }
    }
}

/// The secrets of all tenants.
#[derive(Clone)]
pub struct Secrets {
    pool: TenantPool,
    vault: Vault,
}

/// Why a secret can not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The database failed.
    #[error("the table of secrets failed")]
    Database(#[from] sqlx::Error),
    /// The key is gone, or the vault can not be used.
    #[error(transparent)]
    Vault(#[from] PersonalError),
    /// What is kept can sign nothing.
    #[error("what is kept as the secret {0} is none")]
    Form(Uuid),
}

impl From<SecretError> for Status {
    fn from(error: SecretError) -> Self {
        match &error {
            SecretError::Database(error) => unavailable(error),
            SecretError::Vault(error) => personal_failed(error),
            SecretError::Form(_) => internal(&error),
        }
    }
}

impl Secrets {
    /// Those beside a partner log; makes their table if it is missing, and moves there what older
    /// tables have.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn open(log: &Log, vault: Vault) -> sqlx::Result<Self> {
        log.schema().make(include_str!("../migrations/secrets.sql")).await?;
        Ok(Self { pool: log.schema().tenant().clone(), vault })
    }

    /// Keeps a secret; it counts when the log names it. The first one under an id stays.
    pub(crate) async fn keep(
        &self,
        (tenant, holder): (&str, Holder<'_>),
        id: Uuid,
        secret: String,
    ) -> Result<(), SecretError> {
        let holder = holder.name();
        let sealed = self.vault.sealed(tenant, &Personal::of(holder.clone(), secret)).await?;
        let sealed = serde_json::to_string(&sealed).map_err(PersonalError::from)?;
        let keep = sqlx::query(
            "INSERT INTO secrets (tenant_id, holder, secret_id, sealed, kept_at)
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        );
        let keep = keep.bind(tenant).bind(holder).bind(id).bind(sealed).bind(clock::now());
        self.carry_out(tenant, keep).await
    }

    /// The secrets under these ids, in their order. One that was erased is left out.
    pub(crate) async fn of(
        &self,
        (tenant, holder): (&str, Holder<'_>),
        ids: &[Uuid],
    ) -> Result<Vec<(Uuid, String)>, SecretError> {
        let rows: Vec<(Uuid, String)> = sqlx::query_as(
            "SELECT secret_id, sealed FROM secrets
             WHERE tenant_id = $1 AND holder = $2 AND secret_id = ANY($3)",
        )
        .bind(tenant)
        .bind(holder.name())
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
                secrets.push((*id, text));
            }
        }
        Ok(secrets)
    }

    /// What signs messages to an endpoint, under these ids and in their order.
    ///
    /// # Errors
    /// See [`SecretError`].
    pub async fn signing(
        &self,
        tenant: &str,
        endpoint: &str,
        ids: &[Uuid],
    ) -> Result<Vec<Secret>, SecretError> {
        let kept = self.of((tenant, Holder::Endpoint(endpoint)), ids).await?;
        let parsed = |(id, text): (Uuid, String)| Secret::parse(&text).ok_or(SecretError::Form(id));
        kept.into_iter().map(parsed).collect()
    }

    /// Forgets all secrets but the one that the log names.
    pub(crate) async fn keep_only(
        &self,
        (tenant, holder): (&str, Holder<'_>),
        id: Option<Uuid>,
    ) -> Result<(), SecretError> {
        let forget = sqlx::query(
            "DELETE FROM secrets
             WHERE tenant_id = $1 AND holder = $2 AND secret_id IS DISTINCT FROM $3
                 AND (kept_at < $4 OR $3 IS NULL)",
        );
        let forget = forget.bind(tenant).bind(holder.name()).bind(id).bind(clock::now() - YOUNG);
        self.carry_out(tenant, forget).await
    }

    /// Erases all secrets of a holder, also those in a backup: nobody has their key any more, and
    /// no other one is kept for it.
    pub(crate) async fn erase(
        &self,
        (tenant, holder): (&str, Holder<'_>),
    ) -> Result<(), SecretError> {
        let holder = holder.name();
        self.vault.erase(tenant, &holder).await?;
        let forget = sqlx::query("DELETE FROM secrets WHERE tenant_id = $1 AND holder = $2");
        self.carry_out(tenant, forget.bind(tenant).bind(holder)).await
    }

    /// Changes rows of one tenant, which sees no others.
    async fn carry_out(
        &self,
        tenant: &str,
        statement: Query<'_, Postgres, PgArguments>,
    ) -> Result<(), SecretError> {
        let mut tx = self.pool.begin(tenant).await?;
        statement.execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }
}
