//! Why lines of bank statements and bills of providers say no, and what would make them say yes.

use kernel::{Refusal, RefusalKind, Text};
use values::{BusinessDate, Currency, Minor, RemittanceId};

/// Why lines of bank statements and bills of providers say no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum ReconciliationRefusal {
    /// There is no such line.
    #[error("there is no such line of a bank statement; check its number")]
    BankLineNotFound,
    /// It was brought in before.
    #[error("this line was imported already; nothing is left to do")]
    LineImported,
    /// Another line has the reference.
    #[error(
        "the account has a line with this reference already, of {} on {booked_on}; check the reference",
        currency.show(*amount)
    )]
    LineIsAnother {
        /// Its amount.
        amount: Minor,
        /// In this currency.
        currency: Currency,
        /// Its day.
        booked_on: BusinessDate,
    },
    /// It is of a day to come.
    #[error("the bank's day is after today; correct the day")]
    NotBookedYet,
    /// It has counted.
    #[error("the line is remittance {by}, which counts; nothing is left to do")]
    LineMatched {
        /// For which.
        by: RemittanceId,
    },
    /// Something is proposed for it.
    #[error("remittance {to} is proposed for the line; confirm that, or reopen the line first")]
    LineProposed {
        /// What.
        to: RemittanceId,
    },
    /// Nothing is proposed for it.
    #[error("no such remittance is proposed for the line; propose it first")]
    LineNotProposed,
    /// It is no dealer's money.
    #[error("the line is set aside; reopen it first")]
    LineSetAside,
    /// It is open.
    #[error("the line is open already; nothing is left to do")]
    LineIsOpen,
    /// The remittance is of another currency.
    #[error("the remittance is in {currency}, the line is not; choose another remittance")]
    LineCurrency {
        /// The remittance's.
        currency: Currency,
    },
    /// There is no such bill.
    #[error("the bill of that day was not compared yet; compare it first")]
    BillNotFound,
    /// The bill has no such difference.
    #[error("the bill has no such difference any more; look at the bill again")]
    DifferenceNotFound,
    /// Somebody has looked at it.
    #[error("the difference was resolved already; nothing is left to do")]
    DifferenceIsResolved,
}

impl Refusal for ReconciliationRefusal {
    fn reason(&self) -> String {
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::BankLineNotFound | Self::BillNotFound | Self::DifferenceNotFound => {
                RefusalKind::NotFound
            }
            Self::LineImported | Self::LineIsAnother { .. } => RefusalKind::AlreadyExists,
            Self::NotBookedYet => RefusalKind::InvalidArgument,
            Self::LineMatched { .. }
            | Self::LineProposed { .. }
            | Self::LineNotProposed
            | Self::LineSetAside
            | Self::LineIsOpen
            | Self::LineCurrency { .. }
            | Self::DifferenceIsResolved => RefusalKind::FailedPrecondition,
        }
    }

    fn text(&self) -> Text {
        Text::new(self.zh(), self.to_string())
    }
}

impl ReconciliationRefusal {
    fn zh(&self) -> String {
        match self {
            Self::BankLineNotFound => "没有这笔银行流水，请核对编号".into(),
            Self::LineImported => "该银行流水已导入，无需操作".into(),
            Self::LineIsAnother { amount, currency, booked_on } => {
                let amount = currency.show(*amount);
                format!("该账户已有同流水号的另一笔流水（{booked_on}，{amount}），请核对流水号")
            }
            Self::NotBookedYet => "入账日期在今天之后，请更正日期".into(),
            Self::LineMatched { by } => format!("该流水已匹配汇款 {by} 并入账，无需操作"),
            Self::LineProposed { to } => {
                format!("该流水已拟匹配汇款 {to}，请确认，或先退回该流水")
            }
            Self::LineNotProposed => "该流水没有拟匹配这笔汇款，请先指定".into(),
            Self::LineSetAside => "该流水已搁置，请先退回".into(),
            Self::LineIsOpen => "该流水未匹配，无需操作".into(),
            Self::LineCurrency { currency } => {
                format!("该汇款的币种是 {currency}，与流水不同，请选择其他汇款")
            }
            Self::BillNotFound => "该日账单尚未核对，请先核对".into(),
            Self::DifferenceNotFound => "账单中已没有这项差异，请重新查看账单".into(),
            Self::DifferenceIsResolved => "该差异已处理，无需操作".into(),
        }
    }
}
