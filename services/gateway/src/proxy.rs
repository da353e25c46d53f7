//! Sends each call on to the role that serves it, as a part of the caller's trace.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use kernel::Text;
use kernel::failure::status;
use kernel::telemetry;
use tonic::Code;
use tonic::body::Body;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};
use tower::{Service, ServiceExt as _};
use tracing::Instrument as _;

/// Connections to the roles; made when first used, and again after a failure.
#[derive(Clone)]
pub struct Upstreams {
    order: Channel,
    partner: Channel,
    collab: Channel,
    projector: Channel,
    webhooks: Channel,
    payments: Channel,
    connectors: Channel,
}

/// An address that is none.
#[derive(Debug, thiserror::Error)]
#[error("{address} is not the address of a role; give one like http://127.0.0.1:7000")]
pub struct UpstreamError {
    address: String,
    #[source]
    source: tonic::transport::Error,
}

impl Upstreams {
    /// Where the order, partner and collab roles, the projector, the webhooks, the payments and the
    /// connectors are, and how an `https` one is called.
    ///
    /// # Errors
    /// When an address is none.
    pub fn new(
        [order, partner, collab, projector, webhooks, payments, connectors]: [&str; 7],
        tls: Option<&ClientTlsConfig>,
    ) -> Result<Self, UpstreamError> {
        Ok(Self {
            order: channel(order, tls)?,
            partner: channel(partner, tls)?,
            collab: channel(collab, tls)?,
            projector: channel(projector, tls)?,
            webhooks: channel(webhooks, tls)?,
            payments: channel(payments, tls)?,
            connectors: channel(connectors, tls)?,
        })
    }

    /// Those that it does not serve without, with their names. What is sent to others waits for no
    /// caller.
    pub(crate) fn all(&self) -> [(&'static str, Channel); 4] {
        [
            ("order", self.order.clone()),
            ("partner", self.partner.clone()),
            ("collab", self.collab.clone()),
            ("projector", self.projector.clone()),
        ]
    }

    /// The role that serves a path `/<package>.<Service>/<Method>`: commands go to the context of
    /// their package, all that is read goes to the projector.
    fn serving(&self, path: &str) -> Channel {
        let service = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        match service.strip_prefix("qudao.").and_then(|rest| rest.split('.').next()) {
            _ if service.ends_with("QueryService") => self.projector.clone(),
            Some("order") => self.order.clone(),
            Some("partner") => self.partner.clone(),
            Some("webhook") => self.webhooks.clone(),
            Some("payment") => self.payments.clone(),
            Some("connector") => self.connectors.clone(),
            Some("collab") => self.collab.clone(),
            _ => self.projector.clone(),
        }
    }
}

/// Bytes under way to one client that reads slowly, and to all clients of a role together.
const STREAM_WINDOW: u32 = 256 << 10;
const CONNECTION_WINDOW: u32 = 256 << 20;
/// Bytes of headers that a role may answer with. A refusal quotes what the caller sent, in two
/// languages and in details; if that were too much, HTTP/2 would end the connection of all callers.
const HEADERS: u32 = 64 << 20;

fn channel(address: &str, tls: Option<&ClientTlsConfig>) -> Result<Channel, UpstreamError> {
    let wrong = |source| UpstreamError { address: address.to_owned(), source };
    let mut endpoint = Endpoint::from_shared(address.to_owned()).map_err(wrong)?;
    if let Some(tls) = tls.filter(|_| address.starts_with("https:")) {
        endpoint = endpoint.tls_config(tls.clone()).map_err(wrong)?;
    }
    Ok(endpoint
        .connect_timeout(std::time::Duration::from_secs(3))
        .http2_keep_alive_interval(std::time::Duration::from_secs(60))
        .keep_alive_timeout(std::time::Duration::from_secs(20))
        // All clients share this connection: what one of them does not read must not fill it.
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .http2_max_header_list_size(HEADERS)
        .connect_lazy())
}

/// The forwarding service.
#[derive(Clone)]
pub(crate) struct Proxy(Upstreams);

impl Proxy {
    pub(crate) fn new(upstreams: Upstreams) -> Self {
        Self(upstreams)
    }
}

impl Service<http::Request<Body>> for Proxy {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let path = request.uri().path().to_owned();
        let span = telemetry::server_span(&format!("/gateway{path}"), request.headers());
        let upstream = self.0.serving(&path);
        Box::pin(async move { Ok(forward(upstream, request).await) }.instrument(span))
    }
}

async fn forward(upstream: Channel, mut request: http::Request<Body>) -> http::Response<Body> {
    let parent = telemetry::traceparent().and_then(|parent| parent.parse().ok());
    if let Some(parent) = parent {
        request.headers_mut().insert("traceparent", parent);
    }
    match upstream.oneshot(request).await {
        Ok(response) => response,
        Err(error) => {
            tracing::warn!(error = %kernel::failure::chain(&error), "a role does not answer");
            let text = Text::new(
                "服务暂不可用，请稍后重试",
                "the service is not available; try again soon",
            );
            status(Code::Unavailable, "ROLE_UNAVAILABLE", &text).into_http()
        }
    }
}
