//! `qudao orders`: list and show orders, and move them along.

mod args;
mod change;
mod give_up;
mod payment;
mod quote;
mod review;
mod show;

use std::process::ExitCode;

use clap::Subcommand;
use proto::common::v1::{PageRequest, Receipt};
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use proto::order::v1::order_service_client::OrderServiceClient;
use proto::order::v1::{
    CancelOrderRequest, CloseOrderShortRequest, ConfirmOrderRequest, GetOrderRequest,
    ListOrdersRequest, RateOrderRequest, ReceiveOrderRequest, ShipOrderRequest, SubmitOrderRequest,
};
use serde::Serialize;
use tonic::{Response, Status};
use uuid::Uuid;

pub(crate) use self::args::MovedLine;
use self::args::{Cancel, CloseShort, List, Move, MoveGoods, Quote, Rate, Receive, Show, Submit};
use self::change::Change;
use self::give_up::GiveUp;
use self::review::Review;
use crate::client::{Connection, Session, failure, output, retry};

#[derive(Subcommand)]
pub(crate) enum Orders {
    /// Orders, newest business date first
    List(List),
    /// One order with its lines
    Show(Show),
    /// What goods would cost a dealer, with every promotion and why it is not given
    Quote(Quote),
    /// Order goods for a dealer
    Submit(Submit),
    /// Accept a submitted order for delivery
    Confirm(Move),
    /// Record goods leaving the warehouse; without --line all that is open
    Ship(MoveGoods),
    /// Record goods received by the dealer; without --line all that was shipped
    Receive(Receive),
    /// Say how content the dealer is with an order of which something has arrived
    Rate(Rate),
    /// Cancel an order of which nothing was shipped
    Cancel(Cancel),
    /// Close an order of which a part was shipped and the rest will not come
    CloseShort(CloseShort),
    /// Do without what an order waits for
    GiveUp(GiveUp),
    /// Look at orders before they are confirmed, step by step
    #[command(subcommand)]
    Review(Review),
    /// Change orders after they were submitted
    #[command(subcommand)]
    Change(Change),
}

