//! What kind of dealer a dealer is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::{ChannelId, LevelId};

/// The level (级别) and the channel (渠道类型) of a dealer, on which prices, the visible range and
/// promotions depend.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct DealerClass {
    /// Its level; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level_id: Option<LevelId>,
    /// Its channel; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_id: Option<ChannelId>,
}

impl DealerClass {
    /// Level and channel for people to read; a dash for what it has none of.
    pub fn shown(&self) -> (&str, &str) {
        let level = self.level_id.as_ref().map_or("—", LevelId::as_str);
        (level, self.channel_id.as_ref().map_or("—", ChannelId::as_str))
    }
}
