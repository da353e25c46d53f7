//! Everything that somebody with all rights in the database can do to a log, and its name.

use proof::{Head, Kind};
use proptest::prelude::*;

use crate::log::{Log, log};

/// 1,300 events, signed at 400, 1,000 and 1,200.
fn signed() -> Log {
    log(1_300, &[400, 1_000, 1_200])
}

#[track_caller]
fn names(log: &Log, expected: &[(u64, Kind)]) {
    let found: Vec<_> = log.audit().problems.iter().map(|p| (p.position, p.kind)).collect();
    assert_eq!(found, expected);
}

#[test]
fn an_untouched_log_is_whole() {
    let report = signed().audit();
    assert_eq!(report.problems, []);
    assert_eq!((report.events, report.signed_through), (1_300, 1_200));
    names(&log(0, &[]), &[]);
    names(&log(1, &[1]), &[]);
    names(&log(256, &[255, 256]), &[]);
}

#[test]
fn a_changed_event_is_named() {
    for position in [1, 256, 257, 777, 1_250, 1_300] {
        let mut log = signed();
        log.rows[position as usize - 1].payload.push(' ');
        names(&log, &[(position, Kind::Changed)]);
        log.make_chain_anew();
        let expected = [(position, Kind::Rewritten)];
        // Behind the last checkpoint, nobody has signed what was there.
        names(&log, if position <= 1_200 { &expected } else { &[] });
    }
}

#[test]
fn a_changed_event_with_a_hash_that_fits_is_named() {
    let mut log = signed();
    log.rows[776].payload.push(' ');
    log.rows[776].hash = log.rows[776].after(&log.rows[775].hash);
    names(&log, &[(777, Kind::Changed)]);
}

#[test]
fn a_changed_hash_is_named() {
    for position in [1, 256, 777, 1_250, 1_300] {
        let mut log = signed();
        log.rows[position as usize - 1].hash[5] ^= 1;
        names(&log, &[(position, Kind::HashChanged)]);
    }
}

#[test]
fn a_deleted_event_is_named() {
    let mut log = signed();
    log.rows.remove(776);
    names(&log, &[(777, Kind::Missing)]);
    for (row, position) in log.rows.iter_mut().zip(1..) {
        row.position = position;
    }
    log.head.position -= 1;
    names(&log, &[(777, Kind::Missing)]);
    log.make_chain_anew();
    names(&log, &[(777, Kind::Rewritten)]);
}

#[test]
fn two_exchanged_events_are_named() {
    for (a, b) in [(776, 777), (300, 901), (1_250, 1_251)] {
        let mut log = signed();
        log.rows.swap(a - 1, b - 1);
        log.rows[a - 1].position = a as u64;
        log.rows[b - 1].position = b as u64;
        names(&log, &[(a as u64, Kind::Swapped), (b as u64, Kind::Swapped)]);
        log.make_chain_anew();
        if a < 1_200 {
            names(&log, &[(a as u64, Kind::Rewritten)]);
        }
    }
}

#[test]
fn an_inserted_event_is_named() {
    let mut log = signed();
    let mut forged = log.rows[776].clone();
    forged.payload.push(' ');
    forged.id += 1;
    forged.hash = forged.after(&log.rows[775].hash);
    log.rows.insert(776, forged);
    for (row, position) in log.rows.iter_mut().zip(1..) {
        row.position = position;
    }
    log.head.position += 1;
    names(&log, &[(777, Kind::Inserted)]);
    log.make_chain_anew();
    names(&log, &[(777, Kind::Rewritten)]);
}

#[test]
fn an_event_appended_behind_the_head_is_named() {
    let mut log = signed();
    let mut forged = log.rows[1_299].clone();
    forged.position = 1_301;
    log.rows.push(forged);
    names(&log, &[(1_301, Kind::Inserted)]);
}

#[test]
fn a_cut_end_is_named() {
    let mut log = signed();
    log.rows.truncate(1_100);
    names(&log, &[(1_101, Kind::Truncated)]);
    log.make_chain_anew();
    names(&log, &[(1_101, Kind::Truncated)]);
}

#[test]
fn an_old_head_is_named() {
    let mut log = signed();
    log.head = Head { position: 1_100, hash: Some(log.rows[1_099].hash) };
    names(&log, &[(1_100, Kind::HeadRestored)]);
    let mut log = signed();
    log.head.hash = Some([3; 32]);
    names(&log, &[(1_300, Kind::HeadChanged)]);
}

#[test]
fn changed_tiles_are_told_from_changed_events() {
    let mut log = signed();
    log.leaves[776 * 32] ^= 1;
    names(&log, &[(777, Kind::TileChanged)]);
    log.leaves.clear();
    names(&log, &[(1, Kind::TileChanged)]);
}

#[test]
fn a_log_made_anew_with_its_tiles_is_narrowed_down_by_its_checkpoints() {
    let mut log = signed();
    log.rows[776].payload.push(' ');
    log.make_chain_anew();
    let checkpoints = log.checkpoints.clone();
    log.sign(1_200);
    log.checkpoints = checkpoints;
    let problems = log.audit().problems;
    assert_eq!((problems[0].position, problems[0].kind), (401, Kind::Rewritten));
    assert_eq!((problems.len(), problems[0].through), (1, Some(1_000)));
}

#[test]
fn a_gap_in_the_versions_of_an_object_is_named() {
    let mut log = log(100, &[]);
    log.rows[49].sequence += 1;
    log.make_chain_anew();
    names(&log, &[(50, Kind::VersionGap), (57, Kind::VersionGap)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_is_changed_is_found_where_it_is(
        at in 0_usize..600,
        field in 0..5,
        anew in any::<bool>(),
    ) {
        let mut log = log(600, &[100, 600]);
        let row = &mut log.rows[at];
        match field {
            0 => row.payload.insert(0, ' '),
            1 => row.id ^= 1,
            2 => row.object.push('x'),
            3 => row.sequence += 1,
            _ => row.tenant = "other",
        }
        if anew {
            log.make_chain_anew();
        }
        let problems = log.audit().problems;
        prop_assert_eq!(problems[0].position, at as u64 + 1);
    }
}
