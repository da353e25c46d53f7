//! Orders as lists and details show them.

use kernel::Recorded;
use kernel::projection::{ProjectError, Projection};
use order::order::{LineQuantity, OrderEvent, OrderStatus, OrderSubmitted};
use sqlx::PgConnection;

use super::sales::{OrderFact, regions};

pub(crate) struct Orders;

impl Projection for Orders {
    const NAME: &'static str = "orders";
    const CONTEXT: &'static str = "order";
    const TABLES: &'static [&'static str] = &["orders", "order_lines"];
    type Facts = OrderFact;

    async fn project(
        &self,
        db: &mut PgConnection,
        recorded: &Recorded,
        OrderFact::Order(event): OrderFact,
    ) -> Result<(), ProjectError> {
        let change = match event {
            OrderEvent::OrderSubmitted(order) => return Ok(add(db, recorded, &order).await?),
            OrderEvent::OrderConfirmed { status, .. } => Change::to(status),
            OrderEvent::OrderShipped { lines, status, .. } => {
                move_lines(db, recorded, "shipped", &lines).await?;
                Change::to(status)
            }
            OrderEvent::OrderReceived { lines, status, .. } => {
                move_lines(db, recorded, "received", &lines).await?;
                Change::to(status)
            }
            OrderEvent::OrderCancelled { reason, status, .. } => {
                Change { cancel_reason: reason, ..Change::to(status) }
            }
        };
        Ok(change.apply(db, recorded).await?)
    }
}

/// What an event changes on the order's own row.
struct Change {
    status: OrderStatus,
    cancel_reason: String,
}

impl Change {
    fn to(status: OrderStatus) -> Self {
        Self { status, cancel_reason: String::new() }
    }

    async fn apply(&self, db: &mut PgConnection, recorded: &Recorded) -> sqlx::Result<()> {
        sqlx::query(
            "UPDATE orders SET status = $3, version = $4, cancel_reason = $5
             WHERE tenant_id = $1 AND order_id = $2",
        )
        .bind(&recorded.tenant)
        .bind(&recorded.object_id)
        .bind(shown(self.status))
        .bind(recorded.version.cast_signed())
        .bind(&self.cancel_reason)
        .execute(db)
        .await
        .map(drop)
    }
}

/// The status as the contract numbers it.
fn shown(status: OrderStatus) -> i32 {
    proto::order::v1::OrderStatus::from(status).into()
}

async fn add(
    db: &mut PgConnection,
    recorded: &Recorded,
    order: &OrderSubmitted,
) -> sqlx::Result<()> {
    let (region_ids, region_names) = regions(&order.region_path);
    sqlx::query(
        "INSERT INTO orders VALUES
         ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '', $14, $15)",
    )
    .bind(&recorded.tenant)
    .bind(order.order_id.as_str())
    .bind(order.business_date.day())
    .bind(order.dealer_id.as_str())
    .bind(&order.dealer_name)
    .bind(region_ids)
    .bind(region_names)
    .bind(shown(order.status))
    .bind(i32::try_from(order.lines.len()).unwrap_or(i32::MAX))
    .bind(order.quantity.get())
    .bind(order.gross_minor.0)
    .bind(order.currency.as_str())
    .bind(&order.note)
    .bind(recorded.recorded_at)
    .bind(recorded.version.cast_signed())
    .execute(&mut *db)
    .await?;
    for line in &order.lines {
        sqlx::query("INSERT INTO order_lines VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
            .bind(&recorded.tenant)
            .bind(order.order_id.as_str())
            .bind(line.line_no.cast_signed())
            .bind(line.product_id.as_str())
            .bind(&line.product_name)
            .bind(&line.base_unit)
            .bind(line.quantity.get())
            .bind(line.unit_price_minor.0)
            .bind(line.gross_minor.0)
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

/// Adds what was moved to a column of the lines.
async fn move_lines(
    db: &mut PgConnection,
    recorded: &Recorded,
    column: &'static str,
    lines: &[LineQuantity],
) -> sqlx::Result<()> {
    for line in lines {
        sqlx::query(&format!(
            "UPDATE order_lines SET {column} = {column} + $4
             WHERE tenant_id = $1 AND order_id = $2 AND line_no = $3"
        ))
        .bind(&recorded.tenant)
        .bind(&recorded.object_id)
        .bind(line.line_no.cast_signed())
        .bind(line.quantity.get())
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}
