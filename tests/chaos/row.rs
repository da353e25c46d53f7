//! What a row of the scorecard is.

use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;

use clap::ValueEnum;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};

/// How much is done: more with each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// With every change, in seconds.
    Commit,
    /// Before a change lands, in a minute or so.
    Submission,
    /// Before a release, in minutes.
    Release,
}

/// A fault and what must hold all the same.
pub struct Row {
    /// Its number, for example `F6`.
    pub id: &'static str,
    /// What is broken, and how.
    pub fault: &'static str,
    /// What must hold.
    pub passes: &'static str,
    /// What shows that the check itself would notice: the name of a test, or what the row does.
    pub control: &'static str,
    /// From which tier on it runs.
    pub tier: Tier,
    /// Does it. A violation panics.
    pub run: fn(Run) -> Done,
}

/// The run of a row; it stays on its thread.
pub type Done = Pin<Box<dyn Future<Output = Outcome>>>;

/// Puts an async function into a [`Row`].
#[macro_export]
macro_rules! chaos_run {
    ($function:path) => {
        |run| Box::pin($function(run))
    };
}

/// What a row is told.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// Where all its choices come from.
    pub seed: u64,
    /// How much to do.
    pub tier: Tier,
}

impl Run {
    /// The smallest size, with a seed that is told so that it can be run again.
    pub fn small() -> Self {
        let given = std::env::var("QUDAO_SEED").ok().and_then(|text| text.parse().ok());
        let seed = given.unwrap_or_else(|| uuid::Uuid::new_v4().as_u64_pair().0 % 100_000);
        println!("seed {seed}; run again with QUDAO_SEED={seed}");
        Self { seed, tier: Tier::Commit }
    }

    /// One of three sizes.
    pub fn size<T>(self, commit: T, submission: T, release: T) -> T {
        match self.tier {
            Tier::Commit => commit,
            Tier::Submission => submission,
            Tier::Release => release,
        }
    }

    /// Choices that are the same for the same seed.
    pub fn choices(self) -> StdRng {
        choices_of(self.seed)
    }
}

/// Choices of a part of a run, from a number that the run has chosen.
pub(super) fn choices_of(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

/// What came of a run that violated nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "lowercase")]
pub enum Outcome {
    /// It holds; figures by name, the first says how much was tried.
    Passed {
        /// For example `acknowledged` → `20000`.
        figures: Vec<(String, String)>,
    },
    /// It can not be tried here.
    Skipped {
        /// Why not.
        why: String,
    },
    /// It does not hold.
    Failed {
        /// What was found.
        violation: String,
    },
}

impl Outcome {
    /// It holds.
    pub fn passed() -> Self {
        Self::Passed { figures: Vec::new() }
    }

    /// A figure more.
    #[must_use]
    pub fn figure(mut self, name: &str, value: impl Display) -> Self {
        if let Self::Passed { figures } = &mut self {
            figures.push((name.to_owned(), value.to_string()));
        }
        self
    }

    /// It can not be tried here.
    pub fn skipped(why: impl Into<String>) -> Self {
        Self::Skipped { why: why.into() }
    }
}
