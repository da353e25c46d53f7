//! What warehouses send of orders.

use kernel::Recorded;
use kernel::projection::{Db, ProjectError, Projection, Table};
use order::order::LineQuantity;
use order::shipment::{Shipment, ShipmentEvent, ShipmentReleased, ShipmentStatus};
use proto::order::v1 as pb;
use serde_json::{Value, json};

kernel::facts!(
    pub(crate) enum Sent {
        Shipment(Shipment),
    }
);

const SHIPMENTS: Table = Table { name: "shipments", key: &["tenant_id", "shipment_id"] };
const LINES: Table =
    Table { name: "shipment_lines", key: &["tenant_id", "shipment_id", "line_no"] };
const PARCELS: Table =
    Table { name: "shipment_parcels", key: &["tenant_id", "shipment_id", "version"] };

pub(crate) struct Shipments;

impl Projection for Shipments {
    const NAME: &'static str = "shipments";
    const CONTEXT: &'static str = "order";
    const TABLES: &'static [&'static Table] = &[&SHIPMENTS, &LINES, &PARCELS];
    const SCHEMA: &'static str = include_str!("shipments.sql");
    type Facts = Sent;

    async fn project(
        &self,
        db: &mut Db<'_>,
        recorded: &Recorded,
        Sent::Shipment(event): Sent,
    ) -> Result<(), ProjectError> {
        let mut row = row(recorded, event.status());
        match event {
            ShipmentEvent::ShipmentReleased(released) => return release(db, recorded, &released),
            ShipmentEvent::ShipmentAcknowledged { reference, .. } => {
                row["reference"] = reference.into();
                row["acknowledged_at"] = json!(recorded.recorded_at);
                row["waits_since"] = Value::Null;
            }
            ShipmentEvent::ShipmentHandedBack { reason, .. } => {
                row["reason"] = reason.into();
                row["reference"] = "".into();
                row["acknowledged_at"] = Value::Null;
                row["waits_since"] = json!(recorded.recorded_at);
            }
            ShipmentEvent::ShipmentShipped { lines, carrier, tracking_number, .. } => {
                add(db, recorded, "shipped", &lines)?;
                let parcel = json!({
                    "tenant_id": recorded.tenant,
                    "shipment_id": recorded.object_id,
                    "version": recorded.version,
                    "carrier": carrier,
                    "tracking_number": tracking_number,
                    "lines": lines,
                    "shipped_at": recorded.recorded_at,
                });
                db.insert(&PARCELS, parcel)?;
                row["carrier"] = carrier.into();
                row["tracking_number"] = tracking_number.into();
                row["shipped_at"] = json!(recorded.recorded_at);
                row["waits_since"] = Value::Null;
            }
            ShipmentEvent::ShipmentWithdrawn { lines, reason, .. } => {
                add(db, recorded, "withdrawn", &lines)?;
                row["reason"] = reason.into();
                row["waits_since"] = Value::Null;
            }
        }
        db.update(&SHIPMENTS, row)
    }
}

fn row(recorded: &Recorded, status: ShipmentStatus) -> Value {
    json!({
        "tenant_id": recorded.tenant,
        "shipment_id": recorded.object_id,
        "status": i32::from(pb::ShipmentStatus::from(status)),
        "version": recorded.version,
    })
}

fn release(
    db: &mut Db<'_>,
    recorded: &Recorded,
    released: &ShipmentReleased,
) -> Result<(), ProjectError> {
    let row = json!({
        "tenant_id": recorded.tenant,
        "shipment_id": released.shipment_id,
        "order_id": released.order_id,
        "number": released.number,
        "of_all": released.of,
        "dealer_id": released.dealer_id,
        "dealer_name": released.dealer_name,
        "region_ids": released.region_ids,
        "warehouse_id": released.warehouse_id.as_ref().map_or("", |id| id.as_str()),
        "status": i32::from(pb::ShipmentStatus::from(released.status)),
        "line_count": released.lines.len(),
        "released_at": recorded.recorded_at,
        "waits_since": recorded.recorded_at,
        "version": recorded.version,
    });
    db.insert(&SHIPMENTS, row)?;
    for line in &released.lines {
        let row = json!({
            "tenant_id": recorded.tenant,
            "shipment_id": released.shipment_id,
            "line_no": line.line_no,
            "product_id": line.product_id,
            "product_name": line.product_name,
            "base_unit": line.base_unit,
            "quantity": line.quantity.get(),
        });
        db.insert(&LINES, row)?;
    }
    Ok(())
}

/// Adds what was moved to a column of the lines.
fn add(
    db: &mut Db<'_>,
    recorded: &Recorded,
    column: &'static str,
    lines: &[LineQuantity],
) -> Result<(), ProjectError> {
    for line in lines {
        let moved = json!({
            "tenant_id": recorded.tenant,
            "shipment_id": recorded.object_id,
            "line_no": line.line_no,
            column: line.quantity.get(),
        });
        db.add(&LINES, moved)?;
    }
    Ok(())
}
