//! Bills of providers, and what differs in them.

use clap::{Args, ValueEnum};
use proto::common::v1::PageRequest;
use proto::order::v1::provider_bill_service_client::ProviderBillServiceClient;
use proto::order::v1::reconciliation_query_service_client::ReconciliationQueryServiceClient;
use proto::order::v1::{
    BillDifferenceKind, BillDifferenceStatus, BillTotals, ListBillDifferencesRequest,
    ListProviderBillsRequest, ListedDifference, PaymentProvider, ProviderBill,
    ResolveBillDifferenceRequest,
};
use proto::payment::v1::CompareBillRequest;
use proto::payment::v1::provider_service_client::ProviderServiceClient;
use serde::Serialize;
use uuid::Uuid;

use crate::client::{Connection, failure, money, output};

#[derive(Args)]
#[command(after_help = "Examples:
  qudao reconciliation bills --only-open
  qudao reconciliation bills --json | jq '.[] | {day, open_count, fee_minor}'")]
pub(crate) struct Bills {
    /// Only bills with something open
    #[arg(long)]
    only_open: bool,
    /// At most this many bills, 1 to 200
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

#[derive(Args)]
#[command(after_help = "Examples:
  qudao reconciliation differences
  qudao reconciliation differences --bill WX-1900000001-20261126 --all --json")]
pub(crate) struct Differences {
    /// Only of this bill
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ID")]
    bill: String,
    /// Also those that were resolved, or are none any more
    #[arg(long)]
    all: bool,
    /// At most this many, 1 to 200
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

#[derive(Args)]
#[command(after_help = "It is done each morning for the day before, from 10:00 in China on.

Examples:
  qudao reconciliation compare wechat-pay 2026-11-26
  qudao reconciliation compare alipay 2026-11-26 --json")]
pub(crate) struct Compare {
    /// Whose bill
    #[arg(value_enum)]
    provider: Whose,
    /// Of which day in China
    #[arg(value_name = "DAY")]
    day: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Clone, Copy, ValueEnum)]
enum Whose {
    WechatPay,
    Alipay,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao reconciliation resolve WX-1900000001-20261126 4f0c1d2e3b4a59687766 --reason 门店收款")]
pub(crate) struct Resolve {
    /// The bill
    #[arg(value_name = "BILL")]
    bill: String,
    /// The difference
    #[arg(value_name = "DIFFERENCE")]
    difference: String,
    /// What it was
    #[arg(long)]
    reason: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Serialize)]
struct Bill {
    bill_id: String,
    provider: &'static str,
    merchant: String,
    day: String,
    currency: String,
    there: Totals,
    here: Totals,
    fee_minor: i64,
    digest: String,
    differences_count: u32,
    open_count: u32,
    compared_at: String,
    asked_by: String,
}

#[derive(Serialize)]
struct Totals {
    paid_count: u32,
    paid_minor: i64,
    refunded_count: u32,
    refunded_minor: i64,
}

#[derive(Serialize)]
struct Difference {
    bill_id: String,
    difference_id: String,
    day: String,
    provider: &'static str,
    kind: &'static str,
    is_refund: bool,
    payment: String,
    refund: String,
    transaction: String,
    currency: String,
    there_minor: Option<i64>,
    here_minor: Option<i64>,
    status: &'static str,
    reason: String,
}

#[derive(Serialize)]
struct Compared {
    there: Totals,
    here: Totals,
    differences_count: u32,
    position: Option<u64>,
}

#[derive(Serialize)]
struct Done {
    position: u64,
}

impl Bills {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let asked = ListProviderBillsRequest {
            page: Some(PageRequest { size: self.limit, token: String::new() }),
            only_open: self.only_open,
            provider: PaymentProvider::Unspecified.into(),
            min_position: self.min_position,
        };
        let mut client = ReconciliationQueryServiceClient::new(session.wire());
        let found = client.list_provider_bills(asked).await?.into_inner().bills;
        let bills: Vec<Bill> = found.into_iter().map(Bill::from).collect();
        if self.json {
            return output::json(&bills);
        }
        let rows = bills.into_iter().map(|bill| {
            let amount = |minor| money::format(minor, &bill.currency);
            vec![
                bill.bill_id.clone(),
                bill.day.clone(),
                bill.provider.to_owned(),
                amount(bill.there.paid_minor),
                amount(bill.here.paid_minor),
                amount(bill.there.refunded_minor),
                amount(bill.here.refunded_minor),
                amount(bill.fee_minor),
                bill.differences_count.to_string(),
                bill.open_count.to_string(),
            ]
        });
        let columns = [
            "bill",
            "day",
            "by",
            ">paid there",
            ">here",
            ">back there",
            ">here",
            ">fee",
            ">differ",
            ">open",
        ];
        output::text(&output::lines(&output::table(&columns, rows)))
    }
}

