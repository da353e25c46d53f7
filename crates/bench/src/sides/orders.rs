//! Facts of orders as the order context states them: submitted, confirmed, shipped, received;
//! every tenth order is cancelled instead.

use kernel::log::{Append, NewEvent, RequestKey, StreamAppend, StreamVersion};
use serde_json::{Value, json};
use uuid::Uuid;

use super::ours::metadata;

/// An order as it is submitted.
const SUBMITTED: &str =
    include_str!("../../../../event-schemas/order/order/examples/OrderSubmitted.v1.json");

/// Orders one after the other.
pub struct Orders {
    submitted: Value,
    orders: u64,
}

impl Orders {
    /// None yet.
    ///
    /// # Errors
    /// When the example of an order is no JSON.
    pub fn new() -> anyhow::Result<Self> {
        Ok(Self { submitted: serde_json::from_str(SUBMITTED)?, orders: 0 })
    }

    /// So many facts of the next orders, to be appended together.
    pub fn next(&mut self, facts: usize) -> Append {
        let (mut streams, mut left) = (Vec::new(), facts);
        while left > 0 {
            let (object_id, mut payloads) = self.order();
            payloads.truncate(left);
            left -= payloads.len();
            let events = payloads.iter().map(event).collect();
            let stream = StreamVersion { aggregate: "order", object_id, version: 0, after: None };
            streams.push(StreamAppend { stream, events });
        }
        let id = Uuid::new_v4();
        let request = RequestKey { id, digest: [7; 32] };
        Append { metadata: metadata(id), request, guards: Vec::new(), streams }
    }

    fn order(&mut self) -> (String, Vec<Value>) {
        self.orders += 1;
        let id = format!("SO-{:08}", self.orders);
        let mut submitted = self.submitted.clone();
        submitted["order_id"] = json!(id);
        let lines = json!([{ "line_no": 1, "quantity": 1 }]);
        let moved = |kind: &str, status: &str| json!({ "type": kind, "order_id": id, "lines": lines, "status": status });
        let next = if self.orders.is_multiple_of(10) {
            vec![json!({ "type": "OrderCancelled", "order_id": id, "reason": "重复",
                "status": "CANCELLED" })]
        } else {
            vec![
                json!({ "type": "OrderConfirmed", "order_id": id, "status": "CONFIRMED" }),
                moved("OrderShipped", "PARTLY_SHIPPED"),
                moved("OrderReceived", "PARTLY_RECEIVED"),
            ]
        };
        let payloads = std::iter::once(submitted).chain(next).collect();
        (id, payloads)
    }
}

fn event(payload: &Value) -> NewEvent {
    NewEvent {
        event_id: Uuid::now_v7(),
        event_type: payload["type"].as_str().unwrap_or_default().to_owned(),
        event_version: 1,
        payload: payload.to_string(),
    }
}
