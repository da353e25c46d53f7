//! `qudao payments`: payments of orders through WeChat Pay and Alipay.

use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use proto::common::v1::PageRequest;
use proto::order::v1::payment_query_service_client::PaymentQueryServiceClient;
use proto::order::v1::{
    GetPaymentRequest, ListPaymentsRequest, Payment, PaymentProvider, PaymentRefund, PaymentStatus,
    RefundStatus,
};
use serde::Serialize;

use crate::client::{Connection, failure, money, output};

#[derive(Subcommand)]
pub(crate) enum Payments {
    /// Payments, the newest first
    List(List),
    /// One payment with its refunds
    Show(Show),
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao payments list --only attention
  qudao payments list --order SO-20261126-7K2M0QXA
  qudao payments list --dealer hengtong --json | jq '.[].captured_minor'")]
pub(crate) struct List {
    /// Only payments of this order
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ID")]
    order: String,
    /// Only payments of this dealer
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ID")]
    dealer: String,
    /// Part of the number of the payment, the order or the provider, or of the dealer's name
    #[arg(long, default_value = "", hide_default_value = true)]
    search: String,
    /// Only payments of which this is true; `attention`: somebody has to look at them
    #[arg(long, value_enum)]
    only: Option<Only>,
    /// At most this many payments, 1 to 200
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
  qudao payments show PM202611267K2M0QXA
  qudao payments show PM202611267K2M0QXA --json | jq .refunds")]
pub(crate) struct Show {
    /// Which payment
    #[arg(value_name = "PAYMENT")]
    payment: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Clone, Copy, ValueEnum)]
enum Only {
    Waiting,
    Captured,
    Refunded,
    Closed,
    Attention,
}

impl Only {
    fn statuses(self) -> Vec<i32> {
        use PaymentStatus as Status;
        let statuses: &[Status] = match self {
            Self::Waiting => &[Status::Starting, Status::Waiting],
            Self::Captured => &[Status::Captured],
            Self::Refunded => &[Status::Refunding, Status::PartlyRefunded, Status::Refunded],
            Self::Closed => &[Status::Closed],
            Self::Attention => &[Status::Parked, Status::RefundFailed],
        };
        statuses.iter().map(|status| (*status).into()).collect()
    }
}

#[derive(Serialize)]
struct Shown {
    payment_id: String,
    order_id: String,
    dealer_id: String,
    dealer_name: String,
    provider: &'static str,
    status: String,
    currency: String,
    amount_minor: i64,
    captured_minor: i64,
    allocated_minor: i64,
    refunded_minor: i64,
    #[serde(skip_serializing_if = "String::is_empty")]
    url: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    transaction: String,
    started_at: String,
    expires_at: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    paid_at: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parked_minor: Option<i64>,
    refunds: Vec<Refund>,
    version: u64,
}

#[derive(Serialize)]
struct Refund {
    refund_id: String,
    amount_minor: i64,
    status: &'static str,
    reason: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
    asked_at: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    ended_at: String,
}

impl Payments {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::List(list) => list.run().await?,
            Self::Show(show) => show.run().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl List {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let asked = ListPaymentsRequest {
            page: Some(PageRequest { size: self.limit, token: String::new() }),
            search: self.search,
            order_id: self.order,
            dealer_id: self.dealer,
            statuses: self.only.map(Only::statuses).unwrap_or_default(),
            min_position: self.min_position,
        };
        let mut client = PaymentQueryServiceClient::new(session.wire());
        let found = client.list_payments(asked).await?.into_inner().payments;
        let payments: Vec<Shown> = found.into_iter().map(Shown::from).collect();
        if self.json {
            return output::json(&payments);
        }
        let rows = payments.into_iter().map(|payment| {
            let amount = |minor| money::format(minor, &payment.currency);
            vec![
                payment.payment_id.clone(),
                payment.order_id.clone(),
                payment.dealer_name.clone(),
                payment.provider.to_owned(),
                payment.status.clone(),
                amount(payment.amount_minor),
                amount(payment.captured_minor),
                amount(payment.refunded_minor),
                payment.started_at.clone(),
            ]
        });
        let columns =
            ["payment", "order", "dealer", "by", "status", ">amount", ">paid", ">back", "started"];
        output::text(&output::lines(&output::table(&columns, rows)))
    }
}

impl Show {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let asked = GetPaymentRequest { payment_id: self.payment, min_position: 0 };
        let mut client = PaymentQueryServiceClient::new(session.wire());
        let found = client.get_payment(asked).await?.into_inner().payment.unwrap_or_default();
        let payment = Shown::from(found);
        if self.json { output::json(&payment) } else { output::text(&payment.sheet()) }
    }
}

