//! The visible range (可见范围): which dealers see and order which products.
//!
//! Without rules everybody sees everything. Three kinds of rules change that, and deny wins:
//!
//! | kind | what it says |
//! |---|---|
//! | 隐藏 [`Effect::Hide`] | these buyers do not see these products, whatever other rules say |
//! | 专供 [`Effect::Exclusive`] | these products are for these buyers only, and for whom another exclusive rule names them |
//! | 限定 [`Effect::Limit`] | these buyers see these products only, and those of other limits that are for them |
//!
//! The rules are one object of a tenant, so an order finds all of them by one look.

use std::collections::BTreeMap;

use kernel::{Decider, DomainEvent, Refusal, RefusalKind, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{AssortmentRuleId, BusinessDate, ProductId};

use crate::audience::{Audience, Buyer, Scope, Window};

/// The id of the one set of rules that each tenant has.
pub const ASSORTMENT: &str = "assortment";
/// Rules that it may hold: each order looks at all of them.
pub const MAX_RULES: usize = 200;

/// The facts of the visible range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum AssortmentEvent {
    /// A rule counts from now on, on its days, or says something else than before.
    AssortmentRuleSet(Box<Rule>),
    /// A rule counts no more.
    AssortmentRuleRemoved {
        /// The rule.
        rule_id: AssortmentRuleId,
        /// Why, in the words of the person who did it.
        reason: String,
    },
}

/// Who sees what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Rule {
    /// The rule.
    pub rule_id: AssortmentRuleId,
    /// What people call it.
    pub name: String,
    /// What it does.
    pub effect: Effect,
    /// When it counts.
    pub window: Window,
    /// For which buyers.
    pub audience: Audience,
    /// For which products.
    pub scope: Scope,
}

/// What a rule does.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Effect {
    /// 隐藏: these buyers do not see these products.
    Hide,
    /// 专供: nobody else sees these products.
    Exclusive,
    /// 限定: these buyers see nothing else.
    Limit,
}

impl DomainEvent for AssortmentEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::AssortmentRuleSet(rule) => {
                let Rule { name, rule_id, effect, .. } = &**rule;
                let (zh, en) = match effect {
                    Effect::Hide => ("隐藏", "hides products"),
                    Effect::Exclusive => ("专供", "keeps products for some"),
                    Effect::Limit => ("限定", "shows some nothing else"),
                };
                Text::new(
                    format!("可见范围规则 {name}（{rule_id}）已设定：{zh}"),
                    format!("range rule {name} ({rule_id}) {en}"),
                )
            }
            Self::AssortmentRuleRemoved { rule_id, reason } => Text::new(
                format!("可见范围规则 {rule_id} 已删除：{reason}"),
                format!("range rule {rule_id} was removed: {reason}"),
            ),
        }
    }
}

/// What can be asked of the visible range.
#[derive(Clone, Debug)]
pub enum AssortmentCommand {
    /// Lets a rule count.
    Set(Box<Rule>),
    /// Lets it count no more.
    Remove {
        /// The rule.
        rule_id: AssortmentRuleId,
        /// Why.
        reason: String,
    },
}

/// Why the visible range says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum AssortmentRefusal {
    /// There is no such rule.
    #[error("there is no such rule; nothing is left to do")]
    RuleNotFound,
    /// It would never count.
    #[error("the last day has to be the first or a later one")]
    NoDays,
    /// It would hide everything from everybody.
    #[error("a rule that hides names buyers or products; choose some")]
    HidesEverything,
    /// The set is full.
    #[error("at most 200 rules count at a time; remove one that is over")]
    TooManyRules,
}

impl Refusal for AssortmentRefusal {
    fn reason(&self) -> String {
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::RuleNotFound => RefusalKind::NotFound,
            Self::NoDays | Self::HidesEverything => RefusalKind::InvalidArgument,
            Self::TooManyRules => RefusalKind::FailedPrecondition,
        }
    }

    fn text(&self) -> Text {
        let zh = match self {
            Self::RuleNotFound => "没有这条规则，无需操作",
            Self::NoDays => "结束日期不得早于开始日期",
            Self::HidesEverything => "隐藏规则须指定经销商范围或商品范围",
            Self::TooManyRules => "最多 200 条规则，请先删除已到期的",
        };
        Text::new(zh, self.to_string())
    }
}

/// The visible range; its object id is [`ASSORTMENT`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Assortment(BTreeMap<AssortmentRuleId, Rule>);

