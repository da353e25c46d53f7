//! Which user is meant when a provider tells of somebody. Only a digest of whom it tells of is
//! kept, so that it can be looked for; a row counts while the log links its user under its id.

use chrono::{DateTime, Utc};
use kernel::auth::digest_of;
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};
use uuid::Uuid;

use super::Somebody;

/// A link as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) identity_id: Uuid,
    pub(crate) user: String,
    pub(crate) kept_at: DateTime<Utc>,
}

/// The links of all tenants.
#[derive(Clone)]
pub(crate) struct Identities(pub(crate) PgPool);

fn digest(somebody: &Somebody) -> [u8; 32] {
    digest_of(&format!("{}\n{}", somebody.issuer, somebody.subject))
}

impl Identities {
    /// Who is kept for somebody.
    pub(crate) async fn find(
        &self,
        tenant: &str,
        somebody: &Somebody,
    ) -> sqlx::Result<Option<Kept>> {
        let query = "SELECT identity_id, user_id, kept_at FROM identities
                     WHERE tenant_id = $1 AND digest = $2";
        let digest = digest(somebody);
        let row = sqlx::query(query).bind(tenant).bind(&digest[..]);
        row.fetch_optional(&self.0).await?.as_ref().map(kept).transpose()
    }

    /// Keeps a user for somebody, in the place of the link that was found before; false when
    /// another was faster.
    pub(crate) async fn keep(
        &self,
        (tenant, somebody): (&str, &Somebody),
        new: &Kept,
        before: Option<Uuid>,
    ) -> sqlx::Result<bool> {
        let kept = sqlx::query(
            "INSERT INTO identities AS known (tenant_id, digest, identity_id, user_id, kept_at)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant_id, digest) DO UPDATE
             SET identity_id = $3, user_id = $4, kept_at = $5 WHERE known.identity_id = $6",
        )
        .bind(tenant)
        .bind(&digest(somebody)[..])
        .bind(new.identity_id)
        .bind(&new.user)
        .bind(new.kept_at)
        .bind(before)
        .execute(&self.0)
        .await?;
        Ok(kept.rows_affected() == 1)
    }

    /// Forgets a link.
    pub(crate) async fn discard(&self, tenant: &str, identity_id: Uuid) -> sqlx::Result<()> {
        sqlx::query("DELETE FROM identities WHERE tenant_id = $1 AND identity_id = $2")
            .bind(tenant)
            .bind(identity_id)
            .execute(&self.0)
            .await?;
        Ok(())
    }

    /// The links of a user.
    pub(crate) async fn of_user(&self, (tenant, user): (&str, &str)) -> sqlx::Result<Vec<Kept>> {
        let query = "SELECT identity_id, user_id, kept_at FROM identities
                     WHERE tenant_id = $1 AND user_id = $2";
        let rows = sqlx::query(query).bind(tenant).bind(user).fetch_all(&self.0).await?;
        rows.iter().map(kept).collect()
    }
}

fn kept(row: &PgRow) -> sqlx::Result<Kept> {
    Ok(Kept {
        identity_id: row.try_get("identity_id")?,
        user: row.try_get("user_id")?,
        kept_at: row.try_get("kept_at")?,
    })
}
