//! How people of the brand look at an order before it is confirmed (审核): sales first, then finance,
//! as the order rules said when it was submitted.
//!
//! The steps are independent of how it is paid: whichever comes last confirms it. A change starts
//! them anew, as what was approved is not what is ordered any more; after the confirmation it is made
//! only when it has passed them.

use proto::access::v1::Role;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{Minor, OrderId};

use super::paying::{Payment, Standing};
use super::review_refusal::ReviewRefusal;
use super::{Commercial, Decision, OrderEvent, OrderRefusal, Placed};
use crate::order_rules::Rules;

/// A step of the review.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::EnumIter,
    strum::FromRepr,
)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// 订单审核: whether it is to be delivered as it was ordered.
    Sales = 1,
    /// 财务审核: whether it is paid as it should be.
    Finance = 2,
}

/// Who may take a step; headquarters may take any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reviewer {
    /// 总部管理员.
    HqAdmin,
    /// 销售总监.
    SalesDirector,
    /// 大区经理.
    RegionManager,
    /// 财务.
    Finance,
}

/// When an order needs a step, and who takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct StepRule {
    /// Who takes it.
    pub reviewer: Reviewer,
    /// Only orders that cost more than this after discounts, in minor units of their currency; absent:
    /// whatever they cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above_minor: Option<Minor>,
    /// Only orders that people of a dealer placed themselves.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_dealers_only: bool,
    /// Not orders that are paid in full before they are confirmed, with nothing on credit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unless_prepaid: bool,
}

/// A step that an order has to pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// Which one.
    pub step: StepKind,
    /// Who takes it.
    pub reviewer: Reviewer,
    /// Whether it falls away when the order is paid in full.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unless_prepaid: bool,
}

/// How far the review of an order has got.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// What is still to be passed, the next one first.
    pub steps: Vec<Step>,
    /// Whether it was sent back to who ordered.
    pub sent_back: bool,
}

/// What can be asked of the review of an order.
#[derive(Clone, Debug)]
pub enum ReviewCommand {
    /// The step is passed.
    Approve {
        /// Which one.
        step: StepKind,
        /// For the record; may be empty.
        note: String,
        /// In which roles.
        roles: Reviewers,
    },
    /// It goes back to who ordered (退回).
    SendBack {
        /// Which step says so.
        step: StepKind,
        /// What should be different.
        reason: String,
        /// In which roles.
        roles: Reviewers,
    },
    /// It is not accepted (拒绝), and called off.
    Refuse {
        /// Which step says so.
        step: StepKind,
        /// Why.
        reason: String,
        /// In which roles.
        roles: Reviewers,
    },
    /// What was sent back is submitted again as it is.
    Resubmit {
        /// What it has to pass now.
        steps: Vec<Step>,
        /// What the brand should know; may be empty.
        note: String,
    },
}

/// The roles of somebody, as far as steps are about them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reviewers(Vec<Reviewer>);

impl Reviewers {
    /// Those among the roles of a caller.
    pub fn of(has: impl Fn(Role) -> bool) -> Self {
        let all = [
            Reviewer::HqAdmin,
            Reviewer::SalesDirector,
            Reviewer::RegionManager,
            Reviewer::Finance,
        ];
        Self(all.into_iter().filter(|reviewer| has(reviewer.role())).collect())
    }

    fn may(&self, step: Step) -> bool {
        self.0.contains(&step.reviewer) || self.0.contains(&Reviewer::HqAdmin)
    }

    /// Whether they may confirm an order that has no steps.
    fn may_confirm(&self) -> bool {
        self.0.iter().any(|reviewer| *reviewer != Reviewer::Finance)
    }
}

impl Reviewer {
    /// The role of people who may.
    pub fn role(self) -> Role {
        match self {
            Self::HqAdmin => Role::HqAdmin,
            Self::SalesDirector => Role::SalesDirector,
            Self::RegionManager => Role::RegionManager,
            Self::Finance => Role::Finance,
        }
    }

    /// In Chinese and English.
    pub fn shown(self) -> (&'static str, &'static str) {
        match self {
            Self::HqAdmin => ("总部管理员", "headquarters"),
            Self::SalesDirector => ("销售总监", "sales directors"),
            Self::RegionManager => ("大区经理", "region managers"),
            Self::Finance => ("财务", "finance"),
        }
    }
}

impl StepKind {
    /// In Chinese and English.
    pub fn shown(self) -> (&'static str, &'static str) {
        match self {
            Self::Sales => ("订单审核", "sales review"),
            Self::Finance => ("财务审核", "finance review"),
        }
    }
}

