//! The edge for the outside world: the web app, gRPC-Web and gRPC on one port. It decides nothing;
//! every call goes on to the role that serves it, which authenticates and authorises it.

mod pages;
mod proxy;
mod ready;

use std::path::PathBuf;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::get;
use tokio_util::sync::CancellationToken;
use tonic_web::{GrpcWebLayer, GrpcWebService};
use tower::{Layer as _, ServiceExt as _};

pub use proxy::{UpstreamError, Upstreams};

/// What the gateway needs to know.
pub struct Settings {
    /// Where the roles are.
    pub upstreams: Upstreams,
    /// Folder of the built web app.
    pub web: PathBuf,
    /// Cancelled when the process is about to stop: it is not ready from then on.
    pub leaving: CancellationToken,
}

#[derive(Clone)]
struct Edge {
    rpcs: GrpcWebService<proxy::Proxy>,
    pages: pages::Pages,
}

/// The gateway's routes. Metrics are not among them: this port is open to the outside.
pub fn router(settings: Settings) -> Router {
    let (upstreams, leaving) = (settings.upstreams, settings.leaving);
    let edge = Edge {
        rpcs: GrpcWebLayer::new().layer(proxy::Proxy::new(upstreams.clone())),
        pages: pages::Pages::new(&settings.web),
    };
    Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(move || ready::ready(upstreams.clone(), leaving.clone())))
        .fallback(route)
        .with_state(edge)
}

/// Calls are told from pages by their content type.
async fn route(State(mut edge): State<Edge>, request: Request) -> Response {
    let kind = request.headers().get(http::header::CONTENT_TYPE);
    let is_call = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"));
    if !is_call {
        return edge.pages.serve(request).await;
    }
    let request = kernel::gate::coming_from(request.map(tonic::body::Body::new));
    match edge.rpcs.oneshot(request).await {
        Ok(response) => response.map(axum::body::Body::new),
        Err(never) => match never {},
    }
}
