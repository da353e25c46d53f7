//! Lines of bank statements and the money that dealers reported.

use kernel::Decider as _;
use kernel::spec::{given, given_nothing};
use order::bank_line::{
    BankEntry, BankLine, BankLineCommand, BankLineEvent, Found, ReconciliationRefusal, line_id,
};
use order::bank_reference::{BankReference, BankReferenceCommand, BankReferenceEvent};
use order::funds::FundsRefusal;
use order::remittance::{Purpose, Remittance, RemittanceCommand, RemittanceEvent, Report};
use proptest::prelude::*;
use values::{BankLineId, DealerId, Minor, RemittanceId};

use crate::world::{day, usd};

const REFERENCE: &str = "ICBC 2026-11 0001";

fn line() -> BankLineId {
    line_id("6222-0200", REFERENCE).parse().expect("an id")
}

fn number(of: u8) -> RemittanceId {
    format!("RM-{of}").parse().expect("a number")
}

fn dealer() -> DealerId {
    "kansas-29ers".parse().expect("a dealer id")
}

fn entry(amount: i64) -> Box<BankEntry> {
    Box::new(BankEntry {
        line_id: line(),
        bank_account: "6222-0200".into(),
        bank_reference: REFERENCE.into(),
        booked_on: day("2026-11-23"),
        currency: usd(),
        amount_minor: Minor(amount),
        payer_name: "堪萨斯 29ers".into(),
        payer_account: "6228 0001".into(),
        memo: "货款".into(),
    })
}

fn import(amount: i64, today: &str, found: Option<Found>) -> BankLineCommand {
    BankLineCommand::Import { entry: entry(amount), today: day(today), found }
}

fn imported() -> BankLineEvent {
    BankLineEvent::BankLineImported(entry(100_000))
}

fn proposed(by_hand: bool) -> BankLineEvent {
    let (remittance_id, dealer_id) = (number(1), dealer());
    BankLineEvent::BankLineProposed { line_id: line(), remittance_id, dealer_id, by_hand }
}

fn matched(assigned: bool) -> BankLineEvent {
    BankLineEvent::BankLineMatched {
        line_id: line(),
        remittance_id: number(1),
        dealer_id: dealer(),
        currency: usd(),
        amount_minor: Minor(100_000),
        assigned,
    }
}

fn differed() -> BankLineEvent {
    BankLineEvent::BankLineDiffered {
        line_id: line(),
        remittance_id: number(1),
        dealer_id: dealer(),
        currency: usd(),
        reported_minor: Minor(90_000),
        rival_id: None,
    }
}

/// The second remittance, of another dealer, claims it beside the first one.
fn in_doubt() -> BankLineEvent {
    BankLineEvent::BankLineDiffered {
        line_id: line(),
        remittance_id: number(2),
        dealer_id: rival(),
        currency: usd(),
        reported_minor: Minor(100_000),
        rival_id: Some(number(1)),
    }
}

fn rival() -> DealerId {
    "texas-rovers".parse().expect("a dealer id")
}

fn take(of: u8, assigned: bool) -> BankLineCommand {
    BankLineCommand::Match { remittance_id: number(of), dealer_id: dealer(), assigned }
}

fn reported() -> Found {
    Found::Reported { remittance_id: number(1), dealer_id: dealer() }
}

#[test]
fn a_line_is_imported_once_and_another_amount_under_its_reference_is_refused() {
    given_nothing::<BankLine>().when(import(100_000, "2026-11-23", None)).then([imported()]);
    given_nothing::<BankLine>()
        .when(import(100_000, "2026-11-22", None))
        .then_refused(ReconciliationRefusal::NotBookedYet);
    given::<BankLine>([imported()])
        .when(import(100_000, "2026-11-24", None))
        .then_refused(ReconciliationRefusal::LineImported);
    given::<BankLine>([imported()]).when(import(100_001, "2026-11-24", None)).then_refused(
        ReconciliationRefusal::LineIsAnother {
            amount: Minor(100_000),
            currency: usd(),
            booked_on: day("2026-11-23"),
        },
    );
    assert_eq!(line_id("6222-0200", REFERENCE), line_id("6222-0200", "icbc2026110001"));
    assert_ne!(line_id("6222-0200", REFERENCE), line_id("6222-0201", REFERENCE));
}

