//! An invitation of somebody who is no user yet: where they are to work, and as what. Who it is
//! for is not said; whoever has the one-time link may accept. The link is no event: see `links`.

use chrono::{DateTime, SecondsFormat, Utc};
use kernel::{Decider, DomainEvent, Refusal, RefusalKind, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{RegionId, UserId};

use crate::membership::{Authority, Company, Membership, roles_in_words};
use crate::role::Role;
use crate::user::UserRefusal;

/// The facts of an invitation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum InvitationEvent {
    /// Somebody may become a user.
    InvitationSent {
        /// `brand`, or `dealer:` and the dealer's id.
        company: Company,
        /// The roles they will hold there, by their names in the contract.
        roles: Vec<Role>,
        /// The roots of the parts of the region tree that they will see; none means all of it.
        regions: Vec<RegionId>,
        /// Until when they may accept.
        expires_at: DateTime<Utc>,
    },
    /// Somebody did, and is a user now.
    InvitationAccepted {
        /// The login that they chose.
        login: UserId,
    },
    /// Nobody may accept it any more.
    InvitationRevoked {
        /// Why.
        reason: String,
    },
}

impl DomainEvent for InvitationEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::InvitationSent { company, roles, expires_at, .. } => {
                let (company, roles) = (company.words(), roles_in_words(roles));
                let until = expires_at.to_rfc3339_opts(SecondsFormat::Secs, true);
                Text::new(
                    format!("邀请加入{}，角色：{}，{until} 前有效", company.zh, roles.zh),
                    format!("an invitation to {} as {}, until {until}", company.en, roles.en),
                )
            }
            Self::InvitationAccepted { login } => Text::new(
                format!("邀请已接受，用户名 {login}"),
                format!("the invitation was accepted by {login}"),
            ),
            Self::InvitationRevoked { reason } => Text::new(
                format!("邀请已撤销，原因：{reason}"),
                format!("the invitation was revoked: {reason}"),
            ),
        }
    }
}

/// What is known of an invitation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "stage")]
pub enum Invitation {
    /// There is none.
    #[default]
    Unknown,
    /// It waits for somebody.
    Open(Offer),
    /// Somebody accepted it.
    Accepted {
        /// Their login.
        login: UserId,
        /// Where they work.
        company: Company,
    },
    /// Nobody may accept it any more.
    Revoked {
        /// Where they would have worked.
        company: Company,
    },
}

/// What somebody is invited to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    /// Where they are to work, and as what.
    pub membership: Membership,
    /// Until when they may accept.
    pub expires_at: DateTime<Utc>,
}

/// What can be asked of an invitation.
#[derive(Clone, Debug)]
pub enum InvitationCommand {
    /// Be sent.
    Send(Offer, Authority),
    /// Be accepted.
    Accept {
        /// The login that somebody chose.
        login: UserId,
        /// When.
        now: DateTime<Utc>,
    },
    /// Be no more.
    Revoke {
        /// Why.
        reason: String,
        /// Who asks.
        by: Authority,
    },
}

/// Why an invitation says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum InvitationRefusal {
    /// The id is taken.
    #[error("an invitation with this id exists; make a new request_id")]
    InvitationExists,
    /// There is none.
    #[error("there is no such invitation; ask for a new link")]
    UnknownInvitation,
    /// Its time is over.
    #[error("the invitation is over; ask for a new one")]
    InvitationExpired,
    /// Somebody accepted it.
    #[error("the invitation was accepted already; sign in, or ask for a new one")]
    InvitationUsed,
    /// It was revoked.
    #[error("the invitation was revoked; ask for a new one")]
    InvitationNoMore,
    /// A rule of the user who is to be.
    #[error(transparent)]
    User(#[from] UserRefusal),
}

impl Refusal for InvitationRefusal {
    fn reason(&self) -> String {
        match self {
            Self::User(refusal) => refusal.reason(),
            Self::InvitationExists
            | Self::UnknownInvitation
            | Self::InvitationExpired
            | Self::InvitationUsed
            | Self::InvitationNoMore => self.as_ref().to_owned(),
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::InvitationExists => RefusalKind::AlreadyExists,
            Self::UnknownInvitation => RefusalKind::NotFound,
            Self::InvitationExpired | Self::InvitationUsed | Self::InvitationNoMore => {
                RefusalKind::FailedPrecondition
            }
            Self::User(refusal) => refusal.kind(),
        }
    }

