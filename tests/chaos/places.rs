//! The real executable ends itself at every place there is, again and again, under load.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt as _;
use std::time::{Duration, Instant};

use kernel::fault::PLACES;
use rand::Rng as _;
use rand::seq::SliceRandom as _;
use sqlx::PgPool;
use tokio::task::JoinHandle;

use super::audit;
use super::errands::{self, Errand};
use super::load::Load;
use super::row::{Outcome, Row, Run, Tier};
use crate::chaos_run;
use crate::support::shop::{self, order_of, submit};
use crate::support::system::{Launch, System, executable_with_places};

/// The process ended at each of its places.
pub(super) static F1: Row = Row {
    id: "F1",
    fault: "the process with all roles ends by `abort` at each of the places of \
            `kernel::fault::PLACES` in turn, under orders of 8 clients, dealers being registered, \
            rebuilds, proofs and reconciliations",
    passes: "every place is reached; nothing acknowledged is missing, the stream is the log's \
             copy, a repeated request gets the same receipt and is stored once, every dealer has \
             one account, each read model equals one filled anew; only facts that the process ended \
             on again and again are parked, and are applied by one retry; ready again \
             within 5 s of each start",
    control: "`a_checker_of_requests_finds_every_kind_of_fault`, \
              `the_checker_finds_every_kind_of_fault`, \
              `a_comparison_finds_a_changed_row_and_a_rebuild_puts_it_right`, \
              `every_place_of_a_fault_is_listed_and_there`; a place that is not reached fails the \
              row",
    tier: Tier::Commit,
    run: chaos_run!(ended_at_every_place),
};

/// How long a place may take to be reached.
const REACHED: Duration = Duration::from_secs(60);
/// How long a start may take until all roles serve.
const READY: Duration = Duration::from_secs(5);

async fn ended_at_every_place(run: Run) -> Outcome {
    let Some(program) = executable_with_places() else {
        return Outcome::skipped(
            "the executable has no fail points: cargo build --package qudao --features failpoints",
        );
    };
    let mut choices = run.choices();
    let mut system = System::start_as(Launch { program, environment: Vec::new() }).await;
    let admin = shop::open(&system).await;
    submit(&admin, &order_of("SO-0", 1)).await;
    errands::prepare(&admin).await;
    let load = Load::start(&audit::clients(&system, 4), 8);
    let dealers = errands::register_dealers(&system);
    let mut starts = Starts::default();
    let mut fired: BTreeMap<&str, usize> = BTreeMap::new();
    // The first end is at no place: a kill.
    system.kill_process();
    for _ in 0..run.size(1, 3, 20) {
        let mut places = PLACES.to_vec();
        places.shuffle(&mut choices);
        for place in places {
            let most = Errand::of(place).most_passes(run);
            let passes = choices.random_range(0..=most);
            armed(&mut system, &mut starts, place, passes).await;
            *fired.entry(place).or_default() += 1;
        }
    }
    system.launch.environment.clear();
    system.start_process();
    starts.ready(&system, Instant::now()).await;
    let dealers = dealers.finish().await;
    load.goes_on(8, Duration::from_secs(30)).await;
    let book = load.finish().await;
    errands::reconciled(&system).await;
    // The process has ended on purpose while it applied them, more than five times.
    let retried = audit::retry_blamed(&system).await;
    audit::all(&system, &book).await;
    accounts(&system, &dealers).await;
    assert_eq!(fired.len(), PLACES.len());
    Outcome::passed()
        .figure("ends", fired.values().sum::<usize>())
        .figure("at each place", fired.values().min().unwrap_or(&0))
        .figure("places", PLACES.len())
        .figure("acknowledged", book.acknowledged.len())
        .figure("unfinished and repeated", book.unfinished)
        .figure("answered twice alike", book.repeated)
        .figure("dealers", dealers.len())
        .figure("facts blamed for the ends, retried", retried)
        .figure("slowest start", format!("{:.1} s", starts.slowest.as_secs_f64()))
}

/// Starts the process so that it ends at a place, and waits until it has.
async fn armed(system: &mut System, starts: &mut Starts, place: &'static str, passes: u32) {
    let errand = Errand::of(place);
    system.launch.environment = vec![("FAILPOINTS", format!("{place}={passes}*off->return"))];
    let started = Instant::now();
    system.start_process();
    let doing: JoinHandle<()> = errand.start(system);
    let mut ready = false;
    loop {
        let ended = system.ended(Duration::from_millis(20)).await;
        if let Some(status) = ended {
            // SIGABRT: any other end would be one that nobody has planned.
            assert_eq!(status.signal(), Some(6), "{place}: {status}\n{}", system.said());
            break;
        }
        if !ready && system.is_ready().await {
            ready = true;
            starts.took(started.elapsed());
        }
        let late = started.elapsed();
        assert!(
            late < REACHED,
            "{place} was not passed {passes} times within {REACHED:?}: {}",
            system.said()
        );
    }
    doing.abort();
    println!("{place} after {passes} passes, in {:.1} s", started.elapsed().as_secs_f64());
}

/// How long starts took.
#[derive(Default)]
struct Starts {
    slowest: Duration,
}

impl Starts {
    async fn ready(&mut self, system: &System, since: Instant) {
        system.ready().await;
        self.took(since.elapsed());
    }

    fn took(&mut self, time: Duration) {
        assert!(time <= READY, "ready only {time:?} after its start");
        self.slowest = self.slowest.max(time);
    }
}

/// Every dealer that was registered has one account, by one command.
async fn accounts(system: &System, dealers: &[String]) {
    let pool = PgPool::connect(&system.servers.postgres_url()).await.unwrap();
    let opened: Vec<String> = sqlx::query_scalar(
        "SELECT split_part(aggregate_id, '/', 2) FROM order_log.events
         WHERE event_type = 'AccountOpened' AND aggregate_id <> 'acme/hengtong' ORDER BY 1",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let mut registered = dealers.to_vec();
    registered.sort_unstable();
    assert_eq!(opened, registered, "every registered dealer has one account");
}
