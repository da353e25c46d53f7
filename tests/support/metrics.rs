//! What this process would tell a scrape.

use std::sync::OnceLock;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// Metrics from now on; a process has them once.
pub fn recorded() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| PrometheusBuilder::new().install_recorder().unwrap())
}

/// The value of a gauge of a context, or 0 before it has one.
pub fn gauge(name: &str, context: &str) -> f64 {
    let text = recorded().render();
    let wanted = format!("{name}{{context=\"{context}\"}} ");
    let value = text.lines().find_map(|line| line.strip_prefix(&wanted));
    value.map_or(0.0, |value| value.parse().unwrap())
}
