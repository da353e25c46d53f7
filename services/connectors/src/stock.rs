//! Stock as the books have it: asked for again and again, and told to the order context where it
//! differs. What has left here and the books do not know yet is taken off what they say, and what came
//! back is added; where that changes while they are asked, they are asked again. A product is counted
//! only as long as nothing has happened to its stock since it was compared.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use erp::{Contracts, ErpError, Stage};
use kernel::agent;
use kernel::auth::Keys;
use kernel::clock;
use kernel::failure::chain;
use kernel::log::{Log, ReadError};
use kernel::projection::Progress;
use order::connection::{CONNECTION, CodeKind, Connection};
use proto::order::v1::stock_service_client::StockServiceClient;
use proto::order::v1::{CountStockRequest, CountedStock};
use sqlx::FromRow;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;
use tonic::{Code, Status};
use uuid::Uuid;

use crate::documents::Documents;
use crate::making::{MakeError, Maker};
use crate::unknown::Unknown;
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
}

/// A product, and the number of the facts of its stock; none: it was never kept.
#[derive(Clone, Debug, FromRow)]
struct Own {
    product_id: String,
    stock_version: i64,
}

/// What was compared.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    /// Products that moved while they were compared.
    pub(crate) stale: Vec<String>,
    /// What a person should know of; empty: nothing.
    pub(crate) problem: String,
}

/// What came of counting a product.
enum Counted {
    /// It has so many facts now.
    Is(u64),
    /// Something has happened to it meanwhile.
    Stale,
    /// It can not be counted: it is sold no more.
    Not,
}

/// Why nothing was compared.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotCompared {
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
    #[error(
        "ERP 只统计已审核的单据，而合同（until）不审核单据，库存无法比较；请在合同文件中设为 audited · \
         stock counts only what is audited, and the contract (until) does not bring documents so far; \
         set it to audited in the contracts' file"
    )]
    NotAudited,
}

impl NotCompared {
    /// How soon it is tried again: what a person has to mend is not mended in a moment.
    fn pause(&self) -> TimeDelta {
        match self {
            Self::NotAudited => EVERY,
            Self::NoContract
            | Self::Books(_)
            | Self::Log(_)
            | Self::Database(_)
            | Self::Make(_)
            | Self::Order(_)
            | Self::Moved => SOON,
        }
    }
}

impl Stocktaker {
    /// Compares until it is told to stop.
    pub(crate) async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let now = clock::now();
            if let Some(Some(tenant)) = told("no stock is compared", self.take(now).await) {
                let done = self.compare(&tenant).await;
                let (next, problem) = match &done {
                    Ok(compared) => (EVERY, plain(&compared.problem)),
                    Err(error) => {
                        tracing::warn!(tenant, error = %chain(error), "stock was not compared");
                        (error.pause(), plain(&chain(error).to_string()))
                    }
                };
                let stale = done.ok().map(|it| it.stale);
                let noted = self.note(&tenant, (clock::now() + next, problem), stale).await;
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
        (next, problem): (DateTime<Utc>, String),
        stale: Option<Vec<String>>,
    ) -> sqlx::Result<()> {
        sqlx::query(
            "UPDATE connector_connections SET stock_next_at = $2, stock_problem = $3,
                 stock_at = CASE WHEN $4::text[] IS NULL THEN stock_at ELSE $5 END,
                 stock_stale = coalesce($4, stock_stale)
             WHERE tenant_id = $1",
        )
        .bind(tenant)
        .bind(next)
        .bind(problem)
        .bind(stale)
        .bind(clock::now())
        .execute(&self.documents.0)
        .await
        .map(drop)
    }

