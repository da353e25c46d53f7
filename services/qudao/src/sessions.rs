//! `qudao sessions`: where people are signed in.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use proto::partner::v1::session_service_client::SessionServiceClient;
use proto::partner::v1::{ListSessionsRequest, RevokeSessionRequest, SignedInSession};
use serde::Serialize;
use uuid::Uuid;

use crate::client::{Connection, failure, output, retry};

#[derive(Subcommand)]
pub(crate) enum Sessions {
    /// Where somebody is signed in
    List(List),
    /// Sign somebody out somewhere
    Revoke(Revoke),
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao sessions list
  qudao sessions list li.lei
  qudao sessions list li.lei --json | jq -r '.[].session_id'")]
pub(crate) struct List {
    /// Whose sessions; others than one's own take an administrator [default: one's own]
    #[arg(value_name = "LOGIN", default_value = "")]
    login: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Args)]
#[command(after_help = "The session's tokens end within a second, everywhere.

Examples:
  qudao sessions revoke 5f0c7a2e-93b4-4d1f-8a56-2e7c9b10d4f3
  qudao sessions revoke 5f0c7a2e-93b4-4d1f-8a56-2e7c9b10d4f3 --login li.lei --json")]
pub(crate) struct Revoke {
    /// Which session, as `list` shows it
    #[arg(value_name = "ID")]
    session_id: String,
    /// Whose it is; others than one's own take an administrator [default: one's own]
    #[arg(long, default_value = "")]
    login: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Serialize)]
struct Shown {
    session_id: String,
    company: String,
    started_at: String,
    used_at: String,
    ends_at: String,
    user_agent: String,
    address: String,
    current: bool,
}

#[derive(Serialize)]
struct Done {
    session_id: String,
    position: u64,
}

impl Sessions {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::List(list) => list.run().await?,
            Self::Revoke(revoke) => revoke.run().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl List {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let request = ListSessionsRequest { login: self.login };
        let answer = retry::until_answered(&[], async || {
            SessionServiceClient::new(session.wire()).list_sessions(request.clone()).await
        });
        let sessions: Vec<_> = answer.await?.into_inner().sessions.into_iter().map(shown).collect();
        if self.json {
            return output::json(&sessions);
        }
        let columns = ["Session", "Company", "Used", "Ends", "From", "Program"];
        let row = |it: &Shown| {
            let this = if it.current { " (this one)" } else { "" };
            vec![
                format!("{}{this}", it.session_id),
                it.company.clone(),
                it.used_at.clone(),
                it.ends_at.clone(),
                it.address.clone(),
                it.user_agent.clone(),
            ]
        };
        output::text(&output::lines(&output::table(&columns, sessions.iter().map(row))))
    }
}

fn shown(session: SignedInSession) -> Shown {
    Shown {
        session_id: session.session_id,
        company: session.membership_id,
        started_at: session.started_at,
        used_at: session.used_at,
        ends_at: session.ends_at,
        user_agent: session.user_agent,
        address: session.address,
        current: session.current,
    }
}

impl Revoke {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let request = RevokeSessionRequest {
            request_id: Uuid::new_v4().to_string(),
            session_id: self.session_id,
            login: self.login,
            ..Default::default()
        };
        let answer = retry::until_answered(&[], async || {
            SessionServiceClient::new(session.wire()).revoke_session(request.clone()).await
        });
        let position = answer.await?.into_inner().receipt.unwrap_or_default().position;
        let done = Done { session_id: request.session_id.clone(), position };
        if self.json {
            return output::json(&done);
        }
        eprintln!("revoked: position {position}");
        output::text(&done.session_id)
    }
}
