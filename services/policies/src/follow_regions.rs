//! When the region tree changes, note it where orders are decided, so that each finds the regions
//! of its day. Days are handed on as they are, so nothing has to happen when one begins.

use kernel::Recorded;
use kernel::projection::{Db, ProjectError, Projection};
use partner::region_tree::{AnnouncedChange, RegionEvent, RegionTree};
use proto::order::v1::account_service_client::AccountServiceClient;
use proto::order::v1::{NoteRegionMoveRequest, NoteRegionRequest};
use tonic::{Response, Status};

use crate::{Commander, answered};

kernel::facts!(
    pub(crate) enum RegionFact {
        Tree(RegionTree),
    }
);

pub(crate) struct FollowRegions(pub(crate) Commander);

impl Projection for FollowRegions {
    const NAME: &'static str = "follow-regions";
    const CONTEXT: &'static str = "partner";
    type Facts = RegionFact;

    async fn project(
        &self,
        _: &mut Db<'_>,
        recorded: &Recorded,
        RegionFact::Tree(event): RegionFact,
    ) -> Result<(), ProjectError> {
        match event {
            RegionEvent::RegionAdded { region_id, name, parent_id, added_on } => {
                let parent_id = parent_id.map(|id| id.to_string()).unwrap_or_default();
                let added_on = added_on.map(|day| day.to_string()).unwrap_or_default();
                let region_id = region_id.to_string();
                let note =
                    NoteRegionRequest { region_id, name, parent_id, added_on, ..asked(recorded) };
                self.note(recorded, note).await
            }
            RegionEvent::RegionRenamed { region_id, name } => {
                let region_id = region_id.to_string();
                self.note(recorded, NoteRegionRequest { region_id, name, ..asked(recorded) }).await
            }
            RegionEvent::RegionMoved { region_id, parent_id, effective_on } => {
                let request = NoteRegionMoveRequest {
                    request_id: Commander::request_id(Self::NAME, recorded),
                    region_id: region_id.to_string(),
                    parent_id: parent_id.to_string(),
                    effective_on: effective_on.to_string(),
                    expected_version: None,
                };
                self.note_move(recorded, request).await
            }
            RegionEvent::RegionChangeCancelled {
                region_id,
                change: AnnouncedChange::Move,
                effective_on,
            } => {
                let request = NoteRegionMoveRequest {
                    request_id: Commander::request_id(Self::NAME, recorded),
                    region_id: region_id.to_string(),
                    effective_on: effective_on.to_string(),
                    ..NoteRegionMoveRequest::default()
                };
                self.note_move(recorded, request).await
            }
            // Dealers of a retired region go on ordering.
            RegionEvent::RegionRetired { .. }
            | RegionEvent::RegionChangeCancelled { change: AnnouncedChange::Retirement, .. } => {
                Ok(())
            }
        }
    }
}

fn asked(recorded: &Recorded) -> NoteRegionRequest {
    let request_id = Commander::request_id(FollowRegions::NAME, recorded);
    NoteRegionRequest { request_id, ..NoteRegionRequest::default() }
}

impl FollowRegions {
    async fn note(&self, fact: &Recorded, note: NoteRegionRequest) -> Result<(), ProjectError> {
        let request = self.0.request(Self::NAME, fact, note)?;
        done(self.client().note_region(request).await)
    }

    async fn note_move(
        &self,
        fact: &Recorded,
        note: NoteRegionMoveRequest,
    ) -> Result<(), ProjectError> {
        let request = self.0.request(Self::NAME, fact, note)?;
        done(self.client().note_region_move(request).await)
    }

    fn client(&self) -> AccountServiceClient<tonic::transport::Channel> {
        AccountServiceClient::new(self.0.channel.clone())
    }
}

fn done<T>(answer: Result<Response<T>, Status>) -> Result<(), ProjectError> {
    answered(answer).map(drop).map_err(ProjectError::from)
}
