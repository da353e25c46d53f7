//! The edge for the outside world: the web app, gRPC-Web, gRPC, REST, files and what payment
//! providers tell on one port. It decides nothing; every call goes on to the role that serves it, which authenticates and authorises it.

mod brands;
mod files;
mod notices;
mod openapi;
mod pages;
mod proxy;
mod ready;
mod rest;

use std::path::PathBuf;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::get;
use prost_reflect::DescriptorError;
use tokio_util::sync::CancellationToken;
use tonic_web::{GrpcWebLayer, GrpcWebService};
use tower::{Layer as _, ServiceExt as _};
use tower_http::compression::CompressionLayer;

pub use proxy::{UpstreamError, Upstreams};

/// What the gateway needs to know.
pub struct Settings {
    /// Where the roles are.
    pub upstreams: Upstreams,
    /// Folder of the built web app.
    pub web: PathBuf,
    /// Proxies in front of the gateway.
    pub proxies: usize,
    /// Cancelled when the process is about to stop: it is not ready from then on.
    pub leaving: CancellationToken,
}

#[derive(Clone)]
struct Edge {
    rpcs: GrpcWebService<proxy::Proxy>,
    rest: rest::Rest,
    pages: pages::Pages,
    proxies: usize,
}

/// The gateway's routes. Metrics are not among them: this port is open to the outside.
///
/// # Errors
/// When the compiled contracts can not be read.
pub fn router(settings: Settings) -> Result<Router, DescriptorError> {
    let (upstreams, leaving) = (settings.upstreams, settings.leaving);
    let files = files::router(upstreams.clone(), settings.proxies);
    let notices = notices::router(upstreams.clone(), settings.proxies);
    let brands = brands::router(upstreams.clone(), settings.proxies);
    let edge = Edge {
        rpcs: GrpcWebLayer::new().layer(proxy::Proxy::new(upstreams.clone())),
        rest: rest::Rest::new(upstreams.clone())?,
        pages: pages::Pages::new(&settings.web),
        proxies: settings.proxies,
    };
    Ok(Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/openapi.json", get(openapi::document).layer(CompressionLayer::new()))
        .route("/readyz", get(move || ready::ready(upstreams.clone(), leaving.clone())))
        .fallback(route)
        .with_state(edge)
        .merge(files)
        .merge(notices)
        .merge(brands))
}

/// Calls are told from pages by their content type, those of REST by their method or path.
async fn route(State(mut edge): State<Edge>, request: Request) -> Response {
    let kind = request.headers().get(http::header::CONTENT_TYPE);
    let is_grpc = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"));
    let is_rest = !is_grpc && rest::is_call(&request);
    if !is_grpc && !is_rest {
        return edge.pages.serve(request).await;
    }
    let request = kernel::gate::coming_from(request, edge.proxies);
    if is_rest {
        return edge.rest.answer(request).await;
    }
    match edge.rpcs.oneshot(request.map(tonic::body::Body::new)).await {
        Ok(response) => response.map(axum::body::Body::new),
        Err(never) => match never {},
    }
}
