//! A statement as it is printed.

use proto::order::v1::{
    DisputedPoint, FundsAccount, FundsEntry, FundsEntryKind, Statement, StatementAct,
    StatementStep, StatementSum,
};
use serde::Serialize;

use crate::client::{money, output};

#[derive(Serialize)]
pub(super) struct Shown {
    pub(super) statement_id: String,
    dealer_id: String,
    pub(super) dealer_name: String,
    pub(super) account: String,
    currency: String,
    from: String,
    until: String,
    pub(super) status: String,
    opening_minor: i64,
    opening_held_minor: i64,
    closing_minor: i64,
    closing_held_minor: i64,
    sums: Vec<Sum>,
    pub(super) line_count: u32,
    overdue_minor: i64,
    overdue_days: u32,
    digest: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    follows: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    replaces: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    replaced_by: String,
    after_position: u64,
    upto_position: u64,
    #[serde(skip_serializing_if = "String::is_empty")]
    waiting_since: String,
    waiting_days: u32,
    disputed: Vec<Point>,
    steps: Vec<Step>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<Vec<Line>>,
    version: u64,
}

#[derive(Serialize)]
struct Sum {
    kind: String,
    count: u32,
    change_minor: i64,
    held_change_minor: i64,
}

#[derive(Serialize)]
struct Point {
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<u64>,
    reason: String,
}

#[derive(Serialize)]
struct Step {
    act: String,
    by: String,
    at: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    text: String,
}

#[derive(Serialize)]
struct Line {
    position: u64,
    occurred_at: String,
    kind: String,
    change_minor: i64,
    held_change_minor: i64,
    balance_minor: i64,
    held_minor: i64,
    reference: String,
}

/// The words of a value of the contract, without what all of its kind begin with.
fn plain(name: &str, prefix: &str) -> String {
    name.trim_start_matches(prefix).to_lowercase().replace('_', "-")
}

fn kind(kind: FundsEntryKind) -> String {
    plain(kind.as_str_name(), "FUNDS_ENTRY_KIND_")
}

pub(super) fn account(account: FundsAccount) -> String {
    plain(account.as_str_name(), "FUNDS_ACCOUNT_")
}

impl Shown {
    pub(super) fn with_lines(mut self, lines: Vec<FundsEntry>) -> Self {
        self.lines = Some(lines.into_iter().map(Line::from).collect());
        self
    }

    fn amount(&self, minor: i64) -> String {
        money::format(minor, &self.currency)
    }

    pub(super) fn period(&self) -> String {
        format!("{} – {}", self.from, self.until)
    }

    pub(super) fn closing(&self) -> String {
        format!("{} {}", self.currency, self.amount(self.closing_minor))
    }

    /// For how long somebody is waited for.
    pub(super) fn waited(&self) -> String {
        if self.waiting_since.is_empty() {
            String::new()
        } else {
            format!("{} d", self.waiting_days)
        }
    }

    /// All of it, a line each.
    pub(super) fn sheet(&self) -> String {
        let overdue = match self.overdue_minor {
            0 => String::new(),
            late => format!("{}, {} days late", self.amount(late), self.overdue_days),
        };
        let lines = [
            ("statement", self.statement_id.clone()),
            ("dealer", format!("{} ({})", self.dealer_name, self.dealer_id)),
            ("account", format!("{} in {}", self.account, self.currency)),
            ("period", self.period()),
            ("status", self.status.clone()),
            ("waiting for", self.waited()),
            ("opening", self.amount(self.opening_minor)),
        ];
        let sums = self.sums.iter().map(|sum| {
            let name = format!("{} × {}", sum.kind, sum.count);
            let held = match sum.held_change_minor {
                0 => String::new(),
                held => format!(" (kept for orders: {})", self.amount(held)),
            };
            vec![name, format!("{}{held}", self.amount(sum.change_minor))]
        });
        let end = [
            ("closing", self.amount(self.closing_minor)),
            ("of it kept", self.amount(self.closing_held_minor)),
            ("overdue", overdue),
            ("lines", self.line_count.to_string()),
            ("replaces", self.replaces.clone()),
            ("replaced by", self.replaced_by.clone()),
            ("digest", self.digest.clone()),
        ];
        let told = |lines: Vec<(&str, String)>| {
            let told = lines.into_iter().filter(|(_, value)| !value.is_empty());
            told.map(|(name, value)| vec![name.to_owned(), value]).collect::<Vec<_>>()
        };
        let steps = self.steps.iter().map(|step| {
            let parts = [&step.at, &step.by, &step.text];
            let parts: Vec<&str> = parts.into_iter().map(String::as_str).collect();
            vec![step.act.clone(), parts.join(" · ").trim_end_matches(" · ").to_owned()]
        });
        let rows = told(lines.into()).into_iter().chain(sums).chain(told(end.into())).chain(steps);
        let sheet = output::lines(&output::table(&["what", ""], rows));
        match &self.lines {
            None => sheet,
            Some(lines) => format!("{sheet}\n\n{}", self.listed(lines)),
        }
    }

