//! Requests become commands: types, units, ranges. No rules.

mod fields;
mod identity;
mod identity_provider;
mod invitations;
mod regions;
mod service_accounts;
mod sessions;
mod tenants;
mod webhooks;

use kernel::auth::Caller;
use kernel::command::Commands;
use kernel::failure::Violations;
use kernel::outbound::Reach;
use kernel::rpc::{Call, CommandApi, IntoCommand, Reply};
use proto::partner::v1 as pb;
use proto::partner::v1::dealer_service_server::DealerService;
use tonic::{Request, Status};
use values::text::name;
use values::{DealerId, RegionId, Sight};

use self::fields::{explain, parse};
use crate::dealer::Dealer;
use crate::people::People;
use crate::sign_in::Reception;
use crate::transactions::RegisterDealer;

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

#[tonic::async_trait]
impl DealerService for PartnerApi {
    async fn register_dealer(
        &self,
        request: Request<pb::RegisterDealerRequest>,
    ) -> Reply<pb::RegisterDealerResponse> {
        self.commands.run(request).await
    }
}

impl IntoCommand<Dealer> for pb::RegisterDealerRequest {
    type Command = RegisterDealer;

    fn into_command(self, call: &Call) -> Result<RegisterDealer, Status> {
        let mut bad = Violations::default();
        let Caller { dealer_id: own, regions, .. } = &call.caller;
        let sight = bad.take("region_id", Sight::parse(own.as_deref(), regions).map_err(explain));
        let dealer_id = parse::<DealerId>(&mut bad, "dealer_id", &self.dealer_id);
        let company = bad.take("name", name(&self.name).map_err(explain));
        let city = bad.take("city", name(&self.city).map_err(explain));
        let region_id = parse::<RegionId>(&mut bad, "region_id", &self.region_id);
        let command = || {
            let (dealer_id, name) = (dealer_id?, company?);
            let (city, region_id, sight) = (city?, region_id?, sight?);
            let today = call.today().into();
            Some(RegisterDealer { dealer_id, name, city, region_id, sight, today })
        };
        let command = command();
        bad.finish(command)
    }
}
