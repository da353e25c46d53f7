//! Power cuts: what nobody synced is gone.

use std::path::Path;
use std::time::{Duration, Instant};

use kernel::log::Log;
use kernel::proofs::{Proofs, Verification};
use kernel::stream;
use local::process::Signal;
use local::{NatsSettings, TestServers};
use rand::Rng as _;

use super::audit;
use super::load::Load;
use super::row::{Outcome, Row, Run, Tier};
use crate::chaos_run;
use crate::support::disk::{Disk, run as program};
use crate::support::relaying::{Load as Commands, a_second, connect};
use crate::support::replay::fill;
use crate::support::sets;
use crate::support::shop::{self, order_of, rows, submit};
use crate::support::system::{Launch, System};

/// The power of PostgreSQL's disk is cut.
pub(super) static F3: Row = Row {
    id: "F3",
    fault: "the power of PostgreSQL's disk cut under commands of 64 callers: it goes on with what \
            a copy of the mounted image had, made while it ran",
    passes: "of at least 5,000 commands acknowledged before the cut none is missing; positions \
             have no gap, and the chain of hashes verifies from the stored bytes",
    control: "a file that was written and not synced right before the cut must be gone; \
              `a_log_whose_commits_could_be_lost_is_not_opened`; a position that was never \
              acknowledged has to be missed",
    tier: Tier::Release,
    run: chaos_run!(of_postgresql),
};

/// The power of nats-server's disk is cut.
pub(super) static F8: Row = Row {
    id: "F8",
    fault: "the power of nats-server's disk cut under orders, with its default sync: it goes on \
            with what a copy of the disk had, made while it ran, which may be no stream at all",
    passes: "every event is in the stream again, in the same order, at 2,000 events a second or \
             more; the rows of all read models stay as they were",
    control: "a file that was written and not synced right before the cut must be gone; \
              `the_checker_finds_every_kind_of_fault`",
    tier: Tier::Release,
    run: chaos_run!(of_nats),
};

async fn of_postgresql(run: Run) -> Outcome {
    let mut choices = run.choices();
    let mut servers = TestServers::start().await.unwrap();
    servers.end_postgres(Signal::INT).await.unwrap();
    let data = servers.postgres_data().to_owned();
    let home = data.parent().unwrap();
    let aside = home.with_file_name("postgres-aside");
    std::fs::rename(&data, &aside).unwrap();
    let mut disk = match Disk::mount(home, 2_048) {
        Ok(disk) => disk,
        Err(why) => return Outcome::skipped(format!("no disk of its own can be mounted: {why}")),
    };
    program("cp", &["-a", aside.to_str().unwrap(), data.to_str().unwrap()]).unwrap();
    // What is there at the beginning is to be on the disk.
    program("sync", &["-f", home.to_str().unwrap()]).unwrap();
    servers.start_postgres().await.unwrap();
    let (mut acknowledged, mut kept) = (0, 0);
    for _ in 0..run.size(1, 2, 5) {
        let log = Log::open(&servers.postgres_url(), "test").await.unwrap();
        let load = Commands::start(&log, 64, None);
        let enough = 5_000 + choices.random_range(0..2_000);
        let started = Instant::now();
        while load.count() < enough {
            assert!(started.elapsed() < Duration::from_secs(120), "{} commands", load.count());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let acked = load.so_far();
        let disk_now = &disk;
        tokio::task::block_in_place(|| disk_now.cut());
        load.stop().await;
        drop(log);
        servers.kill9_postgres().await.unwrap();
        disk.come_back();
        servers.start_postgres().await.unwrap();
        let log = Log::open(&servers.postgres_url(), "test").await.unwrap();
        let stored: Vec<u64> = sets::stored(&log).await.iter().map(|(at, _)| *at).collect();
        let missing = |acked: &mut dyn Iterator<Item = u64>| {
            acked.filter(|at| stored.binary_search(at).is_err()).count()
        };
        assert_eq!(missing(&mut acked.iter().copied()), 0, "acknowledged and not stored");
        let never = stored.len() as u64 + 1;
        assert_eq!(missing(&mut std::iter::once(never)), 1, "what was never stored is missed");
        assert!(stored.iter().copied().eq(1..never), "positions have no gap");
        let how = Verification { key: None, known: Vec::new(), parallel: 2, progress: &|_, _| () };
        let verified = Proofs::of(&log, None).verify(how).await.unwrap();
        assert_eq!((verified.report.problems, verified.report.events), (vec![], never - 1));
        acknowledged += acked.len();
        kept = never - 1;
    }
    Outcome::passed()
        .figure("acknowledged before a cut", acknowledged)
        .figure("lost", 0)
        .figure("events verified", kept)
}

async fn of_nats(run: Run) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let (at, copy) = (folder.path().join("disk"), folder.path().join("copy"));
    std::fs::create_dir(&at).unwrap();
    let mut disk = Disk::mount(&at, 2_048);
    let settings = NatsSettings { store: Some(at.join("store")), ..NatsSettings::default() };
    let servers = TestServers::start_with(settings).await.unwrap();
    let mut system = System::start_on(servers, Launch::default()).await;
    let admin = shop::open(&system).await;
    submit(&admin, &order_of("SO-0", 1)).await;
    let filled = fill(&system, "acme", run.size(40, 100, 500)).await;
    audit::level(&system, filled).await;
    let load = Load::start(&audit::clients(&system, 2), 4);
    load.goes_on(20, Duration::from_secs(60)).await;
    cut(disk.as_ref().ok(), &at, &copy);
    // Commands go on, and what came after the cut is missing as well.
    load.goes_on(20, Duration::from_secs(60)).await;
    let book = load.finish().await;
    let log = Log::open(&system.servers.postgres_url(), "order").await.unwrap();
    let head = log.head().await.unwrap();
    audit::level(&system, head).await;
    system.kill_process();
    let before = rows(&system).await;
    system.servers.kill9_nats().await.unwrap();
    if let Ok(disk) = &mut disk {
        disk.come_back();
    } else {
        let settings = NatsSettings { store: Some(copy.join("store")), ..NatsSettings::default() };
        system.servers.set_nats(settings);
    }
    system.servers.start_nats().await.unwrap();
    let left = left(&system).await;
    assert!(left < head, "the stream has lost nothing, so this was no cut");
    system.start_process();
    let started = Instant::now();
    shop::stream_at(&system.admin(), head).await;
    let rate = a_second(usize::try_from(head - left).unwrap(), started.elapsed());
    audit::level(&system, head).await;
    assert!(before == rows(&system).await, "rows of read models have changed");
    audit::all(&system, &book).await;
    // Starting the process is part of the time, so only much to restore says how fast it is.
    assert!(head - left < 5_000 || rate >= 2_000, "restored {rate} events a second");
    Outcome::passed()
        .figure("events", head)
        .figure("left by the cut", left)
        .figure("restored a second, with the start of the process", rate)
        .figure("read from", if disk.is_ok() { "an image of the disk" } else { "a copied folder" })
}

/// Remembers the disk, or, where none can be mounted, copies the folder.
fn cut(disk: Option<&Disk>, at: &Path, copy: &Path) {
    match disk {
        Some(disk) => disk.cut(),
        None => program("cp", &["-a", at.to_str().unwrap(), copy.to_str().unwrap()]).unwrap(),
    }
}

/// The last sequence of the order stream; 0 when the stream is gone.
async fn left(system: &System) -> u64 {
    let jetstream = connect(&system.servers.nats_url()).await;
    match jetstream.get_stream(stream::name("order")).await {
        Ok(stream) => stream.cached_info().state.last_sequence,
        Err(_) => 0,
    }
}
