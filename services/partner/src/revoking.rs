//! Which facts of the context end tokens, for the processes that check them.

use kernel::auth::{Extent, Feed, Revoked, SERVICE};
use kernel::{Decider as _, Recorded};

use crate::NAME;
use crate::service_account::{ServiceAccount, ServiceAccountEvent};
use crate::user::UserEvent;

/// The facts after which tokens of a user, or of a service account, are not good any more.
pub const REVOKING: Feed = Feed {
    context: NAME,
    facts: &[
        ("user", "MembershipChanged"),
        ("user", "MembershipEnded"),
        ("user", "UserSuspended"),
        ("user", "PasswordChanged"),
        ("user", "PasswordReset"),
        ("user", "IdentityUnlinked"),
        ("user", "SessionEnded"),
        ("user", "UserErased"),
        ("service_account", "ServiceKeyRevoked"),
        ("service_account", "ServiceAccountSuspended"),
        ("service_account", "ServiceAccountRemoved"),
    ],
    read: revoked,
};

fn revoked(recorded: &Recorded) -> Result<Option<Revoked>, serde_json::Error> {
    let (subject, extent) = match recorded.aggregate.as_str() {
        ServiceAccount::AGGREGATE => {
            (format!("{SERVICE}{}", recorded.object_id), of_program(recorded)?)
        }
        _ => (recorded.object_id.clone(), of_user(recorded)?),
    };
    Ok(extent.map(|extent| Revoked {
        tenant: recorded.tenant.clone(),
        subject,
        extent,
        at: recorded.recorded_at,
    }))
}

fn of_user(recorded: &Recorded) -> Result<Option<Extent>, serde_json::Error> {
    Ok(match recorded.decode::<UserEvent>()? {
        UserEvent::MembershipChanged { .. }
        | UserEvent::MembershipEnded { .. }
        | UserEvent::UserSuspended { .. }
        | UserEvent::PasswordChanged { .. }
        | UserEvent::PasswordReset { .. }
        | UserEvent::IdentityUnlinked { .. }
        | UserEvent::UserErased { .. } => Some(Extent::Before(recorded.version)),
        UserEvent::SessionEnded { session_id, .. } => Some(Extent::Session(session_id.to_string())),
        UserEvent::UserRegisteredV2 { .. }
        | UserEvent::UserRenamed { .. }
        | UserEvent::MembershipGranted { .. }
        | UserEvent::IdentityLinked { .. }
        | UserEvent::UserReinstated { .. } => None,
    })
}

/// The session of a program's token is the key that it was exchanged for.
fn of_program(recorded: &Recorded) -> Result<Option<Extent>, serde_json::Error> {
    Ok(match recorded.decode::<ServiceAccountEvent>()? {
        ServiceAccountEvent::ServiceKeyRevoked { key_id, .. } => {
            Some(Extent::Session(key_id.to_string()))
        }
        ServiceAccountEvent::ServiceAccountSuspended { .. }
        | ServiceAccountEvent::ServiceAccountRemoved { .. } => {
            Some(Extent::Before(recorded.version))
        }
        ServiceAccountEvent::ServiceAccountAdded { .. }
        | ServiceAccountEvent::ServiceKeyIssued { .. }
        | ServiceAccountEvent::ServiceAccountReinstated { .. } => None,
    })
}