    pub(crate) async fn compare(&self, tenant: &str) -> Result<Compared, NotCompared> {
        let client = self.contracts.client(tenant).ok_or(NotCompared::NoContract)?;
        // What the books were only told does not count in their stock.
        if client.until() != Stage::Audited {
            return Err(NotCompared::NotAudited);
        }
        let (connection, _) = self.log.load::<Connection>(tenant, CONNECTION).await?;
        let Some(settings) = connection.settings.as_ref() else { return Ok(Compared::default()) };
        let maker = Maker { log: &self.log, connection: &connection, settings, order_there: None };
        self.up_to_date().await?;
        let here = self.here(tenant).await?;
        let unknown = Unknown::of(&self.documents, tenant, client, &maker).await?;
        let products = self.products(tenant).await?;
        let own = products.iter().map(|it| it.product_id.clone());
        let (products_there, mut shared) = told_apart(&connection, CodeKind::Product, own);
        let own = warehouses(&connection, &here);
        let (warehouses_there, more) = told_apart(&connection, CodeKind::Warehouse, own);
        shared.extend(more);
        let codes: Vec<_> = products_there.values().cloned().collect();
        let mut there = BTreeMap::new();
        for (warehouse, code) in warehouses_there {
            let levels = client.stock(&code, &codes).await?;
            for (own, level) in products_there.keys().zip(levels) {
                let moved = unknown.moved.get(&(code.clone(), level.product.clone()));
                let on_hand = level.on_hand + moved.copied().unwrap_or_default();
                there.insert((warehouse.clone(), own.clone()), on_hand.max(0));
            }
        }
        self.up_to_date().await?;
        if Unknown::of(&self.documents, tenant, client, &maker).await?.facts != unknown.facts {
            return Err(NotCompared::Moved);
        }
        let stale = self.tell(tenant, (&here, &products), there).await?;
        let before = self.stale(tenant).await?;
        let again: Vec<_> = stale.iter().filter(|it| before.contains(it)).cloned().collect();
        Ok(Compared { stale, problem: problem(&shared, &again) })
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
            "SELECT product_id, warehouse_id, on_hand FROM connector_stock
             WHERE tenant_id = $1",
        );
        rows.bind(tenant).fetch_all(&self.documents.0).await
    }

    async fn products(&self, tenant: &str) -> sqlx::Result<Vec<Own>> {
        let rows = sqlx::query_as(
            "SELECT product_id, stock_version FROM connector_products
             WHERE tenant_id = $1 ORDER BY product_id",
        );
        rows.bind(tenant).fetch_all(&self.documents.0).await
    }

    /// The products that moved while they were compared at last.
    async fn stale(&self, tenant: &str) -> sqlx::Result<Vec<String>> {
        let stale = sqlx::query_scalar(
            "SELECT stock_stale FROM connector_connections WHERE tenant_id = $1",
        );
        stale.bind(tenant).fetch_one(&self.documents.0).await
    }

    /// Counts what differs; gives the products that moved meanwhile.
    async fn tell(
        &self,
        tenant: &str,
        (here, products): (&[Here], &[Own]),
        there: BTreeMap<(String, String), i64>,
    ) -> Result<Vec<String>, NotCompared> {
        let known: BTreeMap<_, _> = here
            .iter()
            .map(|it| ((it.warehouse_id.as_str(), it.product_id.as_str()), it.on_hand))
            .collect();
        let kept: BTreeSet<_> = here.iter().map(|it| it.product_id.as_str()).collect();
        let mut versions: BTreeMap<&str, u64> = products
            .iter()
            // A person has ended what was kept of it.
            .filter(|it| it.stock_version == 0 || kept.contains(it.product_id.as_str()))
            .map(|it| (it.product_id.as_str(), it.stock_version.cast_unsigned()))
            .collect();
        let mut stale = BTreeSet::new();
        for ((warehouse, product), on_hand) in &there {
            let before = known.get(&(warehouse.as_str(), product.as_str())).copied();
            // What neither side knows of stays unknown: a product is not kept by saying that there
            // is nothing of it.
            if before.unwrap_or_default() == *on_hand || stale.contains(product) {
                continue;
            }
            let Some(version) = versions.get_mut(product.as_str()) else { continue };
            match self.count(tenant, (warehouse, product), *on_hand, *version).await? {
                Counted::Is(now) => *version = now,
                Counted::Stale => {
                    stale.insert(product.clone());
                }
                Counted::Not => (),
            }
        }
        Ok(stale.into_iter().collect())
    }

    /// Counts a product. One that moved meanwhile, or is sold no more, is left to the next comparison.
    async fn count(
        &self,
        tenant: &str,
        (warehouse, product): (&str, &str),
        on_hand: i64,
        version: u64,
    ) -> Result<Counted, NotCompared> {
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
            Ok(counted) => {
                let receipt = counted.into_inner().receipt;
                Ok(Counted::Is(receipt.map_or(version, |it| it.version)))
            }
            Err(status) => {
                tracing::debug!(tenant, product, warehouse, error = %status, "not counted");
                let code = status.code();
                if code == Code::Aborted {
                    Ok(Counted::Stale)
                } else if matches!(code, Code::FailedPrecondition | Code::NotFound) {
                    Ok(Counted::Not)
                } else {
                    Err(Box::new(status).into())
                }
            }
        }
    }
}

