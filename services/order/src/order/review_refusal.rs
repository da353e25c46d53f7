//! Why the review of an order says no, and what would make it say yes.

use kernel::{Refusal, RefusalKind, Text};

use super::review::{Reviewer, StepKind};

/// Why the review of an order says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum ReviewRefusal {
    /// People have to look at it first.
    #[error("the order is in review; let it pass {} first", step.shown().1)]
    InReview {
        /// What it waits for.
        step: StepKind,
    },
    /// It has no steps, or no more.
    #[error("the order waits for no step of a review; confirm it, or look at it again")]
    NoReview,
    /// It waits for another step.
    #[error("the order waits for {}; take that step", step.shown().1)]
    OtherStep {
        /// Which one.
        step: StepKind,
    },
    /// Somebody else takes this step.
    #[error("this step is taken by {}; let one of them do it", reviewer.shown().1)]
    NotYourStep {
        /// Who.
        reviewer: Reviewer,
    },
    /// Whoever ordered has to do something first.
    #[error("the order was sent back; it has to be changed, or submitted again, first")]
    SentBack,
    /// It is with the brand.
    #[error("the order was not sent back; nothing is left to do")]
    NotSentBack,
}

impl Refusal for ReviewRefusal {
    fn reason(&self) -> String {
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotYourStep { .. } => RefusalKind::PermissionDenied,
            Self::InReview { .. }
            | Self::NoReview
            | Self::OtherStep { .. }
            | Self::SentBack
            | Self::NotSentBack => RefusalKind::FailedPrecondition,
        }
    }

    fn text(&self) -> Text {
        let zh = match self {
            Self::InReview { step } => format!("订单待{}，请先完成审核", step.shown().0),
            Self::NoReview => "订单没有待办的审核步骤，请直接确认或刷新后查看".into(),
            Self::OtherStep { step } => format!("订单当前待{}，请先办理该步骤", step.shown().0),
            Self::NotYourStep { reviewer } => {
                format!("该步骤由{}办理，请转交", reviewer.shown().0)
            }
            Self::SentBack => "订单已退回，请下单方修改或重新提交后再办理".into(),
            Self::NotSentBack => "订单未被退回，无需重新提交".into(),
        };
        Text::new(zh, self.to_string())
    }
}
