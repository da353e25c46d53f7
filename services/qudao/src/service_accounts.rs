//! `qudao service-accounts`: programs of the tenant and their keys.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use proto::access::v1::Role;
use proto::common::v1::Receipt;
use proto::partner::v1 as pb;
use proto::partner::v1::service_account_service_client::ServiceAccountServiceClient;
use serde::Serialize;
use uuid::Uuid;

use crate::client::{Connection, Session, Wire, failure, output, retry};
use crate::users::{role, short};

#[derive(Subcommand)]
pub(crate) enum ServiceAccounts {
    /// Programs and their keys
    List(List),
    /// Add a program
    Add(Add),
    /// Make a key; it is told this once
    Issue(Issue),
    /// End a key
    Revoke(Revoke),
    /// Keep a program out for now
    Suspend(Reasoned),
    /// Let a suspended program in again
    Reinstate(Reasoned),
    /// Remove a program for good
    Remove(Reasoned),
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao service-accounts list
  qudao service-accounts list --json | jq '.[] | select(.keys[].state == \"expiring\") | .account_id'")]
pub(crate) struct List {
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Args)]
#[command(after_help = "The program has no key yet: issue one.

Examples:
  qudao service-accounts add erp 'ERP interface' integration
  qudao service-accounts add report 'Weekly report' analyst --region east --json")]
pub(crate) struct Add {
    /// What it acts as, after `service:`; for good
    #[arg(value_name = "ID")]
    account_id: String,
    /// What people call it
    #[arg(value_name = "NAME")]
    name: String,
    /// Roles that it will hold, for example analyst
    #[arg(required = true, value_name = "ROLE", value_parser = role)]
    roles: Vec<Role>,
    /// Dealer that it works for [default: the brand]
    #[arg(long, value_name = "ID", default_value = "")]
    dealer: String,
    /// Part of the region tree that it sees; can be repeated [default: all of it]
    #[arg(long = "region", value_name = "ID")]
    regions: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Args)]
#[command(
    after_help = "Give the key to the program as QUDAO_KEY, which this command takes as well.
Only a digest of it is kept: it can not be told again.

Examples:
  qudao service-accounts issue erp
  QUDAO_KEY=$(qudao service-accounts issue report --days 30) qudao query sales"
)]
pub(crate) struct Issue {
    /// Which program
    #[arg(value_name = "ID")]
    account_id: String,
    /// How long the key is good
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=366))]
    days: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Args)]
#[command(after_help = "Tokens that the key was exchanged for end within a second.

Examples:
  qudao service-accounts revoke erp 019ac1d2-7b11-4c52-8a3f-52e0c7d1f9a4 --reason 'found in a log'
  qudao service-accounts revoke erp 019ac1d2-7b11-4c52-8a3f-52e0c7d1f9a4 --reason 泄露 --json")]
pub(crate) struct Revoke {
    /// Which program
    #[arg(value_name = "ID")]
    account_id: String,
    /// Which key, as `list` shows it
    #[arg(value_name = "KEY_ID")]
    key_id: String,
    /// Why; kept for ever
    #[arg(long)]
    reason: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao service-accounts suspend erp --reason 'sends too much'
  qudao service-accounts reinstate erp --reason 'mended' --json")]
pub(crate) struct Reasoned {
    /// Which program
    #[arg(value_name = "ID")]
    account_id: String,
    /// Why; kept for ever
    #[arg(long)]
    reason: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Serialize)]
struct Shown {
    account_id: String,
    name: String,
    suspended: bool,
    company: String,
    roles: Vec<String>,
    keys: Vec<ShownKey>,
}

#[derive(Serialize)]
struct ShownKey {
    key_id: String,
    hint: String,
    state: &'static str,
    expires_at: String,
    used_at: String,
    used_from: String,
}

#[derive(Serialize)]
struct Done {
    account_id: String,
    version: u64,
    position: u64,
}

#[derive(Serialize)]
struct Issued {
    account_id: String,
    key_id: String,
    key: String,
    expires_at: String,
}

impl ServiceAccounts {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::List(list) => list.run().await?,
            Self::Add(add) => add.run().await?,
            Self::Issue(issue) => issue.run().await?,
            Self::Revoke(revoke) => revoke.run().await?,
            Self::Suspend(reasoned) => reasoned.suspend().await?,
            Self::Reinstate(reasoned) => reasoned.reinstate().await?,
            Self::Remove(reasoned) => reasoned.remove().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// One id for all tries of a request.
fn request_id() -> String {
    Uuid::new_v4().to_string()
}

fn client(session: &Session) -> ServiceAccountServiceClient<Wire> {
    ServiceAccountServiceClient::new(session.wire())
}

fn done(receipt: Option<Receipt>, json: bool, what: &str) -> anyhow::Result<()> {
    let receipt = receipt.unwrap_or_default();
    let done = Done {
        account_id: receipt.object_id,
        version: receipt.version,
        position: receipt.position,
    };
    if json {
        return output::json(&done);
    }
    eprintln!("{what}: version {}, position {}", done.version, done.position);
    output::text(&done.account_id)
}

impl List {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let answer = retry::until_answered(&[], async || {
            client(&session).list_service_accounts(pb::ListServiceAccountsRequest {}).await
        });
        let all: Vec<_> = answer.await?.into_inner().accounts.into_iter().map(shown).collect();
        if self.json {
            return output::json(&all);
        }
        let columns = ["Account", "Name", "Company", "Roles", "Key", "State", "Expires", "Used"];
        let rows = all.iter().flat_map(|account| {
            let keys: Vec<_> = match account.keys.as_slice() {
                [] => vec![["no key".to_owned(), String::new(), String::new(), String::new()]],
                keys => keys.iter().map(key_cells).collect(),
            };
            keys.into_iter().map(|key| {
                let suspended = if account.suspended { " (suspended)" } else { "" };
                let id = format!("{}{suspended}", account.account_id);
                let own = [id, account.name.clone(), account.company.clone()];
                own.into_iter().chain([account.roles.join(", ")]).chain(key).collect::<Vec<_>>()
            })
        });
        output::text(&output::lines(&output::table(&columns, rows)))
    }
}

