//! How fast the relay is, as ratios within one run. `QUDAO_RELAY_EVENTS` sets the size of the
//! backlog; figures worth telling come from a release build:
//! `QUDAO_RELAY_EVENTS=200000 cargo nextest run --release -p cluster-tests relay_speed --no-capture`

use std::time::Duration;

use kernel::relay::{Settings, measure};
use local::NatsSettings;

use cluster_tests::support::relaying::Relaying;

const ROUNDS: usize = 3;

/// The middle of several rates.
fn middle(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backlog_drains_faster_in_batches_than_one_by_one() {
    let events = std::env::var("QUDAO_RELAY_EVENTS").ok().and_then(|text| text.parse().ok());
    let events = events.unwrap_or(4_000);
    let always = NatsSettings { sync_always: true, ..NatsSettings::default() };
    let synced = Relaying::start_with(always).await;
    let unsynced = Relaying::start().await;
    measure::fill(&synced.log, events).await.unwrap();
    measure::fill(&unsynced.log, events).await.unwrap();
    let windows = Settings { batches: false, ..Settings::default() };
    let (mut batched, mut windowed, mut both) = (Vec::new(), Vec::new(), Vec::new());
    // One after the other in each round, so that a busy moment of the machine meets all of them.
    for _ in 0..ROUNDS {
        let drain = measure::drain(&synced.log, &synced.jetstream, Settings::default());
        batched.push(drain.await.unwrap().per_second());
        let drain = measure::drain(&unsynced.log, &unsynced.jetstream, windows);
        windowed.push(drain.await.unwrap().per_second());
        let drain = measure::drain(&unsynced.log, &unsynced.jetstream, Settings::default());
        both.push(drain.await.unwrap().per_second());
    }
    let few = u32::try_from(events / 40).unwrap();
    let singly = measure::drain_singly(&synced.log, &synced.jetstream, few).await.unwrap();
    let (batched, windowed, both) = (middle(batched), middle(windowed), middle(both));
    let singly = singly.per_second();
    println!(
        "backlog of {events}: batches under `always` {batched:.0}/s, windows without it \
         {windowed:.0}/s, ratio {:.2}; batches without it {both:.0}/s; singly under `always` \
         {singly:.0}/s",
        batched / windowed
    );
    assert!(batched > singly, "batches gain nothing: {batched:.0}/s against {singly:.0}/s");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_is_published_right_after_its_commit() {
    let machine = Relaying::start().await;
    let pause = Duration::from_millis(3);
    let times = measure::idle(&machine.log, &machine.jetstream, 500, pause).await.unwrap();
    let [middle, nearly, last] = [50, 99, 100].map(|percent| times.percentile(percent));
    println!("commit to published, idle: p50 {middle:?}, p99 {nearly:?}, longest {last:?}");
    // Debug builds on busy machines are slow; a relay that polls would need 500 ms.
    assert!(middle < Duration::from_millis(50), "{middle:?}");
}
