//! What a bill and the record say of each other.

use chrono::{DateTime, Utc};
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn line(payment: &str, refund: Option<&str>, amount: i64) -> StatementLine {
    StatementLine {
        kind: if refund.is_some() { StatementKind::Refunded } else { StatementKind::Paid },
        payment_id: payment.to_owned(),
        transaction_id: format!("4200{payment}"),
        refund_id: refund.map(ToOwned::to_owned),
        amount: Minor(amount),
        fee: Some(Minor(amount / 100)),
        at: DateTime::<Utc>::UNIX_EPOCH,
    }
}

fn booked(payment: &str, refund: &str, amount: i64) -> Booked {
    Booked {
        payment_id: payment.to_owned(),
        refund_id: refund.to_owned(),
        amount: Minor(amount),
        is_done: true,
        is_of_day: true,
    }
}

fn kinds(comparison: &Comparison) -> Vec<(DifferenceKind, bool, &str)> {
    let told = |it: &'_ Difference| (it.kind, it.is_refund);
    let all = comparison.differences.iter();
    all.map(|it| (told(it).0, told(it).1, it.payment.as_str())).collect()
}

#[test]
fn a_bill_that_is_as_on_record_has_no_difference() {
    let bill = [line("PAY1", None, 8_800), line("PAY1", Some("RF1"), 800)];
    let done = compare(&bill, &[booked("PAY1", "", 8_800), booked("PAY1", "RF1", 800)]);
    assert_eq!(done.count, 0, "{:?}", done.differences);
    assert_eq!((done.there, done.fee), (done.here, Minor(96)));
    assert_eq!(done.there, Totals { paid: (1, 8_800), refunded: (1, 800) });
    assert_eq!(done.digest.len(), 64);
    assert_ne!(done.digest, compare(&bill[..1], &[]).digest);
    assert!(compare(&[], &[]).is_empty());
}

#[test]
fn what_only_one_of_both_has_and_what_is_of_another_amount_is_told() {
    let bill = [line("PAY1", None, 8_800), line("STRANGER1", None, 500)];
    let done = compare(&bill, &[booked("PAY1", "", 8_000), booked("PAY2", "", 700)]);
    let expected = [
        (DifferenceKind::Amount, false, "PAY1"),
        (DifferenceKind::OnlyThere, false, "STRANGER1"),
        (DifferenceKind::OnlyHere, false, "PAY2"),
    ];
    assert_eq!(kinds(&done), expected);
    assert_eq!((done.there.paid, done.here.paid), ((2, 9_300), (2, 8_700)));
}

#[test]
fn a_number_that_the_bill_has_twice_is_one_too_many() {
    let bill = [line("PAY1", None, 8_800), line("PAY1", None, 8_800)];
    let done = compare(&bill, &[booked("PAY1", "", 8_800)]);
    assert_eq!(kinds(&done), [(DifferenceKind::OnlyThere, false, "PAY1")]);
}

#[test]
fn a_refund_without_a_number_is_not_the_payment() {
    let booked = [booked("PAY1", "", 8_800)];
    for number in [None, Some("")] {
        let back = StatementLine {
            kind: StatementKind::Refunded,
            refund_id: number.map(ToOwned::to_owned),
            ..line("PAY1", None, 8_800)
        };
        // In the bill before the payment, after it and without it.
        let bill = [back.clone(), line("PAY1", None, 8_800)];
        assert_eq!(kinds(&compare(&bill, &booked)), [(DifferenceKind::OnlyThere, true, "PAY1")]);
        let bill = [line("PAY1", None, 8_800), back.clone()];
        assert_eq!(kinds(&compare(&bill, &booked)), [(DifferenceKind::OnlyThere, true, "PAY1")]);
        let alone = compare(&[back], &booked);
        let expected =
            [(DifferenceKind::OnlyThere, true, "PAY1"), (DifferenceKind::OnlyHere, false, "PAY1")];
        assert_eq!((kinds(&alone).as_slice(), alone.billed.len()), (expected.as_slice(), 0));
    }
}

#[test]
fn what_has_not_ended_here_or_is_of_another_day_is_no_difference_of_this_day() {
    let waits = Booked { is_done: false, ..booked("PAY1", "RF1", 800) };
    assert_eq!(compare(&[], std::slice::from_ref(&waits)).count, 0, "it may still be sent");
    let done = compare(&[line("PAY1", Some("RF1"), 800)], &[waits]);
    assert_eq!(kinds(&done), [(DifferenceKind::OnlyThere, true, "PAY1")]);
    let before = Booked { is_of_day: false, ..booked("PAY1", "", 8_800) };
    assert_eq!(compare(&[], std::slice::from_ref(&before)).count, 0);
    // A payment of a minute before midnight may stand in the bill of the next day.
    assert_eq!(compare(&[line("PAY1", None, 8_800)], &[before]).count, 0);
}

#[test]
fn a_difference_is_known_by_what_it_is() {
    let bill = [line("PAY1", None, 8_800)];
    let id = |booked: &[Booked]| compare(&bill, booked).differences[0].id();
    assert_eq!(id(&[booked("PAY1", "", 8_000)]), id(&[booked("PAY1", "", 8_000)]));
    assert_ne!(id(&[booked("PAY1", "", 8_000)]), id(&[booked("PAY1", "", 7_000)]));
    assert!(id(&[]).chars().all(|sign| sign.is_ascii_alphanumeric()));
}

proptest! {
    /// What the bill has beyond what both agree on is told, to the last fen, whatever the order.
    #[test]
    fn differences_explain_all_that_the_sums_differ_by(
        theirs in vec((0u8..12, 1i64..900), 0..12),
        ours in vec((0u8..12, 1i64..900), 0..12),
    ) {
        let bill: Vec<_> =
            theirs.iter().map(|(id, amount)| line(&format!("PAY{id:03}"), None, *amount)).collect();
        let mut known = BTreeMap::new();
        for (id, amount) in ours {
            known.insert(id, booked(&format!("PAY{id:03}"), "", amount));
        }
        let known: Vec<_> = known.into_values().collect();
        let done = compare(&bill, &known);
        let amount = |it: Option<Minor>| it.map_or(0, |it| it.0);
        let explained: i64 =
            done.differences.iter().map(|it| amount(it.there) - amount(it.here)).sum();
        prop_assert_eq!(done.there.paid.1 - done.here.paid.1, explained);
        prop_assert_eq!(done.here.paid.0 as usize, known.len());
        prop_assert_eq!(done.count as usize, done.differences.len());
        let mut ids: Vec<_> = done.billed.clone();
        ids.sort();
        ids.dedup();
        prop_assert_eq!(ids.len(), done.billed.len(), "each counts once");
    }
}
