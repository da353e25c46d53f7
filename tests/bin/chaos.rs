//! Runs the fault suite: `make chaos`, or `chaos --help`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use cluster_tests::chaos::report::Report;
use cluster_tests::chaos::row::{Row, Run, Tier};
use cluster_tests::chaos::{ROWS, child, run};

/// Breaks things on purpose and checks that nothing is lost by it.
#[derive(Parser)]
#[command(after_help = "Examples:
  chaos                              the rows that run before a change lands
  chaos --tier release --seeds 10    all of it, ten times: hours
  chaos --only F6 --seed 42          one row, as it was run before
  chaos --list                       what there is")]
struct Arguments {
    /// How much to do.
    #[arg(long, value_enum, default_value = "submission")]
    tier: Tier,
    /// Only these rows, whatever their tier.
    #[arg(long, value_delimiter = ',', value_name = "ROW")]
    only: Vec<String>,
    /// The seed of the first run; without it one is made up.
    #[arg(long)]
    seed: Option<u64>,
    /// Runs of each row, each with the next seed.
    #[arg(long, default_value_t = 2)]
    seeds: u64,
    /// Print what came of it as JSON.
    #[arg(long)]
    json: bool,
    /// Keep results here; those of rows that do not run now stay.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write the table into this document.
    #[arg(long, value_name = "FILE", requires = "out")]
    document: Option<PathBuf>,
    /// Say what rows there are, and end.
    #[arg(long)]
    list: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if runtime.block_on(child::obey()) {
        return Ok(ExitCode::SUCCESS);
    }
    let arguments = Arguments::parse();
    if arguments.list {
        for Row { id, tier, fault, .. } in ROWS {
            println!("{id:<4} {:<11} {fault}", format!("{tier:?}").to_lowercase());
        }
        return Ok(ExitCode::SUCCESS);
    }
    let rows = chosen(&arguments)?;
    let failed = runtime.block_on(run_all(&arguments, &rows))?;
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn chosen(arguments: &Arguments) -> anyhow::Result<Vec<&'static Row>> {
    for id in &arguments.only {
        anyhow::ensure!(ROWS.iter().any(|row| row.id == *id), "there is no row {id}; see --list");
    }
    let wanted = |row: &&&Row| match arguments.only.is_empty() {
        true => row.tier <= arguments.tier,
        false => arguments.only.iter().any(|id| id == row.id),
    };
    Ok(ROWS.iter().filter(wanted).copied().collect())
}

async fn run_all(arguments: &Arguments, rows: &[&'static Row]) -> anyhow::Result<bool> {
    let first = arguments.seed.unwrap_or_else(|| uuid::Uuid::new_v4().as_u64_pair().0 % 100_000);
    let mut report = match &arguments.out {
        Some(file) => Report::load(file)?,
        None => Report::default(),
    };
    let (mut failed, mut all) = (false, Vec::new());
    for (number, row) in (1..).zip(rows) {
        eprintln!("[{number}/{}] {}: {}", rows.len(), row.id, row.fault);
        let mut runs = Vec::new();
        for seed in (first..).take(usize::try_from(arguments.seeds)?) {
            let entry = run::once(row, Run { seed, tier: arguments.tier }).await;
            eprintln!("  {}", entry.line());
            failed |= entry.failed();
            runs.push(entry);
        }
        all.extend(runs.iter().cloned());
        report.put(row.id, runs);
        if let Some(file) = &arguments.out {
            report.save(file)?;
        }
    }
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&all)?);
    }
    if let Some(file) = &arguments.document {
        report.document(file)?;
    }
    Ok(failed)
}
