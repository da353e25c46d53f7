//! The life of a promotion: drafted, approved by somebody else, paused and resumed, ended.
//!
//! What was approved stays as it was approved: other terms are another promotion. So an order that
//! names a promotion names its terms for ever.

use kernel::{Decider, DomainEvent, Refusal, RefusalKind, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{BusinessDate, Currency, Explain as _, PromotionId};

use super::{Fault, Terms};

/// The facts of a promotion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum PromotionEvent {
    /// Somebody wrote down what would be given. Nobody gets it yet.
    PromotionDrafted(Plan),
    /// The draft says something else.
    PromotionRevised(Plan),
    /// It counts from its first day on, or at once where that has come.
    PromotionApproved {
        /// The promotion.
        promotion_id: PromotionId,
    },
    /// It counts no more for now. Placed orders keep what they were given.
    PromotionPaused {
        /// The promotion.
        promotion_id: PromotionId,
        /// Why, in the words of the person who did it.
        reason: String,
    },
    /// It counts again.
    PromotionResumed {
        /// The promotion.
        promotion_id: PromotionId,
    },
    /// It counts no more. Placed orders keep what they were given.
    PromotionEnded {
        /// The promotion.
        promotion_id: PromotionId,
        /// Why, in the words of the person who did it.
        reason: String,
    },
}

/// What would be given, and in which money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Plan {
    /// All amounts of the terms are in this currency.
    pub currency: Currency,
    /// The terms.
    pub terms: Terms,
}

impl DomainEvent for PromotionEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::PromotionDrafted(plan) => plan.sentence("已起草", "was drafted"),
            Self::PromotionRevised(plan) => plan.sentence("草稿已修改", "was drafted anew"),
            Self::PromotionApproved { promotion_id } => Text::new(
                format!("促销 {promotion_id} 已批准"),
                format!("promotion {promotion_id} was approved"),
            ),
            Self::PromotionPaused { promotion_id, reason } => Text::new(
                format!("促销 {promotion_id} 已暂停：{reason}"),
                format!("promotion {promotion_id} was paused: {reason}"),
            ),
            Self::PromotionResumed { promotion_id } => Text::new(
                format!("促销 {promotion_id} 已恢复"),
                format!("promotion {promotion_id} was resumed"),
            ),
            Self::PromotionEnded { promotion_id, reason } => Text::new(
                format!("促销 {promotion_id} 已结束：{reason}"),
                format!("promotion {promotion_id} was ended: {reason}"),
            ),
        }
    }
}

impl Plan {
    fn sentence(&self, zh: &str, en: &str) -> Text {
        let Terms { promotion_id, name, window, .. } = &self.terms;
        let from = window.from;
        match window.until {
            Some(until) => Text::new(
                format!("促销 {name}（{promotion_id}）{zh}，{from} 至 {until}"),
                format!("promotion {name} ({promotion_id}) {en} for {from} to {until}"),
            ),
            None => Text::new(
                format!("促销 {name}（{promotion_id}）{zh}，{from} 起"),
                format!("promotion {name} ({promotion_id}) {en} from {from} on"),
            ),
        }
    }
}

/// What can be asked of a promotion.
#[derive(Clone, Debug)]
pub enum PromotionCommand {
    /// Writes it down.
    Draft(Plan),
    /// Writes the draft anew.
    Revise(Plan),
    /// Makes it count.
    Approve {
        /// Today in the calendar of the brand.
        today: BusinessDate,
    },
    /// Stops it for now.
    Pause {
        /// Why.
        reason: String,
    },
    /// Makes it count again.
    Resume {
        /// Today in the calendar of the brand.
        today: BusinessDate,
    },
    /// Stops it for good; a draft is given up.
    End {
        /// Why.
        reason: String,
    },
}

