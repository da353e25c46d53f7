//! The facts of a region tree.

use kernel::{DomainEvent, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{BusinessDate, RegionId};

/// The facts of a region tree.
///
/// A day is a business day: it begins at 00:00 in the time zone that the brand had when the fact
/// was recorded.
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
        /// Its first day; absent in older facts and of the root.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        added_on: Option<BusinessDate>,
    },
    /// A region is called something else; placed orders keep the name of their day.
    RegionRenamed {
        /// The region.
        region_id: RegionId,
        /// What people call it now.
        name: String,
    },
    /// From a day on a region, with all below it, is below another one. What was placed before
    /// that day keeps the way to the root of its own day.
    RegionMoved {
        /// The region.
        region_id: RegionId,
        /// The region above it from that day on.
        parent_id: RegionId,
        /// The first day on which it counts there.
        effective_on: BusinessDate,
    },
    /// From a day on nothing new is put into a region: no dealer, no region, nobody's data scope.
    RegionRetired {
        /// The region.
        region_id: RegionId,
        /// The first day on which it takes nothing new.
        effective_on: BusinessDate,
    },
    /// A change that was announced for a later day will not take place.
    RegionChangeCancelled {
        /// The region.
        region_id: RegionId,
        /// Which of its changes.
        change: AnnouncedChange,
        /// The day on which it would have begun to count.
        effective_on: BusinessDate,
    },
}

/// What can be announced for a later day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AnnouncedChange {
    /// That a region will be below another.
    Move,
    /// That a region will take nothing new.
    Retirement,
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
            Self::RegionMoved { region_id, parent_id, effective_on } => Text::new(
                format!("区域 {region_id} 自 {effective_on} 起归入 {parent_id}"),
                format!("the region {region_id} is below {parent_id} from {effective_on} on"),
            ),
            Self::RegionRetired { region_id, effective_on } => Text::new(
                format!("区域 {region_id} 自 {effective_on} 起停用"),
                format!("the region {region_id} takes nothing new from {effective_on} on"),
            ),
            Self::RegionChangeCancelled { region_id, change, effective_on } => {
                cancelled(region_id, *change, *effective_on)
            }
        }
    }
}

fn cancelled(region_id: &RegionId, change: AnnouncedChange, effective_on: BusinessDate) -> Text {
    let (zh, en) = match change {
        AnnouncedChange::Move => ("移动", "move"),
        AnnouncedChange::Retirement => ("停用", "retirement"),
    };
    Text::new(
        format!("撤销区域 {region_id} 预定于 {effective_on} 的{zh}"),
        format!("the {en} of the region {region_id} on {effective_on} was called off"),
    )
}
