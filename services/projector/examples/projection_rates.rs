//! How fast a real read model is filled, one fact a transaction and in bulk, and how soon a
//! committed fact is visible. Starts servers of its own:
//! `cargo run --release --package projector --example projection_rates -- orders 200000`

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use async_nats::jetstream;
use kernel::Metadata;
use kernel::log::{Append, Log, NewEvent, RequestKey, StreamAppend, StreamVersion};
use kernel::projection::measure::{Feed, fold};
use kernel::projection::{AnyProjection, Runner, install};
use kernel::relay::{Relay, Settings};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Facts that one append brings.
const TOGETHER: u64 = 400;
/// Facts folded one by one; it takes as long for each as for the last.
const ONE_BY_ONE: u64 = 5_000;
/// Commands a second, and for how long, while it is measured when they are visible.
const PER_SECOND: u32 = 1_000;
const SECONDS: u32 = 10;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut given = std::env::args().skip(1);
    let name = given.next().unwrap_or_else(|| "orders".to_owned());
    let facts: u64 = given.next().unwrap_or_else(|| "100000".to_owned()).parse()?;
    let model = || projector::read_model(&name).context("there is no such read model");
    let servers = local::TestServers::start().await?;
    let url = servers.postgres_url();
    let log = Log::open(&url, "order").await?;
    let submitted: Value = serde_json::from_str(include_str!(
        "../../../event-schemas/order/order/examples/OrderSubmitted.v1.json"
    ))?;
    let mut order = 0;
    while log.head().await? < facts {
        log.append(orders(&submitted, &mut order, TOGETHER)).await?;
    }

    let mut rates = Vec::new();
    for (schema, feed, events) in
        [("one_by_one", Feed::OneByOne, ONE_BY_ONE), ("bulk", Feed::Bulk, facts)]
    {
        let pool = kernel::log::connect(&url, schema, 4).await?;
        let measured = fold(model()?, &pool, &log, feed, events).await?;
        println!("{name}, {schema}: {} facts/s over {}", measured.per_second(), measured.events);
        rates.push(measured.per_second());
    }
    if let [one_by_one, bulk] = rates[..] {
        println!("{name}, ratio: {}", bulk / one_by_one.max(1));
    }

    let model = model()?;
    let jetstream = jetstream::new(async_nats::connect(servers.nats_url()).await?);
    visible(model, &url, jetstream, log, || orders(&submitted, &mut order, 1)).await
}

/// Commits at a steady rate, and notes when each fact is in the read model.
async fn visible(
    model: Arc<dyn AnyProjection>,
    url: &str,
    jetstream: jetstream::Context,
    log: Log,
    mut command: impl FnMut() -> Append,
) -> anyhow::Result<()> {
    let name = model.name();
    let pool = kernel::log::connect(url, "visible", 8).await?;
    install(&pool).await?;
    tokio::spawn(
        Relay::new(log.clone(), jetstream.clone(), Settings::default())
            .run(CancellationToken::new()),
    );
    let runner = Runner::new(model, pool, log.clone(), jetstream.clone()).await?;
    let mut progress = runner.progress();
    tokio::spawn(runner.run(CancellationToken::new()));
    println!("{name}: waiting for the read model and the stream to catch up");
    progress.reached(log.head().await?).await;
    published(&jetstream, log.head().await?).await;
    let seen: Arc<Mutex<BTreeMap<u64, Instant>>> = Arc::default();
    let (watched, mut view) = (seen.clone(), progress.clone());
    tokio::spawn(async move {
        loop {
            view.moved().await;
            let at = view.now().position;
            watched.lock().expect("nobody panics with it").insert(at, Instant::now());
        }
    });
    let mut committed = Vec::new();
    let mut tick = tokio::time::interval(Duration::from_secs(1) / PER_SECOND);
    for _ in 0..PER_SECOND * SECONDS {
        tick.tick().await;
        let (log, append) = (log.clone(), command());
        committed.push(tokio::spawn(async move {
            log.append(append).await.map(|receipt| (receipt.position, Instant::now()))
        }));
    }
    let mut waits = Vec::new();
    for append in committed {
        let (position, at) = append.await??;
        progress.reached(position).await;
        let seen = seen.lock().expect("nobody panics with it");
        if let Some((_, visible)) = seen.range(position..).next() {
            waits.push(visible.saturating_duration_since(at));
        }
    }
    waits.sort();
    let percentile = |p: usize| waits[(waits.len() - 1) * p / 100];
    println!(
        "{name}, commit to visible at {PER_SECOND}/s: p50 {:?}, p99 {:?}",
        percentile(50),
        percentile(99)
    );
    Ok(())
}

async fn published(jetstream: &jetstream::Context, position: u64) {
    loop {
        if let Ok(stream) = jetstream.get_stream("ORDER").await
            && stream.cached_info().state.last_sequence >= position
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Orders that are submitted, confirmed, shipped, received; every tenth is cancelled instead.
fn orders(submitted: &Value, order: &mut u64, facts: u64) -> Append {
    let mut streams = Vec::new();
    let mut left = facts;
    while left > 0 {
        *order += 1;
        let id = format!("SO-{:08}", *order);
        let mut first = submitted.clone();
        first["order_id"] = json!(id);
        let lines = json!([{ "line_no": 1, "quantity": 1 }]);
        let mut payloads = vec![first];
        if order.is_multiple_of(10) {
            payloads.push(json!({ "type": "OrderCancelled", "order_id": id, "reason": "重复",
                "status": "CANCELLED" }));
        } else {
            payloads.push(json!({ "type": "OrderConfirmed", "order_id": id,
                "status": "CONFIRMED" }));
            for (kind, status) in
                [("OrderShipped", "PARTLY_SHIPPED"), ("OrderReceived", "PARTLY_RECEIVED")]
            {
                payloads.push(json!({ "type": kind, "order_id": id, "lines": lines,
                    "status": status }));
            }
        }
        payloads.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        left -= payloads.len() as u64;
        let events = payloads.into_iter().map(|payload| NewEvent {
            event_id: uuid::Uuid::now_v7(),
            event_type: payload["type"].as_str().unwrap_or_default().to_owned(),
            event_version: 1,
            payload: payload.to_string(),
        });
        let events = events.collect();
        let stream = StreamVersion { aggregate: "order", object_id: id, version: 0, after: None };
        streams.push(StreamAppend { stream, events });
    }
    let id = Uuid::new_v4();
    let metadata = Metadata {
        tenant: "bikes".to_owned(),
        actor_id: "li.lei".to_owned(),
        actor_name: "李雷".to_owned(),
        correlation_id: id,
        causation_id: id,
        request_id: id,
        traceparent: None,
    };
    let request = RequestKey { id, digest: [7; 32] };
    Append { metadata, request, guards: Vec::new(), streams }
}
