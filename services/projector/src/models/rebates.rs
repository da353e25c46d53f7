//! Rebate plans, what of orders they count, and what was settled.

use kernel::Recorded;
use kernel::projection::{Db, ProjectError, Projection, Table};
use order::order::claims::went_back;
use order::order::{ClosedLine, LineQuantity, Order, OrderEvent, OrderLine, OrderSubmitted};
use order::rebate::settlement::Settled;
use order::rebate::{
    Draft, PlanStatus, RebatePlan, RebatePlanEvent, RebateSettlement, RebateSettlementEvent,
};
use serde_json::{Value, json};

use super::sales::regions;

kernel::facts!(
    pub(crate) enum RebateFact {
        Plan(RebatePlan),
        Settlement(RebateSettlement),
        Order(Order),
    }
);

const PLANS: Table = Table { name: "rebate_plans", key: &["tenant_id", "plan_id"] };
const VERSIONS: Table =
    Table { name: "rebate_plan_versions", key: &["tenant_id", "plan_id", "number"] };
const ORDERS: Table = Table { name: "rebate_orders", key: &["tenant_id", "order_id"] };
const LINES: Table = Table { name: "rebate_lines", key: &["tenant_id", "order_id", "line_no"] };
const SETTLEMENTS: Table =
    Table { name: "rebate_settlements", key: &["tenant_id", "plan_id", "period", "dealer_id"] };
const ENTRIES: Table = Table {
    name: "rebate_settlement_entries",
    key: &["tenant_id", "plan_id", "period", "dealer_id", "version"],
};

pub(crate) struct Rebates;

impl Projection for Rebates {
    const NAME: &'static str = "rebates";
    const CONTEXT: &'static str = "order";
    const TABLES: &'static [&'static Table] =
        &[&PLANS, &VERSIONS, &ORDERS, &LINES, &SETTLEMENTS, &ENTRIES];
    const SCHEMA: &'static str = include_str!("rebates.sql");
    type Facts = RebateFact;

    async fn project(
        &self,
        db: &mut Db<'_>,
        recorded: &Recorded,
        fact: RebateFact,
    ) -> Result<(), ProjectError> {
        match fact {
            RebateFact::Plan(event) => plan(db, recorded, event),
            RebateFact::Settlement(RebateSettlementEvent::RebateSettled(it)) => {
                settled(db, recorded, &it)
            }
            RebateFact::Order(event) => order(db, recorded, event),
        }
    }
}

fn plan(db: &mut Db<'_>, recorded: &Recorded, event: RebatePlanEvent) -> Result<(), ProjectError> {
    let mut row = json!({
        "tenant_id": recorded.tenant,
        "plan_id": recorded.object_id,
        "version": recorded.version,
        "changed_at": recorded.recorded_at,
    });
    match event {
        RebatePlanEvent::RebatePlanDrafted(draft) => {
            written(&mut row, &draft);
            row["status"] = PlanStatus::Draft.as_ref().into();
            db.upsert(&VERSIONS, version(recorded, &draft))?;
            db.insert(&PLANS, row)
        }
        RebatePlanEvent::RebatePlanRevised(draft) => {
            written(&mut row, &draft);
            db.upsert(&VERSIONS, version(recorded, &draft))?;
            db.update(&PLANS, row)
        }
        RebatePlanEvent::RebatePlanApproved { plan_id, version } => {
            row["status"] = PlanStatus::Running.as_ref().into();
            row["approved_version"] = version.into();
            row["draft_version"] = 0.into();
            let approved = json!({
                "tenant_id": recorded.tenant,
                "plan_id": plan_id,
                "number": version,
                "approved_by": recorded.metadata.actor_id,
            });
            db.update(&VERSIONS, approved)?;
            db.update(&PLANS, row)
        }
        RebatePlanEvent::RebatePlanEnded { last_day, reason, .. } => {
            row["status"] = PlanStatus::Ended.as_ref().into();
            row["ended_on"] = json!(last_day);
            row["reason"] = reason.into();
            db.update(&PLANS, row)
        }
    }
}

/// What the newest version says.
fn written(row: &mut Value, draft: &Draft) {
    row["name"] = draft.terms.name.clone().into();
    row["cycle"] = json!(draft.terms.cycle);
    row["currency_code"] = json!(draft.terms.currency);
    row["begins_on"] = json!(draft.terms.window.from);
    row["ends_on"] = json!(draft.terms.window.until);
    row["draft_version"] = draft.version.into();
}

fn version(recorded: &Recorded, draft: &Draft) -> Value {
    json!({
        "tenant_id": recorded.tenant,
        "plan_id": recorded.object_id,
        "number": draft.version,
        "draft": draft,
    })
}

