//! What warehouses send of orders.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::failure::status;
use kernel::projection::Progress;
use kernel::rpc::Reply;
use kernel::wall::TenantPool;
use kernel::{Text, clock};
use proto::order::v1 as pb;
use proto::order::v1::shipment_query_service_server::ShipmentQueryService;
use serde::Deserialize;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, Row as _};
use tonic::{Code, Request, Response, Status};

use crate::read::{Page, Scope, failed, pattern, rfc3339, wait};

/// Answers from the read model of shipments.
#[derive(Clone)]
pub(crate) struct ShipmentQueryApi {
    pub(crate) pool: TenantPool,
    pub(crate) progress: Progress,
}

/// Minutes after which a shipment that nobody has taken on is stuck, when nobody says.
const STUCK_MINUTES: u32 = 120;

/// Shipments, the newest first; of those that wait since a moment or longer, the one that waits
/// longest. Lines are added up of one page alone.
const SHIPMENTS: &str = "
    WITH page AS (
        SELECT s.*, row_number() OVER sorted AS place, count(*) OVER () AS total
        FROM shipments s
        WHERE s.tenant_id = $1 AND ($2::text IS NULL OR s.dealer_id = $2)
        AND ($3::text[] IS NULL OR s.region_ids[cardinality(s.region_ids)] = ANY($3))
        AND ($4 = '' OR s.shipment_id = $4) AND ($5 = '' OR s.order_id = $5)
        AND ($6 = '' OR s.dealer_id = $6) AND ($7 = '' OR s.warehouse_id = $7)
        AND (cardinality($8::int[]) = 0 OR s.status = ANY($8))
        AND ($9::text IS NULL OR s.shipment_id ILIKE $9 OR s.dealer_id ILIKE $9
             OR s.dealer_name ILIKE $9 OR s.warehouse_id ILIKE $9 OR s.tracking_number ILIKE $9)
        AND ($10::timestamptz IS NULL OR s.waits_since <= $10)
        WINDOW sorted AS (ORDER BY CASE WHEN $10 IS NOT NULL THEN s.waits_since END,
                          s.released_at DESC, s.shipment_id)
        ORDER BY place LIMIT $11 OFFSET $12
    )
    SELECT page.*, l.quantity, l.shipped, l.withdrawn
    FROM page
    JOIN LATERAL (
        SELECT sum(quantity)::bigint AS quantity, sum(shipped)::bigint AS shipped,
               sum(withdrawn)::bigint AS withdrawn
        FROM shipment_lines l
        WHERE l.tenant_id = page.tenant_id AND l.shipment_id = page.shipment_id
    ) l ON true
    ORDER BY page.place";

const LINES: &str = "
    SELECT line_no, product_id, product_name, base_unit, quantity, shipped, withdrawn
    FROM shipment_lines WHERE tenant_id = $1 AND shipment_id = $2 ORDER BY line_no";

const PARCELS: &str = "
    SELECT carrier, tracking_number, lines, shipped_at
    FROM shipment_parcels WHERE tenant_id = $1 AND shipment_id = $2 ORDER BY version";

#[derive(Default)]
struct Wanted {
    shipment_id: String,
    order_id: String,
    dealer_id: String,
    warehouse_id: String,
    statuses: Vec<i32>,
    search: Option<String>,
    stuck: bool,
}

/// When somebody looks, and since when a shipment has to wait to be stuck.
#[derive(Clone, Copy)]
struct Now {
    now: DateTime<Utc>,
    stuck: DateTime<Utc>,
}

impl Now {
    fn of(minutes: u32) -> Self {
        let minutes = if minutes == 0 { STUCK_MINUTES } else { minutes };
        let now = clock::now();
        Self { now, stuck: now - TimeDelta::minutes(minutes.into()) }
    }
}

#[tonic::async_trait]
impl ShipmentQueryService for ShipmentQueryApi {
    async fn get_shipment(
        &self,
        request: Request<pb::GetShipmentRequest>,
    ) -> Reply<pb::GetShipmentResponse> {
        let scope = Scope::of(&request, &self.pool).await?;
        let asked = request.into_inner();
        let freshness = wait(&self.progress, asked.min_position).await?;
        let mut db = self.pool.begin(&scope.tenant).await.map_err(failed)?;
        let now = Now::of(asked.stuck_minutes);
        let wanted = Wanted { shipment_id: asked.shipment_id.clone(), ..Wanted::default() };
        let (found, _) = found(&mut db, &scope, wanted, now, (1, 0)).await.map_err(failed)?;
        let shipment = found.into_iter().next().ok_or_else(no_such_shipment)?;
        let (tenant, id) = (&scope.tenant, &asked.shipment_id);
        let lines = sqlx::query(LINES).bind(tenant).bind(id).fetch_all(&mut *db).await;
        let lines = lines.map_err(failed)?;
        let parcels = sqlx::query(PARCELS).bind(tenant).bind(id).fetch_all(&mut *db).await;
        let parcels = parcels.map_err(failed)?;
        Ok(Response::new(pb::GetShipmentResponse {
            shipment: Some(shipment),
            lines: lines.iter().map(line).collect::<sqlx::Result<_>>().map_err(failed)?,
            parcels: parcels.iter().map(parcel).collect::<sqlx::Result<_>>().map_err(failed)?,
            freshness: Some(freshness),
        }))
    }