fn key_cells(key: &ShownKey) -> [String; 4] {
    let used = if key.used_at.is_empty() { "never".to_owned() } else { key.used_at.clone() };
    [format!("{} …{}", key.key_id, key.hint), key.state.to_owned(), key.expires_at.clone(), used]
}

fn shown(account: pb::ServiceAccountEntry) -> Shown {
    let company = if account.dealer_id.is_empty() { "brand".to_owned() } else { account.dealer_id };
    Shown {
        account_id: account.account_id,
        name: account.name,
        suspended: account.suspended,
        company,
        roles: account
            .roles
            .into_iter()
            .filter_map(|role| Role::try_from(role).ok())
            .map(short)
            .collect(),
        keys: account.keys.into_iter().map(shown_key).collect(),
    }
}

fn shown_key(key: pb::ServiceKeyEntry) -> ShownKey {
    let state = match key.state() {
        pb::ServiceKeyState::Good => "good",
        pb::ServiceKeyState::Expiring => "expiring",
        pb::ServiceKeyState::Expired => "expired",
        pb::ServiceKeyState::Unspecified => "",
    };
    ShownKey {
        state,
        key_id: key.key_id,
        hint: key.hint,
        expires_at: key.expires_at,
        used_at: key.used_at,
        used_from: key.used_from,
    }
}

impl Add {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let request = pb::AddServiceAccountRequest {
            request_id: request_id(),
            account_id: self.account_id,
            name: self.name,
            dealer_id: self.dealer,
            roles: self.roles.into_iter().map(Into::into).collect(),
            region_ids: self.regions,
            ..Default::default()
        };
        let answer = retry::until_answered(&[], async || {
            client(&session).add_service_account(request.clone()).await
        });
        done(answer.await?.into_inner().receipt, self.json, "added")
    }
}

impl Issue {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let request = pb::IssueServiceKeyRequest {
            request_id: request_id(),
            account_id: self.account_id.clone(),
            days: self.days,
            ..Default::default()
        };
        // Not asked again: the answer of a repeat has no key.
        let answer = client(&session).issue_service_key(request).await?.into_inner();
        let issued = Issued {
            account_id: self.account_id,
            key_id: answer.key_id,
            key: answer.key,
            expires_at: answer.expires_at,
        };
        if self.json {
            return output::json(&issued);
        }
        eprintln!("issued: good until {}; it is told this once", issued.expires_at);
        output::text(&issued.key)
    }
}

impl Revoke {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let request = pb::RevokeServiceKeyRequest {
            request_id: request_id(),
            account_id: self.account_id,
            key_id: self.key_id,
            reason: self.reason,
            ..Default::default()
        };
        let answer = retry::until_answered(&[], async || {
            client(&session).revoke_service_key(request.clone()).await
        });
        done(answer.await?.into_inner().receipt, self.json, "revoked")
    }
}

impl Reasoned {
    async fn session(&self) -> anyhow::Result<Session> {
        failure::tell_as_json(self.json);
        Ok(self.connection.open().await?.one_trace())
    }

    async fn suspend(self) -> anyhow::Result<()> {
        let session = self.session().await?;
        let request = pb::SuspendServiceAccountRequest {
            request_id: request_id(),
            account_id: self.account_id,
            reason: self.reason,
            ..Default::default()
        };
        let answer = retry::until_answered(&[], async || {
            client(&session).suspend_service_account(request.clone()).await
        });
        done(answer.await?.into_inner().receipt, self.json, "suspended")
    }

    async fn reinstate(self) -> anyhow::Result<()> {
        let session = self.session().await?;
        let request = pb::ReinstateServiceAccountRequest {
            request_id: request_id(),
            account_id: self.account_id,
            reason: self.reason,
            ..Default::default()
        };
        let answer = retry::until_answered(&[], async || {
            client(&session).reinstate_service_account(request.clone()).await
        });
        done(answer.await?.into_inner().receipt, self.json, "reinstated")
    }

    async fn remove(self) -> anyhow::Result<()> {
        let session = self.session().await?;
        let request = pb::RemoveServiceAccountRequest {
            request_id: request_id(),
            account_id: self.account_id,
            reason: self.reason,
            ..Default::default()
        };
        let answer = retry::until_answered(&[], async || {
            client(&session).remove_service_account(request.clone()).await
        });
        done(answer.await?.into_inner().receipt, self.json, "removed")
    }
}
