//! Endpoints: where events are sent.

use clap::Args;
use proto::common::v1::{PageRequest, Receipt};
use proto::partner::v1::webhook_service_client::WebhookServiceClient;
use proto::partner::v1::{
    ChangeWebhookRequest, DisableWebhookRequest, EnableWebhookRequest, RegisterWebhookRequest,
    RemoveWebhookRequest, RevealWebhookSecretRequest, RotateWebhookSecretRequest,
};
use proto::webhook::v1::delivery_service_client::DeliveryServiceClient;
use proto::webhook::v1::{ListWebhooksRequest, Webhook};
use serde::Serialize;
use uuid::Uuid;

use super::Common;
use crate::client::{failure, output, retry};

/// Rows asked for at once.
const PAGE: u32 = 200;

#[derive(Args)]
#[command(after_help = "Examples:
  qudao webhooks list
  qudao webhooks list --json | jq -r '.[] | select(.enabled | not) | .url'")]
pub(crate) struct List {
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
#[command(
    after_help = "The address has to be https and open to everybody. Events are `*`, a context and `.*`, or names that
`qudao webhooks types` lists. Keep the secret where the receiver finds it: see docs/webhooks.md.

Examples:
  qudao webhooks add https://erp.example.com/hooks 'order.*' --description ERP
  qudao webhooks add https://erp.example.com/hooks order.OrderSubmitted --json | jq -r .secret"
)]
pub(crate) struct Add {
    /// Where to send
    #[arg(value_name = "URL")]
    url: String,
    /// Which events
    #[arg(required = true, value_name = "EVENT")]
    events: Vec<String>,
    /// What it is for
    #[arg(long, default_value = "")]
    description: String,
    #[command(flatten)]
    common: Common,
}

/// Which endpoint a change is about.
#[derive(Args)]
struct Which {
    /// Which endpoint, as `list` shows it
    #[arg(value_name = "ID")]
    endpoint_id: String,
    /// Refuse when the endpoint has another number of events than this
    #[arg(long, value_name = "N")]
    version: Option<u64>,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
#[command(after_help = "All of it is set anew, also the description.

Examples:
  qudao webhooks change ID https://erp.example.com/v2 'order.*' --description ERP
  qudao webhooks change ID https://erp.example.com/v2 order.OrderSubmitted --version 1 --json")]
pub(crate) struct Change {
    #[command(flatten)]
    which: Which,
    /// Where to send
    #[arg(value_name = "URL")]
    url: String,
    /// Which events
    #[arg(required = true, value_name = "EVENT")]
    events: Vec<String>,
    /// What it is for
    #[arg(long, default_value = "")]
    description: String,
}

#[derive(Args)]
#[command(after_help = "What happened meanwhile is not sent: `qudao replay` has it.

Examples:
  qudao webhooks enable ID
  qudao webhooks enable ID --json | jq .version")]
pub(crate) struct Enable {
    #[command(flatten)]
    which: Which,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao webhooks disable ID --reason 'the ERP is being moved'
  qudao webhooks disable ID --reason 维护 --json")]
pub(crate) struct Disable {
    #[command(flatten)]
    which: Which,
    /// Why
    #[arg(long)]
    reason: String,
}

#[derive(Args)]
#[command(after_help = "The secret is erased. There is no way back.

Examples:
  qudao webhooks remove ID --reason 'the ERP is gone'
  qudao webhooks remove ID --reason 不再使用 --json")]
pub(crate) struct Remove {
    #[command(flatten)]
    which: Which,
    /// Why
    #[arg(long)]
    reason: String,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao webhooks rotate ID
  qudao webhooks rotate ID --json | jq -r .secret")]
pub(crate) struct Rotate {
    #[command(flatten)]
    which: Which,
}

#[derive(Args)]
#[command(after_help = "The access log keeps who asked, and why.

Examples:
  qudao webhooks secret ID --reason 'the receiver moves to another machine'
  qudao webhooks secret ID --reason 接入 --json | jq -r .secret")]
pub(crate) struct Secret {
    /// Which endpoint, as `list` shows it
    #[arg(value_name = "ID")]
    endpoint_id: String,
    /// Why
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Serialize)]
struct Shown {
    endpoint_id: String,
    url: String,
    description: String,
    event_types: Vec<String>,
    enabled: bool,
    reason: String,
    failing_since: String,
    delivered: u64,
    failed: u64,
    pending: u64,
    version: u64,
}

#[derive(Serialize)]
struct Done {
    endpoint_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    version: u64,
    position: u64,
}

/// Tells what came of a change; the secret alone goes where a script reads it.
fn tell(
    what: &str,
    receipt: Option<Receipt>,
    secret: Option<String>,
    json: bool,
) -> anyhow::Result<()> {
    let Receipt { object_id: endpoint_id, version, position } = receipt.unwrap_or_default();
    let done = Done { endpoint_id, secret, version, position };
    if json {
        return output::json(&done);
    }
    eprintln!("{what}: {}, version {version}, position {position}", done.endpoint_id);
    output::text(done.secret.as_ref().unwrap_or(&done.endpoint_id))
}

impl List {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.common.json);
        let session = self.common.connection.open().await?.one_trace();
        let (mut all, mut token) = (Vec::new(), String::new());
        loop {
            let page = Some(PageRequest { size: PAGE, token });
            let request = ListWebhooksRequest { page, ..Default::default() };
            let answer = retry::until_answered(&[], async || {
                DeliveryServiceClient::new(session.wire()).list_webhooks(request.clone()).await
            });
            let answer = answer.await?.into_inner();
            all.extend(answer.webhooks.into_iter().map(shown));
            token = answer.page.unwrap_or_default().next_token;
            if token.is_empty() {
                break;
            }
        }
        if self.common.json {
            return output::json(&all);
        }
        let columns = ["Endpoint", "State", "Events", ">Taken", ">Failed", ">Waiting", "URL"];
        output::text(&output::lines(&output::table(&columns, all.iter().map(row))))
    }
}

