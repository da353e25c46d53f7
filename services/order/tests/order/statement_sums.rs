//! Whatever moved on an account, and however it is cut into periods: what statements say adds up, and
//! each begins where the one before ended.

use std::collections::BTreeSet;

use kernel::Decider as _;
use order::credit::{CreditAccount, CreditCommand, Following, Lending};
use order::shift::Shift;
use order::statement::{
    Drawn, Fact, Link, MAX_LINES, Made, Movement, MovementKind, Period, StatedAccount,
    StatementRefusal, Tally,
};
use order::wallet::{Balance, DebitCause, Purse, Source, Wallet, WalletCommand};
use proptest::prelude::*;
use values::{BusinessDate, Currency, DealerId, Minor, OrderId};

use crate::statements::{left_by, number};
use crate::world::{day, usd};

/// A fact, where it stands and on which day it was recorded.
type Told = (u64, BusinessDate, Fact);

fn dealer() -> DealerId {
    "kansas-29ers".parse().expect("a dealer id")
}

fn order_id(number: u32) -> OrderId {
    format!("SO-{number}").parse().expect("an order id")
}

#[derive(Clone, Debug)]
enum Step {
    TopUp(i64),
    Grant(i64),
    Deduct(i64),
    PayBack(i64),
    Refund(i64),
    Follow(Purse, u32, [i64; 3]),
    Limit(i64),
    Lend(u32, [i64; 3]),
    Repay(i64),
    Reduce(u32, i64),
}

fn step() -> impl Strategy<Value = Step> {
    let amount = || 1..500_i64;
    let shift = || [0..300_i64, 0..200_i64, 0..100_i64];
    let purse = prop_oneof![Just(Purse::Prepaid), Just(Purse::Rebate)];
    prop_oneof![
        3 => amount().prop_map(Step::TopUp),
        2 => amount().prop_map(Step::Grant),
        1 => amount().prop_map(Step::Deduct),
        1 => amount().prop_map(Step::PayBack),
        1 => amount().prop_map(Step::Refund),
        4 => (purse, 1..4_u32, shift()).prop_map(|(purse, order, it)| Step::Follow(purse, order, it)),
        1 => (500..5_000_i64).prop_map(Step::Limit),
        5 => (1..4_u32, shift()).prop_map(|(order, it)| Step::Lend(order, it)),
        2 => amount().prop_map(Step::Repay),
        1 => (1..4_u32, amount()).prop_map(|(order, amount)| Step::Reduce(order, amount)),
    ]
}

fn shift([hold, capture, release]: [i64; 3]) -> Shift {
    Shift { hold: Minor(hold), capture: Minor(capture), release: Minor(release) }
}

/// What a step asks of the wallet, if it asks it anything.
fn of_wallet(step: &Step) -> Option<WalletCommand> {
    let (dealer_id, currency) = (dealer(), usd());
    Some(match step {
        Step::TopUp(amount) => WalletCommand::Credit {
            dealer_id,
            purse: Purse::Prepaid,
            amount: Minor(*amount),
            currency,
            source: Source::TopUp {
                remittance_id: "RM-1".parse().expect("a number"),
                bank_reference: "ICBC 0001".into(),
            },
        },
        Step::Grant(amount) => WalletCommand::Credit {
            dealer_id,
            purse: Purse::Rebate,
            amount: Minor(*amount),
            currency,
            source: Source::Grant { reason: "三季度".into() },
        },
        Step::Deduct(amount) | Step::PayBack(amount) => {
            let (purse, cause) = match step {
                Step::Deduct(_) => (Purse::Rebate, DebitCause::Deduction),
                Step::TopUp(_)
                | Step::Grant(_)
                | Step::PayBack(_)
                | Step::Refund(_)
                | Step::Follow(..)
                | Step::Limit(_)
                | Step::Lend(..)
                | Step::Repay(_)
                | Step::Reduce(..) => (Purse::Prepaid, DebitCause::PayBack),
            };
            let (amount, reason) = (Minor(*amount), "更正".into());
            WalletCommand::Debit { dealer_id, purse, amount, currency, cause, reason }
        }
        Step::Refund(amount) => WalletCommand::Refund {
            dealer_id,
            after_sale_id: "AS-1".parse().expect("a number"),
            order_id: order_id(1),
            currency,
            parts: vec![(Purse::Prepaid, Minor(*amount))],
        },
        Step::Follow(purse, order, it) => WalletCommand::Follow {
            dealer_id,
            order_id: order_id(*order),
            currency,
            shifts: vec![(*purse, shift(*it))],
        },
        Step::Limit(_) | Step::Lend(..) | Step::Repay(_) | Step::Reduce(..) => return None,
    })
}

