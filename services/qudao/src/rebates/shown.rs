//! Rebates as they are printed.

use proto::order::v1::rebate_tier::Reward;
use proto::order::v1::{
    GetRebateAccrualResponse, GetRebatePlanResponse, RebateAccrual, RebateBasis, RebateCycle,
    RebateLadder, RebateNotCounted, RebatePlan, RebatePlanStatus, RebatePlanVersion, RebateTerms,
    RebateTier,
};
use serde::Serialize;

use crate::client::{money, output};

/// Columns of plans.
pub(super) const PLAN_COLUMNS: [&str; 7] =
    ["plan", "name", "status", "every", "from", "until", "version"];
/// Columns of what dealers have reached.
pub(super) const ACCRUAL_COLUMNS: [&str; 8] =
    ["dealer", "name", ">net", ">units", ">tier", ">reached", ">settled", ">missing"];

#[derive(Serialize)]
pub(super) struct Plan {
    plan_id: String,
    name: String,
    status: &'static str,
    cycle: &'static str,
    currency: String,
    from: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    until: String,
    approved_version: u32,
    draft_version: u32,
    #[serde(skip_serializing_if = "String::is_empty")]
    reason: String,
    changed_at: String,
    version: u64,
}

impl Plan {
    pub(super) fn row(&self) -> Vec<String> {
        vec![
            self.plan_id.clone(),
            self.name.clone(),
            self.status.to_owned(),
            self.cycle.to_owned(),
            self.from.clone(),
            self.until.clone(),
            self.approved_version.to_string(),
        ]
    }
}

impl From<RebatePlan> for Plan {
    fn from(plan: RebatePlan) -> Self {
        let status = match plan.status() {
            RebatePlanStatus::Unspecified => "",
            RebatePlanStatus::Draft => "draft",
            RebatePlanStatus::Running => "running",
            RebatePlanStatus::Ended => "ended",
        };
        Self {
            status,
            cycle: cycle(plan.cycle()),
            plan_id: plan.plan_id,
            name: plan.name,
            currency: plan.currency_code,
            from: plan.from,
            until: plan.until,
            approved_version: plan.approved_version,
            draft_version: plan.draft_version,
            reason: plan.reason,
            changed_at: plan.changed_at,
            version: plan.version,
        }
    }
}

fn cycle(cycle: RebateCycle) -> &'static str {
    match cycle {
        RebateCycle::Unspecified => "",
        RebateCycle::Month => "month",
        RebateCycle::Quarter => "quarter",
        RebateCycle::Year => "year",
    }
}

/// A plan with its versions.
#[derive(Serialize)]
pub(super) struct Whole {
    #[serde(flatten)]
    plan: Plan,
    periods: Vec<String>,
    versions: Vec<Version>,
}

#[derive(Serialize)]
struct Version {
    number: u32,
    name: String,
    from: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    until: String,
    basis: &'static str,
    ladder: &'static str,
    tiers: Vec<Tier>,
    drafted_by: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    approved_by: String,
}

#[derive(Serialize)]
struct Tier {
    from: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_ppm: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    per_unit_minor: Option<i64>,
}

impl From<GetRebatePlanResponse> for Whole {
    fn from(told: GetRebatePlanResponse) -> Self {
        Self {
            plan: told.plan.unwrap_or_default().into(),
            periods: told.periods,
            versions: told.versions.into_iter().map(Version::from).collect(),
        }
    }
}

impl From<RebatePlanVersion> for Version {
    fn from(told: RebatePlanVersion) -> Self {
        let terms = told.terms.unwrap_or_default();
        let ladder = match terms.ladder() {
            RebateLadder::Unspecified => "",
            RebateLadder::Whole => "whole",
            RebateLadder::Bracket => "bracket",
        };
        Self {
            number: told.number,
            basis: basis(&terms),
            ladder,
            tiers: terms.tiers.iter().map(Tier::from).collect(),
            name: terms.name,
            from: terms.from,
            until: terms.until,
            drafted_by: told.drafted_by,
            approved_by: told.approved_by,
        }
    }
}

fn basis(terms: &RebateTerms) -> &'static str {
    match terms.basis() {
        RebateBasis::Unspecified => "",
        RebateBasis::Amount => "amount",
        RebateBasis::Units => "units",
    }
}

impl From<&RebateTier> for Tier {
    fn from(tier: &RebateTier) -> Self {
        let (rate_ppm, per_unit_minor) = match tier.reward {
            None => (None, None),
            Some(Reward::RatePpm(ppm)) => (Some(ppm), None),
            Some(Reward::PerUnitMinor(amount)) => (None, Some(amount)),
        };
        Self { from: tier.from, rate_ppm, per_unit_minor }
    }
}

