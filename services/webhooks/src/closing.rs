//! Has endpoints disabled that are gone or fail for days: the partner context is asked for it, in
//! the name of the system, until it has done so.

use std::time::Duration;

use kernel::agent;
use kernel::auth::Keys;
use kernel::failure::chain;
use proto::partner::v1::webhook_service_client::WebhookServiceClient;
use proto::partner::v1::{DisableWebhookRequest, WebhookCause};
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;
use tonic::{Code, Status};

use crate::sender::told;

/// How often it is looked for such endpoints.
const LOOK: Duration = Duration::from_secs(1);
/// Who asks.
const NAME: &str = "webhooks";

/// What has endpoints disabled.
pub(crate) struct Closing {
    pub(crate) db: PgPool,
    pub(crate) partner: Channel,
    pub(crate) keys: Keys,
}

/// An endpoint that is to be disabled.
type Closed = (String, String, i64, String);

impl Closing {
    pub(crate) async fn run(self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK) => (),
            }
            for endpoint in told("endpoints stay as they are", self.found().await).iter().flatten()
            {
                if let Err(error) = self.disable(endpoint).await {
                    let (tenant, id, ..) = endpoint;
                    tracing::warn!(tenant, id, error = %chain(&error), "an endpoint stays enabled");
                }
            }
        }
    }

    async fn found(&self) -> sqlx::Result<Vec<Closed>> {
        let found = sqlx::query_as(
            "SELECT tenant_id, endpoint_id, version, closing FROM webhook_endpoints
             WHERE enabled AND closing IS NOT NULL LIMIT 100",
        );
        found.fetch_all(&self.db).await
    }

    /// The request is made from the endpoint as it was found: asked twice, it is disabled once, and
    /// not at all when somebody has changed it meanwhile.
    async fn disable(&self, (tenant, id, version, closing): &Closed) -> Result<(), Status> {
        let (cause, reason) = match closing.as_str() {
            "gone" => (WebhookCause::Gone, "410 Gone"),
            _ => (WebhookCause::Failing, "连续 5 天投递失败 · nothing was taken for 5 days"),
        };
        let key = format!("{NAME}/{tenant}/{id}/{version}/{closing}");
        let asked = DisableWebhookRequest {
            request_id: agent::request_id(&key),
            expected_version: Some(version.cast_unsigned()),
            endpoint_id: id.clone(),
            reason: reason.to_owned(),
            cause: cause.into(),
        };
        let request = agent::request(&self.keys, NAME, tenant, asked)?;
        let asked = WebhookServiceClient::new(self.partner.clone()).disable_webhook(request).await;
        match asked {
            Ok(_) => Ok(()),
            // It was changed or removed meanwhile; its facts say what holds.
            Err(status) if matches!(status.code(), Code::Aborted | Code::NotFound) => Ok(()),
            Err(status) => Err(status),
        }
    }
}
