//! Faults of writers: races for the head of the log, and whoever holds its lock.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures::future::join_all;
use kernel::log::{Append, AppendError, Log, NewEvent, StreamAppend, StreamVersion};
use local::TestServers;
use rand::Rng as _;
use rand::rngs::StdRng;
use sqlx::PgPool;
use uuid::Uuid;

use super::row::{Outcome, Row, Run, Tier, choices_of};
use crate::chaos_run;
use crate::support::counter::{CounterEvent, context, count};
use crate::support::sets::Verdict;

/// Writers of several processes, and a reader that follows the positions.
pub(super) static F4: Row = Row {
    id: "F4",
    fault: "8 to 32 writers in 4 processes race for the head of the log with 1 to 5 events each, on \
            objects of their own and shared ones; its lock is held now and then; one append in \
            twenty is made to fail",
    passes: "a reader that asks for `position > last` misses none and sees each object's events in \
             their order; nothing of a failed append is stored",
    control: "the row does the same with a `bigserial` table, where that reader must miss some",
    tier: Tier::Commit,
    run: chaos_run!(race),
};

/// What all parts of a race know.
struct Race {
    logs: Vec<Log>,
    done: AtomicBool,
    /// Appends that had to fail, and did.
    failed: AtomicU64,
}

async fn race(run: Run) -> Outcome {
    let servers = TestServers::start().await.unwrap();
    let mut choices = run.choices();
    let (writers, events) =
        (choices.random_range(8..=32_usize), run.size(20_000, 100_000, 100_000));
    let mut logs = Vec::new();
    for _ in 0..4 {
        logs.push(Log::open(&servers.postgres_url(), "test").await.unwrap());
    }
    let race = Arc::new(Race { logs, done: AtomicBool::new(false), failed: AtomicU64::new(0) });
    let reader = tokio::spawn(follow(race.clone(), choices_of(choices.random())));
    let holder = tokio::spawn(hold(race.clone(), choices_of(choices.random())));
    let shares = (0..writers).map(|writer| {
        let share = events / writers + usize::from(writer < events % writers);
        tokio::spawn(write(race.clone(), writer, share, choices_of(choices.random())))
    });
    let shares: Vec<_> = shares.collect();
    let mut acked = Vec::new();
    for share in join_all(shares).await {
        acked.extend(share.unwrap());
    }
    race.done.store(true, Ordering::SeqCst);
    holder.await.unwrap();
    let seen = reader.await.unwrap();
    acked.sort_unstable();
    Verdict::of(&acked, &seen).must_be_clean("the reader saw what was acknowledged");
    assert!(acked.len() >= events);
    let (failed, naive) = (race.failed.load(Ordering::SeqCst), naive(&servers, run).await);
    assert!(failed > 0, "no append was made to fail");
    assert!(naive.missed > 0, "the control missed nothing, so this reader would not notice either");
    Outcome::passed()
        .figure("events", seen.len())
        .figure("missed", 0)
        .figure("writers", writers)
        .figure("appends made to fail", failed)
        .figure("the control missed", format!("{} of {}", naive.missed, naive.events))
}

/// Follows the log as a poller does, until all writers are done and it is at the end.
async fn follow(race: Arc<Race>, mut choices: StdRng) -> Vec<(u64, Uuid)> {
    let log = &race.logs[3];
    let (mut seen, mut versions) = (Vec::new(), BTreeMap::new());
    loop {
        let done = race.done.load(Ordering::SeqCst);
        let last = seen.last().map_or(0, |(position, _)| *position);
        let page = log.read_after(last, choices.random_range(1..2_000)).await.unwrap();
        if done && page.is_empty() {
            return seen;
        }
        for event in page {
            let version: &mut u64 = versions.entry(event.object_id).or_default();
            *version += 1;
            assert_eq!(event.version, *version, "position {}", event.position);
            seen.push((event.position, event.event_id));
        }
        tokio::time::sleep(Duration::from_micros(choices.random_range(0..3_000))).await;
    }
}

/// Holds the head's lock for a moment, again and again.
async fn hold(race: Arc<Race>, mut choices: StdRng) {
    while !race.done.load(Ordering::SeqCst) {
        let mut held = race.logs[0].pool().begin().await.unwrap();
        sqlx::query("SELECT FROM log_head FOR UPDATE").execute(&mut *held).await.unwrap();
        tokio::time::sleep(Duration::from_millis(choices.random_range(0..10))).await;
        held.rollback().await.unwrap();
        tokio::time::sleep(Duration::from_millis(choices.random_range(0..40))).await;
    }
}

