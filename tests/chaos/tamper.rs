//! A log that somebody with all rights in its database has worked on.

use rand::Rng as _;

use super::row::{Outcome, Row, Run, Tier};
use crate::chaos_run;
use crate::support::evidence::{EDIT, Evidence, MAKE_CHAIN_ANEW, named};

/// Seven kinds of tampering.
pub(super) static F25: Row = Row {
    id: "F25",
    fault: "in copies of a log, as superuser: an event edited, deleted, inserted, two swapped, a \
            hash edited, the tail cut off, an old head put back; also with the chain made anew",
    passes: "two verifiers that share no code name each in the export, and one in the database, by \
             kind and position; no alarm over an untouched copy; at least \
             50,000 events a second in a release build",
    control: "the untouched copy, which must raise no alarm",
    tier: Tier::Commit,
    run: chaos_run!(tampered),
};

/// Gives the events after 777 the next lower or higher position.
const CLOSE_GAP: &str = "UPDATE events SET position = position + 1000000 WHERE position > 777;
    UPDATE events SET position = position - 1000001 WHERE position > 1000000;";
const MAKE_ROOM: &str = "UPDATE events SET position = position + 1000000 WHERE position >= 777;
    UPDATE events SET position = position - 999999 WHERE position > 1000000;";
const DELETE: &str = "DELETE FROM events WHERE position = 777;";
const SWAP: &str = "UPDATE events SET position = 1000000 WHERE position = 777;
    UPDATE events SET position = 777 WHERE position = 1500;
    UPDATE events SET position = 1500 WHERE position = 1000000;";
const INSERT: &str = "INSERT INTO events SELECT aggregate_type, 'acme/forged', 1, event_type,
    event_version, payload, metadata, 777, gen_random_uuid(), tenant_id, recorded_at, hash
    FROM events WHERE position = 776;";
const EDIT_HASH: &str = "UPDATE events SET hash = sha256(hash) WHERE position = 777;";
const TRUNCATE: &str = "DELETE FROM events WHERE position > 2000;";
const OLD_HEAD: &str = "UPDATE log_head SET position = 2000,
    hash = (SELECT hash FROM events WHERE position = 2000);";

/// What is done in some ways, and what the verifier of qudao says.
struct Drill {
    deeds: Vec<&'static str>,
    expected: Vec<(u64, &'static str)>,
}

fn drill(deeds: &[&'static str], expected: &[(u64, &'static str)]) -> Drill {
    Drill { deeds: deeds.to_vec(), expected: expected.to_vec() }
}

/// All drills by their kind, in a log of this many events.
fn drills(events: u64) -> Vec<(&'static str, Vec<Drill>)> {
    let (rewritten, truncated) = (&[(777, "rewritten")], &[(2_001, "truncated")]);
    let swapped = &[(777, "swapped"), (1_500, "swapped")];
    let moved_up = &[(777, "missing"), (events, "truncated")];
    let inserted = &[(777, "inserted"), (events + 1, "inserted")];
    vec![
        (
            "edited",
            vec![drill(&[EDIT], &[(777, "changed")]), drill(&[EDIT, MAKE_CHAIN_ANEW], rewritten)],
        ),
        (
            "deleted",
            vec![
                drill(&[DELETE], &[(777, "missing")]),
                drill(&[DELETE, CLOSE_GAP], moved_up),
                drill(&[DELETE, CLOSE_GAP, MAKE_CHAIN_ANEW], rewritten),
            ],
        ),
        ("swapped", vec![drill(&[SWAP], swapped), drill(&[SWAP, MAKE_CHAIN_ANEW], rewritten)]),
        (
            "inserted",
            vec![
                drill(&[MAKE_ROOM, INSERT], inserted),
                drill(&[MAKE_ROOM, INSERT, MAKE_CHAIN_ANEW], rewritten),
            ],
        ),
        ("hash edited", vec![drill(&[EDIT_HASH], &[(777, "hash_changed")])]),
        (
            "truncated",
            vec![drill(&[TRUNCATE], truncated), drill(&[TRUNCATE, MAKE_CHAIN_ANEW], truncated)],
        ),
        ("old head", vec![drill(&[OLD_HEAD], &[(2_000, "head_restored")])]),
    ]
}

async fn tampered(run: Run) -> Outcome {
    let mut choices = run.choices();
    let events = run.size(2_400, 10_000, 50_000);
    let evidence = Evidence::make(events).await;
    let untouched = evidence.tampered("copied", &[]).await;
    let (whole, found) = evidence.online(&untouched);
    assert!(whole && found["ok"] == true && found["events"] == events, "{found}");
    assert_eq!(found["logs"][0]["signed_through"], evidence.signed);
    // The export signs what was not signed yet.
    let [own, other] = evidence.offline("untouched-export", &untouched);
    for (whole, found) in [&own, &other] {
        assert!(*whole && found["ok"] == true && found["events"] == events, "{found}");
    }
    let (mut copies, mut kinds) = (0, 0);
    for (kind, mut ways) in drills(events) {
        if run.tier < Tier::Release {
            ways = vec![ways.swap_remove(choices.random_range(0..ways.len()))];
        }
        for Drill { deeds, expected } in ways {
            copies += 1;
            let url = evidence.tampered(&format!("drill_{copies}"), &deeds).await;
            let (whole, found) = evidence.online(&url);
            assert!(!whole && found["ok"] == false, "{kind}: {found}");
            assert_eq!(named(&found), expected, "{kind}, online: {deeds:?}");
            let [own, independent] = evidence.offline(&format!("export-{copies}"), &url);
            assert!(!own.0 && !independent.0, "{kind}");
            assert_eq!(named(&own.1), expected, "{kind}, export: {deeds:?}");
            let positions: Vec<u64> = named(&independent.1).iter().map(|(at, _)| *at).collect();
            assert!(positions.contains(&expected[0].0), "{kind}: {}", independent.1);
        }
        kinds += 1;
    }
    let speed = own.1["events_per_second"].as_u64().unwrap();
    // Programs are built without optimization for tests, and a small log says little.
    let counts = run.tier > Tier::Commit && !cfg!(debug_assertions);
    assert!(speed >= 50_000 || !counts, "only {speed} events a second");
    Outcome::passed()
        .figure("events", events)
        .figure("kinds found", format!("{kinds} of 7"))
        .figure("copies", copies)
        .figure("alarms over the untouched copy", 0)
        .figure("verified offline per second", speed)
}
