//! A run from its arguments to its report: `qudao bench`, and `make bench` with more peers.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use kernel::server::MetricsHandle;
use kernel::telemetry::Telemetry;

use crate::database::{Database, clear_abandoned, clear_own};
use crate::document;
use crate::machine::Machine;
use crate::measure::{Measurement, Run, Tier};
use crate::processes::Processes;
use crate::progress::Progress;
use crate::report::{LeftOut, Outcome, Report};
use crate::rounds::Rounds;
use crate::servers::Servers;
use crate::table::{self, Form};

/// Examples for `--help`.
pub const EXAMPLES: &str = "\
Examples:
  qudao bench --quick                     under a minute, on the servers that run here
  qudao bench --quick --json              the same for programs: {\"ratios\":{…},…}
  qudao bench --only rpc_over_echo        one measurement; --list names them all
  qudao bench --full --out bench.json     all of them, also those with millions of events

Databases of its own are made and dropped. Where no servers run, it starts some for itself.
Exit code 0: all was measured, whatever the figures are · 1: a measurement failed.";

/// Relays and projections come and go with every turn; nobody wants to read of it. Calls have their
/// spans, as in `qudao serve`.
const LOGS: &str = "info,sqlx=error,async_nats=error,kernel::relay=error,kernel::projection=error";

/// How much is measured, where, and what becomes of it.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Fewer measurements and short turns: under a minute
    #[arg(long, conflicts_with = "full")]
    quick: bool,
    /// Also what needs millions of events: some minutes and 5 GB
    #[arg(long)]
    full: bool,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    /// Write the report as JSON to a file as well
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Renew the measured part of a document, between its two marks
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
    /// Only this measurement; may be given more than once
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Name the measurements and do nothing
    #[arg(long)]
    list: bool,
    /// Turns of each side [default: 5]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: Option<u32>,
    /// Length of a turn in seconds; the warm-up is half as long [default: 2, with --quick 0.4]
    #[arg(long, value_name = "S")]
    seconds: Option<f64>,
    /// PostgreSQL to measure on, as a user who may make databases
    #[arg(long, env = "QUDAO_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<String>,
    /// NATS to measure on
    #[arg(long, env = "QUDAO_NATS_URL", value_name = "URL")]
    nats_url: Option<String>,
}

impl Args {
    fn tier(&self) -> Tier {
        match (self.quick, self.full) {
            (true, _) => Tier::Quick,
            (_, true) => Tier::Full,
            _ => Tier::Usual,
        }
    }

    fn rounds(&self) -> anyhow::Result<Rounds> {
        let seconds = self.seconds.unwrap_or(if self.quick { 0.4 } else { 2.0 });
        let window = Duration::try_from_secs_f64(seconds).context("--seconds is not a time")?;
        Ok(Rounds { count: self.rounds.unwrap_or(5), window, warm_up: window / 2 })
    }

    /// The measurements asked for.
    fn choose<'a>(&self, all: &'a [Measurement]) -> anyhow::Result<Vec<&'a Measurement>> {
        if self.only.is_empty() {
            return Ok(all.iter().filter(|one| one.tier <= self.tier()).collect());
        }
        let chosen = self.only.iter().map(|name| {
            all.iter().find(|one| one.name == name).with_context(|| {
                let known: Vec<_> = all.iter().map(|one| one.name).collect();
                format!("there is no measurement {name}; there are: {}", known.join(", "))
            })
        });
        chosen.collect()
    }
}

/// Makes the measurements asked for of those that there are, and says in a line what went wrong.
pub async fn run(args: Args, all: &[Measurement], qudao: Option<PathBuf>) -> ExitCode {
    carry_out(args, all, qudao).await.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

async fn carry_out(
    args: Args,
    all: &[Measurement],
    qudao: Option<PathBuf>,
) -> anyhow::Result<ExitCode> {
    if args.list {
        let mut out = std::io::stdout().lock();
        for one in all {
            writeln!(out, "{:28} {}", one.name, one.about)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let chosen = args.choose(all)?;
    let rounds = args.rounds()?;
    let progress = Progress::new();
    progress.say("looking for servers");
    let servers = Servers::find(args.database_url.clone(), args.nats_url.clone()).await?;
    progress.tell(&format!("measuring on {}", servers.found));
    if cfg!(debug_assertions) {
        progress
            .tell("this is a debug build: its figures say little, ratios less than they should");
    }
    clear_abandoned(&servers.postgres).await?;
    let telemetry = Telemetry::start_telling(LOGS, "bench", None)?;
    let session = Session { args: &args, servers: &servers, progress: &progress, rounds, qudao };
    let report = tokio::select! {
        report = session.measure(&chosen, telemetry.metrics.clone()) => report?,
        _ = tokio::signal::ctrl_c() => {
            progress.end();
            clear_own(&servers.postgres).await?;
            return Ok(ExitCode::from(130));
        }
    };
    progress.end();
    publish(&args, &report)?;
    let failed = report.left_out.iter().any(|left_out| left_out.failed);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// One run with all it needs.
struct Session<'a> {
    args: &'a Args,
    servers: &'a Servers,
    progress: &'a Progress,
    rounds: Rounds,
    qudao: Option<PathBuf>,
}

impl Session<'_> {
    async fn measure(
        &self,
        chosen: &[&Measurement],
        metrics: MetricsHandle,
    ) -> anyhow::Result<Report> {
        let machine = Machine::look(&self.servers.postgres, &self.servers.nats).await?;
        let processes = Processes::of(&self.servers.postgres).await?;
        let turns = u64::from(self.rounds.count) + 1;
        self.progress.expect(chosen.iter().map(|one| one.sides * turns).sum());
        let began = kernel::clock::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let mut report = Report::new(machine, self.rounds, began);
        for one in chosen {
            self.progress.say(one.about);
            match self.make(one, &processes, metrics.clone()).await {
                Ok(outcome) => report.add(outcome),
                Err(error) => {
                    let why = format!("{error:#}");
                    self.progress.tell(&format!("{}: {why}", one.name));
                    let name = one.name.to_owned();
                    report.left_out.push(LeftOut { name, why, failed: true });
                }
            }
        }
        Ok(report)
    }

    async fn make(
        &self,
        one: &Measurement,
        processes: &Processes,
        metrics: MetricsHandle,
    ) -> anyhow::Result<Outcome> {
        let database = Database::create(&self.servers.postgres).await?;
        let run = Run {
            database: &database,
            nats: &self.servers.nats,
            rounds: self.rounds,
            processes,
            progress: self.progress,
            metrics,
            qudao: self.qudao.clone(),
            full: self.args.full,
        };
        let outcome = (one.make)(&run).await;
        database.drop().await?;
        outcome
    }
}

fn publish(args: &Args, report: &Report) -> anyhow::Result<()> {
    if let Some(file) = &args.out {
        std::fs::write(file, serde_json::to_vec_pretty(report)?)
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    if let Some(file) = &args.document {
        document::write(file, report)?;
    }
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string(report)?)?;
        return Ok(());
    }
    writeln!(out, "{}\n", table::findings(report, Form::Screen))?;
    writeln!(out, "{}\n", table::sides(report, Form::Screen))?;
    for left_out in &report.left_out {
        writeln!(out, "left out: {}: {}", left_out.name, left_out.why)?;
    }
    for line in table::machine(report) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}