/// Whether everything is paid before the order is confirmed, with nothing on credit.
fn prepaid(payment: Option<&Payment>) -> bool {
    let in_full = |paid: &Payment| {
        paid.open_minor == Minor::ZERO
            && paid.credit_minor == Minor::ZERO
            && paid.standing == Standing::NotNeeded
    };
    payment.is_some_and(in_full)
}

/// What an order has to pass that costs this much; none: the rules have no steps, and people confirm
/// it or the system does.
pub fn steps(
    rules: &Rules,
    net: Minor,
    on_behalf: bool,
    payment: Option<&Payment>,
) -> Option<Vec<Step>> {
    let all = [(StepKind::Sales, rules.sales_review), (StepKind::Finance, rules.finance_review)];
    if !rules.reviewed || all.iter().all(|(_, rule)| rule.is_none()) {
        return None;
    }
    let needed = |(step, rule): (StepKind, Option<StepRule>)| {
        let StepRule { reviewer, above_minor, by_dealers_only, unless_prepaid } = rule?;
        let needed = above_minor.is_none_or(|above| net > above)
            && !(by_dealers_only && on_behalf)
            && !(unless_prepaid && prepaid(payment));
        needed.then_some(Step { step, reviewer, unless_prepaid })
    };
    Some(all.into_iter().filter_map(needed).collect())
}

impl Placed {
    /// What it has to pass from now on, whatever it has passed; none: the rules have no steps, and it
    /// never had any. Whoever changes it says whether that is on behalf of the dealer, too.
    pub fn steps_anew(
        &self,
        rules: &Rules,
        net: Minor,
        on_behalf: bool,
        payment: Option<&Payment>,
    ) -> Option<Vec<Step>> {
        let by_rules = steps(rules, net, self.placed_on_behalf && on_behalf, payment);
        // Rules that have lost their steps leave one where people confirm orders.
        let (step, reviewer) = (StepKind::Sales, Reviewer::RegionManager);
        let one = Step { step, reviewer, unless_prepaid: false };
        let left = || self.review.as_ref().map(|_| rules.reviewed.then_some(one));
        by_rules.or_else(|| left().map(|one| one.into_iter().collect()))
    }

    pub(super) fn review(&self, command: ReviewCommand) -> Decision {
        let order_id = self.order_id.clone();
        match command {
            ReviewCommand::Approve { step, note, roles } => {
                let mut after = self.clone();
                let left = self.takes(step, &roles)?[1..].to_vec();
                let next = left.first().map(|step| step.step);
                after.review = Some(Review { steps: left, sent_back: false });
                let status = self.status();
                let approved = OrderEvent::OrderStepApproved { order_id, step, note, next, status };
                Ok(std::iter::once(approved).chain(after.confirmed(false)).collect())
            }
            ReviewCommand::SendBack { step, reason, roles } => {
                self.takes(step, &roles)?;
                let status = self.status();
                Ok(vec![OrderEvent::OrderSentBack { order_id, step, reason, status }])
            }
            ReviewCommand::Refuse { step, reason, roles } => {
                self.takes(step, &roles)?;
                self.must_be_of_its_own()?;
                let status = Self { commercial: Commercial::Cancelled, ..self.clone() }.status();
                let why = reason.clone();
                let refused =
                    OrderEvent::OrderRefused { order_id: order_id.clone(), step, reason, status };
                Ok(vec![refused, OrderEvent::OrderCancelled { order_id, reason: why, status }])
            }
            ReviewCommand::Resubmit { steps, note } => {
                self.must_be_submitted()?;
                if !self.review.as_ref().is_some_and(|review| review.sent_back) {
                    return Err(ReviewRefusal::NotSentBack.into());
                }
                Ok(self.asked(steps, note))
            }
        }
    }

    /// The facts of a review that begins, and the confirmation where nothing is to be passed.
    pub(super) fn asked(&self, steps: Vec<Step>, note: String) -> Vec<OrderEvent> {
        let review = Some(Review { steps: steps.clone(), sent_back: false });
        let after = Self { review, ..self.clone() };
        let (order_id, status) = (self.order_id.clone(), self.status());
        let asked = OrderEvent::OrderReviewAsked { order_id, steps, note, status };
        std::iter::once(asked).chain(after.confirmed(false)).collect()
    }

    /// What a change of it still has to pass after it was confirmed, the next step first.
    fn steps_of_change(&self, needed: Option<&[Step]>) -> Vec<Step> {
        let needed = needed.unwrap_or_default();
        let taken = |step: &&Step| self.passed_of_change.contains(&step.step);
        needed.iter().filter(|step| !taken(step)).copied().collect()
    }

