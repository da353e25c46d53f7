//! Requests about money that dealers send.

use std::sync::Arc;

use kernel::Text;
use kernel::command::{Rejected, Transaction, Work};
use kernel::failure::Violations;
use kernel::rpc::{Call, IntoCommand, Reply};
use proto::order::v1 as api;
use proto::order::v1::remittance_service_server::RemittanceService;
use tonic::{Request, Status};
use values::{BusinessDate, DealerId, Minor, RemittanceId, Sight};

use super::funds::Asked;
use super::orders::{numbered, sight};
use super::paying::credit_holder;
use super::{Api, bank_lines, parse, words};
use crate::bank_reference;
use crate::credit::{CreditAccount, CreditCommand};
use crate::funds::FundsRefusal;
use crate::order::OrderRefusal;
use crate::remittance::{Purpose, Remittance, RemittanceCommand, Report};
use crate::wallet::{Purse, Source, Wallet, WalletCommand};

#[tonic::async_trait]
impl RemittanceService for Api {
    async fn report_remittance(
        &self,
        r: Request<api::ReportRemittanceRequest>,
    ) -> Reply<api::ReportRemittanceResponse> {
        self.0.run(r).await
    }

    async fn confirm_remittance(
        &self,
        r: Request<api::ConfirmRemittanceRequest>,
    ) -> Reply<api::ConfirmRemittanceResponse> {
        self.0.run(r).await
    }

    async fn reject_remittance(
        &self,
        r: Request<api::RejectRemittanceRequest>,
    ) -> Reply<api::RejectRemittanceResponse> {
        self.0.run(r).await
    }
}

/// Tells of money that was sent.
pub struct ReportRemittance {
    asked: Asked,
    report: Report,
}

impl Transaction for ReportRemittance {
    type Refusal = OrderRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<OrderRefusal>> {
        self.asked.account(work).await?;
        let report = Box::new(self.report.clone());
        let command = RemittanceCommand::Report { report, today: self.asked.today };
        let number = self.report.remittance_id.as_str();
        work.decide::<Remittance>(number, command).await.map_err(Rejected::from_other)?;
        bank_lines::reported(work, &self.report).await
    }
}

/// Decides about money that was told of.
pub struct DecideRemittance {
    remittance_id: RemittanceId,
    verdict: Verdict,
    sight: Sight,
    today: BusinessDate,
}

enum Verdict {
    Arrived { received: Option<Minor>, bank_reference: Option<String> },
    Rejected { reason: String },
}

impl Transaction for DecideRemittance {
    type Refusal = OrderRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<OrderRefusal>> {
        let remittance = work.read::<Remittance>(self.remittance_id.as_str()).await?;
        must_be_seen(work, remittance.dealer_id(), (&self.sight, self.today)).await?;
        let report = remittance.waiting().map_err(|no| Rejected::Refused(no.into()))?;
        match &self.verdict {
            Verdict::Rejected { reason } => {
                self.decide(work, RemittanceCommand::Reject { reason: reason.clone() }).await?;
                bank_lines::rejected(work, report, reason).await
            }
            Verdict::Arrived { received, bank_reference } => {
                let received = received.unwrap_or(report.amount_minor);
                let told = bank_reference.as_ref().unwrap_or(&report.bank_reference);
                self.arrived(work, report, received, told).await
            }
        }
    }
}

impl DecideRemittance {
    async fn decide(
        &self,
        work: &mut Work<'_>,
        command: RemittanceCommand,
    ) -> Result<(), Rejected<OrderRefusal>> {
        let number = self.remittance_id.as_str();
        work.decide::<Remittance>(number, command).await.map_err(Rejected::from_other)
    }

    /// Pays what is owed, and keeps the rest for orders.
    async fn arrived(
        &self,
        work: &mut Work<'_>,
        report: &Report,
        received: Minor,
        bank_reference: &str,
    ) -> Result<(), Rejected<OrderRefusal>> {
        let split = Split::of(work, report, received).await?;
        self.decide(work, split.confirm(bank_reference)).await?;
        bank_lines::confirmed(work, report, received, bank_reference).await?;
        split.book(work, report, bank_reference).await
    }
}

