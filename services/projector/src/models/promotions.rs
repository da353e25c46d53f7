//! Promotions.

use kernel::Recorded;
use kernel::projection::{Db, ProjectError, Projection, Table};
use order::promotion::{Plan, Promotion, PromotionEvent, PromotionStatus};
use serde_json::{Value, json};

kernel::facts!(
    pub(crate) enum Offers {
        Promotion(Promotion),
    }
);

const PROMOTIONS: Table = Table { name: "promotions", key: &["tenant_id", "promotion_id"] };

pub(crate) struct Promotions;

impl Projection for Promotions {
    const NAME: &'static str = "promotions";
    const CONTEXT: &'static str = "order";
    const TABLES: &'static [&'static Table] = &[&PROMOTIONS];
    const SCHEMA: &'static str = include_str!("promotions.sql");
    type Facts = Offers;

    async fn project(
        &self,
        db: &mut Db<'_>,
        recorded: &Recorded,
        Offers::Promotion(event): Offers,
    ) -> Result<(), ProjectError> {
        let actor = &recorded.metadata.actor_id;
        match event {
            PromotionEvent::PromotionDrafted(plan) => {
                let mut row = written(recorded, &plan);
                row["status"] = PromotionStatus::Draft.as_ref().into();
                db.insert(&PROMOTIONS, row)
            }
            PromotionEvent::PromotionRevised(plan) => {
                db.update(&PROMOTIONS, written(recorded, &plan))
            }
            PromotionEvent::PromotionApproved { .. } => {
                let mut row = changed(recorded, PromotionStatus::Approved, "");
                row["approved_by"] = actor.as_str().into();
                db.update(&PROMOTIONS, row)
            }
            PromotionEvent::PromotionPaused { reason, .. } => {
                db.update(&PROMOTIONS, changed(recorded, PromotionStatus::Paused, &reason))
            }
            PromotionEvent::PromotionResumed { .. } => {
                db.update(&PROMOTIONS, changed(recorded, PromotionStatus::Approved, ""))
            }
            PromotionEvent::PromotionEnded { reason, .. } => {
                db.update(&PROMOTIONS, changed(recorded, PromotionStatus::Ended, &reason))
            }
        }
    }
}

/// What a plan says, by whoever wrote it last.
fn written(recorded: &Recorded, plan: &Plan) -> Value {
    json!({
        "tenant_id": recorded.tenant,
        "promotion_id": recorded.object_id,
        "version": recorded.version,
        "name": plan.terms.name,
        "begins_on": plan.terms.window.from,
        "ends_on": plan.terms.window.until,
        "plan": plan,
        "drafted_by": recorded.metadata.actor_id,
        "changed_at": recorded.recorded_at,
    })
}

fn changed(recorded: &Recorded, status: PromotionStatus, reason: &str) -> Value {
    json!({
        "tenant_id": recorded.tenant,
        "promotion_id": recorded.object_id,
        "version": recorded.version,
        "status": status.as_ref(),
        "reason": reason,
        "changed_at": recorded.recorded_at,
    })
}
