//! `qudao rebates`: rebate plans, what dealers have reached under them, and settling it.

mod shown;

use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use proto::common::v1::PageRequest;
use proto::order::v1::rebate_query_service_client::RebateQueryServiceClient;
use proto::order::v1::rebate_service_client::RebateServiceClient;
use proto::order::v1::{
    GetRebateAccrualRequest, GetRebatePlanRequest, ListRebateAccrualsRequest,
    ListRebatePlansRequest, RebateAccrual, RebateNotCounted, RebatePlanStatus, SettleRebateRequest,
};
use shown::{Accrual, Plan, Settled, Why};
use uuid::Uuid;

use crate::client::{Connection, Wire, failure, money, output};

#[derive(Subcommand)]
pub(crate) enum Rebates {
    /// Rebate plans, those that begin last first
    Plans(Plans),
    /// One plan with all its versions
    Show(Show),
    /// What dealers have reached under a plan in a period; of one dealer with the reasons
    Accrual(AccrualOf),
    /// Give dealers what they have reached in a period that is over, less what they were given before
    Settle(Settle),
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao rebates plans
  qudao rebates plans --only running --json | jq '.[].plan_id'")]
pub(crate) struct Plans {
    /// Part of the plan's name or id
    #[arg(long, default_value = "", hide_default_value = true)]
    search: String,
    /// Only plans that are so far
    #[arg(long, value_enum)]
    only: Option<Only>,
    /// At most this many plans, 1 to 200
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: u32,
    /// Wait until the list has reached this position of the order log
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "POSITION")]
    min_position: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Clone, Copy, ValueEnum)]
enum Only {
    Draft,
    Running,
    Ended,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao rebates show monthly-2026
  qudao rebates show monthly-2026 --json | jq '.versions[0].tiers'")]
pub(crate) struct Show {
    /// Which plan
    #[arg(value_name = "PLAN")]
    plan: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao rebates accrual monthly-2026 --period 2026-10
  qudao rebates accrual monthly-2026 --period 2026-10 --dealer sz-jinlu
  qudao rebates accrual monthly-2026 --period 2026-10 --dealer sz-jinlu --plan-version 1 --json")]
pub(crate) struct AccrualOf {
    #[command(flatten)]
    period: PeriodOf,
    /// One dealer, with its orders and why they count
    #[arg(long, value_name = "ID")]
    dealer: Option<String>,
    /// Work it out by this approved version of the plan; only of one dealer
    #[arg(long, value_name = "N", requires = "dealer")]
    plan_version: Option<u32>,
    /// Wait until the read model has reached this position of the order log
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "POSITION")]
    min_position: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao rebates settle monthly-2026 --period 2026-10
  qudao rebates settle monthly-2026 --period 2026-10 --dealer sz-jinlu --json")]
pub(crate) struct Settle {
    #[command(flatten)]
    period: PeriodOf,
    /// Only this dealer; else all for whom something is open
    #[arg(long, value_name = "ID")]
    dealer: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Args)]
struct PeriodOf {
    /// Which plan
    #[arg(value_name = "PLAN")]
    plan: String,
    /// A month, a quarter or a year: 2026-10, 2026-Q4 or 2026
    #[arg(long, value_name = "PERIOD")]
    period: String,
}

impl Rebates {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Plans(plans) => plans.run().await?,
            Self::Show(show) => show.run().await?,
            Self::Accrual(accrual) => accrual.run().await?,
            Self::Settle(settle) => settle.run().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Plans {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let asked = ListRebatePlansRequest {
            page: Some(PageRequest { size: self.limit, token: String::new() }),
            search: self.search,
            status: self.only.map_or(RebatePlanStatus::Unspecified, RebatePlanStatus::from).into(),
            min_position: self.min_position,
        };
        let mut client = RebateQueryServiceClient::new(session.wire());
        let found = client.list_rebate_plans(asked).await?.into_inner().plans;
        let plans: Vec<Plan> = found.into_iter().map(Plan::from).collect();
        if self.json {
            return output::json(&plans);
        }
        let rows = plans.iter().map(Plan::row);
        output::text(&output::lines(&output::table(&shown::PLAN_COLUMNS, rows)))
    }
}

impl Show {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let asked = GetRebatePlanRequest { plan_id: self.plan, min_position: 0 };
        let mut client = RebateQueryServiceClient::new(session.wire());
        let shown = shown::Whole::from(client.get_rebate_plan(asked).await?.into_inner());
        if self.json { output::json(&shown) } else { output::text(&shown.sheet()) }
    }
}

