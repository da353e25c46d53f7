//! `/files/{id}`: the bytes of a file, for whoever may see it. `?as=thumbnail`, `?as=preview`, or
//! `?as=original` for those who may have a picture with all that its camera wrote into it.
//!
//! What is sent can do nothing on the page's behalf: its type is the one that was found and nothing
//! else, documents are saved and not shown, and nothing in it runs.

use std::pin::Pin;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use kernel::Text;
use proto::collab::v1 as pb;
use tonic::Status;

use super::range::{Wanted, wanted};
use super::{Files, bad, call, disposition, not_here, refused};
use crate::rest::Refused;

/// What is sent is no page, and runs nothing.
const POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

type Pieces = Pin<Box<dyn Stream<Item = Result<(Option<pb::FileHead>, Bytes), Status>> + Send>>;

/// Which bytes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum As {
    Shown(pb::Rendition),
    Original,
}

/// Answers a request.
pub(super) async fn answer(
    State(files): State<Files>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let (head, _) = files.coming(request).into_parts();
    let with_body = match head.method {
        Method::GET => true,
        Method::HEAD => false,
        _ => return not_here().into_response(),
    };
    let read = async {
        let kind = kind(head.uri.query().unwrap_or_default())?;
        let reader = Reader { files: &files, headers: &head.headers, id, kind };
        reader.answer(with_body).await
    };
    read.await.unwrap_or_else(Refused::into_response)
}

fn kind(query: &str) -> Result<As, Refused> {
    Ok(match query {
        "" => As::Shown(pb::Rendition::Unspecified),
        "as=thumbnail" => As::Shown(pb::Rendition::Thumbnail),
        "as=preview" => As::Shown(pb::Rendition::Preview),
        "as=original" => As::Original,
        _ => {
            let text = Text::new(
                "as 须为 thumbnail、preview 或 original",
                "as has to be thumbnail, preview or original",
            );
            return Err(bad(StatusCode::BAD_REQUEST, "BAD_RENDITION", &text));
        }
    })
}

struct Reader<'a> {
    files: &'a Files,
    headers: &'a HeaderMap,
    id: String,
    kind: As,
}

impl Reader<'_> {
    async fn answer(&self, with_body: bool) -> Result<Response, Refused> {
        let (mut range, wanted) = self.range().await?;
        let (mut head, mut pieces) = self.open(range).await?;
        let etag = format!("\"{}\"", head.etag);
        let named = |name| self.headers.get(name).and_then(|told| told.to_str().ok());
        if named(header::IF_NONE_MATCH).is_some_and(|known| lists(known, &etag)) {
            let mut response = StatusCode::NOT_MODIFIED.into_response();
            self.describe(response.headers_mut(), &head, &etag);
            return Ok(response);
        }
        let mut whole = wanted == Wanted::All;
        if !whole && named(header::IF_RANGE).is_some_and(|known| known != etag) {
            (range, whole) = ((0, 0), true);
            (head, pieces) = self.open(range).await?;
        }
        let body = if with_body { Body::from_stream(pieces) } else { Body::empty() };
        let mut response = Response::new(body);
        self.describe(response.headers_mut(), &head, &etag);
        set(response.headers_mut(), header::CONTENT_LENGTH, &head.length.to_string());
        if !whole {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            let last = head.offset + head.length.saturating_sub(1);
            let range = format!("bytes {}-{last}/{}", head.offset, head.size);
            set(response.headers_mut(), header::CONTENT_RANGE, &range);
        }
        Ok(response)
    }

    /// The range that is wanted: where it begins and how long it is, 0 for all.
    async fn range(&self) -> Result<((u64, u64), Wanted), Refused> {
        let wanted = wanted(self.headers);
        let range = match wanted {
            Wanted::All => (0, 0),
            Wanted::From(first, length) => (first, length.unwrap_or(0)),
            // Where the last ones begin is known only to who knows the length.
            Wanted::Last(last) => {
                let (head, _) = self.open((0, 1)).await?;
                (head.size.saturating_sub(last), 0)
            }
        };
        Ok((range, wanted))
    }

    async fn open(
        &self,
        (offset, length): (u64, u64),
    ) -> Result<(pb::FileHead, impl Stream<Item = Result<Bytes, Status>> + Send + use<>), Refused>
    {
        // What is longer than any file is no longer than this one.
        let (offset, length) = (offset.min(MOST), length.min(MOST));
        let mut client = self.files.client();
        let file_id = self.id.clone();
        let mut pieces: Pieces = match self.kind {
            As::Shown(rendition) => {
                let wanted =
                    pb::ReadFileRequest { file_id, rendition: rendition.into(), offset, length };
                let answer = client.read_file(call(self.headers, wanted)).await.map_err(refused)?;
                Box::pin(answer.into_inner().map_ok(|piece| (piece.head, piece.data.into())))
            }
            As::Original => {
                let wanted = pb::ReadOriginalRequest { file_id, offset, length };
                let answer = client.read_original(call(self.headers, wanted)).await;
                let pieces = answer.map_err(refused)?.into_inner();
                Box::pin(pieces.map_ok(|piece| (piece.head, piece.data.into())))
            }
        };
        let first = pieces.next().await.transpose().map_err(refused)?;
        let (head, data) = first.unwrap_or_default();
        let rest = pieces.map_ok(|(_, data)| data);
        Ok((head.unwrap_or_default(), stream::iter([Ok(data)]).chain(rest)))
    }

    fn describe(&self, headers: &mut HeaderMap, head: &pb::FileHead, etag: &str) {
        let inline = self.kind != As::Original && head.media_type.starts_with("image/");
        for (name, value) in [
            (header::CONTENT_TYPE, head.media_type.as_str()),
            (header::CONTENT_DISPOSITION, &disposition::of(&head.name, inline)),
            (header::ETAG, etag),
            (header::ACCEPT_RANGES, "bytes"),
            // Whoever has it asks again each time whether they may still have it.
            (header::CACHE_CONTROL, "private, no-cache"),
            (header::VARY, "authorization"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::REFERRER_POLICY, "no-referrer"),
            (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        ] {
            set(headers, name, value);
        }
    }
}

/// Bytes of the largest file.
const MOST: u64 = 50 << 20;

fn lists(known: &str, etag: &str) -> bool {
    known
        .split(',')
        .map(|one| one.trim().trim_start_matches("W/"))
        .any(|one| one == etag || one == "*")
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
