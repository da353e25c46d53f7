//! How a relay does, for people and for probes.

use chrono::{DateTime, Utc};

use super::{RelayError, Standing};
use crate::clock;
use crate::failure::chain;
use crate::text::Text;

/// What is wrong between a log and its stream.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The stream holds events that the log does not have.
    #[error(
        "the stream is at sequence {sequence}, but its log ends at {position}: the log was \
         restored from an older state. Restore the newer log, or reconcile the stream"
    )]
    Ahead {
        /// Last sequence of the stream.
        sequence: u64,
        /// Last position of the log.
        position: u64,
    },
    /// The stream holds other events than the log at the same positions.
    #[error(
        "from sequence {from} on the stream holds other events than its log: the log was restored \
         from an older state and went on differently. Reconcile the stream"
    )]
    Diverged {
        /// First sequence that differs.
        from: u64,
    },
    /// Events that the log has are missing inside of the stream.
    #[error(
        "{missing} messages up to sequence {sequence} are missing in the stream, which was purged \
         or lost them. Reconcile the stream to have all of its history again"
    )]
    Incomplete {
        /// How many.
        missing: u64,
        /// Last sequence of the stream.
        sequence: u64,
    },
    /// An event can not be published as it is.
    #[error(
        "event {position} makes a message that is larger than max_payload of nats-server. Raise \
         max_payload; the relay then goes on by itself"
    )]
    TooLarge {
        /// Its position.
        position: u64,
    },
    /// JetStream or the log's database fails; the relay tries again.
    #[error("{0}")]
    Failing(String),
}

impl Problem {
    /// Its stable name: a label of metrics, and what `GetStreamStatus` answers.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Ahead { .. } => "AHEAD_OF_LOG",
            Self::Diverged { .. } => "OTHER_HISTORY",
            Self::Incomplete { .. } => "INCOMPLETE",
            Self::TooLarge { .. } => "EVENT_TOO_LARGE",
            Self::Failing(_) => "FAILING",
        }
    }

    /// All names that [`Problem::reason`] can give.
    pub const REASONS: [&'static str; 5] =
        ["AHEAD_OF_LOG", "OTHER_HISTORY", "INCOMPLETE", "EVENT_TOO_LARGE", "FAILING"];

    /// Whether publishing on would make it worse.
    pub fn stops_publishing(&self) -> bool {
        matches!(self, Self::Ahead { .. } | Self::Diverged { .. })
    }

    /// What to tell people.
    pub fn text(&self) -> Text {
        let zh = match self {
            Self::Ahead { sequence, position } => format!(
                "事件流已到序号 {sequence}，而日志止于 {position}：日志被恢复到了较早的状态。\
                 请恢复较新的日志，或执行 qudao stream reconcile"
            ),
            Self::Diverged { from } => format!(
                "从序号 {from} 起，事件流与日志的历史不同：日志恢复到较早状态后又有新事件。\
                 请执行 qudao stream reconcile"
            ),
            Self::Incomplete { missing, sequence } => format!(
                "事件流在序号 {sequence} 之前缺少 {missing} 条消息（被清除或丢失）。\
                 执行 qudao stream reconcile 可补全历史"
            ),
            Self::TooLarge { position } => format!(
                "第 {position} 号事件的消息超过 nats-server 的 max_payload；调大后会自动继续"
            ),
            Self::Failing(cause) => format!("转发暂时失败，正在重试：{cause}"),
        };
        Text::new(zh, self.to_string())
    }
}

/// How the relay of a log does in this process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The context of the log.
    pub context: &'static str,
    /// Whether this process publishes; if not, it stands by.
    pub leads: bool,
    /// Last sequence known to be in the stream; `None` before the first look.
    pub sequence: Option<u64>,
    /// What is wrong, if anything.
    pub problem: Option<Problem>,
    /// Since when it is wrong.
    pub since: Option<DateTime<Utc>>,
}

impl Status {
    pub(super) fn new(context: &'static str) -> Self {
        Self { context, leads: false, sequence: None, problem: None, since: None }
    }

    pub(super) fn stands(&mut self, standing: &Standing) {
        let moved = self.sequence.is_some_and(|before| standing.sequence > before);
        self.sequence = Some(standing.sequence);
        let published_all = standing.sequence == standing.position;
        let of_publishing =
            matches!(self.problem, Some(Problem::TooLarge { .. } | Problem::Failing(_)));
        // That the stream can be looked at does not say that it takes messages.
        if standing.problem().is_none() && of_publishing && !moved && !published_all {
            return;
        }
        self.set(standing.problem());
    }

    pub(super) fn published(&mut self, sequence: u64) {
        self.sequence = Some(sequence);
        // What was lost inside of the stream is still lost; any other trouble is over.
        if !matches!(self.problem, Some(Problem::Incomplete { .. })) {
            self.set(None);
        }
    }

    pub(super) fn failed(&mut self, error: &RelayError) {
        match error {
            // Looked at again at once; what is wrong is told then.
            RelayError::OutOfStep => (),
            RelayError::TooLarge { position } => {
                self.set(Some(Problem::TooLarge { position: *position }));
            }
            RelayError::Deposed => self.leads = false,
            RelayError::Log(_) | RelayError::Database(_) => {
                self.leads = false;
                self.set(Some(Problem::Failing(chain(error))));
            }
            RelayError::Stream(_) => self.set(Some(Problem::Failing(chain(error)))),
        }
    }

    fn set(&mut self, problem: Option<Problem>) {
        if problem.as_ref().map(Problem::reason) != self.problem.as_ref().map(Problem::reason) {
            self.since = problem.as_ref().map(|_| clock::now());
        }
        self.problem = problem;
    }
}
