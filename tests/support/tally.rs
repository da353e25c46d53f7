//! A read model of counters that can be told to fail, and the servers that it needs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_nats::jetstream;
use kernel::log::{Append, AppendError, Log, NewEvent, Receipt, StreamAppend, StreamVersion};
use kernel::projection::fold::{Feed, fold};
use kernel::projection::{
    Db, Overview, Progress, ProjectError, Projection, Runner, Summary, Table, install, overview,
    summary,
};
use kernel::relay::{Relay, Settings};
use kernel::{DomainEvent, Recorded, Text};
use local::TestServers;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::PgPool;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::counter::{Counter, CounterEvent, context, count};

kernel::facts!(
    pub enum TallyFact {
        Counter(Counter),
    }
);

const TALLIES: Table = Table { name: "tallies", key: &["id"] };
const MOVES: Table = Table { name: "moves", key: &["position"] };

/// What the projection does to a fact that moves a counter by this much.
pub const POISON: i64 = 666;

/// Ways to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harm {
    None,
    /// A row that the table refuses.
    Refused,
    Panic,
    /// As refused, or as a panic where it is one more than [`POISON`].
    Both,
    /// The process ends.
    Abort,
    /// As if a server were away, this many times.
    Away(u32),
}

/// Counts and moves of counters. `V` is its version.
pub struct Tally<const V: u32> {
    harm: Harm,
    away: AtomicU32,
}

impl<const V: u32> Tally<V> {
    pub fn new(harm: Harm) -> Arc<Self> {
        let away = if let Harm::Away(times) = harm { times } else { 0 };
        Arc::new(Self { harm, away: AtomicU32::new(away) })
    }
}

impl<const V: u32> Projection for Tally<V> {
    const NAME: &'static str = "tally-of-all";
    const VERSION: u32 = V;
    const CONTEXT: &'static str = "test";
    const TABLES: &'static [&'static Table] = &[&TALLIES, &MOVES];
    const SCHEMA: &'static str =
        "CREATE TABLE tallies (id text PRIMARY KEY, count bigint NOT NULL, \
             facts bigint NOT NULL DEFAULT 1, last_position bigint NOT NULL);
         CREATE TABLE moves (position bigint PRIMARY KEY, id text NOT NULL, \
             moved_by bigint NOT NULL, at timestamptz NOT NULL);
         CREATE INDEX moves_of ON moves (id, position)";
    type Facts = TallyFact;

    async fn project(
        &self,
        db: &mut Db<'_>,
        recorded: &Recorded,
        TallyFact::Counter(CounterEvent::CounterMoved { by }): TallyFact,
    ) -> Result<(), ProjectError> {
        let (id, position) = (&recorded.object_id, recorded.position);
        if recorded.version == 1 {
            db.insert(&TALLIES, json!({ "id": id, "count": 0, "facts": 0, "last_position": 0 }))?;
        }
        db.add(&TALLIES, json!({ "id": id, "count": by, "facts": 1 }))?;
        db.update(&TALLIES, json!({ "id": id, "last_position": position }))?;
        let at = recorded.recorded_at;
        let row = json!({ "position": position, "id": id, "moved_by": by, "at": at });
        match self.harm_of(by) {
            Harm::Refused => db.insert(&MOVES, json!({ "position": position }))?,
            Harm::Panic => panic!("poisoned"),
            Harm::Abort => std::process::abort(),
            Harm::Away(_) if self.is_away() => {
                return Err(tonic::Status::unavailable("away").into());
            }
            Harm::None | Harm::Both | Harm::Away(_) => db.insert(&MOVES, row)?,
        }
        Ok(())
    }
}

impl<const V: u32> Tally<V> {
    fn harm_of(&self, by: i64) -> Harm {
        match (self.harm, by - POISON) {
            (Harm::Both, 0) => Harm::Refused,
            (Harm::Both, 1) => Harm::Panic,
            (harm, 0) => harm,
            _ => Harm::None,
        }
    }

    fn is_away(&self) -> bool {
        let less = |left: u32| left.checked_sub(1);
        self.away.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok()
    }
}

/// A fact of a counter that no program knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum Unheard {
    /// Something that a later version would know.
    CounterPainted { colour: String },
}

impl DomainEvent for Unheard {
    fn sentence(&self) -> Text {
        Text::new("上色", "painted")
    }
}

/// A fact that no program knows.
pub fn painted() -> Unheard {
    Unheard::CounterPainted { colour: "红".to_owned() }
}

/// Appends a fact without asking its object, after the given number of facts of it.
pub async fn append<E: DomainEvent>(log: &Log, object_id: &str, version: u64, event: &E) -> u64 {
    let event = NewEvent::of(event).unwrap();
    append_stored(log, "counter", object_id, version, event).await.unwrap().position
}

