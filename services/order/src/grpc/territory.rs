//! What the policy that follows the region tree asks.

use kernel::command::Addressed;
use kernel::failure::Violations;
use kernel::rpc::{Call, IntoCommand};
use proto::order::v1 as api;
use tonic::Status;
use values::{BusinessDate, RegionId, RegionRef};

use super::{given, name, parse};
use crate::territory::{TERRITORY, Territory, TerritoryCommand};

impl IntoCommand<Territory> for api::NoteRegionRequest {
    type Command = Addressed<Territory>;

    fn into_command(self, _: &Call) -> Result<Addressed<Territory>, Status> {
        let mut wrong = Violations::default();
        let region_id = parse(&mut wrong, "region_id", &self.region_id);
        let name = name(&mut wrong, "name", &self.name);
        let parent_id = given(&mut wrong, "parent_id", &self.parent_id);
        let added_on = given(&mut wrong, "added_on", &self.added_on);
        let command = (|| {
            let region = RegionRef { region_id: region_id?, name: name? };
            let parent_id: Option<RegionId> = parent_id?;
            let added_on: Option<BusinessDate> = added_on?;
            Some(TerritoryCommand::Note { region, parent_id, added_on })
        })();
        wrong.finish(command).map(territory)
    }
}

impl IntoCommand<Territory> for api::NoteRegionMoveRequest {
    type Command = Addressed<Territory>;

    fn into_command(self, _: &Call) -> Result<Addressed<Territory>, Status> {
        let mut wrong = Violations::default();
        let region_id = parse(&mut wrong, "region_id", &self.region_id);
        let parent_id = given(&mut wrong, "parent_id", &self.parent_id);
        let effective_on = parse(&mut wrong, "effective_on", &self.effective_on);
        let command = (|| {
            let (region_id, effective_on) = (region_id?, effective_on?);
            Some(TerritoryCommand::Move { region_id, parent_id: parent_id?, effective_on })
        })();
        wrong.finish(command).map(territory)
    }
}

fn territory(command: TerritoryCommand) -> Addressed<Territory> {
    Addressed { object_id: TERRITORY.to_owned(), command }
}
