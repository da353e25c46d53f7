//! Credit, money and payments of dealers in scenarios.

use proto::access::v1::Role;
use proto::common::v1::{PageRequest, Receipt};
use proto::order::v1 as order;
use proto::order::v1::credit_service_client::CreditServiceClient;
use proto::order::v1::funds_query_service_client::FundsQueryServiceClient;
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use proto::order::v1::order_rules_service_client::OrderRulesServiceClient;
use proto::order::v1::order_service_client::OrderServiceClient;
use proto::order::v1::remittance_service_client::RemittanceServiceClient;
use tonic::{Response, Status};

use super::shop::{self, open_account};
use super::system::{System, User, id};

/// A person of finance, who is nobody else of these scenarios.
pub fn finance(system: &System) -> User {
    system.somebody("wang.fang", Role::Finance)
}

/// Lets orders be paid here; `reviewed` says whether people confirm them.
pub async fn settle(user: &User, reviewed: bool) -> u64 {
    let rules = order::OrderRules {
        settled_here: true,
        reviewed,
        rebate_share_percent: 30,
        overdue_grace_days: Some(0),
        stock_checked: false,
        hands_over: false,
        ..Default::default()
    };
    let request =
        order::SetOrderRulesRequest { request_id: id(), rules: Some(rules), ..Default::default() };
    let mut client = OrderRulesServiceClient::new(user.channel.clone());
    let set = client.set_order_rules(user.says(request)).await.unwrap();
    set.into_inner().receipt.unwrap().position
}

/// Says how much credit a dealer has.
///
/// # Errors
/// As the rpc refuses it.
pub async fn limit(user: &User, dealer: &str, limit_minor: i64) -> Result<Receipt, Status> {
    let request = order::SetCreditLimitRequest {
        request_id: id(),
        dealer_id: dealer.to_owned(),
        currency_code: "CNY".to_owned(),
        limit_minor,
        payment_days: 30,
        reason: "年度授信".to_owned(),
        ..Default::default()
    };
    let mut client = CreditServiceClient::new(user.channel.clone());
    let set = client.set_credit_limit(user.says(request)).await?;
    Ok(set.into_inner().receipt.unwrap())
}

/// A report of money that a dealer sent today.
pub fn report(
    dealer: &str,
    purpose: order::RemittancePurpose,
    amount_minor: i64,
    reference: &str,
) -> order::ReportRemittanceRequest {
    order::ReportRemittanceRequest {
        request_id: id(),
        dealer_id: dealer.to_owned(),
        purpose: purpose.into(),
        currency_code: "CNY".to_owned(),
        amount_minor,
        paid_on: "2026-01-05".to_owned(),
        bank_reference: reference.to_owned(),
        ..Default::default()
    }
}

/// Tells of money; its number.
///
/// # Errors
/// As the rpc refuses it.
pub async fn reported(
    user: &User,
    request: order::ReportRemittanceRequest,
) -> Result<String, Status> {
    let mut client = RemittanceServiceClient::new(user.channel.clone());
    let told = client.report_remittance(user.says(request)).await?;
    Ok(told.into_inner().receipt.unwrap().object_id)
}

/// Confirms money as it was reported.
///
/// # Errors
/// As the rpc refuses it.
pub async fn confirm(user: &User, remittance_id: &str) -> Result<Receipt, Status> {
    let request = order::ConfirmRemittanceRequest {
        request_id: id(),
        remittance_id: remittance_id.to_owned(),
        ..Default::default()
    };
    let mut client = RemittanceServiceClient::new(user.channel.clone());
    let done = client.confirm_remittance(user.says(request)).await?;
    Ok(done.into_inner().receipt.unwrap())
}

