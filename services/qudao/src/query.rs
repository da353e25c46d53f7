//! `qudao query`: the sales cube in a table or as JSON.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::bail;
use chrono::{Datelike as _, NaiveDate};
use clap::{Args, Subcommand, ValueEnum};
use proto::bi::v1::sales_query_service_client::SalesQueryServiceClient;
use proto::bi::v1::{
    Comparison, Grain, QuerySalesRequest, QuerySalesResponse, SalesDimension, SalesFigures,
    SalesFilter, SalesRow,
};
use serde::{Serialize, Serializer};

use crate::client::{ANSWER_LIMIT, Connection, failure, money, output};

#[derive(Subcommand)]
pub(crate) enum Query {
    /// Sales by region, dealer, product, period …
    Sales(Sales),
}

impl Query {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Sales(sales) => sales.run().await,
        }
    }
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao query sales                                   the total
  qudao query sales --by region
  qudao query sales --by month --from 2011-01-01 --to 2011-12-31 --compare year
  qudao query sales --by dealer --region us-west --limit 10
  qudao query sales --by category --by quarter --json | jq '.rows[].gross_minor'")]
pub(crate) struct Sales {
    /// What the rows are; give it up to three times to break down further
    #[arg(long, value_enum, value_name = "DIMENSION", value_delimiter = ',')]
    by: Vec<By>,
    /// First business date, YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    from: Option<NaiveDate>,
    /// Last business date, YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    to: Option<NaiveDate>,
    /// Compare with the period before (环比) or the same dates a year earlier (同比)
    #[arg(long, value_enum, requires = "from", requires = "to")]
    compare: Option<Compare>,
    /// Only this region and all below it
    #[arg(long, value_name = "ID")]
    region: Vec<String>,
    /// Only this dealer
    #[arg(long, value_name = "ID")]
    dealer: Vec<String>,
    /// Only this product
    #[arg(long, value_name = "ID")]
    product: Vec<String>,
    /// At most this many rows; the total always covers all
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "N")]
    limit: u32,
    /// Smallest first (滞销)
    #[arg(long)]
    ascending: bool,
    /// Wait until the cube has reached this position of the order log
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "POSITION")]
    min_position: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum By {
    Region,
    Dealer,
    Category,
    Product,
    Day,
    Week,
    Month,
    Quarter,
    Year,
    Order,
}

impl By {
    fn dimension(self) -> SalesDimension {
        match self {
            Self::Region => SalesDimension::Region,
            Self::Dealer => SalesDimension::Dealer,
            Self::Category => SalesDimension::Category,
            Self::Product => SalesDimension::Product,
            Self::Order => SalesDimension::Order,
            Self::Day | Self::Week | Self::Month | Self::Quarter | Self::Year => {
                SalesDimension::Period
            }
        }
    }

