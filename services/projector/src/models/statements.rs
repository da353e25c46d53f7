//! Statements of account.

use kernel::Recorded;
use kernel::projection::{Db, ProjectError, Projection, Table};
use order::statement::{Made, Statement, StatementEvent, StatementStatus};
use proto::order::v1 as pb;
use serde_json::{Value, json};

kernel::facts!(
    pub(crate) enum Stated {
        Statement(Statement),
    }
);

const STATEMENTS: Table = Table { name: "statements", key: &["tenant_id", "statement_id"] };
const STEPS: Table =
    Table { name: "statement_steps", key: &["tenant_id", "statement_id", "version"] };

pub(crate) struct Statements;

impl Projection for Statements {
    const NAME: &'static str = "statements";
    const CONTEXT: &'static str = "order";
    const TABLES: &'static [&'static Table] = &[&STATEMENTS, &STEPS];
    const SCHEMA: &'static str = include_str!("statements.sql");
    type Facts = Stated;

    async fn project(
        &self,
        db: &mut Db<'_>,
        recorded: &Recorded,
        Stated::Statement(event): Stated,
    ) -> Result<(), ProjectError> {
        use pb::StatementAct as Act;
        let mut row = row(recorded, event.status());
        let (act, text) = match event {
            StatementEvent::StatementMade(made) => {
                db.insert(&STATEMENTS, begun(row, recorded, &made))?;
                return db.insert(&STEPS, step(recorded, Act::Made, String::new()));
            }
            StatementEvent::StatementSent { .. } => (Act::Sent, String::new()),
            StatementEvent::StatementDiscarded { reason, .. } => (Act::Discarded, reason),
            StatementEvent::StatementAgreed { .. } => (Act::Agreed, String::new()),
            StatementEvent::StatementDisputed { points, .. } => {
                let text: Vec<&str> = points.iter().map(|point| point.reason.as_str()).collect();
                let text = text.join("\n");
                row["disputed"] = json!(points);
                (Act::Disputed, text)
            }
            StatementEvent::DisputeRejected { answer, .. } => (Act::Rejected, answer),
            StatementEvent::DisputeAccepted { answer, .. } => (Act::Accepted, answer),
            StatementEvent::StatementReplaced { by, reason, .. } => {
                row["replaced_by"] = json!(by);
                (Act::Replaced, reason)
            }
        };
        db.update(&STATEMENTS, row)?;
        db.insert(&STEPS, step(recorded, act, text))
    }
}

fn row(recorded: &Recorded, status: StatementStatus) -> Value {
    let waiting = match status {
        StatementStatus::Sent | StatementStatus::Disputed | StatementStatus::Correcting => {
            Some(recorded.recorded_at)
        }
        StatementStatus::Draft
        | StatementStatus::Agreed
        | StatementStatus::Replaced
        | StatementStatus::Discarded => None,
    };
    json!({
        "tenant_id": recorded.tenant,
        "statement_id": recorded.object_id,
        "status": i32::from(pb::StatementStatus::from(status)),
        "waiting_since": waiting,
        "version": recorded.version,
    })
}

fn begun(mut row: Value, recorded: &Recorded, made: &Made) -> Value {
    let columns = json!({
        "dealer_id": made.dealer_id,
        "account": i32::from(pb::FundsAccount::from(made.account)),
        "currency_code": made.currency,
        "from_date": made.from,
        "until_date": made.until,
        "opening_minor": made.opening.balance_minor.0,
        "opening_held_minor": made.opening.held_minor.0,
        "closing_minor": made.closing.balance_minor.0,
        "closing_held_minor": made.closing.held_minor.0,
        "sums": made.sums,
        "line_count": made.line_count,
        "overdue_minor": made.overdue_minor.0,
        "overdue_days": made.overdue_days,
        "digest": made.digest,
        "follows": made.follows.as_ref().map(AsRef::<str>::as_ref).unwrap_or_default(),
        "replaces": made.replaces.as_ref().map(AsRef::<str>::as_ref).unwrap_or_default(),
        "after_position": made.after_position,
        "upto_position": made.upto_position,
        "made_at": recorded.recorded_at,
    });
    if let (Value::Object(row), Value::Object(columns)) = (&mut row, columns) {
        row.extend(columns);
    }
    row
}

fn step(recorded: &Recorded, act: pb::StatementAct, text: String) -> Value {
    json!({
        "tenant_id": recorded.tenant,
        "statement_id": recorded.object_id,
        "version": recorded.version,
        "act": i32::from(act),
        "actor_id": recorded.metadata.actor_id,
        "done_at": recorded.recorded_at,
        "text": text,
    })
}
