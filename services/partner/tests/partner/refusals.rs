//! How a no is told.

use kernel::{Refusal, RefusalKind};
use partner::dealer::DealerRefusal;
use partner::invitation::InvitationRefusal;
use partner::region_tree::RegionRefusal;
use partner::tenant::TenantRefusal;
use partner::user::UserRefusal;
use partner::webhook::WebhookRefusal;
use values::TenantId;

use crate::world::{company, dealer, region};

#[test]
fn every_refusal_has_a_reason_a_family_and_words_in_both_languages() {
    use RefusalKind::{
        AlreadyExists, FailedPrecondition, InvalidArgument, NotFound, PermissionDenied,
    };
    told(TenantRefusal::TenantExists, "TENANT_EXISTS", AlreadyExists);
    told(TenantRefusal::NoTenant, "NO_TENANT", NotFound);
    told(TenantRefusal::NoModule, "NO_MODULE", InvalidArgument);
    told(TenantRefusal::Regions(RegionRefusal::AlreadyPlanted), "ALREADY_PLANTED", AlreadyExists);
    told(RegionRefusal::AlreadyPlanted, "ALREADY_PLANTED", AlreadyExists);
    told(RegionRefusal::RegionExists(region("east")), "REGION_EXISTS", AlreadyExists);
    told(RegionRefusal::UnknownRegion(region("east")), "UNKNOWN_REGION", NotFound);
    told(RegionRefusal::TooDeep(region("east")), "TOO_DEEP", FailedPrecondition);
    told(RegionRefusal::NameTaken(region("east")), "NAME_TAKEN", AlreadyExists);
    told(RegionRefusal::TooManyRegions, "TOO_MANY_REGIONS", FailedPrecondition);
    told(RegionRefusal::RootStays, "ROOT_STAYS", FailedPrecondition);
    told(RegionRefusal::BelowItself(region("east")), "BELOW_ITSELF", FailedPrecondition);
    told(RegionRefusal::TooManyAnnounced, "TOO_MANY_ANNOUNCED", FailedPrecondition);
    told(RegionRefusal::NotAnnounced(region("east")), "NOT_ANNOUNCED", NotFound);
    told(DealerRefusal::DealerExists, "DEALER_EXISTS", AlreadyExists);
    let elsewhere = RegionRefusal::UnknownRegion(region("west"));
    told(DealerRefusal::Region(elsewhere), "UNKNOWN_REGION", NotFound);
    told(WebhookRefusal::WebhookExists, "WEBHOOK_EXISTS", AlreadyExists);
    told(WebhookRefusal::UnknownWebhook, "UNKNOWN_WEBHOOK", NotFound);
    let until = "2026-11-27T12:00:00Z".parse().unwrap();
    told(WebhookRefusal::RotatedRecently { until }, "ROTATED_RECENTLY", FailedPrecondition);
    told(UserRefusal::UserExists, "USER_EXISTS", AlreadyExists);
    told(UserRefusal::LoginErased, "LOGIN_ERASED", AlreadyExists);
    told(UserRefusal::UnknownUser, "UNKNOWN_USER", NotFound);
    told(UserRefusal::NoRole, "NO_ROLE", InvalidArgument);
    told(UserRefusal::DealerMissing, "DEALER_MISSING", InvalidArgument);
    told(UserRefusal::NotADealersRole, "NOT_A_DEALERS_ROLE", InvalidArgument);
    told(UserRefusal::UnknownDealer(dealer("nobody")), "UNKNOWN_DEALER", NotFound);
    let tenant: TenantId = "nobody".parse().unwrap();
    told(UserRefusal::UnknownTenant(tenant), "UNKNOWN_TENANT", NotFound);
    told(UserRefusal::RegionsOfDealer, "REGIONS_OF_DEALER", InvalidArgument);
    let region = RegionRefusal::UnknownRegion(region("west"));
    told(UserRefusal::Region(region), "UNKNOWN_REGION", NotFound);
    told(UserRefusal::MembershipExists(company(None)), "MEMBERSHIP_EXISTS", AlreadyExists);
    told(UserRefusal::NoMembership(company(Some("b"))), "NO_MEMBERSHIP", NotFound);
    told(UserRefusal::OtherCompany(company(None)), "OTHER_COMPANY", PermissionDenied);
    told(UserRefusal::LastAdmin, "LAST_ADMIN", FailedPrecondition);
    told(UserRefusal::ResetOver, "RESET_OVER", FailedPrecondition);
}

#[test]
fn every_refusal_with_a_day_is_told() {
    use RefusalKind::FailedPrecondition;
    let (region_id, effective_on) = (region("east"), "2026-12-01".parse().unwrap());
    let today = effective_on;
    told(RegionRefusal::InThePast { today }, "IN_THE_PAST", FailedPrecondition);
    told(RegionRefusal::InForce { effective_on }, "IN_FORCE", FailedPrecondition);
    let below = region_id.clone();
    told(RegionRefusal::HasRegions { below }, "HAS_REGIONS", FailedPrecondition);
    let no = RegionRefusal::MovesThatDay { region_id: region_id.clone(), effective_on };
    told(no, "MOVES_THAT_DAY", FailedPrecondition);
    let no = RegionRefusal::RetiresAlready { region_id: region_id.clone(), effective_on };
    told(no, "RETIRES_ALREADY", FailedPrecondition);
    let no = RegionRefusal::RegionRetired { region_id, effective_on };
    told(no, "REGION_RETIRED", FailedPrecondition);
}

#[test]
fn every_refusal_of_an_invitation_is_told() {
    use InvitationRefusal as No;
    use RefusalKind::{AlreadyExists, FailedPrecondition, InvalidArgument, NotFound};
    told(No::InvitationExists, "INVITATION_EXISTS", AlreadyExists);
    told(No::UnknownInvitation, "UNKNOWN_INVITATION", NotFound);
    told(No::InvitationExpired, "INVITATION_EXPIRED", FailedPrecondition);
    told(No::InvitationUsed, "INVITATION_USED", FailedPrecondition);
    told(No::InvitationNoMore, "INVITATION_NO_MORE", FailedPrecondition);
    told(No::User(UserRefusal::NoRole), "NO_ROLE", InvalidArgument);
}

#[track_caller]
fn told(refusal: impl Refusal, reason: &str, kind: RefusalKind) {
    assert_eq!((refusal.reason().as_str(), refusal.kind()), (reason, kind));
    let text = refusal.text();
    assert_eq!(text.en, refusal.to_string());
    assert!(text.zh.chars().any(|sign| sign as u32 > 0x2E7F), "no Chinese words: {}", text.zh);
    assert!(!refusal.retry_soon());
}
