//! `qudao users`: people of the brand and of its dealers.

mod list;
mod manage;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use proto::partner::v1::EraseUserRequest;
use proto::partner::v1::identity_service_client::IdentityServiceClient;
use serde::Serialize;
use uuid::Uuid;

pub(crate) use manage::{role, short};

use crate::client::{Connection, failure, output, retry};

#[derive(Subcommand)]
pub(crate) enum Users {
    /// List users, or show one
    List(list::List),
    /// Make a one-time link with which somebody becomes a user
    Invite(manage::Invite),
    /// Keep a person out, in whatever company
    Suspend(manage::Suspend),
    /// Let a suspended person in again
    Reinstate(manage::Reinstate),
    /// Set the roles of a person in a company
    Roles(manage::Roles),
    /// Erase a person for good, saying why
    Erase(Erase),
}

#[derive(Args)]
#[command(
    after_help = "The person can not sign in any more, their login is not given out again, and their name
can not be read in any copy of the log. There is no way back. Events stay, with the login in them.

Examples:
  qudao users erase li.lei --reason 'left the company, asked for it in ticket 88'
  qudao users erase li.lei --reason 离职 --json | jq .position"
)]
pub(crate) struct Erase {
    /// What the person signs in with
    #[arg(value_name = "LOGIN")]
    login: String,
    /// Why; kept for ever, so leave names out
    #[arg(long)]
    reason: String,
    /// Refuse when the user has another number of events than this
    #[arg(long, value_name = "N")]
    version: Option<u64>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Serialize)]
struct Done {
    login: String,
    version: u64,
    position: u64,
}

impl Users {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::List(list) => list.run().await?,
            Self::Invite(invite) => invite.run().await?,
            Self::Suspend(suspend) => suspend.run().await?,
            Self::Reinstate(reinstate) => reinstate.run().await?,
            Self::Roles(roles) => roles.run().await?,
            Self::Erase(erase) => erase.run().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Erase {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        // One id for all tries: an answer means that nothing of the person is left.
        let request = EraseUserRequest {
            request_id: Uuid::new_v4().to_string(),
            expected_version: self.version,
            login: self.login,
            reason: self.reason,
        };
        let answer = retry::until_answered(&[], async || {
            IdentityServiceClient::new(session.wire()).erase_user(request.clone()).await
        });
        let receipt = answer.await?.into_inner().receipt.unwrap_or_default();
        let done =
            Done { login: receipt.object_id, version: receipt.version, position: receipt.position };
        if self.json {
            return output::json(&done);
        }
        eprintln!("erased: version {}, position {}", done.version, done.position);
        output::text(&done.login)
    }
}
