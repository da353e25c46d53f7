//! Read models filled anew: in bulk, beside those that are read, by several processes, and from a
//! log that is not the one they knew.

use std::sync::Arc;

use kernel::projection::fold::Feed;
use kernel::projection::{ControlError, Purpose, cancel_rebuild, start_rebuild};

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

fn switched(outcome: Option<&str>) -> bool {
    outcome == Some("switched")
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
