//! A brand with one dealer, one product and a price: enough to order.

use std::time::Duration;

use proto::bi::v1::sales_query_service_client::SalesQueryServiceClient;
use proto::bi::v1::{QuerySalesRequest, QuerySalesResponse};
use proto::common::v1::Receipt;
use proto::operations::v1::operations_service_client::OperationsServiceClient;
use proto::operations::v1::{GetStreamStatusRequest, StreamStatus};
use proto::order::v1 as order;
use proto::order::v1::order_service_client::OrderServiceClient;
use proto::order::v1::price_list_service_client::PriceListServiceClient;
use proto::order::v1::product_service_client::ProductServiceClient;
use proto::partner::v1 as partner;
use proto::partner::v1::dealer_service_client::DealerServiceClient;
use sqlx::PgPool;
use tonic::{Code, Status};

use super::system::{System, User, id};

/// Price of one bottle, in 分.
pub const PRICE: i64 = 350;

/// Founds the brand and opens its shop.
pub async fn open(system: &System) -> User {
    stocked(system.found().await).await
}

/// Opens the shop of a brand that was founded.
pub async fn stocked(admin: User) -> User {
    let channel = admin.channel.clone();
    region(&admin, "east", "华东").await;
    let dealer = partner::RegisterDealerRequest {
        request_id: id(),
        dealer_id: "hengtong".to_owned(),
        name: "苏州恒通".to_owned(),
        region_id: "east".to_owned(),
        city: "苏州".to_owned(),
        ..Default::default()
    };
    DealerServiceClient::new(channel).register_dealer(admin.says(dealer)).await.unwrap();
    product(&admin, "tea-500", "冰红茶 500ml", &["茶饮"]).await;
    price_list(&admin, "base", "标准价", &[("tea-500", PRICE)]).await;
    admin
}

/// Publishes a product.
pub async fn product(admin: &User, product_id: &str, name: &str, category: &[&str]) {
    let product = order::PublishProductRequest {
        request_id: id(),
        product_id: product_id.to_owned(),
        name: name.to_owned(),
        category_path: category.iter().map(ToString::to_string).collect(),
        base_unit: "瓶".to_owned(),
        packagings: vec![order::Packaging { unit: "箱".to_owned(), base_quantity: 24 }],
        ..Default::default()
    };
    let mut products = ProductServiceClient::new(admin.channel.clone());
    products.publish_product(admin.says(product)).await.unwrap();
}

/// Registers another dealer.
pub async fn dealer(admin: &User, dealer_id: &str, region_id: &str) {
    let dealer = partner::RegisterDealerRequest {
        request_id: id(),
        dealer_id: dealer_id.to_owned(),
        name: format!("经销商 {dealer_id}"),
        region_id: region_id.to_owned(),
        city: "苏州".to_owned(),
        ..Default::default()
    };
    let mut dealers = DealerServiceClient::new(admin.channel.clone());
    dealers.register_dealer(admin.says(dealer)).await.unwrap();
}

/// Takes a product out of the range.
pub async fn retire(admin: &User, product_id: &str) -> Receipt {
    let wanted = order::RetireProductRequest {
        request_id: id(),
        product_id: product_id.to_owned(),
        reason: "停产".to_owned(),
        ..Default::default()
    };
    let mut products = ProductServiceClient::new(admin.channel.clone());
    products.retire_product(admin.says(wanted)).await.unwrap().into_inner().receipt.unwrap()
}

