//! Rebate plans, what dealers have reached under them, and what was settled.
//!
//! What was reached is worked out when it is asked for, by the engine that also settles, from what the
//! read model knows of orders.

mod rows;

use std::collections::{BTreeMap, BTreeSet};

use kernel::failure::{Violations, refused};
use kernel::projection::Progress;
use kernel::rpc::{self, Reply};
use kernel::wall::TenantPool;
use order::audience::NotFor;
use order::grpc::{rebate_terms_of, told_basis, told_rebate_tier};
use order::rebate::plan::Versions;
use order::rebate::{
    Counted, Draft, NotCounted, OrderFacts, Period, Reached, RebateRefusal, RebateTerms,
};
use proto::order::v1 as pb;
use proto::order::v1::rebate_query_service_server::RebateQueryService;
use rows::{Given, Known};
use sqlx::PgConnection;
use tonic::{Request, Response, Status};
use values::{BusinessDate, DealerId};

use crate::read::{Page, Scope, failed, pattern, today, wait};

/// Periods of a plan that are told.
const MOST_PERIODS: usize = 24;

/// Answers from the read model of rebates.
#[derive(Clone)]
pub(crate) struct RebateQueryApi {
    pub(crate) pool: TenantPool,
    pub(crate) progress: Progress,
}

#[tonic::async_trait]
impl RebateQueryService for RebateQueryApi {
    async fn list_rebate_plans(
        &self,
        request: Request<pb::ListRebatePlansRequest>,
    ) -> Reply<pb::ListRebatePlansResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let wanted = request.into_inner();
        let page = Page::of(wanted.page.clone())?;
        let freshness = wait(&self.progress, wanted.min_position).await?;
        let mut db = self.pool.begin(&tenant).await.map_err(failed)?;
        let (status, search) = (wanted.status(), pattern(&wanted.search));
        let listed = rows::plans(&mut db, &tenant, (status, search), page).await;
        let (plans, total) = listed.map_err(failed)?;
        Ok(Response::new(pb::ListRebatePlansResponse {
            plans,
            page: Some(page.info(total)),
            freshness: Some(freshness),
        }))
    }

    async fn get_rebate_plan(
        &self,
        request: Request<pb::GetRebatePlanRequest>,
    ) -> Reply<pb::GetRebatePlanResponse> {
        let (tenant, today) = (rpc::caller(&request)?.tenant.clone(), today(&request)?);
        let wanted = request.into_inner();
        let freshness = wait(&self.progress, wanted.min_position).await?;
        let mut db = self.pool.begin(&tenant).await.map_err(failed)?;
        let known = known(&mut db, &tenant, &wanted.plan_id).await?;
        let versions = known.all.iter().rev().map(|(draft, by)| pb::RebatePlanVersion {
            number: draft.version,
            terms: Some(rebate_terms_of(&draft.terms)),
            drafted_by: draft.drafted_by.clone(),
            approved_by: by.clone().unwrap_or_default(),
        });
        let settled = rows::settled_periods(&mut db, &tenant, known.id()).await.map_err(failed)?;
        Ok(Response::new(pb::GetRebatePlanResponse {
            versions: versions.collect(),
            periods: periods(&known.versions, today, settled)
                .iter()
                .map(Period::to_string)
                .collect(),
            plan: Some(known.plan),
            freshness: Some(freshness),
        }))
    }

    async fn list_rebate_accruals(
        &self,
        request: Request<pb::ListRebateAccrualsRequest>,
    ) -> Reply<pb::ListRebateAccrualsResponse> {
        let scope = Scope::of(&request, &self.pool).await?;
        let today = today(&request)?;
        let wanted = request.into_inner();
        let (page, period) = (Page::of(wanted.page)?, period(&wanted.period)?);
        let freshness = wait(&self.progress, wanted.min_position).await?;
        let mut db = self.pool.begin(&scope.tenant).await.map_err(failed)?;
        let known = known(&mut db, &scope.tenant, &wanted.plan_id).await?;
        let (mut all, last_day) = match known.versions.of_period(period) {
            Ok(version) => {
                let of = Of { known: &known, version, period };
                let all = of.accruals(&mut db, &scope).await.map_err(failed)?;
                (all, known.versions.last_day(&version.terms, period))
            }
            Err(no) => {
                let settled =
                    settled_only(&mut db, &scope, &known, period).await.map_err(failed)?;
                settled.ok_or_else(|| refused(&no))?
            }
        };
        all.sort_by(|a, b| (b.accrued_minor, &a.dealer_id).cmp(&(a.accrued_minor, &b.dealer_id)));
        let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
        let sum = |pick: fn(&pb::RebateAccrual) -> i64| all.iter().map(pick).sum();
        let (accrued_minor, settled_minor) =
            (sum(|it| it.accrued_minor), sum(|it| it.settled_minor));
        let (from, most) = (at(page.offset), at(page.limit));
        Ok(Response::new(pb::ListRebateAccrualsResponse {
            accruals: all.into_iter().skip(from).take(most).collect(),
            page: Some(page.info(total)),
            accrued_minor,
            settled_minor,
            last_day: last_day.to_string(),
            over: today > last_day,
            freshness: Some(freshness),
        }))
    }

    async fn get_rebate_accrual(
        &self,
        request: Request<pb::GetRebateAccrualRequest>,
    ) -> Reply<pb::GetRebateAccrualResponse> {
        let scope = Scope::of(&request, &self.pool).await?;
        let today = today(&request)?;
        let wanted = request.into_inner();
        let (period, dealer_id) = (period(&wanted.period)?, dealer(&scope, &wanted.dealer_id)?);
        let freshness = wait(&self.progress, wanted.min_position).await?;
        let mut db = self.pool.begin(&scope.tenant).await.map_err(failed)?;
        let known = known(&mut db, &scope.tenant, &wanted.plan_id).await?;
        let version = match wanted.plan_version {
            0 => {
                let found = for_dealer(&mut db, &scope, (&known, period), &dealer_id).await;
                found.map_err(failed)?
            }
            number => known.version(number, period),
        };
        let version = version.map_err(|no| refused(&no))?;
        let of = Of { known: &known, version, period };
        let mut answer = of.one(&mut db, &scope, &dealer_id).await.map_err(failed)?;
        if scope.dealer.is_some() {
            of.for_dealer(&mut db, &scope, (&dealer_id, &mut answer)).await?;
        }
        answer.over = today > known.versions.last_day(&version.terms, period);
        answer.freshness = Some(freshness);
        Ok(Response::new(answer))
    }

    async fn list_dealer_rebates(
        &self,
        request: Request<pb::ListDealerRebatesRequest>,
    ) -> Reply<pb::ListDealerRebatesResponse> {
        let scope = Scope::of(&request, &self.pool).await?;
        let today = today(&request)?;
        let wanted = request.into_inner();
        let dealer_id = dealer(&scope, &wanted.dealer_id)?;
        let freshness = wait(&self.progress, wanted.min_position).await?;
        let mut db = self.pool.begin(&scope.tenant).await.map_err(failed)?;
        let told = of_dealer(&mut db, &scope, &dealer_id, today).await.map_err(failed)?;
        let freshness = Some(freshness);
        Ok(Response::new(pb::ListDealerRebatesResponse { accruals: told, freshness }))
    }
}

