//! Rows of the read model of rebates.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use futures::TryStreamExt as _;
use order::audience::Buyer;
use order::rebate::facts::Line;
use order::rebate::plan::Versions;
use order::rebate::settlement::Settled;
use order::rebate::{Cycle, Draft, OrderFacts, Period, PlanStatus, RebateRefusal};
use proto::order::v1 as pb;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, Row as _};
use values::{DealerClass, DealerId, Minor, Quantity};

use crate::read::{Page, Scope, rfc3339};

/// A plan with all that it ever said.
pub(super) struct Known {
    pub(super) plan: pb::RebatePlan,
    pub(super) versions: Versions,
    /// The oldest first, with who approved it.
    pub(super) all: Vec<(Draft, Option<String>)>,
}

impl Known {
    pub(super) fn id(&self) -> &str {
        &self.plan.plan_id
    }

    /// An approved version, whatever counts today.
    pub(super) fn version(&self, number: u32, period: Period) -> Result<&Draft, RebateRefusal> {
        let found = self.versions.approved.iter().find(|it| it.version == number);
        let found = found.filter(|it| it.terms.cycle == period.cycle());
        found.ok_or(RebateRefusal::NoSuchPeriod { period })
    }
}

/// What a dealer was given for a period.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Given {
    pub(super) minor: i64,
    pub(super) version: u64,
    /// By which version of the plan, the last time; 0: never.
    pub(super) plan_version: u32,
}

pub(super) async fn plans(
    db: &mut PgConnection,
    tenant: &str,
    (status, search): (pb::RebatePlanStatus, Option<String>),
    page: Page,
) -> sqlx::Result<(Vec<pb::RebatePlan>, i64)> {
    let rows = sqlx::query(
        "SELECT *, count(*) OVER () AS total FROM rebate_plans
         WHERE tenant_id = $1 AND ($2 = '' OR status = $2)
         AND ($3::text IS NULL OR name ILIKE $3 OR plan_id ILIKE $3)
         ORDER BY begins_on DESC, plan_id LIMIT $4 OFFSET $5",
    )
    .bind(tenant)
    .bind(word(status))
    .bind(search)
    .bind(page.limit)
    .bind(page.offset)
    .fetch_all(db)
    .await?;
    let total = rows.first().map_or(Ok(0), |row| row.try_get("total"))?;
    Ok((rows.iter().map(plan).collect::<sqlx::Result<_>>()?, total))
}

/// Plans of which a version was approved.
pub(super) async fn plans_of(db: &mut PgConnection, tenant: &str) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "SELECT plan_id FROM rebate_plans WHERE tenant_id = $1 AND approved_version > 0
         ORDER BY begins_on DESC, plan_id",
    )
    .bind(tenant)
    .fetch_all(db)
    .await
}

pub(super) async fn known(
    db: &mut PgConnection,
    tenant: &str,
    plan_id: &str,
) -> sqlx::Result<Option<Known>> {
    let row = sqlx::query("SELECT * FROM rebate_plans WHERE tenant_id = $1 AND plan_id = $2")
        .bind(tenant)
        .bind(plan_id)
        .fetch_optional(&mut *db)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let rows = sqlx::query(
        "SELECT draft, approved_by FROM rebate_plan_versions
         WHERE tenant_id = $1 AND plan_id = $2 ORDER BY number",
    )
    .bind(tenant)
    .bind(plan_id)
    .fetch_all(&mut *db)
    .await?;
    let mut all: Vec<(Draft, Option<String>)> = Vec::new();
    for row in &rows {
        let Json(draft) = row.try_get("draft")?;
        all.push((draft, row.try_get("approved_by")?));
    }
    let approved = all.iter().filter(|(_, by)| by.is_some()).map(|(draft, _)| draft.clone());
    let draft = all.iter().find(|(_, by)| by.is_none()).map(|(draft, _)| draft.clone());
    let versions = Versions {
        approved: approved.collect(),
        draft,
        drafters: all.iter().map(|(draft, _)| draft.drafted_by.clone()).collect(),
        ended: row.try_get::<Option<NaiveDate>, _>("ended_on")?.map(Into::into),
    };
    Ok(Some(Known { plan: plan(&row)?, versions, all }))
}

