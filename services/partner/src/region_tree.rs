//! The tree of sales regions of a brand: one stream, so that no two changes can make a cycle or
//! use an id twice.

use kernel::{Decider, DomainEvent, Refusal, RefusalKind, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::region::MAX_LEVELS;
use values::{RegionId, RegionPath, RegionRef};

/// The id of the one tree that each tenant has.
pub const TREE: &str = "regions";

/// The facts of a region tree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum RegionEvent {
    /// A region was added below another; the first one, without a parent, is the root.
    RegionAdded {
        /// The new region.
        region_id: RegionId,
        /// What people call it.
        name: String,
        /// The region above; absent for the root.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent_id: Option<RegionId>,
    },
    /// A region is called something else; placed orders keep the name of their day.
    RegionRenamed {
        /// The region.
        region_id: RegionId,
        /// What people call it now.
        name: String,
    },
}

impl DomainEvent for RegionEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::RegionAdded { name, parent_id: None, .. } => {
                Text::new(format!("建立区域根“{name}”"), format!("the root region {name} was made"))
            }
            Self::RegionAdded { name, parent_id: Some(parent), .. } => Text::new(
                format!("在 {parent} 下新增区域“{name}”"),
                format!("the region {name} was added below {parent}"),
            ),
            Self::RegionRenamed { region_id, name } => Text::new(
                format!("区域 {region_id} 改名为“{name}”"),
                format!("the region {region_id} is now called {name}"),
            ),
        }
    }
}

/// The regions, parents before children.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RegionTree {
    regions: Vec<Region>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Region {
    region_id: RegionId,
    name: String,
    parent_id: Option<RegionId>,
}

/// What can be asked of a region tree.
#[derive(Clone, Debug)]
pub enum RegionCommand {
    /// Make the root.
    Plant {
        /// What people call the whole sales area.
        name: String,
    },
    /// Add a region.
    Add {
        /// The new region.
        region_id: RegionId,
        /// What people call it.
        name: String,
        /// The region above.
        parent_id: RegionId,
    },
    /// Give a region another name.
    Rename {
        /// The region.
        region_id: RegionId,
        /// What people are to call it.
        name: String,
    },
}

/// Why a region tree says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum RegionRefusal {
    /// The tree has its root.
    #[error("the region tree has its root already")]
    AlreadyPlanted,
    /// The id is taken.
    #[error("a region {0} exists already; choose another id")]
    RegionExists(RegionId),
    /// There is no such region.
    #[error("there is no region {0}; add it first")]
    UnknownRegion(RegionId),
    /// The tree would get too deep.
    #[error("below {0} the tree would have more than 10 levels; add the region higher up")]
    TooDeep(RegionId),
    /// The name is taken.
    #[error("the region {0} beside it has this name already; choose another name")]
    NameTaken(RegionId),
    /// The tree is full.
    #[error("a tree has at most 5,000 regions; make do with those there are")]
    TooManyRegions,
}

/// Regions that one tree may have.
pub const MAX_REGIONS: usize = 5_000;

impl Refusal for RegionRefusal {
    fn reason(&self) -> String {
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::AlreadyPlanted | Self::RegionExists(_) | Self::NameTaken(_) => {
                RefusalKind::AlreadyExists
            }
            Self::UnknownRegion(_) => RefusalKind::NotFound,
            Self::TooDeep(_) | Self::TooManyRegions => RefusalKind::FailedPrecondition,
        }
    }

    fn text(&self) -> Text {
        let zh = match self {
            Self::AlreadyPlanted => "区域树已有根".to_owned(),
            Self::RegionExists(id) => format!("区域 {id} 已存在，请换一个编号"),
            Self::UnknownRegion(id) => format!("没有区域 {id}，请先新增"),
            Self::TooDeep(id) => format!("{id} 之下将超过 10 级，请加在更高一级"),
            Self::NameTaken(id) => format!("同级区域 {id} 已用此名称，请换一个名称"),
            Self::TooManyRegions => "区域树最多 5,000 个区域，请使用已有区域".to_owned(),
        };
        Text::new(zh, self.to_string())
    }
}