async fn known(db: &mut PgConnection, tenant: &str, plan_id: &str) -> Result<Known, Status> {
    let known = rows::known(db, tenant, plan_id).await.map_err(failed)?;
    known.ok_or_else(|| refused(&RebateRefusal::RebatePlanNotFound))
}

fn period(text: &str) -> Result<Period, Status> {
    let mut wrong = Violations::default();
    let explain = |no: order::rebate::cycle::InvalidPeriod| {
        kernel::Text::new(values::Explain::zh(&no), no.to_string())
    };
    let period = wrong.take("period", text.parse().map_err(explain));
    wrong.finish(period)
}

/// The dealer that is asked about: of people of a dealer, their own.
fn dealer(scope: &Scope, wanted: &str) -> Result<DealerId, Status> {
    let named = if wanted.is_empty() { scope.dealer.as_deref().unwrap_or(wanted) } else { wanted };
    let mut wrong = Violations::default();
    let text = |no: values::InvalidId| kernel::Text::new(values::Explain::zh(&no), no.to_string());
    let dealer_id = wrong.take("dealer_id", named.parse().map_err(text));
    wrong.finish(dealer_id)
}

fn at(number: i64) -> usize {
    usize::try_from(number).unwrap_or(0)
}

/// Periods that have begun and that a version counts in, or that were settled, the newest first.
fn periods(versions: &Versions, today: BusinessDate, settled: Vec<Period>) -> Vec<Period> {
    let mut periods = counting(versions, today);
    periods.extend(settled);
    periods.sort_by_key(|period| std::cmp::Reverse(period.first_day()));
    periods.dedup();
    periods.truncate(MOST_PERIODS);
    periods
}

fn counting(versions: &Versions, today: BusinessDate) -> Vec<Period> {
    let Some(first) = versions.approved.iter().map(|it| it.terms.window.from).min() else {
        return Vec::new();
    };
    let Some(newest) = versions.approved.last() else { return Vec::new() };
    let ends = [newest.terms.window.until, versions.ended];
    let last = ends.into_iter().flatten().fold(today, BusinessDate::min);
    let begun = std::iter::successors(Some(newest.terms.cycle.of(last)), |it| Some(it.previous()));
    let begun = begun.take_while(|period| period.last_day() >= first);
    begun.filter(|period| versions.of_period(*period).is_ok()).take(MOST_PERIODS).collect()
}

