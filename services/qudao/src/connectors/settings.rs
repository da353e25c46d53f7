//! The connection itself: what is handed over, and what the books call things.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use proto::common::v1::PageRequest;
use proto::connector::v1::handover_service_client::HandoverServiceClient;
use proto::connector::v1::{
    ErpSystem, GetConnectionRequest, GetConnectionResponse, ListCodesRequest, TryConnectionRequest,
};
use proto::order::v1::connection_service_client::ConnectionServiceClient;
use proto::order::v1::{
    CodeKind, ConnectionSettings, MapCodesRequest, MappedCode, OrderMoment, PauseConnectionRequest,
    ResumeConnectionRequest, SetConnectionRequest,
};
use serde::Serialize;
use uuid::Uuid;

use super::{Common, told};
use crate::client::{failure, output, retry};

/// Codes that are shown at most: rows of one page.
const PAGE: u32 = 200;

#[derive(Args)]
#[command(after_help = "Examples:
  qudao connectors show
  qudao connectors show --json | jq '{waiting, refused, given_up, by_hand}'")]
pub(crate) struct Show {
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
#[command(after_help = "The exit status is 1 when the books do not answer as they should.

Examples:
  qudao connectors try
  qudao connectors try --json | jq -r .problem")]
pub(crate) struct Try {
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
#[command(
    after_help = "What is not named is not handed over. With whom, and by what secrets, is in the file of contracts,
see docs/operating.md.

Examples:
  qudao connectors set --orders confirmed --unit Pcs --tax 13 --warehouse WH-01
  qudao connectors set --orders shipped --deliveries --returns --receipts --stock \\
    --unit Pcs --tax 13 --warehouse WH-01 --json"
)]
pub(crate) struct Set {
    /// When an order becomes a document
    #[arg(long, value_enum)]
    orders: Moment,
    /// Hand over goods that left
    #[arg(long)]
    deliveries: bool,
    /// Hand over goods that came back and were settled
    #[arg(long)]
    returns: bool,
    /// Hand over money of dealers that came in
    #[arg(long)]
    receipts: bool,
    /// Set stock here to what the books say
    #[arg(long)]
    stock: bool,
    /// The books' code of the unit of products that have no other one
    #[arg(long, value_name = "CODE")]
    unit: String,
    /// The rate of tax in prices, in percent
    #[arg(long, value_name = "PERCENT")]
    tax: u32,
    /// The books' code of the warehouse of goods that no other one is known of
    #[arg(long, value_name = "CODE")]
    warehouse: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao connectors pause --reason 'the books of the month are being closed'
  qudao connectors pause --reason 月末结账 --json")]
pub(crate) struct Pause {
    /// Why
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
#[command(after_help = "What happened meanwhile is handed over.

Examples:
  qudao connectors resume
  qudao connectors resume --json | jq .version")]
pub(crate) struct Resume {
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
#[command(
    after_help = "Documents that were refused are handed over again by `qudao connectors retry`.

Examples:
  qudao connectors map dealer hengtong=C-001
  qudao connectors map product tea-250=P-001 tea-500=P-002
  qudao connectors map product tea-250= --json"
)]
pub(crate) struct Map {
    /// What kind of things
    #[arg(value_enum, value_name = "KIND")]
    kind: Kind,
    /// The id here, `=`, and the code there; nothing after it: the same as here
    #[arg(required = true, value_name = "ID=CODE", value_parser = pair)]
    codes: Vec<MappedCode>,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao connectors codes product
  qudao connectors codes dealer --json | jq -r '.[].theirs'")]
pub(crate) struct Codes {
    /// What kind of things
    #[arg(value_enum, value_name = "KIND")]
    kind: Kind,
    #[command(flatten)]
    common: Common,
}

#[derive(Clone, Copy, ValueEnum)]
enum Moment {
    Never,
    Confirmed,
    Shipped,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Dealer,
    Product,
    Unit,
    Warehouse,
}

impl Kind {
    fn asked(self) -> i32 {
        let kind = match self {
            Self::Dealer => CodeKind::Dealer,
            Self::Product => CodeKind::Product,
            Self::Unit => CodeKind::Unit,
            Self::Warehouse => CodeKind::Warehouse,
        };
        kind.into()
    }
}

fn pair(text: &str) -> Result<MappedCode, String> {
    let Some((own, theirs)) = text.split_once('=') else {
        return Err(format!("{text} has no `=` between the id here and the code there"));
    };
    Ok(MappedCode { own: own.to_owned(), theirs: theirs.to_owned() })
}

#[derive(Serialize)]
struct Shown {
    system: &'static str,
    address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    handed_over: Option<HandedOver>,
    paused: bool,
    waiting: u64,
    sent: u64,
    refused: u64,
    given_up: u64,
    skipped: u64,
    by_hand: u64,
    failing_since: String,
    stock_at: String,
    stock_problem: String,
    version: u64,
}

#[derive(Serialize)]
struct HandedOver {
    orders: String,
    deliveries: bool,
    returns: bool,
    receipts: bool,
    stock: bool,
    unit: String,
    tax_percent: u32,
    warehouse: String,
}

#[derive(Serialize)]
struct Tried {
    works: bool,
    problem: String,
    system: &'static str,
    address: String,
    duration_ms: u32,
}

#[derive(Serialize)]
struct CodeShown {
    own: String,
    theirs: String,
}

impl Show {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.common.json);
        let session = self.common.connection.open().await?.one_trace();
        let mut client = HandoverServiceClient::new(session.wire());
        let asked = GetConnectionRequest::default();
        let shown = Shown::from(client.get_connection(asked).await?.into_inner());
        if self.common.json {
            return output::json(&shown);
        }
        let mut lines = vec![
            ("with", shown.system.to_owned()),
            ("address", shown.address),
            ("state", if shown.paused { "paused" } else { "" }.to_owned()),
            ("waiting", shown.waiting.to_string()),
            ("sent", shown.sent.to_string()),
            ("refused", shown.refused.to_string()),
            ("given up", shown.given_up.to_string()),
            ("skipped", shown.skipped.to_string()),
            ("to close or change there", shown.by_hand.to_string()),
            ("failing since", shown.failing_since),
            ("stock at", shown.stock_at),
            ("stock", shown.stock_problem),
        ];
        if let Some(it) = shown.handed_over {
            let kinds = [
                (it.deliveries, "deliveries"),
                (it.returns, "returns"),
                (it.receipts, "receipts"),
                (it.stock, "stock"),
            ];
            let kinds = kinds.into_iter().filter(|(wanted, _)| *wanted).map(|(_, name)| name);
            lines.push(("orders", it.orders));
            lines.push(("also", kinds.collect::<Vec<_>>().join(", ")));
            lines.push(("unit", it.unit));
            lines.push(("tax", format!("{} %", it.tax_percent)));
            lines.push(("warehouse", it.warehouse));
        }
        let told = lines.into_iter().filter(|(_, value)| !value.is_empty());
        let told = told.map(|(name, value)| vec![name.to_owned(), value]);
        output::text(&output::lines(&output::table(&["what", ""], told)))
    }
}

