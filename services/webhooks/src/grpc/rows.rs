//! Rows as answers say them.

use chrono::{DateTime, Utc};
use kernel::clock;
use kernel::query::rfc3339;
use proto::partner::v1::WebhookCause;
use proto::webhook::v1 as pb;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use uuid::Uuid;

/// A status as it is stored; empty for any.
pub(super) fn word(status: pb::DeliveryStatus) -> &'static str {
    match status {
        pb::DeliveryStatus::Unspecified => "",
        pb::DeliveryStatus::Pending => "pending",
        pb::DeliveryStatus::Delivered => "delivered",
        pb::DeliveryStatus::Failed => "failed",
    }
}

pub(super) fn webhook(row: &PgRow) -> sqlx::Result<pb::Webhook> {
    let cause = match row.try_get::<Option<String>, _>("cause")?.as_deref() {
        Some("asked") => WebhookCause::Asked,
        Some("gone") => WebhookCause::Gone,
        Some("failing") => WebhookCause::Failing,
        Some(_) | None => WebhookCause::Unspecified,
    };
    let until: Option<DateTime<Utc>> = row.try_get("previous_until")?;
    let until = until.filter(|until| clock::now() < *until);
    Ok(pb::Webhook {
        endpoint_id: row.try_get("endpoint_id")?,
        url: row.try_get("url")?,
        description: row.try_get("description")?,
        event_types: row.try_get("event_types")?,
        enabled: row.try_get("enabled")?,
        cause: cause.into(),
        reason: row.try_get("reason")?,
        registered_at: rfc3339(row.try_get("registered_at")?),
        previous_secret_until: told(until),
        failing_since: told(row.try_get("failing_since")?),
        delivered: number(row, "delivered")?,
        failed: number(row, "failed")?,
        pending: number(row, "pending")?,
        version: number(row, "version")?,
    })
}

pub(super) fn delivery(row: &PgRow) -> sqlx::Result<pb::Delivery> {
    let status = match row.try_get::<String, _>("status")?.as_str() {
        "delivered" => pb::DeliveryStatus::Delivered,
        "failed" => pb::DeliveryStatus::Failed,
        _ => pb::DeliveryStatus::Pending,
    };
    Ok(pb::Delivery {
        delivery_id: row.try_get::<Uuid, _>("delivery_id")?.to_string(),
        endpoint_id: row.try_get("endpoint_id")?,
        event_id: row.try_get::<Uuid, _>("event_id")?.to_string(),
        event_type: row.try_get("event_type")?,
        occurred_at: rfc3339(row.try_get("occurred_at")?),
        status: status.into(),
        attempts: row.try_get::<i32, _>("attempts")?.cast_unsigned(),
        next_at: told(row.try_get("next_at")?),
        last_http_status: small(row, "last_status")?,
        last_error: row.try_get::<Option<String>, _>("last_error")?.unwrap_or_default(),
        ended_at: told(row.try_get("ended_at")?),
    })
}

pub(super) fn attempt(row: &PgRow) -> sqlx::Result<pb::Attempt> {
    Ok(pb::Attempt {
        number: row.try_get::<i32, _>("number")?.cast_unsigned(),
        at: rfc3339(row.try_get("at")?),
        duration_ms: row.try_get::<i32, _>("duration_ms")?.cast_unsigned(),
        http_status: small(row, "http_status")?,
        error: row.try_get::<Option<String>, _>("error")?.unwrap_or_default(),
        excerpt: row.try_get("excerpt")?,
    })
}

fn told(time: Option<DateTime<Utc>>) -> String {
    time.map(rfc3339).unwrap_or_default()
}

fn number(row: &PgRow, column: &str) -> sqlx::Result<u64> {
    Ok(row.try_get::<i64, _>(column)?.cast_unsigned())
}

fn small(row: &PgRow, column: &str) -> sqlx::Result<u32> {
    Ok(row.try_get::<Option<i32>, _>(column)?.unwrap_or_default().cast_unsigned())
}
