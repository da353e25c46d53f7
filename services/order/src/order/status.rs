//! The status that people see, and nothing but a copy of what the axes of an order say.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::OrderEvent;

/// What people see of an order. Derived by the order itself alone; all others copy it.
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
pub enum OrderStatus {
    /// 待审核: waits for the brand to confirm it.
    Submitted,
    /// 备货中: confirmed, nothing shipped.
    Confirmed,
    /// 部分发货: some shipped, nothing received.
    PartlyShipped,
    /// 已发货: all shipped, nothing received.
    Shipped,
    /// 部分签收: some received.
    PartlyReceived,
    /// 已签收: all received.
    Received,
    /// 已取消: called off.
    Cancelled,
    /// 信用冻结: waits for credit.
    OnHold,
    /// 待付款: waits to be paid.
    AwaitingPayment,
}

/// What there was when the first events of orders were released. They keep it: what came later is
/// said by later events.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used, as it was")]
#[schemars(rename = "OrderStatus", rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum FirstStatus {
    /// 待审核: waits for the brand to confirm it.
    Submitted,
    /// 备货中: confirmed, nothing shipped.
    Confirmed,
    /// 部分发货: some shipped, nothing received.
    PartlyShipped,
    /// 已发货: all shipped, nothing received.
    Shipped,
    /// 部分签收: some received.
    PartlyReceived,
    /// 已签收: all received.
    Received,
    /// 已取消: called off.
    Cancelled,
}

impl OrderStatus {
    /// As the trade says it.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Submitted => "待审核",
            Self::Confirmed => "备货中",
            Self::PartlyShipped => "部分发货",
            Self::Shipped => "已发货",
            Self::PartlyReceived => "部分签收",
            Self::Received => "已签收",
            Self::Cancelled => "已取消",
            Self::OnHold => "信用冻结",
            Self::AwaitingPayment => "待付款",
        }
    }
}

impl From<OrderStatus> for proto::order::v1::OrderStatus {
    fn from(status: OrderStatus) -> Self {
        match status {
            OrderStatus::Submitted => Self::Submitted,
            OrderStatus::Confirmed => Self::Confirmed,
            OrderStatus::PartlyShipped => Self::PartlyShipped,
            OrderStatus::Shipped => Self::Shipped,
            OrderStatus::PartlyReceived => Self::PartlyReceived,
            OrderStatus::Received => Self::Received,
            OrderStatus::Cancelled => Self::Cancelled,
            OrderStatus::OnHold => Self::OnHold,
            OrderStatus::AwaitingPayment => Self::AwaitingPayment,
        }
    }
}

impl OrderEvent {
    /// What people see after it.
    pub fn status(&self) -> OrderStatus {
        match self {
            Self::OrderSubmitted(order) => order.status,
            Self::PaymentAllocated { status, .. }
            | Self::CreditHoldReleased { status, .. }
            | Self::CreditRefused { status, .. }
            | Self::OrderConfirmed { status, .. }
            | Self::OrderShipped { status, .. }
            | Self::OrderReceived { status, .. }
            | Self::OrderCancelled { status, .. }
            | Self::OrderShortClosed { status, .. }
            | Self::AfterSaleOpened { status, .. }
            | Self::AfterSaleEnded { status, .. }
            | Self::OrderRated { status, .. }
            | Self::OrderExpired { status, .. }
            | Self::OrderReviewAsked { status, .. }
            | Self::OrderStepApproved { status, .. }
            | Self::OrderStepWaived { status, .. }
            | Self::OrderSentBack { status, .. }
            | Self::OrderRefused { status, .. }
            | Self::OrderChangeWithdrawn { status, .. }
            | Self::OrderChangeRefused { status, .. } => *status,
            Self::OrderChangeProposed(change) => change.status,
            Self::OrderChanged(change) => change.status,
        }
    }
}
