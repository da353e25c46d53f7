//! After-sale cases in the words of the contract.

use proto::order::v1 as api;

use super::{AfterSaleStatus, Cause, Settlement};

impl From<Cause> for api::AfterSaleCause {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::Short => Self::Short,
            Cause::Damaged => Self::Damaged,
            Cause::WrongGoods => Self::WrongGoods,
            Cause::Quality => Self::Quality,
            Cause::NearExpiry => Self::NearExpiry,
            Cause::Unsold => Self::Unsold,
            Cause::Other => Self::Other,
        }
    }
}

/// What is wrong, where it was said.
pub fn cause(told: api::AfterSaleCause) -> Option<Cause> {
    match told {
        api::AfterSaleCause::Unspecified => None,
        api::AfterSaleCause::Short => Some(Cause::Short),
        api::AfterSaleCause::Damaged => Some(Cause::Damaged),
        api::AfterSaleCause::WrongGoods => Some(Cause::WrongGoods),
        api::AfterSaleCause::Quality => Some(Cause::Quality),
        api::AfterSaleCause::NearExpiry => Some(Cause::NearExpiry),
        api::AfterSaleCause::Unsold => Some(Cause::Unsold),
        api::AfterSaleCause::Other => Some(Cause::Other),
    }
}

/// What differs at the receipt of goods, where it was said.
pub fn difference(told: api::DifferenceKind) -> Option<Cause> {
    match told {
        api::DifferenceKind::Unspecified => None,
        api::DifferenceKind::Short => Some(Cause::Short),
        api::DifferenceKind::Damaged => Some(Cause::Damaged),
        api::DifferenceKind::WrongGoods => Some(Cause::WrongGoods),
    }
}

impl From<Settlement> for api::AfterSaleSettlement {
    fn from(settlement: Settlement) -> Self {
        match settlement {
            Settlement::Refund => Self::Refund,
            Settlement::CreditNote => Self::CreditNote,
            Settlement::Replacement => Self::Replacement,
            Settlement::WriteOff => Self::WriteOff,
        }
    }
}

/// How a case ends, where it was said.
pub fn settlement(told: api::AfterSaleSettlement) -> Option<Settlement> {
    match told {
        api::AfterSaleSettlement::Unspecified => None,
        api::AfterSaleSettlement::Refund => Some(Settlement::Refund),
        api::AfterSaleSettlement::CreditNote => Some(Settlement::CreditNote),
        api::AfterSaleSettlement::Replacement => Some(Settlement::Replacement),
        api::AfterSaleSettlement::WriteOff => Some(Settlement::WriteOff),
    }
}

impl From<AfterSaleStatus> for api::AfterSaleStatus {
    fn from(status: AfterSaleStatus) -> Self {
        match status {
            AfterSaleStatus::Requested => Self::Requested,
            AfterSaleStatus::AwaitingReturn => Self::AwaitingReturn,
            AfterSaleStatus::InTransit => Self::InTransit,
            AfterSaleStatus::PartlyReturned => Self::PartlyReturned,
            AfterSaleStatus::ToSettle => Self::ToSettle,
            AfterSaleStatus::Settled => Self::Settled,
            AfterSaleStatus::Refused => Self::Refused,
            AfterSaleStatus::Withdrawn => Self::Withdrawn,
        }
    }
}