    async fn list_shipments(
        &self,
        request: Request<pb::ListShipmentsRequest>,
    ) -> Reply<pb::ListShipmentsResponse> {
        let scope = Scope::of(&request, &self.pool).await?;
        let wanted = request.into_inner();
        let page = Page::of(wanted.page)?;
        let freshness = wait(&self.progress, wanted.min_position).await?;
        let mut answer = pb::ListShipmentsResponse { freshness: Some(freshness), ..<_>::default() };
        if wanted.stuck && scope.dealer.is_some() {
            answer.page = Some(page.info(0));
            return Ok(Response::new(answer));
        }
        let mut db = self.pool.begin(&scope.tenant).await.map_err(failed)?;
        let asked = Wanted {
            shipment_id: String::new(),
            order_id: wanted.order_id,
            dealer_id: wanted.dealer_id,
            warehouse_id: wanted.warehouse_id,
            statuses: wanted.statuses,
            search: pattern(&wanted.search),
            stuck: wanted.stuck,
        };
        let now = Now::of(wanted.stuck_minutes);
        let found = found(&mut db, &scope, asked, now, (page.limit, page.offset)).await;
        let (shipments, total) = found.map_err(failed)?;
        answer.shipments = shipments;
        answer.page = Some(page.info(total));
        Ok(Response::new(answer))
    }
}

async fn found(
    db: &mut PgConnection,
    scope: &Scope,
    wanted: Wanted,
    now: Now,
    (limit, offset): (i64, i64),
) -> sqlx::Result<(Vec<pb::Shipment>, i64)> {
    let rows = sqlx::query(SHIPMENTS)
        .bind(&scope.tenant)
        .bind(&scope.dealer)
        .bind(&scope.regions)
        .bind(wanted.shipment_id)
        .bind(wanted.order_id)
        .bind(wanted.dealer_id)
        .bind(wanted.warehouse_id)
        .bind(wanted.statuses)
        .bind(wanted.search)
        .bind(wanted.stuck.then_some(now.stuck))
        .bind(limit)
        .bind(offset)
        .fetch_all(db)
        .await?;
    let total = rows.first().map_or(Ok(0), |row| row.try_get("total"))?;
    let told = |row| {
        let shipment = shipment(row, now)?;
        Ok(if scope.dealer.is_some() { for_dealer(shipment) } else { shipment })
    };
    Ok((rows.iter().map(told).collect::<sqlx::Result<_>>()?, total))
}

fn no_such_shipment() -> Status {
    let text = Text::new(
        "没有这张发货单，或您无权查看",
        "there is no such shipment, or you may not see it; check its number",
    );
    status(Code::NotFound, "SHIPMENT_NOT_FOUND", &text)
}

fn shipment(row: &PgRow, Now { now, stuck }: Now) -> sqlx::Result<pb::Shipment> {
    let moment = |column| {
        let at = row.try_get::<Option<DateTime<Utc>>, _>(column)?;
        Ok::<_, sqlx::Error>(at.map(rfc3339).unwrap_or_default())
    };
    let waits_since: Option<DateTime<Utc>> = row.try_get("waits_since")?;
    let waiting = waits_since.map(|since| (now - since).num_minutes().max(0));
    Ok(pb::Shipment {
        shipment_id: row.try_get("shipment_id")?,
        order_id: row.try_get("order_id")?,
        number: row.try_get::<i32, _>("number")?.cast_unsigned(),
        of: row.try_get::<i32, _>("of_all")?.cast_unsigned(),
        dealer_id: row.try_get("dealer_id")?,
        dealer_name: row.try_get("dealer_name")?,
        warehouse_id: row.try_get("warehouse_id")?,
        status: row.try_get("status")?,
        quantity: row.try_get("quantity")?,
        shipped: row.try_get("shipped")?,
        withdrawn: row.try_get("withdrawn")?,
        line_count: row.try_get::<i32, _>("line_count")?.cast_unsigned(),
        released_at: moment("released_at")?,
        acknowledged_at: moment("acknowledged_at")?,
        shipped_at: moment("shipped_at")?,
        reference: row.try_get("reference")?,
        reason: row.try_get("reason")?,
        carrier: row.try_get("carrier")?,
        tracking_number: row.try_get("tracking_number")?,
        waiting_minutes: waiting.map(|minutes| u32::try_from(minutes).unwrap_or(u32::MAX)),
        stuck: waits_since.is_some_and(|since| since <= stuck),
        version: row.try_get::<i64, _>("version")?.cast_unsigned(),
    })
}

/// Without what the brand and its warehouses tell each other.
fn for_dealer(shipment: pb::Shipment) -> pb::Shipment {
    pb::Shipment {
        reference: String::new(),
        reason: String::new(),
        waiting_minutes: None,
        stuck: false,
        ..shipment
    }
}

fn line(row: &PgRow) -> sqlx::Result<pb::ShipmentLine> {
    Ok(pb::ShipmentLine {
        line_no: row.try_get::<i32, _>("line_no")?.cast_unsigned(),
        product_id: row.try_get("product_id")?,
        product_name: row.try_get("product_name")?,
        base_unit: row.try_get("base_unit")?,
        quantity: row.try_get("quantity")?,
        shipped: row.try_get("shipped")?,
        withdrawn: row.try_get("withdrawn")?,
    })
}

#[derive(Deserialize)]
struct Line {
    line_no: u32,
    quantity: i64,
}

fn parcel(row: &PgRow) -> sqlx::Result<pb::ShipmentParcel> {
    let Json(lines) = row.try_get::<Json<Vec<Line>>, _>("lines")?;
    let line = |Line { line_no, quantity }: Line| pb::ParcelLine { line_no, quantity };
    Ok(pb::ShipmentParcel {
        carrier: row.try_get("carrier")?,
        tracking_number: row.try_get("tracking_number")?,
        shipped_at: rfc3339(row.try_get("shipped_at")?),
        lines: lines.into_iter().map(line).collect(),
    })
}
