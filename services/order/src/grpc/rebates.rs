//! Requests about rebate plans, and what dealers are given by them.

use std::collections::BTreeSet;

use kernel::Text;
use kernel::command::{Addressed, Rejected, Transaction, Work};
use kernel::failure::Violations;
use kernel::rpc::{Call, IntoCommand, Reply};
use proto::order::v1 as api;
use proto::order::v1::rebate_service_server::RebateService;
use tonic::{Request, Status};
use values::{Minor, OrderId, RebatePlanId};

use super::audience::{
    audience, chosen, reason, scope, told_audience, told_scope, told_until, window,
};
use super::funds::Asked;
use super::{Api, all, name, parse};
use crate::order::Order;
use crate::rebate::plan::Versions;
use crate::rebate::{
    Basis, CountedOrder, Cycle, Draft, Ladder, OrderFacts, Period, Ppm, RebatePlan,
    RebatePlanCommand, RebateRefusal, RebateSettlement, RebateTerms, RebateTier, Reward, Settle,
    settlement_id,
};
use crate::wallet::{DebitCause, Purse, Source, Wallet, WalletCommand};

#[tonic::async_trait]
impl RebateService for Api {
    async fn draft_rebate_plan(
        &self,
        r: Request<api::DraftRebatePlanRequest>,
    ) -> Reply<api::DraftRebatePlanResponse> {
        self.0.run(r).await
    }

    async fn revise_rebate_plan(
        &self,
        r: Request<api::ReviseRebatePlanRequest>,
    ) -> Reply<api::ReviseRebatePlanResponse> {
        self.0.run(r).await
    }

    async fn approve_rebate_plan(
        &self,
        r: Request<api::ApproveRebatePlanRequest>,
    ) -> Reply<api::ApproveRebatePlanResponse> {
        self.0.run(r).await
    }

    async fn end_rebate_plan(
        &self,
        r: Request<api::EndRebatePlanRequest>,
    ) -> Reply<api::EndRebatePlanResponse> {
        self.0.run(r).await
    }

    async fn settle_rebate(
        &self,
        r: Request<api::SettleRebateRequest>,
    ) -> Reply<api::SettleRebateResponse> {
        self.0.run(r).await
    }
}

/// Gives a dealer what it has reached in a period: the settlement and the wallet change together.
pub struct SettleRebate {
    asked: Asked,
    plan_id: RebatePlanId,
    period: Period,
    orders: BTreeSet<OrderId>,
}

impl Transaction for SettleRebate {
    type Refusal = RebateRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<RebateRefusal>> {
        self.asked.account(work).await.map_err(Rejected::from_other)?;
        let plan = work.read::<RebatePlan>(self.plan_id.as_str()).await?;
        let versions = plan.versions().map_err(Rejected::Refused)?;
        if versions.drafters.contains(&work.metadata().actor_id) {
            let Self { plan_id, .. } = self;
            let had = Text::new(
                format!("起草了返利政策 {plan_id}"),
                format!("rebate plan {plan_id} was drafted"),
            );
            return Err(Rejected::SameHands { had });
        }
        let dealer_id = &self.asked.dealer_id;
        let object_id = settlement_id(&self.plan_id, self.period, dealer_id);
        let before = work.read::<RebateSettlement>(&object_id).await?;
        let version = versions.of_settlement(self.period, before.plan_version);
        let version = version.map_err(Rejected::Refused)?;
        let until = versions.last_day(&version.terms, self.period);
        if self.asked.today <= until {
            return Err(Rejected::Refused(RebateRefusal::PeriodNotOver { until }));
        }
        self.settle(work, versions, version, &before).await
    }
}

impl SettleRebate {
    async fn settle(
        &self,
        work: &mut Work<'_>,
        versions: &Versions,
        version: &Draft,
        before: &RebateSettlement,
    ) -> Result<(), Rejected<RebateRefusal>> {
        let dealer_id = &self.asked.dealer_id;
        let object_id = settlement_id(&self.plan_id, self.period, dealer_id);
        // What has counted before is looked at in any case: nobody can keep a return out of it.
        let wanted: BTreeSet<_> = before.orders.keys().chain(&self.orders).collect();
        let mut orders = Vec::with_capacity(wanted.len());
        for order_id in wanted {
            orders.push(self.counted(work, versions, version, order_id).await?);
        }
        let (version, period, dealer_id) = (version.clone(), self.period, dealer_id.clone());
        let settle = Settle { version, period, dealer_id, orders };
        let given = before.gives(&settle).map_err(Rejected::Refused)?;
        let terms = settle.version.terms.clone();
        work.decide::<RebateSettlement>(&object_id, settle).await?;
        if given == Minor::ZERO {
            return Ok(());
        }
        let command = self.in_wallet(&terms, given);
        let wallet = work.decide::<Wallet>(self.asked.dealer_id.as_str(), command).await;
        wallet.map_err(Rejected::from_other)
    }

