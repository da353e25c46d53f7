//! Payments of orders through providers.

use kernel::Recorded;
use kernel::projection::{Db, ProjectError, Projection, Table};
use order::payment::{
    OnlinePayment, PaymentEvent, PaymentStarted, PaymentStatus, Transaction, told,
};
use proto::order::v1 as pb;
use serde_json::{Value, json};
use values::PaymentId;

kernel::facts!(
    pub(crate) enum Paid {
        Payment(OnlinePayment),
    }
);

const PAYMENTS: Table = Table { name: "payments", key: &["tenant_id", "payment_id"] };
const REFUNDS: Table =
    Table { name: "payment_refunds", key: &["tenant_id", "payment_id", "refund_id"] };

pub(crate) struct Payments;

impl Projection for Payments {
    const NAME: &'static str = "payments";
    const CONTEXT: &'static str = "order";
    const TABLES: &'static [&'static Table] = &[&PAYMENTS, &REFUNDS];
    const SCHEMA: &'static str = include_str!("payments.sql");
    type Facts = Paid;

    async fn project(
        &self,
        db: &mut Db<'_>,
        recorded: &Recorded,
        Paid::Payment(event): Paid,
    ) -> Result<(), ProjectError> {
        let mut row = row(recorded, event.status());
        match event {
            PaymentEvent::PaymentStarted(started) => {
                return db.insert(&PAYMENTS, begun(recorded, &started));
            }
            PaymentEvent::PaymentPresented { url, .. } => row["url"] = url.into(),
            PaymentEvent::PaymentCaptured { transaction, allocated_minor, .. } => {
                row["transaction"] = transaction.transaction_id.into();
                row["captured_minor"] = transaction.amount_minor.0.into();
                row["allocated_minor"] = allocated_minor.0.into();
                row["paid_at"] = json!(transaction.paid_at);
                row["url"] = "".into();
                unparked(&mut row);
            }
            PaymentEvent::PaymentParked { transaction, currency_code, why, .. } => {
                let Transaction { transaction_id, amount_minor, .. } = transaction;
                row["mismatch"] = i32::from(pb::PaymentMismatch::from(why)).into();
                row["parked_transaction"] = transaction_id.into();
                row["parked_minor"] = amount_minor.0.into();
                row["parked_currency_code"] = currency_code.into();
            }
            PaymentEvent::ParkedPaymentDismissed { reason, .. } => {
                row["detail"] = reason.into();
                unparked(&mut row);
            }
            PaymentEvent::PaymentClosed { why, detail, .. } => {
                row["closure"] = i32::from(pb::PaymentClosure::from(why)).into();
                row["detail"] = detail.into();
                row["url"] = "".into();
            }
            PaymentEvent::RefundRequested { refund_id, amount_minor, reason, replaces, .. } => {
                if let Some(failed) = replaces {
                    db.update(&REFUNDS, refund(recorded, &failed, pb::RefundStatus::Replaced))?;
                }
                let mut asked = refund(recorded, &refund_id, pb::RefundStatus::Asked);
                asked["amount_minor"] = amount_minor.0.into();
                asked["reason"] = reason.into();
                asked["asked_at"] = json!(recorded.recorded_at);
                db.insert(&REFUNDS, asked)?;
            }
            PaymentEvent::RefundCompleted { refund_id, .. } => {
                ended(db, recorded, &refund_id, (pb::RefundStatus::Done, String::new()))?;
            }
            PaymentEvent::RefundFailed { refund_id, detail, .. } => {
                ended(db, recorded, &refund_id, (pb::RefundStatus::Failed, detail))?;
            }
        }
        db.update(&PAYMENTS, row)
    }
}

fn row(recorded: &Recorded, status: PaymentStatus) -> Value {
    json!({
        "tenant_id": recorded.tenant,
        "payment_id": recorded.object_id,
        "status": i32::from(pb::PaymentStatus::from(status)),
        "version": recorded.version,
    })
}

fn begun(recorded: &Recorded, started: &PaymentStarted) -> Value {
    json!({
        "tenant_id": recorded.tenant,
        "payment_id": started.payment_id,
        "order_id": started.order_id,
        "dealer_id": started.dealer_id,
        "provider": i32::from(told::provider(started.provider)),
        "scene": i32::from(pb::PaymentScene::from(started.scene)),
        "status": i32::from(pb::PaymentStatus::from(started.status)),
        "currency_code": started.currency,
        "amount_minor": started.amount_minor.0,
        "expires_at": started.expires_at,
        "started_by": recorded.metadata.actor_id,
        "started_at": recorded.recorded_at,
        "version": recorded.version,
    })
}

/// Nobody has to look at it any more.
fn unparked(row: &mut Value) {
    row["mismatch"] = 0.into();
}

fn refund(recorded: &Recorded, refund_id: &PaymentId, status: pb::RefundStatus) -> Value {
    json!({
        "tenant_id": recorded.tenant,
        "payment_id": recorded.object_id,
        "refund_id": refund_id,
        "status": i32::from(status),
    })
}

fn ended(
    db: &mut Db<'_>,
    recorded: &Recorded,
    refund_id: &PaymentId,
    (status, detail): (pb::RefundStatus, String),
) -> Result<(), ProjectError> {
    let mut row = refund(recorded, refund_id, status);
    row["detail"] = detail.into();
    row["ended_at"] = json!(recorded.recorded_at);
    db.update(&REFUNDS, row)
}
