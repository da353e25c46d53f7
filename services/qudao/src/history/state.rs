//! `qudao history state`: an object as it was.

use std::process::ExitCode;

use clap::Args;
use proto::history::v1::history_service_client::HistoryServiceClient;
use proto::history::v1::{GetStateAtRequest, get_state_at_request};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::client::{ANSWER_LIMIT, Connection, failure, output};

#[derive(Args)]
#[command(after_help = "Examples:
  qudao history state SO-000001
  qudao history state SO-000001 --at v2                      after its second event
  qudao history state SO-000001 --at 4711                    at this position of the log
  qudao history state SO-000001 --at 2026-11-23T14:05:00Z
  qudao history state SO-000001 --at v2 --json | jq .state.status")]
pub(super) struct State {
    /// Id of the object, or AGGREGATE/ID when the id alone is not unique
    #[arg(value_name = "OBJECT")]
    object: String,
    /// When: vN for the object's version N, N for a position of the log, or a time in RFC 3339 [default: now]
    #[arg(long, value_name = "WHEN")]
    at: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Serialize)]
struct Shown {
    context: String,
    aggregate: String,
    object_id: String,
    version: u64,
    newest_version: u64,
    position: u64,
    recorded_at: String,
    state: Box<RawValue>,
}

/// The moment that a person means; the server says what is wrong with a time.
fn at(text: &str) -> get_state_at_request::At {
    use get_state_at_request::At;
    let version = text.strip_prefix('v').and_then(|number| number.parse().ok());
    match (version, text.parse()) {
        (Some(version), _) => At::Version(version),
        (None, Ok(position)) => At::Position(position),
        (None, Err(_)) => At::Time(text.to_owned()),
    }
}

impl State {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let request = GetStateAtRequest { object: self.object, at: self.at.as_deref().map(at) };
        let answer = HistoryServiceClient::new(session.wire())
            .max_decoding_message_size(ANSWER_LIMIT)
            .get_state_at(request)
            .await?
            .into_inner();
        let shown = Shown {
            state: output::embed(&answer.state_json),
            context: answer.context,
            aggregate: answer.aggregate,
            object_id: answer.object_id,
            version: answer.version,
            newest_version: answer.newest_version,
            position: answer.position,
            recorded_at: answer.recorded_at,
        };
        if self.json {
            output::json(&shown)?;
        } else {
            output::text(&shown.text()?)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Shown {
    fn text(&self) -> anyhow::Result<String> {
        let Self { aggregate, object_id, version, newest_version, .. } = self;
        let used = format!(
            "{aggregate}/{object_id} · version {version} of {newest_version} · {} · {} at {}",
            self.recorded_at, self.context, self.position
        );
        let state: serde_json::Value = serde_json::from_str(self.state.get())?;
        Ok(format!("{}\n{}", output::faint(&used), serde_json::to_string_pretty(&state)?))
    }
}

#[cfg(test)]
mod tests {
    use get_state_at_request::At;

    use super::*;

    #[test]
    fn a_moment_is_a_version_a_position_or_a_time() {
        assert_eq!(at("v2"), At::Version(2));
        assert_eq!(at("4711"), At::Position(4711));
        assert_eq!(at("2026-11-23T14:05:00Z"), At::Time("2026-11-23T14:05:00Z".to_owned()));
        assert_eq!(at("vx"), At::Time("vx".to_owned()));
    }
}