impl Orders {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::List(list) => list_orders(list).await?,
            Self::Show(show) => show_order(show).await?,
            Self::Quote(quote) => quote_order(quote).await?,
            Self::Submit(submit) => submit_order(submit).await?,
            Self::Confirm(confirm) => confirm_order(confirm).await?,
            Self::Ship(ship) => ship_order(ship).await?,
            Self::Receive(receive) => receive_order(receive).await?,
            Self::Rate(rate) => rate_order(rate).await?,
            Self::Cancel(cancel) => cancel_order(cancel).await?,
            Self::CloseShort(close) => close_order_short(close).await?,
            Self::GiveUp(give_up) => give_up.run().await?,
            Self::Review(review) => review.run().await?,
            Self::Change(change) => change.run().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn open(connection: &Connection, json: bool) -> anyhow::Result<Session> {
    failure::tell_as_json(json);
    Ok(connection.open().await?.one_trace())
}

async fn list_orders(list: List) -> anyhow::Result<()> {
    /// Most rows that a page of the rpc has.
    const PAGE: u32 = 200;

    let session = open(&list.connection, list.json).await?;
    let mut client = OrderQueryServiceClient::new(session.wire());
    let (mut orders, mut token, mut total) = (Vec::new(), String::new(), 0);
    while orders.len() < list.limit {
        let missing = u32::try_from(list.limit - orders.len()).unwrap_or(u32::MAX);
        let page = PageRequest { size: missing.min(PAGE), token };
        let request = ListOrdersRequest { page: Some(page), ..list.filter() };
        let answer = client.list_orders(request).await?.into_inner();
        orders.extend(answer.orders);
        let page = answer.page.unwrap_or_default();
        (token, total) = (page.next_token, page.total);
        if token.is_empty() {
            break;
        }
    }
    show::list(orders, total, list.json)
}

async fn show_order(show: Show) -> anyhow::Result<()> {
    let session = open(&show.connection, show.json).await?;
    let request = GetOrderRequest { order_id: show.order.clone(), min_position: show.min_position };
    let order = OrderQueryServiceClient::new(session.wire()).get_order(request).await?.into_inner();
    show::order(order, show.json)
}

async fn quote_order(quote: Quote) -> anyhow::Result<()> {
    let session = open(&quote.connection, quote.json).await?;
    let mut client = OrderServiceClient::new(session.wire());
    let answer = client.quote_order(quote.request()).await?.into_inner();
    quote::show(answer, quote.json)
}

async fn submit_order(submit: Submit) -> anyhow::Result<()> {
    let session = open(&submit.connection, submit.json).await?;
    let request = SubmitOrderRequest { request_id: new_request(), ..submit.request() };
    let receipt = command(async || {
        let mut client = OrderServiceClient::new(session.wire());
        client.submit_order(request.clone()).await.map(|answer| map(answer, |body| body.receipt))
    });
    told("submitted", receipt.await?, submit.json)
}

async fn confirm_order(Move { order, version, json, connection }: Move) -> anyhow::Result<()> {
    let session = open(&connection, json).await?;
    let request = ConfirmOrderRequest {
        request_id: new_request(),
        expected_version: version,
        order_id: order,
    };
    let receipt = command(async || {
        let mut client = OrderServiceClient::new(session.wire());
        client.confirm_order(request.clone()).await.map(|answer| map(answer, |body| body.receipt))
    });
    told("confirmed", receipt.await?, json)
}

async fn ship_order(MoveGoods { lines, moved }: MoveGoods) -> anyhow::Result<()> {
    let session = open(&moved.connection, moved.json).await?;
    let request = ShipOrderRequest {
        request_id: new_request(),
        expected_version: moved.version,
        order_id: moved.order,
        lines: lines.into_iter().map(Into::into).collect(),
    };
    let receipt = command(async || {
        let mut client = OrderServiceClient::new(session.wire());
        client.ship_order(request.clone()).await.map(|answer| map(answer, |body| body.receipt))
    });
    told("shipped", receipt.await?, moved.json)
}

async fn receive_order(Receive { differences, goods }: Receive) -> anyhow::Result<()> {
    let MoveGoods { lines, moved } = goods;
    let session = open(&moved.connection, moved.json).await?;
    let request = ReceiveOrderRequest {
        request_id: new_request(),
        expected_version: moved.version,
        order_id: moved.order,
        lines: lines.into_iter().map(Into::into).collect(),
        differences: differences.into_iter().map(Into::into).collect(),
    };
    let receipt = command(async || {
        let mut client = OrderServiceClient::new(session.wire());
        client.receive_order(request.clone()).await.map(|answer| map(answer, |body| body.receipt))
    });
    told("received", receipt.await?, moved.json)
}

async fn rate_order(Rate { goods, service, comment, moved }: Rate) -> anyhow::Result<()> {
    let session = open(&moved.connection, moved.json).await?;
    let request = RateOrderRequest {
        request_id: new_request(),
        expected_version: moved.version,
        order_id: moved.order,
        goods,
        service,
        comment,
    };
    let receipt = command(async || {
        let mut client = OrderServiceClient::new(session.wire());
        client.rate_order(request.clone()).await.map(|answer| map(answer, |body| body.receipt))
    });
    told("rated", receipt.await?, moved.json)
}

async fn cancel_order(Cancel { reason, moved }: Cancel) -> anyhow::Result<()> {
    let session = open(&moved.connection, moved.json).await?;
    let request = CancelOrderRequest {
        request_id: new_request(),
        expected_version: moved.version,
        order_id: moved.order,
        reason,
    };
    let receipt = command(async || {
        let mut client = OrderServiceClient::new(session.wire());
        client.cancel_order(request.clone()).await.map(|answer| map(answer, |body| body.receipt))
    });
    told("cancelled", receipt.await?, moved.json)
}

async fn close_order_short(CloseShort { reason, moved }: CloseShort) -> anyhow::Result<()> {
    let session = open(&moved.connection, moved.json).await?;
    let request = CloseOrderShortRequest {
        request_id: new_request(),
        expected_version: moved.version,
        order_id: moved.order,
        reason,
    };
    let receipt = command(async || {
        let mut client = OrderServiceClient::new(session.wire());
        let answer = client.close_order_short(request.clone()).await;
        answer.map(|answer| map(answer, |body| body.receipt))
    });
    told("closed short", receipt.await?, moved.json)
}

fn new_request() -> String {
    Uuid::new_v4().to_string()
}

fn map<T>(answer: Response<T>, receipt: impl FnOnce(T) -> Option<Receipt>) -> Receipt {
    receipt(answer.into_inner()).unwrap_or_default()
}

/// One command, tried until it is answered; all tries carry the same request id.
async fn command<F>(call: F) -> anyhow::Result<Receipt>
where
    F: AsyncFnMut() -> Result<Receipt, Status>,
{
    Ok(retry::until_answered(&[], call).await?)
}

fn told(done: &str, receipt: Receipt, json: bool) -> anyhow::Result<()> {
    #[derive(Serialize)]
    struct Done {
        order_id: String,
        version: u64,
        position: u64,
    }
    let Receipt { object_id: order_id, version, position } = receipt;
    if json {
        return output::json(&Done { order_id, version, position });
    }
    eprintln!("{done}: version {version}, position {position}");
    output::text(&order_id)
}
