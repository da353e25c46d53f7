//! Replays as a careful client does them: what came, how it ended, and going on after a cut.

use std::time::Duration;

use kernel::Metadata;
use kernel::log::{Append, Log, NewEvent, RequestKey, StreamAppend, StreamVersion};
use order::product::ProductEvent;
use proto::history::v1::history_service_client::HistoryServiceClient;
use proto::history::v1::replay_events_response::Item;
use proto::history::v1::{Event, ReplayEnd, ReplayEventsRequest, ReplayEventsResponse};
use tonic::{Status, Streaming};
use uuid::Uuid;

use super::system::{System, User};

/// Events that one append of [`fill`] stores.
pub const EACH: usize = 200;

/// Adds events to the order log, [`EACH`] for every object; the newest position.
pub async fn fill(system: &System, tenant: &str, objects: usize) -> u64 {
    let log = Log::open(&system.servers.postgres_url(), "order").await.unwrap();
    for object in 0..objects {
        log.append(renames(tenant, &format!("filler-{object}"))).await.unwrap();
    }
    log.head().await.unwrap()
}

fn renames(tenant: &str, product: &str) -> Append {
    let id = Uuid::new_v4();
    let renamed = |n| ProductEvent::ProductRenamed {
        product_id: product.parse().unwrap(),
        name: format!("第 {n} 个名字，长一点，好让事件有点分量"),
    };
    let events = (0..EACH).map(|n| NewEvent::of(&renamed(n)).unwrap());
    Append {
        metadata: Metadata {
            tenant: tenant.to_owned(),
            actor_id: "filler".to_owned(),
            correlation_id: id,
            causation_id: id,
            request_id: id,
            traceparent: None,
        },
        request: RequestKey { id, digest: [7; 32] },
        guards: Vec::new(),
        streams: vec![StreamAppend {
            stream: StreamVersion {
                aggregate: "product",
                object_id: product.to_owned(),
                version: 0,
                after: None,
            },
            events: events.collect(),
        }],
    }
}

/// Opens a replay, again and again while the server is away.
pub async fn open(user: &User, request: &ReplayEventsRequest) -> Streaming<ReplayEventsResponse> {
    for _ in 0..200 {
        match try_open(user, request).await {
            Ok(stream) => return stream,
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    panic!("the replay could not be opened");
}

/// Opens a replay.
pub async fn try_open(
    user: &User,
    request: &ReplayEventsRequest,
) -> Result<Streaming<ReplayEventsResponse>, Status> {
    let mut history = HistoryServiceClient::new(user.channel.clone());
    Ok(history.replay_events(user.says(request.clone())).await?.into_inner())
}

/// The events of a message.
pub fn events(message: ReplayEventsResponse) -> Result<Vec<Event>, ReplayEnd> {
    match message.item {
        Some(Item::Event(event)) => Ok(vec![event]),
        Some(Item::Events(batch)) => Ok(batch.events),
        Some(Item::Progress(_)) | None => Ok(Vec::new()),
        Some(Item::End(end)) => Err(end),
    }
}

/// Everything a bounded replay sends, and its marker.
pub async fn all(
    user: &User,
    request: ReplayEventsRequest,
) -> Result<(Vec<Event>, ReplayEnd), Status> {
    let mut stream = try_open(user, &request).await?;
    let mut came = Vec::new();
    while let Some(message) = stream.message().await? {
        match events(message) {
            Ok(more) => came.extend(more),
            Err(end) => return Ok((came, end)),
        }
    }
    panic!("the stream ended silently after {} events", came.len());
}

/// Positions that are missing from `1..=last`, come twice or out of order.
pub fn wrong(positions: &[u64], last: u64) -> Vec<u64> {
    let mut wrong = Vec::new();
    let mut next = 1;
    for &position in positions {
        wrong.extend(next..position);
        if position < next {
            wrong.push(position);
        }
        next = next.max(position + 1);
    }
    wrong.extend(next..=last);
    wrong
}

/// An event with everything that an event can have.
pub fn recorded() -> kernel::Recorded {
    let id = Uuid::new_v4();
    kernel::Recorded {
        position: 7,
        event_id: id,
        tenant: "acme".to_owned(),
        context: "order".to_owned(),
        aggregate: "order".to_owned(),
        object_id: "SO-1".to_owned(),
        version: 2,
        event_type: "OrderConfirmed".to_owned(),
        event_version: 1,
        recorded_at: kernel::clock::now(),
        metadata: Metadata {
            tenant: "acme".to_owned(),
            actor_id: "li.lei".to_owned(),
            correlation_id: id,
            causation_id: id,
            request_id: id,
            traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into()),
        },
        payload: "{}".to_owned(),
    }
}
