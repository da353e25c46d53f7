//! What can be said to `qudao orders`.

use std::str::FromStr;

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use proto::order::v1::{
    DifferenceKind, LineDifference, LineQuantity, ListOrdersRequest, OrderStatus, PaymentChoice,
    QuoteOrderLine, QuoteOrderRequest, SubmitOrderLine, SubmitOrderRequest,
};

use crate::client::Connection;
use crate::query::date;

#[derive(Args)]
#[command(after_help = "Examples:
  qudao orders list --status submitted
  qudao orders list --dealer kansas-city-29ers --from 2011-06-01 --json")]
pub(crate) struct List {
    /// Part of the order id, the dealer's name or a product's name
    #[arg(long, default_value = "", hide_default_value = true)]
    search: String,
    /// Only orders in this status; may be repeated
    #[arg(long = "status", value_enum)]
    statuses: Vec<Status>,
    /// Only this dealer
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ID")]
    dealer: String,
    /// Only dealers in this region and below
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ID")]
    region: String,
    /// Only orders with this product
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ID")]
    product: String,
    /// First business date, YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    from: Option<NaiveDate>,
    /// Last business date, YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    to: Option<NaiveDate>,
    /// Only orders that wait longer than the order rules say
    #[arg(long)]
    stuck: bool,
    /// Only orders that wait for goods
    #[arg(long)]
    waits_for_goods: bool,
    /// At most this many orders
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub(crate) limit: usize,
    /// Wait until the list has reached this position of the order log
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "POSITION")]
    min_position: u64,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

impl List {
    pub(crate) fn filter(&self) -> ListOrdersRequest {
        ListOrdersRequest {
            page: None,
            search: self.search.clone(),
            statuses: self
                .statuses
                .iter()
                .map(|&status| OrderStatus::from(status).into())
                .collect(),
            dealer_id: self.dealer.clone(),
            region_id: self.region.clone(),
            product_id: self.product.clone(),
            from_date: date(self.from),
            to_date: date(self.to),
            min_position: self.min_position,
            stuck: self.stuck,
            waits_for_goods: self.waits_for_goods,
            ..Default::default()
        }
    }
}

/// The status of an order as it is typed.
#[derive(Clone, Copy, ValueEnum)]
enum Status {
    Submitted,
    Confirmed,
    PartlyShipped,
    Shipped,
    PartlyReceived,
    Received,
    Cancelled,
    OnHold,
    AwaitingPayment,
}

impl From<Status> for OrderStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Submitted => Self::Submitted,
            Status::Confirmed => Self::Confirmed,
            Status::PartlyShipped => Self::PartlyShipped,
            Status::Shipped => Self::Shipped,
            Status::PartlyReceived => Self::PartlyReceived,
            Status::Received => Self::Received,
            Status::Cancelled => Self::Cancelled,
            Status::OnHold => Self::OnHold,
            Status::AwaitingPayment => Self::AwaitingPayment,
        }
    }
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao orders show SO-000001
  qudao orders show SO-000001 --json | jq .lines")]
pub(crate) struct Show {
    /// Id of the order
    #[arg(value_name = "ORDER")]
    pub(crate) order: String,
    /// Wait until the order has reached this position of the order log
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "POSITION")]
    pub(crate) min_position: u64,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao orders submit --dealer kansas-city-29ers --line trail-1=2 --line habit-4=1
  qudao orders submit --dealer kansas-city-29ers --line trail-1=2@320000 --note 急 --json
  qudao orders submit --dealer kansas-city-29ers --line trail-1=2 --without credit")]
