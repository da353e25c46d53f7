//! The relay on three nats-servers that keep the stream together: one of them killed, paused or cut
//! off, or two of them gone.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use async_nats::jetstream;
use kernel::log::Log;
use kernel::relay::Settings;
use local::{ELECTION, NODES, NatsCluster, NatsSettings, TestServers};

use cluster_tests::support::relaying::{Load, Running, connect};
use cluster_tests::support::sets;

/// Longest time for which no event may get into the stream, under load. An election of the servers
/// takes four to nine seconds, and a candidate that lacks the newest message loses it, which makes
/// two; most faults are over after ten.
const GAP: Duration = Duration::from_secs(30);

struct Clustered {
    cluster: NatsCluster,
    log: Log,
    jetstream: jetstream::Context,
    relay: Running,
    load: Option<Load>,
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
        let looked = |status: &kernel::relay::Status| status.sequence.is_some();
        relay.until("the stream is there", ELECTION * 2, looked).await;
        let load = Some(Load::start(&log, 4, None));
        Self { cluster, log, jetstream, relay, load, _servers: servers }
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
    async fn caught_up(&mut self, what: &str) {
        // What is on its way may still arrive; what comes after it can not without a leader.
        let head = self.log.head().await.unwrap() + 20;
        let start = Instant::now();
        self.relay.published(head).await;
        println!("{what}: {head} published after {:?}", start.elapsed());
        assert!(start.elapsed() < GAP, "{what}: {:?}", start.elapsed());
    }

    async fn finish(mut self) {
        let acked: BTreeSet<u64> = self.load.take().unwrap().stop().await;
        let last = self.log.head().await.unwrap();
        self.relay.published(last).await;
        println!("{last} events");
        sets::check(&acked, &self.log, &self.jetstream).await;
        let stream = self.jetstream.get_stream("TEST").await.unwrap();
        assert_eq!(stream.cached_info().config.num_replicas, NODES);
    }
}

#[tokio::test]
async fn a_server_killed_or_paused_costs_no_event() {
    let mut machine = Clustered::start().await;
    for round in 0..2 {
        let leader = machine.leader().await;
        machine.cluster.kill9(leader).await.unwrap();
        machine.caught_up(&format!("{round}: leader killed")).await;
        machine.cluster.start_node(leader).await.unwrap();
        machine.caught_up(&format!("{round}: and back")).await;
        let leader = machine.leader().await;
        machine.cluster.pause(leader).unwrap();
        machine.caught_up(&format!("{round}: leader paused")).await;
        machine.cluster.resume(leader).unwrap();
        machine.caught_up(&format!("{round}: and goes on")).await;
        let follower = (machine.leader().await + 1) % NODES;
        machine.cluster.kill9(follower).await.unwrap();
        machine.caught_up(&format!("{round}: follower killed")).await;
        machine.cluster.start_node(follower).await.unwrap();
    }
    machine.finish().await;
}

#[tokio::test]
async fn a_server_cut_off_from_the_others_costs_no_event() {
    let mut machine = Clustered::start().await;
    for round in 0..2 {
        let leader = machine.leader().await;
        machine.cluster.isolate(leader);
        machine.caught_up(&format!("{round}: leader cut off")).await;
        machine.cluster.rejoin(leader);
        machine.caught_up(&format!("{round}: and back")).await;
        let follower = (machine.leader().await + 1) % NODES;
        machine.cluster.isolate(follower);
        machine.caught_up(&format!("{round}: follower cut off")).await;
        machine.cluster.rejoin(follower);
    }
    machine.finish().await;
}

#[tokio::test]
async fn without_a_majority_the_stream_waits_and_commands_do_not() {
    let mut machine = Clustered::start().await;
    machine.caught_up("before").await;
    machine.cluster.kill9(0).await.unwrap();
    machine.cluster.kill9(1).await.unwrap();
    let named = machine.relay.problem("FAILING").await;
    let before = machine.load.as_ref().unwrap().count();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let after = machine.load.as_ref().unwrap().count();
    assert!(after > before + 20, "commands waited for NATS: {before}, then {after}");
    println!("named after {named:?}; {} commands in two seconds without NATS", after - before);
    machine.cluster.start_node(0).await.unwrap();
    machine.cluster.start_node(1).await.unwrap();
    machine.caught_up("majority back").await;
    machine.finish().await;
}