/// What a step asks of the line of credit, if it asks it anything.
fn of_credit(step: &Step, today: BusinessDate) -> Option<CreditCommand> {
    Some(match step {
        Step::Limit(limit) => CreditCommand::SetLimit {
            dealer_id: dealer(),
            currency: usd(),
            limit: Minor(*limit),
            payment_days: 5,
            today,
            reason: String::new(),
        },
        Step::Lend(order, it) => CreditCommand::Follow(Box::new(Following {
            dealer_id: dealer(),
            order_id: order_id(*order),
            currency: usd(),
            shift: shift(*it),
            today,
            terms: Lending::default(),
        })),
        Step::Repay(amount) => CreditCommand::Repay {
            remittance_id: "RM-2".parse().expect("a number"),
            bank_reference: "ICBC 0002".into(),
            payer: dealer(),
            amount: Minor(*amount),
        },
        Step::Reduce(order, amount) => CreditCommand::Reduce {
            after_sale_id: "AS-2".parse().expect("a number"),
            order_id: order_id(*order),
            order_dealer_id: dealer(),
            amount: Minor(*amount),
        },
        Step::TopUp(_)
        | Step::Grant(_)
        | Step::Deduct(_)
        | Step::PayBack(_)
        | Step::Refund(_)
        | Step::Follow(..) => return None,
    })
}

/// All that happened, with gaps between the positions as other objects leave them; what is refused
/// did not happen.
fn happened(steps: &[(u32, Step)]) -> (Vec<Told>, Wallet, CreditAccount) {
    let (mut wallet, mut credit) = (Wallet::default(), CreditAccount::default());
    let (mut told, mut position, mut today) = (Vec::new(), 0, day("2026-09-01"));
    for (days, step) in steps {
        today = today.plus_days(*days);
        let events = of_wallet(step).and_then(|command| wallet.decide(command).ok());
        for event in events.into_iter().flatten() {
            wallet.evolve(event.clone());
            position += 1 + u64::from(*days);
            told.push((position, today, Fact::Wallet(event)));
        }
        let events = of_credit(step, today).and_then(|command| credit.decide(command).ok());
        for event in events.into_iter().flatten() {
            credit.evolve(event.clone());
            position += 1 + u64::from(*days);
            told.push((position, today, Fact::Credit(event)));
        }
    }
    (told, wallet, credit)
}

/// What a statement reads: the facts of the object behind the account.
fn of_object(account: StatedAccount, told: &[Told]) -> Vec<Told> {
    let is_credit = account == StatedAccount::Credit;
    let own = |(_, _, fact): &&Told| matches!(fact, Fact::Credit(_)) == is_credit;
    told.iter().filter(own).cloned().collect()
}

fn draw(
    account: StatedAccount,
    told: &[Told],
    (from, until): (Option<BusinessDate>, BusinessDate),
    before: Option<&Link>,
) -> Result<Drawn, StatementRefusal> {
    let period = Period { account, currency: usd(), from, until };
    tell(Tally::begin(period, before)?, &of_object(account, told))
}

fn tell(mut tally: Tally, told: &[Told]) -> Result<Drawn, StatementRefusal> {
    let after = tally.reads_after();
    for (position, day, fact) in told.iter().filter(|(position, ..)| *position > after) {
        if !tally.take(*position, *day, fact)? {
            break;
        }
    }
    tally.finish()
}

