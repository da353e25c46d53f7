//! Faults of the lock that positions are given under.

use std::time::{Duration, Instant};

use kernel::log::Log;
use rand::Rng as _;
use sqlx::postgres::Postgres;
use sqlx::{PgPool, Transaction};

use super::row::{Outcome, Row, Run, Tier};
use crate::chaos_run;
use crate::support::metrics::{gauge, recorded};
use crate::support::relaying::{Load, Relaying, Running};

/// The head's lock held by an open transaction.
pub(super) static F5: Row = Row {
    id: "F5",
    fault: "transactions left open under commands of 8 callers: one that has written in another \
            database, one that has written beside the log, one that holds the lock of its head",
    passes: "the first two hold nobody up; the third is told by `qudao_append_stalled_seconds` and \
             its pid within 5 s, and 5 s after its end everything is stored and streamed, nothing \
             missing; one of our own is ended after 60 s",
    control: "the row itself: appends must stop while the lock is held, and not before",
    tier: Tier::Commit,
    run: chaos_run!(stalled),
};

/// A transaction that somebody leaves open.
struct LeftOpen {
    tx: Transaction<'static, Postgres>,
    pid: i32,
}

impl LeftOpen {
    async fn of(pool: &PgPool, statements: &[&str]) -> Self {
        let mut tx = pool.begin().await.unwrap();
        for statement in statements {
            sqlx::query(statement).execute(&mut *tx).await.unwrap();
        }
        let pid = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut *tx).await.unwrap();
        Self { tx, pid }
    }
}

async fn stalled(run: Run) -> Outcome {
    recorded();
    let mut choices = run.choices();
    let mut machine = Relaying::start().await;
    let mut relay = machine.relay();
    let other = machine.servers.database_url("other").await.unwrap();
    let other = kernel::log::connect(&other, "other", 1).await.unwrap();
    let beside = kernel::log::connect(&machine.servers.postgres_url(), "beside", 2).await.unwrap();
    let load = Load::start(&machine.log, 8, None);
    let write = ["CREATE TABLE t (n int)", "INSERT INTO t VALUES (1)"];
    let (mut told, mut caught_up, mut held) = (Duration::ZERO, Duration::ZERO, 0);
    for _ in 0..run.size(1, 2, 4) {
        for pool in [&other, &beside] {
            let left = LeftOpen::of(pool, &write).await;
            let before = load.count();
            tokio::time::sleep(Duration::from_secs(2)).await;
            let more = load.count() - before;
            assert!(more > 50, "only {more} commands while another transaction was open");
            assert_eq!(gauge("qudao_append_stalled_seconds", "test"), 0.0);
            left.tx.rollback().await.unwrap();
            held += 1;
        }
        let lock = "SELECT FROM test_log.log_head FOR UPDATE";
        let left = LeftOpen::of(&beside, &[lock]).await;
        told = told.max(until_told(left.pid).await);
        let before = load.count();
        let hold = run.size(1_500..3_000, 5_000..10_000, 20_000..30_000);
        tokio::time::sleep(Duration::from_millis(choices.random_range(hold))).await;
        assert_eq!(load.count(), before, "appends went past the lock");
        left.tx.rollback().await.unwrap();
        held += 1;
        caught_up = caught_up.max(until_level(&machine, &mut relay).await);
    }
    if run.tier == Tier::Release {
        until_ended(&machine.log).await;
        held += 1;
    }
    machine.acked.extend(load.stop().await);
    relay.published(machine.log.head().await.unwrap()).await;
    machine.check().await;
    Outcome::passed()
        .figure("transactions left open", held)
        .figure("acknowledged", machine.acked.len())
        .figure("told after", format!("{:.1} s", told.as_secs_f64()))
        .figure("level again after", format!("{:.1} s", caught_up.as_secs_f64()))
}

/// How long it takes until metrics say that appends are stalled, and by whom.
async fn until_told(pid: i32) -> Duration {
    let start = Instant::now();
    loop {
        let stalled = gauge("qudao_append_stalled_seconds", "test") > 0.0;
        if stalled && gauge("qudao_append_blocked_by", "test") == f64::from(pid) {
            return start.elapsed();
        }
        assert!(start.elapsed() < Duration::from_secs(5), "nobody tells who holds the lock");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// How long it takes until commands are stored and streamed again, and the alarm is over.
async fn until_level(machine: &Relaying, relay: &mut Running) -> Duration {
    let start = Instant::now();
    let head = machine.log.head().await.unwrap() + 20;
    relay.published(head).await;
    while gauge("qudao_append_stalled_seconds", "test") > 0.0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let took = start.elapsed();
    assert!(took < Duration::from_secs(5), "level again only after {took:?}");
    took
}

/// A transaction that the log's own connections leave open is ended by the server.
async fn until_ended(log: &Log) {
    let left = LeftOpen::of(log.pool(), &["SELECT FROM log_head FOR UPDATE"]).await;
    let start = Instant::now();
    let there = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1)";
    while sqlx::query_scalar(there).bind(left.pid).fetch_one(log.pool()).await.unwrap() {
        assert!(start.elapsed() < Duration::from_secs(65), "nobody ended it");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
