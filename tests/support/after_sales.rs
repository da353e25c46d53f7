//! After-sale cases in scenarios.

use proto::common::v1::Receipt;
use proto::order::v1 as order;
use proto::order::v1::after_sale_query_service_client::AfterSaleQueryServiceClient;
use proto::order::v1::after_sale_service_client::AfterSaleServiceClient;
use proto::order::v1::order_service_client::OrderServiceClient;
use proto::order::v1::{AfterSale, AfterSaleCause, AfterSaleSettlement, DifferenceKind};
use tonic::Status;

use super::system::{User, id};

fn client(user: &User) -> AfterSaleServiceClient<tonic::transport::Channel> {
    AfterSaleServiceClient::new(user.channel.clone())
}

/// Receives all that is on its way, but for what differs: units and kind.
///
/// # Errors
/// As the rpc refuses it.
pub async fn receive(
    user: &User,
    order_id: &str,
    differing: &[(u32, DifferenceKind)],
) -> Result<Receipt, Status> {
    let difference = |&(quantity, kind): &(u32, DifferenceKind)| order::LineDifference {
        line_no: 1,
        kind: kind.into(),
        quantity,
        note: "纸箱湿了".to_owned(),
    };
    let request = order::ReceiveOrderRequest {
        request_id: id(),
        order_id: order_id.to_owned(),
        differences: differing.iter().map(difference).collect(),
        ..Default::default()
    };
    let mut orders = OrderServiceClient::new(user.channel.clone());
    Ok(orders.receive_order(user.says(request)).await?.into_inner().receipt.unwrap())
}

/// Asks for a refund of some of the first line of an order.
///
/// # Errors
/// As the rpc refuses it.
pub async fn request(
    user: &User,
    order_id: &str,
    quantity: u32,
    cause: AfterSaleCause,
) -> Result<Receipt, Status> {
    let line =
        order::AfterSaleLine { line_no: 1, quantity, cause: cause.into(), note: String::new() };
    let request = order::RequestAfterSaleRequest {
        request_id: id(),
        order_id: order_id.to_owned(),
        wish: AfterSaleSettlement::Refund.into(),
        lines: vec![line],
        note: "请尽快处理".to_owned(),
        ..Default::default()
    };
    let asked = client(user).request_after_sale(user.says(request)).await?;
    Ok(asked.into_inner().receipt.unwrap())
}

/// Agrees with a case.
///
/// # Errors
/// As the rpc refuses it.
pub async fn approve(user: &User, case: &str, goods_return: bool) -> Result<Receipt, Status> {
    let request = order::ApproveAfterSaleRequest {
        request_id: id(),
        after_sale_id: case.to_owned(),
        goods_return,
        remark: "同意".to_owned(),
        ..Default::default()
    };
    let approved = client(user).approve_after_sale(user.says(request)).await?;
    Ok(approved.into_inner().receipt.unwrap())
}

/// Does not agree with a case.
///
/// # Errors
/// As the rpc refuses it.
pub async fn refuse(user: &User, case: &str) -> Result<Receipt, Status> {
    let request = order::RefuseAfterSaleRequest {
        request_id: id(),
        after_sale_id: case.to_owned(),
        reason: "照片与商品不符".to_owned(),
        ..Default::default()
    };
    let refused = client(user).refuse_after_sale(user.says(request)).await?;
    Ok(refused.into_inner().receipt.unwrap())
}

/// Calls a case off.
///
/// # Errors
/// As the rpc refuses it.
pub async fn withdraw(user: &User, case: &str) -> Result<Receipt, Status> {
    let request = order::WithdrawAfterSaleRequest {
        request_id: id(),
        after_sale_id: case.to_owned(),
        reason: "已自行处理".to_owned(),
        ..Default::default()
    };
    let withdrawn = client(user).withdraw_after_sale(user.says(request)).await?;
    Ok(withdrawn.into_inner().receipt.unwrap())
}

