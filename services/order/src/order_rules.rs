//! How orders of a brand are paid and reviewed (订货规则): one object of a tenant. While nobody has
//! said anything, the brand is paid elsewhere and people confirm each order.

mod waiting;

use kernel::{Decider, DomainEvent, Refusal, RefusalKind, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use waiting::{BackOrders, WaitingRules};

use crate::order::review::StepRule;

/// The id of the one set of rules that each tenant has.
pub const ORDER_RULES: &str = "order-rules";

/// The facts of the rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum OrderRulesEvent {
    /// These rules count for orders from now on.
    OrderRulesSet(Rules),
}

/// How orders are paid and reviewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Rules {
    /// Whether orders are paid from rebates, prepaid money and credit, and confirmed only when they
    /// are covered. If not, the brand is paid elsewhere.
    pub settled_here: bool,
    /// Whether people confirm orders; if not, the system does as soon as they are covered.
    pub reviewed: bool,
    /// How much of an order rebates can pay, in percent.
    pub rebate_share_percent: u32,
    /// Days by which a payment may be late before no more credit is given; absent: late payments
    /// keep nothing back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overdue_grace_days: Option<u32>,
    /// Whether orders reserve what they take of products whose stock is kept.
    #[serde(default)]
    pub stock_checked: bool,
    /// Whether confirmed orders are handed over to warehouses as shipments.
    #[serde(default)]
    pub hands_over: bool,
    /// How long orders may wait, and for what.
    #[serde(default, skip_serializing_if = "WaitingRules::is_none")]
    pub waiting: WaitingRules,
    /// Where people confirm orders: which of them sales has to look at first (订单审核); absent with
    /// the next one: all of them, in one step that everybody takes who may confirm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sales_review: Option<StepRule>,
    /// Which of them finance has to look at after that (财务审核).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finance_review: Option<StepRule>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            settled_here: false,
            reviewed: true,
            rebate_share_percent: 0,
            overdue_grace_days: None,
            stock_checked: false,
            hands_over: false,
            waiting: WaitingRules::default(),
            sales_review: None,
            finance_review: None,
        }
    }
}

impl DomainEvent for OrderRulesEvent {
    fn sentence(&self) -> Text {
        let Self::OrderRulesSet(rules) = self;
        let share = rules.rebate_share_percent;
        let (paid_zh, paid_en) = match rules.settled_here {
            true => ("在系统内结算", "orders are paid here"),
            false => ("在系统外结算", "orders are paid elsewhere"),
        };
        let (seen_zh, seen_en) = match rules.reviewed {
            true => ("人工审核", "people confirm them"),
            false => ("自动确认", "the system confirms them"),
        };
        let (sent_zh, sent_en) = match rules.hands_over {
            true => ("，确认后下发仓库", ", warehouses are handed what is confirmed"),
            false => Default::default(),
        };
        Text::new(
            format!("订货规则已设定：{paid_zh}，{seen_zh}，返利最多抵 {share}%{sent_zh}"),
            format!("order rules: {paid_en}, {seen_en}, rebates pay up to {share} %{sent_en}"),
        )
    }
}

/// What can be asked of the rules.
#[derive(Clone, Debug)]
pub enum OrderRulesCommand {
    /// Says all of them anew.
    Set(Rules),
}

/// Why the rules say no: they do not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrderRulesRefusal {}

impl Refusal for OrderRulesRefusal {
    fn reason(&self) -> String {
        match *self {}
    }

    fn kind(&self) -> RefusalKind {
        match *self {}
    }

    fn text(&self) -> Text {
        match *self {}
    }
}

/// The rules that count; the object's id is [`ORDER_RULES`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrderRules(Rules);

impl OrderRules {
    /// What counts now.
    pub fn rules(&self) -> Rules {
        self.0
    }
}

impl Decider for OrderRules {
    const AGGREGATE: &'static str = "order_rules";
    type Command = OrderRulesCommand;
    type Event = OrderRulesEvent;
    type Refusal = OrderRulesRefusal;

    fn decide(
        &self,
        OrderRulesCommand::Set(rules): OrderRulesCommand,
    ) -> Result<Vec<OrderRulesEvent>, OrderRulesRefusal> {
        let same = rules == self.0;
        Ok((!same).then_some(OrderRulesEvent::OrderRulesSet(rules)).into_iter().collect())
    }

    fn evolve(&mut self, OrderRulesEvent::OrderRulesSet(rules): OrderRulesEvent) {
        self.0 = rules;
    }
}
