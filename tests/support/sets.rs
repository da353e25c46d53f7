//! The common checker of fault tests: what was acknowledged, what is stored and what came out at
//! the other end are compared as sets and in their order.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use async_nats::jetstream::{self, consumer::pull::OrderedConfig};
use futures::StreamExt as _;
use kernel::log::Log;
use kernel::stream;
use uuid::Uuid;

/// What is wrong with a copy, by position of the record. All empty is what a test wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Missing before the first that is there.
    pub lost_prefix: Vec<u64>,
    /// Missing between others.
    pub lost_middle: Vec<u64>,
    /// Missing after the last that is there.
    pub lost_postfix: Vec<u64>,
    /// There, but not in the record; by their place in the copy.
    pub unexpected: Vec<u64>,
    /// There more than once.
    pub duplicates: Vec<u64>,
    /// There at another place than in the record.
    pub out_of_order: Vec<u64>,
}

impl Verdict {
    /// Compares a copy, as (place, id) in the order it was read, with the record as (position, id).
    pub fn of<I: Ord + Clone>(record: &[(u64, I)], copy: &[(u64, I)]) -> Self {
        let positions: BTreeMap<&I, u64> = record.iter().map(|(at, id)| (id, *at)).collect();
        let mut verdict = Self::default();
        let mut seen = BTreeSet::new();
        let mut before = 0;
        for (place, id) in copy {
            let Some(position) = positions.get(id) else {
                verdict.unexpected.push(*place);
                continue;
            };
            if !seen.insert(*position) {
                verdict.duplicates.push(*position);
            } else if place != position || *position < before {
                verdict.out_of_order.push(*position);
            }
            before = *position;
        }
        let (first, last) = (seen.first().copied(), seen.last().copied());
        for (position, _) in record.iter().filter(|(position, _)| !seen.contains(position)) {
            let lost = match (first, last) {
                (Some(first), _) if *position < first => &mut verdict.lost_prefix,
                (_, Some(last)) if *position < last => &mut verdict.lost_middle,
                _ => &mut verdict.lost_postfix,
            };
            lost.push(*position);
        }
        verdict
    }

    #[track_caller]
    pub fn must_be_clean(&self, what: &str) {
        assert_eq!(*self, Self::default(), "{what}");
    }
}

/// All events of a log by position.
pub async fn stored(log: &Log) -> Vec<(u64, Uuid)> {
    let mut all: Vec<(u64, Uuid)> = Vec::new();
    loop {
        let after = all.last().map_or(0, |(position, _)| *position);
        let page = log.read_after(after, 5_000).await.unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(page.into_iter().map(|event| (event.position, event.event_id)));
    }
}

/// All messages of a context's stream by sequence. A server that has just come back may break off
/// while it is read; it is read again from the start then.
pub async fn streamed(jetstream: &jetstream::Context, context: &str) -> Vec<(u64, Uuid)> {
    let mut said = String::new();
    for _ in 0..10 {
        match tokio::time::timeout(Duration::from_secs(60), read(jetstream, context)).await {
            Ok(Ok(all)) => return all,
            Ok(Err(error)) => said = error.to_string(),
            Err(_) => said = "no answer in a minute".to_owned(),
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    panic!("the stream can not be read: {said}");
}

async fn read(
    jetstream: &jetstream::Context,
    context: &str,
) -> Result<Vec<(u64, Uuid)>, async_nats::Error> {
    let stream = jetstream.get_stream(stream::name(context)).await?;
    let count = usize::try_from(stream.cached_info().state.messages)?;
    let mut all = Vec::with_capacity(count);
    if count == 0 {
        return Ok(all);
    }
    let mut messages =
        stream.create_consumer(OrderedConfig::default()).await?.messages().await?.take(count);
    while let Some(message) = messages.next().await {
        let message = message?;
        let id = stream::event_id(message.headers.as_ref().unwrap()).unwrap();
        all.push((message.info()?.stream_sequence, id));
    }
    Ok(all)
}

/// Acknowledged ⊆ stored, and stored = streamed, in the same order.
pub async fn check(acked: &BTreeSet<u64>, log: &Log, jetstream: &jetstream::Context) {
    let stored = stored(log).await;
    let positions: BTreeSet<u64> = stored.iter().map(|(position, _)| *position).collect();
    let lost: Vec<_> = acked.difference(&positions).collect();
    assert!(lost.is_empty(), "acknowledged, but not stored: {lost:?}");
    let gaps = positions.iter().zip(1..).find(|(position, expected)| **position != *expected);
    assert_eq!(gaps, None, "positions have no gap");
    let streamed = streamed(jetstream, log.context()).await;
    Verdict::of(&stored, &streamed).must_be_clean("the stream is the log's copy");
}