fn word(status: pb::RebatePlanStatus) -> &'static str {
    match status {
        pb::RebatePlanStatus::Unspecified => "",
        pb::RebatePlanStatus::Draft => PlanStatus::Draft.into(),
        pb::RebatePlanStatus::Running => PlanStatus::Running.into(),
        pb::RebatePlanStatus::Ended => PlanStatus::Ended.into(),
    }
}

fn status(word_: &str) -> pb::RebatePlanStatus {
    use pb::RebatePlanStatus::{Draft, Ended, Running, Unspecified};
    let found = [Draft, Running, Ended].into_iter().find(|it| word(*it) == word_);
    found.unwrap_or(Unspecified)
}

fn plan(row: &PgRow) -> sqlx::Result<pb::RebatePlan> {
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let cycle = row.try_get::<&str, _>("cycle")?;
    let cycle = serde_json::from_value::<Cycle>(cycle.into());
    let cycle = cycle.map_err(|error| sqlx::Error::Decode(error.into()))?;
    let last = row.try_get::<Option<NaiveDate>, _>("ended_on")?;
    Ok(pb::RebatePlan {
        plan_id: row.try_get("plan_id")?,
        name: row.try_get("name")?,
        status: status(row.try_get("status")?).into(),
        cycle: order::grpc::told_cycle(cycle).into(),
        currency_code: row.try_get("currency_code")?,
        from: day(row.try_get("begins_on")?),
        until: day(last.or(row.try_get("ends_on")?)),
        approved_version: row.try_get::<i32, _>("approved_version")?.cast_unsigned(),
        draft_version: row.try_get::<i32, _>("draft_version")?.cast_unsigned(),
        reason: row.try_get("reason")?,
        changed_at: rfc3339(row.try_get("changed_at")?),
        version: row.try_get::<i64, _>("version")?.cast_unsigned(),
    })
}

/// Orders of a period that the caller sees, day by day; of one dealer, or all. Lines of which nothing
/// has come are left out, as they count for nothing.
const ORDERS: &str = "
    SELECT o.*, l.product_ids, l.categories, l.ordered, l.nets, l.arrived, l.back, l.back_minor
    FROM rebate_orders o
    LEFT JOIN dealers d ON d.tenant_id = o.tenant_id AND d.dealer_id = o.dealer_id
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(product_id ORDER BY line_no), '{}') AS product_ids,
               coalesce(jsonb_agg(to_jsonb(category_path) ORDER BY line_no), '[]') AS categories,
               coalesce(array_agg(ordered ORDER BY line_no), '{}') AS ordered,
               coalesce(array_agg(net_minor ORDER BY line_no), '{}') AS nets,
               coalesce(array_agg(arrived ORDER BY line_no), '{}') AS arrived,
               coalesce(array_agg(back ORDER BY line_no), '{}') AS back,
               coalesce(array_agg(back_minor ORDER BY line_no), '{}') AS back_minor
        FROM rebate_lines
        WHERE tenant_id = o.tenant_id AND order_id = o.order_id AND arrived > 0
    ) l
    WHERE o.tenant_id = $1 AND o.business_date BETWEEN $2 AND $3
    AND ($4::text IS NULL OR o.dealer_id = $4) AND ($5::text IS NULL OR o.dealer_id = $5)
    AND ($6::text[] IS NULL OR d.region_id = ANY($6))
    ORDER BY o.business_date, o.order_id";

