//! What moved on an account of a dealer, as it is stated.

use kernel::spec::{given, given_nothing};
use kernel::{DomainEvent as _, Refusal as _};
use order::statement::{
    ChainCommand, Drawn, Link, Made, Point, StatedAccount, Statement, StatementChain,
    StatementChainEvent, StatementCommand, StatementEvent, StatementRefusal, Verdict,
};
use order::wallet::Balance;
use values::{Currency, DealerId, Minor, StatementId};

use crate::world::{day, usd};

fn dealer() -> DealerId {
    "kansas-29ers".parse().expect("a dealer id")
}

pub(crate) fn number(text: &str) -> StatementId {
    text.parse().expect("a number")
}

fn balance(there: i64, held: i64) -> Balance {
    Balance { balance_minor: Minor(there), held_minor: Minor(held) }
}

fn made() -> Made {
    Made {
        statement_id: number("ST-2"),
        dealer_id: dealer(),
        account: StatedAccount::Prepaid,
        currency: usd(),
        from: day("2026-10-01"),
        until: day("2026-10-31"),
        after_position: 7,
        upto_position: 12,
        opening: balance(500, 0),
        closing: balance(900, 100),
        sums: Vec::new(),
        line_count: 0,
        digest: "0".repeat(64),
        overdue_minor: Minor::ZERO,
        overdue_days: 0,
        follows: Some(number("ST-1")),
        replaces: None,
        reason: String::new(),
    }
}

fn drafted() -> StatementEvent {
    StatementEvent::StatementMade(Box::new(made()))
}

fn sent() -> StatementEvent {
    StatementEvent::StatementSent { statement_id: number("ST-2"), dealer_id: dealer() }
}

fn agreed() -> StatementEvent {
    StatementEvent::StatementAgreed {
        statement_id: number("ST-2"),
        dealer_id: dealer(),
        currency: usd(),
        closing: balance(900, 100),
        digest: "0".repeat(64),
    }
}

fn points() -> Vec<Point> {
    vec![Point { position: Some(9), reason: "未收到该笔货".into() }]
}

fn disputed() -> StatementEvent {
    let (statement_id, dealer_id) = (number("ST-2"), dealer());
    StatementEvent::StatementDisputed { statement_id, dealer_id, points: points() }
}

fn rejected() -> StatementEvent {
    let (statement_id, dealer_id) = (number("ST-2"), dealer());
    StatementEvent::DisputeRejected { statement_id, dealer_id, answer: "有签收单".into() }
}

fn accepted() -> StatementEvent {
    let (statement_id, dealer_id) = (number("ST-2"), dealer());
    StatementEvent::DisputeAccepted { statement_id, dealer_id, answer: "确实少货".into() }
}

fn discarded() -> StatementEvent {
    let (statement_id, dealer_id) = (number("ST-2"), dealer());
    StatementEvent::StatementDiscarded { statement_id, dealer_id, reason: "账期有误".into() }
}

fn replaced() -> StatementEvent {
    StatementEvent::StatementReplaced {
        statement_id: number("ST-2"),
        dealer_id: dealer(),
        by: number("ST-3"),
        reason: "补记少货".into(),
    }
}

fn dispute() -> StatementCommand {
    StatementCommand::Dispute { points: points() }
}

fn answer(verdict: Verdict, answer: &str) -> StatementCommand {
    StatementCommand::Answer { verdict, answer: answer.into() }
}

fn discard() -> StatementCommand {
    StatementCommand::Discard { reason: "账期有误".into() }
}

fn replace() -> StatementCommand {
    StatementCommand::Replace { by: number("ST-3"), reason: "补记少货".into() }
}

#[test]
fn a_statement_is_made_sent_and_agreed_to() {
    given_nothing::<Statement>().when(StatementCommand::Make(Box::new(made()))).then([drafted()]);
    given::<Statement>([drafted()]).when(StatementCommand::Send).then([sent()]);
    given::<Statement>([drafted(), sent()]).when(StatementCommand::Agree).then([agreed()]);
    let over = given::<Statement>([drafted(), sent(), agreed()]);
    over.when(StatementCommand::Agree).then_refused(StatementRefusal::AlreadyAgreed);
    let again = given::<Statement>([drafted()]).when(StatementCommand::Make(Box::new(made())));
    again.then_refused(StatementRefusal::StatementExists);
}

#[test]
fn to_a_dealer_there_is_no_draft() {
    let draft = || given::<Statement>([drafted()]);
    draft().when(StatementCommand::Agree).then_refused(StatementRefusal::StatementNotFound);
    draft().when(dispute()).then_refused(StatementRefusal::StatementNotFound);
    let gone = given::<Statement>([drafted(), discarded()]);
    gone.when(StatementCommand::Agree).then_refused(StatementRefusal::StatementNotFound);
}

#[test]
fn a_draft_is_thrown_away_and_what_was_sent_is_not() {
    given::<Statement>([drafted()]).when(discard()).then([discarded()]);
    let sent = given::<Statement>([drafted(), sent()]);
    sent.when(discard()).then_refused(StatementRefusal::NotADraft);
    let gone = given::<Statement>([drafted(), discarded()]);
    gone.when(StatementCommand::Send).then_refused(StatementRefusal::StatementOver);
    let twice = given::<Statement>([drafted(), self::sent()]);
    twice.when(StatementCommand::Send).then_refused(StatementRefusal::NotADraft);
}

