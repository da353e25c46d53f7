//! `qudao prices`: what dealers pay, and why.

use std::process::ExitCode;

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use proto::order::v1::price_list_service_client::PriceListServiceClient;
use proto::order::v1::{
    ExplainPriceRequest, ExplainPriceResponse, PriceListVerdict, TriedPriceList, Visibility,
};
use serde::Serialize;

use crate::client::{Connection, failure, money, output};

#[derive(Subcommand)]
pub(crate) enum Prices {
    /// What a dealer pays for a product, from which list, and why from no other
    Explain(Explain),
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao prices explain --dealer kansas-city-29ers --product trail-1
  qudao prices explain --dealer kansas-city-29ers --product trail-1 --quantity 50 --on 2026-12-24 --json")]
pub(crate) struct Explain {
    /// For whom
    #[arg(long, value_name = "ID")]
    dealer: String,
    /// Of what
    #[arg(long, value_name = "ID")]
    product: String,
    /// Base units in the whole order
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    quantity: u32,
    /// The day that counts, YYYY-MM-DD [default: today]
    #[arg(long, value_name = "DATE")]
    on: Option<NaiveDate>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Serialize)]
struct Explained {
    visibility: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    rule_id: String,
    unit_price_minor: Option<i64>,
    currency: String,
    price_list_id: String,
    next_break: Option<Step>,
    level_id: String,
    channel_id: String,
    region_ids: Vec<String>,
    price_lists: Vec<Tried>,
}

#[derive(Serialize)]
struct Step {
    from_quantity: u32,
    unit_price_minor: i64,
}

#[derive(Serialize)]
struct Tried {
    price_list_id: String,
    name: String,
    verdict: &'static str,
    unit_price_minor: Option<i64>,
}

impl Prices {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Explain(explain) => explain.run().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Explain {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let asked = ExplainPriceRequest {
            dealer_id: self.dealer,
            product_id: self.product,
            quantity: self.quantity,
            on_date: self.on.map(|day| day.to_string()).unwrap_or_default(),
        };
        let mut client = PriceListServiceClient::new(session.wire());
        let answer = Explained::from(client.explain_price(asked).await?.into_inner());
        if self.json { output::json(&answer) } else { output::text(&page(answer)) }
    }
}

fn page(told: Explained) -> String {
    let amount = |minor: Option<i64>| {
        minor.map(|minor| money::format(minor, &told.currency)).unwrap_or_default()
    };
    let mut said = vec![format!("{}  {}", in_words(told.visibility), told.rule_id)];
    if told.unit_price_minor.is_some() {
        let (price, currency) = (amount(told.unit_price_minor), &told.currency);
        said.push(format!("{price} {currency}  {}", told.price_list_id));
    }
    if let Some(step) = &told.next_break {
        said.push(format!("≥ {}: {}", step.from_quantity, amount(Some(step.unit_price_minor))));
    }
    let of = [told.level_id.as_str(), told.channel_id.as_str()].into_iter();
    let of: Vec<&str> = of.chain(told.region_ids.iter().map(String::as_str)).collect();
    said.push(of.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" › "));
    let rows = told.price_lists.iter().map(|list| {
        let price = amount(list.unit_price_minor);
        vec![
            list.price_list_id.clone(),
            list.name.clone(),
            in_words(list.verdict).to_owned(),
            price,
        ]
    });
    let columns = ["price list", "name", "verdict", ">unit price"];
    let table = output::table(&columns, rows);
    let said: Vec<&str> = said.iter().map(|line| line.trim_end()).collect();
    format!("{}\n\n{}", said.join("\n"), output::lines(&table))
}

/// The words of scripts as people know them.
fn in_words(word: &'static str) -> &'static str {
    if failure::locale() != "zh-CN" {
        return word;
    }
    match word {
        "visible" => "可见",
        "not-published" => "未上架",
        "hidden" => "已隐藏",
        "for-others" => "专供其他经销商",
        "outside-limits" => "不在限定范围",
        "used" => "采用",
        "no-price" => "无此商品价格",
        "later" => "已有更匹配的价格表",
        "other-currency" => "货币不同",
        "day" => "不在有效期",
        "dealer" => "不适用该经销商",
        "region" => "不适用该区域",
        "level" => "不适用该级别",
        "channel" => "不适用该渠道",
        other => other,
    }
}

fn visibility(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Unspecified => "unknown",
        Visibility::Visible => "visible",
        Visibility::NotPublished => "not-published",
        Visibility::Hidden => "hidden",
        Visibility::ForOthers => "for-others",
        Visibility::OutsideLimits => "outside-limits",
    }
}

fn verdict(verdict: PriceListVerdict) -> &'static str {
    match verdict {
        PriceListVerdict::Unspecified => "unknown",
        PriceListVerdict::Used => "used",
        PriceListVerdict::NoPrice => "no-price",
        PriceListVerdict::Later => "later",
        PriceListVerdict::OtherCurrency => "other-currency",
        PriceListVerdict::Day => "day",
        PriceListVerdict::Dealer => "dealer",
        PriceListVerdict::Region => "region",
        PriceListVerdict::Level => "level",
        PriceListVerdict::Channel => "channel",
    }
}

impl From<ExplainPriceResponse> for Explained {
    fn from(from: ExplainPriceResponse) -> Self {
        let next_break = from.next_break.map(|step| Step {
            from_quantity: step.from_quantity,
            unit_price_minor: step.unit_price_minor,
        });
        Self {
            visibility: visibility(from.visibility()),
            rule_id: from.rule_id,
            unit_price_minor: from.unit_price_minor,
            currency: from.currency_code,
            price_list_id: from.price_list_id,
            next_break,
            level_id: from.level_id,
            channel_id: from.channel_id,
            region_ids: from.region_ids,
            price_lists: from.price_lists.into_iter().map(Tried::from).collect(),
        }
    }
}

impl From<TriedPriceList> for Tried {
    fn from(from: TriedPriceList) -> Self {
        Self {
            verdict: verdict(from.verdict()),
            price_list_id: from.price_list_id,
            name: from.name,
            unit_price_minor: from.unit_price_minor,
        }
    }
}