fn lines(account: StatedAccount, told: &[Told]) -> Vec<(u64, Movement)> {
    let line = |(position, _, fact): &Told| Some((*position, Movement::of(account, fact)?));
    told.iter().filter_map(line).collect()
}

fn adds_up(drawn: &Drawn) {
    let change: i64 = drawn.sums.iter().map(|sum| sum.change_minor.0).sum();
    let held: i64 = drawn.sums.iter().map(|sum| sum.held_change_minor.0).sum();
    let Balance { balance_minor, held_minor } = drawn.opening;
    assert_eq!(balance_minor.0 + change, drawn.closing.balance_minor.0, "{drawn:?}");
    assert_eq!(held_minor.0 + held, drawn.closing.held_minor.0, "{drawn:?}");
    assert_eq!(drawn.sums.iter().map(|sum| sum.count).sum::<u32>(), drawn.line_count, "{drawn:?}");
}

fn accounts() -> [StatedAccount; 3] {
    [StatedAccount::Prepaid, StatedAccount::Rebate, StatedAccount::Credit]
}

proptest! {
    /// Each statement is made at some moment: of what is recorded later, also for its days, it knows
    /// nothing.
    #[test]
    fn statements_add_up_and_follow_each_other(
        steps in prop::collection::vec((0..4_u32, step()), 1..60),
        cuts in prop::collection::btree_set(0..100_u32, 1..8),
        known in prop::collection::vec(0..100_usize, 8),
    ) {
        let (told, wallet, credit) = happened(&steps);
        for account in accounts() {
            let all = lines(account, &told);
            let mut before: Option<Link> = None;
            let mut stated = BTreeSet::new();
            let mut count = 0;
            // The last period is long enough for everything, and made when everything is there.
            let untils: Vec<u32> = cuts.iter().copied().chain([1_000]).collect();
            for (index, cut) in untils.iter().enumerate() {
                let until = day("2026-09-01").plus_days(*cut);
                let there = known.get(index).filter(|_| *cut < 1_000);
                let there = there.map_or(told.len(), |part| told.len() * part / 100);
                let drawn = match draw(account, &told[..there], (None, until), before.as_ref()) {
                    Ok(drawn) => drawn,
                    Err(StatementRefusal::NeverMoved) => continue,
                    Err(no) => panic!("{no}"),
                };
                adds_up(&drawn);
                if let Some(before) = &before {
                    prop_assert_eq!(drawn.opening, before.closing);
                    prop_assert_eq!(drawn.after_position, before.upto_position);
                    prop_assert_eq!(drawn.from, before.until.plus_days(1));
                }
                let own = all.iter().filter(|(position, _)| {
                    *position > drawn.after_position && *position <= drawn.upto_position
                });
                for (position, _) in own {
                    prop_assert!(stated.insert(*position), "{position} is stated twice");
                }
                count += drawn.line_count as usize;
                // Made again from the same facts it is the same, whatever was recorded since.
                let again = draw(account, &told[..there], (None, until), before.as_ref());
                prop_assert_eq!(&again, &Ok(drawn.clone()));
                before = Some(left_by(&format!("ST-{index}"), &drawn));
            }
            prop_assert_eq!((stated.len(), count), (all.len(), all.len()));
            let there = match account {
                StatedAccount::Prepaid => wallet.balance(Purse::Prepaid),
                StatedAccount::Rebate => wallet.balance(Purse::Rebate),
                StatedAccount::Credit => credit.line().map(|line| Balance {
                    balance_minor: line.exposure.receivable_minor,
                    held_minor: line.exposure.reserved_minor,
                }).unwrap_or_default(),
            };
            prop_assert_eq!(before.map(|last| last.closing).unwrap_or_default(), there);
        }
    }

    /// The first statement may begin later than the account: what was before is its opening.
    #[test]
    fn a_first_statement_opens_with_what_was_there_before(
        steps in prop::collection::vec((0..4_u32, step()), 1..40),
        start in 0..60_u32,
    ) {
        let (told, ..) = happened(&steps);
        let (from, until) = (day("2026-09-01").plus_days(start), day("2030-01-01"));
        for account in accounts() {
            let Ok(drawn) = draw(account, &told, (Some(from), until), None) else { continue };
            adds_up(&drawn);
            let all = lines(account, &told);
            let is_before = |position: &u64| told.iter().any(|(at, day, _)| at == position && *day < from);
            let opening = all.iter().rfind(|(position, _)| is_before(position));
            let opening = opening.map(|(_, line)| line.after).unwrap_or_default();
            prop_assert_eq!(drawn.opening, opening);
            let inside = all.iter().filter(|(position, _)| !is_before(position)).count();
            prop_assert_eq!(drawn.line_count as usize, inside);
        }
    }
}

