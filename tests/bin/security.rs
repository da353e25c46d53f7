//! Runs the security suite: `make security`, or `security --help`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use cluster_tests::security::ROWS;
use cluster_tests::security::report::{Report, line, once, table};
use cluster_tests::security::row::{Row, Run};

/// Attacks a running system and checks that all of it is refused as it should be.
#[derive(Parser)]
#[command(after_help = "Examples:
  security                        all rows, whole
  security --only S3 --seed 42    one row, as it was run before
  security --quick                all rows at the size of the tests
  security --list                 what there is")]
struct Arguments {
    /// Only these rows.
    #[arg(long, value_delimiter = ',', value_name = "ROW")]
    only: Vec<String>,
    /// The seed of all choices; without it one is made up.
    #[arg(long)]
    seed: Option<u64>,
    /// As little of each row as shows that it works.
    #[arg(long)]
    quick: bool,
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
    let arguments = Arguments::parse();
    if arguments.list {
        for Row { id, attack, .. } in ROWS {
            println!("{id:<4} {attack}");
        }
        return Ok(ExitCode::SUCCESS);
    }
    for id in &arguments.only {
        anyhow::ensure!(ROWS.iter().any(|row| row.id == *id), "there is no row {id}; see --list");
    }
    let wanted =
        |row: &&&Row| arguments.only.is_empty() || arguments.only.iter().any(|id| id == row.id);
    let rows: Vec<_> = ROWS.iter().filter(wanted).copied().collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let holds = runtime.block_on(run_all(&arguments, &rows))?;
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn run_all(arguments: &Arguments, rows: &[&'static Row]) -> anyhow::Result<bool> {
    let seed = arguments.seed.unwrap_or_else(|| uuid::Uuid::new_v4().as_u64_pair().0 % 100_000);
    let run = Run { seed, whole: !arguments.quick };
    let mut report = match &arguments.out {
        Some(file) => Report::load(file)?,
        None => Report::default(),
    };
    let mut entries = Vec::new();
    for (number, row) in (1..).zip(rows) {
        eprintln!("[{number}/{}] {} seed {seed}: {}", rows.len(), row.id, row.attack);
        let entry = once(row, run).await;
        entries.push(entry.clone());
        report.put(entry);
        if let Some(file) = &arguments.out {
            report.save(file)?;
        }
    }
    if let Some(file) = &arguments.document {
        report.document(file)?;
    }
    let every: Vec<_> = entries.iter().collect();
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&entries)?);
        // Programs read the one, people the other.
        eprintln!("{}", line(&every));
    } else {
        println!("{}\n{}", table(&entries), line(&every));
    }
    Ok(entries.iter().all(|entry| entry.found.holds()))
}
