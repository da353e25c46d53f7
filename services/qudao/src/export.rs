//! `qudao export parquet`: a tenant's events as Parquet files, going on where the last run ended.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use archive::{Archive, Row};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use indicatif::ProgressBar;
use proto::history::v1::history_service_client::HistoryServiceClient;
use proto::history::v1::replay_events_response::Item;
use proto::history::v1::{Event, ReplayEndReason, ReplayEventsRequest};
use proto::operations::v1::GetStreamStatusRequest;
use proto::operations::v1::operations_service_client::OperationsServiceClient;
use serde::Serialize;
use tokio::time::sleep;
use tonic::Status;

use crate::client::operator::Reach;
use crate::client::{ANSWER_LIMIT, Connection, Session, failure, output, retry};

/// Events in a message of the server.
const BATCH: u32 = 1_000;
/// The logs that are exported.
const CONTEXTS: [&str; 3] = ["order", "partner", "collab"];

#[derive(Subcommand)]
pub(crate) enum Export {
    /// Events as Parquet files by tenant, day and type
    Parquet(Box<Parquet>),
}

impl Export {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Parquet(parquet) => parquet.run().await,
        }
    }
}

#[derive(Args)]
#[command(
    after_help = "Run it every day: it adds what is new since the last run. A run that is killed leaves
nothing half done. manifest.json names every file with its SHA-256, rows and positions.

Examples:
  qudao export parquet --dir /data/events
  qudao export parquet --dir /data/events --to-time 2026-11-24T00:00:00Z --json
  qudao export parquet --dir /data/everybody --all-tenants
  qudao export parquet --dir /data/events --check
  duckdb -c \"SELECT event_type, count(*) FROM '/data/events/**/*.parquet' GROUP BY 1\""
)]
pub(crate) struct Parquet {
    /// Folder of the files; made when it is not there
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Only events recorded before this time, RFC 3339 [default: all there are]
    #[arg(long, value_name = "TIME")]
    to_time: Option<String>,
    /// Add nothing; compare every file with the manifest
    #[arg(long)]
    check: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reach: Reach,
    #[command(flatten)]
    connection: Connection,
}

/// What a run did.
#[derive(Serialize)]
struct Done {
    new_files: usize,
    new_events: u64,
    files: usize,
    events: u64,
    last_positions: std::collections::BTreeMap<String, u64>,
}

impl Parquet {
    async fn run(self) -> anyhow::Result<ExitCode> {
        failure::tell_as_json(self.json);
        // An export lasts as long as the log is long; keep-alive notices a dead server.
        let session = self.reach.open(&self.connection).await?.one_trace().with_deadline(None);
        let scope = match self.reach.all_tenants {
            true => "*".to_owned(),
            false => session.user().await?.tenant_id,
        };
        let mut run = Run {
            archive: Archive::open(&self.dir, &scope)?,
            session,
            to_time: self.to_time.clone().unwrap_or_default(),
            bar: ProgressBar::hidden(),
            walked: 0,
            new_files: 0,
            new_events: 0,
        };
        if self.check {
            run.archive.check()?;
        } else {
            run.bar = output::bar(run.ahead().await?, "exporting");
            for context in CONTEXTS {
                run.context(context).await?;
            }
        }
        run.bar.finish_and_clear();
        self.tell(&run)?;
        Ok(ExitCode::SUCCESS)
    }

    fn tell(&self, run: &Run) -> anyhow::Result<()> {
        let manifest = run.archive.manifest();
        let done = Done {
            new_files: run.new_files,
            new_events: run.new_events,
            files: manifest.files.len(),
            events: manifest.files.iter().map(|file| file.rows).sum(),
            last_positions: manifest.reached.clone(),
        };
        if self.json {
            return output::json(&done);
        }
        let Done { new_files, new_events, files, events, .. } = done;
        output::text(&match self.check {
            true => format!("{files} files with {events} events, all as the manifest says"),
            false => format!(
                "{new_events} events in {new_files} new files; {files} files with {events} events \
                 in {}",
                self.dir.display()
            ),
        })
    }
}

