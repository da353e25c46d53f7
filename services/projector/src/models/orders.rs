//! Orders as lists and details show them.

use kernel::Recorded;
use kernel::projection::{Db, ProjectError, Projection, Table};
use order::order::paying::Standing;
use order::order::{
    ClosedLine, LineQuantity, OrderEvent, OrderGift, OrderLine, OrderStatus, OrderSubmitted,
    Payment, SettledLine,
};
use order::rating::Rating;
use serde_json::{Value, json};
use values::Minor;

use super::orders_changed::changed;
use super::sales::{OrderFact, regions};

pub(super) const ORDERS: Table = Table { name: "orders", key: &["tenant_id", "order_id"] };
pub(super) const LINES: Table =
    Table { name: "order_lines", key: &["tenant_id", "order_id", "line_no"] };

pub(crate) struct Orders;

impl Projection for Orders {
    const NAME: &'static str = "orders";
    const VERSION: u32 = 6;
    const CONTEXT: &'static str = "order";
    const TABLES: &'static [&'static Table] = &[&ORDERS, &LINES];
    const SCHEMA: &'static str = include_str!("orders.sql");
    type Facts = OrderFact;

    async fn project(
        &self,
        db: &mut Db<'_>,
        recorded: &Recorded,
        OrderFact::Order(event): OrderFact,
    ) -> Result<(), ProjectError> {
        let (status, cancel_reason) = match event {
            OrderEvent::OrderSubmitted(order) => return add(db, recorded, &order),
            OrderEvent::PaymentAllocated { payment, status, .. } => {
                return db.update(&ORDERS, paid(recorded, &payment, status));
            }
            OrderEvent::CreditHoldReleased { status, .. } => {
                return db.update(&ORDERS, standing(recorded, Standing::Reserved, status));
            }
            OrderEvent::CreditRefused { status, .. } => {
                return db.update(&ORDERS, standing(recorded, Standing::Refused, status));
            }
            OrderEvent::OrderConfirmed { status, .. }
            | OrderEvent::OrderExpired { status, .. }
            | OrderEvent::OrderReviewAsked { status, .. }
            | OrderEvent::OrderStepApproved { status, .. }
            | OrderEvent::OrderStepWaived { status, .. }
            | OrderEvent::OrderSentBack { status, .. }
            | OrderEvent::OrderRefused { status, .. }
            | OrderEvent::OrderChangeWithdrawn { status, .. }
            | OrderEvent::OrderChangeRefused { status, .. } => (status, String::new()),
            OrderEvent::OrderChangeProposed(it) => (it.status, String::new()),
            OrderEvent::OrderChanged(it) => return changed(db, recorded, &it).await,
            OrderEvent::OrderShipped { lines, status, .. } => {
                move_lines(db, recorded, "shipped", &lines)?;
                (status, String::new())
            }
            OrderEvent::OrderReceived { lines, differences, status, .. } => {
                move_lines(db, recorded, "received", &lines)?;
                let differing = differences.iter().map(|it| (it.line_no, it.quantity));
                let differing = LineQuantity::per_line(differing);
                move_lines(db, recorded, "disputed", &differing)?;
                (status, String::new())
            }
            OrderEvent::AfterSaleOpened { lines, status, .. } => {
                move_lines(db, recorded, "claimed", &lines)?;
                (status, String::new())
            }
            OrderEvent::AfterSaleEnded { lines, settled, status, .. } => {
                case_over(db, recorded, &lines, &settled)?;
                (status, String::new())
            }
            OrderEvent::OrderRated { rating, status, .. } => {
                return db.update(&ORDERS, rated(recorded, &rating, status));
            }
            OrderEvent::OrderCancelled { reason, status, .. } => (status, reason),
            OrderEvent::OrderShortClosed { lines, net_minor, payment, reason, status, .. } => {
                close_lines(db, recorded, &lines)?;
                if let Some(payment) = payment {
                    db.update(&ORDERS, paid(recorded, &payment, status))?;
                }
                db.update(&ORDERS, closed(recorded, &reason, status))?;
                return db.add(&ORDERS, costs_less(recorded, net_minor));
            }
        };
        let change = json!({
            "tenant_id": recorded.tenant,
            "order_id": recorded.object_id,
            "status": shown(status),
            "version": recorded.version,
            "cancel_reason": cancel_reason,
        });
        db.update(&ORDERS, change)
    }
}

/// What it is paid from.
pub(super) fn paid(recorded: &Recorded, payment: &Payment, status: OrderStatus) -> Value {
    json!({
        "tenant_id": recorded.tenant,
        "order_id": recorded.object_id,
        "status": shown(status),
        "version": recorded.version,
        "payment": payment,
        "standing": payment.standing,
    })
}

/// Whether it has the credit that it needs; the rest of the payment stays.
fn standing(recorded: &Recorded, standing: Standing, status: OrderStatus) -> Value {
    json!({
        "tenant_id": recorded.tenant,
        "order_id": recorded.object_id,
        "status": shown(status),
        "version": recorded.version,
        "standing": standing,
    })
}

/// How content the dealer is.
fn rated(recorded: &Recorded, rating: &Rating, status: OrderStatus) -> Value {
    json!({
        "tenant_id": recorded.tenant,
        "order_id": recorded.object_id,
        "status": shown(status),
        "version": recorded.version,
        "rated_goods": rating.goods,
        "rated_service": rating.service,
        "rated_comment": rating.comment,
    })
}

