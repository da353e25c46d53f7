//! Requests about lines of bank statements.

mod finding;

use std::collections::BTreeSet;

use kernel::command::{Rejected, Transaction, Work};
use kernel::failure::Violations;
use kernel::rpc::{Call, IntoCommand, Reply};
use proto::order::v1 as api;
use proto::order::v1::bank_line_service_server::BankLineService;
use tonic::{Request, Status};
use values::{BankLineId, BusinessDate, DealerId, Minor, RemittanceId};

use super::funds::Asked;
use super::orders::{Who, numbered};
use super::remittances::{Split, must_be_seen, purpose, reference};
use super::{Api, parse, words};
use crate::bank_line::{self, BankEntry, BankLine, BankLineCommand, Found, ReconciliationRefusal};
use crate::bank_reference::{self, BankReference, BankReferenceCommand};
use crate::order::OrderRefusal;
use crate::remittance::{Purpose, Remittance, Report};
pub(super) use finding::{confirmed, rejected, reported};
use finding::{decide, found, lend, note};

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
        let found = found(work, &known, entry, None).await?;
        let counted = matches!(found, Some(Found::Counted { .. }));
        let command =
            BankLineCommand::Import { entry: Box::new(entry.clone()), today: self.today, found };
        decide(work, &entry.line_id, command).await?;
        let (reference, line_id) = (entry.bank_reference.clone(), entry.line_id.clone());
        let command = BankReferenceCommand::Book { reference, line_id, counted };
        note(work, &object_id, command).await
    }
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
                    dealer_id: report.dealer_id.clone(),
                    currency: report.currency.clone(),
                };
                decide(work, &self.line_id, command).await?;
                self.known_as(work, &report.bank_reference).await
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

    /// The line is known by the reference that the money was reported with, too: whatever is decided
    /// about the money by that reference, the line hears of.
    async fn known_as(&self, work: &mut Work<'_>, reported: &str) -> Done {
        let object_id = bank_reference::object_id(reported);
        let known = work.read::<BankReference>(&object_id).await?;
        if known.lines().contains(&self.line_id) {
            return Ok(());
        }
        let (reference, line_id) = (reported.to_owned(), self.line_id.clone());
        note(work, &object_id, BankReferenceCommand::Book { reference, line_id, counted: false })
            .await
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

    /// The line is the remittance, and its reference has counted; that of the report, too.
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
        let object_id = bank_reference::object_id(&entry.bank_reference);
        note(work, &object_id, command).await?;
        let asked = BTreeSet::from([object_id]);
        lend(work, report, &[&report.bank_reference], (&entry.bank_reference, asked)).await
    }
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
