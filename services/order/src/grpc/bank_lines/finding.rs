//! How lines of bank statements and reported money find each other, by what the bank calls a transfer.
//!
//! Money may be reported with another reference than the bank has. A line that somebody proposes for
//! it is known by both, and when one of them counts, the other does: a transfer counts once.

use std::collections::BTreeSet;

use kernel::command::{Rejected, Work};
use values::{BankLineId, Currency, DealerId, Minor, RemittanceId};

use super::Done;
use crate::bank_line::{BankEntry, BankLine, BankLineCommand, Found, Standing};
use crate::bank_reference::{self, BankReference, BankReferenceCommand};
use crate::funds::FundsRefusal;
use crate::order::OrderRefusal;
use crate::remittance::{Remittance, Report};

/// What there is for a line by its reference: money that has counted, or that waits. `without` is none
/// of it.
pub(super) async fn found(
    work: &mut Work<'_>,
    known: &BankReference,
    entry: &BankEntry,
    without: Option<&RemittanceId>,
) -> Result<Option<Found>, Rejected<OrderRefusal>> {
    if known.has_counted() {
        let Some(id) = known.counted_without_line() else { return Ok(None) };
        let Some((dealer_id, received, currency)) = arrived(work, id).await? else {
            return Ok(None);
        };
        let is_same = received == entry.amount_minor && currency == entry.currency;
        let remittance_id = id.clone();
        return Ok(Some(match is_same {
            true => Found::Counted { remittance_id, dealer_id },
            false => differs(remittance_id, dealer_id, received, &currency),
        }));
    }
    let mut claims = Vec::new();
    for id in known.reported().iter().filter(|id| Some(*id) != without) {
        let remittance = work.read::<Remittance>(id.as_str()).await?;
        claims.extend(remittance.waiting().ok().cloned());
    }
    // The sort is stable: of two that fit, the first one that was reported.
    claims.sort_by_key(|report| !is_same(report, entry));
    if let Some(claim) = claims.first() {
        let rival = claims.iter().find(|it| it.dealer_id != claim.dealer_id);
        return Ok(Some(claimed(claim, entry, rival.map(|it| it.remittance_id.clone()))));
    }
    // It was reported with this reference, and has counted as another transfer: the line may be
    // neither, so a person has to look.
    let Some(id) = known.lent() else { return Ok(None) };
    let arrived = arrived(work, id).await?;
    Ok(arrived
        .map(|(dealer_id, received, currency)| differs(id.clone(), dealer_id, received, &currency)))
}

/// Whose money has counted, and how much of it.
async fn arrived(
    work: &mut Work<'_>,
    id: &RemittanceId,
) -> Result<Option<(DealerId, Minor, Currency)>, Rejected<OrderRefusal>> {
    let remittance = work.read::<Remittance>(id.as_str()).await?;
    Ok(match &*remittance {
        Remittance::Closed { dealer_id, received: Some((currency, received)) } => {
            Some((dealer_id.clone(), *received, currency.clone()))
        }
        Remittance::Closed { received: None, .. }
        | Remittance::Reported(_)
        | Remittance::Unreported => None,
    })
}

fn is_same(report: &Report, entry: &BankEntry) -> bool {
    entry.amount_minor == report.amount_minor && entry.currency == report.currency
}

/// A report says that it is the line; what a second dealer says so, too, is in doubt.
fn claimed(report: &Report, entry: &BankEntry, rival: Option<RemittanceId>) -> Found {
    let (remittance_id, dealer_id) = (report.remittance_id.clone(), report.dealer_id.clone());
    if rival.is_none() && is_same(report, entry) {
        return Found::Reported { remittance_id, dealer_id };
    }
    let (reported, currency) = (report.amount_minor, report.currency.clone());
    Found::Differs { remittance_id, dealer_id, reported, currency, rival }
}

