//! Faults of delivery: facts that come more than once, in another order, or again later.

use std::collections::BTreeMap;
use std::time::Duration;

use kernel::Recorded;
use kernel::projection::fold::Feed;
use kernel::relay::reconcile::reconcile;
use kernel::relay::{Settings, inspect};
use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;

use super::row::{Outcome, Row, Run, Tier};
use crate::chaos_run;
use crate::support::relaying::{Load, Running, publish, unprotected};
use crate::support::sets::{self, Verdict};
use crate::support::tally::{Feeding, Harm, Tally, Works};

const CONTROL: &str =
    "the row folds the same messages as they come, which must give other rows than the log";

/// Each fact one to five times.
pub(super) static F12: Row = Row {
    id: "F12",
    fault: "a stream without our protection delivers each fact one to five times",
    passes: "the read model has the same rows, byte for byte, as after a single delivery",
    control: CONTROL,
    tier: Tier::Commit,
    run: chaos_run!(doubled),
};

/// Facts in another order.
pub(super) static F13: Row = Row {
    id: "F13",
    fault: "a stream without our protection delivers facts in any order within a window of 100",
    passes: "the read model has the same rows, byte for byte, as after delivery in order",
    control: CONTROL,
    tier: Tier::Commit,
    run: chaos_run!(shuffled),
};

/// Facts published again later.
pub(super) static F14: Row = Row {
    id: "F14",
    fault: "facts are published again later: all of them into a stream without our protection, \
            one by a stranger into the relay's own",
    passes: "the read model has the same rows, byte for byte, as after a single delivery; the \
             relay names its stream's problem within 10 s and publishes nothing into it until it \
             is reconciled",
    control: CONTROL,
    tier: Tier::Commit,
    run: chaos_run!(again),
};

async fn doubled(run: Run) -> Outcome {
    let deliver = |new: Vec<Recorded>, _: &[Recorded], choices: &mut StdRng| {
        let times = |_: &Recorded| choices.random_range(1..=5);
        let times: Vec<usize> = new.iter().map(times).collect();
        new.into_iter().zip(times).flat_map(|(event, times)| vec![event; times]).collect()
    };
    let hostile = Hostile::deliver(run, deliver).await;
    assert!(!hostile.verdict.duplicates.is_empty(), "nothing was delivered twice");
    hostile.outcome()
}

async fn shuffled(run: Run) -> Outcome {
    let deliver = |mut new: Vec<Recorded>, _: &[Recorded], choices: &mut StdRng| {
        new.chunks_mut(100).for_each(|window| window.shuffle(choices));
        new
    };
    let hostile = Hostile::deliver(run, deliver).await;
    assert!(!hostile.verdict.out_of_order.is_empty(), "nothing came out of order");
    hostile.outcome()
}

async fn again(run: Run) -> Outcome {
    let deliver = |new: Vec<Recorded>, before: &[Recorded], _: &mut StdRng| {
        before.iter().cloned().chain(new).collect()
    };
    let hostile = Hostile::deliver(run, deliver).await;
    assert!(!hostile.verdict.duplicates.is_empty(), "nothing was published again");
    let named = strangers(run, hostile.works, hostile.feeding).await;
    Outcome::passed()
        .figure("messages", hostile.messages)
        .figure("facts", hostile.facts)
        .figure("stranger named after", format!("{:.1} s", named.as_secs_f64()))
}

/// A read model that was fed from a stream that is no good copy of its log.
struct Hostile {
    works: Works,
    feeding: Feeding,
    facts: u64,
    messages: usize,
    verdict: Verdict,
}

impl Hostile {
    /// Appends facts in waves; what `deliver` makes of each wave and those before is published.
    async fn deliver(
        run: Run,
        mut deliver: impl FnMut(Vec<Recorded>, &[Recorded], &mut StdRng) -> Vec<Recorded>,
    ) -> Self {
        let mut choices = run.choices();
        let works = Works::start().await;
        unprotected(&works.jetstream).await;
        let mut feeding = works.feed(Tally::<1>::new(Harm::None)).await;
        let (mut before, mut delivered): (Vec<Recorded>, Vec<Recorded>) = Default::default();
        for _ in 0..run.size(2, 12, 40) {
            works.count(7, choices.random_range(run.size(60..200, 100..500, 100..800))).await;
            let new = works.log.read_after(before.len() as u64, 2_000).await.unwrap();
            let messages = deliver(new.clone(), &before, &mut choices);
            publish(&works.jetstream, &messages).await;
            delivered.extend(messages);
            before.extend(new);
            if choices.random() {
                feeding.reached(before.len() as u64).await;
            }
        }
        let facts = before.len() as u64;
        feeding.reached(facts).await;
        assert_eq!(works.sums("read").await, works.expected("single", Feed::OneByOne).await);
        assert_ne!(tallies(&delivered), tallies(&before), "{CONTROL}");
        let record: Vec<_> = before.iter().map(|event| (event.position, event.event_id)).collect();
        let copy: Vec<_> = (1..).zip(delivered.iter().map(|event| event.event_id)).collect();
        let verdict = Verdict::of(&record, &copy);
        Self { works, feeding, facts, messages: delivered.len(), verdict }
    }

    fn outcome(self) -> Outcome {
        Outcome::passed().figure("messages", self.messages).figure("facts", self.facts)
    }
}

/// Facts of each counter, and what depends on the order of all of them, folded as they come. The
/// last position alone would not do: the end of a plan may be in order.
fn tallies(events: &[Recorded]) -> BTreeMap<&str, (u64, u64)> {
    let mut tallies = BTreeMap::new();
    for event in events {
        let (facts, order): &mut (u64, u64) = tallies.entry(event.object_id.as_str()).or_default();
        (*facts, *order) = (*facts + 1, order.wrapping_mul(31).wrapping_add(event.position));
    }
    tallies
}

/// The relay's own stream, into which somebody else publishes a fact again; how long it takes
/// until that is named.
async fn strangers(run: Run, works: Works, mut feeding: Feeding) -> Duration {
    let context = works.log.context();
    works.jetstream.delete_stream(kernel::stream::name(context)).await.unwrap();
    let mut relay = Running::start(&works.log, &works.jetstream, Settings::default());
    let head = works.log.head().await.unwrap();
    relay.published(head).await;
    let position = run.choices().random_range(0..head);
    let old = works.log.read_after(position, 1).await.unwrap();
    publish(&works.jetstream, &old).await;
    let named = relay.problem("AHEAD_OF_LOG").await;
    assert!(named < Duration::from_secs(10), "{named:?}");
    // The log goes on past it, and the read model with the log.
    let acked = Load::start(&works.log, 8, Some(200)).finish().await;
    let named = named.max(relay.problem("OTHER_HISTORY").await);
    let head = works.log.head().await.unwrap();
    feeding.reached(head).await;
    let look = kernel::relay::Difference::Sampled;
    let standing = inspect(&works.log, &works.jetstream, look).await.unwrap().unwrap();
    assert_eq!(standing.sequence, head - 200 + 1, "nothing was published after the stranger's");
    reconcile(&works.log, &works.jetstream, false).await.unwrap();
    let well =
        |status: &kernel::relay::Status| status.problem.is_none() && status.sequence == Some(head);
    relay.until("well", Duration::from_secs(20), well).await;
    sets::check(&acked, &works.log, &works.jetstream).await;
    assert_eq!(works.sums("read").await, works.expected("again", Feed::Bulk).await);
    feeding.stop().await;
    relay.stop().await;
    named
}