impl Differences {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let statuses = if self.all { Vec::new() } else { vec![BillDifferenceStatus::Open.into()] };
        let asked = ListBillDifferencesRequest {
            page: Some(PageRequest { size: self.limit, token: String::new() }),
            bill_id: self.bill,
            statuses,
            min_position: self.min_position,
        };
        let mut client = ReconciliationQueryServiceClient::new(session.wire());
        let found = client.list_bill_differences(asked).await?.into_inner().differences;
        let differences: Vec<Difference> = found.into_iter().map(Difference::from).collect();
        if self.json {
            return output::json(&differences);
        }
        let rows = differences.into_iter().map(|it| {
            let amount = |minor: Option<i64>| {
                minor.map(|minor| money::format(minor, &it.currency)).unwrap_or_default()
            };
            let number = if it.is_refund { &it.refund } else { &it.payment };
            vec![
                it.bill_id.clone(),
                it.difference_id.clone(),
                it.kind.to_owned(),
                number.clone(),
                amount(it.there_minor),
                amount(it.here_minor),
                it.status.to_owned(),
                it.reason.clone(),
            ]
        });
        let columns = ["bill", "difference", "what", "number", ">there", ">here", "status", "why"];
        output::text(&output::lines(&output::table(&columns, rows)))
    }
}

impl Compare {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let provider = match self.provider {
            Whose::WechatPay => PaymentProvider::WechatPay,
            Whose::Alipay => PaymentProvider::Alipay,
        };
        let asked = CompareBillRequest { provider: provider.into(), day: self.day };
        let mut client = ProviderServiceClient::new(session.wire());
        let told = client.compare_bill(asked).await?.into_inner();
        let compared = Compared {
            there: told.there.unwrap_or_default().into(),
            here: told.here.unwrap_or_default().into(),
            differences_count: told.differences_count,
            position: told.position,
        };
        if self.json {
            return output::json(&compared);
        }
        let Compared { there, here, differences_count, .. } = compared;
        let amount = |minor| money::format(minor, "CNY");
        output::text(&format!(
            "there {} paid, {} back · here {} paid, {} back · {differences_count} differences",
            amount(there.paid_minor),
            amount(there.refunded_minor),
            amount(here.paid_minor),
            amount(here.refunded_minor)
        ))
    }
}

impl Resolve {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let request = ResolveBillDifferenceRequest {
            request_id: Uuid::now_v7().to_string(),
            expected_version: None,
            bill_id: self.bill,
            difference_id: self.difference,
            reason: self.reason,
        };
        let mut client = ProviderBillServiceClient::new(session.wire());
        let told = client.resolve_bill_difference(request).await?.into_inner();
        let done = Done { position: told.receipt.unwrap_or_default().position };
        match self.json {
            true => output::json(&done),
            false => output::text(&format!("resolved, at position {}", done.position)),
        }
    }
}

fn named(provider: PaymentProvider) -> &'static str {
    match provider {
        PaymentProvider::WechatPay => "wechat-pay",
        PaymentProvider::Alipay => "alipay",
        PaymentProvider::Unspecified => "",
    }
}

impl From<BillTotals> for Totals {
    fn from(from: BillTotals) -> Self {
        Self {
            paid_count: from.paid_count,
            paid_minor: from.paid_minor,
            refunded_count: from.refunded_count,
            refunded_minor: from.refunded_minor,
        }
    }
}

impl From<ProviderBill> for Bill {
    fn from(from: ProviderBill) -> Self {
        Self {
            provider: named(from.provider()),
            bill_id: from.bill_id,
            merchant: from.merchant,
            day: from.day,
            currency: from.currency_code,
            there: from.there.unwrap_or_default().into(),
            here: from.here.unwrap_or_default().into(),
            fee_minor: from.fee_minor,
            digest: from.digest,
            differences_count: from.differences_count,
            open_count: from.open_count,
            compared_at: from.compared_at,
            asked_by: from.asked_by,
        }
    }
}

impl From<ListedDifference> for Difference {
    fn from(from: ListedDifference) -> Self {
        let (provider, status) = (named(from.provider()), from.status());
        let it = from.difference.unwrap_or_default();
        Self {
            provider,
            status: match status {
                BillDifferenceStatus::Unspecified => "",
                BillDifferenceStatus::Open => "open",
                BillDifferenceStatus::Resolved => "resolved",
                BillDifferenceStatus::Gone => "gone",
            },
            kind: match it.kind() {
                BillDifferenceKind::Unspecified => "",
                BillDifferenceKind::OnlyThere => "only-there",
                BillDifferenceKind::OnlyHere => "only-here",
                BillDifferenceKind::Amount => "amount",
            },
            bill_id: from.bill_id,
            day: from.day,
            currency: from.currency_code,
            reason: from.reason,
            difference_id: it.difference_id,
            is_refund: it.is_refund,
            payment: it.payment,
            refund: it.refund,
            transaction: it.transaction,
            there_minor: it.there_minor,
            here_minor: it.here_minor,
        }
    }
}