fn differs(
    remittance_id: RemittanceId,
    dealer_id: DealerId,
    reported: Minor,
    currency: &Currency,
) -> Found {
    let currency = currency.clone();
    Found::Differs { remittance_id, dealer_id, reported, currency, rival: None }
}

/// Money was reported: lines with its reference that nobody has decided about may be it.
pub(in crate::grpc) async fn reported(work: &mut Work<'_>, report: &Report) -> Done {
    let object_id = bank_reference::object_id(&report.bank_reference);
    let known = work.read::<BankReference>(&object_id).await?;
    let (reference, remittance_id) = (report.bank_reference.clone(), report.remittance_id.clone());
    note(work, &object_id, BankReferenceCommand::Report { reference, remittance_id }).await?;
    for line_id in known.lines().iter().filter(|_| !known.has_counted()) {
        let line = work.read::<BankLine>(line_id.as_str()).await?;
        let BankLine::Imported { entry, standing } = &*line else { continue };
        let proposed = match standing {
            Standing::Proposed { remittance_id } => Some(remittance_id),
            // Nobody says any more that a line of another reference is money reported with this one.
            Standing::Open | Standing::Differs { .. } if line.is_called(&report.bank_reference) => {
                None
            }
            Standing::Open
            | Standing::Differs { .. }
            | Standing::Matched { .. }
            | Standing::SetAside => continue,
        };
        let rival = rival(work, report, proposed.into_iter().chain(known.reported())).await?;
        if proposed.is_some() && rival.is_none() {
            continue;
        }
        let found = claimed(report, entry, rival);
        let is_proposed = matches!(found, Found::Reported { .. });
        decide(work, line_id, BankLineCommand::Note(found)).await?;
        if is_proposed {
            break;
        }
    }
    Ok(())
}

/// Money of another dealer that waits, of these.
async fn rival(
    work: &mut Work<'_>,
    report: &Report,
    others: impl Iterator<Item = &RemittanceId>,
) -> Result<Option<RemittanceId>, Rejected<OrderRefusal>> {
    for id in others {
        let other = work.read::<Remittance>(id.as_str()).await?;
        if other.waiting().is_ok_and(|other| other.dealer_id != report.dealer_id) {
            return Ok(Some(id.clone()));
        }
    }
    Ok(None)
}

/// Money was confirmed without looking at a line: the line that was proposed for it, or the one with
/// its reference, is it. Then it counts under what the bank calls that line.
pub(in crate::grpc) async fn confirmed(
    work: &mut Work<'_>,
    report: &Report,
    received: Minor,
    told: &str,
) -> Done {
    let (its_line, others) = its_line(work, report, received, told).await?;
    let remittance_id = report.remittance_id.clone();
    let (reference, command) = match its_line {
        Some(BankEntry { line_id, bank_reference, .. }) => {
            let reference = bank_reference.clone();
            (bank_reference, BankReferenceCommand::UseFor { reference, remittance_id, line_id })
        }
        None => {
            let reference = told.to_owned();
            (told.to_owned(), BankReferenceCommand::Use { reference, remittance_id })
        }
    };
    let mut asked = BTreeSet::from([bank_reference::object_id(&reference)]);
    note(work, asked.first().map_or("", String::as_str), command).await?;
    for other in others {
        let object_id = bank_reference::object_id(&other);
        let known = work.read::<BankReference>(&object_id).await?;
        if !known.is_used() && asked.insert(object_id.clone()) {
            let (reference, remittance_id) = (other, report.remittance_id.clone());
            note(work, &object_id, BankReferenceCommand::Use { reference, remittance_id }).await?;
        }
    }
    lend(work, report, &[told, &report.bank_reference], (&reference, asked)).await
}