fn shown(it: Webhook) -> Shown {
    Shown {
        endpoint_id: it.endpoint_id,
        url: it.url,
        description: it.description,
        event_types: it.event_types,
        enabled: it.enabled,
        reason: it.reason,
        failing_since: it.failing_since,
        delivered: it.delivered,
        failed: it.failed,
        pending: it.pending,
        version: it.version,
    }
}

fn row(it: &Shown) -> Vec<String> {
    let state = match (it.enabled, it.failing_since.as_str()) {
        (false, _) => format!("disabled: {}", it.reason),
        (true, "") => "enabled".to_owned(),
        (true, since) => format!("failing since {since}"),
    };
    let figures = [it.delivered, it.failed, it.pending].map(|figure| figure.to_string());
    let [taken, failed, waiting] = figures;
    let events = it.event_types.join(", ");
    vec![it.endpoint_id.clone(), state, events, taken, failed, waiting, it.url.clone()]
}

impl Add {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.common.json);
        let session = self.common.connection.open().await?.one_trace();
        let request = RegisterWebhookRequest {
            request_id: Uuid::new_v4().to_string(),
            url: self.url,
            description: self.description,
            event_types: self.events,
            ..Default::default()
        };
        let answer = retry::until_answered(&[], async || {
            WebhookServiceClient::new(session.wire()).register_webhook(request.clone()).await
        });
        let answer = answer.await?.into_inner();
        tell("added", answer.receipt, Some(answer.secret), self.common.json)
    }
}

impl Change {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let Which { endpoint_id, version, common } = self.which;
        failure::tell_as_json(common.json);
        let session = common.connection.open().await?.one_trace();
        let request = ChangeWebhookRequest {
            request_id: Uuid::new_v4().to_string(),
            expected_version: version,
            endpoint_id,
            url: self.url,
            description: self.description,
            event_types: self.events,
        };
        let answer = retry::until_answered(&[], async || {
            WebhookServiceClient::new(session.wire()).change_webhook(request.clone()).await
        });
        tell("changed", answer.await?.into_inner().receipt, None, common.json)
    }
}

impl Enable {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let Which { endpoint_id, version, common } = self.which;
        failure::tell_as_json(common.json);
        let session = common.connection.open().await?.one_trace();
        let request = EnableWebhookRequest {
            request_id: Uuid::new_v4().to_string(),
            expected_version: version,
            endpoint_id,
        };
        let answer = retry::until_answered(&[], async || {
            WebhookServiceClient::new(session.wire()).enable_webhook(request.clone()).await
        });
        tell("enabled", answer.await?.into_inner().receipt, None, common.json)
    }
}

impl Disable {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let Which { endpoint_id, version, common } = self.which;
        failure::tell_as_json(common.json);
        let session = common.connection.open().await?.one_trace();
        let request = DisableWebhookRequest {
            request_id: Uuid::new_v4().to_string(),
            expected_version: version,
            endpoint_id,
            reason: self.reason,
            ..Default::default()
        };
        let answer = retry::until_answered(&[], async || {
            WebhookServiceClient::new(session.wire()).disable_webhook(request.clone()).await
        });
        tell("disabled", answer.await?.into_inner().receipt, None, common.json)
    }
}

impl Remove {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let Which { endpoint_id, version, common } = self.which;
        failure::tell_as_json(common.json);
        let session = common.connection.open().await?.one_trace();
        let request = RemoveWebhookRequest {
            request_id: Uuid::new_v4().to_string(),
            expected_version: version,
            endpoint_id,
            reason: self.reason,
        };
        let answer = retry::until_answered(&[], async || {
            WebhookServiceClient::new(session.wire()).remove_webhook(request.clone()).await
        });
        tell("removed", answer.await?.into_inner().receipt, None, common.json)
    }
}

impl Rotate {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let Which { endpoint_id, version, common } = self.which;
        failure::tell_as_json(common.json);
        let session = common.connection.open().await?.one_trace();
        let request = RotateWebhookSecretRequest {
            request_id: Uuid::new_v4().to_string(),
            expected_version: version,
            endpoint_id,
        };
        let answer = retry::until_answered(&[], async || {
            WebhookServiceClient::new(session.wire()).rotate_webhook_secret(request.clone()).await
        });
        let answer = answer.await?.into_inner();
        if !common.json {
            eprintln!("the secret before signs too until {}", answer.previous_until);
        }
        tell("rotated", answer.receipt, Some(answer.secret), common.json)
    }
}

#[derive(Serialize)]
struct Revealed {
    secret: String,
}

impl Secret {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.common.json);
        let session = self.common.connection.open().await?.one_trace();
        let request =
            RevealWebhookSecretRequest { endpoint_id: self.endpoint_id, reason: self.reason };
        let answer = retry::until_answered(&[], async || {
            WebhookServiceClient::new(session.wire()).reveal_webhook_secret(request.clone()).await
        });
        let revealed = Revealed { secret: answer.await?.into_inner().secret };
        if self.common.json { output::json(&revealed) } else { output::text(&revealed.secret) }
    }
}