impl Decider for RegionTree {
    const AGGREGATE: &'static str = "region_tree";
    type Command = RegionCommand;
    type Event = RegionEvent;
    type Refusal = RegionRefusal;

    fn decide(&self, command: RegionCommand) -> Result<Vec<RegionEvent>, RegionRefusal> {
        match command {
            RegionCommand::Plant { name } => self.plant(name),
            RegionCommand::Add { region_id, name, parent_id } => {
                self.add(region_id, name, parent_id)
            }
            RegionCommand::Rename { region_id, name } => self.rename(region_id, name),
        }
    }

    fn evolve(&mut self, event: RegionEvent) {
        match event {
            RegionEvent::RegionAdded { region_id, name, parent_id } => {
                self.regions.push(Region { region_id, name, parent_id });
            }
            RegionEvent::RegionRenamed { region_id, name } => {
                let renamed = self.regions.iter_mut().find(|region| region.region_id == region_id);
                if let Some(region) = renamed {
                    region.name = name;
                }
            }
        }
    }
}

type Decision = Result<Vec<RegionEvent>, RegionRefusal>;

impl RegionTree {
    /// The way from the root to a region.
    ///
    /// # Errors
    /// [`RegionRefusal::UnknownRegion`]
    pub fn path(&self, region_id: &RegionId) -> Result<RegionPath, RegionRefusal> {
        let unknown = || RegionRefusal::UnknownRegion(region_id.clone());
        let mut path = Vec::new();
        let mut next = Some(region_id);
        while let Some(id) = next {
            let region = self.region(id).ok_or_else(unknown)?;
            path.push(RegionRef { region_id: id.clone(), name: region.name.clone() });
            next = region.parent_id.as_ref();
        }
        path.reverse();
        RegionPath::parse(path).map_err(|_| unknown())
    }

    fn region(&self, id: &RegionId) -> Option<&Region> {
        self.regions.iter().find(|region| region.region_id == *id)
    }

    fn plant(&self, name: String) -> Decision {
        if !self.regions.is_empty() {
            return Err(RegionRefusal::AlreadyPlanted);
        }
        Ok(vec![RegionEvent::RegionAdded { region_id: RegionId::root(), name, parent_id: None }])
    }

    fn add(&self, region_id: RegionId, name: String, parent_id: RegionId) -> Decision {
        if self.region(&region_id).is_some() {
            return Err(RegionRefusal::RegionExists(region_id));
        }
        if self.path(&parent_id)?.regions().len() >= MAX_LEVELS {
            return Err(RegionRefusal::TooDeep(parent_id));
        }
        if self.regions.len() >= MAX_REGIONS {
            return Err(RegionRefusal::TooManyRegions);
        }
        self.name_is_free(&name, Some(&parent_id))?;
        Ok(vec![RegionEvent::RegionAdded { region_id, name, parent_id: Some(parent_id) }])
    }

    fn rename(&self, region_id: RegionId, name: String) -> Decision {
        match self.region(&region_id) {
            None => Err(RegionRefusal::UnknownRegion(region_id)),
            Some(region) if region.name == name => Ok(Vec::new()),
            Some(region) => {
                self.name_is_free(&name, region.parent_id.as_ref())?;
                Ok(vec![RegionEvent::RegionRenamed { region_id, name }])
            }
        }
    }

    /// Two regions side by side must be told apart by people.
    fn name_is_free(&self, name: &str, parent: Option<&RegionId>) -> Result<(), RegionRefusal> {
        let beside = self.regions.iter().filter(|region| region.parent_id.as_ref() == parent);
        match beside.into_iter().find(|region| region.name == name) {
            Some(region) => Err(RegionRefusal::NameTaken(region.region_id.clone())),
            None => Ok(()),
        }
    }
}
