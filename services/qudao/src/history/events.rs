//! `qudao history events`: what an actor did, what happened in a time, what belongs to a story.

use std::process::ExitCode;

use clap::Args;
use proto::common::v1::PageRequest;
use proto::history::v1::ListEventsRequest;
use proto::history::v1::history_service_client::HistoryServiceClient;
use serde::Serialize;

use super::{Entry, story};
use crate::client::{ANSWER_LIMIT, Connection, failure, output};

#[derive(Args)]
#[command(after_help = "The newest come first.

Examples:
  qudao history events --actor demo
  qudao history events --from-time 2026-11-01T00:00:00Z --to-time 2026-12-01T00:00:00Z --type OrderCancelled
  qudao history events --object SO-000001 --changes
  qudao history events --actor demo --size 200 --json | jq -r .next_token")]
pub(super) struct Events {
    /// Only of this object: ID or AGGREGATE/ID
    #[arg(long, value_name = "OBJECT")]
    object: Option<String>,
    /// Only caused by this user or policy
    #[arg(long, value_name = "ID")]
    actor: Option<String>,
    /// Only recorded at this time or later, RFC 3339
    #[arg(long, value_name = "TIME")]
    from_time: Option<String>,
    /// Only recorded before this time, RFC 3339
    #[arg(long, value_name = "TIME")]
    to_time: Option<String>,
    /// Only of this story
    #[arg(long, value_name = "UUID")]
    correlation: Option<String>,
    /// Only this type of event; may be repeated
    #[arg(long = "type", value_name = "TYPE")]
    types: Vec<String>,
    /// Only this context; may be repeated
    #[arg(long = "context", value_name = "NAME")]
    contexts: Vec<String>,
    /// Also tell what each event changed
    #[arg(long)]
    changes: bool,
    /// Events on a page, 200 at most
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

#[derive(Serialize)]
struct Listed {
    entries: Vec<Entry>,
    next_token: String,
}

impl Events {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let request = ListEventsRequest {
            object: self.object.unwrap_or_default(),
            actor_id: self.actor.unwrap_or_default(),
            from_time: self.from_time.unwrap_or_default(),
            to_time: self.to_time.unwrap_or_default(),
            correlation_id: self.correlation.unwrap_or_default(),
            event_types: self.types,
            contexts: self.contexts,
            page: Some(PageRequest { size: self.size, token: self.page.unwrap_or_default() }),
            with_changes: self.changes,
        };
        let answer = HistoryServiceClient::new(session.wire())
            .max_decoding_message_size(ANSWER_LIMIT)
            .list_events(request)
            .await?
            .into_inner();
        let entries: Vec<Entry> = answer.entries.into_iter().map(Entry::from).collect();
        let listed = Listed { entries, next_token: answer.next_token };
        if self.json {
            output::json(&listed)?;
            return Ok(ExitCode::SUCCESS);
        }
        output::text(&story(&listed.entries, failure::locale()))?;
        if !listed.next_token.is_empty() {
            eprintln!("{}", output::dim(&format!("there are more: --page {}", listed.next_token)));
        }
        Ok(ExitCode::SUCCESS)
    }
}