/// Money of dealers whom the caller does not see is not there.
pub(super) async fn must_be_seen(
    work: &mut Work<'_>,
    dealer_id: Option<&DealerId>,
    (sight, today): (&Sight, BusinessDate),
) -> Result<(), Rejected<OrderRefusal>> {
    let Some(dealer_id) = dealer_id.cloned() else { return Ok(()) };
    let asked = Asked { dealer_id, sight: sight.clone(), today };
    asked.account(work).await.map(drop).map_err(|no| match matches!(no, Rejected::Refused(_)) {
        true => Rejected::Refused(FundsRefusal::RemittanceNotFound.into()),
        false => no,
    })
}

/// Where money goes that has arrived.
pub(super) struct Split {
    lender: DealerId,
    repaid: Minor,
    topped_up: Minor,
}

impl Split {
    pub(super) async fn of(
        work: &mut Work<'_>,
        report: &Report,
        received: Minor,
    ) -> Result<Self, Rejected<OrderRefusal>> {
        let (lender, owed) = match report.purpose {
            Purpose::Repayment => owed(work, report).await?,
            Purpose::TopUp => (report.dealer_id.clone(), Minor::ZERO),
        };
        let repaid = owed.min(received);
        Ok(Self { lender, repaid, topped_up: Minor(received.0 - repaid.0) })
    }

    pub(super) fn confirm(&self, bank_reference: &str) -> RemittanceCommand {
        let (repaid, topped_up) = (self.repaid, self.topped_up);
        RemittanceCommand::Confirm { repaid, topped_up, bank_reference: bank_reference.to_owned() }
    }

    /// Money that nobody had told of.
    pub(super) fn unreported(&self, report: &Report) -> RemittanceCommand {
        let (repaid, topped_up) = (self.repaid, self.topped_up);
        RemittanceCommand::Book { report: Box::new(report.clone()), repaid, topped_up }
    }

    /// The credit is repaid, the wallet has more.
    pub(super) async fn book(
        self,
        work: &mut Work<'_>,
        report: &Report,
        bank_reference: &str,
    ) -> Result<(), Rejected<OrderRefusal>> {
        let remittance_id = report.remittance_id.clone();
        if self.repaid > Minor::ZERO {
            let command = CreditCommand::Repay {
                remittance_id: remittance_id.clone(),
                bank_reference: bank_reference.to_owned(),
                payer: report.dealer_id.clone(),
                amount: self.repaid,
            };
            let paid = work.decide::<CreditAccount>(self.lender.as_str(), command).await;
            paid.map_err(Rejected::from_other)?;
        }
        if self.topped_up > Minor::ZERO {
            let bank_reference = bank_reference.to_owned();
            let command = WalletCommand::Credit {
                dealer_id: report.dealer_id.clone(),
                purse: Purse::Prepaid,
                amount: self.topped_up,
                currency: report.currency.clone(),
                source: Source::TopUp { remittance_id, bank_reference },
            };
            let kept = work.decide::<Wallet>(report.dealer_id.as_str(), command).await;
            kept.map_err(Rejected::from_other)?;
        }
        Ok(())
    }
}

/// Whose credit the sender takes, and what it owes there.
async fn owed(
    work: &mut Work<'_>,
    report: &Report,
) -> Result<(DealerId, Minor), Rejected<OrderRefusal>> {
    let account = work.read::<crate::account::Account>(report.dealer_id.as_str()).await?;
    let holder = account.holder(&report.dealer_id).map_err(Rejected::Refused)?;
    let lender = credit_holder(holder).clone();
    let credit: Arc<CreditAccount> = work.read::<CreditAccount>(lender.as_str()).await?;
    let Some(line) = credit.line() else { return Ok((lender, Minor::ZERO)) };
    let owed = line.owed_by(&report.dealer_id);
    if owed > Minor::ZERO && line.currency != report.currency {
        let currency = line.currency.clone();
        return Err(Rejected::Refused(FundsRefusal::OtherCurrency { currency }.into()));
    }
    Ok((lender, owed))
}