impl AccrualOf {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let mut client = RebateQueryServiceClient::new(session.wire());
        let PeriodOf { plan, period } = self.period;
        let Some(dealer_id) = self.dealer else {
            let found = all(&mut client, &plan, &period, self.min_position).await?;
            let found: Vec<Accrual> = found.into_iter().map(Accrual::from).collect();
            if self.json {
                return output::json(&found);
            }
            let rows = found.iter().map(Accrual::row);
            return output::text(&output::lines(&output::table(&shown::ACCRUAL_COLUMNS, rows)));
        };
        let asked = GetRebateAccrualRequest {
            plan_id: plan,
            period,
            dealer_id,
            plan_version: self.plan_version.unwrap_or_default(),
            min_position: self.min_position,
        };
        let why = Why::from(client.get_rebate_accrual(asked).await?.into_inner());
        if self.json { output::json(&why) } else { output::text(&why.sheet()) }
    }
}

/// What all dealers have reached, page by page.
async fn all(
    client: &mut RebateQueryServiceClient<Wire>,
    plan_id: &str,
    period: &str,
    min_position: u64,
) -> anyhow::Result<Vec<RebateAccrual>> {
    let (mut found, mut token) = (Vec::new(), String::new());
    loop {
        let asked = ListRebateAccrualsRequest {
            plan_id: plan_id.to_owned(),
            period: period.to_owned(),
            page: Some(PageRequest { size: 200, token }),
            min_position,
        };
        let told = client.list_rebate_accruals(asked).await?.into_inner();
        found.extend(told.accruals);
        token = told.page.map(|page| page.next_token).unwrap_or_default();
        if token.is_empty() {
            return Ok(found);
        }
    }
}

impl Settle {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let mut client = RebateQueryServiceClient::new(session.wire());
        let PeriodOf { plan, period } = self.period;
        let dealers = match self.dealer {
            Some(dealer_id) => vec![dealer_id],
            None => {
                let found = all(&mut client, &plan, &period, 0).await?.into_iter();
                let open = found.filter(|it| it.accrued_minor != it.settled_minor);
                open.map(|it| it.dealer_id).collect()
            }
        };
        let mut settled = Vec::new();
        for dealer_id in dealers {
            settled.push(one(session.wire(), (&plan, &period), dealer_id).await?);
        }
        if self.json {
            return output::json(&settled);
        }
        let rows = settled.iter().map(|it| {
            let given = money::format(it.given_minor, &it.currency);
            let all = money::format(it.accrued_minor, &it.currency);
            vec![it.dealer_id.clone(), given, all, it.position.to_string()]
        });
        let columns = ["dealer", ">given", ">in all", ">position"];
        output::text(&output::lines(&output::table(&columns, rows)))
    }
}

/// Settles one dealer: the orders that count are named, and what of them counts is looked up there.
async fn one(
    wire: Wire,
    (plan_id, period): (&str, &str),
    dealer_id: String,
) -> anyhow::Result<Settled> {
    let asked = GetRebateAccrualRequest {
        plan_id: plan_id.to_owned(),
        period: period.to_owned(),
        dealer_id: dealer_id.clone(),
        plan_version: 0,
        min_position: 0,
    };
    let mut client = RebateQueryServiceClient::new(wire.clone());
    let told = client.get_rebate_accrual(asked.clone()).await?.into_inner();
    let counts = |not: i32| not == i32::from(RebateNotCounted::Unspecified);
    let orders = told.orders.into_iter().filter(|it| counts(it.not_counted));
    let request = SettleRebateRequest {
        request_id: Uuid::now_v7().to_string(),
        expected_version: Some(told.accrual.unwrap_or_default().settlement_version),
        plan_id: plan_id.to_owned(),
        period: period.to_owned(),
        dealer_id,
        order_ids: orders.map(|it| it.order_id).collect(),
    };
    let settled = RebateServiceClient::new(wire).settle_rebate(request).await?.into_inner();
    let position = settled.receipt.unwrap_or_default().position;
    let asked = GetRebateAccrualRequest { min_position: position, ..asked };
    let told = client.get_rebate_accrual(asked).await?.into_inner();
    Ok(Settled::of(told, position))
}

impl From<Only> for RebatePlanStatus {
    fn from(only: Only) -> Self {
        match only {
            Only::Draft => Self::Draft,
            Only::Running => Self::Running,
            Only::Ended => Self::Ended,
        }
    }
}
