//! The relay and the projections on a real nats-server.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream;
use kernel::Recorded;
use kernel::log::Log;
use kernel::projection::{Db, Progress, ProjectError, Projection, Runner, Table, install};
use kernel::relay::{Relay, Settings};
use local::TestServers;
use sqlx::PgPool;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use cluster_tests::support::counter::{Counter, CounterEvent, count};

kernel::facts!(
    pub(crate) enum CounterFact {
        Counter(Counter),
    }
);

const COUNTS: Table = Table { name: "counts", key: &["id"] };

struct Counts;

impl Projection for Counts {
    const NAME: &'static str = "counts";
    const CONTEXT: &'static str = "test";
    const TABLES: &'static [&'static Table] = &[&COUNTS];
    const SCHEMA: &'static str =
        "CREATE TABLE counts (id text PRIMARY KEY, count bigint, last_position bigint)";
    type Facts = CounterFact;

    async fn project(
        &self,
        db: &mut Db<'_>,
        recorded: &Recorded,
        CounterFact::Counter(CounterEvent::CounterMoved { by }): CounterFact,
    ) -> Result<(), ProjectError> {
        sqlx::query(
            "INSERT INTO counts VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE
             SET count = counts.count + $2, last_position = $3",
        )
        .bind(&recorded.object_id)
        .bind(by)
        .bind(recorded.position.cast_signed())
        .execute(db.sql().await?)
        .await?;
        Ok(())
    }
}

struct Machine {
    _servers: TestServers,
    log: Log,
    read: PgPool,
    jetstream: jetstream::Context,
    progress: Progress,
    relay_stop: CancellationToken,
    relay: JoinHandle<()>,
}

impl Machine {
    async fn start() -> Self {
        let servers = TestServers::start().await.unwrap();
        let url = servers.postgres_url();
        let log = Log::open(&url, "test").await.unwrap();
        let read = kernel::log::connect(&url, "read", 4).await.unwrap();
        install(&read).await.unwrap();
        let nats = async_nats::connect(servers.nats_url()).await.unwrap();
        let jetstream = jetstream::new(nats);
        let runner = Runner::new(Arc::new(Counts), read.clone(), log.clone(), jetstream.clone());
        let runner = runner.await.unwrap();
        let progress = runner.progress();
        tokio::spawn(runner.run(CancellationToken::new()));
        let relay_stop = CancellationToken::new();
        let relay = tokio::spawn(
            Relay::new(log.clone(), jetstream.clone(), Settings::default()).run(relay_stop.clone()),
        );
        Self { _servers: servers, log, read, jetstream, progress, relay_stop, relay }
    }

    fn start_relay(&mut self) {
        self.relay_stop = CancellationToken::new();
        let (log, jetstream) = (self.log.clone(), self.jetstream.clone());
        self.relay = tokio::spawn(
            Relay::new(log, jetstream, Settings::default()).run(self.relay_stop.clone()),
        );
    }

    async fn reached(&mut self, position: u64) {
        let wait = self.progress.reached(position);
        let reached = tokio::time::timeout(Duration::from_secs(60), wait).await;
        reached.unwrap_or_else(|_| panic!("the projection never reached {position}"));
    }

    /// The last sequence of the stream, waited for.
    async fn sequence(&self, expected: u64) {
        for _ in 0..600 {
            if let Ok(stream) = self.jetstream.get_stream("TEST").await {
                let state = &stream.cached_info().state;
                if state.last_sequence == expected {
                    assert_eq!(state.messages, expected);
                    return;
                }
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the stream never got to {expected}");
    }

    async fn rows(&self) -> Vec<(String, i64, i64)> {
        sqlx::query_as("SELECT * FROM counts ORDER BY id").fetch_all(&self.read).await.unwrap()
    }
}

#[tokio::test]
async fn what_is_logged_is_streamed_and_projected_once() {
    let mut machine = Machine::start().await;
    for n in 1..=300_u64 {
        let receipt = count(&machine.log, &format!("c{}", n % 7), 1).await;
        assert_eq!(receipt.position, n);
    }
    machine.reached(300).await;
    machine.sequence(300).await;
    let total: i64 = machine.rows().await.iter().map(|(_, count, _)| count).sum();
    assert_eq!(total, 300);
}

#[tokio::test]
async fn a_relay_that_stops_midway_is_taken_over_without_gap_or_double() {
    let mut machine = Machine::start().await;
    count(&machine.log, "c", 1).await;
    machine.reached(1).await;
    machine.relay.abort();
    for _ in 0..50 {
        count(&machine.log, "c", 1).await;
    }
    machine.start_relay();
    // A second relay on the same log waits for leadership and changes nothing.
    let standby = CancellationToken::new();
    tokio::spawn(
        Relay::new(machine.log.clone(), machine.jetstream.clone(), Settings::default())
            .run(standby),
    );
    machine.reached(51).await;
    machine.sequence(51).await;
    assert_eq!(machine.rows().await, [("c".to_owned(), 51, 51)]);
}
