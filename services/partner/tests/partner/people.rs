//! People: registered, renamed, kept out, erased, and their passwords and sessions.

use kernel::DomainEvent as _;
use kernel::event::Stored;
use kernel::personal::Personal;
use kernel::spec::{given, given_nothing};
use partner::membership::Membership;
use partner::role::Role;
use partner::user::{Newcomer, SessionEnd, User, UserCommand, UserEvent, UserRefusal};
use strum::IntoEnumIterator as _;
use uuid::Uuid;

use crate::world::{membership, newcomer, region, registered, sealed};

fn person(user: &User) -> &partner::user::Person {
    match user {
        User::Registered(person) => person,
        User::Unknown | User::Erased { .. } => panic!("nobody: {user:?}"),
    }
}

#[test]
fn a_person_of_the_brand_becomes_a_user() {
    let mut manager = newcomer(&[Role::RegionManager, Role::Analyst], None);
    manager.membership.regions = vec![region("east")];
    let user = given_nothing::<User>()
        .when(UserCommand::Register(manager.clone()))
        .then([registered(manager.clone())]);
    assert_eq!(person(&user).memberships, [manager.membership]);
    assert!(!person(&user).is_admin());
}

#[test]
fn a_person_of_a_dealer_becomes_a_user() {
    let owner = newcomer(&[Role::DealerOwner, Role::DealerStaff], Some("shanghai-bikes"));
    given_nothing::<User>().when(UserCommand::Register(owner.clone())).then([registered(owner)]);
}

#[test]
fn a_login_is_used_once() {
    let finance = newcomer(&[Role::Finance], None);
    given::<User>([registered(finance.clone())])
        .when(UserCommand::Register(finance))
        .then_refused(UserRefusal::UserExists);
}

#[test]
fn a_user_needs_a_role() {
    for of in [None, Some("shanghai-bikes")] {
        given_nothing::<User>()
            .when(UserCommand::Register(newcomer(&[], of)))
            .then_refused(UserRefusal::NoRole);
    }
}

#[test]
fn a_dealer_role_needs_a_dealer() {
    for role in [Role::DealerStaff, Role::OverseasAgent] {
        given_nothing::<User>()
            .when(UserCommand::Register(newcomer(&[role], None)))
            .then_refused(UserRefusal::DealerMissing);
    }
}

#[test]
fn nobody_is_of_the_brand_and_of_a_dealer_at_once() {
    for roles in [&[Role::HqAdmin][..], &[Role::DealerOwner, Role::HqAdmin]] {
        given_nothing::<User>()
            .when(UserCommand::Register(newcomer(roles, Some("shanghai-bikes"))))
            .then_refused(UserRefusal::NotADealersRole);
    }
}

#[test]
fn a_dealers_people_see_their_company_and_not_regions() {
    let mut owner = newcomer(&[Role::DealerOwner], Some("shanghai-bikes"));
    owner.membership.regions = vec![region("east")];
    given_nothing::<User>()
        .when(UserCommand::Register(owner))
        .then_refused(UserRefusal::RegionsOfDealer);
}

#[test]
fn a_user_is_renamed() {
    let name = Personal::<String>::erased("li.lei");
    let renamed = UserEvent::UserRenamed { name: name.clone() };
    let user = given::<User>([registered(newcomer(&[Role::Finance], None))])
        .when(UserCommand::Rename(name.clone()))
        .then([renamed]);
    assert_eq!(person(&user).name, name);
    given_nothing::<User>()
        .when(UserCommand::Rename(sealed()))
        .then_refused(UserRefusal::UnknownUser);
}

fn reason() -> String {
    "离职".into()
}

fn suspended() -> UserEvent {
    UserEvent::UserSuspended { reason: reason() }
}

fn suspend(another_admin: bool) -> UserCommand {
    UserCommand::Suspend { reason: reason(), another_admin }
}

