//! Faults of nats-server.

use std::time::{Duration, Instant};

use local::NatsSettings;
use rand::Rng as _;

use super::row::{Outcome, Row, Run, Tier};
use crate::chaos_run;
use crate::support::relaying::{Load, Relaying};

/// nats-server killed and started again, under load.
pub(super) static F6: Row = Row {
    id: "F6",
    fault: "nats-server killed with SIGKILL and started again, under commands of 8 callers",
    passes: "no command fails; the stream is level again within 15 s; nothing missing, double or \
             out of order",
    control: "`the_checker_finds_every_kind_of_fault`",
    tier: Tier::Commit,
    run: chaos_run!(nats_killed),
};

async fn nats_killed(run: Run) -> Outcome {
    let mut choices = run.choices();
    let settings = NatsSettings { sync_always: choices.random(), ..NatsSettings::default() };
    let mut machine = Relaying::start_with(settings).await;
    let mut relay = machine.relay();
    let load = Load::start(&machine.log, 8, None);
    let (kills, mut slowest) = (run.size(3, 10, 30), Duration::ZERO);
    for _ in 0..kills {
        tokio::time::sleep(Duration::from_millis(choices.random_range(0..900))).await;
        machine.servers.kill9_nats().await.unwrap();
        tokio::time::sleep(Duration::from_millis(choices.random_range(0..300))).await;
        machine.servers.start_nats().await.unwrap();
        let back = Instant::now();
        let head = machine.log.head().await.unwrap();
        relay.published(head).await;
        slowest = slowest.max(back.elapsed());
        assert!(slowest < Duration::from_secs(15), "level again only after {slowest:?}");
    }
    // A command that failed would have ended its caller.
    machine.acked.extend(load.stop().await);
    let last = machine.log.head().await.unwrap();
    relay.published(last).await;
    machine.check().await;
    Outcome::passed()
        .figure("kills", kills)
        .figure("acknowledged", machine.acked.len())
        .figure("slowest catch-up", format!("{:.1} s", slowest.as_secs_f64()))
}