impl Shown {
    /// All of it, a line each.
    fn sheet(&self) -> String {
        let amount = |minor| money::format(minor, &self.currency);
        let parked = self.parked_minor.map(amount).unwrap_or_default();
        let lines = [
            ("payment", self.payment_id.clone()),
            ("order", self.order_id.clone()),
            ("dealer", format!("{} ({})", self.dealer_name, self.dealer_id)),
            ("by", self.provider.to_owned()),
            ("status", self.status.clone()),
            ("amount", amount(self.amount_minor)),
            ("paid", amount(self.captured_minor)),
            ("of it used", amount(self.allocated_minor)),
            ("back", amount(self.refunded_minor)),
            ("told", parked),
            ("transaction", self.transaction.clone()),
            ("started", self.started_at.clone()),
            ("paid at", self.paid_at.clone()),
            ("can be paid until", self.expires_at.clone()),
            ("open", self.url.clone()),
            ("why", self.detail.clone()),
        ];
        let told = lines.into_iter().filter(|(_, value)| !value.is_empty());
        let told = told.map(|(name, value)| vec![name.to_owned(), value]);
        let refunds = self.refunds.iter().map(|refund| {
            let parts =
                [&amount(refund.amount_minor), refund.status, &refund.reason, &refund.detail];
            let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            vec![format!("refund {}", refund.refund_id), parts.join(" · ")]
        });
        output::lines(&output::table(&["what", ""], told.chain(refunds)))
    }
}

impl From<Payment> for Shown {
    fn from(payment: Payment) -> Self {
        let provider = match payment.provider() {
            PaymentProvider::WechatPay => "wechat-pay",
            PaymentProvider::Alipay => "alipay",
            PaymentProvider::Unspecified => "",
        };
        let status = payment.status().as_str_name().trim_start_matches("PAYMENT_STATUS_");
        Self {
            provider,
            status: status.to_lowercase().replace('_', "-"),
            payment_id: payment.payment_id,
            order_id: payment.order_id,
            dealer_id: payment.dealer_id,
            dealer_name: payment.dealer_name,
            currency: payment.currency_code,
            amount_minor: payment.amount_minor,
            captured_minor: payment.captured_minor,
            allocated_minor: payment.allocated_minor,
            refunded_minor: payment.refunded_minor,
            url: payment.url,
            transaction: payment.transaction,
            started_at: payment.started_at,
            expires_at: payment.expires_at,
            paid_at: payment.paid_at,
            detail: payment.detail,
            parked_minor: payment.parked.map(|parked| parked.amount_minor),
            refunds: payment.refunds.into_iter().map(Refund::from).collect(),
            version: payment.version,
        }
    }
}

impl From<PaymentRefund> for Refund {
    fn from(refund: PaymentRefund) -> Self {
        let status = match refund.status() {
            RefundStatus::Unspecified => "",
            RefundStatus::Asked => "asked",
            RefundStatus::Done => "done",
            RefundStatus::Failed => "failed",
            RefundStatus::Replaced => "replaced",
        };
        Self {
            status,
            refund_id: refund.refund_id,
            amount_minor: refund.amount_minor,
            reason: refund.reason,
            detail: refund.detail,
            asked_at: refund.asked_at,
            ended_at: refund.ended_at,
        }
    }
}