#[test]
fn a_user_is_suspended_and_reinstated() {
    let before = [registered(newcomer(&[Role::Finance], None))];
    let user = given::<User>(before.clone()).when(suspend(false)).then([suspended()]);
    assert!(person(&user).suspended);
    given::<User>([before[0].clone(), suspended()]).when(suspend(true)).then_nothing();
    let reinstate = || UserCommand::Reinstate { reason: reason() };
    let user = given::<User>([before[0].clone(), suspended()])
        .when(reinstate())
        .then([UserEvent::UserReinstated { reason: reason() }]);
    assert!(!person(&user).suspended);
    given::<User>(before).when(reinstate()).then_nothing();
}

#[test]
fn the_last_administrator_is_not_suspended_and_not_erased() {
    for role in [Role::HqAdmin, Role::TenantAdmin] {
        let admin = registered(newcomer(&[role], None));
        given::<User>([admin.clone()]).when(suspend(false)).then_refused(UserRefusal::LastAdmin);
        given::<User>([admin.clone()]).when(suspend(true)).then([suspended()]);
        given::<User>([admin.clone()]).when(erase(false)).then_refused(UserRefusal::LastAdmin);
        given::<User>([admin.clone()]).when(erase(true)).then([user_erased()]);
        // One who is suspended can let nobody in, so is not the last who can.
        given::<User>([admin, suspended()]).when(erase(false)).then([user_erased()]);
    }
}

fn erase(another_admin: bool) -> UserCommand {
    UserCommand::Erase { reason: reason(), another_admin }
}

fn user_erased() -> UserEvent {
    UserEvent::UserErased { reason: reason() }
}

#[test]
fn a_user_is_erased_with_all_but_the_id_of_the_password() {
    let finance = newcomer(&[Role::Finance], None);
    let user =
        given::<User>([registered(finance.clone())]).when(erase(false)).then([user_erased()]);
    assert_eq!(user, User::Erased { credential_id: finance.credential_id });
}

#[test]
fn who_is_erased_stays_so() {
    let facts = [registered(newcomer(&[Role::Finance], None)), user_erased()];
    given::<User>(facts.clone()).when(erase(false)).then_nothing();
    let commands = [
        suspend(true),
        UserCommand::Rename(sealed()),
        UserCommand::ResetPassword { reset_id: Uuid::from_u128(1) },
        UserCommand::ChangePassword { credential_id: Uuid::from_u128(1) },
    ];
    for command in commands {
        given::<User>(facts.clone()).when(command).then_refused(UserRefusal::UnknownUser);
    }
}

#[test]
fn who_is_no_user_can_not_be_erased() {
    given_nothing::<User>().when(erase(true)).then_refused(UserRefusal::UnknownUser);
}

#[test]
fn the_login_of_an_erased_user_is_not_given_out_again() {
    let finance = newcomer(&[Role::Finance], None);
    given::<User>([registered(finance.clone()), user_erased()])
        .when(UserCommand::Register(finance.clone()))
        .then_refused(UserRefusal::LoginErased);
    let nameless = Newcomer { name: Personal::erased("li.lei"), ..finance };
    given_nothing::<User>()
        .when(UserCommand::Register(nameless))
        .then_refused(UserRefusal::LoginErased);
}

#[test]
fn a_password_is_changed() {
    let credential_id = Uuid::from_u128(7);
    let user = given::<User>([registered(newcomer(&[Role::Finance], None))])
        .when(UserCommand::ChangePassword { credential_id })
        .then([UserEvent::PasswordChanged { credential_id }]);
    assert_eq!(person(&user).credential_id, credential_id);
}

#[test]
fn a_password_that_somebody_else_knows_is_changed_once() {
    let given_one = Newcomer { password_to_be_changed: true, ..newcomer(&[Role::Finance], None) };
    let user = given_nothing::<User>()
        .when(UserCommand::Register(given_one.clone()))
        .then([registered(given_one.clone())]);
    assert!(person(&user).password_to_be_changed);
    let credential_id = Uuid::from_u128(7);
    let user = given::<User>([registered(given_one)])
        .when(UserCommand::ChangePassword { credential_id })
        .then([UserEvent::PasswordChanged { credential_id }]);
    assert!(!person(&user).password_to_be_changed);
}

