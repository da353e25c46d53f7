//! `qudao shipments`: what warehouses send of orders.

mod show;

use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use proto::common::v1::{PageRequest, Receipt};
use proto::order::v1::shipment_query_service_client::ShipmentQueryServiceClient;
use proto::order::v1::shipment_service_client::ShipmentServiceClient;
use proto::order::v1::{
    AcknowledgeShipmentRequest, GetShipmentRequest, HandBackShipmentRequest, ListShipmentsRequest,
    ShipShipmentRequest, ShipmentStatus,
};
use serde::Serialize;
use uuid::Uuid;

use self::show::{Shown, Whole};
use crate::client::{Connection, Session, failure, money, output, retry};
use crate::orders::MovedLine;

#[derive(Subcommand)]
pub(crate) enum Shipments {
    /// Shipments, the newest first
    List(List),
    /// One shipment with its lines and what left of it
    Show(Show),
    /// Take a shipment on: the warehouse will send it
    Acknowledge(Acknowledge),
    /// Hand back what is left of a shipment: it waits for a warehouse again
    HandBack(HandBack),
    /// Record goods leaving with a shipment; without --line all that is left of it
    Ship(Ship),
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao shipments list --only open --warehouse chicago
  qudao shipments list --stuck --stuck-minutes 30
  qudao shipments list --order SO-20261126-7K2M0QXA --json | jq '.[].tracking_number'")]
pub(crate) struct List {
    /// Only shipments of this order
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ID")]
    order: String,
    /// Only shipments of this dealer
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ID")]
    dealer: String,
    /// Only shipments of this warehouse
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ID")]
    warehouse: String,
    /// Part of the number of the shipment, the order, the warehouse or the carrier, or of the
    /// dealer's name
    #[arg(long, default_value = "", hide_default_value = true)]
    search: String,
    /// Only shipments of which this is true; `open`: something is left of them
    #[arg(long, value_enum)]
    only: Option<Only>,
    /// Only shipments that no warehouse has taken on for too long
    #[arg(long)]
    stuck: bool,
    /// Minutes that are too long
    #[arg(long, default_value_t = 120, value_name = "MINUTES")]
    stuck_minutes: u32,
    /// At most this many shipments, 1 to 200
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: u32,
    /// Wait until the list has reached this position of the order log
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "POSITION")]
    min_position: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao shipments show SO-20261126-7K2M0QXA-1
  qudao shipments show SO-20261126-7K2M0QXA-1 --json | jq .lines")]
pub(crate) struct Show {
    /// Which shipment
    #[arg(value_name = "SHIPMENT")]
    shipment: String,
    /// Wait until the list has reached this position of the order log
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "POSITION")]
    min_position: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

