//! Identity providers, and people who are linked with somebody there.

use kernel::spec::{given, given_nothing};
use partner::identity_provider::{
    IdentityProvider, IdentityProviderCommand as Command, IdentityProviderEvent as Event,
    IdentityProviderRefusal, Provider,
};
use partner::role::Role;
use partner::user::{
    Identity, MOST_IDENTITIES, NewIdentity, Newcomer, User, UserCommand, UserEvent, UserRefusal,
};
use uuid::Uuid;

use crate::world::{newcomer, registered, sealed};

fn provider(secret: Option<u128>) -> Provider {
    Provider {
        issuer: "https://id.example.com".into(),
        client_id: "qudao".into(),
        secret_id: secret.map(Uuid::from_u128),
        label: "企业账号".into(),
        redirect_uri: "https://qudao.example.com/oidc/callback".into(),
    }
}

fn configured(provider: Provider) -> Event {
    let Provider { issuer, client_id, secret_id, label, redirect_uri } = provider;
    Event::IdentityProviderConfigured { issuer, client_id, secret_id, label, redirect_uri }
}

fn changed(provider: Provider) -> Event {
    let Provider { issuer, client_id, secret_id, label, redirect_uri } = provider;
    Event::IdentityProviderChanged { issuer, client_id, secret_id, label, redirect_uri }
}

#[test]
fn a_provider_is_configured_changed_and_removed() {
    let first = configured(provider(Some(1)));
    given_nothing::<IdentityProvider>()
        .when(Command::Configure(provider(Some(1))))
        .then([first.clone()]);
    let named = Provider { label: "统一登录".into(), ..provider(None) };
    let kept = Provider { secret_id: Some(Uuid::from_u128(1)), ..named.clone() };
    given::<IdentityProvider>([first.clone()])
        .when(Command::Configure(named))
        .then([changed(kept)]);
    given::<IdentityProvider>([first.clone()])
        .when(Command::Configure(provider(None)))
        .then_nothing();
    let removed = Event::IdentityProviderRemoved { reason: "换供应商".into() };
    let remove = Command::Remove { reason: "换供应商".into() };
    given::<IdentityProvider>([first.clone()]).when(remove.clone()).then([removed.clone()]);
    given::<IdentityProvider>([first.clone(), removed.clone()]).when(remove.clone()).then_nothing();
    given::<IdentityProvider>([first, removed])
        .when(Command::Configure(provider(Some(2))))
        .then([configured(provider(Some(2)))]);
    given_nothing::<IdentityProvider>()
        .when(remove)
        .then_refused(IdentityProviderRefusal::NoProvider);
}

#[test]
fn the_secret_of_one_client_is_not_sent_for_another() {
    let other = Provider { issuer: "https://other.example.com".into(), ..provider(None) };
    given::<IdentityProvider>([configured(provider(Some(1)))])
        .when(Command::Configure(other.clone()))
        .then([changed(other)]);
}

fn new(number: u128) -> NewIdentity {
    let identity = Identity { identity_id: Uuid::from_u128(number), issuer: "https://id".into() };
    NewIdentity { identity, subject: sealed() }
}

fn linked(number: u128) -> UserEvent {
    let NewIdentity { identity: Identity { identity_id, issuer }, subject } = new(number);
    UserEvent::IdentityLinked { identity_id, issuer, subject }
}

fn somebody() -> UserEvent {
    registered(newcomer(&[Role::Finance], None))
}

#[test]
fn a_person_is_linked_and_the_link_is_ended() {
    let identity_id = Uuid::from_u128(1);
    given::<User>([somebody()]).when(UserCommand::Link(new(1))).then([linked(1)]);
    given::<User>([somebody(), linked(1)]).when(UserCommand::Link(new(1))).then_nothing();
    let unlink = UserCommand::Unlink { identity_id };
    let unlinked = UserEvent::IdentityUnlinked { identity_id };
    given::<User>([somebody(), linked(1)]).when(unlink.clone()).then([unlinked.clone()]);
    given::<User>([somebody(), linked(1), unlinked])
        .when(unlink)
        .then_refused(UserRefusal::UnknownIdentity);
}

#[test]
fn a_person_has_five_links_at_most() {
    let links = (0..5).map(linked);
    let story: Vec<_> = [somebody()].into_iter().chain(links).collect();
    given::<User>(story)
        .when(UserCommand::Link(new(9)))
        .then_refused(UserRefusal::TooManyIdentities);
    assert_eq!(MOST_IDENTITIES, 5);
}

#[test]
fn who_was_invited_may_come_with_a_link_and_without_a_password() {
    let finance = Newcomer { identity: Some(new(1)), ..newcomer(&[Role::Finance], None) };
    given_nothing::<User>().when(UserCommand::Register(finance)).then([somebody(), linked(1)]);
}