    fn grain(self) -> Option<Grain> {
        match self {
            Self::Day => Some(Grain::Day),
            Self::Week => Some(Grain::Week),
            Self::Month => Some(Grain::Month),
            Self::Quarter => Some(Grain::Quarter),
            Self::Year => Some(Grain::Year),
            Self::Region | Self::Dealer | Self::Category | Self::Product | Self::Order => None,
        }
    }

    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Compare {
    Previous,
    Year,
}

impl Sales {
    async fn run(self) -> anyhow::Result<ExitCode> {
        failure::tell_as_json(self.json);
        let request = self.request()?;
        let session = self.connection.open().await?.one_trace();
        let answer = SalesQueryServiceClient::new(session.wire())
            .max_decoding_message_size(ANSWER_LIMIT)
            .query_sales(request)
            .await?
            .into_inner();
        let answer = Answer::new(&self.by, answer);
        if self.json {
            output::json(&answer)?;
        } else {
            output::text(&answer.table())?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn request(&self) -> anyhow::Result<QuerySalesRequest> {
        let grains: Vec<Grain> = self.by.iter().filter_map(|by| by.grain()).collect();
        if grains.len() > 1 {
            bail!("only one of day, week, month, quarter and year can be asked for at once");
        }
        if self.by.len() > 3 {
            bail!("at most three --by at once");
        }
        let filters = [
            (SalesDimension::Region, &self.region),
            (SalesDimension::Dealer, &self.dealer),
            (SalesDimension::Product, &self.product),
        ];
        Ok(QuerySalesRequest {
            dimensions: self.by.iter().map(|by| by.dimension().into()).collect(),
            filters: filters
                .into_iter()
                .filter(|(_, ids)| !ids.is_empty())
                .map(|(dimension, ids)| SalesFilter {
                    dimension: dimension.into(),
                    ids: ids.clone(),
                })
                .collect(),
            from_date: date(self.from),
            to_date: date(self.to),
            grain: grains.first().copied().unwrap_or_default().into(),
            comparison: self.compare.map_or(Comparison::Unspecified, Comparison::from).into(),
            ascending: self.ascending,
            limit: self.limit,
            min_position: self.min_position,
            ..Default::default()
        })
    }
}

/// As the rpcs write dates; empty for none.
pub(crate) fn date(date: Option<NaiveDate>) -> String {
    date.map(|date| date.to_string()).unwrap_or_default()
}

impl From<Compare> for Comparison {
    fn from(compare: Compare) -> Self {
        match compare {
            Compare::Previous => Self::PreviousPeriod,
            Compare::Year => Self::PreviousYear,
        }
    }
}

/// The answer as it is printed.
#[derive(Serialize)]
struct Answer {
    rows: Vec<Row>,
    total: Row,
    row_count: u64,
    currency: String,
    freshness: Option<Freshness>,
    first_date: String,
    last_date: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    compared_from_date: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    compared_to_date: String,
    #[serde(skip)]
    by: Vec<String>,
}

#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    keys: BTreeMap<String, Key>,
    #[serde(flatten)]
    figures: Figures,
    #[serde(skip_serializing_if = "Option::is_none")]
    compared: Option<Figures>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
struct Figures {
    gross_minor: i64,
    quantity: i64,
    orders: i64,
    average_order_minor: i64,
    off_minor: i64,
}

/// A period is told by its first day, anything else by id and name.
enum Key {
    Period { id: String, grain: Grain },
    Thing { id: String, name: String },
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Period { id, .. } => serializer.serialize_str(id),
            Self::Thing { id, name } => {
                serializer.collect_map([("id", id.as_str()), ("name", name.as_str())])
            }
        }
    }
}

impl Key {
    /// As people say it; an order has only its dealer's name, so its id goes first.
    fn title(&self, by: &str) -> String {
        match self {
            Self::Period { id, grain } => period(id, *grain),
            Self::Thing { id, name } if by == "order" => format!("{id} {name}"),
            Self::Thing { id, name } if name.is_empty() => id.clone(),
            Self::Thing { name, .. } => name.clone(),
        }
    }
}

/// How far the cube had got.
#[derive(Serialize)]
pub(crate) struct Freshness {
    position: u64,
    event_time: String,
    applied_at: String,
}

impl From<proto::common::v1::Freshness> for Freshness {
    fn from(from: proto::common::v1::Freshness) -> Self {
        Self { position: from.position, event_time: from.event_time, applied_at: from.applied_at }
    }
}

impl From<SalesFigures> for Figures {
    fn from(from: SalesFigures) -> Self {
        Self {
            gross_minor: from.gross_minor,
            quantity: from.quantity,
            orders: from.orders,
            average_order_minor: from.average_order_minor,
            off_minor: from.off_minor,
        }
    }
}

impl Row {
    fn new(by: &[By], row: SalesRow) -> Self {
        let keys = by.iter().zip(row.keys).map(|(by, key)| {
            let (id, name) = (key.id, key.name);
            let key = match by.grain() {
                Some(grain) => Key::Period { id, grain },
                None => Key::Thing { id, name },
            };
            (by.name(), key)
        });
        Self {
            keys: keys.collect(),
            figures: row.figures.unwrap_or_default().into(),
            compared: row.compared.map(Figures::from),
        }
    }
}

impl Answer {
    fn new(by: &[By], answer: QuerySalesResponse) -> Self {
        let total = answer.total.unwrap_or_default();
        let rows = if by.is_empty() { vec![total.clone()] } else { answer.rows };
        Self {
            rows: rows.into_iter().map(|row| Row::new(by, row)).collect(),
            total: Row::new(&[], total),
            row_count: answer.row_count,
            currency: answer.currency_code,
            freshness: answer.freshness.map(Freshness::from),
            first_date: answer.first_date,
            last_date: answer.last_date,
            compared_from_date: answer.compared_from_date,
            compared_to_date: answer.compared_to_date,
            by: by.iter().map(|by| by.name()).collect(),
        }
    }

