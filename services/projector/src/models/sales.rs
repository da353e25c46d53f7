//! The cells of the sales cube: one row a line of an order that was submitted and not cancelled.

use kernel::Recorded;
use kernel::projection::{ProjectError, Projection};
use order::order::{Order, OrderEvent, OrderSubmitted};
use sqlx::PgConnection;
use values::RegionPath;

kernel::facts!(
    pub(crate) enum OrderFact {
        Order(Order),
    }
);

pub(crate) struct Sales;

impl Projection for Sales {
    const NAME: &'static str = "sales";
    const CONTEXT: &'static str = "order";
    const TABLES: &'static [&'static str] = &["sales"];
    type Facts = OrderFact;

    async fn project(
        &self,
        db: &mut PgConnection,
        recorded: &Recorded,
        OrderFact::Order(event): OrderFact,
    ) -> Result<(), ProjectError> {
        match event {
            OrderEvent::OrderSubmitted(order) => add(db, &recorded.tenant, &order).await?,
            OrderEvent::OrderCancelled { order_id, .. } => {
                sqlx::query("DELETE FROM sales WHERE tenant_id = $1 AND order_id = $2")
                    .bind(&recorded.tenant)
                    .bind(order_id.as_str())
                    .execute(db)
                    .await?;
            }
            // Neither changes what was sold.
            OrderEvent::OrderConfirmed { .. }
            | OrderEvent::OrderShipped { .. }
            | OrderEvent::OrderReceived { .. } => (),
        }
        Ok(())
    }
}

async fn add(db: &mut PgConnection, tenant: &str, order: &OrderSubmitted) -> sqlx::Result<()> {
    let (region_ids, region_names) = regions(&order.region_path);
    for line in &order.lines {
        sqlx::query(
            "INSERT INTO sales VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        )
        .bind(tenant)
        .bind(order.order_id.as_str())
        .bind(line.line_no.cast_signed())
        .bind(order.business_date.day())
        .bind(&region_ids)
        .bind(&region_names)
        .bind(order.dealer_id.as_str())
        .bind(&order.dealer_name)
        .bind(line.category_path.first())
        .bind(line.product_id.as_str())
        .bind(&line.product_name)
        .bind(order.currency.as_str())
        .bind(line.quantity.get())
        .bind(line.gross_minor.0)
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

/// Ids and names of the regions of a path, root first.
pub(crate) fn regions(path: &RegionPath) -> (Vec<String>, Vec<String>) {
    path.regions().iter().map(|r| (r.region_id.to_string(), r.name.clone())).unzip()
}
