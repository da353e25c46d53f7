//! The web app's files. Unknown paths are the app's own pages, so they get its index.

use std::convert::Infallible;
use std::path::Path;

use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, StatusCode};
use tower::{Layer as _, Service as _};
use tower_http::compression::{Compression, CompressionLayer};
use tower_http::services::{ServeDir, ServeFile};

type Files = Compression<ServeDir<ServeFile>>;

/// Styles are written into the page by the component library; everything else is our own.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; \
                      frame-ancestors 'none'; base-uri 'self'; form-action 'self'";

#[derive(Clone)]
pub(crate) struct Pages(Files);

impl Pages {
    pub(crate) fn new(folder: &Path) -> Self {
        let index = ServeFile::new(folder.join("index.html"));
        Self(CompressionLayer::new().layer(ServeDir::new(folder).fallback(index)))
    }

    pub(crate) async fn serve(&mut self, request: Request) -> Response {
        let hashed = request.uri().path().starts_with("/assets/");
        let answer: Result<_, Infallible> = self.0.call(request).await;
        let mut response = match answer {
            Ok(response) if response.status() == StatusCode::NOT_FOUND => not_built(),
            Ok(response) => response.map(axum::body::Body::new),
            Err(never) => match never {},
        };
        // Built files carry a hash of their content in their name; the index must stay fresh.
        let keep = if hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
        for (name, value) in [
            (CACHE_CONTROL, keep),
            (CONTENT_SECURITY_POLICY, POLICY),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (HeaderName::from_static("referrer-policy"), "same-origin"),
        ] {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

fn not_built() -> Response {
    let text = "The web app is not built / 网页尚未构建: npm run build in services/gateway/web\n";
    (StatusCode::NOT_FOUND, text).into_response()
}
