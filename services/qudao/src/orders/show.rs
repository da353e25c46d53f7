//! Orders in print.

use proto::order::v1::{GetOrderResponse, OrderLine, OrderStatus, OrderSummary};
use serde::Serialize;

use crate::client::{failure, money, output};
use crate::query::Freshness;

#[derive(Serialize)]
struct Summary {
    order_id: String,
    business_date: String,
    dealer_id: String,
    dealer_name: String,
    region_name: String,
    status: &'static str,
    line_count: u32,
    quantity: i64,
    gross_minor: i64,
    currency: String,
    submitted_at: String,
    version: u64,
}

#[derive(Serialize)]
struct Detail {
    #[serde(flatten)]
    summary: Summary,
    lines: Vec<Line>,
    note: String,
    cancel_reason: String,
    region_names: Vec<String>,
    freshness: Option<Freshness>,
}

#[derive(Serialize)]
struct Line {
    line_no: u32,
    product_id: String,
    product_name: String,
    base_unit: String,
    quantity: i64,
    unit_price_minor: i64,
    gross_minor: i64,
    shipped: i64,
    received: i64,
}

#[derive(Serialize)]
struct OrderList {
    orders: Vec<Summary>,
    total: u64,
}

impl From<OrderSummary> for Summary {
    fn from(from: OrderSummary) -> Self {
        Self {
            status: status_name(from.status()),
            order_id: from.order_id,
            business_date: from.business_date,
            dealer_id: from.dealer_id,
            dealer_name: from.dealer_name,
            region_name: from.region_name,
            line_count: from.line_count,
            quantity: from.quantity,
            gross_minor: from.gross_minor,
            currency: from.currency_code,
            submitted_at: from.submitted_at,
            version: from.version,
        }
    }
}

impl From<OrderLine> for Line {
    fn from(from: OrderLine) -> Self {
        Self {
            line_no: from.line_no,
            product_id: from.product_id,
            product_name: from.product_name,
            base_unit: from.base_unit,
            quantity: from.quantity,
            unit_price_minor: from.unit_price_minor,
            gross_minor: from.gross_minor,
            shipped: from.shipped,
            received: from.received,
        }
    }
}

/// The status as scripts know it, and as `--status` takes it.
fn status_name(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Unspecified => "unknown",
        OrderStatus::Submitted => "submitted",
        OrderStatus::Confirmed => "confirmed",
        OrderStatus::PartlyShipped => "partly-shipped",
        OrderStatus::Shipped => "shipped",
        OrderStatus::PartlyReceived => "partly-received",
        OrderStatus::Received => "received",
        OrderStatus::Cancelled => "cancelled",
    }
}

/// The status as people know it.
fn status_title(name: &'static str, locale: &str) -> &'static str {
    if locale != "zh-CN" {
        return name;
    }
    match name {
        "submitted" => "待审核",
        "confirmed" => "备货中",
        "partly-shipped" => "部分发货",
        "shipped" => "已发货",
        "partly-received" => "部分签收",
        "received" => "已签收",
        "cancelled" => "已取消",
        other => other,
    }
}

pub(crate) fn list(orders: Vec<OrderSummary>, total: u64, json: bool) -> anyhow::Result<()> {
    let orders: Vec<Summary> = orders.into_iter().map(Summary::from).collect();
    if json {
        return output::json(&OrderList { orders, total });
    }
    let shown = orders.len();
    let rows = orders.into_iter().map(|order| {
        vec![
            order.order_id,
            order.business_date,
            status_title(order.status, failure::locale()).to_owned(),
            order.dealer_name,
            order.region_name,
            money::count(order.quantity),
            format!("{} {}", money::format(order.gross_minor, &order.currency), order.currency),
        ]
    });
    let columns = ["order", "date", "status", "dealer", "region", ">quantity", ">gross"];
    output::text(&output::lines(&output::table(&columns, rows)))?;
    eprintln!("{}", output::dim(&format!("{shown} of {total} orders")));
    Ok(())
}

pub(crate) fn order(order: GetOrderResponse, json: bool) -> anyhow::Result<()> {
    let detail = Detail {
        summary: order.summary.unwrap_or_default().into(),
        lines: order.lines.into_iter().map(Line::from).collect(),
        note: order.note,
        cancel_reason: order.cancel_reason,
        region_names: order.region_names,
        freshness: order.freshness.map(Freshness::from),
    };
    if json { output::json(&detail) } else { output::text(&page(detail)) }
}

fn page(detail: Detail) -> String {
    let Detail { summary, lines, note, cancel_reason, region_names, .. } = detail;
    let currency = summary.currency;
    let mut text = format!(
        "{}  {}  {}  (version {})\n{} · {}",
        summary.order_id,
        summary.business_date,
        status_title(summary.status, failure::locale()),
        summary.version,
        summary.dealer_name,
        region_names.join(" › "),
    );
    for (title, value) in [("note", note), ("cancelled because", cancel_reason)] {
        if !value.is_empty() {
            text.push_str(&format!("\n{title}: {value}"));
        }
    }
    let rows = lines.into_iter().map(|line| {
        vec![
            line.line_no.to_string(),
            line.product_name,
            format!("{} {}", money::count(line.quantity), line.base_unit),
            money::format(line.unit_price_minor, &currency),
            money::format(line.gross_minor, &currency),
            money::count(line.shipped),
            money::count(line.received),
        ]
    });
    let mut total = vec![String::new(); 7];
    total[1] = "total".to_owned();
    total[2] = money::count(summary.quantity);
    total[4] = money::format(summary.gross_minor, &currency);
    let gross = format!(">gross {currency}");
    let columns = [">line", "product", ">quantity", ">unit price", &gross, ">shipped", ">received"];
    let table = output::table(&columns, rows.chain([total]));
    format!("{text}\n\n{}", output::lines(&table))
}
