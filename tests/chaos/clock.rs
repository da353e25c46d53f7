//! Clocks that are wrong, and that are put right while everything runs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use kernel::clock;
use proto::access::v1::Role;
use proto::operations::v1::ListProjectionsRequest;
use proto::operations::v1::operations_service_client::OperationsServiceClient;
use rand::Rng as _;
use rand::seq::SliceRandom as _;
use sqlx::PgPool;
use tonic::Code;

use super::audit;
use super::load::Load;
use super::row::{Outcome, Row, Run, Tier};
use crate::chaos_run;
use crate::support::shop::{self, order_of, submit};
use crate::support::system::{Launch, System};

/// The clock of the process runs wrong and jumps.
pub(super) static F15: Row = Row {
    id: "F15",
    fault: "the clock of the process with all roles an hour ahead, an hour behind, and put back \
            by ten minutes while it runs; the newest recorded time an hour ahead, as after the \
            database's clock was put back; under orders of 8 clients",
    passes: "nothing acknowledged is missing, doubled or out of order, recorded times never run \
             backwards, read models equal the log; by the process's clock, a token is taken up \
             to 60 s at most outside its time, and refused beyond",
    control: "that the process's clock is wrong is read from what it writes; \
              `a_checker_of_requests_finds_every_kind_of_fault`",
    tier: Tier::Commit,
    run: chaos_run!(wrong_clocks),
};

/// The library that gives a program another clock (Debian's package `faketime`).
const LIBRARY: &str = "faketime/libfaketimeMT.so.1";

async fn wrong_clocks(run: Run) -> Outcome {
    let Some(library) = library() else {
        return Outcome::skipped(format!("{LIBRARY} is missing: apt-get install faketime"));
    };
    let mut choices = run.choices();
    let mut system = System::start().await;
    let file = system.servers.dir().join("clock");
    let admin = shop::open(&system).await;
    submit(&admin, &order_of("SO-0", 1)).await;
    system.launch = under(&library, &file);
    let load = Load::start(&[long(&system)], 8);
    let (rounds, mut tokens, mut changes) = (run.size(1, 3, 12), 0, 0);
    for _ in 0..rounds {
        let mut wrong = [TimeDelta::hours(1), TimeDelta::hours(-1)];
        wrong.shuffle(&mut choices);
        for off in wrong {
            set(&file, off);
            system.kill_process();
            system.start_process();
            system.ready().await;
            tokens += checks_tokens(&system, off).await;
            is_off(&system, &load, off).await;
            load.goes_on(choices.random_range(20..120), Duration::from_secs(60)).await;
            // Put back while it runs.
            let back = off - TimeDelta::minutes(10);
            set(&file, back);
            load.goes_on(choices.random_range(20..120), Duration::from_secs(60)).await;
            tokens += checks_tokens(&system, back).await;
            is_off(&system, &load, back).await;
            changes += 2;
        }
    }
    set(&file, TimeDelta::zero());
    let ahead = database_was_ahead(&system).await;
    load.goes_on(50, Duration::from_secs(60)).await;
    let book = load.finish().await;
    audit::all(&system, &book).await;
    assert!(backwards(&system).await == 0, "a recorded time runs backwards");
    assert!(newest(&system).await >= ahead, "what the database recorded last is not the newest");
    Outcome::passed()
        .figure("changes of the clock", changes)
        .figure("acknowledged", book.acknowledged.len())
        .figure("tokens judged", tokens)
}

fn library() -> Option<PathBuf> {
    let folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"];
    folders.iter().map(|folder| Path::new(folder).join(LIBRARY)).find(|file| file.exists())
}

/// The process with a clock that a file moves. Its timers keep to the real time, as they do when
/// a machine's clock is set.
fn under(library: &Path, file: &Path) -> Launch {
    let environment = vec![
        ("LD_PRELOAD", library.display().to_string()),
        ("FAKETIME_TIMESTAMP_FILE", file.display().to_string()),
        ("FAKETIME_NO_CACHE", "1".to_owned()),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
    ];
    Launch { environment, ..Launch::default() }
}

