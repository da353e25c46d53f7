//! What is sent: an event as Standard Webhooks has it, and the id of its delivery.

use kernel::Recorded;
use kernel::query::rfc3339;
use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;
use uuid::Uuid;

/// The type of events that somebody sends to see whether they come.
pub(crate) const TEST: &str = "webhook.Test";

/// The id of an event's delivery to an endpoint: the same whenever it is made.
pub(crate) fn delivery_id(endpoint_id: &str, event_id: Uuid) -> Uuid {
    let text = format!("{endpoint_id}/{event_id}");
    Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes())
}

/// The type of an event as endpoints know it.
pub(crate) fn type_of(event: &Recorded) -> String {
    format!("{}.{}", event.context, event.event_type)
}

/// A message, with its fields in the order in which people read them.
#[derive(Serialize)]
struct Message<'a> {
    r#type: String,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    id: Uuid,
    tenant: &'a str,
    context: &'a str,
    aggregate: &'a str,
    object_id: &'a str,
    position: u64,
    object_version: u64,
    event_version: u32,
    schema: String,
    actor_id: &'a str,
    correlation_id: Uuid,
    causation_id: Uuid,
    event: &'a RawValue,
}

/// The body of an event's messages. What was recorded stands in it byte for byte as it is in the
/// log; what is personal stays sealed.
///
/// # Errors
/// When what was recorded is no JSON.
pub(crate) fn body(event: &Recorded) -> Result<String, serde_json::Error> {
    let payload: &RawValue = serde_json::from_str(&event.payload)?;
    let Recorded { context, aggregate, event_type, event_version, metadata, .. } = event;
    serde_json::to_string(&Message {
        r#type: type_of(event),
        timestamp: rfc3339(event.recorded_at),
        data: Data {
            id: event.event_id,
            tenant: &event.tenant,
            context,
            aggregate,
            object_id: &event.object_id,
            position: event.position,
            object_version: event.version,
            event_version: *event_version,
            schema: format!("urn:qudao:event:{context}:{aggregate}:{event_type}:v{event_version}"),
            actor_id: &metadata.actor_id,
            correlation_id: metadata.correlation_id,
            causation_id: metadata.causation_id,
            event: payload,
        },
    })
}

/// The body of a test.
pub(crate) fn test(id: Uuid, tenant: &str, actor_id: &str, at: &str) -> String {
    let data = json!({ "id": id, "tenant": tenant, "actor_id": actor_id });
    json!({ "type": TEST, "timestamp": at, "data": data }).to_string()
}

#[cfg(test)]
mod tests {
    use kernel::Metadata;

    use super::*;

    fn recorded(payload: &str) -> Recorded {
        Recorded {
            position: 7,
            event_id: Uuid::from_u128(1),
            tenant: "acme".to_owned(),
            context: "order".to_owned(),
            aggregate: "order".to_owned(),
            object_id: "SO-1".to_owned(),
            version: 2,
            event_type: "OrderConfirmed".to_owned(),
            event_version: 1,
            recorded_at: chrono::DateTime::UNIX_EPOCH,
            metadata: Metadata {
                tenant: "acme".to_owned(),
                actor_id: "li.lei".to_owned(),
                correlation_id: Uuid::from_u128(2),
                causation_id: Uuid::from_u128(3),
                request_id: Uuid::from_u128(4),
                traceparent: None,
            },
            payload: payload.to_owned(),
        }
    }

    #[test]
    fn what_was_recorded_is_sent_byte_for_byte() {
        let payload =
            r#"{"type":"OrderConfirmed", "b":1.50,"a":"\u0041","n":12345678901234567890}"#;
        let body = body(&recorded(payload)).expect("JSON");
        assert!(body.ends_with(&format!("\"event\":{payload}}}}}")), "{body}");
        assert!(body.starts_with(r#"{"type":"order.OrderConfirmed","timestamp":"1970-"#), "{body}");
        assert!(super::body(&recorded("no JSON")).is_err());
    }

    #[test]
    fn there_is_one_delivery_for_an_endpoint_and_an_event() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(delivery_id("a", one), delivery_id("a", one));
        assert_ne!(delivery_id("a", one), delivery_id("a", other));
        assert_ne!(delivery_id("a", one), delivery_id("b", one));
    }
}
