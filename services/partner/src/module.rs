//! The parts of the system that a tenant can do without.

use proto::access::v1::Module as Contract;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A part that can be turned on and off, stored under the name it has in the contract.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::EnumIter,
)]
pub enum Module {
    /// 订货
    #[serde(rename = "MODULE_ORDER")]
    Order,
    /// 客户报备
    #[serde(rename = "MODULE_DEAL")]
    Deal,
    /// 营销费用
    #[serde(rename = "MODULE_BUDGET")]
    Budget,
    /// 外勤访销
    #[serde(rename = "MODULE_VISIT")]
    Visit,
    /// 伙伴学堂
    #[serde(rename = "MODULE_COURSE")]
    Course,
    /// 销售预测
    #[serde(rename = "MODULE_FORECAST")]
    Forecast,
    /// 数据驾驶舱
    #[serde(rename = "MODULE_BI")]
    Bi,
    /// 互联企信
    #[serde(rename = "MODULE_COLLAB")]
    Collab,
}

impl Module {
    /// The module in the contract.
    pub fn contract(self) -> Contract {
        match self {
            Self::Order => Contract::Order,
            Self::Deal => Contract::Deal,
            Self::Budget => Contract::Budget,
            Self::Visit => Contract::Visit,
            Self::Course => Contract::Course,
            Self::Forecast => Contract::Forecast,
            Self::Bi => Contract::Bi,
            Self::Collab => Contract::Collab,
        }
    }

    /// A module of the contract.
    pub fn of(contract: Contract) -> Option<Self> {
        match contract {
            Contract::Unspecified => None,
            Contract::Order => Some(Self::Order),
            Contract::Deal => Some(Self::Deal),
            Contract::Budget => Some(Self::Budget),
            Contract::Visit => Some(Self::Visit),
            Contract::Course => Some(Self::Course),
            Contract::Forecast => Some(Self::Forecast),
            Contract::Bi => Some(Self::Bi),
            Contract::Collab => Some(Self::Collab),
        }
    }
}
