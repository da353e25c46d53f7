//! Read models filled beside those that are read, under load.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use kernel::Recorded;
use kernel::projection::fold::Feed;
use kernel::projection::{
    ControlError, Db, ProjectError, Projection, Purpose, Runner, start_rebuild,
};
use rand::Rng as _;
use sqlx::PgPool;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::row::{Outcome, Row, Run, Tier};
use crate::chaos_run;
use crate::support::counter::count;
use crate::support::relaying::Load;
use crate::support::tally::{Feeding, Harm, Tally, TallyFact, Works};

/// Filled anew beside the old.
pub(super) static F23: Row = Row {
    id: "F23",
    fault: "a read model is rebuilt, and filled anew by a program of a new version, under commands \
            of 4 callers and queries without end; its policy is to be rebuilt as well",
    passes: "no query fails, sees rows go missing or waits for 1 s; the new rows are the old ones, \
             byte for byte; a policy is refused a rebuild, and sends nothing again in a new version",
    control: "`a_comparison_finds_a_changed_row_and_a_rebuild_puts_it_right`",
    tier: Tier::Commit,
    run: chaos_run!(rebuilt),
};

/// A policy: each fact would be a command. Keeps their positions.
struct Sends<const V: u32>(Arc<Mutex<Vec<u64>>>);

impl<const V: u32> Projection for Sends<V> {
    const NAME: &'static str = "sends";
    const VERSION: u32 = V;
    const CONTEXT: &'static str = "test";
    type Facts = TallyFact;

    async fn project(
        &self,
        _: &mut Db<'_>,
        recorded: &Recorded,
        _: TallyFact,
    ) -> Result<(), ProjectError> {
        self.0.lock().unwrap().push(recorded.position);
        Ok(())
    }
}

async fn rebuilt(run: Run) -> Outcome {
    let mut choices = run.choices();
    let works = Works::start().await;
    works.relay();
    let facts: u64 = run.size(8_000, 50_000, 200_000);
    let last = works.import(20, facts).await;
    let mut feeding = works.feed(Tally::<1>::new(Harm::None)).await;
    let mut policy = follow(&works, Sends::<1>(Arc::default())).await;
    feeding.reached(last).await;
    policy.reached(last).await;
    let reader = Reader::of(works.read.clone());
    let load = Load::start(&works.log, 4, None);
    let mut slowest = Duration::ZERO;
    let rebuilds = run.size(1, 2, 5);
    for _ in 0..rebuilds {
        tokio::time::sleep(Duration::from_millis(choices.random_range(0..500))).await;
        slowest = slowest.max(once(&works).await);
    }
    let (sends, head) = (Sends::<1>(Arc::default()), works.log.head().await.unwrap());
    let again = start_rebuild(&works.read, &sends, Purpose::Switch, "li.lei", head).await;
    assert!(matches!(again, Err(ControlError::NoTables)), "{again:?}");

    let new = new_version(&works, feeding).await;
    policy.stop().await;
    let done: i64 = sqlx::query_scalar("SELECT position FROM checkpoints WHERE name = 'sends'")
        .fetch_one(&works.read)
        .await
        .unwrap();
    let sent = Arc::<Mutex<Vec<u64>>>::default();
    let mut policy = follow(&works, Sends::<2>(sent.clone())).await;
    let acked = load.stop().await;
    let last = count(&works.log, "last", 1).await.position;
    policy.reached(last).await;
    works.until("caught up", |now| now.checkpoint.position == last).await;
    let sent = std::mem::take(&mut *sent.lock().unwrap());
    assert_eq!(sent, (done.cast_unsigned() + 1..=last).collect::<Vec<_>>(), "sent again");
    let (reads, longest) = reader.done().await;
    assert!(longest < Duration::from_secs(1), "a query waited {longest:?}");
    assert_eq!(works.sums("read").await, works.expected("bulk", Feed::Bulk).await);
    new.stop().await;
    policy.stop().await;
    Outcome::passed()
        .figure("facts", last)
        .figure("of them meanwhile", acked.len())
        .figure("rebuilds", rebuilds + 1)
        .figure("queries", reads)
        .figure("longest query", format!("{} ms", longest.as_millis()))
        .figure("slowest rebuild", format!("{:.1} s", slowest.as_secs_f64()))
}

