//! What was sent, told to those whose events it was, and sent again when they ask.

mod rows;

use kernel::Text;
use kernel::catalogue::Context;
use kernel::clock;
use kernel::failure::{Violations, status, unavailable};
use kernel::projection::Progress;
use kernel::query::{Page, rfc3339, wait};
use kernel::rpc::{self, Reply};
use kernel::wall::TenantPool;
use proto::webhook::v1 as pb;
use proto::webhook::v1::delivery_service_server::DeliveryService;
use sqlx::{PgConnection, Row as _};
use tonic::{Code, Request, Response, Status};
use uuid::Uuid;

use crate::again::{Which, send_again};
use crate::{days, message};
use rows::{attempt, delivery, webhook};

/// Deliveries to be sent that are counted for an endpoint at most.
const PENDING: i64 = 1_000;

/// Answers from the tables of endpoints and deliveries.
#[derive(Clone)]
pub(crate) struct DeliveryApi {
    pub(crate) pool: TenantPool,
    /// How far the partner log was followed.
    pub(crate) progress: Progress,
    pub(crate) contexts: &'static [Context],
}

#[tonic::async_trait]
impl DeliveryService for DeliveryApi {
    async fn list_webhooks(
        &self,
        request: Request<pb::ListWebhooksRequest>,
    ) -> Reply<pb::ListWebhooksResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let wanted = request.into_inner();
        let page = Page::of(wanted.page)?;
        let freshness = wait(&self.progress, wanted.min_position).await?;
        let rows = sqlx::query(
            "SELECT e.*, count(*) OVER () AS total, done.*, waiting.* FROM webhook_endpoints e
             CROSS JOIN LATERAL (
                 SELECT coalesce(sum(delivered), 0)::bigint AS delivered,
                     coalesce(sum(failed), 0)::bigint AS failed
                 FROM webhook_days
                 WHERE tenant_id = $1 AND endpoint_id = e.endpoint_id AND day > $2 - $5
             ) AS done
             CROSS JOIN LATERAL (
                 SELECT count(*) AS pending FROM (
                     SELECT FROM webhook_deliveries
                     WHERE tenant_id = $1 AND endpoint_id = e.endpoint_id AND status = 'pending'
                     LIMIT $6
                 ) AS counted
             ) AS waiting
             WHERE e.tenant_id = $1 ORDER BY e.registered_at, e.endpoint_id LIMIT $3 OFFSET $4",
        )
        .bind(&tenant)
        .bind(clock::now().date_naive())
        .bind(page.limit)
        .bind(page.offset)
        .bind(days::SHOWN)
        .bind(PENDING)
        .fetch_all(&mut *self.begin(&tenant).await?)
        .await
        .map_err(failed)?;
        let total = rows.first().map_or(Ok(0), |row| row.try_get("total")).map_err(failed)?;
        let webhooks = rows.iter().map(webhook).collect::<sqlx::Result<_>>().map_err(failed)?;
        let page = Some(page.info(total));
        let freshness = Some(freshness);
        Ok(Response::new(pb::ListWebhooksResponse { webhooks, page, freshness }))
    }

    async fn list_event_types(
        &self,
        _: Request<pb::ListEventTypesRequest>,
    ) -> Reply<pb::ListEventTypesResponse> {
        let mut types = Vec::new();
        for context in self.contexts {
            let schemas = context.aggregates.iter().flat_map(|aggregate| aggregate.schemas());
            types.extend(schemas.map(|schema| pb::EventType {
                name: format!("{}.{}", context.name, schema.event_type),
                description: schema.description,
            }));
        }
        types.sort_by(|one, other| one.name.cmp(&other.name));
        // Of a type with several versions.
        types.dedup_by(|one, other| one.name == other.name);
        Ok(Response::new(pb::ListEventTypesResponse { types }))
    }

    async fn list_deliveries(
        &self,
        request: Request<pb::ListDeliveriesRequest>,
    ) -> Reply<pb::ListDeliveriesResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let wanted = request.into_inner();
        let page = Page::of(wanted.page.clone())?;
        let rows = sqlx::query(
            "SELECT *, count(*) OVER () AS total FROM webhook_deliveries
             WHERE tenant_id = $1 AND ($2 = '' OR endpoint_id = $2) AND ($3 = '' OR status = $3)
                 AND ($4 = '' OR event_type = $4)
             ORDER BY created_at DESC, position DESC, delivery_id LIMIT $5 OFFSET $6",
        )
        .bind(&tenant)
        .bind(&wanted.endpoint_id)
        .bind(rows::word(wanted.status()))
        .bind(&wanted.event_type)
        .bind(page.limit)
        .bind(page.offset)
        .fetch_all(&mut *self.begin(&tenant).await?)
        .await
        .map_err(failed)?;
        let total = rows.first().map_or(Ok(0), |row| row.try_get("total")).map_err(failed)?;
        let deliveries = rows.iter().map(delivery).collect::<sqlx::Result<_>>().map_err(failed)?;
        let page = Some(page.info(total));
        Ok(Response::new(pb::ListDeliveriesResponse { deliveries, page }))
    }

    async fn get_delivery(
        &self,
        request: Request<pb::GetDeliveryRequest>,
    ) -> Reply<pb::GetDeliveryResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let id = id("delivery_id", &request.get_ref().delivery_id)?;
        let mut tx = self.begin(&tenant).await?;
        let (delivery, body) = find(&mut tx, &tenant, id).await?;
        let rows = sqlx::query(
            "SELECT * FROM webhook_attempts WHERE tenant_id = $1 AND delivery_id = $2
             ORDER BY number DESC LIMIT 200",
        )
        .bind(&tenant)
        .bind(id)
        .fetch_all(&mut *tx)
        .await
        .map_err(failed)?;
        let attempts = rows.iter().map(attempt).collect::<sqlx::Result<_>>().map_err(failed)?;
        Ok(Response::new(pb::GetDeliveryResponse { delivery: Some(delivery), attempts, body }))
    }

    async fn resend_delivery(
        &self,
        request: Request<pb::ResendDeliveryRequest>,
    ) -> Reply<pb::ResendDeliveryResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let id = id("delivery_id", &request.get_ref().delivery_id)?;
        let mut tx = self.begin(&tenant).await?;
        let (before, _) = find(&mut tx, &tenant, id).await?;
        is_enabled(&mut tx, &tenant, &before.endpoint_id).await?;
        let whose = (tenant.as_str(), before.endpoint_id.as_str());
        send_again(&mut tx, whose, Which::One(id), clock::now()).await.map_err(failed)?;
        let (delivery, _) = find(&mut tx, &tenant, id).await?;
        tx.commit().await.map_err(failed)?;
        Ok(Response::new(pb::ResendDeliveryResponse { delivery: Some(delivery) }))
    }

    async fn resend_failed(
        &self,
        request: Request<pb::ResendFailedRequest>,
    ) -> Reply<pb::ResendFailedResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let wanted = request.into_inner();
        let mut bad = Violations::default();
        let since = chrono::DateTime::parse_from_rfc3339(&wanted.since);
        let since = since.map(|since| since.to_utc()).map_err(|_| {
            Text::new("须为 RFC 3339 时间", "must be a time like 2026-11-23T08:00:00Z")
        });
        let since = bad.take("since", since);
        let since = bad.finish(since)?;
        let mut tx = self.begin(&tenant).await?;
        is_enabled(&mut tx, &tenant, &wanted.endpoint_id).await?;
        let whose = (tenant.as_str(), wanted.endpoint_id.as_str());
        let which = Which::FailedSince(since);
        let count = send_again(&mut tx, whose, which, clock::now()).await.map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        Ok(Response::new(pb::ResendFailedResponse { count }))
    }

    async fn send_test_event(
        &self,
        request: Request<pb::SendTestEventRequest>,
    ) -> Reply<pb::SendTestEventResponse> {
        let caller = rpc::caller(&request)?.clone();
        let wanted = request.into_inner();
        let event_id = id("request_id", &wanted.request_id)?;
        let mut tx = self.begin(&caller.tenant).await?;
        is_enabled(&mut tx, &caller.tenant, &wanted.endpoint_id).await?;
        let delivery_id = message::delivery_id(&wanted.endpoint_id, event_id);
        let now = clock::now();
        // Asked again, there is one: the id is made from the request's.
        sqlx::query(
            "INSERT INTO webhook_deliveries (tenant_id, delivery_id, endpoint_id, event_id,
                 position, event_type, occurred_at, body, created_at, status, next_at)
             VALUES ($1, $2, $3, $4, 0, $5, $6, $7, $6, 'pending', $6) ON CONFLICT DO NOTHING",
        )
        .bind(&caller.tenant)
        .bind(delivery_id)
        .bind(&wanted.endpoint_id)
        .bind(event_id)
        .bind(message::TEST)
        .bind(now)
        .bind(message::test(event_id, &caller.tenant, &caller.user_id, &rfc3339(now)))
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        let (delivery, _) = find(&mut tx, &caller.tenant, delivery_id).await?;
        tx.commit().await.map_err(failed)?;
        Ok(Response::new(pb::SendTestEventResponse { delivery: Some(delivery) }))
    }
}

