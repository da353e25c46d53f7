//! Whatever goes wrong, a document ends up there once.

use erp::{Answer, BizId, Kind, Stage as Until, System, Unclear};
use erp_simulator::{Fault, Misbehaviour};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};

use super::stage::{KINDS, SYSTEMS, Stage, WHILE_MS, accepted, document, insist, refused};

const FAULTS: [Fault; 11] = [
    Fault::None,
    Fault::Fail,
    Fault::Lose,
    Fault::Break,
    Fault::Cut,
    Fault::Repeat,
    Fault::Slow,
    Fault::Late,
    Fault::Expire,
    Fault::Busy,
    Fault::Refuse,
];
/// Calls of one document: of who it is, where it is, to save, submit and audit it.
const CALLS: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_at_each_call_leaves_one_document() {
    for system in SYSTEMS {
        for (at, kind) in (0..CALLS).zip(KINDS.into_iter().cycle()) {
            for fault in FAULTS {
                let stage = Stage::start().await;
                let client = stage.impatient(system);
                let document = document(kind, 1);
                let before = std::iter::repeat_n(Fault::None, at);
                stage.faults(before.chain([fault]));
                insist(&client, &document).await;
                stage.simulator.idle().await;
                let held = stage.one(&document.biz_id);
                assert_eq!(held.stage, Until::Audited, "{system} {fault:?} at {at}");
                assert!(stage.simulator.misbehaviour().next.is_empty(), "{fault:?} has happened");
            }
        }
    }
}

