//! A reader that can not keep up.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_nats::{ConnectOptions, Event, jetstream};
use futures::future::join_all;
use kernel::Recorded;
use kernel::projection::fold::Feed;
use kernel::projection::{Db, ProjectError, Projection, Runner};
use tokio_util::sync::CancellationToken;

use super::row::{Outcome, Row, Run, Tier};
use crate::chaos_run;
use crate::support::counter::count;
use crate::support::tally::{Feeding, Harm, Tally, TallyFact, Works};

/// One slow read model.
pub(super) static F11: Row = Row {
    id: "F11",
    fault: "a projection takes a second for each fact while commands come at a steady rate",
    passes: "another one is as fresh as before (p99 at most twice as long, or 50 ms), the process \
             takes at most 64 MiB more, and the server never calls a client too slow",
    control: "the row itself: the slow one must fall behind",
    tier: Tier::Release,
    run: chaos_run!(slow),
};

/// Takes its time.
struct Slow(Arc<AtomicU64>);

impl Projection for Slow {
    const NAME: &'static str = "slow";
    const CONTEXT: &'static str = "test";
    type Facts = TallyFact;

    async fn project(
        &self,
        _: &mut Db<'_>,
        _: &Recorded,
        _: TallyFact,
    ) -> Result<(), ProjectError> {
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

async fn slow(run: Run) -> Outcome {
    let mut works = Works::start().await;
    let (taken, too_slow) = (Arc::<AtomicU64>::default(), Arc::<AtomicU64>::default());
    works.jetstream = connected(&works, too_slow.clone()).await;
    works.relay();
    let mut feeding = works.feed(Tally::<1>::new(Harm::None)).await;
    let commands = run.size(300, 1_000, 4_000);
    fresh(&works, &feeding, 200).await;
    let memory = resident_kib();
    // By turns, and the quietest of each: a busy moment of the machine is no fault of the slow one.
    let (mut before, mut beside) = (Duration::MAX, Duration::MAX);
    for _ in 0..3 {
        before = before.min(p99(fresh(&works, &feeding, commands).await));
        let slow = Arc::new(Slow(taken.clone()));
        let (read, log) = (works.read.clone(), works.log.clone());
        let runner = Runner::new(slow, read, log, works.jetstream.clone()).await.unwrap();
        let slow = Feeding::of(runner, CancellationToken::new());
        beside = beside.min(p99(fresh(&works, &feeding, commands).await));
        slow.stop().await;
    }
    let more = resident_kib().saturating_sub(memory);
    let (head, taken) = (works.log.head().await.unwrap(), taken.load(Ordering::SeqCst));
    assert!(taken > 0 && taken < head / 4, "the slow one took {taken} facts of {head}");
    // Among other tests the machine alone makes tens of milliseconds; one that waited for the slow
    // one would take seconds.
    let noise = Duration::from_millis(run.size(500, 50, 50) as u64);
    let limit = (before * 2).max(noise);
    assert!(beside <= limit, "p99 was {before:?} and is {beside:?} beside a slow one");
    assert!(more <= 64 << 10, "{more} KiB more");
    assert_eq!(too_slow.load(Ordering::SeqCst), 0, "clients that the server called too slow");
    feeding.reached(head).await;
    assert_eq!(works.sums("read").await, works.expected("bulk", Feed::Bulk).await);
    feeding.stop().await;
    Outcome::passed()
        .figure("facts", head)
        .figure("of them the slow one took", taken)
        .figure("p99 before", format!("{} ms", before.as_millis()))
        .figure("p99 beside it", format!("{} ms", beside.as_millis()))
        .figure("memory", format!("+{} MiB", more >> 10))
}

/// A client that counts how often it is too slow for its server.
async fn connected(works: &Works, too_slow: Arc<AtomicU64>) -> jetstream::Context {
    let options = ConnectOptions::new().event_callback(move |event| {
        let more = u64::from(matches!(event, Event::SlowConsumer(_)));
        too_slow.fetch_add(more, Ordering::SeqCst);
        async {}
    });
    jetstream::new(options.connect(works.servers.nats_url()).await.unwrap())
}

/// Commands at a steady rate; how long each took from its answer to the read model.
async fn fresh(works: &Works, feeding: &Feeding, commands: usize) -> Vec<Duration> {
    let mut tick = tokio::time::interval(Duration::from_millis(5));
    let mut waits = Vec::with_capacity(commands);
    for n in 0..commands {
        tick.tick().await;
        let (log, mut progress) = (works.log.clone(), feeding.progress.clone());
        waits.push(tokio::spawn(async move {
            let position = count(&log, &format!("c{}", n % 50), 1).await.position;
            let answered = Instant::now();
            progress.reached(position).await;
            answered.elapsed()
        }));
    }
    join_all(waits).await.into_iter().map(Result::unwrap).collect()
}

fn p99(mut waits: Vec<Duration>) -> Duration {
    waits.sort_unstable();
    waits[(waits.len() - 1) * 99 / 100]
}

/// Memory that this process holds.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
