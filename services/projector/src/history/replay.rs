//! Replay of a tenant's events in log order.

use std::pin::Pin;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::Stream;
use kernel::failure::{Violations, read_failed};
use kernel::log::Log;
use kernel::{Recorded, Text};
use proto::history::v1::replay_events_response::Item;
use proto::history::v1::{ReplayEnd, ReplayEventsRequest, ReplayEventsResponse};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

/// Events read from the log at a time.
const PAGE: u32 = 500;
/// How often a follower looks for news.
const POLL: Duration = Duration::from_millis(250);

pub(crate) type Events = Pin<Box<dyn Stream<Item = Result<ReplayEventsResponse, Status>> + Send>>;

/// What is wanted of the log.
struct Wanted {
    tenant: String,
    request: ReplayEventsRequest,
    /// Where reading ends; never when following.
    end: Option<u64>,
}

/// Starts a replay; the client's pace bounds how far it reads ahead.
pub(crate) async fn start(
    log: Log,
    tenant: String,
    request: ReplayEventsRequest,
) -> Result<Events, Status> {
    let from_time = from_time(&request)?;
    let mut after = request.from_position.saturating_sub(1);
    if let Some(time) = from_time {
        let before = log.position_before(time).await.map_err(|error| read_failed(&error))?;
        after = after.max(before);
    }
    let head = log.head().await.map_err(|error| read_failed(&error))?;
    let end = match (request.follow, request.to_position) {
        (true, _) => None,
        (false, 0) => Some(head),
        (false, to) => Some(to.min(head)),
    };
    let (events, receiver) = mpsc::channel(64);
    let wanted = Wanted { tenant, request, end };
    tokio::spawn(async move {
        if let Err(status) = send(&log, &wanted, after, &events).await {
            // The client may have gone away; then nobody needs to know.
            let _ = events.send(Err(status)).await;
        }
    });
    Ok(Box::pin(ReceiverStream::new(receiver)))
}

fn from_time(request: &ReplayEventsRequest) -> Result<Option<DateTime<Utc>>, Status> {
    let mut violations = Violations::default();
    if request.follow && request.to_position != 0 {
        let text = Text::new("不能与 follow 同时使用", "can not be used together with follow");
        violations.add("to_position", text);
    }
    let time = match request.from_time.as_str() {
        "" => Some(None),
        text => violations
            .take(
                "from_time",
                DateTime::parse_from_rfc3339(text).map_err(|_| {
                    Text::new("必须是 RFC 3339 时间", "must be a time like 2026-11-23T14:05:00Z")
                }),
            )
            .map(|time| Some(time.with_timezone(&Utc))),
    };
    violations.finish(time)
}

type Sender = mpsc::Sender<Result<ReplayEventsResponse, Status>>;

async fn send(log: &Log, wanted: &Wanted, mut after: u64, events: &Sender) -> Result<(), Status> {
    let mut count = 0;
    loop {
        let page = log.read_after(after, PAGE).await.map_err(|error| read_failed(&error))?;
        let found = page.len();
        for event in page {
            if wanted.end.is_some_and(|end| event.position > end) {
                break;
            }
            after = event.position;
            if wanted.takes(&event) {
                count += 1;
                let item = Item::Event(super::recorded(event));
                if events.send(Ok(ReplayEventsResponse { item: Some(item) })).await.is_err() {
                    return Ok(());
                }
            }
        }
        match wanted.end {
            Some(end) if after >= end || found == 0 => {
                let item = Item::End(ReplayEnd { count, last_position: end });
                let _ = events.send(Ok(ReplayEventsResponse { item: Some(item) })).await;
                return Ok(());
            }
            None if found == 0 => tokio::select! {
                () = events.closed() => return Ok(()),
                () = tokio::time::sleep(POLL) => (),
            },
            Some(_) | None => (),
        }
    }
}

impl Wanted {
    fn takes(&self, event: &Recorded) -> bool {
        let any = |list: &[String], value: &str| list.is_empty() || list.iter().any(|v| v == value);
        event.tenant == self.tenant
            && any(&self.request.aggregates, &event.aggregate)
            && any(&self.request.event_types, &event.event_type)
            && (self.request.object_id.is_empty() || self.request.object_id == event.object_id)
    }
}
