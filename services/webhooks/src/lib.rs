//! Webhooks: events of a brand, sent to where the brand wants them, after Standard Webhooks.
//!
//! Read in this order: `follow` with `endpoints`, `known` and `message` (each fact that an
//! endpoint wants becomes a delivery), `schedule` (when it is sent), `deliveries` with `days` (what
//! is due, what came of it), `sender` (sends it), `closing` (endpoints that are gone are disabled),
//! `grpc` with `again` (what was sent, told to those whose events it was, and sent once more). Calls themselves are the kernel's
//! `outbound`, signatures its `signed`; what an endpoint may be is a rule of the partner context.

#![warn(missing_docs)]

mod again;
mod closing;
mod days;
mod deliveries;
mod endpoints;
mod follow;
mod grpc;
mod known;
mod message;
mod schedule;
mod sender;

use std::sync::Arc;

use async_nats::jetstream;
use kernel::agent;
use kernel::auth::Keys;
use kernel::catalogue::Context;
use kernel::log::Log;
use kernel::outbound::Outbound;
use kernel::personal::Vault;
use kernel::projection::{AnyProjection, Runner, install};
use kernel::server::Server;
use kernel::wall::{Logins, Schema, WallError};
use partner::Secrets;
use proto::webhook::v1::delivery_service_server::DeliveryServiceServer;
use tokio_util::sync::CancellationToken;
use tonic::transport::ClientTlsConfig;

use closing::Closing;
use deliveries::Deliveries;
use grpc::DeliveryApi;
use known::Known;
pub use sender::{Clock, Sender};

/// Schema of endpoints, deliveries and attempts.
const SCHEMA: &str = "webhooks";

/// Why webhooks can not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database does not answer.
    #[error("the webhooks' database does not answer")]
    Database(#[from] sqlx::Error),
    /// The database does not answer, or a login would go past the wall between tenants.
    #[error("the webhooks' database can not be used")]
    Wall(#[from] WallError),
    /// The log of a context was not given.
    #[error("there is no log of the context {0}")]
    NoLog(&'static str),
    /// An address is none.
    #[error("the partner role's address can not be used")]
    Address(#[from] tonic::transport::Error),
}

/// What webhooks stand on.
pub struct Basis<'a> {
    /// Who signs in to the database.
    pub logins: &'a Logins,
    /// All contexts, whose events may be wanted.
    pub contexts: &'static [Context],
    /// Their logs.
    pub logs: &'a [Log],
    /// Where streams are read.
    pub jetstream: jetstream::Context,
    /// Opens secrets.
    pub vault: Vault,
    /// What makes calls.
    pub outbound: Outbound,
    /// Where the partner role is, which disables endpoints; by TLS where its address says so.
    pub partner: (&'a str, Option<ClientTlsConfig>),
    /// Whose tokens the partner role takes.
    pub keys: Keys,
}

/// The parts of the role that run until they are told to stop.
pub struct Webhooks {
    runners: Vec<Runner>,
    sender: Sender,
    closing: Closing,
}

impl Webhooks {
    /// Runs until it is told to stop; then what is under way ends.
    pub async fn run(self, stop: CancellationToken) {
        let mut tasks = tokio::task::JoinSet::new();
        for runner in self.runners {
            tasks.spawn(runner.run(stop.clone()));
        }
        tasks.spawn(self.sender.run(stop.clone()));
        tasks.spawn(self.closing.run(stop));
        while let Some(ended) = tasks.join_next().await {
            // A part that panicked ends the others, and the process with them.
            if ended.is_err() {
                return;
            }
        }
    }
}

/// Adds what answers callers to a server; what is returned has to run beside.
///
/// # Errors
/// See [`StartError`].
pub async fn mount(server: &mut Server, basis: Basis<'_>) -> Result<Webhooks, StartError> {
    let schema = open(basis.logins).await?;
    let log = |context: &'static str| {
        let found = basis.logs.iter().find(|log| log.context() == context);
        found.cloned().ok_or(StartError::NoLog(context))
    };
    let partner = log(partner::CONTEXT.name)?;
    let runner = async |projection: Arc<dyn AnyProjection>| {
        let log = log(projection.context())?;
        Ok::<_, StartError>(Runner::new(projection, &schema, log, basis.jetstream.clone()).await?)
    };
    let endpoints = runner(Arc::new(follow::Partner)).await?;
    let progress = endpoints.progress();
    let known = |facts| Known::new(facts, partner.clone(), progress.clone());
    let orders = runner(Arc::new(follow::Order(known(log("order")?)))).await?;
    let files = runner(Arc::new(follow::Collab(known(log("collab")?)))).await?;
    let (contexts, pool) = (basis.contexts, schema.tenant().clone());
    server.add(DeliveryServiceServer::new(DeliveryApi { pool, progress, contexts })).await;
    for followed in [&endpoints, &orders, &files].map(Runner::progress) {
        server.require(move || followed.problem());
    }
    let closing = Closing {
        db: schema.all().clone(),
        partner: agent::channel(basis.partner.0, basis.partner.1)?,
        keys: basis.keys,
    };
    let sender = sender(&schema, &partner, basis.vault, basis.outbound).await?;
    Ok(Webhooks { runners: vec![endpoints, orders, files], sender, closing })
}

/// What sends, without what it is sent: for tests of time and of failures.
///
/// # Errors
/// See [`StartError`].
pub async fn sender_on(
    logins: &Logins,
    partner: &Log,
    vault: Vault,
    outbound: Outbound,
) -> Result<Sender, StartError> {
    let schema = open(logins).await?;
    sender(&schema, partner, vault, outbound).await
}

async fn open(logins: &Logins) -> Result<Schema, StartError> {
    let schema = Schema::open(logins, SCHEMA, (6, 3)).await?;
    install(schema.owner()).await?;
    schema.make(include_str!("../migrations/tables.sql")).await?;
    Ok(schema)
}

async fn sender(
    schema: &Schema,
    partner: &Log,
    vault: Vault,
    outbound: Outbound,
) -> Result<Sender, StartError> {
    let secrets = Secrets::open(partner, vault).await?;
    Ok(Sender::new(Deliveries(schema.all().clone()), secrets, outbound))
}
