//! `qudao webhooks`: events sent to web services of the brand.

mod endpoints;
mod sent;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::client::Connection;

#[derive(Subcommand)]
pub(crate) enum Webhooks {
    /// All endpoints, and how they do
    List(endpoints::List),
    /// The events that there are
    Types(sent::Types),
    /// Add an endpoint; shows its secret
    Add(endpoints::Add),
    /// Send somewhere else, or other events
    Change(endpoints::Change),
    /// Send again, from now on
    Enable(endpoints::Enable),
    /// Send no more until it is enabled
    Disable(endpoints::Disable),
    /// Send no more, for ever
    Remove(endpoints::Remove),
    /// Make a new secret; the one before signs too for 24 hours
    Rotate(endpoints::Rotate),
    /// Show the secret once more, saying why
    Secret(endpoints::Secret),
    /// Send an event that says nothing
    Test(sent::Test),
    /// What was sent, the newest first
    Deliveries(sent::Deliveries),
    /// One of them: what is sent, and all attempts
    Delivery(sent::Show),
    /// Send one of them once more
    Resend(sent::Resend),
    /// Send all once more that failed since a time
    ResendFailed(sent::ResendFailed),
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

impl Webhooks {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::List(list) => list.run().await?,
            Self::Types(types) => types.run().await?,
            Self::Add(add) => add.run().await?,
            Self::Change(change) => change.run().await?,
            Self::Enable(enable) => enable.run().await?,
            Self::Disable(disable) => disable.run().await?,
            Self::Remove(remove) => remove.run().await?,
            Self::Rotate(rotate) => rotate.run().await?,
            Self::Secret(secret) => secret.run().await?,
            Self::Test(test) => test.run().await?,
            Self::Deliveries(deliveries) => deliveries.run().await?,
            Self::Delivery(show) => show.run().await?,
            Self::Resend(resend) => resend.run().await?,
            Self::ResendFailed(resend) => resend.run().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
