//! When a dealer was registered, open its ordering account; when it is of another level or channel,
//! note that there.

use kernel::Recorded;
use kernel::projection::{Db, ProjectError, Projection};
use partner::dealer::{Dealer, DealerEvent};
use proto::order::v1::account_service_client::AccountServiceClient;
use proto::order::v1::{NoteDealerClassRequest, OpenAccountRequest, RegionRef};
use tonic::transport::Channel;
use values::{BusinessDate, DealerClass, RegionPath};

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
        DealerFact::Dealer(event): DealerFact,
    ) -> Result<(), ProjectError> {
        match event {
            DealerEvent::DealerRegistered { name, region_path, .. } => {
                self.open(recorded, name, &region_path).await
            }
            DealerEvent::DealerClassified { class, effective_on, .. } => {
                self.note(recorded, class, effective_on).await
            }
        }
    }
}

impl OpenAccounts {
    async fn open(
        &self,
        recorded: &Recorded,
        dealer_name: String,
        region_path: &RegionPath,
    ) -> Result<(), ProjectError> {
        let region_path = region_path.iter().map(|region| RegionRef {
            region_id: region.region_id.to_string(),
            name: region.name.clone(),
        });
        let request = OpenAccountRequest {
            request_id: Commander::request_id(Self::NAME, recorded),
            expected_version: None,
            dealer_id: recorded.object_id.clone(),
            dealer_name,
            region_path: region_path.collect(),
        };
        let request = self.0.request(Self::NAME, recorded, request)?;
        match answered(self.client().open_account(request).await) {
            Ok(_) => Ok(()),
            // Answers to requests are kept for some days; a replay may be later than that.
            Err(status) if status.code() == tonic::Code::AlreadyExists => Ok(()),
            Err(status) => Err(status.into()),
        }
    }

    async fn note(
        &self,
        recorded: &Recorded,
        class: DealerClass,
        effective_on: Option<BusinessDate>,
    ) -> Result<(), ProjectError> {
        let request = NoteDealerClassRequest {
            request_id: Commander::request_id(Self::NAME, recorded),
            expected_version: None,
            dealer_id: recorded.object_id.clone(),
            level_id: class.level_id.map(|id| id.to_string()).unwrap_or_default(),
            channel_id: class.channel_id.map(|id| id.to_string()).unwrap_or_default(),
            effective_on: effective_on.map(|day| day.to_string()).unwrap_or_default(),
        };
        let request = self.0.request(Self::NAME, recorded, request)?;
        let noted = self.client().note_dealer_class(request).await;
        answered(noted).map(drop).map_err(ProjectError::from)
    }

    fn client(&self) -> AccountServiceClient<Channel> {
        AccountServiceClient::new(self.0.channel.clone())
    }
}
