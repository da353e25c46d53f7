//! Requests become commands: types, units, ranges. No rules.

mod dealers;
mod fields;
mod identity;
mod identity_provider;
mod invitations;
mod regions;
mod service_accounts;
mod sessions;
mod tenants;
mod webhooks;

use kernel::command::Commands;
use kernel::outbound::Reach;
use kernel::rpc::CommandApi;

use crate::people::People;
use crate::sign_in::Reception;

/// All services of the context.
#[derive(Clone)]
pub(crate) struct PartnerApi {
    commands: CommandApi,
    reception: Reception,
    /// How far calls to addresses of tenants go.
    reach: Reach,
}

impl PartnerApi {
    pub(crate) fn new(commands: Commands, reception: Reception, reach: Reach) -> Self {
        Self { commands: CommandApi(commands), reception, reach }
    }

    fn people(&self) -> &People {
        &self.reception.people
    }
}
