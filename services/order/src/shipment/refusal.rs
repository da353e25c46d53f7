//! Why a shipment says no, and what would make it say yes.

use kernel::{Refusal, RefusalKind, Text};
use values::{Quantity, ShipmentId};

use crate::taking::Wrong;

/// Why a shipment says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum ShipmentRefusal {
    /// There is no such shipment.
    #[error("there is no such shipment; check its number")]
    ShipmentNotFound,
    /// An order is handed over once.
    #[error("this shipment was released already; nothing is left to do")]
    ShipmentExists,
    /// Everything has left.
    #[error("everything of the shipment has left already; nothing is left to do")]
    ShipmentShipped,
    /// The order does not need it.
    #[error("the shipment was withdrawn, the order does not need it; send nothing")]
    ShipmentWithdrawn,
    /// The warehouse has told another number.
    #[error("the shipment is acknowledged already as {reference}; hand it back first")]
    AcknowledgedOtherwise {
        /// What was told.
        reference: String,
    },
    /// Nobody has taken it on.
    #[error("no warehouse has taken the shipment on; nothing is left to do")]
    NotAcknowledged,
    /// A warehouse has taken it on.
    #[error("the warehouse is working on shipment {shipment_id}; let it hand that back first")]
    WarehouseHasIt {
        /// Which one.
        shipment_id: ShipmentId,
    },
    /// The order was handed over.
    #[error("the order is shipped by its shipments; ship those, beginning with {shipment_id}")]
    HandedOver {
        /// The first of them.
        shipment_id: ShipmentId,
    },
    /// Less is left of a line.
    #[error("line {line_no}: at most {open} can leave with the shipment; take less")]
    MoreThanReleased {
        /// The line.
        line_no: u32,
        /// What is left of it.
        open: Quantity,
    },
    /// The shipment has no such line.
    #[error("the shipment has no line {line_no}; check the number of the line")]
    LineNotFound {
        /// What was named.
        line_no: u32,
    },
    /// A line is named twice.
    #[error("line {line_no} is named twice; give each line once")]
    LineTwice {
        /// The line.
        line_no: u32,
    },
}

impl From<Wrong> for ShipmentRefusal {
    fn from(wrong: Wrong) -> Self {
        match wrong {
            Wrong::NotFound { line_no } => Self::LineNotFound { line_no },
            Wrong::Twice { line_no } => Self::LineTwice { line_no },
            Wrong::TooMany { line_no, open } => Self::MoreThanReleased { line_no, open },
        }
    }
}

impl Refusal for ShipmentRefusal {
    fn reason(&self) -> String {
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::ShipmentNotFound => RefusalKind::NotFound,
            Self::ShipmentExists => RefusalKind::AlreadyExists,
            Self::ShipmentShipped
            | Self::ShipmentWithdrawn
            | Self::AcknowledgedOtherwise { .. }
            | Self::NotAcknowledged
            | Self::WarehouseHasIt { .. }
            | Self::HandedOver { .. }
            | Self::MoreThanReleased { .. } => RefusalKind::FailedPrecondition,
            Self::LineNotFound { .. } | Self::LineTwice { .. } => RefusalKind::InvalidArgument,
        }
    }

    fn text(&self) -> Text {
        Text::new(self.zh(), self.to_string())
    }
}

impl ShipmentRefusal {
    fn zh(&self) -> String {
        match self {
            Self::ShipmentNotFound => "没有这张发货单，请核对编号".into(),
            Self::ShipmentExists => "该发货单已下发，无需重复操作".into(),
            Self::ShipmentShipped => "发货单已全部发货，无需操作".into(),
            Self::ShipmentWithdrawn => "发货单已撤回，订单不再需要，请勿发货".into(),
            Self::AcknowledgedOtherwise { reference } => {
                format!("发货单已接单，仓库单号 {reference}；如需更换，请先退回")
            }
            Self::NotAcknowledged => "发货单尚未被接单，无需操作".into(),
            Self::WarehouseHasIt { shipment_id } => {
                format!("仓库正在处理发货单 {shipment_id}，请先由仓库退回")
            }
            Self::HandedOver { shipment_id } => {
                format!("订单已下发仓库，请按发货单发货，从 {shipment_id} 开始")
            }
            Self::MoreThanReleased { line_no, open } => {
                format!("第 {line_no} 行：本发货单最多还可发货 {open}，请减少数量")
            }
            Self::LineNotFound { line_no } => format!("发货单没有第 {line_no} 行，请核对行号"),
            Self::LineTwice { line_no } => format!("第 {line_no} 行重复，每行只能填一次"),
        }
    }
}
