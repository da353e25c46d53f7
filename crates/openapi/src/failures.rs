//! What is told instead of an answer: Connect's error object and the HTTP statuses it comes under.

use kernel::access::{Access, Who};
use serde_json::{Map, Value, json};

use crate::reference;

const CODES: [&str; 16] = [
    "canceled",
    "unknown",
    "invalid_argument",
    "deadline_exceeded",
    "not_found",
    "already_exists",
    "permission_denied",
    "resource_exhausted",
    "failed_precondition",
    "aborted",
    "out_of_range",
    "unimplemented",
    "internal",
    "unavailable",
    "data_loss",
    "unauthenticated",
];

/// Status, name, what it means and whether it needs a caller that is known.
const STATUSES: [(&str, &str, &str, bool); 11] = [
    ("400", "BadRequest", "A field is wrong, or the state of things does not allow it.", false),
    ("401", "Unauthenticated", "The token is missing or expired, or the password is wrong.", false),
    ("403", "Forbidden", "None of the caller's roles may do this.", true),
    ("404", "NotFound", "There is no such object, or no such rpc.", false),
    ("409", "Conflict", "It exists already, or it changed since it was read.", false),
    ("413", "TooLarge", "The body has more than 4 MiB.", false),
    ("415", "UnsupportedMediaType", "The content type is not application/json.", false),
    ("429", "Busy", "Too much at once; repeat soon.", false),
    ("500", "Internal", "A fault of the program, which was logged.", false),
    ("503", "Unavailable", "A part of the system does not answer; repeat soon.", false),
    ("504", "Late", "Not done in time; repeat with the same requestId.", false),
];

/// The failures that an rpc may answer, by status. Once a stream has begun, it tells
/// them in its last envelope.
pub(crate) fn references(access: &Access) -> Map<String, Value> {
    let known = access.who != Who::Public;
    let told = STATUSES.iter().filter(|(_, _, _, needs_caller)| known || !needs_caller);
    let told = told.filter(|(status, ..)| !access.streams || matches!(*status, "400" | "415"));
    told.map(|(status, name, _, _)| ((*status).to_owned(), reference("responses", name))).collect()
}

/// All failures by name.
pub(crate) fn responses() -> Map<String, Value> {
    let response = |(_, name, meaning, _): &(&str, &str, &str, bool)| {
        let mut content = json!({"schema": reference("schemas", "connect.Error")});
        if *name == "BadRequest" {
            content["example"] = example();
        }
        let content = json!({"application/json": content});
        ((*name).to_owned(), json!({"description": meaning, "content": content}))
    };
    STATUSES.iter().map(response).collect()
}

/// The error object and its details.
pub(crate) fn schemas() -> Map<String, Value> {
    let error = json!({
        "type": "object",
        "description": "Why a call was not carried out.",
        "required": ["code"],
        "properties": {
            "code": {"type": "string", "enum": CODES, "description": "The gRPC code, as Connect \
                spells it."},
            "message": {"type": "string", "description": "The words in English."},
            "details": {
                "type": "array",
                "items": reference("schemas", "connect.ErrorDetail"),
                "description": "A google.rpc.ErrorInfo with the stable `reason`, a \
                    google.rpc.LocalizedMessage in zh-CN and one in en; a google.rpc.BadRequest \
                    when fields are wrong, a google.rpc.RetryInfo when it helps to repeat.",
            },
        },
    });
    let detail = json!({
        "type": "object",
        "required": ["type", "value"],
        "properties": {
            "type": {"type": "string", "description": "For example `google.rpc.ErrorInfo`."},
            "value": {"type": "string", "contentEncoding": "base64", "description": "The message \
                in protobuf's bytes."},
            "debug": {"description": "The same message as JSON."},
        },
    });
    Map::from_iter([
        ("connect.Error".to_owned(), error),
        ("connect.ErrorDetail".to_owned(), detail),
    ])
}

fn example() -> Value {
    json!({
        "code": "failed_precondition",
        "message": "dealer hengtong has no account to order with yet",
        "details": [{
            "type": "google.rpc.ErrorInfo",
            "value": "ChBBQ0NPVU5UX05PVF9PUEVOEgVxdWRhbw",
            "debug": {"reason": "ACCOUNT_NOT_OPEN", "domain": "qudao"},
        }],
    })
}
