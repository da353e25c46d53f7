//! A person who uses the system, and the companies in which they do. Their name is sealed before
//! it gets here, so that it can be erased; passwords and sessions are no events: see `people`.

mod event;
mod refusal;

use kernel::Decider;
use kernel::personal::Personal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use event::{SessionEnd, UserEvent};
pub use refusal::UserRefusal;

use crate::membership::{Authority, Company, Membership};

/// What is known of a user.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "stage")]
pub enum User {
    /// Not registered.
    #[default]
    Unknown,
    /// May use the system.
    Registered(Person),
    /// Was one, and never will be again.
    Erased {
        /// Under what id their password was kept, so that its erasing can be repeated.
        credential_id: Uuid,
    },
}

/// Who a user is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// What people call them.
    pub name: Personal<String>,
    /// Where they work, and as what.
    pub memberships: Vec<Membership>,
    /// Under what id their password is kept, outside the log.
    pub credential_id: Uuid,
    /// They may not use the system for now.
    #[serde(default)]
    pub suspended: bool,
    /// Under what id the link is kept that sets their next password, when they have none.
    #[serde(default)]
    pub reset_id: Option<Uuid>,
    /// Somebody else gave them their password: they may do nothing until they have changed it.
    #[serde(default)]
    pub password_to_be_changed: bool,
    /// As whom they may sign in through identity providers.
    #[serde(default)]
    pub identities: Vec<Identity>,
}

/// Somebody at an identity provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// Under what id the link is looked for, outside the log.
    pub identity_id: Uuid,
    /// The provider, by its issuer.
    pub issuer: String,
}

/// Links of one person with providers at most.
pub const MOST_IDENTITIES: usize = 5;

/// A link that is to be.
#[derive(Clone, Debug, PartialEq)]
pub struct NewIdentity {
    /// As it is kept.
    pub identity: Identity,
    /// Whom the provider knows them as.
    pub subject: Personal<String>,
}

impl Person {
    /// What they are in a company.
    pub fn in_company(&self, company: &Company) -> Option<&Membership> {
        self.memberships.iter().find(|membership| membership.company == *company)
    }

    /// One of their links with providers.
    pub fn identity(&self, identity_id: Uuid) -> Option<&Identity> {
        self.identities.iter().find(|identity| identity.identity_id == identity_id)
    }

    /// Whether they look after the users of the tenant, now.
    pub fn is_admin(&self) -> bool {
        !self.suspended && self.memberships.iter().any(Membership::is_admin)
    }
}

/// Somebody to be registered.
#[derive(Clone, Debug, PartialEq)]
pub struct Newcomer {
    /// What people call them.
    pub name: Personal<String>,
    /// Where they work first.
    pub membership: Membership,
    /// Under what id their first password is kept, outside the log; there is none under it of who
    /// signs in through a provider.
    pub credential_id: Uuid,
    /// Somebody else knows that password.
    pub password_to_be_changed: bool,
    /// As whom they sign in through a provider, if they do.
    pub identity: Option<NewIdentity>,
}

/// What can be asked of a user.
#[derive(Clone, Debug)]
pub enum UserCommand {
    /// Become one.
    Register(Newcomer),
    /// Be called something else.
    Rename(Personal<String>),
    /// Work in one more company.
    Grant(Membership, Authority),
    /// Be something else in a company.
    Change {
        /// What.
        membership: Membership,
        /// Who asks.
        by: Authority,
        /// The tenant has another administrator.
        another_admin: bool,
    },
    /// Leave a company.
    Leave {
        /// Which one.
        company: Company,
        /// Why.
        reason: String,
        /// Who asks.
        by: Authority,
        /// The tenant has another administrator.
        another_admin: bool,
    },
    /// Keep out for now.
    Suspend {
        /// Why.
        reason: String,
        /// The tenant has another administrator.
        another_admin: bool,
    },
    /// Come back.
    Reinstate {
        /// Why.
        reason: String,
    },
    /// Have another password.
    ChangePassword {
        /// Under what id it is kept.
        credential_id: Uuid,
    },
    /// Have no password until the link is used.
    ResetPassword {
        /// Under what id the link is kept.
        reset_id: Uuid,
    },
    /// Have the password that came with a link.
    SetPassword {
        /// Under what id the link is kept.
        reset_id: Uuid,
        /// Under what id the password is kept.
        credential_id: Uuid,
    },
    /// Be signed out somewhere.
    EndSession {
        /// Which session.
        session_id: Uuid,
        /// Why.
        why: SessionEnd,
    },
    /// Sign in through a provider as well.
    Link(NewIdentity),
    /// Do not any more.
    Unlink {
        /// Which link.
        identity_id: Uuid,
    },
    /// Be forgotten.
    Erase {
        /// Why.
        reason: String,
        /// The tenant has another administrator.
        another_admin: bool,
    },
}

