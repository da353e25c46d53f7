//! The read side: projections fill the read models, query services answer from them, and history
//! is read from the logs themselves.
//!
//! Read in this order: `models` (what every fact changes), then the services: `sales`,
//! `orders_query` with `products_query` and `buyers`, `catalogue_query`, `order_metrics_query`, `funds_query`, `stock_query`, `waiting_query` with `orders_waiting`, `payments_query`, `reconciliation_query`, `shipments_query`, `after_sales_query`, `carts_query` with `suggesting`, `partners_query`,
//! `users_query`, `files_query`, `history`, `access_log`, `proofs`, `operations` with `parked`.

mod access_log;
mod after_sales_query;
mod buyers;
mod carts_query;
mod catalogue_query;
mod files_query;
mod funds_query;
mod history;
mod models;
mod operations;
mod order_metrics_query;
mod orders_query;
mod orders_taxes;
mod orders_todo;
mod orders_waiting;
mod parked;
mod partners_query;
mod payments_query;
mod products_query;
mod promotions_query;
mod proofs;
mod read;
mod rebates_query;
mod reconciliation_query;
mod sales;
mod shipments_query;
mod statements_query;
mod stock_query;
mod suggesting;
mod tree;
mod users_query;
mod waiting_query;

use std::collections::BTreeMap;
use std::sync::Arc;

use access_log::AccessLogApi;
use after_sales_query::AfterSaleQueryApi;
use async_nats::jetstream;
use carts_query::CartQueryApi;
use catalogue_query::CatalogueQueryApi;
use files_query::FileQueryApi;
use funds_query::FundsQueryApi;
use history::HistoryApi;
use kernel::catalogue::Context;
use kernel::log::Log;
use kernel::personal::Vault;
use kernel::projection::{AnyProjection, Progress, Projection, Runner, install};
use kernel::proofs::{LogKey, Proofs};
use kernel::server::Server;
use kernel::wall::{Logins, Schema, TenantPool, WallError};
use models::after_sales::AfterSales;
use models::carts::Carts;
use models::event_index::{CollabEvents, OrderEvents, PartnerEvents};
use models::files::Files;
use models::funds::Funds;
use models::order_metrics::OrderMetrics;
use models::order_todos::OrderTodos;
use models::orders::Orders;
use models::partners::Partners;
use models::payments::Payments;
use models::products::Products;
use models::promotions::Promotions;
use models::rebates::Rebates;
use models::reconciliation::Reconciliation;
use models::sales::Sales;
use models::shipments::Shipments;
use models::statements::Statements;
use models::stock::Stock;
use models::users::Users;
use models::waiting::Waiting;
use operations::OperationsApi;
use order_metrics_query::OrderMetricsQueryApi;
use orders_query::OrderQueryApi;
use partners_query::PartnerQueryApi;
use payments_query::PaymentQueryApi;
use promotions_query::PromotionQueryApi;
use proofs::ProofApi;
use proto::bi::v1::order_metrics_query_service_server::OrderMetricsQueryServiceServer;
use proto::bi::v1::sales_query_service_server::SalesQueryServiceServer;
use proto::collab::v1::file_query_service_server::FileQueryServiceServer;
use proto::history::v1::access_log_service_server::AccessLogServiceServer;
use proto::history::v1::history_service_server::{HistoryService, HistoryServiceServer};
use proto::operations::v1::operations_service_server::OperationsServiceServer;
use proto::order::v1::after_sale_query_service_server::AfterSaleQueryServiceServer;
use proto::order::v1::cart_query_service_server::CartQueryServiceServer;
use proto::order::v1::catalogue_query_service_server::CatalogueQueryServiceServer;
use proto::order::v1::funds_query_service_server::FundsQueryServiceServer;
use proto::order::v1::order_query_service_server::OrderQueryServiceServer;
use proto::order::v1::payment_query_service_server::PaymentQueryServiceServer;
use proto::order::v1::promotion_query_service_server::PromotionQueryServiceServer;
use proto::order::v1::rebate_query_service_server::RebateQueryServiceServer;
use proto::order::v1::reconciliation_query_service_server::ReconciliationQueryServiceServer;
use proto::order::v1::shipment_query_service_server::ShipmentQueryServiceServer;
use proto::order::v1::statement_query_service_server::StatementQueryServiceServer;
use proto::order::v1::stock_query_service_server::StockQueryServiceServer;
use proto::order::v1::waiting_query_service_server::WaitingQueryServiceServer;
use proto::partner::v1::partner_query_service_server::PartnerQueryServiceServer;
use proto::partner::v1::user_query_service_server::UserQueryServiceServer;
use proto::proof::v1::proof_service_server::ProofServiceServer;
use rebates_query::RebateQueryApi;
use reconciliation_query::ReconciliationQueryApi;
use sales::SalesQueryApi;
use shipments_query::ShipmentQueryApi;
use statements_query::StatementQueryApi;
use stock_query::StockQueryApi;
use tokio_util::sync::CancellationToken;
use users_query::UserQueryApi;
use waiting_query::WaitingQueryApi;

