//! `qudao parked`: facts that could not be applied to a read model or acted on by a policy.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use proto::operations::v1::{
    GetParkedFactRequest, ListParkedFactsRequest, ParkedFact, ParkedState, RetryParkedFactRequest,
    SkipParkedFactRequest,
};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::client::operator::Operator;
use crate::client::{Session, output};
use crate::stream::{Plain, number, operations};

#[derive(Subcommand)]
pub(crate) enum Parked {
    /// Facts that could not be applied, and those that wait behind them
    List(List),
    /// One of them with its event as recorded
    Show(Fact),
    /// Try one once more
    Retry(Fact),
    /// Leave one out for good, saying why
    Skip(Skip),
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao parked list
  qudao parked list --projection orders --json")]
pub(crate) struct List {
    /// Of this read model or policy alone
    #[arg(long)]
    projection: Option<String>,
    #[command(flatten)]
    access: Access,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao parked show orders 4711
  qudao parked retry orders 4711")]
pub(crate) struct Fact {
    /// Name as in `qudao projections list`
    projection: String,
    /// Position as in `qudao parked list`
    position: u64,
    #[command(flatten)]
    access: Access,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao parked skip orders 4711 --reason 'tried out on the wrong brand, see ticket 88'")]
pub(crate) struct Skip {
    #[command(flatten)]
    fact: Fact,
    /// Why; kept with who and when
    #[arg(long)]
    reason: String,
}

/// Parked facts are of all brands, so only the operator sees them.
#[derive(Args)]
struct Access {
    #[command(flatten)]
    plain: Plain,
    #[command(flatten)]
    operator: Operator,
}

impl Access {
    async fn open(&self) -> anyhow::Result<Session> {
        self.plain.open().await?.one_trace().with_token(&self.operator.token()?)
    }
}

#[derive(Serialize)]
struct Rows {
    parked: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    projection: String,
    position: u64,
    state: &'static str,
    tries: u32,
    tenant: String,
    object: String,
    event: String,
    since: String,
    reason: String,
    rebuild: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<Box<RawValue>>,
}

impl From<ParkedFact> for Row {
    fn from(from: ParkedFact) -> Self {
        Self {
            state: match from.state() {
                ParkedState::Retrying => "retrying",
                ParkedState::Held => "held",
                ParkedState::Parked | ParkedState::Unspecified => "parked",
            },
            projection: from.projection,
            position: from.position,
            tries: from.tries,
            tenant: from.tenant_id,
            object: from.object,
            event: from.event_type,
            since: from.since,
            reason: from.reason,
            rebuild: from.rebuild,
            recorded_at: None,
            payload: None,
        }
    }
}

impl Parked {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::List(list) => list.run().await?,
            Self::Show(fact) => fact.show().await?,
            Self::Retry(fact) => {
                let session = fact.access.open().await?;
                let (projection, position) = (fact.projection.clone(), fact.position);
                let request = RetryParkedFactRequest { projection, position };
                operations(&session).retry_parked_fact(request).await?;
                fact.outcome(&session).await?;
            }
            Self::Skip(Skip { fact, reason }) => {
                let session = fact.access.open().await?;
                let (projection, position) = (fact.projection.clone(), fact.position);
                let request = SkipParkedFactRequest { projection, position, reason };
                operations(&session).skip_parked_fact(request).await?;
                fact.say("skipped")?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl List {
    async fn run(&self) -> anyhow::Result<()> {
        let session = self.access.open().await?;
        let projection = self.projection.clone().unwrap_or_default();
        let request = ListParkedFactsRequest { projection, limit: 0 };
        let facts = operations(&session).list_parked_facts(request).await?.into_inner().facts;
        let parked: Vec<Row> = facts.into_iter().map(Into::into).collect();
        if self.access.plain.json {
            return output::json(&Rows { parked });
        }
        if parked.is_empty() {
            return output::text("nothing is parked");
        }
        let rows = parked.into_iter().map(|row| {
            let tries = row.tries.to_string();
            let object = format!("{}/{}", row.tenant, row.object);
            let state = row.state.to_owned();
            vec![row.projection, number(row.position), state, tries, object, row.event, row.reason]
        });
        let columns = ["projection", ">position", "state", ">tries", "object", "event", "reason"];
        output::text(&output::lines(&output::table(&columns, rows)))
    }
}

impl Fact {
    async fn get(&self, session: &Session) -> Result<Row, tonic::Status> {
        let (projection, position) = (self.projection.clone(), self.position);
        let request = GetParkedFactRequest { projection, position };
        let answer = operations(session).get_parked_fact(request).await?.into_inner();
        Ok(Row {
            recorded_at: Some(answer.recorded_at),
            payload: Some(output::embed(&answer.payload_json)),
            ..answer.fact.unwrap_or_default().into()
        })
    }

    async fn show(&self) -> anyhow::Result<()> {
        let session = self.access.open().await?;
        let row = self.get(&session).await?;
        if self.access.plain.json {
            return output::json(&row);
        }
        let payload = row.payload.as_ref().map_or("", |payload| payload.get()).to_owned();
        let recorded_at = row.recorded_at.unwrap_or_default();
        let lines = [
            ("projection", row.projection),
            ("position", number(row.position)),
            ("object", format!("{}/{}", row.tenant, row.object)),
            ("event", row.event),
            ("recorded at", recorded_at),
            ("state", format!("{}, {} tries since {}", row.state, row.tries, row.since)),
            ("reason", row.reason),
            ("payload", payload),
        ];
        let rows = lines.into_iter().map(|(name, value)| vec![name.to_owned(), value]);
        output::text(&output::lines(&output::table(&["parked", ""], rows)))
    }

    /// Waits for the one try, and tells how it went.
    async fn outcome(&self, session: &Session) -> anyhow::Result<()> {
        let bar = output::bar(0, "trying");
        for _ in 0..150 {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            match self.get(session).await {
                Ok(row) if row.state == "retrying" => (),
                Ok(row) => {
                    bar.finish_and_clear();
                    anyhow::bail!("it can still not be applied: {}", row.reason);
                }
                Err(status) if status.code() == tonic::Code::NotFound => {
                    bar.finish_and_clear();
                    return self.say("applied");
                }
                Err(status) => return Err(status.into()),
            }
        }
        bar.finish_and_clear();
        anyhow::bail!("it was not tried within 30 seconds; is {} paused?", self.projection)
    }

    fn say(&self, done: &'static str) -> anyhow::Result<()> {
        #[derive(Serialize)]
        struct Done<'a> {
            projection: &'a str,
            position: u64,
            done: &'static str,
        }
        let (projection, position) = (self.projection.as_str(), self.position);
        if self.access.plain.json {
            return output::json(&Done { projection, position, done });
        }
        output::text(&format!("{projection}: the fact at {} is {done}", number(position)))
    }
}
