//! How a role listens: gRPC with health and reflection, and the pages that operators need, all on
//! one port.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
pub use metrics_exporter_prometheus::PrometheusHandle as MetricsHandle;
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

use crate::gate::{Gate, guard};
use crate::relay::Status;

/// The rpcs of a process, being put together.
pub struct Server {
    routes: Routes,
    health: tonic_health::server::HealthReporter,
    relays: Vec<watch::Receiver<Status>>,
    required: Vec<Problem>,
}

/// Why a part of the process is not ready; `None` when it is.
type Problem = Arc<dyn Fn() -> Option<String> + Send + Sync>;

/// Why a role can not listen.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken or not ours.
    #[error("can not listen on {0}; choose another address")]
    Address(SocketAddr, #[source] std::io::Error),
    /// Reflection could not be set up.
    #[error("the contracts can not be shown by reflection")]
    Reflection(#[from] tonic_reflection::server::Error),
    /// The listener failed.
    #[error("the listener failed")]
    Listener(#[from] std::io::Error),
}

impl Server {
    /// A server with health and reflection (v1 and v1alpha, for older clients).
    ///
    /// # Errors
    /// When the contracts can not be read.
    pub fn new() -> Result<Self, ServeError> {
        let (health, service) = tonic_health::server::health_reporter();
        let reflection = || {
            tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(proto::DESCRIPTORS)
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        };
        let mut routes = Routes::default();
        routes = routes
            .add_service(service)
            .add_service(reflection().build_v1()?)
            .add_service(reflection().build_v1alpha()?);
        Ok(Self { routes, health, relays: Vec::new(), required: Vec::new() })
    }

    /// Adds a service and reports it as serving.
    pub async fn add<S>(&mut self, service: S)
    where
        S: tower::Service<
                http::Request<tonic::body::Body>,
                Response = http::Response<tonic::body::Body>,
                Error = std::convert::Infallible,
            > + tonic::server::NamedService
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send + 'static,
    {
        let routes = std::mem::take(&mut self.routes);
        self.routes = routes.add_service(service);
        self.health.set_serving::<S>().await;
    }

    /// Tells of a relay of this process: as the health of a service named `qudao.relay.<context>`,
    /// and in `/readyz`. Commands do not need the relay, so the process stays ready without it.
    pub fn watch_relay(&mut self, relay: watch::Receiver<Status>) {
        self.relays.push(relay.clone());
        let health = self.health.clone();
        tokio::spawn(async move {
            let mut relay = relay;
            loop {
                let (name, well) = {
                    let status = relay.borrow_and_update();
                    (format!("qudao.relay.{}", status.context), status.problem.is_none())
                };
                let serving = match well {
                    true => tonic_health::ServingStatus::Serving,
                    false => tonic_health::ServingStatus::NotServing,
                };
                health.set_service_status(name, serving).await;
                if relay.changed().await.is_err() {
                    return;
                }
            }
        });
    }

    /// From the moment that this is cancelled, all services say that they do not serve and
    /// `/readyz` says no, so that callers go elsewhere before calls are turned away.
    pub fn leave_when(&mut self, leaving: CancellationToken) {
        let asked = leaving.clone();
        self.require(move || asked.is_cancelled().then(|| "stopping".to_owned()));
        let health = self.health.clone();
        tokio::spawn(async move {
            leaving.cancelled().await;
            health.set_service_status("", tonic_health::ServingStatus::NotServing).await;
        });
    }

    /// The process is not ready while this tells of a problem.
    pub fn require(&mut self, problem: impl Fn() -> Option<String> + Send + Sync + 'static) {
        self.required.push(Arc::new(problem));
    }

    /// All rpcs with nothing in front of them: for whoever measures what a guard costs.
    pub fn into_unguarded(self) -> Router {
        self.routes.into_axum_router()
    }

    /// All rpcs behind the guard, with `/healthz`, `/readyz` and `/metrics` beside them.
    /// `/readyz` asks each of the databases, and what was required.
    pub fn into_router(self, gate: Gate, metrics: MetricsHandle, databases: Vec<PgPool>) -> Router {
        let rpcs = self
            .routes
            .into_axum_router()
            .layer(axum::middleware::from_fn_with_state(Arc::new(gate), guard));
        let parts = Parts { databases, required: self.required, relays: self.relays };
        rpcs.merge(operator_pages(metrics, parts))
    }
}

/// What the readiness of a process depends on, and what it tells of besides.
#[derive(Clone)]
struct Parts {
    databases: Vec<PgPool>,
    required: Vec<Problem>,
    relays: Vec<watch::Receiver<Status>>,
}

/// `/healthz`: the process lives. `/readyz`: its databases answer and its parts have no problem; a
/// relay in trouble is named.
/// `/metrics`: for a scrape.
fn operator_pages(metrics: MetricsHandle, parts: Parts) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(move || ready(parts.clone())))
        .route("/metrics", get(move || async move { metrics.render() }))
}

async fn ready(parts: Parts) -> (StatusCode, String) {
    for database in parts.databases {
        let asked = sqlx::query("SELECT 1").execute(&database);
        let answer = tokio::time::timeout(std::time::Duration::from_secs(1), asked).await;
        if !matches!(answer, Ok(Ok(_))) {
            return (StatusCode::SERVICE_UNAVAILABLE, "a database does not answer".to_owned());
        }
    }
    if let Some(problem) = parts.required.iter().find_map(|problem| problem()) {
        return (StatusCode::SERVICE_UNAVAILABLE, problem);
    }
    let mut text = "ready".to_owned();
    for relay in parts.relays {
        let status = relay.borrow();
        if let Some(problem) = &status.problem {
            let (context, reason) = (status.context, problem.reason());
            text.push_str(&format!("\nrelay of {context}: {reason}: {problem}"));
        }
    }
    (StatusCode::OK, text)
}

/// Binds an address.
///
/// # Errors
/// When it is taken or not ours.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|error| ServeError::Address(address, error))
}

/// Serves in plain text until cancelled, then lets calls under way finish.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: CancellationToken,
) -> Result<(), ServeError> {
    serve_by(listener, router, stop, None).await
}

/// The same by TLS, where there is a certificate to show.
///
/// # Errors
/// When the listener fails.
pub async fn serve_by(
    listener: TcpListener,
    router: Router,
    stop: CancellationToken,
    tls: Option<crate::tls::Listener>,
) -> Result<(), ServeError> {
    crate::listen::serve(listener, router, stop, tls).await;
    Ok(())
}
