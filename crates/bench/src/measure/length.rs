//! Whether commands get slower as an object's history, or the log itself, grows long.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use kernel::command::{Addressed, Commands};
use kernel::log::Log;

use super::{Run, outcome};
use crate::load::{Sample, histogram};
use crate::report::{Finding, Outcome};
use crate::rounds::Side;
use crate::sides::tally::Tally;
use crate::sides::{filled, ours};
use crate::statistics::Target;

const LONG: u64 = 10_000;
const SHORT: u64 = 10;
/// Objects of each length: a turn goes round them.
const OBJECTS: u64 = 8;
const LARGE_LOG: i64 = 5_000_000;

/// Commands on objects with a long history.
pub(super) async fn of_object(run: &Run<'_>) -> anyhow::Result<Outcome> {
    let url = run.database.url().to_owned();
    let commands = Commands::new(Log::open(&url, "length").await?);
    for (kind, events) in [("long", LONG), ("short", SHORT)] {
        for number in 0..OBJECTS {
            run.progress.say(format!("an object of {events} events"));
            let object = format!("{kind}-{number}");
            filled::object(commands.log(), &object, events).await?;
            // The first command that reads a long history may leave a snapshot of it.
            execute(&commands, object).await?;
        }
    }
    let known = |kind| ours::command(commands.clone(), move |step| name(kind, step.number));
    let sides = [
        Side::new("10,000 events, known to the process", known("long")),
        Side::new("10 events, known to the process", known("short")),
        fresh("10,000 events, process just started", &url, "long"),
        fresh("10 events, process just started", &url, "short"),
    ];
    let series = run.compare(1, &sides).await?;
    let target = Target::AtMost(1.3);
    let what = "command on an object of 10,000 events against 10, p50";
    outcome(
        "long_over_short_object",
        1,
        &series,
        [
            Finding::of_medians("long_over_short_object", what, &series[0], &series[1])
                .map(|finding| finding.target(target)),
            Finding::of_medians(
                "long_over_short_object_cold",
                "first command of a process on an object of 10,000 events against 10, p50",
                &series[2],
                &series[3],
            )
            .map(|finding| finding.target(target)),
        ],
    )
}

/// Commands on a log that holds millions of events.
pub(super) async fn of_log(run: &Run<'_>) -> anyhow::Result<Outcome> {
    let url = run.database.url();
    let large = Commands::new(Log::open(url, "large").await?);
    filled::log(url, "large_log", LARGE_LOG, |row| {
        run.progress.say(format!("a log of 5 million events: {row}"));
    })
    .await?;
    let empty = Commands::new(Log::open(url, "empty").await?);
    let sides = [
        Side::new("log of 5 million events", ours::command(large, ours::cold)),
        Side::new("empty log", ours::command(empty, ours::cold)),
    ];
    let series = run.compare(1, &sides).await?;
    outcome(
        "large_over_empty_log",
        1,
        &series,
        [Finding::of_medians(
            "large_over_empty_log",
            "command in a log of 5 million events against an empty one, p50",
            &series[0],
            &series[1],
        )
        .map(|finding| finding.target(Target::AtMost(1.3)))],
    )
}

fn name(kind: &str, number: u64) -> String {
    format!("{kind}-{}", number % OBJECTS)
}

async fn execute(commands: &Commands, object_id: String) -> anyhow::Result<()> {
    let command = Addressed::<Tally> { object_id, command: 1 };
    commands.execute(&command, &ours::context()).await.context("a command was refused")?;
    Ok(())
}

/// First commands of processes that know nothing yet; opening the log is not counted.
fn fresh(title: &str, url: &str, kind: &'static str) -> Side {
    let url = url.to_owned();
    Side::driven(title, move |load| {
        let url = url.clone();
        Box::pin(async move {
            let (mut latency, mut elapsed) = (histogram()?, Duration::ZERO);
            let deadline = Instant::now() + load.window;
            for number in 0.. {
                let log = Log::open(&url, "length").await?;
                let begun = Instant::now();
                execute(&Commands::new(log.clone()), name(kind, number)).await?;
                let took = begun.elapsed();
                log.pool().close().await;
                latency.saturating_record(u64::try_from(took.as_nanos())?);
                elapsed += took;
                if Instant::now() > deadline {
                    break;
                }
            }
            Ok(Sample { operations: latency.len(), elapsed, latency, cpu: None })
        })
    })
}
