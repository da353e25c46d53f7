//! `qudao demo`: a tenant with people, dealers and a year of orders, to look around in.

mod money;
mod people;
mod present;
mod stock;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use proto::bi::v1::QuerySalesRequest;
use proto::bi::v1::sales_query_service_client::SalesQueryServiceClient;
use proto::partner::v1::FoundTenantRequest;
use proto::partner::v1::tenant_service_client::TenantServiceClient;
use serde::Serialize;

use crate::client::endpoints::upward;
use crate::client::operator::Operator;
use crate::client::{Connection, Session, failure, output, retry};
use crate::import::commands::request_id;
use crate::import::{self, report::Report};

/// The tenant of the demonstration.
const TENANT: &str = "bikes";
/// Who imports the orders.
const ADMIN: &str = "admin";
/// Who looks after credit and money.
const FINANCE: &str = "finance";
/// Where the demonstration's files lie, below the current folder or one above it.
const FOLDER: &str = "deploy/demo";

#[derive(Subcommand)]
pub(crate) enum Demo {
    /// Found the tenant `bikes` with its people, and import its orders
    Load(Load),
}

#[derive(Args)]
#[command(after_help = "Loading again changes nothing and is quick.

Examples:
  qudao demo load
  qudao demo load --json | jq .orders
  QUDAO_SIGNING_KEY=key.pem qudao demo load --server http://127.0.0.1:8080")]
pub(crate) struct Load {
    /// Server, for example http://127.0.0.1:4600 [default: `grpc` of .local/endpoints.json]
    #[arg(long, env = "QUDAO_SERVER", value_name = "URL")]
    server: Option<String>,
    /// Founding a tenant takes the operator
    #[command(flatten)]
    operator: Operator,
    /// Folder with users.json, bike_sales.csv and bike_sales.toml [default: deploy/demo here or above]
    #[arg(long, env = "QUDAO_DEMO", value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Tell about progress also when nobody watches
    #[arg(long)]
    progress: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Loaded {
    tenant: &'static str,
    /// All was there before.
    unchanged: bool,
    people: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    import: Option<Report>,
}

impl Demo {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let Self::Load(load) = self;
        load.run().await
    }
}

impl Load {
    async fn run(self) -> anyhow::Result<ExitCode> {
        failure::tell_as_json(self.json);
        let folder = self.folder()?;
        let people = people::read(&folder.join("users.json"))?;
        let person = |login: &str| {
            let found = people.iter().find(|person| person.login == login);
            found.with_context(|| format!("users.json has no {login}"))
        };
        let (admin, finance) = (person(ADMIN)?, person(FINANCE)?);
        let (mapping, plan) =
            import::read(&folder.join("bike_sales.csv"), &folder.join("bike_sales.toml"))?;
        let connection = Connection { server: self.server.clone(), ..Default::default() };
        let session = connection.connect().await?;
        let mut loaded =
            Loaded { tenant: TENANT, unchanged: true, people: people.len(), import: None };
        if !present::all_there(&session, &people, admin, &mapping, &plan).await? {
            let operator = session.clone().with_token(&self.operator.token()?)?;
            found(&operator).await?;
            // A dealer's people come after the dealer.
            people::register(&operator, people.iter().filter(|it| it.dealer_id.is_none())).await?;
            let finance = session.clone().sign_in(&finance.account()).await?;
            let session = session.sign_in(&admin.account()).await?;
            let report = import::carry_out(&session, &mapping, &plan, self.progress).await?;
            people::register(&operator, people.iter().filter(|it| it.dealer_id.is_some())).await?;
            await_cube(&session, report.position).await?;
            if !money::is_there(&session).await? {
                stock::count(&session, report.position).await?;
                money::give(&session, &finance, &people, report.position).await?;
            }
            (loaded.unchanged, loaded.import) = (false, Some(report));
        }
        loaded.tell(self.json)
    }

    fn folder(&self) -> anyhow::Result<PathBuf> {
        match &self.folder {
            Some(folder) => Ok(folder.clone()),
            None => upward(&std::env::current_dir()?, FOLDER)
                .with_context(|| format!("there is no {FOLDER} here or above; give --folder")),
        }
    }
}

async fn found(operator: &Session) -> anyhow::Result<()> {
    let mut request = FoundTenantRequest {
        tenant_id: TENANT.to_owned(),
        name: "飞轮单车 Flywheel Bikes".to_owned(),
        currency_code: "USD".to_owned(),
        time_zone: "America/Chicago".to_owned(),
        root_region_name: "全国".to_owned(),
        ..Default::default()
    };
    request.request_id = request_id(TENANT, TENANT, &request);
    let founded = retry::until_answered(&[], async || {
        TenantServiceClient::new(operator.wire()).found_tenant(request.clone()).await
    });
    match founded.await {
        Err(status) if !failure::already(&status) => {
            Err(anyhow::Error::from(status).context("founding the tenant"))
        }
        _ => Ok(()),
    }
}

/// Waits for the sales cube, so that the first page people open shows all of it.
async fn await_cube(session: &Session, min_position: u64) -> anyhow::Result<()> {
    let request = QuerySalesRequest { min_position, ..Default::default() };
    retry::until_answered(&[], async || {
        SalesQueryServiceClient::new(session.wire()).query_sales(request.clone()).await
    })
    .await
    .context("the sales cube does not catch up")?;
    Ok(())
}

impl Loaded {
    fn tell(&self, json: bool) -> anyhow::Result<ExitCode> {
        if json {
            output::json(self)?;
        } else {
            output::text(&self.text())?;
        }
        let code = self.import.as_ref().map_or(0, Report::exit_code);
        Ok(ExitCode::from(code))
    }

    fn text(&self) -> String {
        match &self.import {
            None => format!("tenant {TENANT} is loaded already; nothing was changed"),
            Some(report) => {
                format!("tenant {TENANT} with {} people\n\n{}", self.people, report.text())
            }
        }
    }
}