    /// The steps of a change that somebody takes who agrees to it, and whether it is made by that. Where
    /// none is left, whoever may confirm orders makes it.
    pub(super) fn agreed(
        &self,
        needed: Option<&[Step]>,
        roles: &Reviewers,
    ) -> Result<(Vec<OrderEvent>, bool), OrderRefusal> {
        let left = self.steps_of_change(needed);
        let taken = left.iter().take_while(|step| roles.may(**step)).count();
        match left.first() {
            Some(Step { reviewer, .. }) if taken == 0 => {
                return Err(ReviewRefusal::NotYourStep { reviewer: *reviewer }.into());
            }
            None if !roles.may_confirm() => {
                let reviewer = Reviewer::RegionManager;
                return Err(ReviewRefusal::NotYourStep { reviewer }.into());
            }
            Some(_) | None => (),
        }
        let passed = left[..taken].iter().enumerate().map(|(index, step)| {
            let next = left.get(index + 1).map(|step| step.step);
            let (order_id, step, status) = (self.order_id.clone(), step.step, self.status());
            OrderEvent::OrderStepApproved {
                order_id,
                step,
                note: OF_CHANGE.to_owned(),
                next,
                status,
            }
        });
        Ok((passed.collect(), taken == left.len()))
    }

    /// The steps that are not needed any more once it is paid like this.
    pub(super) fn waived(&self) -> Vec<OrderEvent> {
        let counts = |review: &&Review| !review.sent_back && prepaid(self.payment.as_ref());
        let mut left =
            self.review.as_ref().filter(counts).map_or(Vec::new(), |it| it.steps.clone());
        let waived: Vec<_> = left.iter().filter(|step| step.unless_prepaid).copied().collect();
        let waive = |Step { step, .. }: Step| {
            left.retain(|it| it.step != step);
            let next = left.first().map(|it| it.step);
            let (order_id, status) = (self.order_id.clone(), self.status());
            OrderEvent::OrderStepWaived { order_id, step, next, status }
        };
        waived.into_iter().map(waive).collect()
    }

    /// A step was passed, or is not needed: of the change that waits, or of the order itself.
    pub(super) fn passed(&mut self, passed: StepKind) {
        match &mut self.review {
            _ if self.proposal.is_some() => self.passed_of_change.push(passed),
            Some(review) => review.steps.retain(|step| step.step != passed),
            None => (),
        }
    }

    pub(super) fn sent_back(&mut self) {
        if let Some(review) = &mut self.review {
            review.sent_back = true;
        }
    }

    /// Whether nobody has to look at it any more, as far as it has steps; if it has none, it is as the
    /// rules say.
    pub(super) fn is_passed(&self, without_review: bool) -> bool {
        self.review.as_ref().map_or(without_review, |it| it.steps.is_empty() && !it.sent_back)
    }

    /// Whether people may confirm it who do not take a step of its review.
    pub(super) fn must_be_passed(&self) -> Result<(), OrderRefusal> {
        match &self.review {
            Some(review) if review.sent_back => Err(ReviewRefusal::SentBack.into()),
            Some(Review { steps, .. }) => match steps.first() {
                Some(step) => Err(ReviewRefusal::InReview { step: step.step }.into()),
                None => Ok(()),
            },
            None => Ok(()),
        }
    }

    /// What is still to be passed, when it is somebody's turn who has these roles.
    fn takes(&self, step: StepKind, roles: &Reviewers) -> Result<&[Step], OrderRefusal> {
        self.must_be_submitted()?;
        let review = self.review.as_ref().ok_or(ReviewRefusal::NoReview)?;
        if review.sent_back {
            return Err(ReviewRefusal::SentBack.into());
        }
        let next = *review.steps.first().ok_or(ReviewRefusal::NoReview)?;
        if next.step != step {
            return Err(ReviewRefusal::OtherStep { step: next.step }.into());
        }
        if !roles.may(next) {
            return Err(ReviewRefusal::NotYourStep { reviewer: next.reviewer }.into());
        }
        Ok(&review.steps)
    }

    fn must_be_submitted(&self) -> Result<(), OrderRefusal> {
        match self.commercial {
            Commercial::Submitted => Ok(()),
            Commercial::Confirmed => Err(OrderRefusal::AlreadyConfirmed),
            Commercial::Cancelled => Err(OrderRefusal::OrderCancelled),
        }
    }
}

/// What is noted of a step that a change has passed.
const OF_CHANGE: &str = "订单修改 · a change of the order";

/// What people are told of a review, as `(zh, en)`.
pub(crate) fn told(order_id: &OrderId, steps: &[Step]) -> (String, String) {
    if steps.is_empty() {
        let en = format!("order {order_id} needs nobody to look at it");
        return (format!("订单 {order_id} 无需审核"), en);
    }
    let (zh, en): (Vec<_>, Vec<_>) = steps.iter().map(|step| step.step.shown()).unzip();
    (
        format!("订单 {order_id} 待审核：{}", zh.join(" → ")),
        format!("order {order_id} has to pass {}", en.join(", then ")),
    )
}
