//! Looks at the clock: orders that have waited longer than they may are called off.
//!
//! What is due stands in rows that outlive the process, see [`crate::follow_waits`]. The order itself
//! decides: whoever acted on it in time was faster, and a command on an older version of it comes to
//! nothing.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use kernel::failure::chain;
use kernel::{agent, clock};
use proto::order::v1::waiting_service_client::WaitingServiceClient;
use proto::order::v1::{ExpireOrderRequest, WaitsFor};
use sqlx::{FromRow, PgPool};
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::Commander;

/// How often it is looked for what is due.
const LOOK: Duration = Duration::from_millis(500);
/// How many orders are called off at a time.
const MOST: i64 = 100;
/// How long whoever calls an order off has it for itself, and how soon it is tried again.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// Who asks.
const NAME: &str = "expire-orders";

/// What calls orders off.
pub struct Expiring {
    pub(crate) rows: PgPool,
    pub(crate) commander: Commander,
}

#[derive(FromRow)]
struct Due {
    tenant_id: String,
    order_id: String,
    waited: String,
    since: DateTime<Utc>,
    version: i64,
}

impl Expiring {
    /// Looks until it is told to stop.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let due = self.due(clock::now()).await.unwrap_or_else(|error| {
                tracing::warn!(error = %chain(&error), "it is not known which orders are due");
                Vec::new()
            });
            let begun = !due.is_empty();
            for order in due {
                self.expire(order).await;
            }
            if begun {
                continue;
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(LOOK) => (),
            }
        }
    }

    /// Takes what is due.
    async fn due(&self, now: DateTime<Utc>) -> sqlx::Result<Vec<Due>> {
        let rows = sqlx::query_as(
            "WITH due AS (
                 SELECT d.tenant_id, d.order_id FROM order_limits l
                 JOIN order_deadlines d USING (tenant_id, waited)
                 WHERE d.since <= $1 - make_interval(hours => l.hours) AND d.next_at <= $1
                 AND NOT (d.sent_back AND d.waited = 'review')
                 ORDER BY d.since LIMIT $2 FOR UPDATE OF d SKIP LOCKED
             )
             UPDATE order_deadlines d SET next_at = $3
             FROM due WHERE d.tenant_id = due.tenant_id AND d.order_id = due.order_id
             RETURNING d.tenant_id, d.order_id, d.waited, d.since, d.version",
        );
        rows.bind(now).bind(MOST).bind(now + LEASE).fetch_all(&self.rows).await
    }

    async fn expire(&self, due: Due) {
        let (tenant, order) = (due.tenant_id.clone(), due.order_id.clone());
        if let Err(status) = self.ask(due).await {
            // Somebody has acted on it, and the row will say so; or it is tried again.
            tracing::info!(tenant, order, %status, "an order that is due was not called off");
        }
    }

    async fn ask(&self, due: Due) -> Result<(), Status> {
        let waits_for = match due.waited.as_str() {
            "payment" => WaitsFor::Payment,
            "credit" => WaitsFor::Credit,
            _ => WaitsFor::Review,
        };
        let Due { tenant_id, order_id, since, version, .. } = due;
        let request = ExpireOrderRequest {
            request_id: agent::request_id(&format!("{NAME}/{tenant_id}/{order_id}/{version}")),
            expected_version: Some(version.cast_unsigned()),
            order_id,
            waits_for: waits_for.into(),
            since: since.to_rfc3339_opts(SecondsFormat::Micros, true),
        };
        let request = agent::request(&self.commander.keys, NAME, &tenant_id, request)?;
        let mut client = WaitingServiceClient::new(self.commander.channel.clone());
        client.expire_order(request).await.map(drop)
    }
}
