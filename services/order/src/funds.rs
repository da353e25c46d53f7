//! Why credit, wallets and remittances say no, and what would make them say yes.

use kernel::{Refusal, RefusalKind, Text};
use values::{Currency, Minor, RemittanceId};

use crate::credit::HoldReason;
use crate::wallet::Purse;

/// Why credit, wallets and remittances say no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum FundsRefusal {
    /// There is too little.
    #[error(
        "there are only {} of {}; take less, or let the dealer send more",
        currency.show(*available), purse.shown().en
    )]
    NotEnoughFunds {
        /// Where.
        purse: Purse,
        /// What there is.
        available: Minor,
        /// In this currency.
        currency: Currency,
    },
    /// Accounts are in one currency.
    #[error("the account is in {currency}; use that, or empty it first")]
    OtherCurrency {
        /// Which one it is.
        currency: Currency,
    },
    /// There is more than can be counted.
    #[error("the amount on the account would be too large; take a smaller one")]
    BalanceTooLarge,
    /// The dealer has no credit.
    #[error("the dealer has no credit; set its limit first")]
    NoCredit,
    /// An order is given no credit.
    #[error(
        "no credit is given: {}{}; what is late has to be paid, the limit raised, or the block ended",
        HoldReason::all_shown(reasons).en, short(*missing, currency).en
    )]
    CreditDenied {
        /// Why.
        reasons: Vec<HoldReason>,
        /// How much more there would have to be.
        missing: Minor,
        /// In this currency.
        currency: Currency,
    },
    /// Its orders take of the credit.
    #[error(
        "orders of the dealer still have credit where it is now; let them be paid or cancelled"
    )]
    CreditInUse,
    /// The account has less of an order than the order has of it.
    #[error(
        "the account does not hold what the order should have of it; ask whoever runs the system"
    )]
    NotHeld,
    /// A limit can be raised for days to come only.
    #[error("that day is over; say a day that is not")]
    DayIsOver,
    /// More additions than are counted.
    #[error("20 temporary limits count already; end them first")]
    TooManyGrants,
    /// There is none to be ended.
    #[error("no temporary limit counts; nothing is left to do")]
    NoTemporaryCredit,
    /// It was blocked before.
    #[error("credit is blocked already; nothing is left to do")]
    AlreadyBlocked,
    /// It is not blocked.
    #[error("credit is not blocked; nothing is left to do")]
    NotBlocked,
    /// There is no such remittance.
    #[error("there is no such remittance; check its number")]
    RemittanceNotFound,
    /// It was told of before.
    #[error("this remittance was reported already; use another number for another one")]
    AlreadyReported,
    /// It was decided before.
    #[error("the remittance was confirmed or rejected already; nothing is left to do")]
    RemittanceClosed,
    /// It would be sent in the future.
    #[error("money can be reported on the day on which it is sent, or later; correct the day")]
    NotPaidYet,
    /// A transfer counts once.
    #[error("the bank's transfer {reference} was counted for remittance {by}; check the reference")]
    ReferenceUsed {
        /// As the bank writes it.
        reference: String,
        /// What it was counted for.
        by: RemittanceId,
    },
}

/// How much is missing, where anything is.
fn short(missing: Minor, currency: &Currency) -> Text {
    let amount = currency.show(missing);
    match missing > Minor::ZERO {
        true => Text::new(format!("，尚缺 {amount}"), format!(", {amount} are missing")),
        false => Text::new("", ""),
    }
}

impl Refusal for FundsRefusal {
    fn reason(&self) -> String {
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::RemittanceNotFound => RefusalKind::NotFound,
            Self::AlreadyReported => RefusalKind::AlreadyExists,
            Self::BalanceTooLarge | Self::DayIsOver | Self::NotPaidYet => {
                RefusalKind::InvalidArgument
            }
            Self::NotEnoughFunds { .. }
            | Self::OtherCurrency { .. }
            | Self::NoCredit
            | Self::CreditDenied { .. }
            | Self::CreditInUse
            | Self::NotHeld
            | Self::TooManyGrants
            | Self::NoTemporaryCredit
            | Self::AlreadyBlocked
            | Self::NotBlocked
            | Self::RemittanceClosed
            | Self::ReferenceUsed { .. } => RefusalKind::FailedPrecondition,
        }
    }

    fn text(&self) -> Text {
        Text::new(self.zh(), self.to_string())
    }
}

impl FundsRefusal {
    fn zh(&self) -> String {
        match self {
            Self::NotEnoughFunds { purse, available, currency } => {
                let (available, purse) = (currency.show(*available), purse.shown().zh);
                format!("{purse}只有 {available} 可用，请减少金额或先充值")
            }
            Self::OtherCurrency { currency } => {
                format!("该账户的币种为 {currency}，请使用该币种，或先清空账户")
            }
            Self::BalanceTooLarge => "账户金额过大，请减少金额".into(),
            Self::NoCredit => "该经销商没有信用额度，请先设定额度".into(),
            Self::CreditDenied { reasons, missing, currency } => {
                let (why, short) =
                    (HoldReason::all_shown(reasons).zh, short(*missing, currency).zh);
                format!("不予授信：{why}{short}；须还清逾期、提高额度或恢复授信")
            }
            Self::CreditInUse => "该经销商仍有订单占用现有授信或未付款，请先付清或取消".into(),
            Self::NotHeld => "账户中没有该订单应有的占用，请联系系统管理员".into(),
            Self::DayIsOver => "该日期已过，请改为今天或以后的日期".into(),
            Self::TooManyGrants => "已有 20 笔临时额度有效，请先结束".into(),
            Self::NoTemporaryCredit => "没有有效的临时额度，无需操作".into(),
            Self::AlreadyBlocked => "授信已停用，无需重复操作".into(),
            Self::NotBlocked => "授信未停用，无需操作".into(),
            Self::RemittanceNotFound => "没有这笔汇款，请核对编号".into(),
            Self::AlreadyReported => "该汇款已登记；如为另一笔，请换一个编号".into(),
            Self::RemittanceClosed => "该汇款已确认或退回，无需重复操作".into(),
            Self::NotPaidYet => "汇款日期不能晚于今天，请更正".into(),
            Self::ReferenceUsed { reference, by } => {
                format!("银行流水 {reference} 已用于汇款 {by}，请核对流水号")
            }
        }
    }
}
