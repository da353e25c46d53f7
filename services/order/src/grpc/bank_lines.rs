//! Requests about lines of bank statements, and how lines and reported money find each other.

use kernel::command::{Rejected, Transaction, Work};
use kernel::failure::Violations;
use kernel::rpc::{Call, IntoCommand, Reply};
use proto::order::v1 as api;
use proto::order::v1::bank_line_service_server::BankLineService;
use tonic::{Request, Status};
use values::{BankLineId, BusinessDate, Currency, DealerId, Minor, RemittanceId};

use super::funds::Asked;
use super::orders::{Who, numbered};
use super::remittances::{Split, must_be_seen, purpose, reference};
use super::{Api, parse, words};
use crate::bank_line::{
    self, BankEntry, BankLine, BankLineCommand, Found, ReconciliationRefusal, Standing,
};
use crate::bank_reference::{self, BankReference, BankReferenceCommand};
use crate::funds::FundsRefusal;
use crate::order::OrderRefusal;
use crate::remittance::{Purpose, Remittance, Report};

#[tonic::async_trait]
impl BankLineService for Api {
    async fn import_bank_line(
        &self,
        r: Request<api::ImportBankLineRequest>,
    ) -> Reply<api::ImportBankLineResponse> {
        self.0.run(r).await
    }

    async fn propose_bank_match(
        &self,
        r: Request<api::ProposeBankMatchRequest>,
    ) -> Reply<api::ProposeBankMatchResponse> {
        self.0.run(r).await
    }

    async fn confirm_bank_match(
        &self,
        r: Request<api::ConfirmBankMatchRequest>,
    ) -> Reply<api::ConfirmBankMatchResponse> {
        self.0.run(r).await
    }

    async fn assign_bank_line(
        &self,
        r: Request<api::AssignBankLineRequest>,
    ) -> Reply<api::AssignBankLineResponse> {
        self.0.run(r).await
    }

    async fn set_bank_line_aside(
        &self,
        r: Request<api::SetBankLineAsideRequest>,
    ) -> Reply<api::SetBankLineAsideResponse> {
        self.0.run(r).await
    }

    async fn reopen_bank_line(
        &self,
        r: Request<api::ReopenBankLineRequest>,
    ) -> Reply<api::ReopenBankLineResponse> {
        self.0.run(r).await
    }
}

type Done = Result<(), Rejected<OrderRefusal>>;

/// Brings a line in.
pub struct ImportLine {
    entry: BankEntry,
    today: BusinessDate,
}

impl Transaction for ImportLine {
    type Refusal = OrderRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Done {
        let entry = &self.entry;
        let object_id = bank_reference::object_id(&entry.bank_reference);
        let known = work.read::<BankReference>(&object_id).await?;
        let found = found(work, &known, entry).await?;
        let counted = matches!(found, Some(Found::Counted { .. }));
        let command =
            BankLineCommand::Import { entry: Box::new(entry.clone()), today: self.today, found };
        decide(work, &entry.line_id, command).await?;
        let (reference, line_id) = (entry.bank_reference.clone(), entry.line_id.clone());
        let command = BankReferenceCommand::Book { reference, line_id, counted };
        note(work, &object_id, command).await
    }
}

/// What there is for a line by its reference: money that has counted, or that waits.
async fn found(
    work: &mut Work<'_>,
    known: &BankReference,
    entry: &BankEntry,
) -> Result<Option<Found>, Rejected<OrderRefusal>> {
    let is_same =
        |amount, currency: &Currency| amount == entry.amount_minor && *currency == entry.currency;
    if known.is_used() {
        let Some(id) = known.counted_without_line() else { return Ok(None) };
        let remittance = work.read::<Remittance>(id.as_str()).await?;
        let Remittance::Closed { dealer_id, received: Some((currency, received)) } = &*remittance
        else {
            return Ok(None);
        };
        let (remittance_id, dealer_id) = (id.clone(), dealer_id.clone());
        return Ok(Some(match is_same(*received, currency) {
            true => Found::Counted { remittance_id, dealer_id },
            false => differs(remittance_id, dealer_id, *received, currency),
        }));
    }
    let mut other = None;
    for id in known.reported() {
        let remittance = work.read::<Remittance>(id.as_str()).await?;
        let Ok(report) = remittance.waiting() else { continue };
        let (remittance_id, dealer_id) = (id.clone(), report.dealer_id.clone());
        if is_same(report.amount_minor, &report.currency) {
            return Ok(Some(Found::Reported { remittance_id, dealer_id }));
        }
        other = Some(differs(remittance_id, dealer_id, report.amount_minor, &report.currency));
    }
    Ok(other)
}

