//! What people may do, where, and that a change of it is felt at once.

use std::process::Command;

use proto::access::v1::{Module, Role};
use proto::partner::v1 as pb;
use proto::partner::v1::invitation_service_client::InvitationServiceClient;
use proto::partner::v1::user_query_service_client::UserQueryServiceClient;
use serde_json::Value;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

use cluster_tests::support::people::{
    LOGIN, NAME, PASSWORD, database, erase, erasure, history, people, places_of, register,
    registration,
};
use cluster_tests::support::shop::{self, reason};
use cluster_tests::support::system::{System, User, executable, id};

use super::identity::{Signed, ends_soon, orders_of, sessions, sign_in, signed};

/// A dealer that the shop has.
const DEALER: &str = "hengtong";

fn invitations(user: &User) -> InvitationServiceClient<Channel> {
    InvitationServiceClient::new(user.channel.clone())
}

fn lists(user: &User) -> UserQueryServiceClient<Channel> {
    UserQueryServiceClient::new(user.channel.clone())
}

fn suspension(login: &str) -> pb::SuspendUserRequest {
    pb::SuspendUserRequest {
        request_id: id(),
        login: login.to_owned(),
        reason: "账号被盗用".to_owned(),
        ..Default::default()
    }
}

async fn suspend(admin: &User, login: &str) -> Result<(), Status> {
    people(admin).suspend_user(admin.says(suspension(login))).await.map(drop)
}

#[tokio::test]
async fn who_is_suspended_is_out_at_once_everywhere_and_comes_back_by_signing_in() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    register(&admin, registration(LOGIN)).await.unwrap();
    let person = sign_in(&admin, LOGIN, PASSWORD).await.unwrap();
    orders_of(&person.user).await.unwrap();
    suspend(&admin, LOGIN).await.unwrap();
    ends_soon(&person.user).await;
    let refused = sign_in(&admin, LOGIN, PASSWORD).await.err().unwrap();
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::PermissionDenied, "USER_SUSPENDED")
    );
    let refused = sign_in(&admin, LOGIN, "no such moon").await.err().unwrap();
    assert_eq!(reason(&refused), "WRONG_PASSWORD", "only who knows it is told");

    let reinstate = pb::ReinstateUserRequest {
        request_id: id(),
        login: LOGIN.to_owned(),
        reason: "已更换密码".to_owned(),
        ..Default::default()
    };
    people(&admin).reinstate_user(admin.says(reinstate)).await.unwrap();
    let back = sign_in(&admin, LOGIN, PASSWORD).await.unwrap();
    orders_of(&back.user).await.unwrap();
    ends_soon(&person.user).await;

    erase(&admin, &erasure(LOGIN)).await.unwrap();
    ends_soon(&back.user).await;
    let left: i64 =
        sqlx::query_scalar("SELECT count(*) FROM partner_log.sessions WHERE user_id = $1")
            .bind(LOGIN)
            .fetch_one(&database(&system).await)
            .await
            .unwrap();
    assert_eq!(left, 0, "nor is it kept where they were");
}

#[tokio::test]
async fn the_last_administrator_stays_also_when_two_remove_each_other() {
    let system = System::start().await;
    let admin = system.found().await;
    let han = "han.meimei";
    for refused in [
        suspend(&admin, han).await.unwrap_err(),
        erase(&admin, &erasure(han)).await.unwrap_err(),
        people(&admin)
            .change_membership(admin.says(pb::ChangeMembershipRequest {
                request_id: id(),
                login: han.to_owned(),
                roles: vec![Role::Analyst.into()],
                ..Default::default()
            }))
            .await
            .unwrap_err(),
        people(&admin)
            .end_membership(admin.says(pb::EndMembershipRequest {
                request_id: id(),
                login: han.to_owned(),
                reason: "离职".to_owned(),
                ..Default::default()
            }))
            .await
            .unwrap_err(),
    ] {
        assert_eq!(reason(&refused), "LAST_ADMIN");
    }
    let second =
        pb::RegisterUserRequest { roles: vec![Role::TenantAdmin.into()], ..registration("second") };
    register(&admin, second).await.unwrap();
    let both = tokio::join!(suspend(&admin, han), suspend(&admin, "second"));
    let done = [&both.0, &both.1].into_iter().filter(|done| done.is_ok()).count();
    assert_eq!(done, 1, "{both:?}");
}

