//! Between orders and the books of brands (ERP 对接): hands documents over to 金蝶云星空 and 用友 YonBIP,
//! and takes stock from there.
//!
//! Read in this order: `follow` (a fact becomes a document) with `wishes` (what brands want),
//! `documents` (what is due, what came of it), `making` (what a document says), `worker` (hands it
//! over), `stock` (what the books say of it) with `unknown` (what they do not know yet), `grpc` (what
//! callers are told). How books are spoken to is the crate `erp`; what is handed over is a rule of the
//! order context, `order::connection`.

#![warn(missing_docs)]

mod documents;
mod follow;
mod grpc;
mod making;
mod stock;
#[cfg(test)]
mod tests;
mod unknown;
mod wishes;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream;
use erp::Contracts;
use kernel::agent;
use kernel::auth::Keys;
use kernel::failure::chain;
use kernel::log::Log;
use kernel::projection::{Progress, Runner, install};
use kernel::server::Server;
use kernel::wall::{Logins, Schema, WallError};
use proto::connector::v1::handover_service_server::HandoverServiceServer;
use tokio_util::sync::CancellationToken;
use tonic::transport::ClientTlsConfig;

use documents::Documents;
use grpc::HandoverApi;
use stock::Stocktaker;
use worker::Worker;

/// Schema of the documents.
const SCHEMA: &str = "connectors";
/// How soon a log that did not answer is asked again.
const AGAIN: Duration = Duration::from_secs(1);

/// Why connectors can not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database does not answer.
    #[error("the connectors' database does not answer")]
    Database(#[from] sqlx::Error),
    /// The database does not answer, or a login would go past the wall between tenants.
    #[error("the connectors' database can not be used")]
    Wall(#[from] WallError),
    /// An address is none.
    #[error("the order role's address can not be used")]
    Address(#[from] tonic::transport::Error),
}

/// What connectors stand on.
pub struct Basis<'a> {
    /// Who signs in to the database.
    pub logins: &'a Logins,
    /// The log of the order context.
    pub log: Log,
    /// Where streams are read.
    pub jetstream: jetstream::Context,
    /// Whose books can be asked.
    pub contracts: Contracts,
    /// Where the order role is, which is told of stock; by TLS where its address says so.
    pub order: (&'a str, Option<ClientTlsConfig>),
    /// Whose tokens the order role takes.
    pub keys: Keys,
}

/// The parts of the role that run until they are told to stop.
pub struct Connectors {
    runner: Runner,
    worker: Worker,
    stocktaker: Stocktaker,
    log: Log,
}

impl Connectors {
    /// Runs until it is told to stop; then what is under way ends.
    pub async fn run(self, stop: CancellationToken) {
        let progress = self.runner.progress();
        let asking = async {
            // What was cancelled or skipped long ago must not be handed over while facts are read
            // anew.
            if caught_up(&self.log, progress, &stop).await {
                tokio::join!(self.worker.run(stop.clone()), self.stocktaker.run(stop.clone()));
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
                    tracing::warn!(error = %chain(&error), "nothing is handed over yet");
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

/// Adds what answers callers to a server; what is returned has to run beside.
///
/// # Errors
/// See [`StartError`].
pub async fn mount(server: &mut Server, basis: Basis<'_>) -> Result<Connectors, StartError> {
    let schema = Schema::open(basis.logins, SCHEMA, (6, 3)).await?;
    install(schema.owner()).await?;
    schema.make(include_str!("../migrations/tables.sql")).await?;
    let (log, contracts) = (basis.log, basis.contracts);
    let follow = Arc::new(follow::FollowOrders);
    let runner = Runner::new(follow, &schema, log.clone(), basis.jetstream).await?;
    let progress = runner.progress();
    let followed = progress.clone();
    server.require(move || followed.problem());
    let documents = Documents(schema.all().clone());
    let api = HandoverApi {
        pool: schema.tenant().clone(),
        progress: progress.clone(),
        log: log.clone(),
        contracts: contracts.clone(),
    };
    server.add(HandoverServiceServer::new(api)).await;
    let worker =
        Worker { documents: documents.clone(), contracts: contracts.clone(), log: log.clone() };
    let order = agent::channel(basis.order.0, basis.order.1)?;
    let keys = basis.keys;
    let stocktaker = Stocktaker { documents, contracts, log: log.clone(), progress, order, keys };
    Ok(Connectors { runner, worker, stocktaker, log })
}