/// The warehouses that are compared: those with a code there, and those that goods are in here.
fn warehouses(connection: &Connection, here: &[Here]) -> BTreeSet<String> {
    let mapped = connection.codes.get(&CodeKind::Warehouse).into_iter().flat_map(|it| it.keys());
    let mut all: BTreeSet<_> = mapped.cloned().collect();
    all.extend(here.iter().map(|it| it.warehouse_id.clone()));
    all
}

/// What the books call things, and the codes that several of ours have: what the books have of such a
/// code is there once, and nobody knows of which.
fn told_apart(
    connection: &Connection,
    kind: CodeKind,
    own: impl IntoIterator<Item = String>,
) -> (BTreeMap<String, String>, BTreeSet<String>) {
    let mut holders: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for own in own {
        holders.entry(connection.code(kind, &own).to_owned()).or_default().push(own);
    }
    let (mut there, mut shared) = (BTreeMap::new(), BTreeSet::new());
    for (code, mut own) in holders {
        match own.pop() {
            Some(only) if own.is_empty() => {
                there.insert(only, code);
            }
            _ => {
                shared.insert(code);
            }
        }
    }
    (there, shared)
}

/// What a person should know of what was compared.
fn problem(shared: &BTreeSet<String>, stale: &[String]) -> String {
    let mut told = Vec::new();
    if !shared.is_empty() {
        let codes = Vec::from_iter(shared.iter().map(String::as_str)).join(", ");
        told.push(format!(
            "多个商品或仓库使用同一 ERP 编码，未比较：{codes}；请各用一个编码 · several products or \
             warehouses have one code there, and are not compared: {codes}; give each its own"
        ));
    }
    if !stale.is_empty() {
        let products = stale.join(", ");
        told.push(format!(
            "库存连续两次比较时有变动，未更新：{products}；稍后会再比较 · stock moved while it was \
             compared, twice in a row: {products}; it is compared again soon"
        ));
    }
    told.join("；")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_several_of_ours_are_called_there_is_not_compared() {
        let mut connection = Connection::default();
        connection.codes.insert(
            CodeKind::Product,
            BTreeMap::from([
                ("tea-250".to_owned(), "P-001".to_owned()),
                ("tea-500".to_owned(), "P-001".to_owned()),
                ("coffee".to_owned(), "juice".to_owned()),
                ("water".to_owned(), "P-002".to_owned()),
            ]),
        );
        let own = ["tea-250", "tea-500", "coffee", "juice", "water", "cola"].map(str::to_owned);
        let (there, shared) = told_apart(&connection, CodeKind::Product, own);
        let there: Vec<_> = there.iter().map(|(own, code)| (own.as_str(), code.as_str())).collect();
        assert_eq!(there, [("cola", "cola"), ("water", "P-002")]);
        assert_eq!(shared, BTreeSet::from(["P-001".to_owned(), "juice".to_owned()]));
        assert_eq!(problem(&BTreeSet::new(), &[]), "");
        let told = problem(&shared, &["tea".to_owned()]);
        assert!(told.contains("P-001, juice") && told.contains("tea;"), "{told}");
    }
}