pub(crate) struct Submit {
    /// Who orders
    #[arg(long, value_name = "ID")]
    dealer: String,
    /// What: product and base units, with @MINOR the unit price seen, in the smallest unit
    #[arg(long = "line", required = true, value_name = "PRODUCT=QUANTITY[@MINOR]")]
    lines: Vec<OrderedLine>,
    /// Id of the new order [default: the system numbers it]
    #[arg(long, default_value = "", hide_default_value = true)]
    id: String,
    /// Business day of an order that was placed elsewhere earlier, YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    date: Option<NaiveDate>,
    /// What it costs after all discounts as you saw it, in the smallest unit; refused when it is
    /// something else by now
    #[arg(long, value_name = "MINOR")]
    net: Option<i64>,
    /// The fingerprint of the quote that you saw; refused when it costs or includes something else
    #[arg(long, default_value = "", hide_default_value = true, value_name = "FINGERPRINT")]
    quote: String,
    /// A word to the brand
    #[arg(long, default_value = "", hide_default_value = true)]
    note: String,
    /// The cart that becomes the order, and ends by that
    #[arg(long, default_value = "", hide_default_value = true, value_name = "CART")]
    cart: String,
    /// Pay it without this; may be repeated
    #[arg(long, value_enum)]
    without: Vec<Means>,
    /// Whether what is not there may wait for more [default: as the order rules say]
    #[arg(long, value_name = "true|false")]
    back_order: Option<bool>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

impl Submit {
    pub(crate) fn request(&self) -> SubmitOrderRequest {
        SubmitOrderRequest {
            request_id: String::new(),
            expected_version: None,
            order_id: self.id.clone(),
            dealer_id: self.dealer.clone(),
            lines: self.lines.iter().map(|line| line.0.clone()).collect(),
            business_date: date(self.date),
            note: self.note.clone(),
            net_minor: self.net,
            quote_fingerprint: self.quote.clone(),
            payment: choice(&self.without),
            cart_id: self.cart.clone(),
            cart_version: None,
            back_order: self.back_order,
        }
    }
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao orders quote --dealer kansas-city-29ers --line trail-1=2 --line habit-4=1
  qudao orders quote --dealer kansas-city-29ers --line trail-1=2 --on 2026-12-24 --json")]
pub(crate) struct Quote {
    /// Who would order
    #[arg(long, value_name = "ID")]
    dealer: String,
    /// What: product and base units
    #[arg(long = "line", required = true, value_name = "PRODUCT=QUANTITY", value_parser = asked_line)]
    lines: Vec<OrderedLine>,
    /// The day whose prices, range and promotions count, YYYY-MM-DD [default: today]
    #[arg(long, value_name = "DATE")]
    on: Option<NaiveDate>,
    /// Pay it without this; may be repeated
    #[arg(long, value_enum)]
    without: Vec<Means>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

impl Quote {
    pub(crate) fn request(&self) -> QuoteOrderRequest {
        let line = |OrderedLine(line): &OrderedLine| QuoteOrderLine {
            product_id: line.product_id.clone(),
            quantity: line.quantity,
        };
        QuoteOrderRequest {
            dealer_id: self.dealer.clone(),
            lines: self.lines.iter().map(line).collect(),
            on_date: date(self.on),
            payment: choice(&self.without),
        }
    }
}

/// What an order can be paid from.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Means {
    Rebate,
    Prepaid,
    Credit,
}

/// From what it is to be paid; from everything, when nothing is left out.
fn choice(without: &[Means]) -> Option<PaymentChoice> {
    let left_out = |means| without.contains(&means);
    (!without.is_empty()).then(|| PaymentChoice {
        without_rebate: left_out(Means::Rebate),
        without_prepaid: left_out(Means::Prepaid),
        without_credit: left_out(Means::Credit),
    })
}

/// One `--line` of a quote, which is asked what it costs.
fn asked_line(text: &str) -> Result<OrderedLine, String> {
    let line: OrderedLine = text.parse()?;
    match line.0.unit_price_minor {
        None => Ok(line),
        Some(_) => Err("a quote tells the price; leave @MINOR out".to_owned()),
    }
}

/// One `--line` of an order.
#[derive(Clone, Debug, PartialEq)]
struct OrderedLine(SubmitOrderLine);

impl FromStr for OrderedLine {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (product, rest) =
            text.split_once('=').ok_or("write PRODUCT=QUANTITY, for example trail-1=2")?;
        let (quantity, price) = match rest.split_once('@') {
            Some((quantity, price)) => (quantity, Some(price)),
            None => (rest, None),
        };
        Ok(Self(SubmitOrderLine {
            product_id: product.to_owned(),
            quantity: positive(quantity)?,
            unit_price_minor: price
                .map(|price| price.parse().map_err(|_| format!("{price} is not a whole price")))
                .transpose()?,
        }))
    }
}

fn positive(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(format!("{text} is not a whole number above 0")),
    }
}

/// Some of one line, for shipping and receiving.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MovedLine(LineQuantity);

impl FromStr for MovedLine {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (line, quantity) =
            text.split_once('=').ok_or("write LINE=QUANTITY, for example 1=2")?;
        Ok(Self(LineQuantity { line_no: positive(line)?, quantity: positive(quantity)? }))
    }
}