#[test]
fn what_is_found_by_the_reference_is_proposed_differs_or_is_matched() {
    given_nothing::<BankLine>()
        .when(import(100_000, "2026-11-23", Some(reported())))
        .then([imported(), proposed(false)]);
    let differs = || Found::Differs {
        remittance_id: number(1),
        dealer_id: dealer(),
        reported: Minor(90_000),
        currency: usd(),
        rival: None,
    };
    given_nothing::<BankLine>()
        .when(import(100_000, "2026-11-23", Some(differs())))
        .then([imported(), differed()]);
    let counted = || Found::Counted { remittance_id: number(1), dealer_id: dealer() };
    given_nothing::<BankLine>()
        .when(import(100_000, "2026-11-23", Some(counted())))
        .then([imported(), matched(false)]);
    // What comes up later changes nothing about which somebody has decided.
    given::<BankLine>([imported()]).when(BankLineCommand::Note(reported())).then([proposed(false)]);
    let aside = BankLineEvent::BankLineSetAside { line_id: line(), reason: "利息".into() };
    for found in [reported(), differs(), counted()] {
        given::<BankLine>([imported(), aside.clone()])
            .when(BankLineCommand::Note(found.clone()))
            .then([]);
        given::<BankLine>([imported(), matched(false)]).when(BankLineCommand::Note(found)).then([]);
    }
}

#[test]
fn a_proposal_and_a_setting_aside_can_be_undone_and_a_match_can_not() {
    let aside = || BankLineCommand::SetAside { reason: "利息".into() };
    let set_aside = BankLineEvent::BankLineSetAside { line_id: line(), reason: "利息".into() };
    let reopen = || BankLineCommand::Reopen { reason: "看错了".into() };
    let reopened = BankLineEvent::BankLineReopened { line_id: line(), reason: "看错了".into() };
    given::<BankLine>([imported()]).when(aside()).then([set_aside.clone()]);
    given::<BankLine>([imported(), set_aside.clone()]).when(reopen()).then([reopened.clone()]);
    given::<BankLine>([imported(), proposed(true)]).when(reopen()).then([reopened.clone()]);
    given::<BankLine>([imported(), set_aside.clone(), reopened]).when(aside()).then([set_aside]);
    given::<BankLine>([imported()]).when(reopen()).then_refused(ReconciliationRefusal::LineIsOpen);
    given::<BankLine>([imported(), proposed(true)])
        .when(aside())
        .then_refused(ReconciliationRefusal::LineProposed { to: number(1) });
    for again in [reopen(), aside(), take(1, false)] {
        given::<BankLine>([imported(), matched(false)])
            .when(again)
            .then_refused(ReconciliationRefusal::LineMatched { by: number(1) });
    }
    given_nothing::<BankLine>()
        .when(reopen())
        .then_refused(ReconciliationRefusal::BankLineNotFound);
}

#[test]
fn a_person_proposes_and_a_match_is_of_what_was_proposed_or_of_an_open_line() {
    let propose = |currency| BankLineCommand::Propose {
        remittance_id: number(1),
        dealer_id: dealer(),
        currency,
    };
    given::<BankLine>([imported()]).when(propose(usd())).then([proposed(true)]);
    given::<BankLine>([imported(), differed()]).when(propose(usd())).then([proposed(true)]);
    let cny: values::Currency = "CNY".parse().expect("a currency");
    given::<BankLine>([imported()])
        .when(propose(cny.clone()))
        .then_refused(ReconciliationRefusal::LineCurrency { currency: cny });
    given::<BankLine>([imported(), proposed(true)]).when(take(1, false)).then([matched(false)]);
    given::<BankLine>([imported()]).when(take(1, true)).then([matched(true)]);
    given::<BankLine>([imported(), proposed(false)])
        .when(take(2, true))
        .then_refused(ReconciliationRefusal::LineProposed { to: number(1) });
}

#[test]
fn a_second_dealers_claim_puts_a_line_in_doubt_until_one_is_rejected() {
    let claim = || {
        BankLineCommand::Note(Found::Differs {
            remittance_id: number(2),
            dealer_id: rival(),
            reported: Minor(100_000),
            currency: usd(),
            rival: Some(number(1)),
        })
    };
    for before in [proposed(false), proposed(true), differed()] {
        given::<BankLine>([imported(), before]).when(claim()).then([in_doubt()]);
    }
    given::<BankLine>([imported()]).when(claim()).then([in_doubt()]);
    let aside = BankLineEvent::BankLineSetAside { line_id: line(), reason: "利息".into() };
    for decided in [matched(false), aside] {
        given::<BankLine>([imported(), decided]).when(claim()).then_nothing();
    }
    // Nobody confirms what is in doubt; a person proposes one of both first.
    given::<BankLine>([imported(), in_doubt()]).when(take(1, false)).then([matched(false)]);
    assert!(after_all([imported(), in_doubt()]).proposed().is_err());
    let reject = |of, found| {
        let (remittance_id, reason) = (number(of), "重复申报".to_owned());
        BankLineCommand::Reject { remittance_id, reason, found }
    };
    let reopened =
        || BankLineEvent::BankLineReopened { line_id: line(), reason: "重复申报".into() };
    // Whichever of both is rejected: the other one is what is found.
    for of in [1, 2] {
        given::<BankLine>([imported(), in_doubt()])
            .when(reject(of, Some(reported())))
            .then([reopened(), proposed(false)]);
    }
    given::<BankLine>([imported(), proposed(false)]).when(reject(1, None)).then([reopened()]);
    given::<BankLine>([imported(), differed()]).when(reject(1, None)).then([reopened()]);
    given::<BankLine>([imported(), proposed(false)]).when(reject(2, None)).then_nothing();
    given::<BankLine>([imported(), matched(false)]).when(reject(1, None)).then_nothing();
}