type Decision = Result<Vec<UserEvent>, UserRefusal>;

impl Decider for User {
    const AGGREGATE: &'static str = "user";
    type Command = UserCommand;
    type Event = UserEvent;
    type Refusal = UserRefusal;
    const STATE_VERSION: u32 = 5;

    fn decide(&self, command: UserCommand) -> Decision {
        match (self, command) {
            (Self::Unknown, UserCommand::Register(newcomer)) => register(newcomer),
            (Self::Registered(_), UserCommand::Register(_)) => Err(UserRefusal::UserExists),
            (Self::Erased { .. }, UserCommand::Register(_)) => Err(UserRefusal::LoginErased),
            (Self::Registered(person), command) => person.decide(command),
            // Asking again is how a caller makes sure.
            (Self::Erased { .. }, UserCommand::Erase { .. } | UserCommand::EndSession { .. }) => {
                Ok(Vec::new())
            }
            (Self::Unknown | Self::Erased { .. }, _) => Err(UserRefusal::UnknownUser),
        }
    }

    fn evolve(&mut self, event: UserEvent) {
        match (&mut *self, event) {
            (
                _,
                UserEvent::UserRegisteredV2 {
                    name,
                    roles,
                    dealer_id,
                    regions,
                    credential_id,
                    password_to_be_changed,
                },
            ) => {
                let membership = Membership { company: Company::of(dealer_id), roles, regions };
                *self = Self::Registered(Person {
                    name,
                    memberships: vec![membership],
                    credential_id,
                    suspended: false,
                    reset_id: None,
                    password_to_be_changed,
                    identities: Vec::new(),
                });
            }
            (Self::Registered(person), UserEvent::UserErased { .. }) => {
                *self = Self::Erased { credential_id: person.credential_id };
            }
            (Self::Registered(person), event) => person.evolve(event),
            (Self::Unknown | Self::Erased { .. }, _) => (),
        }
    }
}

fn register(newcomer: Newcomer) -> Decision {
    let Newcomer { name, membership, credential_id, password_to_be_changed, identity } = newcomer;
    // Nothing of an erased person can be kept, so nobody can be registered in their place.
    if name.is_erased() {
        return Err(UserRefusal::LoginErased);
    }
    membership.check()?;
    let Membership { company, roles, regions } = membership;
    let dealer_id = company.dealer().cloned();
    let registered = UserEvent::UserRegisteredV2 {
        name,
        roles,
        dealer_id,
        regions,
        credential_id,
        password_to_be_changed,
    };
    Ok([registered].into_iter().chain(identity.map(linked)).collect())
}

fn linked(NewIdentity { identity, subject }: NewIdentity) -> UserEvent {
    let Identity { identity_id, issuer } = identity;
    UserEvent::IdentityLinked { identity_id, issuer, subject }
}

impl Person {
    fn decide(&self, command: UserCommand) -> Decision {
        match command {
            UserCommand::Register(_) => Err(UserRefusal::UserExists),
            UserCommand::Rename(name) => Ok(vec![UserEvent::UserRenamed { name }]),
            UserCommand::Grant(membership, by) => self.grant(membership, &by),
            UserCommand::Change { membership, by, another_admin } => {
                self.change(membership, &by, another_admin)
            }
            UserCommand::Leave { company, reason, by, another_admin } => {
                self.leave(company, reason, &by, another_admin)
            }
            UserCommand::Suspend { .. } if self.suspended => Ok(Vec::new()),
            UserCommand::Suspend { reason, another_admin } => {
                self.may_go(another_admin)?;
                Ok(vec![UserEvent::UserSuspended { reason }])
            }
            UserCommand::Reinstate { .. } if !self.suspended => Ok(Vec::new()),
            UserCommand::Reinstate { reason } => Ok(vec![UserEvent::UserReinstated { reason }]),
            UserCommand::ChangePassword { credential_id } => {
                Ok(vec![UserEvent::PasswordChanged { credential_id }])
            }
            UserCommand::ResetPassword { reset_id } => {
                Ok(vec![UserEvent::PasswordReset { reset_id }])
            }
            UserCommand::SetPassword { reset_id, .. } if self.reset_id != Some(reset_id) => {
                Err(UserRefusal::ResetOver)
            }
            UserCommand::SetPassword { credential_id, .. } => {
                Ok(vec![UserEvent::PasswordChanged { credential_id }])
            }
            UserCommand::EndSession { session_id, why } => {
                Ok(vec![UserEvent::SessionEnded { session_id, why }])
            }
            UserCommand::Link(new) => self.link(new),
            UserCommand::Unlink { identity_id } => {
                self.identity(identity_id).ok_or(UserRefusal::UnknownIdentity)?;
                Ok(vec![UserEvent::IdentityUnlinked { identity_id }])
            }
            UserCommand::Erase { reason, another_admin } => {
                self.may_go(another_admin)?;
                Ok(vec![UserEvent::UserErased { reason }])
            }
        }
    }

