//! Faults of PostgreSQL under the whole system.

use std::time::{Duration, Instant};

use local::process::Signal;
use rand::Rng as _;
use rand::seq::IndexedRandom as _;
use sqlx::{Connection as _, PgConnection};

use super::audit;
use super::load::Load;
use super::row::{Outcome, Row, Run, Tier};
use crate::chaos_run;
use crate::support::shop::{self, order_of, submit};
use crate::support::system::System;

/// PostgreSQL ended in all three ways.
pub(super) static F2: Row = Row {
    id: "F2",
    fault: "PostgreSQL killed with SIGKILL, shut down immediately, or shut down fast, and started \
            again, once only after 16 s, under orders of 8 clients",
    passes: "nothing acknowledged is missing; a failed call says UNAVAILABLE; commands are \
             accepted again within 10 s of PostgreSQL taking connections, by the same process; \
             no pool has more connections than its limit, none is left in a transaction; stream \
             and read models equal the log",
    control: "`a_checker_of_requests_finds_every_kind_of_fault`; a connection left in a \
              transaction is made on purpose and has to be found",
    tier: Tier::Commit,
    run: chaos_run!(ended),
};

/// How long until commands are accepted again.
const RESUMED: Duration = Duration::from_secs(10);

/// Longer than the log keeps trying for its callers, so that they are told.
const LONG: Duration = Duration::from_secs(16);

async fn ended(run: Run) -> Outcome {
    let mut choices = run.choices();
    let mut system = System::start().await;
    let admin = shop::open(&system).await;
    submit(&admin, &order_of("SO-0", 1)).await;
    let load = Load::start(&audit::clients(&system, 4), 8);
    let (ends, mut slowest) = (run.size(3, 12, 40), Duration::ZERO);
    let ways = [Signal::KILL, Signal::QUIT, Signal::INT];
    for number in 0..ends {
        load.goes_on(choices.random_range(5..50), Duration::from_secs(30)).await;
        // Each way at least once, then any.
        let way = ways.get(number).or_else(|| ways.choose(&mut choices)).copied().unwrap();
        system.servers.end_postgres(way).await.unwrap();
        let away = match number + 1 == ends && run.tier > Tier::Commit {
            true => LONG,
            false => Duration::from_millis(choices.random_range(0..500)),
        };
        tokio::time::sleep(away).await;
        system.servers.start_postgres().await.unwrap();
        let (back, had) = (Instant::now(), load.count());
        while load.count() == had {
            assert!(back.elapsed() < RESUMED, "{way:?}: no command is accepted after {RESUMED:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        slowest = slowest.max(back.elapsed());
    }
    load.goes_on(50, Duration::from_secs(30)).await;
    let book = load.finish().await;
    let ended = system.ended(Duration::from_millis(20)).await;
    assert_eq!(ended, None, "the process has ended: {}", system.said());
    audit::all(&system, &book).await;
    book.must_be_unavailable();
    let told = !book.failures.is_empty();
    assert!(told || run.tier == Tier::Commit, "nobody was told of {LONG:?} without a database");
    let connections = pools(&system).await;
    Outcome::passed()
        .figure("ends", ends)
        .figure("acknowledged", book.acknowledged.len())
        .figure("failed and repeated", book.unfinished)
        .figure("slowest resumption", format!("{:.1} s", slowest.as_secs_f64()))
        .figure("connections after", connections)
}

/// Connections that the pools of a process with all roles have at most, by name: each log is open
/// four times, for commands, for read models, for policies and for webhooks, with 8 connections to read, 4 to
/// read for a tenant, 3 to write and 2 of the owner, that of orders for payments and connectors, too; one relay of it leads on a connection of
/// its own.
const LIMITS: [(&str, i64); 8] = [
    ("order_log", 6 * 17 + 1),
    ("partner_log", 4 * 17 + 1),
    ("collab_log", 4 * 17 + 1),
    ("read_models", 22),
    ("policies", 12),
    ("webhooks", 16),
    ("payments", 13),
    ("connectors", 16),
];

/// Checks the pools; the number of all connections.
async fn pools(system: &System) -> i64 {
    let url = system.servers.postgres_url();
    let mut look = PgConnection::connect(&url).await.unwrap();
    // Nobody is in the middle of anything for long once there is no load.
    assert_eq!(settled(&mut look).await, 0, "connections are left in a transaction");
    let mut planted = PgConnection::connect(&url).await.unwrap();
    let begun = planted.begin().await.unwrap();
    assert_eq!(in_transaction(&mut look).await, 1, "what is planted must be found");
    drop(begun);
    let mut all = 0;
    for (pool, limit) in LIMITS {
        let count: i64 =
            sqlx::query_scalar("SELECT count(*) FROM pg_stat_activity WHERE application_name = $1")
                .bind(pool)
                .fetch_one(&mut look)
                .await
                .unwrap();
        assert!((1..=limit).contains(&count), "{pool} has {count} connections, of {limit} at most");
        all += count;
    }
    all
}

async fn settled(look: &mut PgConnection) -> i64 {
    let mut left = 0;
    for _ in 0..100 {
        left = in_transaction(look).await;
        if left == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    left
}

async fn in_transaction(look: &mut PgConnection) -> i64 {
    sqlx::query_scalar(
        "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'",
    )
    .fetch_one(look)
    .await
    .unwrap()
}
