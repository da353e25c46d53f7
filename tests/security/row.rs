//! What a row is, and what it found.

use std::collections::BTreeSet;
use std::fmt::Display;

use futures::future::LocalBoxFuture;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};

use super::stage::Stage;

/// How many of the things that went wrong are told.
const TOLD: usize = 20;

/// An attack, and what must come of it.
pub struct Row {
    /// Its number, for example `S3`.
    pub id: &'static str,
    /// What is done.
    pub attack: &'static str,
    /// What must come of it.
    pub passes: &'static str,
    /// What shows that the row would notice: the name of a test.
    pub control: &'static str,
    /// Variables of the process that is attacked.
    pub environment: &'static [(&'static str, &'static str)],
    /// Does it.
    pub run: for<'a> fn(&'a Stage, Run) -> LocalBoxFuture<'a, Found>,
}

/// What a row is told.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// Where its choices come from.
    pub seed: u64,
    /// All of it, or as little as shows that it works.
    pub whole: bool,
}

impl Run {
    /// The small size, with a seed that is told so that it can be run again.
    pub fn small() -> Self {
        let given = std::env::var("QUDAO_SEED").ok().and_then(|text| text.parse().ok());
        let seed = given.unwrap_or_else(|| uuid::Uuid::new_v4().as_u64_pair().0 % 100_000);
        println!("seed {seed}; run again with QUDAO_SEED={seed}");
        Self { seed, whole: false }
    }

    /// One of two sizes.
    pub fn size<T>(self, small: T, whole: T) -> T {
        if self.whole { whole } else { small }
    }

    /// Choices that are the same for the same seed.
    pub fn choices(self) -> StdRng {
        StdRng::seed_from_u64(self.seed)
    }
}

/// What came of the attempts of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The rpcs that were attacked.
    pub rpcs: BTreeSet<String>,
    /// Attempts, all of them.
    pub attempts: u64,
    /// Attempts of which came what must.
    pub as_should: u64,
    /// The first ones of which it did not.
    pub wrong: Vec<String>,
    /// Other figures, by name.
    pub figures: Vec<(String, String)>,
}

impl Found {
    /// Counts an attempt, on an rpc or on the wire, of which came what must, or what did.
    pub fn attempt(&mut self, rpc: Option<&str>, came: Result<(), String>) {
        self.rpcs.extend(rpc.map(str::to_owned));
        self.attempts += 1;
        match came {
            Ok(()) => self.as_should += 1,
            Err(what) => {
                let place = rpc.unwrap_or("wire");
                if self.wrong.len() < TOLD {
                    self.wrong.push(format!("{place}: {what:.700}"));
                }
            }
        }
    }

    /// A figure more.
    pub fn figure(&mut self, name: &str, value: impl Display) {
        self.figures.push((name.to_owned(), value.to_string()));
    }

    /// Whether all is as it must be.
    pub fn holds(&self) -> bool {
        self.attempts > 0 && self.attempts == self.as_should
    }
}