fn top_ups(days: &[&str]) -> Vec<Told> {
    let mut wallet = Wallet::default();
    let mut told = Vec::new();
    for (position, on) in (1..).zip(days) {
        let command = of_wallet(&Step::TopUp(100)).expect("a top-up");
        for event in wallet.decide(command).expect("accepted") {
            wallet.evolve(event.clone());
            told.push((position, day(on), Fact::Wallet(event)));
        }
    }
    told
}

#[test]
fn what_is_recorded_late_comes_into_the_next_statement() {
    let told = top_ups(&["2026-09-10", "2026-10-05", "2026-10-31", "2026-10-31"]);
    let october = (Some(day("2026-10-01")), day("2026-10-31"));
    // The last one was recorded after the statement was made.
    let first = draw(StatedAccount::Prepaid, &told[..3], october, None).expect("a statement");
    assert_eq!(
        (first.opening.balance_minor, first.closing.balance_minor),
        (Minor(100), Minor(300))
    );
    let link = left_by("ST-1", &first);
    let november = (None, day("2026-11-30"));
    let next = draw(StatedAccount::Prepaid, &told, november, Some(&link)).expect("a statement");
    assert_eq!((next.line_count, next.after_position, next.upto_position), (1, 3, 4));
    assert_eq!(next.closing.balance_minor, Minor(400));
}

#[test]
fn periods_leave_no_day_out_and_have_none_twice() {
    let told = top_ups(&["2026-09-10"]);
    let until = |text: &str| day(text);
    let first = draw(StatedAccount::Prepaid, &told, (None, until("2026-09-30")), None);
    let first = first.expect("a statement");
    assert_eq!(first.from, day("2026-09-10"));
    let link = left_by("ST-1", &first);
    let ask = |from: &str, to: &str| {
        let period = (Some(day(from)), until(to));
        draw(StatedAccount::Prepaid, &told, period, Some(&link)).map(|drawn| drawn.line_count)
    };
    let next = day("2026-10-01");
    assert_eq!(ask("2026-10-01", "2026-10-31"), Ok(0));
    assert_eq!(ask("2026-10-02", "2026-10-31"), Err(StatementRefusal::PeriodGap { next }));
    let statement_id = number("ST-1");
    let twice = StatementRefusal::PeriodOverlaps { statement_id, next };
    assert_eq!(ask("2026-09-30", "2026-10-31"), Err(twice));
    let short = draw(StatedAccount::Prepaid, &told, (None, until("2026-09-30")), Some(&link));
    assert_eq!(short, Err(StatementRefusal::PeriodReversed));
    let early = draw(StatedAccount::Prepaid, &told, (None, until("2026-09-09")), None);
    assert_eq!(early, Err(StatementRefusal::NeverMoved));
    let other = draw(StatedAccount::Rebate, &told, (None, until("2026-09-30")), None);
    assert_eq!(other, Err(StatementRefusal::NeverMoved));
}