    /// What of an order counts, as the order is now.
    async fn counted(
        &self,
        work: &mut Work<'_>,
        versions: &Versions,
        version: &Draft,
        order_id: &OrderId,
    ) -> Result<CountedOrder, Rejected<RebateRefusal>> {
        let order = work.read::<Order>(order_id.as_str()).await?;
        let theirs = match &*order {
            Order::Placed(placed) if placed.dealer_id == self.asked.dealer_id => placed,
            Order::Placed(_) | Order::Unsubmitted => {
                let order_id = order_id.clone();
                return Err(Rejected::Refused(RebateRefusal::NotTheirOrder { order_id }));
            }
        };
        let facts = OrderFacts::from(&**theirs);
        let counted = version.terms.count(self.period, versions.ended, &facts);
        let (order_id, counted) = (order_id.clone(), counted.unwrap_or_default());
        Ok(CountedOrder { order_id, counted })
    }

    fn in_wallet(&self, terms: &RebateTerms, given: Minor) -> WalletCommand {
        let (dealer_id, purse) = (self.asked.dealer_id.clone(), Purse::Rebate);
        let currency = terms.currency.clone();
        let reason = format!("{} {}", terms.name, self.period);
        if given > Minor::ZERO {
            let (amount, source) = (given, Source::Grant { reason });
            WalletCommand::Credit { dealer_id, purse, amount, currency, source }
        } else {
            let (amount, cause) = (Minor(given.0.saturating_neg()), DebitCause::Deduction);
            WalletCommand::Debit { dealer_id, purse, amount, currency, cause, reason }
        }
    }
}

impl IntoCommand<RebatePlan> for api::DraftRebatePlanRequest {
    type Command = Addressed<RebatePlan>;

    fn into_command(self, call: &Call) -> Result<Addressed<RebatePlan>, Status> {
        let terms = Box::new(terms(&self.plan_id, self.terms)?);
        let command = RebatePlanCommand::Draft { terms, by: call.caller.user_id.clone() };
        Ok(Addressed { object_id: self.plan_id, command })
    }
}

impl IntoCommand<RebatePlan> for api::ReviseRebatePlanRequest {
    type Command = Addressed<RebatePlan>;

    fn into_command(self, call: &Call) -> Result<Addressed<RebatePlan>, Status> {
        let terms = Box::new(terms(&self.plan_id, self.terms)?);
        let command = RebatePlanCommand::Revise { terms, by: call.caller.user_id.clone() };
        Ok(Addressed { object_id: self.plan_id, command })
    }
}

impl IntoCommand<RebatePlan> for api::ApproveRebatePlanRequest {
    type Command = Addressed<RebatePlan>;

    fn into_command(self, _: &Call) -> Result<Addressed<RebatePlan>, Status> {
        Ok(Addressed { object_id: self.plan_id, command: RebatePlanCommand::Approve })
    }
}

impl IntoCommand<RebatePlan> for api::EndRebatePlanRequest {
    type Command = Addressed<RebatePlan>;

    fn into_command(self, call: &Call) -> Result<Addressed<RebatePlan>, Status> {
        let (last_day, reason) = (call.today().into(), reason(&self.reason)?);
        let command = RebatePlanCommand::End { last_day, reason };
        Ok(Addressed { object_id: self.plan_id, command })
    }
}

impl IntoCommand<RebateSettlement> for api::SettleRebateRequest {
    type Command = SettleRebate;

    fn into_command(self, call: &Call) -> Result<SettleRebate, Status> {
        let mut wrong = Violations::default();
        let asked = Asked::of(&mut wrong, &self.dealer_id, call);
        let plan_id = parse(&mut wrong, "plan_id", &self.plan_id);
        let period = parse(&mut wrong, "period", &self.period);
        let orders = all(&self.order_ids, |index, order_id| {
            parse(&mut wrong, format!("order_ids[{index}]"), order_id)
        });
        let command = (|| {
            let orders = orders?.into_iter().collect();
            Some(SettleRebate { asked: asked?, plan_id: plan_id?, period: period?, orders })
        })();
        wrong.finish(command)
    }
}

