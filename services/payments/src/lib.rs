//! Between payments and their providers: asks WeChat Pay and Alipay for what facts of payments
//! want, takes their notices, and tells the order context what they say.
//!
//! Read in this order: `follow` (what a fact means for a provider) with `errands` (when it is
//! asked), `worker` with `refunds` (asks), `teller` (tells the order context), `grpc` (what providers tell by
//! themselves), `bills` (what their bills say) with `mornings` (when they are asked for), [`merchants`] (who they are). How they are spoken to is the crate `psp`.

#![warn(missing_docs)]

mod bills;
mod errands;
mod follow;
mod grpc;
pub mod merchants;
mod mornings;
mod refunds;
mod teller;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream;
use kernel::agent;
use kernel::auth::Keys;
use kernel::failure::chain;
use kernel::log::Log;
use kernel::projection::{Progress, Runner, install};
use kernel::server::Server;
use kernel::wall::{Logins, Schema, WallError};
use proto::payment::v1::provider_service_server::ProviderServiceServer;
use tokio_util::sync::CancellationToken;
use tonic::transport::ClientTlsConfig;

use errands::Errands;
use grpc::ProviderApi;
use merchants::Merchants;
use mornings::Mornings;
use teller::Teller;
use worker::Worker;

/// Schema of the errands.
const SCHEMA: &str = "payments";
/// How soon a log that did not answer is asked again.
const AGAIN: Duration = Duration::from_secs(1);

/// Why payments can not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database does not answer.
    #[error("the payments' database does not answer")]
    Database(#[from] sqlx::Error),
    /// The database does not answer, or a login would go past the wall between tenants.
    #[error("the payments' database can not be used")]
    Wall(#[from] WallError),
    /// An address is none.
    #[error("the order role's address can not be used")]
    Address(#[from] tonic::transport::Error),
}

/// What payments stand on.
pub struct Basis<'a> {
    /// Who signs in to the database.
    pub logins: &'a Logins,
    /// The log of the order context.
    pub log: Log,
    /// Where streams are read.
    pub jetstream: jetstream::Context,
    /// Who can be asked.
    pub merchants: Merchants,
    /// Where the order role is; by TLS where its address says so.
    pub order: (&'a str, Option<ClientTlsConfig>),
    /// Whose tokens the order role takes.
    pub keys: Keys,
}

/// The parts of the role that run until they are told to stop.
pub struct Payments {
    runner: Runner,
    worker: Worker,
    mornings: Mornings,
    log: Log,
}

impl Payments {
    /// Runs until it is told to stop; then what is under way ends.
    pub async fn run(self, stop: CancellationToken) {
        let progress = self.runner.progress();
        let asking = async {
            // What was asked and ended long ago must not be asked again while facts are read anew.
            if caught_up(&self.log, progress, &stop).await {
                tokio::join!(self.worker.run(stop.clone()), self.mornings.run(stop.clone()));
            }
        };
        tokio::join!(self.runner.run(stop.clone()), asking);
    }
}

/// Waits until the rows are those of the newest facts; false when it is told to stop before.
async fn caught_up(log: &Log, mut progress: Progress, stop: &CancellationToken) -> bool {
    loop {
        let head = log.head().await;
        let wait = async {
            match head {
                Ok(head) => {
                    progress.reached(head).await;
                    true
                }
                Err(error) => {
                    tracing::warn!(error = %chain(&error), "nobody is asked yet");
                    tokio::time::sleep(AGAIN).await;
                    false
                }
            }
        };
        tokio::select! {
            () = stop.cancelled() => return false,
            reached = wait => if reached { return true },
        }
    }
}

/// Adds what answers callers and providers to a server; what is returned has to run beside.
///
/// # Errors
/// See [`StartError`].
pub async fn mount(server: &mut Server, basis: Basis<'_>) -> Result<Payments, StartError> {
    let schema = Schema::open(basis.logins, SCHEMA, (5, 1)).await?;
    install(schema.owner()).await?;
    schema.make(include_str!("../migrations/tables.sql")).await?;
    let follow = Arc::new(follow::FollowPayments);
    let log = basis.log.clone();
    let runner = Runner::new(follow, &schema, basis.log, basis.jetstream).await?;
    let progress = runner.progress();
    server.require(move || progress.problem());
    let errands = Errands(schema.all().clone());
    let order = agent::channel(basis.order.0, basis.order.1)?;
    let teller = Teller { order, keys: basis.keys };
    let merchants = basis.merchants;
    let mornings = Mornings {
        pool: schema.all().clone(),
        merchants: merchants.clone(),
        teller: teller.clone(),
        log: log.clone(),
        progress: runner.progress(),
    };
    let api = ProviderApi {
        mornings: mornings.clone(),
        merchants: merchants.clone(),
        errands: errands.clone(),
        teller: teller.clone(),
    };
    server.add(ProviderServiceServer::new(api)).await;
    let worker = Worker { errands, merchants, teller };
    Ok(Payments { runner, worker, mornings, log })
}
