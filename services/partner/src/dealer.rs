//! A company that a brand sells through.

use kernel::{Decider, DomainEvent, Refusal, RefusalKind, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{DealerId, RegionId, RegionPath};

use crate::region_tree::RegionRefusal;

/// The facts of a dealer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum DealerEvent {
    /// A company became a dealer of the brand.
    DealerRegistered {
        /// The dealer.
        dealer_id: DealerId,
        /// What people call the company.
        name: String,
        /// Where it is.
        city: String,
        /// Its region on that day, from the root of the tree down.
        region_path: RegionPath,
    },
}

impl DomainEvent for DealerEvent {
    fn sentence(&self) -> Text {
        let Self::DealerRegistered { name, city, region_path, .. } = self;
        let region = region_path.own().map_or("", |region| region.name.as_str());
        Text::new(
            format!("登记经销商“{name}”({city}),归属区域 {region}"),
            format!("{name} in {city} was registered as a dealer of the region {region}"),
        )
    }
}

/// What is known of a dealer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "stage")]
pub enum Dealer {
    /// Not registered.
    #[default]
    Unknown,
    /// A dealer of the brand.
    Registered(Profile),
}

/// Who a dealer is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// The dealer.
    pub dealer_id: DealerId,
    /// What people call the company.
    pub name: String,
    /// Where it is.
    pub city: String,
    /// Its region, from the root of the tree down.
    pub region_path: RegionPath,
}

/// What can be asked of a dealer.
#[derive(Clone, Debug)]
pub enum DealerCommand {
    /// Become one.
    Register(Profile),
}

/// Why a dealer says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum DealerRefusal {
    /// The id is taken.
    #[error("a dealer with this id exists; choose another id")]
    DealerExists,
    /// Somebody else looks after the region.
    #[error("the region {0} is none of yours; choose one of the regions you look after")]
    OtherRegion(RegionId),
    /// The region is not one.
    #[error(transparent)]
    Region(#[from] RegionRefusal),
}

impl Refusal for DealerRefusal {
    fn reason(&self) -> String {
        match self {
            Self::DealerExists | Self::OtherRegion(_) => self.as_ref().to_owned(),
            Self::Region(refusal) => refusal.reason(),
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::DealerExists => RefusalKind::AlreadyExists,
            Self::OtherRegion(_) => RefusalKind::PermissionDenied,
            Self::Region(refusal) => refusal.kind(),
        }
    }

    fn text(&self) -> Text {
        match self {
            Self::DealerExists => Text::new("该经销商编号已存在，请换一个", self.to_string()),
            Self::OtherRegion(id) => Text::new(
                format!("区域 {id} 不在您的数据范围内，请选择您负责的区域"),
                self.to_string(),
            ),
            Self::Region(refusal) => refusal.text(),
        }
    }
}

impl Decider for Dealer {
    const AGGREGATE: &'static str = "dealer";
    type Command = DealerCommand;
    type Event = DealerEvent;
    type Refusal = DealerRefusal;

    fn decide(&self, command: DealerCommand) -> Result<Vec<DealerEvent>, DealerRefusal> {
        let DealerCommand::Register(Profile { dealer_id, name, city, region_path }) = command;
        match self {
            Self::Unknown => {
                Ok(vec![DealerEvent::DealerRegistered { dealer_id, name, city, region_path }])
            }
            Self::Registered(_) => Err(DealerRefusal::DealerExists),
        }
    }

    fn evolve(&mut self, event: DealerEvent) {
        let DealerEvent::DealerRegistered { dealer_id, name, city, region_path } = event;
        *self = Self::Registered(Profile { dealer_id, name, city, region_path });
    }
}
