//! Events as messages: CloudEvents 1.0 in binary mode (NATS protocol binding), attributes in `ce-`
//! headers, percent-encoded where they are not plain ASCII, and the event's JSON as the body.

use std::str::FromStr as _;

use async_nats::HeaderMap;
use async_nats::header::HeaderName;
use chrono::{DateTime, SecondsFormat, Utc};
use uuid::Uuid;

use crate::event::{Recorded, schema_id};
use crate::metadata::Metadata;

/// Text as the value of a CloudEvents header: printable ASCII stays, but for `%`, `"` and space.
fn header_text(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'%' | b'"' | b' ' => encoded.push_str(&format!("%{byte:02X}")),
            0x21..=0x7E => encoded.push(char::from(byte)),
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}

fn text_of_header(encoded: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// The headers of an event's message.
pub fn headers(event: &Recorded) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let type_and_version =
        format!("qudao.{}.{}.v{}", event.context, event.event_type, event.event_version);
    let schema =
        schema_id(&event.context, &event.aggregate, &event.event_type, event.event_version);
    let metadata = &event.metadata;
    for (name, value) in [
        ("Content-Type", "application/json".to_owned()),
        ("ce-specversion", "1.0".to_owned()),
        ("ce-id", event.event_id.to_string()),
        ("ce-type", type_and_version),
        ("ce-source", format!("urn:qudao:{}:{}", event.context, event.tenant)),
        ("ce-subject", header_text(&format!("{}/{}", event.aggregate, event.object_id))),
        ("ce-time", event.recorded_at.to_rfc3339_opts(SecondsFormat::Micros, true)),
        ("ce-dataschema", schema),
        ("ce-position", event.position.to_string()),
        ("ce-version", event.version.to_string()),
        ("ce-tenant", event.tenant.clone()),
        ("ce-actorid", header_text(&metadata.actor_id)),
        // Programs of before ask for a name; it is the id, since names could not be erased here.
        ("ce-actorname", header_text(&metadata.actor_id)),
        ("ce-correlationid", metadata.correlation_id.to_string()),
        ("ce-causationid", metadata.causation_id.to_string()),
        ("ce-requestid", metadata.request_id.to_string()),
    ] {
        headers.insert(HeaderName::from_static(name), value);
    }
    if let Some(traceparent) = &metadata.traceparent {
        headers.insert(HeaderName::from_static("traceparent"), traceparent.as_str());
    }
    headers
}

/// A message that is not one of ours.
#[derive(Debug, thiserror::Error)]
#[error("message {sequence} of the stream has no readable {attribute}")]
pub struct BadMessage {
    /// Its sequence.
    pub sequence: u64,
    /// The attribute that is missing or wrong.
    pub attribute: &'static str,
}

/// The id of the event that a message carries; `None` when the message is not one of ours.
pub fn event_id(headers: &HeaderMap) -> Option<Uuid> {
    Uuid::from_str(headers.get("ce-id")?.as_str()).ok()
}

/// Reads an event from its message.
///
/// # Errors
/// When the message was not made by our relay.
pub fn event(
    context: &str,
    sequence: u64,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Recorded, BadMessage> {
    let bad = |attribute| BadMessage { sequence, attribute };
    let text = |name: &'static str| {
        let value = headers.get(name).ok_or_else(|| bad(name))?;
        text_of_header(value.as_str()).ok_or_else(|| bad(name))
    };
    let id = |name| Uuid::from_str(&text(name)?).map_err(|_| bad(name));
    let number = |name| text(name)?.parse::<u64>().map_err(|_| bad(name));
    let subject = text("ce-subject")?;
    let (aggregate, object_id) = subject.split_once('/').ok_or_else(|| bad("ce-subject"))?;
    let named = text("ce-type")?;
    let (event_type, event_version) = named
        .rsplit_once(".v")
        .and_then(|(path, version)| Some((path.rsplit('.').next()?, version.parse().ok()?)))
        .ok_or_else(|| bad("ce-type"))?;
    let recorded_at =
        DateTime::parse_from_rfc3339(&text("ce-time")?).map_err(|_| bad("ce-time"))?;
    let tenant = text("ce-tenant")?;
    Ok(Recorded {
        position: number("ce-position")?,
        event_id: id("ce-id")?,
        context: context.to_owned(),
        aggregate: aggregate.to_owned(),
        object_id: object_id.to_owned(),
        version: number("ce-version")?,
        event_type: event_type.to_owned(),
        event_version,
        recorded_at: recorded_at.with_timezone(&Utc),
        metadata: Metadata {
            actor_id: text("ce-actorid")?,
            correlation_id: id("ce-correlationid")?,
            causation_id: id("ce-causationid")?,
            request_id: id("ce-requestid")?,
            traceparent: headers.get("traceparent").map(|value| value.as_str().to_owned()),
            tenant: tenant.clone(),
        },
        tenant,
        payload: String::from_utf8(body.to_vec()).map_err(|_| bad("body"))?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::subject;
    use super::*;

    fn recorded() -> Recorded {
        Recorded {
            position: 7,
            event_id: Uuid::now_v7(),
            tenant: "flywheel".to_owned(),
            context: "order".to_owned(),
            aggregate: "order".to_owned(),
            object_id: "SO 1.*>单".to_owned(),
            version: 2,
            event_type: "OrderConfirmed".to_owned(),
            event_version: 3,
            recorded_at: DateTime::from_timestamp_micros(1_700_000_000_123_456).unwrap(),
            metadata: Metadata {
                tenant: "flywheel".to_owned(),
                actor_id: "李雷 \"100%\"".to_owned(),
                correlation_id: Uuid::new_v4(),
                causation_id: Uuid::new_v4(),
                request_id: Uuid::new_v4(),
                traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into()),
            },
            payload: r#"{"type":"OrderConfirmedV3","note":"好"}"#.to_owned(),
        }
    }

    #[test]
    fn an_event_survives_its_message() {
        let sent = recorded();
        let read = event("order", 7, &headers(&sent), sent.payload.as_bytes()).unwrap();
        assert_eq!(read, sent);
    }

    #[test]
    fn data_can_not_add_a_level_or_a_wildcard_to_a_subject() {
        let subject = subject(&recorded());
        assert_eq!(subject, "ev.order.flywheel.order.SO%201%2E%2A%3E%E5%8D%95.OrderConfirmed");
        assert!(subject.is_ascii());
    }
}
