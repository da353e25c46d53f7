//! `qudao after-sales`: what dealers have to say about goods that they received.

mod args;
mod show;

use std::process::ExitCode;

use clap::Subcommand;
use proto::common::v1::{PageRequest, Receipt};
use proto::order::v1::after_sale_query_service_client::AfterSaleQueryServiceClient;
use proto::order::v1::after_sale_service_client::AfterSaleServiceClient;
use proto::order::v1::{
    ApproveAfterSaleRequest, GetAfterSaleRequest, ListAfterSalesRequest, RateAfterSaleRequest,
    ReceiveReturnRequest, RefuseAfterSaleRequest, RequestAfterSaleRequest, SettleAfterSaleRequest,
    ShipReturnRequest, WithdrawAfterSaleRequest,
};
use serde::Serialize;
use tonic::Status;
use uuid::Uuid;

use self::args::{
    Approve, Ask, Asked, BackLine, CaseLine, List, Only, Rate, Reasoned, ReceiveReturn, Settle,
    ShipReturn, Show,
};
use self::show::Shown;
use crate::client::{Session, Wire, failure, output, retry};

#[derive(Subcommand)]
pub(crate) enum AfterSales {
    /// Cases, the newest first
    List(List),
    /// One case with its goods, and where its money went
    Show(Show),
    /// Ask for something about goods of an order
    Request(Ask),
    /// Agree with a case
    Approve(Approve),
    /// Do not agree with a case
    Refuse(Reasoned),
    /// Call a case off for the dealer
    Withdraw(Reasoned),
    /// Say that the goods are on their way back
    ShipReturn(ShipReturn),
    /// Take goods back
    ReceiveReturn(ReceiveReturn),
    /// Settle what was accepted
    Settle(Settle),
    /// Say how content the dealer is with a settled case
    Rate(Rate),
}

impl AfterSales {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::List(list) => list.run().await?,
            Self::Show(show) => show.run().await?,
            Self::Request(ask) => ask.run().await?,
            Self::Approve(approve) => approve.run().await?,
            Self::Refuse(refuse) => refuse.refuse().await?,
            Self::Withdraw(withdraw) => withdraw.withdraw().await?,
            Self::ShipReturn(ship) => ship.run().await?,
            Self::ReceiveReturn(receive) => receive.run().await?,
            Self::Settle(settle) => settle.run().await?,
            Self::Rate(rate) => rate.run().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl List {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let asked = ListAfterSalesRequest {
            page: Some(PageRequest { size: self.limit, token: String::new() }),
            search: self.search,
            order_id: self.order,
            dealer_id: self.dealer,
            statuses: self.only.map(Only::statuses).unwrap_or_default(),
            min_position: self.min_position,
        };
        let mut client = AfterSaleQueryServiceClient::new(session.wire());
        let found = client.list_after_sales(asked).await?.into_inner().after_sales;
        let cases: Vec<Shown> = found.into_iter().map(Shown::from).collect();
        if self.json {
            return output::json(&cases);
        }
        let rows = cases.into_iter().map(|it| {
            let (amount, lines) = (it.amount(), it.lines.len().to_string());
            vec![
                it.after_sale_id,
                it.order_id,
                it.dealer_name,
                it.status,
                lines,
                it.settlement,
                amount,
                it.requested_at,
            ]
        });
        let columns = ["case", "order", "dealer", "status", ">lines", "by", ">amount", "asked"];
        output::text(&output::lines(&output::table(&columns, rows)))
    }
}

impl Show {
    async fn run(self) -> anyhow::Result<()> {
        let min_position = self.min_position;
        let (session, asked) = self.asked.open().await?;
        let request = GetAfterSaleRequest { after_sale_id: asked.number, min_position };
        let mut client = AfterSaleQueryServiceClient::new(session.wire());
        let found = client.get_after_sale(request).await?.into_inner().after_sale;
        let case = Shown::from(found.unwrap_or_default());
        if asked.json { output::json(&case) } else { output::text(&case.sheet()) }
    }
}

type Client = AfterSaleServiceClient<Wire>;

impl Asked {
    async fn open(self) -> anyhow::Result<(Session, Self)> {
        failure::tell_as_json(self.json);
        Ok((self.connection.open().await?.one_trace(), self))
    }

    /// Asks until it is answered; all tries carry the same request id.
    async fn ask<F>(self, done: &str, call: F) -> anyhow::Result<()>
    where
        F: AsyncFn(Client, &Self, String) -> Result<Option<Receipt>, Status>,
    {
        let (session, asked) = self.open().await?;
        let request_id = Uuid::now_v7().to_string();
        let receipt = retry::until_answered(&[], async || {
            call(AfterSaleServiceClient::new(session.wire()), &asked, request_id.clone()).await
        });
        let Receipt { object_id: after_sale_id, version, position } =
            receipt.await?.unwrap_or_default();
        if asked.json {
            return output::json(&Done { after_sale_id, version, position });
        }
        eprintln!("{done}: version {version}, position {position}");
        output::text(&after_sale_id)
    }
}

