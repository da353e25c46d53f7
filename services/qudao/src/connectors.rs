//! `qudao connectors`: what is handed over to the books of the brand.

mod documents;
mod settings;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::client::Connection;

#[derive(Subcommand)]
pub(crate) enum Connectors {
    /// Documents that were handed over or are to be, the newest first
    List(documents::List),
    /// The connection, and how it does
    Show(settings::Show),
    /// Ask the books whether they answer, and know who asks
    Try(settings::Try),
    /// Say what is handed over, all of it anew
    Set(settings::Set),
    /// Hand nothing over until it is resumed
    Pause(settings::Pause),
    /// Go on
    Resume(settings::Resume),
    /// Say what the books call dealers, products, units and warehouses
    Map(settings::Map),
    /// What the books call things otherwise
    Codes(settings::Codes),
    /// Hand documents over once more
    Retry(documents::Retry),
    /// Do not hand a document over, saying why
    Skip(documents::Skip),
    /// Compare the books with what happened, and hand over what they have not
    Resync(documents::Resync),
}

/// What all of these commands take.
#[derive(Args)]
struct Common {
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

impl Connectors {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::List(list) => list.run().await?,
            Self::Show(show) => show.run().await?,
            Self::Try(tried) => return tried.run().await,
            Self::Set(set) => set.run().await?,
            Self::Pause(pause) => pause.run().await?,
            Self::Resume(resume) => resume.run().await?,
            Self::Map(map) => map.run().await?,
            Self::Codes(codes) => codes.run().await?,
            Self::Retry(retry) => retry.run().await?,
            Self::Skip(skip) => skip.run().await?,
            Self::Resync(resync) => resync.run().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// A change that is on record.
#[derive(serde::Serialize)]
struct Recorded {
    version: u64,
    position: u64,
}

/// Tells of a change.
fn told(json: bool, receipt: Option<proto::common::v1::Receipt>) -> anyhow::Result<()> {
    let receipt = receipt.unwrap_or_default();
    let recorded = Recorded { version: receipt.version, position: receipt.position };
    if json {
        return crate::client::output::json(&recorded);
    }
    crate::client::output::text(&format!("recorded as version {}\n", recorded.version))
}
