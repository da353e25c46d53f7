//! `qudao stream` and `qudao projections`: how the machinery is doing.

mod reconcile;

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use proto::operations::v1::operations_service_client::OperationsServiceClient;
use proto::operations::v1::{
    GetStreamStatusRequest, ListProjectionsRequest, ProjectionStatus, RebuildProjectionRequest,
    StreamStatus, WatchProjectionsRequest,
};
use serde::Serialize;

use crate::client::operator::Operator;
use crate::client::{Connection, Session, Wire, failure, money, output};

#[derive(Subcommand)]
pub(crate) enum Stream {
    /// Compare each log with its copy in JetStream
    Status(Plain),
    /// Fill a stream again that is not its log's copy, putting aside what the log does not have
    Reconcile(reconcile::Reconcile),
}

/// A command without arguments of its own.
#[derive(Args)]
#[command(after_help = "Examples:
  qudao stream status
  qudao stream status --json | jq '.streams[].log_position'
  qudao projections list")]
pub(crate) struct Plain {
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

impl Plain {
    async fn open(&self) -> anyhow::Result<Session> {
        failure::tell_as_json(self.json);
        self.connection.open().await
    }
}

#[derive(Serialize)]
struct Streams {
    streams: Vec<StreamRow>,
}

#[derive(Serialize)]
struct StreamRow {
    name: String,
    log_position: u64,
    stream_sequence: u64,
    events: u64,
    #[serde(skip_serializing_if = "String::is_empty")]
    problem: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    problem_zh: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    problem_en: String,
}

impl From<StreamStatus> for StreamRow {
    fn from(from: StreamStatus) -> Self {
        Self {
            name: from.name,
            log_position: from.log_position,
            stream_sequence: from.stream_sequence,
            events: from.events,
            problem: from.problem,
            problem_zh: from.problem_zh,
            problem_en: from.problem_en,
        }
    }
}

impl Stream {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let plain = match self {
            Self::Status(plain) => plain,
            Self::Reconcile(reconcile) => return reconcile.run().await,
        };
        let session = plain.open().await?;
        let streams = streams(&session).await?;
        if plain.json {
            output::json(&Streams { streams })?;
        } else {
            let rows = streams.iter().map(|row| {
                let behind = row.log_position.saturating_sub(row.stream_sequence);
                let figures = [row.log_position, row.stream_sequence, row.events, behind];
                let figures = figures.map(number);
                let named = std::iter::once(row.name.clone());
                named.chain(figures).chain([row.problem.clone()]).collect()
            });
            let columns =
                ["stream", ">log position", ">stream sequence", ">events", ">behind", "problem"];
            output::text(&output::lines(&output::table(&columns, rows)))?;
            for row in streams.iter().filter(|row| !row.problem.is_empty()) {
                output::text(&format!("{}: {}\n", row.name, output::red(&row.problem_zh)))?;
                output::text(&format!("{}: {}\n", row.name, row.problem_en))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn streams(session: &Session) -> anyhow::Result<Vec<StreamRow>> {
    let request = GetStreamStatusRequest {};
    let answer = operations(session).get_stream_status(request).await?.into_inner();
    Ok(answer.streams.into_iter().map(StreamRow::from).collect())
}

/// Last position of the log behind a stream, such as `ORDER`.
pub(crate) async fn log_position(session: &Session, stream: &str) -> anyhow::Result<u64> {
    let streams = streams(session).await?;
    let row = streams.into_iter().find(|row| row.name.eq_ignore_ascii_case(stream));
    Ok(row.with_context(|| format!("the server knows no stream {stream}"))?.log_position)
}

fn operations(session: &Session) -> OperationsServiceClient<Wire> {
    OperationsServiceClient::new(session.wire())
}

fn number(number: u64) -> String {
    i64::try_from(number).map_or_else(|_| number.to_string(), money::count)
}

#[derive(Subcommand)]
pub(crate) enum Projections {
    /// Read models and how far each has got
    List(Plain),
    /// Empty a read model and fill it again from the stream
    Rebuild(Rebuild),
    /// The list again whenever a read model moves on, until interrupted
    Watch(Plain),
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao projections rebuild sales
  qudao projections rebuild orders --no-wait --json")]
pub(crate) struct Rebuild {
    /// Name as in `qudao projections list`
    name: String,
    /// Do not wait until it has caught up
    #[arg(long)]
    no_wait: bool,
    #[command(flatten)]
    plain: Plain,
    #[command(flatten)]
    operator: Operator,
}

#[derive(Serialize)]
struct ProjectionList {
    projections: Vec<ProjectionRow>,
}

#[derive(Serialize)]
struct ProjectionRow {
    name: String,
    context: String,
    position: u64,
    log_position: u64,
    lag: u64,
    event_time: String,
    applied_at: String,
}

impl From<ProjectionStatus> for ProjectionRow {
    fn from(from: ProjectionStatus) -> Self {
        Self {
            lag: from.log_position.saturating_sub(from.position),
            name: from.name,
            context: from.context,
            position: from.position,
            log_position: from.log_position,
            event_time: from.event_time,
            applied_at: from.applied_at,
        }
    }
}

impl Projections {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::List(plain) => {
                let session = plain.open().await?;
                print(list(&session).await?, plain.json)?;
            }
            Self::Watch(plain) => {
                let session = plain.open().await?.with_deadline(None);
                let request = WatchProjectionsRequest {};
                let mut states =
                    operations(&session).watch_projections(request).await?.into_inner();
                while let Some(state) = states.message().await? {
                    print(state.projections, plain.json)?;
                }
            }
            Self::Rebuild(rebuild) => rebuild.run().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn list(session: &Session) -> anyhow::Result<Vec<ProjectionStatus>> {
    let request = ListProjectionsRequest {};
    Ok(operations(session).list_projections(request).await?.into_inner().projections)
}

fn print(projections: Vec<ProjectionStatus>, json: bool) -> anyhow::Result<()> {
    let projections: Vec<ProjectionRow> = projections.into_iter().map(Into::into).collect();
    if json {
        return output::json(&ProjectionList { projections });
    }
    let rows = projections.into_iter().map(|row| {
        let figures = [row.position, row.log_position, row.lag].map(number);
        [row.name, row.context].into_iter().chain(figures).chain([row.applied_at]).collect()
    });
    let columns = ["projection", "context", ">position", ">log position", ">lag", "applied at"];
    output::text(&output::lines(&output::table(&columns, rows)))
}

impl Rebuild {
    async fn run(self) -> anyhow::Result<()> {
        let session = self.plain.open().await?.one_trace().with_deadline(None);
        let request = RebuildProjectionRequest { name: self.name.clone() };
        // Read models hold the rows of all brands, so no user of one may empty them.
        let operator = session.clone().with_token(&self.operator.token()?)?;
        operations(&operator).rebuild_projection(request).await?;
        if !self.no_wait {
            self.wait(&session).await?;
        }
        let mut projections = list(&session).await?;
        projections.retain(|row| row.name == self.name);
        print(projections, self.plain.json)
    }

    /// Follows the read model up to where the log ended when we came.
    async fn wait(&self, session: &Session) -> anyhow::Result<()> {
        let bar = output::bar(0, "rebuilding");
        let mut goal = None;
        let request = WatchProjectionsRequest {};
        let mut states = operations(session).watch_projections(request).await?.into_inner();
        while let Some(state) = states.message().await? {
            let row = state.projections.into_iter().find(|row| row.name == self.name);
            let row = row.with_context(|| format!("{} is not among the read models", self.name))?;
            let goal = *goal.get_or_insert(row.log_position);
            bar.set_length(goal);
            bar.set_position(row.position);
            if row.position >= goal {
                bar.finish_and_clear();
                return Ok(());
            }
        }
        bail!("the server stopped telling about {} before it had caught up", self.name)
    }
}
