//! Facts that can not be applied.

use std::process::Stdio;
use std::time::{Duration, Instant};

use kernel::log::{AppendError, NewEvent};
use kernel::projection::fold::Feed;
use kernel::projection::{ControlError, ParkedState, Purpose, parked, retry, skip, start_rebuild};
use rand::Rng as _;
use rand::rngs::StdRng;
use uuid::Uuid;

use super::child;
use super::row::{Outcome, Row, Run, Tier, choices_of};
use crate::chaos_run;
use crate::support::counter::{CounterEvent, count};
use crate::support::metrics::recorded;
use crate::support::relaying::append_large;
use crate::support::tally::{Feeding, Harm, POISON, Tally, Works, append, append_stored, painted};

/// Facts of all kinds that can not be applied.
pub(super) static F18: Row = Row {
    id: "F18",
    fault: "facts that the tables refuse, that panic, of an unknown type, of a wrong shape, that \
            end the process; and events that are no JSON, of 1 MiB, and larger",
    passes: "each is parked after 5 tries, those that ended the process included; facts of its \
             object wait, all others are applied within 1 s; tried again by a healthy program or \
             skipped, the rows are those of a rebuild; what no stream carries is refused",
    control: "the row itself: the sick program must fail on a retry, and its rows must differ from \
              those of a healthy one",
    tier: Tier::Commit,
    run: chaos_run!(poisoned),
};

const NAME: &str = "tally-of-all";
/// The counters with a poisonous fact, by what is wrong with it.
const SICK: [&str; 4] = ["c0", "c1", "c2", "c3"];

async fn poisoned(run: Run) -> Outcome {
    recorded();
    let mut choices = run.choices();
    let other = choices_of(choices.random());
    let rounds = run.size(1, 3, 10);
    let (parked, ended) = tokio::join!(several(run, choices), ends_the_process(rounds, other));
    let (facts, lag) = parked;
    Outcome::passed()
        .figure("facts", facts)
        .figure("poisonous", SICK.len() + rounds)
        .figure("processes ended", ended)
        .figure("longest lag of others", format!("{:.2} s", lag.as_secs_f64()))
}

