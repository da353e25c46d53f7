//! Why a change of an order says no, and what would make it say yes.

use kernel::{Refusal, RefusalKind, Text};
use values::Quantity;

/// Why a change of an order says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum ChangeRefusal {
    /// It would be as it is.
    #[error("nothing would change; name another quantity or other goods")]
    NothingChanges,
    /// An order is about something.
    #[error("nothing of the order would be left; cancel it instead")]
    NothingLeft,
    /// What left has left.
    #[error("line {line_no}: {shipped} were shipped already; name no less than that")]
    LessThanShipped {
        /// The line.
        line_no: u32,
        /// What left.
        shipped: Quantity,
    },
    /// Nobody orders gifts.
    #[error("line {line_no} is a gift; gifts follow what is bought, leave the line out")]
    GiftFollows {
        /// The line.
        line_no: u32,
    },
    /// One change at a time.
    #[error("a change of the order waits for the brand; withdraw it, or let it be decided, first")]
    ChangeWaits,
    /// There is none to decide about.
    #[error("no change of the order waits; nothing is left to do")]
    NoChangeWaits,
    /// The order has gone on since.
    #[error("the order has gone on since the change was proposed; refuse it and propose it anew")]
    ChangeOutdated,
    /// Lines keep their numbers.
    #[error("the order would have more than 400 lines in all; order the rest separately")]
    TooManyLines,
    /// What was paid through a provider is being used up.
    #[error("goods that were paid online are on their way already; order more separately")]
    PaidOnline,
}

impl Refusal for ChangeRefusal {
    fn reason(&self) -> String {
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::NothingChanges
            | Self::NothingLeft
            | Self::GiftFollows { .. }
            | Self::TooManyLines => RefusalKind::InvalidArgument,
            Self::LessThanShipped { .. }
            | Self::ChangeWaits
            | Self::NoChangeWaits
            | Self::ChangeOutdated
            | Self::PaidOnline => RefusalKind::FailedPrecondition,
        }
    }

    fn text(&self) -> Text {
        let zh = match self {
            Self::NothingChanges => "没有任何变化，请调整数量或增加商品".into(),
            Self::NothingLeft => "修改后订单为空，请改为取消订单".into(),
            Self::LessThanShipped { line_no, shipped } => {
                format!("第 {line_no} 行已发货 {shipped}，数量不能少于已发货数量")
            }
            Self::GiftFollows { line_no } => {
                format!("第 {line_no} 行是赠品，随购买商品变化，请不要填写")
            }
            Self::ChangeWaits => "该订单已有待审批的修改，请先撤回或等待审批".into(),
            Self::NoChangeWaits => "该订单没有待审批的修改，无需操作".into(),
            Self::ChangeOutdated => "提出修改后订单已有变化，请拒绝后重新提出修改".into(),
            Self::TooManyLines => "修改后订单累计超过 400 行，请另下一单".into(),
            Self::PaidOnline => "在线支付的商品已开始发货，增加的商品请另下一单".into(),
        };
        Text::new(zh, self.to_string())
    }
}
