//! Orders in print.

use proto::order::v1::{GetOrderResponse, OrderLine, OrderPromotion, OrderStatus, OrderSummary};
use serde::Serialize;

use crate::client::{failure, money, output};
use crate::query::Freshness;

use super::payment::Payment;

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
    off_minor: i64,
    net_minor: i64,
    closed_net_minor: i64,
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
    short_closed_reason: String,
    region_names: Vec<String>,
    promotions: Vec<Applied>,
    payment: Option<Payment>,
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
    off_minor: i64,
    #[serde(skip_serializing_if = "String::is_empty")]
    gift_promotion_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    instead_of_product_id: String,
    shipped: i64,
    received: i64,
    closed_quantity: i64,
    closed_net_minor: i64,
}

/// A promotion that the order was given.
#[derive(Serialize)]
struct Applied {
    promotion_id: String,
    name: String,
    times: u32,
    off_minor: i64,
}

impl From<OrderPromotion> for Applied {
    fn from(from: OrderPromotion) -> Self {
        let OrderPromotion { promotion_id, name, times, off_minor } = from;
        Self { promotion_id, name, times, off_minor }
    }
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
            off_minor: from.off_minor,
            net_minor: from.net_minor,
            closed_net_minor: from.closed_net_minor,
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
            off_minor: from.off_minor,
            gift_promotion_id: from.gift_promotion_id,
            instead_of_product_id: from.instead_of_product_id,
            shipped: from.shipped,
            received: from.received,
            closed_quantity: from.closed_quantity,
            closed_net_minor: from.closed_net_minor,
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
        OrderStatus::OnHold => "on-hold",
        OrderStatus::AwaitingPayment => "awaiting-payment",
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
        "on-hold" => "信用冻结",
        "awaiting-payment" => "待付款",
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
            format!("{} {}", money::format(order.net_minor, &order.currency), order.currency),
        ]
    });
    let columns = ["order", "date", "status", "dealer", "region", ">quantity", ">net"];
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
        short_closed_reason: order.short_closed_reason,
        region_names: order.region_names,
        promotions: order.promotions.into_iter().map(Applied::from).collect(),
        payment: order.payment.map(Payment::from),
        freshness: order.freshness.map(Freshness::from),
    };
    if json { output::json(&detail) } else { output::text(&page(detail)) }
}

fn page(detail: Detail) -> String {
    let text = head(&detail);
    let Detail { summary, lines, .. } = detail;
    let currency = summary.currency;
    // Most orders have no closed part, and no column for it.
    let short = lines.iter().any(|line| line.closed_quantity > 0);
    let rows = lines.iter().map(|line| {
        let gift = if line.gift_promotion_id.is_empty() { "" } else { " (gift)" };
        let net = line.gross_minor - line.off_minor - line.closed_net_minor;
        let mut row = vec![
            line.line_no.to_string(),
            format!("{}{gift}", line.product_name),
            format!("{} {}", money::count(line.quantity), line.base_unit),
            money::format(line.unit_price_minor, &currency),
            money::format(line.gross_minor, &currency),
            money::format(net, &currency),
            money::count(line.shipped),
            money::count(line.received),
        ];
        row.extend(short.then(|| money::count(line.closed_quantity)));
        row
    });
    let [gross, net] = [">gross", ">net"].map(|title| format!("{title} {currency}"));
    let mut columns =
        vec![">line", "product", ">quantity", ">unit price", &gross, &net, ">shipped", ">received"];
    columns.extend(short.then_some(">closed"));
    let mut total = vec![String::new(); columns.len()];
    total[1] = "total".to_owned();
    total[2] = money::count(summary.quantity);
    total[4] = money::format(summary.gross_minor, &currency);
    total[5] = money::format(summary.net_minor, &currency);
    let table = output::table(&columns, rows.chain([total]));
    format!("{text}\n\n{}", output::lines(&table))
}

/// What stands above the lines.
fn head(detail: &Detail) -> String {
    let Detail { summary, promotions, payment, .. } = detail;
    let currency = &summary.currency;
    let mut text = format!(
        "{}  {}  {}  (version {})\n{} · {}",
        summary.order_id,
        summary.business_date,
        status_title(summary.status, failure::locale()),
        summary.version,
        summary.dealer_name,
        detail.region_names.join(" › "),
    );
    let words = [
        ("note", &detail.note),
        ("cancelled because", &detail.cancel_reason),
        ("closed short because", &detail.short_closed_reason),
    ];
    for (title, value) in words {
        if !value.is_empty() {
            text.push_str(&format!("\n{title}: {value}"));
        }
    }
    for it in promotions {
        let off = match it.off_minor {
            0 => String::new(),
            off => format!(", −{}", money::format(off, currency)),
        };
        text.push_str(&format!(
            "\npromotion: {} ({}) × {}{off}",
            it.name, it.promotion_id, it.times
        ));
    }
    if let Some(paid) = payment {
        text.push_str(&format!("\npaid: {}", paid.shown(currency)));
    }
    text
}
