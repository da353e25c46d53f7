//! Why an after-sale case says no, and what would make it say yes.

use kernel::{Refusal, RefusalKind, Text};
use values::Quantity;

/// Why an after-sale case says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum AfterSaleRefusal {
    /// There is no such case.
    #[error("there is no such after-sale case; check its number")]
    AfterSaleNotFound,
    /// It was asked for before.
    #[error("this after-sale case is there already; use another number for another one")]
    AfterSaleExists,
    /// The brand has decided.
    #[error("the case was decided already; nothing is left to do")]
    AfterSaleDecided,
    /// Its goods may be on their way or back.
    #[error("goods of the case may be back; let the brand settle it, if need be with nothing")]
    CaseUnderWay,
    /// Nothing is to come back.
    #[error("no goods of the case are to come back; settle it, or refuse it")]
    NoReturnExpected,
    /// It is not ready.
    #[error("the case is not ready to be settled; approve it, and take its goods back first")]
    NotReadyToSettle,
    /// It is not over.
    #[error("the case is not settled; rate it after that")]
    NotSettled,
    /// It was rated before.
    #[error("the case is rated already; nothing is left to do")]
    CaseRated,
    /// The case is not about such goods.
    #[error("nothing of line {line_no} can come back with this cause; use the lines of the case")]
    LineNotInCase {
        /// The line.
        line_no: u32,
    },
    /// A line is named twice with one cause.
    #[error("line {line_no} is named twice with one cause; give each once")]
    CaseLineTwice {
        /// The line.
        line_no: u32,
    },
    /// More than is to come back.
    #[error("line {line_no}: at most {open} can still come back; lower the quantity")]
    MoreThanExpected {
        /// The line.
        line_no: u32,
        /// What can still come.
        open: Quantity,
    },
    /// Nothing of it was taken back, so there is nothing to pay for.
    #[error("no goods of the case were taken back; settle it with nothing")]
    NothingTakenBack,
    /// Nothing came back, and more is expected.
    #[error("say what came back, or that nothing more is expected")]
    NothingCame,
    /// Gifts, and goods that were sent again, have cost nothing.
    #[error("the goods have cost nothing; settle the case with goods sent again, or with nothing")]
    WorthNothing,
}

impl Refusal for AfterSaleRefusal {
    fn reason(&self) -> String {
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::AfterSaleNotFound => RefusalKind::NotFound,
            Self::AfterSaleExists => RefusalKind::AlreadyExists,
            Self::LineNotInCase { .. } | Self::CaseLineTwice { .. } | Self::NothingCame => {
                RefusalKind::InvalidArgument
            }
            Self::AfterSaleDecided
            | Self::CaseUnderWay
            | Self::NoReturnExpected
            | Self::NotReadyToSettle
            | Self::NotSettled
            | Self::CaseRated
            | Self::MoreThanExpected { .. }
            | Self::NothingTakenBack
            | Self::WorthNothing => RefusalKind::FailedPrecondition,
        }
    }

    fn text(&self) -> Text {
        let zh = match self {
            Self::AfterSaleNotFound => "没有这个售后单，请核对单号".into(),
            Self::AfterSaleExists => "该售后单已存在；如为另一售后，请换一个单号".into(),
            Self::AfterSaleDecided => "售后单已有结果，无需重复操作".into(),
            Self::CaseUnderWay => {
                "该售后单的商品可能已退回；请由品牌方处理（可选择不予补偿）".into()
            }
            Self::NoReturnExpected => "该售后单没有待退回的商品；请直接处理，或拒绝该申请".into(),
            Self::NotReadyToSettle => "售后单尚不能处理，请先同意，并收回商品".into(),
            Self::NotSettled => "售后单尚未完成，请在完成后评价".into(),
            Self::CaseRated => "售后单已评价，无需重复操作".into(),
            Self::LineNotInCase { line_no } => {
                format!("售后单第 {line_no} 行没有该原因的可退商品，请核对")
            }
            Self::CaseLineTwice { line_no } => {
                format!("第 {line_no} 行的同一原因重复，每项只能填一次")
            }
            Self::MoreThanExpected { line_no, open } => {
                format!("第 {line_no} 行：最多还可收回 {open}，请减少数量")
            }
            Self::NothingTakenBack => "没有收回任何商品，请选择不予补偿".into(),
            Self::NothingCame => "请填写收回的数量，或说明不再有商品退回".into(),
            Self::WorthNothing => "这些商品没有金额，请选择补发换货或不予补偿".into(),
        };
        Text::new(zh, self.to_string())
    }
}
