//! Which facts of the context end tokens, for the processes that check them.

use kernel::Recorded;
use kernel::auth::{Extent, Feed, Revoked};

use crate::NAME;
use crate::user::UserEvent;

/// The facts after which tokens of a user are not good any more.
pub const REVOKING: Feed = Feed {
    context: NAME,
    facts: &[
        ("user", "MembershipChanged"),
        ("user", "MembershipEnded"),
        ("user", "UserSuspended"),
        ("user", "PasswordChanged"),
        ("user", "PasswordReset"),
        ("user", "SessionEnded"),
        ("user", "UserErased"),
    ],
    read: revoked,
};

fn revoked(recorded: &Recorded) -> Result<Option<Revoked>, serde_json::Error> {
    let extent = match recorded.decode::<UserEvent>()? {
        UserEvent::MembershipChanged { .. }
        | UserEvent::MembershipEnded { .. }
        | UserEvent::UserSuspended { .. }
        | UserEvent::PasswordChanged { .. }
        | UserEvent::PasswordReset { .. }
        | UserEvent::UserErased { .. } => Extent::Before(recorded.version),
        UserEvent::SessionEnded { session_id, .. } => Extent::Session(session_id.to_string()),
        UserEvent::UserRegisteredV2 { .. }
        | UserEvent::UserRenamed { .. }
        | UserEvent::MembershipGranted { .. }
        | UserEvent::UserReinstated { .. } => return Ok(None),
    };
    Ok(Some(Revoked {
        tenant: recorded.tenant.clone(),
        subject: recorded.object_id.clone(),
        extent,
        at: recorded.recorded_at,
    }))
}