#[derive(Serialize)]
struct Done {
    after_sale_id: String,
    version: u64,
    position: u64,
}

impl Ask {
    async fn run(self) -> anyhow::Result<()> {
        let Self { lines, wish, note, asked } = self;
        let lines: Vec<_> = lines.into_iter().map(|CaseLine(line)| line).collect();
        let call = async |mut client: Client, asked: &Asked, request_id| {
            let request = RequestAfterSaleRequest {
                request_id,
                expected_version: asked.version,
                after_sale_id: String::new(),
                order_id: asked.number.clone(),
                wish: wish.told(),
                lines: lines.clone(),
                note: note.clone(),
            };
            Ok(client.request_after_sale(request).await?.into_inner().receipt)
        };
        asked.ask("asked for", call).await
    }
}

impl Approve {
    async fn run(self) -> anyhow::Result<()> {
        let Self { goods_return, remark, asked } = self;
        let call = async |mut client: Client, asked: &Asked, request_id| {
            let request = ApproveAfterSaleRequest {
                request_id,
                expected_version: asked.version,
                after_sale_id: asked.number.clone(),
                goods_return,
                remark: remark.clone(),
            };
            Ok(client.approve_after_sale(request).await?.into_inner().receipt)
        };
        asked.ask("approved", call).await
    }
}

impl Reasoned {
    async fn refuse(self) -> anyhow::Result<()> {
        let Self { reason, asked } = self;
        let call = async |mut client: Client, asked: &Asked, request_id| {
            let request = RefuseAfterSaleRequest {
                request_id,
                expected_version: asked.version,
                after_sale_id: asked.number.clone(),
                reason: reason.clone(),
            };
            Ok(client.refuse_after_sale(request).await?.into_inner().receipt)
        };
        asked.ask("refused", call).await
    }

    async fn withdraw(self) -> anyhow::Result<()> {
        let Self { reason, asked } = self;
        let call = async |mut client: Client, asked: &Asked, request_id| {
            let request = WithdrawAfterSaleRequest {
                request_id,
                expected_version: asked.version,
                after_sale_id: asked.number.clone(),
                reason: reason.clone(),
            };
            Ok(client.withdraw_after_sale(request).await?.into_inner().receipt)
        };
        asked.ask("withdrawn", call).await
    }
}

impl ShipReturn {
    async fn run(self) -> anyhow::Result<()> {
        let Self { carrier, tracking, asked } = self;
        let call = async |mut client: Client, asked: &Asked, request_id| {
            let request = ShipReturnRequest {
                request_id,
                expected_version: asked.version,
                after_sale_id: asked.number.clone(),
                carrier: carrier.clone(),
                tracking_number: tracking.clone(),
            };
            Ok(client.ship_return(request).await?.into_inner().receipt)
        };
        asked.ask("on their way back", call).await
    }
}

impl ReceiveReturn {
    async fn run(self) -> anyhow::Result<()> {
        let Self { warehouse, lines, last, asked } = self;
        let lines: Vec<_> = lines.into_iter().map(|BackLine(line)| line).collect();
        let call = async |mut client: Client, asked: &Asked, request_id| {
            let request = ReceiveReturnRequest {
                request_id,
                expected_version: asked.version,
                after_sale_id: asked.number.clone(),
                warehouse_id: warehouse.clone(),
                lines: lines.clone(),
                last,
            };
            Ok(client.receive_return(request).await?.into_inner().receipt)
        };
        asked.ask("taken back", call).await
    }
}

impl Settle {
    async fn run(self) -> anyhow::Result<()> {
        let Self { by, amount, remark, asked } = self;
        let call = async |mut client: Client, asked: &Asked, request_id| {
            let request = SettleAfterSaleRequest {
                request_id,
                expected_version: asked.version,
                after_sale_id: asked.number.clone(),
                settlement: by.told(),
                amount_minor: amount,
                remark: remark.clone(),
            };
            Ok(client.settle_after_sale(request).await?.into_inner().receipt)
        };
        asked.ask("settled", call).await
    }
}

impl Rate {
    async fn run(self) -> anyhow::Result<()> {
        let Self { outcome, service, comment, asked } = self;
        let call = async |mut client: Client, asked: &Asked, request_id| {
            let request = RateAfterSaleRequest {
                request_id,
                expected_version: asked.version,
                after_sale_id: asked.number.clone(),
                goods: outcome,
                service,
                comment: comment.clone(),
            };
            Ok(client.rate_after_sale(request).await?.into_inner().receipt)
        };
        asked.ask("rated", call).await
    }
}