impl Tier {
    fn words(&self, currency: &str) -> String {
        match (self.rate_ppm, self.per_unit_minor) {
            (Some(ppm), _) => percent(ppm),
            (None, Some(amount)) => format!("{} each", money::format(amount, currency)),
            (None, None) => String::new(),
        }
    }
}

/// Millionths as a percentage, without zeros at its end.
fn percent(ppm: u32) -> String {
    let rest = format!("{:04}", ppm % 10_000);
    match rest.trim_end_matches('0') {
        "" => format!("{} %", ppm / 10_000),
        rest => format!("{}.{rest} %", ppm / 10_000),
    }
}

impl Whole {
    /// All of it, a line each.
    pub(super) fn sheet(&self) -> String {
        let currency = &self.plan.currency;
        let lines = [
            ("plan", self.plan.plan_id.clone()),
            ("name", self.plan.name.clone()),
            ("status", self.plan.status.to_owned()),
            ("every", self.plan.cycle.to_owned()),
            ("ended, as", self.plan.reason.clone()),
            ("periods", self.periods.join(" ")),
        ];
        let told = lines.into_iter().filter(|(_, value)| !value.is_empty());
        let told = told.map(|(name, value)| vec![name.to_owned(), value]);
        let versions = self.versions.iter().flat_map(|it| {
            let by = if it.approved_by.is_empty() { "a draft" } else { &it.approved_by };
            let days =
                format!("{} to {}", it.from, if it.until.is_empty() { "…" } else { &it.until });
            let head = format!("{days}, {} by {}, {by}", it.ladder, it.basis);
            let head = vec![format!("version {}", it.number), head];
            let tiers = it.tiers.iter().map(|tier| {
                let from = match it.basis {
                    "amount" => {
                        money::format(i64::try_from(tier.from).unwrap_or(i64::MAX), currency)
                    }
                    _ => tier.from.to_string(),
                };
                vec![String::new(), format!("from {from}: {}", tier.words(currency))]
            });
            std::iter::once(head).chain(tiers).collect::<Vec<_>>()
        });
        output::lines(&output::table(&["what", ""], told.chain(versions)))
    }
}

/// What a dealer has reached.
#[derive(Serialize)]
pub(super) struct Accrual {
    plan_id: String,
    plan_version: u32,
    period: String,
    dealer_id: String,
    dealer_name: String,
    currency: String,
    net_minor: i64,
    units: i64,
    tier_no: u32,
    accrued_minor: i64,
    settled_minor: i64,
    next_tier_no: u32,
    missing: u64,
    #[serde(skip)]
    by_amount: bool,
}

impl From<RebateAccrual> for Accrual {
    fn from(told: RebateAccrual) -> Self {
        Self {
            by_amount: told.basis() == RebateBasis::Amount,
            plan_id: told.plan_id,
            plan_version: told.plan_version,
            period: told.period,
            dealer_id: told.dealer_id,
            dealer_name: told.dealer_name,
            currency: told.currency_code,
            net_minor: told.net_minor,
            units: told.units,
            tier_no: told.tier_no,
            accrued_minor: told.accrued_minor,
            settled_minor: told.settled_minor,
            next_tier_no: told.next_tier_no,
            missing: told.missing,
        }
    }
}

impl Accrual {
    pub(super) fn row(&self) -> Vec<String> {
        let amount = |minor| money::format(minor, &self.currency);
        vec![
            self.dealer_id.clone(),
            self.dealer_name.clone(),
            amount(self.net_minor),
            self.units.to_string(),
            self.tier_no.to_string(),
            amount(self.accrued_minor),
            amount(self.settled_minor),
            self.lacks(),
        ]
    }

    /// What is missing for the next tier.
    fn lacks(&self) -> String {
        match (self.next_tier_no, self.by_amount) {
            (0, _) => String::new(),
            (_, true) => {
                money::format(i64::try_from(self.missing).unwrap_or(i64::MAX), &self.currency)
            }
            (_, false) => self.missing.to_string(),
        }
    }
}

/// What a dealer has reached, and why.
#[derive(Serialize)]
pub(super) struct Why {
    #[serde(flatten)]
    accrual: Accrual,
    last_day: String,
    over: bool,
    parts: Vec<Part>,
    orders: Vec<Order>,
    settlements: Vec<Entry>,
}