/// Waits until a dealer may order.
pub async fn open_account(admin: &User, dealer_id: &str) {
    for _ in 0..300 {
        match quote(admin, dealer_id, 1).await {
            Ok(_) => return,
            Err(status) if reason(&status) == "ACCOUNT_NOT_OPEN" => {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Err(status) => panic!("{status:?}"),
        }
    }
    panic!("the account of {dealer_id} never opened");
}

/// What so much of the one product would cost a dealer.
///
/// # Errors
/// As the rpc refuses it.
pub async fn quote(
    user: &User,
    dealer: &str,
    quantity: u32,
) -> Result<order::QuoteOrderResponse, Status> {
    quote_of(user, dealer, "tea-500", quantity).await
}

/// What so much of a product would cost a dealer.
///
/// # Errors
/// As the rpc refuses it.
pub async fn quote_of(
    user: &User,
    dealer: &str,
    product_id: &str,
    quantity: u32,
) -> Result<order::QuoteOrderResponse, Status> {
    let line = order::QuoteOrderLine { product_id: product_id.to_owned(), quantity };
    let asked = order::QuoteOrderRequest {
        dealer_id: dealer.to_owned(),
        lines: vec![line],
        ..Default::default()
    };
    let mut orders = OrderServiceClient::new(user.channel.clone());
    orders.quote_order(user.says(asked)).await.map(tonic::Response::into_inner)
}

/// Adds a region below the root.
pub async fn region(admin: &User, region_id: &str, name: &str) {
    let region = partner::AddRegionRequest {
        request_id: id(),
        region_id: region_id.to_owned(),
        name: name.to_owned(),
        parent_id: "root".to_owned(),
        ..Default::default()
    };
    let channel = admin.channel.clone();
    let mut regions = partner::region_service_client::RegionServiceClient::new(channel);
    regions.add_region(admin.says(region)).await.unwrap();
}

/// Creates a price list with prices.
pub async fn price_list(admin: &User, price_list_id: &str, name: &str, prices: &[(&str, i64)]) {
    let list = order::CreatePriceListRequest {
        request_id: id(),
        price_list_id: price_list_id.to_owned(),
        name: name.to_owned(),
        currency_code: "CNY".to_owned(),
        ..Default::default()
    };
    let mut lists = PriceListServiceClient::new(admin.channel.clone());
    lists.create_price_list(admin.says(list)).await.unwrap();
    set_prices(admin, price_list_id, prices).await;
}

/// Sets prices of a list, at once.
pub async fn set_prices(admin: &User, price_list_id: &str, prices: &[(&str, i64)]) -> Receipt {
    let price = |&(product_id, unit_price_minor): &(&str, i64)| order::BasePrice {
        product_id: product_id.to_owned(),
        unit_price_minor,
        ..Default::default()
    };
    let prices = order::SetBasePricesRequest {
        request_id: id(),
        price_list_id: price_list_id.to_owned(),
        prices: prices.iter().map(price).collect(),
        ..Default::default()
    };
    let mut lists = PriceListServiceClient::new(admin.channel.clone());
    lists.set_base_prices(admin.says(prices)).await.unwrap().into_inner().receipt.unwrap()
}

/// A request for an order of the one product.
pub fn order_of(order_id: &str, quantity: u32) -> order::SubmitOrderRequest {
    order::SubmitOrderRequest {
        request_id: id(),
        order_id: order_id.to_owned(),
        dealer_id: "hengtong".to_owned(),
        lines: vec![order::SubmitOrderLine {
            product_id: "tea-500".to_owned(),
            quantity,
            unit_price_minor: Some(PRICE),
        }],
        ..Default::default()
    }
}

/// Submits an order, again and again while its account is being opened or a server is away. The
/// request stays the same, so it is carried out once.
pub async fn submit(user: &User, request: &order::SubmitOrderRequest) -> Receipt {
    let mut orders = OrderServiceClient::new(user.channel.clone());
    for _ in 0..300 {
        match orders.submit_order(user.says(request.clone())).await {
            Ok(answer) => return answer.into_inner().receipt.unwrap(),
            Err(status) if passes_soon(&status) => {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Err(status) => panic!("refused: {status:?}"),
        }
    }
    panic!("the order was never accepted");
}

fn passes_soon(status: &Status) -> bool {
    let away = matches!(status.code(), Code::Unavailable | Code::Unknown | Code::Cancelled);
    away || reason(status) == "ACCOUNT_NOT_OPEN"
}

/// The machine's word for a refusal.
pub fn reason(status: &Status) -> String {
    use tonic_types::StatusExt as _;
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

/// Asks the sales cube.
pub async fn sales(user: &User, request: QuerySalesRequest) -> QuerySalesResponse {
    let mut cube = SalesQueryServiceClient::new(user.channel.clone());
    cube.query_sales(user.says(request)).await.unwrap().into_inner()
}

/// The order stream and its log, when both have got to a position.
pub async fn stream_at(user: &User, position: u64) -> StreamStatus {
    let mut operations = OperationsServiceClient::new(user.channel.clone());
    for _ in 0..300 {
        let status = operations.get_stream_status(user.says(GetStreamStatusRequest {})).await;
        let streams = status.map(|answer| answer.into_inner().streams).unwrap_or_default();
        let found = streams.into_iter().find(|stream| stream.name == "ORDER");
        if let Some(stream) = found.filter(|stream| stream.stream_sequence >= position) {
            return stream;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the stream never got to {position}");
}

/// All rows of all read models, as text.
pub async fn rows(system: &System) -> Vec<String> {
    let pool = PgPool::connect(&system.servers.postgres_url()).await.unwrap();
    let mut all = Vec::new();
    let tables = [
        "sales",
        "orders",
        "order_lines",
        "order_metrics",
        "order_metric_departures",
        "order_metric_lines",
        "order_metric_cases",
        "order_metric_credit",
        "order_todos",
        "order_changes",
        "products",
        "price_lists",
        "prices",
        "floor_prices",
        "assortment_rules",
        "promotions",
        "rebate_plans",
        "rebate_plan_versions",
        "rebate_orders",
        "rebate_lines",
        "rebate_settlements",
        "rebate_settlement_entries",
        "dealer_funds",
        "credit_lines",
        "credit_grants",
        "receivables",
        "funds_entries",
        "remittances",
        "payments",
        "payment_refunds",
        "bank_lines",
        "provider_bills",
        "bill_differences",
        "shipments",
        "shipment_lines",
        "shipment_parcels",
        "after_sales",
        "after_sale_lines",
        "carts",
        "order_rules",
        "statements",
        "statement_steps",
        "stock_levels",
        "stock_items",
        "order_waits",
        "back_orders",
        "expected_stock",
        "regions",
        "region_moves",
        "dealers",
        "dealer_classes",
        "dealer_class_changes",
        "users",
        "memberships",
        "invitations",
        "event_index_order",
        "event_index_partner",
        "event_index_collab",
        "files",
    ];
    for table in tables {
        let query = format!("SELECT '{table} ' || t::text FROM read_models.{table} t ORDER BY 1");
        all.extend(sqlx::query_scalar::<_, String>(&query).fetch_all(&pool).await.unwrap());
    }
    all
}
