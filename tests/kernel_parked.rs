//! Facts that can not be applied: parked with those of their object, tried again, skipped; and
//! those that end the process.

use std::process::{Command, Stdio};
use std::time::Duration;

use kernel::log::Log;
use kernel::projection::measure::Feed;
use kernel::projection::{
    ControlError, ParkedState, Runner, install, parked, pause, resume, retry, skip,
};
use tokio_util::sync::CancellationToken;

use cluster_tests::support::counter::{CounterEvent, count};
use cluster_tests::support::tally::{Harm, POISON, Tally, Works, append, painted};

/// Fails as told on the third fact of `c0`, is healed, and must look as if nothing had been.
async fn poisoned_and_healed(harm: Harm) {
    let works = Works::start().await;
    works.relay();
    let mut feeding = works.feed(Tally::<1>::new(harm)).await;
    works.count(3, 6).await;
    let poison = count(&works.log, "c0", POISON).await.position;
    let last = works.count(3, 9).await;

    feeding.reached(last).await;
    let now = works.overview().await;
    assert_eq!((now.parked + now.retrying, now.held), (1, 3), "c0 waits");
    let others: i64 = sqlx::query_scalar("SELECT sum(facts)::bigint FROM tallies WHERE id <> 'c0'")
        .fetch_one(&works.read)
        .await
        .unwrap();
    assert_eq!(others, 10, "the other counters do not wait");

    works.until("given up", |now| now.parked == 1).await;
    let facts = parked(&works.read, None, 10).await.unwrap();
    assert_eq!((facts[0].position, facts[0].tries), (poison, 5));
    assert!(!facts[0].reason.is_empty());
    assert!(facts[1..].iter().all(|fact| fact.state == ParkedState::Held));
    let waits = skip(&works.read, "tally-of-all", facts[1].position, "li.lei", "no").await;
    assert!(matches!(waits, Err(ControlError::Held(at)) if at == poison));

    // The same program fails again, and a healthy one does not.
    retry(&works.read, "tally-of-all", poison, "li.lei").await.unwrap();
    works.until("tried", |now| now.retrying == 0 && now.parked == 1).await;
    feeding.stop().await;
    let feeding = works.feed(Tally::<1>::new(Harm::None)).await;
    retry(&works.read, "tally-of-all", poison, "li.lei").await.unwrap();
    works.until("applied", |now| now.parked + now.retrying + now.held == 0).await;
    assert_eq!(works.sums("read").await, works.expected("healthy", Feed::Bulk).await);
    feeding.stop().await;
}

#[tokio::test]
async fn a_fact_that_its_tables_refuse_is_parked_and_replayed() {
    poisoned_and_healed(Harm::Refused).await;
}

#[tokio::test]
async fn a_fact_that_panics_is_parked_and_replayed() {
    poisoned_and_healed(Harm::Panic).await;
}

#[tokio::test]
async fn an_unknown_fact_is_parked_and_can_be_skipped_with_a_reason() {
    let works = Works::start().await;
    works.relay();
    let mut feeding = works.feed(Tally::<1>::new(Harm::None)).await;
    works.count(2, 4).await;
    let poison = append(&works.log, "c0", 2, &painted()).await;
    for version in 3..5 {
        append(&works.log, "c0", version, &CounterEvent::CounterMoved { by: 1 }).await;
    }
    let mut last = 0;
    for _ in 0..2 {
        last = count(&works.log, "c1", 1).await.position;
    }
    feeding.reached(last).await;
    works.until("given up", |now| now.parked == 1 && now.held == 2).await;

    skip(&works.read, "tally-of-all", poison, "li.lei", "画错了").await.unwrap();
    works.until("gone", |now| now.parked + now.retrying + now.held == 0).await;
    let facts: Vec<i64> = sqlx::query_scalar("SELECT facts FROM tallies ORDER BY id")
        .fetch_all(&works.read)
        .await
        .unwrap();
    assert_eq!(facts, [4, 4], "what waited behind it was applied");
    let noted: (String, String, i64, String, String) =
        sqlx::query_as("SELECT who, action, position, object, reason FROM interventions")
            .fetch_one(&works.read)
            .await
            .unwrap();
    let object = "acme/counter/c0".to_owned();
    let expected = ("li.lei".into(), "skip".into(), poison.cast_signed(), object, "画错了".into());
    assert_eq!(noted, expected);
    feeding.stop().await;
}

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

const CHILD: &str = "QUDAO_TEST_FEED";

/// The process that ends: this test, started again by the one below.
#[tokio::test]
async fn a_process_that_feeds_when_it_is_told_to() {
    let Ok(told) = std::env::var(CHILD) else { return };
    let (postgres, nats) = told.split_once(' ').unwrap();
    let log = Log::open(postgres, "test").await.unwrap();
    let read = kernel::log::connect(postgres, "read", 8).await.unwrap();
    install(&read).await.unwrap();
    let jetstream = async_nats::jetstream::new(async_nats::connect(nats).await.unwrap());
    let head = log.head().await.unwrap();
    let tally = Tally::<1>::new(Harm::Abort);
    let runner = Runner::new(tally, read, log, jetstream).await.unwrap();
    let (mut progress, stop) = (runner.progress(), CancellationToken::new());
    let running = tokio::spawn(runner.run(stop.clone()));
    progress.reached(head).await;
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn a_fact_that_ends_the_process_is_parked_after_five_tries() {
    let works = Works::start().await;
    works.count(3, 60).await;
    let poison = count(&works.log, "c0", POISON).await.position;
    works.count(3, 60).await;
    let mut ends = 0;
    loop {
        let name = "kernel_parked::a_process_that_feeds_when_it_is_told_to";
        let told = format!("{} {}", works.servers.postgres_url(), works.servers.nats_url());
        let ended = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name])
            .env(CHILD, told)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        if ended.success() {
            break;
        }
        ends += 1;
        assert!(ends <= 5, "the fact ends the process again and again");
    }
    assert_eq!(ends, 5);
    let facts = parked(&works.read, None, 100).await.unwrap();
    assert_eq!((facts[0].position, facts[0].state), (poison, ParkedState::Parked));
    assert_eq!(facts.len(), 21, "and twenty facts of its counter wait");
    assert_eq!(works.overview().await.checkpoint.position, 121);

    let feeding = works.feed(Tally::<1>::new(Harm::None)).await;
    retry(&works.read, "tally-of-all", poison, "li.lei").await.unwrap();
    works.until("applied", |now| now.parked + now.retrying + now.held == 0).await;
    assert_eq!(works.sums("read").await, works.expected("healthy", Feed::Bulk).await);
    feeding.stop().await;
}