    fn text(&self) -> Text {
        let zh = match self {
            Self::InvitationExists => "该邀请编号已存在，请换一个新的请求编号",
            Self::UnknownInvitation => "没有这个邀请，请索取新的链接",
            Self::InvitationExpired => "邀请已过期，请索取新的邀请",
            Self::InvitationUsed => "邀请已被接受，请登录或索取新的邀请",
            Self::InvitationNoMore => "邀请已被撤销，请索取新的邀请",
            Self::User(refusal) => return refusal.text(),
        };
        Text::new(zh, self.to_string())
    }
}

type Decision = Result<Vec<InvitationEvent>, InvitationRefusal>;

impl Decider for Invitation {
    const AGGREGATE: &'static str = "invitation";
    type Command = InvitationCommand;
    type Event = InvitationEvent;
    type Refusal = InvitationRefusal;

    fn decide(&self, command: InvitationCommand) -> Decision {
        match (self, command) {
            (Self::Unknown, InvitationCommand::Send(offer, by)) => send(offer, &by),
            (_, InvitationCommand::Send(..)) => Err(InvitationRefusal::InvitationExists),
            (Self::Unknown, _) => Err(InvitationRefusal::UnknownInvitation),
            (Self::Open(offer), InvitationCommand::Accept { login, now }) => {
                if offer.expires_at <= now {
                    return Err(InvitationRefusal::InvitationExpired);
                }
                Ok(vec![InvitationEvent::InvitationAccepted { login }])
            }
            (Self::Accepted { .. }, InvitationCommand::Accept { .. }) => {
                Err(InvitationRefusal::InvitationUsed)
            }
            (Self::Revoked { .. }, InvitationCommand::Accept { .. }) => {
                Err(InvitationRefusal::InvitationNoMore)
            }
            (_, InvitationCommand::Revoke { reason, by }) => self.revoke(reason, &by),
        }
    }

    fn evolve(&mut self, event: InvitationEvent) {
        let company = self.company().cloned();
        *self = match (event, company) {
            (InvitationEvent::InvitationSent { company, roles, regions, expires_at }, _) => {
                Self::Open(Offer { membership: Membership { company, roles, regions }, expires_at })
            }
            (InvitationEvent::InvitationAccepted { login }, Some(company)) => {
                Self::Accepted { login, company }
            }
            (InvitationEvent::InvitationRevoked { .. }, Some(company)) => Self::Revoked { company },
            (
                InvitationEvent::InvitationAccepted { .. }
                | InvitationEvent::InvitationRevoked { .. },
                None,
            ) => return,
        };
    }
}

fn send(Offer { membership, expires_at }: Offer, by: &Authority) -> Decision {
    if !by.reaches(&membership.company) {
        return Err(UserRefusal::OtherCompany(membership.company).into());
    }
    membership.check().map_err(UserRefusal::from)?;
    let Membership { company, roles, regions } = membership;
    Ok(vec![InvitationEvent::InvitationSent { company, roles, regions, expires_at }])
}

impl Invitation {
    fn company(&self) -> Option<&Company> {
        match self {
            Self::Unknown => None,
            Self::Open(offer) => Some(&offer.membership.company),
            Self::Accepted { company, .. } | Self::Revoked { company } => Some(company),
        }
    }

    fn revoke(&self, reason: String, by: &Authority) -> Decision {
        let company = self.company().ok_or(InvitationRefusal::UnknownInvitation)?;
        // Whoever may not reach it does not learn that it is there.
        if !by.reaches(company) {
            return Err(InvitationRefusal::UnknownInvitation);
        }
        match self {
            Self::Open(_) => Ok(vec![InvitationEvent::InvitationRevoked { reason }]),
            Self::Accepted { .. } => Err(InvitationRefusal::InvitationUsed),
            // Asking again is how a caller makes sure.
            Self::Revoked { .. } | Self::Unknown => Ok(Vec::new()),
        }
    }
}