async fn follow<const V: u32>(works: &Works, sends: Sends<V>) -> Feeding {
    let (read, log) = (works.read.clone(), works.log.clone());
    let runner = Runner::new(Arc::new(sends), read, log, works.jetstream.clone()).await.unwrap();
    Feeding::of(runner, CancellationToken::new())
}

/// One rebuild while facts go on coming; how long it took.
async fn once(works: &Works) -> Duration {
    let tally = Tally::<1>::new(Harm::None);
    let head = works.log.head().await.unwrap();
    let start = Instant::now();
    start_rebuild(&works.read, tally.as_ref(), Purpose::Switch, "li.lei", head).await.unwrap();
    let again = start_rebuild(&works.read, tally.as_ref(), Purpose::Compare, "li.lei", head).await;
    assert!(matches!(again, Err(ControlError::UnderWay)));
    let over = |now: &kernel::projection::Overview| {
        now.rebuild.as_ref().is_some_and(|rebuild| rebuild.finished_at.is_some())
    };
    let done = works.until("switched", over).await.rebuild.unwrap();
    assert_eq!(done.outcome.as_deref(), Some("switched"), "{done:?}");
    assert_eq!(done.compared.len(), 2);
    assert!(done.compared.iter().all(|table| table.live == table.next), "{done:?}");
    start.elapsed()
}

/// A program of a new version beside the old one, which then leaves the new tables alone.
async fn new_version(works: &Works, old: Feeding) -> Feeding {
    let new = works.feed(Tally::<2>::new(Harm::None)).await;
    let now = works.until("version 2", |now| now.version == 2).await;
    assert_eq!(now.rebuild.unwrap().outcome.as_deref(), Some("switched"));
    let start = Instant::now();
    while old.progress.problem().is_none() || new.progress.problem().is_some() {
        assert!(start.elapsed() < Duration::from_secs(20), "one of them does not notice");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(old.progress.problem().is_some_and(|problem| problem.contains("version 2")));
    old.stop().await;
    new
}

/// Reads all the time, and counts reads and failures.
struct Reader {
    reads: Arc<AtomicU64>,
    failures: Arc<AtomicU64>,
    /// The longest that a read took, in microseconds.
    slowest: Arc<AtomicU64>,
    enough: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Reader {
    fn of(pool: PgPool) -> Self {
        let (reads, failures) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let (slowest, enough) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (good, bad, longest, stop) =
            (reads.clone(), failures.clone(), slowest.clone(), enough.clone());
        let task = tokio::spawn(async move {
            let mut before = 0_i64;
            while !stop.load(Ordering::SeqCst) {
                let start = Instant::now();
                let sum = sqlx::query_scalar::<_, Option<i64>>(
                    "SELECT sum(t.facts)::bigint FROM tallies t
                     WHERE EXISTS (SELECT FROM moves m WHERE m.id = t.id)",
                );
                let sum = sum.fetch_one(&pool).await;
                let took = u64::try_from(start.elapsed().as_micros()).unwrap();
                longest.fetch_max(took, Ordering::SeqCst);
                match sum {
                    Ok(facts) => {
                        let facts = facts.unwrap_or(0);
                        assert!(facts >= before, "a reader saw {facts} facts after {before}");
                        before = facts;
                        good.fetch_add(1, Ordering::SeqCst);
                    }
                    Err(error) => {
                        eprintln!("a read failed: {error}");
                        bad.fetch_add(1, Ordering::SeqCst);
                    }
                }
            }
        });
        Self { reads, failures, slowest, enough, task }
    }

    /// Number of reads, and the longest.
    async fn done(self) -> (u64, Duration) {
        self.enough.store(true, Ordering::SeqCst);
        self.task.await.expect("no reader saw a table that was half full");
        assert_eq!(self.failures.load(Ordering::SeqCst), 0, "failed reads");
        let slowest = Duration::from_micros(self.slowest.load(Ordering::SeqCst));
        (self.reads.load(Ordering::SeqCst), slowest)
    }
}
