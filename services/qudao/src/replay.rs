//! `qudao replay`: the events of a log as recorded, for analysts and auditors.

use std::io::Write;
use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use proto::history::v1::history_service_client::HistoryServiceClient;
use proto::history::v1::replay_events_response::Item;
use proto::history::v1::{Origin, ReplayEndReason, ReplayEventsRequest, ReplayEventsResponse};
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::time::sleep;
use tonic::{Status, Streaming};

use crate::client::operator::Reach;
use crate::client::{ANSWER_LIMIT, Connection, Session, failure, output, retry};

/// Events in a message of the server.
const BATCH: u32 = 1_000;

#[derive(Args)]
#[command(
    after_help = "One event a line as JSON, in log order, then {\"end\":{\"count\":…,\"last_position\":…,\"reason\":…}}.
Go on later with --from LAST_POSITION+1.

Examples:
  qudao replay --from 1
  qudao replay --from 100 --to 200 --type OrderSubmitted --type OrderShipped
  qudao replay --context partner --from-time 2026-01-01T00:00:00Z --to-time 2026-02-01T00:00:00Z
  qudao replay --from 1 --follow | jq -c '[.position, .event_type]'"
)]
pub(crate) struct Replay {
    /// First position wanted
    #[arg(long, default_value_t = 1, value_name = "N")]
    from: u64,
    /// Last position wanted [default: the end of the log now]
    #[arg(long, value_name = "N", conflicts_with = "follow")]
    to: Option<u64>,
    /// Stay, and print events as they happen
    #[arg(long)]
    follow: bool,
    /// Which log: order or partner
    #[arg(long, default_value = "order")]
    context: String,
    /// Only events recorded at this time or later, RFC 3339
    #[arg(long, value_name = "TIME")]
    from_time: Option<String>,
    /// Only events recorded before this time, RFC 3339
    #[arg(long, value_name = "TIME", conflicts_with = "follow")]
    to_time: Option<String>,
    /// Only this type of event; may be repeated
    #[arg(long = "type", value_name = "TYPE")]
    types: Vec<String>,
    /// Only this kind of object; may be repeated
    #[arg(long = "aggregate", value_name = "NAME")]
    aggregates: Vec<String>,
    /// Only this object
    #[arg(long, value_name = "ID")]
    object: Option<String>,
    /// Print JSON (always so here)
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reach: Reach,
    #[command(flatten)]
    connection: Connection,
}

/// One event as it is printed.
#[derive(Serialize)]
pub(crate) struct Event {
    pub(crate) position: u64,
    pub(crate) event_id: String,
    context: String,
    aggregate: String,
    object_id: String,
    pub(crate) version: u64,
    tenant: String,
    pub(crate) event_type: String,
    event_version: u32,
    pub(crate) recorded_at: String,
    origin: OriginRow,
    payload: Box<RawValue>,
}

#[derive(Serialize)]
struct OriginRow {
    actor_id: String,
    /// Only in history: the record has no names.
    #[serde(skip_serializing_if = "String::is_empty")]
    actor_name: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    actor_erased: bool,
    correlation_id: String,
    causation_id: String,
    request_id: String,
    traceparent: String,
}

#[derive(Serialize)]
struct EndLine {
    end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct End {
    count: u64,
    last_position: u64,
    reason: &'static str,
}

impl From<proto::history::v1::Event> for Event {
    fn from(from: proto::history::v1::Event) -> Self {
        Self {
            position: from.position,
            event_id: from.event_id,
            context: from.context,
            aggregate: from.aggregate,
            object_id: from.object_id,
            version: from.version,
            tenant: from.tenant,
            event_type: from.event_type,
            event_version: from.event_version,
            recorded_at: from.recorded_at,
            origin: from.origin.unwrap_or_default().into(),
            payload: output::embed(&from.payload_json),
        }
    }
}

impl From<Origin> for OriginRow {
    fn from(from: Origin) -> Self {
        Self {
            actor_id: from.actor_id,
            actor_name: from.actor_name,
            actor_erased: from.actor_erased,
            correlation_id: from.correlation_id,
            causation_id: from.causation_id,
            request_id: from.request_id,
            traceparent: from.traceparent,
        }
    }
}

impl Event {
    /// Who caused it, by name where there is one.
    pub(crate) fn actor(&self, locale: &str) -> &str {
        let OriginRow { actor_id, actor_name, actor_erased, .. } = &self.origin;
        if *actor_erased {
            return if locale == "zh-CN" { "（已删除）" } else { "(erased)" };
        }
        [actor_name.as_str(), actor_id.as_str(), "–"]
            .into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or_default()
    }
}

impl Replay {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        failure::tell_as_json(self.json);
        // A replay lasts as long as the log is long; keep-alive notices a dead server.
        let session = self.reach.open(&self.connection).await?.one_trace().with_deadline(None);
        let mut printed = Printed::new(self.from, output::stdout());
        loop {
            match self.once(&session, &mut printed).await {
                Ok(ReplayEndReason::Complete) => return Ok(ExitCode::SUCCESS),
                Ok(ReplayEndReason::Stopping | ReplayEndReason::Unspecified) => {}
                Err(error) if printed.moved() && broken_on_the_way(&error) => {}
                Err(error) => return Err(error),
            }
            eprintln!(
                "{}",
                output::dim(&format!("the stream broke; going on from {}", printed.next))
            );
            sleep(std::time::Duration::from_secs(1)).await;
        }
    }

