//! Statements in the words of the contract.

use proto::order::v1 as api;

use super::{MovementKind, StatedAccount, StatementStatus};

impl From<StatedAccount> for api::FundsAccount {
    fn from(account: StatedAccount) -> Self {
        match account {
            StatedAccount::Prepaid => Self::Prepaid,
            StatedAccount::Rebate => Self::Rebate,
            StatedAccount::Credit => Self::Credit,
        }
    }
}

impl From<StatementStatus> for api::StatementStatus {
    fn from(status: StatementStatus) -> Self {
        match status {
            StatementStatus::Draft => Self::Draft,
            StatementStatus::Sent => Self::Sent,
            StatementStatus::Disputed => Self::Disputed,
            StatementStatus::Correcting => Self::Correcting,
            StatementStatus::Agreed => Self::Agreed,
            StatementStatus::Replaced => Self::Replaced,
            StatementStatus::Discarded => Self::Discarded,
        }
    }
}

impl From<MovementKind> for api::FundsEntryKind {
    fn from(kind: MovementKind) -> Self {
        match kind {
            MovementKind::TopUp => Self::TopUp,
            MovementKind::Grant => Self::Grant,
            MovementKind::Deduction => Self::Deduction,
            MovementKind::PayBack => Self::PayBack,
            MovementKind::Hold => Self::Hold,
            MovementKind::Release => Self::Release,
            MovementKind::Capture => Self::Capture,
            MovementKind::Repayment => Self::Repayment,
            MovementKind::Refund => Self::Refund,
        }
    }
}
