//! Requests about how orders are paid and reviewed.

use kernel::Text;
use kernel::command::Addressed;
use kernel::failure::Violations;
use kernel::rpc::{Call, IntoCommand, Reply};
use proto::order::v1 as api;
use proto::order::v1::order_rules_service_server::OrderRulesService;
use tonic::{Request, Status};

use values::Minor;

use super::Api;
use crate::order::review::{Reviewer, StepRule};
use crate::order_rules::{
    BackOrders, ORDER_RULES, OrderRules, OrderRulesCommand, Rules, WaitingRules,
};

#[tonic::async_trait]
impl OrderRulesService for Api {
    async fn set_order_rules(
        &self,
        r: Request<api::SetOrderRulesRequest>,
    ) -> Reply<api::SetOrderRulesResponse> {
        self.0.run(r).await
    }
}

impl IntoCommand<OrderRules> for api::SetOrderRulesRequest {
    type Command = Addressed<OrderRules>;

    fn into_command(self, _: &Call) -> Result<Addressed<OrderRules>, Status> {
        let mut wrong = Violations::default();
        let Some(told) = self.rules else {
            wrong.add("rules", Text::new("不能为空", "must not be empty"));
            return wrong.finish(None);
        };
        let command = OrderRulesCommand::Set(Rules {
            settled_here: told.settled_here,
            reviewed: told.reviewed,
            rebate_share_percent: told.rebate_share_percent,
            overdue_grace_days: told.overdue_grace_days,
            stock_checked: told.stock_checked,
            hands_over: told.hands_over,
            waiting: told.waiting.map(waiting).unwrap_or_default(),
            sales_review: told.sales_review.map(step_rule),
            finance_review: told.finance_review.map(step_rule),
        });
        Ok(Addressed { object_id: ORDER_RULES.to_owned(), command })
    }
}

/// The rules, as callers are told them.
pub fn told_rules(rules: Rules) -> api::OrderRules {
    api::OrderRules {
        settled_here: rules.settled_here,
        reviewed: rules.reviewed,
        rebate_share_percent: rules.rebate_share_percent,
        overdue_grace_days: rules.overdue_grace_days,
        stock_checked: rules.stock_checked,
        hands_over: rules.hands_over,
        waiting: Some(told_waiting(rules.waiting)),
        sales_review: rules.sales_review.map(told_step_rule),
        finance_review: rules.finance_review.map(told_step_rule),
    }
}

fn step_rule(told: api::ReviewRule) -> StepRule {
    let reviewer = match told.reviewer() {
        api::Reviewer::Unspecified => Reviewer::HqAdmin,
        api::Reviewer::SalesDirector => Reviewer::SalesDirector,
        api::Reviewer::RegionManager => Reviewer::RegionManager,
        api::Reviewer::Finance => Reviewer::Finance,
    };
    StepRule {
        reviewer,
        above_minor: told.above_minor.map(Minor),
        by_dealers_only: told.by_dealers_only,
        unless_prepaid: told.unless_prepaid,
    }
}

fn told_step_rule(rule: StepRule) -> api::ReviewRule {
    api::ReviewRule {
        reviewer: told_reviewer(rule.reviewer).into(),
        above_minor: rule.above_minor.map(|amount| amount.0),
        by_dealers_only: rule.by_dealers_only,
        unless_prepaid: rule.unless_prepaid,
    }
}

/// Who takes a step, as callers are told it.
pub fn told_reviewer(reviewer: Reviewer) -> api::Reviewer {
    match reviewer {
        Reviewer::HqAdmin => api::Reviewer::Unspecified,
        Reviewer::SalesDirector => api::Reviewer::SalesDirector,
        Reviewer::RegionManager => api::Reviewer::RegionManager,
        Reviewer::Finance => api::Reviewer::Finance,
    }
}

fn waiting(told: api::WaitingRules) -> WaitingRules {
    let back_orders = match told.back_orders() {
        api::BackOrderRule::Unspecified => BackOrders::Off,
        api::BackOrderRule::Ask => BackOrders::Ask,
        api::BackOrderRule::Always => BackOrders::Always,
    };
    WaitingRules {
        back_orders,
        payment_hours: told.payment_hours,
        credit_hours: told.credit_hours,
        review_hours: told.review_hours,
        stuck_hours: told.stuck_hours,
    }
}

fn told_waiting(rules: WaitingRules) -> api::WaitingRules {
    api::WaitingRules {
        back_orders: told_back_orders(rules.back_orders).into(),
        payment_hours: rules.payment_hours,
        credit_hours: rules.credit_hours,
        review_hours: rules.review_hours,
        stuck_hours: rules.stuck_hours,
    }
}

pub(super) fn told_back_orders(rule: BackOrders) -> api::BackOrderRule {
    match rule {
        BackOrders::Off => api::BackOrderRule::Unspecified,
        BackOrders::Ask => api::BackOrderRule::Ask,
        BackOrders::Always => api::BackOrderRule::Always,
    }
}
