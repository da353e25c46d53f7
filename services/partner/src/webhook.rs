//! An endpoint: where a brand wants to be told of its events. What is sent there, when, and what
//! comes of it is no business of the rules; see the crate `webhooks`.

mod event;
mod pattern;
mod refusal;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::Decider;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use event::{Cause, WebhookEvent};
pub use pattern::{BadPattern, EventPattern};
pub use refusal::WebhookRefusal;

/// Endpoints that a tenant has at most.
pub const MOST: u64 = 20;
/// Type of the fact after which an endpoint is none any more.
pub const REMOVED: &str = "WebhookRemoved";
/// How long the secret before signs too.
pub const OVERLAP: TimeDelta = TimeDelta::hours(24);

/// What is known of an endpoint.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "stage")]
pub enum Webhook {
    /// There is none.
    #[default]
    Unknown,
    /// There is one.
    Known(Endpoint),
    /// There was one.
    Removed,
}

/// An endpoint that is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Where and what.
    pub wish: Wish,
    /// Under what id the secret is kept.
    pub secret_id: Uuid,
    /// The secret before, and until when it signs too.
    pub previous: Option<(Uuid, DateTime<Utc>)>,
    /// Why nothing is sent, where nothing is.
    pub disabled: Option<Cause>,
}

/// What somebody wants to be told, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wish {
    /// Address of the web service.
    pub url: String,
    /// What it is for.
    pub description: String,
    /// Which events.
    pub event_types: Vec<EventPattern>,
}

/// What can be asked of an endpoint.
#[derive(Clone, Debug)]
pub enum WebhookCommand {
    /// Be there.
    Register {
        /// Where and what.
        wish: Wish,
        /// Under what id its secret is kept.
        secret_id: Uuid,
        /// How many endpoints the tenant has.
        others: u64,
    },
    /// Send somewhere else, or something else.
    Change(Wish),
    /// Send again.
    Enable,
    /// Send no more for now.
    Disable {
        /// What has led to it.
        cause: Cause,
        /// Why, in words.
        reason: String,
    },
    /// Send no more.
    Remove {
        /// Why.
        reason: String,
    },
    /// Sign by another secret.
    Rotate {
        /// Under what id it is kept.
        secret_id: Uuid,
        /// When.
        now: DateTime<Utc>,
    },
}

type Decision = Result<Vec<WebhookEvent>, WebhookRefusal>;

impl Decider for Webhook {
    const AGGREGATE: &'static str = "webhook";
    type Command = WebhookCommand;
    type Event = WebhookEvent;
    type Refusal = WebhookRefusal;

    fn decide(&self, command: WebhookCommand) -> Decision {
        match (self, command) {
            (Self::Unknown, WebhookCommand::Register { others: MOST.., .. }) => {
                Err(WebhookRefusal::TooManyWebhooks { most: MOST })
            }
            (Self::Unknown, WebhookCommand::Register { wish, secret_id, .. }) => {
                let Wish { url, description, event_types } = wish;
                Ok(vec![WebhookEvent::WebhookRegistered {
                    url,
                    description,
                    event_types,
                    secret_id,
                }])
            }
            (_, WebhookCommand::Register { .. }) => Err(WebhookRefusal::WebhookExists),
            // Asking again is how a caller makes sure.
            (Self::Removed, WebhookCommand::Remove { .. } | WebhookCommand::Disable { .. }) => {
                Ok(Vec::new())
            }
            (Self::Unknown | Self::Removed, _) => Err(WebhookRefusal::UnknownWebhook),
            (Self::Known(endpoint), command) => endpoint.decide(command),
        }
    }

    fn evolve(&mut self, event: WebhookEvent) {
        match (&mut *self, event) {
            (_, WebhookEvent::WebhookRegistered { url, description, event_types, secret_id }) => {
                let wish = Wish { url, description, event_types };
                *self = Self::Known(Endpoint { wish, secret_id, previous: None, disabled: None });
            }
            (_, WebhookEvent::WebhookRemoved { .. }) => *self = Self::Removed,
            (Self::Known(endpoint), event) => endpoint.evolve(event),
            (Self::Unknown | Self::Removed, _) => (),
        }
    }
}

impl Endpoint {
    fn decide(&self, command: WebhookCommand) -> Decision {
        match command {
            WebhookCommand::Register { .. } => Err(WebhookRefusal::WebhookExists),
            WebhookCommand::Change(wish) if wish == self.wish => Ok(Vec::new()),
            WebhookCommand::Change(Wish { url, description, event_types }) => {
                Ok(vec![WebhookEvent::WebhookChanged { url, description, event_types }])
            }
            WebhookCommand::Enable if self.disabled.is_none() => Ok(Vec::new()),
            WebhookCommand::Enable => Ok(vec![WebhookEvent::WebhookEnabled {}]),
            WebhookCommand::Disable { .. } if self.disabled.is_some() => Ok(Vec::new()),
            WebhookCommand::Disable { cause, reason } => {
                Ok(vec![WebhookEvent::WebhookDisabled { cause, reason }])
            }
            WebhookCommand::Remove { reason } => Ok(vec![WebhookEvent::WebhookRemoved { reason }]),
            WebhookCommand::Rotate { secret_id, now } => match self.previous {
                // The one before the last would end at once, for receivers that have not changed.
                Some((_, until)) if now < until => Err(WebhookRefusal::RotatedRecently { until }),
                Some(_) | None => {
                    let previous_until = now + OVERLAP;
                    Ok(vec![WebhookEvent::WebhookSecretRotated { secret_id, previous_until }])
                }
            },
        }
    }

    fn evolve(&mut self, event: WebhookEvent) {
        match event {
            WebhookEvent::WebhookChanged { url, description, event_types } => {
                self.wish = Wish { url, description, event_types };
            }
            WebhookEvent::WebhookSecretRotated { secret_id, previous_until } => {
                self.previous = Some((self.secret_id, previous_until));
                self.secret_id = secret_id;
            }
            WebhookEvent::WebhookDisabled { cause, .. } => self.disabled = Some(cause),
            WebhookEvent::WebhookEnabled {} => self.disabled = None,
            WebhookEvent::WebhookRegistered { .. } | WebhookEvent::WebhookRemoved { .. } => (),
        }
    }
}
