//! `qudao stream reconcile`: fills a stream again that is not a copy of its log.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use proto::operations::v1::{ReconcileStreamRequest, ReconcileStreamResponse};
use serde::Serialize;

use super::{Plain, StreamRow, number, operations, streams};
use crate::client::operator::Operator;
use crate::client::{Session, output};

#[derive(Args)]
#[command(after_help = "Examples:
  qudao stream reconcile ORDER --dry-run
  qudao stream reconcile ORDER
  qudao stream reconcile ORDER --no-wait --json")]
pub(crate) struct Reconcile {
    /// Name as in `qudao stream status`
    name: String,
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
    /// Do not wait until the stream is filled
    #[arg(long)]
    no_wait: bool,
    #[command(flatten)]
    plain: Plain,
    #[command(flatten)]
    operator: Operator,
}

#[derive(Serialize)]
struct Outcome {
    found: StreamRow,
    foreign_from: u64,
    foreign_events: u64,
    put_aside: String,
    deleted: bool,
}

impl Outcome {
    fn of(answer: ReconcileStreamResponse) -> anyhow::Result<Self> {
        Ok(Self {
            found: answer.found.context("the server did not say what it found")?.into(),
            foreign_from: answer.foreign_from,
            foreign_events: answer.foreign_events,
            put_aside: answer.put_aside,
            deleted: answer.deleted,
        })
    }

    fn lines(&self) -> String {
        let Self { found, foreign_from, foreign_events, put_aside, deleted } = self;
        let name = &found.name;
        if found.problem.is_empty() {
            return format!("{name}: nothing to do, it is the copy of its log\n");
        }
        let mut lines = format!("{name}: {}\n{name}: {}\n", found.problem_zh, found.problem_en);
        if *foreign_events > 0 {
            let events = number(*foreign_events);
            lines.push_str(&format!(
                "{name}: {events} events from sequence {foreign_from} on are not in the log\n"
            ));
        }
        if !put_aside.is_empty() {
            lines.push_str(&format!("{name}: they are kept in the stream {put_aside}\n"));
        }
        lines.push_str(match deleted {
            true => "The stream was deleted; the relay fills it from the log.\n",
            false => "Nothing was changed.\n",
        });
        lines
    }
}

impl Reconcile {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let session = self.plain.open().await?.one_trace().with_deadline(None);
        // A stream holds the events of all brands, so no user of one may delete it.
        let operator = session.clone().with_token(&self.operator.token()?)?;
        let request = ReconcileStreamRequest { name: self.name.clone(), dry_run: self.dry_run };
        let answer = operations(&operator).reconcile_stream(request).await?.into_inner();
        let outcome = Outcome::of(answer)?;
        if outcome.deleted && !self.no_wait {
            wait(&session, &outcome.found).await?;
        }
        if self.plain.json {
            output::json(&outcome)?;
        } else {
            output::text(&outcome.lines())?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Follows the stream up to where its log ended when we came.
async fn wait(session: &Session, from: &StreamRow) -> anyhow::Result<()> {
    let bar = output::bar(from.log_position, "filling");
    loop {
        let rows = streams(session).await?;
        let now = rows.into_iter().find(|row| row.name == from.name);
        let now = now.with_context(|| format!("the server no longer knows {}", from.name))?;
        bar.set_position(now.stream_sequence);
        if now.stream_sequence >= from.log_position && now.problem.is_empty() {
            bar.finish_and_clear();
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