#[derive(Serialize)]
struct Part {
    tier_no: u32,
    of: i64,
    amount_minor: i64,
}

#[derive(Serialize)]
struct Order {
    order_id: String,
    business_date: String,
    net_minor: i64,
    units: i64,
    #[serde(skip_serializing_if = "str::is_empty")]
    not_counted: &'static str,
}

#[derive(Serialize)]
struct Entry {
    settled_at: String,
    settled_by: String,
    plan_version: u32,
    accrued_minor: i64,
    given_minor: i64,
    position: u64,
}

impl From<GetRebateAccrualResponse> for Why {
    fn from(told: GetRebateAccrualResponse) -> Self {
        let orders = told.orders.into_iter().map(|it| Order {
            not_counted: match it.not_counted() {
                RebateNotCounted::Unspecified => "",
                RebateNotCounted::Dealer => "not for the dealer",
                RebateNotCounted::Currency => "other currency",
                RebateNotCounted::Day => "other days",
                RebateNotCounted::SendsAgain => "sent again",
                RebateNotCounted::NoGoods => "no goods",
            },
            order_id: it.order_id,
            business_date: it.business_date,
            net_minor: it.net_minor,
            units: it.units,
        });
        let parts = told.parts.into_iter().map(|it| Part {
            tier_no: it.tier_no,
            of: it.of,
            amount_minor: it.amount_minor,
        });
        let settlements = told.settlements.into_iter().map(|it| Entry {
            settled_at: it.settled_at,
            settled_by: it.settled_by,
            plan_version: it.plan_version,
            accrued_minor: it.accrued_minor,
            given_minor: it.given_minor,
            position: it.position,
        });
        Self {
            accrual: told.accrual.unwrap_or_default().into(),
            last_day: told.last_day,
            over: told.over,
            parts: parts.collect(),
            orders: orders.collect(),
            settlements: settlements.collect(),
        }
    }
}

impl Why {
    /// All of it, a line each.
    pub(super) fn sheet(&self) -> String {
        let it = &self.accrual;
        let amount = |minor| money::format(minor, &it.currency);
        let lines = [
            ("plan", format!("{} version {}, {}", it.plan_id, it.plan_version, it.period)),
            ("dealer", format!("{} ({})", it.dealer_name, it.dealer_id)),
            ("counts", format!("{}, {} units", amount(it.net_minor), it.units)),
            ("reached", format!("{}, tier {}", amount(it.accrued_minor), it.tier_no)),
            ("settled", amount(it.settled_minor)),
            ("missing for the next tier", it.lacks()),
            ("orders count until", self.last_day.clone()),
        ];
        let told = lines.into_iter().filter(|(_, value)| !value.is_empty());
        let told = told.map(|(name, value)| vec![name.to_owned(), value]);
        let parts = self.parts.iter().map(|part| {
            let of = if it.by_amount { amount(part.of) } else { part.of.to_string() };
            vec![
                format!("tier {}", part.tier_no),
                format!("{} for {of}", amount(part.amount_minor)),
            ]
        });
        let orders = self.orders.iter().map(|order| {
            let counts = match order.not_counted {
                "" => format!("{}, {} units", amount(order.net_minor), order.units),
                why => format!("does not count: {why}"),
            };
            vec![format!("{} {}", order.business_date, order.order_id), counts]
        });
        let settled = self.settlements.iter().map(|it| {
            let all = amount(it.accrued_minor);
            let given = format!("{} by {}, {all} in all", amount(it.given_minor), it.settled_by);
            vec![format!("settled {}", it.settled_at), given]
        });
        let all = told.chain(parts).chain(orders).chain(settled);
        output::lines(&output::table(&["what", ""], all))
    }
}

/// What a dealer was given.
#[derive(Serialize)]
pub(super) struct Settled {
    pub(super) dealer_id: String,
    pub(super) currency: String,
    pub(super) given_minor: i64,
    pub(super) accrued_minor: i64,
    pub(super) position: u64,
}

impl Settled {
    /// The settlement at a position, as the dealer's history tells it.
    pub(super) fn of(told: GetRebateAccrualResponse, position: u64) -> Self {
        let accrual = told.accrual.unwrap_or_default();
        // One append has several positions; the newest settlement is not after its last one.
        let made = told.settlements.into_iter().find(|it| it.position <= position);
        let made = made.unwrap_or_default();
        Self {
            dealer_id: accrual.dealer_id,
            currency: accrual.currency_code,
            given_minor: made.given_minor,
            accrued_minor: made.accrued_minor,
            position,
        }
    }
}
