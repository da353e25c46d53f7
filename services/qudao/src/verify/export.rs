//! Checks an export, far from the system that it came from.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, bail};
use proof::check::{Files, check as check_files};
use proof::export::{CHECKPOINT, EVENTS, LEAVES, MANIFEST, Manifest};
use proof::{Checkpoint, Kind, Problem, Report, Verifier};

use super::Checked;
use super::keys::Keys;
use crate::client::output;

pub(super) fn check(folder: &Path, keys: &Keys) -> anyhow::Result<Checked> {
    let started = Instant::now();
    let manifest = text(folder, MANIFEST)?;
    // The first line of the signed JSON says which log it is of; the key then says if it is true.
    let context = context(&manifest).unwrap_or_default();
    let Some(key) = keys.verifier(&context)? else {
        bail!("give the log's verifier key: --key (the auditor's copy of it, not the export's)");
    };
    let (report, checkpoints) = signed(folder, &manifest, &key)?;
    let took = started.elapsed();
    Ok(Checked { context, report, checkpoints, signatures_checked: true, took })
}

fn context(note: &str) -> Option<String> {
    let json: serde_json::Value = serde_json::from_str(note.lines().nth(1)?).ok()?;
    Some(json.get("context")?.as_str()?.to_owned())
}

/// The report, and the number of checkpoints compared. What is not signed by the key is a problem
/// of the export, not of the check.
fn signed(folder: &Path, manifest: &str, key: &Verifier) -> anyhow::Result<(Report, usize)> {
    let problem = |kind| {
        let problems = vec![Problem { position: 0, kind, through: None }];
        (Report { problems, ..Report::default() }, 0)
    };
    let Ok(manifest) = Manifest::open(manifest, key) else {
        return Ok(problem(Kind::FileChanged));
    };
    let note = text(folder, CHECKPOINT)?;
    let checkpoint = Checkpoint::open(&note, key);
    let size = manifest.checkpoint_size;
    let Some(checkpoint) = checkpoint.ok().filter(|checkpoint| checkpoint.size == size) else {
        return Ok(problem(Kind::CheckpointForged));
    };
    let events = File::open(folder.join(EVENTS)).context("the export has no events")?;
    let bar = output::bar(events.metadata()?.len(), "checking");
    let leaves = match manifest.complete {
        true => Some(File::open(folder.join(LEAVES)).context("the export has no leaves")?),
        false => None,
    };
    let files = Files {
        checkpoint,
        checkpoint_note: note,
        events: BufReader::with_capacity(1 << 20, events),
        leaves: leaves.map(BufReader::new),
    };
    let report = check_files(&manifest, files, &mut |bytes| bar.set_position(bytes));
    bar.finish_and_clear();
    Ok((report.context("the export can not be read")?, 1))
}

fn text(folder: &Path, name: &str) -> anyhow::Result<String> {
    let path = folder.join(name);
    std::fs::read_to_string(&path)
        .with_context(|| format!("{} is not an export: no {name}", folder.display()))
}
