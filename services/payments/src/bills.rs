//! The bill of a day against what is on record: a pure comparison.

use std::collections::{BTreeMap, HashSet};

use order::provider_bill::DifferenceKind;
use psp::{StatementKind, StatementLine};
use ring::digest::{Context, SHA256};
use values::Minor;

/// Most differences that are told one by one; a bill with more is of another merchant, or of none.
const MOST: usize = 200;
/// Most signs of a number that a bill has.
const NUMBER: usize = 64;

/// Movements with one number, and what they come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) paid: (u32, i64),
    pub(crate) refunded: (u32, i64),
}

/// A payment or a refund that is on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Booked {
    pub(crate) payment_id: String,
    /// Empty: the payment itself.
    pub(crate) refund_id: String,
    pub(crate) amount: Minor,
    /// Whether the money has moved, as far as is known here.
    pub(crate) is_done: bool,
    /// Whether it moved on the day of the bill, and stands in no bill of another day.
    pub(crate) is_of_day: bool,
}

/// Something that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) kind: DifferenceKind,
    pub(crate) is_refund: bool,
    pub(crate) payment: String,
    pub(crate) refund: String,
    pub(crate) transaction: String,
    pub(crate) there: Option<Minor>,
    pub(crate) here: Option<Minor>,
}

/// What came of comparing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Comparison {
    pub(crate) there: Totals,
    pub(crate) here: Totals,
    pub(crate) fee: Minor,
    pub(crate) digest: String,
    /// How many there are; the first of them are in the list.
    pub(crate) count: u32,
    pub(crate) differences: Vec<Difference>,
    /// What of our record stands in the bill.
    pub(crate) billed: Vec<(String, String)>,
}

impl Totals {
    fn add(&mut self, is_refund: bool, amount: Minor) {
        let (count, sum) = if is_refund { &mut self.refunded } else { &mut self.paid };
        *count = count.saturating_add(1);
        *sum = sum.saturating_add(amount.0);
    }
}

impl Difference {
    /// The same for the same difference, so that what was resolved stays so.
    pub(crate) fn id(&self) -> String {
        let amount = |it: Option<Minor>| it.map(|it| it.0.to_string()).unwrap_or_default();
        let parts = [
            self.kind.as_ref(),
            if self.is_refund { "back" } else { "paid" },
            &self.payment,
            &self.refund,
            &self.transaction,
            &amount(self.there),
            &amount(self.here),
        ];
        hex(parts.join("\n").as_bytes())[..20].to_owned()
    }
}

/// Compares a bill with what is on record: everything that may be in it, and all that is of its day.
pub(crate) fn compare(bill: &[StatementLine], booked: &[Booked]) -> Comparison {
    let ours: BTreeMap<(&str, &str), &Booked> =
        booked.iter().map(|it| ((it.payment_id.as_str(), it.refund_id.as_str()), it)).collect();
    let mut done = Comparison { digest: digest(bill), ..Comparison::default() };
    let mut found = HashSet::new();
    for line in bill {
        let is_refund = line.kind == StatementKind::Refunded;
        done.there.add(is_refund, line.amount);
        done.fee = Minor(done.fee.0.saturating_add(line.fee.unwrap_or(Minor::ZERO).0));
        let refund_id = line.refund_id.as_deref().unwrap_or_default();
        let key = (line.payment_id.as_str(), if is_refund { refund_id } else { "" });
        // Without a number a refund is none of ours; by the payment's alone it would pass as that.
        let known = ours.get(&key).filter(|_| !is_refund || !refund_id.is_empty());
        // A number that the bill has twice is one movement too many.
        let known = known.filter(|it| it.is_done && found.insert(key));
        match known {
            None => done.differ(of_line(line, DifferenceKind::OnlyThere, None)),
            Some(booked) => {
                done.here.add(is_refund, booked.amount);
                done.billed.push((booked.payment_id.clone(), booked.refund_id.clone()));
                if booked.amount != line.amount {
                    done.differ(of_line(line, DifferenceKind::Amount, Some(booked.amount)));
                }
            }
        }
    }
    for (key, booked) in ours {
        if booked.is_done && booked.is_of_day && !found.contains(&key) {
            let is_refund = !booked.refund_id.is_empty();
            done.here.add(is_refund, booked.amount);
            done.differ(Difference {
                kind: DifferenceKind::OnlyHere,
                is_refund,
                payment: booked.payment_id.clone(),
                refund: booked.refund_id.clone(),
                transaction: String::new(),
                there: None,
                here: Some(booked.amount),
            });
        }
    }
    done
}

impl Comparison {
    fn differ(&mut self, difference: Difference) {
        self.count = self.count.saturating_add(1);
        if self.differences.len() < MOST {
            self.differences.push(difference);
        }
    }

    /// Whether there was no movement at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.there == Totals::default() && self.here == Totals::default()
    }
}

fn of_line(line: &StatementLine, kind: DifferenceKind, here: Option<Minor>) -> Difference {
    let number = |text: &str| -> String {
        text.chars().filter(|sign| !sign.is_control()).take(NUMBER).collect()
    };
    Difference {
        kind,
        is_refund: line.kind == StatementKind::Refunded,
        payment: number(&line.payment_id),
        refund: number(line.refund_id.as_deref().unwrap_or_default()),
        transaction: number(&line.transaction_id),
        there: Some(line.amount),
        here,
    }
}

/// SHA-256 of the lines, in the order of the bill: whoever has the bill can make it again.
fn digest(bill: &[StatementLine]) -> String {
    let mut hash = Context::new(&SHA256);
    for line in bill {
        let refund = line.refund_id.as_deref().unwrap_or_default();
        let fee = line.fee.map(|fee| fee.0.to_string()).unwrap_or_default();
        let text = format!(
            "{}|{}|{}|{refund}|{}|{fee}|{}\n",
            line.kind.as_ref(),
            line.payment_id,
            line.transaction_id,
            line.amount.0,
            line.at.timestamp()
        );
        hash.update(text.as_bytes());
    }
    hex_of(hash.finish().as_ref())
}

fn hex(bytes: &[u8]) -> String {
    hex_of(ring::digest::digest(&SHA256, bytes).as_ref())
}

fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