fn settled(db: &mut Db<'_>, recorded: &Recorded, it: &Settled) -> Result<(), ProjectError> {
    let key = json!({
        "tenant_id": recorded.tenant,
        "plan_id": it.plan_id,
        "period": it.period,
        "dealer_id": it.dealer_id,
        "version": recorded.version,
    });
    let mut entry = key.clone();
    entry["position"] = recorded.position.into();
    entry["settled"] = json!(it);
    entry["settled_by"] = recorded.metadata.actor_id.as_str().into();
    entry["settled_at"] = json!(recorded.recorded_at);
    db.insert(&ENTRIES, entry)?;
    let mut all = key;
    all["given_minor"] = it.accrued_minor.0.into();
    db.upsert(&SETTLEMENTS, all)
}

fn order(db: &mut Db<'_>, recorded: &Recorded, event: OrderEvent) -> Result<(), ProjectError> {
    match event {
        OrderEvent::OrderSubmitted(order) => submitted(db, recorded, &order),
        OrderEvent::OrderReceived { lines, differences, .. } => {
            let well = lines.iter().map(|it| (it.line_no, it.quantity));
            let differing = differences.iter().map(|it| (it.line_no, it.quantity));
            for LineQuantity { line_no, quantity } in LineQuantity::per_line(well.chain(differing))
            {
                let arrived = json!({ "arrived": quantity.get() });
                db.add(&LINES, line(recorded, line_no, arrived))?;
            }
            Ok(())
        }
        OrderEvent::AfterSaleEnded { settled, refunds, .. } => {
            for it in went_back(&settled, &refunds) {
                let back = json!({ "back": it.quantity.get(), "back_minor": it.amount_minor.0 });
                db.add(&LINES, line(recorded, it.line_no, back))?;
            }
            Ok(())
        }
        OrderEvent::OrderShortClosed { lines, .. } => less(db, recorded, &lines),
        OrderEvent::OrderChanged(change) => {
            less(db, recorded, &change.less)?;
            change.lines.iter().try_for_each(|it| bought(db, recorded, it))
        }
        // None changes what comes to the dealer, or goes back.
        OrderEvent::PaymentAllocated { .. }
        | OrderEvent::CreditHoldReleased { .. }
        | OrderEvent::CreditRefused { .. }
        | OrderEvent::OrderConfirmed { .. }
        | OrderEvent::OrderShipped { .. }
        | OrderEvent::AfterSaleOpened { .. }
        | OrderEvent::OrderRated { .. }
        | OrderEvent::OrderExpired { .. }
        | OrderEvent::OrderReviewAsked { .. }
        | OrderEvent::OrderStepApproved { .. }
        | OrderEvent::OrderStepWaived { .. }
        | OrderEvent::OrderSentBack { .. }
        | OrderEvent::OrderRefused { .. }
        | OrderEvent::OrderChangeProposed { .. }
        | OrderEvent::OrderChangeWithdrawn { .. }
        | OrderEvent::OrderChangeRefused { .. }
        | OrderEvent::OrderCancelled { .. } => Ok(()),
    }
}

fn submitted(
    db: &mut Db<'_>,
    recorded: &Recorded,
    order: &OrderSubmitted,
) -> Result<(), ProjectError> {
    let (region_ids, _) = regions(&order.region_path);
    let row = json!({
        "tenant_id": recorded.tenant,
        "order_id": order.order_id,
        "dealer_id": order.dealer_id,
        "level_id": order.class.level_id,
        "channel_id": order.class.channel_id,
        "region_ids": region_ids,
        "business_date": order.business_date,
        "currency_code": order.currency,
        "sends_again": order.replaces.is_some(),
    });
    db.insert(&ORDERS, row)?;
    order.lines.iter().try_for_each(|it| bought(db, recorded, it))
}

/// A line as it was bought, or bought anew: then nothing of it has come.
fn bought(db: &mut Db<'_>, recorded: &Recorded, it: &OrderLine) -> Result<(), ProjectError> {
    let row = json!({
        "product_id": it.product_id,
        "category_path": it.category_path,
        "ordered": it.quantity.get(),
        "net_minor": it.net_minor().0,
    });
    db.upsert(&LINES, line(recorded, it.line_no, row))
}

/// What will not come of lines, with what it cost.
fn less(db: &mut Db<'_>, recorded: &Recorded, lines: &[ClosedLine]) -> Result<(), ProjectError> {
    for it in lines {
        let less = json!({ "ordered": -it.quantity.get(), "net_minor": -it.net_minor().0 });
        db.add(&LINES, line(recorded, it.line_no, less))?;
    }
    Ok(())
}

fn line(recorded: &Recorded, line_no: u32, mut row: Value) -> Value {
    row["tenant_id"] = recorded.tenant.as_str().into();
    row["order_id"] = recorded.object_id.as_str().into();
    row["line_no"] = line_no.into();
    row
}
