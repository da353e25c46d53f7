//! From facts to errands: what a fact of a payment means for its provider becomes a row, in the
//! transaction of the checkpoint.

use chrono::{DateTime, Utc};
use kernel::Recorded;
use kernel::projection::{Db, ProjectError, Projection};
use order::payment::{Closure, OnlinePayment, PaymentEvent, PaymentStarted};
use values::{Minor, PaymentId};

use crate::errands::Step;
use crate::worker::QUIET;

kernel::facts!(
    pub(crate) enum PaymentFact {
        Payment(OnlinePayment),
    }
);

/// Follows the payments of all tenants.
pub(crate) struct FollowPayments;

impl Projection for FollowPayments {
    const NAME: &'static str = "payments-follow";
    const CONTEXT: &'static str = "order";
    type Facts = PaymentFact;

    async fn project(
        &self,
        db: &mut Db<'_>,
        recorded: &Recorded,
        PaymentFact::Payment(event): PaymentFact,
    ) -> Result<(), ProjectError> {
        let at = recorded.recorded_at;
        match event {
            PaymentEvent::PaymentStarted(started) => begin(db, recorded, &started).await,
            PaymentEvent::PaymentPresented { .. } => {
                step(db, recorded, Step::LookUp, at + QUIET).await
            }
            PaymentEvent::PaymentCaptured { transaction, .. } => {
                let moved = (transaction.amount_minor, transaction.paid_at);
                paid(db, recorded, moved).await
            }
            PaymentEvent::PaymentParked { .. } => step(db, recorded, Step::Done, at).await,
            PaymentEvent::ParkedPaymentDismissed { .. } => {
                step(db, recorded, Step::LookUp, at).await
            }
            // Whoever had opened it must not be able to pay it any more.
            PaymentEvent::PaymentClosed { why: Closure::Expired, .. } => {
                step(db, recorded, Step::Done, at).await
            }
            PaymentEvent::PaymentClosed { .. } => step(db, recorded, Step::Close, at).await,
            PaymentEvent::RefundRequested { refund_id, amount_minor, reason, replaces, .. } => {
                give_back(db, recorded, (&refund_id, replaces, amount_minor, &reason)).await
            }
            PaymentEvent::RefundCompleted { refund_id, .. } => {
                given_back(db, recorded, &refund_id, Some(at)).await
            }
            PaymentEvent::RefundFailed { refund_id, .. } => {
                given_back(db, recorded, &refund_id, None).await
            }
        }
    }
}

async fn begin(
    db: &mut Db<'_>,
    recorded: &Recorded,
    started: &PaymentStarted,
) -> Result<(), ProjectError> {
    sqlx::query(
        "INSERT INTO payment_errands (tenant_id, payment_id, refund_id, order_id, provider, scene,
             amount_minor, expires_at, created_at, step, next_at)
         VALUES ($1, $2, '', $3, $4, $5, $6, $7, $8, $9, $8) ON CONFLICT DO NOTHING",
    )
    .bind(&recorded.tenant)
    .bind(started.payment_id.as_str())
    .bind(started.order_id.as_str())
    .bind(started.provider.as_ref())
    .bind(started.scene.as_ref())
    .bind(started.amount_minor.0)
    .bind(started.expires_at)
    .bind(recorded.recorded_at)
    .bind(Step::Present.as_ref())
    .execute(db.sql().await?)
    .await?;
    Ok(())
}

/// What is asked next about the payment itself; whoever asks now has nothing more to say.
async fn step(
    db: &mut Db<'_>,
    recorded: &Recorded,
    step: Step,
    at: DateTime<Utc>,
) -> Result<(), ProjectError> {
    sqlx::query(
        "UPDATE payment_errands SET step = $3, next_at = $4, tries = 0, claim = NULL
         WHERE tenant_id = $1 AND payment_id = $2 AND refund_id = ''",
    )
    .bind(&recorded.tenant)
    .bind(&recorded.object_id)
    .bind(step.as_ref())
    .bind(at)
    .execute(db.sql().await?)
    .await?;
    Ok(())
}

async fn paid(
    db: &mut Db<'_>,
    recorded: &Recorded,
    (amount, moved_at): (Minor, DateTime<Utc>),
) -> Result<(), ProjectError> {
    step(db, recorded, Step::Done, recorded.recorded_at).await?;
    sqlx::query(
        "UPDATE payment_errands SET paid_minor = $3, moved_at = $4
         WHERE tenant_id = $1 AND payment_id = $2 AND refund_id = ''",
    )
    .bind(&recorded.tenant)
    .bind(&recorded.object_id)
    .bind(amount.0)
    .bind(moved_at)
    .execute(db.sql().await?)
    .await?;
    Ok(())
}

async fn give_back(
    db: &mut Db<'_>,
    recorded: &Recorded,
    (refund_id, replaces, amount, reason): (&PaymentId, Option<PaymentId>, Minor, &str),
) -> Result<(), ProjectError> {
    sqlx::query(
        "INSERT INTO payment_errands (tenant_id, payment_id, refund_id, order_id, provider, scene,
             amount_minor, paid_minor, reason, expires_at, created_at, step, next_at, replaces,
             merchant_id)
         SELECT tenant_id, payment_id, $3, order_id, provider, scene, $4, paid_minor, $5,
             expires_at, $6, $7, $6, $8, merchant_id
         FROM payment_errands WHERE tenant_id = $1 AND payment_id = $2 AND refund_id = ''
         ON CONFLICT DO NOTHING",
    )
    .bind(&recorded.tenant)
    .bind(&recorded.object_id)
    .bind(refund_id.as_str())
    .bind(amount.0)
    .bind(reason)
    .bind(recorded.recorded_at)
    .bind(Step::Refund.as_ref())
    .bind(replaces.map(|id| id.to_string()).unwrap_or_default())
    .execute(db.sql().await?)
    .await?;
    Ok(())
}

async fn given_back(
    db: &mut Db<'_>,
    recorded: &Recorded,
    refund_id: &PaymentId,
    moved_at: Option<DateTime<Utc>>,
) -> Result<(), ProjectError> {
    sqlx::query(
        "UPDATE payment_errands SET step = $4, claim = NULL, moved_at = $5
         WHERE tenant_id = $1 AND payment_id = $2 AND refund_id = $3",
    )
    .bind(&recorded.tenant)
    .bind(&recorded.object_id)
    .bind(refund_id.as_str())
    .bind(Step::Done.as_ref())
    .bind(moved_at)
    .execute(db.sql().await?)
    .await?;
    Ok(())
}
