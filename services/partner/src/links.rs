//! One-time links: whoever holds one may accept an invitation or set a password. Only digests of
//! them are kept; the fact in the log decides whether they are still good.

use chrono::{DateTime, Utc};
use kernel::auth::{digest_of, secret};
use kernel::wall;
use sqlx::{PgPool, Row};
use uuid::Uuid;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Accepting an invitation.
    Invitation,
    /// Setting a password.
    Password,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Password => "password",
        }
    }

    /// The path of the page that takes the token.
    pub(crate) fn path(self, token: &str) -> String {
        match self {
            Self::Invitation => format!("/invite/{token}"),
            Self::Password => format!("/password/{token}"),
        }
    }
}

/// What a link says.
pub(crate) struct Link {
    pub(crate) tenant: String,
    /// The invitation, or the user.
    pub(crate) object_id: String,
    /// What the fact in the log names.
    pub(crate) link_id: Uuid,
}

/// The links of all tenants.
#[derive(Clone)]
pub(crate) struct Links(pub(crate) PgPool);

impl Links {
    /// Makes a link; one that the same object had before is over.
    pub(crate) async fn make(
        &self,
        kind: Kind,
        link: &Link,
        expires_at: DateTime<Utc>,
    ) -> sqlx::Result<String> {
        let token = secret();
        let mut tx = wall::begin(&self.0).await?;
        sqlx::query("DELETE FROM links WHERE tenant_id = $1 AND kind = $2 AND object_id = $3")
            .bind(&link.tenant)
            .bind(kind.name())
            .bind(&link.object_id)
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "INSERT INTO links (digest, tenant_id, kind, object_id, link_id, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&digest_of(&token)[..])
        .bind(&link.tenant)
        .bind(kind.name())
        .bind(&link.object_id)
        .bind(link.link_id)
        .bind(expires_at)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(token)
    }

    /// What a token opens, while its time is not over.
    pub(crate) async fn find(
        &self,
        kind: Kind,
        token: &str,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Option<Link>> {
        let query = "SELECT tenant_id, object_id, link_id FROM links
                     WHERE digest = $1 AND kind = $2 AND expires_at > $3";
        let digest = digest_of(token);
        let row = sqlx::query(query).bind(&digest[..]).bind(kind.name()).bind(now);
        let Some(row) = row.fetch_optional(&self.0).await? else { return Ok(None) };
        Ok(Some(Link {
            tenant: row.try_get("tenant_id")?,
            object_id: row.try_get("object_id")?,
            link_id: row.try_get("link_id")?,
        }))
    }
}
