//! Statements of all accounts that have moved, a few at a time.

use std::process::ExitCode;

use futures::StreamExt as _;
use futures::stream;
use proto::common::v1::{PageRequest, Receipt};
use proto::order::v1::statement_query_service_client::StatementQueryServiceClient;
use proto::order::v1::statement_service_client::StatementServiceClient;
use proto::order::v1::{
    AccountToState, ListAccountsToStateRequest, MakeStatementRequest, SendStatementRequest,
};
use serde::Serialize;
use tonic::Status;
use uuid::Uuid;

use super::args::Make;
use super::show::account;
use crate::client::progress::Progress;
use crate::client::{Session, failure, output, retry};

/// Statements that are made at the same time.
const IN_FLIGHT: usize = 4;
/// Accounts that are asked for at a time.
const PAGE: u32 = 200;

/// What came of one account.
#[derive(Serialize)]
struct Made {
    dealer_id: String,
    account: String,
    currency: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    statement_id: String,
    sent: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<String>,
}

impl Make {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        match (&self.dealer, self.account, &self.currency) {
            (Some(dealer_id), Some(account), Some(currency)) => {
                let request = MakeStatementRequest {
                    dealer_id: dealer_id.clone(),
                    account: account.told(),
                    currency_code: currency.clone(),
                    from_date: self.from.clone(),
                    until_date: self.until.clone(),
                    ..Default::default()
                };
                let Receipt { object_id, version, position } = make(&session, request).await?;
                if self.send {
                    send(&session, &object_id).await?;
                }
                if self.json {
                    return super::done(object_id, version, position).map(|()| ExitCode::SUCCESS);
                }
                eprintln!("made: version {version}, position {position}");
                output::text(&object_id).map(|()| ExitCode::SUCCESS)
            }
            _ => self.all(&session).await,
        }
    }

    async fn all(&self, session: &Session) -> anyhow::Result<ExitCode> {
        let accounts = accounts(session, &self.until).await?;
        let progress = Progress::new(accounts.len() as u64, "statements", !self.json);
        let mut all: Vec<Made> = stream::iter(accounts)
            .map(|account| self.one(session, account))
            .buffer_unordered(IN_FLIGHT)
            .inspect(|_| progress.one_more())
            .collect()
            .await;
        progress.end();
        all.sort_by(|one, other| {
            (&one.dealer_id, &one.account).cmp(&(&other.dealer_id, &other.account))
        });
        let failed = all.iter().filter(|made| made.failed.is_some()).count();
        if self.json {
            output::json(&all)?;
        } else {
            let rows = all.iter().map(|made| {
                let what = made.failed.clone().unwrap_or_else(|| made.statement_id.clone());
                vec![made.dealer_id.clone(), made.account.clone(), made.currency.clone(), what]
            });
            let columns = ["dealer", "account", "in", "statement"];
            output::text(&output::lines(&output::table(&columns, rows)))?;
            eprintln!("{} made, {failed} not", all.len() - failed);
        }
        Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    async fn one(&self, session: &Session, of: AccountToState) -> Made {
        let request = MakeStatementRequest {
            dealer_id: of.dealer_id.clone(),
            account: of.account,
            currency_code: of.currency_code.clone(),
            until_date: self.until.clone(),
            ..Default::default()
        };
        let mut made = Made {
            account: account(of.account()),
            dealer_id: of.dealer_id,
            currency: of.currency_code,
            statement_id: String::new(),
            sent: false,
            failed: None,
        };
        let outcome = async {
            made.statement_id = self::make(session, request).await?.object_id;
            if self.send {
                send(session, &made.statement_id).await?;
                made.sent = true;
            }
            Ok::<(), Status>(())
        };
        if let Err(status) = outcome.await {
            made.failed = Some(status.message().to_owned());
        }
        made
    }
}

/// Accounts that have moved and were not stated until a day.
async fn accounts(session: &Session, until: &str) -> anyhow::Result<Vec<AccountToState>> {
    let mut accounts = Vec::new();
    let mut token = String::new();
    loop {
        let asked = ListAccountsToStateRequest {
            page: Some(PageRequest { size: PAGE, token: std::mem::take(&mut token) }),
            until_date: until.to_owned(),
            min_position: 0,
        };
        let mut client = StatementQueryServiceClient::new(session.wire());
        let page = client.list_accounts_to_state(asked).await?.into_inner();
        accounts.extend(page.accounts);
        token = page.page.map(|page| page.next_token).unwrap_or_default();
        if token.is_empty() {
            return Ok(accounts);
        }
    }
}

async fn make(session: &Session, mut request: MakeStatementRequest) -> Result<Receipt, Status> {
    request.request_id = Uuid::now_v7().to_string();
    let made = retry::until_answered(&["ANOTHER_WAS_FASTER"], async || {
        StatementServiceClient::new(session.wire()).make_statement(request.clone()).await
    });
    Ok(made.await?.into_inner().receipt.unwrap_or_default())
}

async fn send(session: &Session, statement_id: &str) -> Result<(), Status> {
    let request = SendStatementRequest {
        request_id: Uuid::now_v7().to_string(),
        statement_id: statement_id.to_owned(),
        ..Default::default()
    };
    let sent = retry::until_answered(&[], async || {
        StatementServiceClient::new(session.wire()).send_statement(request.clone()).await
    });
    sent.await.map(drop)
}
