//! What happens with one dealer in a day, one thing after the other.

use chrono::NaiveDate;
use proto::order::v1 as order;
use proto::order::v1::credit_service_client::CreditServiceClient;
use proto::order::v1::order_service_client::OrderServiceClient;
use proto::order::v1::remittance_service_client::RemittanceServiceClient;
use proto::order::v1::wallet_service_client::WalletServiceClient;
use world::World;
use world::acts::{Act, Remittance};
use world::dealers::Dealer;

use super::brand::CURRENCY;
use super::stage::{Stage, ask};
use super::{cases, online, ordering, parcels};

/// Until when finance lets a dealer owe more than its limit: longer than any world lasts.
const FOR_LONG: &str = "2099-12-31";

pub(super) async fn acts(
    stage: &Stage,
    world: &World,
    (date, dealer): (NaiveDate, usize),
    acts: &[Act],
) -> anyhow::Result<()> {
    let Some(dealer) = world.dealers.get(dealer) else { return Ok(()) };
    for act in acts {
        one(stage, dealer, date, act).await?;
        stage.progress.one_more();
    }
    Ok(())
}

async fn one(stage: &Stage, dealer: &Dealer, date: NaiveDate, act: &Act) -> anyhow::Result<()> {
    match act {
        Act::Remit(remittance) => remit(stage, dealer, date, remittance).await,
        Act::Rebate { amount_minor, reason } => {
            let request = order::GrantRebateRequest {
                dealer_id: dealer.id.clone(),
                currency_code: CURRENCY.to_owned(),
                amount_minor: *amount_minor,
                reason: reason.clone(),
                ..Default::default()
            };
            let about = format!("{}/{date}", dealer.id);
            ask!(stage, finance, WalletServiceClient<_>, grant_rebate, &about, request).map(drop)
        }
        Act::Limit { order_id, limit_minor } => {
            limit(stage, &dealer.id, order_id, *limit_minor).await
        }
        Act::Order(new) => ordering::submit(stage, dealer, date, new).await,
        Act::OutOfStock(new) => ordering::in_vain(stage, dealer, date, new).await,
        Act::PayOnline { order_id, notices } => online::pay(stage, order_id, *notices).await,
        Act::PayBoth { order_ids } => online::pay_both(stage, order_ids).await,
        Act::PayTooLate { order_id } => online::pay_too_late(stage, order_id).await,
        Act::Release { order_id, more_minor } => {
            let temporary = order::TemporaryCreditGrant {
                amount_minor: *more_minor,
                until: FOR_LONG.to_owned(),
            };
            let request = order::ReleaseCreditHoldRequest {
                order_id: order_id.clone(),
                reason: "老客户，回款正常".to_owned(),
                temporary: Some(temporary),
                ..Default::default()
            };
            let id = order_id;
            ask!(stage, finance, OrderServiceClient<_>, release_credit_hold, id, request).map(drop)
        }
        Act::Refuse { order_id } => {
            let request = order::RefuseCreditRequest {
                order_id: order_id.clone(),
                reason: "超出额度，请先回款".to_owned(),
                ..Default::default()
            };
            let id = order_id;
            ask!(stage, finance, OrderServiceClient<_>, refuse_credit, id, request).map(drop)
        }
        Act::Confirm { order_id } => {
            let request =
                order::ConfirmOrderRequest { order_id: order_id.clone(), ..Default::default() };
            let id = order_id;
            ask!(stage, director, OrderServiceClient<_>, confirm_order, id, request).map(drop)
        }
        Act::Take { shipment_id, handed_back } => {
            parcels::take(stage, shipment_id, *handed_back).await
        }
        Act::Ship(parcel) => parcels::ship(stage, parcel).await,
        Act::CloseShort { order_id, shipment_ids } => {
            parcels::close_short(stage, order_id, shipment_ids).await
        }
        Act::Receive(arrival) => parcels::receive(stage, arrival).await,
        Act::AfterSale(case) => cases::play(stage, &dealer.id, case).await,
        Act::Rate { order_id, rating } => cases::rate(stage, &dealer.id, order_id, *rating).await,
    }
}

/// Says what a dealer may owe. The same may be said twice, about different orders.
pub(super) async fn limit(
    stage: &Stage,
    dealer_id: &str,
    about: &str,
    limit_minor: i64,
) -> anyhow::Result<()> {
    let request = order::SetCreditLimitRequest {
        dealer_id: dealer_id.to_owned(),
        currency_code: CURRENCY.to_owned(),
        limit_minor,
        payment_days: 30,
        reason: "授信复核".to_owned(),
        ..Default::default()
    };
    ask!(stage, finance, CreditServiceClient<_>, set_credit_limit, about, request).map(drop)
}

/// Money is sent by the dealer, and finance sees that it has arrived.
async fn remit(
    stage: &Stage,
    dealer: &Dealer,
    date: NaiveDate,
    remittance: &Remittance,
) -> anyhow::Result<()> {
    let purpose = match remittance.repays {
        true => order::RemittancePurpose::Repayment,
        false => order::RemittancePurpose::TopUp,
    };
    let request = order::ReportRemittanceRequest {
        remittance_id: remittance.id.clone(),
        dealer_id: dealer.id.clone(),
        purpose: purpose.into(),
        currency_code: CURRENCY.to_owned(),
        amount_minor: remittance.amount_minor,
        paid_on: date.to_string(),
        bank_reference: remittance.bank_reference.clone(),
        ..Default::default()
    };
    let id = &remittance.id;
    ask!(stage, mall, RemittanceServiceClient<_>, report_remittance, id, request)?;
    let request =
        order::ConfirmRemittanceRequest { remittance_id: id.clone(), ..Default::default() };
    ask!(stage, finance, RemittanceServiceClient<_>, confirm_remittance, id, request).map(drop)
}
