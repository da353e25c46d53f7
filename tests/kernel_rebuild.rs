//! Read models filled anew: in bulk, beside those that are read, by several processes, and from a
//! log that is not the one they knew.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use kernel::projection::measure::Feed;
use kernel::projection::{ControlError, Purpose, cancel_rebuild, start_rebuild};
use sqlx::PgPool;
use tokio::task::JoinHandle;

use cluster_tests::support::counter::count;
use cluster_tests::support::tally::{Harm, Tally, Works};

const NAME: &str = "tally-of-all";

fn tally() -> Arc<Tally<1>> {
    Tally::<1>::new(Harm::None)
}

#[tokio::test]
async fn one_by_one_in_bulk_and_live_give_the_same_tables() {
    let works = Works::start().await;
    works.relay();
    works.import(7, 700).await;
    let last = works.count(13, 300).await;
    let mut feeding = works.feed(tally()).await;
    feeding.reached(last).await;
    let live = works.sums("read").await;
    assert_eq!((live[0].rows, live[1].rows), (20, 1_000));
    assert_eq!(works.expected("one_by_one", Feed::OneByOne).await, live);
    assert_eq!(works.expected("bulk", Feed::Bulk).await, live);
    feeding.stop().await;
}

#[tokio::test]
async fn without_a_stream_it_is_fed_from_the_log() {
    let mut works = Works::start().await;
    // Nobody has made the stream: a read model that is added late has the log alone.
    let last = works.import(3, 6_000).await;
    let mut feeding = works.feed(tally()).await;
    feeding.reached(last).await;
    works.relay();
    let last = works.count(3, 30).await;
    feeding.reached(last).await;
    works.servers.stop_nats().await.unwrap();
    let last = works.count(3, 30).await;
    feeding.reached(last).await;
    assert_eq!(works.sums("read").await, works.expected("bulk", Feed::Bulk).await);
    feeding.stop().await;
}

#[tokio::test]
async fn two_runners_on_one_projection_apply_each_fact_once() {
    let works = Works::start().await;
    works.relay();
    let mut first = works.feed(tally()).await;
    let mut second = works.feed(tally()).await;
    works.count(5, 150).await;
    // One dies in the middle, and another comes.
    first.kill().await;
    works.count(5, 100).await;
    first = works.feed(tally()).await;
    let last = works.count(5, 50).await;
    first.reached(last).await;
    second.reached(last).await;
    assert_eq!(works.sums("read").await, works.expected("bulk", Feed::Bulk).await);
    first.stop().await;
    second.stop().await;
}