fn set(file: &Path, off: TimeDelta) {
    // At once whole, since it is read all the time.
    let new = file.with_extension("new");
    std::fs::write(&new, format!("{:+}", off.num_seconds())).unwrap();
    std::fs::rename(&new, file).unwrap();
}

/// Somebody signed in whatever the clock says.
fn long(system: &System) -> crate::support::system::User {
    let now = clock::now();
    let (from, until) = (now - TimeDelta::hours(3), now + TimeDelta::hours(3));
    system.user_until("acme", &[Role::HqAdmin], None, (from, until))
}

/// Asks with tokens around the process's time; how many were judged.
async fn checks_tokens(system: &System, off: TimeDelta) -> usize {
    let now = clock::now() + off;
    let (second, hour) = (TimeDelta::seconds(1), TimeDelta::hours(1));
    let cases = [
        ("in its time", now - second * 60, now + second * 60, Some(true)),
        ("ended ten seconds ago", now - hour, now - second * 10, Some(true)),
        ("begins in ten seconds", now + second * 10, now + hour, Some(true)),
        ("ended 65 seconds ago", now - hour, now - second * 65, Some(false)),
        ("begins in 75 seconds", now + second * 75, now + hour, Some(false)),
        ("ended an hour ago", now - hour * 2, now - hour, Some(false)),
    ];
    let count = cases.len();
    for (case, from, until, good) in cases {
        let user = system.user_until("acme", &[Role::HqAdmin], None, (from, until));
        let mut rpc = OperationsServiceClient::new(user.channel.clone());
        let answer = rpc.list_projections(user.says(ListProjectionsRequest {})).await;
        let taken = match answer {
            Ok(_) => true,
            Err(status) if status.code() == Code::Unauthenticated => false,
            Err(status) => panic!("{case}: {status:?}"),
        };
        assert_eq!(Some(taken), good, "the clock is off by {off}; a token that {case}");
    }
    count
}

/// Reads the process's clock from what it writes: when a read model was fed last.
async fn is_off(system: &System, load: &Load, off: TimeDelta) {
    let mut seen = TimeDelta::zero();
    for _ in 0..50 {
        load.goes_on(1, Duration::from_secs(60)).await;
        let pool = PgPool::connect(&system.servers.postgres_url()).await.unwrap();
        let applied: chrono::DateTime<Utc> = sqlx::query_scalar(
            "SELECT applied_at FROM read_models.checkpoints WHERE name = 'orders'",
        )
        .fetch_one(&pool)
        .await
        .unwrap();
        seen = applied - clock::now();
        if (seen - off).abs() < TimeDelta::seconds(30) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the clock of the process is off by {seen}, not by {off}");
}

/// As if the database's clock had been an hour ahead and was put right.
async fn database_was_ahead(system: &System) -> chrono::DateTime<Utc> {
    let pool = PgPool::connect(&system.servers.postgres_url()).await.unwrap();
    sqlx::query_scalar(
        "UPDATE order_log.log_head SET recorded_at = recorded_at + interval '1 hour'
         RETURNING recorded_at",
    )
    .fetch_one(&pool)
    .await
    .unwrap()
}

async fn newest(system: &System) -> chrono::DateTime<Utc> {
    let pool = PgPool::connect(&system.servers.postgres_url()).await.unwrap();
    let newest = "SELECT recorded_at FROM order_log.events ORDER BY position DESC LIMIT 1";
    sqlx::query_scalar(newest).fetch_one(&pool).await.unwrap()
}

/// Events recorded earlier than the one before them.
async fn backwards(system: &System) -> i64 {
    let pool = PgPool::connect(&system.servers.postgres_url()).await.unwrap();
    sqlx::query_scalar(
        "SELECT count(*) FROM (
             SELECT recorded_at < lag(recorded_at) OVER (ORDER BY position) AS earlier
             FROM order_log.events) AS pairs WHERE earlier",
    )
    .fetch_one(&pool)
    .await
    .unwrap()
}
