//! The check of a whole log, where it is stored and in an export of it, against hashing the same
//! bytes and doing nothing else.

use std::fs::File;
use std::io::{BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use kernel::log::Log;
use kernel::proofs::{LogKey, Proofs, Verification};
use proof::check::{Files, check};
use proof::export::{CHECKPOINT, EVENTS, LEAVES, MANIFEST, Manifest, Selection};
use proof::{Checkpoint, Report, Verifier};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tokio::sync::mpsc;

use super::{Run, outcome};
use crate::load::{Sample, own_cpu};
use crate::report::{Finding, Outcome};
use crate::rounds::Side;
use crate::sides::filled;
use crate::statistics::Target;

/// About what is verified a second, so that a turn is as long as others are.
const PER_SECOND: f64 = 100_000.0;
/// As `qudao verify` has it.
const PARALLEL: usize = 4;

pub(super) async fn measure(run: &Run<'_>) -> anyhow::Result<Outcome> {
    let events = run.count(PER_SECOND);
    let log = Log::open(run.database.url(), "verify").await?;
    run.progress.say(format!("a log of {events} events, signed"));
    filled::objects(&log, events).await?;
    let folder = TempDir::new()?;
    let signer = LogKey::open(&folder.path().join("log-key.pem"), "bench")?.signer("verify")?;
    let key = signer.verifier().clone();
    let proofs = Proofs::of(&log, Some(signer));
    export(&proofs, folder.path()).await?;
    let bytes = stored(&proofs, &key).await?.bytes;
    let sides = [
        Side::driven("verify, in the database", {
            let (proofs, key) = (proofs.clone(), key.clone());
            move |_| {
                let (proofs, key) = (proofs.clone(), key.clone());
                Box::pin(async move {
                    let (cpu, started) = (own_cpu(), Instant::now());
                    let report = stored(&proofs, &key).await?;
                    Sample::bulk(report.events, started.elapsed(), Some(own_cpu() - cpu))
                })
            }
        }),
        alone("SHA-256 of the same bytes, one core", move || plain(events, bytes)),
        alone("verify, an export", {
            let folder = folder.path().to_owned();
            move || exported(&folder, &key)
        }),
    ];
    let series = run.compare(1, &sides).await?;
    let target = Target::AtLeast(0.4);
    let note = format!("{events} events, {} canonical bytes each", bytes / events.max(1));
    let of = |name, what, at: usize| {
        Finding::of_rates(name, what, &series[at], &series[1])
            .map(|finding| finding.target(target).note(note.clone()))
    };
    outcome(
        "verify_over_sha256",
        1,
        &series,
        [
            of("verify_over_sha256", "verify the chain over the stored bytes, in the database", 0),
            of("verify_export_over_sha256", "the same in an export, offline", 2),
        ],
    )
    .map(|outcome| outcome.with_versions(super::LOCK, &["sha2"]))
}

/// A side that keeps one thread busy and tells how many events it was about.
fn alone(
    name: &str,
    work: impl Fn() -> anyhow::Result<u64> + Clone + Send + Sync + 'static,
) -> Side {
    Side::driven(name, move |_| {
        let work = work.clone();
        Box::pin(async move {
            let (cpu, started) = (own_cpu(), Instant::now());
            let events = tokio::task::spawn_blocking(work).await??;
            Sample::bulk(events, started.elapsed(), Some(own_cpu().saturating_sub(cpu)))
        })
    })
}

async fn stored(proofs: &Proofs, key: &Verifier) -> anyhow::Result<Report> {
    let how = Verification {
        key: Some(key),
        known: Vec::new(),
        parallel: PARALLEL,
        progress: &|_, _| (),
    };
    whole(proofs.verify(how).await?.report)
}

fn whole(report: Report) -> anyhow::Result<Report> {
    anyhow::ensure!(report.problems.is_empty(), "the log is not whole: {:?}", report.problems);
    Ok(report)
}

/// Hashes messages of the size that events have on average.
fn plain(events: u64, bytes: u64) -> anyhow::Result<u64> {
    let message = vec![7_u8; usize::try_from(bytes / events.max(1))?];
    for _ in 0..events {
        std::hint::black_box(Sha256::digest(std::hint::black_box(&message)));
    }
    Ok(events)
}

/// A complete export, as the operator makes it.
async fn export(proofs: &Proofs, folder: &Path) -> anyhow::Result<()> {
    let (to, mut pieces) = mpsc::channel(8);
    let proofs = Arc::new(proofs.clone());
    let exporting = tokio::spawn(async move { proofs.export(Selection::default(), to).await });
    while let Some(piece) = pieces.recv().await {
        let piece = piece?;
        let file = File::options().create(true).append(true).open(folder.join(piece.file));
        file?.write_all(&piece.bytes)?;
    }
    exporting.await??;
    Ok(())
}

fn exported(folder: &Path, key: &Verifier) -> anyhow::Result<u64> {
    let text = |name: &str| std::fs::read_to_string(folder.join(name));
    let open = |name: &str| -> anyhow::Result<BufReader<File>> {
        let path: PathBuf = folder.join(name);
        let file = File::open(&path).with_context(|| format!("no {}", path.display()))?;
        Ok(BufReader::with_capacity(1 << 20, file))
    };
    let manifest = Manifest::open(&text(MANIFEST)?, key)?;
    let checkpoint_note = text(CHECKPOINT)?;
    let files = Files {
        checkpoint: Checkpoint::open(&checkpoint_note, key)?,
        checkpoint_note,
        events: open(EVENTS)?,
        leaves: Some(open(LEAVES)?),
    };
    Ok(whole(check(&manifest, files, &mut |_| ())?)?.events)
}
