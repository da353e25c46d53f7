//! Why a region tree says no.

use kernel::{Refusal, RefusalKind, Text};
use values::{BusinessDate, RegionId};

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
    /// The tree would get too deep, on some day from the change on.
    #[error("below {0} the tree would have more than 10 levels; choose a region higher up")]
    TooDeep(RegionId),
    /// The name is taken, on some day from the change on.
    #[error("the region {0} beside it has this name already; choose another name")]
    NameTaken(RegionId),
    /// The tree is full.
    #[error("a tree has at most 5,000 regions; make do with those there are")]
    TooManyRegions,
    /// The root is where it is, for good.
    #[error("the root of the tree neither moves nor retires; choose a region below it")]
    RootStays,
    /// The region would be below itself, on some day from the change on.
    #[error("{0} would be below itself; choose a region that is and will not be below it")]
    BelowItself(RegionId),
    /// What was is not changed any more.
    #[error("a change begins today, {today}, at the earliest; choose today or a later day")]
    InThePast {
        /// Today in the time zone of the brand.
        today: BusinessDate,
    },
    /// A region changes its place once a day.
    #[error("{region_id} moves on {effective_on} already; choose another day or cancel that move")]
    MovesThatDay {
        /// The region.
        region_id: RegionId,
        /// The day of the move that was announced.
        effective_on: BusinessDate,
    },
    /// So many changes wait for their day.
    #[error("200 changes are announced already; cancel one, or wait for the day of one")]
    TooManyAnnounced,
    /// Nothing new is put into the region, or will not be.
    #[error("{region_id} takes nothing new from {effective_on} on; choose another region")]
    RegionRetired {
        /// The region.
        region_id: RegionId,
        /// The first day on which it takes nothing new.
        effective_on: BusinessDate,
    },
    /// It is retired, or will be.
    #[error("{region_id} retires on {effective_on} already; cancel that first if it is to come")]
    RetiresAlready {
        /// The region.
        region_id: RegionId,
        /// The first day on which it takes nothing new.
        effective_on: BusinessDate,
    },
    /// A region below it goes on.
    #[error("{below} is below it and not retired by then; move or retire {below} first")]
    HasRegions {
        /// One of the regions below it.
        below: RegionId,
    },
    /// There is nothing to call off.
    #[error("no such change of {0} is announced; look at the changes that are")]
    NotAnnounced(RegionId),
    /// What counts already is not called off.
    #[error("the change counts since {effective_on}; make another one that counts from today on")]
    InForce {
        /// The first day on which it counts.
        effective_on: BusinessDate,
    },
}

impl Refusal for RegionRefusal {
    fn reason(&self) -> String {
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::AlreadyPlanted | Self::RegionExists(_) | Self::NameTaken(_) => {
                RefusalKind::AlreadyExists
            }
            Self::UnknownRegion(_) | Self::NotAnnounced(_) => RefusalKind::NotFound,
            Self::TooDeep(_)
            | Self::TooManyRegions
            | Self::RootStays
            | Self::BelowItself(_)
            | Self::InThePast { .. }
            | Self::MovesThatDay { .. }
            | Self::TooManyAnnounced
            | Self::RegionRetired { .. }
            | Self::RetiresAlready { .. }
            | Self::HasRegions { .. }
            | Self::InForce { .. } => RefusalKind::FailedPrecondition,
        }
    }

    fn text(&self) -> Text {
        let zh = match self {
            Self::AlreadyPlanted => "区域树已有根".to_owned(),
            Self::RegionExists(id) => format!("区域 {id} 已存在，请换一个编号"),
            Self::UnknownRegion(id) => format!("没有区域 {id}，请先新增"),
            Self::TooDeep(id) => format!("{id} 之下将超过 10 级，请选择更高一级的区域"),
            Self::NameTaken(id) => format!("同级区域 {id} 已用此名称，请换一个名称"),
            Self::TooManyRegions => "区域树最多 5,000 个区域，请使用已有区域".to_owned(),
            Self::RootStays => "根区域不能移动或停用，请选择其下的区域".to_owned(),
            Self::BelowItself(id) => format!("{id} 将位于自身之下，请选择不在其下的区域"),
            Self::InThePast { today } => {
                format!("变更最早从今天（{today}）起生效，请选择今天或以后的日期")
            }
            Self::MovesThatDay { region_id, effective_on } => {
                format!("{region_id} 已定于 {effective_on} 移动，请换一天或先撤销该移动")
            }
            Self::TooManyAnnounced => {
                "已有 200 项预定变更，请撤销其中一项，或等其中一项生效".to_owned()
            }
            Self::RegionRetired { region_id, effective_on } => {
                format!("{region_id} 自 {effective_on} 起停用，不再新增内容，请选择其他区域")
            }
            Self::RetiresAlready { region_id, effective_on } => {
                format!("{region_id} 已定于 {effective_on} 停用；若尚未生效，请先撤销")
            }
            Self::HasRegions { below } => {
                format!("其下的 {below} 届时仍未停用，请先移动或停用 {below}")
            }
            Self::NotAnnounced(id) => format!("{id} 没有这项预定变更，请查看现有的预定变更"),
            Self::InForce { effective_on } => {
                format!("该变更已于 {effective_on} 生效，请新建一项从今天起生效的变更")
            }
        };
        Text::new(zh, self.to_string())
    }
}
