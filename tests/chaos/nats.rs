//! Faults of nats-server.

use std::time::{Duration, Instant};

use async_nats::jetstream;
use futures::TryStreamExt as _;
use kernel::projection::fold::Feed;
use kernel::relay::reconcile::reconcile;
use kernel::relay::{Difference, Problem, Settings, inspect};
use kernel::stream;
use local::NatsSettings;
use rand::Rng as _;
use rand::seq::SliceRandom as _;

use super::row::{Outcome, Row, Run, Tier};
use crate::chaos_run;
use crate::support::counter::count;
use crate::support::relaying::{Load, Relaying, Running, publish, unprotected};
use crate::support::sets;
use crate::support::tally::{Harm, Tally, Works};

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

/// Streams that are lost.
pub(super) static F9: Row = Row {
    id: "F9",
    fault: "JetStream's directory is wiped, the stream deleted, its consumers deleted, the stream \
            purged, under commands of 4 callers",
    passes: "noticed within 10 s, filled again within 60 s, by itself or, after a purge, which our \
             own streams refuse, by `reconcile`; nothing missing or double in stream or rows",
    control: "`the_checker_finds_every_kind_of_fault`",
    tier: Tier::Commit,
    run: chaos_run!(stream_lost),
};

#[derive(Clone, Copy, Debug)]
enum Loss {
    Wiped,
    Deleted,
    ConsumersDeleted,
}

async fn stream_lost(run: Run) -> Outcome {
    let mut choices = run.choices();
    let mut works = Works::start().await;
    let events: u64 = run.size(4_000, 20_000, 100_000);
    works.import(50, events).await;
    let mut relay = purged(&works).await;
    let mut feeding = works.feed(Tally::<1>::new(Harm::None)).await;
    let load = Load::start(&works.log, 4, None);
    let (mut noticed, mut filled) = (Duration::ZERO, Duration::ZERO);
    let rounds = run.size(1, 2, 5);
    for _ in 0..rounds {
        let mut losses = [Loss::Wiped, Loss::Deleted, Loss::ConsumersDeleted];
        losses.shuffle(&mut choices);
        for loss in losses {
            let made = made_at(&works.jetstream).await;
            lose(&mut works, loss).await;
            let lost = Instant::now();
            if !matches!(loss, Loss::ConsumersDeleted) {
                while made_at(&works.jetstream).await <= made {
                    assert!(lost.elapsed() < Duration::from_secs(10), "{loss:?} is not noticed");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                noticed = noticed.max(lost.elapsed());
            }
            let head = works.log.head().await.unwrap();
            until_filled(&works, head).await;
            filled = filled.max(lost.elapsed());
            feeding.reached(head + 1).await;
            let limit = Duration::from_secs(60);
            assert!(lost.elapsed() < limit, "{loss:?}: {:?}", lost.elapsed());
        }
    }
    let acked = load.stop().await;
    let head = works.log.head().await.unwrap();
    relay.published(head).await;
    feeding.reached(head).await;
    sets::check(&acked, &works.log, &works.jetstream).await;
    assert_eq!(works.sums("read").await, works.expected("again", Feed::Bulk).await);
    feeding.stop().await;
    relay.stop().await;
    Outcome::passed()
        .figure("events", head)
        .figure("times lost", 3 * rounds + 1)
        .figure("slowest to be noticed", format!("{:.1} s", noticed.as_secs_f64()))
        .figure("slowest to be filled", format!("{:.1} s", filled.as_secs_f64()))
}

/// When the stream was made; none while it is not there or does not answer.
async fn made_at(jetstream: &jetstream::Context) -> Option<i128> {
    let stream = jetstream.get_stream(stream::name("test")).await.ok()?;
    Some(stream.cached_info().created.unix_timestamp_nanos())
}

async fn lose(works: &mut Works, loss: Loss) {
    match loss {
        Loss::Wiped => works.servers.wipe_jetstream().await.unwrap(),
        Loss::Deleted => drop(works.jetstream.delete_stream("TEST").await.unwrap()),
        Loss::ConsumersDeleted => {
            let stream = works.jetstream.get_stream("TEST").await.unwrap();
            let names: Vec<String> = stream.consumer_names().try_collect().await.unwrap();
            for name in &names {
                stream.delete_consumer(name).await.unwrap();
            }
        }
    }
}

async fn until_filled(works: &Works, head: u64) {
    let start = Instant::now();
    loop {
        let standing = inspect(&works.log, &works.jetstream, Difference::Last).await;
        if let Ok(Some(standing)) = standing
            && standing.sequence >= head
        {
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "not filled again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A stream that was purged before it had our protection, named and put right; our own refuses.
async fn purged(works: &Works) -> Running {
    let open = unprotected(&works.jetstream).await;
    let some = works.log.read_after(0, 1_000).await.unwrap();
    publish(&works.jetstream, &some).await;
    open.purge().await.unwrap();
    let mut relay = Running::start(&works.log, &works.jetstream, Settings::default());
    let named = relay.problem("INCOMPLETE").await;
    assert!(named < Duration::from_secs(10), "{named:?}");
    // New events flow all the same.
    let next = count(&works.log, "next", 1).await.position;
    relay.published(next).await;
    let problem = relay.status.borrow().problem.clone();
    let expected = some.len() as u64;
    let is = matches!(problem, Some(Problem::Incomplete { missing, .. }) if missing == expected);
    assert!(is, "{problem:?}");
    let done = reconcile(&works.log, &works.jetstream, false).await.unwrap();
    assert_eq!((done.foreign, done.put_aside, done.deleted), (0, None, true));
    let well =
        |status: &kernel::relay::Status| status.problem.is_none() && status.sequence >= Some(next);
    relay.until("well", Duration::from_secs(60), well).await;
    let own = works.jetstream.get_stream("TEST").await.unwrap();
    own.purge().await.unwrap_err();
    own.delete_message(1).await.unwrap_err();
    relay
}
