//! `qudao orders change`: changes of orders after they were submitted.

use std::str::FromStr;

use clap::{Args, Subcommand};
use proto::order::v1::order_change_service_client::OrderChangeServiceClient;
use proto::order::v1::{
    ApproveOrderChangeRequest, ChangedLine, ProposeOrderChangeRequest, QuoteOrderChangeRequest,
    QuoteOrderLine, RefuseOrderChangeRequest, WantedLine, WithdrawOrderChangeRequest,
};
use serde::Serialize;

use super::args::Move;
use super::payment::Payment;
use super::{command, map, new_request, open, told};
use crate::client::{Connection, money, output};

#[derive(Subcommand)]
pub(crate) enum Change {
    /// What a change would come to
    Quote(Quote),
    /// Change an order that is not confirmed, or ask the brand to change one that is
    Propose(Propose),
    /// Agree to the change that waits; the last step of its review makes it
    Approve(Decide),
    /// Do not agree to the change that waits
    Refuse(Refuse),
    /// Take the change that waits back
    Withdraw(Decide),
}

#[derive(Args)]
struct Wanted {
    /// Number of a line and all base units that it should have, 0 for none; may be repeated
    #[arg(long = "line", value_name = "LINE=QUANTITY")]
    lines: Vec<Line>,
    /// Other goods besides, with base units; may be repeated
    #[arg(long = "add", value_name = "PRODUCT=QUANTITY")]
    added: Vec<Added>,
}

/// One `--line`.
#[derive(Clone, Debug)]
struct Line(WantedLine);

impl FromStr for Line {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (line, quantity) =
            text.split_once('=').ok_or("write LINE=QUANTITY, for example 1=2")?;
        let number = |text: &str| text.parse::<u32>().map_err(|_| format!("`{text}` is no number"));
        Ok(Self(WantedLine { line_no: number(line)?, quantity: number(quantity)? }))
    }
}

/// One `--add`.
#[derive(Clone, Debug)]
struct Added(QuoteOrderLine);

impl FromStr for Added {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (product, quantity) =
            text.split_once('=').ok_or("write PRODUCT=QUANTITY, for example trail-1=2")?;
        let quantity = quantity.parse().map_err(|_| format!("`{quantity}` is no number"))?;
        Ok(Self(QuoteOrderLine { product_id: product.to_owned(), quantity }))
    }
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao orders change quote SO-000001 --line 1=1
  qudao orders change quote SO-000001 --line 2=0 --add race-2=3 --json")]