/// Goes through the orders of a period, one at a time.
pub(super) async fn each_order(
    db: &mut PgConnection,
    scope: &Scope,
    (period, dealer_id): (Period, Option<&str>),
    mut each: impl FnMut(OrderFacts),
) -> sqlx::Result<()> {
    let mut rows = sqlx::query(ORDERS)
        .bind(&scope.tenant)
        .bind(period.first_day().day())
        .bind(period.last_day().day())
        .bind(&scope.dealer)
        .bind(dealer_id)
        .bind(&scope.regions)
        .fetch(db);
    while let Some(row) = rows.try_next().await? {
        each(facts(&row)?);
    }
    Ok(())
}

fn facts(row: &PgRow) -> sqlx::Result<OrderFacts> {
    let product_ids: Vec<String> = row.try_get("product_ids")?;
    let Json(categories) = row.try_get::<Json<Vec<Vec<String>>>, _>("categories")?;
    let numbers = |column| row.try_get::<Vec<i64>, _>(column);
    let (ordered, nets) = (numbers("ordered")?, numbers("nets")?);
    let (arrived, back, back_minor) =
        (numbers("arrived")?, numbers("back")?, numbers("back_minor")?);
    let mut goods = Vec::new();
    for (index, product_id) in product_ids.iter().enumerate() {
        let line = Line {
            ordered: units(ordered[index]),
            net: Minor(nets[index]),
            arrived: units(arrived[index]),
            back: units(back[index]),
            back_minor: Minor(back_minor[index]),
        };
        goods.extend(line.goods(&id(product_id)?, &categories[index]));
    }
    Ok(OrderFacts {
        order_id: id(row.try_get("order_id")?)?,
        buyer: buyer(row)?,
        day: row.try_get::<NaiveDate, _>("business_date")?.into(),
        currency: id(row.try_get("currency_code")?)?,
        sends_again: row.try_get("sends_again")?,
        goods,
    })
}

fn units(units: i64) -> Quantity {
    Quantity::of(u32::try_from(units).unwrap_or(if units < 0 { 0 } else { u32::MAX }))
}

/// What the log has taken is well-formed.
fn id<T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    text: &str,
) -> sqlx::Result<T> {
    text.parse().map_err(|error: T::Err| sqlx::Error::Decode(Box::new(error)))
}

fn buyer(row: &PgRow) -> sqlx::Result<Buyer> {
    let level: Option<&str> = row.try_get("level_id")?;
    let channel: Option<&str> = row.try_get("channel_id")?;
    let regions: Vec<String> = row.try_get("region_ids")?;
    Ok(Buyer {
        dealer_id: id(row.try_get("dealer_id")?)?,
        class: DealerClass {
            level_id: level.map(id).transpose()?,
            channel_id: channel.map(id).transpose()?,
        },
        region_ids: regions.iter().map(|region| id(region)).collect::<sqlx::Result<_>>()?,
    })
}

/// A dealer, as its newest order knows it.
pub(super) async fn newest_buyer(
    db: &mut PgConnection,
    scope: &Scope,
    dealer_id: &DealerId,
) -> sqlx::Result<Option<Buyer>> {
    let row = sqlx::query(
        "SELECT * FROM rebate_orders WHERE tenant_id = $1 AND dealer_id = $2
         ORDER BY business_date DESC, order_id DESC LIMIT 1",
    )
    .bind(&scope.tenant)
    .bind(dealer_id.as_str())
    .fetch_optional(db)
    .await?;
    row.as_ref().map(buyer).transpose()
}

