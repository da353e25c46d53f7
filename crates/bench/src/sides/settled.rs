//! What makes an order more than a price: goods that are kept for it, credit that it takes, and a
//! warehouse that it is handed over to.

use futures::{StreamExt as _, TryStreamExt as _, stream};
use proto::order::v1 as api;
use proto::order::v1::credit_service_client::CreditServiceClient;
use proto::order::v1::order_rules_service_client::OrderRulesServiceClient;
use proto::order::v1::stock_service_client::StockServiceClient;
use tonic::transport::Channel;

use super::rpc::Served;
use super::shop::{AT_ONCE, id};

/// Units of each product: no round takes as many.
const ON_HAND: u32 = 1_000_000_000;
/// Credit of each dealer in 分: no round takes as much.
const LIMIT_MINOR: i64 = 1_000_000_000_000;

/// From now on an order keeps its goods and takes credit, is confirmed by nobody, and is handed
/// over in the append that confirms it.
///
/// # Errors
/// When the server refuses.
pub async fn settle(
    served: &Served,
    channel: Channel,
    (products, dealers): (Vec<String>, Vec<String>),
) -> anyhow::Result<()> {
    let counted = |product_id| api::CountedStock { product_id, on_hand: ON_HAND };
    let count = api::CountStockRequest {
        request_id: id(),
        warehouse_id: "wh-east".to_owned(),
        items: products.into_iter().map(counted).collect(),
        ..Default::default()
    };
    StockServiceClient::new(channel.clone()).count_stock(served.says(count)).await?;
    let credit = CreditServiceClient::new(channel.clone());
    let lend = |dealer_id| {
        let mut credit = credit.clone();
        let limit = api::SetCreditLimitRequest {
            request_id: id(),
            dealer_id,
            currency_code: "CNY".to_owned(),
            limit_minor: LIMIT_MINOR,
            payment_days: 30,
            reason: "年度授信".to_owned(),
            ..Default::default()
        };
        let request = served.says(limit);
        async move { credit.set_credit_limit(request).await }
    };
    let lent = stream::iter(dealers).map(lend).buffer_unordered(AT_ONCE);
    lent.try_for_each(|_| async { Ok(()) }).await?;
    let rules = api::OrderRules {
        settled_here: true,
        stock_checked: true,
        hands_over: true,
        ..Default::default()
    };
    let set =
        api::SetOrderRulesRequest { request_id: id(), rules: Some(rules), ..Default::default() };
    OrderRulesServiceClient::new(channel).set_order_rules(served.says(set)).await?;
    Ok(())
}
