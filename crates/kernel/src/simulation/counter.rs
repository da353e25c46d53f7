//! What the simulated commands are about: counters that never go below zero.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::command::{Rejected, Transaction, Work};
use crate::{Decider, DomainEvent, Refusal, RefusalKind, Text};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counter {
    pub(super) count: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type")]
pub(super) enum CounterEvent {
    /// It moved.
    CounterMoved { by: i64 },
}

impl AsRef<str> for CounterEvent {
    fn as_ref(&self) -> &str {
        "CounterMoved"
    }
}

impl DomainEvent for CounterEvent {
    fn sentence(&self) -> Text {
        let Self::CounterMoved { by } = self;
        Text::new(format!("计数 {by:+}"), format!("counted {by:+}"))
    }
}

/// What is asked of one counter.
#[derive(Clone, Debug)]
pub(super) enum Ask {
    /// To move, or, by nothing, to stay.
    Move(i64),
    /// To move, but not above a limit.
    UpTo { by: i64, most: i64 },
    /// To move to and fro, by so many events.
    Shake(u32),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum No {
    #[error("it would go below zero")]
    BelowZero,
    #[error("it would go above {0}")]
    Above(i64),
}

impl Refusal for No {
    fn reason(&self) -> String {
        "NO".to_owned()
    }

    fn kind(&self) -> RefusalKind {
        RefusalKind::FailedPrecondition
    }

    fn text(&self) -> Text {
        Text::new("不行", self.to_string())
    }
}

impl Decider for Counter {
    const AGGREGATE: &'static str = "counter";
    type Command = Ask;
    type Event = CounterEvent;
    type Refusal = No;

    fn decide(&self, ask: Ask) -> Result<Vec<CounterEvent>, No> {
        let by = match ask {
            Ask::Shake(times) => {
                let moves = (0..times).map(|time| if time % 2 == 0 { 1 } else { -1 });
                return Ok(moves.map(|by| CounterEvent::CounterMoved { by }).collect());
            }
            Ask::UpTo { by, most } if self.count + by > most => return Err(No::Above(most)),
            Ask::Move(by) | Ask::UpTo { by, .. } => by,
        };
        match by {
            0 => Ok(Vec::new()),
            _ if self.count + by < 0 => Err(No::BelowZero),
            _ => Ok(vec![CounterEvent::CounterMoved { by }]),
        }
    }

    fn evolve(&mut self, CounterEvent::CounterMoved { by }: CounterEvent) {
        self.count += by;
    }
}

/// A command of the simulation.
#[derive(Clone, Debug)]
pub(super) enum Wish {
    /// Of one counter, which may be believed to be new.
    One { object: String, ask: Ask, new: bool },
    /// From one counter to another, which holds so much at most.
    Transfer { from: String, to: String, amount: i64, most: i64 },
    /// Of one counter, as far as another one allows.
    Limited { object: String, by: i64, limit: String },
}

impl Transaction for Wish {
    type Refusal = No;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<No>> {
        match self {
            Self::One { object, ask, new } => {
                if *new {
                    work.expect_new::<Counter>(object);
                }
                work.decide::<Counter>(object, ask.clone()).await
            }
            Self::Transfer { from, to, amount, most } => {
                work.decide::<Counter>(from, Ask::Move(-amount)).await?;
                work.decide::<Counter>(to, Ask::UpTo { by: *amount, most: *most }).await
            }
            Self::Limited { object, by, limit } => {
                let most = work.read::<Counter>(limit).await?.count;
                work.decide::<Counter>(object, Ask::UpTo { by: *by, most }).await
            }
        }
    }
}

/// All counters at one moment: what they count, and how many events they have.
#[derive(Clone, Debug, Default)]
pub(super) struct Counters(BTreeMap<String, (Counter, u64)>);

/// New events of one counter.
pub(super) type Grown = (String, Vec<CounterEvent>);

impl Counters {
    pub(super) fn of(&self, object: &str) -> (Counter, u64) {
        self.0.get(object).cloned().unwrap_or_default()
    }

    pub(super) fn apply(&mut self, object: &str, event: CounterEvent) {
        let (counter, version) = self.0.entry(object.to_owned()).or_default();
        counter.evolve(event);
        *version += 1;
    }

    /// What a wish comes to at this moment: the rules alone, without anything around them.
    pub(super) fn decide(&self, wish: &Wish) -> Result<Vec<Grown>, No> {
        let ask =
            |object: &String, ask| Ok::<_, No>((object.clone(), self.of(object).0.decide(ask)?));
        match wish {
            Wish::One { object, ask: asked, .. } => Ok(vec![ask(object, asked.clone())?]),
            Wish::Transfer { from, to, amount, most } => Ok(vec![
                ask(from, Ask::Move(-amount))?,
                ask(to, Ask::UpTo { by: *amount, most: *most })?,
            ]),
            Wish::Limited { object, by, limit } => {
                let most = self.of(limit).0.count;
                Ok(vec![ask(object, Ask::UpTo { by: *by, most })?])
            }
        }
    }
}

impl Wish {
    /// The object that the receipt is about.
    pub(super) fn subject(&self) -> &str {
        match self {
            Self::One { object, .. } | Self::Limited { object, .. } => object,
            Self::Transfer { from, .. } => from,
        }
    }
}
