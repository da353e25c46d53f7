//! The list of measurements. Each is a file below; a new one adds its entry to [`MEASUREMENTS`].
//!
//! A measurement gets an empty database of its own, which is dropped afterwards. Streams of
//! JetStream have fixed names: one that runs a relay starts `local::TestServers` for itself, and
//! never touches the NATS of a system that runs here.

mod append;
mod extras;
mod gate;
mod hot;
mod length;
mod memory;
mod ordering;
mod projection;
mod relay;
mod replay;
mod rpc;
mod stages;
mod verify;

use std::path::PathBuf;

use futures::future::BoxFuture;
use kernel::server::MetricsHandle;

use crate::database::Database;
use crate::processes::Processes;
use crate::progress::Progress;
use crate::report::{Finding, Outcome, SideReport};
use crate::rounds::{Rounds, Series, Side, compare};

/// Which runs a measurement is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// All, also those that must be done in a minute.
    Quick,
    /// All but the quick ones.
    Usual,
    /// Those alone that have time and room for millions of events.
    Full,
}

/// One measurement: usually a comparison of some sides.
#[derive(Clone, Copy)]
pub struct Measurement {
    /// The name of its first ratio.
    pub name: &'static str,
    /// What it measures, in a line.
    pub about: &'static str,
    /// Which runs it is part of.
    pub tier: Tier,
    /// Sides whose turns are counted by the progress bar.
    pub sides: u64,
    /// Makes it.
    pub make: for<'a> fn(&'a Run<'a>) -> BoxFuture<'a, anyhow::Result<Outcome>>,
}

/// What a measurement works with.
pub struct Run<'a> {
    /// A database of its own, empty.
    pub database: &'a Database,
    /// NATS.
    pub nats: &'a str,
    /// How much is measured.
    pub rounds: Rounds,
    /// What PostgreSQL's processes cost.
    pub processes: &'a Processes,
    /// For people who watch.
    pub progress: &'a Progress,
    /// Metrics of this process, as every role has them.
    pub metrics: MetricsHandle,
    /// The executable whose roles can be started, where this is one.
    pub qudao: Option<PathBuf>,
    /// Whether millions of events may be made.
    pub full: bool,
}

impl Run<'_> {
    /// How many things a turn is about that gets this many of them done a second; a debug build
    /// takes about twelve times as long.
    pub fn count(&self, per_second: f64) -> u64 {
        let slower = if cfg!(debug_assertions) { 12.0 } else { 1.0 };
        (per_second / slower * self.rounds.window.as_secs_f64()).ceil().max(1.0) as u64
    }

    /// Measures sides in turns.
    ///
    /// # Errors
    /// The first failure of a side.
    pub async fn compare(&self, callers: usize, sides: &[Side]) -> anyhow::Result<Vec<Series>> {
        compare(self.rounds, callers, sides, self.processes, self.progress).await
    }
}

