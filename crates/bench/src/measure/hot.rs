//! Many callers on one object, where each decision follows from the one before.

use kernel::command::Commands;
use kernel::log::Log;

use super::{Run, outcome};
use crate::report::{Finding, Outcome};
use crate::rounds::Side;
use crate::sides::ours;
use crate::statistics::Target;

pub(super) async fn measure(run: &Run<'_>) -> anyhow::Result<Outcome> {
    let commands = Commands::new(Log::open(run.database.url(), "hot").await?);
    let sides = [
        Side::new("64 callers on one object", ours::command(commands.clone(), ours::hot)),
        Side::new("each call on a new object", ours::command(commands, ours::cold)),
    ];
    let series = run.compare(64, &sides).await?;
    outcome(
        "hot_over_cold",
        64,
        &series,
        [Finding::of_rates(
            "hot_over_cold",
            "commands on a hot object, 64 callers, in process",
            &series[0],
            &series[1],
        )
        .map(|finding| {
            finding
                .target(Target::AtLeast(0.5))
                .note("every command succeeds; the hot object is a new one in each turn")
        })],
    )
}
