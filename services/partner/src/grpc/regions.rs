//! Requests about the region tree.

use kernel::Text;
use kernel::command::Addressed;
use kernel::failure::Violations;
use kernel::rpc::{Call, IntoCommand, Reply};
use proto::partner::v1 as pb;
use proto::partner::v1::region_service_server::RegionService;
use tonic::{Request, Status};
use values::text::name;
use values::{BusinessDate, RegionId};

use super::PartnerApi;
use super::fields::{explain, parse};
use crate::region_tree::{AnnouncedChange, RegionCommand, RegionTree, TREE};

#[tonic::async_trait]
impl RegionService for PartnerApi {
    async fn add_region(
        &self,
        request: Request<pb::AddRegionRequest>,
    ) -> Reply<pb::AddRegionResponse> {
        self.commands.run(request).await
    }

    async fn rename_region(
        &self,
        request: Request<pb::RenameRegionRequest>,
    ) -> Reply<pb::RenameRegionResponse> {
        self.commands.run(request).await
    }

    async fn move_region(
        &self,
        request: Request<pb::MoveRegionRequest>,
    ) -> Reply<pb::MoveRegionResponse> {
        self.commands.run(request).await
    }

    async fn retire_region(
        &self,
        request: Request<pb::RetireRegionRequest>,
    ) -> Reply<pb::RetireRegionResponse> {
        self.commands.run(request).await
    }

    async fn cancel_region_change(
        &self,
        request: Request<pb::CancelRegionChangeRequest>,
    ) -> Reply<pb::CancelRegionChangeResponse> {
        self.commands.run(request).await
    }
}

impl IntoCommand<RegionTree> for pb::AddRegionRequest {
    type Command = Addressed<RegionTree>;

    fn into_command(self, call: &Call) -> Result<Self::Command, Status> {
        let mut bad = Violations::default();
        let region_id = parse::<RegionId>(&mut bad, "region_id", &self.region_id);
        let name = bad.take("name", name(&self.name).map_err(explain));
        let parent_id = parse::<RegionId>(&mut bad, "parent_id", &self.parent_id);
        let today = call.today().into();
        let command = || {
            let (region_id, name, parent_id) = (region_id?, name?, parent_id?);
            Some(RegionCommand::Add { region_id, name, parent_id, today })
        };
        let command = command();
        bad.finish(command).map(tree)
    }
}

impl IntoCommand<RegionTree> for pb::RenameRegionRequest {
    type Command = Addressed<RegionTree>;

    fn into_command(self, call: &Call) -> Result<Self::Command, Status> {
        let mut bad = Violations::default();
        let region_id = parse::<RegionId>(&mut bad, "region_id", &self.region_id);
        let name = bad.take("name", name(&self.name).map_err(explain));
        let today = call.today().into();
        let command = || Some(RegionCommand::Rename { region_id: region_id?, name: name?, today });
        let command = command();
        bad.finish(command).map(tree)
    }
}

impl IntoCommand<RegionTree> for pb::MoveRegionRequest {
    type Command = Addressed<RegionTree>;

    fn into_command(self, call: &Call) -> Result<Self::Command, Status> {
        let mut bad = Violations::default();
        let region_id = parse::<RegionId>(&mut bad, "region_id", &self.region_id);
        let parent_id = parse::<RegionId>(&mut bad, "parent_id", &self.parent_id);
        let effective_on = parse::<BusinessDate>(&mut bad, "effective_on", &self.effective_on);
        let today = call.today().into();
        let command = || {
            let (region_id, parent_id, effective_on) = (region_id?, parent_id?, effective_on?);
            Some(RegionCommand::Move { region_id, parent_id, effective_on, today })
        };
        let command = command();
        bad.finish(command).map(tree)
    }
}

impl IntoCommand<RegionTree> for pb::RetireRegionRequest {
    type Command = Addressed<RegionTree>;

    fn into_command(self, call: &Call) -> Result<Self::Command, Status> {
        let mut bad = Violations::default();
        let region_id = parse::<RegionId>(&mut bad, "region_id", &self.region_id);
        let effective_on = parse::<BusinessDate>(&mut bad, "effective_on", &self.effective_on);
        let today = call.today().into();
        let command = || {
            let (region_id, effective_on) = (region_id?, effective_on?);
            Some(RegionCommand::Retire { region_id, effective_on, today })
        };
        let command = command();
        bad.finish(command).map(tree)
    }
}

impl IntoCommand<RegionTree> for pb::CancelRegionChangeRequest {
    type Command = Addressed<RegionTree>;

    fn into_command(self, call: &Call) -> Result<Self::Command, Status> {
        let mut bad = Violations::default();
        let region_id = parse::<RegionId>(&mut bad, "region_id", &self.region_id);
        let change = bad.take("change", change(self.change()));
        let effective_on = parse::<BusinessDate>(&mut bad, "effective_on", &self.effective_on);
        let today = call.today().into();
        let command = || {
            let (region_id, change, effective_on) = (region_id?, change?, effective_on?);
            Some(RegionCommand::Cancel { region_id, change, effective_on, today })
        };
        let command = command();
        bad.finish(command).map(tree)
    }
}

fn change(kind: pb::RegionChangeKind) -> Result<AnnouncedChange, Text> {
    match kind {
        pb::RegionChangeKind::Move => Ok(AnnouncedChange::Move),
        pb::RegionChangeKind::Retirement => Ok(AnnouncedChange::Retirement),
        pb::RegionChangeKind::Unspecified => {
            Err(Text::new("请指明是哪种变更", "say which change it is"))
        }
    }
}

fn tree(command: RegionCommand) -> Addressed<RegionTree> {
    Addressed { object_id: TREE.to_owned(), command }
}