/// Schema of the read models.
const SCHEMA: &str = "read_models";
/// Schema of what policies know about themselves.
const POLICIES: &str = "policies";
/// Schema of what webhooks know about themselves.
const WEBHOOKS: &str = "webhooks";
/// Schema of what payments know about themselves.
const PAYMENTS: &str = "payments";

/// Why the read side can not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database does not answer.
    #[error("the read models' database does not answer")]
    Database(#[from] sqlx::Error),
    /// The database does not answer, or a login would go past the wall between tenants.
    #[error("the read models' database can not be used")]
    Wall(#[from] WallError),
    /// A read model listens to a context whose log was not given.
    #[error("there is no log of the context {0}")]
    NoLog(&'static str),
    /// A service answers from a read model that is not listed.
    #[error("there is no read model {0}")]
    NoReadModel(&'static str),
    /// The name of the installation can not be part of a key's name.
    #[error("the installation's name has a space or a plus sign")]
    Name(#[from] proof::note::NoteError),
}

/// Adds the query services to a server; the runners returned keep the read models up to date.
/// Streams are read by the first connection to NATS, and put right by the operator's, which is the
/// second. `stop` ends replays in good order; the vault opens what is personal in history.
///
/// # Errors
/// See [`StartError`].
pub async fn mount(
    server: &mut Server,
    logins: &Logins,
    logs: Vec<(Context, Log)>,
    [jetstream, operator]: [jetstream::Context; 2],
    stop: CancellationToken,
    log_key: &LogKey,
    vault: Vault,
) -> Result<Vec<Runner>, StartError> {
    let schema = Schema::open(logins, SCHEMA, (12, 8)).await?;
    install(schema.owner()).await?;
    let pool = schema.tenant().clone();

    let mut running = Vec::new();
    for model in read_models() {
        let log = log_of(&logs, model.context())?;
        let runner = Runner::new(model.clone(), &schema, log, jetstream.clone()).await?;
        running.push(Running { view: runner.progress(), model, runner });
    }
    let views = Views::of(&running);
    let api = SalesQueryApi { pool: pool.clone(), progress: views.of_model::<Sales>()? };
    server.add(SalesQueryServiceServer::new(api)).await;
    let progress = views.of_model::<OrderMetrics>()?;
    let api = OrderMetricsQueryApi { pool: pool.clone(), progress };
    server.add(OrderMetricsQueryServiceServer::new(api)).await;
    ordering(server, &pool, &views).await?;
    let api = PartnerQueryApi { pool: pool.clone(), progress: views.of_model::<Partners>()? };
    server.add(PartnerQueryServiceServer::new(api)).await;
    let users = views.of_model::<Users>()?;
    server.add(UserQueryServiceServer::new(people(&pool, &users, &logs, &vault)?)).await;
    let api = FileQueryApi { pool: pool.clone(), progress: views.of_model::<Files>()? };
    server.add(FileQueryServiceServer::new(api)).await;
    let index = vec![
        views.of_model::<OrderEvents>()?,
        views.of_model::<PartnerEvents>()?,
        views.of_model::<CollabEvents>()?,
    ];
    let history = HistoryApi::new(logs.clone(), pool.clone(), index, vault, stop);
    let calls = Schema::open(logins, kernel::calls::SCHEMA, (2, 2)).await?;
    let api = AccessLogApi { calls, history: history.clone() };
    server.add(AccessLogServiceServer::new(api)).await;
    server.add(HistoryServiceServer::new(history)).await;
    let proved = |log: &Log| Ok(Proofs::of(log, Some(log_key.signer(log.context())?)));
    let proved: Result<Vec<Proofs>, StartError> = logs.iter().map(|(_, log)| proved(log)).collect();
    server.add(ProofServiceServer::new(ProofApi { logs: proved? })).await;

    let models: Vec<_> = running.iter().map(|one| (one.model.clone(), one.view.clone())).collect();
    for (_, view) in &models {
        let view = view.clone();
        server.require(move || view.problem());
    }
    let [policies, webhooks, payments] = elsewhere(logins).await?;
    let schemas = [schema, policies, webhooks, payments];
    let operations = OperationsApi::new(schemas, logs, [jetstream, operator], models);
    server.add(OperationsServiceServer::new(operations)).await;
    Ok(running.into_iter().map(|one| one.runner).collect())
}

/// How far the read models are, by name.
struct Views(BTreeMap<&'static str, Progress>);

impl Views {
    fn of(running: &[Running]) -> Self {
        Self(running.iter().map(|one| (one.model.name(), one.view.clone())).collect())
    }

    fn of_model<P: Projection>(&self) -> Result<Progress, StartError> {
        self.0.get(P::NAME).cloned().ok_or(StartError::NoReadModel(P::NAME))
    }
}

/// Lists of the order context.
async fn ordering(server: &mut Server, pool: &TenantPool, views: &Views) -> Result<(), StartError> {
    let pool = || pool.clone();
    let (orders, products) = (views.of_model::<Orders>()?, views.of_model::<Products>()?);
    let api = CatalogueQueryApi { pool: pool(), progress: products.clone() };
    server.add(CatalogueQueryServiceServer::new(api)).await;
    let carts = views.of_model::<Carts>()?;
    let (listed, known) = (orders.clone(), products.clone());
    let api = CartQueryApi { pool: pool(), carts, orders: listed, products: known };
    server.add(CartQueryServiceServer::new(api)).await;
    let waiting = views.of_model::<Waiting>()?;
    let api = WaitingQueryApi { pool: pool(), waiting: waiting.clone(), orders: orders.clone() };
    server.add(WaitingQueryServiceServer::new(api)).await;
    let todos = views.of_model::<OrderTodos>()?;
    let api = OrderQueryApi { pool: pool(), orders, products, waiting, todos };
    server.add(OrderQueryServiceServer::new(api)).await;
    let api = AfterSaleQueryApi { pool: pool(), progress: views.of_model::<AfterSales>()? };
    server.add(AfterSaleQueryServiceServer::new(api)).await;
    let api = FundsQueryApi { pool: pool(), progress: views.of_model::<Funds>()? };
    server.add(FundsQueryServiceServer::new(api)).await;
    let (statements, funds) = (views.of_model::<Statements>()?, views.of_model::<Funds>()?);
    let api = StatementQueryApi { pool: pool(), statements, funds };
    server.add(StatementQueryServiceServer::new(api)).await;
    let api = StockQueryApi { pool: pool(), progress: views.of_model::<Stock>()? };
    server.add(StockQueryServiceServer::new(api)).await;
    let api = PaymentQueryApi { pool: pool(), progress: views.of_model::<Payments>()? };
    server.add(PaymentQueryServiceServer::new(api)).await;
    let progress = views.of_model::<Reconciliation>()?;
    let api = ReconciliationQueryApi { pool: pool(), progress };
    server.add(ReconciliationQueryServiceServer::new(api)).await;
    let api = ShipmentQueryApi { pool: pool(), progress: views.of_model::<Shipments>()? };
    server.add(ShipmentQueryServiceServer::new(api)).await;
    let api = PromotionQueryApi { pool: pool(), progress: views.of_model::<Promotions>()? };
    server.add(PromotionQueryServiceServer::new(api)).await;
    let api = RebateQueryApi { pool: pool(), progress: views.of_model::<Rebates>()? };
    server.add(RebateQueryServiceServer::new(api)).await;
    Ok(())
}

/// Where policies, webhooks and payments keep what they know about themselves: they run in other
/// processes, on the same database.
async fn elsewhere(logins: &Logins) -> Result<[Schema; 3], StartError> {
    let open = async |name| {
        let schema = Schema::open(logins, name, (2, 1)).await?;
        install(schema.owner()).await?;
        Ok::<_, StartError>(schema)
    };
    Ok([open(POLICIES).await?, open(WEBHOOKS).await?, open(PAYMENTS).await?])
}

/// The log of a context.
fn log_of(logs: &[(Context, Log)], context: &'static str) -> Result<Log, StartError> {
    let log = logs.iter().find(|(listed, _)| listed.name == context);
    log.map(|(_, log)| log.clone()).ok_or(StartError::NoLog(context))
}

/// Lists of people: what is personal in them is looked up in the log and revealed by the vault.
fn people(
    pool: &TenantPool,
    progress: &Progress,
    logs: &[(Context, Log)],
    vault: &Vault,
) -> Result<UserQueryApi, StartError> {
    let log = log_of(logs, partner::CONTEXT.name)?;
    let (pool, progress, vault) = (pool.clone(), progress.clone(), vault.clone());
    Ok(UserQueryApi { pool, progress, log, vault })
}

/// History and replay of these contexts. The pool has the index of their events, `index` says how
/// far it is; the vault opens what is personal in history; `stop` ends replays in good order.
pub fn history_service(
    logs: Vec<(Context, Log)>,
    pool: TenantPool,
    index: Vec<Progress>,
    vault: Vault,
    stop: CancellationToken,
) -> HistoryServiceServer<impl HistoryService> {
    HistoryServiceServer::new(HistoryApi::new(logs, pool, index, vault, stop))
}

/// Every read model there is. A new one adds a line here, and its service in `mount`.
pub fn read_models() -> Vec<Arc<dyn AnyProjection>> {
    vec![
        Arc::new(Sales),
        Arc::new(Orders),
        Arc::new(OrderMetrics),
        Arc::new(OrderTodos),
        Arc::new(Products),
        Arc::new(Promotions),
        Arc::new(Rebates),
        Arc::new(Funds),
        Arc::new(Statements),
        Arc::new(Stock),
        Arc::new(Waiting),
        Arc::new(Payments),
        Arc::new(Reconciliation),
        Arc::new(Carts),
        Arc::new(Shipments),
        Arc::new(AfterSales),
        Arc::new(Partners),
        Arc::new(Users),
        Arc::new(Files),
        Arc::new(OrderEvents),
        Arc::new(PartnerEvents),
        Arc::new(CollabEvents),
    ]
}

/// A read model by its name.
pub fn read_model(name: &str) -> Option<Arc<dyn AnyProjection>> {
    read_models().into_iter().find(|model| model.name() == name)
}

/// A read model with its runner and the view on it.
struct Running {
    model: Arc<dyn AnyProjection>,
    view: Progress,
    runner: Runner,
}
