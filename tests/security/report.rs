//! What rows found: kept as JSON, shown as tables.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use comfy_table::{ContentArrangement, Table};
use serde::{Deserialize, Serialize};

use super::ROWS;
use super::row::{Found, Row, Run};
use super::stage::Stage;

const BEGIN: &str = "<!-- measured: begin -->";
const END: &str = "<!-- measured: end -->";

/// One run of one row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// The row.
    pub id: String,
    /// Its seed.
    pub seed: u64,
    /// How long it took.
    pub seconds: f64,
    /// When it began, RFC 3339.
    pub at: String,
    /// What it found.
    #[serde(flatten)]
    pub found: Found,
}

/// Runs a row on a system of its own. What panics in it is something that went wrong.
pub async fn once(row: &'static Row, run: Run) -> Entry {
    let (began, started) = (kernel::clock::now(), Instant::now());
    let here = tokio::runtime::Handle::current();
    let attack = tokio::task::spawn_blocking(move || {
        here.block_on(async {
            let stage = Stage::start(row.environment).await;
            (row.run)(&stage, run).await
        })
    });
    let found = match attack.await {
        Ok(found) => found,
        Err(error) => {
            let said = error.try_into_panic().map_or_else(|error| error.to_string(), said);
            Found { attempts: 1, wrong: vec![said], ..Found::default() }
        }
    };
    Entry {
        id: row.id.to_owned(),
        seed: run.seed,
        seconds: started.elapsed().as_secs_f64(),
        at: began.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        found,
    }
}

fn said(panic: Box<dyn Any + Send>) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}

/// The newest run of each row.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Report(pub BTreeMap<String, Entry>);

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

    /// Keeps a run, in the place of the one before.
    pub fn put(&mut self, entry: Entry) {
        self.0.insert(entry.id.clone(), entry);
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
            "| row | what is done | what must come of it | rpcs | attempts | as it should be | \
             found | result |\n|---|---|---|---|---|---|---|---|\n",
        );
        for row in ROWS {
            let Some(Entry { found, .. }) = self.0.get(row.id) else {
                let (id, attack, passes) = (row.id, row.attack, row.passes);
                text.push_str(&format!("| {id} | {attack} | {passes} | | | | | not run |\n"));
                continue;
            };
            text.push_str(&format!(
                "| {} | {} | {} | {} | {} | {} | {} | {} |\n",
                row.id,
                row.attack,
                row.passes,
                found.rpcs.len(),
                found.attempts,
                found.as_should,
                figures(found),
                if found.holds() { "held" } else { "**failed**" },
            ));
        }
        let every: Vec<_> = self.0.values().collect();
        text.push_str(&format!("\n{}\n", line(&every)));
        text.push_str("\n### What shows that a row would notice\n\n");
        for row in ROWS {
            text.push_str(&format!("- {}: {}\n", row.id, row.control));
        }
        text
    }
}

fn figures(found: &Found) -> String {
    let figures = found.figures.iter().map(|(name, value)| format!("{name} {value}"));
    figures.collect::<Vec<_>>().join(", ")
}

/// The runs as a table for a screen.
pub fn table(entries: &[Entry]) -> Table {
    let mut table = Table::new();
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["row", "rpcs", "attempts", "as it should be", "seconds", "found"]);
    for Entry { id, seconds, found, .. } in entries {
        let mut told = figures(found);
        for wrong in &found.wrong {
            told.push_str(&format!("\nWRONG: {wrong}"));
        }
        table.add_row([
            id.clone(),
            found.rpcs.len().to_string(),
            found.attempts.to_string(),
            found.as_should.to_string(),
            format!("{seconds:.1}"),
            told,
        ]);
    }
    table
}

/// What all runs come to, in a line.
pub fn line(entries: &[&Entry]) -> String {
    let rpcs: BTreeSet<_> = entries.iter().flat_map(|entry| &entry.found.rpcs).collect();
    let sum = |of: fn(&Found) -> u64| entries.iter().map(|entry| of(&entry.found)).sum::<u64>();
    let (attempts, as_should) = (sum(|found| found.attempts), sum(|found| found.as_should));
    format!("{} rpcs × {attempts} attempts, {as_should} refused as they should be", rpcs.len())
}
