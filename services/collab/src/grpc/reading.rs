//! Files as they are read: a head, and then the bytes of a range, as much at a time as the reader
//! takes.

use std::pin::Pin;

use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};
use kernel::failure;
use kernel::{Text, rpc::Reply};
use proto::collab::v1 as pb;
use tonic::{Code, Response, Status};

use crate::file::{MediaType, StoredFile};
use crate::store::{Files, Part};

/// Bytes of a message.
const PIECE: u64 = 256 << 10;

/// Messages of an answer, made when they are asked for.
pub(super) type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// A message of an answer.
pub(super) trait Answer: Send + 'static {
    fn head(head: pb::FileHead) -> Self;
    fn data(data: Bytes) -> Self;
}

impl Answer for pb::ReadFileResponse {
    fn head(head: pb::FileHead) -> Self {
        Self { head: Some(head), data: Vec::new() }
    }

    fn data(data: Bytes) -> Self {
        Self { head: None, data: data.into() }
    }
}

impl Answer for pb::ReadOriginalResponse {
    fn head(head: pb::FileHead) -> Self {
        Self { head: Some(head), data: Vec::new() }
    }

    fn data(data: Bytes) -> Self {
        Self { head: None, data: data.into() }
    }
}

/// The bytes as they came.
pub(super) fn original() -> Part {
    Part::Original
}

/// What is shown of a file: of a picture, a copy.
pub(super) fn shown(file: &StoredFile, wanted: pb::Rendition) -> Part {
    match (&file.picture, wanted) {
        (None, _) => Part::Original,
        (Some(_), pb::Rendition::Thumbnail) => Part::Thumbnail,
        (Some(_), pb::Rendition::Preview | pb::Rendition::Unspecified) => Part::Preview,
    }
}

pub(super) async fn answer<T: Answer>(
    files: &Files,
    tenant: &str,
    (file, part): (&StoredFile, Part),
    (offset, length): (u64, u64),
) -> Reply<Answers<T>> {
    let lost = |error: object_store::Error| failure::unavailable(&error);
    let size = match part {
        Part::Original => file.size,
        Part::Thumbnail | Part::Preview => {
            files.size(tenant, &file.sha256, part).await.map_err(lost)?
        }
    };
    if offset >= size {
        return Err(beyond(size));
    }
    let length = if length == 0 { size - offset } else { length.min(size - offset) };
    let head = head(file, part, size, (offset, length));
    let (files, tenant, digest) = (files.clone(), tenant.to_owned(), file.sha256.clone());
    let end = offset + length;
    let pieces = stream::try_unfold(offset, move |at| {
        let (files, tenant, digest) = (files.clone(), tenant.clone(), digest.clone());
        async move {
            if at >= end {
                return Ok(None);
            }
            let next = (at + PIECE).min(end);
            let data = files.read(&tenant, &digest, part, at..next).await;
            let data = data.map_err(|error| failure::unavailable(&error))?;
            Ok(Some((T::data(data), next)))
        }
    });
    let all = stream::once(async move { Ok(T::head(head)) }).chain(pieces);
    Ok(Response::new(Box::pin(all)))
}

fn head(file: &StoredFile, part: Part, size: u64, (offset, length): (u64, u64)) -> pb::FileHead {
    let copies = file.picture.as_ref().filter(|_| part != Part::Original);
    let media_type = copies.map_or(file.media_type, |picture| picture.copies);
    let part: &'static str = part.into();
    pb::FileHead {
        name: renamed(&file.name, file.media_type, media_type),
        media_type: media_type.as_str().to_owned(),
        size,
        offset,
        length,
        etag: format!("{}-{part}", file.sha256.as_str()),
    }
}

/// A copy may be of another kind than what it is a copy of, and its name says so.
fn renamed(name: &str, was: MediaType, is: MediaType) -> String {
    match name.rsplit_once('.') {
        Some((stem, _)) if was != is => format!("{stem}.{}", is.endings()[0]),
        _ => name.to_owned(),
    }
}

fn beyond(size: u64) -> Status {
    let text = Text::new(
        format!("起始位置超出文件：共 {size} 字节"),
        format!("the range begins after the end: there are {size} bytes"),
    );
    failure::status(Code::OutOfRange, "RANGE_BEYOND_END", &text)
}
