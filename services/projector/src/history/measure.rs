//! How fast a replay is to an outside client, against reading the same log in process.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use kernel::auth::Caller;
use kernel::catalogue::Context;
use kernel::log::{Log, ReadError};
use kernel::server::{ServeError, bind, serve};
use proto::access::v1::Role;
use proto::history::v1::ReplayEventsRequest;
use proto::history::v1::history_service_client::HistoryServiceClient;
use proto::history::v1::history_service_server::HistoryServiceServer;
use proto::history::v1::replay_events_response::Item;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

use super::HistoryApi;

/// Events of a page of the keyset read.
const PAGE: u32 = 2_048;

/// What was measured; medians of interleaved rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplayFigures {
    /// Events in the log.
    pub events: u64,
    /// Events a second, read by position and decoded, in process.
    pub read_per_second: u64,
    /// Events a second at a gRPC client on loopback, a thousand in a message.
    pub replay_per_second: u64,
    /// Events a second at a gRPC client on loopback, each in a message of its own.
    pub singly_per_second: u64,
}

/// Why nothing could be measured.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    /// The log can not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The server can not listen.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The listener has no address.
    #[error("the listener has no address")]
    Address(#[from] std::io::Error),
    /// The client can not connect.
    #[error("the client can not connect")]
    Connect(#[from] tonic::transport::Error),
    /// The replay failed.
    #[error("the replay failed: {0}")]
    Replay(#[from] Status),
    /// The replay did not send every event.
    #[error("the replay sent {0} events of {1}")]
    Incomplete(u64, u64),
}

/// Reads a whole log in process and replays it to a gRPC client, in turns.
///
/// # Errors
/// See [`MeasureError`].
pub async fn replay_figures(
    context: Context,
    log: Log,
    rounds: usize,
) -> Result<ReplayFigures, MeasureError> {
    let events = log.head().await?;
    let stop = CancellationToken::new();
    let _stops_at_the_end = stop.clone().drop_guard();
    let channel = served(context, log.clone(), stop).await?;
    let mut times: [Vec<Duration>; 3] = Default::default();
    // The first round warms up and does not count.
    for round in 0..=rounds {
        let started = Instant::now();
        read(&log).await?;
        let taken = [
            started.elapsed(),
            replay(&channel, context, 1_000, events).await?,
            replay(&channel, context, 0, events).await?,
        ];
        for (times, taken) in times.iter_mut().zip(taken) {
            times.extend((round > 0).then_some(taken));
        }
    }
    let [read_per_second, replay_per_second, singly_per_second] =
        times.map(|times| per_second(events, times));
    Ok(ReplayFigures { events, read_per_second, replay_per_second, singly_per_second })
}

async fn served(
    context: Context,
    log: Log,
    stop: CancellationToken,
) -> Result<Channel, MeasureError> {
    let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let address = format!("http://{}", listener.local_addr()?);
    let pool = log.pool().clone();
    let api = HistoryApi::new(vec![(context, log)], pool, Vec::new(), stop.clone());
    let operator = Caller {
        user_id: "bench".to_owned(),
        name: "bench".to_owned(),
        tenant: String::new(),
        roles: vec![Role::Operator.as_str_name().to_owned()],
        dealer_id: None,
        time_zone: "UTC".to_owned(),
    };
    let service = HistoryServiceServer::with_interceptor(api, move |mut request: Request<()>| {
        request.extensions_mut().insert(operator.clone());
        Ok(request)
    });
    let router = Routes::new(service).into_axum_router();
    tokio::spawn(serve(listener, router, stop));
    Ok(Endpoint::from_shared(address)?.connect().await?)
}

async fn read(log: &Log) -> Result<(), ReadError> {
    let mut after = 0;
    while let Some(last) = log.read_after(after, PAGE).await?.last() {
        after = last.position;
    }
    Ok(())
}

async fn replay(
    channel: &Channel,
    context: Context,
    batch: u32,
    events: u64,
) -> Result<Duration, MeasureError> {
    let context = context.name.to_owned();
    let request = ReplayEventsRequest { context, batch, ..Default::default() };
    let started = Instant::now();
    let mut client = HistoryServiceClient::new(channel.clone());
    let mut messages = client.replay_events(request).await?.into_inner();
    let (mut came, mut ended) = (0, false);
    while let Some(message) = messages.message().await? {
        match message.item {
            Some(Item::Event(_)) => came += 1,
            Some(Item::Events(batch)) => came += batch.events.len() as u64,
            Some(Item::End(end)) => ended = end.count == came,
            Some(Item::Progress(_)) | None => (),
        }
    }
    if ended && came == events {
        return Ok(started.elapsed());
    }
    Err(MeasureError::Incomplete(came, events))
}

fn per_second(events: u64, mut times: Vec<Duration>) -> u64 {
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    let micros = u64::try_from(median.as_micros()).unwrap_or(u64::MAX).max(1);
    events.saturating_mul(1_000_000) / micros
}