#[test]
fn what_is_disputed_is_answered_before_anything_else() {
    given::<Statement>([drafted(), sent()]).when(dispute()).then([disputed()]);
    let open = || given::<Statement>([drafted(), sent(), disputed()]);
    open().when(StatementCommand::Agree).then_refused(StatementRefusal::DisputeOpen);
    open().when(dispute()).then_refused(StatementRefusal::DisputeOpen);
    open().when(answer(Verdict::Rejected, "有签收单")).then([rejected()]);
    open().when(answer(Verdict::Accepted, "确实少货")).then([accepted()]);
    let quiet = given::<Statement>([drafted(), sent()]);
    quiet
        .when(answer(Verdict::Rejected, "有签收单"))
        .then_refused(StatementRefusal::NothingDisputed);
    // Afterwards the dealer agrees, or disputes again.
    let answered = given::<Statement>([drafted(), sent(), disputed(), rejected()]);
    answered.when(StatementCommand::Agree).then([agreed()]);
    let answered = given::<Statement>([drafted(), sent(), disputed(), rejected()]);
    answered.when(dispute()).then([disputed()]);
    let correcting = given::<Statement>([drafted(), sent(), disputed(), accepted()]);
    correcting.when(StatementCommand::Agree).then([agreed()]);
}

#[test]
fn another_statement_takes_the_place_of_one_that_was_not_agreed_to() {
    let correcting = given::<Statement>([drafted(), sent(), disputed(), accepted()]);
    correcting.when(replace()).then([replaced()]);
    let draft = given::<Statement>([drafted()]);
    draft.when(replace()).then_refused(StatementRefusal::StillADraft);
    let over = given::<Statement>([drafted(), sent(), agreed()]);
    over.when(replace()).then_refused(StatementRefusal::AlreadyAgreed);
    let twice = given::<Statement>([drafted(), sent(), replaced()]);
    twice.when(replace()).then_refused(StatementRefusal::StatementOver);
    let gone = given::<Statement>([drafted(), sent(), replaced()]);
    gone.when(StatementCommand::Agree).then_refused(StatementRefusal::StatementOver);
    given_nothing::<Statement>()
        .when(StatementCommand::Send)
        .then_refused(StatementRefusal::StatementNotFound);
}

fn link(id: &str, until: &str, position: u64) -> Link {
    let (statement_id, until) = (number(id), day(until));
    Link { statement_id, until, upto_position: position, closing: balance(500, 0) }
}

fn add(seen: Option<&str>, last: Link) -> ChainCommand {
    let (dealer_id, account, currency) = (dealer(), StatedAccount::Prepaid, usd());
    ChainCommand::Add { dealer_id, account, currency, seen: seen.map(number), last }
}

fn chained(last: Link) -> StatementChainEvent {
    let (dealer_id, account, currency) = (dealer(), StatedAccount::Prepaid, usd());
    StatementChainEvent::StatementChained { dealer_id, account, currency, last }
}

fn take_off(id: &str, before: Option<Link>) -> ChainCommand {
    let (dealer_id, account, currency) = (dealer(), StatedAccount::Prepaid, usd());
    ChainCommand::TakeOff { dealer_id, account, currency, statement_id: number(id), before }
}

#[test]
fn statements_of_an_account_follow_each_other() {
    let (first, second) = (link("ST-1", "2026-09-30", 7), link("ST-2", "2026-10-31", 12));
    given_nothing::<StatementChain>().when(add(None, first.clone())).then([chained(first.clone())]);
    given::<StatementChain>([chained(first.clone())])
        .when(add(Some("ST-1"), second.clone()))
        .then([chained(second.clone())]);
    given::<StatementChain>([chained(first.clone())])
        .when(add(None, second.clone()))
        .then_refused(StatementRefusal::AnotherWasFaster);
    let both = || given::<StatementChain>([chained(first.clone()), chained(second.clone())]);
    both().when(take_off("ST-1", None)).then_refused(StatementRefusal::LaterOneFollows);
    let unchained = StatementChainEvent::StatementUnchained {
        dealer_id: dealer(),
        account: StatedAccount::Prepaid,
        currency: usd(),
        statement_id: number("ST-2"),
        last: Some(first.clone()),
    };
    let back = both().when(take_off("ST-2", Some(first.clone()))).then([unchained.clone()]);
    assert_eq!(back.last, Some(first));
    assert!(unchained.sentence().zh.contains("ST-2"), "{:?}", unchained.sentence());
}

/// The link that a statement leaves.
pub(crate) fn left_by(id: &str, drawn: &Drawn) -> Link {
    Link {
        statement_id: number(id),
        until: drawn.until,
        upto_position: drawn.upto_position,
        closing: drawn.closing,
    }
}

#[test]
fn refusals_say_what_would_make_them_pass() {
    let gap = StatementRefusal::PeriodGap { next: day("2026-11-01") };
    assert!(gap.text().zh.contains("2026-11-01") && gap.text().en.contains("2026-11-01"));
    assert_eq!(gap.reason(), "PERIOD_GAP");
    let overlap =
        StatementRefusal::PeriodOverlaps { statement_id: number("ST-1"), next: day("2026-11-01") };
    assert!(overlap.text().zh.contains("ST-1") && overlap.text().en.contains("ST-1"));
    let currency: Currency = usd();
    let id = order::statement::chain::object_id(&dealer(), StatedAccount::Credit, &currency);
    assert_eq!(id, "kansas-29ers-credit-USD");
}
