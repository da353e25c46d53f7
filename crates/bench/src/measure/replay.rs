//! A replay to an outside client, against reading the same log in process.

use std::sync::Arc;
use std::time::Instant;

use kernel::log::Log;
use kernel::personal::Vault;
use kernel::server::Server;
use kernel::wall::{Logins, Schema};
use proto::history::v1::ReplayEventsRequest;
use proto::history::v1::history_service_client::HistoryServiceClient;
use proto::history::v1::replay_events_response::Item;
use tokio_util::sync::CancellationToken;

use super::{Run, outcome};
use crate::load::{Sample, own_cpu};
use crate::report::{Finding, Outcome};
use crate::rounds::Side;
use crate::sides::{filled, rpc};
use crate::statistics::Target;

/// Events of a page of the keyset read.
const PAGE: u32 = 2_048;
/// About what a client gets a second, so that a turn is as long as others are.
const PER_SECOND: f64 = 100_000.0;

pub(super) async fn measure(run: &Run<'_>) -> anyhow::Result<Outcome> {
    let events = run.count(PER_SECOND);
    let log = Log::open(run.database.url(), order::CONTEXT.name).await?;
    run.progress.say(format!("a log of {events} events"));
    filled::log(run.database.url(), "order_log", i64::try_from(events)?, |_| ()).await?;
    let stop = CancellationToken::new();
    let _ends_replays = stop.clone().drop_guard();
    let index = Schema::open(&Logins::of(run.database.url())?, "read_models", (1, 1)).await?;
    let logs = vec![(order::CONTEXT, log.clone())];
    let mut server = Server::new()?;
    let vault = Vault::shut(&log);
    server
        .add(projector::history_service(logs, index.tenant().clone(), Vec::new(), vault, stop))
        .await;
    let served = Arc::new(rpc::guarded(server, run.metrics.clone()).await?);
    let sides = [
        replay("replay to a gRPC client, 1,000 in a message", &served, 1_000, events).await?,
        read("keyset read and decode, in process", log),
        replay("replay to a gRPC client, each in its message", &served, 0, events).await?,
    ];
    let series = run.compare(1, &sides).await?;
    let target = Target::AtLeast(0.4);
    let note = format!("{events} events; token and access rule as in `qudao serve`");
    let of = |name, what, at: usize| Finding::of_rates(name, what, &series[at], &series[1]);
    outcome(
        "replay_over_read",
        1,
        &series,
        [
            of("replay_over_read", "replay to an outside gRPC client, 1,000 in a message", 0)
                .map(|finding| finding.target(target).note(note)),
            of("replay_singly_over_read", "the same, each event in a message of its own", 2),
        ],
    )
}

fn read(name: &str, log: Log) -> Side {
    Side::driven(name, move |_| {
        let log = log.clone();
        Box::pin(async move {
            let (cpu, started, mut after) = (own_cpu(), Instant::now(), 0);
            while let Some(last) = log.read_after(after, PAGE).await?.last() {
                after = last.position;
            }
            Sample::bulk(after, started.elapsed(), Some(own_cpu().saturating_sub(cpu)))
        })
    })
}

async fn replay(
    name: &str,
    served: &Arc<rpc::Served>,
    batch: u32,
    events: u64,
) -> anyhow::Result<Side> {
    let client = HistoryServiceClient::new(served.channel().await?);
    let served = served.clone();
    Ok(Side::driven(name, move |_| {
        let (mut client, served) = (client.clone(), served.clone());
        Box::pin(async move {
            let context = order::CONTEXT.name.to_owned();
            let request = ReplayEventsRequest { context, batch, ..Default::default() };
            let (cpu, started) = (own_cpu(), Instant::now());
            let mut messages = client.replay_events(served.says(request)).await?.into_inner();
            let (mut came, mut ended) = (0, false);
            while let Some(message) = messages.message().await? {
                match message.item {
                    Some(Item::Event(_)) => came += 1,
                    Some(Item::Events(batch)) => came += batch.events.len() as u64,
                    Some(Item::End(end)) => ended = end.count == came,
                    Some(Item::Progress(_)) | None => (),
                }
            }
            anyhow::ensure!(ended && came == events, "the replay sent {came} events of {events}");
            Sample::bulk(came, started.elapsed(), Some(own_cpu().saturating_sub(cpu)))
        })
    }))
}
