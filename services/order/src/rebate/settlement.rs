//! What a dealer was given by a plan for one period (返利结算).
//!
//! One object a plan, period and dealer. It remembers which orders it has counted with how much, and
//! what it has given so far; so settling again gives the difference only, and takes back what has
//! become too much. It can not be given twice: what was given is what the object says.

use std::collections::BTreeMap;

use kernel::{Decider, DomainEvent, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use values::{Currency, DealerId, Minor, OrderId, RebatePlanId};

use super::cycle::Period;
use super::engine::Counted;
use super::plan::Draft;
use super::refusal::RebateRefusal;
use crate::funds::FundsRefusal;

/// Orders that one settlement looks at.
pub const MAX_ORDERS: usize = 1_000;

/// The facts of a settlement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum RebateSettlementEvent {
    /// A dealer was given what it has reached, less what it was given before. What is below nothing
    /// was taken back.
    RebateSettled(Box<Settled>),
}

/// What a dealer was given, and what for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Settled {
    /// By this plan.
    pub plan_id: RebatePlanId,
    /// By this version of it.
    pub plan_version: u32,
    /// For this period.
    pub period: Period,
    /// Who.
    pub dealer_id: DealerId,
    /// All amounts are in this currency.
    pub currency: Currency,
    /// Orders that count otherwise than before, with what counts now.
    pub orders: Vec<CountedOrder>,
    /// All that counts.
    pub counted: Counted,
    /// The tier that this reaches, from 1; 0: none.
    pub tier_no: u32,
    /// What the dealer has reached for the whole period.
    pub accrued_minor: Minor,
    /// What it had been given before.
    pub before_minor: Minor,
    /// What it was given by this: the difference of both; below nothing it was taken back.
    pub given_minor: Minor,
}

/// What counts of an order; nothing once all of it has gone back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CountedOrder {
    /// The order.
    pub order_id: OrderId,
    /// What counts.
    pub counted: Counted,
}

impl DomainEvent for RebateSettlementEvent {
    fn sentence(&self) -> Text {
        let Self::RebateSettled(it) = self;
        let Settled { plan_id, period, dealer_id, currency, .. } = &**it;
        let (zh, en) = match it.given_minor < Minor::ZERO {
            true => ("扣回", "takes back"),
            false => ("发放", "gives"),
        };
        let amount = currency.show(Minor(it.given_minor.0.saturating_abs()));
        let all = currency.show(it.accrued_minor);
        Text::new(
            format!(
                "返利政策 {plan_id} {period} 结算：经销商 {dealer_id} {zh} {amount}，累计 {all}"
            ),
            format!("rebate plan {plan_id} {en} {dealer_id} {amount} for {period}, {all} in all"),
        )
    }
}

/// Gives a dealer what it has reached.
#[derive(Clone, Debug)]
pub struct Settle {
    /// The version of the plan that counts.
    pub version: Draft,
    /// The period.
    pub period: Period,
    /// Who.
    pub dealer_id: DealerId,
    /// What counts of each order that was looked at; all that have counted before are among them.
    pub orders: Vec<CountedOrder>,
}

/// A settlement; its object id is made by [`settlement_id`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RebateSettlement {
    /// What counts of which order.
    pub orders: BTreeMap<OrderId, Counted>,
    /// What was given so far.
    pub given: Minor,
    /// By which version.
    pub plan_version: u32,
}

/// The object of a plan, a period and a dealer. Ids have no `/`, so no two of them share one.
pub fn settlement_id(plan_id: &RebatePlanId, period: Period, dealer_id: &DealerId) -> String {
    let name = format!("rebate/{plan_id}/{period}/{dealer_id}");
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).to_string()
}

impl RebateSettlement {
    /// How much a settlement gives, below nothing what it takes back; for what follows it in the same
    /// append.
    ///
    /// # Errors
    /// The rule that forbids it.
    pub fn gives(&self, settle: &Settle) -> Result<Minor, RebateRefusal> {
        Ok(self.settled(settle)?.given_minor)
    }

    fn settled(&self, settle: &Settle) -> Result<Settled, RebateRefusal> {
        let Settle { version, period, dealer_id, orders } = settle;
        let mut all = self.orders.clone();
        let mut changed = Vec::new();
        for order in orders {
            let before = all.get(&order.order_id).copied().unwrap_or_default();
            if before != order.counted {
                all.insert(order.order_id.clone(), order.counted);
                changed.push(order.clone());
            }
        }
        if all.len() > MAX_ORDERS {
            return Err(RebateRefusal::TooManyOrders);
        }
        let counted = all.into_values().fold(Counted::default(), Counted::plus);
        let reached = version.terms.reach(counted);
        let given = reached.amount.minus(self.given).map_err(|_| FundsRefusal::BalanceTooLarge)?;
        // Where nothing was settled before, another version alone is nothing new.
        let same_version = [0, version.version].contains(&self.plan_version);
        if changed.is_empty() && same_version && given == Minor::ZERO {
            return Err(RebateRefusal::NothingToSettle);
        }
        Ok(Settled {
            plan_id: version.terms.plan_id.clone(),
            plan_version: version.version,
            period: *period,
            dealer_id: dealer_id.clone(),
            currency: version.terms.currency.clone(),
            orders: changed,
            counted,
            tier_no: reached.tier.map_or(0, |tier| u32::try_from(tier + 1).unwrap_or(u32::MAX)),
            accrued_minor: reached.amount,
            before_minor: self.given,
            given_minor: given,
        })
    }
}

impl Decider for RebateSettlement {
    const AGGREGATE: &'static str = "rebate_settlement";
    type Command = Settle;
    type Event = RebateSettlementEvent;
    type Refusal = RebateRefusal;

    fn decide(&self, settle: Settle) -> Result<Vec<RebateSettlementEvent>, RebateRefusal> {
        let settled = Box::new(self.settled(&settle)?);
        Ok(vec![RebateSettlementEvent::RebateSettled(settled)])
    }

    fn evolve(&mut self, RebateSettlementEvent::RebateSettled(settled): RebateSettlementEvent) {
        for CountedOrder { order_id, counted } in settled.orders {
            self.orders.insert(order_id, counted);
        }
        self.given = settled.accrued_minor;
        self.plan_version = settled.plan_version;
    }
}
