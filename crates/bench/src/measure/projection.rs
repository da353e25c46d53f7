//! A real read model, that of orders: how fast it is filled anew, and how soon it shows a fact.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use async_nats::jetstream;
use kernel::log::{Log, connect};
use kernel::projection::fold::{Feed, fold};
use kernel::projection::{AnyProjection, Progress, Runner, install};
use kernel::relay::Settings;
use local::TestServers;
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use super::relay::{Running, waits};
use super::{Run, outcome};
use crate::load::{Load, Sample, own_cpu};
use crate::report::{Finding, Outcome};
use crate::rounds::Side;
use crate::sides::orders::Orders;
use crate::statistics::Target;

/// About what each way of filling gets done a second, so that their turns are about as long.
const ONE_BY_ONE: f64 = 800.0;
const BULK: f64 = 40_000.0;
/// Commands a second while it is measured when their facts are visible.
const PER_SECOND: u32 = 1_000;
/// Whoever waits longer for the read model has failed.
const LIMIT: Duration = Duration::from_secs(60);

fn model() -> anyhow::Result<Arc<dyn AnyProjection>> {
    projector::read_model("orders").context("there is no read model of orders")
}

/// Carries out what may not change threads while it waits, as most of what takes a transaction.
async fn on_one_thread<T: Send + 'static>(
    work: impl AsyncFnOnce() -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    let handle = Handle::current();
    spawn_blocking(move || handle.block_on(work())).await?
}

/// The whole log in bulk, as a rebuild reads it, against a transaction for each fact.
pub(super) async fn rebuild(run: &Run<'_>) -> anyhow::Result<Outcome> {
    let facts = run.count(BULK);
    let log = Log::open(run.database.url(), "order").await?;
    run.progress.say(format!("a log of {facts} facts of orders"));
    let mut orders = Orders::new()?;
    while log.head().await? < facts {
        log.append(orders.next(400)).await?;
    }
    let sides = [
        filled("in bulk", run, &log, Feed::Bulk, facts),
        filled("fact by fact", run, &log, Feed::OneByOne, run.count(ONE_BY_ONE).min(facts)),
    ];
    let series = run.compare(1, &sides).await?;
    let what = "a read model of orders filled in bulk";
    let finding = Finding::of_rates("rebuild_vs_one_by_one", what, &series[0], &series[1]);
    let note = format!("{facts} facts in bulk; fact by fact, each is durable before the next");
    outcome(
        "rebuild_vs_one_by_one",
        1,
        &series,
        [finding.map(|finding| finding.target(Target::AtLeast(50.0)).note(note))],
    )
}

/// Fills tables of its own in each turn.
fn filled(name: &str, run: &Run<'_>, log: &Log, feed: Feed, facts: u64) -> Side {
    let (url, log) = (run.database.url().to_owned(), log.clone());
    let turns = Arc::new(AtomicU32::new(0));
    Side::driven(name, move |_| {
        let turn = turns.fetch_add(1, Ordering::Relaxed);
        let schema = format!("filled_{feed:?}_{turn}").to_lowercase();
        let (url, log) = (url.clone(), log.clone());
        Box::pin(async move {
            let pool = connect(&url, &schema, 4).await?;
            let cpu = own_cpu();
            let filled = pool.clone();
            let folding =
                on_one_thread(async move || Ok(fold(model()?, &filled, &log, feed, facts).await?));
            let folded = folding.await?;
            let cpu = own_cpu().saturating_sub(cpu);
            pool.close().await;
            Sample::bulk(folded.events, folded.took, Some(cpu))
        })
    })
}

/// Commits at a steady rate, and when each fact is in the read model.
pub(super) async fn visible(run: &Run<'_>) -> anyhow::Result<Outcome> {
    let servers = TestServers::start().await?;
    let url = run.database.url();
    let log = Log::open(url, "order").await?;
    let jetstream = jetstream::new(async_nats::connect(servers.nats_url()).await?);
    let _relay = Running::start(&log, &jetstream, Settings::default());
    let pool = connect(url, "visible", 8).await?;
    let followed = log.clone();
    let starting = on_one_thread(async move || {
        install(&pool).await?;
        Ok(Runner::new(model()?, pool, followed, jetstream).await?)
    });
    let runner = starting.await?;
    let progress = runner.progress();
    let stop = CancellationToken::new();
    let _stops = stop.clone().drop_guard();
    tokio::spawn(runner.run(stop));
    let orders = Arc::new(tokio::sync::Mutex::new(Orders::new()?));
    let side = Side::driven("a new order's fact", move |load| {
        let (log, progress, orders) = (log.clone(), progress.clone(), orders.clone());
        Box::pin(async move { seen(load, &log, progress, &mut *orders.lock().await).await })
    });
    let series = run.compare(1, &[side]).await?;
    let findings = waits("commit_to_visible", "commit → visible in a read model, 1,000 commands/s");
    outcome("commit_to_visible_p50_ms", 1, &series, findings(&series[0], [10.0, 50.0]))
}

async fn seen(
    load: Load,
    log: &Log,
    mut progress: Progress,
    orders: &mut Orders,
) -> anyhow::Result<Sample> {
    let watcher = Watcher::start(progress.clone());
    let (cpu, started) = (own_cpu(), Instant::now());
    let mut tick = interval(Duration::from_secs(1) / PER_SECOND);
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut committed = Vec::new();
    while started.elapsed() < load.window || committed.is_empty() {
        tick.tick().await;
        let (log, append) = (log.clone(), orders.next(1));
        committed.push(tokio::spawn(async move {
            log.append(append).await.map(|receipt| (receipt.position, Instant::now()))
        }));
    }
    let elapsed = started.elapsed();
    let mut times = Vec::with_capacity(committed.len());
    for append in committed {
        let (position, at) = append.await??;
        let late = || format!("position {position} is not visible after a minute");
        timeout(LIMIT, progress.reached(position)).await.with_context(late)?;
        times.push(watcher.when(position).await.saturating_duration_since(at));
    }
    Sample::waits(&times, elapsed, own_cpu().saturating_sub(cpu))
}

/// When the read model got to which position.
struct Watcher {
    seen: Arc<Mutex<BTreeMap<u64, Instant>>>,
    stop: CancellationToken,
}

impl Watcher {
    fn start(mut progress: Progress) -> Self {
        let (seen, stop) = (Arc::<Mutex<BTreeMap<_, _>>>::default(), CancellationToken::new());
        let (written, stopped) = (seen.clone(), stop.clone());
        tokio::spawn(stopped.run_until_cancelled_owned(async move {
            loop {
                progress.moved().await;
                let at = progress.now().position;
                written.lock().expect("nobody panics with it").insert(at, Instant::now());
            }
        }));
        Self { seen, stop }
    }

    /// The moment of a position that was reached; it may be noted a little later.
    async fn when(&self, position: u64) -> Instant {
        loop {
            if let Some(moment) = self.noted(position) {
                return moment;
            }
            tokio::task::yield_now().await;
        }
    }

    fn noted(&self, position: u64) -> Option<Instant> {
        let seen = self.seen.lock().expect("nobody panics with it");
        seen.range(position..).next().map(|(_, moment)| *moment)
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
