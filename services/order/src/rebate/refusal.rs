//! Why rebate plans and their settlements say no, and what would make them say yes.

use kernel::{Refusal, RefusalKind, Text};
use values::{BusinessDate, Explain as _, OrderId, RebatePlanId};

use super::cycle::Period;
use super::terms::Fault;
use crate::funds::FundsRefusal;
use crate::order::OrderRefusal;

/// Why rebate plans and their settlements say no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum RebateRefusal {
    /// There is no such plan.
    #[error("there is no such rebate plan; draft it first")]
    RebatePlanNotFound,
    /// It exists already.
    #[error("rebate plan {plan_id} exists already; choose another id for another plan")]
    AlreadyDrafted {
        /// The plan.
        plan_id: RebatePlanId,
    },
    /// Its terms make no sense.
    #[error("the terms make no sense: {fault}")]
    RebateTerms {
        /// What is wrong with them.
        fault: Fault,
    },
    /// A version of something else.
    #[error("versions of a plan have one currency and periods of one length; draft another plan")]
    OtherPlan,
    /// More versions than are kept.
    #[error("the plan has 50 versions already; end it, and draft another one")]
    TooManyVersions,
    /// It has been ended.
    #[error("the rebate plan has ended; draft another one")]
    RebatePlanEnded,
    /// The plan has no such period.
    #[error("no approved version of the plan counts in {period}; choose another period")]
    NoSuchPeriod {
        /// The period.
        period: Period,
    },
    /// Orders can still come to count.
    #[error("orders count until {until}; settle on a later day")]
    PeriodNotOver {
        /// The last day that counts.
        until: BusinessDate,
    },
    /// An order that is somebody else's, or not there.
    #[error("order {order_id} is not one of the dealer's; leave it out")]
    NotTheirOrder {
        /// The order.
        order_id: OrderId,
    },
    /// More than one settlement looks at.
    #[error("more than 1,000 orders would count; use plans with shorter periods or fewer goods")]
    TooManyOrders,
    /// All of it was given before.
    #[error("everything that counts was settled before; nothing is left to do")]
    NothingToSettle,
    /// A rule of orders or of money.
    #[error(transparent)]
    Order(Box<OrderRefusal>),
}

impl From<OrderRefusal> for RebateRefusal {
    fn from(refusal: OrderRefusal) -> Self {
        Self::Order(Box::new(refusal))
    }
}

impl From<FundsRefusal> for RebateRefusal {
    fn from(refusal: FundsRefusal) -> Self {
        OrderRefusal::from(refusal).into()
    }
}

impl Refusal for RebateRefusal {
    fn reason(&self) -> String {
        if let Self::Order(refusal) = self { refusal.reason() } else { self.as_ref().to_owned() }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::RebatePlanNotFound => RefusalKind::NotFound,
            Self::AlreadyDrafted { .. } => RefusalKind::AlreadyExists,
            Self::RebateTerms { .. } => RefusalKind::InvalidArgument,
            Self::OtherPlan
            | Self::TooManyVersions
            | Self::RebatePlanEnded
            | Self::NoSuchPeriod { .. }
            | Self::PeriodNotOver { .. }
            | Self::NotTheirOrder { .. }
            | Self::TooManyOrders
            | Self::NothingToSettle => RefusalKind::FailedPrecondition,
            Self::Order(refusal) => refusal.kind(),
        }
    }

    fn text(&self) -> Text {
        if let Self::Order(refusal) = self {
            refusal.text()
        } else {
            Text::new(self.zh(), self.to_string())
        }
    }

    fn retry_soon(&self) -> bool {
        if let Self::Order(refusal) = self { refusal.retry_soon() } else { false }
    }
}

impl RebateRefusal {
    fn zh(&self) -> String {
        match self {
            Self::RebatePlanNotFound => "没有这个返利政策，请先起草".into(),
            Self::AlreadyDrafted { plan_id } => {
                format!("返利政策 {plan_id} 已存在；如为另一政策，请换一个编号")
            }
            Self::RebateTerms { fault } => format!("返利条款有误：{}", fault.zh()),
            Self::OtherPlan => "同一政策各版本的币种和周期须一致；请另行起草".into(),
            Self::TooManyVersions => "该政策已有 50 个版本，请结束后另行起草".into(),
            Self::RebatePlanEnded => "该返利政策已结束，请另行起草".into(),
            Self::NoSuchPeriod { period } => {
                format!("该政策没有适用于 {period} 的已批准版本，请选择其他周期")
            }
            Self::PeriodNotOver { until } => {
                format!("{until} 及之前的订单仍可计入，请在该日之后结算")
            }
            Self::NotTheirOrder { order_id } => {
                format!("订单 {order_id} 不是该经销商的订单，请去掉")
            }
            Self::TooManyOrders => {
                "计入的订单超过 1000 个，请改用更短的周期或更小的商品范围".into()
            }
            Self::NothingToSettle => "应计的返利都已结算，无需操作".into(),
            Self::Order(refusal) => refusal.text().zh.to_string(),
        }
    }
}
