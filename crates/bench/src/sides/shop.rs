//! A small shop to order from: what is asked of the servers compared.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context as _;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use proto::order::v1 as api;
use proto::order::v1::account_service_client::AccountServiceClient;
use proto::order::v1::order_service_client::OrderServiceClient;
use proto::order::v1::price_list_service_client::PriceListServiceClient;
use proto::order::v1::product_service_client::ProductServiceClient;
use tonic::client::Grpc;
use tonic::transport::Channel;
use tonic_prost::ProstCodec;
use uuid::Uuid;

use super::echo::{EchoService, Named as _};
use super::rpc::{Served, says};
use crate::load::Operation;

const DEALER: &str = "hengtong";
/// Objects that commands on existing objects go round.
pub const PRODUCTS: u64 = 1_000;

/// Products published at the same time while a shop is opened.
pub const AT_ONCE: usize = 32;

/// A fresh request id.
pub fn id() -> String {
    Uuid::new_v4().to_string()
}

/// The product of a number.
fn product(number: u64) -> String {
    format!("tea-{}", number % PRODUCTS)
}

/// Publishes a product.
pub fn publish_request(number: u64) -> api::PublishProductRequest {
    api::PublishProductRequest {
        request_id: id(),
        product_id: product(number),
        name: "冰红茶 500ml".to_owned(),
        category_path: vec!["茶饮".to_owned(), "瓶装".to_owned()],
        base_unit: "瓶".to_owned(),
        packagings: vec![api::Packaging { unit: "箱".to_owned(), base_quantity: 24 }],
        ..Default::default()
    }
}

/// Gives a product another name, every time a new one.
fn rename_request(number: u64) -> api::RenameProductRequest {
    api::RenameProductRequest {
        request_id: id(),
        product_id: product(number),
        name: format!("冰红茶 500ml 第 {number} 版"),
        ..Default::default()
    }
}

/// Opens the dealer's account.
pub fn account_request() -> api::OpenAccountRequest {
    let region = |id: &str, name: &str| api::RegionRef { region_id: id.into(), name: name.into() };
    api::OpenAccountRequest {
        request_id: id(),
        dealer_id: DEALER.to_owned(),
        dealer_name: "苏州恒通".to_owned(),
        region_path: vec![region("root", "全国"), region("east", "华东")],
        ..Default::default()
    }
}

/// Creates the base price list.
pub fn list_request() -> api::CreatePriceListRequest {
    api::CreatePriceListRequest {
        request_id: id(),
        price_list_id: "base".to_owned(),
        name: "标准价".to_owned(),
        currency_code: "CNY".to_owned(),
        ..Default::default()
    }
}

/// Prices the first products.
pub fn prices_request() -> api::SetBasePricesRequest {
    let price = |number| api::BasePrice {
        product_id: product(number),
        unit_price_minor: 350,
        ..Default::default()
    };
    let prices = (0..10).map(price);
    api::SetBasePricesRequest {
        request_id: id(),
        price_list_id: "base".to_owned(),
        prices: prices.collect(),
        ..Default::default()
    }
}

/// Orders one product: two lines would only make more of the same.
pub fn order_request(number: u64) -> api::SubmitOrderRequest {
    api::SubmitOrderRequest {
        request_id: id(),
        order_id: format!("SO-{}", Uuid::new_v4().simple()),
        dealer_id: DEALER.to_owned(),
        lines: vec![api::SubmitOrderLine {
            product_id: product(number % 10),
            quantity: 24,
            unit_price_minor: Some(350),
        }],
        ..Default::default()
    }
}

/// Opens the shop by the rpcs of qudao.
///
/// # Errors
/// When the server refuses.
pub async fn open(served: &Served) -> anyhow::Result<()> {
    let channel = served.channel().await?;
    let products = ProductServiceClient::new(channel.clone());
    let publish = |number| {
        let mut products = products.clone();
        let request = served.says(publish_request(number));
        async move { products.publish_product(request).await }
    };
    let published = stream::iter(0..PRODUCTS).map(publish).buffer_unordered(AT_ONCE);
    published.try_for_each(|_| async { Ok(()) }).await?;
    let mut lists = PriceListServiceClient::new(channel.clone());
    lists.create_price_list(served.says(list_request())).await?;
    lists.set_base_prices(served.says(prices_request())).await?;
    let mut accounts = AccountServiceClient::new(channel);
    accounts.open_account(served.says(account_request())).await?;
    Ok(())
}

/// Numbers for calls, one after the other.
fn numbers() -> impl Fn() -> u64 + Send + Sync + 'static {
    let next = AtomicU64::new(0);
    move || next.fetch_add(1, Ordering::Relaxed)
}

/// Orders: a command that reads four objects and writes a fifth, new one.
///
/// # Errors
/// When the server does not answer.
pub async fn submit(served: &Served) -> anyhow::Result<Operation> {
    let (client, token) = (OrderServiceClient::new(served.channel().await?), served.token());
    let number = numbers();
    Ok(Arc::new(move |_| {
        let mut client = client.clone();
        let request = says(&token, order_request(number()));
        Box::pin(async move {
            let answer = client.submit_order(request).await?.into_inner();
            answer.receipt.context("an order that was taken has a receipt")?;
            Ok(())
        })
    }))
}

/// Renames products in turn: a command on one object that exists.
///
/// # Errors
/// When the server does not answer.
pub async fn rename(served: &Served) -> anyhow::Result<Operation> {
    let (client, token) = (ProductServiceClient::new(served.channel().await?), served.token());
    let number = numbers();
    Ok(Arc::new(move |_| {
        let mut client = client.clone();
        let request = says(&token, rename_request(number()));
        Box::pin(async move {
            let answer = client.rename_product(request).await?.into_inner();
            answer.receipt.context("a name that was taken has a receipt")?;
            Ok(())
        })
    }))
}

/// Sends an order to the trivial echo.
///
/// # Errors
/// When the server does not answer.
pub async fn echo(served: &Served) -> anyhow::Result<Operation> {
    let (channel, token) = (served.channel().await?, served.token());
    let path = http::uri::PathAndQuery::from_maybe_shared(format!("/{}/Echo", EchoService::NAME))?;
    let number = numbers();
    Ok(Arc::new(move |_| {
        let (channel, path) = (channel.clone(), path.clone());
        let request = says(&token, order_request(number()));
        Box::pin(async move { call_echo(channel, path, request).await })
    }))
}

async fn call_echo(
    channel: Channel,
    path: http::uri::PathAndQuery,
    request: tonic::Request<api::SubmitOrderRequest>,
) -> anyhow::Result<()> {
    let mut client = Grpc::new(channel);
    client.ready().await?;
    let codec = ProstCodec::<api::SubmitOrderRequest, api::SubmitOrderRequest>::default();
    let answer = client.unary(request, path, codec).await?.into_inner();
    anyhow::ensure!(answer.dealer_id == DEALER, "the echo answers with what it is asked");
    Ok(())
}
