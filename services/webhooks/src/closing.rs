//! Has endpoints disabled that are gone or fail for days: the partner context is asked for it, in
//! the name of the system, until it has done so.

use std::time::Duration;

use chrono::TimeDelta;
use kernel::auth::{Caller, Keys, POLICY};
use kernel::clock;
use kernel::failure::{chain, internal};
use proto::access::v1::Role;
use proto::partner::v1::webhook_service_client::WebhookServiceClient;
use proto::partner::v1::{DisableWebhookRequest, WebhookCause};
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use uuid::Uuid;

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
        let request = self.request(
            tenant,
            DisableWebhookRequest {
                request_id: Uuid::new_v5(&Uuid::NAMESPACE_OID, key.as_bytes()).to_string(),
                expected_version: Some(version.cast_unsigned()),
                endpoint_id: id.clone(),
                reason: reason.to_owned(),
                cause: cause.into(),
            },
        )?;
        let asked = WebhookServiceClient::new(self.partner.clone()).disable_webhook(request).await;
        match asked {
            Ok(_) => Ok(()),
            // It was changed or removed meanwhile; its facts say what holds.
            Err(status) if matches!(status.code(), Code::Aborted | Code::NotFound) => Ok(()),
            Err(status) => Err(status),
        }
    }

    fn request<T>(&self, tenant: &str, body: T) -> Result<Request<T>, Status> {
        let caller = Caller {
            user_id: format!("{POLICY}{NAME}"),
            name: NAME.to_owned(),
            tenant: tenant.to_owned(),
            roles: vec![Role::Integration.as_str_name().to_owned()],
            time_zone: "UTC".to_owned(),
            ..Caller::default()
        };
        let token = self.keys.issue(&caller, clock::now(), TimeDelta::minutes(1));
        let token = token.map_err(|error| internal(&error))?;
        let mut request = Request::new(body);
        request.set_timeout(Duration::from_secs(10));
        if let Ok(value) = format!("Bearer {token}").parse() {
            request.metadata_mut().insert("authorization", value);
        }
        Ok(request)
    }
}