/// What all that changes a shipment has.
#[derive(Args)]
struct Asked {
    /// Which shipment
    #[arg(value_name = "SHIPMENT")]
    shipment: String,
    /// Only when the shipment still has this version
    #[arg(long, value_name = "N")]
    version: Option<u64>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao shipments acknowledge SO-20261126-7K2M0QXA-1 --reference WMS-88-0417")]
pub(crate) struct Acknowledge {
    /// The warehouse's own number for it
    #[arg(long, default_value = "", hide_default_value = true)]
    reference: String,
    #[command(flatten)]
    asked: Asked,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao shipments hand-back SO-20261126-7K2M0QXA-1 --reason 货位破损")]
pub(crate) struct HandBack {
    /// Why; kept in the history
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    asked: Asked,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao shipments ship SO-20261126-7K2M0QXA-1 --carrier 顺丰 --tracking SF1403358290046
  qudao shipments ship SO-20261126-7K2M0QXA-1 --line 1=2 --line 2=1 --json")]
pub(crate) struct Ship {
    /// Number of a line of the order and base units; may be repeated
    #[arg(long = "line", value_name = "LINE=QUANTITY")]
    lines: Vec<MovedLine>,
    /// Who carries it
    #[arg(long, default_value = "", hide_default_value = true)]
    carrier: String,
    /// The carrier's number for it
    #[arg(long, default_value = "", hide_default_value = true, value_name = "NUMBER")]
    tracking: String,
    #[command(flatten)]
    asked: Asked,
}

#[derive(Clone, Copy, ValueEnum)]
enum Only {
    Released,
    Acknowledged,
    Open,
    Shipped,
    Withdrawn,
}

impl Only {
    fn statuses(self) -> Vec<i32> {
        use ShipmentStatus as Status;
        let statuses: &[Status] = match self {
            Self::Released => &[Status::Released],
            Self::Acknowledged => &[Status::Acknowledged],
            Self::Open => &[Status::Released, Status::Acknowledged, Status::PartlyShipped],
            Self::Shipped => &[Status::Shipped],
            Self::Withdrawn => &[Status::Withdrawn],
        };
        statuses.iter().map(|status| (*status).into()).collect()
    }
}

impl Shipments {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::List(list) => list.run().await?,
            Self::Show(show) => show.run().await?,
            Self::Acknowledge(acknowledge) => acknowledge.run().await?,
            Self::HandBack(hand_back) => hand_back.run().await?,
            Self::Ship(ship) => ship.run().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl List {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let asked = ListShipmentsRequest {
            page: Some(PageRequest { size: self.limit, token: String::new() }),
            search: self.search,
            order_id: self.order,
            dealer_id: self.dealer,
            warehouse_id: self.warehouse,
            statuses: self.only.map(Only::statuses).unwrap_or_default(),
            stuck: self.stuck,
            stuck_minutes: self.stuck_minutes,
            min_position: self.min_position,
        };
        let mut client = ShipmentQueryServiceClient::new(session.wire());
        let found = client.list_shipments(asked).await?.into_inner().shipments;
        let shipments: Vec<Shown> = found.into_iter().map(Shown::from).collect();
        if self.json {
            return output::json(&shipments);
        }
        let rows = shipments.into_iter().map(|it| {
            vec![
                it.shipment_id,
                it.dealer_name,
                it.warehouse_id,
                it.status,
                money::count(it.quantity),
                money::count(it.shipped),
                it.waiting_minutes.map(|minutes| minutes.to_string()).unwrap_or_default(),
                it.released_at,
            ]
        });
        let columns = [
            "shipment",
            "dealer",
            "warehouse",
            "status",
            ">units",
            ">left",
            ">waits (min)",
            "released",
        ];
        output::text(&output::lines(&output::table(&columns, rows)))
    }
}

impl Show {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let asked = GetShipmentRequest {
            shipment_id: self.shipment,
            min_position: self.min_position,
            stuck_minutes: 0,
        };
        let mut client = ShipmentQueryServiceClient::new(session.wire());
        let whole = Whole::from(client.get_shipment(asked).await?.into_inner());
        if self.json { output::json(&whole) } else { output::text(&whole.sheet()) }
    }
}

impl Acknowledge {
    async fn run(self) -> anyhow::Result<()> {
        let (session, asked) = self.asked.open().await?;
        let request = AcknowledgeShipmentRequest {
            request_id: Uuid::now_v7().to_string(),
            expected_version: asked.version,
            shipment_id: asked.shipment.clone(),
            reference: self.reference,
        };
        let answer = retry::until_answered(&[], async || {
            ShipmentServiceClient::new(session.wire()).acknowledge_shipment(request.clone()).await
        });
        asked.told("acknowledged", answer.await?.into_inner().receipt)
    }
}

impl HandBack {
    async fn run(self) -> anyhow::Result<()> {
        let (session, asked) = self.asked.open().await?;
        let request = HandBackShipmentRequest {
            request_id: Uuid::now_v7().to_string(),
            expected_version: asked.version,
            shipment_id: asked.shipment.clone(),
            reason: self.reason,
        };
        let answer = retry::until_answered(&[], async || {
            ShipmentServiceClient::new(session.wire()).hand_back_shipment(request.clone()).await
        });
        asked.told("handed back", answer.await?.into_inner().receipt)
    }
}

impl Ship {
    async fn run(self) -> anyhow::Result<()> {
        let (session, asked) = self.asked.open().await?;
        let request = ShipShipmentRequest {
            request_id: Uuid::now_v7().to_string(),
            expected_version: asked.version,
            shipment_id: asked.shipment.clone(),
            lines: self.lines.into_iter().map(Into::into).collect(),
            carrier: self.carrier,
            tracking_number: self.tracking,
        };
        let answer = retry::until_answered(&[], async || {
            ShipmentServiceClient::new(session.wire()).ship_shipment(request.clone()).await
        });
        asked.told("shipped", answer.await?.into_inner().receipt)
    }
}

#[derive(Serialize)]
struct Done {
    shipment_id: String,
    version: u64,
    position: u64,
}

impl Asked {
    async fn open(self) -> anyhow::Result<(Session, Self)> {
        failure::tell_as_json(self.json);
        Ok((self.connection.open().await?.one_trace(), self))
    }

    fn told(&self, done: &str, receipt: Option<Receipt>) -> anyhow::Result<()> {
        let Receipt { object_id: shipment_id, version, position } = receipt.unwrap_or_default();
        if self.json {
            return output::json(&Done { shipment_id, version, position });
        }
        eprintln!("{done}: version {version}, position {position}");
        output::text(&shipment_id)
    }
}
