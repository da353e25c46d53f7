//! `qudao nats-users`: seeds for the users of a NATS server, and the configuration that knows them.

use std::path::{Path, PathBuf};

use kernel::stream::SeedError;
use kernel::stream::users;

/// Make the seeds of NATS users that are missing, and print the server's configuration for them.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder of the seeds, one file for each user
    folder: PathBuf,
}

/// Prints the part of the configuration that goes into the server's.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    print!("{}", authorization(&args.folder)?);
    Ok(())
}

/// The users of all contexts, with their seeds in a folder.
pub(crate) fn authorization(folder: &Path) -> Result<String, SeedError> {
    users::authorization(
        folder,
        &users::users(&crate::serve::contexts(), Some(partner::REVOKING.context)),
    )
}
