//! `qudao stream`: logs and their copies.

mod reconcile;

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use proto::operations::v1::GetStreamStatusRequest;
use proto::operations::v1::StreamStatus;
use proto::operations::v1::operations_service_client::OperationsServiceClient;
use serde::Serialize;

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
    pub(crate) json: bool,
    #[command(flatten)]
    connection: Connection,
}

impl Plain {
    pub(crate) async fn open(&self) -> anyhow::Result<Session> {
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

pub(crate) fn operations(session: &Session) -> OperationsServiceClient<Wire> {
    OperationsServiceClient::new(session.wire())
}

pub(crate) fn number(number: u64) -> String {
    i64::try_from(number).map_or_else(|_| number.to_string(), money::count)
}
