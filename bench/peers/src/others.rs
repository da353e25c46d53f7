//! One event for a new object, each store by its own client on the same PostgreSQL.

use bench::measure::outcome;
use bench::report::{Finding, LeftOut, Outcome};
use bench::rounds::Side;
use bench::sides::{cqrs, ours};
use bench::{Measurement, Run, Tier};
use futures::future::BoxFuture;
use kernel::log::Log;

use crate::{disintegrate_side, external, message_db};

/// Against the other stores that keep events in PostgreSQL.
pub const MEASUREMENT: Measurement = Measurement {
    name: "append_64_vs_others",
    about: "one event, 64 callers, against message-db, Emmett, disintegrate and cqrs-es",
    tier: Tier::Usual,
    sides: 5,
    make,
};

const CALLERS: usize = 64;
const WHAT: &str = "append one event, durable, 64 callers";

fn make<'a>(run: &'a Run<'a>) -> BoxFuture<'a, anyhow::Result<Outcome>> {
    Box::pin(measure(run))
}

async fn measure(run: &Run<'_>) -> anyhow::Result<Outcome> {
    let database = run.database;
    let log = Log::open(database.url(), "append").await?;
    let peer = cqrs::pool(&database.schema("postgres_es").await?).await?;
    let role_was_there = message_db::role_exists(database.url()).await?;
    let mut sides = vec![
        Side::new("append to the log", ours::append(log)),
        Side::new(cqrs::NAME, cqrs::command(&peer, ours::cold)),
    ];
    let disintegrate = disintegrate_side::side(&database.schema("disintegrate").await?).await;
    let (mut names, mut left_out) = (Vec::new(), Vec::new());
    for (name, side) in [
        ("append_64_vs_message_db", message_db::side(database.url()).await),
        ("append_64_vs_emmett", external::emmett(database.url())),
        ("append_64_vs_disintegrate", disintegrate),
    ] {
        match side {
            Ok(side) => {
                names.push(name);
                sides.push(side);
            }
            Err(error) => left_out.push(LeftOut {
                name: name.to_owned(),
                why: format!("{error:#}"),
                failed: false,
            }),
        }
    }
    let measured = run.compare(CALLERS, &sides).await;
    if !role_was_there && message_db::role_exists(database.url()).await? {
        message_db::drop_role(database.url()).await?;
    }
    let series = measured?;
    let findings = names.iter().zip(&series[2..]).map(|(name, theirs)| {
        Finding::of_rates(name, WHAT, &series[0], theirs)
            .map(|finding| finding.note(format!("{} with its own defaults", theirs.name)))
    });
    let mut outcome = outcome(MEASUREMENT.name, CALLERS, &series, findings)?
        .with_versions(external::LOCK, &["disintegrate-postgres"]);
    outcome.peers.extend(external::packages()?);
    outcome.left_out = left_out;
    Ok(outcome)
}