    fn link(&self, new: NewIdentity) -> Decision {
        // Who it is was looked at before: one under the same id is the same.
        if self.identity(new.identity.identity_id).is_some() {
            return Ok(Vec::new());
        }
        if self.identities.len() >= MOST_IDENTITIES {
            return Err(UserRefusal::TooManyIdentities);
        }
        Ok(vec![linked(new)])
    }

    /// Somebody must be left who can let others in; not even the last one can take that away.
    fn may_go(&self, another_admin: bool) -> Result<(), UserRefusal> {
        if self.is_admin() && !another_admin { Err(UserRefusal::LastAdmin) } else { Ok(()) }
    }

    fn grant(&self, membership: Membership, by: &Authority) -> Decision {
        if !by.reaches(&membership.company) {
            return Err(UserRefusal::OtherCompany(membership.company));
        }
        membership.check()?;
        let Membership { company, roles, regions } = membership;
        if self.in_company(&company).is_some() {
            return Err(UserRefusal::MembershipExists(company));
        }
        Ok(vec![UserEvent::MembershipGranted { company, roles, regions }])
    }

    fn change(&self, membership: Membership, by: &Authority, another_admin: bool) -> Decision {
        let before = self.known(&membership.company, by)?;
        membership.check()?;
        if *before == membership {
            return Ok(Vec::new());
        }
        if before.is_admin() && !membership.is_admin() {
            self.may_go(another_admin)?;
        }
        let Membership { company, roles, regions } = membership;
        Ok(vec![UserEvent::MembershipChanged { company, roles, regions }])
    }

    fn leave(
        &self,
        company: Company,
        reason: String,
        by: &Authority,
        another_admin: bool,
    ) -> Decision {
        if self.known(&company, by)?.is_admin() {
            self.may_go(another_admin)?;
        }
        Ok(vec![UserEvent::MembershipEnded { company, reason }])
    }

    /// A membership that is there, and is for the asker to change. Whose it is not learns nothing
    /// of whether there is one.
    fn known(&self, company: &Company, by: &Authority) -> Result<&Membership, UserRefusal> {
        if !by.reaches(company) {
            return Err(UserRefusal::OtherCompany(company.clone()));
        }
        self.in_company(company).ok_or_else(|| UserRefusal::NoMembership(company.clone()))
    }

    fn evolve(&mut self, event: UserEvent) {
        match event {
            UserEvent::UserRenamed { name } => self.name = name,
            UserEvent::MembershipGranted { company, roles, regions } => {
                self.memberships.push(Membership { company, roles, regions });
            }
            UserEvent::MembershipChanged { company, roles, regions } => {
                let changed = self.memberships.iter_mut().find(|it| it.company == company);
                if let Some(membership) = changed {
                    *membership = Membership { company, roles, regions };
                }
            }
            UserEvent::MembershipEnded { company, .. } => {
                self.memberships.retain(|membership| membership.company != company);
            }
            UserEvent::UserSuspended { .. } => self.suspended = true,
            UserEvent::UserReinstated { .. } => self.suspended = false,
            UserEvent::PasswordChanged { credential_id } => {
                self.credential_id = credential_id;
                self.reset_id = None;
                self.password_to_be_changed = false;
            }
            UserEvent::PasswordReset { reset_id } => self.reset_id = Some(reset_id),
            UserEvent::IdentityLinked { identity_id, issuer, .. } => {
                self.identities.push(Identity { identity_id, issuer });
            }
            UserEvent::IdentityUnlinked { identity_id } => {
                self.identities.retain(|identity| identity.identity_id != identity_id);
            }
            // Sessions are kept outside the log; who began and who is gone is told above.
            UserEvent::SessionEnded { .. }
            | UserEvent::UserRegisteredV2 { .. }
            | UserEvent::UserErased { .. } => (),
        }
    }
}