fn terms(plan_id: &str, terms: Option<api::RebateTerms>) -> Result<RebateTerms, Status> {
    let mut wrong = Violations::default();
    let terms = match terms {
        Some(terms) => read(&mut wrong, plan_id, &terms),
        None => {
            wrong.add("terms", Text::new("不能为空", "must not be empty"));
            None
        }
    };
    wrong.finish(terms)
}

fn read(wrong: &mut Violations, plan_id: &str, terms: &api::RebateTerms) -> Option<RebateTerms> {
    let plan_id = parse(wrong, "plan_id", plan_id);
    let name = name(wrong, "terms.name", &terms.name);
    let currency = parse(wrong, "terms.currency_code", &terms.currency_code);
    let window = window(wrong, "terms.", &terms.from, &terms.until);
    let cycle = match terms.cycle() {
        api::RebateCycle::Month => Some(Cycle::Month),
        api::RebateCycle::Quarter => Some(Cycle::Quarter),
        api::RebateCycle::Year => Some(Cycle::Year),
        api::RebateCycle::Unspecified => None,
    };
    let cycle = chosen(wrong, "terms.cycle", cycle);
    let audience = audience(wrong, "terms.audience", terms.audience.as_ref());
    let scope = scope(wrong, "terms.scope", terms.scope.as_ref());
    let basis = match terms.basis() {
        api::RebateBasis::Amount => Some(Basis::Amount),
        api::RebateBasis::Units => Some(Basis::Units),
        api::RebateBasis::Unspecified => None,
    };
    let basis = chosen(wrong, "terms.basis", basis);
    let ladder = match terms.ladder() {
        api::RebateLadder::Whole => Some(Ladder::Whole),
        api::RebateLadder::Bracket => Some(Ladder::Bracket),
        api::RebateLadder::Unspecified => None,
    };
    let ladder = chosen(wrong, "terms.ladder", ladder);
    let tiers = all(&terms.tiers, |index, tier| {
        use api::rebate_tier::Reward as Given;
        let given = chosen(wrong, &format!("terms.tiers[{index}].reward"), tier.reward)?;
        let reward = match given {
            Given::RatePpm(ppm) => Reward::Rate(Ppm(ppm)),
            Given::PerUnitMinor(amount) => Reward::PerUnit(Minor(amount)),
        };
        Some(RebateTier { from: tier.from, reward })
    });
    Some(RebateTerms {
        plan_id: plan_id?,
        name: name?,
        currency: currency?,
        window: window?,
        cycle: cycle?,
        audience: audience?,
        scope: scope?,
        basis: basis?,
        ladder: ladder?,
        tiers: tiers?,
    })
}

/// What a plan says, as callers are told it.
pub fn rebate_terms_of(terms: &RebateTerms) -> api::RebateTerms {
    let ladder = match terms.ladder {
        Ladder::Whole => api::RebateLadder::Whole,
        Ladder::Bracket => api::RebateLadder::Bracket,
    };
    api::RebateTerms {
        name: terms.name.clone(),
        currency_code: terms.currency.to_string(),
        from: terms.window.from.to_string(),
        until: told_until(&terms.window),
        cycle: told_cycle(terms.cycle).into(),
        audience: Some(told_audience(&terms.audience)),
        scope: Some(told_scope(&terms.scope)),
        basis: told_basis(terms.basis).into(),
        ladder: ladder.into(),
        tiers: terms.tiers.iter().map(told_rebate_tier).collect(),
    }
}

/// A step, as callers are told it.
pub fn told_rebate_tier(tier: &RebateTier) -> api::RebateTier {
    use api::rebate_tier::Reward as Given;
    let reward = match tier.reward {
        Reward::Rate(Ppm(ppm)) => Given::RatePpm(ppm),
        Reward::PerUnit(Minor(amount)) => Given::PerUnitMinor(amount),
    };
    api::RebateTier { from: tier.from, reward: Some(reward) }
}

/// What is measured, as callers are told it.
pub fn told_basis(basis: Basis) -> api::RebateBasis {
    match basis {
        Basis::Amount => api::RebateBasis::Amount,
        Basis::Units => api::RebateBasis::Units,
    }
}

/// How long a period is, as callers are told it.
pub fn told_cycle(cycle: Cycle) -> api::RebateCycle {
    match cycle {
        Cycle::Month => api::RebateCycle::Month,
        Cycle::Quarter => api::RebateCycle::Quarter,
        Cycle::Year => api::RebateCycle::Year,
    }
}
