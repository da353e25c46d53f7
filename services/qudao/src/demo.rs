//! `qudao demo`: two brands to look around in: one with a year of orders, and one that sells in CNY, so
//! that its orders can be paid online.

mod brand;
mod goods;
pub(crate) mod money;
pub(crate) mod people;
mod present;
mod statements;
mod stock;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use proto::bi::v1::QuerySalesRequest;
use proto::bi::v1::sales_query_service_client::SalesQueryServiceClient;
use proto::partner::v1::FoundTenantRequest;
use proto::partner::v1::tenant_service_client::TenantServiceClient;
use serde::Serialize;
use tonic::Status;

use self::brand::{Brand, BrandLoaded};
use self::people::Person;
use crate::client::endpoints::upward;
use crate::client::operator::Operator;
use crate::client::{Connection, Session, failure, output, retry};
use crate::import::commands::request_id;
use crate::import::{self, report::Report};

/// The tenant with the orders.
const TENANT: &str = "bikes";
/// Who imports the orders.
const ADMIN: &str = "admin";
/// Who looks after credit and money.
const FINANCE: &str = "finance";
/// What tells of the other one.
const BRAND: &str = "drinks.toml";
/// Where the demonstration's files lie, below the current folder or one above it.
const FOLDER: &str = "deploy/demo";

#[derive(Subcommand)]
pub(crate) enum Demo {
    /// Found the tenant `bikes` with its people, and import its orders; found the tenant `drinks`, which sells in CNY
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
    /// Folder with users.json, drinks.toml, bike_sales.csv and bike_sales.toml [default: deploy/demo here or above]
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
    brand: BrandLoaded,
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
        let brand = Brand::read(&folder.join(BRAND))?;
        let (people, others): (Vec<Person>, Vec<Person>) =
            people.into_iter().partition(|person| person.tenant == TENANT);
        brand.check(&others)?;
        let connection = Connection { server: self.server.clone(), ..Default::default() };
        let session = connection.connect().await?;
        let import = self.orders(&session, &folder, &people).await?;
        let brand = brand.load(&session, &self.operator, &others).await?;
        let unchanged = import.is_none() && brand.unchanged;
        Loaded { tenant: TENANT, unchanged, people: people.len(), import, brand }.tell(self.json)
    }

    /// The tenant with the orders; nothing when all of it is there.
    async fn orders(
        &self,
        session: &Session,
        folder: &Path,
        people: &[Person],
    ) -> anyhow::Result<Option<Report>> {
        let (admin, finance) = (people::find(people, ADMIN)?, people::find(people, FINANCE)?);
        let (mapping, plan) =
            import::read(&folder.join("bike_sales.csv"), &folder.join("bike_sales.toml"))?;
        if present::all_there(session, people, admin, &mapping, &plan).await? {
            return Ok(None);
        }
        let operator = session.clone().with_token(&self.operator.token()?)?;
        found(&operator, founding()).await?;
        // A dealer's people come after the dealer.
        people::register(&operator, people.iter().filter(|it| it.dealer_id.is_none())).await?;
        let finance = session.clone().sign_in(&finance.account()).await?;
        let session = session.clone().sign_in(&admin.account()).await?;
        let report = import::carry_out(&session, &mapping, &plan, self.progress).await?;
        people::register(&operator, people.iter().filter(|it| it.dealer_id.is_some())).await?;
        await_cube(&session, report.position).await?;
        if !money::is_there(&session).await? {
            stock::count(&session, report.position).await?;
            money::give(&session, &finance, people, report.position).await?;
        }
        Ok(Some(report))
    }

    fn folder(&self) -> anyhow::Result<PathBuf> {
        match &self.folder {
            Some(folder) => Ok(folder.clone()),
            None => upward(&std::env::current_dir()?, FOLDER)
                .with_context(|| format!("there is no {FOLDER} here or above; give --folder")),
        }
    }
}

fn founding() -> FoundTenantRequest {
    FoundTenantRequest {
        tenant_id: TENANT.to_owned(),
        name: "飞轮单车 Flywheel Bikes".to_owned(),
        currency_code: "USD".to_owned(),
        time_zone: "America/Chicago".to_owned(),
        root_region_name: "全国".to_owned(),
        ..Default::default()
    }
}

pub(crate) async fn found(
    operator: &Session,
    mut request: FoundTenantRequest,
) -> anyhow::Result<()> {
    request.request_id = request_id(&request.tenant_id, &request.tenant_id, &request);
    once("founding the tenant", async || {
        TenantServiceClient::new(operator.wire()).found_tenant(request.clone()).await
    })
    .await
}

/// Has something done that may have been done by an earlier load.
pub(crate) async fn once<T, F>(what: &str, call: F) -> anyhow::Result<()>
where
    F: AsyncFnMut() -> Result<T, Status>,
{
    match retry::until_answered(&[], call).await {
        Err(status) if !failure::already(&status) => {
            Err(anyhow::Error::from(status).context(what.to_owned()))
        }
        _ => Ok(()),
    }
}

/// Waits for the sales cube, so that the first page people open shows all of it.
pub(crate) async fn await_cube(session: &Session, min_position: u64) -> anyhow::Result<()> {
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
        let bikes = match &self.import {
            None => format!("tenant {TENANT} is loaded already; nothing was changed"),
            Some(report) => {
                format!("tenant {TENANT} with {} people\n\n{}\n", self.people, report.text())
            }
        };
        format!("{bikes}\n{}", self.brand.text())
    }
}
