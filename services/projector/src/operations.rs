//! How the machinery is doing: logs, streams, read models, policies; and what operators do to it.

mod streams;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream;
use futures::Stream;
use futures::StreamExt as _;
use futures::future::select_all;
use kernel::Text;
use kernel::catalogue::Context;
use kernel::failure::{read_failed, status};
use kernel::log::Log;
use kernel::projection::{self, AnyProjection, ControlError, Overview, Progress, Purpose};
use kernel::rpc::{Reply, caller};
use kernel::wall::Schema;
use proto::operations::v1 as pb;
use proto::operations::v1::operations_service_server::OperationsService;
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;
use tonic::{Code, Request, Response, Status};

use crate::parked;
use crate::read::{failed, freshness, rfc3339};

/// Bursts are told once in this time, not once an event.
const BURST: Duration = Duration::from_millis(50);
/// What moves in other processes is looked at this often.
const LOOK: Duration = Duration::from_secs(1);

/// A read model and the view on how far it is.
pub(crate) type Model = (Arc<dyn AnyProjection>, Progress);
type States = Vec<pb::ProjectionStatus>;

/// The running machinery.
#[derive(Clone)]
pub(crate) struct OperationsApi {
    /// The schemas of read models, of policies, of webhooks and of payments.
    pub(crate) schemas: [Schema; 4],
    pub(crate) logs: Vec<(Context, Log)>,
    jetstream: jetstream::Context,
    /// The connection that may put streams right.
    operator: jetstream::Context,
    models: Vec<Model>,
    /// What all who watch are told.
    states: Arc<watch::Sender<States>>,
}

impl OperationsApi {
    /// The service; keeps an eye on the state for all who watch it.
    pub(crate) fn new(
        schemas: [Schema; 4],
        logs: Vec<(Context, Log)>,
        [jetstream, operator]: [jetstream::Context; 2],
        models: Vec<Model>,
    ) -> Self {
        let states = Arc::new(watch::Sender::new(States::new()));
        let api = Self { schemas, logs, jetstream, operator, models, states };
        tokio::spawn(api.clone().watch());
        api
    }

    async fn statuses(&self) -> Result<States, Status> {
        let mut heads = Vec::with_capacity(self.logs.len());
        for (context, log) in &self.logs {
            heads.push((context.name, log.head().await.map_err(|error| read_failed(&error))?));
        }
        let mut states = States::new();
        for one in self.overview().await? {
            let log = heads.iter().find(|(name, _)| *name == one.context);
            states.push(pb::ProjectionStatus {
                log_position: log.map_or(one.checkpoint.position, |(_, head)| *head),
                policy: !self.models.iter().any(|(model, _)| model.name() == one.name),
                ..state(one)
            });
        }
        Ok(states)
    }

    pub(crate) async fn overview(&self) -> Result<Vec<Overview>, Status> {
        let [models, others @ ..] = &self.schemas;
        let mut all = projection::overview(models.all()).await.map_err(failed)?;
        for schema in others {
            all.extend(projection::overview(schema.all()).await.map_err(failed)?);
        }
        Ok(all)
    }

    /// Looks at the state whenever a read model has moved, and now and then, as long as anybody
    /// watches: once for all of them.
    async fn watch(self) {
        let mut views: Vec<_> = self.models.iter().map(|(_, view)| view.clone()).collect();
        loop {
            let watched = self.states.receiver_count() > 0;
            if watched && let Ok(state) = self.statuses().await {
                self.states.send_if_modified(|before| {
                    let changed = *before != state;
                    *before = state;
                    changed
                });
            }
            let moved = select_all(views.iter_mut().map(|view| Box::pin(view.moved())));
            let _ = tokio::time::timeout(LOOK, moved).await;
            tokio::time::sleep(BURST).await;
        }
    }

    /// The schema that a read model or policy is in.
    pub(crate) async fn schema_of(&self, name: &str) -> Result<&Schema, Status> {
        for schema in &self.schemas {
            let all = projection::overview(schema.all()).await.map_err(failed)?;
            if all.iter().any(|one| one.name == name) {
                return Ok(schema);
            }
        }
        Err(unknown(name))
    }

    /// The log of a context.
    pub(crate) fn log_of(&self, context: &str) -> Option<&Log> {
        self.logs.iter().find(|(listed, _)| listed.name == context).map(|(_, log)| log)
    }