fn after_all<const N: usize>(events: [BankLineEvent; N]) -> BankLine {
    let mut line = BankLine::default();
    events.into_iter().for_each(|event| line.evolve(event));
    line
}

#[test]
fn money_that_counts_under_another_reference_is_not_reported_again_with_its_own() {
    let reference = || REFERENCE.to_owned();
    let lend = |of| BankReferenceCommand::Lend {
        reference: reference(),
        remittance_id: number(of),
        counted_as: "BOC 0042".into(),
    };
    let used = |of: u8, counted_as: Option<&str>| BankReferenceEvent::BankReferenceUsed {
        reference: reference(),
        remittance_id: number(of),
        counted_as: counted_as.map(ToOwned::to_owned),
    };
    let lent = || used(1, Some("BOC 0042"));
    given_nothing::<BankReference>().when(lend(1)).then([lent()]);
    // What has counted stays, whoever reported other money with it, too.
    given::<BankReference>([used(2, None)]).when(lend(1)).then_nothing();
    given::<BankReference>([lent()]).when(lend(2)).then_nothing();
    let again = BankReferenceCommand::Use { reference: reference(), remittance_id: number(2) };
    given::<BankReference>([lent()])
        .when(again)
        .then_refused(FundsRefusal::ReferenceUsed { reference: reference(), by: number(1) });
    // The bank itself has a line with it: that is another transfer than the one that has counted.
    let its_line = |of| BankReferenceEvent::BankReferenceMatched {
        reference: reference(),
        remittance_id: number(of),
        line_id: line(),
    };
    let use_for = |of| BankReferenceCommand::UseFor {
        reference: reference(),
        remittance_id: number(of),
        line_id: line(),
    };
    given::<BankReference>([lent()]).when(use_for(2)).then([used(2, None), its_line(2)]);
    given::<BankReference>([lent(), used(2, None), its_line(2)])
        .when(use_for(3))
        .then_refused(FundsRefusal::ReferenceUsed { reference: reference(), by: number(2) });
    // A line that comes later is not taken for the money that has counted as another transfer.
    let book =
        BankReferenceCommand::Book { reference: reference(), line_id: line(), counted: true };
    let booked =
        BankReferenceEvent::BankReferenceBooked { reference: reference(), line_id: line() };
    given::<BankReference>([lent()]).when(book).then([booked]);
}

#[test]
fn a_reference_knows_reports_and_lines_and_counts_once() {
    let reference = || REFERENCE.to_owned();
    let book =
        |counted| BankReferenceCommand::Book { reference: reference(), line_id: line(), counted };
    let booked =
        || BankReferenceEvent::BankReferenceBooked { reference: reference(), line_id: line() };
    let used = || BankReferenceEvent::BankReferenceUsed {
        reference: reference(),
        remittance_id: number(1),
        counted_as: None,
    };
    let its_line = || BankReferenceEvent::BankReferenceMatched {
        reference: reference(),
        remittance_id: number(1),
        line_id: line(),
    };
    let told = BankReferenceEvent::BankReferenceReported {
        reference: reference(),
        remittance_id: number(1),
    };
    let report = BankReferenceCommand::Report { reference: reference(), remittance_id: number(1) };
    given_nothing::<BankReference>().when(report).then([told.clone()]);
    given::<BankReference>([told]).when(book(false)).then([booked()]);
    // Money that was confirmed before its line came: the first line of that amount is it.
    given::<BankReference>([used()]).when(book(true)).then([booked(), its_line()]);
    given::<BankReference>([used()]).when(book(false)).then([booked()]);
    given::<BankReference>([used(), booked(), its_line()]).when(book(true)).then([booked()]);
    let use_for = || BankReferenceCommand::UseFor {
        reference: reference(),
        remittance_id: number(1),
        line_id: line(),
    };
    given::<BankReference>([booked()]).when(use_for()).then([used(), its_line()]);
    given::<BankReference>([used()])
        .when(use_for())
        .then_refused(FundsRefusal::ReferenceUsed { reference: reference(), by: number(1) });
}

