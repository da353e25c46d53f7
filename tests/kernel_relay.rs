//! The relay: batches, news, leadership.

use std::time::Duration;

use kernel::log::Log;
use kernel::relay::Settings;
use kernel::stream;
use sqlx::PgPool;

use cluster_tests::support::counter::count;
use cluster_tests::support::relaying::{Load, Relaying, Running};

const SOON: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_backlog_goes_in_batches_and_fresh_events_alone() {
    let mut machine = Relaying::start().await;
    let last = machine.append(3_000).await;
    let mut relay = machine.relay();
    relay.published(last).await;
    let fresh = count(&machine.log, "fresh", 1).await.position;
    relay.published(fresh).await;
    machine.check().await;
    let stream = machine.jetstream.get_stream("TEST").await.unwrap();
    let batched = |sequence| {
        let stream = stream.clone();
        async move {
            let message = stream.get_raw_message(sequence).await.unwrap();
            message.headers.get("Nats-Batch-Id").is_some()
        }
    };
    assert!(batched(1).await && batched(last).await, "the backlog was not batched");
    assert!(!batched(fresh).await, "one fresh event needs no batch");
}

#[tokio::test]
async fn without_batches_the_stream_is_the_same() {
    let mut machine = Relaying::start().await;
    let last = machine.append(1_500).await;
    let settings = Settings { batches: false, ..Settings::default() };
    Running::start(&machine.log, &machine.jetstream, settings).published(last).await;
    machine.check().await;
}

#[tokio::test]
async fn a_stream_made_by_an_older_version_is_brought_up_to_date() {
    let mut machine = Relaying::start().await;
    let mut old = stream::config("test", 1);
    (old.allow_atomic_publish, old.allow_direct) = (false, false);
    machine.jetstream.create_stream(old).await.unwrap();
    let last = machine.append(600).await;
    machine.relay().published(last).await;
    let stream = machine.jetstream.get_stream("TEST").await.unwrap();
    assert!(stream.cached_info().config.allow_atomic_publish);
    machine.check().await;
}

#[tokio::test]
async fn relays_that_stop_anywhere_leave_neither_gap_nor_double() {
    let mut machine = Relaying::start().await;
    let load = Load::start(&machine.log, 8, Some(4_000));
    for round in 0..12_u64 {
        // Two at once: the second waits for the first to go.
        let (mut relay, mut standby) = (machine.relay(), machine.relay());
        let at = machine.log.head().await.unwrap();
        leader_first(&mut relay, &mut standby).await;
        tokio::time::sleep(Duration::from_millis(round * 11)).await;
        // What the one before had on its way may come in between; then the second may be quicker.
        tokio::select! {
            _ = relay.published(at) => (),
            _ = standby.published(at) => (),
        }
        relay.abort().await;
        standby.stop().await;
    }
    machine.acked.extend(load.finish().await);
    let last = machine.log.head().await.unwrap();
    machine.relay().published(last).await;
    machine.check().await;
}

/// Waits until one of them leads, which then is the first.
async fn leader_first(first: &mut Running, second: &mut Running) {
    let swapped = tokio::select! {
        led = first.status.wait_for(|status| status.leads) => led.is_err(),
        led = second.status.wait_for(|status| status.leads) => led.is_ok(),
    };
    if swapped {
        std::mem::swap(first, second);
    }
}

#[tokio::test]
async fn a_leader_without_its_lock_steps_down_and_another_takes_over() {
    let mut machine = Relaying::start().await;
    let (mut first, mut second) = (machine.relay(), machine.relay());
    leader_first(&mut first, &mut second).await;
    let owner = PgPool::connect(&machine.servers.postgres_url()).await.unwrap();
    let load = Load::start(&machine.log, 8, None);
    for _ in 0..4 {
        let killed: i64 = sqlx::query_scalar(
            "SELECT count(pg_terminate_backend(l.pid)) FROM pg_locks l WHERE locktype = 'advisory'",
        )
        .fetch_one(&owner)
        .await
        .unwrap();
        assert_eq!(killed, 1, "one connection holds the lock");
        let stepped_down = first.until("steps down", SOON, |status| !status.leads).await;
        assert!(stepped_down < Duration::from_millis(500), "{stepped_down:?}");
        // Whoever is first; the one that lost it may be.
        leader_first(&mut first, &mut second).await;
    }
    machine.acked.extend(load.stop().await);
    let last = machine.log.head().await.unwrap();
    first.published(last).await;
    machine.check().await;
}

/// Polling alone, once a second, would take half a second in the middle.
async fn published_at_once(log: &Log, leader: &mut Running) {
    let mut took = Vec::new();
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(37)).await;
        let position = count(log, "c", 1).await.position;
        took.push(leader.published(position).await);
    }
    took.sort_unstable();
    assert!(took[10] < Duration::from_millis(100), "{took:?}");
}

#[tokio::test]
async fn commits_of_the_same_process_are_published_at_once() {
    let machine = Relaying::start().await;
    let mut leader = machine.relay();
    leader.until("leads", SOON, |status| status.leads).await;
    let warm = count(&machine.log, "c", 1).await.position;
    leader.published(warm).await;
    published_at_once(&machine.log, &mut leader).await;
}

#[tokio::test]
async fn commits_of_another_process_are_published_at_once() {
    let machine = Relaying::start().await;
    let mut leader = machine.relay();
    leader.until("leads", SOON, |status| status.leads).await;
    // Another process: its own log, its own writer, its own relay that stands by.
    let other = Log::open(&machine.servers.postgres_url(), "test").await.unwrap();
    let standby = Running::start(&other, &machine.jetstream, Settings::default());
    let warm = count(&other, "c", 1).await.position;
    leader.published(warm).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    published_at_once(&other, &mut leader).await;
    assert!(!standby.status.borrow().leads);
}