    fn table(&self) -> String {
        let gross = format!(">gross {}", self.currency);
        let mut columns: Vec<&str> = self.by.iter().map(String::as_str).collect();
        columns.extend([gross.as_str(), ">quantity", ">orders", ">average order"]);
        if self.total.compared.is_some() {
            columns.extend([">compared", ">change"]);
        }
        let detail = if self.by.is_empty() { &[] } else { self.rows.as_slice() };
        let rows = detail.iter().map(|row| self.cells(row, None));
        let total = self.cells(&self.total, Some("total"));
        let mut text = output::lines(&output::table(&columns, rows.chain([total])));
        if detail.len() < usize::try_from(self.row_count).unwrap_or(usize::MAX)
            && !self.by.is_empty()
        {
            text.push_str(&output::faint(&format!(
                "\n{} of {} rows; the total covers all",
                detail.len(),
                self.row_count
            )));
        }
        text
    }

    fn cells(&self, row: &Row, title: Option<&str>) -> Vec<String> {
        let mut cells: Vec<String> = match title {
            Some(title) => {
                let titles = std::iter::once(title).chain(std::iter::repeat(""));
                titles.take(self.by.len()).map(str::to_owned).collect()
            }
            None => {
                let title = |by: &String| Some(row.keys.get(by)?.title(by));
                self.by.iter().map(|by| title(by).unwrap_or_default()).collect()
            }
        };
        let Figures { gross_minor, quantity, orders, average_order_minor, .. } = row.figures;
        cells.push(money::format(gross_minor, &self.currency));
        cells.push(money::count(quantity));
        cells.push(money::count(orders));
        cells.push(money::format(average_order_minor, &self.currency));
        if let Some(compared) = row.compared {
            cells.push(money::format(compared.gross_minor, &self.currency));
            cells.push(change(compared.gross_minor, gross_minor));
        }
        cells
    }
}

/// `2011-04-01` is `2011-04` among months, `2011-Q2` among quarters.
fn period(first_day: &str, grain: Grain) -> String {
    let Ok(day) = first_day.parse::<NaiveDate>() else { return first_day.to_owned() };
    match grain {
        Grain::Unspecified | Grain::Day => first_day.to_owned(),
        Grain::Week => day.format("%G-W%V").to_string(),
        Grain::Month => day.format("%Y-%m").to_string(),
        Grain::Quarter => format!("{}-Q{}", day.year(), day.month0() / 3 + 1),
        Grain::Year => day.year().to_string(),
    }
}

/// `+12.3%`; a dash when there was nothing to compare with.
fn change(before: i64, now: i64) -> String {
    if before == 0 {
        return "–".to_owned();
    }
    let difference = (i128::from(now) - i128::from(before)) * 1000;
    let base = i128::from(before).abs();
    let tenths = (difference + difference.signum() * base / 2) / base;
    let sign = if tenths < 0 { '-' } else { '+' };
    format!("{sign}{}.{}%", tenths.abs() / 10, tenths.abs() % 10)
}

#[cfg(test)]
#[path = "query/tests.rs"]
mod tests;