/// Why a promotion says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum PromotionRefusal {
    /// There is no such promotion.
    #[error("there is no such promotion; draft it first")]
    PromotionNotFound,
    /// It exists already.
    #[error("promotion {promotion_id} exists already; choose another id for another promotion")]
    AlreadyDrafted {
        /// The promotion.
        promotion_id: PromotionId,
    },
    /// Its terms make no sense.
    #[error("the terms make no sense: {fault}")]
    PromotionTerms {
        /// What is wrong with them.
        fault: Fault,
    },
    /// What is approved keeps its terms.
    #[error(
        "promotion {promotion_id} is approved and keeps its terms; end it, and draft another one"
    )]
    TermsApproved {
        /// The promotion.
        promotion_id: PromotionId,
    },
    /// Only what counts can be paused, and only what was paused resumed.
    #[error("promotion {promotion_id} is not approved yet; have it approved first")]
    NotApproved {
        /// The promotion.
        promotion_id: PromotionId,
    },
    /// Its last day is over.
    #[error("promotion {promotion_id} was to end on {until}; draft another one")]
    PromotionOver {
        /// The promotion.
        promotion_id: PromotionId,
        /// Its last day.
        until: BusinessDate,
    },
    /// Every order tries all of them.
    #[error("200 promotions count already; end some of them first")]
    TooManyPromotions,
    /// It has been ended.
    #[error("promotion {promotion_id} has ended; draft another one")]
    AlreadyEnded {
        /// The promotion.
        promotion_id: PromotionId,
    },
}

impl Refusal for PromotionRefusal {
    fn reason(&self) -> String {
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::PromotionNotFound => RefusalKind::NotFound,
            Self::AlreadyDrafted { .. } => RefusalKind::AlreadyExists,
            Self::PromotionTerms { .. } => RefusalKind::InvalidArgument,
            Self::TermsApproved { .. }
            | Self::NotApproved { .. }
            | Self::PromotionOver { .. }
            | Self::TooManyPromotions
            | Self::AlreadyEnded { .. } => RefusalKind::FailedPrecondition,
        }
    }

    fn text(&self) -> Text {
        let zh = match self {
            Self::PromotionNotFound => "没有这个促销，请先起草".to_owned(),
            Self::AlreadyDrafted { promotion_id } => {
                format!("促销 {promotion_id} 已存在；如为另一促销，请换一个编号")
            }
            Self::PromotionTerms { fault } => format!("促销条款有误：{}", fault.zh()),
            Self::TermsApproved { promotion_id } => {
                format!("促销 {promotion_id} 已批准，条款不可更改；请结束后另行起草")
            }
            Self::NotApproved { promotion_id } => {
                format!("促销 {promotion_id} 尚未批准，请先批准")
            }
            Self::PromotionOver { promotion_id, until } => {
                format!("促销 {promotion_id} 已于 {until} 到期，请另行起草")
            }
            Self::TooManyPromotions => "已有 200 个促销生效，请先结束一些".to_owned(),
            Self::AlreadyEnded { promotion_id } => {
                format!("促销 {promotion_id} 已结束，请另行起草")
            }
        };
        Text::new(zh, self.to_string())
    }
}

/// A promotion; its object id is the promotion's id.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(tag = "stage")]
pub enum Promotion {
    /// Not heard of yet.
    #[default]
    Undrafted,
    /// Heard of.
    Drafted(Box<Drafted>),
}

/// What a promotion says, and how far it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Drafted {
    /// What it says.
    pub plan: Plan,
    /// How far it is.
    pub status: PromotionStatus,
}

/// How far a promotion is. On which days it counts is said by its terms.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::AsRefStr, strum::IntoStaticStr,
)]
#[strum(serialize_all = "lowercase")]
pub enum PromotionStatus {
    /// 草稿: nobody gets it.
    Draft,
    /// 已批准: it counts on its days.
    Approved,
    /// 已暂停: it does not count for now.
    Paused,
    /// 已结束: it does not count any more.
    Ended,
}

type Decision = Result<Vec<PromotionEvent>, PromotionRefusal>;

impl Decider for Promotion {
    const AGGREGATE: &'static str = "promotion";
    type Command = PromotionCommand;
    type Event = PromotionEvent;
    type Refusal = PromotionRefusal;

