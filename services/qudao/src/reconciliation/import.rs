//! `qudao reconciliation import`: a bank's statement from a file.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use futures::{StreamExt as _, stream};
use proto::order::v1::bank_line_service_client::BankLineServiceClient;
use proto::order::v1::reconciliation_query_service_client::ReconciliationQueryServiceClient;
use proto::order::v1::{ImportBankLineRequest, KnownBankLine, LookUpBankLinesRequest};
use serde::Serialize;
use uuid::Uuid;

use super::sheet::{self, Row};
use crate::client::failure::{self, Failure, REFUSED};
use crate::client::{Connection, Session, money, output, retry};

/// Lines under way at once.
const IN_FLIGHT: usize = 16;
/// Most references that are looked up at once.
const AT_ONCE: usize = 500;

#[derive(Args)]
#[command(
    after_help = "The file is a CSV in UTF-8 or GBK, as banks give it: titles above the header and sums
below are passed over, and so is money that went out. Columns that are understood:
交易日期 交易流水号 收入金额/贷方发生额 对方户名 对方账号 摘要 币种. A line is imported once: the same file again
changes nothing, and a reference with another amount is refused.

Examples:
  qudao reconciliation import 11月流水.csv --account 6222020200112233 --dry-run
  qudao reconciliation import statement.csv --account 6222020200112233 --currency CNY --json"
)]
pub(crate) struct Import {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The brand's account that the statement is of
    #[arg(long, value_name = "NUMBER")]
    account: String,
    /// Currency of rows that do not say
    #[arg(long, default_value = "CNY", value_name = "CODE")]
    currency: String,
    /// Say what would be imported, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

/// What came of a file.
#[derive(Debug, Default, Serialize)]
struct Report {
    rows: usize,
    imported: usize,
    /// Imported before.
    same: usize,
    /// Money that went out.
    outgoing: usize,
    refused: Vec<Refused>,
    dry_run: bool,
    position: u64,
}

#[derive(Debug, Serialize)]
struct Refused {
    line: u64,
    reference: String,
    reason: String,
}

enum Fate {
    New,
    Same,
    Refused(String),
}

impl Import {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        failure::tell_as_json(self.json);
        let bytes = std::fs::read(&self.file)
            .with_context(|| format!("cannot read {}", self.file.display()))?;
        let sheet = sheet::read(&bytes, &self.currency)?;
        let session = self.connection.open().await?.one_trace();
        let mut report = Report {
            rows: sheet.rows.len() + sheet.bad.len() + sheet.outgoing,
            outgoing: sheet.outgoing,
            dry_run: self.dry_run,
            ..Report::default()
        };
        for bad in sheet.bad {
            let (line, reference, reason) = (bad.line, bad.reference, bad.reason);
            report.refused.push(Refused { line, reference, reason });
        }
        for rows in sheet.rows.chunks(AT_ONCE) {
            let known = self.known(&session, rows).await?;
            let send = |row| self.one(&session, row, &known);
            let mut done = stream::iter(rows).map(send).buffered(IN_FLIGHT);
            while let Some(one) = done.next().await {
                let (row, fate, position) = one?;
                report.note(row, fate, position);
            }
        }
        let code = if report.refused.is_empty() { ExitCode::SUCCESS } else { REFUSED.into() };
        match self.json {
            true => output::json(&report)?,
            false => output::text(&report.sheet())?,
        }
        Ok(code)
    }

    /// Lines of these rows that are imported already.
    async fn known(&self, session: &Session, rows: &[Row]) -> anyhow::Result<Vec<KnownBankLine>> {
        let mut client = ReconciliationQueryServiceClient::new(session.wire());
        let asked = LookUpBankLinesRequest {
            bank_account: self.account.clone(),
            bank_references: rows.iter().map(|row| row.reference.clone()).collect(),
        };
        Ok(client.look_up_bank_lines(asked).await?.into_inner().lines)
    }

    async fn one<'a>(
        &self,
        session: &Session,
        row: &'a Row,
        known: &[KnownBankLine],
    ) -> anyhow::Result<(&'a Row, Fate, u64)> {
        let there = known.iter().find(|line| line.bank_reference == row.reference);
        if let Some(line) = there {
            let is_same = line.amount_minor == row.amount_minor
                && line.currency_code == row.currency
                && line.booked_on == row.booked_on.to_string();
            let amount = money::format(line.amount_minor, &line.currency_code);
            let fate = match is_same {
                true => Fate::Same,
                false => Fate::Refused(format!(
                    "the account has this reference already, with {} {amount} on {}",
                    line.currency_code, line.booked_on
                )),
            };
            return Ok((row, fate, 0));
        }
        if self.dry_run {
            return Ok((row, Fate::New, 0));
        }
        let request = ImportBankLineRequest {
            request_id: Uuid::new_v4().to_string(),
            expected_version: None,
            bank_account: self.account.clone(),
            bank_reference: row.reference.clone(),
            booked_on: row.booked_on.to_string(),
            currency_code: row.currency.clone(),
            amount_minor: row.amount_minor,
            payer_name: row.payer_name.clone(),
            payer_account: row.payer_account.clone(),
            memo: row.memo.clone(),
        };
        let send = async || {
            let mut client = BankLineServiceClient::new(session.wire());
            client.import_bank_line(request.clone()).await
        };
        match retry::until_answered(&[], send).await {
            Ok(done) => {
                let receipt = done.into_inner().receipt.unwrap_or_default();
                Ok((row, Fate::New, receipt.position))
            }
            Err(status) if failure::reason(&status) == "LINE_IMPORTED" => Ok((row, Fate::Same, 0)),
            Err(status) if is_of_the_row(status.code()) => {
                Ok((row, Fate::Refused(Failure::of(&status).line()), 0))
            }
            Err(status) => Err(status.into()),
        }
    }
}

/// Whether another row may fare better.
fn is_of_the_row(code: tonic::Code) -> bool {
    use tonic::Code;
    matches!(code, Code::InvalidArgument | Code::AlreadyExists | Code::FailedPrecondition)
}

impl Report {
    fn note(&mut self, row: &Row, fate: Fate, position: u64) {
        self.position = self.position.max(position);
        match fate {
            Fate::New => self.imported += 1,
            Fate::Same => self.same += 1,
            Fate::Refused(reason) => {
                let (line, reference) = (row.line, row.reference.clone());
                self.refused.push(Refused { line, reference, reason });
            }
        }
    }

    fn sheet(&self) -> String {
        let new = if self.dry_run { "would be imported" } else { "imported" };
        let sums = [
            format!("{} rows", self.rows),
            format!("{} {new}", self.imported),
            format!("{} imported before", self.same),
            format!("{} went out and are no matter", self.outgoing),
            format!("{} refused", self.refused.len()),
        ];
        let rows = self
            .refused
            .iter()
            .map(|it| vec![it.line.to_string(), it.reference.clone(), it.reason.clone()]);
        let refused = match self.refused.is_empty() {
            true => String::new(),
            false => output::lines(&output::table(&[">line", "reference", "why"], rows)),
        };
        format!("{}\n{refused}", sums.join(" · "))
    }
}