/// What a buyer sees on a day.
#[derive(Clone, Debug, Default)]
pub struct Range<'a> {
    /// Hidden from the buyer.
    pub hidden: Vec<&'a Rule>,
    /// For the buyer, though not for everybody.
    pub for_us: Vec<&'a Rule>,
    /// For others only, unless it is for the buyer too.
    pub for_others: Vec<&'a Rule>,
    /// Nothing else is for the buyer; none: there is no such limit.
    pub limits: Option<Vec<&'a Rule>>,
}

/// Why a buyer does not see a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotVisible<'a> {
    /// A rule hides it.
    Hidden(&'a Rule),
    /// A rule keeps it for others.
    ForOthers(&'a Rule),
    /// The buyer's limits do not name it.
    OutsideLimits,
}

impl Assortment {
    /// The rules by id.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.0.values()
    }

    /// What a buyer sees on a day.
    pub fn range(&self, buyer: &Buyer, day: BusinessDate) -> Range<'_> {
        let mut range = Range::default();
        for rule in self.0.values().filter(|rule| rule.window.contains(day)) {
            let is_meant = rule.audience.admits(buyer).is_ok();
            match (rule.effect, is_meant) {
                (Effect::Hide, true) => range.hidden.push(rule),
                (Effect::Exclusive, true) => range.for_us.push(rule),
                (Effect::Exclusive, false) => range.for_others.push(rule),
                (Effect::Limit, true) => range.limits.get_or_insert_default().push(rule),
                (Effect::Hide | Effect::Limit, false) => (),
            }
        }
        range
    }
}

impl FromIterator<Rule> for Assortment {
    fn from_iter<I: IntoIterator<Item = Rule>>(rules: I) -> Self {
        Self(rules.into_iter().map(|rule| (rule.rule_id.clone(), rule)).collect())
    }
}

impl<'a> Range<'a> {
    /// Whether a product is in it.
    pub fn contains(&self, product_id: &ProductId, category_path: &[String]) -> bool {
        self.shows(product_id, category_path).is_ok()
    }

    /// Whether a product is in it.
    ///
    /// # Errors
    /// Why it is not.
    pub fn shows(
        &self,
        product_id: &ProductId,
        category_path: &[String],
    ) -> Result<(), NotVisible<'a>> {
        let names = |rules: &[&'a Rule]| {
            rules.iter().find(|rule| rule.scope.contains(product_id, category_path)).copied()
        };
        if let Some(rule) = names(&self.hidden) {
            return Err(NotVisible::Hidden(rule));
        }
        if self.limits.as_deref().is_some_and(|limits| names(limits).is_none()) {
            return Err(NotVisible::OutsideLimits);
        }
        match (names(&self.for_us), names(&self.for_others)) {
            (None, Some(rule)) => Err(NotVisible::ForOthers(rule)),
            (_, _) => Ok(()),
        }
    }
}

impl Decider for Assortment {
    const AGGREGATE: &'static str = "assortment";
    type Command = AssortmentCommand;
    type Event = AssortmentEvent;
    type Refusal = AssortmentRefusal;

    fn decide(
        &self,
        command: AssortmentCommand,
    ) -> Result<Vec<AssortmentEvent>, AssortmentRefusal> {
        match command {
            AssortmentCommand::Set(rule) => {
                if !rule.window.has_days() {
                    return Err(AssortmentRefusal::NoDays);
                }
                let (anybody, anything) = (Audience::default(), Scope::default());
                if rule.effect == Effect::Hide && rule.audience == anybody && rule.scope == anything
                {
                    return Err(AssortmentRefusal::HidesEverything);
                }
                let known = self.0.get(&rule.rule_id);
                if known.is_none() && self.0.len() >= MAX_RULES {
                    return Err(AssortmentRefusal::TooManyRules);
                }
                let changed = known != Some(&*rule);
                let event = AssortmentEvent::AssortmentRuleSet(rule);
                Ok(changed.then_some(event).into_iter().collect())
            }
            AssortmentCommand::Remove { rule_id, reason } => {
                if !self.0.contains_key(&rule_id) {
                    return Err(AssortmentRefusal::RuleNotFound);
                }
                Ok(vec![AssortmentEvent::AssortmentRuleRemoved { rule_id, reason }])
            }
        }
    }

    fn evolve(&mut self, event: AssortmentEvent) {
        match event {
            AssortmentEvent::AssortmentRuleSet(rule) => {
                self.0.insert(rule.rule_id.clone(), *rule);
            }
            AssortmentEvent::AssortmentRuleRemoved { rule_id, .. } => {
                self.0.remove(&rule_id);
            }
        }
    }
}