async fn invite(by: &User, roles: &[Role], dealer_id: &str) -> Result<(String, String), Status> {
    let request = pb::InviteUserRequest {
        request_id: id(),
        dealer_id: dealer_id.to_owned(),
        roles: roles.iter().map(|role| (*role).into()).collect(),
        ..Default::default()
    };
    let answer = invitations(by).invite_user(by.says(request)).await?.into_inner();
    let token = answer.link_path.strip_prefix("/invite/").unwrap().to_owned();
    Ok((answer.receipt.unwrap().object_id, token))
}

fn acceptance(token: &str, login: &str) -> pb::AcceptInvitationRequest {
    pb::AcceptInvitationRequest {
        request_id: id(),
        token: token.to_owned(),
        login: login.to_owned(),
        name: NAME.to_owned(),
        password: PASSWORD.to_owned(),
        ..Default::default()
    }
}

async fn accept(by: &User, request: &pb::AcceptInvitationRequest) -> Result<Signed, Status> {
    let answer = invitations(by).accept_invitation(Request::new(request.clone())).await?;
    Ok(signed(by, answer.into_inner().session.unwrap()))
}

/// A dealer's owner, invited by the brand.
async fn owner(admin: &User) -> Signed {
    let (_, token) = invite(admin, &[Role::DealerOwner], DEALER).await.unwrap();
    accept(admin, &acceptance(&token, "owner")).await.unwrap()
}

#[tokio::test]
async fn an_invitation_makes_a_user_who_is_signed_in_at_once() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    let owner = owner(&admin).await;
    assert_eq!(owner.answer.user.as_ref().unwrap().dealer_id, DEALER);

    let (_, token) = invite(&owner.user, &[Role::DealerStaff], DEALER).await.unwrap();
    let asked = Request::new(pb::GetInvitationRequest { token: token.clone() });
    let shown = invitations(&admin).get_invitation(asked).await.unwrap().into_inner();
    assert_eq!((shown.tenant_name.as_str(), shown.dealer_id.as_str()), ("顶好饮料", DEALER));
    assert_eq!(shown.roles, [i32::from(Role::DealerStaff)]);
    for request in [
        pb::AcceptInvitationRequest {
            password: "u-4711-1234".to_owned(),
            ..acceptance(&token, LOGIN)
        },
        pb::AcceptInvitationRequest { name: String::new(), ..acceptance(&token, LOGIN) },
    ] {
        assert_eq!(reason(&accept(&admin, &request).await.err().unwrap()), "BAD_FIELDS");
    }
    let taken = accept(&admin, &acceptance(&token, "owner")).await.err().unwrap();
    assert_eq!(reason(&taken), "USER_EXISTS");
    let request = acceptance(&token, LOGIN);
    let staff = accept(&admin, &request).await.unwrap();
    accept(&admin, &request).await.expect("a lost answer is given again");
    let user = staff.answer.user.as_ref().unwrap();
    assert_eq!((user.name.as_str(), user.dealer_id.as_str()), (NAME, DEALER));
    orders_of(&staff.user).await.unwrap();
    sign_in(&admin, LOGIN, PASSWORD).await.unwrap();
    let used = accept(&admin, &acceptance(&token, "another")).await.err().unwrap();
    assert_eq!(reason(&used), "INVITATION_USED");
    assert_eq!(places_of(&system, NAME).await, [""; 0], "the name stands nowhere");

    let refused = invite(&owner.user, &[Role::DealerStaff], "another-dealer").await.unwrap_err();
    assert_eq!(reason(&refused), "NOT_YOURS");
    let refused = invite(&owner.user, &[Role::HqAdmin], "").await.unwrap_err();
    assert_eq!(reason(&refused), "OTHER_COMPANY");
    let (revoked, token) = invite(&admin, &[Role::Finance], "").await.unwrap();
    let revoke = || pb::RevokeInvitationRequest {
        request_id: id(),
        invitation_id: revoked.clone(),
        reason: "误发".to_owned(),
        ..Default::default()
    };
    let refused =
        invitations(&owner.user).revoke_invitation(owner.user.says(revoke())).await.unwrap_err();
    assert_eq!(reason(&refused), "UNKNOWN_INVITATION", "nothing of other companies is told");
    let done = invitations(&admin).revoke_invitation(admin.says(revoke())).await.unwrap();
    let position = done.into_inner().receipt.unwrap().position;
    let refused = accept(&admin, &acceptance(&token, "late")).await.err().unwrap();
    assert_eq!(reason(&refused), "INVITATION_NO_MORE");

    let listed = async |by: &User| {
        let asked = pb::ListInvitationsRequest { min_position: position, ..Default::default() };
        let answer = lists(by).list_invitations(by.says(asked)).await.unwrap().into_inner();
        answer.invitations.iter().map(pb::InvitationEntry::stage).collect::<Vec<_>>()
    };
    use pb::InvitationStage::{Accepted, Revoked};
    assert_eq!(listed(&admin).await, [Revoked, Accepted, Accepted]);
    assert_eq!(listed(&owner.user).await, [Accepted, Accepted], "of their own company");
    let told = history(&admin, &format!("invitation/{revoked}")).await;
    assert!(told[0].sentence_zh.contains("邀请加入品牌方，角色：财务"), "{}", told[0].sentence_zh);
}

