//! Money that dealers send.

use kernel::spec::{given, given_nothing};
use order::bank_reference::{BankReference, BankReferenceCommand, BankReferenceEvent, object_id};
use order::funds::FundsRefusal;
use order::remittance::{Purpose, Remittance, RemittanceCommand, RemittanceEvent, Report};
use values::{Minor, RemittanceId};

use crate::world::{day, usd};

fn number() -> RemittanceId {
    "RM-1".parse().expect("a number")
}

fn report() -> Box<Report> {
    Box::new(Report {
        remittance_id: number(),
        dealer_id: "kansas-29ers".parse().expect("a dealer id"),
        purpose: Purpose::TopUp,
        currency: usd(),
        amount_minor: Minor(100_000),
        paid_on: day("2026-11-23"),
        bank_reference: "ICBC 2026-11 0001".into(),
        note: String::new(),
    })
}

fn reported() -> RemittanceEvent {
    RemittanceEvent::RemittanceReported(report())
}

fn confirm() -> RemittanceCommand {
    let (repaid, topped_up) = (Minor(40_000), Minor(59_000));
    let bank_reference = report().bank_reference;
    RemittanceCommand::Confirm { repaid, topped_up, bank_reference }
}

fn confirmed() -> RemittanceEvent {
    RemittanceEvent::RemittanceConfirmed {
        remittance_id: number(),
        dealer_id: report().dealer_id,
        currency: usd(),
        received_minor: Minor(99_000),
        repaid_minor: Minor(40_000),
        topped_up_minor: Minor(59_000),
        bank_reference: report().bank_reference,
    }
}

fn reject() -> RemittanceCommand {
    RemittanceCommand::Reject { reason: "未到账".into() }
}

fn rejected() -> RemittanceEvent {
    let (remittance_id, dealer_id) = (number(), report().dealer_id);
    RemittanceEvent::RemittanceRejected { remittance_id, dealer_id, reason: "未到账".into() }
}

#[test]
fn money_is_reported_and_then_confirmed_or_rejected_once() {
    let tell = |today: &str| RemittanceCommand::Report { report: report(), today: day(today) };
    given_nothing::<Remittance>().when(tell("2026-11-23")).then([reported()]);
    given_nothing::<Remittance>().when(tell("2026-11-22")).then_refused(FundsRefusal::NotPaidYet);
    given::<Remittance>([reported()])
        .when(tell("2026-11-23"))
        .then_refused(FundsRefusal::AlreadyReported);
    given::<Remittance>([reported()]).when(confirm()).then([confirmed()]);
    given::<Remittance>([reported()]).when(reject()).then([rejected()]);
    for closed in [confirmed(), rejected()] {
        for again in [confirm(), reject()] {
            given::<Remittance>([reported(), closed.clone()])
                .when(again)
                .then_refused(FundsRefusal::RemittanceClosed);
        }
    }
    given_nothing::<Remittance>().when(confirm()).then_refused(FundsRefusal::RemittanceNotFound);
}

#[test]
fn a_transfer_of_the_bank_counts_once_however_it_is_written() {
    assert_eq!(object_id("ICBC 2026-11 0001"), object_id("icbc202611-0001"));
    assert_eq!(object_id("ICBC 001"), object_id("ＩＣＢＣ００１"), "in wide letters");
    assert_ne!(object_id("ICBC 2026-11 0001"), object_id("ICBC 2026-11 0002"));
    let told = || BankReferenceCommand::Use {
        reference: "ICBC 2026-11 0001".into(),
        remittance_id: number(),
    };
    let used = BankReferenceEvent::BankReferenceUsed {
        counted_as: None,
        reference: "ICBC 2026-11 0001".into(),
        remittance_id: number(),
    };
    given_nothing::<BankReference>().when(told()).then([used.clone()]);
    given::<BankReference>([used]).when(told()).then_refused(FundsRefusal::ReferenceUsed {
        reference: "ICBC 2026-11 0001".into(),
        by: number(),
    });
}
