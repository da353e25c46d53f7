//! The relay while NATS fails: killed, paused, full, or with limits that are too small.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use kernel::relay::reconcile::reconcile;
use kernel::relay::{Difference, Problem, Settings, Status, inspect};
use kernel::stream;
use local::NatsSettings;

use cluster_tests::support::relaying::{Load, Relaying, Running, append_large};

#[tokio::test]
async fn nats_paused_holds_nobody_up_but_the_stream() {
    let mut machine = Relaying::start().await;
    let mut relay = machine.relay();
    let first = machine.append(20).await;
    relay.published(first).await;
    machine.servers.pause_nats().unwrap();
    let start = Instant::now();
    let last = machine.append(400).await;
    let appended = start.elapsed();
    let named = relay.problem("FAILING").await;
    assert!(named < Duration::from_secs(15), "{named:?}");
    machine.servers.resume_nats().unwrap();
    let took = relay.published(last).await;
    println!("400 commands in {appended:?} while paused, caught up in {took:?}");
    assert!(took < Duration::from_secs(15), "{took:?}");
    machine.check().await;
}

#[tokio::test]
async fn an_event_too_large_for_nats_is_named_and_goes_once_the_limit_is_raised() {
    let small = NatsSettings { max_payload: Some(256 << 10), ..NatsSettings::default() };
    let mut machine = Relaying::start_with(small).await;
    let mut relay = machine.relay();
    machine.append(10).await;
    append_large(&machine.log, 300 << 10).await.unwrap();
    let last = machine.append(10).await;
    relay.problem("EVENT_TOO_LARGE").await;
    relay.published(10).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let standing = inspect(&machine.log, &machine.jetstream, Difference::Last).await.unwrap();
    assert_eq!(standing.unwrap().sequence, 10, "nothing after it overtakes it");
    let named = relay.status.borrow().problem.clone();
    assert!(named.is_some_and(|problem| problem.reason() == "EVENT_TOO_LARGE"));
    machine.servers.set_nats(NatsSettings::default());
    machine.servers.kill9_nats().await.unwrap();
    machine.servers.start_nats().await.unwrap();
    relay.published(last).await;
    assert_eq!(relay.status.borrow().problem, None);
    machine.check().await;
}

#[tokio::test]
async fn many_large_events_pass_between_small_ones() {
    let mut machine = Relaying::start().await;
    for _ in 0..12 {
        append_large(&machine.log, 1 << 20).await.unwrap();
        machine.append(5).await;
    }
    let last = machine.log.head().await.unwrap();
    machine.relay().published(last).await;
    machine.check().await;
}

/// A small file system in memory, taken away at the end.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None` where only root may mount, and this is not root.
    fn mount(at: &Path, size: &str) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let options = format!("size={size}");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(at);
        mount.output().ok()?.status.success().then(|| Self(at.to_owned()))
    }

    fn grow(&self, size: &str) {
        let options = format!("remount,size={size}");
        let grown = Command::new("mount").args(["-o", &options]).arg(&self.0).status().unwrap();
        assert!(grown.success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").args(["--lazy"]).arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_full_disk_of_nats_is_named_and_nothing_is_lost_by_it() {
    let disk = tempfile::tempdir().unwrap();
    let Some(small) = SmallDisk::mount(disk.path(), "24m") else {
        println!("SKIPPED: a small disk needs root and mount(8)");
        return;
    };
    let settings = NatsSettings {
        store: Some(disk.path().join("jetstream")),
        max_store: Some("1GB".to_owned()),
        ..NatsSettings::default()
    };
    let mut machine = Relaying::start_with(settings).await;
    let mut relay = machine.relay();
    machine.append(50).await;
    for _ in 0..40 {
        append_large(&machine.log, 1 << 20).await.unwrap();
    }
    let full = Instant::now();
    relay.problem("FAILING").await;
    // Commands go on, and the server itself tells that it is not well, which its probe acts on.
    let last = machine.append(50).await;
    let mut well = true;
    while well && full.elapsed() < Duration::from_secs(10) {
        well = machine.servers.nats_is_well().await;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    println!("named and unwell after {:?}", full.elapsed());
    assert!(!well, "a probe of plain /healthz would not restart the server");
    small.grow("200m");
    machine.servers.kill9_nats().await.unwrap();
    machine.servers.start_nats().await.unwrap();
    let took = relay.published(last).await;
    assert!(took < Duration::from_secs(60), "{took:?}");
    machine.check().await;
    drop(machine);
}

/// Publishes as somebody who has no business in the stream.
async fn stranger(machine: &Relaying) {
    let sent = machine.jetstream.publish("ev.test.acme.counter.x.Strange", "{}".into()).await;
    sent.unwrap().await.unwrap();
}

#[tokio::test]
async fn a_strangers_event_under_load_is_noticed_and_put_right() {
    let mut machine = Relaying::start().await;
    // One by one: each refused event leaves the ones behind it to be taken.
    let settings = Settings { batches: false, ..Settings::default() };
    let mut relay = Running::start(&machine.log, &machine.jetstream, settings);
    let load = Load::start(&machine.log, 6, None);
    for round in 0..4_u64 {
        let at = machine.log.head().await.unwrap();
        relay.published(at).await;
        tokio::time::sleep(Duration::from_millis(round * 13)).await;
        stranger(&machine).await;
        let found =
            |status: &Status| status.problem.as_ref().is_some_and(Problem::stops_publishing);
        relay.until("it holds", Duration::from_secs(15), found).await;
        let done = reconcile(&machine.log, &machine.jetstream, false).await.unwrap();
        assert!(done.deleted && done.foreign >= 1, "round {round}: {done:?}");
        relay.until("well", Duration::from_secs(30), |status| status.problem.is_none()).await;
    }
    machine.acked.extend(load.stop().await);
    let last = machine.log.head().await.unwrap();
    relay.published(last).await;
    machine.check().await;
}

#[tokio::test]
async fn a_strangers_event_between_two_of_ours_is_found() {
    let mut machine = Relaying::start().await;
    machine.append(40).await;
    machine.jetstream.create_stream(stream::config("test", 1)).await.unwrap();
    for event in machine.log.read_after(0, 40).await.unwrap() {
        if event.position == 17 {
            stranger(&machine).await;
            continue;
        }
        let (subject, headers) = (stream::subject(&event), stream::headers(&event));
        let payload = event.payload.into();
        let sent = machine.jetstream.publish_with_headers(subject, headers, payload).await;
        sent.unwrap().await.unwrap();
    }
    let look = reconcile(&machine.log, &machine.jetstream, true).await.unwrap();
    assert_eq!((look.foreign_from, look.deleted), (Some(17), false));
    let done = reconcile(&machine.log, &machine.jetstream, false).await.unwrap();
    assert!(done.deleted);
    machine.relay().published(40).await;
    machine.check().await;
}