fn place(login: &str, dealer_id: &str, roles: &[Role]) -> pb::GrantMembershipRequest {
    pb::GrantMembershipRequest {
        request_id: id(),
        login: login.to_owned(),
        dealer_id: dealer_id.to_owned(),
        roles: roles.iter().map(|role| (*role).into()).collect(),
        ..Default::default()
    }
}

#[tokio::test]
async fn one_person_acts_in_one_company_or_in_another() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    register(&admin, registration(LOGIN)).await.unwrap();
    let person = sign_in(&admin, LOGIN, PASSWORD).await.unwrap();
    let unknown = place(LOGIN, "no-such-dealer", &[Role::DealerStaff]);
    let refused = people(&admin).grant_membership(admin.says(unknown)).await.unwrap_err();
    assert_eq!(reason(&refused), "UNKNOWN_DEALER");
    let nowhere = pb::ChangeMembershipRequest {
        request_id: id(),
        login: LOGIN.to_owned(),
        roles: vec![Role::RegionManager.into()],
        region_ids: vec!["no-such-region".to_owned()],
        ..Default::default()
    };
    let refused = people(&admin).change_membership(admin.says(nowhere.clone())).await.unwrap_err();
    assert_eq!(reason(&refused), "UNKNOWN_REGION");
    let staff = place(LOGIN, DEALER, &[Role::DealerStaff]);
    people(&admin).grant_membership(admin.says(staff)).await.unwrap();

    let switch = async |by: &Signed, membership_id: &str| {
        let request = pb::SwitchMembershipRequest { membership_id: membership_id.to_owned() };
        let answer = sessions(&by.user).switch_membership(by.user.says(request)).await?;
        Ok::<_, Status>(signed(&by.user, answer.into_inner().session.unwrap()))
    };
    let refused = switch(&person, "dealer:another").await.err().unwrap();
    assert_eq!(reason(&refused), "NO_MEMBERSHIP");
    let there = switch(&person, &format!("dealer:{DEALER}")).await.unwrap();
    let user = there.answer.user.as_ref().unwrap();
    assert_eq!((user.dealer_id.as_str(), user.memberships.len()), (DEALER, 2));
    assert_eq!(user.roles, [i32::from(Role::DealerStaff)]);
    let asked = there.user.says(pb::GetCurrentUserRequest {});
    let me = people(&admin).get_current_user(asked).await.unwrap().into_inner().user.unwrap();
    assert_eq!(me.membership_id, format!("dealer:{DEALER}"));
    let next = sign_in(&admin, LOGIN, PASSWORD).await.unwrap();
    assert_eq!(next.answer.user.as_ref().unwrap().dealer_id, DEALER, "where they acted last");

    let own = pb::ChangeMembershipRequest { region_ids: vec!["root".to_owned()], ..nowhere };
    people(&admin).change_membership(admin.says(own)).await.unwrap();
    for user in [&person.user, &there.user, &next.user] {
        ends_soon(user).await;
    }
    let again = sign_in(&admin, LOGIN, PASSWORD).await.unwrap();
    let leave = pb::EndMembershipRequest {
        request_id: id(),
        login: LOGIN.to_owned(),
        dealer_id: DEALER.to_owned(),
        reason: "合同到期".to_owned(),
        ..Default::default()
    };
    people(&admin).end_membership(admin.says(leave)).await.unwrap();
    ends_soon(&again.user).await;
    let back = sign_in(&admin, LOGIN, PASSWORD).await.unwrap();
    let user = back.answer.user.unwrap();
    assert_eq!(
        (user.membership_id.as_str(), user.region_ids.as_slice()),
        ("brand", &["root".to_owned()][..])
    );
}

