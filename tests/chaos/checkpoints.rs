//! Faults of what is half done, and of logs that are older than what was made of them.

use std::time::{Duration, Instant};

use kernel::projection::fold::Feed;
use kernel::projection::{Purpose, start_rebuild};
use kernel::relay::reconcile::reconcile;
use kernel::relay::{Settings, Status};
use kernel::stream;
use rand::Rng as _;
use rand::rngs::StdRng;

use super::row::{Outcome, Row, Run, Tier};
use crate::chaos_run;
use crate::support::relaying::{Load, Running, restore};
use crate::support::sets;
use crate::support::tally::{Feeding, Harm, Tally, Works};

/// Half done, and checkpoints that are not of this log.
pub(super) static F19: Row = Row {
    id: "F19",
    fault: "facts stored and not published; published and not applied; checkpoints edited: past \
            the end of the log, back, to another event",
    passes: "what is half done is done; a checkpoint that the log does not have is named, and \
             nothing is applied or skipped until the read model is rebuilt",
    control: "the row itself: without the rebuild the rows must differ from the log's",
    tier: Tier::Commit,
    run: chaos_run!(half_done),
};

/// An older copy of the log in its place.
pub(super) static F20: Row = Row {
    id: "F20",
    fault: "the log is taken back to an older copy while its stream and read model are ahead, and \
            goes on to before, at or past where it was",
    passes: "relay and read model name it within 10 s, nothing is published; `reconcile` and a \
             rebuild put both right and keep what the log no longer has",
    control: "the row itself: stream and rows must differ from the log's before they are put right",
    tier: Tier::Commit,
    run: chaos_run!(restored),
};

const SOON: Duration = Duration::from_secs(10);

async fn half_done(run: Run) -> Outcome {
    let mut choices = run.choices();
    let works = Works::start().await;
    let rounds = run.size(2, 8, 25);
    for _ in 0..rounds {
        // Stored, not published; then published in part, and applied in part.
        Load::start(&works.log, 8, Some(choices.random_range(50..400))).finish().await;
        let mut relay = Running::start(&works.log, &works.jetstream, Settings::default());
        let mut feeding = works.feed(Tally::<1>::new(Harm::None)).await;
        tokio::time::sleep(Duration::from_millis(choices.random_range(0..300))).await;
        feeding.kill().await;
        relay.abort().await;
        relay = Running::start(&works.log, &works.jetstream, Settings::default());
        feeding = works.feed(Tally::<1>::new(Harm::None)).await;
        let head = works.log.head().await.unwrap();
        relay.published(head).await;
        feeding.reached(head).await;
        relay.stop().await;
        feeding.stop().await;
    }
    let head = works.log.head().await.unwrap();
    let again = format!("UPDATE checkpoints SET position = {}", head / 2);
    let strange = format!(
        "UPDATE checkpoints SET position = {head}, event_id = gen_random_uuid(), problem = NULL"
    );
    let edits = [
        (format!("UPDATE checkpoints SET position = {}", head + 1_000), "log ends at"),
        (again, "not the one that was applied"),
        (strange, "not the one that was applied"),
    ];
    let mut named = Duration::ZERO;
    for (edit, problem) in &edits {
        named = named.max(stuck(&works, edit, problem).await);
    }
    let feeding = works.feed(Tally::<1>::new(Harm::None)).await;
    rebuild(&works, &feeding, "checkpoint").await;
    feeding.stop().await;
    Outcome::passed()
        .figure("facts", works.log.head().await.unwrap())
        .figure("times half done", rounds)
        .figure("checkpoints edited", edits.len())
        .figure("named after", format!("{:.1} s", named.as_secs_f64()))
}

/// Edits a checkpoint; says how long it takes until a runner has named the problem. Nothing must be
/// applied meanwhile.
async fn stuck(works: &Works, edit: &str, problem: &str) -> Duration {
    sqlx::query("UPDATE checkpoints SET problem = NULL").execute(&works.read).await.unwrap();
    sqlx::query(edit).execute(&works.read).await.unwrap();
    let before = (works.overview().await.checkpoint, works.sums("read").await);
    let start = Instant::now();
    let feeding = works.feed(Tally::<1>::new(Harm::None)).await;
    let now = works.until("stuck", |now| now.problem.is_some()).await;
    let named = start.elapsed();
    assert!(named < SOON, "{named:?}");
    assert!(now.problem.as_ref().unwrap().contains(problem), "{:?}", now.problem);
    assert!(feeding.progress.problem().is_some(), "and the process is not ready");
    works.count(3, 9).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let after = (works.overview().await.checkpoint, works.sums("read").await);
    assert_eq!(after, before, "nothing is applied and nothing skipped");
    feeding.kill().await;
    named
}

