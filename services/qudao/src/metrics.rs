//! `qudao metrics`: how well orders go, in a table or as JSON.

use std::process::ExitCode;

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use proto::bi::v1::order_metrics_query_service_client::OrderMetricsQueryServiceClient;
use proto::bi::v1::{
    CycleTime, DaysSalesOutstanding, GetOrderMetricsRequest, GetOrderMetricsResponse, MetricsGroup,
    OrderMetrics, OrderMetricsRow, Satisfaction,
};
use serde::Serialize;

use crate::client::{ANSWER_LIMIT, Connection, failure, money, output};
use crate::query::{Freshness, date};

#[derive(Args)]
#[command(after_help = "Examples:
  qudao metrics                                       the figures of all orders
  qudao metrics --from 2026-11-01 --to 2026-11-30 --by region
  qudao metrics --region east --by dealer --limit 20
  qudao metrics --by day --json | jq '.rows[] | [.id, .release.p90_milliseconds]'

Times are from the submission of an order until it was released and until goods of it left; what
each figure is stands in docs/metrics.md.")]
pub(crate) struct Metrics {
    /// What the rows are
    #[arg(long, value_enum)]
    by: Option<By>,
    /// First business date, YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    from: Option<NaiveDate>,
    /// Last business date, YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    to: Option<NaiveDate>,
    /// Only this region and all below it
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ID")]
    region: String,
    /// Only this dealer
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ID")]
    dealer: String,
    /// At most this many rows; the total always covers all
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "N")]
    limit: u32,
    /// Wait until the figures have reached this position of the order log
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "POSITION")]
    min_position: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Clone, Copy, ValueEnum)]
enum By {
    Region,
    Dealer,
    Day,
}

impl From<By> for MetricsGroup {
    fn from(by: By) -> Self {
        match by {
            By::Region => Self::Region,
            By::Dealer => Self::Dealer,
            By::Day => Self::Day,
        }
    }
}

