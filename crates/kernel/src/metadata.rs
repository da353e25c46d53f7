//! What is known about the cause of an event.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Who and what caused an event. Stored beside the payload and covered by the chain; public, so
/// nothing secret belongs here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// The brand; always from the caller's token.
    pub tenant: String,
    /// Who did it: a user's id, or `policy:<name>`.
    pub actor_id: String,
    /// That person's name on the day.
    pub actor_name: String,
    /// Same for all that follows from one request of the outside world.
    pub correlation_id: Uuid,
    /// The request or event that directly caused it.
    pub causation_id: Uuid,
    /// The idempotency key of the command.
    pub request_id: Uuid,
    /// W3C Trace Context of the command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
}
