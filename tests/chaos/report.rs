//! What runs found: kept as JSON, so that a long suite can be run in pieces, and shown as a table.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::ROWS;
use super::row::{Outcome, Row, Run, Tier};

const BEGIN: &str = "<!-- measured: begin -->";
const END: &str = "<!-- measured: end -->";

/// One run of one row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// The row.
    pub id: String,
    /// Its seed.
    pub seed: u64,
    /// Its size.
    pub tier: Tier,
    /// How long it took.
    pub seconds: f64,
    /// When it began, RFC 3339.
    pub at: String,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

impl Entry {
    pub(super) fn of(row: &Row, run: Run, took: Duration, outcome: Outcome) -> Self {
        let at = kernel::clock::now() - took;
        Self {
            id: row.id.to_owned(),
            seed: run.seed,
            tier: run.tier,
            seconds: took.as_secs_f64(),
            at: at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            outcome,
        }
    }

    /// One line for people.
    pub fn line(&self) -> String {
        let Self { id, seed, seconds, .. } = self;
        format!("{id:<4} seed {seed:<6} {seconds:>6.1} s  {}", told(&self.outcome))
    }

    /// Whether something was found that must not be.
    pub fn failed(&self) -> bool {
        matches!(self.outcome, Outcome::Failed { .. })
    }
}

fn told(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Passed { figures } => {
            let figures: Vec<_> =
                figures.iter().map(|(name, value)| format!("{name} {value}")).collect();
            figures.join(", ")
        }
        Outcome::Skipped { why } => format!("skipped: {why}"),
        Outcome::Failed { violation } => format!("FAILED: {violation}"),
    }
}

/// The newest runs of each row.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Report(pub BTreeMap<String, Vec<Entry>>);

impl Report {
    /// What was kept in a file; nothing when there is none.
    ///
    /// # Errors
    /// When it can not be read.
    pub fn load(file: &Path) -> anyhow::Result<Self> {
        match std::fs::read(file) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", file.display())),
        }
    }

    /// Keeps it in a file.
    ///
    /// # Errors
    /// When it can not be written.
    pub fn save(&self, file: &Path) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(self)? + "\n";
        std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
    }

    /// Replaces what was known of a row.
    pub fn put(&mut self, id: &str, runs: Vec<Entry>) {
        self.0.insert(id.to_owned(), runs);
    }

    /// Puts the table between the two marks of a document.
    ///
    /// # Errors
    /// When the document can not be read or written, or has no marks.
    pub fn document(&self, file: &Path) -> anyhow::Result<()> {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        let parts = text.split_once(BEGIN).and_then(|(a, rest)| Some((a, rest.split_once(END)?.1)));
        let (before, after) =
            parts.with_context(|| format!("{} has no {BEGIN} … {END}", file.display()))?;
        let text = format!("{before}{BEGIN}\n{}\n{END}{after}", self.markdown());
        std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
    }

    fn markdown(&self) -> String {
        let mut text = String::from(
            "| row | what is broken | what must hold | runs: seeds | found | result |\n\
             |---|---|---|---|---|---|\n",
        );
        for row in ROWS {
            let runs = self.0.get(row.id).map(Vec::as_slice).unwrap_or_default();
            let seeds: Vec<_> = runs.iter().map(|entry| entry.seed.to_string()).collect();
            let found = runs.last().map(|entry| told(&entry.outcome)).unwrap_or_default();
            let result = match runs {
                [] => "not run",
                _ if runs.iter().any(Entry::failed) => "**failed**",
                [.., Entry { outcome: Outcome::Skipped { .. }, .. }] => "skipped",
                _ => "held",
            };
            text.push_str(&format!(
                "| {} | {} | {} | {}: {} | {found} | {result} |\n",
                row.id,
                row.fault,
                row.passes,
                runs.len(),
                seeds.join(" "),
            ));
        }
        text.push_str("\n### What shows that a check would notice\n\n");
        for row in ROWS {
            text.push_str(&format!("- {}: {}\n", row.id, row.control));
        }
        text
    }
}
