//! A company that a brand sells through.

use kernel::{Decider, DomainEvent, Refusal, RefusalKind, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{
    BusinessDate, ChannelId, DealerClass, DealerId, LevelId, NoChange, RegionId, RegionPath,
    Timeline,
};

use crate::dealer_classes::DealerClasses;
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
    /// A dealer is of another level or channel from a day on. Placed orders keep what they were
    /// given.
    DealerClassified {
        /// The dealer.
        dealer_id: DealerId,
        /// What it is from that day on.
        class: DealerClass,
        /// The first day; absent: from ever, as nothing was said before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        effective_on: Option<BusinessDate>,
    },
}

impl DomainEvent for DealerEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::DealerRegistered { name, city, region_path, .. } => {
                let region = region_path.own().map_or("", |region| region.name.as_str());
                Text::new(
                    format!("登记经销商“{name}”({city}),归属区域 {region}"),
                    format!("{name} in {city} was registered as a dealer of the region {region}"),
                )
            }
            Self::DealerClassified { dealer_id, class, effective_on } => {
                let (level, channel) = class.shown();
                let (zh, en) = match effective_on {
                    Some(day) => (format!("自 {day} 起"), format!(" from {day} on")),
                    None => Default::default(),
                };
                Text::new(
                    format!("经销商 {dealer_id}{zh}级别为 {level}，渠道为 {channel}"),
                    format!(
                        "the dealer {dealer_id} is of the level {level}, channel {channel}{en}"
                    ),
                )
            }
        }
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
    /// Its level and channel, day by day.
    #[serde(default)]
    pub classes: Timeline<DealerClass>,
}

/// What can be asked of a dealer.
#[derive(Clone, Debug)]
pub enum DealerCommand {
    /// Become one.
    Register {
        /// The dealer.
        dealer_id: DealerId,
        /// What people call the company.
        name: String,
        /// Where it is.
        city: String,
        /// Its region, from the root of the tree down.
        region_path: RegionPath,
    },
    /// Be of a level and a channel, of those that the brand has.
    Classify {
        /// What it is to be.
        class: DealerClass,
        /// The first day; none: at once.
        effective_on: Option<BusinessDate>,
        /// Today in the calendar of the brand.
        today: BusinessDate,
    },
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
    /// There is no such dealer.
    #[error("there is no such dealer; register it first")]
    DealerNotFound,
    /// The brand has no such level.
    #[error("the brand has no level {0}; define it first, or choose one that there is")]
    LevelNotDefined(LevelId),
    /// The brand has no such channel.
    #[error("the brand has no channel {0}; define it first, or choose one that there is")]
    ChannelNotDefined(ChannelId),
    /// What was is not changed.
    #[error("the first day is over; take today, {today}, or a later one")]
    DayOver {
        /// Today in the calendar of the brand.
        today: BusinessDate,
    },
    /// Too much is announced.
    #[error("six other changes of the dealer are announced already; change one of those days")]
    TooManyAnnounced,
    /// The region is not one.
    #[error(transparent)]
    Region(#[from] RegionRefusal),
}

impl Refusal for DealerRefusal {
    fn reason(&self) -> String {
        match self {
            Self::DealerExists
            | Self::DealerNotFound
            | Self::LevelNotDefined(_)
            | Self::ChannelNotDefined(_)
            | Self::DayOver { .. }
            | Self::TooManyAnnounced
            | Self::OtherRegion(_) => self.as_ref().to_owned(),
            Self::Region(refusal) => refusal.reason(),
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::DealerExists => RefusalKind::AlreadyExists,
            Self::OtherRegion(_) => RefusalKind::PermissionDenied,
            Self::DealerNotFound => RefusalKind::NotFound,
            Self::LevelNotDefined(_) | Self::ChannelNotDefined(_) | Self::TooManyAnnounced => {
                RefusalKind::FailedPrecondition
            }
            Self::DayOver { .. } => RefusalKind::InvalidArgument,
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
            Self::DealerNotFound => Text::new("没有这个经销商，请先登记", self.to_string()),
            Self::LevelNotDefined(id) => {
                Text::new(format!("品牌没有级别 {id}，请先设定，或改选已有级别"), self.to_string())
            }
            Self::ChannelNotDefined(id) => {
                Text::new(format!("品牌没有渠道 {id}，请先设定，或改选已有渠道"), self.to_string())
            }
            Self::DayOver { today } => Text::new(
                format!("生效日期已过，请选择今天（{today}）或以后的日期"),
                self.to_string(),
            ),
            Self::TooManyAnnounced => {
                Text::new("已预告 6 个日期的变更，请修改其中一个", self.to_string())
            }
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
        match (self, command) {
            (Self::Unknown, DealerCommand::Register { dealer_id, name, city, region_path }) => {
                Ok(vec![DealerEvent::DealerRegistered { dealer_id, name, city, region_path }])
            }
            (Self::Registered(_), DealerCommand::Register { .. }) => {
                Err(DealerRefusal::DealerExists)
            }
            (Self::Unknown, DealerCommand::Classify { .. }) => Err(DealerRefusal::DealerNotFound),
            (Self::Registered(profile), DealerCommand::Classify { class, effective_on, today }) => {
                profile.classify(class, effective_on, today)
            }
        }
    }

    fn evolve(&mut self, event: DealerEvent) {
        match (&mut *self, event) {
            (_, DealerEvent::DealerRegistered { dealer_id, name, city, region_path }) => {
                let classes = Timeline::default();
                *self = Self::Registered(Profile { dealer_id, name, city, region_path, classes });
            }
            (
                Self::Registered(profile),
                DealerEvent::DealerClassified { class, effective_on, .. },
            ) => profile.classes.set(effective_on, class),
            (Self::Unknown, DealerEvent::DealerClassified { .. }) => (),
        }
    }
}

impl Profile {
    fn classify(
        &self,
        class: DealerClass,
        effective_on: Option<BusinessDate>,
        today: BusinessDate,
    ) -> Result<Vec<DealerEvent>, DealerRefusal> {
        let since = match self.classes.change(&class, effective_on, today) {
            Ok(Some(since)) => since,
            Ok(None) => return Ok(Vec::new()),
            Err(NoChange::DayOver) => return Err(DealerRefusal::DayOver { today }),
            Err(NoChange::TooManyAnnounced) => return Err(DealerRefusal::TooManyAnnounced),
        };
        let effective_on = since.day();
        let dealer_id = self.dealer_id.clone();
        Ok(vec![DealerEvent::DealerClassified { dealer_id, class, effective_on }])
    }
}

/// Whether a brand has the level and the channel of a class.
///
/// # Errors
/// The first that it does not have.
pub fn is_defined(class: &DealerClass, classes: &DealerClasses) -> Result<(), DealerRefusal> {
    match (&class.level_id, &class.channel_id) {
        (Some(level), _) if !classes.levels.contains_key(level) => {
            Err(DealerRefusal::LevelNotDefined(level.clone()))
        }
        (_, Some(channel)) if !classes.channels.contains_key(channel) => {
            Err(DealerRefusal::ChannelNotDefined(channel.clone()))
        }
        (_, _) => Ok(()),
    }
}
