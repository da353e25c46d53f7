//! Which systems there are.

use serde::{Deserialize, Serialize};

/// Where the books of a brand are kept.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::AsRefStr,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum System {
    /// 金蝶云星空.
    Kingdee,
    /// 用友 YonBIP.
    Yonyou,
}

impl System {
    /// Its name for people who read Chinese.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Kingdee => "金蝶云星空",
            Self::Yonyou => "用友 YonBIP",
        }
    }

    /// Its name for people who read English.
    pub fn en(self) -> &'static str {
        match self {
            Self::Kingdee => "Kingdee Cloud Galaxy",
            Self::Yonyou => "Yonyou YonBIP",
        }
    }
}