impl Metrics {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        failure::tell_as_json(self.json);
        let asked = GetOrderMetricsRequest {
            from_date: date(self.from),
            to_date: date(self.to),
            region_id: self.region,
            dealer_id: self.dealer,
            group_by: self.by.map_or(MetricsGroup::Unspecified, MetricsGroup::from).into(),
            limit: self.limit,
            min_position: self.min_position,
        };
        let session = self.connection.open().await?.one_trace();
        let answer = OrderMetricsQueryServiceClient::new(session.wire())
            .max_decoding_message_size(ANSWER_LIMIT)
            .get_order_metrics(asked)
            .await?
            .into_inner();
        let answer = Answer::from(answer);
        match self.json {
            true => output::json(&answer)?,
            false => output::text(&answer.table(self.by))?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The answer as it is printed.
#[derive(Serialize)]
struct Answer {
    total: Figures,
    rows: Vec<Row>,
    row_count: u64,
    first_date: String,
    last_date: String,
    freshness: Option<Freshness>,
}

#[derive(Serialize)]
struct Row {
    id: String,
    name: String,
    #[serde(flatten)]
    figures: Figures,
}

/// As the rpc names them.
#[derive(Serialize)]
struct Figures {
    orders: i64,
    waiting_orders: i64,
    release: Cycle,
    within_two_hours: i64,
    within_two_hours_ppm: i64,
    shipping: Cycle,
    received_lines: i64,
    corrected_lines: i64,
    accuracy_ppm: i64,
    touch_free_orders: i64,
    touch_free_ppm: i64,
    delivered_orders: i64,
    ordered_quantity: i64,
    shipped_quantity: i64,
    fill_rate_ppm: i64,
    dealers: i64,
    orders_per_dealer_30_days_x100: i64,
    delivery_satisfaction: Content,
    after_sale_satisfaction: Content,
    #[serde(skip_serializing_if = "Option::is_none")]
    days_sales_outstanding: Option<Outstanding>,
}

#[derive(Serialize)]
struct Cycle {
    orders: i64,
    p50_milliseconds: i64,
    p90_milliseconds: i64,
    p99_milliseconds: i64,
}

#[derive(Serialize)]
struct Content {
    answers: i64,
    goods_x100: i64,
    service_x100: i64,
}

#[derive(Serialize)]
struct Outstanding {
    known: bool,
    days_x10: i64,
    receivable_minor: i64,
    delivered_minor: i64,
    window_days: i64,
    currency_code: String,
}

impl From<GetOrderMetricsResponse> for Answer {
    fn from(from: GetOrderMetricsResponse) -> Self {
        Self {
            total: from.total.unwrap_or_default().into(),
            rows: from.rows.into_iter().map(Row::from).collect(),
            row_count: from.row_count,
            first_date: from.first_date,
            last_date: from.last_date,
            freshness: from.freshness.map(Freshness::from),
        }
    }
}

impl From<OrderMetricsRow> for Row {
    fn from(from: OrderMetricsRow) -> Self {
        let figures = from.metrics.unwrap_or_default().into();
        Self { id: from.id, name: from.name, figures }
    }
}

impl From<OrderMetrics> for Figures {
    fn from(from: OrderMetrics) -> Self {
        let accuracy = from.accuracy.unwrap_or_default();
        let fill_rate = from.fill_rate.unwrap_or_default();
        Self {
            orders: from.orders,
            waiting_orders: from.waiting_orders,
            release: from.release.unwrap_or_default().into(),
            within_two_hours: from.within_two_hours,
            within_two_hours_ppm: from.within_two_hours_ppm,
            shipping: from.shipping.unwrap_or_default().into(),
            received_lines: accuracy.received_lines,
            corrected_lines: accuracy.corrected_lines,
            accuracy_ppm: accuracy.accuracy_ppm,
            touch_free_orders: from.touch_free_orders,
            touch_free_ppm: from.touch_free_ppm,
            delivered_orders: fill_rate.orders,
            ordered_quantity: fill_rate.ordered_quantity,
            shipped_quantity: fill_rate.shipped_quantity,
            fill_rate_ppm: fill_rate.fill_rate_ppm,
            dealers: from.dealers,
            orders_per_dealer_30_days_x100: from.orders_per_dealer_30_days_x100,
            delivery_satisfaction: from.delivery_satisfaction.unwrap_or_default().into(),
            after_sale_satisfaction: from.after_sale_satisfaction.unwrap_or_default().into(),
            days_sales_outstanding: from.days_sales_outstanding.map(Outstanding::from),
        }
    }
}

impl From<CycleTime> for Cycle {
    fn from(from: CycleTime) -> Self {
        let CycleTime { orders, p50_milliseconds, p90_milliseconds, p99_milliseconds } = from;
        Self { orders, p50_milliseconds, p90_milliseconds, p99_milliseconds }
    }
}

impl From<Satisfaction> for Content {
    fn from(Satisfaction { answers, goods_x100, service_x100 }: Satisfaction) -> Self {
        Self { answers, goods_x100, service_x100 }
    }
}

impl From<DaysSalesOutstanding> for Outstanding {
    fn from(from: DaysSalesOutstanding) -> Self {
        Self {
            known: from.known,
            days_x10: from.days_x10,
            receivable_minor: from.receivable_minor,
            delivered_minor: from.delivered_minor,
            window_days: from.window_days,
            currency_code: from.currency_code,
        }
    }
}

impl Answer {
    fn table(&self, by: Option<By>) -> String {
        let what = by.and_then(|by| by.to_possible_value());
        let mut columns = vec![what.as_ref().map_or("", |value| value.get_name())];
        columns.extend([
            ">orders",
            ">waiting",
            ">release p50",
            ">p90",
            ">p99",
            ">within 2 h",
            ">ship p50",
            ">p90",
            ">accuracy",
            ">touch-free",
            ">fill rate",
            ">per 30 days",
            ">goods",
            ">service",
            ">DSO days",
        ]);
        let title = |row: &Row| match row.name.as_str() {
            "" => row.id.clone(),
            name => name.to_owned(),
        };
        let rows = self.rows.iter().map(|row| row.figures.cells(title(row)));
        let rows = rows.chain([self.total.cells("total".to_owned())]);
        let mut text = output::lines(&output::table(&columns, rows));
        if self.rows.len() < usize::try_from(self.row_count).unwrap_or(usize::MAX) {
            let told =
                format!("\n{} of {} rows; the total covers all", self.rows.len(), self.row_count);
            text.push_str(&output::faint(&told));
        }
        text
    }
}

impl Figures {
    fn cells(&self, title: String) -> Vec<String> {
        let share = |whole: i64, ppm| if whole == 0 { dash() } else { percent(ppm) };
        let time = |cycle: &Cycle, time| if cycle.orders == 0 { dash() } else { duration(time) };
        let content = |told| match self.delivery_satisfaction.answers {
            0 => dash(),
            _ => decimal(told, 100, 2),
        };
        let outstanding = self.days_sales_outstanding.as_ref().filter(|it| it.known);
        let (release, shipping) = (&self.release, &self.shipping);
        vec![
            title,
            money::count(self.orders),
            money::count(self.waiting_orders),
            time(release, release.p50_milliseconds),
            time(release, release.p90_milliseconds),
            time(release, release.p99_milliseconds),
            share(release.orders, self.within_two_hours_ppm),
            time(shipping, shipping.p50_milliseconds),
            time(shipping, shipping.p90_milliseconds),
            share(self.received_lines, self.accuracy_ppm),
            share(release.orders, self.touch_free_ppm),
            share(self.ordered_quantity, self.fill_rate_ppm),
            decimal(self.orders_per_dealer_30_days_x100, 100, 2),
            content(self.delivery_satisfaction.goods_x100),
            content(self.delivery_satisfaction.service_x100),
            outstanding.map_or_else(dash, |it| decimal(it.days_x10, 10, 1)),
        ]
    }
}

/// What nothing can be said of.
fn dash() -> String {
    "–".to_owned()
}

/// `999012` is `99.90%`: rounded down, as the parts per million are.
fn percent(ppm: i64) -> String {
    format!("{}%", decimal(ppm / 100, 100, 2))
}

fn decimal(parts: i64, one: i64, digits: usize) -> String {
    format!("{}.{:0digits$}", money::count(parts / one), parts % one)
}

/// The two largest units of a time: `2d03h`, `1h05m`, `4m09s`, `12s`; `85ms` of a short one.
fn duration(milliseconds: i64) -> String {
    let seconds = milliseconds / 1_000;
    let (minutes, hours) = (seconds / 60, seconds / 3_600);
    match (hours / 24, hours, minutes, seconds) {
        (0, 0, 0, 0) => format!("{milliseconds}ms"),
        (0, 0, 0, seconds) => format!("{seconds}s"),
        (0, 0, minutes, seconds) => format!("{minutes}m{:02}s", seconds % 60),
        (0, hours, minutes, _) => format!("{hours}h{:02}m", minutes % 60),
        (days, hours, ..) => format!("{days}d{:02}h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_by_their_two_largest_units() {
        let told = [85, 12_999, 249_000, 3_900_000, 183_600_000].map(duration);
        assert_eq!(told, ["85ms", "12s", "4m09s", "1h05m", "2d03h"]);
    }

    #[test]
    fn a_share_is_never_told_better_than_it_is() {
        assert_eq!(percent(999_999), "99.99%");
        assert_eq!(percent(1_000_000), "100.00%");
        assert_eq!(percent(0), "0.00%");
    }

    #[test]
    fn of_nothing_nothing_is_told() {
        let rows =
            vec![OrderMetricsRow { name: "华东".to_owned(), ..OrderMetricsRow::default() }];
        let answer = GetOrderMetricsResponse { rows, row_count: 3, ..Default::default() };
        let text = Answer::from(answer).table(Some(By::Region));
        assert!(text.contains("华东") && text.contains("1 of 3 rows"), "{text}");
        let total = text.lines().find(|line| line.starts_with("total")).unwrap();
        assert_eq!(total.matches('–').count(), 12, "{total}");
    }
}