/// The measurements that need nothing but the servers.
pub const MEASUREMENTS: &[Measurement] = &[
    Measurement {
        name: "append_64_vs_postgres_es",
        about: "append one event, 64 callers, against cqrs-es + postgres-es",
        tier: Tier::Quick,
        sides: 3,
        make: |run| Box::pin(append::against_postgres_es(run)),
    },
    Measurement {
        name: "append_1_vs_insert",
        about: "append one event, 1 caller, against a single INSERT",
        tier: Tier::Quick,
        sides: 2,
        make: |run| Box::pin(append::against_insert(run)),
    },
    Measurement {
        name: "hot_over_cold",
        about: "commands of 64 callers on one object, against objects of their own",
        tier: Tier::Quick,
        sides: 2,
        make: |run| Box::pin(hot::measure(run)),
    },
    Measurement {
        name: "rpc_over_echo",
        about: "a real command by gRPC, 64 callers, against a trivial echo and cqrs-es",
        tier: Tier::Quick,
        sides: 5,
        make: |run| Box::pin(rpc::measure(run)),
    },
    Measurement {
        name: "gate_overhead",
        about: "a real command by gRPC behind the gate, against a check of the token alone",
        tier: Tier::Quick,
        sides: 2,
        make: |run| Box::pin(gate::overhead(run)),
    },
    Measurement {
        name: "rebuild_vs_one_by_one",
        about: "a read model filled in bulk, against fact by fact",
        tier: Tier::Quick,
        sides: 2,
        make: |run| Box::pin(projection::rebuild(run)),
    },
    Measurement {
        name: "append_full_vs_bare",
        about: "append with chain, request ids and metadata, against without",
        tier: Tier::Usual,
        sides: 2,
        make: |run| Box::pin(extras::measure(run)),
    },
    Measurement {
        name: "long_over_short_object",
        about: "a command on an object of 10,000 events, against 10",
        tier: Tier::Usual,
        sides: 4,
        make: |run| Box::pin(length::of_object(run)),
    },
    Measurement {
        name: "stages",
        about: "where the time of a command goes, 1 and 64 callers",
        tier: Tier::Usual,
        sides: 14,
        make: |run| Box::pin(stages::measure(run)),
    },
    Measurement {
        name: "relay_always_vs_window",
        about: "a backlog into JetStream that syncs each batch, against windows without syncing",
        tier: Tier::Usual,
        sides: 3,
        make: |run| Box::pin(relay::backlog(run)),
    },
    Measurement {
        name: "commit_to_published_p50_ms",
        about: "from a commit to JetStream's acknowledgement, idle",
        tier: Tier::Usual,
        sides: 1,
        make: |run| Box::pin(relay::idle(run)),
    },
    Measurement {
        name: "commit_to_visible_p50_ms",
        about: "from a commit to a read model, at 1,000 commands/s",
        tier: Tier::Usual,
        sides: 1,
        make: |run| Box::pin(projection::visible(run)),
    },
    Measurement {
        name: "replay_over_read",
        about: "replay to a gRPC client, against reading the log in process",
        tier: Tier::Usual,
        sides: 3,
        make: |run| Box::pin(replay::measure(run)),
    },
    Measurement {
        name: "verify_over_sha256",
        about: "verifying a log and an export of it, against SHA-256 of the same bytes",
        tier: Tier::Usual,
        sides: 3,
        make: |run| Box::pin(verify::measure(run)),
    },
    Measurement {
        name: "memory_peak_mb",
        about: "memory of `qudao serve all` while orders come in",
        tier: Tier::Usual,
        sides: 1,
        make: |run| Box::pin(memory::measure(run)),
    },
    Measurement {
        name: "quote_p50_ms_1",
        about: "browse, quote and submit as dealers do, 1, 32 and 128 at the same time",
        tier: Tier::Usual,
        sides: 9,
        make: |run| Box::pin(ordering::measure(run)),
    },
    Measurement {
        name: "large_over_empty_log",
        about: "a command in a log of 5 million events, against an empty one",
        tier: Tier::Full,
        sides: 2,
        make: |run| Box::pin(length::of_log(run)),
    },
];

/// What is compared with in the measurements here.
const OURS_TOO: &[&str] = &["cqrs-es", "postgres-es", "sqlx", "tonic"];
const LOCK: &str = include_str!("../../../Cargo.lock");

/// What came of a comparison: its sides, and the ratios that could be made.
///
/// # Errors
/// When the times of a side can not be added up.
pub fn outcome(
    measurement: &str,
    callers: usize,
    series: &[Series],
    findings: impl IntoIterator<Item = Option<Finding>>,
) -> anyhow::Result<Outcome> {
    let sides = series.iter().map(|series| SideReport::of(measurement, callers, series));
    Ok(Outcome {
        findings: findings.into_iter().flatten().collect(),
        sides: sides.collect::<Result<_, _>>()?,
        ..Outcome::default()
    }
    .with_versions(LOCK, OURS_TOO))
}
