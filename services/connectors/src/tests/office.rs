//! A brand with books: a log whose facts are followed, and a worker that hands over when it is told to.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream;
use chrono::TimeDelta;
use erp::{Contract, Contracts, Stage, System};
use erp_simulator::{Fault, Misbehaviour, Simulator};
use kernel::auth::Keys;
use kernel::log::{Append, Log, NewEvent, RequestKey, StreamAppend, StreamVersion};
use kernel::outbound::{Outbound, Reach};
use kernel::projection::{Progress, Runner, install};
use kernel::relay::{Relay, Settings};
use kernel::wall::{Logins, Schema};
use kernel::{Decider, Metadata, clock};
use local::TestServers;
use order::connection::{CONNECTION, Connection};
use order::order::Order;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sqlx::{FromRow, PgPool};
use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::transport::Endpoint;
use uuid::Uuid;

use crate::SCHEMA;
use crate::documents::{Documents, Due};
use crate::follow::FollowOrders;
use crate::making::Maker;
use crate::stock::Stocktaker;
use crate::unknown::Unknown;
use crate::worker::Worker;

/// The brand.
pub(super) const TENANT: &str = "acme";

pub(super) struct Office {
    pub(super) books: Simulator,
    pub(super) worker: Worker,
    pub(super) pool: PgPool,
    log: Log,
    progress: Progress,
    versions: HashMap<(&'static str, String), u64>,
    _stop: DropGuard,
    servers: TestServers,
}

/// A document as it is in the table.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub(super) struct Row {
    pub(super) number: String,
    pub(super) kind: String,
    pub(super) status: String,
    pub(super) code: String,
    pub(super) amount_minor: i64,
    pub(super) cancelled: bool,
    pub(super) changed: bool,
    pub(super) checking: bool,
    pub(super) was_missing: bool,
}

impl Office {
    /// A brand that hands everything over from now on.
    pub(super) async fn start() -> Self {
        let stop = CancellationToken::new();
        let here = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let books = Simulator::start(here, stop.clone()).await.expect("books");
        let servers = TestServers::start().await.expect("servers");
        let url = servers.postgres_url();
        let log = Log::open(&url, "order").await.expect("a log");
        let logins = Logins::of(&url).expect("logins");
        let schema = Schema::open(&logins, SCHEMA, (6, 3)).await.expect("a schema");
        install(schema.owner()).await.expect("checkpoints");
        schema.make(include_str!("../../migrations/tables.sql")).await.expect("tables");
        let nats = async_nats::connect(servers.nats_url()).await.expect("nats");
        let jetstream = jetstream::new(nats);
        let relay = Relay::new(log.clone(), jetstream.clone(), Settings::default());
        tokio::spawn(relay.run(stop.clone()));
        let follow = Arc::new(FollowOrders);
        let runner = Runner::new(follow, &schema, log.clone(), jetstream).await.expect("a runner");
        let progress = runner.progress();
        tokio::spawn(runner.run(stop.clone()));
        let pool = schema.all().clone();
        let documents = Documents(pool.clone());
        let contracts = contracts(&books, Stage::Audited);
        let worker = Worker { documents, contracts, log: log.clone() };
        let (versions, _stop) = (HashMap::new(), stop.drop_guard());
        let mut office = Self { books, worker, pool, log, progress, versions, _stop, servers };
        office.set(true).await;
        office
    }

    /// What is handed over from now on.
    pub(super) async fn set(&mut self, deliveries: bool) -> u64 {
        let settings = json!({
            "type": "ConnectionSet", "orders": "confirmed", "deliveries": deliveries,
            "returns": true, "receipts": true, "stock": true, "unit": "Pcs", "tax_percent": 13,
            "warehouse": "WH-01",
        });
        self.happened::<Connection>(CONNECTION, settings).await
    }

    /// A fact, once it was followed; its position.
    pub(super) async fn happened<D: Decider>(&mut self, object_id: &str, fact: Value) -> u64
    where
        D::Event: DeserializeOwned,
    {
        let event: D::Event = serde_json::from_value(fact).expect("a fact");
        let version = self.versions.entry((D::AGGREGATE, object_id.to_owned())).or_default();
        let stream = StreamVersion {
            aggregate: D::AGGREGATE,
            object_id: object_id.to_owned(),
            version: *version,
            after: None,
        };
        *version += 1;
        let events = vec![NewEvent::of(&event).expect("its form")];
        let id = Uuid::now_v7();
        let metadata = Metadata {
            tenant: TENANT.to_owned(),
            actor_id: "li.lei".to_owned(),
            correlation_id: id,
            causation_id: id,
            request_id: id,
            traceparent: None,
        };
        let append = Append {
            metadata,
            request: RequestKey { id, digest: [0; 32] },
            guards: Vec::new(),
            streams: vec![StreamAppend { stream, events }],
        };
        let position = self.log.append(append).await.expect("it is stored").position;
        self.progress.reached(position).await;
        position
    }

    /// An order of so many of a product for 100 each, confirmed; where that was.
    pub(super) async fn ordered(&mut self, id: &str, product: &str, quantity: i64) -> u64 {
        let gross = quantity * 100;
        let placed = json!({
            "type": "OrderSubmitted", "order_id": id, "dealer_id": "C-001", "dealer_name": "恒通",
            "region_path": [{"region_id": "root", "name": "全国"}], "business_date": "2026-11-27",
            "currency": "CNY",
            "lines": [{
                "line_no": 1, "product_id": product, "product_name": "茶", "category_path": ["茶"],
                "base_unit": "瓶", "quantity": quantity, "unit_price_minor": 100,
                "gross_minor": gross, "price_list_id": "base",
            }],
            "gross_minor": gross, "quantity": quantity, "note": "", "placed_on_behalf": false,
            "status": "SUBMITTED",
        });
        self.happened::<Order>(id, placed).await;
        let confirmed = json!({"type": "OrderConfirmed", "order_id": id, "status": "CONFIRMED"});
        self.happened::<Order>(id, confirmed).await
    }

