//! The facts of an endpoint.

use chrono::{DateTime, SecondsFormat, Utc};
use kernel::{DomainEvent, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::EventPattern;

/// The facts of an endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum WebhookEvent {
    /// A brand wants to be told of events.
    WebhookRegistered {
        /// Address of the web service that is told.
        url: String,
        /// What it is for.
        description: String,
        /// Which events: `*`, a context and `.*`, or events like `order.OrderSubmitted`.
        event_types: Vec<EventPattern>,
        /// Under what id the secret is kept that signs the messages; it is not in the log.
        secret_id: Uuid,
    },
    /// It wants to be told somewhere else, or of other events.
    WebhookChanged {
        /// Address of the web service that is told.
        url: String,
        /// What it is for.
        description: String,
        /// Which events.
        event_types: Vec<EventPattern>,
    },
    /// Messages are signed by another secret from now on.
    WebhookSecretRotated {
        /// Under what id it is kept.
        secret_id: Uuid,
        /// Until when the one before signs too.
        previous_until: DateTime<Utc>,
    },
    /// Nothing is sent for now.
    WebhookDisabled {
        /// What has led to it.
        cause: Cause,
        /// Why, in words.
        reason: String,
    },
    /// Events from now on are sent again.
    WebhookEnabled {},
    /// Nothing is sent any more, and the secret is erased.
    WebhookRemoved {
        /// Why.
        reason: String,
    },
}

/// What has led to it that nothing is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Somebody asked for it.
    Asked,
    /// The endpoint answered that there is nothing there any more (410).
    Gone,
    /// The endpoint took nothing for days.
    Failing,
}

impl Cause {
    fn words(self) -> Text {
        match self {
            Self::Asked => Text::new("人工停用", "somebody asked for it"),
            Self::Gone => Text::new("对方答复 410", "it answered 410"),
            Self::Failing => Text::new("连续多日投递失败", "it failed for days"),
        }
    }
}

impl DomainEvent for WebhookEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::WebhookRegistered { url, event_types, .. } => Text::new(
                format!("新增推送端点 {url}，订阅 {}", listed(event_types)),
                format!("the endpoint {url} was registered for {}", listed(event_types)),
            ),
            Self::WebhookChanged { url, event_types, .. } => Text::new(
                format!("推送端点改为 {url}，订阅 {}", listed(event_types)),
                format!("the endpoint is {url} from now on, for {}", listed(event_types)),
            ),
            Self::WebhookSecretRotated { previous_until, .. } => {
                let until = previous_until.to_rfc3339_opts(SecondsFormat::Secs, true);
                Text::new(
                    format!("推送签名密钥已更换，旧密钥在 {until} 前仍有效"),
                    format!("the secret was changed; the one before signs too until {until}"),
                )
            }
            Self::WebhookDisabled { cause, reason } => {
                let cause = cause.words();
                Text::new(
                    format!("推送端点已停用（{}）：{reason}", cause.zh),
                    format!("the endpoint was disabled ({}): {reason}", cause.en),
                )
            }
            Self::WebhookEnabled {} => Text::new("推送端点已启用", "the endpoint was enabled"),
            Self::WebhookRemoved { reason } => Text::new(
                format!("推送端点已删除，原因：{reason}"),
                format!("the endpoint was removed: {reason}"),
            ),
        }
    }
}

fn listed(patterns: &[EventPattern]) -> String {
    patterns.iter().map(EventPattern::as_str).collect::<Vec<_>>().join(", ")
}