fn differs(
    remittance_id: RemittanceId,
    dealer_id: DealerId,
    reported: Minor,
    currency: &Currency,
) -> Found {
    Found::Differs { remittance_id, dealer_id, reported, currency: currency.clone() }
}

/// Money was reported: lines with its reference that nobody has decided about may be it.
pub(super) async fn reported(work: &mut Work<'_>, report: &Report) -> Done {
    let object_id = bank_reference::object_id(&report.bank_reference);
    let known = work.read::<BankReference>(&object_id).await?;
    let (reference, remittance_id) = (report.bank_reference.clone(), report.remittance_id.clone());
    note(work, &object_id, BankReferenceCommand::Report { reference, remittance_id }).await?;
    for line_id in known.lines().iter().filter(|_| !known.is_used()) {
        let line = work.read::<BankLine>(line_id.as_str()).await?;
        let Ok(entry) = line.open() else { continue };
        let (remittance_id, dealer_id) = (report.remittance_id.clone(), report.dealer_id.clone());
        let is_same =
            entry.amount_minor == report.amount_minor && entry.currency == report.currency;
        let found = match is_same {
            true => Found::Reported { remittance_id, dealer_id },
            false => differs(remittance_id, dealer_id, report.amount_minor, &report.currency),
        };
        decide(work, line_id, BankLineCommand::Note(found)).await?;
        if is_same {
            break;
        }
    }
    Ok(())
}

/// Money was confirmed without looking at a line: the line with its reference is it.
pub(super) async fn confirmed(
    work: &mut Work<'_>,
    report: &Report,
    received: Minor,
    bank_reference: &str,
) -> Done {
    let object_id = bank_reference::object_id(bank_reference);
    let known = work.read::<BankReference>(&object_id).await?;
    let (reference, remittance_id) = (bank_reference.to_owned(), report.remittance_id.clone());
    let mut its_line = None;
    for line_id in known.lines() {
        let line = work.read::<BankLine>(line_id.as_str()).await?;
        let dealer_id = report.dealer_id.clone();
        if its_line.is_none() && line.may_be(&remittance_id, received, &report.currency) {
            its_line = Some(line_id.clone());
            let remittance_id = remittance_id.clone();
            let found = Found::Counted { remittance_id, dealer_id };
            decide(work, line_id, BankLineCommand::Note(found)).await?;
        } else if is_proposed(&line, &remittance_id) {
            let found = differs(remittance_id.clone(), dealer_id, received, &report.currency);
            decide(work, line_id, BankLineCommand::Note(found)).await?;
        }
    }
    let command = match its_line {
        Some(line_id) => BankReferenceCommand::UseFor { reference, remittance_id, line_id },
        None => BankReferenceCommand::Use { reference, remittance_id },
    };
    note(work, &object_id, command).await
}

/// Money was rejected: a line for which it was proposed is open again.
pub(super) async fn rejected(work: &mut Work<'_>, report: &Report, reason: &str) -> Done {
    let object_id = bank_reference::object_id(&report.bank_reference);
    let known = work.read::<BankReference>(&object_id).await?;
    for line_id in known.lines() {
        let line = work.read::<BankLine>(line_id.as_str()).await?;
        if is_proposed(&line, &report.remittance_id) {
            let command = BankLineCommand::Reopen { reason: reason.to_owned() };
            decide(work, line_id, command).await?;
        }
    }
    Ok(())
}

fn is_proposed(line: &BankLine, remittance: &RemittanceId) -> bool {
    matches!(line, BankLine::Imported { standing: Standing::Proposed { remittance_id }, .. }
        if remittance_id == remittance)
}

/// Decides about a line.
pub struct DecideLine {
    line_id: BankLineId,
    verdict: Verdict,
    who: Who,
}

enum Verdict {
    Propose(RemittanceId),
    Confirm(RemittanceId),
    Assign { dealer_id: DealerId, purpose: Purpose, note: String, number: RemittanceId },
    Other(BankLineCommand),
}

impl Transaction for DecideLine {
    type Refusal = OrderRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Done {
        match &self.verdict {
            Verdict::Other(command) => decide(work, &self.line_id, command.clone()).await,
            Verdict::Propose(remittance_id) => {
                let (report, _) = self.waiting(work, remittance_id).await?;
                let command = BankLineCommand::Propose {
                    remittance_id: remittance_id.clone(),
                    dealer_id: report.dealer_id,
                    currency: report.currency,
                };
                decide(work, &self.line_id, command).await
            }
            Verdict::Confirm(remittance_id) => self.confirm(work, remittance_id).await,
            Verdict::Assign { dealer_id, purpose, note, number } => {
                self.assign(work, dealer_id, *purpose, (note, number)).await
            }
        }
    }
}