#[tokio::test]
async fn people_are_listed_to_those_who_look_after_them() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    let owner = owner(&admin).await;
    register(&admin, registration(LOGIN)).await.unwrap();
    let staff = place(LOGIN, DEALER, &[Role::DealerStaff]);
    people(&admin).grant_membership(admin.says(staff)).await.unwrap();
    let rename = pb::RenameUserRequest {
        request_id: id(),
        login: LOGIN.to_owned(),
        name: "司马清风".to_owned(),
        ..Default::default()
    };
    let renamed = people(&admin).rename_user(admin.says(rename)).await.unwrap();
    let position = renamed.into_inner().receipt.unwrap().position;
    let list = async |by: &User, wanted: pb::ListUsersRequest| {
        let wanted = pb::ListUsersRequest { min_position: position, ..wanted };
        lists(by).list_users(by.says(wanted)).await.map(|answer| answer.into_inner().users)
    };
    let all = list(&admin, pb::ListUsersRequest::default()).await.unwrap();
    let logins: Vec<_> = all.iter().map(|user| user.login.as_str()).collect();
    assert_eq!(logins, ["han.meimei", "owner", LOGIN]);
    assert_eq!((all[2].name.as_str(), all[2].memberships.len()), ("司马清风", 2));
    assert_eq!(places_of(&system, "司马清风").await, [""; 0], "a new name stands nowhere either");
    let found = pb::ListUsersRequest { search: "4711".to_owned(), ..Default::default() };
    assert_eq!(list(&admin, found).await.unwrap().len(), 1);
    let with_role = pb::ListUsersRequest { role: Role::DealerOwner.into(), ..Default::default() };
    assert_eq!(list(&admin, with_role).await.unwrap()[0].login, "owner");

    let own = list(&owner.user, pb::ListUsersRequest::default()).await.unwrap();
    let logins: Vec<_> = own.iter().map(|user| user.login.as_str()).collect();
    assert_eq!(logins, ["owner", LOGIN]);
    assert_eq!(own[1].memberships.len(), 1, "only what they are in that company");
    let get = async |by: &User, login: &str| {
        let login = login.to_owned();
        let asked = pb::GetUserRequest { login, min_position: position };
        lists(by).get_user(by.says(asked)).await.map(|answer| answer.into_inner().user.unwrap())
    };
    assert_eq!(get(&owner.user, LOGIN).await.unwrap().name, "司马清风");
    assert_eq!(reason(&get(&owner.user, "han.meimei").await.unwrap_err()), "UNKNOWN_USER");
    let finance = system.user("acme", &[Role::Finance], None);
    let refused = list(&finance, pb::ListUsersRequest::default()).await.unwrap_err();
    assert_eq!(reason(&refused), "ROLE_MISSING");
    erase(&admin, &erasure(LOGIN)).await.unwrap();
    assert_eq!(reason(&get(&admin, LOGIN).await.unwrap_err()), "UNKNOWN_USER");
}