/// The version that a dealer would be settled by.
async fn for_dealer<'a>(
    db: &mut PgConnection,
    scope: &Scope,
    (known, period): (&'a Known, Period),
    dealer_id: &DealerId,
) -> sqlx::Result<Result<&'a Draft, RebateRefusal>> {
    let given = rows::given(db, scope, known.id(), (period, Some(dealer_id.as_str()))).await?;
    let settled_by = given.get(dealer_id).map_or(0, |it| it.plan_version);
    Ok(known.versions.of_settlement(period, settled_by))
}

/// What dealers have reached in a period that the plan has no days in any more: those who were
/// settled, each by the version of its settlement. Nothing, when nobody was.
async fn settled_only(
    db: &mut PgConnection,
    scope: &Scope,
    known: &Known,
    period: Period,
) -> sqlx::Result<Option<(Vec<pb::RebateAccrual>, BusinessDate)>> {
    let given = rows::given(db, scope, known.id(), (period, None)).await?;
    let numbers: BTreeSet<u32> = given.values().map(|it| it.plan_version).collect();
    let (mut all, mut last_day) = (Vec::new(), None);
    for number in numbers {
        let Ok(version) = known.version(number, period) else { continue };
        let theirs: BTreeSet<&str> = given
            .iter()
            .filter(|(_, it)| it.plan_version == number)
            .map(|(dealer_id, _)| dealer_id.as_str())
            .collect();
        let some = Of { known, version, period }.accruals(db, scope).await?;
        all.extend(some.into_iter().filter(|it| theirs.contains(it.dealer_id.as_str())));
        last_day = last_day.max(Some(known.versions.last_day(&version.terms, period)));
    }
    Ok(last_day.map(|last_day| (all, last_day)))
}

/// A plan in a period.
struct Of<'a> {
    known: &'a Known,
    version: &'a Draft,
    period: Period,
}

impl Of<'_> {
    fn terms(&self) -> &RebateTerms {
        &self.version.terms
    }

    /// What each dealer that the caller sees has reached.
    async fn accruals(
        &self,
        db: &mut PgConnection,
        scope: &Scope,
    ) -> sqlx::Result<Vec<pb::RebateAccrual>> {
        let mut counted: BTreeMap<DealerId, Counted> = BTreeMap::new();
        rows::each_order(db, scope, (self.period, None), |facts| {
            if let Ok(some) = self.count(&facts) {
                let sum = counted.entry(facts.buyer.dealer_id).or_default();
                *sum = sum.plus(some);
            }
        })
        .await?;
        let given = rows::given(db, scope, self.known.id(), (self.period, None)).await?;
        for dealer_id in given.keys() {
            counted.entry(dealer_id.clone()).or_default();
        }
        let ids: Vec<String> = counted.keys().map(ToString::to_string).collect();
        let names = rows::names(db, &scope.tenant, &ids).await?;
        let told = counted.into_iter().map(|(dealer_id, counted)| {
            let given = given.get(&dealer_id).copied().unwrap_or_default();
            let name = names.get(dealer_id.as_str()).cloned();
            self.told(&dealer_id, name, &self.terms().reach(counted), given)
        });
        Ok(told.collect())
    }

    fn count(&self, facts: &OrderFacts) -> Result<Counted, NotCounted> {
        self.terms().count(self.period, self.known.versions.ended, facts)
    }

    fn told(
        &self,
        dealer_id: &DealerId,
        name: Option<String>,
        reached: &Reached,
        given: Given,
    ) -> pb::RebateAccrual {
        let terms = self.terms();
        let next = reached.next;
        pb::RebateAccrual {
            plan_id: terms.plan_id.to_string(),
            plan_name: terms.name.clone(),
            plan_version: self.version.version,
            period: self.period.to_string(),
            dealer_id: dealer_id.to_string(),
            dealer_name: name.unwrap_or_else(|| dealer_id.to_string()),
            currency_code: terms.currency.to_string(),
            basis: told_basis(terms.basis).into(),
            net_minor: reached.counted.net_minor.0,
            units: reached.counted.units,
            tier_no: reached.tier.map_or(0, number),
            accrued_minor: reached.amount.0,
            settled_minor: given.minor,
            next_tier_no: next.map_or(0, |next| number(next.tier)),
            missing: next.map_or(0, |next| next.missing),
            next_tier: next.and_then(|next| terms.tiers.get(next.tier)).map(told_rebate_tier),
            settlement_version: given.version,
        }
    }

    /// What one dealer has reached, and why.
    async fn one(
        &self,
        db: &mut PgConnection,
        scope: &Scope,
        dealer_id: &DealerId,
    ) -> sqlx::Result<pb::GetRebateAccrualResponse> {
        let dealer = Some(dealer_id.as_str());
        let mut sum = Counted::default();
        let mut orders = Vec::new();
        rows::each_order(db, scope, (self.period, dealer), |facts| {
            let counted = self.count(&facts);
            let some = counted.unwrap_or_default();
            sum = sum.plus(some);
            orders.push(pb::RebateOrder {
                order_id: facts.order_id.to_string(),
                business_date: facts.day.to_string(),
                net_minor: some.net_minor.0,
                units: some.units,
                not_counted: counted.err().map_or(pb::RebateNotCounted::Unspecified, why).into(),
            });
        })
        .await?;
        orders.reverse();
        let reached = self.terms().reach(sum);
        let span = (self.period, dealer);
        let given = rows::given(db, scope, self.known.id(), span).await?;
        let settlements = rows::entries(db, scope, self.known.id(), span).await?;
        let name = rows::names(db, &scope.tenant, &[dealer_id.to_string()]).await?;
        let name = name.get(dealer_id.as_str()).cloned();
        let given = given.get(dealer_id).copied().unwrap_or_default();
        let parts = reached.parts.iter().map(|part| pb::RebatePart {
            tier_no: number(part.tier),
            of: part.of,
            amount_minor: part.amount.0,
        });
        let last_day = self.known.versions.last_day(self.terms(), self.period);
        Ok(pb::GetRebateAccrualResponse {
            accrual: Some(self.told(dealer_id, name, &reached, given)),
            parts: parts.collect(),
            orders,
            settlements,
            terms: Some(rebate_terms_of(self.terms())),
            last_day: last_day.to_string(),
            over: false,
            freshness: None,
        })
    }
}

