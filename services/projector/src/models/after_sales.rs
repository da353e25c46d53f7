//! After-sale cases.

use kernel::Recorded;
use kernel::projection::{Db, ProjectError, Projection, Table};
use order::after_sale::{
    AfterSale, AfterSaleEvent, AfterSaleStatus, CaseLine, Cause, Requested, ReturnedLine, Settled,
};
use proto::order::v1 as pb;
use serde_json::{Value, json};

kernel::facts!(
    pub(crate) enum Case {
        AfterSale(AfterSale),
    }
);

const CASES: Table = Table { name: "after_sales", key: &["tenant_id", "after_sale_id"] };
const LINES: Table =
    Table { name: "after_sale_lines", key: &["tenant_id", "after_sale_id", "line_no", "cause"] };

pub(crate) struct AfterSales;

impl Projection for AfterSales {
    const NAME: &'static str = "after_sales";
    const CONTEXT: &'static str = "order";
    const TABLES: &'static [&'static Table] = &[&CASES, &LINES];
    const SCHEMA: &'static str = include_str!("after_sales.sql");
    type Facts = Case;

    async fn project(
        &self,
        db: &mut Db<'_>,
        recorded: &Recorded,
        Case::AfterSale(event): Case,
    ) -> Result<(), ProjectError> {
        let change = match event {
            AfterSaleEvent::AfterSaleRequested(requested) => {
                return begun(db, recorded, &requested);
            }
            AfterSaleEvent::AfterSaleApproved { goods_return, remark, status, .. } => {
                let mut row = row(recorded, status);
                row["goods_return"] = goods_return.into();
                row["remark"] = remark.into();
                row["decided_at"] = json!(recorded.recorded_at);
                row
            }
            AfterSaleEvent::AfterSaleRefused { reason, status, .. } => {
                let mut row = row(recorded, status);
                row["remark"] = reason.into();
                row["decided_at"] = json!(recorded.recorded_at);
                row
            }
            AfterSaleEvent::AfterSaleWithdrawn { reason, status, .. } => {
                let mut row = row(recorded, status);
                row["remark"] = reason.into();
                row
            }
            AfterSaleEvent::ReturnShipped { carrier, tracking_number, status, .. } => {
                let mut row = row(recorded, status);
                row["carrier"] = carrier.into();
                row["tracking_number"] = tracking_number.into();
                row
            }
            AfterSaleEvent::ReturnReceived { lines, status, .. } => {
                for line in &lines {
                    db.add(&LINES, came_back(recorded, line))?;
                }
                row(recorded, status)
            }
            AfterSaleEvent::AfterSaleSettled(settled) => ended(recorded, &settled),
            AfterSaleEvent::AfterSaleRated { rating, status, .. } => {
                let mut row = row(recorded, status);
                row["rated_goods"] = rating.goods.into();
                row["rated_service"] = rating.service.into();
                row["rated_comment"] = rating.comment.into();
                row
            }
        };
        db.update(&CASES, change)
    }
}

fn row(recorded: &Recorded, status: AfterSaleStatus) -> Value {
    json!({
        "tenant_id": recorded.tenant,
        "after_sale_id": recorded.object_id,
        "status": i32::from(pb::AfterSaleStatus::from(status)),
        "version": recorded.version,
    })
}

fn begun(db: &mut Db<'_>, recorded: &Recorded, asked: &Requested) -> Result<(), ProjectError> {
    let mut begun = row(recorded, asked.status);
    begun["order_id"] = json!(asked.order_id);
    begun["dealer_id"] = json!(asked.dealer_id);
    begun["currency_code"] = json!(asked.currency);
    begun["wish"] = i32::from(pb::AfterSaleSettlement::from(asked.wish)).into();
    begun["note"] = asked.note.as_str().into();
    begun["at_receipt"] = asked.at_receipt.into();
    begun["requested_by"] = json!(recorded.metadata.actor_id);
    begun["requested_at"] = json!(recorded.recorded_at);
    db.insert(&CASES, begun)?;
    for CaseLine { line_no, product_id, quantity, cause, note } in &asked.lines {
        let mut line = line(recorded, *line_no, *cause);
        line["order_id"] = json!(asked.order_id);
        line["product_id"] = json!(product_id);
        line["quantity"] = quantity.get().into();
        line["note"] = note.as_str().into();
        db.insert(&LINES, line)?;
    }
    Ok(())
}

fn line(recorded: &Recorded, line_no: u32, cause: Cause) -> Value {
    json!({
        "tenant_id": recorded.tenant,
        "after_sale_id": recorded.object_id,
        "line_no": line_no,
        "cause": i32::from(pb::AfterSaleCause::from(cause)),
    })
}

fn came_back(recorded: &Recorded, back: &ReturnedLine) -> Value {
    let mut line = line(recorded, back.line_no, back.cause);
    line["sellable"] = back.sellable.get().into();
    line["scrap"] = back.scrap.get().into();
    line["rejected"] = back.rejected.get().into();
    line
}

fn ended(recorded: &Recorded, settled: &Settled) -> Value {
    let again = settled.replacement_order_id.as_ref().map(AsRef::as_ref).unwrap_or_default();
    let mut row = row(recorded, settled.status);
    row["settlement"] = i32::from(pb::AfterSaleSettlement::from(settled.settlement)).into();
    row["settled_at"] = json!(recorded.recorded_at);
    row["amount_minor"] = settled.amount_minor.0.into();
    row["payout"] = json!(settled.payout);
    row["replacement"] = again.into();
    if !settled.remark.is_empty() {
        row["remark"] = settled.remark.as_str().into();
    }
    row
}
