//! What people have to do about orders before and while they are delivered: steps of the review, and
//! changes that wait for the brand, with what came of earlier ones.

use kernel::Recorded;
use kernel::projection::{Db, ProjectError, Projection, Table};
use order::order::changing::{LineChange, OrderChangeProposed, OrderChanged};
use order::order::review::StepKind;
use order::order::{Order, OrderEvent};
use proto::order::v1::OrderChangeState;
use serde_json::{Value, json};
use values::Minor;

kernel::facts!(
    pub(crate) enum Todo {
        Order(Order),
    }
);

const TODOS: Table = Table { name: "order_todos", key: &["tenant_id", "order_id"] };
const CHANGES: Table = Table { name: "order_changes", key: &["tenant_id", "order_id", "version"] };

pub(crate) struct OrderTodos;

impl Projection for OrderTodos {
    const NAME: &'static str = "order_todos";
    const CONTEXT: &'static str = "order";
    const TABLES: &'static [&'static Table] = &[&TODOS, &CHANGES];
    const SCHEMA: &'static str = include_str!("order_todos.sql");
    type Facts = Todo;

    async fn project(
        &self,
        db: &mut Db<'_>,
        recorded: &Recorded,
        Todo::Order(event): Todo,
    ) -> Result<(), ProjectError> {
        let at = recorded.recorded_at;
        match event {
            OrderEvent::OrderReviewAsked { steps, .. } => {
                let row = json!({
                    "steps": steps,
                    "review_step": number(steps.first().map(|step| step.step)),
                    "review_since": at,
                    "sent_back": false,
                    "sent_back_reason": "",
                });
                db.upsert(&TODOS, of(recorded, row))
            }
            OrderEvent::OrderStepApproved { next, .. }
            | OrderEvent::OrderStepWaived { next, .. } => {
                let row = json!({ "review_step": number(next), "review_since": at });
                db.update(&TODOS, of(recorded, row))
            }
            OrderEvent::OrderSentBack { reason, .. } => {
                let row = json!({
                    "review_step": number(None),
                    "review_since": at,
                    "sent_back": true,
                    "sent_back_reason": reason,
                });
                db.update(&TODOS, of(recorded, row))
            }
            OrderEvent::OrderConfirmed { .. } => nothing(db, recorded),
            OrderEvent::OrderCancelled { .. } => {
                nothing(db, recorded)?;
                decided(db, recorded, OrderChangeState::Withdrawn, "").await
            }
            OrderEvent::OrderChangeProposed(it) => proposed(db, recorded, &it),
            OrderEvent::OrderChangeWithdrawn { .. } => {
                over(db, recorded, OrderChangeState::Withdrawn, "").await
            }
            OrderEvent::OrderChangeRefused { reason, .. } => {
                over(db, recorded, OrderChangeState::Refused, &reason).await
            }
            OrderEvent::OrderChanged(it) if it.anew => made(db, recorded, &it),
            OrderEvent::OrderChanged(_) => over(db, recorded, OrderChangeState::Made, "").await,
            // The cancel that comes with these says it.
            OrderEvent::OrderRefused { .. }
            | OrderEvent::CreditRefused { .. }
            | OrderEvent::OrderExpired { .. }
            // Nobody has to do anything by these.
            | OrderEvent::OrderSubmitted(_)
            | OrderEvent::PaymentAllocated { .. }
            | OrderEvent::CreditHoldReleased { .. }
            | OrderEvent::OrderShipped { .. }
            | OrderEvent::OrderReceived { .. }
            | OrderEvent::OrderShortClosed { .. }
            | OrderEvent::AfterSaleOpened { .. }
            | OrderEvent::AfterSaleEnded { .. }
            | OrderEvent::OrderRated { .. } => Ok(()),
        }
    }
}

fn proposed(
    db: &mut Db<'_>,
    recorded: &Recorded,
    it: &OrderChangeProposed,
) -> Result<(), ProjectError> {
    db.upsert(&TODOS, of(recorded, json!({ "change_waits": true })))?;
    let money = (it.previous_net_minor, it.proposal.net_minor);
    let mut row = change(recorded, &it.proposal.changes, money, &it.proposal.note);
    row["state"] = i32::from(OrderChangeState::Proposed).into();
    row["on_behalf"] = it.proposal.on_behalf.into();
    db.insert(&CHANGES, row)
}

/// A change that nobody had to agree to.
fn made(db: &mut Db<'_>, recorded: &Recorded, it: &OrderChanged) -> Result<(), ProjectError> {
    let money = (it.previous_net_minor, it.net_minor);
    let mut row = change(recorded, &it.changes, money, &it.note);
    row["state"] = i32::from(OrderChangeState::Made).into();
    row["decided_by"] = recorded.metadata.actor_id.as_str().into();
    row["decided_at"] = json!(recorded.recorded_at);
    db.insert(&CHANGES, row)
}

/// The change that waited does not any more.
async fn over(
    db: &mut Db<'_>,
    recorded: &Recorded,
    state: OrderChangeState,
    reason: &str,
) -> Result<(), ProjectError> {
    db.update(&TODOS, of(recorded, json!({ "change_waits": false, "review_step": 0 })))?;
    decided(db, recorded, state, reason).await
}

/// A step as the contract numbers it; 0: none.
fn number(step: Option<StepKind>) -> i32 {
    step.map_or(0, |step| step as i32)
}

/// A row about the order of a fact.
fn of(recorded: &Recorded, mut columns: Value) -> Value {
    columns["tenant_id"] = recorded.tenant.as_str().into();
    columns["order_id"] = recorded.object_id.as_str().into();
    columns
}

/// Nobody has to look at it any more.
fn nothing(db: &mut Db<'_>, recorded: &Recorded) -> Result<(), ProjectError> {
    let row = json!({ "review_step": 0, "sent_back": false, "change_waits": false });
    db.update(&TODOS, of(recorded, row))
}

fn change(
    recorded: &Recorded,
    changes: &[LineChange],
    (before, after): (Minor, Minor),
    note: &str,
) -> Value {
    let row = json!({
        "version": recorded.version,
        "changes": changes,
        "previous_net_minor": before.0,
        "net_minor": after.0,
        "note": note,
        "proposed_by": recorded.metadata.actor_id,
        "proposed_at": recorded.recorded_at,
    });
    of(recorded, row)
}

/// What came of the change that waited, if one did.
async fn decided(
    db: &mut Db<'_>,
    recorded: &Recorded,
    state: OrderChangeState,
    reason: &str,
) -> Result<(), ProjectError> {
    sqlx::query(
        "UPDATE order_changes SET state = $3, reason = $4, decided_by = $5, decided_at = $6
         WHERE tenant_id = $1 AND order_id = $2 AND state = $7",
    )
    .bind(&recorded.tenant)
    .bind(&recorded.object_id)
    .bind(i32::from(state))
    .bind(reason)
    .bind(&recorded.metadata.actor_id)
    .bind(recorded.recorded_at)
    .bind(i32::from(OrderChangeState::Proposed))
    .execute(db.sql().await?)
    .await?;
    Ok(())
}
