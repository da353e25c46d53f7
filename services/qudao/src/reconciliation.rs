//! `qudao reconciliation`: bank statements and providers' bills, against what is on record.

mod act;
mod bills;
mod import;
mod lines;
mod sheet;

use std::process::ExitCode;

use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum Reconciliation {
    /// Import a bank's statement
    Import(import::Import),
    /// Lines of bank statements, the newest first
    List(lines::List),
    /// Say by hand which remittance a line may be
    Propose(act::Propose),
    /// Confirm the match that is proposed for a line, and with it the remittance
    Match(act::Match),
    /// Take a line that nobody reported as money of a dealer
    Assign(act::Assign),
    /// Set a line aside that is no dealer's money
    SetAside(act::SetAside),
    /// Undo a proposal or a setting aside
    Reopen(act::Reopen),
    /// Bills of providers, the newest day first
    Bills(bills::Bills),
    /// What differs in bills
    Differences(bills::Differences),
    /// Ask a provider for its bill of a day, and compare it
    Compare(bills::Compare),
    /// Say that a difference was looked at
    Resolve(bills::Resolve),
}

impl Reconciliation {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Import(command) => return command.run().await,
            Self::List(command) => command.run().await?,
            Self::Propose(command) => command.run().await?,
            Self::Match(command) => command.run().await?,
            Self::Assign(command) => command.run().await?,
            Self::SetAside(command) => command.run().await?,
            Self::Reopen(command) => command.run().await?,
            Self::Bills(command) => command.run().await?,
            Self::Differences(command) => command.run().await?,
            Self::Compare(command) => command.run().await?,
            Self::Resolve(command) => command.run().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