impl From<GetConnectionResponse> for Shown {
    fn from(it: GetConnectionResponse) -> Self {
        Self {
            system: system(it.system()),
            handed_over: it.settings.map(HandedOver::from),
            address: it.address,
            paused: it.paused,
            waiting: it.waiting,
            sent: it.sent,
            refused: it.refused,
            given_up: it.given_up,
            skipped: it.skipped,
            by_hand: it.by_hand,
            failing_since: it.failing_since,
            stock_at: it.stock_at,
            stock_problem: it.stock_problem,
            version: it.version,
        }
    }
}

impl From<ConnectionSettings> for HandedOver {
    fn from(it: ConnectionSettings) -> Self {
        let orders = it.orders().as_str_name().trim_start_matches("ORDER_MOMENT_").to_lowercase();
        Self {
            orders,
            deliveries: it.deliveries,
            returns: it.returns,
            receipts: it.receipts,
            stock: it.stock,
            unit: it.unit,
            tax_percent: it.tax_percent,
            warehouse: it.warehouse,
        }
    }
}

fn system(system: ErpSystem) -> &'static str {
    match system {
        ErpSystem::Unspecified => "",
        ErpSystem::Kingdee => "kingdee",
        ErpSystem::Yonyou => "yonyou",
    }
}

impl Try {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        failure::tell_as_json(self.common.json);
        let session = self.common.connection.open().await?.one_trace();
        let mut client = HandoverServiceClient::new(session.wire());
        let it = client.try_connection(TryConnectionRequest {}).await?.into_inner();
        let exit = if it.works { ExitCode::SUCCESS } else { ExitCode::FAILURE };
        let tried = Tried {
            works: it.works,
            system: system(it.system()),
            problem: it.problem,
            address: it.address,
            duration_ms: it.duration_ms,
        };
        if self.common.json {
            output::json(&tried)?;
            return Ok(exit);
        }
        let Tried { system, address, duration_ms, .. } = &tried;
        let text = match tried.works {
            true => format!("{system} at {address} answers, in {duration_ms} ms\n"),
            false => format!("{system} at {address} does not answer: {}\n", tried.problem),
        };
        output::text(&text)?;
        Ok(exit)
    }
}

