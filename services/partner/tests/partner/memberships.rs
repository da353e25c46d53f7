//! In which companies a person works, and who may say so.

use kernel::DomainEvent as _;
use kernel::spec::{given, given_nothing};
use partner::membership::{Authority, Company};
use partner::role::Role;
use partner::user::{User, UserCommand, UserEvent, UserRefusal};

use crate::world::{changed, company, dealer, granted, membership, newcomer, region, registered};

const BIKES: Option<&str> = Some("shanghai-bikes");
const WHEELS: Option<&str> = Some("suzhou-wheels");

fn grant(roles: &[Role], of: Option<&str>, by: Authority) -> UserCommand {
    UserCommand::Grant(membership(roles, of), by)
}

fn change(roles: &[Role], of: Option<&str>, by: Authority, another_admin: bool) -> UserCommand {
    UserCommand::Change { membership: membership(roles, of), by, another_admin }
}

fn leave(of: Option<&str>, by: Authority, another_admin: bool) -> UserCommand {
    UserCommand::Leave { company: company(of), reason: "合同到期".into(), by, another_admin }
}

fn left(of: Option<&str>) -> UserEvent {
    UserEvent::MembershipEnded { company: company(of), reason: "合同到期".into() }
}

fn bikes() -> Authority {
    Authority::Dealer(dealer("shanghai-bikes"))
}

fn owner() -> UserEvent {
    registered(newcomer(&[Role::DealerOwner], BIKES))
}

#[test]
fn one_person_works_in_several_companies() {
    let staff = membership(&[Role::DealerStaff], WHEELS);
    let user = given::<User>([owner()])
        .when(grant(&[Role::DealerStaff], WHEELS, Authority::Brand))
        .then([granted(staff.clone())]);
    let User::Registered(person) = user else { panic!("nobody") };
    assert_eq!(person.in_company(&company(WHEELS)), Some(&staff));
    assert_eq!(person.memberships.len(), 2);
}

#[test]
fn there_is_one_membership_in_a_company() {
    given::<User>([owner()])
        .when(grant(&[Role::DealerStaff], BIKES, Authority::Brand))
        .then_refused(UserRefusal::MembershipExists(company(BIKES)));
}

#[test]
fn a_membership_has_roles_that_go_with_the_company() {
    for (roles, of, refusal) in [
        (&[][..], WHEELS, UserRefusal::NoRole),
        (&[Role::Finance][..], WHEELS, UserRefusal::NotADealersRole),
        (&[Role::DealerStaff][..], None, UserRefusal::DealerMissing),
    ] {
        given::<User>([owner()])
            .when(grant(roles, of, Authority::Brand))
            .then_refused(refusal.clone());
    }
    given::<User>([owner()])
        .when(change(&[Role::HqAdmin], BIKES, Authority::Brand, true))
        .then_refused(UserRefusal::NotADealersRole);
    let mut somewhere = membership(&[Role::DealerStaff], WHEELS);
    somewhere.regions = vec![region("east")];
    given::<User>([owner()])
        .when(UserCommand::Grant(somewhere, Authority::Brand))
        .then_refused(UserRefusal::RegionsOfDealer);
}

#[test]
fn a_membership_is_changed_and_ended() {
    let roles = [Role::DealerStaff];
    let user = given::<User>([owner()])
        .when(change(&roles, BIKES, Authority::Brand, false))
        .then([changed(membership(&roles, BIKES))]);
    let User::Registered(person) = user else { panic!("nobody") };
    assert_eq!(person.memberships, [membership(&roles, BIKES)]);
    given::<User>([owner()])
        .when(change(&[Role::DealerOwner], BIKES, Authority::Brand, false))
        .then_nothing();
    let user =
        given::<User>([owner()]).when(leave(BIKES, Authority::Brand, false)).then([left(BIKES)]);
    let User::Registered(person) = user else { panic!("nobody") };
    assert!(person.memberships.is_empty(), "what they did stays theirs");
    given::<User>([owner(), left(BIKES)])
        .when(grant(&[Role::DealerStaff], BIKES, Authority::Brand))
        .then([granted(membership(&[Role::DealerStaff], BIKES))]);
}

