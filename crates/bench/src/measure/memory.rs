//! Memory of a whole process of qudao, all roles in it, while orders come in. Its relay fills a
//! stream that has the name it always has, so it works on servers that nobody else uses.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Run, outcome};
use crate::processes::{Memory, memory_of};
use crate::report::{Finding, Outcome};
use crate::rounds::Side;
use crate::sides::process::Process;
use crate::sides::{rpc, shop};
use crate::statistics::Target;

const CALLERS: usize = 64;
const LIMIT_MB: f64 = 256.0;

pub(super) async fn measure(run: &Run<'_>) -> anyhow::Result<Outcome> {
    let process = Process::start(run.qudao.as_deref()).await?;
    let served = rpc::elsewhere(process.port(), &process.key())?;
    shop::open(&served).await?;
    let before = process.memory()?;
    let stop = CancellationToken::new();
    let watcher = tokio::spawn(watch(process.id(), stop.clone()));
    let side = Side::new("SubmitOrder, `qudao serve all`", shop::submit(&served).await?);
    let series = run.compare(CALLERS, &[side]).await;
    stop.cancel();
    let resident = watcher.await?;
    let after = process.memory()?;
    outcome("memory_peak_mb", CALLERS, &series?, findings(&before, &after, &resident))
}

/// Resident memory in MB, five times a second.
async fn watch(pid: u32, stop: CancellationToken) -> Vec<f64> {
    let mut seen = Vec::new();
    while let (false, Some(memory)) = (stop.is_cancelled(), memory_of(pid)) {
        seen.push(memory.resident_kb as f64 / 1_024.0);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    seen
}

fn findings(before: &Memory, after: &Memory, resident: &[f64]) -> Vec<Option<Finding>> {
    let mb = |kb: u64| kb as f64 / 1_024.0;
    let half = resident.len() / 2;
    let mean = |figures: &[f64]| figures.iter().sum::<f64>() / figures.len().max(1) as f64;
    let growth = mean(&resident[half..]) - mean(&resident[..half]);
    let note = format!("{:.0} MB when the shop was open, before the load", mb(before.resident_kb));
    vec![
        Finding::alone(
            "memory_peak_mb",
            "most memory of `qudao serve all` under SubmitOrder, 64 callers",
            "MB",
            &[mb(after.peak_kb)],
        )
        .map(|finding| finding.target(Target::AtMost(LIMIT_MB)).note(note)),
        Finding::alone("memory_resident_mb", "its memory over time", "MB", resident),
        Finding::alone(
            "memory_growth_mb",
            "the second half of that time over the first, on average",
            "MB",
            &[growth],
        ),
    ]
}