    async fn once<W: Write>(
        &self,
        session: &Session,
        printed: &mut Printed<W>,
    ) -> anyhow::Result<ReplayEndReason> {
        let mut events: Streaming<ReplayEventsResponse> = retry::until_answered(&[], async || {
            HistoryServiceClient::new(session.wire())
                .max_decoding_message_size(ANSWER_LIMIT)
                .replay_events(self.request(printed.next))
                .await
        })
        .await?
        .into_inner();
        while let Some(item) = events.message().await? {
            match item.item {
                Some(Item::Event(event)) => printed.event(event.into())?,
                Some(Item::Events(batch)) => {
                    for event in batch.events {
                        printed.event(event.into())?;
                    }
                }
                Some(Item::End(end)) => {
                    let reason = end.reason();
                    if reason == ReplayEndReason::Complete {
                        printed.end(end.last_position)?;
                    }
                    return Ok(reason);
                }
                Some(Item::Progress(_)) | None => {}
            }
            if self.follow {
                printed.out.flush()?;
            }
        }
        bail!("the stream ended without its end marker; go on with --from {}", printed.next)
    }

    fn request(&self, from_position: u64) -> ReplayEventsRequest {
        ReplayEventsRequest {
            context: self.context.clone(),
            from_position,
            from_time: self.from_time.clone().unwrap_or_default(),
            to_position: self.to.unwrap_or_default(),
            aggregates: self.aggregates.clone(),
            event_types: self.types.clone(),
            object_id: self.object.clone().unwrap_or_default(),
            follow: self.follow,
            to_time: self.to_time.clone().unwrap_or_default(),
            tenant: String::new(),
            batch: BATCH,
        }
    }
}

fn broken_on_the_way(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Status>().is_some_and(retry::is_passing)
}

/// What has been printed so far, also over several connections.
struct Printed<W> {
    out: W,
    next: u64,
    count: u64,
    /// `next` when the last connection was made.
    mark: u64,
}

impl<W: Write> Printed<W> {
    fn new(from: u64, out: W) -> Self {
        Self { out, next: from.max(1), count: 0, mark: from.max(1) }
    }

    /// Whether anything came since this was asked last: no use in reconnecting for ever.
    fn moved(&mut self) -> bool {
        std::mem::replace(&mut self.mark, self.next) < self.next
    }

    fn event(&mut self, event: Event) -> anyhow::Result<()> {
        if event.position < self.next {
            bail!(
                "the server sent position {} after {}: the log must only go up",
                event.position,
                self.next - 1
            );
        }
        output::json_line(&mut self.out, &event)?;
        self.next = event.position + 1;
        self.count += 1;
        Ok(())
    }

    fn end(&mut self, last_position: u64) -> anyhow::Result<()> {
        let end = End { count: self.count, last_position, reason: "complete" };
        output::json_line(&mut self.out, &EndLine { end })?;
        Ok(self.out.flush()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(position: u64) -> Event {
        proto::history::v1::Event {
            position,
            payload_json: r#"{"type":"OrderSubmitted","b":1,"a":2}"#.into(),
            ..Default::default()
        }
        .into()
    }

    #[test]
    fn the_payload_is_json_and_the_end_counts_over_connections() {
        let mut printed = Printed::new(1, Vec::new());
        printed.event(event(1)).unwrap();
        assert!(printed.moved() && !printed.moved());
        printed.event(event(4)).unwrap();
        printed.end(7).unwrap();

        let text = String::from_utf8(printed.out).unwrap();
        let lines: Vec<&str> = text.lines().collect();

        assert!(lines[0].contains(r#""payload":{"type":"OrderSubmitted","b":1,"a":2}"#));
        assert_eq!(lines[2], r#"{"end":{"count":2,"last_position":7,"reason":"complete"}}"#);
    }

    #[test]
    fn a_position_twice_is_an_error() {
        let mut printed = Printed::new(1, Vec::new());
        printed.event(event(3)).unwrap();

        assert!(printed.event(event(3)).is_err());
    }
}
