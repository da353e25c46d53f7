//! `qudao orders review`: the steps in which people look at orders.

use clap::{Args, Subcommand, ValueEnum};
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use proto::order::v1::order_review_service_client::OrderReviewServiceClient;
use proto::order::v1::{
    ApproveOrderRequest, GetOrderTodosRequest, RefuseOrderRequest, ResubmitOrderRequest,
    ReviewStep, SendBackOrderRequest,
};
use serde::Serialize;

use super::args::Move;
use super::{command, map, new_request, open, told};
use crate::client::{Connection, output};

#[derive(Subcommand)]
pub(crate) enum Review {
    /// Let an order pass the step that it waits for; the last one confirms it
    Approve(Approve),
    /// Send an order back to who ordered, who changes it or submits it again
    SendBack(Because),
    /// Do not accept an order; it is cancelled
    Refuse(Because),
    /// Submit an order again that was sent back, as it is
    Resubmit(Resubmit),
    /// How many orders wait for what
    Todo(Todo),
}

#[derive(Clone, Copy, ValueEnum)]
enum Step {
    /// 订单审核
    Sales,
    /// 财务审核
    Finance,
}

impl From<Step> for ReviewStep {
    fn from(step: Step) -> Self {
        match step {
            Step::Sales => Self::Sales,
            Step::Finance => Self::Finance,
        }
    }
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao orders review approve SO-000001 --step sales
  qudao orders review approve SO-000001 --step finance --note 已到账 --json")]
pub(crate) struct Approve {
    /// Which step is taken
    #[arg(long, value_enum)]
    step: Step,
    /// For the record
    #[arg(long, default_value = "", hide_default_value = true)]
    note: String,
    #[command(flatten)]
    moved: Move,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao orders review send-back SO-000001 --step sales --reason 请减少数量
  qudao orders review refuse SO-000001 --step finance --reason 授信不足")]
pub(crate) struct Because {
    /// Which step says so
    #[arg(long, value_enum)]
    step: Step,
    /// Why; the dealer reads it
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    moved: Move,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao orders review resubmit SO-000001 --note 已与销售确认")]
pub(crate) struct Resubmit {
    /// What the brand should know
    #[arg(long, default_value = "", hide_default_value = true)]
    note: String,
    #[command(flatten)]
    moved: Move,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao orders review todo
  qudao orders review todo --json")]
pub(crate) struct Todo {
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

impl Review {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Approve(approve) => approve.run().await,
            Self::SendBack(back) => back.send_back().await,
            Self::Refuse(refuse) => refuse.refuse().await,
            Self::Resubmit(resubmit) => resubmit.run().await,
            Self::Todo(todo) => todo.run().await,
        }
    }
}

impl Approve {
    async fn run(self) -> anyhow::Result<()> {
        let Move { order, version, json, connection } = self.moved;
        let session = open(&connection, json).await?;
        let request = ApproveOrderRequest {
            request_id: new_request(),
            expected_version: version,
            order_id: order,
            step: ReviewStep::from(self.step).into(),
            note: self.note,
        };
        let receipt = command(async || {
            let mut client = OrderReviewServiceClient::new(session.wire());
            client.approve_order(request.clone()).await.map(|answer| map(answer, |it| it.receipt))
        });
        told("approved", receipt.await?, json)
    }
}

impl Because {
    async fn send_back(self) -> anyhow::Result<()> {
        let Move { order, version, json, connection } = self.moved;
        let session = open(&connection, json).await?;
        let request = SendBackOrderRequest {
            request_id: new_request(),
            expected_version: version,
            order_id: order,
            step: ReviewStep::from(self.step).into(),
            reason: self.reason,
        };
        let receipt = command(async || {
            let mut client = OrderReviewServiceClient::new(session.wire());
            client.send_back_order(request.clone()).await.map(|answer| map(answer, |it| it.receipt))
        });
        told("sent back", receipt.await?, json)
    }

    async fn refuse(self) -> anyhow::Result<()> {
        let Move { order, version, json, connection } = self.moved;
        let session = open(&connection, json).await?;
        let request = RefuseOrderRequest {
            request_id: new_request(),
            expected_version: version,
            order_id: order,
            step: ReviewStep::from(self.step).into(),
            reason: self.reason,
        };
        let receipt = command(async || {
            let mut client = OrderReviewServiceClient::new(session.wire());
            client.refuse_order(request.clone()).await.map(|answer| map(answer, |it| it.receipt))
        });
        told("refused", receipt.await?, json)
    }
}

impl Resubmit {
    async fn run(self) -> anyhow::Result<()> {
        let Move { order, version, json, connection } = self.moved;
        let session = open(&connection, json).await?;
        let request = ResubmitOrderRequest {
            request_id: new_request(),
            expected_version: version,
            order_id: order,
            note: self.note,
        };
        let receipt = command(async || {
            let mut client = OrderReviewServiceClient::new(session.wire());
            client.resubmit_order(request.clone()).await.map(|answer| map(answer, |it| it.receipt))
        });
        told("submitted again", receipt.await?, json)
    }
}

impl Todo {
    async fn run(self) -> anyhow::Result<()> {
        #[derive(Serialize)]
        struct Counts {
            sales_review: u32,
            finance_review: u32,
            confirm: u32,
            sent_back: u32,
            change: u32,
        }
        let session = open(&self.connection, self.json).await?;
        let mut client = OrderQueryServiceClient::new(session.wire());
        let request = GetOrderTodosRequest::default();
        let told = client.get_order_todos(request).await?.into_inner();
        let counts = Counts {
            sales_review: told.sales_review,
            finance_review: told.finance_review,
            confirm: told.confirm,
            sent_back: told.sent_back,
            change: told.change,
        };
        if self.json {
            return output::json(&counts);
        }
        let rows = [
            ("sales review", counts.sales_review),
            ("finance review", counts.finance_review),
            ("to be confirmed", counts.confirm),
            ("sent back", counts.sent_back),
            ("changes", counts.change),
        ];
        let rows = rows.map(|(what, count)| vec![what.to_owned(), count.to_string()]);
        output::text(&output::lines(&output::table(&["waits for", ">orders"], rows)))
    }
}