impl From<MovedLine> for LineQuantity {
    fn from(line: MovedLine) -> Self {
        line.0
    }
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao orders confirm SO-000001
  qudao orders confirm SO-000001 --version 1 --json")]
pub(crate) struct Move {
    /// Id of the order
    #[arg(value_name = "ORDER")]
    pub(crate) order: String,
    /// Only when the order still has this version
    #[arg(long, value_name = "N")]
    pub(crate) version: Option<u64>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao orders ship SO-000001
  qudao orders ship SO-000001 --line 1=2 --line 2=1")]
pub(crate) struct MoveGoods {
    /// Number of a line and base units; may be repeated
    #[arg(long = "line", value_name = "LINE=QUANTITY")]
    pub(crate) lines: Vec<MovedLine>,
    #[command(flatten)]
    pub(crate) moved: Move,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao orders receive SO-000001 --json
  qudao orders receive SO-000001 --differs 1=24:damaged:纸箱湿了 --differs 2=1:short")]
pub(crate) struct Receive {
    /// What did not arrive as it was shipped: line, base units, `short`, `damaged` or `wrong-goods`,
    /// and in words; may be repeated. It makes an after-sale case
    #[arg(long = "differs", value_name = "LINE=QUANTITY:KIND[:NOTE]")]
    pub(crate) differences: Vec<DifferingLine>,
    #[command(flatten)]
    pub(crate) goods: MoveGoods,
}

/// Some of one line that did not arrive as it was shipped.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DifferingLine(LineDifference);

impl FromStr for DifferingLine {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let usage = "write LINE=QUANTITY:KIND, for example 1=24:damaged";
        let (line, rest) = text.split_once('=').ok_or(usage)?;
        let (quantity, rest) = rest.split_once(':').ok_or(usage)?;
        let (kind, note) = rest.split_once(':').unwrap_or((rest, ""));
        let kind = match kind {
            "short" => DifferenceKind::Short,
            "damaged" => DifferenceKind::Damaged,
            "wrong-goods" => DifferenceKind::WrongGoods,
            _ => return Err(format!("{kind} is not short, damaged or wrong-goods")),
        };
        let (line_no, quantity) = (positive(line)?, positive(quantity)?);
        Ok(Self(LineDifference { line_no, kind: kind.into(), quantity, note: note.to_owned() }))
    }
}

impl From<DifferingLine> for LineDifference {
    fn from(line: DifferingLine) -> Self {
        line.0
    }
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao orders rate SO-000001 --goods 5 --service 4 --comment 送货及时")]
pub(crate) struct Rate {
    /// With the goods, from 1 to 5
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=5))]
    pub(crate) goods: u32,
    /// With the service, from 1 to 5
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=5))]
    pub(crate) service: u32,
    /// In words
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) comment: String,
    #[command(flatten)]
    pub(crate) moved: Move,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao orders cancel SO-000001 --reason 客户改单")]
pub(crate) struct Cancel {
    /// Why; kept in the history
    #[arg(long)]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) moved: Move,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao orders close-short SO-000001 --reason 工厂停产")]
pub(crate) struct CloseShort {
    /// Why; kept in the history
    #[arg(long)]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) moved: Move,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_product_and_quantity_and_maybe_the_price_seen() {
        let OrderedLine(line) = "trail-1=2@320000".parse().unwrap();
        assert_eq!((line.product_id.as_str(), line.quantity), ("trail-1", 2));
        assert_eq!(line.unit_price_minor, Some(320_000));
        for bad in ["trail-1", "trail-1=0", "trail-1=-1", "trail-1=x", "trail-1=1@x"] {
            assert!(bad.parse::<OrderedLine>().is_err(), "{bad}");
        }
    }

    #[test]
    fn what_differs_is_told_by_line_units_and_kind() {
        let line = LineDifference::from("2=5:damaged:湿了".parse::<DifferingLine>().unwrap());
        assert_eq!((line.line_no, line.quantity, line.kind()), (2, 5, DifferenceKind::Damaged));
        assert_eq!(line.note, "湿了");
        for bad in ["2=5", "2:damaged", "2=5:quality", "0=5:short"] {
            assert!(bad.parse::<DifferingLine>().is_err(), "{bad}");
        }
    }

    #[test]
    fn goods_move_by_line_number() {
        let line = LineQuantity::from("2=5".parse::<MovedLine>().unwrap());
        assert_eq!((line.line_no, line.quantity), (2, 5));
        assert!("0=5".parse::<MovedLine>().is_err());
    }
}
