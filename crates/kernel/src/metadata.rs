//! What is known about the cause of an event.

use serde::{Deserialize, Serialize, Serializer};
use uuid::Uuid;

/// Who and what caused an event. Stored beside the payload and covered by the chain; public, so
/// nothing secret belongs here, and no name either: it could never be erased. The oldest events
/// have one, `actor_name`, which nobody reads any more.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Metadata {
    /// The brand; always from the caller's token.
    pub tenant: String,
    /// Who did it: a user's id, or `policy:<name>`.
    pub actor_id: String,
    /// Same for all that follows from one request of the outside world.
    pub correlation_id: Uuid,
    /// The request or event that directly caused it.
    pub causation_id: Uuid,
    /// The idempotency key of the command.
    pub request_id: Uuid,
    /// W3C Trace Context of the command.
    #[serde(default)]
    pub traceparent: Option<String>,
}

/// The stored form. A program of before does not read an event without a name, and both work
/// together while an installation is updated: so there is one, and it is empty.
#[derive(Serialize)]
struct Written<'a> {
    tenant: &'a str,
    actor_id: &'a str,
    actor_name: &'static str,
    correlation_id: Uuid,
    causation_id: Uuid,
    request_id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    traceparent: Option<&'a str>,
}

impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = Written {
            tenant: &self.tenant,
            actor_id: &self.actor_id,
            actor_name: "",
            correlation_id: self.correlation_id,
            causation_id: self.causation_id,
            request_id: self.request_id,
            traceparent: self.traceparent.as_deref(),
        };
        written.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_was_recorded_is_read_over_and_an_empty_one_written() {
        let id = Uuid::nil();
        let old = format!(
            r#"{{"tenant":"acme","actor_id":"li.lei","actor_name":"李雷","correlation_id":"{id}",
                "causation_id":"{id}","request_id":"{id}"}}"#
        );
        let read: Metadata = serde_json::from_str(&old).expect("old metadata is read");
        assert_eq!(read.actor_id, "li.lei");
        let written = serde_json::to_string(&read).expect("JSON");
        assert_eq!(serde_json::from_str::<Metadata>(&written).expect("it is read back"), read);
        assert!(written.contains(r#""actor_name":"""#) && !written.contains("李雷"), "{written}");
    }
}
