//! `qudao history`: who did what to one object and what that changed; its state as it was; what an
//! actor did; what followed from a request.

mod events;
mod state;
mod tree;

use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use proto::history::v1::history_service_client::HistoryServiceClient;
use proto::history::v1::{FieldChange, GetObjectHistoryRequest, HistoryEntry};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::client::{ANSWER_LIMIT, Connection, failure, output};
use crate::replay::Event;

#[derive(Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Examples:
  qudao history SO-000001
  qudao history dealer/kansas-city-29ers
  qudao history SO-000001 --json | jq '.entries[].changes'
  qudao history state SO-000001 --at 2026-11-23T14:05:00Z
  qudao history events --actor demo --type OrderCancelled
  qudao history tree 6f1c0f0e-3b1c-4d3e-9a57-3f6b1b0c9a11"
)]
pub(crate) struct History {
    #[command(subcommand)]
    more: Option<More>,
    #[command(flatten)]
    story: Story,
}

#[derive(Subcommand)]
enum More {
    /// The state of an object as it was
    State(state::State),
    /// Events of all contexts by object, actor, time, story and type
    Events(events::Events),
    /// What followed from one request, through all contexts, as a tree
    Tree(tree::Tree),
}

#[derive(Args)]
struct Story {
    /// Id of the object, or AGGREGATE/ID when the id alone is not unique
    #[arg(value_name = "OBJECT", required = true)]
    object: Option<String>,
    /// Wait until the log has reached this position
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "POSITION")]
    min_position: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Serialize)]
struct Told {
    object: String,
    entries: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    event: Event,
    sentence_zh: String,
    sentence_en: String,
    changes: Vec<Change>,
    /// The event with what is personal in it revealed, if anything is.
    #[serde(skip_serializing_if = "Option::is_none")]
    shown: Option<Box<RawValue>>,
}

#[derive(Serialize)]
struct Change {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Box<RawValue>>,
}

impl History {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self.more {
            None => self.story.run().await,
            Some(More::State(state)) => state.run().await,
            Some(More::Events(events)) => events.run().await,
            Some(More::Tree(tree)) => tree.run().await,
        }
    }
}

impl Story {
    async fn run(self) -> anyhow::Result<ExitCode> {
        failure::tell_as_json(self.json);
        let object = self.object.context("say which object")?;
        let session = self.connection.open().await?.one_trace();
        let request = GetObjectHistoryRequest {
            object: object.clone(),
            min_position: self.min_position,
            ..Default::default()
        };
        let entries = HistoryServiceClient::new(session.wire())
            .max_decoding_message_size(ANSWER_LIMIT)
            .get_object_history(request)
            .await?
            .into_inner()
            .entries;
        let entries: Vec<Entry> = entries.into_iter().map(Entry::from).collect();
        if self.json {
            output::json(&Told { object, entries })?;
        } else {
            output::text(&story(&entries, failure::locale()))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl From<HistoryEntry> for Entry {
    fn from(from: HistoryEntry) -> Self {
        Self {
            event: from.event.unwrap_or_default().into(),
            sentence_zh: from.sentence_zh,
            sentence_en: from.sentence_en,
            changes: from.changes.into_iter().map(Change::from).collect(),
            shown: embedded(&from.shown_json),
        }
    }
}

impl From<FieldChange> for Change {
    fn from(from: FieldChange) -> Self {
        let (before, after) = (embedded(&from.before_json), embedded(&from.after_json));
        Self { before, after, path: from.path }
    }
}

/// JSON of an answer, if there is any.
fn embedded(json: &str) -> Option<Box<RawValue>> {
    (!json.is_empty()).then(|| output::embed(json))
}

/// Two lines an event, then what it changed.
fn story(entries: &[Entry], locale: &str) -> String {
    let mut text = String::new();
    for Entry { event, sentence_zh, sentence_en, changes, .. } in entries {
        let sentence = if locale == "zh-CN" { sentence_zh } else { sentence_en };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}. {}  {sentence}", event.version, event.recorded_at);
        let by = format!("{} · {} at {}", event.actor(locale), event.event_type, event.position);
        let _ = writeln!(text, "   {}", output::faint(&by));
        for Change { path, before, after } in changes {
            let side = |value: &Option<Box<RawValue>>| {
                value.as_ref().map_or_else(|| "–".to_owned(), |value| shortened(value.get()))
            };
            let _ = writeln!(text, "   {path}: {} → {}", side(before), side(after));
        }
    }
    text.trim_end().to_owned()
}

/// Long values stay readable; `--json` has all of them.
fn shortened(json: &str) -> String {
    const LONGEST: usize = 100;
    match json.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &json[..end]),
        None => json.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_has_sentence_actor_and_changes() {
        let event = proto::history::v1::Event {
            version: 2,
            position: 9,
            event_type: "OrderConfirmed".into(),
            recorded_at: "2026-01-01T00:00:00Z".into(),
            payload_json: "{}".into(),
            ..Default::default()
        };
        let change = FieldChange {
            path: "/status".into(),
            before_json: String::new(),
            after_json: r#""confirmed""#.into(),
        };
        let entry = HistoryEntry {
            event: Some(event),
            sentence_zh: "确认了订单".into(),
            sentence_en: "Order confirmed".into(),
            changes: vec![change],
            ..Default::default()
        };

        let text = story(&[entry.into()], "zh-CN");

        assert_eq!(
            text,
            "2. 2026-01-01T00:00:00Z  确认了订单\n   – · OrderConfirmed at 9\n   /status: – → \"confirmed\""
        );
    }
}