/// Sends the goods of a case back.
///
/// # Errors
/// As the rpc refuses it.
pub async fn ship_return(user: &User, case: &str) -> Result<Receipt, Status> {
    let request = order::ShipReturnRequest {
        request_id: id(),
        after_sale_id: case.to_owned(),
        carrier: "德邦".to_owned(),
        tracking_number: "DPK360012345678".to_owned(),
        ..Default::default()
    };
    let sent = client(user).ship_return(user.says(request)).await?;
    Ok(sent.into_inner().receipt.unwrap())
}

/// Takes goods of the first line back: so many to sell, scrap, and not accepted.
///
/// # Errors
/// As the rpc refuses it.
pub async fn receive_return(
    user: &User,
    case: &str,
    cause: AfterSaleCause,
    [sellable, scrap, rejected]: [u32; 3],
) -> Result<Receipt, Status> {
    let line = order::ReturnedLine { line_no: 1, cause: cause.into(), sellable, scrap, rejected };
    let request = order::ReceiveReturnRequest {
        request_id: id(),
        after_sale_id: case.to_owned(),
        warehouse_id: "north".to_owned(),
        lines: vec![line],
        last: false,
        ..Default::default()
    };
    let taken = client(user).receive_return(user.says(request)).await?;
    Ok(taken.into_inner().receipt.unwrap())
}

/// Settles a case; no amount: what the goods are worth.
///
/// # Errors
/// As the rpc refuses it.
pub async fn settle(
    user: &User,
    case: &str,
    settlement: AfterSaleSettlement,
    amount_minor: Option<i64>,
) -> Result<Receipt, Status> {
    let request = order::SettleAfterSaleRequest {
        request_id: id(),
        after_sale_id: case.to_owned(),
        settlement: settlement.into(),
        amount_minor,
        remark: "已核实".to_owned(),
        ..Default::default()
    };
    let settled = client(user).settle_after_sale(user.says(request)).await?;
    Ok(settled.into_inner().receipt.unwrap())
}

/// Says how content the dealer is with a case.
///
/// # Errors
/// As the rpc refuses it.
pub async fn rate(user: &User, case: &str) -> Result<Receipt, Status> {
    let request = order::RateAfterSaleRequest {
        request_id: id(),
        after_sale_id: case.to_owned(),
        goods: 4,
        service: 5,
        comment: "处理很快".to_owned(),
        ..Default::default()
    };
    let rated = client(user).rate_after_sale(user.says(request)).await?;
    Ok(rated.into_inner().receipt.unwrap())
}

/// Says how content the dealer is with an order.
///
/// # Errors
/// As the rpc refuses it.
pub async fn rate_order(user: &User, order_id: &str) -> Result<Receipt, Status> {
    let request = order::RateOrderRequest {
        request_id: id(),
        order_id: order_id.to_owned(),
        goods: 5,
        service: 3,
        comment: "送货慢".to_owned(),
        ..Default::default()
    };
    let mut orders = OrderServiceClient::new(user.channel.clone());
    Ok(orders.rate_order(user.says(request)).await?.into_inner().receipt.unwrap())
}

/// A case as it is shown.
///
/// # Errors
/// As the rpc refuses it.
pub async fn case(user: &User, case: &str, min_position: u64) -> Result<AfterSale, Status> {
    let request = order::GetAfterSaleRequest { after_sale_id: case.to_owned(), min_position };
    let mut client = AfterSaleQueryServiceClient::new(user.channel.clone());
    Ok(client.get_after_sale(user.says(request)).await?.into_inner().after_sale.unwrap())
}

/// Cases of an order, the newest first.
///
/// # Errors
/// As the rpc refuses it.
pub async fn cases(
    user: &User,
    order_id: &str,
    min_position: u64,
) -> Result<Vec<AfterSale>, Status> {
    let request = order::ListAfterSalesRequest {
        order_id: order_id.to_owned(),
        min_position,
        ..Default::default()
    };
    let mut client = AfterSaleQueryServiceClient::new(user.channel.clone());
    Ok(client.list_after_sales(user.says(request)).await?.into_inner().after_sales)
}
