//! The read side: projections fill the read models, query services answer from them, and history
//! is read from the logs themselves.
//!
//! Read in this order: `models` (what every fact changes), then the services: `sales`,
//! `orders_query`, `partners_query`, `history`, `proofs`, `operations`.

mod history;
mod models;
mod operations;
mod orders_query;
mod partners_query;
mod proofs;
mod read;
mod sales;

use std::sync::Arc;

use async_nats::jetstream;
use history::HistoryApi;
use kernel::catalogue::Context;
use kernel::log::Log;
use kernel::projection::{AnyProjection, Progress, Runner, install};
use kernel::proofs::{LogKey, Proofs};
use kernel::server::Server;
use operations::OperationsApi;
use orders_query::OrderQueryApi;
use partners_query::PartnerQueryApi;
use proofs::ProofApi;
use proto::bi::v1::sales_query_service_server::SalesQueryServiceServer;
use proto::history::v1::history_service_server::HistoryServiceServer;
use proto::operations::v1::operations_service_server::OperationsServiceServer;
use proto::order::v1::order_query_service_server::OrderQueryServiceServer;
use proto::partner::v1::partner_query_service_server::PartnerQueryServiceServer;
use proto::proof::v1::proof_service_server::ProofServiceServer;
use sales::SalesQueryApi;

/// Schema of the read models.
const SCHEMA: &str = "read_models";

/// Why the read side can not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database does not answer.
    #[error("the read models' database does not answer")]
    Database(#[from] sqlx::Error),
    /// Its tables can not be brought up to date.
    #[error("the read models' tables can not be brought up to date")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The name of the installation can not be part of a key's name.
    #[error("the installation's name has a space or a plus sign")]
    Name(#[from] proof::note::NoteError),
}

/// Adds the query services to a server; the runners returned keep the read models up to date.
///
/// # Errors
/// See [`StartError`].
pub async fn mount(
    server: &mut Server,
    database_url: &str,
    logs: Vec<(Context, Log)>,
    jetstream: jetstream::Context,
    log_key: &LogKey,
) -> Result<Vec<Runner>, StartError> {
    let pool = kernel::log::connect(database_url, SCHEMA, 16).await?;
    sqlx::migrate!("./migrations").run(&pool).await?;
    install(&pool).await?;

    let start = async |model: Arc<dyn AnyProjection>| {
        let runner = Runner::new(model.clone(), pool.clone(), jetstream.clone()).await?;
        Ok::<_, sqlx::Error>(Running { view: runner.progress(), model, runner })
    };
    // Every read model there is. A new one adds a line here.
    let sales = start(Arc::new(models::sales::Sales)).await?;
    let orders = start(Arc::new(models::orders::Orders)).await?;
    let products = start(Arc::new(models::products::Products)).await?;
    let partners = start(Arc::new(models::partners::Partners)).await?;

    let api = SalesQueryApi { pool: pool.clone(), progress: sales.view.clone() };
    server.add(SalesQueryServiceServer::new(api)).await;
    let (list, catalogue) = (orders.view.clone(), products.view.clone());
    let api = OrderQueryApi { pool: pool.clone(), orders: list, products: catalogue };
    server.add(OrderQueryServiceServer::new(api)).await;
    let api = PartnerQueryApi { pool: pool.clone(), progress: partners.view.clone() };
    server.add(PartnerQueryServiceServer::new(api)).await;
    server.add(HistoryServiceServer::new(HistoryApi::new(logs.clone()))).await;
    let proved = |log: &Log| Ok(Proofs::of(log, Some(log_key.signer(log.context())?)));
    let proved: Result<Vec<Proofs>, StartError> = logs.iter().map(|(_, log)| proved(log)).collect();
    server.add(ProofServiceServer::new(ProofApi { logs: proved? })).await;

    let running = [sales, orders, products, partners];
    let projections = running.iter().map(|one| (one.model.clone(), one.view.clone())).collect();
    let operations = OperationsApi { pool, logs, jetstream, projections };
    server.add(OperationsServiceServer::new(operations)).await;
    Ok(running.into_iter().map(|one| one.runner).collect())
}

/// A read model with its runner and the view on it.
struct Running {
    model: Arc<dyn AnyProjection>,
    view: Progress,
    runner: Runner,
}
