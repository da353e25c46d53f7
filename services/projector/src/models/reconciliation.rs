//! Lines of bank statements and bills of providers, against what is on record.

use kernel::Recorded;
use kernel::projection::{Db, ProjectError, Projection, Table};
use order::bank_line::{BankEntry, BankLine, BankLineEvent};
use order::payment::told;
use order::provider_bill::{
    BillDifference, DifferenceKind, ProviderBill, ProviderBillCompared, ProviderBillEvent,
};
use proto::order::v1 as pb;
use serde_json::{Value, json};

kernel::facts!(
    pub(crate) enum Reconciled {
        Line(BankLine),
        Bill(ProviderBill),
    }
);

const LINES: Table = Table { name: "bank_lines", key: &["tenant_id", "line_id"] };
const BILLS: Table = Table { name: "provider_bills", key: &["tenant_id", "bill_id"] };
const DIFFERENCES: Table =
    Table { name: "bill_differences", key: &["tenant_id", "bill_id", "difference_id"] };

pub(crate) struct Reconciliation;

impl Projection for Reconciliation {
    const NAME: &'static str = "reconciliation";
    const CONTEXT: &'static str = "order";
    const TABLES: &'static [&'static Table] = &[&LINES, &BILLS, &DIFFERENCES];
    const SCHEMA: &'static str = include_str!("reconciliation.sql");
    type Facts = Reconciled;

    async fn project(
        &self,
        db: &mut Db<'_>,
        recorded: &Recorded,
        fact: Reconciled,
    ) -> Result<(), ProjectError> {
        match fact {
            Reconciled::Line(event) => line(db, recorded, event),
            Reconciled::Bill(ProviderBillEvent::ProviderBillCompared(compared)) => {
                bill(db, recorded, &compared)
            }
            Reconciled::Bill(ProviderBillEvent::BillDifferenceResolved {
                difference_id,
                reason,
                ..
            }) => {
                let mut row = of_bill(recorded, &difference_id);
                row["reason"] = reason.into();
                row["resolved_by"] = recorded.metadata.actor_id.clone().into();
                row["resolved_at"] = json!(recorded.recorded_at);
                db.update(&DIFFERENCES, row)
            }
        }
    }
}

fn line(db: &mut Db<'_>, recorded: &Recorded, event: BankLineEvent) -> Result<(), ProjectError> {
    use pb::BankLineStatus as Status;
    match event {
        BankLineEvent::BankLineImported(entry) => db.insert(&LINES, imported(recorded, &entry)),
        BankLineEvent::BankLineProposed { remittance_id, dealer_id, by_hand, .. } => {
            let mut row = now(recorded, Status::Proposed);
            row["remittance_id"] = json!(remittance_id);
            row["dealer_id"] = json!(dealer_id);
            row["by_hand"] = by_hand.into();
            row["reason"] = "".into();
            db.update(&LINES, row)
        }
        BankLineEvent::BankLineDiffered {
            remittance_id,
            dealer_id,
            reported_minor,
            rival_id,
            ..
        } => {
            let mut row = now(recorded, Status::Differs);
            row["rival_id"] = json!(rival_id.map(|id| id.to_string()).unwrap_or_default());
            row["remittance_id"] = json!(remittance_id);
            row["dealer_id"] = json!(dealer_id);
            row["reported_minor"] = reported_minor.0.into();
            row["by_hand"] = false.into();
            row["reason"] = "".into();
            db.update(&LINES, row)
        }
        BankLineEvent::BankLineMatched { remittance_id, dealer_id, assigned, .. } => {
            let mut row = now(recorded, Status::Matched);
            row["remittance_id"] = json!(remittance_id);
            row["dealer_id"] = json!(dealer_id);
            row["reason"] = "".into();
            if assigned {
                row["by_hand"] = true.into();
            }
            db.update(&LINES, row)
        }
        BankLineEvent::BankLineSetAside { reason, .. } => {
            db.update(&LINES, nobodys(recorded, Status::SetAside, reason))
        }
        BankLineEvent::BankLineReopened { reason, .. } => {
            db.update(&LINES, nobodys(recorded, Status::Open, reason))
        }
    }
}

