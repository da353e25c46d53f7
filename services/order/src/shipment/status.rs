//! The status of a shipment that people see.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What people see of a shipment. Derived by the shipment itself alone; all others copy it.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::AsRefStr,
    strum::EnumIter,
    strum::EnumString,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum ShipmentStatus {
    /// 待接单: the warehouse has not taken it on.
    Released,
    /// 拣货中: the warehouse has.
    Acknowledged,
    /// 部分发货: some of it left.
    PartlyShipped,
    /// 已发货: all that was not withdrawn left.
    Shipped,
    /// 已撤回: the order does not need it, and nothing of it left.
    Withdrawn,
}

impl ShipmentStatus {
    /// As the trade says it.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Released => "待接单",
            Self::Acknowledged => "拣货中",
            Self::PartlyShipped => "部分发货",
            Self::Shipped => "已发货",
            Self::Withdrawn => "已撤回",
        }
    }
}

impl From<ShipmentStatus> for proto::order::v1::ShipmentStatus {
    fn from(status: ShipmentStatus) -> Self {
        match status {
            ShipmentStatus::Released => Self::Released,
            ShipmentStatus::Acknowledged => Self::Acknowledged,
            ShipmentStatus::PartlyShipped => Self::PartlyShipped,
            ShipmentStatus::Shipped => Self::Shipped,
            ShipmentStatus::Withdrawn => Self::Withdrawn,
        }
    }
}
