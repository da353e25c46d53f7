//! What stands before the body of a call: whether it is one, how it is written, how long its caller
//! waits, and what goes on to the role.

use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{self, ALLOW, HeaderName};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use kernel::Text;
use kernel::failure::status;
use kernel::gate::CAME_FROM;
use kernel::rpc::{CAUSATION, CORRELATION};
use prost_reflect::MethodDescriptor;
use tonic::metadata::MetadataMap;
use tonic::{Code, Status};

use super::failure::Refused;
use super::json::Codec;

/// Headers that a role is told; the same that it would believe of a gRPC client.
const PASSED_ON: [&str; 7] = [
    "authorization",
    "accept-language",
    "traceparent",
    "tracestate",
    CAUSATION,
    CORRELATION,
    // The gateway's own word, put there in place of what the caller said.
    CAME_FROM,
];
const ACCEPT_POST: HeaderName = HeaderName::from_static("accept-post");
const VERSION: &str = "connect-protocol-version";
const TIMEOUT: &str = "connect-timeout-ms";

/// How a call's messages follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// One request, one answer.
    Unary,
    /// One request, many answers, each in an envelope.
    Stream,
}

/// What the head of a call says.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) kind: Kind,
    pub(super) codec: Codec,
    /// How long the caller waits, when it says so.
    pub(super) patience: Option<Duration>,
}

impl Head {
    pub(super) fn read(
        rpc: &MethodDescriptor,
        method: &Method,
        headers: &HeaderMap,
    ) -> Result<Self, Refused> {
        if method != Method::POST {
            let text = Text::new("请用 POST 调用接口", "rpcs are called by POST");
            let told = status(Code::Unimplemented, "NOT_POSTED", &text);
            return Err(Refused::with(StatusCode::METHOD_NOT_ALLOWED, told).naming(ALLOW, "POST"));
        }
        let kind = if rpc.is_server_streaming() { Kind::Stream } else { Kind::Unary };
        let codec = codec(kind, headers.get(header::CONTENT_TYPE))?;
        understood(kind, headers)?;
        Ok(Self { kind, codec, patience: patience(headers)? })
    }

    pub(super) fn content_type(&self) -> &'static str {
        match (self.kind, self.codec) {
            (Kind::Unary, Codec::Json) => "application/json",
            (Kind::Unary, Codec::Proto) => "application/proto",
            (Kind::Stream, Codec::Json) => "application/connect+json",
            (Kind::Stream, Codec::Proto) => "application/connect+proto",
        }
    }

    /// The call as the role gets it.
    pub(super) fn request(&self, headers: &HeaderMap, message: Bytes) -> tonic::Request<Bytes> {
        let mut request = tonic::Request::new(message);
        *request.metadata_mut() = passed_on(headers);
        let unary = (self.kind == Kind::Unary).then_some(super::PATIENCE);
        if let Some(patience) = self.patience.or(unary) {
            request.set_timeout(patience);
        }
        request
    }
}

/// What a role is told of a request's headers.
pub(crate) fn passed_on(headers: &HeaderMap) -> MetadataMap {
    let mut told = HeaderMap::new();
    for name in PASSED_ON {
        if let Some(value) = headers.get(name) {
            told.insert(name, value.clone());
        }
    }
    MetadataMap::from_headers(told)
}

/// An answer that no cache keeps and no browser takes for anything else.
pub(super) fn answer(content_type: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    for (name, value) in [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// How the messages are written. Only what a page can not send to a stranger without asking first:
/// a form of another site is no call.
fn codec(kind: Kind, content_type: Option<&HeaderValue>) -> Result<Codec, Refused> {
    let told = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (essence, parameters) = told.split_once(';').unwrap_or((told, ""));
    let essence = essence.trim().to_ascii_lowercase();
    let parameters = parameters.trim().to_ascii_lowercase();
    let plain = matches!(parameters.as_str(), "" | "charset=utf-8" | "charset=\"utf-8\"");
    match (kind, essence.as_str()) {
        (Kind::Unary, "application/json") | (Kind::Stream, "application/connect+json") if plain => {
            Ok(Codec::Json)
        }
        (Kind::Unary, "application/proto") | (Kind::Stream, "application/connect+proto") => {
            Ok(Codec::Proto)
        }
        _ => {
            let accepted = match kind {
                Kind::Unary => "application/json, application/proto",
                Kind::Stream => "application/connect+json, application/connect+proto",
            };
            let text = Text::new(
                format!("content-type 须为其中之一：{accepted}"),
                format!("content-type has to be one of {accepted}"),
            );
            let told = status(Code::InvalidArgument, "UNSUPPORTED_CONTENT_TYPE", &text);
            let refused = Refused::with(StatusCode::UNSUPPORTED_MEDIA_TYPE, told);
            Err(refused.naming(ACCEPT_POST, accepted))
        }
    }
}

/// Refuses what would be misunderstood: another protocol, a body that is packed.
fn understood(kind: Kind, headers: &HeaderMap) -> Result<(), Status> {
    if headers.get(VERSION).is_some_and(|version| version != "1") {
        let text =
            Text::new("connect-protocol-version 只能是 1", "connect-protocol-version has to be 1");
        return Err(status(Code::InvalidArgument, "UNSUPPORTED_PROTOCOL_VERSION", &text));
    }
    let packed = match kind {
        Kind::Unary => "content-encoding",
        Kind::Stream => "connect-content-encoding",
    };
    if headers.get(packed).is_some_and(|encoding| encoding != "identity") {
        let text = Text::new("请求内容不得压缩", "the body of the request must not be compressed");
        return Err(status(Code::Unimplemented, "COMPRESSED_BODY", &text));
    }
    Ok(())
}

/// How long the caller waits: milliseconds of at most ten digits, as the protocol has it.
fn patience(headers: &HeaderMap) -> Result<Option<Duration>, Status> {
    let Some(value) = headers.get(TIMEOUT) else { return Ok(None) };
    let digits = value.to_str().ok().filter(|told| {
        (1..=10).contains(&told.len()) && told.bytes().all(|letter| letter.is_ascii_digit())
    });
    match digits.and_then(|digits| digits.parse().ok()) {
        // A timer of nothing may still let an answer through that is quick.
        Some(0) => Err(super::late()),
        Some(milliseconds) => Ok(Some(Duration::from_millis(milliseconds))),
        None => {
            let text = Text::new(
                "connect-timeout-ms 须为毫秒数，最多十位",
                "connect-timeout-ms has to be a number of milliseconds of at most ten digits",
            );
            Err(status(Code::InvalidArgument, "BAD_TIMEOUT", &text))
        }
    }
}
