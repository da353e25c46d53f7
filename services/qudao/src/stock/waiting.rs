//! Who waits for goods, and until when.

use clap::Args;
use proto::common::v1::PageRequest;
use proto::order::v1::waiting_query_service_client::WaitingQueryServiceClient;
use proto::order::v1::waiting_service_client::WaitingServiceClient;
use proto::order::v1::{
    BackOrder, BackOrderedProduct, ExpectStockRequest, ListBackOrderedProductsRequest,
    ListBackOrdersRequest,
};
use serde::Serialize;
use uuid::Uuid;

use super::Done;
use crate::client::{Connection, failure, money, output};

#[derive(Args)]
#[command(after_help = "Examples:
  qudao stock waiting
  qudao stock waiting --search trail --json")]
pub(crate) struct Products {
    /// Part of the product's name or id
    #[arg(long, default_value = "", hide_default_value = true)]
    search: String,
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

#[derive(Args)]
#[command(after_help = "Examples:
  qudao stock line --product trail-1
  qudao stock line --order SO-000001 --json")]
pub(crate) struct Line {
    /// Only who waits for this product
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ID")]
    product: String,
    /// Only what this order waits for
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ID")]
    order: String,
    /// At most this many, 1 to 200
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
  qudao stock expect trail-1 2026-12-01
  qudao stock expect trail-1")]
pub(crate) struct Expect {
    /// The product
    product: String,
    /// The day; without it nobody knows
    #[arg(default_value = "", hide_default_value = true, value_name = "YYYY-MM-DD")]
    day: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Serialize)]
struct Product {
    product_id: String,
    product_name: String,
    base_unit: String,
    waiting: i64,
    orders: u32,
    oldest_at: String,
    expected_on: String,
}

#[derive(Serialize)]
struct Place {
    product_id: String,
    place: u32,
    order_id: String,
    dealer_id: String,
    dealer_name: String,
    waiting: i64,
    since: String,
    expected_on: String,
}

impl Products {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let asked = ListBackOrderedProductsRequest {
            page: Some(PageRequest { size: self.limit, token: String::new() }),
            search: self.search,
            min_position: self.min_position,
        };
        let mut client = WaitingQueryServiceClient::new(session.wire());
        let found = client.list_back_ordered_products(asked).await?.into_inner().products;
        let all: Vec<Product> = found.into_iter().map(Product::from).collect();
        if self.json {
            return output::json(&all);
        }
        let rows = all.iter().map(|it| {
            let orders = money::count(it.orders.into());
            let (id, name) = (it.product_id.clone(), it.product_name.clone());
            vec![id, name, money::count(it.waiting), orders, it.expected_on.clone()]
        });
        let columns = ["product", "name", ">waiting", ">orders", "expected"];
        output::text(&output::lines(&output::table(&columns, rows)))
    }
}

impl Line {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let asked = ListBackOrdersRequest {
            page: Some(PageRequest { size: self.limit, token: String::new() }),
            product_id: self.product,
            order_id: self.order,
            min_position: self.min_position,
        };
        let mut client = WaitingQueryServiceClient::new(session.wire());
        let found = client.list_back_orders(asked).await?.into_inner().back_orders;
        let all: Vec<Place> = found.into_iter().map(Place::from).collect();
        if self.json {
            return output::json(&all);
        }
        let rows = all.iter().map(|it| {
            let (product, order) = (it.product_id.clone(), it.order_id.clone());
            let waiting = money::count(it.waiting);
            let (name, since) = (it.dealer_name.clone(), it.since.clone());
            vec![product, it.place.to_string(), order, name, waiting, since]
        });
        let columns = ["product", ">place", "order", "dealer", ">waiting", "since"];
        output::text(&output::lines(&output::table(&columns, rows)))
    }
}

impl Expect {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let request = ExpectStockRequest {
            request_id: Uuid::now_v7().to_string(),
            expected_version: None,
            product_id: self.product,
            expected_on: self.day,
        };
        let mut client = WaitingServiceClient::new(session.wire());
        let told = client.expect_stock(request).await?.into_inner();
        let done = Done { position: told.receipt.unwrap_or_default().position };
        match self.json {
            true => output::json(&done),
            false => output::text(&format!("expected, at position {}", done.position)),
        }
    }
}

impl From<BackOrderedProduct> for Product {
    fn from(from: BackOrderedProduct) -> Self {
        Self {
            product_id: from.product_id,
            product_name: from.product_name,
            base_unit: from.base_unit,
            waiting: from.waiting,
            orders: from.orders,
            oldest_at: from.oldest_at,
            expected_on: from.expected_on,
        }
    }
}

impl From<BackOrder> for Place {
    fn from(from: BackOrder) -> Self {
        Self {
            product_id: from.product_id,
            place: from.place,
            order_id: from.order_id,
            dealer_id: from.dealer_id,
            dealer_name: from.dealer_name,
            waiting: from.waiting,
            since: from.since,
            expected_on: from.expected_on,
        }
    }
}
