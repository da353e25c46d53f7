//! Visits to providers that were begun and not ended. Each is of one browser, which alone has the
//! secret that it was given, and can be ended once: so nobody signs somebody else in (login CSRF),
//! and an answer that comes again leads nowhere.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::auth::{digest_of, secret};
use sqlx::{PgPool, Row};

use super::Departure;

/// How long a visit may take.
pub(crate) const LASTS: TimeDelta = TimeDelta::minutes(10);

/// What a visit is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Signing in.
    SignIn,
    /// Accepting an invitation.
    Invitation,
    /// Linking who is signed in.
    Link,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Invitation => "invitation",
            Self::Link => "link",
        }
    }
}

/// A visit.
pub(crate) struct Flow {
    pub(crate) tenant: String,
    /// The invitation, or the user.
    pub(crate) about: String,
    pub(crate) issuer: String,
    pub(crate) nonce: String,
    pub(crate) verifier: String,
}

/// What the browser comes back with.
pub(crate) struct Return<'a> {
    pub(crate) purpose: Purpose,
    pub(crate) state: &'a str,
    pub(crate) flow_secret: &'a str,
}

/// The visits of all tenants.
#[derive(Clone)]
pub(crate) struct Flows(pub(crate) PgPool);

impl Flows {
    /// Notes a visit; the answer is for the browser that begins it.
    pub(crate) async fn begin(
        &self,
        (tenant, about, issuer): (&str, &str, &str),
        purpose: Purpose,
        departure: &Departure,
        now: DateTime<Utc>,
    ) -> sqlx::Result<String> {
        let flow_secret = secret();
        sqlx::query(
            "INSERT INTO oidc_flows (digest, tenant_id, purpose, about, issuer, nonce, verifier,
             secret_digest, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(&digest_of(&departure.state)[..])
        .bind(tenant)
        .bind(purpose.name())
        .bind(about)
        .bind(issuer)
        .bind(&departure.nonce)
        .bind(&departure.verifier)
        .bind(&digest_of(&flow_secret)[..])
        .bind(now + LASTS)
        .execute(&self.0)
        .await?;
        Ok(flow_secret)
    }

    /// Takes a visit, once. Who does not have its secret does not end it for who has.
    pub(crate) async fn take(
        &self,
        back: &Return<'_>,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Option<Flow>> {
        let row = sqlx::query(
            "DELETE FROM oidc_flows WHERE digest = $1 AND secret_digest = $2 AND purpose = $3
             AND expires_at > $4 RETURNING tenant_id, about, issuer, nonce, verifier",
        )
        .bind(&digest_of(back.state)[..])
        .bind(&digest_of(back.flow_secret)[..])
        .bind(back.purpose.name())
        .bind(now)
        .fetch_optional(&self.0)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Flow {
            tenant: row.try_get("tenant_id")?,
            about: row.try_get("about")?,
            issuer: row.try_get("issuer")?,
            nonce: row.try_get("nonce")?,
            verifier: row.try_get("verifier")?,
        }))
    }
}