/// Fills a read model anew from its log, and compares.
async fn rebuild(works: &Works, feeding: &Feeding, schema: &str) {
    let head = works.log.head().await.unwrap();
    let tally = Tally::<1>::new(Harm::None);
    let right = works.expected(schema, Feed::Bulk).await;
    assert_ne!(works.sums("read").await, right, "the rows were right before");
    start_rebuild(&works.read, tally.as_ref(), Purpose::Switch, "li.lei", head).await.unwrap();
    works.until("right", |now| now.checkpoint.position == head && now.problem.is_none()).await;
    assert_eq!(works.sums("read").await, right);
    let start = Instant::now();
    while feeding.progress.problem().is_some() {
        assert!(start.elapsed() < SOON, "the runner still says {:?}", feeding.progress.problem());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn restored(run: Run) -> Outcome {
    let mut choices = run.choices();
    let works = Works::start().await;
    let mut relay = Running::start(&works.log, &works.jetstream, Settings::default());
    let mut feeding = works.feed(Tally::<1>::new(Harm::None)).await;
    let rounds: u64 = run.size(1, 4, 15);
    let (mut slowest, mut aside) = (Duration::ZERO, 0);
    for round in 0..rounds {
        let more = choices.random_range(60..300);
        Load::start(&works.log, 8, Some(more)).finish().await;
        let head = works.log.head().await.unwrap();
        relay.published(head).await;
        feeding.reached(head).await;
        let back = choices.random_range(1..50);
        let on = on_by(&mut choices, back);
        let (named, put_aside) = take_back(&works, &mut relay, head - back, on).await;
        slowest = slowest.max(named);
        aside += put_aside;
        works.until("stuck", |now| now.problem.is_some()).await;
        rebuild(&works, &feeding, &format!("round{round}")).await;
    }
    relay.stop().await;
    feeding.stop().await;
    Outcome::passed()
        .figure("logs restored", rounds)
        .figure("facts put aside", aside)
        .figure("slowest to be named", format!("{:.1} s", slowest.as_secs_f64()))
}

/// How far the log goes on: not at all, to before where it was, just there, or further.
fn on_by(choices: &mut StdRng, back: u64) -> u64 {
    match choices.random_range(0..4) {
        0 => 0,
        1 => choices.random_range(0..back),
        2 => back,
        _ => back + choices.random_range(1..40),
    }
}

/// Takes the log back to a position and lets it go on by some events. How long it took until that
/// was named, and how many events were put aside.
async fn take_back(works: &Works, relay: &mut Running, to: u64, on: u64) -> (Duration, u64) {
    let record = sets::stored(&works.log).await;
    let head = record.len() as u64;
    restore(&works.log, to).await;
    let mut named = relay.problem("AHEAD_OF_LOG").await;
    if on > 0 {
        Load::start(&works.log, 4, Some(usize::try_from(on).unwrap())).finish().await;
    }
    if to + on >= head {
        named = named.max(relay.problem("OTHER_HISTORY").await);
    }
    assert!(named < SOON, "{named:?}");
    let name = stream::name(works.log.context());
    let state = works.jetstream.get_stream(&name).await.unwrap().cached_info().state.clone();
    assert_eq!((state.last_sequence, state.messages), (head, head), "something was published");

    let look = reconcile(&works.log, &works.jetstream, true).await.unwrap();
    assert!(!look.deleted && look.put_aside.is_none(), "{look:?}");
    let done = reconcile(&works.log, &works.jetstream, false).await.unwrap();
    let (foreign, from) = (head - to, Some(to + 1));
    assert_eq!((done.foreign_from, done.foreign, done.deleted), (from, foreign, true));
    let well = |status: &Status| status.problem.is_none() && status.sequence == Some(to + on);
    relay.until("well", Duration::from_secs(20), well).await;
    sets::check(&Default::default(), &works.log, &works.jetstream).await;

    // What the log no longer has is kept, at the sequences it had.
    let aside = works.jetstream.get_stream(done.put_aside.unwrap()).await.unwrap();
    assert_eq!(aside.cached_info().state.messages, foreign);
    for (position, id) in record.iter().filter(|(position, _)| *position > to) {
        let message = aside.get_raw_message(*position).await.unwrap();
        assert_eq!(stream::event_id(&message.headers), Some(*id));
    }
    (named, foreign)
}
