//! What finance decides about lines of bank statements.

use clap::{Args, ValueEnum};
use proto::common::v1::{PageRequest, Receipt};
use proto::order::v1::bank_line_service_client::BankLineServiceClient;
use proto::order::v1::reconciliation_query_service_client::ReconciliationQueryServiceClient;
use proto::order::v1::{
    AssignBankLineRequest, ConfirmBankMatchRequest, ListBankLinesRequest, ProposeBankMatchRequest,
    RemittancePurpose, ReopenBankLineRequest, SetBankLineAsideRequest,
};
use serde::Serialize;
use uuid::Uuid;

use crate::client::{Connection, Session, Wire, failure, output};

/// How every one of these is answered.
#[derive(Args)]
pub(super) struct Shown {
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Serialize)]
struct Done {
    position: u64,
    version: u64,
}

impl Shown {
    async fn open(&self) -> anyhow::Result<Session> {
        failure::tell_as_json(self.json);
        Ok(self.connection.open().await?.one_trace())
    }

    fn done(&self, what: &str, receipt: Option<Receipt>) -> anyhow::Result<()> {
        let Receipt { position, version, .. } = receipt.unwrap_or_default();
        match self.json {
            true => output::json(&Done { position, version }),
            false => output::text(&format!("{what}, at position {position}")),
        }
    }
}

fn client(session: &Session) -> BankLineServiceClient<Wire> {
    BankLineServiceClient::new(session.wire())
}

fn new_id() -> String {
    Uuid::now_v7().to_string()
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao reconciliation propose BL-3F2A60C1D2E34B5A6C7D RM-20261126-7K2M0QXA")]
pub(crate) struct Propose {
    /// The line
    #[arg(value_name = "LINE")]
    line: String,
    /// A remittance that waits
    #[arg(value_name = "REMITTANCE")]
    remittance: String,
    #[command(flatten)]
    shown: Shown,
}

impl Propose {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let session = self.shown.open().await?;
        let request = ProposeBankMatchRequest {
            request_id: new_id(),
            expected_version: None,
            line_id: self.line,
            remittance_id: self.remittance,
        };
        let told = client(&session).propose_bank_match(request).await?.into_inner();
        self.shown.done("proposed", told.receipt)
    }
}

#[derive(Args)]
#[command(after_help = "Whoever reported the remittance does not confirm it.

Examples:
  qudao reconciliation match BL-3F2A60C1D2E34B5A6C7D
  qudao reconciliation match BL-3F2A60C1D2E34B5A6C7D --remittance RM-20261126-7K2M0QXA --json")]
pub(crate) struct Match {
    /// The line
    #[arg(value_name = "LINE")]
    line: String,
    /// The remittance that has to be the proposed one [default: whichever is]
    #[arg(long, value_name = "ID")]
    remittance: Option<String>,
    #[command(flatten)]
    shown: Shown,
}

impl Match {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let session = self.shown.open().await?;
        let remittance_id = match self.remittance {
            Some(remittance) => remittance,
            None => proposed(&session, &self.line).await?,
        };
        let request = ConfirmBankMatchRequest {
            request_id: new_id(),
            expected_version: None,
            line_id: self.line,
            remittance_id,
        };
        let told = client(&session).confirm_bank_match(request).await?.into_inner();
        self.shown.done("matched", told.receipt)
    }
}

/// The remittance that is proposed for a line.
async fn proposed(session: &Session, line: &str) -> anyhow::Result<String> {
    let asked = ListBankLinesRequest {
        page: Some(PageRequest { size: 10, token: String::new() }),
        search: line.to_owned(),
        ..ListBankLinesRequest::default()
    };
    let mut client = ReconciliationQueryServiceClient::new(session.wire());
    let lines = client.list_bank_lines(asked).await?.into_inner().lines;
    let found = lines.into_iter().find(|it| it.line_id == line);
    found
        .map(|it| it.remittance_id)
        .filter(|id| !id.is_empty())
        .ok_or_else(|| anyhow::anyhow!("no remittance is proposed for {line}; propose one first"))
}

#[derive(Args)]
#[command(after_help = "Whoever imported the line does not say whose money it is.

Examples:
  qudao reconciliation assign BL-3F2A60C1D2E34B5A6C7D hengtong --purpose top-up
  qudao reconciliation assign BL-3F2A60C1D2E34B5A6C7D hengtong --purpose repayment --note 电话确认")]
pub(crate) struct Assign {
    /// The line
    #[arg(value_name = "LINE")]
    line: String,
    /// Whose money it is
    #[arg(value_name = "DEALER")]
    dealer: String,
    /// To be kept for orders, or paying what is owed
    #[arg(long, value_enum)]
    purpose: Purpose,
    /// For finance to know
    #[arg(long, default_value = "", hide_default_value = true)]
    note: String,
    #[command(flatten)]
    shown: Shown,
}

#[derive(Clone, Copy, ValueEnum)]
enum Purpose {
    TopUp,
    Repayment,
}

impl Assign {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let session = self.shown.open().await?;
        let purpose = match self.purpose {
            Purpose::TopUp => RemittancePurpose::TopUp,
            Purpose::Repayment => RemittancePurpose::Repayment,
        };
        let request = AssignBankLineRequest {
            request_id: new_id(),
            expected_version: None,
            line_id: self.line,
            dealer_id: self.dealer,
            purpose: purpose.into(),
            note: self.note,
        };
        let told = client(&session).assign_bank_line(request).await?.into_inner();
        self.shown.done("assigned", told.receipt)
    }
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao reconciliation set-aside BL-3F2A60C1D2E34B5A6C7D --reason 利息")]
pub(crate) struct SetAside {
    /// The line
    #[arg(value_name = "LINE")]
    line: String,
    /// What it is
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    shown: Shown,
}

impl SetAside {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let session = self.shown.open().await?;
        let request = SetBankLineAsideRequest {
            request_id: new_id(),
            expected_version: None,
            line_id: self.line,
            reason: self.reason,
        };
        let told = client(&session).set_bank_line_aside(request).await?.into_inner();
        self.shown.done("set aside", told.receipt)
    }
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao reconciliation reopen BL-3F2A60C1D2E34B5A6C7D --reason 看错了")]
pub(crate) struct Reopen {
    /// The line
    #[arg(value_name = "LINE")]
    line: String,
    /// Why
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    shown: Shown,
}

impl Reopen {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let session = self.shown.open().await?;
        let request = ReopenBankLineRequest {
            request_id: new_id(),
            expected_version: None,
            line_id: self.line,
            reason: self.reason,
        };
        let told = client(&session).reopen_bank_line(request).await?.into_inner();
        self.shown.done("open again", told.receipt)
    }
}
