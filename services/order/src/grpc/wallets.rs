//! Requests about what the brand keeps of dealers' money.

use kernel::failure::Violations;
use kernel::rpc::{Call, IntoCommand, Reply};
use proto::order::v1 as api;
use proto::order::v1::wallet_service_server::WalletService;
use tonic::{Request, Status};
use values::{Currency, DealerId, Minor};

use super::funds::{AskFunds, Asked};
use super::{Api, parse, words};
use crate::wallet::{DebitCause, Purse, Source, Wallet, WalletCommand};

#[tonic::async_trait]
impl WalletService for Api {
    async fn grant_rebate(
        &self,
        r: Request<api::GrantRebateRequest>,
    ) -> Reply<api::GrantRebateResponse> {
        self.0.run(r).await
    }

    async fn deduct_rebate(
        &self,
        r: Request<api::DeductRebateRequest>,
    ) -> Reply<api::DeductRebateResponse> {
        self.0.run(r).await
    }

    async fn pay_back_prepaid(
        &self,
        r: Request<api::PayBackPrepaidRequest>,
    ) -> Reply<api::PayBackPrepaidResponse> {
        self.0.run(r).await
    }
}

type AskWallet = AskFunds<Wallet>;

/// What the three requests have: whose money, in which currency, and why.
fn amount_of(
    (dealer_id, currency, reason): (&str, &str, &str),
    call: &Call,
    command: impl FnOnce(DealerId, Currency, String) -> WalletCommand,
) -> Result<AskWallet, Status> {
    let mut wrong = Violations::default();
    let asked = Asked::of(&mut wrong, dealer_id, call);
    let currency = parse(&mut wrong, "currency_code", currency);
    let reason = words(&mut wrong, "reason", reason, 1..=200);
    let command = (|| Some(command(asked.as_ref()?.dealer_id.clone(), currency?, reason?)))();
    AskFunds::of(wrong, asked, command)
}

impl IntoCommand<Wallet> for api::GrantRebateRequest {
    type Command = AskWallet;

    fn into_command(self, call: &Call) -> Result<AskWallet, Status> {
        let told = (self.dealer_id.as_str(), self.currency_code.as_str(), self.reason.as_str());
        amount_of(told, call, |dealer_id, currency, reason| WalletCommand::Credit {
            dealer_id,
            purse: Purse::Rebate,
            amount: Minor(self.amount_minor),
            currency,
            source: Source::Grant { reason },
        })
    }
}

impl IntoCommand<Wallet> for api::DeductRebateRequest {
    type Command = AskWallet;

    fn into_command(self, call: &Call) -> Result<AskWallet, Status> {
        let told = (self.dealer_id.as_str(), self.currency_code.as_str(), self.reason.as_str());
        amount_of(told, call, |dealer_id, currency, reason| WalletCommand::Debit {
            dealer_id,
            purse: Purse::Rebate,
            amount: Minor(self.amount_minor),
            currency,
            cause: DebitCause::Deduction,
            reason,
        })
    }
}

impl IntoCommand<Wallet> for api::PayBackPrepaidRequest {
    type Command = AskWallet;

    fn into_command(self, call: &Call) -> Result<AskWallet, Status> {
        let told = (self.dealer_id.as_str(), self.currency_code.as_str(), self.reason.as_str());
        amount_of(told, call, |dealer_id, currency, reason| WalletCommand::Debit {
            dealer_id,
            purse: Purse::Prepaid,
            amount: Minor(self.amount_minor),
            currency,
            cause: DebitCause::PayBack,
            reason,
        })
    }
}
