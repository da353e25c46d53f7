//! A statement of account (对账单): what moved on one account of a dealer in a period, and what is
//! there, or owed, before and after.
//!
//! Nobody types an amount in: all of them are worked out from the facts of the wallet or of the line
//! of credit ([`tally`]), and stand from then on. The dealer agrees or disputes; what is wrong is
//! corrected by another movement, and by a statement that takes the place of this one.

pub mod chain;
pub mod event;
pub mod movement;
pub mod refusal;
pub mod tally;
pub mod told;

use kernel::{Decider, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{DealerId, StatementId};

pub use chain::{ChainCommand, Link, StatementChain, StatementChainEvent};
pub use event::{Made, Point, StatementEvent};
pub use movement::{Fact, Movement, MovementKind};
pub use refusal::StatementRefusal;
pub use tally::{Drawn, MAX_LINES, Period, Sum, Tally};

/// An account that can be stated.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::AsRefStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum StatedAccount {
    /// 预存款: what the dealer has paid before it orders.
    Prepaid,
    /// 返利: what the brand has granted it.
    Rebate,
    /// 信用: what was delivered to it, and to whoever draws on its credit, and not paid.
    Credit,
}

impl StatedAccount {
    /// As the trade says it.
    pub fn shown(self) -> Text {
        match self {
            Self::Prepaid => Text::new("预存款", "prepaid money"),
            Self::Rebate => Text::new("返利", "rebates"),
            Self::Credit => Text::new("信用账", "the credit account"),
        }
    }
}

/// How far a statement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StatementStatus {
    /// 草稿: only the brand sees it.
    Draft,
    /// 待确认: the dealer is asked to agree.
    Sent,
    /// 有异议: the brand is asked to answer.
    Disputed,
    /// 待更正: the brand is to correct something.
    Correcting,
    /// 已确认: both agree.
    Agreed,
    /// 已更正: another one has taken its place.
    Replaced,
    /// 已作废: a draft that was thrown away.
    Discarded,
}

impl StatementStatus {
    /// Whether people of the dealer see it.
    pub fn is_seen_by_dealer(self) -> bool {
        !matches!(self, Self::Draft | Self::Discarded)
    }
}

/// What can be asked of a statement.
#[derive(Clone, Debug)]
pub enum StatementCommand {
    /// Makes it.
    Make(Box<Made>),
    /// Shows it to the dealer.
    Send,
    /// Throws it away.
    Discard {
        /// In the words of the person who does it.
        reason: String,
    },
    /// Agrees to it in the name of the dealer.
    Agree,
    /// Disputes it in the name of the dealer.
    Dispute {
        /// What it does not agree to.
        points: Vec<Point>,
    },
    /// Answers what is disputed.
    Answer {
        /// How.
        verdict: Verdict,
        /// In the words of the person who answers.
        answer: String,
    },
    /// Puts another one in its place.
    Replace {
        /// That one.
        by: StatementId,
        /// In the words of the person who does it.
        reason: String,
    },
}

/// How a dispute is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The statement is right.
    Rejected,
    /// Something is wrong, and is corrected.
    Accepted,
}

/// A statement; its object id is its number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage")]
pub enum Statement {
    /// Nobody has made it.
    #[default]
    Unmade,
    /// It stands.
    Standing(Box<Standing>),
}

/// A statement that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// As it was worked out.
    pub made: Made,
    /// How far it is.
    pub status: StatementStatus,
}

impl Statement {
    /// Whose it is, when there is one.
    pub fn dealer_id(&self) -> Option<&DealerId> {
        self.standing().ok().map(|standing| &standing.made.dealer_id)
    }

    /// What there is of it.
    ///
    /// # Errors
    /// When there is none.
    pub fn standing(&self) -> Result<&Standing, StatementRefusal> {
        match self {
            Self::Unmade => Err(StatementRefusal::StatementNotFound),
            Self::Standing(standing) => Ok(standing),
        }
    }
}

impl Standing {
    /// A statement is sent and thrown away as a draft only.
    fn must_be_draft(&self) -> Result<(), StatementRefusal> {
        match self.status {
            StatementStatus::Draft => Ok(()),
            StatementStatus::Discarded => Err(StatementRefusal::StatementOver),
            StatementStatus::Sent
            | StatementStatus::Disputed
            | StatementStatus::Correcting
            | StatementStatus::Agreed
            | StatementStatus::Replaced => Err(StatementRefusal::NotADraft),
        }
    }

