//! Faults of three nats-servers that keep the stream together.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use async_nats::jetstream;
use kernel::log::Log;
use kernel::relay::{Settings, Status};
use local::{ELECTION, NODES, NatsCluster, NatsSettings, TestServers};
use rand::Rng as _;
use rand::seq::SliceRandom as _;
use tokio::task::JoinHandle;

use super::row::{Outcome, Row, Run, Tier};
use crate::chaos_run;
use crate::support::relaying::{Load, Running, connect};
use crate::support::sets;

/// One of three servers away, or two.
pub(super) static F7: Row = Row {
    id: "F7",
    fault: "of three nats-servers, under commands of 4 callers: the stream's leader or a follower \
            killed, paused, or cut off from the others while clients still reach it; two killed",
    passes: "events get into the stream again 5 s after the servers have elected a leader, which \
             takes them 4 to 9 s, or twice that, and 30 s after the fault; commands do not wait; \
             nothing missing, double or out of order",
    control: "`the_checker_finds_every_kind_of_fault`",
    tier: Tier::Submission,
    run: chaos_run!(servers_lost),
};

/// Longest time for which no event may get into the stream.
const GAP: Duration = Duration::from_secs(30);
/// How much of it may come after the election.
const OURS: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    LeaderKilled,
    LeaderPaused,
    LeaderCutOff,
    FollowerKilled,
    FollowerCutOff,
    TwoKilled,
}

const FAULTS: [Fault; 6] = [
    Fault::LeaderKilled,
    Fault::LeaderPaused,
    Fault::LeaderCutOff,
    Fault::FollowerKilled,
    Fault::FollowerCutOff,
    Fault::TwoKilled,
];

async fn servers_lost(run: Run) -> Outcome {
    let mut choices = run.choices();
    let mut machine = Clustered::start().await;
    let mut faults = FAULTS;
    faults.shuffle(&mut choices);
    let faults = match run.tier {
        Tier::Commit => vec![faults[0]],
        Tier::Submission => faults.to_vec(),
        Tier::Release => faults.repeat(4),
    };
    for fault in &faults {
        tokio::time::sleep(Duration::from_millis(choices.random_range(0..1_000))).await;
        machine.meet(*fault).await;
    }
    let (gap, ours) = (machine.gap.as_secs_f64(), machine.ours.as_secs_f64());
    let events = machine.finish().await;
    Outcome::passed()
        .figure("faults", faults.len())
        .figure("events", events)
        .figure("longest gap of the publisher", format!("{gap:.1} s"))
        .figure("of it after an election, longest", format!("{ours:.1} s"))
}

struct Clustered {
    cluster: NatsCluster,
    log: Log,
    jetstream: jetstream::Context,
    relay: Running,
    load: Option<Load>,
    gap: Duration,
    ours: Duration,
    _servers: TestServers,
}

impl Clustered {
    async fn start() -> Self {
        let servers = TestServers::start().await.unwrap();
        let cluster = NatsCluster::start(NatsSettings::default()).await.unwrap();
        let log = Log::open(&servers.postgres_url(), "test").await.unwrap();
        let jetstream = connect(&cluster.urls()).await;
        let settings = Settings { replicas: NODES, ..Settings::default() };
        let mut relay = Running::start(&log, &jetstream, settings);
        let looked = |status: &Status| status.sequence.is_some();
        relay.until("the stream is there", ELECTION * 2, looked).await;
        let load = Some(Load::start(&log, 4, None));
        let (gap, ours) = (Duration::ZERO, Duration::ZERO);
        let mut machine =
            Self { cluster, log, jetstream, relay, load, gap, ours, _servers: servers };
        machine.caught_up().await;
        machine
    }

