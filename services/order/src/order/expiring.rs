//! Orders that have waited too long are called off, so that what they keep is free for others.
//!
//! How long is too long is said by the order rules, and when that is by whoever looks at the clock; the
//! order itself says whether it still waits for that.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Commercial, Decision, OrderEvent, OrderRefusal, OrderStatus, Placed};

/// What an order waited for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::EnumIter,
)]
#[serde(rename_all = "snake_case")]
pub enum Waited {
    /// To be paid.
    Payment,
    /// For credit.
    Credit,
    /// For the brand to look at it.
    Review,
}

impl Waited {
    /// What an order with this status waits for, if it does for something that has a limit.
    pub fn of(status: OrderStatus) -> Option<Self> {
        match status {
            OrderStatus::AwaitingPayment => Some(Self::Payment),
            OrderStatus::OnHold => Some(Self::Credit),
            OrderStatus::Submitted => Some(Self::Review),
            OrderStatus::Confirmed
            | OrderStatus::PartlyShipped
            | OrderStatus::Shipped
            | OrderStatus::PartlyReceived
            | OrderStatus::Received
            | OrderStatus::Cancelled => None,
        }
    }

    /// Why an order is called off that waited for so long, in the words that it is told.
    pub fn reason(self, hours: u32) -> String {
        let (zh, en) = match self {
            Self::Payment => ("未付款", "not paid"),
            Self::Credit => ("未获授信", "not given credit"),
            Self::Review => ("未审核", "not reviewed"),
        };
        format!("超过 {hours} 小时{zh}，系统自动取消 · {en} within {hours} hours")
    }
}

/// Whose turn it is in the review of an order, from an event on; the time that it waits for it begins
/// anew then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The brand has to look at it, or at what it has become.
    Brand,
    /// Whoever ordered has to change it, or to submit it again.
    Orderer,
}

impl Turn {
    /// What an event says of it; none: it stays.
    pub fn of(event: &OrderEvent) -> Option<Self> {
        match event {
            OrderEvent::OrderReviewAsked { .. } | OrderEvent::OrderChanged(_) => Some(Self::Brand),
            OrderEvent::OrderSentBack { .. } => Some(Self::Orderer),
            OrderEvent::OrderSubmitted(_)
            | OrderEvent::PaymentAllocated { .. }
            | OrderEvent::CreditHoldReleased { .. }
            | OrderEvent::CreditRefused { .. }
            | OrderEvent::OrderConfirmed { .. }
            | OrderEvent::OrderShipped { .. }
            | OrderEvent::OrderReceived { .. }
            | OrderEvent::OrderCancelled { .. }
            | OrderEvent::OrderShortClosed { .. }
            | OrderEvent::AfterSaleOpened { .. }
            | OrderEvent::AfterSaleEnded { .. }
            | OrderEvent::OrderRated { .. }
            | OrderEvent::OrderExpired { .. }
            | OrderEvent::OrderStepApproved { .. }
            | OrderEvent::OrderStepWaived { .. }
            | OrderEvent::OrderRefused { .. }
            | OrderEvent::OrderChangeProposed(_)
            | OrderEvent::OrderChangeWithdrawn { .. }
            | OrderEvent::OrderChangeRefused { .. } => None,
        }
    }
}

impl Placed {
    pub(super) fn expire(&self, waited: Waited, hours: u32, reason: String) -> Decision {
        // While it is with whoever ordered, the brand keeps nobody waiting.
        let away = self.review.as_ref().is_some_and(|review| review.sent_back);
        let here = waited != Waited::Review || !away;
        if Waited::of(self.status()) != Some(waited) || !here {
            return Err(OrderRefusal::NotDue);
        }
        self.must_be_of_its_own()?;
        let order_id = self.order_id.clone();
        let after = Self { commercial: Commercial::Cancelled, ..self.clone() };
        let status = after.status();
        let expired =
            OrderEvent::OrderExpired { order_id: order_id.clone(), waited, hours, status };
        Ok(vec![expired, OrderEvent::OrderCancelled { order_id, reason, status }])
    }
}
