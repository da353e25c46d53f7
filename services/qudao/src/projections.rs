//! `qudao projections`: read models and policies, how far each has got, and what is done to them.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use proto::operations::v1::{
    CancelRebuildRequest, CompareProjectionRequest, ListProjectionsRequest, PauseProjectionRequest,
    ProjectionStatus, Rebuild, RebuildOutcome, RebuildProjectionRequest, ResumeProjectionRequest,
    WatchProjectionsRequest,
};
use serde::Serialize;

use crate::client::operator::Operator;
use crate::client::{Session, output};
use crate::stream::{Plain, number, operations};

#[derive(Subcommand)]
pub(crate) enum Projections {
    /// Read models and policies, and how far each has got
    List(Plain),
    /// The list again whenever one moves on, until interrupted
    Watch(Plain),
    /// Stop one until it is resumed
    Pause(One),
    /// Let it go on
    Resume(One),
    /// Fill a read model anew beside the one that is read, and put it in its place
    Rebuild(Fill),
    /// Fill a read model anew beside the one that is read, compare, and drop it
    Compare(Fill),
    /// Drop the tables that are being filled
    Cancel(One),
}

/// One read model or policy.
#[derive(Args)]
#[command(after_help = "Examples:
  qudao projections pause orders
  qudao projections resume orders")]
pub(crate) struct One {
    /// Name as in `qudao projections list`
    name: String,
    #[command(flatten)]
    plain: Plain,
    #[command(flatten)]
    operator: Operator,
}

#[derive(Args)]
#[command(after_help = "Queries go on answering from the old tables until the new ones are full.

Examples:
  qudao projections rebuild sales
  qudao projections compare orders --json
  qudao projections rebuild orders --no-wait")]
pub(crate) struct Fill {
    #[command(flatten)]
    one: One,
    /// Do not wait until it is done
    #[arg(long)]
    no_wait: bool,
}

#[derive(Serialize)]
struct ProjectionList {
    projections: Vec<ProjectionRow>,
}

#[derive(Serialize)]
struct ProjectionRow {
    name: String,
    context: String,
    version: u32,
    policy: bool,
    state: String,
    position: u64,
    log_position: u64,
    lag: u64,
    parked: u64,
    retrying: u64,
    held: u64,
    event_time: String,
    applied_at: String,
    problem: String,
    rebuild: Option<RebuildRow>,
}

#[derive(Serialize)]
struct RebuildRow {
    outcome: &'static str,
    position: u64,
    goal: u64,
    started_at: String,
    started_by: String,
    finished_at: String,
    problem: String,
    tables: Vec<TableRow>,
}

#[derive(Serialize)]
struct TableRow {
    table: String,
    same: bool,
    live_rows: u64,
    next_rows: u64,
    live_checksum: String,
    next_checksum: String,
}

impl From<ProjectionStatus> for ProjectionRow {
    fn from(from: ProjectionStatus) -> Self {
        Self {
            state: state(&from).to_owned(),
            lag: from.log_position.saturating_sub(from.position),
            name: from.name,
            context: from.context,
            version: from.version,
            policy: from.policy,
            position: from.position,
            log_position: from.log_position,
            parked: from.parked,
            retrying: from.retrying,
            held: from.held,
            event_time: from.event_time,
            applied_at: from.applied_at,
            problem: from.problem,
            rebuild: from.rebuild.map(Into::into),
        }
    }
}

impl From<Rebuild> for RebuildRow {
    fn from(from: Rebuild) -> Self {
        let tables = from.tables.iter().map(|one| TableRow {
            table: one.table.clone(),
            same: one.live_rows == one.next_rows && one.live_checksum == one.next_checksum,
            live_rows: one.live_rows,
            next_rows: one.next_rows,
            live_checksum: one.live_checksum.clone(),
            next_checksum: one.next_checksum.clone(),
        });
        Self {
            outcome: match from.outcome() {
                RebuildOutcome::Unspecified => "under way",
                RebuildOutcome::Switched => "switched",
                RebuildOutcome::Same => "same",
                RebuildOutcome::Different => "different",
                RebuildOutcome::Cancelled => "cancelled",
            },
            tables: tables.collect(),
            position: from.position,
            goal: from.goal,
            started_at: from.started_at,
            started_by: from.started_by,
            finished_at: from.finished_at,
            problem: from.problem,
        }
    }
}

