//! What dealers have to say about goods, how the brand answers, and how content they are.

use anyhow::Context as _;
use proto::order::v1 as order;
use proto::order::v1::AfterSaleCause as Cause;
use proto::order::v1::after_sale_query_service_client::AfterSaleQueryServiceClient;
use proto::order::v1::after_sale_service_client::AfterSaleServiceClient;
use proto::order::v1::order_service_client::OrderServiceClient;
use world::acts::Wrong;
use world::cases::{About, Case, Ending};

use super::stage::{BEHIND, Stage, ask};
use crate::client::retry;

/// Goods of a case: line, cause, and how many.
type Goods = [(u32, Cause, u32)];

/// A case from its beginning to its end.
pub(super) async fn play(stage: &Stage, dealer_id: &str, case: &Case) -> anyhow::Result<()> {
    let goods = goods(&case.about);
    let id = match &case.about {
        About::Receipt(_) => made(stage, &case.order_id, &goods).await?,
        About::Goods { id, .. } => {
            request(stage, id, &case.order_id, &goods).await?;
            Some(id.clone())
        }
    };
    let Some(id) = id else { return Ok(()) };
    match case.ending {
        Ending::Refused => refuse(stage, &id).await,
        Ending::WrittenOff => {
            approve(stage, &id, false).await?;
            settle(stage, &id, None).await
        }
        Ending::Noted { amount_minor, returned } => {
            approve(stage, &id, returned).await?;
            if returned {
                take_back(stage, &id, &goods).await?;
            }
            settle(stage, &id, Some(amount_minor)).await
        }
    }?;
    let Some((outcome, service)) = case.rating else { return Ok(()) };
    let request = order::RateAfterSaleRequest {
        after_sale_id: id.clone(),
        goods: outcome,
        service,
        ..Default::default()
    };
    let owner = stage.owner(dealer_id).await?;
    ask!(stage, as &owner, AfterSaleServiceClient<_>, rate_after_sale, &id, request).map(drop)
}

/// How content a dealer is with an order.
pub(super) async fn rate(
    stage: &Stage,
    dealer_id: &str,
    order_id: &str,
    (goods, service): (u32, u32),
) -> anyhow::Result<()> {
    let order_id = order_id.to_owned();
    let request = order::RateOrderRequest {
        order_id: order_id.clone(),
        goods,
        service,
        ..Default::default()
    };
    let owner = stage.owner(dealer_id).await?;
    ask!(stage, as &owner, OrderServiceClient<_>, rate_order, &order_id, request).map(drop)
}

fn goods(about: &About) -> Vec<(u32, Cause, u32)> {
    let wrong = |wrong| match wrong {
        Wrong::Short => Cause::Short,
        Wrong::Damaged => Cause::Damaged,
        Wrong::WrongGoods => Cause::WrongGoods,
    };
    match about {
        About::Receipt(lines) => lines
            .iter()
            .map(|&(line_no, kind, quantity)| (line_no, wrong(kind), quantity))
            .collect(),
        About::Goods { line_no, quality, quantity, .. } => {
            let cause = if *quality { Cause::Quality } else { Cause::NearExpiry };
            vec![(*line_no, cause, *quantity)]
        }
    }
}

/// The number of the case that a receipt has made, by what it is about.
async fn made(stage: &Stage, order_id: &str, goods: &Goods) -> anyhow::Result<Option<String>> {
    let told = retry::until_answered(BEHIND, async || {
        let (order_id, min_position) = (order_id.to_owned(), stage.position());
        let request = order::ListAfterSalesRequest { order_id, min_position, ..Default::default() };
        AfterSaleQueryServiceClient::new(stage.cast.director.wire()).list_after_sales(request).await
    });
    let cases = told.await.context("asking for after-sale cases")?.into_inner().after_sales;
    let same = |case: &&order::AfterSale| {
        let lines = case.lines.iter().map(|it| (it.line_no, it.cause(), it.quantity));
        lines.eq(goods.iter().copied())
    };
    let found = cases.iter().find(same).map(|case| case.after_sale_id.clone());
    if found.is_none() {
        stage.refused(&format!("receive_order {order_id}"), "made no case of what was not well");
    }
    Ok(found)
}

async fn request(stage: &Stage, id: &str, order_id: &str, goods: &Goods) -> anyhow::Result<()> {
    let line = |&(line_no, cause, quantity): &(u32, Cause, u32)| order::AfterSaleLine {
        line_no,
        quantity,
        cause: cause.into(),
        note: String::new(),
    };
    let request = order::RequestAfterSaleRequest {
        after_sale_id: id.to_owned(),
        order_id: order_id.to_owned(),
        wish: order::AfterSaleSettlement::CreditNote.into(),
        lines: goods.iter().map(line).collect(),
        ..Default::default()
    };
    ask!(stage, mall, AfterSaleServiceClient<_>, request_after_sale, id, request).map(drop)
}

async fn approve(stage: &Stage, id: &str, goods_return: bool) -> anyhow::Result<()> {
    let after_sale_id = id.to_owned();
    let request =
        order::ApproveAfterSaleRequest { after_sale_id, goods_return, ..Default::default() };
    ask!(stage, director, AfterSaleServiceClient<_>, approve_after_sale, id, request).map(drop)
}

async fn refuse(stage: &Stage, id: &str) -> anyhow::Result<()> {
    let request = order::RefuseAfterSaleRequest {
        after_sale_id: id.to_owned(),
        reason: "超出售后范围".to_owned(),
        ..Default::default()
    };
    ask!(stage, director, AfterSaleServiceClient<_>, refuse_after_sale, id, request).map(drop)
}

/// Goods come back that nobody can sell any more.
async fn take_back(stage: &Stage, id: &str, goods: &Goods) -> anyhow::Result<()> {
    let request = order::ShipReturnRequest {
        after_sale_id: id.to_owned(),
        carrier: "云岭物流".to_owned(),
        ..Default::default()
    };
    ask!(stage, mall, AfterSaleServiceClient<_>, ship_return, id, request)?;
    let line = |&(line_no, cause, scrap): &(u32, Cause, u32)| order::ReturnedLine {
        line_no,
        cause: cause.into(),
        scrap,
        ..Default::default()
    };
    let request = order::ReceiveReturnRequest {
        after_sale_id: id.to_owned(),
        warehouse_id: "hangzhou".to_owned(),
        lines: goods.iter().map(line).collect(),
        last: true,
        ..Default::default()
    };
    ask!(stage, warehouse, AfterSaleServiceClient<_>, receive_return, id, request).map(drop)
}

async fn settle(stage: &Stage, id: &str, amount_minor: Option<i64>) -> anyhow::Result<()> {
    let settlement = match amount_minor {
        Some(_) => order::AfterSaleSettlement::CreditNote,
        None => order::AfterSaleSettlement::WriteOff,
    };
    let request = order::SettleAfterSaleRequest {
        after_sale_id: id.to_owned(),
        settlement: settlement.into(),
        amount_minor,
        ..Default::default()
    };
    ask!(stage, finance, AfterSaleServiceClient<_>, settle_after_sale, id, request).map(drop)
}
