//! `qudao stream`: logs and their copies.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use proto::operations::v1::GetStreamStatusRequest;
use proto::operations::v1::operations_service_client::OperationsServiceClient;
use serde::Serialize;

use crate::client::{Connection, Session, Wire, failure, money, output};

#[derive(Subcommand)]
pub(crate) enum Stream {
    /// Compare each log with its copy in JetStream
    Status(Plain),
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
}

impl Stream {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let Self::Status(plain) = self;
        let session = plain.open().await?;
        let streams = streams(&session).await?;
        if plain.json {
            output::json(&Streams { streams })?;
        } else {
            let rows = streams.into_iter().map(|row| {
                let behind = row.log_position.saturating_sub(row.stream_sequence);
                let figures = [row.log_position, row.stream_sequence, row.events, behind];
                std::iter::once(row.name).chain(figures.map(number)).collect()
            });
            let columns = ["stream", ">log position", ">stream sequence", ">events", ">behind"];
            output::text(&output::lines(&output::table(&columns, rows)))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn streams(session: &Session) -> anyhow::Result<Vec<StreamRow>> {
    let request = GetStreamStatusRequest {};
    let answer = operations(session).get_stream_status(request).await?.into_inner();
    Ok(answer
        .streams
        .into_iter()
        .map(|row| StreamRow {
            name: row.name,
            log_position: row.log_position,
            stream_sequence: row.stream_sequence,
            events: row.events,
        })
        .collect())
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