    fn decide(&self, command: PromotionCommand) -> Decision {
        match (self, command) {
            (Self::Undrafted, PromotionCommand::Draft(plan)) => {
                make_sense(&plan)?;
                Ok(vec![PromotionEvent::PromotionDrafted(plan)])
            }
            (Self::Undrafted, _) => Err(PromotionRefusal::PromotionNotFound),
            (Self::Drafted(drafted), PromotionCommand::Draft(_)) => {
                Err(PromotionRefusal::AlreadyDrafted { promotion_id: drafted.id() })
            }
            (Self::Drafted(drafted), command) => drafted.decide(command),
        }
    }

    fn evolve(&mut self, event: PromotionEvent) {
        if let PromotionEvent::PromotionDrafted(plan) = event {
            *self = Self::Drafted(Box::new(Drafted { plan, status: PromotionStatus::Draft }));
        } else if let Self::Drafted(drafted) = self {
            drafted.evolve(event);
        }
    }
}

impl Drafted {
    fn id(&self) -> PromotionId {
        self.plan.terms.promotion_id.clone()
    }

    fn decide(&self, command: PromotionCommand) -> Decision {
        let promotion_id = self.id();
        if self.status == PromotionStatus::Ended {
            return Err(PromotionRefusal::AlreadyEnded { promotion_id });
        }
        let event = match (command, self.status) {
            (PromotionCommand::Revise(plan), PromotionStatus::Draft) => return self.revise(plan),
            (PromotionCommand::Revise(_) | PromotionCommand::Draft(_), _) => {
                return Err(PromotionRefusal::TermsApproved { promotion_id });
            }
            (PromotionCommand::Approve { today }, PromotionStatus::Draft) => {
                self.is_not_over(today)?;
                PromotionEvent::PromotionApproved { promotion_id }
            }
            (PromotionCommand::Pause { reason }, PromotionStatus::Approved) => {
                PromotionEvent::PromotionPaused { promotion_id, reason }
            }
            (PromotionCommand::Resume { today }, PromotionStatus::Paused) => {
                self.is_not_over(today)?;
                PromotionEvent::PromotionResumed { promotion_id }
            }
            (PromotionCommand::End { reason }, _) => {
                PromotionEvent::PromotionEnded { promotion_id, reason }
            }
            (
                PromotionCommand::Pause { .. } | PromotionCommand::Resume { .. },
                PromotionStatus::Draft,
            ) => return Err(PromotionRefusal::NotApproved { promotion_id }),
            // It is so already.
            (
                PromotionCommand::Approve { .. }
                | PromotionCommand::Pause { .. }
                | PromotionCommand::Resume { .. },
                _,
            ) => return Ok(vec![]),
        };
        Ok(vec![event])
    }

    fn revise(&self, plan: Plan) -> Decision {
        // The id is that of the object, whatever the terms say.
        let terms = Terms { promotion_id: self.id(), ..plan.terms };
        let plan = Plan { terms, ..plan };
        make_sense(&plan)?;
        let changed = plan != self.plan;
        Ok(changed.then_some(PromotionEvent::PromotionRevised(plan)).into_iter().collect())
    }

    fn is_not_over(&self, today: BusinessDate) -> Result<(), PromotionRefusal> {
        match self.plan.terms.window.until {
            Some(until) if self.plan.terms.window.is_over(today) => {
                Err(PromotionRefusal::PromotionOver { promotion_id: self.id(), until })
            }
            _ => Ok(()),
        }
    }

    fn evolve(&mut self, event: PromotionEvent) {
        self.status = match event {
            PromotionEvent::PromotionDrafted(plan) | PromotionEvent::PromotionRevised(plan) => {
                self.plan = plan;
                PromotionStatus::Draft
            }
            PromotionEvent::PromotionApproved { .. } | PromotionEvent::PromotionResumed { .. } => {
                PromotionStatus::Approved
            }
            PromotionEvent::PromotionPaused { .. } => PromotionStatus::Paused,
            PromotionEvent::PromotionEnded { .. } => PromotionStatus::Ended,
        };
    }
}

fn make_sense(plan: &Plan) -> Result<(), PromotionRefusal> {
    plan.terms.check().map_err(|fault| PromotionRefusal::PromotionTerms { fault })
}