    async fn start(&self, name: &str, purpose: Purpose, who: &str) -> Result<(), Status> {
        let Some((model, _)) = self.models.iter().find(|(model, _)| model.name() == name) else {
            let schema = self.schema_of(name).await;
            return Err(schema.err().unwrap_or_else(|| control(name, ControlError::NoTables)));
        };
        let head = match self.log_of(model.context()) {
            Some(log) => log.head().await.map_err(|error| read_failed(&error))?,
            None => 0,
        };
        let [schema, ..] = &self.schemas;
        let pool = schema.owner();
        let started = projection::start_rebuild(pool, model.as_ref(), purpose, who, head).await;
        started.map_err(|error| control(name, error))
    }
}

fn state(one: Overview) -> pb::ProjectionStatus {
    let at = freshness(&one.checkpoint);
    pb::ProjectionStatus {
        name: one.name,
        context: one.context,
        position: at.position,
        event_time: at.event_time,
        applied_at: at.applied_at,
        version: one.version,
        paused: one.paused,
        problem: one.problem.unwrap_or_default(),
        parked: one.parked,
        retrying: one.retrying,
        held: one.held,
        rebuild: one.rebuild.map(rebuild),
        ..Default::default()
    }
}

fn rebuild(from: projection::Rebuild) -> pb::Rebuild {
    let outcome = match from.outcome.as_deref() {
        Some("switched") => pb::RebuildOutcome::Switched,
        Some("same") => pb::RebuildOutcome::Same,
        Some("different") => pb::RebuildOutcome::Different,
        Some("cancelled") => pb::RebuildOutcome::Cancelled,
        _ => pb::RebuildOutcome::Unspecified,
    };
    let tables = from.compared.into_iter().map(|one| pb::TableComparison {
        table: one.table,
        live_rows: one.live.rows,
        next_rows: one.next.rows,
        live_checksum: one.live.checksum,
        next_checksum: one.next.checksum,
    });
    pb::Rebuild {
        version: from.version,
        compare_only: from.compare_only,
        position: from.position,
        goal: from.goal,
        started_at: rfc3339(from.started_at),
        started_by: from.started_by,
        problem: from.problem.unwrap_or_default(),
        finished_at: from.finished_at.map(rfc3339).unwrap_or_default(),
        outcome: outcome.into(),
        tables: tables.collect(),
    }
}

fn unknown(name: &str) -> Status {
    status(
        Code::NotFound,
        "NO_SUCH_PROJECTION",
        &Text::new(
            format!("没有名为“{name}”的读模型"),
            format!("there is no read model {name}; see ListProjections"),
        ),
    )
}

/// Why something can not be done to a projection, as callers see it.
pub(crate) fn control(name: &str, error: ControlError) -> Status {
    let (code, reason, text) = match error {
        ControlError::Database(error) => return failed(error),
        ControlError::NotFound => (
            Code::NotFound,
            "NOTHING_THERE",
            Text::new(
                format!("“{name}”没有这样的事项，可能已处理完毕"),
                format!("{name} has no such thing; it may be done already"),
            ),
        ),
        ControlError::NoTables => (
            Code::FailedPrecondition,
            "NOT_REBUILT",
            Text::new(
                format!("“{name}”是策略，没有数据表；重建会重复发出指令"),
                format!("{name} is a policy: it has no tables, and commands are not sent again"),
            ),
        ),
        ControlError::UnderWay => (
            Code::FailedPrecondition,
            "REBUILD_UNDER_WAY",
            Text::new(
                format!("“{name}”正在重建；请等待完成，或先取消"),
                format!("{name} is being rebuilt; wait for it, or cancel it first"),
            ),
        ),
        ControlError::Held(position) => (
            Code::FailedPrecondition,
            "WAITS_BEHIND",
            Text::new(
                format!("该事件在等待同一对象的事件 {position}，请先处理它"),
                format!("the fact waits behind the one at {position}; see to that one first"),
            ),
        ),
    };
    status(code, reason, &text)
}

#[tonic::async_trait]
impl OperationsService for OperationsApi {
    async fn get_stream_status(
        &self,
        _: Request<pb::GetStreamStatusRequest>,
    ) -> Reply<pb::GetStreamStatusResponse> {
        let mut streams = Vec::with_capacity(self.logs.len());
        for (_, log) in &self.logs {
            streams.push(streams::state(log, &self.jetstream).await?);
        }
        Ok(Response::new(pb::GetStreamStatusResponse { streams }))
    }

