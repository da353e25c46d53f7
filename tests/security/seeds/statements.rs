//! Statements of a dealer's rebates.

use chrono::TimeDelta;
use kernel::clock;
use proto::order::v1 as order;
use proto::order::v1::statement_service_client::StatementServiceClient;
use proto::order::v1::wallet_service_client::WalletServiceClient;

use super::{Sower, company_canary};
use crate::support::system::id;

/// Grants rebates in several currencies, one after the other, and states them; the numbers of the
/// statements. They are of the second dealer, where there is one, who was shown them.
pub(super) async fn state(sower: &Sower<'_>) -> Vec<String> {
    let (seeds, admin) = (&sower.seeds, sower.admin());
    let dealer = seeds.dealers.len().min(2) - 1;
    let (dealer_id, reason) = (seeds.dealers[dealer].clone(), company_canary(seeds, dealer));
    let mut wallets = WalletServiceClient::new(sower.channel.clone());
    let mut client = StatementServiceClient::new(sower.channel.clone());
    let today = (clock::now() + TimeDelta::hours(8)).date_naive().to_string();
    let mut statements = Vec::new();
    for currency_code in ["CNY", "USD", "EUR"].map(str::to_owned) {
        let grant = order::GrantRebateRequest {
            request_id: id(),
            dealer_id: dealer_id.clone(),
            currency_code: currency_code.clone(),
            amount_minor: 4_711,
            reason: reason.clone(),
            ..Default::default()
        };
        wallets.grant_rebate(sower.says(&admin, grant)).await.unwrap();
        let make = order::MakeStatementRequest {
            request_id: id(),
            dealer_id: dealer_id.clone(),
            account: order::FundsAccount::Rebate.into(),
            currency_code: currency_code.clone(),
            until_date: today.clone(),
            ..Default::default()
        };
        let made = client.make_statement(sower.says(&admin, make)).await.unwrap();
        let statement_id = made.into_inner().receipt.unwrap().object_id;
        let send = order::SendStatementRequest {
            request_id: id(),
            statement_id: statement_id.clone(),
            ..Default::default()
        };
        client.send_statement(sower.says(&admin, send)).await.unwrap();
        statements.push(statement_id);
        // A wallet is in another currency once it is empty.
        let deduct = order::DeductRebateRequest {
            request_id: id(),
            dealer_id: dealer_id.clone(),
            currency_code,
            amount_minor: 4_711,
            reason: reason.clone(),
            ..Default::default()
        };
        wallets.deduct_rebate(sower.says(&admin, deduct)).await.unwrap();
    }
    statements
}