    /// Whether the dealer is asked: it was sent, nothing waits for an answer, and it counts.
    fn must_be_asked(&self) -> Result<(), StatementRefusal> {
        match self.status {
            StatementStatus::Sent | StatementStatus::Correcting => Ok(()),
            StatementStatus::Disputed => Err(StatementRefusal::DisputeOpen),
            StatementStatus::Agreed => Err(StatementRefusal::AlreadyAgreed),
            StatementStatus::Replaced => Err(StatementRefusal::StatementOver),
            // To the dealer there is none.
            StatementStatus::Draft | StatementStatus::Discarded => {
                Err(StatementRefusal::StatementNotFound)
            }
        }
    }

    /// Whether another one may take its place.
    ///
    /// # Errors
    /// Why not.
    pub fn must_be_open(&self) -> Result<(), StatementRefusal> {
        match self.status {
            StatementStatus::Sent | StatementStatus::Disputed | StatementStatus::Correcting => {
                Ok(())
            }
            StatementStatus::Draft => Err(StatementRefusal::StillADraft),
            StatementStatus::Agreed => Err(StatementRefusal::AlreadyAgreed),
            StatementStatus::Replaced | StatementStatus::Discarded => {
                Err(StatementRefusal::StatementOver)
            }
        }
    }

    fn decide(&self, command: StatementCommand) -> Result<StatementEvent, StatementRefusal> {
        let Made { statement_id, dealer_id, currency, closing, digest, .. } = self.made.clone();
        match command {
            StatementCommand::Make(_) => Err(StatementRefusal::StatementExists),
            StatementCommand::Send => {
                self.must_be_draft()?;
                Ok(StatementEvent::StatementSent { statement_id, dealer_id })
            }
            StatementCommand::Discard { reason } => {
                self.must_be_draft()?;
                Ok(StatementEvent::StatementDiscarded { statement_id, dealer_id, reason })
            }
            StatementCommand::Agree => {
                self.must_be_asked()?;
                Ok(StatementEvent::StatementAgreed {
                    statement_id,
                    dealer_id,
                    currency,
                    closing,
                    digest,
                })
            }
            StatementCommand::Dispute { points } => {
                self.must_be_asked()?;
                Ok(StatementEvent::StatementDisputed { statement_id, dealer_id, points })
            }
            StatementCommand::Answer { verdict, answer } => match (self.status, verdict) {
                (StatementStatus::Disputed, Verdict::Rejected) => {
                    Ok(StatementEvent::DisputeRejected { statement_id, dealer_id, answer })
                }
                (StatementStatus::Disputed, Verdict::Accepted) => {
                    Ok(StatementEvent::DisputeAccepted { statement_id, dealer_id, answer })
                }
                _ => Err(StatementRefusal::NothingDisputed),
            },
            StatementCommand::Replace { by, reason } => {
                self.must_be_open()?;
                Ok(StatementEvent::StatementReplaced { statement_id, dealer_id, by, reason })
            }
        }
    }
}

impl Decider for Statement {
    const AGGREGATE: &'static str = "statement";
    type Command = StatementCommand;
    type Event = StatementEvent;
    type Refusal = StatementRefusal;

    fn decide(&self, command: StatementCommand) -> Result<Vec<StatementEvent>, StatementRefusal> {
        match (self, command) {
            (Self::Unmade, StatementCommand::Make(made)) => {
                Ok(vec![StatementEvent::StatementMade(made)])
            }
            (Self::Unmade, _) => Err(StatementRefusal::StatementNotFound),
            (Self::Standing(standing), command) => Ok(vec![standing.decide(command)?]),
        }
    }

    fn evolve(&mut self, event: StatementEvent) {
        let status = event.status();
        match (&mut *self, event) {
            (Self::Unmade, StatementEvent::StatementMade(made)) => {
                *self = Self::Standing(Box::new(Standing { made: *made, status }));
            }
            (Self::Unmade, _) => (),
            (Self::Standing(standing), _) => standing.status = status,
        }
    }
}