/// Reads all the time, and counts reads and failures.
struct Reader {
    reads: Arc<AtomicU64>,
    failures: Arc<AtomicU64>,
    enough: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Reader {
    fn of(pool: PgPool) -> Self {
        let (reads, failures) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let enough = Arc::new(AtomicBool::new(false));
        let (good, bad, stop) = (reads.clone(), failures.clone(), enough.clone());
        let task = tokio::spawn(async move {
            let mut before = 0_i64;
            while !stop.load(Ordering::SeqCst) {
                let sum = sqlx::query_scalar::<_, Option<i64>>(
                    "SELECT sum(t.facts)::bigint FROM tallies t
                     WHERE EXISTS (SELECT FROM moves m WHERE m.id = t.id)",
                );
                match sum.fetch_one(&pool).await {
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
        Self { reads, failures, enough, task }
    }

    async fn done(self) {
        self.enough.store(true, Ordering::SeqCst);
        self.task.await.expect("no reader saw a table that was half full");
        assert!(self.reads.load(Ordering::SeqCst) > 20);
        assert_eq!(self.failures.load(Ordering::SeqCst), 0, "failed reads");
    }
}

fn switched(outcome: Option<&str>) -> bool {
    outcome == Some("switched")
}

#[tokio::test]
async fn a_rebuilt_read_model_has_the_same_rows() {
    let works = Works::start().await;
    works.relay();
    let last = works.import(20, 12_000).await;
    let mut feeding = works.feed(tally()).await;
    feeding.reached(last).await;
    let reader = Reader::of(works.read.clone());
    start_rebuild(&works.read, tally().as_ref(), Purpose::Switch, "li.lei", last).await.unwrap();
    let tally = tally();
    let again = start_rebuild(&works.read, tally.as_ref(), Purpose::Compare, "li.lei", last).await;
    assert!(matches!(again, Err(ControlError::UnderWay)));
    // Facts go on coming while it is filled.
    let mut last = 0;
    let done = loop {
        last = count(&works.log, &format!("i{}", last % 20), 1).await.position;
        let rebuild = works.overview().await.rebuild.unwrap();
        if rebuild.finished_at.is_some() {
            break rebuild;
        }
    };
    assert!(switched(done.outcome.as_deref()), "{done:?}");
    assert_eq!(done.compared.len(), 2);
    assert!(done.compared.iter().all(|table| table.live == table.next), "{done:?}");
    feeding.reached(last).await;
    reader.done().await;
    assert_eq!(works.sums("read").await, works.expected("bulk", Feed::Bulk).await);
    feeding.stop().await;
}

#[tokio::test]
async fn a_new_version_is_filled_beside_the_old_one() {
    let works = Works::start().await;
    works.relay();
    let last = works.import(10, 8_000).await;
    let mut old = works.feed(tally()).await;
    old.reached(last).await;
    let reader = Reader::of(works.read.clone());
    let new = works.feed(Tally::<2>::new(Harm::None)).await;
    let last = works.count(10, 40).await;
    let now = works.until("version 2", |now| now.version == 2).await;
    assert!(switched(now.rebuild.unwrap().outcome.as_deref()));
    works.until("caught up", |now| now.checkpoint.position == last).await;
    reader.done().await;
    assert_eq!(works.sums("read").await, works.expected("bulk", Feed::Bulk).await);
    // The old program leaves the new tables alone, and says so.
    let last = works.count(10, 5).await;
    works.until("fed by the new one", |now| now.checkpoint.position == last).await;
    for _ in 0..100 {
        if old.progress.problem().is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(old.progress.problem().is_some_and(|problem| problem.contains("version 2")));
    assert_eq!(new.progress.problem(), None);
    old.stop().await;
    new.stop().await;
}

#[tokio::test]
async fn a_rebuild_goes_on_after_its_process_died_and_can_be_cancelled() {
    let works = Works::start().await;
    let last = works.import(4, 10_000).await;
    let mut feeding = works.feed(tally()).await;
    feeding.reached(last).await;
    start_rebuild(&works.read, tally().as_ref(), Purpose::Switch, "li.lei", last).await.unwrap();
    works.until("under way", |now| now.rebuild.as_ref().unwrap().position > 0).await;
    feeding.kill().await;
    let feeding = works.feed(tally()).await;
    let done = |now: &kernel::projection::Overview| {
        switched(now.rebuild.as_ref().unwrap().outcome.as_deref())
    };
    works.until("switched", done).await;
    assert_eq!(works.sums("read").await, works.expected("bulk", Feed::Bulk).await);
    feeding.stop().await;

    // Nobody fills it now, so it can be cancelled before it is done.
    start_rebuild(&works.read, tally().as_ref(), Purpose::Switch, "li.lei", last).await.unwrap();
    cancel_rebuild(&works.read, NAME, "li.lei").await.unwrap();
    let again = cancel_rebuild(&works.read, NAME, "li.lei").await;
    assert!(matches!(again, Err(ControlError::NotFound)));
    let left: i64 =
        sqlx::query_scalar("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'read\\_tally%'")
            .fetch_one(&works.read)
            .await
            .unwrap();
    assert_eq!(left, 0, "no schema is left");
    assert_eq!(works.sums("read").await, works.expected("again", Feed::Bulk).await);
}

#[tokio::test]
async fn a_comparison_finds_a_changed_row_and_a_rebuild_puts_it_right() {
    let works = Works::start().await;
    works.relay();
    let last = works.count(4, 40).await;
    let mut feeding = works.feed(tally()).await;
    feeding.reached(last).await;
    let compared = async |purpose| {
        let (pool, tally) = (&works.read, tally());
        start_rebuild(pool, tally.as_ref(), purpose, "li.lei", last).await.unwrap();
        let over = |now: &kernel::projection::Overview| {
            now.rebuild.as_ref().is_some_and(|rebuild| rebuild.finished_at.is_some())
        };
        works.until("over", over).await.rebuild.unwrap()
    };
    assert_eq!(compared(Purpose::Compare).await.outcome.as_deref(), Some("same"));
    let tampered = "UPDATE moves SET moved_by = 2 WHERE position = 7";
    sqlx::query(tampered).execute(&works.read).await.unwrap();
    let found = compared(Purpose::Compare).await;
    assert_eq!(found.outcome.as_deref(), Some("different"));
    let same: Vec<_> =
        found.compared.iter().map(|one| (one.table.as_str(), one.live == one.next)).collect();
    assert_eq!(same, [("tallies", true), ("moves", false)]);
    compared(Purpose::Switch).await;
    assert_eq!(compared(Purpose::Compare).await.outcome.as_deref(), Some("same"));
    feeding.stop().await;
}

#[tokio::test]
async fn a_checkpoint_that_the_log_does_not_have_is_named_and_nothing_is_skipped() {
    let works = Works::start().await;
    works.relay();
    let last = works.count(3, 30).await;
    let mut feeding = works.feed(tally()).await;
    feeding.reached(last).await;
    feeding.stop().await;
    let set = async |sql| {
        sqlx::query(sql).execute(&works.read).await.unwrap();
    };

    set("UPDATE checkpoints SET position = 1000").await;
    let feeding = works.feed(tally()).await;
    let now = works.until("stuck", |now| now.problem.is_some()).await;
    assert!(now.problem.unwrap().contains("log ends at 30"));
    assert!(feeding.progress.problem().is_some(), "and the process is not ready");
    works.count(3, 3).await;
    assert_eq!(works.overview().await.checkpoint.position, 1_000);
    feeding.kill().await;

    // The log was restored and went on: the position is there, and another event stands at it.
    set("UPDATE checkpoints SET position = 30, event_id = gen_random_uuid(), problem = NULL").await;
    let feeding = works.feed(tally()).await;
    let now = works.until("stuck", |now| now.problem.is_some()).await;
    assert!(now.problem.unwrap().contains("not the one that was applied"));
    assert_eq!(now.checkpoint.position, 30);

    // A rebuild puts it right.
    let head = works.log.head().await.unwrap();
    start_rebuild(&works.read, tally().as_ref(), Purpose::Switch, "li.lei", head).await.unwrap();
    works.until("right", |now| now.checkpoint.position == head && now.problem.is_none()).await;
    assert_eq!(works.sums("read").await, works.expected("bulk", Feed::Bulk).await);
    feeding.stop().await;
}
