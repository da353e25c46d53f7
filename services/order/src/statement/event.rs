//! The facts of a statement.

use kernel::{DomainEvent, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{BusinessDate, Currency, DealerId, Minor, StatementId};

use super::{Link, StatedAccount, StatementStatus, Sum};
use crate::wallet::Balance;

/// The facts of a statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum StatementEvent {
    /// It was worked out; only the brand sees it.
    StatementMade(Box<Made>),
    /// The dealer is asked to agree.
    StatementSent {
        /// The statement.
        statement_id: StatementId,
        /// Whose account it is.
        dealer_id: DealerId,
    },
    /// The draft was thrown away.
    StatementDiscarded {
        /// The statement.
        statement_id: StatementId,
        /// Whose account it is.
        dealer_id: DealerId,
        /// In the words of the person who did it.
        reason: String,
    },
    /// The dealer agrees to it, so both do.
    StatementAgreed {
        /// The statement.
        statement_id: StatementId,
        /// Whose account it is.
        dealer_id: DealerId,
        /// All amounts are in this currency.
        currency: Currency,
        /// What both agree was there, or was owed, at the end.
        closing: Balance,
        /// Of the lines that were agreed to.
        digest: String,
    },
    /// The dealer does not agree.
    StatementDisputed {
        /// The statement.
        statement_id: StatementId,
        /// Whose account it is.
        dealer_id: DealerId,
        /// What it does not agree to.
        points: Vec<Point>,
    },
    /// The brand says that it is right as it is.
    DisputeRejected {
        /// The statement.
        statement_id: StatementId,
        /// Whose account it is.
        dealer_id: DealerId,
        /// In the words of the person who says so.
        answer: String,
    },
    /// The brand says that something is wrong, and corrects it.
    DisputeAccepted {
        /// The statement.
        statement_id: StatementId,
        /// Whose account it is.
        dealer_id: DealerId,
        /// In the words of the person who says so.
        answer: String,
    },
    /// Another one has taken its place.
    StatementReplaced {
        /// The statement.
        statement_id: StatementId,
        /// Whose account it is.
        dealer_id: DealerId,
        /// The one that has.
        by: StatementId,
        /// In the words of the person who did it.
        reason: String,
    },
}

/// A statement as it was worked out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Made {
    /// The statement.
    pub statement_id: StatementId,
    /// Whose account it is.
    pub dealer_id: DealerId,
    /// Which of its accounts.
    pub account: StatedAccount,
    /// All amounts are in this currency.
    pub currency: Currency,
    /// The first day.
    pub from: BusinessDate,
    /// The last day.
    pub until: BusinessDate,
    /// It has what was recorded after this position of the log …
    pub after_position: u64,
    /// … up to this one.
    pub upto_position: u64,
    /// What was there, or was owed, before.
    pub opening: Balance,
    /// What was there, or was owed, after it.
    pub closing: Balance,
    /// What moved, by kind.
    pub sums: Vec<Sum>,
    /// How many lines it has.
    pub line_count: u32,
    /// SHA-256 of the opening and the lines, in hexadecimal digits.
    #[schemars(extend("pattern" = "^[0-9a-f]{64}$"))]
    pub digest: String,
    /// What was to be paid by the last day and was not; of credit only.
    pub overdue_minor: Minor,
    /// By how many days the oldest of it was late.
    pub overdue_days: u32,
    /// The statement before it on the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<StatementId>,
    /// The statement whose place it takes once it is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<StatementId>,
    /// Why, in the words of the person who made it; of one that takes nobody's place empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

impl Made {
    /// Where it ended.
    pub fn link(&self) -> Link {
        Link {
            statement_id: self.statement_id.clone(),
            until: self.until,
            upto_position: self.upto_position,
            closing: self.closing,
        }
    }
}

/// What a dealer does not agree to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Point {
    /// The position in the log of the line; none: the whole statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
    /// In the words of the person who says so.
    pub reason: String,
}

impl StatementEvent {
    /// How far the statement is after it.
    pub fn status(&self) -> StatementStatus {
        match self {
            Self::StatementMade(_) => StatementStatus::Draft,
            Self::StatementSent { .. } | Self::DisputeRejected { .. } => StatementStatus::Sent,
            Self::StatementDiscarded { .. } => StatementStatus::Discarded,
            Self::StatementAgreed { .. } => StatementStatus::Agreed,
            Self::StatementDisputed { .. } => StatementStatus::Disputed,
            Self::DisputeAccepted { .. } => StatementStatus::Correcting,
            Self::StatementReplaced { .. } => StatementStatus::Replaced,
        }
    }
}

impl DomainEvent for StatementEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::StatementMade(made) => {
                let Made {
                    statement_id, dealer_id, account, currency, from, until, closing, ..
                } = &**made;
                let (account, closing) = (account.shown(), currency.show(closing.balance_minor));
                Text::new(
                    format!(
                        "对账单 {statement_id}：经销商 {dealer_id} 的{}，{from} 至 {until}，期末 {closing}",
                        account.zh
                    ),
                    format!(
                        "statement {statement_id} of {} of {dealer_id}, {from} to {until}, closes with {closing}",
                        account.en
                    ),
                )
            }
            Self::StatementSent { statement_id, dealer_id } => Text::new(
                format!("对账单 {statement_id} 已发送给经销商 {dealer_id}"),
                format!("statement {statement_id} was sent to {dealer_id}"),
            ),
            Self::StatementDiscarded { statement_id, reason, .. } => Text::new(
                format!("对账单 {statement_id} 已作废：{reason}"),
                format!("statement {statement_id} was thrown away: {reason}"),
            ),
            Self::StatementAgreed { statement_id, dealer_id, currency, closing, .. } => {
                let closing = currency.show(closing.balance_minor);
                Text::new(
                    format!("经销商 {dealer_id} 已确认对账单 {statement_id}，期末 {closing}"),
                    format!("{dealer_id} agrees to statement {statement_id}, closing {closing}"),
                )
            }
            Self::StatementDisputed { statement_id, dealer_id, points } => {
                let (count, why) = (points.len(), points.first().map_or("", |it| &it.reason));
                Text::new(
                    format!(
                        "经销商 {dealer_id} 对对账单 {statement_id} 提出 {count} 项异议：{why}"
                    ),
                    format!(
                        "{dealer_id} disputes {count} points of statement {statement_id}: {why}"
                    ),
                )
            }
            Self::DisputeRejected { statement_id, answer, .. } => Text::new(
                format!("对账单 {statement_id} 的异议被驳回：{answer}"),
                format!("what is disputed of statement {statement_id} was rejected: {answer}"),
            ),
            Self::DisputeAccepted { statement_id, answer, .. } => Text::new(
                format!("对账单 {statement_id} 的异议已接受：{answer}"),
                format!("what is disputed of statement {statement_id} was accepted: {answer}"),
            ),
            Self::StatementReplaced { statement_id, by, reason, .. } => Text::new(
                format!("对账单 {statement_id} 已由 {by} 更正：{reason}"),
                format!("statement {statement_id} was replaced by {by}: {reason}"),
            ),
        }
    }
}