#[test]
fn a_statement_is_made_anew_with_what_was_corrected_since() {
    let told = top_ups(&["2026-09-10", "2026-10-02", "2026-10-08"]);
    let until = day("2026-09-30");
    let before = draw(StatedAccount::Prepaid, &told, (None, until), None).expect("a statement");
    let made = Made {
        statement_id: number("ST-1"),
        dealer_id: dealer(),
        account: StatedAccount::Prepaid,
        currency: usd(),
        from: before.from,
        until: before.until,
        after_position: before.after_position,
        upto_position: before.upto_position,
        opening: before.opening,
        closing: before.closing,
        sums: before.sums.clone(),
        line_count: before.line_count,
        digest: before.digest.clone(),
        overdue_minor: before.overdue,
        overdue_days: before.overdue_days,
        follows: None,
        replaces: None,
        reason: String::new(),
    };
    let again = |until| Tally::again(&made, day(until)).and_then(|tally| tell(tally, &told));
    assert_eq!(again("2026-09-30").expect("a statement"), before);
    let later = again("2026-10-05").expect("a statement");
    assert_eq!((later.from, later.line_count), (before.from, 2));
    assert_ne!(later.digest, before.digest);
    assert_eq!(again("2026-09-29"), Err(StatementRefusal::PeriodReversed));
}

#[test]
fn a_statement_of_credit_says_what_is_late() {
    let steps = [
        (0, Step::Limit(1_000)),
        (0, Step::Lend(1, [300, 0, 0])),
        (1, Step::Lend(1, [0, 200, 0])),
        (8, Step::Repay(50)),
    ];
    let (told, ..) = happened(&steps);
    let state = |until: &str| {
        let period = (None, day(until));
        let drawn = draw(StatedAccount::Credit, &told, period, None).expect("a statement");
        (drawn.closing, drawn.overdue, drawn.overdue_days)
    };
    let balance = |there, held| Balance { balance_minor: Minor(there), held_minor: Minor(held) };
    // Delivered on the 2nd, to be paid by the 7th.
    assert_eq!(state("2026-09-07"), (balance(200, 100), Minor(0), 0));
    assert_eq!(state("2026-09-09"), (balance(200, 100), Minor(200), 2));
    assert_eq!(state("2026-09-10"), (balance(150, 100), Minor(150), 3));
}

#[test]
fn an_account_that_contradicts_its_movements_is_not_stated() {
    let told = top_ups(&["2026-09-10", "2026-09-11", "2026-09-12"]);
    let holed = [told[0].clone(), told[2].clone()];
    let drawn = draw(StatedAccount::Prepaid, &holed, (None, day("2026-09-30")), None);
    assert_eq!(drawn, Err(StatementRefusal::NotAddingUp { position: 3 }));
}

#[test]
fn a_statement_has_very_many_lines_and_not_more_than_can_be_read() {
    let mut told = top_ups(&vec!["2026-09-10"; MAX_LINES as usize]);
    let period = (None, day("2026-09-30"));
    let drawn = draw(StatedAccount::Prepaid, &told, period, None).expect("a statement");
    assert_eq!((drawn.line_count, drawn.sums.len()), (MAX_LINES, 1));
    assert_eq!(drawn.closing.balance_minor, Minor(100 * i64::from(MAX_LINES)));
    // One more, as the account would have it.
    let (position, on, last) = told.last().cloned().expect("a fact");
    told.push((position + 1, on, last));
    let no = draw(StatedAccount::Prepaid, &told, period, None);
    assert_eq!(no, Err(StatementRefusal::TooManyMovements));
}

#[test]
fn lines_are_written_as_the_digest_has_them() {
    let told = top_ups(&["2026-09-10"]);
    let line = Movement::of(StatedAccount::Prepaid, &told[0].2).expect("a line");
    assert_eq!(line.kind, MovementKind::TopUp);
    assert_eq!(line.written(7), "7\ttop_up\t100\t0\tRM-1\n");
    let euro: Currency = "EUR".parse().expect("a currency");
    let period = Period {
        account: StatedAccount::Prepaid,
        currency: euro,
        from: None,
        until: day("2026-09-30"),
    };
    let other = Tally::begin(period, None).and_then(|tally| tell(tally, &told));
    assert_eq!(other, Err(StatementRefusal::NeverMoved));
}
