//! How long it takes until an order stands in the list of the warehouses, by the clock on the wall: from
//! the moment at which it is sent to the moment at which the list that a warehouse asks for has it.

use std::collections::BTreeMap;

use anyhow::Context as _;
use proto::order::v1::ListShipmentsRequest;
use proto::order::v1::shipment_query_service_client::ShipmentQueryServiceClient;
use serde::Serialize;
use tokio::time::{Duration, Instant, sleep};

use super::stage::{BEHIND, Stage};
use crate::client::retry;

/// How long the list may take.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);

/// Times of orders that nobody of the brand had to look at, in milliseconds.
#[derive(Default)]
pub(super) struct Released {
    /// Those that were covered when they were sent.
    pub(super) at_once: Vec<u64>,
    /// Those that were paid through a provider first; the paying is part of it.
    pub(super) paid: Vec<u64>,
    /// When those were sent that are not paid yet.
    pub(super) sent: BTreeMap<String, Instant>,
}

/// What is told of them.
#[derive(Debug, Default, Serialize)]
pub(super) struct Times {
    pub(super) orders: usize,
    pub(super) p50_ms: u64,
    pub(super) p99_ms: u64,
}

impl Times {
    /// Percentiles are times of orders, as in docs/metrics.md.
    pub(super) fn of(times: &[u64]) -> Self {
        let mut sorted = times.to_vec();
        sorted.sort_unstable();
        let at = |percent: usize| {
            let number = (sorted.len() * percent).div_ceil(100);
            sorted.get(number.saturating_sub(1)).copied().unwrap_or_default()
        };
        Self { orders: sorted.len(), p50_ms: at(50), p99_ms: at(99) }
    }
}

/// Waits until a warehouse has an order in its list; none where it never has.
pub(super) async fn listed(
    stage: &Stage,
    order_id: &str,
    min_position: u64,
) -> anyhow::Result<Option<Instant>> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let told = retry::until_answered(BEHIND, async || {
            let order_id = order_id.to_owned();
            let request = ListShipmentsRequest { order_id, min_position, ..Default::default() };
            let mut client = ShipmentQueryServiceClient::new(stage.cast.warehouse.wire());
            client.list_shipments(request).await
        });
        let shipments = told.await.context("asking for shipments")?.into_inner().shipments;
        if !shipments.is_empty() {
            return Ok(Some(Instant::now()));
        }
        if Instant::now() > deadline {
            stage.refused(&format!("order {order_id}"), "stands in no list of a warehouse");
            return Ok(None);
        }
        sleep(PAUSE).await;
    }
}

/// So many milliseconds lie between.
pub(super) fn milliseconds(from: Instant, to: Instant) -> u64 {
    u64::try_from((to - from).as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_of_orders() {
        let times: Vec<u64> = (1..=200).rev().collect();

        let told = Times::of(&times);

        assert_eq!((told.orders, told.p50_ms, told.p99_ms), (200, 100, 198));
        assert_eq!(Times::of(&[7]).p99_ms, 7);
        assert_eq!(Times::of(&[]).p50_ms, 0);
    }
}
