//! Checks logs where they are stored.

use std::time::Instant;

use anyhow::{Context as _, bail};
use kernel::proofs::{Proofs, Verification};
use proof::{Checkpoint, Verifier};

use super::{Checked, Verify};
use crate::client::{endpoints, output};

/// Strips that are read beside each other; each has a connection for its rows and one for the
/// tree.
const PARALLEL: usize = 4;

pub(super) async fn check(args: &Verify) -> anyhow::Result<Vec<Checked>> {
    let url = database(args.database_url.as_deref())?;
    let known = crate::serve::contexts();
    for wanted in &args.contexts {
        if !known.contains(&wanted.as_str()) {
            bail!("there is no log {wanted}; there are {}", known.join(", "));
        }
    }
    let wanted = |name: &&str| args.contexts.is_empty() || args.contexts.iter().any(|c| c == name);
    let mut kept = Vec::with_capacity(args.checkpoints.len());
    for file in &args.checkpoints {
        let note = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        kept.push(note);
    }
    let mut checked = Vec::new();
    for context in known.into_iter().filter(wanted) {
        let key = args.keys.verifier(context)?;
        checked.push(one(&url, context, key.as_ref(), &kept).await?);
    }
    Ok(checked)
}

/// The database asked for, else that of a local system.
pub(crate) fn database(given: Option<&str>) -> anyhow::Result<String> {
    match given.filter(|url| !url.is_empty()) {
        Some(url) => Ok(url.to_owned()),
        None => endpoints::find()?
            .postgres
            .context("give --database-url: .local/endpoints.json names no database"),
    }
}

async fn one(
    url: &str,
    context: &str,
    key: Option<&Verifier>,
    kept: &[String],
) -> anyhow::Result<Checked> {
    let proofs = Proofs::open(url, context, 2 * PARALLEL as u32)?;
    let known = match key {
        Some(key) => own(kept, key)?,
        None if kept.is_empty() => Vec::new(),
        None => bail!("a checkpoint kept elsewhere can only be checked with --key"),
    };
    let bar = output::bar(0, context);
    let progress = |done: u64, all: u64| {
        bar.set_length(all);
        bar.set_position(done);
    };
    let started = Instant::now();
    let how = Verification { key, known, parallel: PARALLEL, progress: &progress };
    let verified = proofs.verify(how).await;
    let took = started.elapsed();
    bar.finish_and_clear();
    let verified = verified.with_context(|| format!("the {context} log can not be checked"))?;
    Ok(Checked {
        context: context.to_owned(),
        report: verified.report,
        checkpoints: verified.checkpoints,
        signatures_checked: key.is_some(),
        took,
    })
}

/// The kept checkpoints that are of this key's log; those of other logs are left to them.
fn own(kept: &[String], key: &Verifier) -> anyhow::Result<Vec<Checkpoint>> {
    let of_this_log = kept.iter().filter(|note| note.lines().next() == Some(key.name()));
    of_this_log
        .map(|note| Checkpoint::open(note, key).context("a checkpoint given is not good"))
        .collect()
}
