//! The log: gap-free positions, atomic appends, versions, repeats, the chain.

use std::collections::BTreeSet;

use cqrs_es::persist::PersistedEventRepository as _;
use futures::future::join_all;
use kernel::Metadata;
use kernel::command::{Addressed, Commands, Rejected, Transaction, Work};
use kernel::decider::Stateful;
use kernel::log::{Append, AppendError, Log, NewEvent, StreamAppend, StreamVersion};
use local::TestServers;
use postgres_es::PostgresEventRepository;
use sqlx::Row as _;

use cluster_tests::support::counter::{Counter, CounterEvent, CounterRefusal, context, count};

struct Store {
    _servers: TestServers,
    log: Log,
    url: String,
}

async fn store() -> Store {
    let servers = TestServers::start().await.unwrap();
    let url = servers.postgres_url();
    let log = Log::open(&url, "test").await.unwrap();
    Store { _servers: servers, log, url }
}

#[tokio::test]
async fn positions_have_no_gap_under_concurrent_writers() {
    let store = store().await;
    let second = Log::open(&store.url, "test").await.unwrap();
    let writes = (0..400).map(|n| {
        let log = if n % 2 == 0 { &store.log } else { &second };
        async move { count(log, &format!("counter-{}", n % 40), 1).await.position }
    });
    let positions: BTreeSet<u64> = join_all(writes).await.into_iter().collect();
    assert_eq!(positions, (1..=400).collect());
    assert_eq!(store.log.count().await.unwrap(), 400);
    let events = store.log.read_after(0, 1_000).await.unwrap();
    let times: Vec<_> = events.iter().map(|event| event.recorded_at).collect();
    assert!(times.is_sorted(), "events are recorded in the order of their positions");
}

#[tokio::test]
async fn an_unmodified_postgres_es_repository_reads_a_stream_back() {
    let store = store().await;
    for by in [1, 2, 3] {
        count(&store.log, "c", by).await;
    }
    let repository = PostgresEventRepository::new(store.log.pool().clone());
    let events = repository.get_events::<Stateful<Counter>>("acme/c").await.unwrap();
    let read: Vec<_> = events
        .iter()
        .map(|event| (event.sequence, event.event_type.as_str(), event.payload["by"].as_i64()))
        .collect();
    assert_eq!(
        read,
        [(1, "CounterMoved", Some(1)), (2, "CounterMoved", Some(2)), (3, "CounterMoved", Some(3))]
    );
    assert_eq!(events[0].metadata["actor_id"], "li.lei");
    let last = repository.get_last_events::<Stateful<Counter>>("acme/c", 2).await.unwrap();
    assert_eq!(last.len(), 1);
}

/// Takes from one counter and gives to another.
struct Transfer(i64);

impl Transaction for Transfer {
    type Refusal = CounterRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<CounterRefusal>> {
        work.decide::<Counter>("from", -self.0).await?;
        work.decide::<Counter>("to", self.0).await
    }
}

#[tokio::test]
async fn several_streams_change_together_or_not_at_all() {
    let store = store().await;
    count(&store.log, "from", 100).await;
    let commands = Commands::new(store.log.clone());
    let attempts = (0..40).map(|_| {
        let commands = commands.clone();
        async move {
            // Forty at once on two objects: some lose the race more often than the kernel tries.
            loop {
                match commands.execute(&Transfer(5), &context()).await {
                    Err(Rejected::Append(AppendError::Conflict { .. })) => (),
                    done => break done.is_ok(),
                }
            }
        }
    });
    let done = join_all(attempts).await.into_iter().filter(|done| *done).count();
    assert_eq!(done, 20, "twenty transfers of 5 fit into 100");
    let (from, _) = store.log.load::<Counter>("acme", "from").await.unwrap();
    let (to, _) = store.log.load::<Counter>("acme", "to").await.unwrap();
    assert_eq!((from.count, to.count), (0, 100));
}

#[tokio::test]
async fn a_repeated_request_is_answered_and_not_carried_out_again() {
    let store = store().await;
    let commands = Commands::new(store.log.clone());
    let command = Addressed::<Counter> { object_id: "c".to_owned(), command: 1 };
    let context = context();
    let at_once = join_all((0..8).map(|_| commands.execute(&command, &context))).await;
    let first = at_once[0].as_ref().unwrap().clone();
    for answer in at_once {
        assert_eq!(answer.unwrap(), first);
    }
    assert_eq!(commands.execute(&command, &context).await.unwrap(), first);
    assert_eq!(store.log.count().await.unwrap(), 1);

    let mut other = context;
    other.request.digest = [8; 32];
    let refused = commands.execute(&command, &other).await.unwrap_err();
    assert!(matches!(refused, Rejected::Append(AppendError::RequestReused)), "{refused}");
}

