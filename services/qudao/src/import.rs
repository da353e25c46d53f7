//! `qudao import`: data of other systems, through the same rpcs that people use.
//!
//! Read `mapping` (what a file's columns mean), `sheet` (rows as text), `plan` (checked rows put
//! together), then `run` (the commands) and `report`.

pub(crate) mod commands;
pub(crate) mod mapping;
pub(crate) mod plan;
pub(crate) mod report;
mod run;
mod sheet;
mod slug;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use self::mapping::Mapping;
use self::plan::Plan;
use self::report::Report;
use crate::client::{Connection, Session, failure, output};

#[derive(Subcommand)]
pub(crate) enum Import {
    /// Orders with their dealers, products, prices and regions from a CSV file
    Orders(ImportOrders),
}

#[derive(Args)]
#[command(
    after_help = "Bad rows are listed with line, column and reason. An order with a bad row is left out as a
whole; all others are imported. The exit code is then 1. Importing a file again changes
nothing, so an import that was interrupted is simply run again.

Examples:
  qudao import orders sales.csv --mapping sales.toml --dry-run
  qudao import orders sales.csv --mapping sales.toml
  qudao import orders sales.csv --mapping sales.toml --json | jq .bad_rows"
)]
pub(crate) struct ImportOrders {
    /// CSV file with a header line; UTF-8 or GBK
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What the columns mean
    #[arg(long, value_name = "TOML")]
    mapping: PathBuf,
    /// Only check the file and print what would be done; needs no server
    #[arg(long)]
    dry_run: bool,
    /// Tell about progress also when nobody watches
    #[arg(long)]
    progress: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

impl Import {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let Self::Orders(import) = self;
        failure::tell_as_json(import.json);
        let (mapping, plan) = read(&import.file, &import.mapping)?;
        let report = if import.dry_run {
            Report::dry(&plan, &mapping)
        } else {
            let session = import.connection.open().await?;
            carry_out(&session, &mapping, &plan, import.progress).await?
        };
        if import.json {
            output::json(&report)?;
        } else {
            output::text(&report.text())?;
        }
        Ok(ExitCode::from(report.exit_code()))
    }
}

/// Reads and checks a file.
pub(crate) fn read(file: &Path, mapping: &Path) -> anyhow::Result<(Mapping, Plan)> {
    let mapping = Mapping::read(mapping)?;
    let plan = Plan::read(file, &mapping)?;
    Ok((mapping, plan))
}

/// Brings what was read into the system.
pub(crate) async fn carry_out(
    session: &Session,
    mapping: &Mapping,
    plan: &Plan,
    progress: bool,
) -> anyhow::Result<Report> {
    run::Run::start(session, mapping, plan, progress).await?.all().await
}

#[cfg(test)]
mod tests;