    async fn reconcile_stream(
        &self,
        request: Request<pb::ReconcileStreamRequest>,
    ) -> Reply<pb::ReconcileStreamResponse> {
        let request = request.into_inner();
        let named = |context: &Context| context.stream().eq_ignore_ascii_case(&request.name);
        let Some((_, log)) = self.logs.iter().find(|(context, _)| named(context)) else {
            let known: Vec<_> = self.logs.iter().map(|(context, _)| context.stream()).collect();
            return Err(streams::unknown(&request.name, &known));
        };
        let done = streams::put_right(log, &self.operator, request.dry_run).await?;
        Ok(Response::new(done))
    }

    async fn list_projections(
        &self,
        _: Request<pb::ListProjectionsRequest>,
    ) -> Reply<pb::ListProjectionsResponse> {
        let projections = self.statuses().await?;
        Ok(Response::new(pb::ListProjectionsResponse { projections }))
    }

    type WatchProjectionsStream =
        Pin<Box<dyn Stream<Item = Result<pb::WatchProjectionsResponse, Status>> + Send>>;

    async fn watch_projections(
        &self,
        _: Request<pb::WatchProjectionsRequest>,
    ) -> Reply<Self::WatchProjectionsStream> {
        let later = WatchStream::from_changes(self.states.subscribe());
        let now = self.statuses().await?;
        let states = futures::stream::once(async { now }).chain(later);
        let told = states.map(|projections| Ok(pb::WatchProjectionsResponse { projections }));
        Ok(Response::new(Box::pin(told)))
    }

    async fn rebuild_projection(
        &self,
        request: Request<pb::RebuildProjectionRequest>,
    ) -> Reply<pb::RebuildProjectionResponse> {
        let who = caller(&request)?.user_id.clone();
        self.start(&request.into_inner().name, Purpose::Switch, &who).await?;
        Ok(Response::new(pb::RebuildProjectionResponse {}))
    }

    async fn compare_projection(
        &self,
        request: Request<pb::CompareProjectionRequest>,
    ) -> Reply<pb::CompareProjectionResponse> {
        let who = caller(&request)?.user_id.clone();
        self.start(&request.into_inner().name, Purpose::Compare, &who).await?;
        Ok(Response::new(pb::CompareProjectionResponse {}))
    }

    async fn cancel_rebuild(
        &self,
        request: Request<pb::CancelRebuildRequest>,
    ) -> Reply<pb::CancelRebuildResponse> {
        let who = caller(&request)?.user_id.clone();
        let name = request.into_inner().name;
        let pool = self.schema_of(&name).await?.owner();
        let done = projection::cancel_rebuild(pool, &name, &who).await;
        done.map_err(|error| control(&name, error))?;
        Ok(Response::new(pb::CancelRebuildResponse {}))
    }

    async fn pause_projection(
        &self,
        request: Request<pb::PauseProjectionRequest>,
    ) -> Reply<pb::PauseProjectionResponse> {
        let who = caller(&request)?.user_id.clone();
        let name = request.into_inner().name;
        let pool = self.schema_of(&name).await?.all();
        let done = projection::pause(pool, &name, &who).await;
        done.map_err(|error| control(&name, error))?;
        Ok(Response::new(pb::PauseProjectionResponse {}))
    }

    async fn resume_projection(
        &self,
        request: Request<pb::ResumeProjectionRequest>,
    ) -> Reply<pb::ResumeProjectionResponse> {
        let who = caller(&request)?.user_id.clone();
        let name = request.into_inner().name;
        let pool = self.schema_of(&name).await?.all();
        let done = projection::resume(pool, &name, &who).await;
        done.map_err(|error| control(&name, error))?;
        Ok(Response::new(pb::ResumeProjectionResponse {}))
    }

    async fn list_parked_facts(
        &self,
        request: Request<pb::ListParkedFactsRequest>,
    ) -> Reply<pb::ListParkedFactsResponse> {
        parked::list(self, request.into_inner()).await.map(Response::new)
    }

    async fn get_parked_fact(
        &self,
        request: Request<pb::GetParkedFactRequest>,
    ) -> Reply<pb::GetParkedFactResponse> {
        parked::get(self, request.into_inner()).await.map(Response::new)
    }

    async fn retry_parked_fact(
        &self,
        request: Request<pb::RetryParkedFactRequest>,
    ) -> Reply<pb::RetryParkedFactResponse> {
        let who = caller(&request)?.user_id.clone();
        parked::retry(self, &who, request.into_inner()).await.map(Response::new)
    }

    async fn skip_parked_fact(
        &self,
        request: Request<pb::SkipParkedFactRequest>,
    ) -> Reply<pb::SkipParkedFactResponse> {
        let who = caller(&request)?.user_id.clone();
        parked::skip(self, &who, request.into_inner()).await.map(Response::new)
    }
}
