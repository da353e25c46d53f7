//! Promotions of a brand.

use proto::order::v1 as order;
use proto::order::v1::promotion_service_client::PromotionServiceClient;
use tonic::Status;

use super::system::{User, id};

/// A draft of a tenth off everything, for everybody and for good.
pub fn tenth_off(promotion_id: &str, name: &str) -> order::DraftPromotionRequest {
    order::DraftPromotionRequest {
        request_id: id(),
        promotion_id: promotion_id.to_owned(),
        terms: Some(order::PromotionTerms {
            name: name.to_owned(),
            currency_code: "CNY".to_owned(),
            from: "2026-01-01".to_owned(),
            group_name: "every".to_owned(),
            stacking: order::Stacking::All.into(),
            measure: order::Measure::Quantity.into(),
            tiers: vec![order::PromotionTier {
                from: 1,
                reward: Some(order::promotion_tier::Reward::PercentBasisPoints(1_000)),
            }],
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// Makes a promotion count.
///
/// # Errors
/// As the rpc refuses it.
pub async fn approve(user: &User, promotion_id: &str) -> Result<(), Status> {
    let request = order::ApprovePromotionRequest {
        request_id: id(),
        promotion_id: promotion_id.to_owned(),
        ..Default::default()
    };
    let mut promotions = PromotionServiceClient::new(user.channel.clone());
    promotions.approve_promotion(user.says(request)).await.map(drop)
}