/// An export under way.
struct Run {
    archive: Archive,
    session: Session,
    to_time: String,
    bar: ProgressBar,
    /// Positions of all logs that were read.
    walked: u64,
    new_files: usize,
    new_events: u64,
}

impl Run {
    /// Positions of all logs that are not in the archive yet.
    async fn ahead(&self) -> anyhow::Result<u64> {
        let mut operations = OperationsServiceClient::new(self.session.wire());
        let status = operations.get_stream_status(GetStreamStatusRequest {}).await?;
        let streams = status.into_inner().streams;
        let reached = |name: &str| self.archive.manifest().last_position(&name.to_lowercase());
        let ahead = streams.iter().map(|one| one.log_position.saturating_sub(reached(&one.name)));
        Ok(ahead.sum())
    }

    /// Adds what is new in a context's log, whatever breaks on the way.
    async fn context(&mut self, context: &str) -> anyhow::Result<()> {
        let mut next = self.archive.manifest().last_position(context) + 1;
        loop {
            let from = next;
            match self.once(context, &mut next).await {
                Ok(ReplayEndReason::Complete) => return Ok(()),
                Ok(ReplayEndReason::Stopping | ReplayEndReason::Unspecified) => (),
                Err(error) if next > from && passing(&error) => (),
                Err(error) => return Err(error),
            }
            sleep(std::time::Duration::from_secs(1)).await;
        }
    }

    /// One replay; `next` is the position after the last event that was added.
    async fn once(&mut self, context: &str, next: &mut u64) -> anyhow::Result<ReplayEndReason> {
        let mut messages = retry::until_answered(&[], async || {
            let request = ReplayEventsRequest {
                context: context.to_owned(),
                from_position: *next,
                to_time: self.to_time.clone(),
                batch: BATCH,
                ..Default::default()
            };
            HistoryServiceClient::new(self.session.wire())
                .max_decoding_message_size(ANSWER_LIMIT)
                .replay_events(request)
                .await
        })
        .await?
        .into_inner();
        while let Some(message) = messages.message().await? {
            match message.item {
                Some(Item::Events(batch)) => {
                    for event in batch.events {
                        self.walked += event.position + 1 - *next;
                        *next = event.position + 1;
                        self.new_events += 1;
                        self.archive.add(row(event)?);
                    }
                    if self.archive.is_full() {
                        self.new_files += self.archive.commit(context, *next - 1)?;
                    }
                    self.bar.set_position(self.walked);
                }
                Some(Item::End(end)) => {
                    let reason = end.reason();
                    if reason == ReplayEndReason::Complete {
                        self.new_files += self.archive.commit(context, end.last_position)?;
                    }
                    return Ok(reason);
                }
                Some(Item::Event(_) | Item::Progress(_)) | None => {}
            }
        }
        bail!("the stream ended without its end marker; run the export again")
    }
}

fn passing(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Status>().is_some_and(retry::is_passing)
}

fn row(event: Event) -> anyhow::Result<Row> {
    let recorded_at = DateTime::parse_from_rfc3339(&event.recorded_at)
        .with_context(|| format!("event {} has no readable time", event.position))?;
    let origin = event.origin.unwrap_or_default();
    Ok(Row {
        position: event.position,
        event_id: event.event_id,
        tenant: event.tenant,
        context: event.context,
        aggregate: event.aggregate,
        object_id: event.object_id,
        version: event.version,
        event_type: event.event_type,
        event_version: event.event_version,
        recorded_at: recorded_at.with_timezone(&Utc),
        actor_id: origin.actor_id,
        actor_name: origin.actor_name,
        correlation_id: origin.correlation_id,
        causation_id: origin.causation_id,
        request_id: origin.request_id,
        traceparent: Some(origin.traceparent).filter(|parent| !parent.is_empty()),
        payload: event.payload_json,
    })
}
