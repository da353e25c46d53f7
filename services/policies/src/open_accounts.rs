//! When a dealer was registered, open its ordering account.

use kernel::Recorded;
use kernel::projection::{Db, ProjectError, Projection};
use partner::dealer::{Dealer, DealerEvent};
use proto::order::v1::account_service_client::AccountServiceClient;
use proto::order::v1::{OpenAccountRequest, RegionRef};

use crate::{Commander, answered};

kernel::facts!(
    pub(crate) enum DealerFact {
        Dealer(Dealer),
    }
);

pub(crate) struct OpenAccounts(pub(crate) Commander);

impl Projection for OpenAccounts {
    const NAME: &'static str = "open-accounts";
    const CONTEXT: &'static str = "partner";
    type Facts = DealerFact;

    async fn project(
        &self,
        _: &mut Db<'_>,
        recorded: &Recorded,
        fact: DealerFact,
    ) -> Result<(), ProjectError> {
        let DealerFact::Dealer(DealerEvent::DealerRegistered { name, region_path, .. }) = fact;
        let region_path = region_path.iter().map(|region| RegionRef {
            region_id: region.region_id.to_string(),
            name: region.name.clone(),
        });
        let request = OpenAccountRequest {
            request_id: Commander::request_id(Self::NAME, recorded),
            expected_version: None,
            dealer_id: recorded.object_id.clone(),
            dealer_name: name,
            region_path: region_path.collect(),
        };
        let request = self.0.request(Self::NAME, recorded, request)?;
        let opened = AccountServiceClient::new(self.0.channel.clone()).open_account(request).await;
        match answered(opened) {
            Ok(_) => Ok(()),
            // Answers to requests are kept for some days; a replay may be later than that.
            Err(status) if status.code() == tonic::Code::AlreadyExists => Ok(()),
            Err(status) => Err(status.into()),
        }
    }
}