#[tokio::test]
async fn a_repeat_has_the_first_answer_whatever_that_was_about() {
    let store = store().await;
    count(&store.log, "from", 100).await;
    let commands = Commands::new(store.log.clone());
    let moved = context();
    let first = commands.execute(&Transfer(5), &moved).await.unwrap();
    assert_eq!((first.object_id.as_str(), first.version, first.position), ("from", 2, 3));
    let none = || {
        let stream = StreamVersion {
            aggregate: "counter",
            object_id: "from".to_owned(),
            version: 2,
            after: None,
        };
        vec![StreamAppend { stream, events: Vec::new() }]
    };
    let unchanged = context();
    let append = Append {
        metadata: unchanged.metadata,
        request: unchanged.request,
        guards: Vec::new(),
        streams: none(),
    };
    let nothing = store.log.append(append.clone()).await.unwrap();
    assert_eq!((nothing.object_id.as_str(), nothing.version, nothing.position), ("from", 2, 3));

    count(&store.log, "from", 1).await;
    count(&store.log, "to", 1).await;
    let other = Log::open(&store.url, "test").await.unwrap();
    for log in [&store.log, &other] {
        let commands = Commands::new(log.clone());
        assert_eq!(commands.execute(&Transfer(5), &moved).await.unwrap(), first);
        // Also when today's answer would be another one.
        assert_eq!(commands.execute(&Transfer(500), &moved).await.unwrap(), first);
        assert_eq!(log.append(append.clone()).await.unwrap(), nothing);
    }
}

#[tokio::test]
async fn a_command_on_an_old_version_is_refused() {
    let store = store().await;
    count(&store.log, "c", 1).await;
    count(&store.log, "c", 1).await;
    let commands = Commands::new(store.log.clone());
    let mut context = context();
    context.expected_version = Some(1);
    let command = Addressed::<Counter> { object_id: "c".to_owned(), command: 1 };
    let refused = commands.execute(&command, &context).await.unwrap_err();
    assert!(matches!(refused, Rejected::Stale { expected: 1, actual: 2 }), "{refused}");
}

#[tokio::test]
async fn the_chain_can_be_recomputed_from_the_stored_bytes() {
    let store = store().await;
    let second = Log::open(&store.url, "test").await.unwrap();
    // Two processes in turns, repeats and conflicts among them: batches go in every way there is.
    for turn in 0..6 {
        let repeated = context();
        let asked = (0..20).map(|n| {
            let log = if turn % 3 == 2 && n % 2 == 0 { &second } else { &store.log };
            let command = Addressed::<Counter> { object_id: format!("c{}", n % 3), command: 1 };
            let context = if n % 5 == 0 { repeated.clone() } else { context() };
            async move { Commands::new(log.clone()).execute(&command, &context).await }
        });
        assert!(join_all(asked).await.iter().any(Result::is_ok));
    }
    let broken = "SELECT position FROM (
        SELECT position, hash, sha256(
            lag(hash, 1, sha256('')) OVER (ORDER BY position) || convert_to(concat_ws(E'\\n',
                position, event_id, tenant_id, aggregate_type, aggregate_id, sequence,
                event_type, event_version, (extract(epoch FROM recorded_at) * 1000000)::bigint,
                octet_length(metadata::text), metadata::text, payload::text), 'UTF8')) AS expected
        FROM events) AS chain WHERE hash <> expected ORDER BY position";
    let pool = store.log.pool();
    assert!(sqlx::query(broken).fetch_all(pool).await.unwrap().is_empty());

    sqlx::query(
        "UPDATE events SET payload = '{\"type\":\"CounterMoved\",\"by\":2}' WHERE position = 7",
    )
    .execute(pool)
    .await
    .unwrap();
    let found = sqlx::query(broken).fetch_all(pool).await.unwrap();
    assert_eq!(found[0].get::<i64, _>("position"), 7, "the changed event is the first to differ");
}

#[tokio::test]
async fn an_append_that_the_database_refuses_fails_alone() {
    let store = store().await;
    let append = |tenant: &str, object_id: String| {
        let context = context();
        let stream = StreamVersion { aggregate: "counter", object_id, version: 0, after: None };
        let events = vec![NewEvent::of(&CounterEvent::CounterMoved { by: 1 }).unwrap()];
        store.log.append(Append {
            metadata: Metadata { tenant: tenant.to_owned(), ..context.metadata },
            request: context.request,
            guards: Vec::new(),
            streams: vec![StreamAppend { stream, events }],
        })
    };
    // PostgreSQL takes no text with a zero byte.
    let appends = (0..20).map(|n| append(if n == 7 { "a\0b" } else { "acme" }, format!("c{n}")));
    let answers = join_all(appends).await;
    let failed: Vec<_> = (0..20).filter(|n| answers[*n].is_err()).collect();
    assert_eq!(failed, [7]);
    assert_eq!(store.log.head().await.unwrap(), 19);
    assert_eq!(store.log.count().await.unwrap(), 19);
}
