//! Users, where they work, and invitations. Nothing personal is kept here: see `users_query`.

use kernel::Recorded;
use kernel::projection::{Db, ProjectError, Projection, Table};
use partner::invitation::{Invitation, InvitationEvent};
use partner::membership::{Company, Membership};
use partner::user::{User, UserEvent};
use serde_json::{Value, json};

kernel::facts!(
    pub(crate) enum PersonFact {
        User(User),
        Invitation(Invitation),
    }
);

const USERS: Table = Table { name: "users", key: &["tenant_id", "login"] };
const MEMBERSHIPS: Table = Table { name: "memberships", key: &["tenant_id", "login", "company"] };
const INVITATIONS: Table = Table { name: "invitations", key: &["tenant_id", "invitation_id"] };

pub(crate) struct Users;

impl Projection for Users {
    const NAME: &'static str = "users";
    const CONTEXT: &'static str = "partner";
    const TABLES: &'static [&'static Table] = &[&USERS, &MEMBERSHIPS, &INVITATIONS];
    const SCHEMA: &'static str = include_str!("users.sql");
    type Facts = PersonFact;

    async fn project(
        &self,
        db: &mut Db<'_>,
        recorded: &Recorded,
        fact: PersonFact,
    ) -> Result<(), ProjectError> {
        match fact {
            PersonFact::User(event) => user(db, recorded, event),
            PersonFact::Invitation(event) => invitation(db, recorded, event),
        }
    }
}

fn user(db: &mut Db<'_>, recorded: &Recorded, event: UserEvent) -> Result<(), ProjectError> {
    match event {
        UserEvent::UserRegisteredV2 { roles, dealer_id, regions, .. } => {
            let row = json!({
                "tenant_id": recorded.tenant,
                "login": recorded.object_id,
                "suspended": false,
                "erased": false,
                "registered_at": recorded.recorded_at,
            });
            db.insert(&USERS, row)?;
            let membership = Membership { company: Company::of(dealer_id), roles, regions };
            db.upsert(&MEMBERSHIPS, member(recorded, &membership))
        }
        UserEvent::MembershipGranted { company, roles, regions }
        | UserEvent::MembershipChanged { company, roles, regions } => {
            db.upsert(&MEMBERSHIPS, member(recorded, &Membership { company, roles, regions }))
        }
        UserEvent::MembershipEnded { company, .. } => {
            let key = json!({
                "tenant_id": recorded.tenant, "login": recorded.object_id, "company": company,
            });
            db.delete(&MEMBERSHIPS, key)
        }
        UserEvent::UserSuspended { .. } => db.update(&USERS, marked(recorded, "suspended", true)),
        UserEvent::UserReinstated { .. } => db.update(&USERS, marked(recorded, "suspended", false)),
        UserEvent::UserErased { .. } => db.update(&USERS, marked(recorded, "erased", true)),
        UserEvent::UserRenamed { .. }
        | UserEvent::PasswordChanged { .. }
        | UserEvent::PasswordReset { .. }
        | UserEvent::IdentityLinked { .. }
        | UserEvent::IdentityUnlinked { .. }
        | UserEvent::SessionEnded { .. } => Ok(()),
    }
}

fn marked(recorded: &Recorded, column: &str, value: bool) -> Value {
    json!({ "tenant_id": recorded.tenant, "login": recorded.object_id, column: value })
}

fn member(recorded: &Recorded, membership: &Membership) -> Value {
    let Membership { company, roles, regions } = membership;
    json!({
        "tenant_id": recorded.tenant,
        "login": recorded.object_id,
        "company": company,
        "dealer_id": company.dealer(),
        "roles": roles,
        "regions": regions,
    })
}

fn invitation(
    db: &mut Db<'_>,
    recorded: &Recorded,
    event: InvitationEvent,
) -> Result<(), ProjectError> {
    let (tenant, id) = (&recorded.tenant, &recorded.object_id);
    match event {
        InvitationEvent::InvitationSent { company, roles, regions, expires_at } => {
            let row = json!({
                "tenant_id": tenant,
                "invitation_id": id,
                "dealer_id": company.dealer(),
                "roles": roles,
                "regions": regions,
                "sent_by": recorded.metadata.actor_id,
                "sent_at": recorded.recorded_at,
                "expires_at": expires_at,
                "revoked": false,
            });
            db.insert(&INVITATIONS, row)
        }
        InvitationEvent::InvitationAccepted { login } => {
            let row = json!({"tenant_id": tenant, "invitation_id": id, "accepted_by": login});
            db.update(&INVITATIONS, row)
        }
        InvitationEvent::InvitationRevoked { .. } => {
            let row = json!({"tenant_id": tenant, "invitation_id": id, "revoked": true});
            db.update(&INVITATIONS, row)
        }
    }
}
