//! History and replay, read from the logs themselves.
//!
//! Read in this order: `objects` (what happened to one object), `list` and `tree` (what an actor
//! or a request did), `people` (what of persons is shown), `wanted` and `replay` (all events in
//! order, as recorded).

mod changes;
mod heads;
mod list;
mod objects;
mod people;
mod replay;
mod tree;
pub(crate) mod wanted;

use chrono::{DateTime, SecondsFormat, Utc};
use heads::Heads;
use kernel::auth::Caller;
use kernel::catalogue::{AggregateInfo, Context};
use kernel::failure::status;
use kernel::log::Log;
use kernel::personal::Vault;
use kernel::projection::Progress;
use kernel::rpc::{self, Reply};
use kernel::wall::TenantPool;
use kernel::{Recorded, Text};
use proto::history::v1 as pb;
use proto::history::v1::history_service_server::HistoryService;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Request, Response, Status};

use crate::read::{Scope, no_such_context};

/// A log that history is read from.
#[derive(Clone)]
struct Source {
    context: Context,
    log: Log,
    heads: Heads,
}

/// The logs of all contexts, and the index of their events.
#[derive(Clone)]
pub(crate) struct HistoryApi {
    sources: Vec<Source>,
    pool: TenantPool,
    index: Vec<Progress>,
    vault: Vault,
    stop: CancellationToken,
}

impl HistoryApi {
    /// See [`crate::history_service`].
    pub(crate) fn new(
        logs: Vec<(Context, Log)>,
        pool: TenantPool,
        index: Vec<Progress>,
        vault: Vault,
        stop: CancellationToken,
    ) -> Self {
        let source = |(context, log): (Context, Log)| {
            let heads = Heads::watch(log.clone(), stop.clone());
            Source { context, log, heads }
        };
        Self { sources: logs.into_iter().map(source).collect(), pool, index, vault, stop }
    }

    /// What is known of an event's kind of object.
    fn kind(&self, event: &Recorded) -> Option<&'static AggregateInfo> {
        let source = self.sources.iter().find(|source| source.context.name == event.context)?;
        source.context.aggregates.iter().find(|kind| kind.name == event.aggregate)
    }

    fn source(&self, context: &str) -> Result<&Source, Status> {
        let name = if context.is_empty() { "order" } else { context };
        let found = self.sources.iter().find(|source| source.context.name == name);
        found.ok_or_else(|| {
            let known: Vec<_> = self.sources.iter().map(|source| source.context.name).collect();
            no_such_context(name, &known)
        })
    }
}

#[tonic::async_trait]
impl HistoryService for HistoryApi {
    async fn get_object_history(
        &self,
        request: Request<pb::GetObjectHistoryRequest>,
    ) -> Reply<pb::GetObjectHistoryResponse> {
        let scope = Scope::of(&request, &self.pool).await?;
        self.history(&scope, request.into_inner()).await.map(Response::new)
    }

    async fn get_state_at(
        &self,
        request: Request<pb::GetStateAtRequest>,
    ) -> Reply<pb::GetStateAtResponse> {
        let scope = Scope::of(&request, &self.pool).await?;
        self.state_at(&scope, request.into_inner()).await.map(Response::new)
    }

    async fn list_events(
        &self,
        request: Request<pb::ListEventsRequest>,
    ) -> Reply<pb::ListEventsResponse> {
        let tenant = of_the_whole_brand(&request)?.tenant.clone();
        self.list(&tenant, request.into_inner()).await.map(Response::new)
    }

    async fn get_causation_tree(
        &self,
        request: Request<pb::GetCausationTreeRequest>,
    ) -> Reply<pb::GetCausationTreeResponse> {
        let tenant = of_the_whole_brand(&request)?.tenant.clone();
        self.tree(&tenant, request.get_ref()).await.map(Response::new)
    }

    type ReplayEventsStream = replay::Events;

    async fn replay_events(
        &self,
        request: Request<pb::ReplayEventsRequest>,
    ) -> Reply<Self::ReplayEventsStream> {
        let caller = of_the_whole_brand(&request)?.clone();
        let request = request.into_inner();
        let Source { log, heads, .. } = self.source(&request.context)?;
        let wanted = wanted::wanted(log, &caller, request).await?;
        let events = replay::start(log.clone(), heads, self.stop.clone(), wanted);
        Ok(Response::new(events))
    }
}

/// The caller, if no part of the brand's events is kept from them: who looks after some regions
/// asks object by object.
fn of_the_whole_brand<T>(request: &Request<T>) -> Result<&Caller, Status> {
    let caller = rpc::caller(request)?;
    if caller.regions.is_empty() {
        return Ok(caller);
    }
    let text = Text::new(
        "您的数据范围限于部分区域，不能查看全部事件；请按对象查看历史",
        "you look after some regions only and can not read all events; ask for one object's history",
    );
    Err(status(Code::PermissionDenied, "SOME_REGIONS_ONLY", &text))
}

/// A time as exactly as the log has it: asking again with it finds the same event.
pub(crate) fn moment(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// An event as the contract shows it, and no more than its record says.
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
        recorded_at: moment(event.recorded_at),
        origin: Some(pb::Origin {
            actor_id: event.metadata.actor_id,
            actor_name: String::new(),
            actor_erased: false,
            correlation_id: event.metadata.correlation_id.to_string(),
            causation_id: event.metadata.causation_id.to_string(),
            request_id: event.metadata.request_id.to_string(),
            traceparent: event.metadata.traceparent.unwrap_or_default(),
        }),
        payload_json: event.payload,
        tenant: event.tenant,
    }
}
