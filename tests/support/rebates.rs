//! Rebate plans of a brand.

use proto::common::v1::Receipt;
use proto::order::v1 as order;
use proto::order::v1::rebate_query_service_client::RebateQueryServiceClient;
use proto::order::v1::rebate_service_client::RebateServiceClient;
use tonic::Status;

use super::system::{User, id};

/// A draft of 2 % of everything a month, for everybody, from 2026 on.
pub fn two_percent(plan_id: &str, name: &str) -> order::DraftRebatePlanRequest {
    order::DraftRebatePlanRequest {
        request_id: id(),
        plan_id: plan_id.to_owned(),
        terms: Some(order::RebateTerms {
            name: name.to_owned(),
            currency_code: "CNY".to_owned(),
            from: "2026-01-01".to_owned(),
            until: String::new(),
            cycle: order::RebateCycle::Month.into(),
            audience: Some(order::PromotionAudience::default()),
            scope: Some(order::PromotionScope::default()),
            basis: order::RebateBasis::Amount.into(),
            ladder: order::RebateLadder::Whole.into(),
            tiers: vec![tier(0, 20_000)],
        }),
        ..Default::default()
    }
}

/// A step that gives a rate.
pub fn tier(from: u64, ppm: u32) -> order::RebateTier {
    order::RebateTier { from, reward: Some(order::rebate_tier::Reward::RatePpm(ppm)) }
}

/// Writes a plan down.
///
/// # Errors
/// As the rpc refuses it.
pub async fn draft(user: &User, request: order::DraftRebatePlanRequest) -> Result<Receipt, Status> {
    let mut rebates = RebateServiceClient::new(user.channel.clone());
    let drafted = rebates.draft_rebate_plan(user.says(request)).await?;
    Ok(drafted.into_inner().receipt.unwrap())
}

/// Writes a plan anew.
///
/// # Errors
/// As the rpc refuses it.
pub async fn revise(
    user: &User,
    plan_id: &str,
    terms: order::RebateTerms,
) -> Result<Receipt, Status> {
    let request = order::ReviseRebatePlanRequest {
        request_id: id(),
        plan_id: plan_id.to_owned(),
        terms: Some(terms),
        ..Default::default()
    };
    let mut rebates = RebateServiceClient::new(user.channel.clone());
    let revised = rebates.revise_rebate_plan(user.says(request)).await?;
    Ok(revised.into_inner().receipt.unwrap())
}

/// Makes a plan count.
///
/// # Errors
/// As the rpc refuses it.
pub async fn approve(user: &User, plan_id: &str) -> Result<Receipt, Status> {
    let request = order::ApproveRebatePlanRequest {
        request_id: id(),
        plan_id: plan_id.to_owned(),
        ..Default::default()
    };
    let mut rebates = RebateServiceClient::new(user.channel.clone());
    let approved = rebates.approve_rebate_plan(user.says(request)).await?;
    Ok(approved.into_inner().receipt.unwrap())
}

/// Ends a plan.
///
/// # Errors
/// As the rpc refuses it.
pub async fn end(user: &User, plan_id: &str) -> Result<Receipt, Status> {
    let request = order::EndRebatePlanRequest {
        request_id: id(),
        plan_id: plan_id.to_owned(),
        reason: "改政策".to_owned(),
        ..Default::default()
    };
    let mut rebates = RebateServiceClient::new(user.channel.clone());
    let ended = rebates.end_rebate_plan(user.says(request)).await?;
    Ok(ended.into_inner().receipt.unwrap())
}

/// Settles a period of a dealer.
///
/// # Errors
/// As the rpc refuses it.
pub async fn settle(
    user: &User,
    (plan_id, period, dealer_id): (&str, &str, &str),
    orders: &[&str],
) -> Result<Receipt, Status> {
    let request = order::SettleRebateRequest {
        request_id: id(),
        plan_id: plan_id.to_owned(),
        period: period.to_owned(),
        dealer_id: dealer_id.to_owned(),
        order_ids: orders.iter().map(ToString::to_string).collect(),
        ..Default::default()
    };
    let mut rebates = RebateServiceClient::new(user.channel.clone());
    let settled = rebates.settle_rebate(user.says(request)).await?;
    Ok(settled.into_inner().receipt.unwrap())
}

/// What a dealer has reached, as of a position; by a version, or by the one that counts.
///
/// # Errors
/// As the rpc refuses it.
pub async fn accrual(
    user: &User,
    (plan_id, period, dealer_id): (&str, &str, &str),
    (plan_version, min_position): (u32, u64),
) -> Result<order::GetRebateAccrualResponse, Status> {
    let asked = order::GetRebateAccrualRequest {
        plan_id: plan_id.to_owned(),
        period: period.to_owned(),
        dealer_id: dealer_id.to_owned(),
        plan_version,
        min_position,
    };
    let mut rebates = RebateQueryServiceClient::new(user.channel.clone());
    Ok(rebates.get_rebate_accrual(user.says(asked)).await?.into_inner())
}