impl Of<'_> {
    /// Leaves out what is none of a dealer's business: who else the plan is for, and plans that
    /// neither are for it nor have given it anything.
    async fn for_dealer(
        &self,
        db: &mut PgConnection,
        scope: &Scope,
        (dealer_id, answer): (&DealerId, &mut pb::GetRebateAccrualResponse),
    ) -> Result<(), Status> {
        let buyer = rows::newest_buyer(db, scope, dealer_id).await.map_err(failed)?;
        let admitted = buyer.is_some_and(|it| self.terms().audience.admits(&it).is_ok());
        if !admitted && !answer.accrual.as_ref().is_some_and(is_some) {
            return Err(refused(&RebateRefusal::RebatePlanNotFound));
        }
        if let Some(terms) = &mut answer.terms {
            terms.audience = None;
        }
        Ok(())
    }
}

/// Whether anything counts, or was given.
fn is_some(accrual: &pb::RebateAccrual) -> bool {
    accrual.net_minor != 0 || accrual.units != 0 || accrual.settled_minor != 0
}

/// What a dealer has under each plan: in the period that runs, and the one before.
async fn of_dealer(
    db: &mut PgConnection,
    scope: &Scope,
    dealer_id: &DealerId,
    today: BusinessDate,
) -> sqlx::Result<Vec<pb::RebateAccrual>> {
    let buyer = rows::newest_buyer(db, scope, dealer_id).await?;
    let mut told = Vec::new();
    for plan_id in rows::plans_of(db, &scope.tenant).await? {
        let Some(known) = rows::known(db, &scope.tenant, &plan_id).await? else { continue };
        let Some(cycle) = known.versions.approved.last().map(|it| it.terms.cycle) else { continue };
        let runs = cycle.of(today);
        for period in [runs, runs.previous()] {
            let version = for_dealer(db, scope, (&known, period), dealer_id).await?;
            let Ok(version) = version else { continue };
            let of = Of { known: &known, version, period };
            let one = of.one(db, scope, dealer_id).await?;
            let Some(accrual) = one.accrual else { continue };
            let open = period == runs
                && buyer.as_ref().is_some_and(|it| version.terms.audience.admits(it).is_ok());
            if open || is_some(&accrual) {
                told.push(accrual);
            }
        }
    }
    Ok(told)
}

fn number(tier: usize) -> u32 {
    u32::try_from(tier + 1).unwrap_or(u32::MAX)
}

fn why(no: NotCounted) -> pb::RebateNotCounted {
    match no {
        NotCounted::Buyer(NotFor::Dealer | NotFor::Region | NotFor::Level | NotFor::Channel) => {
            pb::RebateNotCounted::Dealer
        }
        NotCounted::Currency => pb::RebateNotCounted::Currency,
        NotCounted::Day => pb::RebateNotCounted::Day,
        NotCounted::SendsAgain => pb::RebateNotCounted::SendsAgain,
        NotCounted::NoGoods => pb::RebateNotCounted::NoGoods,
    }
}
