//! One object with a limit that many callers want more of than there is, in two processes.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use proto::order::v1 as order;
use proto::order::v1::order_service_client::OrderServiceClient;
use rand::Rng as _;
use sqlx::PgPool;
use tokio::task::JoinHandle;
use tonic::Code;

use super::audit;
use super::load::{Book, passes};
use super::row::{Outcome, Row, Run, Tier};
use crate::chaos_run;
use crate::support::relaying::a_second;
use crate::support::shop::{self, order_of, reason, submit};
use crate::support::system::{Launch, System, User, id};

/// Callers that want more than there is.
const CALLERS: usize = 50;
/// Conflicts that one request may meet.
const CONFLICTS: usize = 3;
/// How long all of it may take.
const DONE: Duration = Duration::from_secs(280);

/// A hot object over two processes, one of which is killed.
pub(super) static F16: Row = Row {
    id: "F16",
    fault: "50 callers of two processes ship the same amount of one order again and again, until \
            no more is left; one of the processes is killed with SIGKILL midway and comes back",
    passes: "never more is shipped than was ordered, at any position of the log; in the end \
             ⌊ordered ÷ amount⌋ · amount is shipped; no request meets more than 3 conflicts; each \
             acknowledged shipment is stored once",
    control: "the check of every position is made with a limit one lower, too, and has to find it",
    tier: Tier::Commit,
    run: chaos_run!(hot),
};

/// What the callers have seen.
#[derive(Default)]
struct Seen {
    accepted: usize,
    refused: usize,
    most_conflicts: usize,
    unfinished: usize,
    /// Times of the tries that were answered, in milliseconds.
    took_ms: Vec<u128>,
}

async fn hot(run: Run) -> Outcome {
    let mut choices = run.choices();
    let amount: u32 = choices.random_range(3..=9);
    // Sometimes exactly so many times the amount, mostly with a rest.
    let ordered = amount * run.size(120, 600, 4_000) + choices.random_range(0..amount);
    let mut system = System::start().await;
    let other = system.another(&Launch::default()).await;
    let admin = shop::open(&system).await;
    submit(&admin, &order_of("hot", ordered)).await;
    let mut orders = OrderServiceClient::new(admin.channel.clone());
    let confirm = order::ConfirmOrderRequest {
        request_id: id(),
        order_id: "hot".to_owned(),
        ..Default::default()
    };
    orders.confirm_order(admin.says(confirm)).await.unwrap();
    let seen = Arc::<Mutex<Seen>>::default();
    let started = Instant::now();
    let callers: Vec<JoinHandle<()>> = (0..CALLERS)
        .map(|caller| {
            let here = system.admin();
            let user = if caller % 2 == 0 { here } else { other.asked_by(&here) };
            tokio::spawn(ship(user, amount, seen.clone()))
        })
        .collect();
    let half = usize::try_from(ordered / amount / 2).unwrap();
    while seen.lock().unwrap().accepted < half {
        assert!(started.elapsed() < DONE, "half of it is not shipped after {DONE:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let before = pace(&seen.lock().unwrap(), started.elapsed());
    system.kill_process();
    system.start_process();
    system.ready().await;
    for caller in callers {
        caller.await.expect("every caller is told in the end that nothing is left");
    }
    let pace = (before, pace(&seen.lock().unwrap(), started.elapsed()));
    let shipped = shipped(&system).await;
    let total = u64::from(ordered / amount * amount);
    assert_eq!(shipped.iter().sum::<u64>(), total, "of {ordered}, {amount} at a time");
    assert_eq!(exceeds(&shipped, u64::from(ordered)), None);
    assert_eq!(exceeds(&shipped, total - 1), Some(shipped.len()), "a lower limit is exceeded");
    audit::all(&system, &Book::default()).await;
    let seen = Arc::into_inner(seen).unwrap().into_inner().unwrap();
    assert_eq!((seen.accepted, seen.refused), (shipped.len(), CALLERS));
    let (before, with) = pace;
    Outcome::passed()
        .figure("accepted", seen.accepted)
        .figure("callers refused in the end", seen.refused)
        .figure("unfinished and repeated", seen.unfinished)
        .figure("most conflicts of a request", seen.most_conflicts)
        .figure("before the kill", before)
        .figure("with the kill", with)
}

/// Accepted a second, and the time that 99 of 100 answers took at most.
fn pace(seen: &Seen, time: Duration) -> String {
    let mut took = seen.took_ms.clone();
    took.sort_unstable();
    let p99 = took[took.len() * 99 / 100];
    format!("{} a second, p99 {p99} ms", a_second(seen.accepted, time))
}

/// Ships until nothing is left.
async fn ship(user: User, amount: u32, seen: Arc<Mutex<Seen>>) {
    let mut orders = OrderServiceClient::new(user.channel.clone());
    loop {
        let request = order::ShipOrderRequest {
            request_id: id(),
            order_id: "hot".to_owned(),
            lines: vec![order::LineQuantity { line_no: 1, quantity: amount }],
            ..Default::default()
        };
        let (mut conflicts, mut failed) = (0, false);
        let accepted = loop {
            let sent = Instant::now();
            let answer = orders.ship_order(user.says(request.clone())).await;
            let took = sent.elapsed().as_millis();
            let status = match answer {
                Ok(_) => {
                    seen.lock().unwrap().took_ms.push(took);
                    break true;
                }
                Err(status) => status,
            };
            match (status.code(), reason(&status).as_str()) {
                (Code::FailedPrecondition, "MORE_THAN_ORDERED" | "ALREADY_SHIPPED") => break false,
                (Code::Aborted, "CONFLICT") => conflicts += 1,
                _ if passes(&status) => failed = true,
                _ => panic!("refused: {status:?}"),
            }
            assert!(conflicts <= CONFLICTS, "a request met {conflicts} conflicts");
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        let mut seen = seen.lock().unwrap();
        seen.most_conflicts = seen.most_conflicts.max(conflicts);
        seen.unfinished += usize::from(failed);
        if !accepted {
            seen.refused += 1;
            return;
        }
        seen.accepted += 1;
    }
}

/// What each stored shipment took, in the order of the log.
async fn shipped(system: &System) -> Vec<u64> {
    let pool = PgPool::connect(&system.servers.postgres_url()).await.unwrap();
    let taken: Vec<i64> = sqlx::query_scalar(
        "SELECT (payload->'lines'->0->>'quantity')::bigint FROM order_log.events
         WHERE event_type = 'OrderShipped' AND aggregate_id = 'acme/hot' ORDER BY position",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    taken.into_iter().map(i64::cast_unsigned).collect()
}

/// After how many shipments a limit is exceeded, if it ever is.
fn exceeds(shipped: &[u64], limit: u64) -> Option<usize> {
    let mut sum = 0;
    shipped.iter().zip(1..).find_map(|(taken, number)| {
        sum += taken;
        (sum > limit).then_some(number)
    })
}
