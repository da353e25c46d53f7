//! History and replay, read from the logs themselves.

mod changes;
mod replay;

use kernel::catalogue::{AggregateInfo, Context};
use kernel::failure::{internal, read_failed, status};
use kernel::log::Log;
use kernel::rpc::{self, Reply};
use kernel::{Recorded, Text};
use proto::history::v1 as pb;
use proto::history::v1::history_service_server::HistoryService;
use tonic::{Code, Request, Response, Status};

use crate::read::{no_such_context, not_reached, rfc3339};
use changes::changes;

/// An object's events, and where they were found.
struct Found {
    kind: AggregateInfo,
    log: Log,
    events: Vec<Recorded>,
}

/// The logs of all contexts.
#[derive(Clone)]
pub(crate) struct HistoryApi {
    logs: Vec<(Context, Log)>,
}

impl HistoryApi {
    /// History of these contexts.
    pub(crate) fn new(logs: Vec<(Context, Log)>) -> Self {
        Self { logs }
    }

    fn log(&self, context: &str) -> Result<&Log, Status> {
        let name = if context.is_empty() { "order" } else { context };
        let found = self.logs.iter().find(|(context, _)| context.name == name);
        found.map(|(_, log)| log).ok_or_else(|| {
            let known: Vec<_> = self.logs.iter().map(|(context, _)| context.name).collect();
            no_such_context(name, &known)
        })
    }

    /// The events of an object, with its kind; objects of several kinds may share an id.
    async fn events(&self, tenant: &str, object: &str) -> Result<Vec<Found>, Status> {
        let (aggregate, id) = match object.split_once('/') {
            Some((aggregate, id)) => (Some(aggregate), id),
            None => (None, object),
        };
        let mut found = Vec::new();
        for (context, log) in &self.logs {
            let events = log.read_object(tenant, aggregate, id).await;
            let events = events.map_err(|error| read_failed(&error))?;
            for kind in context.aggregates {
                let own = events.iter().filter(|event| event.aggregate == kind.name);
                let own: Vec<_> = own.cloned().collect();
                if !own.is_empty() {
                    found.push(Found { kind: *kind, log: log.clone(), events: own });
                }
            }
        }
        Ok(found)
    }
}

#[tonic::async_trait]
impl HistoryService for HistoryApi {
    async fn get_object_history(
        &self,
        request: Request<pb::GetObjectHistoryRequest>,
    ) -> Reply<pb::GetObjectHistoryResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let pb::GetObjectHistoryRequest { object, min_position } = request.into_inner();
        let mut found = self.events(&tenant, &object).await?;
        if found.len() > 1 {
            return Err(ambiguous(&object, &found));
        }
        let Some(Found { kind, log, events }) = found.pop() else {
            return Err(status(
                Code::NotFound,
                "NO_SUCH_OBJECT",
                &Text::new(
                    format!("没有编号为“{object}”的对象"),
                    format!("there is no object {object}; check its id"),
                ),
            ));
        };
        // What was acknowledged is in the log, so a position that is not there never was given.
        let head = log.head().await.map_err(|error| read_failed(&error))?;
        if head < min_position {
            return Err(not_reached(head, min_position));
        }
        let told = (kind.tell)(&events).map_err(|error| internal(&error))?;
        let entries = events.into_iter().zip(told).map(|(event, told)| pb::HistoryEntry {
            event: Some(recorded(event)),
            sentence_zh: told.sentence.zh,
            sentence_en: told.sentence.en,
            changes: changes(&told.before, &told.after),
        });
        Ok(Response::new(pb::GetObjectHistoryResponse { entries: entries.collect() }))
    }

    type ReplayEventsStream = replay::Events;

    async fn replay_events(
        &self,
        request: Request<pb::ReplayEventsRequest>,
    ) -> Reply<Self::ReplayEventsStream> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let request = request.into_inner();
        let log = self.log(&request.context)?.clone();
        replay::start(log, tenant, request).await.map(Response::new)
    }
}

fn ambiguous(object: &str, found: &[Found]) -> Status {
    let names: Vec<_> = found.iter().map(|one| format!("{}/{object}", one.kind.name)).collect();
    let names = names.join(", ");
    status(
        Code::InvalidArgument,
        "AMBIGUOUS_OBJECT",
        &Text::new(
            format!("“{object}”不止一个，请选：{names}"),
            format!("more than one object has the id {object}; ask for one of {names}"),
        ),
    )
}

/// An event as the contract shows it.
pub(crate) fn recorded(event: Recorded) -> pb::Event {
    pb::Event {
        position: event.position,
        event_id: event.event_id.to_string(),
        context: event.context,
        aggregate: event.aggregate,
        object_id: event.object_id,
        version: event.version,
        event_type: event.event_type,
        event_version: event.event_version,
        recorded_at: rfc3339(event.recorded_at),
        origin: Some(pb::Origin {
            actor_id: event.metadata.actor_id,
            actor_name: event.metadata.actor_name,
            correlation_id: event.metadata.correlation_id.to_string(),
            causation_id: event.metadata.causation_id.to_string(),
            request_id: event.metadata.request_id.to_string(),
            traceparent: event.metadata.traceparent.unwrap_or_default(),
        }),
        payload_json: event.payload,
    }
}
