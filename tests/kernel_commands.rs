//! Commands under competition: many for one object, several processes, failures on the way.

use std::time::Duration;

use futures::future::join_all;
use kernel::command::{Addressed, CommandContext, Commands, Question, Rejected, Work};
use kernel::failure;
use kernel::log::{
    Append, AppendError, Log, NewEvent, OpenError, Receipt, StreamAppend, StreamVersion, Unsafe,
};
use local::TestServers;
use sqlx::Row as _;
use sqlx::postgres::PgPool;
use tonic_types::StatusExt as _;

use cluster_tests::support::counter::{
    Counter, CounterEvent, CounterRefusal, ReshapedCounter, context, count,
};
use cluster_tests::support::relaying::append_large;

struct Store {
    _servers: TestServers,
    log: Log,
    url: String,
}

async fn store() -> Store {
    let servers = TestServers::start().await.unwrap();
    let url = servers.postgres_url();
    let log = Log::open(&url, "test").await.unwrap();
    Store { _servers: servers, log, url }
}

impl Store {
    /// The same log, as another process has it.
    async fn another_process(&self) -> Log {
        Log::open(&self.url, "test").await.unwrap()
    }

    /// The log's database with all rights, which its own connections do not have.
    async fn owner(&self) -> PgPool {
        kernel::log::connect(&self.url, "test_log", 1).await.unwrap()
    }
}

async fn ask(
    log: &Log,
    object_id: &str,
    by: i64,
    context: &CommandContext,
) -> Result<Receipt, Rejected<CounterRefusal>> {
    let command = Addressed::<Counter> { object_id: object_id.to_owned(), command: by };
    Commands::new(log.clone()).execute(&command, context).await
}

/// The lowest value that a counter ever had, by its stored events.
async fn lowest(pool: &PgPool, object_id: &str) -> i64 {
    sqlx::query_scalar(
        "SELECT min(total)::bigint FROM (
             SELECT sum((payload->>'by')::bigint) OVER (ORDER BY sequence) AS total
             FROM events WHERE aggregate_id = 'acme/' || $1) AS history",
    )
    .bind(object_id)
    .fetch_one(pool)
    .await
    .unwrap()
}

#[tokio::test]
async fn commands_for_one_object_follow_each_other_without_waiting_for_the_disk() {
    let store = store().await;
    let receipts = join_all((0..300).map(|_| count(&store.log, "hot", 1))).await;
    let mut versions: Vec<_> = receipts.iter().map(|receipt| receipt.version).collect();
    versions.sort_unstable();
    assert_eq!(versions, (1..=300).collect::<Vec<_>>());
    let times: i64 = sqlx::query_scalar("SELECT count(DISTINCT recorded_at) FROM events")
        .fetch_one(store.log.pool())
        .await
        .unwrap();
    assert!(times < 100, "300 commands for one object took {times} commits");
}

#[tokio::test]
async fn a_limit_holds_for_any_number_of_callers_in_several_processes() {
    let store = store().await;
    let other = store.another_process().await;
    count(&store.log, "fund", 250).await;
    let takes = (0..120).map(|n| {
        let log = if n % 2 == 0 { &store.log } else { &other };
        async move { ask(log, "fund", -7, &context()).await }
    });
    let answers = join_all(takes).await;
    let accepted = answers.iter().filter(|answer| answer.is_ok()).count();
    let refused = |answer: &&Result<_, _>| {
        matches!(answer, Err(Rejected::Refused(CounterRefusal::BelowZero)))
    };
    assert_eq!(accepted, 35, "250 / 7");
    assert_eq!(answers.iter().filter(refused).count(), 85, "all others are refused by the rule");
    assert_eq!(lowest(store.log.pool(), "fund").await, 5);
}

#[tokio::test]
async fn a_no_never_rests_on_what_another_process_has_changed_since() {
    let store = store().await;
    let other = store.another_process().await;
    for round in 0..20 {
        // This process knows the counter as empty; the other one fills it.
        let refused = ask(&store.log, "c", -5, &context()).await.unwrap_err();
        assert!(matches!(refused, Rejected::Refused(_)), "round {round}: {refused}");
        count(&other, "c", 5).await;
        ask(&store.log, "c", -5, &context()).await.unwrap();
    }
}