#[test]
fn what_is_not_there_is_neither_changed_nor_ended() {
    for command in [
        change(&[Role::DealerStaff], WHEELS, Authority::Brand, true),
        leave(WHEELS, Authority::Brand, true),
    ] {
        given::<User>([owner()])
            .when(command)
            .then_refused(UserRefusal::NoMembership(company(WHEELS)));
    }
    given_nothing::<User>()
        .when(grant(&[Role::DealerStaff], WHEELS, Authority::Brand))
        .then_refused(UserRefusal::UnknownUser);
}

#[test]
fn a_dealers_owner_looks_after_their_own_company_only() {
    let staff = registered(newcomer(&[Role::DealerStaff], WHEELS));
    given::<User>([staff.clone()])
        .when(grant(&[Role::DealerStaff], BIKES, bikes()))
        .then([granted(membership(&[Role::DealerStaff], BIKES))]);
    for command in [
        grant(&[Role::DealerStaff], Some("a-third"), bikes()),
        grant(&[Role::HqAdmin], None, bikes()),
        change(&[Role::DealerOwner], WHEELS, bikes(), true),
        leave(WHEELS, bikes(), true),
    ] {
        let decided = given::<User>([staff.clone()]).state();
        let refusal = kernel::Decider::decide(&decided, command).unwrap_err();
        assert!(matches!(refusal, UserRefusal::OtherCompany(_)), "{refusal:?}");
    }
    given::<User>([staff.clone()])
        .when(grant(&[Role::HqAdmin], BIKES, bikes()))
        .then_refused(UserRefusal::NotADealersRole);
}

#[test]
fn the_last_administrator_is_not_demoted_and_does_not_leave() {
    for role in [Role::HqAdmin, Role::TenantAdmin] {
        let admin = registered(newcomer(&[role], None));
        let demote = |another| change(&[Role::Analyst], None, Authority::Brand, another);
        given::<User>([admin.clone()]).when(demote(false)).then_refused(UserRefusal::LastAdmin);
        given::<User>([admin.clone()])
            .when(demote(true))
            .then([changed(membership(&[Role::Analyst], None))]);
        given::<User>([admin.clone()])
            .when(leave(None, Authority::Brand, false))
            .then_refused(UserRefusal::LastAdmin);
        given::<User>([admin.clone()]).when(leave(None, Authority::Brand, true)).then([left(None)]);
        // Another role beside it, or another kind of administrator, takes nothing away.
        let more = [Role::HqAdmin, Role::TenantAdmin, Role::Analyst];
        given::<User>([admin])
            .when(change(&more, None, Authority::Brand, false))
            .then([changed(membership(&more, None))]);
    }
}

#[test]
fn leaving_a_dealer_is_nothing_to_an_administrator() {
    let admin = registered(newcomer(&[Role::HqAdmin], None));
    let staff = granted(membership(&[Role::DealerStaff], BIKES));
    given::<User>([admin, staff]).when(leave(BIKES, Authority::Brand, false)).then([left(BIKES)]);
}

#[test]
fn a_company_is_written_as_the_id_of_the_membership() {
    for (text, company) in [("brand", Company::Brand), ("dealer:shanghai-bikes", company(BIKES))] {
        assert_eq!(company.to_string(), text);
        assert_eq!(text.parse::<Company>().unwrap(), company);
    }
    for text in ["", "dealer:", "shanghai-bikes", "brand ", "dealer:Shanghai"] {
        assert!(text.parse::<Company>().is_err(), "{text}");
    }
}

#[test]
fn memberships_are_told_in_words() {
    let told = granted(membership(&[Role::DealerStaff], BIKES)).sentence();
    assert_eq!(told.zh, "经销商 shanghai-bikes：加入，角色：经销商员工");
    assert_eq!(told.en, "in the dealer shanghai-bikes: joined as dealer staff");
    assert_eq!(left(None).sentence().en, "in the brand: left, because of 合同到期");
}
