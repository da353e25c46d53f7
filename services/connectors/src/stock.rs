//! Stock as the books have it: asked for again and again, and told to the order context where it
//! differs. What has left here and the books do not know yet is taken off what they say; where that
//! changes while they are asked, they are asked again. A product is counted only as long as nothing
//! has happened to its stock since it was compared.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use erp::{Body, Contracts, ErpError};
use kernel::agent;
use kernel::auth::Keys;
use kernel::clock;
use kernel::failure::chain;
use kernel::log::{Log, ReadError};
use kernel::projection::Progress;
use order::connection::{CONNECTION, CodeKind, Connection, Settings};
use proto::order::v1::stock_service_client::StockServiceClient;
use proto::order::v1::{CountStockRequest, CountedStock};
use sqlx::FromRow;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;
use tonic::{Code, Status};
use uuid::Uuid;

use crate::documents::Documents;
use crate::making::{Made, MakeError, Maker};
use crate::worker::{plain, told};

/// Who tells.
const NAME: &str = "connectors";
/// How often the stock of a brand is compared, and how soon again after something was in the way.
const EVERY: TimeDelta = TimeDelta::minutes(5);
const SOON: TimeDelta = TimeDelta::seconds(15);
/// How long whoever compares has a brand for themselves.
const LEASE: TimeDelta = TimeDelta::minutes(10);
/// How often it is looked for brands that are due.
const LOOK: Duration = Duration::from_secs(1);
/// How long it is waited for the rows to be those of the newest facts.
const WAIT: Duration = Duration::from_secs(5);
/// Why stock differs.
const REASON: &str = "ERP 库存 · as the ERP has it";

/// What compares.
#[derive(Clone)]
pub(crate) struct Stocktaker {
    pub(crate) documents: Documents,
    pub(crate) contracts: Contracts,
    pub(crate) log: Log,
    pub(crate) progress: Progress,
    pub(crate) order: Channel,
    pub(crate) keys: Keys,
}

/// What there is here of a product in a warehouse.
#[derive(Clone, Debug, FromRow)]
struct Here {
    product_id: String,
    warehouse_id: String,
    on_hand: i64,
    version: i64,
}