/// The same with whatever stands in the event.
pub async fn append_stored(
    log: &Log,
    aggregate: &'static str,
    object_id: &str,
    version: u64,
    event: NewEvent,
) -> Result<Receipt, AppendError> {
    let context = context();
    let stream = StreamVersion { aggregate, object_id: object_id.to_owned(), version, after: None };
    let append = Append {
        metadata: context.metadata,
        request: context.request,
        guards: Vec::new(),
        streams: vec![StreamAppend { stream, events: vec![event] }],
    };
    log.append(append).await
}

/// Servers, a log, and a schema for read models.
pub struct Works {
    pub servers: TestServers,
    pub log: Log,
    pub read: PgPool,
    pub jetstream: jetstream::Context,
}

/// A runner under way.
pub struct Feeding {
    pub progress: Progress,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Feeding {
    pub fn of(runner: Runner, stop: CancellationToken) -> Self {
        let (progress, task) = (runner.progress(), tokio::spawn(runner.run(stop.clone())));
        Self { progress, stop, task }
    }

    pub async fn reached(&mut self, position: u64) {
        let wait = self.progress.reached(position);
        let reached = tokio::time::timeout(Duration::from_secs(60), wait).await;
        reached.unwrap_or_else(|_| panic!("the projection never reached {position}"));
    }

    /// Stops in good order.
    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }

    /// Stops as a crash would, as far as the projection can tell.
    pub async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

impl Works {
    pub async fn start() -> Self {
        let servers = TestServers::start().await.unwrap();
        let (postgres, nats) = (servers.postgres_url(), servers.nats_url());
        Self::at(servers, &postgres, &nats).await
    }

    async fn at(servers: TestServers, postgres: &str, nats: &str) -> Self {
        let log = Log::open(postgres, "test").await.unwrap();
        let read = kernel::log::connect(postgres, "read", 12).await.unwrap();
        install(&read).await.unwrap();
        let jetstream = jetstream::new(async_nats::connect(nats).await.unwrap());
        Self { servers, log, read, jetstream }
    }

    pub fn relay(&self) {
        let stop = CancellationToken::new();
        tokio::spawn(
            Relay::new(self.log.clone(), self.jetstream.clone(), Settings::default()).run(stop),
        );
    }

    pub async fn feed<const V: u32>(&self, tally: Arc<Tally<V>>) -> Feeding {
        let (read, log) = (self.read.clone(), self.log.clone());
        let runner = Runner::new(tally, read, log, self.jetstream.clone()).await.unwrap();
        Feeding::of(runner, CancellationToken::new())
    }

    /// Moves each of some counters in turn; gives the last position.
    pub async fn count(&self, counters: u64, moves: u64) -> u64 {
        let mut last = 0;
        for n in 0..moves {
            last = count(&self.log, &format!("c{}", n % counters), 1).await.position;
        }
        last
    }

    /// Many facts in a few statements, straight into the log's table, as an import would.
    pub async fn import(&self, counters: u64, moves: u64) -> u64 {
        let mut last = 0;
        for counter in 0..counters {
            let context = context();
            let events = (0..moves / counters)
                .map(|_| NewEvent::of(&CounterEvent::CounterMoved { by: 1 }).unwrap());
            let stream = StreamVersion {
                aggregate: "counter",
                object_id: format!("i{counter}"),
                version: 0,
                after: None,
            };
            let append = Append {
                metadata: context.metadata,
                request: context.request,
                guards: Vec::new(),
                streams: vec![StreamAppend { stream, events: events.collect() }],
            };
            last = self.log.append(append).await.unwrap().position;
        }
        last
    }

    /// Sums of the tables in a schema.
    pub async fn sums(&self, schema: &str) -> Vec<Summary> {
        let mut db = self.read.acquire().await.unwrap();
        let mut sums = Vec::new();
        for table in ["tallies", "moves"] {
            sums.push(summary(&mut db, schema, table).await.unwrap());
        }
        sums
    }

    /// Sums of the tables as a healthy program folds the log, in a schema of their own.
    pub async fn expected(&self, schema: &str, feed: Feed) -> Vec<Summary> {
        let url = self.servers.postgres_url();
        let pool = kernel::log::connect(&url, schema, 4).await.unwrap();
        let head = self.log.head().await.unwrap();
        let folded = fold(Tally::<1>::new(Harm::None), &pool, &self.log, feed, head).await.unwrap();
        assert_eq!(folded.events, head);
        self.sums(schema).await
    }

    pub async fn overview(&self) -> Overview {
        let all = overview(&self.read).await.unwrap();
        all.into_iter().find(|one| one.name == "tally-of-all").unwrap()
    }

    /// Waits until what the tables say is as it should be.
    pub async fn until(&self, what: &str, so: impl Fn(&Overview) -> bool) -> Overview {
        for _ in 0..600 {
            let now = self.overview().await;
            if so(&now) {
                return now;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("never {what}: {:?}", self.overview().await);
    }
}