/// What a counter says.
struct HowMuch(&'static str);

impl Question for HowMuch {
    type Answer = i64;
    type Refusal = CounterRefusal;

    async fn look(&self, work: &mut Work<'_>) -> Result<i64, Rejected<CounterRefusal>> {
        Ok(work.read::<Counter>(self.0).await?.count)
    }
}

#[tokio::test]
async fn an_answer_is_of_what_is_stored_whoever_stored_it_and_stores_nothing() {
    let store = store().await;
    let other = store.another_process().await;
    let ask = async || {
        let commands = Commands::new(store.log.clone());
        commands.ask(&HowMuch("c"), context().metadata).await.unwrap()
    };
    assert_eq!(ask().await, 0);
    for round in 1..=20 {
        // This process knows the counter as it was.
        count(&other, "c", 5).await;
        assert_eq!(ask().await, 5 * round);
    }
    assert_eq!(store.log.count().await.unwrap(), 20);
}

#[tokio::test]
async fn a_lost_connection_costs_no_command() {
    let store = store().await;
    let pool = store.owner().await;
    let killer = async {
        let mut ended = 0;
        for _ in 0..5 {
            tokio::time::sleep(Duration::from_millis(30)).await;
            let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                        WHERE pid <> pg_backend_pid() AND query LIKE '%UPDATE log_head%'";
            // Its own connection may be gone as well.
            ended += sqlx::query(kill).execute(&pool).await.map_or(0, |done| done.rows_affected());
        }
        ended
    };
    let callers = join_all((0..16).map(|caller| {
        let log = &store.log;
        async move {
            for _ in 0..20 {
                count(log, &format!("c{}", caller % 4), 1).await;
            }
        }
    }));
    let (ended, _) = tokio::join!(killer, callers);
    assert!(ended > 0, "no connection that stores was ended");
    assert_eq!(store.log.count().await.unwrap(), 320, "each is stored once");
    assert_eq!(store.log.head().await.unwrap(), 320);
}

#[tokio::test]
async fn a_full_queue_says_so_and_a_blocked_log_goes_on_when_it_is_free() {
    let store = store().await;
    let mut blocker = store.log.pool().begin().await.unwrap();
    sqlx::query("SELECT FROM log_head FOR UPDATE").execute(&mut *blocker).await.unwrap();
    let callers = (0..6_000).map(|n| {
        let log = store.log.clone();
        tokio::spawn(async move { ask(&log, &format!("c{n}"), 1, &context()).await })
    });
    let callers: Vec<_> = callers.collect();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    blocker.rollback().await.unwrap();
    let answers = join_all(callers).await;
    let (stored, refused): (Vec<_>, Vec<_>) =
        answers.into_iter().map(Result::unwrap).partition(Result::is_ok);
    assert!(stored.len() >= 4_096, "{} were taken in", stored.len());
    assert_eq!(store.log.count().await.unwrap(), stored.len() as u64);
    for answer in refused {
        let Err(rejected) = answer else { continue };
        assert!(matches!(rejected, Rejected::Append(AppendError::Busy)), "{rejected}");
        let status = tonic::Status::from(rejected);
        assert_eq!(status.code(), tonic::Code::ResourceExhausted);
    }
}

#[tokio::test]
async fn an_event_that_no_stream_carries_is_refused_and_nothing_of_it_stored() {
    let store = store().await;
    append_large(&store.log, 1 << 20).await.unwrap();
    let refused = append_large(&store.log, (1 << 20) + 1).await.unwrap_err();
    assert!(matches!(refused, AppendError::TooLarge { bytes: 1_048_577, limit: 1_048_576 }));
    let status = tonic::Status::from(Rejected::<CounterRefusal>::Append(refused));
    assert_eq!(status.code(), tonic::Code::InvalidArgument);
    assert_eq!(status.get_details_error_info().unwrap().reason, "EVENT_TOO_LARGE");
    assert_eq!(store.log.count().await.unwrap(), 1);
    count(&store.log, "c", 1).await;
}

/// The newest snapshot of a counter, once it covers this many events; 0 when none comes.
async fn snapshot_of(pool: &PgPool, counter: &str, events: i64) -> i64 {
    let snapshot = "SELECT max(last_sequence) FROM snapshots WHERE aggregate_id = $1";
    let mut last = 0;
    for _ in 0..100 {
        let query = sqlx::query_scalar(snapshot).bind(format!("acme/{counter}"));
        last = query.fetch_one(pool).await.map(Option::unwrap_or_default).unwrap();
        if last >= events {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    last
}

#[tokio::test]
async fn whoever_has_to_read_a_long_stream_leaves_a_snapshot() {
    let store = store().await;
    let counts = (0..30).map(|_| NewEvent::of(&CounterEvent::CounterMoved { by: 1 }).unwrap());
    let stream = StreamVersion {
        aggregate: "counter",
        object_id: "told".to_owned(),
        version: 0,
        after: None,
    };
    let CommandContext { metadata, request, .. } = context();
    let streams = vec![StreamAppend { stream, events: counts.collect() }];
    store.log.append(Append { metadata, request, guards: Vec::new(), streams }).await.unwrap();
    // As commands do that many processes give to one object.
    let (state, version) = store.log.load::<Counter>("acme", "told").await.unwrap();
    assert_eq!((state.count, version), (30, 30));
    assert_eq!(snapshot_of(store.log.pool(), "told", 30).await, 30);
}

#[tokio::test]
async fn a_long_stream_is_read_from_its_snapshot() {
    let store = store().await;
    // Known before the rest, so that none of them has to read it.
    count(&store.log, "long", 1).await;
    join_all((1..250).map(|_| count(&store.log, "long", 1))).await;
    let pool = store.log.pool();
    let last = snapshot_of(pool, "long", 200).await;
    assert_eq!(last, 200, "every hundred events");

    // What the snapshot covers is not read again: it could be anything.
    let spoil = "UPDATE events SET payload = '{\"type\":\"Nonsense\"}' WHERE sequence <= 200";
    sqlx::query(spoil).execute(pool).await.unwrap();
    let other = store.another_process().await;
    let (state, version) = other.load::<Counter>("acme", "long").await.unwrap();
    assert_eq!((state.count, version), (250, 250));
    // A state of another shape does not trust it.
    other.load::<ReshapedCounter>("acme", "long").await.unwrap_err();
    ask(&other, "long", -250, &context()).await.unwrap();
}

fn as_somebody(actor: &str, apart_from: &[&str]) -> CommandContext {
    let mut context = context();
    context.metadata.actor_id = actor.to_owned();
    context.apart_from.facts = apart_from.iter().map(|&fact| fact.to_owned()).collect();
    context
}

#[tokio::test]
async fn duties_that_are_kept_apart_are_not_in_one_hand() {
    let store = store().await;
    ask(&store.log, "paid", 1, &as_somebody("li.lei", &[])).await.unwrap();

    let both = as_somebody("li.lei", &["CounterMoved"]);
    let no = ask(&store.log, "paid", 1, &both).await.unwrap_err();
    let told = tonic::Status::from(no);
    assert_eq!(told.code(), tonic::Code::PermissionDenied);
    assert_eq!(told.get_details_error_info().unwrap().reason, "DUTIES_APART");
    assert!(told.message().contains("counted +1"), "it says what they did: {told}");
    // The refused one left nothing, and the same holds in another process.
    assert_eq!(store.log.head().await.unwrap(), 1);
    let other = store.another_process().await;
    ask(&other, "paid", 1, &as_somebody("li.lei", &["CounterMoved"])).await.unwrap_err();

    // Somebody else may, and what is not named stands against nobody; nor does another object.
    ask(&store.log, "paid", 1, &as_somebody("li.lei", &["CounterSpent"])).await.unwrap();
    ask(&store.log, "other", 1, &as_somebody("li.lei", &["CounterMoved"])).await.unwrap();
    ask(&store.log, "paid", 1, &as_somebody("han.meimei", &["CounterMoved"])).await.unwrap();
    // A repeated request has its answer, though by now its own event would stand against it.
    let once = as_somebody("wei.fang", &["CounterMoved"]);
    let receipt = ask(&store.log, "paid", 1, &once).await.unwrap();
    assert_eq!(ask(&store.log, "paid", 1, &once).await.unwrap(), receipt);
}

#[tokio::test]
async fn of_duties_that_end_only_the_last_one_stands_against_its_doer() {
    let store = store().await;
    let last = |actor| {
        let mut context = as_somebody(actor, &["CounterMoved"]);
        context.apart_from.last = true;
        context
    };
    ask(&store.log, "paid", 1, &as_somebody("li.lei", &[])).await.unwrap();
    let no = ask(&store.log, "paid", 1, &last("li.lei")).await.unwrap_err();
    let told = tonic::Status::from(no);
    assert_eq!(told.get_details_error_info().unwrap().reason, "DUTIES_APART");
    ask(&store.log, "paid", 1, &as_somebody("han.meimei", &[])).await.unwrap();
    ask(&store.log, "paid", 1, &last("han.meimei")).await.unwrap_err();
    ask(&store.log, "paid", 1, &last("li.lei")).await.unwrap();
}

/// Both commands of one person are under way at once, also in two processes: whichever is stored
/// first, the one that is kept apart never comes second.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_race_does_not_put_two_duties_into_one_hand() {
    let store = store().await;
    let other = store.another_process().await;
    let mut second = 0;
    for number in 0..40 {
        let object = format!("race-{number}");
        let log = if number % 2 == 0 { &store.log } else { &other };
        let (first, apart) = (as_somebody("li.lei", &[]), as_somebody("li.lei", &["CounterMoved"]));
        let plain = ask(&store.log, &object, 1, &first);
        let (done, kept) = tokio::join!(plain, ask(log, &object, 10, &apart));
        done.unwrap();
        let sizes: Vec<i64> = sqlx::query_scalar(
            "SELECT (payload->>'by')::bigint FROM events WHERE aggregate_id = $1 ORDER BY sequence",
        )
        .bind(format!("acme/{object}"))
        .fetch_all(store.log.pool())
        .await
        .unwrap();
        assert_eq!(sizes, if kept.is_ok() { vec![10, 1] } else { vec![1] }, "{object}");
        second += usize::from(kept.is_err());
    }
    println!("{second} of 40 came second and were refused");
}

#[tokio::test]
async fn a_log_whose_commits_could_be_lost_is_not_opened() {
    let store = store().await;
    let pool = &store.owner().await;
    let role: String =
        sqlx::query_scalar("SELECT current_user::text").fetch_one(pool).await.unwrap();
    for (setting, value) in [("synchronous_commit", "off"), ("synchronous_commit", "local")] {
        let set = format!("ALTER ROLE \"{role}\" SET {setting} = {value}");
        sqlx::query(&set).execute(pool).await.unwrap();
        let refused = Log::open(&store.url, "test").await.map(drop).unwrap_err();
        assert!(matches!(refused, OpenError::Unsafe(Unsafe::Setting { .. })), "{refused}");
        let told = failure::chain(&refused);
        assert!(told.contains(setting) && told.contains("set it to on"), "{told}");
    }
    sqlx::query(&format!("ALTER ROLE \"{role}\" RESET ALL")).execute(pool).await.unwrap();
    Log::open(&store.url, "test").await.unwrap();
    sqlx::query("ALTER TABLE snapshots DROP COLUMN current_snapshot").execute(pool).await.unwrap();
    let refused = Log::open(&store.url, "test").await.map(drop).unwrap_err();
    assert!(failure::chain(&refused).contains("current_snapshot"), "{refused}");
}

#[tokio::test]
async fn a_log_that_a_newer_program_has_worked_on_is_still_opened() {
    let store = store().await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum,
                     execution_time)
                 VALUES (9999, 'of the next release', true, '\\x00', 0)";
    let owner = store.owner().await;
    sqlx::query(newer).execute(&owner).await.unwrap();
    // While an installation is updated, processes of before may have to start again.
    let before = Log::open(&store.url, "test").await.unwrap();
    assert_eq!(count(&before, "c", 1).await.version, 1);
    // One of its own that it finds changed is another thing.
    let changed = "UPDATE _sqlx_migrations SET checksum = '\\x00' WHERE version = 1";
    sqlx::query(changed).execute(&owner).await.unwrap();
    let refused = Log::open(&store.url, "test").await.map(drop).unwrap_err();
    assert!(matches!(refused, OpenError::Migration(_)), "{refused}");
}

#[tokio::test]
async fn recorded_times_never_run_backwards() {
    let store = store().await;
    count(&store.log, "c", 1).await;
    // As if the clock had been an hour ahead and was set right.
    let ahead = "UPDATE log_head SET recorded_at = recorded_at + interval '1 hour'";
    sqlx::query(ahead).execute(store.log.pool()).await.unwrap();
    for _ in 0..3 {
        count(&store.log, "c", 1).await;
    }
    let events = store.log.read_after(0, 10).await.unwrap();
    assert!(events.is_sorted_by_key(|event| event.recorded_at));
    assert!(events[1].recorded_at > kernel::clock::now());
}

#[tokio::test]
async fn answers_are_kept_for_a_week_and_then_deleted() {
    let store = store().await;
    let (old, young) = (context(), context());
    ask(&store.log, "c", 1, &old).await.unwrap();
    ask(&store.log, "c", 1, &young).await.unwrap();
    let age = "UPDATE events SET recorded_at = now() - make_interval(days => $1)
               WHERE position = $2";
    for (days, position) in [(9, 1_i64), (7, 2)] {
        sqlx::query(age).bind(days).bind(position).execute(store.log.pool()).await.unwrap();
    }
    let other = store.another_process().await;
    for _ in 0..100 {
        let left: i64 = sqlx::query("SELECT count(*) FROM requests")
            .fetch_one(other.pool())
            .await
            .unwrap()
            .get(0);
        if left == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(ask(&other, "c", 1, &young).await.unwrap().version, 2, "the old answer");
    assert_eq!(ask(&other, "c", 1, &old).await.unwrap().version, 3, "a new command");
    let by_one = CounterEvent::CounterMoved { by: 1 };
    let events = store.log.read_object("acme", None, "c").await.unwrap();
    assert!(events.iter().all(|event| event.decode::<CounterEvent>().unwrap() == by_one));
}