    /// A fault, until the stream goes on, and its end.
    async fn meet(&mut self, fault: Fault) {
        let leader = self.leader().await;
        let follower = (leader + 1) % NODES;
        let urls = self.cluster.urls();
        let watch = |gone| Election::watch(&urls, gone);
        match fault {
            Fault::LeaderKilled => {
                self.cluster.kill9(leader).await.unwrap();
                self.survived(fault, Some(watch(leader))).await;
                self.cluster.start_node(leader).await.unwrap();
            }
            Fault::LeaderPaused => {
                self.cluster.pause(leader).unwrap();
                self.survived(fault, Some(watch(leader))).await;
                self.cluster.resume(leader).unwrap();
            }
            Fault::LeaderCutOff => {
                self.cluster.isolate(leader);
                self.survived(fault, Some(watch(leader))).await;
                self.cluster.rejoin(leader);
            }
            Fault::FollowerKilled => {
                self.cluster.kill9(follower).await.unwrap();
                self.survived(fault, None).await;
                self.cluster.start_node(follower).await.unwrap();
            }
            Fault::FollowerCutOff => {
                self.cluster.isolate(follower);
                self.survived(fault, None).await;
                self.cluster.rejoin(follower);
            }
            Fault::TwoKilled => {
                self.two_killed(leader, follower).await;
                self.survived(fault, None).await;
            }
        }
        // All together again before the next one.
        self.caught_up().await;
        tokio::time::sleep(Duration::from_secs(2)).await;
    }

    async fn two_killed(&mut self, leader: usize, follower: usize) {
        self.cluster.kill9(leader).await.unwrap();
        self.cluster.kill9(follower).await.unwrap();
        self.relay.problem("FAILING").await;
        let load = self.load.as_ref().unwrap();
        let before = load.count();
        tokio::time::sleep(Duration::from_secs(2)).await;
        let more = load.count() - before;
        assert!(more > 20, "only {more} commands: they waited for NATS");
        self.cluster.start_node(leader).await.unwrap();
        self.cluster.start_node(follower).await.unwrap();
    }

    /// Waits until the stream goes on, and compares with when it had a leader again.
    async fn survived(&mut self, fault: Fault, election: Option<Election>) {
        let gap = self.caught_up().await;
        self.gap = self.gap.max(gap);
        let published = Instant::now();
        let ours = match election {
            Some(election) => {
                let elected = election.over().await;
                let ours = published.saturating_duration_since(elected);
                assert!(ours < OURS, "{fault:?}: {ours:?} after the election, {gap:?} in all");
                ours
            }
            None => Duration::ZERO,
        };
        self.ours = self.ours.max(ours);
        println!("{fault:?}: {gap:?} without events, of these {ours:?} after an election");
        assert!(gap < GAP, "{fault:?}: {gap:?}");
    }

    /// The number of the server that leads the stream.
    async fn leader(&self) -> usize {
        for _ in 0..300 {
            if let Ok(stream) = self.jetstream.get_stream("TEST").await {
                let cluster = stream.cached_info().cluster.as_ref();
                let name = cluster.and_then(|cluster| cluster.leader.clone()).unwrap_or_default();
                if let Some(node) = self.cluster.node(&name) {
                    return node;
                }
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the stream has no leader");
    }

    /// Waits until the stream has what comes into the log from now on.
    async fn caught_up(&mut self) -> Duration {
        // What is on its way may still arrive; what comes after it can not without a leader.
        let head = self.log.head().await.unwrap() + 20;
        let start = Instant::now();
        self.relay.published(head).await;
        start.elapsed()
    }

    async fn finish(mut self) -> u64 {
        let acked: BTreeSet<u64> = self.load.take().unwrap().stop().await;
        let last = self.log.head().await.unwrap();
        self.relay.published(last).await;
        sets::check(&acked, &self.log, &self.jetstream).await;
        let stream = self.jetstream.get_stream("TEST").await.unwrap();
        assert_eq!(stream.cached_info().config.num_replicas, NODES);
        last
    }
}

/// Asks the servers that are left who leads the stream.
struct Election(Vec<JoinHandle<Instant>>);

impl Election {
    fn watch(urls: &str, gone: usize) -> Self {
        let left = urls.split(',').enumerate().filter(|(node, _)| *node != gone);
        let asked = left.map(|(_, url)| tokio::spawn(elected(url.to_owned())));
        Self(asked.collect())
    }

    /// When the first of them knew of a leader.
    async fn over(self) -> Instant {
        let (first, _, others) = futures::future::select_all(self.0).await;
        others.iter().for_each(JoinHandle::abort);
        first.unwrap()
    }
}

/// When a server, asked alone, finds the stream under a leader that answers.
async fn elected(url: String) -> Instant {
    let mut jetstream = connect(&url).await;
    jetstream.set_timeout(Duration::from_millis(300));
    loop {
        if let Ok(stream) = jetstream.get_stream("TEST").await
            && stream.cached_info().cluster.as_ref().is_some_and(|all| all.leader.is_some())
        {
            return Instant::now();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