fn imported(recorded: &Recorded, entry: &BankEntry) -> Value {
    json!({
        "tenant_id": recorded.tenant,
        "line_id": recorded.object_id,
        "bank_account": entry.bank_account,
        "bank_reference": entry.bank_reference,
        "booked_on": entry.booked_on,
        "currency_code": entry.currency,
        "amount_minor": entry.amount_minor.0,
        "payer_name": entry.payer_name,
        "payer_account": entry.payer_account,
        "memo": entry.memo,
        "status": i32::from(pb::BankLineStatus::Open),
        "imported_by": recorded.metadata.actor_id,
        "imported_at": recorded.recorded_at,
        "changed_by": recorded.metadata.actor_id,
        "changed_at": recorded.recorded_at,
        "version": recorded.version,
    })
}

fn now(recorded: &Recorded, status: pb::BankLineStatus) -> Value {
    json!({
        "tenant_id": recorded.tenant,
        "line_id": recorded.object_id,
        "status": i32::from(status),
        "changed_by": recorded.metadata.actor_id,
        "changed_at": recorded.recorded_at,
        "version": recorded.version,
        "rival_id": "",
    })
}

/// A line that is nobody's money, or of which nobody knows whose it is.
fn nobodys(recorded: &Recorded, status: pb::BankLineStatus, reason: String) -> Value {
    let mut row = now(recorded, status);
    row["remittance_id"] = "".into();
    row["dealer_id"] = "".into();
    row["by_hand"] = false.into();
    row["reason"] = reason.into();
    row
}

fn bill(
    db: &mut Db<'_>,
    recorded: &Recorded,
    compared: &ProviderBillCompared,
) -> Result<(), ProjectError> {
    db.upsert(
        &BILLS,
        json!({
            "tenant_id": recorded.tenant,
            "bill_id": recorded.object_id,
            "provider": i32::from(told::provider(compared.provider)),
            "merchant": compared.merchant,
            "day": compared.day,
            "currency_code": compared.currency,
            "there": compared.there,
            "here": compared.here,
            "fee_minor": compared.fee_minor.0,
            "digest": compared.digest,
            "differences_count": compared.differences_count,
            "asked_by": compared.asked_by.as_deref().unwrap_or_default(),
            "compared_at": recorded.recorded_at,
            "version": recorded.version,
        }),
    )?;
    for gone in &compared.gone {
        let mut row = of_bill(recorded, gone);
        row["is_gone"] = true.into();
        row["reason"] = "".into();
        row["resolved_by"] = "".into();
        row["resolved_at"] = Value::Null;
        db.update(&DIFFERENCES, row)?;
    }
    for difference in &compared.differences {
        db.upsert(&DIFFERENCES, differs(recorded, difference))?;
    }
    Ok(())
}

fn differs(recorded: &Recorded, difference: &BillDifference) -> Value {
    let kind = match difference.kind {
        DifferenceKind::OnlyThere => pb::BillDifferenceKind::OnlyThere,
        DifferenceKind::OnlyHere => pb::BillDifferenceKind::OnlyHere,
        DifferenceKind::Amount => pb::BillDifferenceKind::Amount,
    };
    let mut row = of_bill(recorded, &difference.difference_id);
    row["kind"] = i32::from(kind).into();
    row["is_refund"] = difference.is_refund.into();
    row["payment"] = difference.payment.clone().into();
    row["refund"] = difference.refund.clone().into();
    row["transaction"] = difference.transaction.clone().into();
    row["there_minor"] = json!(difference.there_minor.map(|amount| amount.0));
    row["here_minor"] = json!(difference.here_minor.map(|amount| amount.0));
    row["is_gone"] = false.into();
    row
}

fn of_bill(recorded: &Recorded, difference_id: &str) -> Value {
    json!({
        "tenant_id": recorded.tenant,
        "bill_id": recorded.object_id,
        "difference_id": difference_id,
    })
}
