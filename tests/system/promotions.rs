//! Promotions over their rpcs: who may make one count, and what is told where something is wrong.

use kernel::failure::told_fields;
use proto::order::v1 as order;
use proto::order::v1::promotion_query_service_client::PromotionQueryServiceClient;
use proto::order::v1::promotion_service_client::PromotionServiceClient;
use tonic::Status;

use cluster_tests::support::promotions::{approve, tenth_off};
use cluster_tests::support::shop::reason;
use cluster_tests::support::system::{System, User, id};

const SUMMER: &str = "summer";

async fn draft(user: &User, request: order::DraftPromotionRequest) -> Result<(), Status> {
    let mut promotions = PromotionServiceClient::new(user.channel.clone());
    promotions.draft_promotion(user.says(request)).await.map(drop)
}

#[tokio::test]
async fn whoever_drafts_a_promotion_does_not_approve_it() {
    let system = System::start().await;
    let admin = system.found().await;
    let director = system.director();
    draft(&admin, tenth_off(SUMMER, "夏季九折")).await.unwrap();
    let no = approve(&admin, SUMMER).await.unwrap_err();
    assert_eq!(reason(&no), "DUTIES_APART");
    approve(&director, SUMMER).await.unwrap();
    // What is approved keeps its terms.
    let revise = order::RevisePromotionRequest {
        request_id: id(),
        promotion_id: SUMMER.to_owned(),
        terms: tenth_off(SUMMER, "夏季八折").terms,
        ..Default::default()
    };
    let mut promotions = PromotionServiceClient::new(admin.channel.clone());
    let no = promotions.revise_promotion(admin.says(revise)).await.unwrap_err();
    assert_eq!(reason(&no), "TERMS_APPROVED");
}

#[tokio::test]
async fn lists_tell_how_far_a_promotion_is_and_why() {
    let system = System::start().await;
    let (admin, director) = (system.found().await, system.director());
    draft(&admin, tenth_off(SUMMER, "夏季九折")).await.unwrap();
    draft(&admin, tenth_off("winter", "冬季九折")).await.unwrap();
    approve(&director, SUMMER).await.unwrap();
    let (request_id, promotion_id) = (id(), SUMMER.to_owned());
    let resume = order::ResumePromotionRequest { request_id, promotion_id, ..Default::default() };
    let end = order::EndPromotionRequest {
        request_id: id(),
        promotion_id: SUMMER.to_owned(),
        reason: "改政策".to_owned(),
        ..Default::default()
    };
    let mut promotions = PromotionServiceClient::new(director.channel.clone());
    // It counts already, so there is nothing to resume.
    promotions.resume_promotion(director.says(resume)).await.unwrap();
    let ended = promotions.end_promotion(director.says(end)).await.unwrap().into_inner();
    let min_position = ended.receipt.unwrap().position;

    let mut lists = PromotionQueryServiceClient::new(admin.channel.clone());
    let asked = order::GetPromotionRequest { promotion_id: SUMMER.to_owned(), min_position };
    let shown = lists.get_promotion(admin.says(asked)).await.unwrap().into_inner();
    assert_eq!(shown.terms, tenth_off(SUMMER, "夏季九折").terms.map(told));
    let summer = shown.promotion.unwrap();
    assert_eq!(
        (summer.status(), summer.reason.as_str()),
        (order::PromotionStatus::Ended, "改政策")
    );
    assert_eq!((summer.drafted_by.as_str(), summer.approved_by.as_str()), ("han.meimei", "li.lei"));
    let drafts = order::ListPromotionsRequest {
        status: order::PromotionStatus::Draft.into(),
        search: "冬".to_owned(),
        min_position,
        ..Default::default()
    };
    let drafts = lists.list_promotions(admin.says(drafts)).await.unwrap().into_inner();
    let ids: Vec<_> = drafts.promotions.iter().map(|it| it.promotion_id.as_str()).collect();
    assert_eq!((ids, drafts.page.unwrap().total), (vec!["winter"], 1));
}

/// Terms as they are told: what was left out is there and empty.
fn told(terms: order::PromotionTerms) -> order::PromotionTerms {
    order::PromotionTerms {
        audience: Some(order::PromotionAudience::default()),
        scope: Some(order::PromotionScope::default()),
        ..terms
    }
}

#[tokio::test]
async fn what_is_wrong_with_terms_is_told_at_its_field() {
    let system = System::start().await;
    let admin = system.found().await;
    let no = draft(&admin, order::DraftPromotionRequest { terms: None, ..tenth_off(SUMMER, "空") });
    assert_eq!(told_fields(&no.await.unwrap_err(), "zh-CN"), [("terms".into(), "不能为空".into())]);
    let mut wrong = tenth_off(SUMMER, "错");
    let terms = wrong.terms.as_mut().unwrap();
    (terms.from, terms.stacking) = ("2026-02-30".to_owned(), 0);
    terms.tiers[0].reward = None;
    let no = draft(&admin, wrong).await.unwrap_err();
    let fields: Vec<_> = told_fields(&no, "en").into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["terms.from", "terms.stacking", "terms.tiers[0].reward"]);
    let mut over = tenth_off(SUMMER, "倒");
    over.terms.as_mut().unwrap().until = "2025-12-31".to_owned();
    assert_eq!(reason(&draft(&admin, over).await.unwrap_err()), "PROMOTION_TERMS");
}