#[test]
fn a_password_is_reset_and_set_by_the_newest_link_only() {
    let (older, newer, credential_id) =
        (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
    let reset = |reset_id| UserEvent::PasswordReset { reset_id };
    let set = |reset_id| UserCommand::SetPassword { reset_id, credential_id };
    let user = registered(newcomer(&[Role::Finance], None));
    given::<User>([user.clone()])
        .when(UserCommand::ResetPassword { reset_id: older })
        .then([reset(older)]);
    given::<User>([user.clone()]).when(set(older)).then_refused(UserRefusal::ResetOver);
    let twice = [user.clone(), reset(older), reset(newer)];
    given::<User>(twice.clone()).when(set(older)).then_refused(UserRefusal::ResetOver);
    let changed = UserEvent::PasswordChanged { credential_id };
    let state = given::<User>(twice).when(set(newer)).then([changed.clone()]);
    assert_eq!((person(&state).reset_id, person(&state).credential_id), (None, credential_id));
    given::<User>([user, reset(newer), changed])
        .when(set(newer))
        .then_refused(UserRefusal::ResetOver);
}

#[test]
fn a_session_ends_and_an_erased_persons_sessions_have() {
    let (session_id, why) = (Uuid::from_u128(9), SessionEnd::SignedOut);
    let end = || UserCommand::EndSession { session_id, why };
    let user = registered(newcomer(&[Role::Finance], None));
    given::<User>([user.clone()]).when(end()).then([UserEvent::SessionEnded { session_id, why }]);
    given::<User>([user, user_erased()]).when(end()).then_nothing();
}

#[test]
fn a_registration_of_before_names_somebody_in_plain_text() {
    let stored = r#"{"type":"UserRegistered","name":"李雷","roles":["ROLE_FINANCE"],
        "credential_id":"00000000-0000-0000-0000-000001980f3e"}"#;
    let Stored(event) = serde_json::from_str::<Stored<UserEvent>>(stored).unwrap();
    let name = Personal::unsealed("李雷".to_owned());
    let finance = Newcomer { name, ..newcomer(&[Role::Finance], None) };
    assert_eq!(event, registered(finance));
    assert_eq!(event.sentence().zh, "登记用户“李雷”，角色：财务");
    let sealed = registered(newcomer(&[Role::Finance], None));
    assert_eq!(sealed.sentence().en, "(encrypted) was registered as a user: finance");
}

#[test]
fn a_registration_of_before_is_the_first_membership() {
    let stored = r#"{"type":"UserRegisteredV2","name":{"$personal":{"subject":"li","sealed":"AAAA"}},
        "roles":["ROLE_DEALER_OWNER"],"dealer_id":"shanghai-bikes",
        "credential_id":"00000000-0000-0000-0000-000001980f3e"}"#;
    let Stored(event) = serde_json::from_str::<Stored<UserEvent>>(stored).unwrap();
    let user = given::<User>([event]).state();
    let first: Vec<Membership> = vec![membership(&[Role::DealerOwner], Some("shanghai-bikes"))];
    assert_eq!(person(&user).memberships, first);
}

#[test]
fn a_role_is_stored_under_its_name_in_the_contract() {
    for role in Role::iter() {
        let stored = serde_json::to_value(role).unwrap();
        assert_eq!(stored, role.contract().as_str_name());
        assert_eq!(Role::of(role.contract()), Some(role));
    }
}

#[test]
fn no_tenant_can_give_the_role_of_the_operator() {
    assert_eq!(Role::of(proto::access::v1::Role::Operator), None);
    assert_eq!(Role::of(proto::access::v1::Role::Unspecified), None);
}
