//! Failures as Connect tells them: a JSON object with the code, the words and the typed details,
//! under an HTTP status that says the same to who knows only HTTP.

use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::header::WWW_AUTHENTICATE;
use http::{HeaderName, HeaderValue, StatusCode};
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage};
use serde_json::{Value, json};
use tonic::{Code, Status};
use tonic_types::pb;

/// The types of details, to show them readable beside their bytes.
static DETAILS: LazyLock<DescriptorPool> = LazyLock::new(|| {
    let mut pool = DescriptorPool::global();
    if let Err(error) = pool.decode_file_descriptor_set(pb::FILE_DESCRIPTOR_SET) {
        tracing::error!(%error, "details of failures will be shown as bytes alone");
    }
    pool
});

/// A call that is not carried out.
pub(crate) struct Refused {
    pub(crate) http: StatusCode,
    /// What HTTP wants to be told with this status.
    header: Option<(HeaderName, HeaderValue)>,
    pub(super) status: Status,
}

impl Refused {
    /// A failure of which HTTP has its own idea.
    pub(crate) fn with(http: StatusCode, status: Status) -> Self {
        Self { http, header: None, status }
    }

    /// The same with a header.
    pub(crate) fn naming(self, header: HeaderName, value: &'static str) -> Self {
        Self { header: Some((header, HeaderValue::from_static(value))), ..self }
    }
}

impl From<Status> for Refused {
    fn from(status: Status) -> Self {
        let refused = Self::with(http(status.code()), status);
        match refused.http {
            StatusCode::UNAUTHORIZED => refused.naming(WWW_AUTHENTICATE, "Bearer"),
            _ => refused,
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = object(&self.status).to_string();
        let mut response = super::head::answer("application/json", body.into());
        *response.status_mut() = self.http;
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

/// Connect's error object.
pub(super) fn object(status: &Status) -> Value {
    let mut object = json!({"code": name(status.code()), "message": status.message()});
    let details = pb::Status::decode(status.details()).map(|told| told.details);
    let details: Vec<_> = details.unwrap_or_default().iter().map(detail).collect();
    if !details.is_empty() {
        object["details"] = details.into();
    }
    object
}

fn detail(any: &prost_types::Any) -> Value {
    let kind = any.type_url.rsplit('/').next().unwrap_or_default();
    let mut told = json!({"type": kind, "value": STANDARD_NO_PAD.encode(&any.value)});
    let shown = DETAILS.get_message_by_name(kind).and_then(|kind| {
        let message = DynamicMessage::decode(kind, any.value.as_slice()).ok()?;
        serde_json::to_value(message).ok()
    });
    if let Some(shown) = shown {
        told["debug"] = shown;
    }
    told
}

/// A code's name and the HTTP status that stands for it, as the protocol has them.
fn told(code: Code) -> (&'static str, u16) {
    match code {
        Code::Cancelled => ("canceled", 499),
        Code::Ok | Code::Unknown => ("unknown", 500),
        Code::InvalidArgument => ("invalid_argument", 400),
        Code::DeadlineExceeded => ("deadline_exceeded", 504),
        Code::NotFound => ("not_found", 404),
        Code::AlreadyExists => ("already_exists", 409),
        Code::PermissionDenied => ("permission_denied", 403),
        Code::ResourceExhausted => ("resource_exhausted", 429),
        Code::FailedPrecondition => ("failed_precondition", 400),
        Code::Aborted => ("aborted", 409),
        Code::OutOfRange => ("out_of_range", 400),
        Code::Unimplemented => ("unimplemented", 501),
        Code::Internal => ("internal", 500),
        Code::Unavailable => ("unavailable", 503),
        Code::DataLoss => ("data_loss", 500),
        Code::Unauthenticated => ("unauthenticated", 401),
    }
}

fn name(code: Code) -> &'static str {
    told(code).0
}

fn http(code: Code) -> StatusCode {
    StatusCode::from_u16(told(code).1).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Text;

    #[test]
    fn a_failure_tells_its_code_its_words_and_its_details() {
        let text = Text::new("已提交", "submitted before");
        let object = object(&kernel::failure::status(Code::AlreadyExists, "ALREADY", &text));
        assert_eq!(object["code"], "already_exists");
        assert_eq!(object["message"], "submitted before");
        assert_eq!(
            object["details"][0],
            json!({
                "type": "google.rpc.ErrorInfo",
                "value": "CgdBTFJFQURZEgVxdWRhbw",
                "debug": {"reason": "ALREADY", "domain": "qudao"},
            })
        );
        assert_eq!(object["details"][1]["debug"], json!({"locale": "zh-CN", "message": "已提交"}));
    }

    #[test]
    fn a_failure_without_details_has_none() {
        let object = object(&Status::internal("no"));
        assert_eq!(object, json!({"code": "internal", "message": "no"}));
    }
}
