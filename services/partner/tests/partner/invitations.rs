//! Invitations of people who are no users yet.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::spec::{given, given_nothing};
use partner::invitation::{
    Invitation, InvitationCommand, InvitationEvent, InvitationRefusal, Offer,
};
use partner::membership::{Authority, Membership};
use partner::role::Role;
use partner::user::UserRefusal;

use crate::world::{company, dealer, membership};

const BIKES: Option<&str> = Some("shanghai-bikes");

fn until() -> DateTime<Utc> {
    "2026-11-23T20:00:00Z".parse().unwrap()
}

fn offer(roles: &[Role], of: Option<&str>) -> Offer {
    Offer { membership: membership(roles, of), expires_at: until() }
}

fn sent(Offer { membership, expires_at }: Offer) -> InvitationEvent {
    let Membership { company, roles, regions } = membership;
    InvitationEvent::InvitationSent { company, roles, regions, expires_at }
}

fn staff() -> InvitationEvent {
    sent(offer(&[Role::DealerStaff], BIKES))
}

fn accept(now: DateTime<Utc>) -> InvitationCommand {
    InvitationCommand::Accept { login: "li.lei".parse().unwrap(), now }
}

fn accepted() -> InvitationEvent {
    InvitationEvent::InvitationAccepted { login: "li.lei".parse().unwrap() }
}

fn revoke(by: Authority) -> InvitationCommand {
    InvitationCommand::Revoke { reason: "误发".into(), by }
}

fn revoked() -> InvitationEvent {
    InvitationEvent::InvitationRevoked { reason: "误发".into() }
}

fn bikes() -> Authority {
    Authority::Dealer(dealer("shanghai-bikes"))
}

#[test]
fn an_administrator_invites_to_any_company_and_an_owner_to_their_own() {
    for (roles, of, by) in [
        (&[Role::Finance][..], None, Authority::Brand),
        (&[Role::DealerOwner][..], BIKES, Authority::Brand),
        (&[Role::DealerStaff][..], BIKES, bikes()),
    ] {
        given_nothing::<Invitation>()
            .when(InvitationCommand::Send(offer(roles, of), by))
            .then([sent(offer(roles, of))]);
    }
    given_nothing::<Invitation>()
        .when(InvitationCommand::Send(offer(&[Role::HqAdmin], None), bikes()))
        .then_refused(UserRefusal::OtherCompany(company(None)).into());
    given_nothing::<Invitation>()
        .when(InvitationCommand::Send(offer(&[Role::HqAdmin], BIKES), bikes()))
        .then_refused(UserRefusal::NotADealersRole.into());
    given::<Invitation>([staff()])
        .when(InvitationCommand::Send(offer(&[Role::DealerStaff], BIKES), bikes()))
        .then_refused(InvitationRefusal::InvitationExists);
}

#[test]
fn an_invitation_is_accepted_once_and_in_time() {
    let in_time = until() - TimeDelta::seconds(1);
    given::<Invitation>([staff()]).when(accept(in_time)).then([accepted()]);
    given::<Invitation>([staff()])
        .when(accept(until()))
        .then_refused(InvitationRefusal::InvitationExpired);
    given::<Invitation>([staff(), accepted()])
        .when(accept(in_time))
        .then_refused(InvitationRefusal::InvitationUsed);
    given::<Invitation>([staff(), revoked()])
        .when(accept(in_time))
        .then_refused(InvitationRefusal::InvitationNoMore);
    given_nothing::<Invitation>()
        .when(accept(in_time))
        .then_refused(InvitationRefusal::UnknownInvitation);
}

#[test]
fn an_invitation_is_revoked_by_those_it_is_for() {
    for by in [Authority::Brand, bikes()] {
        given::<Invitation>([staff()]).when(revoke(by)).then([revoked()]);
    }
    given::<Invitation>([staff(), revoked()]).when(revoke(Authority::Brand)).then_nothing();
    given::<Invitation>([staff(), accepted()])
        .when(revoke(Authority::Brand))
        .then_refused(InvitationRefusal::InvitationUsed);
    // Whoever may not reach it does not learn that it is there.
    let other = Authority::Dealer(dealer("suzhou-wheels"));
    for facts in [vec![], vec![staff()], vec![staff(), accepted()], vec![staff(), revoked()]] {
        given::<Invitation>(facts)
            .when(revoke(other.clone()))
            .then_refused(InvitationRefusal::UnknownInvitation);
    }
}