/// The line that confirmed money is, and what the bank calls others that were proposed for it: of
/// another amount, they are not, but are no other money either.
async fn its_line(
    work: &mut Work<'_>,
    report: &Report,
    received: Minor,
    told: &str,
) -> Result<(Option<BankEntry>, Vec<String>), Rejected<OrderRefusal>> {
    let mut lines = Vec::new();
    for line_id in lines_of(work, &[told, &report.bank_reference]).await? {
        lines.push((work.read::<BankLine>(line_id.as_str()).await?, line_id));
    }
    let Report { remittance_id, dealer_id, currency, .. } = report;
    // What somebody has proposed comes before what is only called so.
    lines.sort_by_key(|(line, _)| !line.is_proposed(remittance_id));
    let (mut its_line, mut others) = (None, Vec::new());
    for (line, line_id) in lines {
        let Ok((entry, _)) = line.known() else { continue };
        let (remittance_id, dealer_id) = (remittance_id.clone(), dealer_id.clone());
        let is_proposed = line.is_proposed(&remittance_id);
        let may_be = line.may_be(&remittance_id, received, currency);
        if its_line.is_none() && may_be && (is_proposed || line.is_called(told)) {
            its_line = Some(entry.clone());
            let found = Found::Counted { remittance_id, dealer_id };
            decide(work, &line_id, BankLineCommand::Note(found)).await?;
        } else if is_proposed {
            others.push(entry.bank_reference.clone());
            let found = differs(remittance_id, dealer_id, received, currency);
            decide(work, &line_id, BankLineCommand::Note(found)).await?;
        }
    }
    Ok((its_line, others))
}

/// The lines that are known by any of these references.
async fn lines_of(
    work: &mut Work<'_>,
    references: &[&str],
) -> Result<BTreeSet<BankLineId>, Rejected<OrderRefusal>> {
    let mut lines = BTreeSet::new();
    for reference in references {
        let object_id = bank_reference::object_id(reference);
        let known = work.read::<BankReference>(&object_id).await?;
        lines.extend(known.lines().iter().cloned());
    }
    Ok(lines)
}

/// Money has counted as a transfer: with what else it was told of, nobody tells of it again. Objects
/// that were asked have decided.
pub(super) async fn lend(
    work: &mut Work<'_>,
    report: &Report,
    references: &[&str],
    (counted_as, mut asked): (&str, BTreeSet<String>),
) -> Done {
    for reference in references {
        let object_id = bank_reference::object_id(reference);
        let command = BankReferenceCommand::Lend {
            reference: (*reference).to_owned(),
            remittance_id: report.remittance_id.clone(),
            counted_as: counted_as.to_owned(),
        };
        if asked.insert(object_id.clone()) {
            note(work, &object_id, command).await?;
        }
    }
    Ok(())
}

/// Money was rejected: a line that waited for it is open again, or is what else was reported.
pub(in crate::grpc) async fn rejected(work: &mut Work<'_>, report: &Report, reason: &str) -> Done {
    let remittance_id = &report.remittance_id;
    for line_id in lines_of(work, &[&report.bank_reference]).await? {
        let line = work.read::<BankLine>(line_id.as_str()).await?;
        if !line.waits_for(remittance_id) {
            continue;
        }
        let Ok((entry, _)) = line.known() else { continue };
        let object_id = bank_reference::object_id(&entry.bank_reference);
        let known = work.read::<BankReference>(&object_id).await?;
        let found = found(work, &known, entry, Some(remittance_id)).await?;
        let (remittance_id, reason) = (remittance_id.clone(), reason.to_owned());
        decide(work, &line_id, BankLineCommand::Reject { remittance_id, reason, found }).await?;
    }
    Ok(())
}

pub(super) async fn decide(
    work: &mut Work<'_>,
    line_id: &BankLineId,
    command: BankLineCommand,
) -> Done {
    let decided = work.decide::<BankLine>(line_id.as_str(), command).await;
    decided.map_err(Rejected::from_other)
}

pub(super) async fn note(
    work: &mut Work<'_>,
    object_id: &str,
    command: BankReferenceCommand,
) -> Done {
    let noted = work.decide::<BankReference>(object_id, command).await;
    noted.map_err(Rejected::from_other::<FundsRefusal>)
}
