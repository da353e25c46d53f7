//! `qudao reconciliation list`: lines of bank statements.

use clap::{Args, ValueEnum};
use proto::common::v1::PageRequest;
use proto::order::v1::reconciliation_query_service_client::ReconciliationQueryServiceClient;
use proto::order::v1::{BankLine, BankLineStatus, ListBankLinesRequest};
use serde::Serialize;

use crate::client::{Connection, failure, money, output};

#[derive(Args)]
#[command(after_help = "Examples:
  qudao reconciliation list --only open
  qudao reconciliation list --account 6222020200112233 --from 2026-11-01 --to 2026-11-30
  qudao reconciliation list --only proposed --json | jq -r '.[].line_id'")]
pub(crate) struct List {
    /// Part of the reference, the payer, the memo, or of the number of the line or the remittance
    #[arg(long, default_value = "", hide_default_value = true)]
    search: String,
    /// Only lines of this status
    #[arg(long, value_enum)]
    only: Option<Only>,
    /// Only lines of this account
    #[arg(long, default_value = "", hide_default_value = true, value_name = "NUMBER")]
    account: String,
    /// Only lines of this day and later
    #[arg(long, default_value = "", hide_default_value = true, value_name = "DAY")]
    from: String,
    /// Only lines of this day and before
    #[arg(long, default_value = "", hide_default_value = true, value_name = "DAY")]
    to: String,
    /// At most this many lines, 1 to 200
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
    Open,
    Differs,
    Proposed,
    Matched,
    SetAside,
}

#[derive(Serialize)]
struct Line {
    line_id: String,
    bank_account: String,
    bank_reference: String,
    booked_on: String,
    currency: String,
    amount_minor: i64,
    payer_name: String,
    payer_account: String,
    memo: String,
    status: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    remittance_id: String,
    /// Of another dealer that claims the line, too.
    #[serde(skip_serializing_if = "String::is_empty")]
    rival_remittance_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    dealer_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    dealer_name: String,
    #[serde(skip_serializing_if = "is_zero")]
    reported_minor: i64,
    #[serde(skip_serializing_if = "String::is_empty")]
    reason: String,
    version: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(amount: &i64) -> bool {
    *amount == 0
}

impl List {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let status = self.only.map(|only| match only {
            Only::Open => BankLineStatus::Open,
            Only::Differs => BankLineStatus::Differs,
            Only::Proposed => BankLineStatus::Proposed,
            Only::Matched => BankLineStatus::Matched,
            Only::SetAside => BankLineStatus::SetAside,
        });
        let asked = ListBankLinesRequest {
            page: Some(PageRequest { size: self.limit, token: String::new() }),
            search: self.search,
            statuses: status.into_iter().map(i32::from).collect(),
            bank_account: self.account,
            from: self.from,
            to: self.to,
            min_position: self.min_position,
        };
        let mut client = ReconciliationQueryServiceClient::new(session.wire());
        let found = client.list_bank_lines(asked).await?.into_inner().lines;
        let lines: Vec<Line> = found.into_iter().map(Line::from).collect();
        if self.json {
            return output::json(&lines);
        }
        let rows = lines.into_iter().map(|line| {
            let amount = money::format(line.amount_minor, &line.currency);
            let about = match (line.reason.as_str(), line.rival_remittance_id.as_str()) {
                ("", "") => line.remittance_id,
                ("", rival) => format!("{} or {rival}", line.remittance_id),
                _ => line.reason,
            };
            vec![
                line.line_id,
                line.booked_on,
                line.bank_reference,
                line.payer_name,
                amount,
                line.status,
                about,
                line.dealer_name,
            ]
        });
        let columns =
            ["line", "day", "reference", "payer", ">amount", "status", "remittance", "dealer"];
        output::text(&output::lines(&output::table(&columns, rows)))
    }
}

impl From<BankLine> for Line {
    fn from(from: BankLine) -> Self {
        let status = from.status().as_str_name().trim_start_matches("BANK_LINE_STATUS_");
        Self {
            status: status.to_lowercase().replace('_', "-"),
            line_id: from.line_id,
            bank_account: from.bank_account,
            bank_reference: from.bank_reference,
            booked_on: from.booked_on,
            currency: from.currency_code,
            amount_minor: from.amount_minor,
            payer_name: from.payer_name,
            payer_account: from.payer_account,
            memo: from.memo,
            remittance_id: from.remittance_id,
            rival_remittance_id: from.rival_remittance_id,
            dealer_id: from.dealer_id,
            dealer_name: from.dealer_name,
            reported_minor: from.reported_minor,
            reason: from.reason,
            version: from.version,
        }
    }
}
