//! Payments in the words of the contract.

use proto::order::v1 as api;

use super::{Closure, Mismatch, PaymentStatus, Provider, Scene};

/// Who takes the money.
pub fn provider(provider: Provider) -> api::PaymentProvider {
    match provider {
        Provider::WechatPay => api::PaymentProvider::WechatPay,
        Provider::Alipay => api::PaymentProvider::Alipay,
    }
}

impl From<Scene> for api::PaymentScene {
    fn from(scene: Scene) -> Self {
        match scene {
            Scene::Code => Self::Code,
            Scene::Phone => Self::Phone,
        }
    }
}

impl From<PaymentStatus> for api::PaymentStatus {
    fn from(status: PaymentStatus) -> Self {
        match status {
            PaymentStatus::Starting => Self::Starting,
            PaymentStatus::Waiting => Self::Waiting,
            PaymentStatus::Captured => Self::Captured,
            PaymentStatus::Parked => Self::Parked,
            PaymentStatus::Refunding => Self::Refunding,
            PaymentStatus::PartlyRefunded => Self::PartlyRefunded,
            PaymentStatus::Refunded => Self::Refunded,
            PaymentStatus::RefundFailed => Self::RefundFailed,
            PaymentStatus::Closed => Self::Closed,
        }
    }
}

impl From<Closure> for api::PaymentClosure {
    fn from(closure: Closure) -> Self {
        match closure {
            Closure::Expired => Self::Expired,
            Closure::Withdrawn => Self::Withdrawn,
            Closure::Refused => Self::Refused,
        }
    }
}

impl From<Mismatch> for api::PaymentMismatch {
    fn from(mismatch: Mismatch) -> Self {
        match mismatch {
            Mismatch::Amount => Self::Amount,
            Mismatch::Currency => Self::Currency,
            Mismatch::PaidTwice => Self::PaidTwice,
        }
    }
}