/// Without anything there that keeps numbers apart: it is the looking before saving that does. What
/// is done after nobody waits for it, or twice, is beyond any client.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_looked_for_first_is_not_saved_twice() {
    let faults = FAULTS.into_iter().filter(|it| ![Fault::Slow, Fault::Repeat].contains(it));
    for (fault, kind) in faults.zip(KINDS.into_iter().cycle()) {
        for system in SYSTEMS {
            let stage = Stage::start().await;
            let client = stage.impatient(system);
            for at in 0..CALLS {
                let document = document(kind, at as u64);
                let next = std::iter::repeat_n(Fault::None, at).chain([fault]).collect();
                stage.simulator.misbehave(Misbehaviour {
                    next,
                    while_ms: WHILE_MS,
                    is_lax: true,
                    ..Default::default()
                });
                insist(&client, &document).await;
                stage.simulator.idle().await;
                assert_eq!(stage.one(&document.biz_id).stage, Until::Audited, "{fault:?} at {at}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_comes_twice_is_no_refusal() {
    for system in SYSTEMS {
        for kind in KINDS {
            let stage = Stage::start().await;
            let client = stage.client(system);
            for at in 0..CALLS {
                let document = document(kind, at as u64);
                stage.faults(std::iter::repeat_n(Fault::None, at).chain([Fault::Repeat]));
                accepted(client.hand_over(&document).await);
                assert_eq!(stage.one(&document.biz_id).stage, Until::Audited, "at {at}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_documents_of_a_number_are_left_to_a_person() {
    for system in SYSTEMS {
        let stage = Stage::start().await;
        let client = stage.client(system);
        let document = document(Kind::SalesOrder, 1);
        // Who it is, where it is, to save it.
        let next = [Fault::None, Fault::None, Fault::Repeat].into();
        stage.simulator.misbehave(Misbehaviour { next, is_lax: true, ..Default::default() });
        client.hand_over(&document).await;
        assert_eq!(stage.held(&document.biz_id).len(), 2);
        let (code, _, permanent) = refused(client.hand_over(&document).await);
        assert_eq!((code.as_str(), permanent), ("TWICE", true), "{system}");
        assert_eq!(stage.held(&document.biz_id).len(), 2, "and no third");
    }
}

/// Any faults in any order, over several documents, with one simulator for all cases.
fn any_faults_leave_one_document_each(system: System) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let stage = runtime.block_on(Stage::start());
    let client = stage.impatient(system);
    let position = std::cell::Cell::new(0);
    let wanted = (vec(select(&FAULTS), 0..12), vec(select(&KINDS), 1..3));
    let config = Config { cases: 24, failure_persistence: None, ..Config::default() };
    let ran = TestRunner::new(config).run(&wanted, |(faults, kinds)| {
        runtime.block_on(async {
            let mut ids: Vec<(Kind, BizId)> = Vec::new();
            stage.faults(faults);
            for kind in kinds {
                position.set(position.get() + 1);
                let document = document(kind, position.get());
                insist(&client, &document).await;
                let held = stage.held(&document.biz_id);
                prop_assert!(held.iter().all(|it| it.stage == Until::Audited), "{held:?}");
                ids.push((kind, document.biz_id));
            }
            stage.faults([]);
            // What came too late for whoever asked is done by now, or was refused.
            stage.simulator.idle().await;
            for (kind, biz_id) in ids {
                let held = stage.held(&biz_id);
                prop_assert_eq!(held.len(), 1);
                prop_assert_eq!((held[0].kind, held[0].stage), (kind, Until::Audited));
            }
            Ok(())
        })
    });
    ran.expect("one of each");
    let all = stage.simulator.received().documents;
    assert_eq!(all.len() as u64, position.get(), "nothing besides");
    let moved = |kind| all.iter().filter(|held| held.kind == kind).count() as i64;
    let left = 1_000_000 + 26 * (moved(Kind::Return) - moved(Kind::Delivery));
    assert_eq!(stage.simulator.on_hand("WH-01", "P-001"), left, "goods moved once each");
}

#[test]
fn any_faults_leave_one_document_each_in_kingdee() {
    any_faults_leave_one_document_each(System::Kingdee);
}

#[test]
fn any_faults_leave_one_document_each_in_yonyou() {
    any_faults_leave_one_document_each(System::Yonyou);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_says_nothing_is_told_as_such_and_by_what_it_was() {
    for system in SYSTEMS {
        for fault in [Fault::Fail, Fault::Lose, Fault::Break, Fault::Cut, Fault::Slow, Fault::Late]
        {
            let stage = Stage::start().await;
            let client = stage.impatient(system);
            let document = document(Kind::SalesOrder, 1);
            client.look_up(Kind::SalesOrder, &document.biz_id).await.expect("it is known");
            stage.faults([Fault::None, fault]);
            let answer = client.hand_over(&document).await;
            let Answer::Unknown(why) = answer else { panic!("{system} {fault:?}: {answer:?}") };
            let expected = match why {
                Unclear::Unreachable(_) => [Fault::Cut, Fault::Slow, Fault::Late].contains(&fault),
                Unclear::Failed { .. } => [Fault::Fail, Fault::Lose].contains(&fault),
                Unclear::Unreadable(_) => fault == Fault::Break,
            };
            assert!(expected, "{system} {fault:?}: {why:?}");
            stage.simulator.idle().await;
            let is_there = stage.held(&document.biz_id).len();
            assert_eq!(is_there, usize::from(fault != Fault::Fail), "{system} {fault:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_is_opened_again_without_anybody_noticing() {
    for system in SYSTEMS {
        let stage = Stage::start().await;
        let client = stage.client(system);
        for at in 0..4 {
            let before = std::iter::repeat_n(Fault::None, at);
            stage.faults(before.chain([Fault::Expire]));
            accepted(client.hand_over(&document(Kind::SalesOrder, at as u64)).await);
        }
        stage.simulator.expire();
        accepted(client.hand_over(&document(Kind::SalesOrder, 4)).await);
        let calls = stage.simulator.received().calls;
        let opened = calls.iter().filter(|call| {
            call.what.starts_with("LoginByAppSecret") || call.what == "getAccessToken"
        });
        assert!(opened.count() >= 5, "{calls:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_each_time_is_nobodys_document() {
    let stage = Stage::start().await;
    let client = stage.client(System::Kingdee);
    accepted(client.hand_over(&document(Kind::SalesOrder, 1)).await);
    // Each of the two queries is met by it, and the session between them is not.
    stage.faults([Fault::Expire, Fault::None, Fault::Expire]);
    let answer = client.hand_over(&document(Kind::SalesOrder, 2)).await;
    assert!(matches!(&answer, Answer::Refused { permanent: false, .. }), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_who_meet_make_one_document() {
    for system in SYSTEMS {
        for kind in KINDS {
            let stage = Stage::start().await;
            let (one, other) = (stage.client(system), stage.client(system));
            let document = document(kind, 1);
            let answers = tokio::join!(
                one.hand_over(&document),
                one.hand_over(&document),
                other.hand_over(&document),
                other.hand_over(&document),
            );
            accepted(one.hand_over(&document).await);
            assert_eq!(stage.one(&document.biz_id).stage, Until::Audited, "{answers:?}");
            let left = stage.simulator.on_hand("WH-01", "P-002");
            let expected = match kind {
                Kind::Delivery => 1_000_000 - 7,
                Kind::Return => 1_000_000 + 7,
                Kind::SalesOrder | Kind::Receipt => 1_000_000,
            };
            assert_eq!(left, expected, "{system} {kind:?}");
        }
    }
}