/// Why nothing was compared.
#[derive(Debug, thiserror::Error)]
enum NotCompared {
    #[error("没有配置 ERP 合同 · no contract with an ERP is configured")]
    NoContract,
    #[error("the ERP did not tell its stock")]
    Books(#[from] ErpError),
    #[error("the log does not answer")]
    Log(#[from] ReadError),
    #[error("the database does not answer")]
    Database(#[from] sqlx::Error),
    #[error("a document that is not handed over yet can not be read")]
    Make(#[from] MakeError),
    #[error("the order role did not take it")]
    Order(#[from] Box<Status>),
    #[error("goods moved meanwhile")]
    Moved,
}

impl Stocktaker {
    /// Compares until it is told to stop.
    pub(crate) async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let now = clock::now();
            if let Some(Some(tenant)) = told("no stock is compared", self.take(now).await) {
                let done = self.compare(&tenant).await;
                let (next, problem) = match &done {
                    Ok(()) => (EVERY, String::new()),
                    Err(error) => {
                        tracing::warn!(tenant, error = %chain(error), "stock was not compared");
                        (SOON, plain(&chain(error).to_string()))
                    }
                };
                let noted = self.note(&tenant, (clock::now() + next, problem, done.is_ok())).await;
                told("what came of comparing stock is not on record", noted);
                continue;
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(LOOK) => (),
            }
        }
    }

    async fn take(&self, now: DateTime<Utc>) -> sqlx::Result<Option<String>> {
        let taken = sqlx::query_scalar(
            "UPDATE connector_connections SET stock_next_at = $2
             WHERE tenant_id = (
                 SELECT tenant_id FROM connector_connections
                 WHERE stock AND NOT paused AND stock_next_at <= $1
                 ORDER BY stock_next_at LIMIT 1 FOR UPDATE SKIP LOCKED
             )
             RETURNING tenant_id",
        );
        taken.bind(now).bind(now + LEASE).fetch_optional(&self.documents.0).await
    }

    async fn note(
        &self,
        tenant: &str,
        (next, problem, done): (DateTime<Utc>, String, bool),
    ) -> sqlx::Result<()> {
        sqlx::query(
            "UPDATE connector_connections SET stock_next_at = $2, stock_problem = $3,
                 stock_at = CASE WHEN $4 THEN $5 ELSE stock_at END
             WHERE tenant_id = $1",
        )
        .bind(tenant)
        .bind(next)
        .bind(problem)
        .bind(done)
        .bind(clock::now())
        .execute(&self.documents.0)
        .await
        .map(drop)
    }

    async fn compare(&self, tenant: &str) -> Result<(), NotCompared> {
        let client = self.contracts.client(tenant).ok_or(NotCompared::NoContract)?;
        let (connection, _) = self.log.load::<Connection>(tenant, CONNECTION).await?;
        let Some(settings) = connection.settings.as_ref() else { return Ok(()) };
        self.up_to_date().await?;
        let here = self.here(tenant).await?;
        let (known, moved) = self.moved(tenant, &connection, settings).await?;
        let products = self.products(tenant).await?;
        let codes: Vec<_> =
            products.iter().map(|own| connection.code(CodeKind::Product, own).to_owned()).collect();
        let mut there = BTreeMap::new();
        for warehouse in warehouses(&connection, &here) {
            let code = connection.code(CodeKind::Warehouse, &warehouse);
            let levels = client.stock(code, &codes).await?;
            for (own, level) in products.iter().zip(levels) {
                let moved = moved.get(&(code.to_owned(), level.product.clone()));
                let on_hand = level.on_hand + moved.copied().unwrap_or_default();
                there.insert((warehouse.clone(), own.clone()), on_hand.max(0));
            }
        }
        self.up_to_date().await?;
        if self.moved(tenant, &connection, settings).await?.0 != known {
            return Err(NotCompared::Moved);
        }
        self.tell(tenant, &here, there).await
    }

    /// Returns when the rows are those of all facts that were recorded until now.
    async fn up_to_date(&self) -> Result<(), NotCompared> {
        let head = self.log.head().await?;
        let mut progress = self.progress.clone();
        let reached = tokio::time::timeout(WAIT, progress.reached(head)).await;
        reached.map(drop).map_err(|_| NotCompared::Moved)
    }

    async fn here(&self, tenant: &str) -> sqlx::Result<Vec<Here>> {
        let rows = sqlx::query_as(
            "SELECT product_id, warehouse_id, on_hand, version FROM connector_stock
             WHERE tenant_id = $1",
        );
        rows.bind(tenant).fetch_all(&self.documents.0).await
    }

    async fn products(&self, tenant: &str) -> sqlx::Result<Vec<String>> {
        let rows = sqlx::query_scalar(
            "SELECT product_id FROM connector_products WHERE tenant_id = $1 ORDER BY product_id",
        );
        rows.bind(tenant).fetch_all(&self.documents.0).await
    }

    /// The documents that the books have not, and what has moved by them: by warehouse and product,
    /// as the books call them.
    async fn moved(
        &self,
        tenant: &str,
        connection: &Connection,
        settings: &Settings,
    ) -> Result<(Vec<String>, BTreeMap<(String, String), i64>), NotCompared> {
        let unsent = self.documents.unsent(tenant).await?;
        let mut moved: BTreeMap<(String, String), i64> = BTreeMap::new();
        for due in &unsent {
            let maker = Maker { log: &self.log, connection, settings, order_there: None };
            let Made::Document { document, .. } = maker.make(due).await? else { continue };
            let (warehouse, sign) = match &document.body {
                Body::Delivery { warehouse, .. } => (warehouse, -1),
                Body::Return { warehouse, .. } => (warehouse, 1),
                Body::SalesOrder { .. } | Body::Receipt { .. } => continue,
            };
            for line in document.lines() {
                let key = (warehouse.clone(), line.product.clone());
                *moved.entry(key).or_default() += sign * line.quantity.get();
            }
        }
        Ok((unsent.into_iter().map(|due| due.number).collect(), moved))
    }

    async fn tell(
        &self,
        tenant: &str,
        here: &[Here],
        there: BTreeMap<(String, String), i64>,
    ) -> Result<(), NotCompared> {
        let known: BTreeMap<_, _> = here
            .iter()
            .map(|it| ((it.warehouse_id.as_str(), it.product_id.as_str()), it.on_hand))
            .collect();
        let mut versions: BTreeMap<&str, u64> = BTreeMap::new();
        for it in here {
            let version = versions.entry(&it.product_id).or_default();
            *version = (*version).max(it.version.cast_unsigned());
        }
        for ((warehouse, product), on_hand) in &there {
            let before = known.get(&(warehouse.as_str(), product.as_str())).copied();
            // What neither side knows of stays unknown: a product is not kept by saying that there
            // is nothing of it.
            if before.unwrap_or_default() == *on_hand {
                continue;
            }
            let version = versions.entry(product).or_default();
            *version = self.count(tenant, (warehouse, product), *on_hand, *version).await?;
        }
        Ok(())
    }

    /// Counts a product; gives the number of its facts after that. One that moved meanwhile, or is
    /// sold no more, is left to the next comparison.
    async fn count(
        &self,
        tenant: &str,
        (warehouse, product): (&str, &str),
        on_hand: i64,
        version: u64,
    ) -> Result<u64, NotCompared> {
        let request = CountStockRequest {
            request_id: Uuid::new_v4().to_string(),
            expected_version: Some(version),
            warehouse_id: warehouse.to_owned(),
            items: vec![CountedStock {
                product_id: product.to_owned(),
                on_hand: u32::try_from(on_hand).unwrap_or(u32::MAX),
            }],
            reason: REASON.to_owned(),
        };
        let request = agent::request(&self.keys, NAME, tenant, request).map_err(Box::new)?;
        match StockServiceClient::new(self.order.clone()).count_stock(request).await {
            Ok(counted) => Ok(counted.into_inner().receipt.map_or(version, |it| it.version)),
            Err(status) if passes(&status) => {
                tracing::debug!(tenant, product, warehouse, error = %status, "not counted");
                Ok(version)
            }
            Err(status) => Err(Box::new(status).into()),
        }
    }
}

/// Whether a no is about the product alone.
fn passes(status: &Status) -> bool {
    matches!(status.code(), Code::Aborted | Code::FailedPrecondition | Code::NotFound)
}

/// The warehouses that are compared: those with a code there, and those that goods are in here.
fn warehouses(connection: &Connection, here: &[Here]) -> BTreeSet<String> {
    let mapped = connection.codes.get(&CodeKind::Warehouse).into_iter().flat_map(|it| it.keys());
    let mut all: BTreeSet<_> = mapped.cloned().collect();
    all.extend(here.iter().map(|it| it.warehouse_id.clone()));
    all
}
