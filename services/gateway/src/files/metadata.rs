//! What is said of an upload in `Upload-Metadata`: pairs of a key and a value in base64.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, StatusCode};
use kernel::Text;
use proto::collab::v1 as pb;

use super::bad;
use crate::rest::Refused;

/// The beginning of an upload, from its headers. `filename` and `purpose` are needed, the others
/// are: `object-kind`, `object-id`, `dealer-id`, `sha256`, `request-id`.
pub(super) fn request(headers: &HeaderMap, size: u64) -> Result<pb::StartUploadRequest, Refused> {
    let told = pairs(headers).ok_or_else(|| wrong("upload-metadata"))?;
    let text = |key: &str| told.get(key).cloned().unwrap_or_default();
    let purpose = match text("purpose").as_str() {
        "attachment" => pb::FilePurpose::Attachment,
        "logo" => pb::FilePurpose::Logo,
        "product-picture" => pb::FilePurpose::ProductPicture,
        _ => return Err(wrong("purpose")),
    };
    let kind = match text("object-kind").as_str() {
        "" => pb::ObjectKind::Unspecified,
        "order" => pb::ObjectKind::Order,
        "product" => pb::ObjectKind::Product,
        "dealer" => pb::ObjectKind::Dealer,
        _ => return Err(wrong("object-kind")),
    };
    let request_id = match text("request-id") {
        // A client that begins again without one has two uploads, of which one is given up.
        none if none.is_empty() => uuid::Uuid::new_v4().to_string(),
        given => given,
    };
    Ok(pb::StartUploadRequest {
        request_id,
        name: text("filename"),
        size,
        sha256: text("sha256"),
        purpose: purpose.into(),
        object: Some(pb::ObjectRef { kind: kind.into(), id: text("object-id") }),
        dealer_id: text("dealer-id"),
    })
}

fn pairs(headers: &HeaderMap) -> Option<HashMap<String, String>> {
    let Some(told) = headers.get("upload-metadata") else { return Some(HashMap::new()) };
    let told = told.to_str().ok()?;
    told.split(',')
        .map(|pair| {
            let (key, value) = pair.trim().split_once(' ').unwrap_or((pair.trim(), ""));
            let value = String::from_utf8(STANDARD.decode(value).ok()?).ok()?;
            Some((key.to_owned(), value))
        })
        .collect()
}

fn wrong(part: &str) -> Refused {
    let text = Text::new(
        format!("upload-metadata 有误：{part}"),
        format!("upload-metadata is not right: {part}"),
    );
    bad(StatusCode::BAD_REQUEST, "BAD_METADATA", &text)
}
