//! A shipment as it is printed.

use proto::order::v1::{GetShipmentResponse, Shipment, ShipmentLine, ShipmentParcel};
use serde::Serialize;

use crate::client::{money, output};

#[derive(Serialize)]
pub(super) struct Shown {
    pub(super) shipment_id: String,
    order_id: String,
    number: u32,
    of: u32,
    dealer_id: String,
    pub(super) dealer_name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) warehouse_id: String,
    pub(super) status: String,
    pub(super) quantity: i64,
    pub(super) shipped: i64,
    withdrawn: i64,
    pub(super) released_at: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    acknowledged_at: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    shipped_at: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    reference: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    reason: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    carrier: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    tracking_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) waiting_minutes: Option<u32>,
    stuck: bool,
    version: u64,
}

#[derive(Serialize)]
struct Line {
    line_no: u32,
    product_id: String,
    product_name: String,
    base_unit: String,
    quantity: i64,
    shipped: i64,
    withdrawn: i64,
}

#[derive(Serialize)]
struct Parcel {
    carrier: String,
    tracking_number: String,
    shipped_at: String,
    /// Number of the line, and base units.
    lines: Vec<(u32, i64)>,
}

#[derive(Serialize)]
pub(super) struct Whole {
    #[serde(flatten)]
    shipment: Shown,
    lines: Vec<Line>,
    parcels: Vec<Parcel>,
}

impl Whole {
    /// All of it, a line each.
    pub(super) fn sheet(&self) -> String {
        let it = &self.shipment;
        let waits = it.waiting_minutes.map(|minutes| format!("{minutes} minutes"));
        let lines = [
            ("shipment", format!("{} ({} of {})", it.shipment_id, it.number, it.of)),
            ("order", it.order_id.clone()),
            ("dealer", format!("{} ({})", it.dealer_name, it.dealer_id)),
            ("warehouse", it.warehouse_id.clone()),
            ("status", it.status.clone()),
            ("units", money::count(it.quantity)),
            ("of them left", money::count(it.shipped)),
            ("of them withdrawn", money::count(it.withdrawn)),
            ("released", it.released_at.clone()),
            ("waits for", waits.unwrap_or_default()),
            ("acknowledged", it.acknowledged_at.clone()),
            ("reference", it.reference.clone()),
            ("why", it.reason.clone()),
        ];
        let told = lines.into_iter().filter(|(_, value)| !value.is_empty());
        let told = told.map(|(name, value)| vec![name.to_owned(), value]);
        let goods = self.lines.iter().map(|line| {
            let units = |units| format!("{} {}", money::count(units), line.base_unit);
            let parts = [line.product_name.clone(), units(line.quantity), units(line.shipped)];
            vec![format!("line {}", line.line_no), parts.join(" · ")]
        });
        let parcels = self.parcels.iter().map(|parcel| {
            let parts = [&parcel.carrier, &parcel.tracking_number, &parcel.shipped_at];
            let parts: Vec<&str> =
                parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
            vec!["left".to_owned(), parts.join(" · ")]
        });
        output::lines(&output::table(&["what", ""], told.chain(goods).chain(parcels)))
    }
}

impl From<GetShipmentResponse> for Whole {
    fn from(found: GetShipmentResponse) -> Self {
        Self {
            shipment: found.shipment.unwrap_or_default().into(),
            lines: found.lines.into_iter().map(Line::from).collect(),
            parcels: found.parcels.into_iter().map(Parcel::from).collect(),
        }
    }
}

impl From<Shipment> for Shown {
    fn from(shipment: Shipment) -> Self {
        let status = shipment.status().as_str_name().trim_start_matches("SHIPMENT_STATUS_");
        Self {
            status: status.to_lowercase().replace('_', "-"),
            shipment_id: shipment.shipment_id,
            order_id: shipment.order_id,
            number: shipment.number,
            of: shipment.of,
            dealer_id: shipment.dealer_id,
            dealer_name: shipment.dealer_name,
            warehouse_id: shipment.warehouse_id,
            quantity: shipment.quantity,
            shipped: shipment.shipped,
            withdrawn: shipment.withdrawn,
            released_at: shipment.released_at,
            acknowledged_at: shipment.acknowledged_at,
            shipped_at: shipment.shipped_at,
            reference: shipment.reference,
            reason: shipment.reason,
            carrier: shipment.carrier,
            tracking_number: shipment.tracking_number,
            waiting_minutes: shipment.waiting_minutes,
            stuck: shipment.stuck,
            version: shipment.version,
        }
    }
}

impl From<ShipmentLine> for Line {
    fn from(line: ShipmentLine) -> Self {
        Self {
            line_no: line.line_no,
            product_id: line.product_id,
            product_name: line.product_name,
            base_unit: line.base_unit,
            quantity: line.quantity,
            shipped: line.shipped,
            withdrawn: line.withdrawn,
        }
    }
}

impl From<ShipmentParcel> for Parcel {
    fn from(parcel: ShipmentParcel) -> Self {
        Self {
            carrier: parcel.carrier,
            tracking_number: parcel.tracking_number,
            shipped_at: parcel.shipped_at,
            lines: parcel.lines.into_iter().map(|line| (line.line_no, line.quantity)).collect(),
        }
    }
}
