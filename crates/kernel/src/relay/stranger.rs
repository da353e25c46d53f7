//! Finds somebody else's event in a stream, by comparing every message with the log.

use std::collections::HashMap;

use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::OrderedConfig;
use async_nats::jetstream::stream::{Info, Stream};
use futures::StreamExt as _;
use uuid::Uuid;

use super::RelayError;
use super::server::failed;
use crate::log::Log;
use crate::stream;

/// Events compared at once.
const PAGE: u64 = 5_000;

/// The first message from one sequence to another that is not the log's event.
pub(super) async fn find(
    log: &Log,
    stream: &Stream<Info>,
    first: u64,
    last: u64,
) -> Result<Option<u64>, RelayError> {
    let consumer = OrderedConfig {
        headers_only: true,
        deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: first },
        ..OrderedConfig::default()
    };
    let consumer = stream.create_consumer(consumer).await.map_err(|error| failed(&error))?;
    if consumer.cached_info().num_pending == 0 {
        return Ok(None);
    }
    let mut messages = consumer.messages().await.map_err(|error| failed(&error))?;
    let mut events = HashMap::new();
    let mut read = first - 1;
    loop {
        let next = tokio::time::timeout(super::ANSWER, messages.next()).await;
        let next = next.map_err(|_| RelayError::Stream("no message comes".to_owned()))?;
        let Some(message) = next else {
            return Err(RelayError::Stream("the messages end early".to_owned()));
        };
        let message = message.map_err(|error| failed(&error))?;
        let info = message.info().map_err(|error| failed(error.as_ref()))?;
        let sequence = info.stream_sequence;
        if sequence > last {
            return Ok(None);
        }
        while read < sequence {
            events = ids(log, read).await?;
            read += PAGE;
        }
        let id = message.headers.as_ref().and_then(stream::event_id);
        if id.is_none() || id != events.get(&sequence).copied() {
            return Ok(Some(sequence));
        }
        // Messages may be missing, also the last one; they are counted elsewhere.
        if sequence == last || info.pending == 0 {
            return Ok(None);
        }
    }
}

/// Ids of the events after a position.
async fn ids(log: &Log, after: u64) -> Result<HashMap<u64, Uuid>, sqlx::Error> {
    let rows: Vec<(i64, Uuid)> = sqlx::query_as(
        "SELECT position, event_id FROM events WHERE position > $1 AND position <= $1 + $2",
    )
    .bind(after.cast_signed())
    .bind(PAGE.cast_signed())
    .fetch_all(log.pool())
    .await?;
    Ok(rows.into_iter().map(|(position, id)| (position.cast_unsigned(), id)).collect())
}
