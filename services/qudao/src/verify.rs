//! `qudao verify`: checks logs in a database, or an export, from the stored bytes.

mod export;
pub(crate) mod keys;
mod logs;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use proof::{Problem, Report};
use serde::Serialize;

use crate::client::{failure, output};
use keys::Keys;
pub(crate) use logs::database;

#[derive(Args)]
#[command(
    after_help = "Every stored event is hashed again: its place in the chain, its number in its \
object's stream, the log's head, the tree over all events, and each signed checkpoint. What is wrong \
is named by its position. The exit code is 0 only when nothing is.

Without --database-url and QUDAO_DATABASE_URL, the database of the nearest .local/endpoints.json is \
checked. Signatures are checked with --key, else with the installation's own log key.

Examples:
  qudao verify
  qudao verify --context order --json
  qudao verify --checkpoint kept-last-year.note
  qudao verify --export audit-2026 --key qudao/acme/order+1a2b3c4d+AQ…"
)]
pub(crate) struct Verify {
    /// Check this export instead of a database: its folder
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["database_url", "contexts", "checkpoints"])]
    export: Option<PathBuf>,
    /// PostgreSQL with the logs
    #[arg(long, env = "QUDAO_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<String>,
    /// Only this log; may be repeated [default: all]
    #[arg(long = "context", value_name = "NAME")]
    contexts: Vec<String>,
    /// A signed checkpoint kept elsewhere, that the log must go back to; may be repeated
    #[arg(long = "checkpoint", value_name = "FILE")]
    checkpoints: Vec<PathBuf>,
    #[command(flatten)]
    keys: Keys,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The result for one log or export.
struct Checked {
    context: String,
    report: Report,
    checkpoints: usize,
    signatures_checked: bool,
    took: Duration,
}

/// What is printed with `--json`.
#[derive(Serialize)]
struct Document {
    ok: bool,
    events: u64,
    events_per_second: u64,
    problems: Vec<Named>,
    bytes: u64,
    milliseconds: u64,
    /// Speed as a share of plain SHA-256 over the same bytes on one core.
    share_of_sha256: f64,
    logs: Vec<LogRow>,
}

#[derive(Serialize)]
struct Named {
    #[serde(flatten)]
    problem: Problem,
    context: String,
}

#[derive(Serialize)]
struct LogRow {
    context: String,
    events: u64,
    signed_through: u64,
    checkpoints: usize,
    signatures_checked: bool,
}

impl Verify {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        failure::tell_as_json(self.json);
        let checked = match &self.export {
            Some(folder) => vec![export::check(folder, &self.keys)?],
            None => logs::check(&self).await?,
        };
        let whole = checked.iter().all(|one| one.report.problems.is_empty());
        for one in checked.iter().filter(|one| !one.signatures_checked && one.checkpoints > 0) {
            let text = format!("{}: no key, so signatures are not checked; see --key", one.context);
            eprintln!("{}", output::red(&text));
        }
        let document = Document::of(checked);
        if self.json {
            output::json(&document)?;
        } else {
            output::text(&document.story())?;
        }
        Ok(if whole { ExitCode::SUCCESS } else { ExitCode::from(failure::REFUSED) })
    }
}

impl Document {
    fn of(checked: Vec<Checked>) -> Self {
        let sum = |what: fn(&Checked) -> u64| checked.iter().map(what).sum::<u64>();
        let (events, bytes) = (sum(|one| one.report.events), sum(|one| one.report.bytes));
        let took: Duration = checked.iter().map(|one| one.took).sum();
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let named = |one: &Checked| {
            let context = one.context.clone();
            let problems = one.report.problems.clone().into_iter();
            problems.map(move |problem| Named { problem, context: context.clone() })
        };
        let problems: Vec<Named> = checked.iter().flat_map(named).collect();
        let row = |one: Checked| LogRow {
            context: one.context,
            events: one.report.events,
            signed_through: one.report.signed_through,
            checkpoints: one.checkpoints,
            signatures_checked: one.signatures_checked,
        };
        Self {
            ok: problems.is_empty(),
            events,
            events_per_second: events.saturating_mul(1_000) / millis.max(1),
            problems,
            bytes,
            milliseconds: millis,
            share_of_sha256: share_of_sha256(events, bytes, took),
            logs: checked.into_iter().map(row).collect(),
        }
    }

    fn story(&self) -> String {
        let mut lines: Vec<String> = Vec::new();
        for LogRow { context, events, signed_through, checkpoints, .. } in &self.logs {
            lines.push(format!(
                "{context}: {events} events, {checkpoints} checkpoints, signed up to {signed_through}"
            ));
        }
        for Named { problem, context } in &self.problems {
            let through = problem.through.map(|last| format!(" to {last}")).unwrap_or_default();
            let kind = format!("{:?}", problem.kind);
            lines.push(format!(
                "{context}: {} at {}{through}",
                output::spaced(&kind),
                problem.position
            ));
        }
        let verdict = if self.ok { "whole" } else { "NOT WHOLE" };
        let speed = self.events_per_second;
        lines.push(format!("{verdict} · {} ms, {speed} events/s", self.milliseconds));
        lines.join("\n")
    }
}

/// How fast the check was, against hashing as many bytes in as many messages on one core now.
#[allow(clippy::float_arithmetic, reason = "a ratio of two times, for people")]
fn share_of_sha256(events: u64, bytes: u64, took: Duration) -> f64 {
    use sha2::{Digest as _, Sha256};

    const SAMPLE: u64 = 64 << 20;
    let message = vec![7_u8; usize::try_from(bytes / events.max(1)).unwrap_or(1).max(1)];
    let rounds = (SAMPLE.min(bytes) / message.len() as u64).max(1);
    let started = Instant::now();
    for _ in 0..rounds {
        std::hint::black_box(Sha256::digest(std::hint::black_box(&message)));
    }
    let plain = (rounds * message.len() as u64) as f64 / started.elapsed().as_secs_f64();
    let share = bytes as f64 / took.as_secs_f64().max(1e-9) / plain;
    (share * 1_000.0).round() / 1_000.0
}
