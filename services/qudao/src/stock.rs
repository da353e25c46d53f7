//! `qudao stock`: what there is of products, and who waits for them.

mod waiting;

use std::process::ExitCode;
use std::str::FromStr;

use clap::{Args, Subcommand, ValueEnum};
use proto::common::v1::PageRequest;
use proto::order::v1::stock_query_service_client::StockQueryServiceClient;
use proto::order::v1::stock_service_client::StockServiceClient;
use proto::order::v1::{
    CountStockRequest, CountedStock, ListStockRequest, StockFilter, StockItem, WarehouseStock,
};
use serde::Serialize;
use uuid::Uuid;

use crate::client::{Connection, failure, money, output};

#[derive(Subcommand)]
pub(crate) enum Stock {
    /// Products whose stock is kept
    List(List),
    /// Say how much of products there is in a warehouse
    Count(Count),
    /// Products that orders wait for
    Waiting(waiting::Products),
    /// Who waits for products, in the order in which they will be served
    Line(waiting::Line),
    /// Say when more of a product is expected
    Expect(waiting::Expect),
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao stock list --only out
  qudao stock list --search trail --json")]
pub(crate) struct List {
    /// Part of the product's name or id
    #[arg(long, default_value = "", hide_default_value = true)]
    search: String,
    /// Only products of which there is nothing, or something
    #[arg(long, value_enum)]
    only: Option<Only>,
    /// At most this many products, 1 to 200
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

#[derive(Clone, Copy, ValueEnum)]
enum Only {
    Out,
    In,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao stock count --warehouse chicago trail-1=120 race-2=0
  qudao stock count --warehouse chicago trail-1=118 --reason 盘点差异 --json")]
pub(crate) struct Count {
    /// Where
    #[arg(long, value_name = "ID")]
    warehouse: String,
    /// Products and how many base units there are
    #[arg(required = true, value_name = "PRODUCT=ON_HAND")]
    items: Vec<Counted>,
    /// Why it differs
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Clone, Debug)]
struct Counted(CountedStock);

impl FromStr for Counted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (product, on_hand) =
            text.split_once('=').ok_or("write PRODUCT=ON_HAND, for example trail-1=120")?;
        let on_hand = on_hand.parse().map_err(|_| format!("{on_hand} is not a whole number"))?;
        Ok(Self(CountedStock { product_id: product.to_owned(), on_hand }))
    }
}

#[derive(Serialize)]
struct Item {
    product_id: String,
    product_name: String,
    base_unit: String,
    on_hand: i64,
    reserved: i64,
    available: i64,
    warehouses: Vec<Warehouse>,
    version: u64,
    changed_at: String,
}

#[derive(Serialize)]
struct Warehouse {
    warehouse_id: String,
    on_hand: i64,
    reserved: i64,
}

#[derive(Serialize)]
struct Done {
    position: u64,
}

impl Stock {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::List(list) => list.run().await?,
            Self::Count(count) => count.run().await?,
            Self::Waiting(products) => products.run().await?,
            Self::Line(line) => line.run().await?,
            Self::Expect(expect) => expect.run().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl List {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let filter = match self.only {
            None => StockFilter::Unspecified,
            Some(Only::Out) => StockFilter::Out,
            Some(Only::In) => StockFilter::In,
        };
        let asked = ListStockRequest {
            page: Some(PageRequest { size: self.limit, token: String::new() }),
            search: self.search,
            filter: filter.into(),
            min_position: self.min_position,
        };
        let mut client = StockQueryServiceClient::new(session.wire());
        let found = client.list_stock(asked).await?.into_inner().items;
        let items: Vec<Item> = found.into_iter().map(Item::from).collect();
        if self.json { output::json(&items) } else { output::text(&table(&items)) }
    }
}

impl Count {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let request = CountStockRequest {
            request_id: Uuid::now_v7().to_string(),
            expected_version: None,
            warehouse_id: self.warehouse,
            items: self.items.into_iter().map(|Counted(item)| item).collect(),
            reason: self.reason,
        };
        let mut client = StockServiceClient::new(session.wire());
        let told = client.count_stock(request).await?.into_inner();
        let done = Done { position: told.receipt.unwrap_or_default().position };
        match self.json {
            true => output::json(&done),
            false => output::text(&format!("counted, at position {}", done.position)),
        }
    }
}

fn table(items: &[Item]) -> String {
    let rows = items.iter().map(|item| {
        let at = |it: &Warehouse| format!("{} {}", it.warehouse_id, money::count(it.on_hand));
        vec![
            item.product_id.clone(),
            item.product_name.clone(),
            money::count(item.on_hand),
            money::count(item.reserved),
            money::count(item.available),
            item.warehouses.iter().map(at).collect::<Vec<_>>().join(", "),
        ]
    });
    let columns = ["product", "name", ">there", ">kept", ">left", "where"];
    output::lines(&output::table(&columns, rows))
}

impl From<StockItem> for Item {
    fn from(from: StockItem) -> Self {
        let at = |WarehouseStock { warehouse_id, on_hand, reserved }: WarehouseStock| Warehouse {
            warehouse_id,
            on_hand,
            reserved,
        };
        Self {
            product_id: from.product_id,
            product_name: from.product_name,
            base_unit: from.base_unit,
            on_hand: from.on_hand,
            reserved: from.reserved,
            available: from.available,
            warehouses: from.warehouses.into_iter().map(at).collect(),
            version: from.version,
            changed_at: from.changed_at,
        }
    }
}
