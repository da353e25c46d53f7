//! Who makes a promotion count, and until when.

use kernel::DomainEvent as _;
use kernel::spec::{given, given_nothing};
use order::promotion::{
    BasisPoints, Fault, Measure, Plan, Promotion, PromotionCommand, PromotionEvent,
    PromotionRefusal, Reward, Terms,
};
use values::{BusinessDate, PromotionId};

use crate::promotions::{id, promotion};
use crate::world::usd;

fn plan() -> Plan {
    let tenth = vec![(1, Reward::Percent(BasisPoints(1_000)))];
    Plan { currency: usd(), terms: promotion("summer", Measure::Quantity, tenth) }
}

fn called(name: &str) -> Plan {
    Plan { terms: Terms { name: name.to_owned(), ..plan().terms }, ..plan() }
}

fn summer() -> PromotionId {
    id("summer")
}

fn day(text: &str) -> BusinessDate {
    text.parse().expect("a day")
}

fn drafted() -> PromotionEvent {
    PromotionEvent::PromotionDrafted(plan())
}

fn approved() -> PromotionEvent {
    PromotionEvent::PromotionApproved { promotion_id: summer() }
}

fn paused() -> PromotionEvent {
    PromotionEvent::PromotionPaused { promotion_id: summer(), reason: "缺货".into() }
}

fn ended() -> PromotionEvent {
    PromotionEvent::PromotionEnded { promotion_id: summer(), reason: "改政策".into() }
}

fn approve(today: &str) -> PromotionCommand {
    PromotionCommand::Approve { today: day(today) }
}

fn resume(today: &str) -> PromotionCommand {
    PromotionCommand::Resume { today: day(today) }
}

fn pause() -> PromotionCommand {
    PromotionCommand::Pause { reason: "缺货".into() }
}

fn end() -> PromotionCommand {
    PromotionCommand::End { reason: "改政策".into() }
}

#[test]
fn a_promotion_is_drafted_approved_paused_resumed_and_ended() {
    let resumed = PromotionEvent::PromotionResumed { promotion_id: summer() };
    given_nothing::<Promotion>().when(PromotionCommand::Draft(plan())).then([drafted()]);
    given::<Promotion>([drafted()]).when(approve("2026-05-20")).then([approved()]);
    given::<Promotion>([drafted(), approved()]).when(pause()).then([paused()]);
    given::<Promotion>([drafted(), approved(), paused()])
        .when(resume("2026-06-20"))
        .then([resumed.clone()]);
    given::<Promotion>([drafted(), approved(), paused(), resumed]).when(end()).then([ended()]);
    given::<Promotion>([drafted()]).when(end()).then([ended()]);
}

#[test]
fn a_draft_changes_and_what_is_approved_does_not() {
    let revised = PromotionEvent::PromotionRevised(called("夏日"));
    let revise = || PromotionCommand::Revise(called("夏日"));
    given::<Promotion>([drafted()]).when(revise()).then([revised.clone()]);
    given::<Promotion>([drafted(), revised]).when(revise()).then_nothing();
    let kept = PromotionRefusal::TermsApproved { promotion_id: summer() };
    given::<Promotion>([drafted(), approved()]).when(revise()).then_refused(kept.clone());
    given::<Promotion>([drafted(), approved(), paused()]).when(revise()).then_refused(kept);
    let taken = PromotionRefusal::AlreadyDrafted { promotion_id: summer() };
    let again = PromotionCommand::Draft(called("夏日"));
    given::<Promotion>([drafted()]).when(again).then_refused(taken);
}

#[test]
fn a_draft_keeps_its_id() {
    let other = Terms { promotion_id: id("winter"), ..called("夏日").terms };
    let revised = PromotionEvent::PromotionRevised(called("夏日"));
    given::<Promotion>([drafted()])
        .when(PromotionCommand::Revise(Plan { terms: other, ..plan() }))
        .then([revised]);
}

#[test]
fn terms_have_to_make_sense() {
    let nothing = promotion("summer", Measure::Amount, vec![(0, Reward::Percent(BasisPoints(1)))]);
    let plan = || Plan { terms: nothing.clone(), ..plan() };
    let refused = PromotionRefusal::PromotionTerms { fault: Fault::Tiers };
    given_nothing::<Promotion>()
        .when(PromotionCommand::Draft(plan()))
        .then_refused(refused.clone());
    given::<Promotion>([drafted()]).when(PromotionCommand::Revise(plan())).then_refused(refused);
}

#[test]
fn what_is_so_already_is_no_fact() {
    given::<Promotion>([drafted(), approved()]).when(approve("2026-06-02")).then_nothing();
    given::<Promotion>([drafted(), approved()]).when(resume("2026-06-02")).then_nothing();
    given::<Promotion>([drafted(), approved(), paused()]).when(pause()).then_nothing();
}

#[test]
fn nothing_counts_after_its_last_day_or_its_end() {
    let over = PromotionRefusal::PromotionOver { promotion_id: summer(), until: day("2026-06-30") };
    given::<Promotion>([drafted()]).when(approve("2026-07-01")).then_refused(over.clone());
    given::<Promotion>([drafted()]).when(approve("2026-06-30")).then([approved()]);
    let held = [drafted(), approved(), paused()];
    given::<Promotion>(held).when(resume("2026-07-01")).then_refused(over);
    let gone = PromotionRefusal::AlreadyEnded { promotion_id: summer() };
    for command in [approve("2026-06-01"), pause(), resume("2026-06-01"), end()] {
        given::<Promotion>([drafted(), ended()]).when(command).then_refused(gone.clone());
    }
}

#[test]
fn what_is_no_promotion_yet_does_nothing() {
    let not_found = PromotionRefusal::PromotionNotFound;
    for command in [approve("2026-06-01"), pause(), resume("2026-06-01"), end()] {
        given_nothing::<Promotion>().when(command).then_refused(not_found.clone());
    }
    let not_yet = PromotionRefusal::NotApproved { promotion_id: summer() };
    for command in [pause(), resume("2026-06-01")] {
        given::<Promotion>([drafted()]).when(command).then_refused(not_yet.clone());
    }
}

#[test]
fn people_read_what_happened() {
    let said = drafted().sentence();
    assert_eq!(said.zh, "促销 summer（summer）已起草，2026-06-01 至 2026-06-30");
    assert_eq!(said.en, "promotion summer (summer) was drafted for 2026-06-01 to 2026-06-30");
    assert_eq!(paused().sentence().zh, "促销 summer 已暂停：缺货");
}
