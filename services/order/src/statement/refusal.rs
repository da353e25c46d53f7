//! Why a statement says no, and what would make it say yes.

use kernel::{Refusal, RefusalKind, Text};
use values::{BusinessDate, StatementId};

use super::tally::MAX_LINES;

/// Why a statement says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum StatementRefusal {
    /// There is no such statement.
    #[error("there is no such statement; check its number")]
    StatementNotFound,
    /// The number is taken.
    #[error("this statement was made already; make a new request_id for another one")]
    StatementExists,
    /// It would end before it begins, or before the one whose place it takes.
    #[error(
        "the last day is before the first one, or before that of the statement; say a later one"
    )]
    PeriodReversed,
    /// It would end in the future.
    #[error("a period can be stated once its last day has come; say today or an earlier day")]
    PeriodNotBegun,
    /// Days would be in no statement.
    #[error("days would be left out; the next statement of the account begins on {next}")]
    PeriodGap {
        /// Where it has to begin.
        next: BusinessDate,
    },
    /// Days would be in two statements.
    #[error(
        "statement {statement_id} has some of the days; the next one of the account begins on {next}"
    )]
    PeriodOverlaps {
        /// The statement that has them.
        statement_id: StatementId,
        /// Where it has to begin.
        next: BusinessDate,
    },
    /// There is nothing to state.
    #[error(
        "the account has not moved by that day; look at the account, its currency and the period"
    )]
    NeverMoved,
    /// It would be too long.
    #[error("the statement would have more than {MAX_LINES} lines; take a shorter period")]
    TooManyMovements,
    /// What an account says of itself is not what its movements add up to.
    #[error(
        "the movements up to position {position} do not add up; ask whoever runs the system to look at the account"
    )]
    NotAddingUp {
        /// Where it shows.
        position: u64,
    },
    /// Another statement of the account was made at the same moment.
    #[error(
        "another statement of the account was made at the same moment; look at it, or try again"
    )]
    AnotherWasFaster,
    /// Only the last one can be taken away.
    #[error("a later statement of the account follows; what is wrong is corrected in the next one")]
    LaterOneFollows,
    /// The dealer has seen it.
    #[error("the statement is no draft any more; revise it instead")]
    NotADraft,
    /// The dealer has not seen it.
    #[error("the statement is a draft; discard it and make it again")]
    StillADraft,
    /// Both agree.
    #[error("the dealer has agreed to the statement; nothing is left to do")]
    AlreadyAgreed,
    /// Both agree to the one whose place it was to take.
    #[error("the dealer has agreed to the statement that is to be corrected; discard the draft")]
    CorrectedIsAgreed,
    /// The brand has to answer first.
    #[error("what is disputed was not answered yet; wait for the answer")]
    DisputeOpen,
    /// There is nothing to answer.
    #[error("nothing of the statement is disputed; nothing is left to do")]
    NothingDisputed,
    /// Another one has taken its place, or it was thrown away.
    #[error("the statement counts no more; look at the one that has taken its place")]
    StatementOver,
    /// What is disputed is no line of it.
    #[error("position {position} is no line of the statement; look at its lines")]
    LineNotOnStatement {
        /// The position.
        position: u64,
    },
}

impl Refusal for StatementRefusal {
    fn reason(&self) -> String {
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::StatementNotFound => RefusalKind::NotFound,
            Self::StatementExists => RefusalKind::AlreadyExists,
            Self::PeriodReversed | Self::PeriodNotBegun | Self::LineNotOnStatement { .. } => {
                RefusalKind::InvalidArgument
            }
            Self::PeriodGap { .. }
            | Self::PeriodOverlaps { .. }
            | Self::NeverMoved
            | Self::TooManyMovements
            | Self::NotAddingUp { .. }
            | Self::AnotherWasFaster
            | Self::LaterOneFollows
            | Self::NotADraft
            | Self::StillADraft
            | Self::AlreadyAgreed
            | Self::CorrectedIsAgreed
            | Self::DisputeOpen
            | Self::NothingDisputed
            | Self::StatementOver => RefusalKind::FailedPrecondition,
        }
    }

    fn text(&self) -> Text {
        Text::new(self.zh(), self.to_string())
    }
}

impl StatementRefusal {
    fn zh(&self) -> String {
        match self {
            Self::StatementNotFound => "没有这份对账单，请核对编号".into(),
            Self::StatementExists => "该对账单已生成；如为另一份，请换一个 request_id".into(),
            Self::PeriodReversed => "截止日早于开始日或原对账单的截止日，请改为更晚的日期".into(),
            Self::PeriodNotBegun => "截止日尚未到，请改为今天或更早的日期".into(),
            Self::PeriodGap { next } => {
                format!("账期之间不能有空缺，该账户的下一份对账单应从 {next} 开始")
            }
            Self::PeriodOverlaps { statement_id, next } => {
                format!("账期与对账单 {statement_id} 重叠，下一份应从 {next} 开始")
            }
            Self::NeverMoved => "截至该日该账户没有发生额，请核对账户、币种和账期".into(),
            Self::TooManyMovements => format!("对账单超过 {MAX_LINES} 行，请缩短账期"),
            Self::NotAddingUp { position } => {
                format!("截至日志位置 {position} 的发生额与余额不符，请联系系统管理员检查该账户")
            }
            Self::AnotherWasFaster => "同时有人生成了该账户的另一份对账单，请查看或重试".into(),
            Self::LaterOneFollows => "该账户已有后续对账单，差错请在下一期更正".into(),
            Self::NotADraft => "该对账单已发送，不能作废，请改用更正".into(),
            Self::StillADraft => "该对账单还是草稿，请作废后重新生成".into(),
            Self::AlreadyAgreed => "经销商已确认该对账单，无需操作".into(),
            Self::CorrectedIsAgreed => "经销商已确认被更正的对账单，请作废这份草稿".into(),
            Self::DisputeOpen => "异议尚未答复，请等待答复".into(),
            Self::NothingDisputed => "该对账单没有待答复的异议，无需操作".into(),
            Self::StatementOver => "该对账单已失效，请查看替代它的对账单".into(),
            Self::LineNotOnStatement { position } => {
                format!("日志位置 {position} 不是该对账单的明细，请核对明细")
            }
        }
    }
}