impl DecideLine {
    /// What was reported, when the caller sees it and it waits; and the line.
    async fn waiting(
        &self,
        work: &mut Work<'_>,
        remittance_id: &RemittanceId,
    ) -> Result<(Report, BankEntry), Rejected<OrderRefusal>> {
        let line = work.read::<BankLine>(self.line_id.as_str()).await?;
        let (entry, _) = line.known().map_err(refused)?;
        let remittance = work.read::<Remittance>(remittance_id.as_str()).await?;
        let who = (&self.who.sight, self.who.today);
        must_be_seen(work, remittance.dealer_id(), who).await?;
        let report = remittance.waiting().map_err(|no| Rejected::Refused(no.into()))?;
        Ok((report.clone(), entry.clone()))
    }

    /// The remittance counts with what the bank has. It is asked first: whoever reported it does not
    /// confirm it.
    async fn confirm(&self, work: &mut Work<'_>, remittance_id: &RemittanceId) -> Done {
        let line = work.read::<BankLine>(self.line_id.as_str()).await?;
        let (_, proposed) = line.proposed().map_err(refused)?;
        if proposed != remittance_id {
            return Err(refused(ReconciliationRefusal::LineNotProposed));
        }
        let (report, entry) = self.waiting(work, remittance_id).await?;
        let split = Split::of(work, &report, entry.amount_minor).await?;
        let command = split.confirm(&entry.bank_reference);
        let counts = work.decide::<Remittance>(remittance_id.as_str(), command).await;
        counts.map_err(Rejected::from_other)?;
        self.is_remittance(work, &report, &entry, false).await?;
        split.book(work, &report, &entry.bank_reference).await
    }

    /// The line is asked first: whoever imported it does not say whose money it is.
    async fn assign(
        &self,
        work: &mut Work<'_>,
        dealer_id: &DealerId,
        purpose: Purpose,
        (note, number): (&str, &RemittanceId),
    ) -> Done {
        let Who { sight, today } = &self.who;
        let asked = Asked { dealer_id: dealer_id.clone(), sight: sight.clone(), today: *today };
        asked.account(work).await?;
        let line = work.read::<BankLine>(self.line_id.as_str()).await?;
        let entry = line.open().map_err(refused)?;
        let report = Report {
            remittance_id: number.clone(),
            dealer_id: dealer_id.clone(),
            purpose,
            currency: entry.currency.clone(),
            amount_minor: entry.amount_minor,
            paid_on: entry.booked_on,
            bank_reference: entry.bank_reference.clone(),
            note: note.to_owned(),
        };
        let split = Split::of(work, &report, entry.amount_minor).await?;
        self.is_remittance(work, &report, entry, true).await?;
        let command = split.unreported(&report);
        let counts = work.decide::<Remittance>(number.as_str(), command).await;
        counts.map_err(Rejected::from_other)?;
        split.book(work, &report, &entry.bank_reference).await
    }

    /// The line is the remittance, and its reference has counted.
    async fn is_remittance(
        &self,
        work: &mut Work<'_>,
        report: &Report,
        entry: &BankEntry,
        assigned: bool,
    ) -> Done {
        let (remittance_id, dealer_id) = (report.remittance_id.clone(), report.dealer_id.clone());
        let command =
            BankLineCommand::Match { remittance_id: remittance_id.clone(), dealer_id, assigned };
        decide(work, &self.line_id, command).await?;
        let (reference, line_id) = (entry.bank_reference.clone(), entry.line_id.clone());
        let command = BankReferenceCommand::UseFor { reference, remittance_id, line_id };
        note(work, &bank_reference::object_id(&entry.bank_reference), command).await
    }
}

async fn decide(work: &mut Work<'_>, line_id: &BankLineId, command: BankLineCommand) -> Done {
    let decided = work.decide::<BankLine>(line_id.as_str(), command).await;
    decided.map_err(Rejected::from_other)
}

async fn note(work: &mut Work<'_>, object_id: &str, command: BankReferenceCommand) -> Done {
    let noted = work.decide::<BankReference>(object_id, command).await;
    noted.map_err(Rejected::from_other::<FundsRefusal>)
}

