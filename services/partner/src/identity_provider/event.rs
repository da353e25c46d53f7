//! The facts of an identity provider.

use kernel::{DomainEvent, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The facts of an identity provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum IdentityProviderEvent {
    /// People may sign in through a provider, once they are linked.
    IdentityProviderConfigured {
        /// Its issuer, to the letter.
        issuer: String,
        /// Under what name it knows this installation.
        client_id: String,
        /// Under what id its secret is kept, outside the log; none of one that has none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        secret_id: Option<Uuid>,
        /// What stands on the button.
        label: String,
        /// Where it sends browsers back to.
        redirect_uri: String,
    },
    /// The provider is another one, or something about it is. Links with people of another issuer
    /// lead nowhere while it is.
    IdentityProviderChanged {
        /// Its issuer, to the letter.
        issuer: String,
        /// Under what name it knows this installation.
        client_id: String,
        /// Under what id its secret is kept, outside the log; none of one that has none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        secret_id: Option<Uuid>,
        /// What stands on the button.
        label: String,
        /// Where it sends browsers back to.
        redirect_uri: String,
    },
    /// Nobody signs in through it any more.
    IdentityProviderRemoved {
        /// Why.
        reason: String,
    },
}

impl DomainEvent for IdentityProviderEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::IdentityProviderConfigured { issuer, label, .. } => Text::new(
                format!("配置身份提供方“{label}”（{issuer}）"),
                format!("the identity provider “{label}” ({issuer}) was configured"),
            ),
            Self::IdentityProviderChanged { issuer, label, .. } => Text::new(
                format!("修改身份提供方为“{label}”（{issuer}）"),
                format!("the identity provider was changed to “{label}” ({issuer})"),
            ),
            Self::IdentityProviderRemoved { reason } => Text::new(
                format!("身份提供方已移除，原因：{reason}"),
                format!("the identity provider was removed: {reason}"),
            ),
        }
    }
}
