//! The life of a plan (返利政策): drafted, approved by somebody else, written anew as another version,
//! ended.
//!
//! A version that was approved stays as it was approved, so what it came to can be worked out again
//! at any time. Another one counts for periods that begin on its first day or later.

use std::collections::BTreeSet;

use kernel::{Decider, DomainEvent, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{BusinessDate, RebatePlanId};

use super::cycle::Period;
use super::refusal::RebateRefusal;
use super::terms::RebateTerms;

/// Versions that a plan may have.
pub const MAX_VERSIONS: u32 = 50;

/// The facts of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum RebatePlanEvent {
    /// Somebody wrote down what dealers would get. Nobody gets it yet.
    RebatePlanDrafted(Box<Draft>),
    /// The draft says something else, or there is one of another version.
    RebatePlanRevised(Box<Draft>),
    /// A version counts.
    RebatePlanApproved {
        /// The plan.
        plan_id: RebatePlanId,
        /// Its version.
        version: u32,
    },
    /// No orders count any more after a day. What was reached until then can be settled.
    RebatePlanEnded {
        /// The plan.
        plan_id: RebatePlanId,
        /// The last day whose orders count.
        last_day: BusinessDate,
        /// Why, in the words of the person who did it.
        reason: String,
    },
}

/// What would count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Draft {
    /// Number of the version, from 1.
    pub version: u32,
    /// What it says.
    pub terms: RebateTerms,
    /// Who wrote it.
    pub drafted_by: String,
}

impl DomainEvent for RebatePlanEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::RebatePlanDrafted(draft) => draft.sentence(("已起草", "was drafted")),
            Self::RebatePlanRevised(draft) => draft.sentence(("草稿已修改", "was drafted anew")),
            Self::RebatePlanApproved { plan_id, version } => Text::new(
                format!("返利政策 {plan_id} 第 {version} 版已批准"),
                format!("version {version} of rebate plan {plan_id} was approved"),
            ),
            Self::RebatePlanEnded { plan_id, last_day, reason } => Text::new(
                format!("返利政策 {plan_id} 计至 {last_day} 结束：{reason}"),
                format!("rebate plan {plan_id} ends with {last_day}: {reason}"),
            ),
        }
    }
}

impl Draft {
    fn sentence(&self, (zh, en): (&str, &str)) -> Text {
        let (version, RebateTerms { plan_id, name, window, .. }) = (self.version, &self.terms);
        let from = window.from;
        Text::new(
            format!("返利政策 {name}（{plan_id}）第 {version} 版{zh}，{from} 起"),
            format!("version {version} of rebate plan {name} ({plan_id}) {en}, from {from} on"),
        )
    }
}

/// What can be asked of a plan.
#[derive(Clone, Debug)]
pub enum RebatePlanCommand {
    /// Writes it down.
    Draft {
        /// What it says.
        terms: Box<RebateTerms>,
        /// Who writes it.
        by: String,
    },
    /// Writes the draft anew, or drafts another version of what is approved.
    Revise {
        /// What it says.
        terms: Box<RebateTerms>,
        /// Who writes it.
        by: String,
    },
    /// Makes the draft count.
    Approve,
    /// Lets no more orders count.
    End {
        /// The last day whose orders count.
        last_day: BusinessDate,
        /// Why.
        reason: String,
    },
}

/// A plan; its object id is the plan's id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage")]
pub enum RebatePlan {
    /// Not heard of yet.
    #[default]
    Undrafted,
    /// Heard of.
    Drafted(Box<Versions>),
}

/// What a plan says, version by version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    /// The approved ones, the oldest first.
    pub approved: Vec<Draft>,
    /// The one that waits for approval.
    pub draft: Option<Draft>,
    /// Who wrote any of them.
    pub drafters: BTreeSet<String>,
    /// The last day that counts, once it was ended.
    pub ended: Option<BusinessDate>,
}

/// How far a plan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::AsRefStr, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum PlanStatus {
    /// 草稿: nobody gets it.
    Draft,
    /// 执行中: a version of it counts on its days.
    Running,
    /// 已结束: later orders do not count.
    Ended,
}

type Decision = Result<Vec<RebatePlanEvent>, RebateRefusal>;

impl RebatePlan {
    /// The versions of a plan that is there.
    ///
    /// # Errors
    /// When there is none.
    pub fn versions(&self) -> Result<&Versions, RebateRefusal> {
        match self {
            Self::Undrafted => Err(RebateRefusal::RebatePlanNotFound),
            Self::Drafted(versions) => Ok(versions),
        }
    }
}

impl Versions {
    /// The version that counts in a period: the last approved one that has begun with it or before,
    /// where it has days in it.
    ///
    /// # Errors
    /// When none does, or the plan's periods are of another length.
    pub fn of_period(&self, period: Period) -> Result<&Draft, RebateRefusal> {
        let first = period.first_day();
        let begun = self.approved.iter().rfind(|it| it.terms.window.from <= first);
        let counts = begun.filter(|it| {
            it.terms.cycle == period.cycle()
                && !it.terms.window.is_over(first)
                && self.ended.is_none_or(|last| first <= last)
        });
        counts.ok_or(RebateRefusal::NoSuchPeriod { period })
    }