/// What a person should know first.
fn state(row: &ProjectionStatus) -> &'static str {
    if !row.problem.is_empty() {
        "stuck"
    } else if row.paused {
        "paused"
    } else if row.rebuild.as_ref().is_some_and(|rebuild| rebuild.finished_at.is_empty()) {
        "rebuilding"
    } else if row.parked > 0 {
        "parked facts"
    } else {
        "runs"
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
            Self::Pause(one) => {
                let session = one.open().await?;
                let request = PauseProjectionRequest { name: one.name.clone() };
                operations(&session.operator).pause_projection(request).await?;
                one.show(&session.user).await?;
            }
            Self::Resume(one) => {
                let session = one.open().await?;
                let request = ResumeProjectionRequest { name: one.name.clone() };
                operations(&session.operator).resume_projection(request).await?;
                one.show(&session.user).await?;
            }
            Self::Cancel(one) => {
                let session = one.open().await?;
                let request = CancelRebuildRequest { name: one.name.clone() };
                operations(&session.operator).cancel_rebuild(request).await?;
                one.show(&session.user).await?;
            }
            Self::Rebuild(fill) => return fill.run(false).await,
            Self::Compare(fill) => return fill.run(true).await,
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
    let problems: Vec<_> = projections
        .iter()
        .flat_map(|row| {
            let rebuild = row.rebuild.as_ref().map_or("", |rebuild| &rebuild.problem);
            [row.problem.as_str(), rebuild].map(|problem| (row.name.clone(), problem.to_owned()))
        })
        .filter(|(_, problem)| !problem.is_empty())
        .collect();
    let rows = projections.into_iter().map(|row| {
        let figures = [row.position, row.log_position, row.lag, row.parked].map(number);
        let words = [row.name, row.context, row.state];
        words.into_iter().chain(figures).chain([row.applied_at]).collect()
    });
    let columns = [
        "projection",
        "context",
        "state",
        ">position",
        ">log position",
        ">lag",
        ">parked",
        "applied at",
    ];
    output::text(&output::lines(&output::table(&columns, rows)))?;
    for (name, problem) in problems {
        output::text(&format!("{name}: {problem}"))?;
    }
    Ok(())
}

/// Read models hold the rows of all brands, so no user of one may change how they are fed.
struct Sessions {
    user: Session,
    operator: Session,
}

impl One {
    async fn open(&self) -> anyhow::Result<Sessions> {
        let user = self.plain.open().await?.one_trace().with_deadline(None);
        let operator = user.clone().with_token(&self.operator.token()?)?;
        Ok(Sessions { user, operator })
    }

    async fn show(&self, session: &Session) -> anyhow::Result<()> {
        let mut projections = list(session).await?;
        projections.retain(|row| row.name == self.name);
        print(projections, self.plain.json)
    }
}

impl Fill {
    async fn run(&self, compare_only: bool) -> anyhow::Result<ExitCode> {
        let session = self.one.open().await?;
        let name = self.one.name.clone();
        if compare_only {
            let request = CompareProjectionRequest { name };
            operations(&session.operator).compare_projection(request).await?;
        } else {
            let request = RebuildProjectionRequest { name };
            operations(&session.operator).rebuild_projection(request).await?;
        }
        if self.no_wait {
            self.one.show(&session.user).await?;
            return Ok(ExitCode::SUCCESS);
        }
        let done = self.wait(&session.user, compare_only).await?;
        let cancelled = done.outcome == "cancelled";
        let different = done.tables.iter().any(|table| !table.same);
        if self.one.plain.json {
            output::json(&done)?;
        } else {
            report(&done)?;
        }
        // A comparison answers a question; a rebuild may well change something.
        let failed = cancelled || (compare_only && different);
        Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    /// Follows the new tables until they are read, or dropped.
    async fn wait(&self, session: &Session, compare_only: bool) -> anyhow::Result<RebuildRow> {
        let name = &self.one.name;
        let bar = output::bar(0, if compare_only { "comparing" } else { "rebuilding" });
        let request = WatchProjectionsRequest {};
        let mut states = operations(session).watch_projections(request).await?.into_inner();
        while let Some(state) = states.message().await? {
            let row = state.projections.into_iter().find(|row| row.name == *name);
            let row = row.with_context(|| format!("{name} is not among the read models"))?;
            let log_position = row.log_position;
            let Some(rebuild) = row.rebuild else { continue };
            bar.set_length(log_position.max(rebuild.goal));
            bar.set_position(rebuild.position);
            if !rebuild.problem.is_empty() {
                bar.set_message(format!("waits: {}", rebuild.problem));
            }
            if !rebuild.finished_at.is_empty() {
                bar.finish_and_clear();
                return Ok(rebuild.into());
            }
        }
        bail!("the server stopped telling about {name} before it was done")
    }
}

fn report(done: &RebuildRow) -> anyhow::Result<()> {
    output::text(&format!("{} at position {}", done.outcome, number(done.position)))?;
    if done.tables.is_empty() {
        return Ok(());
    }
    let rows = done.tables.iter().map(|one| {
        let same = if one.same { "same rows" } else { "DIFFERENT" };
        vec![one.table.clone(), number(one.live_rows), number(one.next_rows), same.to_owned()]
    });
    let columns = ["table", ">rows before", ">rows anew", "compared"];
    output::text(&output::lines(&output::table(&columns, rows)))
}
