//! The kernel's own code on servers that are simulated: what is a race, a crash or a lost answer on
//! real ones is here a choice of a seed, made thousands of times a second and exactly again.
//!
//! `executor` runs the tasks of all processes on one thread; `clock` is their time. The servers
//! stand beside what they stand in for: `log/simulated.rs`, `relay/simulated.rs`,
//! `projection/simulated.rs`. The simulations are `commands` with `counter` and `history`, `relay`
//! and `projection`. Each checks what came of it, and that its checks work is shown by defects
//! that are [planted](PLANTED) for them.

pub(crate) mod clock;
mod commands;
mod counter;
pub(crate) mod executor;
mod history;
mod projection;
mod relay;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use uuid::Uuid;

use crate::metadata::Metadata;

/// What is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Commands, from their request to their receipt.
    Commands,
    /// Relays, from the log to its stream.
    Relay,
    /// Projections, from facts to the rows of a read model.
    Projection,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Commands => "commands",
            Self::Relay => "relays",
            Self::Projection => "projections",
        })
    }
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Commands, Self::Relay, Self::Projection];
}

/// Defects that can be planted, and where they have to be found: each is what a mistake in the
/// kernel or in a server would be.
pub const PLANTED: &[(Part, &str)] = &[
    // The database takes an append whatever its streams are.
    (Part::Commands, "store.conflicts"),
    // It compares versions, but not the events that decisions were made on.
    (Part::Commands, "store.after"),
    // It moves the end of the log from wherever that is.
    (Part::Commands, "store.head"),
    // It does not know requests again.
    (Part::Commands, "store.requests"),
    // It stores some of the streams of an append.
    (Part::Commands, "store.torn"),
    // A command that wants the log to itself does not get it.
    (Part::Commands, "turn.shared"),
    // A batch that contradicts itself goes as one that does not.
    (Part::Commands, "ends.contradict"),
    // States of events that were not stored stay in memory.
    (Part::Commands, "states.kept"),
    // A no is told without asking whether it still holds.
    (Part::Commands, "no.unasked"),
    // The relay does not say where it expects the stream to end.
    (Part::Relay, "relay.unconditional"),
    // The stream takes messages wherever it ends.
    (Part::Relay, "stream.expected"),
    // It stores a part of a batch.
    (Part::Relay, "stream.torn"),
    // The relay takes any stream for a copy of its log.
    (Part::Relay, "standing.blind"),
    // A fact that comes again is applied again.
    (Part::Projection, "facts.again"),
    // A missing fact is not missed.
    (Part::Projection, "facts.gap"),
    // A fact overtakes one of its object that is parked.
    (Part::Projection, "facts.overtake"),
    // The checkpoint is committed apart from the rows.
    (Part::Projection, "checkpoint.apart"),
    // Attempts are not on record before they are made.
    (Part::Projection, "care.unrecorded"),
];

/// Worlds that a violation was told of once, and why they stay here.
pub const FAILED_ONCE: &[(Part, u64)] = &[
    // Twelve ends in order, after each of which two facts are found out anew: 39 of their ends are
    // as it has to be, and were more than the simulation had allowed.
    (Part::Projection, 76_845_002_680),
    // A fact in a long attempt is forgotten when the process ends for another reason after it:
    // what is on record then is a shorter attempt, and it ended the process six times.
    (Part::Projection, 67_365_000_411),
    (Part::Projection, 76_845_003_443),
];

/// What a run did, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures(pub BTreeMap<&'static str, u64>);

impl Figures {
    /// Adds what another run did.
    pub fn add(&mut self, other: &Self) {
        for (name, count) in &other.0 {
            self.count(name, *count);
        }
    }

    fn count(&mut self, name: &'static str, more: u64) {
        let sum = self.0.entry(name).or_default();
        *sum = sum.wrapping_add(more);
    }
}

/// What must not be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{part} with seed {seed}: {found}")]
pub struct Violation {
    /// Where it was found.
    pub part: Part,
    /// With this seed it is found again.
    pub seed: u64,
    /// What it is.
    pub found: String,
}

thread_local! {
    static DEFECT: Cell<Option<&'static str>> = const { Cell::new(None) };
}

/// Metadata of which only the tenant and one id matter.
pub(crate) fn metadata(tenant: &str, id: Uuid) -> Metadata {
    Metadata {
        tenant: tenant.to_owned(),
        actor_id: String::new(),
        correlation_id: id,
        causation_id: id,
        request_id: id,
        traceparent: None,
    }
}

/// Whether a defect is planted in this run.
pub(crate) fn planted(defect: &str) -> bool {
    DEFECT.get() == Some(defect)
}

/// Runs one simulation. The same seed gives the same run, to the order of its steps.
///
/// # Errors
/// When something is found that must not be.
pub fn run(part: Part, seed: u64, defect: Option<&'static str>) -> Result<Figures, Violation> {
    DEFECT.set(defect);
    let done = catch_unwind(AssertUnwindSafe(|| match part {
        Part::Commands => executor::run(seed, commands::run()),
        Part::Relay => executor::run(seed, relay::run()),
        Part::Projection => executor::run(seed, projection::run()),
    }));
    DEFECT.set(None);
    let found = match done {
        Ok((Ok(Ok(mut figures)), trace)) => {
            figures.0.insert("trace", trace);
            return Ok(figures);
        }
        Ok((Ok(Err(found)), _)) => found,
        Ok((Err(hung), _)) => hung.to_string(),
        Err(panic) => match panic.downcast_ref::<String>() {
            Some(said) => format!("a panic: {said}"),
            None => "a panic".to_owned(),
        },
    };
    Err(Violation { part, seed, found })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worlds_that_failed_once_hold() {
        for (part, seed) in FAILED_ONCE {
            assert_eq!(run(*part, *seed, None).err(), None);
        }
    }

    #[test]
    fn the_same_seed_is_the_same_run() {
        for part in Part::ALL {
            for seed in 0..20 {
                assert_eq!(run(part, seed, None), run(part, seed, None));
            }
        }
    }
}
