//! `qudao history tree`: what followed from one request, through all contexts.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::ExitCode;

use clap::Args;
use proto::history::v1::history_service_client::HistoryServiceClient;
use proto::history::v1::{CausationNode, GetCausationTreeRequest};
use serde::Serialize;

use crate::client::{ANSWER_LIMIT, Connection, failure, output};
use crate::replay::Event;

#[derive(Args)]
#[command(after_help = "Examples:
  qudao history tree 6f1c0f0e-3b1c-4d3e-9a57-3f6b1b0c9a11
  qudao history tree $(qudao history SO-000001 --json | jq -r '.entries[0].event.event_id')")]
pub(super) struct Tree {
    /// Correlation id, or the id of an event of the story
    #[arg(value_name = "ID")]
    id: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Serialize)]
struct Grown {
    correlation_id: String,
    nodes: Vec<Node>,
    truncated: bool,
}

#[derive(Serialize)]
struct Node {
    id: String,
    parent_id: String,
    depth: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<Event>,
    sentence_zh: String,
    sentence_en: String,
}

impl Tree {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let answer = HistoryServiceClient::new(session.wire())
            .max_decoding_message_size(ANSWER_LIMIT)
            .get_causation_tree(GetCausationTreeRequest { id: self.id })
            .await?
            .into_inner();
        let grown = Grown {
            correlation_id: answer.correlation_id,
            nodes: answer.nodes.into_iter().map(Node::from).collect(),
            truncated: answer.truncated,
        };
        if self.json {
            output::json(&grown)?;
        } else {
            output::text(&drawn(&grown.nodes, failure::locale()))?;
        }
        if grown.truncated {
            eprintln!("{}", output::dim("the newest events are left out: there are too many"));
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl From<CausationNode> for Node {
    fn from(from: CausationNode) -> Self {
        Self {
            id: from.id,
            parent_id: from.parent_id,
            depth: from.depth,
            event: from.event.map(Event::from),
            sentence_zh: from.sentence_zh,
            sentence_en: from.sentence_en,
        }
    }
}

/// The tree with lines from causes to effects.
fn drawn(nodes: &[Node], locale: &str) -> String {
    let mut left = BTreeMap::<&str, usize>::new();
    for node in nodes {
        *left.entry(&node.parent_id).or_default() += 1;
    }
    let mut text = String::new();
    // For each level above: whether more comes below it.
    let mut open: Vec<bool> = Vec::new();
    for node in nodes {
        let siblings = left.entry(&node.parent_id).or_default();
        *siblings = siblings.saturating_sub(1);
        let more = *siblings > 0;
        open.truncate(node.depth as usize);
        for open in open.iter().skip(1) {
            text.push_str(if *open { "│  " } else { "   " });
        }
        if node.depth > 0 {
            text.push_str(if more { "├─ " } else { "└─ " });
        }
        open.push(more);
        // Writing to a String cannot fail.
        let _ = match &node.event {
            None => writeln!(text, "request {}", node.id),
            Some(event) => {
                let sentence =
                    if locale == "zh-CN" { &node.sentence_zh } else { &node.sentence_en };
                let by =
                    format!("{} · {} at {}", event.actor(locale), event.event_type, event.position);
                writeln!(text, "{sentence}  {}", output::faint(&by))
            }
        };
    }
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(id: &str, parent_id: &str, depth: u32) -> Node {
        let event = proto::history::v1::Event {
            event_type: id.to_owned(),
            position: 1,
            payload_json: "{}".into(),
            ..Default::default()
        };
        Node {
            id: id.to_owned(),
            parent_id: parent_id.to_owned(),
            depth,
            event: (depth > 0).then(|| event.into()),
            sentence_zh: format!("{id} 发生"),
            sentence_en: format!("{id} happened"),
        }
    }

    #[test]
    fn effects_hang_below_their_causes() {
        let nodes = [
            node("R", "", 0),
            node("A", "R", 1),
            node("A1", "A", 2),
            node("A2", "A", 2),
            node("B", "R", 1),
            node("B1", "B", 2),
        ];
        let text = drawn(&nodes, "en");
        let lines: Vec<_> =
            text.lines().map(|line| line.split("  –").next().unwrap_or_default()).collect();
        assert_eq!(
            lines,
            [
                "request R",
                "├─ A happened",
                "│  ├─ A1 happened",
                "│  └─ A2 happened",
                "└─ B happened",
                "   └─ B1 happened",
            ]
        );
    }
}
