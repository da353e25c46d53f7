//! Requests about how orders are paid and reviewed.

use kernel::Text;
use kernel::command::Addressed;
use kernel::failure::Violations;
use kernel::rpc::{Call, IntoCommand, Reply};
use proto::order::v1 as api;
use proto::order::v1::order_rules_service_server::OrderRulesService;
use tonic::{Request, Status};

use super::Api;
use crate::order_rules::{ORDER_RULES, OrderRules, OrderRulesCommand, Rules};

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
    }
}