/// Appends until it has stored enough; gives each event's position.
async fn write(
    race: Arc<Race>,
    writer: usize,
    share: usize,
    mut choices: StdRng,
) -> Vec<(u64, Uuid)> {
    let log = &race.logs[writer % 3];
    let mut versions = [0_u64; 3];
    let mut acked = Vec::with_capacity(share);
    while acked.len() < share {
        tokio::time::sleep(Duration::from_micros(choices.random_range(0..2_000))).await;
        if choices.random_ratio(1, 10) {
            let shared = format!("shared {}", choices.random_range(0..4));
            let position = count(log, &shared, 1).await.position;
            let event = log.read_after(position - 1, 1).await.unwrap().remove(0);
            acked.push((position, event.event_id));
            continue;
        }
        let fails = choices.random_ratio(1, 18);
        let (append, grown) = append_of(writer, &versions, fails, &mut choices);
        let ids: Vec<_> = append
            .streams
            .iter()
            .flat_map(|stream| stream.events.iter().map(|event| event.event_id))
            .collect();
        match log.append(append).await {
            Ok(receipt) => {
                assert!(!fails, "an append on an old version was stored");
                versions = grown;
                let first = receipt.position + 1 - ids.len() as u64;
                acked.extend((first..).zip(ids));
            }
            Err(AppendError::Conflict { .. }) if fails => {
                race.failed.fetch_add(1, Ordering::SeqCst);
            }
            Err(error) => panic!("{error}"),
        }
    }
    acked
}

/// One to five events on one to three objects of a writer, and the versions after them. One that
/// is to fail names a version that is too high for its last object.
fn append_of(
    writer: usize,
    versions: &[u64; 3],
    fails: bool,
    choices: &mut StdRng,
) -> (Append, [u64; 3]) {
    let context = context();
    let mut grown = *versions;
    let objects = choices.random_range(1..=3);
    let mut streams = Vec::new();
    for (object, version) in grown.iter_mut().enumerate().take(objects) {
        let most = if objects == 1 { 5 } else { 5 / objects };
        let events = (0..choices.random_range(1..=most))
            .map(|_| NewEvent::of(&CounterEvent::CounterMoved { by: 1 }).unwrap());
        let events: Vec<_> = events.collect();
        let wrong = u64::from(fails && object + 1 == objects);
        let stream = StreamVersion {
            aggregate: "counter",
            object_id: format!("of {writer}.{object}"),
            version: *version + wrong,
            after: None,
        };
        *version += events.len() as u64;
        streams.push(StreamAppend { stream, events });
    }
    let (metadata, request) = (context.metadata, context.request);
    (Append { metadata, request, guards: Vec::new(), streams }, grown)
}

struct Naive {
    events: usize,
    missed: usize,
}

/// The same race on a table whose positions come from a sequence.
async fn naive(servers: &TestServers, run: Run) -> Naive {
    let pool = kernel::log::connect(&servers.postgres_url(), "naive", 20).await.unwrap();
    let table = "CREATE TABLE events (position bigserial PRIMARY KEY, writer int)";
    sqlx::query(table).execute(&pool).await.unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let (reads, end) = (pool.clone(), done.clone());
    let reader = tokio::spawn(async move {
        let (mut seen, mut last) = (0, 0);
        loop {
            let over = end.load(Ordering::SeqCst);
            let page: Vec<i64> = sqlx::query_scalar(
                "SELECT position FROM events WHERE position > $1 ORDER BY position",
            )
            .bind(last)
            .fetch_all(&reads)
            .await
            .unwrap();
            (seen, last) = (seen + page.len(), page.last().copied().unwrap_or(last));
            if over && page.is_empty() {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    let mut choices = run.choices();
    let writers: Vec<_> = (0..16)
        .map(|writer| tokio::spawn(insert(pool.clone(), writer, choices_of(choices.random()))))
        .collect();
    let events = join_all(writers).await.into_iter().map(Result::unwrap).sum();
    done.store(true, Ordering::SeqCst);
    Naive { events, missed: events - reader.await.unwrap() }
}

/// Fifty transactions of one to five rows, open for up to ten milliseconds; one in twenty is
/// rolled back. Gives the number of rows.
async fn insert(pool: PgPool, writer: i32, mut choices: StdRng) -> usize {
    let mut stored = 0;
    for _ in 0..50 {
        let mut tx = pool.begin().await.unwrap();
        let rows = choices.random_range(1..=5);
        for _ in 0..rows {
            let insert = "INSERT INTO events (writer) VALUES ($1)";
            sqlx::query(insert).bind(writer).execute(&mut *tx).await.unwrap();
        }
        tokio::time::sleep(Duration::from_micros(choices.random_range(0..10_000))).await;
        if choices.random_ratio(1, 20) {
            tx.rollback().await.unwrap();
        } else {
            tx.commit().await.unwrap();
            stored += rows;
        }
    }
    stored
}
