//! The identity provider through which a tenant's people may sign in. A tenant has one at a time;
//! its secret is no event: see `oidc`.

mod event;
mod refusal;

use kernel::Decider;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use event::IdentityProviderEvent;
pub use refusal::IdentityProviderRefusal;

/// The id of a tenant's one provider.
pub const PROVIDER: &str = "oidc";

/// What is known of a provider.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "stage")]
pub enum IdentityProvider {
    /// There is none, and never was.
    #[default]
    None,
    /// People may sign in through it.
    Configured(Provider),
    /// There was one.
    Removed,
}

/// A provider, as far as everybody in the tenant may know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    /// Its issuer, to the letter.
    pub issuer: String,
    /// Under what name it knows this installation.
    pub client_id: String,
    /// Under what id its secret is kept, outside the log; none of one that has none.
    pub secret_id: Option<Uuid>,
    /// What stands on the button.
    pub label: String,
    /// Where it sends browsers back to.
    pub redirect_uri: String,
}

/// What can be asked of a provider.
#[derive(Clone, Debug)]
pub enum IdentityProviderCommand {
    /// Be this one. Without a secret's id the secret at hand stays, if it is for the same client.
    Configure(Provider),
    /// Be no more.
    Remove {
        /// Why.
        reason: String,
    },
}

type Decision = Result<Vec<IdentityProviderEvent>, IdentityProviderRefusal>;

impl Decider for IdentityProvider {
    const AGGREGATE: &'static str = "identity_provider";
    type Command = IdentityProviderCommand;
    type Event = IdentityProviderEvent;
    type Refusal = IdentityProviderRefusal;

    fn decide(&self, command: IdentityProviderCommand) -> Decision {
        match (self, command) {
            (Self::None | Self::Removed, IdentityProviderCommand::Configure(provider)) => {
                let Provider { issuer, client_id, secret_id, label, redirect_uri } = provider;
                Ok(vec![IdentityProviderEvent::IdentityProviderConfigured {
                    issuer,
                    client_id,
                    secret_id,
                    label,
                    redirect_uri,
                }])
            }
            (Self::Configured(before), IdentityProviderCommand::Configure(provider)) => {
                Ok(before.change(provider))
            }
            (Self::Configured(_), IdentityProviderCommand::Remove { reason }) => {
                Ok(vec![IdentityProviderEvent::IdentityProviderRemoved { reason }])
            }
            // Asking again is how a caller makes sure.
            (Self::Removed, IdentityProviderCommand::Remove { .. }) => Ok(Vec::new()),
            (Self::None, IdentityProviderCommand::Remove { .. }) => {
                Err(IdentityProviderRefusal::NoProvider)
            }
        }
    }

    fn evolve(&mut self, event: IdentityProviderEvent) {
        *self = match event {
            IdentityProviderEvent::IdentityProviderConfigured {
                issuer,
                client_id,
                secret_id,
                label,
                redirect_uri,
            }
            | IdentityProviderEvent::IdentityProviderChanged {
                issuer,
                client_id,
                secret_id,
                label,
                redirect_uri,
            } => Self::Configured(Provider { issuer, client_id, secret_id, label, redirect_uri }),
            IdentityProviderEvent::IdentityProviderRemoved { .. } => Self::Removed,
        };
    }
}

impl Provider {
    fn change(&self, mut new: Self) -> Vec<IdentityProviderEvent> {
        let same_client = self.issuer == new.issuer && self.client_id == new.client_id;
        if new.secret_id.is_none() && same_client {
            new.secret_id = self.secret_id;
        }
        if *self == new {
            return Vec::new();
        }
        let Self { issuer, client_id, secret_id, label, redirect_uri } = new;
        vec![IdentityProviderEvent::IdentityProviderChanged {
            issuer,
            client_id,
            secret_id,
            label,
            redirect_uri,
        }]
    }
}