    /// So many of an order will not come.
    pub(super) async fn closed(&mut self, id: &str, quantity: i64) -> u64 {
        let less = quantity * 100;
        let closed = json!({
            "type": "OrderShortClosed", "order_id": id, "dealer_id": "C-001", "currency": "CNY",
            "lines": [{
                "line_no": 1, "quantity": quantity, "gross_minor": less, "off_minor": 0,
            }],
            "net_minor": less, "reason": "停产", "status": "CONFIRMED",
        });
        self.happened::<Order>(id, closed).await
    }

    /// An order is called off.
    pub(super) async fn cancelled(&mut self, id: &str) {
        let cancelled = json!({
            "type": "OrderCancelled", "order_id": id, "reason": "重复", "status": "CANCELLED",
        });
        self.happened::<Order>(id, cancelled).await;
    }

    /// So many of an order leave.
    pub(super) async fn shipped(&mut self, id: &str, quantity: i64) -> u64 {
        let shipped = json!({
            "type": "OrderShipped", "order_id": id,
            "lines": [{"line_no": 1, "quantity": quantity}], "status": "PARTLY_SHIPPED",
        });
        self.happened::<Order>(id, shipped).await
    }

    /// Hands over what is due by tomorrow, once.
    pub(super) async fn round(&self) {
        for due in self.taken().await {
            self.worker.go(due).await;
        }
    }

    /// What is due by tomorrow, taken.
    pub(super) async fn taken(&self) -> Vec<Due> {
        let tomorrow = clock::now() + TimeDelta::days(1);
        self.worker.documents.begin(tomorrow).await.expect("it begins");
        self.worker.documents.take(tomorrow, 32).await.expect("it is taken")
    }

    /// These faults happen, one a call.
    pub(super) fn faults(&self, faults: impl IntoIterator<Item = Fault>) {
        let next = faults.into_iter().collect();
        self.books.misbehave(Misbehaviour { next, while_ms: 100, ..Default::default() });
    }

    /// The documents of an order.
    pub(super) async fn rows(&self, lane: &str) -> Vec<Row> {
        let rows = sqlx::query_as(
            "SELECT number, kind, status, code, amount_minor, checking, was_missing,
                 coalesce(status = 'sent' AND cancelled_at > mended_at, false) AS cancelled,
                 coalesce(status = 'sent' AND changed_at > greatest(made_at, mended_at), false)
                     AS changed
             FROM connector_documents WHERE tenant_id = $1 AND lane = $2 ORDER BY position",
        );
        rows.bind(TENANT).bind(lane).fetch_all(&self.pool).await.expect("rows")
    }

    /// The one document of an order.
    pub(super) async fn row(&self, lane: &str) -> Row {
        let rows = self.rows(lane).await;
        assert_eq!(rows.len(), 1, "{rows:?}");
        rows.into_iter().next().expect("one")
    }

    /// What the books do not know yet.
    pub(super) async fn moved(&self, stock: &Stocktaker) -> Vec<(String, String, i64)> {
        let client = stock.contracts.client(TENANT).expect("books");
        let (connection, _) =
            self.log.load::<Connection>(TENANT, CONNECTION).await.expect("a connection");
        let settings = connection.settings.as_ref().expect("settings");
        let maker = Maker { log: &self.log, connection: &connection, settings, order_there: None };
        let unknown = Unknown::of(&stock.documents, TENANT, client, &maker).await;
        let moved = unknown.expect("what moved").moved;
        moved.into_iter().map(|((warehouse, product), by)| (warehouse, product, by)).collect()
    }

    /// How many facts the stock of a product has, and in how many warehouses it is.
    pub(super) async fn stock_of(&self, product: &str) -> (i64, i64) {
        let found = sqlx::query_as(
            "SELECT stock_version, (SELECT count(*) FROM connector_stock s
                 WHERE s.tenant_id = p.tenant_id AND s.product_id = p.product_id)
             FROM connector_products p WHERE tenant_id = $1 AND product_id = $2",
        );
        found.bind(TENANT).bind(product).fetch_one(&self.pool).await.expect("a product")
    }

    /// What compares stock, by a contract that brings documents so far.
    pub(super) fn stocktaker(&self, until: Stage) -> Stocktaker {
        let nobody = Endpoint::from_static("http://127.0.0.1:9").timeout(Duration::from_secs(1));
        Stocktaker {
            documents: self.worker.documents.clone(),
            contracts: contracts(&self.books, until),
            log: self.log.clone(),
            progress: self.progress.clone(),
            order: nobody.connect_lazy(),
            keys: Keys::open(&self.servers.dir().join("keys")).expect("keys"),
        }
    }
}

fn contracts(books: &Simulator, until: Stage) -> Contracts {
    let mut contract = books.contract(System::Kingdee);
    match &mut contract {
        Contract::Kingdee(it) => it.until = until,
        Contract::Yonyou(it) => it.until = until,
    }
    let outbound = Outbound::new(Reach::Private, None).expect("roots");
    Contracts::trial(contract, &outbound).expect("a contract")
}