impl Set {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.common.json);
        let session = self.common.connection.open().await?.one_trace();
        let orders = match self.orders {
            Moment::Never => OrderMoment::Never,
            Moment::Confirmed => OrderMoment::Confirmed,
            Moment::Shipped => OrderMoment::Shipped,
        };
        let settings = ConnectionSettings {
            orders: orders.into(),
            deliveries: self.deliveries,
            returns: self.returns,
            receipts: self.receipts,
            stock: self.stock,
            unit: self.unit,
            tax_percent: self.tax,
            warehouse: self.warehouse,
        };
        let request = SetConnectionRequest {
            request_id: Uuid::new_v4().to_string(),
            expected_version: None,
            settings: Some(settings),
        };
        let set = retry::until_answered(&[], async || {
            ConnectionServiceClient::new(session.wire()).set_connection(request.clone()).await
        });
        told(self.common.json, set.await?.into_inner().receipt)
    }
}

impl Pause {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.common.json);
        let session = self.common.connection.open().await?.one_trace();
        let request = PauseConnectionRequest {
            request_id: Uuid::new_v4().to_string(),
            expected_version: None,
            reason: self.reason,
        };
        let paused = retry::until_answered(&[], async || {
            ConnectionServiceClient::new(session.wire()).pause_connection(request.clone()).await
        });
        told(self.common.json, paused.await?.into_inner().receipt)
    }
}

impl Resume {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.common.json);
        let session = self.common.connection.open().await?.one_trace();
        let request_id = Uuid::new_v4().to_string();
        let request = ResumeConnectionRequest { request_id, expected_version: None };
        let resumed = retry::until_answered(&[], async || {
            ConnectionServiceClient::new(session.wire()).resume_connection(request.clone()).await
        });
        told(self.common.json, resumed.await?.into_inner().receipt)
    }
}

impl Map {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.common.json);
        let session = self.common.connection.open().await?.one_trace();
        let request = MapCodesRequest {
            request_id: Uuid::new_v4().to_string(),
            expected_version: None,
            kind: self.kind.asked(),
            codes: self.codes,
        };
        let mapped = retry::until_answered(&[], async || {
            ConnectionServiceClient::new(session.wire()).map_codes(request.clone()).await
        });
        told(self.common.json, mapped.await?.into_inner().receipt)
    }
}

impl Codes {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.common.json);
        let session = self.common.connection.open().await?.one_trace();
        let mut client = HandoverServiceClient::new(session.wire());
        let mut codes = Vec::new();
        let mut token = String::new();
        loop {
            let page = Some(PageRequest { size: PAGE, token });
            let asked = ListCodesRequest { kind: self.kind.asked(), page };
            let listed = client.list_codes(asked).await?.into_inner();
            let shown = |it: MappedCode| CodeShown { own: it.own, theirs: it.theirs };
            codes.extend(listed.codes.into_iter().map(shown));
            token = listed.page.unwrap_or_default().next_token;
            if token.is_empty() {
                break;
            }
        }
        if self.common.json {
            return output::json(&codes);
        }
        let rows = codes.into_iter().map(|it| vec![it.own, it.theirs]);
        output::text(&output::lines(&output::table(&["here", "there"], rows)))
    }
}
