//! A program of a tenant: an ERP, a report. It is let in by keys, of which only digests are kept,
//! outside the log: see `service_keys`.

mod event;
mod refusal;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::Decider;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use event::ServiceAccountEvent;
pub use refusal::ServiceAccountRefusal;

use crate::membership::Membership;

/// Keys of one account that may be good at a time: enough to change them one after the other.
pub const MOST_KEYS: usize = 5;
/// How long a key is good when nobody says, in days.
pub const DEFAULT_DAYS: u32 = 90;
/// How long before its end a key is said to expire, in days.
pub const WARNING: TimeDelta = TimeDelta::days(14);

/// What is known of a service account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "stage")]
pub enum ServiceAccount {
    /// There is none.
    #[default]
    Unknown,
    /// It is there.
    Added(Account),
    /// It was there, and never will be again.
    Removed,
}

/// What a program may do, and by which keys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// What people call it.
    pub name: String,
    /// For which company it works, and as what.
    pub membership: Membership,
    /// It is kept out for now.
    pub suspended: bool,
    /// Keys that were not revoked, oldest first.
    pub keys: Vec<ServiceKey>,
}

/// A key, as far as everybody may know it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceKey {
    /// Which one.
    pub key_id: Uuid,
    /// Its last 4 signs, by which people tell it from others.
    pub hint: String,
    /// Since when.
    pub issued_at: DateTime<Utc>,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
}

impl ServiceKey {
    /// Whether it is good at a moment.
    pub fn is_good(&self, now: DateTime<Utc>) -> bool {
        now < self.expires_at
    }

    /// Whether somebody should make the next one.
    pub fn is_expiring(&self, now: DateTime<Utc>) -> bool {
        self.expires_at - now <= WARNING
    }
}

impl Account {
    /// One of its keys, if it was not revoked.
    pub fn key(&self, key_id: Uuid) -> Option<&ServiceKey> {
        self.keys.iter().find(|key| key.key_id == key_id)
    }
}

/// What can be asked of a service account.
#[derive(Clone, Debug)]
pub enum ServiceAccountCommand {
    /// Be one.
    Add {
        /// What people call it.
        name: String,
        /// For which company it works, and as what.
        membership: Membership,
    },
    /// Have one more key.
    Issue(ServiceKey),
    /// Have a key no more.
    RevokeKey {
        /// Which one.
        key_id: Uuid,
        /// Why.
        reason: String,
    },
    /// Be kept out for now.
    Suspend {
        /// Why.
        reason: String,
    },
    /// Come back.
    Reinstate {
        /// Why.
        reason: String,
    },
    /// Be no more.
    Remove {
        /// Why.
        reason: String,
    },
}

type Decision = Result<Vec<ServiceAccountEvent>, ServiceAccountRefusal>;

impl Decider for ServiceAccount {
    const AGGREGATE: &'static str = "service_account";
    type Command = ServiceAccountCommand;
    type Event = ServiceAccountEvent;
    type Refusal = ServiceAccountRefusal;

    fn decide(&self, command: ServiceAccountCommand) -> Decision {
        match (self, command) {
            (Self::Unknown, ServiceAccountCommand::Add { name, membership }) => {
                add(name, membership)
            }
            (Self::Added(_), ServiceAccountCommand::Add { .. }) => {
                Err(ServiceAccountRefusal::AccountExists)
            }
            (Self::Removed, ServiceAccountCommand::Add { .. }) => {
                Err(ServiceAccountRefusal::AccountIdUsed)
            }
            (Self::Added(account), command) => account.decide(command),
            // Asking again is how a caller makes sure.
            (Self::Removed, ServiceAccountCommand::Remove { .. }) => Ok(Vec::new()),
            (Self::Unknown | Self::Removed, _) => Err(ServiceAccountRefusal::UnknownServiceAccount),
        }
    }

    fn evolve(&mut self, event: ServiceAccountEvent) {
        match (&mut *self, event) {
            (_, ServiceAccountEvent::ServiceAccountAdded { name, company, roles, regions }) => {
                let membership = Membership { company, roles, regions };
                *self =
                    Self::Added(Account { name, membership, suspended: false, keys: Vec::new() });
            }
            (Self::Added(_), ServiceAccountEvent::ServiceAccountRemoved { .. }) => {
                *self = Self::Removed;
            }
            (Self::Added(account), event) => account.evolve(event),
            (Self::Unknown | Self::Removed, _) => (),
        }
    }
}

fn add(name: String, membership: Membership) -> Decision {
    membership.check().map_err(|why| ServiceAccountRefusal::Place(why.into()))?;
    let Membership { company, roles, regions } = membership;
    Ok(vec![ServiceAccountEvent::ServiceAccountAdded { name, company, roles, regions }])
}

impl Account {
    fn decide(&self, command: ServiceAccountCommand) -> Decision {
        match command {
            ServiceAccountCommand::Add { .. } => Err(ServiceAccountRefusal::AccountExists),
            ServiceAccountCommand::Issue(key) => self.issue(key),
            ServiceAccountCommand::RevokeKey { key_id, reason } => match self.key(key_id) {
                Some(_) => Ok(vec![ServiceAccountEvent::ServiceKeyRevoked { key_id, reason }]),
                None => Err(ServiceAccountRefusal::UnknownServiceKey),
            },
            ServiceAccountCommand::Suspend { .. } if self.suspended => Ok(Vec::new()),
            ServiceAccountCommand::Suspend { reason } => {
                Ok(vec![ServiceAccountEvent::ServiceAccountSuspended { reason }])
            }
            ServiceAccountCommand::Reinstate { .. } if !self.suspended => Ok(Vec::new()),
            ServiceAccountCommand::Reinstate { reason } => {
                Ok(vec![ServiceAccountEvent::ServiceAccountReinstated { reason }])
            }
            ServiceAccountCommand::Remove { reason } => {
                Ok(vec![ServiceAccountEvent::ServiceAccountRemoved { reason }])
            }
        }
    }

    fn issue(&self, key: ServiceKey) -> Decision {
        if self.suspended {
            return Err(ServiceAccountRefusal::ServiceAccountSuspended);
        }
        if self.keys.iter().filter(|known| known.is_good(key.issued_at)).count() >= MOST_KEYS {
            return Err(ServiceAccountRefusal::TooManyKeys);
        }
        let ServiceKey { key_id, hint, issued_at, expires_at } = key;
        Ok(vec![ServiceAccountEvent::ServiceKeyIssued { key_id, hint, issued_at, expires_at }])
    }

    fn evolve(&mut self, event: ServiceAccountEvent) {
        match event {
            ServiceAccountEvent::ServiceKeyIssued { key_id, hint, issued_at, expires_at } => {
                // What had expired by then was shown for long enough.
                self.keys.retain(|known| known.is_good(issued_at));
                self.keys.push(ServiceKey { key_id, hint, issued_at, expires_at });
            }
            ServiceAccountEvent::ServiceKeyRevoked { key_id, .. } => {
                self.keys.retain(|known| known.key_id != key_id);
            }
            ServiceAccountEvent::ServiceAccountSuspended { .. } => self.suspended = true,
            ServiceAccountEvent::ServiceAccountReinstated { .. } => self.suspended = false,
            ServiceAccountEvent::ServiceAccountAdded { .. }
            | ServiceAccountEvent::ServiceAccountRemoved { .. } => (),
        }
    }
}
