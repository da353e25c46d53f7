//! A few statements of account, so that the pages about them have something to show.

use anyhow::Context as _;
use chrono::{NaiveDate, TimeDelta};
use kernel::clock;
use proto::common::v1::PageRequest;
use proto::order::v1 as order;
use proto::order::v1::statement_query_service_client::StatementQueryServiceClient;
use proto::order::v1::statement_service_client::StatementServiceClient;
use tonic::Status;

use super::TENANT;
use crate::client::{Session, failure, retry};
use crate::import::commands::request_id;

/// So many are made, and all of them but one are sent.
const FEW: u32 = 3;

/// Makes statements of the first accounts that have moved.
pub(super) async fn make(finance: &Session, min_position: u64) -> anyhow::Result<()> {
    // Where a day begins first; where the brand is, it may be the day before.
    let mut until = (clock::now() + TimeDelta::hours(14)).date_naive();
    let accounts = accounts(finance, until, min_position).await?;
    for (number, account) in (1..).zip(accounts) {
        let mut made = one(finance, &account, until).await;
        for _ in 0..2 {
            let early = made.as_ref().is_err_and(|no| failure::reason(no) == "PERIOD_NOT_BEGUN");
            if early {
                until -= TimeDelta::days(1);
                made = one(finance, &account, until).await;
            }
        }
        let statement_id = made.context("making a statement")?;
        if number < FEW {
            send(finance, &statement_id).await.context("sending a statement")?;
        }
    }
    Ok(())
}

async fn accounts(
    finance: &Session,
    until: NaiveDate,
    min_position: u64,
) -> anyhow::Result<Vec<order::AccountToState>> {
    let listed = retry::until_answered(&[], async || {
        let asked = order::ListAccountsToStateRequest {
            page: Some(PageRequest { size: FEW, token: String::new() }),
            until_date: until.to_string(),
            min_position,
        };
        StatementQueryServiceClient::new(finance.wire()).list_accounts_to_state(asked).await
    });
    Ok(listed.await.context("listing accounts to be stated")?.into_inner().accounts)
}

/// Its number.
async fn one(
    finance: &Session,
    account: &order::AccountToState,
    until: NaiveDate,
) -> Result<String, Status> {
    let mut request = order::MakeStatementRequest {
        dealer_id: account.dealer_id.clone(),
        account: account.account,
        currency_code: account.currency_code.clone(),
        until_date: until.to_string(),
        ..Default::default()
    };
    request.request_id = request_id(TENANT, &account.dealer_id, &request);
    let made = retry::until_answered(&[], async || {
        StatementServiceClient::new(finance.wire()).make_statement(request.clone()).await
    });
    Ok(made.await?.into_inner().receipt.unwrap_or_default().object_id)
}

async fn send(finance: &Session, statement_id: &str) -> Result<(), Status> {
    let mut request =
        order::SendStatementRequest { statement_id: statement_id.to_owned(), ..Default::default() };
    request.request_id = request_id(TENANT, statement_id, &request);
    let sent = retry::until_answered(&[], async || {
        StatementServiceClient::new(finance.wire()).send_statement(request.clone()).await
    });
    sent.await.map(drop)
}
