//! A process that is told to stop, under load.

use std::time::{Duration, Instant};

use rand::Rng as _;

use super::audit;
use super::load::Load;
use super::row::{Outcome, Row, Run, Tier};
use crate::chaos_run;
use crate::support::shop::{self, order_of, submit};
use crate::support::system::System;

/// A process stopped in good order.
pub(super) static F27: Row = Row {
    id: "F27",
    fault: "the process with all roles told to stop by SIGTERM, and started again, under orders \
            of 8 clients",
    passes: "it says that it is not ready before it turns the first call away; each call is \
             answered, or ends as UNAVAILABLE; it ends within 20 s with code 0; nothing \
             acknowledged is missing, stream and read models equal the log",
    control: "`a_checker_of_requests_finds_every_kind_of_fault`; a process that is killed instead \
              must not pass for one that stopped",
    tier: Tier::Commit,
    run: chaos_run!(stopped),
};

/// How long it may take to end.
const ENDED: Duration = Duration::from_secs(20);

async fn stopped(run: Run) -> Outcome {
    let mut choices = run.choices();
    let mut system = System::start().await;
    let admin = shop::open(&system).await;
    submit(&admin, &order_of("SO-0", 1)).await;
    let (stops, mut slowest) = (run.size(3, 10, 40), Duration::ZERO);
    let load = Load::start(&audit::clients(&system, 4), 8);
    for _ in 0..stops {
        load.goes_on(choices.random_range(10..60), Duration::from_secs(30)).await;
        tokio::time::sleep(Duration::from_millis(choices.random_range(0..50))).await;
        slowest = slowest.max(stop(&mut system, &load).await);
        system.start_process();
        system.ready().await;
    }
    load.goes_on(20, Duration::from_secs(30)).await;
    let book = load.finish().await;
    audit::all(&system, &book).await;
    book.must_be_unavailable();
    // The same question about an end that is none in good order.
    system.kill_process_later();
    let killed = system.ended(ENDED).await.expect("it was killed");
    assert_ne!(killed.code(), Some(0), "a kill must not pass for a stop");
    Outcome::passed()
        .figure("stops", stops)
        .figure("acknowledged", book.acknowledged.len())
        .figure("turned away and repeated", book.unfinished)
        .figure("slowest end", format!("{:.1} s", slowest.as_secs_f64()))
}

/// Stops the process; how long it took.
async fn stop(system: &mut System, load: &Load) -> Duration {
    let failed = |load: &Load| load.so_far().failures.values().sum::<usize>();
    let before = failed(load);
    system.terminate_process();
    let told = Instant::now();
    while system.roles_are_ready().await || system.is_ready().await {
        let late = told.elapsed();
        assert!(late < Duration::from_millis(900), "still said to be ready after {late:?}");
    }
    assert_eq!(failed(load), before, "calls were turned away before it said that it is not ready");
    let status = system.ended(ENDED).await;
    let status = status.unwrap_or_else(|| panic!("not ended after {ENDED:?}: {}", system.said()));
    assert_eq!(status.code(), Some(0), "{status}: {}", system.said());
    told.elapsed()
}
