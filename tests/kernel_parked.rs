//! Read models while a server is away, and while they are paused.

use std::time::Duration;

use kernel::projection::fold::Feed;
use kernel::projection::{ControlError, parked, pause, resume};

use cluster_tests::support::counter::count;
use cluster_tests::support::tally::{Harm, POISON, Tally, Works};

#[tokio::test]
async fn what_a_server_that_is_away_refuses_is_never_parked() {
    let works = Works::start().await;
    works.relay();
    let mut feeding = works.feed(Tally::<1>::new(Harm::Away(4))).await;
    works.count(3, 6).await;
    count(&works.log, "c0", POISON).await;
    let last = works.count(3, 3).await;
    feeding.reached(last).await;
    assert!(parked(&works.read, None, 10).await.unwrap().is_empty());
    assert_eq!(works.sums("read").await, works.expected("healthy", Feed::Bulk).await);
    feeding.stop().await;
}

#[tokio::test]
async fn a_database_that_died_costs_no_fact() {
    let mut works = Works::start().await;
    works.relay();
    let mut feeding = works.feed(Tally::<1>::new(Harm::None)).await;
    let last = works.count(5, 200).await;
    works.servers.kill9_postgres().await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    works.servers.start_postgres().await.unwrap();
    feeding.reached(last).await;
    // The pools have connections that died, and each is found out by a failure.
    for _ in 0..100 {
        if parked(&works.read, None, 10).await.is_ok() && works.log.head().await.is_ok() {
            break;
        }
    }
    works.until("caught up", |now| now.checkpoint.position == last).await;
    assert!(parked(&works.read, None, 10).await.unwrap().is_empty());
    assert_eq!(works.sums("read").await, works.expected("healthy", Feed::Bulk).await);
    feeding.stop().await;
}

#[tokio::test]
async fn a_paused_projection_stands_still_until_it_is_resumed() {
    let works = Works::start().await;
    works.relay();
    let mut feeding = works.feed(Tally::<1>::new(Harm::None)).await;
    let before = works.count(3, 9).await;
    feeding.reached(before).await;
    pause(&works.read, "tally-of-all", "li.lei").await.unwrap();
    let last = works.count(3, 9).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    let now = works.overview().await;
    assert_eq!((now.checkpoint.position, now.paused), (before, true));
    resume(&works.read, "tally-of-all", "li.lei").await.unwrap();
    feeding.reached(last).await;
    let unknown = pause(&works.read, "nobody", "li.lei").await;
    assert!(matches!(unknown, Err(ControlError::NotFound)));
    feeding.stop().await;
}