    /// The version that a settlement goes by: the one that counts, or, where none does any more, the
    /// one that was settled by. No version that ends earlier takes a settled period out of reach: what
    /// comes back later is still taken off it.
    ///
    /// # Errors
    /// When none counts, and nothing was settled.
    pub fn of_settlement(&self, period: Period, settled_by: u32) -> Result<&Draft, RebateRefusal> {
        self.of_period(period).or_else(|no| {
            let by = self.approved.iter().find(|it| it.version == settled_by);
            by.filter(|it| it.terms.cycle == period.cycle()).ok_or(no)
        })
    }

    /// The last day of a period that counts.
    pub fn last_day(&self, terms: &RebateTerms, period: Period) -> BusinessDate {
        let ends = [terms.window.until, self.ended];
        ends.into_iter().flatten().fold(period.last_day(), BusinessDate::min)
    }

    fn newest(&self) -> Option<&Draft> {
        self.draft.as_ref().or(self.approved.last())
    }

    fn revise(&self, terms: RebateTerms, by: String) -> Decision {
        let Some(newest) = self.newest() else { return Err(RebateRefusal::RebatePlanNotFound) };
        // The id is that of the object, whatever the terms say.
        let terms = RebateTerms { plan_id: newest.terms.plan_id.clone(), ..terms };
        make_sense(&terms)?;
        if let Some(counts) = self.approved.last()
            && (counts.terms.cycle, &counts.terms.currency) != (terms.cycle, &terms.currency)
        {
            return Err(RebateRefusal::OtherPlan);
        }
        if newest.terms == terms {
            return Ok(vec![]);
        }
        let version = u32::try_from(self.approved.len()).unwrap_or(u32::MAX).saturating_add(1);
        if version > MAX_VERSIONS {
            return Err(RebateRefusal::TooManyVersions);
        }
        let draft = Draft { version, terms, drafted_by: by };
        Ok(vec![RebatePlanEvent::RebatePlanRevised(Box::new(draft))])
    }

    fn end(&self, last_day: BusinessDate, reason: String) -> Decision {
        let Some(newest) = self.newest() else { return Err(RebateRefusal::RebatePlanNotFound) };
        let plan_id = newest.terms.plan_id.clone();
        Ok(vec![RebatePlanEvent::RebatePlanEnded { plan_id, last_day, reason }])
    }
}

fn make_sense(terms: &RebateTerms) -> Result<(), RebateRefusal> {
    terms.check().map_err(|fault| RebateRefusal::RebateTerms { fault })
}

impl Decider for RebatePlan {
    const AGGREGATE: &'static str = "rebate_plan";
    type Command = RebatePlanCommand;
    type Event = RebatePlanEvent;
    type Refusal = RebateRefusal;

    fn decide(&self, command: RebatePlanCommand) -> Decision {
        let versions = match (self, command) {
            (Self::Undrafted, RebatePlanCommand::Draft { terms, by }) => {
                make_sense(&terms)?;
                let draft = Draft { version: 1, terms: *terms, drafted_by: by };
                return Ok(vec![RebatePlanEvent::RebatePlanDrafted(Box::new(draft))]);
            }
            (Self::Undrafted, _) => return Err(RebateRefusal::RebatePlanNotFound),
            (Self::Drafted(_), RebatePlanCommand::Draft { terms, .. }) => {
                return Err(RebateRefusal::AlreadyDrafted { plan_id: terms.plan_id });
            }
            (Self::Drafted(versions), command) => (versions, command),
        };
        let (versions, command) = versions;
        if versions.ended.is_some() {
            return Err(RebateRefusal::RebatePlanEnded);
        }
        match command {
            RebatePlanCommand::Revise { terms, by } => versions.revise(*terms, by),
            RebatePlanCommand::Approve => {
                let approved = |draft: &Draft| RebatePlanEvent::RebatePlanApproved {
                    plan_id: draft.terms.plan_id.clone(),
                    version: draft.version,
                };
                // Without a draft it is so already.
                Ok(versions.draft.iter().map(approved).collect())
            }
            RebatePlanCommand::End { last_day, reason } => versions.end(last_day, reason),
            RebatePlanCommand::Draft { .. } => Ok(vec![]),
        }
    }

    fn evolve(&mut self, event: RebatePlanEvent) {
        match (self, event) {
            (plan, RebatePlanEvent::RebatePlanDrafted(draft)) => {
                *plan = Self::Drafted(Box::new(Versions {
                    approved: Vec::new(),
                    drafters: BTreeSet::from([draft.drafted_by.clone()]),
                    draft: Some(*draft),
                    ended: None,
                }));
            }
            (Self::Undrafted, _) => (),
            (Self::Drafted(versions), RebatePlanEvent::RebatePlanRevised(draft)) => {
                versions.drafters.insert(draft.drafted_by.clone());
                versions.draft = Some(*draft);
            }
            (Self::Drafted(versions), RebatePlanEvent::RebatePlanApproved { .. }) => {
                versions.approved.extend(versions.draft.take());
            }
            (Self::Drafted(versions), RebatePlanEvent::RebatePlanEnded { last_day, .. }) => {
                versions.ended = Some(last_day);
            }
        }
    }
}