impl IntoCommand<Remittance> for api::ReportRemittanceRequest {
    type Command = ReportRemittance;

    fn into_command(self, call: &Call) -> Result<ReportRemittance, Status> {
        let mut wrong = Violations::default();
        let asked = Asked::of(&mut wrong, &self.dealer_id, call);
        let purpose = purpose(&mut wrong, self.purpose());
        let given = !self.remittance_id.is_empty();
        let number = if given { self.remittance_id } else { numbered("RM", call) };
        let remittance_id = parse(&mut wrong, "remittance_id", &number);
        let currency = parse(&mut wrong, "currency_code", &self.currency_code);
        let paid_on = parse(&mut wrong, "paid_on", &self.paid_on);
        let bank_reference = reference(&mut wrong, &self.bank_reference);
        let note = words(&mut wrong, "note", &self.note, 0..=500);
        let command = (|| {
            let asked = asked?;
            let report = Report {
                remittance_id: remittance_id?,
                dealer_id: asked.dealer_id.clone(),
                purpose: purpose?,
                currency: currency?,
                amount_minor: Minor(self.amount_minor),
                paid_on: paid_on?,
                bank_reference: bank_reference?,
                note: note?,
            };
            Some(ReportRemittance { asked, report })
        })();
        wrong.finish(command)
    }
}

pub(super) fn purpose(wrong: &mut Violations, told: api::RemittancePurpose) -> Option<Purpose> {
    match told {
        api::RemittancePurpose::TopUp => Some(Purpose::TopUp),
        api::RemittancePurpose::Repayment => Some(Purpose::Repayment),
        api::RemittancePurpose::Unspecified => {
            wrong.add("purpose", Text::new("请选择用途", "say what it is for"));
            None
        }
    }
}

/// What the bank calls a transfer; signs alone would name all transfers at once.
pub(super) fn reference(wrong: &mut Violations, told: &str) -> Option<String> {
    let reference = words(wrong, "bank_reference", told, 4..=64)?;
    if bank_reference::signs(&reference).chars().count() < 4 {
        let text = Text::new("至少须有 4 个字母或数字", "needs at least 4 letters or digits");
        wrong.add("bank_reference", text);
        return None;
    }
    Some(reference)
}

fn decided(
    mut wrong: Violations,
    remittance_id: &str,
    call: &Call,
    verdict: Option<Verdict>,
) -> Result<DecideRemittance, Status> {
    let remittance_id = parse(&mut wrong, "remittance_id", remittance_id);
    let (sight, today) = (sight(&mut wrong, call), call.today().into());
    let command = (|| {
        let (remittance_id, verdict, sight) = (remittance_id?, verdict?, sight?);
        Some(DecideRemittance { remittance_id, verdict, sight, today })
    })();
    wrong.finish(command)
}

impl IntoCommand<Remittance> for api::ConfirmRemittanceRequest {
    type Command = DecideRemittance;

    fn into_command(self, call: &Call) -> Result<DecideRemittance, Status> {
        let mut wrong = Violations::default();
        let reference = match self.bank_reference.as_str() {
            "" => Some(None),
            told => reference(&mut wrong, told).map(Some),
        };
        let received = self.received_minor.map(Minor);
        let verdict = reference.map(|bank_reference| Verdict::Arrived { received, bank_reference });
        decided(wrong, &self.remittance_id, call, verdict)
    }
}

impl IntoCommand<Remittance> for api::RejectRemittanceRequest {
    type Command = DecideRemittance;

    fn into_command(self, call: &Call) -> Result<DecideRemittance, Status> {
        let mut wrong = Violations::default();
        let reason = words(&mut wrong, "reason", &self.reason, 1..=200);
        decided(wrong, &self.remittance_id, call, reason.map(|reason| Verdict::Rejected { reason }))
    }
}