#[test]
fn money_that_nobody_reported_is_told_of_and_arrives_at_once() {
    let report = || {
        Box::new(Report {
            remittance_id: number(1),
            dealer_id: dealer(),
            purpose: Purpose::TopUp,
            currency: usd(),
            amount_minor: Minor(100_000),
            paid_on: day("2026-11-23"),
            bank_reference: REFERENCE.into(),
            note: String::new(),
        })
    };
    let command = || RemittanceCommand::Book {
        report: report(),
        repaid: Minor(40_000),
        topped_up: Minor(60_000),
    };
    let reported = || RemittanceEvent::RemittanceReported(report());
    let confirmed = RemittanceEvent::RemittanceConfirmed {
        remittance_id: number(1),
        dealer_id: dealer(),
        currency: usd(),
        received_minor: Minor(100_000),
        repaid_minor: Minor(40_000),
        topped_up_minor: Minor(60_000),
        bank_reference: REFERENCE.into(),
    };
    given_nothing::<Remittance>().when(command()).then([reported(), confirmed]);
    given::<Remittance>([reported()]).when(command()).then_refused(FundsRefusal::AlreadyReported);
}

fn any_command() -> impl Strategy<Value = BankLineCommand> {
    let of = || 1u8..4;
    prop_oneof![
        (of(), 0..3i64).prop_map(|(of, more)| {
            let found = Found::Reported { remittance_id: number(of), dealer_id: dealer() };
            import(100_000 + more, "2026-11-23", Some(found).filter(|_| of > 1))
        }),
        of().prop_map(|of| BankLineCommand::Note(Found::Counted {
            remittance_id: number(of),
            dealer_id: dealer(),
        })),
        of().prop_map(|of| BankLineCommand::Note(Found::Differs {
            remittance_id: number(of),
            dealer_id: dealer(),
            reported: Minor(5),
            currency: usd(),
            rival: (of == 3).then(|| number(1)),
        })),
        of().prop_map(|of| BankLineCommand::Reject {
            remittance_id: number(of),
            reason: "重复申报".into(),
            found: (of == 2).then(reported),
        }),
        of().prop_map(|of| BankLineCommand::Propose {
            remittance_id: number(of),
            dealer_id: dealer(),
            currency: usd(),
        }),
        (of(), any::<bool>()).prop_map(|(of, assigned)| take(of, assigned)),
        Just(BankLineCommand::SetAside { reason: "利息".into() }),
        Just(BankLineCommand::Reopen { reason: "看错了".into() }),
    ]
}

proptest! {
    /// Whatever is asked, in whatever order and however often: a line is imported once, is one
    /// remittance at most, of what the bank has, and stays so.
    #[test]
    fn a_line_is_one_remittance_at_most(
        commands in prop::collection::vec((any_command(), 1..6usize), 1..20),
    ) {
        let mut state = BankLine::default();
        let mut all = Vec::new();
        for (command, times) in commands {
            for _ in 0..times {
                for event in state.decide(command.clone()).unwrap_or_default() {
                    state.evolve(event.clone());
                    all.push(event);
                }
            }
        }
        let amounts = |pick: fn(&BankLineEvent) -> Option<Minor>| -> Vec<Minor> {
            all.iter().filter_map(pick).collect()
        };
        let came = amounts(|event| match event {
            BankLineEvent::BankLineImported(entry) => Some(entry.amount_minor),
            BankLineEvent::BankLineProposed { .. } | BankLineEvent::BankLineDiffered { .. } | BankLineEvent::BankLineMatched { .. } | BankLineEvent::BankLineSetAside { .. } | BankLineEvent::BankLineReopened { .. } => None,
        });
        let counted = amounts(|event| match event {
            BankLineEvent::BankLineMatched { amount_minor, .. } => Some(*amount_minor),
            BankLineEvent::BankLineImported(_) | BankLineEvent::BankLineProposed { .. } | BankLineEvent::BankLineDiffered { .. } | BankLineEvent::BankLineSetAside { .. } | BankLineEvent::BankLineReopened { .. } => None,
        });
        prop_assert!(came.len() <= 1 && counted.len() <= 1);
        prop_assert!(counted.is_empty() || counted == came);
        if let Some(at) = all.iter().position(|it| matches!(it, BankLineEvent::BankLineMatched { .. })) {
            prop_assert_eq!(at, all.len() - 1, "nothing follows a match");
        }
    }
}
