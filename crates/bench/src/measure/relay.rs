//! The relay: how fast a backlog goes into the stream, and how soon an event is there at rest.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use async_nats::jetstream;
use kernel::log::Log;
use kernel::relay::{Relay, Settings, Status};
use local::{NatsSettings, TestServers};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{Run, outcome};
use crate::load::{Load, Sample, own_cpu};
use crate::report::{Finding, Outcome};
use crate::rounds::{Series, Side};
use crate::sides::{filled, ours};
use crate::statistics::Target;

/// Whoever takes longer has failed.
const LIMIT: Duration = Duration::from_secs(120);
/// About what a relay publishes a second, so that a turn is as long as others are.
const PER_SECOND: f64 = 40_000.0;
/// Between two events of somebody who works alone.
const PAUSE: Duration = Duration::from_millis(3);

/// A backlog, in batches into a stream that syncs them; against single messages, of which many are
/// on their way, into one that does not.
pub(super) async fn backlog(run: &Run<'_>) -> anyhow::Result<Outcome> {
    let synced = NatsSettings { sync_always: true, ..NatsSettings::default() };
    let (synced, unsynced) = (TestServers::start_with(synced).await?, TestServers::start().await?);
    let events = run.count(PER_SECOND);
    let log = Log::open(run.database.url(), "relay").await?;
    run.progress.say(format!("a backlog of {events} events"));
    filled::log(run.database.url(), "relay_log", i64::try_from(events)?, |_| ()).await?;
    let windows = Settings { batches: false, ..Settings::default() };
    let sides = [
        drain("batches, `sync_interval: always`", &log, &synced, Settings::default()).await?,
        drain("windows of single messages, synced now and then", &log, &unsynced, windows).await?,
        drain("batches, synced now and then", &log, &unsynced, Settings::default()).await?,
    ];
    let series = run.compare(1, &sides).await?;
    let what = "relay draining a backlog in batches, each of them synced";
    let finding = Finding::of_rates("relay_always_vs_window", what, &series[0], &series[1]);
    let note = format!("a backlog of {events} events in each turn");
    outcome(
        "relay_always_vs_window",
        1,
        &series,
        [finding.map(|finding| finding.target(Target::AtLeast(0.7)).note(note))],
    )
}

/// Fills an empty stream in each turn.
async fn drain(
    name: &str,
    log: &Log,
    servers: &TestServers,
    settings: Settings,
) -> anyhow::Result<Side> {
    let jetstream = jetstream::new(async_nats::connect(servers.nats_url()).await?);
    let log = log.clone();
    Ok(Side::driven(name, move |_| {
        let (log, jetstream) = (log.clone(), jetstream.clone());
        Box::pin(async move {
            // The first turn finds no stream to delete.
            let _ = jetstream.delete_stream(kernel::stream::name(log.context())).await;
            let events = log.head().await?;
            let mut relay = Running::start(&log, &jetstream, settings);
            relay.reached(0).await?;
            let (cpu, started) = (own_cpu(), Instant::now());
            relay.reached(events).await?;
            let (elapsed, cpu) = (started.elapsed(), own_cpu().saturating_sub(cpu));
            relay.stop().await?;
            Sample::bulk(events, elapsed, Some(cpu))
        })
    }))
}

/// One event after another with pauses between. The relay is in the writer's process, as in a role.
pub(super) async fn idle(run: &Run<'_>) -> anyhow::Result<Outcome> {
    let servers = TestServers::start().await?;
    let log = Log::open(run.database.url(), "relay").await?;
    let jetstream = jetstream::new(async_nats::connect(servers.nats_url()).await?);
    let relay = Arc::new(Mutex::new(Running::start(&log, &jetstream, Settings::default())));
    let side = Side::driven("one event at a time", move |load| {
        let (log, relay) = (log.clone(), relay.clone());
        Box::pin(async move { published(load, &log, &mut *relay.lock().await).await })
    });
    let series = run.compare(1, &[side]).await?;
    let findings = waits("commit_to_published", "commit → acknowledged by JetStream, idle");
    outcome("commit_to_published_p50_ms", 1, &series, findings(&series[0], [1.5, 10.0]))
}

async fn published(load: Load, log: &Log, relay: &mut Running) -> anyhow::Result<Sample> {
    let (cpu, started) = (own_cpu(), Instant::now());
    let mut times = Vec::new();
    while started.elapsed() < load.window || times.is_empty() {
        tokio::time::sleep(PAUSE).await;
        let event = ours::append_of(uuid::Uuid::new_v4().to_string(), 0)?;
        let position = log.append(event).await?.position;
        let committed = Instant::now();
        relay.reached(position).await?;
        times.push(committed.elapsed());
    }
    Sample::waits(&times, started.elapsed(), own_cpu().saturating_sub(cpu))
}

/// What half of all, and nearly all, did not wait longer than; with what they should not.
pub(super) fn waits(
    name: &'static str,
    what: &'static str,
) -> impl Fn(&Series, [f64; 2]) -> Vec<Option<Finding>> {
    move |series, targets| {
        let quantiles = [("p50", 0.5), ("p99", 0.99)];
        let finding = |((short, quantile), target): ((&str, f64), f64)| {
            let times = series.each(|sample| sample.quantile_ms(quantile));
            let name = format!("{name}_{short}_ms");
            let finding = Finding::alone(&name, &format!("{what}, {short}"), "ms", &times)?;
            Some(finding.target(Target::AtMost(target)))
        };
        quantiles.into_iter().zip(targets).map(finding).collect()
    }
}

/// A relay of this process.
pub(super) struct Running {
    status: watch::Receiver<Status>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Running {
    pub(super) fn start(log: &Log, jetstream: &jetstream::Context, settings: Settings) -> Self {
        let relay = Relay::new(log.clone(), jetstream.clone(), settings);
        let (status, stop) = (relay.status(), CancellationToken::new());
        let task = tokio::spawn(relay.run(stop.clone()));
        Self { status, stop, task }
    }

    /// Waits until the stream has this sequence.
    pub(super) async fn reached(&mut self, sequence: u64) -> anyhow::Result<()> {
        let there = |status: &Status| status.sequence.is_some_and(|at| at >= sequence);
        timeout(LIMIT, self.status.wait_for(there))
            .await
            .with_context(|| format!("the relay did not get to {sequence} in two minutes"))??;
        Ok(())
    }

    async fn stop(&mut self) -> anyhow::Result<()> {
        self.stop.cancel();
        (&mut self.task).await.context("the relay ended badly")
    }
}