pub(crate) struct Quote {
    /// Id of the order
    #[arg(value_name = "ORDER")]
    order: String,
    #[command(flatten)]
    wanted: Wanted,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao orders change propose SO-000001 --line 1=1 --note 门店改期
  qudao orders change propose SO-000001 --add race-2=3 --net 1500000 --json")]
pub(crate) struct Propose {
    #[command(flatten)]
    wanted: Wanted,
    /// Why
    #[arg(long, default_value = "", hide_default_value = true)]
    note: String,
    /// Only when the order would cost this after discounts, minor units
    #[arg(long, value_name = "MINOR")]
    net: Option<i64>,
    #[command(flatten)]
    moved: Move,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao orders change approve SO-000001
  qudao orders change withdraw SO-000001 --json")]
pub(crate) struct Decide {
    #[command(flatten)]
    moved: Move,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao orders change refuse SO-000001 --reason 仓库已备货")]
pub(crate) struct Refuse {
    /// Why; the dealer reads it
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    moved: Move,
}

impl Change {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Quote(quote) => quote.run().await,
            Self::Propose(propose) => propose.run().await,
            Self::Approve(decide) => decide.approve().await,
            Self::Refuse(refuse) => refuse.run().await,
            Self::Withdraw(decide) => decide.withdraw().await,
        }
    }
}

#[derive(Serialize)]
struct Changed {
    line_no: u32,
    product_id: String,
    product_name: String,
    before: u32,
    after: u32,
}

impl From<ChangedLine> for Changed {
    fn from(from: ChangedLine) -> Self {
        let ChangedLine { line_no, product_id, product_name, before, after } = from;
        Self { line_no, product_id, product_name, before, after }
    }
}

impl Quote {
    async fn run(self) -> anyhow::Result<()> {
        #[derive(Serialize)]
        struct Told {
            changes: Vec<Changed>,
            previous_net_minor: i64,
            net_minor: i64,
            currency: String,
            needs_approval: bool,
            payment: Option<Payment>,
        }
        let session = open(&self.connection, self.json).await?;
        let request = QuoteOrderChangeRequest {
            order_id: self.order,
            lines: self.wanted.lines.into_iter().map(|line| line.0).collect(),
            added: self.wanted.added.into_iter().map(|line| line.0).collect(),
        };
        let mut client = OrderChangeServiceClient::new(session.wire());
        let quote = client.quote_order_change(request).await?.into_inner();
        let told = Told {
            changes: quote.changes.into_iter().map(Changed::from).collect(),
            previous_net_minor: quote.previous_net_minor,
            net_minor: quote.net_minor,
            currency: quote.currency_code,
            needs_approval: quote.needs_approval,
            payment: quote.payment.map(Payment::from),
        };
        if self.json {
            return output::json(&told);
        }
        let rows = told.changes.into_iter().map(|it| {
            let line = if it.line_no == 0 { "+".to_owned() } else { it.line_no.to_string() };
            vec![line, it.product_name, it.before.to_string(), it.after.to_string()]
        });
        let columns = ["line", "product", ">before", ">after"];
        output::text(&output::lines(&output::table(&columns, rows)))?;
        let shown = |minor| money::format(minor, &told.currency);
        let (before, after) = (shown(told.previous_net_minor), shown(told.net_minor));
        eprintln!("{before} → {after} {}", told.currency);
        if told.needs_approval {
            eprintln!("{}", output::dim("the brand has to agree"));
        }
        Ok(())
    }
}

impl Propose {
    async fn run(self) -> anyhow::Result<()> {
        let Move { order, version, json, connection } = self.moved;
        let session = open(&connection, json).await?;
        let request = ProposeOrderChangeRequest {
            request_id: new_request(),
            expected_version: version,
            order_id: order,
            lines: self.wanted.lines.into_iter().map(|line| line.0).collect(),
            added: self.wanted.added.into_iter().map(|line| line.0).collect(),
            note: self.note,
            net_minor: self.net,
        };
        let receipt = command(async || {
            let mut client = OrderChangeServiceClient::new(session.wire());
            let answer = client.propose_order_change(request.clone()).await;
            answer.map(|answer| map(answer, |it| it.receipt))
        });
        told("proposed", receipt.await?, json)
    }
}

impl Decide {
    async fn approve(self) -> anyhow::Result<()> {
        let Move { order, version, json, connection } = self.moved;
        let session = open(&connection, json).await?;
        let request = ApproveOrderChangeRequest {
            request_id: new_request(),
            expected_version: version,
            order_id: order,
        };
        let receipt = command(async || {
            let mut client = OrderChangeServiceClient::new(session.wire());
            let answer = client.approve_order_change(request.clone()).await;
            answer.map(|answer| map(answer, |it| it.receipt))
        });
        told("agreed to", receipt.await?, json)
    }

    async fn withdraw(self) -> anyhow::Result<()> {
        let Move { order, version, json, connection } = self.moved;
        let session = open(&connection, json).await?;
        let request = WithdrawOrderChangeRequest {
            request_id: new_request(),
            expected_version: version,
            order_id: order,
        };
        let receipt = command(async || {
            let mut client = OrderChangeServiceClient::new(session.wire());
            let answer = client.withdraw_order_change(request.clone()).await;
            answer.map(|answer| map(answer, |it| it.receipt))
        });
        told("withdrawn", receipt.await?, json)
    }
}

impl Refuse {
    async fn run(self) -> anyhow::Result<()> {
        let Move { order, version, json, connection } = self.moved;
        let session = open(&connection, json).await?;
        let request = RefuseOrderChangeRequest {
            request_id: new_request(),
            expected_version: version,
            order_id: order,
            reason: self.reason,
        };
        let receipt = command(async || {
            let mut client = OrderChangeServiceClient::new(session.wire());
            let answer = client.refuse_order_change(request.clone()).await;
            answer.map(|answer| map(answer, |it| it.receipt))
        });
        told("refused", receipt.await?, json)
    }
}
