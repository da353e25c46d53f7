//! The cells of the sales cube: one row a line of an order that was submitted and not cancelled, less
//! what was closed of it.

use kernel::Recorded;
use kernel::projection::{Db, ProjectError, Projection, Table};
use order::order::changing::OrderChanged;
use order::order::{ClosedLine, Order, OrderEvent, OrderSubmitted};
use serde_json::json;
use values::{OrderId, RegionPath};

kernel::facts!(
    pub(crate) enum OrderFact {
        Order(Order),
    }
);

const SALES: Table = Table { name: "sales", key: &["tenant_id", "order_id", "line_no"] };

pub(crate) struct Sales;

impl Projection for Sales {
    const NAME: &'static str = "sales";
    const VERSION: u32 = 3;
    const CONTEXT: &'static str = "order";
    const TABLES: &'static [&'static Table] = &[&SALES];
    const SCHEMA: &'static str = include_str!("sales.sql");
    type Facts = OrderFact;

    async fn project(
        &self,
        db: &mut Db<'_>,
        recorded: &Recorded,
        OrderFact::Order(event): OrderFact,
    ) -> Result<(), ProjectError> {
        match event {
            // What is sent again was sold before.
            OrderEvent::OrderSubmitted(order) if order.replaces.is_some() => Ok(()),
            OrderEvent::OrderSubmitted(order) => add(db, &recorded.tenant, &order),
            OrderEvent::OrderCancelled { order_id, .. } => {
                db.delete(&SALES, json!({ "tenant_id": recorded.tenant, "order_id": order_id }))
            }
            OrderEvent::OrderShortClosed { order_id, lines, .. } => {
                lines.iter().try_for_each(|line| close(db, &recorded.tenant, &order_id, line))
            }
            OrderEvent::OrderChanged(changed) => change(db, &recorded.tenant, &changed).await,
            // None changes what was sold.
            OrderEvent::PaymentAllocated { .. }
            | OrderEvent::CreditHoldReleased { .. }
            | OrderEvent::CreditRefused { .. }
            | OrderEvent::OrderConfirmed { .. }
            | OrderEvent::OrderShipped { .. }
            | OrderEvent::OrderReceived { .. }
            | OrderEvent::AfterSaleOpened { .. }
            | OrderEvent::AfterSaleEnded { .. }
            | OrderEvent::OrderRated { .. }
            | OrderEvent::OrderExpired { .. }
            | OrderEvent::OrderReviewAsked { .. }
            | OrderEvent::OrderStepApproved { .. }
            | OrderEvent::OrderStepWaived { .. }
            | OrderEvent::OrderSentBack { .. }
            | OrderEvent::OrderRefused { .. }
            | OrderEvent::OrderChangeProposed(_)
            | OrderEvent::OrderChangeWithdrawn { .. }
            | OrderEvent::OrderChangeRefused { .. } => Ok(()),
        }
    }
}

fn add(db: &mut Db<'_>, tenant: &str, order: &OrderSubmitted) -> Result<(), ProjectError> {
    let (region_ids, region_names) = regions(&order.region_path);
    for line in &order.lines {
        let cell = json!({
            "tenant_id": tenant,
            "order_id": order.order_id,
            "line_no": line.line_no,
            "business_date": order.business_date.day(),
            "region_ids": region_ids,
            "region_names": region_names,
            "dealer_id": order.dealer_id,
            "dealer_name": order.dealer_name,
            "category": line.category_path.first(),
            "product_id": line.product_id,
            "product_name": line.product_name,
            "currency_code": order.currency,
            "quantity": line.quantity.get(),
            "gross_minor": line.gross_minor.0,
            "off_minor": line.off_minor().0,
        });
        db.insert(&SALES, cell)?;
    }
    Ok(())
}

/// What will not come was no sale of the order's day, either; gifts are no sale at all.
fn close(
    db: &mut Db<'_>,
    tenant: &str,
    order_id: &OrderId,
    line: &ClosedLine,
) -> Result<(), ProjectError> {
    let less = json!({
        "tenant_id": tenant,
        "order_id": order_id,
        "line_no": line.line_no,
        "quantity": -line.quantity.get(),
        "gross_minor": -line.gross_minor.0,
        "off_minor": -line.off_minor.0,
    });
    db.add(&SALES, less)
}

/// A change counts on the order's day: what it adds stands beside what the order had.
async fn change(db: &mut Db<'_>, tenant: &str, changed: &OrderChanged) -> Result<(), ProjectError> {
    let order_id = &changed.order_id;
    changed.less.iter().try_for_each(|line| close(db, tenant, order_id, line))?;
    for line in &changed.lines {
        sqlx::query(
            "INSERT INTO sales (tenant_id, order_id, line_no, business_date, region_ids,
                 region_names, dealer_id, dealer_name, category, product_id, product_name,
                 currency_code, quantity, gross_minor, off_minor)
             SELECT tenant_id, order_id, $3, business_date, region_ids, region_names, dealer_id,
                 dealer_name, $4, $5, $6, currency_code, $7, $8, $9
             FROM sales WHERE tenant_id = $1 AND order_id = $2 LIMIT 1
             ON CONFLICT (tenant_id, order_id, line_no) DO UPDATE SET quantity = $7,
                 gross_minor = $8, off_minor = $9, product_name = $6, category = $4",
        )
        .bind(tenant)
        .bind(order_id.as_str())
        .bind(line.line_no.cast_signed())
        .bind(line.category_path.first().cloned().unwrap_or_default())
        .bind(line.product_id.as_str())
        .bind(&line.product_name)
        .bind(line.quantity.get())
        .bind(line.gross_minor.0)
        .bind(line.off_minor().0)
        .execute(db.sql().await?)
        .await?;
    }
    Ok(())
}

/// Ids and names of the regions of a path, root first.
pub(crate) fn regions(path: &RegionPath) -> (Vec<String>, Vec<String>) {
    path.regions().iter().map(|r| (r.region_id.to_string(), r.name.clone())).unzip()
}
