//! Replays that are cut short: the client is told, goes on, and has every event once.

use std::sync::Arc;

use proto::access::v1::Role;
use proto::history::v1::{ReplayEndReason, ReplayEventsRequest};
use rand::Rng as _;
use rand::seq::SliceRandom as _;
use sqlx::PgPool;
use tokio::net::{TcpListener, TcpStream};
use tonic::transport::Endpoint;

use super::row::{Outcome, Row, Run, Tier};
use crate::chaos_run;
use crate::support::replay::{EACH, events, fill, open, wrong};
use crate::support::system::{System, User};

/// Replays cut short in three ways.
pub(super) static F24: Row = Row {
    id: "F24",
    fault: "a replay cut short: the server killed with SIGKILL and started again, every \
            connection of the log ended by PostgreSQL, the client's TCP connection reset",
    passes: "each cut is an error at the client, never a silent end, unless the replay went on by \
             another connection; going on after the last event that came, every event comes once, \
             and the end has its marker",
    control: "a gap and a double are planted into what came, and have to be found",
    tier: Tier::Commit,
    run: chaos_run!(cut_short),
};

/// How a replay is disturbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// The server dies and comes back.
    Killed,
    /// PostgreSQL ends every connection of the log.
    Terminated,
    /// The connection is reset.
    Reset,
}

async fn cut_short(run: Run) -> Outcome {
    let mut choices = run.choices();
    let mut system = System::start().await;
    // Enough behind the last cut that not all of it can have been read already: two pages.
    let last = fill(&system, "acme", run.size(150, 500, 2_000)).await;
    let wire = Wire::to(system.web.clone()).await;
    let mut analyst = system.user("acme", &[Role::Analyst], None);
    analyst.channel = Endpoint::from_shared(wire.address.clone()).unwrap().connect_lazy();
    let rounds = run.size(1, 4, 20);
    let mut cuts = [Cut::Killed, Cut::Terminated, Cut::Reset].repeat(rounds);
    cuts.shuffle(&mut choices);
    // Between two cuts there is room for what was under way at the first.
    let apart = usize::try_from(last).unwrap() / (cuts.len() + 1);
    let places = (1..).map(|n| n * apart - choices.random_range(0..apart / 4));
    let cuts: Vec<(usize, Cut)> = places.zip(cuts.iter().copied()).collect();
    let (positions, errors, bridged) = replayed(&mut system, &analyst, &wire, &cuts).await;
    assert_eq!(wrong(&positions, last), [0_u64; 0]);
    let told = errors + bridged;
    assert!(told >= cuts.len(), "{} cuts were {errors} errors at the client", cuts.len());
    // The same check on replays that went wrong: it must say so.
    let mut gap = positions.clone();
    gap.remove(500);
    assert_eq!(wrong(&gap, last), [501]);
    let mut double = positions;
    double.insert(500, 500);
    assert_eq!(wrong(&double, last), [500]);
    Outcome::passed()
        .figure("events", last)
        .figure("cuts", cuts.len())
        .figure("errors at the client", errors)
        .figure("bridged by another connection", bridged)
        .figure("events in an append", EACH)
}

/// Replays to the end whatever happens on the way: positions, how often it was cut short, and how
/// often it went on without a connection of the log that had been ended. Between two questions to
/// PostgreSQL nobody uses one, and the next question takes another.
async fn replayed(
    system: &mut System,
    user: &User,
    wire: &Wire,
    cuts: &[(usize, Cut)],
) -> (Vec<u64>, usize, usize) {
    let (mut positions, mut errors, mut bridged) = (Vec::<u64>::new(), 0, 0);
    let mut waiting = cuts.to_vec();
    // What was under way still arrives after a cut; the next cut waits for the error of this one.
    let mut unnoticed = None;
    loop {
        let from_position = positions.last().map_or(1, |last| last + 1);
        let request = ReplayEventsRequest { from_position, batch: 50, ..Default::default() };
        let mut stream = open(user, &request).await;
        loop {
            match stream.message().await {
                Ok(Some(message)) => match events(message) {
                    Ok(more) => positions.extend(more.iter().map(|event| event.position)),
                    Err(end) => {
                        assert_eq!(end.reason(), ReplayEndReason::Complete);
                        bridged += usize::from(unnoticed == Some(Cut::Terminated));
                        let told = unnoticed.is_none_or(|cut| cut == Cut::Terminated);
                        assert!(told && waiting.is_empty(), "without an error: {unnoticed:?}");
                        return (positions, errors, bridged);
                    }
                },
                Ok(None) => panic!("the stream ended without a marker and without an error"),
                Err(_) => {
                    errors += 1;
                    unnoticed = None;
                    break;
                }
            }
            let next = waiting.first().filter(|(after, _)| positions.len() >= *after);
            let Some(&(_, cut)) = next else { continue };
            // Nothing that was under way at a cut comes as late as the place of the next one.
            bridged += usize::from(unnoticed.take_if(|cut| *cut == Cut::Terminated).is_some());
            if unnoticed.is_none() {
                unnoticed = Some(cut);
                waiting.remove(0);
                disturb(system, wire, cut).await;
            }
        }
    }
}

async fn disturb(system: &mut System, wire: &Wire, cut: Cut) {
    match cut {
        Cut::Killed => {
            system.kill_process();
            system.start_process();
            system.ready().await;
        }
        Cut::Terminated => {
            let pool = PgPool::connect(&system.servers.postgres_url()).await.unwrap();
            let ended: i64 = sqlx::query_scalar(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                 WHERE application_name = 'order_log'",
            )
            .fetch_one(&pool)
            .await
            .unwrap();
            assert!(ended > 0, "no connection of the log was found");
        }
        Cut::Reset => wire.reset(),
    }
}

/// Forwards connections to the gateway, and resets them when it is told to.
struct Wire {
    address: String,
    resets: Arc<tokio::sync::Notify>,
}

impl Wire {
    async fn to(address: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = format!("http://{}", listener.local_addr().unwrap());
        let resets = Arc::<tokio::sync::Notify>::default();
        let told = resets.clone();
        tokio::spawn(async move {
            loop {
                let (near, _) = listener.accept().await.unwrap();
                // A server that is away refuses; so do we.
                if let Ok(far) = TcpStream::connect(address.trim_start_matches("http://")).await {
                    tokio::spawn(forward(near, far, told.clone()));
                }
            }
        });
        Self { address: own, resets }
    }

    fn reset(&self) {
        self.resets.notify_waiters();
    }
}

async fn forward(mut near: TcpStream, mut far: TcpStream, told: Arc<tokio::sync::Notify>) {
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => (),
        () = told.notified() => near.set_zero_linger().unwrap(),
    }
}