/// What dealers that the caller sees were given for a period.
pub(super) async fn given(
    db: &mut PgConnection,
    scope: &Scope,
    plan_id: &str,
    (period, dealer_id): (Period, Option<&str>),
) -> sqlx::Result<BTreeMap<DealerId, Given>> {
    let rows = sqlx::query(
        "SELECT s.dealer_id, s.given_minor, s.version,
                coalesce((e.settled->>'plan_version')::integer, 0) AS plan_version
         FROM rebate_settlements s
         LEFT JOIN rebate_settlement_entries e USING (tenant_id, plan_id, period, dealer_id, version)
         LEFT JOIN dealers d ON d.tenant_id = s.tenant_id AND d.dealer_id = s.dealer_id
         WHERE s.tenant_id = $1 AND s.plan_id = $2 AND s.period = $3
         AND ($4::text IS NULL OR s.dealer_id = $4) AND ($5::text IS NULL OR s.dealer_id = $5)
         AND ($6::text[] IS NULL OR d.region_id = ANY($6))",
    )
    .bind(&scope.tenant)
    .bind(plan_id)
    .bind(period.to_string())
    .bind(&scope.dealer)
    .bind(dealer_id)
    .bind(&scope.regions)
    .fetch_all(db)
    .await?;
    let given = rows.iter().map(|row| {
        let minor = row.try_get("given_minor")?;
        let version = row.try_get::<i64, _>("version")?.cast_unsigned();
        let plan_version = row.try_get::<i32, _>("plan_version")?.cast_unsigned();
        Ok((id(row.try_get("dealer_id")?)?, Given { minor, version, plan_version }))
    });
    given.collect()
}

/// Periods that anybody was settled for.
pub(super) async fn settled_periods(
    db: &mut PgConnection,
    tenant: &str,
    plan_id: &str,
) -> sqlx::Result<Vec<Period>> {
    let periods: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT period FROM rebate_settlements WHERE tenant_id = $1 AND plan_id = $2",
    )
    .bind(tenant)
    .bind(plan_id)
    .fetch_all(db)
    .await?;
    periods.iter().map(|period| id(period)).collect()
}

/// Settlements of a dealer that the caller sees, the newest first.
pub(super) async fn entries(
    db: &mut PgConnection,
    scope: &Scope,
    plan_id: &str,
    (period, dealer_id): (Period, Option<&str>),
) -> sqlx::Result<Vec<pb::RebateSettlementEntry>> {
    let rows = sqlx::query(
        "SELECT e.* FROM rebate_settlement_entries e
         LEFT JOIN dealers d ON d.tenant_id = e.tenant_id AND d.dealer_id = e.dealer_id
         WHERE e.tenant_id = $1 AND e.plan_id = $2 AND e.period = $3
         AND ($4::text IS NULL OR e.dealer_id = $4) AND ($5::text IS NULL OR e.dealer_id = $5)
         AND ($6::text[] IS NULL OR d.region_id = ANY($6))
         ORDER BY e.version DESC",
    )
    .bind(&scope.tenant)
    .bind(plan_id)
    .bind(period.to_string())
    .bind(&scope.dealer)
    .bind(dealer_id)
    .bind(&scope.regions)
    .fetch_all(db)
    .await?;
    let told = rows.iter().map(|row| {
        let Json(settled) = row.try_get::<Json<Settled>, _>("settled")?;
        Ok(pb::RebateSettlementEntry {
            settled_at: rfc3339(row.try_get("settled_at")?),
            settled_by: row.try_get("settled_by")?,
            plan_version: settled.plan_version,
            net_minor: settled.counted.net_minor.0,
            units: settled.counted.units,
            tier_no: settled.tier_no,
            accrued_minor: settled.accrued_minor.0,
            given_minor: settled.given_minor.0,
            position: row.try_get::<i64, _>("position")?.cast_unsigned(),
        })
    });
    told.collect()
}

/// Names of dealers, of those that have one.
pub(super) async fn names(
    db: &mut PgConnection,
    tenant: &str,
    ids: &[String],
) -> sqlx::Result<BTreeMap<String, String>> {
    let rows = sqlx::query(
        "SELECT dealer_id, name FROM dealers WHERE tenant_id = $1 AND dealer_id = ANY($2)",
    )
    .bind(tenant)
    .bind(ids)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| Ok((row.try_get("dealer_id")?, row.try_get("name")?))).collect()
}
