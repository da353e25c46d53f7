//! How the machinery is doing: logs, streams, read models.

mod streams;

use std::pin::Pin;
use std::sync::Arc;

use async_nats::jetstream;
use futures::Stream;
use futures::future::select_all;
use kernel::Text;
use kernel::catalogue::Context;
use kernel::failure::{read_failed, status};
use kernel::log::Log;
use kernel::projection::{AnyProjection, Progress};
use kernel::rpc::Reply;
use proto::operations::v1 as pb;
use proto::operations::v1::operations_service_server::OperationsService;
use sqlx::PgPool;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Response, Status};

use crate::read::{failed, freshness};

/// The running machinery.
#[derive(Clone)]
pub(crate) struct OperationsApi {
    pub(crate) pool: PgPool,
    pub(crate) logs: Vec<(Context, Log)>,
    pub(crate) jetstream: jetstream::Context,
    pub(crate) projections: Vec<(Arc<dyn AnyProjection>, Progress)>,
}

impl OperationsApi {
    async fn statuses(&self) -> Result<Vec<pb::ProjectionStatus>, Status> {
        let mut heads = Vec::with_capacity(self.logs.len());
        for (context, log) in &self.logs {
            heads.push((context.name, log.head().await.map_err(|error| read_failed(&error))?));
        }
        let head_of = |context: &str| {
            heads.iter().find(|(name, _)| *name == context).map_or(0, |(_, head)| *head)
        };
        Ok(self
            .projections
            .iter()
            .map(|(_, progress)| {
                let at = freshness(&progress.now());
                pb::ProjectionStatus {
                    name: progress.name.to_owned(),
                    context: progress.context.to_owned(),
                    position: at.position,
                    event_time: at.event_time,
                    applied_at: at.applied_at,
                    log_position: head_of(progress.context),
                }
            })
            .collect())
    }

    /// Sends the state whenever a read model has moved, until the client goes away.
    async fn watch(self, states: Watchers) {
        let mut views: Vec<_> =
            self.projections.iter().map(|(_, progress)| progress.clone()).collect();
        loop {
            let state = self.statuses().await;
            let state = state.map(|projections| pb::WatchProjectionsResponse { projections });
            if states.send(state).await.is_err() {
                return;
            }
            let moved = select_all(views.iter_mut().map(|view| Box::pin(view.moved())));
            tokio::select! {
                () = states.closed() => return,
                _ = moved => (),
            }
            // Bursts are told once, not once an event.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
}

type Watchers = mpsc::Sender<Result<pb::WatchProjectionsResponse, Status>>;

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
        let done = streams::put_right(log, &self.jetstream, request.dry_run).await?;
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
        let (states, receiver) = mpsc::channel(4);
        tokio::spawn(self.clone().watch(states));
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }

    async fn rebuild_projection(
        &self,
        request: Request<pb::RebuildProjectionRequest>,
    ) -> Reply<pb::RebuildProjectionResponse> {
        let name = request.into_inner().name;
        let found = self.projections.iter().find(|(projection, _)| projection.name() == name);
        let Some((projection, progress)) = found else {
            return Err(status(
                Code::NotFound,
                "NO_SUCH_PROJECTION",
                &Text::new(
                    format!("没有名为“{name}”的读模型"),
                    format!("there is no read model {name}; see ListProjections"),
                ),
            ));
        };
        let projection = projection.as_ref();
        kernel::projection::reset(&self.pool, projection, progress).await.map_err(failed)?;
        Ok(Response::new(pb::RebuildProjectionResponse {}))
    }
}