/// Four poisonous facts at once; the number of facts, and the longest that others waited.
async fn several(run: Run, mut choices: StdRng) -> (u64, Duration) {
    let works = Works::start().await;
    works.relay();
    let mut feeding = works.feed(Tally::<1>::new(Harm::Both)).await;
    let before = choices.random_range(2..6);
    works.count(10, 10 * before).await;
    let poison = poison(&works, before).await;
    let after = run.size(3, 20, 60);
    let lag = others_flow(&works, &mut feeding, before, after).await;

    let now = works.overview().await;
    assert_eq!((now.parked + now.retrying, now.held), (4, 4 * after), "each waits with its own");
    works.until("given up", |now| now.parked == 4).await;
    let metric = "qudao_projection_parked{projection=\"tally-of-all\",state=\"parked\"} 4";
    let start = Instant::now();
    while !recorded().render().contains(metric) {
        assert!(start.elapsed() < Duration::from_secs(10), "{}", recorded().render());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let facts = parked(&works.read, None, 500).await.unwrap();
    for (fact, position) in facts.iter().zip(&poison) {
        assert_eq!((fact.position, fact.tries), (*position, 5), "{fact:?}");
        assert!(!fact.reason.is_empty());
    }
    assert!(facts[4..].iter().all(|fact| fact.state == ParkedState::Held));
    let held = facts[4].position;
    let waits = skip(&works.read, NAME, held, "li.lei", "no").await;
    assert!(matches!(waits, Err(ControlError::Held(at)) if poison.contains(&at)));
    let healthy = works.expected("healthy", Feed::Bulk).await;
    assert_ne!(works.sums("read").await, healthy, "the rows lack what is parked");
    heal(&works, feeding, &poison).await;
    (works.log.head().await.unwrap(), lag)
}

/// Appends the poisonous facts, and what can not be stored at all; the positions of the former.
async fn poison(works: &Works, before: u64) -> [u64; 4] {
    let log = &works.log;
    let refused = count(log, SICK[0], POISON).await.position;
    let panics = count(log, SICK[1], POISON + 1).await.position;
    let unknown = append(log, SICK[2], before, &painted()).await;
    let event = |payload: &str| NewEvent {
        event_id: Uuid::now_v7(),
        event_type: "CounterMoved".to_owned(),
        event_version: 1,
        payload: payload.to_owned(),
    };
    let shapeless = event(r#"{"type":"CounterMoved","by":"一点点"}"#);
    let shapeless =
        append_stored(log, "counter", SICK[3], before, shapeless).await.unwrap().position;

    let no_json =
        append_stored(log, "counter", "c4", before, event(r#"{"type":"#)).await.unwrap_err();
    assert!(matches!(no_json, AppendError::Database(_)), "{no_json}");
    append_large(log, 1 << 20).await.unwrap();
    let too_large = append_large(log, 20 << 20).await.unwrap_err();
    assert!(matches!(too_large, AppendError::TooLarge { .. }), "{too_large}");
    [refused, panics, unknown, shapeless]
}

/// Facts of all ten counters; those of healthy ones are applied at once. The longest they waited.
async fn others_flow(works: &Works, feeding: &mut Feeding, before: u64, after: u64) -> Duration {
    let mut longest = Duration::ZERO;
    for n in 0..after {
        for (sick, id) in SICK.iter().enumerate() {
            // The states of the last two can not be read, so no command can be decided on them.
            if sick < 2 {
                count(&works.log, id, 1).await;
            } else {
                let moved = CounterEvent::CounterMoved { by: 1 };
                append(&works.log, id, before + 1 + n, &moved).await;
            }
        }
        for id in 4..10 {
            let position = count(&works.log, &format!("c{id}"), 1).await.position;
            let stored = Instant::now();
            feeding.reached(position).await;
            longest = longest.max(stored.elapsed());
        }
    }
    assert!(longest < Duration::from_secs(1), "other objects waited {longest:?}");
    let healthy: i64 = sqlx::query_scalar(
        "SELECT sum(facts)::bigint FROM tallies WHERE id <> ALL($1) AND id LIKE 'c%'",
    )
    .bind(SICK)
    .fetch_one(&works.read)
    .await
    .unwrap();
    assert_eq!(healthy.cast_unsigned(), 6 * (before + after));
    longest
}

/// Has the first two applied by a healthy program, leaves the others out, and compares.
async fn heal(works: &Works, feeding: Feeding, poison: &[u64; 4]) {
    retry(&works.read, NAME, poison[0], "li.lei").await.unwrap();
    works.until("tried in vain", |now| now.retrying == 0 && now.parked == 4).await;
    feeding.stop().await;
    let feeding = works.feed(Tally::<1>::new(Harm::None)).await;
    for position in &poison[..2] {
        retry(&works.read, NAME, *position, "li.lei").await.unwrap();
    }
    for position in &poison[2..] {
        skip(&works.read, NAME, *position, "li.lei", "画错了").await.unwrap();
    }
    works.until("applied", |now| now.parked + now.retrying + now.held == 0).await;
    let noted: Vec<(String, String, i64, String)> = sqlx::query_as(
        "SELECT who, object, position, reason FROM interventions WHERE action = 'skip' ORDER BY 3",
    )
    .fetch_all(&works.read)
    .await
    .unwrap();
    let expected = SICK.iter().zip(poison).skip(2).map(|(id, position)| {
        ("li.lei".into(), format!("acme/counter/{id}"), position.cast_signed(), "画错了".into())
    });
    assert_eq!(noted, expected.collect::<Vec<_>>());
    assert_eq!(compared(works).await, "same");
    feeding.stop().await;
}

/// What a comparison with rows filled anew finds.
async fn compared(works: &Works) -> String {
    let head = works.log.head().await.unwrap();
    let tally = Tally::<1>::new(Harm::None);
    start_rebuild(&works.read, tally.as_ref(), Purpose::Compare, "li.lei", head).await.unwrap();
    let over = |now: &kernel::projection::Overview| {
        now.rebuild.as_ref().is_some_and(|rebuild| rebuild.finished_at.is_some())
    };
    works.until("compared", over).await.rebuild.unwrap().outcome.unwrap()
}

/// Facts that end the process; how many processes they ended.
async fn ends_the_process(rounds: usize, mut choices: StdRng) -> u32 {
    let works = Works::start().await;
    let mut all = 0;
    for round in 0..rounds {
        let sick = format!("sick {round}");
        works.count(3, choices.random_range(20..100)).await;
        count(&works.log, &sick, 1).await;
        let poison = count(&works.log, &sick, POISON).await.position;
        works.count(3, choices.random_range(20..100)).await;
        for _ in 0..4 {
            count(&works.log, &sick, 1).await;
        }
        let mut ends = 0;
        let urls = [works.servers.postgres_url(), works.servers.nats_url()];
        while !child::told(&["feed", &urls[0], &urls[1]])
            .stdout(Stdio::null())
            .status()
            .await
            .unwrap()
            .success()
        {
            ends += 1;
            assert!(ends <= 5, "the fact ends the process again and again");
        }
        assert_eq!(ends, 5);
        all += ends;
        let facts = parked(&works.read, None, 100).await.unwrap();
        assert_eq!((facts[0].position, facts[0].state), (poison, ParkedState::Parked));
        assert_eq!(facts.len(), 5, "and four facts of its counter wait");
        let head = works.log.head().await.unwrap();
        assert_eq!(works.overview().await.checkpoint.position, head);

        let feeding = works.feed(Tally::<1>::new(Harm::None)).await;
        retry(&works.read, NAME, poison, "li.lei").await.unwrap();
        works.until("applied", |now| now.parked + now.retrying + now.held == 0).await;
        let healthy = works.expected(&format!("healthy{round}"), Feed::Bulk).await;
        assert_eq!(works.sums("read").await, healthy);
        feeding.stop().await;
    }
    all
}
