//! Who gets in, and what the outside can see of the contracts.

use proto::access::v1::Role;
use proto::order::v1 as order;
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use proto::order::v1::order_service_client::OrderServiceClient;
use proto::partner::v1 as partner;
use proto::partner::v1::identity_service_client::IdentityServiceClient;
use proto::partner::v1::region_service_client::RegionServiceClient;
use tonic::{Code, Request};
use tonic_types::StatusExt as _;

use cluster_tests::support::people::{register, registration};
use cluster_tests::support::shop::{self, order_of, reason, submit};
use cluster_tests::support::system::{System, id};

#[tokio::test]
async fn a_password_gives_a_token_that_works() {
    let system = System::start().await;
    let admin = system.found().await;
    let mut people = IdentityServiceClient::new(admin.channel.clone());
    let sign_in = |password: &str| partner::SignInRequest {
        tenant_id: "acme".to_owned(),
        login: "han.meimei".to_owned(),
        password: password.to_owned(),
        ..Default::default()
    };
    let refused = people.sign_in(Request::new(sign_in("wrong horse"))).await.unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::Unauthenticated, "WRONG_PASSWORD")
    );
    let signed = people.sign_in(Request::new(sign_in("correct horse"))).await.unwrap().into_inner();
    let mut me = admin.clone();
    me.token = signed.token;
    let asked = me.says(partner::GetCurrentUserRequest {});
    let user = people.get_current_user(asked).await.unwrap().into_inner().user.unwrap();
    assert_eq!((user.name.as_str(), user.tenant_name.as_str()), ("韩梅梅", "顶好饮料"));
}

/// Else a user of a brand would act under the id of whoever runs the installation.
#[tokio::test]
async fn nobody_is_registered_under_the_id_of_an_actor_that_is_no_user() {
    let system = System::start().await;
    let admin = system.found().await;
    // The one is a login by its form; the other is not even that.
    let kept = ("kept for the system", "由系统保留");
    let formed = ("must be 2 to 64 of", "须为 2 至 64 个");
    for (login, (en, zh)) in [("operator", kept), ("policy:open-accounts", formed)] {
        let refused = register(&admin, registration(login)).await.unwrap_err();
        let fields = refused.get_details_bad_request().unwrap().field_violations;
        assert!(fields.iter().all(|one| one.field == "login"), "{login}: {fields:?}");
        assert!(fields.iter().any(|one| one.description.contains(en)), "{fields:?}");
        let told = refused.get_details_localized_message().unwrap();
        assert!(told.message.contains(zh), "{told:?}");
    }
    register(&admin, registration("operators")).await.unwrap();
}

#[tokio::test]
async fn nobody_gets_in_without_a_token_or_the_role() {
    let system = System::start().await;
    let admin = system.found().await;
    let mut orders = OrderServiceClient::new(admin.channel.clone());
    let refused = orders.submit_order(Request::new(order_of("SO-1", 1))).await.unwrap_err();
    assert_eq!(reason(&refused), "NOT_SIGNED_IN");
    let mut forged = admin.clone();
    forged.token.push('x');
    let refused = orders.submit_order(forged.says(order_of("SO-1", 1))).await.unwrap_err();
    assert_eq!(reason(&refused), "NOT_SIGNED_IN");

    let auditor = system.user("acme", &[Role::Auditor], None);
    let refused = orders.submit_order(auditor.says(order_of("SO-1", 1))).await.unwrap_err();
    assert_eq!(reason(&refused), "ROLE_MISSING");
    let words = refused.get_error_details_vec();
    assert_eq!(words.len(), 3, "a reason and the words in two languages");
}

#[tokio::test]
async fn dealers_see_and_order_for_their_own_company_only() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    let position = submit(&admin, &order_of("SO-1", 1)).await.position;
    let other = system.user("acme", &[Role::DealerOwner], Some("somebody-else"));
    let mut orders = OrderServiceClient::new(other.channel.clone());
    let refused = orders.submit_order(other.says(order_of("SO-2", 1))).await.unwrap_err();
    assert_eq!(reason(&refused), "NOT_YOURS");
    let mut lists = OrderQueryServiceClient::new(other.channel.clone());
    let asked = order::ListOrdersRequest { min_position: position, ..Default::default() };
    assert!(lists.list_orders(other.says(asked)).await.unwrap().into_inner().orders.is_empty());
    let asked = order::GetOrderRequest { order_id: "SO-1".to_owned(), ..Default::default() };
    let refused = lists.get_order(other.says(asked)).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    let stranger = system.user("other-brand", &[Role::HqAdmin], None);
    let asked = order::GetOrderRequest { order_id: "SO-1".to_owned(), ..Default::default() };
    let refused = lists.get_order(stranger.says(asked)).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound, "another brand sees nothing");
}

#[tokio::test]
async fn all_wrong_fields_are_told_at_once_and_races_are_told_apart() {
    let system = System::start().await;
    let admin = system.found().await;
    let mut regions = RegionServiceClient::new(admin.channel.clone());
    let bad = partner::AddRegionRequest { request_id: id(), ..Default::default() };
    let refused = regions.add_region(admin.says(bad)).await.unwrap_err();
    let fields = refused.get_details_bad_request().unwrap().field_violations;
    let fields: Vec<_> = fields.into_iter().map(|field| field.field).collect();
    assert_eq!(fields, ["region_id", "name", "parent_id"]);

    let rename = |expected_version| partner::RenameRegionRequest {
        request_id: id(),
        expected_version,
        region_id: "root".to_owned(),
        name: "全中国".to_owned(),
    };
    let refused = regions.rename_region(admin.says(rename(Some(7)))).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Aborted, "STALE_VERSION"));
    let renamed = regions.rename_region(admin.says(rename(Some(1)))).await.unwrap().into_inner();
    assert_eq!(renamed.receipt.unwrap().version, 2);
}
