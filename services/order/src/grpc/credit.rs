//! Requests about credit.

use kernel::command::{Rejected, Transaction, Work};
use kernel::failure::Violations;
use kernel::rpc::{Call, IntoCommand, Reply};
use proto::order::v1 as api;
use proto::order::v1::credit_service_server::CreditService;
use tonic::{Request, Status};
use values::{DealerId, Minor};

use super::funds::{AskFunds, Asked};
use super::paying::credit_holder;
use super::{Api, given, parse, words};
use crate::account::{Account, AccountCommand};
use crate::credit::{CreditAccount, CreditCommand, Grant};
use crate::funds::FundsRefusal;
use crate::order::OrderRefusal;

#[tonic::async_trait]
impl CreditService for Api {
    async fn set_credit_limit(
        &self,
        r: Request<api::SetCreditLimitRequest>,
    ) -> Reply<api::SetCreditLimitResponse> {
        self.0.run(r).await
    }

    async fn grant_temporary_credit(
        &self,
        r: Request<api::GrantTemporaryCreditRequest>,
    ) -> Reply<api::GrantTemporaryCreditResponse> {
        self.0.run(r).await
    }

    async fn end_temporary_credit(
        &self,
        r: Request<api::EndTemporaryCreditRequest>,
    ) -> Reply<api::EndTemporaryCreditResponse> {
        self.0.run(r).await
    }

    async fn block_credit(
        &self,
        r: Request<api::BlockCreditRequest>,
    ) -> Reply<api::BlockCreditResponse> {
        self.0.run(r).await
    }

    async fn unblock_credit(
        &self,
        r: Request<api::UnblockCreditRequest>,
    ) -> Reply<api::UnblockCreditResponse> {
        self.0.run(r).await
    }

    async fn share_credit(
        &self,
        r: Request<api::ShareCreditRequest>,
    ) -> Reply<api::ShareCreditResponse> {
        self.0.run(r).await
    }
}

type AskCredit = AskFunds<CreditAccount>;

impl IntoCommand<CreditAccount> for api::SetCreditLimitRequest {
    type Command = AskCredit;

    fn into_command(self, call: &Call) -> Result<AskCredit, Status> {
        let mut wrong = Violations::default();
        let asked = Asked::of(&mut wrong, &self.dealer_id, call);
        let currency = parse(&mut wrong, "currency_code", &self.currency_code);
        let reason = words(&mut wrong, "reason", &self.reason, 0..=200);
        let command = (|| {
            Some(CreditCommand::SetLimit {
                dealer_id: asked.as_ref()?.dealer_id.clone(),
                currency: currency?,
                limit: Minor(self.limit_minor),
                payment_days: self.payment_days,
                today: call.today().into(),
                reason: reason?,
            })
        })();
        AskFunds::of(wrong, asked, command)
    }
}

impl IntoCommand<CreditAccount> for api::GrantTemporaryCreditRequest {
    type Command = AskCredit;

    fn into_command(self, call: &Call) -> Result<AskCredit, Status> {
        let mut wrong = Violations::default();
        let asked = Asked::of(&mut wrong, &self.dealer_id, call);
        let until = parse(&mut wrong, "until", &self.until);
        let reason = words(&mut wrong, "reason", &self.reason, 1..=200);
        let command = (|| {
            let grant = Grant { amount: Minor(self.amount_minor), until: until? };
            let today = call.today().into();
            Some(CreditCommand::Grant { grant, today, reason: reason? })
        })();
        AskFunds::of(wrong, asked, command)
    }
}

/// A request that says why, and nothing else.
fn because(
    dealer_id: &str,
    reason: &str,
    call: &Call,
    command: impl FnOnce(String) -> CreditCommand,
) -> Result<AskCredit, Status> {
    let mut wrong = Violations::default();
    let asked = Asked::of(&mut wrong, dealer_id, call);
    let reason = words(&mut wrong, "reason", reason, 1..=200);
    AskFunds::of(wrong, asked, reason.map(command))
}

impl IntoCommand<CreditAccount> for api::EndTemporaryCreditRequest {
    type Command = AskCredit;

    fn into_command(self, call: &Call) -> Result<AskCredit, Status> {
        let today = call.today().into();
        because(&self.dealer_id, &self.reason, call, |reason| CreditCommand::EndGrants {
            today,
            reason,
        })
    }
}

impl IntoCommand<CreditAccount> for api::BlockCreditRequest {
    type Command = AskCredit;

    fn into_command(self, call: &Call) -> Result<AskCredit, Status> {
        because(&self.dealer_id, &self.reason, call, |reason| CreditCommand::Block { reason })
    }
}

impl IntoCommand<CreditAccount> for api::UnblockCreditRequest {
    type Command = AskCredit;

    fn into_command(self, call: &Call) -> Result<AskCredit, Status> {
        because(&self.dealer_id, &self.reason, call, |reason| CreditCommand::Unblock { reason })
    }
}

/// Lets a dealer take the credit of another one.
pub struct ShareCredit {
    asked: Asked,
    of_dealer_id: Option<DealerId>,
}

impl Transaction for ShareCredit {
    type Refusal = OrderRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<OrderRefusal>> {
        let account = self.asked.account(work).await?;
        let dealer_id = &self.asked.dealer_id;
        let holder = account.holder(dealer_id).map_err(Rejected::Refused)?;
        let before = credit_holder(holder);
        // Who pays what it owes does so where its orders took credit.
        let credit = work.read::<CreditAccount>(before.as_str()).await?;
        let wanted = self.of_dealer_id.as_ref().unwrap_or(dealer_id);
        if wanted != before && credit.line().is_some_and(|line| line.is_used_by(dealer_id)) {
            return Err(Rejected::Refused(FundsRefusal::CreditInUse.into()));
        }
        if let Some(of) = self.of_dealer_id.clone().filter(|of| *of != self.asked.dealer_id) {
            Asked { dealer_id: of, ..self.asked.clone() }.account(work).await?;
        }
        let command = AccountCommand::ShareCredit { of_dealer_id: self.of_dealer_id.clone() };
        let decided = work.decide::<Account>(self.asked.dealer_id.as_str(), command).await;
        decided.map_err(Rejected::from_other)
    }
}

impl IntoCommand<Account> for api::ShareCreditRequest {
    type Command = ShareCredit;

    fn into_command(self, call: &Call) -> Result<ShareCredit, Status> {
        let mut wrong = Violations::default();
        let asked = Asked::of(&mut wrong, &self.dealer_id, call);
        let of_dealer_id = given(&mut wrong, "of_dealer_id", &self.of_dealer_id);
        let command = asked
            .zip(of_dealer_id)
            .map(|(asked, of_dealer_id)| ShareCredit { asked, of_dealer_id });
        wrong.finish(command)
    }
}
