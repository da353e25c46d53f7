//! The description of what can be called over REST, as it was when this program was built.

use axum::response::IntoResponse;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};

/// A test compares it with the contracts.
const DOCUMENT: &str = include_str!("../../../docs/openapi.json");

pub(crate) async fn document() -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "no-cache"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, DOCUMENT)
}
