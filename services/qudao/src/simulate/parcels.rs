//! What warehouses do with the shipments that they are handed, and what dealers find in the parcels.

use proto::order::v1 as order;
use proto::order::v1::order_service_client::OrderServiceClient;
use proto::order::v1::shipment_service_client::ShipmentServiceClient;
use world::acts::{Arrival, Parcel, Wrong};

use super::stage::{Stage, ask};

/// A warehouse takes a shipment on, some after they have handed it back once.
pub(super) async fn take(
    stage: &Stage,
    shipment_id: &str,
    handed_back: bool,
) -> anyhow::Result<()> {
    acknowledge(stage, shipment_id, "WMS").await?;
    if handed_back {
        hand_back(stage, shipment_id, "库位调整，稍后接单").await?;
        acknowledge(stage, shipment_id, "WMS-2").await?;
    }
    Ok(())
}

async fn acknowledge(stage: &Stage, shipment_id: &str, of: &str) -> anyhow::Result<()> {
    let request = order::AcknowledgeShipmentRequest {
        shipment_id: shipment_id.to_owned(),
        reference: format!("{of}-{shipment_id}"),
        ..Default::default()
    };
    let id = shipment_id;
    ask!(stage, warehouse, ShipmentServiceClient<_>, acknowledge_shipment, id, request).map(drop)
}

async fn hand_back(stage: &Stage, shipment_id: &str, reason: &str) -> anyhow::Result<()> {
    let request = order::HandBackShipmentRequest {
        shipment_id: shipment_id.to_owned(),
        reason: reason.to_owned(),
        ..Default::default()
    };
    let id = shipment_id;
    ask!(stage, warehouse, ShipmentServiceClient<_>, hand_back_shipment, id, request).map(drop)
}

pub(super) async fn ship(stage: &Stage, parcel: &Parcel) -> anyhow::Result<()> {
    let shipment_id = parcel.shipment_id();
    let about = format!("{shipment_id}/{}", parcel.part);
    let request = order::ShipShipmentRequest {
        lines: quantities(&parcel.lines),
        carrier: "云岭物流".to_owned(),
        tracking_number: format!("YL-{shipment_id}-{}", parcel.part),
        shipment_id,
        ..Default::default()
    };
    ask!(stage, warehouse, ShipmentServiceClient<_>, ship_shipment, &about, request).map(drop)
}

/// The warehouses hand back what they have of an order, and it ends with what has left.
pub(super) async fn close_short(
    stage: &Stage,
    order_id: &str,
    shipment_ids: &[String],
) -> anyhow::Result<()> {
    for shipment_id in shipment_ids {
        hand_back(stage, shipment_id, "余量破损，无法发出").await?;
    }
    let request = order::CloseOrderShortRequest {
        order_id: order_id.to_owned(),
        reason: "余量不再补货".to_owned(),
        ..Default::default()
    };
    ask!(stage, warehouse, OrderServiceClient<_>, close_order_short, order_id, request).map(drop)
}

pub(super) async fn receive(stage: &Stage, arrival: &Arrival) -> anyhow::Result<()> {
    let difference = |it: &world::acts::Difference| order::LineDifference {
        line_no: it.line_no,
        kind: match it.kind {
            Wrong::Short => order::DifferenceKind::Short,
            Wrong::Damaged => order::DifferenceKind::Damaged,
            Wrong::WrongGoods => order::DifferenceKind::WrongGoods,
        }
        .into(),
        quantity: it.quantity,
        note: String::new(),
    };
    let parcel = &arrival.parcel;
    let request = order::ReceiveOrderRequest {
        order_id: parcel.order_id.clone(),
        lines: quantities(&arrival.well()),
        differences: arrival.differences.iter().map(difference).collect(),
        ..Default::default()
    };
    let about = format!("{}/{}", parcel.shipment_id(), parcel.part);
    ask!(stage, mall, OrderServiceClient<_>, receive_order, &about, request).map(drop)
}

fn quantities(lines: &[(u32, u32)]) -> Vec<order::LineQuantity> {
    let line = |&(line_no, quantity): &(u32, u32)| order::LineQuantity { line_no, quantity };
    lines.iter().map(line).collect()
}
