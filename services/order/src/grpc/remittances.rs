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
use super::{Api, parse, words};
use crate::bank_reference::{self, BankReference, BankReferenceCommand};
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
        work.decide::<Remittance>(number, command).await.map_err(Rejected::from_other)
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
        self.must_be_seen(work, remittance.dealer_id()).await?;
        let report = remittance.waiting().map_err(|no| Rejected::Refused(no.into()))?;
        match &self.verdict {
            Verdict::Rejected { reason } => {
                self.decide(work, RemittanceCommand::Reject { reason: reason.clone() }).await
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
    /// Money of dealers whom the caller does not see is not there.
    async fn must_be_seen(
        &self,
        work: &mut Work<'_>,
        dealer_id: Option<&DealerId>,
    ) -> Result<(), Rejected<OrderRefusal>> {
        let Some(dealer_id) = dealer_id.cloned() else { return Ok(()) };
        let asked = Asked { dealer_id, sight: self.sight.clone(), today: self.today };
        asked.account(work).await.map(drop).map_err(|no| match matches!(no, Rejected::Refused(_)) {
            true => Rejected::Refused(FundsRefusal::RemittanceNotFound.into()),
            false => no,
        })
    }

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
        let (lender, owed) = match report.purpose {
            Purpose::Repayment => owed(work, report).await?,
            Purpose::TopUp => (report.dealer_id.clone(), Minor::ZERO),
        };
        let repaid = owed.min(received);
        let topped_up = Minor(received.0 - repaid.0);
        let bank_reference = bank_reference.to_owned();
        let told = bank_reference.clone();
        self.decide(work, RemittanceCommand::Confirm { repaid, topped_up, bank_reference: told })
            .await?;
        let remittance_id = report.remittance_id.clone();
        let used = BankReferenceCommand::Use {
            reference: bank_reference.clone(),
            remittance_id: remittance_id.clone(),
        };
        let object_id = bank_reference::object_id(&bank_reference);
        let used = work.decide::<BankReference>(&object_id, used).await;
        used.map_err(Rejected::from_other)?;
        if repaid > Minor::ZERO {
            let command = CreditCommand::Repay {
                remittance_id: remittance_id.clone(),
                bank_reference: bank_reference.clone(),
                payer: report.dealer_id.clone(),
                amount: repaid,
            };
            let paid = work.decide::<CreditAccount>(lender.as_str(), command).await;
            paid.map_err(Rejected::from_other)?;
        }
        if topped_up > Minor::ZERO {
            let command = WalletCommand::Credit {
                dealer_id: report.dealer_id.clone(),
                purse: Purse::Prepaid,
                amount: topped_up,
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
        let purpose = match self.purpose() {
            api::RemittancePurpose::TopUp => Some(Purpose::TopUp),
            api::RemittancePurpose::Repayment => Some(Purpose::Repayment),
            api::RemittancePurpose::Unspecified => {
                wrong.add("purpose", Text::new("请选择用途", "say what it is for"));
                None
            }
        };
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

/// What the bank calls a transfer; signs alone would name all transfers at once.
fn reference(wrong: &mut Violations, told: &str) -> Option<String> {
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
