//! Why a connection says no.

use kernel::{Refusal, RefusalKind, Text};

/// Why a connection says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum ConnectionRefusal {
    /// Nobody has said what is handed over.
    #[error("nothing is handed over yet; set the connection first")]
    NotConnected,
    /// There would be too many codes.
    #[error("a connection has at most {most} codes; give the same ids here and in the books")]
    TooManyCodes {
        /// How many there may be.
        most: usize,
    },
    /// Something is there twice in what was asked.
    #[error("{own} is there twice; give each id once")]
    CodeTwice {
        /// What.
        own: String,
    },
    /// The books would have one stock for two of ours.
    #[error(
        "{theirs} is the code of {other}; give {own} another one, or take it away from {other} first"
    )]
    CodeTaken {
        /// The code there.
        theirs: String,
        /// What has it.
        other: String,
        /// What was to have it.
        own: String,
    },
    /// It has not come yet.
    #[error("the time lies in the future; compare since a time that has been")]
    NotYet,
}

impl Refusal for ConnectionRefusal {
    fn reason(&self) -> String {
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotConnected
            | Self::TooManyCodes { .. }
            | Self::CodeTwice { .. }
            | Self::CodeTaken { .. }
            | Self::NotYet => RefusalKind::FailedPrecondition,
        }
    }

    fn text(&self) -> Text {
        let zh = match self {
            Self::NotConnected => "尚未设定对接，请先保存对接设置".to_owned(),
            Self::TooManyCodes { most } => {
                format!("编码对照最多 {most} 项，请让两边使用相同编码")
            }
            Self::CodeTwice { own } => format!("{own} 重复，每个编号只填一次"),
            Self::CodeTaken { theirs, other, own } => {
                format!("编码 {theirs} 已用于 {other}，请为 {own} 填写其他编码，或先取消该对照")
            }
            Self::NotYet => "时间在将来，请填写已经过去的时间".to_owned(),
        };
        Text::new(zh, self.to_string())
    }
}
