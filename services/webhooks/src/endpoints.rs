//! The rows of endpoints: what each fact of an endpoint changes.

use chrono::{DateTime, Utc};
use kernel::Recorded;
use kernel::projection::ProjectError;
use partner::webhook::{Cause, EventPattern, WebhookEvent};
use sqlx::PgConnection;

use crate::days::{self, Ended};

/// Why a delivery was given up that nobody tried to send.
pub(crate) const DISABLED: &str = "disabled";
const REMOVED: &str = "removed";

/// Applies a fact of an endpoint.
pub(crate) async fn apply(
    db: &mut PgConnection,
    fact: &Recorded,
    event: WebhookEvent,
) -> Result<(), ProjectError> {
    match event {
        WebhookEvent::WebhookRegistered { url, description, event_types, secret_id } => {
            sqlx::query(
                "INSERT INTO webhook_endpoints (tenant_id, endpoint_id, version, url, description,
                     event_types, secret_id, enabled, reason, registered_at, since)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, true, '', $8, $8)
                 ON CONFLICT DO NOTHING",
            )
            .bind(&fact.tenant)
            .bind(&fact.object_id)
            .bind(fact.version.cast_signed())
            .bind(url)
            .bind(description)
            .bind(texts(&event_types))
            .bind(secret_id)
            .bind(fact.recorded_at)
            .execute(&mut *db)
            .await?;
        }
        WebhookEvent::WebhookChanged { url, description, event_types } => {
            // How the address before did says nothing of this one.
            sqlx::query(
                "UPDATE webhook_endpoints SET version = $3, url = $4, description = $5,
                     event_types = $6, failing_since = NULL, closing = NULL
                 WHERE tenant_id = $1 AND endpoint_id = $2",
            )
            .bind(&fact.tenant)
            .bind(&fact.object_id)
            .bind(fact.version.cast_signed())
            .bind(url)
            .bind(description)
            .bind(texts(&event_types))
            .execute(&mut *db)
            .await?;
        }
        WebhookEvent::WebhookSecretRotated { secret_id, previous_until } => {
            sqlx::query(
                "UPDATE webhook_endpoints SET version = $3, previous_secret_id = secret_id,
                     secret_id = $4, previous_until = $5
                 WHERE tenant_id = $1 AND endpoint_id = $2",
            )
            .bind(&fact.tenant)
            .bind(&fact.object_id)
            .bind(fact.version.cast_signed())
            .bind(secret_id)
            .bind(previous_until)
            .execute(&mut *db)
            .await?;
        }
        WebhookEvent::WebhookDisabled { cause, reason } => {
            disable(db, fact, word(cause), &reason).await?;
        }
        WebhookEvent::WebhookEnabled {} => enable(db, fact).await?,
        WebhookEvent::WebhookRemoved { .. } => {
            sqlx::query("DELETE FROM webhook_endpoints WHERE tenant_id = $1 AND endpoint_id = $2")
                .bind(&fact.tenant)
                .bind(&fact.object_id)
                .execute(&mut *db)
                .await?;
            give_up(db, fact, REMOVED).await?;
            days::forget(db, (&fact.tenant, &fact.object_id)).await?;
        }
    }
    Ok(())
}

async fn disable(
    db: &mut PgConnection,
    fact: &Recorded,
    cause: &str,
    reason: &str,
) -> Result<(), ProjectError> {
    sqlx::query(
        "UPDATE webhook_endpoints SET version = $3, enabled = false, cause = $4, reason = $5,
             closing = NULL
         WHERE tenant_id = $1 AND endpoint_id = $2",
    )
    .bind(&fact.tenant)
    .bind(&fact.object_id)
    .bind(fact.version.cast_signed())
    .bind(cause)
    .bind(reason)
    .execute(&mut *db)
    .await?;
    give_up(db, fact, DISABLED).await
}

async fn enable(db: &mut PgConnection, fact: &Recorded) -> Result<(), ProjectError> {
    sqlx::query(
        "UPDATE webhook_endpoints SET version = $3, enabled = true, cause = NULL, reason = '',
             since = $4, failing_since = NULL, closing = NULL
         WHERE tenant_id = $1 AND endpoint_id = $2",
    )
    .bind(&fact.tenant)
    .bind(&fact.object_id)
    .bind(fact.version.cast_signed())
    .bind(fact.recorded_at)
    .execute(db)
    .await?;
    Ok(())
}

/// Nothing that is still to be sent to an endpoint is; somebody may have it sent again later.
async fn give_up(db: &mut PgConnection, fact: &Recorded, why: &str) -> Result<(), ProjectError> {
    let given_up = sqlx::query(
        "UPDATE webhook_deliveries SET status = 'failed', last_error = $3, ended_at = $4,
             next_at = NULL, claim = NULL
         WHERE tenant_id = $1 AND endpoint_id = $2 AND status = 'pending'",
    )
    .bind(&fact.tenant)
    .bind(&fact.object_id)
    .bind(why)
    .bind(fact.recorded_at)
    .execute(&mut *db)
    .await?;
    let failed = i64::try_from(given_up.rows_affected()).unwrap_or(i64::MAX);
    let whose = (fact.tenant.as_str(), fact.object_id.as_str());
    Ok(days::count(db, whose, fact.recorded_at, Ended { delivered: 0, failed }).await?)
}

/// An endpoint that is sent what it wants.
pub(crate) struct Enabled {
    endpoint_id: String,
    wants: Vec<EventPattern>,
    /// Facts of before it was registered or enabled are not for it.
    since: DateTime<Utc>,
}

/// The endpoints of a tenant that are sent what they want.
pub(crate) async fn enabled(
    db: &mut PgConnection,
    tenant: &str,
) -> Result<Vec<Enabled>, ProjectError> {
    let rows: Vec<(String, Vec<String>, DateTime<Utc>)> = sqlx::query_as(
        "SELECT endpoint_id, event_types, since FROM webhook_endpoints
         WHERE tenant_id = $1 AND enabled",
    )
    .bind(tenant)
    .fetch_all(db)
    .await?;
    let endpoints = rows.into_iter().map(|(endpoint_id, patterns, since)| Enabled {
        endpoint_id,
        wants: patterns.iter().filter_map(|pattern| pattern.parse().ok()).collect(),
        since,
    });
    Ok(endpoints.collect())
}

/// Those of a tenant's endpoints that want a fact.
pub(crate) fn who_want(enabled: &[Enabled], fact: &Recorded) -> Vec<String> {
    let wants = |endpoint: &&Enabled| {
        endpoint.since <= fact.recorded_at
            && endpoint.wants.iter().any(|it| it.means(&fact.context, &fact.event_type))
    };
    enabled.iter().filter(wants).map(|endpoint| endpoint.endpoint_id.clone()).collect()
}

fn texts(patterns: &[EventPattern]) -> Vec<String> {
    patterns.iter().map(ToString::to_string).collect()
}

fn word(cause: Cause) -> &'static str {
    match cause {
        Cause::Asked => "asked",
        Cause::Gone => "gone",
        Cause::Failing => "failing",
    }
}
