//! Which facts end tokens.

use kernel::auth::Extent;
use kernel::event::type_and_version;
use kernel::{Metadata, Recorded, clock};
use partner::REVOKING;
use partner::role::Role;
use partner::service_account::ServiceAccountEvent;
use partner::user::{SessionEnd, UserEvent};
use uuid::Uuid;

use crate::world::{changed, company, granted, membership, newcomer, registered, sealed};

fn recorded(event: &UserEvent) -> Recorded {
    let (event_type, event_version) = type_and_version(event.as_ref());
    let id = Uuid::from_u128(1);
    let tenant = "flywheel".to_owned();
    Recorded {
        position: 9,
        event_id: id,
        tenant: tenant.clone(),
        context: "partner".to_owned(),
        aggregate: "user".to_owned(),
        object_id: "li.lei".to_owned(),
        version: 5,
        event_type: event_type.to_owned(),
        event_version,
        recorded_at: clock::now(),
        metadata: Metadata {
            tenant,
            actor_id: "han.meimei".to_owned(),
            correlation_id: id,
            causation_id: id,
            request_id: id,
            traceparent: None,
        },
        payload: serde_json::to_string(event).unwrap(),
    }
}

/// What a fact ends; and that it is among those that processes ask the stream for.
fn ended(event: &UserEvent) -> Option<Extent> {
    let recorded = recorded(event);
    let revoked = (REVOKING.read)(&recorded).unwrap();
    let asked_for = REVOKING.facts.contains(&("user", recorded.event_type.as_str()));
    assert_eq!(revoked.is_some(), asked_for, "{}", recorded.event_type);
    if let Some(revoked) = &revoked {
        assert_eq!((revoked.tenant.as_str(), revoked.subject.as_str()), ("flywheel", "li.lei"));
    }
    revoked.map(|revoked| revoked.extent)
}

#[test]
fn what_takes_something_away_ends_all_tokens_before_it() {
    let (reason, id) = (String::from("离职"), Uuid::from_u128(2));
    for event in [
        changed(membership(&[Role::Analyst], None)),
        UserEvent::MembershipEnded { company: company(None), reason: reason.clone() },
        UserEvent::UserSuspended { reason: reason.clone() },
        UserEvent::PasswordChanged { credential_id: id },
        UserEvent::PasswordReset { reset_id: id },
        UserEvent::IdentityUnlinked { identity_id: id },
        UserEvent::UserErased { reason: reason.clone() },
    ] {
        assert_eq!(ended(&event), Some(Extent::Before(5)), "{event:?}");
    }
}

#[test]
fn the_end_of_a_session_ends_its_own_tokens() {
    let session_id = Uuid::from_u128(3);
    let event = UserEvent::SessionEnded { session_id, why: SessionEnd::Revoked };
    assert_eq!(ended(&event), Some(Extent::Session(session_id.to_string())));
}

#[test]
fn what_takes_nothing_away_ends_nothing() {
    for event in [
        registered(newcomer(&[Role::Finance], None)),
        granted(membership(&[Role::Finance], None)),
        UserEvent::UserRenamed { name: sealed() },
        UserEvent::UserReinstated { reason: "复职".into() },
    ] {
        assert_eq!(ended(&event), None, "{event:?}");
    }
}

fn of_program(event: &ServiceAccountEvent) -> Option<Extent> {
    let (event_type, event_version) = type_and_version(event.as_ref());
    let recorded = Recorded {
        aggregate: "service_account".to_owned(),
        object_id: "erp".to_owned(),
        event_type: event_type.to_owned(),
        event_version,
        payload: serde_json::to_string(event).unwrap(),
        ..recorded(&UserEvent::UserReinstated { reason: String::new() })
    };
    let revoked = (REVOKING.read)(&recorded).unwrap();
    let asked_for = REVOKING.facts.contains(&("service_account", recorded.event_type.as_str()));
    assert_eq!(revoked.is_some(), asked_for, "{}", recorded.event_type);
    revoked.map(|revoked| {
        assert_eq!(revoked.subject, "service:erp");
        revoked.extent
    })
}

#[test]
fn a_key_ends_its_own_tokens_and_a_program_all_of_its() {
    let (reason, key_id) = (String::from("泄露"), Uuid::from_u128(4));
    let revoked = ServiceAccountEvent::ServiceKeyRevoked { key_id, reason: reason.clone() };
    assert_eq!(of_program(&revoked), Some(Extent::Session(key_id.to_string())));
    for event in [
        ServiceAccountEvent::ServiceAccountSuspended { reason: reason.clone() },
        ServiceAccountEvent::ServiceAccountRemoved { reason: reason.clone() },
    ] {
        assert_eq!(of_program(&event), Some(Extent::Before(5)), "{event:?}");
    }
    assert_eq!(of_program(&ServiceAccountEvent::ServiceAccountReinstated { reason }), None);
}