fn refused(refusal: ReconciliationRefusal) -> Rejected<OrderRefusal> {
    Rejected::Refused(refusal.into())
}

impl IntoCommand<BankLine> for api::ImportBankLineRequest {
    type Command = ImportLine;

    fn into_command(self, call: &Call) -> Result<ImportLine, Status> {
        let mut wrong = Violations::default();
        let bank_account = words(&mut wrong, "bank_account", &self.bank_account, 1..=64);
        let bank_reference = reference(&mut wrong, &self.bank_reference);
        let booked_on = parse(&mut wrong, "booked_on", &self.booked_on);
        let currency = parse(&mut wrong, "currency_code", &self.currency_code);
        let payer_name = words(&mut wrong, "payer_name", &self.payer_name, 0..=200);
        let payer_account = words(&mut wrong, "payer_account", &self.payer_account, 0..=64);
        let memo = words(&mut wrong, "memo", &self.memo, 0..=500);
        let line_id = bank_line::line_id(&self.bank_account, &self.bank_reference);
        let line_id = parse(&mut wrong, "bank_reference", &line_id);
        let entry = (|| {
            Some(BankEntry {
                line_id: line_id?,
                bank_account: bank_account?,
                bank_reference: bank_reference?,
                booked_on: booked_on?,
                currency: currency?,
                amount_minor: Minor(self.amount_minor),
                payer_name: payer_name?,
                payer_account: payer_account?,
                memo: memo?,
            })
        })();
        Ok(ImportLine { entry: wrong.finish(entry)?, today: call.today().into() })
    }
}

fn about(
    mut wrong: Violations,
    line_id: &str,
    call: &Call,
    verdict: Option<Verdict>,
) -> Result<DecideLine, Status> {
    let line_id = parse(&mut wrong, "line_id", line_id);
    let who = Who::of(&mut wrong, call);
    let command = (|| Some(DecideLine { line_id: line_id?, verdict: verdict?, who: who? }))();
    wrong.finish(command)
}

impl IntoCommand<BankLine> for api::ProposeBankMatchRequest {
    type Command = DecideLine;

    fn into_command(self, call: &Call) -> Result<DecideLine, Status> {
        let mut wrong = Violations::default();
        let remittance_id = parse(&mut wrong, "remittance_id", &self.remittance_id);
        about(wrong, &self.line_id, call, remittance_id.map(Verdict::Propose))
    }
}

impl IntoCommand<BankLine> for api::ConfirmBankMatchRequest {
    type Command = DecideLine;

    fn into_command(self, call: &Call) -> Result<DecideLine, Status> {
        let mut wrong = Violations::default();
        let remittance_id = parse(&mut wrong, "remittance_id", &self.remittance_id);
        about(wrong, &self.line_id, call, remittance_id.map(Verdict::Confirm))
    }
}

impl IntoCommand<BankLine> for api::AssignBankLineRequest {
    type Command = DecideLine;

    fn into_command(self, call: &Call) -> Result<DecideLine, Status> {
        let mut wrong = Violations::default();
        let dealer_id = parse(&mut wrong, "dealer_id", &self.dealer_id);
        let purpose = purpose(&mut wrong, self.purpose());
        let note = words(&mut wrong, "note", &self.note, 0..=500);
        let number = parse(&mut wrong, "request_id", &numbered("RM", call));
        let verdict = (|| {
            Some(Verdict::Assign {
                dealer_id: dealer_id?,
                purpose: purpose?,
                note: note?,
                number: number?,
            })
        })();
        about(wrong, &self.line_id, call, verdict)
    }
}

impl IntoCommand<BankLine> for api::SetBankLineAsideRequest {
    type Command = DecideLine;

    fn into_command(self, call: &Call) -> Result<DecideLine, Status> {
        let mut wrong = Violations::default();
        let reason = words(&mut wrong, "reason", &self.reason, 1..=200);
        let verdict = reason.map(|reason| Verdict::Other(BankLineCommand::SetAside { reason }));
        about(wrong, &self.line_id, call, verdict)
    }
}

impl IntoCommand<BankLine> for api::ReopenBankLineRequest {
    type Command = DecideLine;

    fn into_command(self, call: &Call) -> Result<DecideLine, Status> {
        let mut wrong = Violations::default();
        let reason = words(&mut wrong, "reason", &self.reason, 1..=200);
        let verdict = reason.map(|reason| Verdict::Other(BankLineCommand::Reopen { reason }));
        about(wrong, &self.line_id, call, verdict)
    }
}
