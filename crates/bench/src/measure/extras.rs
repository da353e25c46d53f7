//! What chain, request ids, version checks and metadata of the cause take from appending.

use kernel::log::Log;

use super::{Run, outcome};
use crate::report::{Finding, Outcome};
use crate::rounds::Side;
use crate::sides::{batched, ours};
use crate::statistics::Target;

const CALLERS: usize = 64;

pub(super) async fn measure(run: &Run<'_>) -> anyhow::Result<Outcome> {
    let log = Log::open(run.database.url(), "append").await?;
    let bare = batched::table(run.database.url(), &log).await?;
    let sides = [
        Side::new("append to the log", ours::append(log)),
        Side::new("batched INSERT without them", batched::append(&bare)),
    ];
    let series = run.compare(CALLERS, &sides).await?;
    let finding = Finding::of_rates(
        "append_full_vs_bare",
        "append with chain, request ids, version checks and trace metadata, 64 callers",
        &series[0],
        &series[1],
    );
    let note = "the other side stores the same columns in the same batches, but an empty hash and \
                empty metadata; nothing is checked and no answer remembered";
    outcome(
        "append_full_vs_bare",
        CALLERS,
        &series,
        [finding.map(|finding| finding.target(Target::AtLeast(0.85)).note(note))],
    )
}
