//! `qudao funds`: credit and money of dealers.

use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use proto::common::v1::PageRequest;
use proto::order::v1::funds_query_service_client::FundsQueryServiceClient;
use proto::order::v1::{
    Credit, DealerFunds, FundsAccount, FundsEntry, FundsEntryKind, FundsFilter,
    GetDealerFundsRequest, ListDealerFundsRequest, ListFundsEntriesRequest, Purse,
};
use serde::Serialize;

use crate::client::{Connection, failure, money, output};

#[derive(Subcommand)]
pub(crate) enum Funds {
    /// Dealers with their credit and money
    List(List),
    /// What changed credit and money of a dealer, the newest first
    Entries(Entries),
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao funds list --only overdue
  qudao funds list --dealer kansas-city-29ers --json")]
pub(crate) struct List {
    /// Only this dealer
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ID")]
    dealer: String,
    /// Part of the dealer's name or id
    #[arg(long, default_value = "", hide_default_value = true)]
    search: String,
    /// Only dealers of which this is true
    #[arg(long, value_enum)]
    only: Option<Only>,
    /// At most this many dealers, 1 to 200
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
    WithCredit,
    Overdue,
    Blocked,
    NearlyUsed,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao funds entries kansas-city-29ers
  qudao funds entries kansas-city-29ers --limit 200 --json | jq '.[].change_minor'")]
pub(crate) struct Entries {
    /// Of which dealer
    #[arg(value_name = "DEALER")]
    dealer: String,
    /// At most this many entries, 1 to 200
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

#[derive(Serialize)]
struct Dealer {
    dealer_id: String,
    dealer_name: String,
    region_name: String,
    credit: Option<Line>,
    currency: String,
    prepaid: Money,
    rebate: Money,
    reported_minor: i64,
}

#[derive(Serialize)]
struct Line {
    currency: String,
    limit_minor: i64,
    temporary_minor: i64,
    reserved_minor: i64,
    receivable_minor: i64,
    overdue_minor: i64,
    overdue_days: u32,
    available_minor: i64,
    payment_days: u32,
    #[serde(skip_serializing_if = "String::is_empty")]
    blocked_reason: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    of_dealer_id: String,
    version: u64,
}

#[derive(Serialize)]
struct Money {
    balance_minor: i64,
    held_minor: i64,
    available_minor: i64,
}

#[derive(Serialize)]
struct Entry {
    position: u64,
    occurred_at: String,
    account: &'static str,
    kind: &'static str,
    currency: String,
    change_minor: i64,
    held_change_minor: i64,
    balance_minor: Option<i64>,
    held_minor: Option<i64>,
    limit_minor: Option<i64>,
    order_id: String,
    remittance_id: String,
    of_dealer_id: String,
    reason: String,
}

impl Funds {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::List(list) => list.run().await?,
            Self::Entries(entries) => entries.run().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl List {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let mut client = FundsQueryServiceClient::new(session.wire());
        let found = if self.dealer.is_empty() {
            let asked = ListDealerFundsRequest {
                page: Some(PageRequest { size: self.limit, token: String::new() }),
                search: self.search,
                filter: self.only.map_or(FundsFilter::Unspecified, FundsFilter::from).into(),
                min_position: self.min_position,
            };
            client.list_dealer_funds(asked).await?.into_inner().dealers
        } else {
            let (dealer_id, min_position) = (self.dealer, self.min_position);
            let asked = GetDealerFundsRequest { dealer_id, min_position };
            client.get_dealer_funds(asked).await?.into_inner().funds.into_iter().collect()
        };
        let dealers: Vec<Dealer> = found.into_iter().map(Dealer::from).collect();
        if self.json { output::json(&dealers) } else { output::text(&table(&dealers)) }
    }
}

impl Entries {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let asked = ListFundsEntriesRequest {
            page: Some(PageRequest { size: self.limit, token: String::new() }),
            dealer_id: self.dealer,
            min_position: self.min_position,
            ..ListFundsEntriesRequest::default()
        };
        let mut client = FundsQueryServiceClient::new(session.wire());
        let found = client.list_funds_entries(asked).await?.into_inner().entries;
        let entries: Vec<Entry> = found.into_iter().map(Entry::from).collect();
        if self.json {
            return output::json(&entries);
        }
        let rows = entries.into_iter().map(|entry| {
            let amount = |minor: i64| money::format(minor, &entry.currency);
            let about = [&entry.order_id, &entry.remittance_id, &entry.reason];
            let about: Vec<&str> =
                about.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
            vec![
                entry.occurred_at.clone(),
                entry.account.to_owned(),
                entry.kind.to_owned(),
                amount(entry.change_minor),
                amount(entry.held_change_minor),
                entry.balance_minor.or(entry.limit_minor).map(amount).unwrap_or_default(),
                about.join(" · "),
            ]
        });
        let columns = ["at", "account", "what", ">change", ">kept", ">after", "about"];
        output::text(&output::lines(&output::table(&columns, rows)))
    }
}

fn table(dealers: &[Dealer]) -> String {
    let rows = dealers.iter().map(|dealer| {
        let line = |pick: fn(&Line) -> i64| {
            let shown = |line: &Line| money::format(pick(line), &line.currency);
            dealer.credit.as_ref().map(shown).unwrap_or_default()
        };
        let money = |minor| match dealer.currency.as_str() {
            "" => String::new(),
            currency => money::format(minor, currency),
        };
        vec![
            dealer.dealer_id.clone(),
            dealer.dealer_name.clone(),
            line(|line| line.limit_minor + line.temporary_minor),
            line(|line| line.available_minor),
            line(|line| line.overdue_minor),
            money(dealer.prepaid.available_minor),
            money(dealer.rebate.available_minor),
        ]
    });
    let columns = ["dealer", "name", ">credit", ">left", ">overdue", ">prepaid", ">rebate"];
    output::lines(&output::table(&columns, rows))
}

impl From<Only> for FundsFilter {
    fn from(only: Only) -> Self {
        match only {
            Only::WithCredit => Self::WithCredit,
            Only::Overdue => Self::Overdue,
            Only::Blocked => Self::Blocked,
            Only::NearlyUsed => Self::NearlyUsed,
        }
    }
}

impl From<DealerFunds> for Dealer {
    fn from(from: DealerFunds) -> Self {
        Self {
            dealer_id: from.dealer_id,
            dealer_name: from.dealer_name,
            region_name: from.region_name,
            credit: from.credit.map(Line::from),
            currency: from.currency_code,
            prepaid: from.prepaid.unwrap_or_default().into(),
            rebate: from.rebate.unwrap_or_default().into(),
            reported_minor: from.reported_minor,
        }
    }
}

impl From<Credit> for Line {
    fn from(from: Credit) -> Self {
        Self {
            currency: from.currency_code,
            limit_minor: from.limit_minor,
            temporary_minor: from.temporary_minor,
            reserved_minor: from.reserved_minor,
            receivable_minor: from.receivable_minor,
            overdue_minor: from.overdue_minor,
            overdue_days: from.overdue_days,
            available_minor: from.available_minor,
            payment_days: from.payment_days,
            blocked_reason: from.blocked_reason,
            of_dealer_id: from.of_dealer_id,
            version: from.version,
        }
    }
}

impl From<Purse> for Money {
    fn from(Purse { balance_minor, held_minor, available_minor }: Purse) -> Self {
        Self { balance_minor, held_minor, available_minor }
    }
}

impl From<FundsEntry> for Entry {
    fn from(from: FundsEntry) -> Self {
        let account = match from.account() {
            FundsAccount::Unspecified => "unknown",
            FundsAccount::Credit => "credit",
            FundsAccount::Prepaid => "prepaid",
            FundsAccount::Rebate => "rebate",
        };
        let kind = match from.kind() {
            FundsEntryKind::Unspecified => "unknown",
            FundsEntryKind::TopUp => "top-up",
            FundsEntryKind::Grant => "grant",
            FundsEntryKind::Deduction => "deduction",
            FundsEntryKind::PayBack => "pay-back",
            FundsEntryKind::Hold => "hold",
            FundsEntryKind::Release => "release",
            FundsEntryKind::Capture => "capture",
            FundsEntryKind::Repayment => "repayment",
            FundsEntryKind::Limit => "limit",
            FundsEntryKind::Temporary => "temporary",
            FundsEntryKind::Block => "block",
            FundsEntryKind::Unblock => "unblock",
            FundsEntryKind::TemporaryEnd => "temporary-end",
            FundsEntryKind::Refund => "refund",
        };
        Self {
            position: from.position,
            occurred_at: from.occurred_at,
            account,
            kind,
            currency: from.currency_code,
            change_minor: from.change_minor,
            held_change_minor: from.held_change_minor,
            balance_minor: from.balance_minor,
            held_minor: from.held_minor,
            limit_minor: from.limit_minor,
            order_id: from.order_id,
            remittance_id: from.remittance_id,
            of_dealer_id: from.of_dealer_id,
            reason: from.reason,
        }
    }
}
