//! Programs of a tenant and their keys.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::spec::{given, given_nothing};
use partner::membership::Membership;
use partner::role::Role;
use partner::service_account::{
    MOST_KEYS, ServiceAccount, ServiceAccountCommand as Command, ServiceAccountEvent as Event,
    ServiceAccountRefusal as Refusal, ServiceKey,
};
use partner::user::UserRefusal;
use uuid::Uuid;

use crate::world::membership;

fn start() -> DateTime<Utc> {
    "2026-11-26T08:00:00Z".parse().unwrap()
}

fn added() -> Event {
    let Membership { company, roles, regions } = membership(&[Role::Analyst], None);
    Event::ServiceAccountAdded { name: "报表".into(), company, roles, regions }
}

fn key(number: u128, days: i64) -> ServiceKey {
    let issued_at = start();
    let expires_at = issued_at + TimeDelta::days(days);
    ServiceKey { key_id: Uuid::from_u128(number), hint: "x7Qz".into(), issued_at, expires_at }
}

fn issued(ServiceKey { key_id, hint, issued_at, expires_at }: ServiceKey) -> Event {
    Event::ServiceKeyIssued { key_id, hint, issued_at, expires_at }
}

fn why() -> String {
    "泄露".into()
}

fn revoke(number: u128) -> Command {
    Command::RevokeKey { key_id: Uuid::from_u128(number), reason: why() }
}

#[test]
fn a_program_is_added_once_and_works_where_people_of_its_roles_do() {
    let add = |roles: &[Role], of| {
        let membership = membership(roles, of);
        Command::Add { name: "报表".into(), membership }
    };
    given_nothing::<ServiceAccount>().when(add(&[Role::Analyst], None)).then([added()]);
    given::<ServiceAccount>([added()])
        .when(add(&[Role::Analyst], None))
        .then_refused(Refusal::AccountExists);
    given_nothing::<ServiceAccount>()
        .when(add(&[Role::DealerStaff], None))
        .then_refused(Refusal::Place(UserRefusal::DealerMissing));
    let removed = Event::ServiceAccountRemoved { reason: why() };
    given::<ServiceAccount>([added(), removed])
        .when(add(&[Role::Analyst], None))
        .then_refused(Refusal::AccountIdUsed);
}

#[test]
fn a_program_has_five_good_keys_at_most() {
    let five = (0..5).map(|number| issued(key(number, 90)));
    let story: Vec<_> = [added()].into_iter().chain(five).collect();
    given::<ServiceAccount>(story.clone())
        .when(Command::Issue(key(9, 90)))
        .then_refused(Refusal::TooManyKeys);
    let revoked = Event::ServiceKeyRevoked { key_id: Uuid::from_u128(3), reason: why() };
    let story: Vec<_> = story.into_iter().chain([revoked]).collect();
    given::<ServiceAccount>(story).when(Command::Issue(key(9, 90))).then([issued(key(9, 90))]);
    assert_eq!(MOST_KEYS, 5);
}

#[test]
fn keys_that_have_expired_do_not_count_and_are_gone_with_the_next_one() {
    let five = (0..5).map(|number| issued(key(number, 1)));
    let story: Vec<_> = [added()].into_iter().chain(five).collect();
    let mut next = key(9, 90);
    next.issued_at = start() + TimeDelta::days(2);
    given::<ServiceAccount>(story.clone())
        .when(Command::Issue(next.clone()))
        .then([issued(next.clone())]);
    let story: Vec<_> = story.into_iter().chain([issued(next)]).collect();
    given::<ServiceAccount>(story).when(revoke(2)).then_refused(Refusal::UnknownServiceKey);
}

#[test]
fn a_key_is_revoked_once() {
    let story = [added(), issued(key(1, 90))];
    let revoked = Event::ServiceKeyRevoked { key_id: Uuid::from_u128(1), reason: why() };
    given::<ServiceAccount>(story.clone()).when(revoke(1)).then([revoked.clone()]);
    let story: Vec<_> = story.into_iter().chain([revoked]).collect();
    given::<ServiceAccount>(story).when(revoke(1)).then_refused(Refusal::UnknownServiceKey);
}

#[test]
fn a_suspended_program_gets_no_keys_until_it_is_reinstated() {
    let suspended = Event::ServiceAccountSuspended { reason: why() };
    let reinstated = Event::ServiceAccountReinstated { reason: why() };
    let suspend = Command::Suspend { reason: why() };
    given::<ServiceAccount>([added()]).when(suspend.clone()).then([suspended.clone()]);
    let story = [added(), suspended];
    given::<ServiceAccount>(story.clone()).when(suspend).then_nothing();
    given::<ServiceAccount>(story.clone())
        .when(Command::Issue(key(1, 90)))
        .then_refused(Refusal::ServiceAccountSuspended);
    given::<ServiceAccount>(story).when(Command::Reinstate { reason: why() }).then([reinstated]);
}

#[test]
fn what_is_removed_stays_so_and_what_never_was_is_unknown() {
    let removed = Event::ServiceAccountRemoved { reason: why() };
    let remove = Command::Remove { reason: why() };
    given::<ServiceAccount>([added()]).when(remove.clone()).then([removed.clone()]);
    given::<ServiceAccount>([added(), removed.clone()]).when(remove).then_nothing();
    given::<ServiceAccount>([added(), removed])
        .when(Command::Issue(key(1, 90)))
        .then_refused(Refusal::UnknownServiceAccount);
    given_nothing::<ServiceAccount>().when(revoke(1)).then_refused(Refusal::UnknownServiceAccount);
}

#[test]
fn people_are_warned_two_weeks_before_a_key_expires() {
    let key = key(1, 90);
    let left = |days| key.expires_at - TimeDelta::days(days);
    assert!(!key.is_expiring(left(15)) && key.is_expiring(left(14)) && key.is_good(left(1)));
    assert!(!key.is_good(key.expires_at));
}
