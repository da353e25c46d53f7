//! `qudao access-log`: who called what, and what came of it.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use proto::common::v1::PageRequest;
use proto::history::v1::access_log_service_client::AccessLogServiceClient;
use proto::history::v1::{Call, CallResult, ListCallsRequest};
use serde::Serialize;

use crate::client::{Connection, failure, output};

#[derive(Args)]
#[command(after_help = "The newest come first. Calls that changed something are events too: see
`qudao history events`.

Examples:
  qudao access-log --actor demo
  qudao access-log --result refused --from-time 2026-11-01T00:00:00Z
  qudao access-log --rpc ExportHistory --json | jq '.calls[] | [.at, .actor_id, .address]'
  qudao access-log --named SO-000001")]
pub(crate) struct AccessLog {
    /// Only by this user or program
    #[arg(long, value_name = "ID")]
    actor: Option<String>,
    /// Only rpcs whose name has this in it
    #[arg(long, value_name = "TEXT")]
    rpc: Option<String>,
    /// Only those that came to this end; may be repeated
    #[arg(long = "result", value_enum)]
    results: Vec<Ending>,
    /// Only from this address
    #[arg(long)]
    address: Option<String>,
    /// Only those that name this id
    #[arg(long, value_name = "ID")]
    named: Option<String>,
    /// Only taken at this time or later, RFC 3339
    #[arg(long, value_name = "TIME")]
    from_time: Option<String>,
    /// Only taken before this time, RFC 3339
    #[arg(long, value_name = "TIME")]
    to_time: Option<String>,
    /// Calls on a page, 200 at most
    #[arg(long, default_value_t = 50, value_name = "N")]
    size: u32,
    /// `next_token` of the page before
    #[arg(long, value_name = "TOKEN")]
    page: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

/// What came of a call.
#[derive(Clone, Copy, ValueEnum)]
enum Ending {
    Success,
    Refused,
    Error,
    Unknown,
}

impl From<Ending> for CallResult {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Success => Self::Success,
            Ending::Refused => Self::Refused,
            Ending::Error => Self::Error,
            Ending::Unknown => Self::Unknown,
        }
    }
}

#[derive(Serialize)]
struct Listed {
    calls: Vec<Told>,
    next_token: String,
}

#[derive(Serialize)]
struct Told {
    call_id: String,
    at: String,
    tenant: String,
    actor_id: String,
    actor_name: String,
    rpc: String,
    named: Vec<String>,
    signed_in: bool,
    address: String,
    user_agent: String,
    result: String,
    code: String,
    reason: String,
    micros: u64,
    trace_id: String,
}

impl From<Call> for Told {
    fn from(call: Call) -> Self {
        let result = call.result().as_str_name().trim_start_matches("CALL_RESULT_").to_lowercase();
        Self {
            result,
            call_id: call.call_id,
            at: call.at,
            tenant: call.tenant,
            actor_id: call.actor_id,
            actor_name: call.actor_name,
            rpc: call.rpc,
            named: call.named,
            signed_in: call.signed_in,
            address: call.address,
            user_agent: call.user_agent,
            code: call.code,
            reason: call.reason,
            micros: call.micros,
            trace_id: call.trace_id,
        }
    }
}

impl Told {
    fn row(&self) -> Vec<String> {
        let rpc = self.rpc.trim_start_matches("qudao.").to_owned();
        let end = match self.reason.as_str() {
            "" => self.result.clone(),
            reason => format!("{} {reason}", self.result),
        };
        let who = if self.actor_id.is_empty() { "-".to_owned() } else { self.actor_id.clone() };
        let took = format!("{}.{} ms", self.micros / 1_000, self.micros % 1_000 / 100);
        vec![self.at.clone(), who, rpc, end, took, self.address.clone(), self.named.join(" ")]
    }
}

impl AccessLog {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let request = ListCallsRequest {
            page: Some(PageRequest { size: self.size, token: self.page.unwrap_or_default() }),
            actor_id: self.actor.unwrap_or_default(),
            rpc: self.rpc.unwrap_or_default(),
            results: self.results.into_iter().map(|end| CallResult::from(end).into()).collect(),
            address: self.address.unwrap_or_default(),
            named: self.named.unwrap_or_default(),
            from_time: self.from_time.unwrap_or_default(),
            to_time: self.to_time.unwrap_or_default(),
        };
        let answer = AccessLogServiceClient::new(session.wire()).list_calls(request).await?;
        let answer = answer.into_inner();
        let calls = answer.calls.into_iter().map(Told::from).collect();
        let listed = Listed { calls, next_token: answer.next_token };
        if self.json {
            output::json(&listed)?;
            return Ok(ExitCode::SUCCESS);
        }
        if listed.calls.is_empty() {
            eprintln!("no call is like that");
            return Ok(ExitCode::SUCCESS);
        }
        let columns = ["At", "Who", "Rpc", "Result", ">Took", "From", "Named"];
        let table = output::table(&columns, listed.calls.iter().map(Told::row));
        output::text(&output::lines(&table))?;
        if !listed.next_token.is_empty() {
            eprintln!("{}", output::dim(&format!("there are more: --page {}", listed.next_token)));
        }
        Ok(ExitCode::SUCCESS)
    }
}
