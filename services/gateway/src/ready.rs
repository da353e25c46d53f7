//! Whether the roles behind the gateway serve.

use http::StatusCode;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::proxy::Upstreams;

/// 200 when every role says that it serves, else 503 with the first that does not; 503 too when
/// the gateway itself is about to stop.
pub(crate) async fn ready(
    upstreams: Upstreams,
    leaving: CancellationToken,
) -> (StatusCode, String) {
    if leaving.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n".to_owned());
    }
    for (name, channel) in upstreams.all() {
        let answer = tokio::time::timeout(std::time::Duration::from_secs(2), serves(channel)).await;
        if answer != Ok(true) {
            return (StatusCode::SERVICE_UNAVAILABLE, format!("{name} does not serve yet\n"));
        }
    }
    (StatusCode::OK, "ready\n".to_owned())
}

async fn serves(channel: Channel) -> bool {
    let request = HealthCheckRequest { service: String::new() };
    match HealthClient::new(channel).check(request).await {
        Ok(answer) => answer.into_inner().status() == ServingStatus::Serving,
        Err(_) => false,
    }
}
