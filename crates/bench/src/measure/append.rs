//! Appending one event to a new stream, durably.

use kernel::command::Commands;
use kernel::log::Log;

use super::{Run, outcome};
use crate::report::{Finding, Outcome};
use crate::rounds::Side;
use crate::sides::{cqrs, insert, ours};
use crate::statistics::Target;

/// Many callers, against the library that people would take instead.
pub(super) async fn against_postgres_es(run: &Run<'_>) -> anyhow::Result<Outcome> {
    let log = Log::open(run.database.url(), "append").await?;
    let peer = cqrs::pool(&run.database.schema("postgres_es").await?).await?;
    let sides = [
        Side::new("append to the log", ours::append(log.clone())),
        Side::new(cqrs::NAME, cqrs::command(&peer, ours::cold)),
        Side::new("command: load, decide, append", ours::command(Commands::new(log), ours::cold)),
    ];
    let series = run.compare(64, &sides).await?;
    let note = "each call is about a new object; the peer stores no metadata, no request id, no \
                position and no hash";
    outcome(
        "append_64_vs_postgres_es",
        64,
        &series,
        [
            Finding::of_rates(
                "append_64_vs_postgres_es",
                "append one event, durable, 64 callers, in process",
                &series[0],
                &series[1],
            )
            .map(|finding| finding.target(Target::AtLeast(15.0)).note(note)),
            Finding::of_rates(
                "command_64_vs_postgres_es",
                "command on a new object, 64 callers, in process",
                &series[2],
                &series[1],
            ),
        ],
    )
}

/// One caller, against what PostgreSQL needs for one row.
pub(super) async fn against_insert(run: &Run<'_>) -> anyhow::Result<Outcome> {
    let log = Log::open(run.database.url(), "append").await?;
    let plain = insert::table(run.database.url(), &log).await?;
    let sides = [
        Side::new("append to the log", ours::append(log)),
        Side::new("one INSERT, autocommit", insert::single(plain)),
    ];
    let series = run.compare(1, &sides).await?;
    outcome(
        "append_1_vs_insert",
        1,
        &series,
        [Finding::of_medians(
            "append_1_vs_insert",
            "append one event, durable, 1 caller, p50",
            &series[0],
            &series[1],
        )
        .map(|finding| {
            finding
                .target(Target::AtMost(1.3))
                .note("the same row into a table with the same columns and indexes")
        })],
    )
}
