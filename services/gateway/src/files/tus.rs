//! Uploads by tus 1.0 (<https://tus.io/protocols/resumable-upload>) with the extensions creation,
//! termination and expiration. It carries the bytes; the rpc FinishUpload makes a file of them.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use kernel::Text;
use proto::collab::v1 as pb;
use tokio::time::{Instant, timeout_at};

use super::{Files, bad, call, metadata, not_here, refused};
use crate::rest::Refused;

const VERSION: &str = "1.0.0";
const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");
const EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
/// Bytes of the largest file.
const MAX_SIZE: &str = "52428800";
/// Bytes that are handed on at a time.
const PIECE: usize = 1 << 20;
/// Whoever sends less than so much in so long is not waited for; what came is kept.
const WINDOW: Duration = Duration::from_secs(20);
const LEAST: usize = 16 << 10;

/// `/files`: what can be done, and the beginning of an upload.
pub(super) async fn collection(State(files): State<Files>, request: Request) -> Response {
    let request = files.coming(request);
    let answer = match *request.method() {
        Method::OPTIONS => Ok(options()),
        Method::POST => start(&files, request.headers()).await,
        _ => Err(not_here()),
    };
    marked(answer)
}

/// `/files/uploads/{id}`: an upload under way.
pub(super) async fn one(
    State(files): State<Files>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let (head, body) = files.coming(request).into_parts();
    let answer = match head.method {
        Method::OPTIONS => Ok(options()),
        Method::HEAD => state(&files, &head.headers, id).await,
        Method::PATCH => append(&files, &head.headers, id, body).await,
        Method::DELETE => cancel(&files, &head.headers, id).await,
        _ => Err(not_here()),
    };
    marked(answer)
}

/// All answers say what they are, and are kept by no cache.
fn marked(answer: Result<Response, Refused>) -> Response {
    let mut response = answer.unwrap_or_else(|refused| refused.into_response());
    let headers = response.headers_mut();
    headers.insert(RESUMABLE, HeaderValue::from_static(VERSION));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn empty(status: StatusCode) -> Response {
    status.into_response()
}

fn options() -> Response {
    let mut response = empty(StatusCode::NO_CONTENT);
    for (name, value) in [
        ("tus-version", VERSION),
        ("tus-extension", "creation,termination,expiration"),
        ("tus-max-size", MAX_SIZE),
    ] {
        let name = HeaderName::from_static(name);
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn start(files: &Files, headers: &HeaderMap) -> Result<Response, Refused> {
    version(headers)?;
    let request = metadata::request(headers, number(headers, &LENGTH)?)?;
    let answer = files.client().start_upload(call(headers, request)).await.map_err(refused)?;
    let upload = answer.into_inner().upload.unwrap_or_default();
    let mut response = shown(StatusCode::CREATED, &upload);
    let location = format!("/files/uploads/{}", upload.upload_id);
    if let Ok(location) = location.parse() {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

async fn state(files: &Files, headers: &HeaderMap, id: String) -> Result<Response, Refused> {
    version(headers)?;
    let request = call(headers, pb::GetUploadRequest { upload_id: id });
    let answer = files.client().get_upload(request).await.map_err(refused)?;
    Ok(shown(StatusCode::OK, &answer.into_inner().upload.unwrap_or_default()))
}

async fn cancel(files: &Files, headers: &HeaderMap, id: String) -> Result<Response, Refused> {
    version(headers)?;
    let request = call(headers, pb::CancelUploadRequest { upload_id: id });
    files.client().cancel_upload(request).await.map_err(refused)?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// Hands on what comes, piece by piece. What broke off is handed on as well, so that little is
/// sent twice.
async fn append(
    files: &Files,
    headers: &HeaderMap,
    id: String,
    body: Body,
) -> Result<Response, Refused> {
    version(headers)?;
    let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    if kind != Some(b"application/offset+octet-stream") {
        let text = Text::new(
            "content-type 须为 application/offset+octet-stream",
            "content-type has to be application/offset+octet-stream",
        );
        return Err(bad(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_CONTENT_TYPE", &text));
    }
    let mut sending =
        Sending { files, headers, id, upload: None, offset: number(headers, &OFFSET)? };
    let mut body = body.into_data_stream();
    let (mut waiting, mut came) = (BytesMut::new(), 0);
    let mut until = Instant::now() + WINDOW;
    loop {
        match timeout_at(until, body.next()).await {
            Ok(Some(Ok(chunk))) => {
                came += chunk.len();
                waiting.extend_from_slice(&chunk);
                while waiting.len() >= PIECE {
                    sending.send(waiting.split_to(PIECE).freeze()).await?;
                }
            }
            Err(_) if came >= LEAST => (came, until) = (0, Instant::now() + WINDOW),
            Ok(Some(Err(_)) | None) | Err(_) => break,
        }
    }
    if !waiting.is_empty() || sending.upload.is_none() {
        sending.send(waiting.freeze()).await?;
    }
    Ok(shown(StatusCode::NO_CONTENT, &sending.upload.unwrap_or_default()))
}

/// The pieces of one request.
struct Sending<'a> {
    files: &'a Files,
    headers: &'a HeaderMap,
    id: String,
    /// As it was after the last one.
    upload: Option<pb::Upload>,
    offset: u64,
}

impl Sending<'_> {
    async fn send(&mut self, data: Bytes) -> Result<(), Refused> {
        let (upload_id, offset, length) = (self.id.clone(), self.offset, data.len() as u64);
        let piece = pb::AppendUploadRequest { upload_id, offset, data: data.into() };
        let answer = self.files.client().append_upload(call(self.headers, piece)).await;
        self.upload = answer.map_err(refused)?.into_inner().upload;
        self.offset += length;
        Ok(())
    }
}

fn shown(status: StatusCode, upload: &pb::Upload) -> Response {
    let mut response = empty(status);
    let expires = chrono::DateTime::parse_from_rfc3339(&upload.expires_at);
    let expires = expires.map(|time| time.format("%a, %d %b %Y %H:%M:%S GMT").to_string());
    for (name, value) in [
        (OFFSET, upload.offset.to_string()),
        (LENGTH, upload.size.to_string()),
        (EXPIRES, expires.unwrap_or_default()),
    ] {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn version(headers: &HeaderMap) -> Result<(), Refused> {
    if headers.get(RESUMABLE).is_some_and(|version| version == VERSION) {
        return Ok(());
    }
    let text = Text::new("tus-resumable 须为 1.0.0", "tus-resumable has to be 1.0.0");
    let name = HeaderName::from_static("tus-version");
    Err(bad(StatusCode::PRECONDITION_FAILED, "UNSUPPORTED_TUS_VERSION", &text)
        .naming(name, VERSION))
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Result<u64, Refused> {
    let told = headers.get(name).and_then(|value| value.to_str().ok());
    let digits = told.filter(|told| told.bytes().all(|sign| sign.is_ascii_digit()));
    digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| {
        let text =
            Text::new(format!("{name} 须为字节数"), format!("{name} has to be a number of bytes"));
        bad(StatusCode::BAD_REQUEST, "BAD_HEADER", &text)
    })
}