/// How much less it costs, besides what it costs less by what was closed before.
fn costs_less(recorded: &Recorded, net: Minor) -> Value {
    json!({
        "tenant_id": recorded.tenant,
        "order_id": recorded.object_id,
        "closed_net_minor": net.0,
    })
}

/// Why its rest does not come; what was ordered at first stays.
fn closed(recorded: &Recorded, reason: &str, status: OrderStatus) -> Value {
    json!({
        "tenant_id": recorded.tenant,
        "order_id": recorded.object_id,
        "status": shown(status),
        "version": recorded.version,
        "short_closed_reason": reason,
    })
}

/// The status as the contract numbers it.
pub(super) fn shown(status: OrderStatus) -> i32 {
    proto::order::v1::OrderStatus::from(status).into()
}

fn add(db: &mut Db<'_>, recorded: &Recorded, order: &OrderSubmitted) -> Result<(), ProjectError> {
    let (region_ids, region_names) = regions(&order.region_path);
    let row = json!({
        "tenant_id": recorded.tenant,
        "order_id": order.order_id,
        "business_date": order.business_date.day(),
        "dealer_id": order.dealer_id,
        "dealer_name": order.dealer_name,
        "region_ids": region_ids,
        "region_names": region_names,
        "status": shown(order.status),
        "line_count": order.lines.len(),
        "quantity": order.quantity.get(),
        "gross_minor": order.gross_minor.0,
        "off_minor": order.off_minor().0,
        "tax_minor": order.tax_minor(),
        "promotions": order.promotions,
        "currency_code": order.currency,
        "note": order.note,
        "replaces": order.replaces.as_ref().map(AsRef::as_ref).unwrap_or_default(),
        "submitted_at": recorded.recorded_at,
        "version": recorded.version,
    });
    db.insert(&ORDERS, row)?;
    for line in &order.lines {
        db.insert(&LINES, line_row(recorded, line))?;
    }
    for gift in &order.gifts {
        db.insert(&LINES, gift_row(recorded, gift))?;
    }
    Ok(())
}

/// What was bought, as a row.
pub(super) fn line_row(recorded: &Recorded, line: &OrderLine) -> Value {
    json!({
        "tenant_id": recorded.tenant,
        "order_id": recorded.object_id,
        "line_no": line.line_no,
        "product_id": line.product_id,
        "product_name": line.product_name,
        "base_unit": line.base_unit,
        "quantity": line.quantity.get(),
        "unit_price_minor": line.unit_price_minor.0,
        "gross_minor": line.gross_minor.0,
        "off_minor": line.off_minor().0,
        "tax": line.tax,
        "shipped": 0,
        "received": 0,
        "disputed": 0,
        "claimed": 0,
        "settled": 0,
    })
}

/// What was given besides, as a row.
pub(super) fn gift_row(recorded: &Recorded, gift: &OrderGift) -> Value {
    json!({
        "tenant_id": recorded.tenant,
        "order_id": recorded.object_id,
        "line_no": gift.line_no,
        "product_id": gift.product_id,
        "product_name": gift.product_name,
        "base_unit": gift.base_unit,
        "quantity": gift.quantity.get(),
        "unit_price_minor": 0,
        "gross_minor": 0,
        "off_minor": 0,
        "gift_of": gift.promotion_id,
        "instead_of": gift.instead_of,
        "shipped": 0,
        "received": 0,
        "disputed": 0,
        "claimed": 0,
        "settled": 0,
    })
}

/// Adds what was moved to a column of the lines.
fn move_lines(
    db: &mut Db<'_>,
    recorded: &Recorded,
    column: &'static str,
    lines: &[LineQuantity],
) -> Result<(), ProjectError> {
    for line in lines {
        let moved = json!({
            "tenant_id": recorded.tenant,
            "order_id": recorded.object_id,
            "line_no": line.line_no,
            column: line.quantity.get(),
        });
        db.add(&LINES, moved)?;
    }
    Ok(())
}

/// What was in an after-sale case is in none now, and some of it is settled.
fn case_over(
    db: &mut Db<'_>,
    recorded: &Recorded,
    lines: &[LineQuantity],
    settled: &[SettledLine],
) -> Result<(), ProjectError> {
    for line in lines {
        let units = settled.iter().find(|it| it.line_no == line.line_no).map(|it| it.quantity);
        let moved = json!({
            "tenant_id": recorded.tenant,
            "order_id": recorded.object_id,
            "line_no": line.line_no,
            "claimed": -line.quantity.get(),
            "settled": units.unwrap_or_default().get(),
        });
        db.add(&LINES, moved)?;
    }
    Ok(())
}

/// Says what will not come of the lines.
fn close_lines(
    db: &mut Db<'_>,
    recorded: &Recorded,
    lines: &[ClosedLine],
) -> Result<(), ProjectError> {
    for line in lines {
        let closed = json!({
            "tenant_id": recorded.tenant,
            "order_id": recorded.object_id,
            "line_no": line.line_no,
            "closed": line.quantity.get(),
            "closed_net_minor": line.net_minor().0,
        });
        db.add(&LINES, closed)?;
    }
    Ok(())
}
