//! Traces, logs and metrics of a process, and the trace context that travels with every call and
//! every event.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Span, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use uuid::Uuid;

use crate::clock;
use crate::event::Recorded;

/// Upper bounds of the buckets of times.
const SECONDS: [f64; 12] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// Upper bounds of the buckets of sizes.
const SIZES: [f64; 8] = [1.0, 2.0, 4.0, 8.0, 16.0, 64.0, 256.0, 512.0];

/// Whether traces leave this process. Where they do not, nobody would ever see what belongs to
/// them, and making it would be a twentieth of the process's work.
static TRACED: AtomicBool = AtomicBool::new(false);

/// What must live as long as the process.
pub struct Telemetry {
    provider: Option<SdkTracerProvider>,
    /// Renders the metrics for a scrape.
    pub metrics: PrometheusHandle,
}

/// Why telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The exporter of traces.
    #[error("the exporter of traces can not be made")]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
    /// The recorder of metrics.
    #[error("the recorder of metrics can not be installed")]
    Metrics(#[from] metrics_exporter_prometheus::BuildError),
    /// Logging.
    #[error("logging was set up twice")]
    Logging(#[from] tracing_subscriber::util::TryInitError),
}

impl Telemetry {
    /// Sets up structured logs (JSON, `RUST_LOG`), metrics, and traces to an OTLP endpoint if one
    /// is given.
    ///
    /// # Errors
    /// See [`TelemetryError`].
    pub fn start(role: &str, otlp_endpoint: Option<&str>) -> Result<Self, TelemetryError> {
        Self::start_telling("info,sqlx=warn,async_nats=warn", role, otlp_endpoint)
    }

    /// The same with other logs where `RUST_LOG` says nothing.
    ///
    /// # Errors
    /// See [`TelemetryError`].
    pub fn start_telling(
        default: &str,
        role: &str,
        otlp_endpoint: Option<&str>,
    ) -> Result<Self, TelemetryError> {
        let provider = otlp_endpoint.map(|endpoint| provider(role, endpoint)).transpose()?;
        let traces = provider
            .as_ref()
            .map(|provider| tracing_opentelemetry::layer().with_tracer(provider.tracer("qudao")));
        let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
        tracing_subscriber::registry()
            .with(filter)
            .with(tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr))
            .with(traces)
            .try_init()?;
        TRACED.store(provider.is_some(), Ordering::Relaxed);
        let metrics = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
            .set_buckets_for_metric(Matcher::Suffix("_size".to_owned()), &SIZES)?
            .install_recorder()?;
        Ok(Self { provider, metrics })
    }

    /// Sends what is still waiting.
    pub fn stop(self) {
        if let Some(provider) = self.provider
            && let Err(error) = provider.shutdown()
        {
            tracing::warn!(%error, "some traces were not sent");
        }
    }
}

fn provider(role: &str, endpoint: &str) -> Result<SdkTracerProvider, TelemetryError> {
    let exporter =
        opentelemetry_otlp::SpanExporter::builder().with_tonic().with_endpoint(endpoint).build()?;
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(Resource::builder().with_service_name(format!("qudao-{role}")).build())
        .build())
}

struct Headers<'a>(&'a http::HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(http::HeaderName::as_str).collect()
    }
}

/// The span of a call that comes in, a child of the caller's.
pub fn server_span(path: &str, headers: &http::HeaderMap) -> Span {
    let span = info_span!(
        "rpc.server",
        otel.name = path.trim_start_matches('/'),
        otel.kind = "server",
        rpc.grpc.status_code = tracing::field::Empty,
        qudao.position = tracing::field::Empty,
    );
    if is_traced() {
        adopt(&span, TraceContextPropagator::new().extract(&Headers(headers)));
    }
    span
}

/// A fact older than this is being replayed; its command's trace is over.
const TRACE_FOR: chrono::TimeDelta = chrono::TimeDelta::seconds(60);

/// A span that goes on where an event's command left off, so that a command is one trace from its
/// call to the read models. Facts that are replayed later have none, and none has one where no
/// traces are exported.
pub(crate) fn span_of_fact(event: &Recorded, span: impl FnOnce() -> Span) -> Span {
    if !is_traced() || clock::now() - event.recorded_at > TRACE_FOR {
        return Span::none();
    }
    let span = span();
    if let Some(parent) = &event.metadata.traceparent {
        let carrier = HashMap::from([("traceparent".to_owned(), parent.clone())]);
        adopt(&span, TraceContextPropagator::new().extract(&carrier));
    }
    span
}

fn is_traced() -> bool {
    TRACED.load(Ordering::Relaxed)
}

fn adopt(span: &Span, parent: opentelemetry::Context) {
    // Fails only while no trace exporter is set up; then there is nothing to connect.
    let _ = span.set_parent(parent);
}

/// The W3C trace context of the current span, if it is being traced.
pub fn traceparent() -> Option<String> {
    if !is_traced() {
        return None;
    }
    let mut carrier = HashMap::new();
    let context = Span::current().context();
    TraceContextPropagator::new().inject_context(&context, &mut carrier);
    carrier.remove("traceparent")
}

/// The current trace's id as a correlation id.
pub fn correlation_id() -> Option<Uuid> {
    Uuid::parse_str(traceparent()?.split('-').nth(1)?).ok()
}