impl DeliveryApi {
    async fn begin(&self, tenant: &str) -> Result<kernel::wall::TenantTransaction, Status> {
        self.pool.begin(tenant).await.map_err(failed)
    }
}

fn failed(error: sqlx::Error) -> Status {
    unavailable(&error)
}

fn id(field: &str, text: &str) -> Result<Uuid, Status> {
    let mut bad = Violations::default();
    let id = Uuid::parse_str(text).map_err(|_| Text::new("必须是 UUID", "must be a UUID"));
    let id = bad.take(field, id);
    bad.finish(id)
}

/// A delivery, and its body.
async fn find(
    db: &mut PgConnection,
    tenant: &str,
    id: Uuid,
) -> Result<(pb::Delivery, String), Status> {
    let found =
        sqlx::query("SELECT * FROM webhook_deliveries WHERE tenant_id = $1 AND delivery_id = $2");
    let row = found.bind(tenant).bind(id).fetch_optional(db).await.map_err(failed)?;
    let row = row.ok_or_else(|| {
        let text = Text::new(
            "没有这次投递，请查看投递列表",
            "there is no such delivery; look at the list of deliveries",
        );
        status(Code::NotFound, "UNKNOWN_DELIVERY", &text)
    })?;
    Ok((delivery(&row).map_err(failed)?, row.try_get("body").map_err(failed)?))
}

/// Whether something can be sent to an endpoint.
async fn is_enabled(db: &mut PgConnection, tenant: &str, endpoint: &str) -> Result<(), Status> {
    let enabled: Option<bool> = sqlx::query_scalar(
        "SELECT enabled FROM webhook_endpoints WHERE tenant_id = $1 AND endpoint_id = $2",
    )
    .bind(tenant)
    .bind(endpoint)
    .fetch_optional(db)
    .await
    .map_err(failed)?;
    match enabled {
        Some(true) => Ok(()),
        Some(false) => {
            let text = Text::new(
                "该推送端点已停用，请先启用",
                "the endpoint is disabled; enable it first",
            );
            Err(status(Code::FailedPrecondition, "WEBHOOK_DISABLED", &text))
        }
        None => {
            let text = Text::new(
                "没有这个推送端点，请查看端点列表",
                "there is no such endpoint; look at the list of endpoints",
            );
            Err(status(Code::NotFound, "UNKNOWN_WEBHOOK", &text))
        }
    }
}