#[tokio::test]
async fn the_command_line_looks_after_people() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    register(&admin, registration(LOGIN)).await.unwrap();
    let qudao = |arguments: &[&str]| -> Value {
        let done = Command::new(executable())
            .args(arguments)
            .arg("--json")
            .env("QUDAO_SERVER", &system.web)
            .env("QUDAO_USER", "han.meimei")
            .env("QUDAO_TENANT", "acme")
            .env("QUDAO_PASSWORD", "correct horse")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "{arguments:?}: {said}");
        serde_json::from_slice(&done.stdout).unwrap()
    };
    let invited = qudao(&["users", "invite", "dealer-staff", "--dealer", DEALER]);
    assert!(invited["link_path"].as_str().unwrap().starts_with("/invite/"));
    let roles = qudao(&["users", "roles", LOGIN, "dealer-staff", "--dealer", DEALER, "--grant"]);
    assert_eq!((&roles["login"], &roles["version"]), (&LOGIN.into(), &2.into()));
    qudao(&["users", "roles", LOGIN, "finance", "analyst"]);
    let person = sign_in(&admin, LOGIN, PASSWORD).await.unwrap();
    let open = qudao(&["sessions", "list", LOGIN]);
    assert_eq!(open[0]["session_id"], person.answer.session_id.as_str());
    qudao(&["sessions", "revoke", &person.answer.session_id, "--login", LOGIN]);
    ends_soon(&person.user).await;
    qudao(&["users", "suspend", LOGIN, "--reason", "账号被盗用"]);
    let listed = loop {
        let listed = qudao(&["users", "list", "4711"]);
        if listed[0]["suspended"] == true {
            break listed;
        }
    };
    assert_eq!(listed[0]["memberships"][0]["roles"], serde_json::json!(["finance", "analyst"]));
    qudao(&["users", "reinstate", LOGIN, "--reason", "已更换密码"]);
    sign_in(&admin, LOGIN, PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_brand_looks_and_works_as_its_administrators_say() {
    use proto::partner::v1::tenant_service_client::TenantServiceClient;

    let system = System::start().await;
    let admin = system.found().await;
    let mut tenants = TenantServiceClient::new(admin.channel.clone());
    let asked = || pb::GetTenantRequest { tenant_id: "acme".to_owned() };
    let before = tenants.get_tenant(admin.says(asked())).await.unwrap().into_inner();
    assert_eq!(before.settings.unwrap().modules.len(), 8, "founded with everything");
    assert_eq!(before.version, 1);
    let change = pb::ChangeTenantRequest {
        request_id: id(),
        expected_version: Some(before.version),
        name: "顶好".to_owned(),
        accent_colour: "#0A7F5A".to_owned(),
        locale: "zh-CN".to_owned(),
        time_zone: "Asia/Shanghai".to_owned(),
        fiscal_start_month: 4,
        modules: vec![Module::Bi.into(), Module::Order.into()],
        ..Default::default()
    };
    tenants.change_tenant(admin.says(change.clone())).await.unwrap();
    let late = pb::ChangeTenantRequest { request_id: id(), ..change.clone() };
    let stale = tenants.change_tenant(admin.says(late)).await.unwrap_err();
    assert_eq!((stale.code(), reason(&stale).as_str()), (Code::Aborted, "STALE_VERSION"));
    let now = tenants.get_tenant(admin.says(asked())).await.unwrap().into_inner();
    assert_eq!(now.version, 2);
    let public = tenants.get_tenant(Request::new(asked())).await.unwrap().into_inner();
    assert_eq!((public.name.as_str(), public.accent_colour.as_str()), ("顶好", "#0a7f5a"));
    assert!(public.settings.is_none(), "only for those who work there");
    assert_eq!(public.version, 0, "and no more of it either");
    let signed = sign_in(&admin, "han.meimei", "correct horse").await.unwrap();
    assert_eq!(signed.answer.user.unwrap().modules, [Module::Order, Module::Bi].map(i32::from));
    let nonsense = pb::ChangeTenantRequest {
        request_id: id(),
        logo: "https://example.com/logo.png".to_owned(),
        fiscal_start_month: 13,
        ..change
    };
    let refused = tenants.change_tenant(admin.says(nonsense)).await.unwrap_err();
    assert_eq!(reason(&refused), "BAD_FIELDS");
    let nobody = pb::GetTenantRequest { tenant_id: "nobody".to_owned() };
    let refused = tenants.get_tenant(Request::new(nobody)).await.unwrap_err();
    assert_eq!(reason(&refused), "NO_TENANT");
}

async fn sessions_of(user: &User) -> Result<(), Status> {
    let asked = user.says(pb::ListSessionsRequest::default());
    sessions(user).list_sessions(asked).await.map(drop)
}

fn changing(new: &str) -> pb::ChangePasswordRequest {
    pb::ChangePasswordRequest {
        request_id: id(),
        old_password: PASSWORD.to_owned(),
        new_password: new.to_owned(),
        ..Default::default()
    }
}

#[tokio::test]
async fn who_was_given_a_password_changes_it_before_anything_else() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    let request = pb::RegisterUserRequest { keep_password: false, ..registration(LOGIN) };
    register(&admin, request).await.unwrap();
    let first = sign_in(&admin, LOGIN, PASSWORD).await.unwrap();
    assert!(first.answer.user.as_ref().unwrap().password_to_be_changed);
    let no = sessions_of(&first.user).await.unwrap_err();
    assert_eq!(reason(&no), "PASSWORD_TO_BE_CHANGED");
    // Another token of the same session knows it too.
    let refresh = pb::RefreshSessionRequest {
        request_id: id(),
        refresh_token: first.answer.refresh_token.clone(),
    };
    let next = sessions(&first.user).refresh_session(refresh).await.unwrap().into_inner();
    let next = signed(&first.user, next.session.unwrap());
    assert_eq!(reason(&sessions_of(&next.user).await.unwrap_err()), "PASSWORD_TO_BE_CHANGED");
    let asked = next.user.says(pb::GetCurrentUserRequest {});
    let told = people(&next.user).get_current_user(asked).await.unwrap().into_inner();
    assert!(told.user.unwrap().password_to_be_changed);
    let same = next.user.says(changing(PASSWORD));
    let no = sessions(&next.user).change_password(same).await.unwrap_err();
    assert_eq!(reason(&no), "BAD_FIELDS");
    let other = next.user.says(changing("sun over mountains"));
    let done = sessions(&next.user).change_password(other).await.unwrap().into_inner();
    let after = signed(&next.user, done.session.unwrap());
    assert!(!after.answer.user.as_ref().unwrap().password_to_be_changed);
    sessions_of(&after.user).await.unwrap();
    let again = sign_in(&admin, LOGIN, "sun over mountains").await.unwrap();
    sessions_of(&again.user).await.unwrap();
}