/// What a dealer has, as of a position.
///
/// # Errors
/// As the rpc refuses it.
pub async fn funds(
    user: &User,
    dealer: &str,
    min_position: u64,
) -> Result<order::DealerFunds, Status> {
    let asked = order::GetDealerFundsRequest { dealer_id: dealer.to_owned(), min_position };
    let mut client = FundsQueryServiceClient::new(user.channel.clone());
    let told = client.get_dealer_funds(user.says(asked)).await?;
    Ok(told.into_inner().funds.unwrap())
}

/// What changed a dealer's accounts, the newest first.
///
/// # Errors
/// As the rpc refuses it.
pub async fn entries(user: &User, dealer: &str) -> Result<Vec<order::FundsEntry>, Status> {
    let asked = order::ListFundsEntriesRequest {
        page: Some(PageRequest { size: 200, ..Default::default() }),
        dealer_id: dealer.to_owned(),
        ..Default::default()
    };
    let mut client = FundsQueryServiceClient::new(user.channel.clone());
    Ok(client.list_funds_entries(user.says(asked)).await?.into_inner().entries)
}

/// An order as lists have it.
pub async fn shown(user: &User, order_id: &str, min_position: u64) -> order::GetOrderResponse {
    let mut lists = OrderQueryServiceClient::new(user.channel.clone());
    let asked = order::GetOrderRequest { order_id: order_id.to_owned(), min_position };
    lists.get_order(user.says(asked)).await.unwrap().into_inner()
}

/// Lets an order that waits for credit have it; with so much more until a day.
///
/// # Errors
/// As the rpc refuses it.
pub async fn release(user: &User, order_id: &str, more: Option<i64>) -> Result<Receipt, Status> {
    let grant =
        |amount_minor| order::TemporaryCreditGrant { amount_minor, until: "2099-12-31".to_owned() };
    let request = order::ReleaseCreditHoldRequest {
        request_id: id(),
        order_id: order_id.to_owned(),
        reason: "老客户".to_owned(),
        temporary: more.map(grant),
        ..Default::default()
    };
    let mut client = OrderServiceClient::new(user.channel.clone());
    let done = client.release_credit_hold(user.says(request)).await.map(Response::into_inner)?;
    Ok(done.receipt.unwrap())
}

/// Cancels an order.
///
/// # Errors
/// As the rpc refuses it.
pub async fn cancel(user: &User, order_id: &str) -> Result<Receipt, Status> {
    let request = order::CancelOrderRequest {
        request_id: id(),
        order_id: order_id.to_owned(),
        reason: "下错".to_owned(),
        ..Default::default()
    };
    let mut client = OrderServiceClient::new(user.channel.clone());
    Ok(client.cancel_order(user.says(request)).await?.into_inner().receipt.unwrap())
}

/// Ships so much of the first line of an order.
///
/// # Errors
/// As the rpc refuses it.
pub async fn ship(user: &User, order_id: &str, quantity: u32) -> Result<Receipt, Status> {
    let request = order::ShipOrderRequest {
        request_id: id(),
        order_id: order_id.to_owned(),
        lines: vec![order::LineQuantity { line_no: 1, quantity }],
        ..Default::default()
    };
    let mut client = OrderServiceClient::new(user.channel.clone());
    Ok(client.ship_order(user.says(request)).await?.into_inner().receipt.unwrap())
}

/// A brand whose orders are paid here, the dealer's owner, and a person of finance.
pub async fn settled(system: &System, reviewed: bool) -> (User, User, User) {
    let admin = shop::open(system).await;
    open_account(&admin, "hengtong").await;
    settle(&admin, reviewed).await;
    let owner = system.user("acme", &[Role::DealerOwner], Some("hengtong"));
    (admin, owner, finance(system))
}

/// Confirms an order for delivery.
pub async fn confirm_order(user: &User, order_id: &str) {
    let confirm = order::ConfirmOrderRequest {
        request_id: id(),
        order_id: order_id.to_owned(),
        ..Default::default()
    };
    OrderServiceClient::new(user.channel.clone()).confirm_order(user.says(confirm)).await.unwrap();
}