    fn listed(&self, lines: &[Line]) -> String {
        let rows = lines.iter().map(|line| {
            vec![
                line.position.to_string(),
                line.occurred_at.clone(),
                line.kind.clone(),
                self.amount(line.change_minor),
                self.amount(line.held_change_minor),
                self.amount(line.balance_minor),
                self.amount(line.held_minor),
                line.reference.clone(),
            ]
        });
        let columns =
            [">position", "at", "what", ">change", ">kept", ">balance", ">of it kept", ""];
        output::lines(&output::table(&columns, rows))
    }
}

impl From<Statement> for Shown {
    fn from(it: Statement) -> Self {
        let status = plain(it.status().as_str_name(), "STATEMENT_STATUS_");
        Self {
            account: account(it.account()),
            status,
            statement_id: it.statement_id,
            dealer_id: it.dealer_id,
            dealer_name: it.dealer_name,
            currency: it.currency_code,
            from: it.from_date,
            until: it.until_date,
            opening_minor: it.opening_minor,
            opening_held_minor: it.opening_held_minor,
            closing_minor: it.closing_minor,
            closing_held_minor: it.closing_held_minor,
            sums: it.sums.into_iter().map(Sum::from).collect(),
            line_count: it.line_count,
            overdue_minor: it.overdue_minor,
            overdue_days: it.overdue_days,
            digest: it.digest,
            follows: it.follows,
            replaces: it.replaces,
            replaced_by: it.replaced_by,
            after_position: it.after_position,
            upto_position: it.upto_position,
            waiting_since: it.waiting_since,
            waiting_days: it.waiting_days,
            disputed: it.disputed.into_iter().map(Point::from).collect(),
            steps: it.steps.into_iter().map(Step::from).collect(),
            lines: None,
            version: it.version,
        }
    }
}

impl From<StatementSum> for Sum {
    fn from(sum: StatementSum) -> Self {
        Self {
            kind: kind(sum.kind()),
            count: sum.count,
            change_minor: sum.change_minor,
            held_change_minor: sum.held_change_minor,
        }
    }
}

impl From<DisputedPoint> for Point {
    fn from(point: DisputedPoint) -> Self {
        Self { position: point.position, reason: point.reason }
    }
}

impl From<StatementStep> for Step {
    fn from(step: StatementStep) -> Self {
        let act: StatementAct = step.act();
        let act = plain(act.as_str_name(), "STATEMENT_ACT_");
        Self { act, by: step.actor_id, at: step.done_at, text: step.text }
    }
}

impl From<FundsEntry> for Line {
    fn from(entry: FundsEntry) -> Self {
        let kind = kind(entry.kind());
        let reference =
            if entry.order_id.is_empty() { entry.remittance_id } else { entry.order_id };
        Self {
            position: entry.position,
            occurred_at: entry.occurred_at,
            kind,
            change_minor: entry.change_minor,
            held_change_minor: entry.held_change_minor,
            balance_minor: entry.balance_minor.unwrap_or_default(),
            held_minor: entry.held_minor.unwrap_or_default(),
            reference,
        }
    }
}
