//! What was sent to endpoints, and what came of it.

use clap::{Args, ValueEnum};
use proto::common::v1::PageRequest;
use proto::webhook::v1::delivery_service_client::DeliveryServiceClient;
use proto::webhook::v1::{
    Delivery, DeliveryStatus, GetDeliveryRequest, ListDeliveriesRequest, ListEventTypesRequest,
    ResendDeliveryRequest, ResendFailedRequest, SendTestEventRequest,
};
use serde::Serialize;
use uuid::Uuid;

use super::Common;
use crate::client::{failure, output, retry};

#[derive(Args)]
#[command(after_help = "Examples:
  qudao webhooks types
  qudao webhooks types --json | jq -r '.[].name' | grep ^order")]
pub(crate) struct Types {
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao webhooks test ID
  qudao webhooks test ID --json | jq -r .delivery_id")]
pub(crate) struct Test {
    /// Which endpoint, as `list` shows it
    #[arg(value_name = "ID")]
    endpoint_id: String,
    #[command(flatten)]
    common: Common,
}

/// Where a delivery has got.
#[derive(Clone, Copy, ValueEnum)]
enum State {
    /// To be sent, or to be sent again
    Pending,
    /// Taken by the endpoint
    Delivered,
    /// Given up
    Failed,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao webhooks deliveries
  qudao webhooks deliveries ID --status failed
  qudao webhooks deliveries --event order.OrderSubmitted --json | jq -r '.[].delivery_id'")]
pub(crate) struct Deliveries {
    /// Only those of this endpoint
    #[arg(value_name = "ID", default_value = "")]
    endpoint_id: String,
    /// Only those that have got there
    #[arg(long)]
    status: Option<State>,
    /// Only those of this event type
    #[arg(long, value_name = "TYPE", default_value = "")]
    event: String,
    /// How many at most, up to 200
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
    limit: u32,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao webhooks delivery ID
  qudao webhooks delivery ID --json | jq .attempts")]
pub(crate) struct Show {
    /// Which delivery, as `deliveries` shows it
    #[arg(value_name = "ID")]
    delivery_id: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
#[command(
    after_help = "It goes at once, under the same webhook-id, with all retries from the beginning.

Examples:
  qudao webhooks resend ID
  qudao webhooks resend ID --json | jq .status"
)]
pub(crate) struct Resend {
    /// Which delivery, as `deliveries` shows it
    #[arg(value_name = "ID")]
    delivery_id: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao webhooks resend-failed ID --since 2026-11-26T00:00:00Z
  qudao webhooks resend-failed ID --since 2026-11-26T08:00:00+08:00 --json | jq .count")]
pub(crate) struct ResendFailed {
    /// Which endpoint, as `list` shows it
    #[arg(value_name = "ID")]
    endpoint_id: String,
    /// Events recorded from then on, RFC 3339
    #[arg(long, value_name = "TIME")]
    since: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Serialize)]
struct Type {
    name: String,
    description: String,
}

#[derive(Serialize)]
struct Shown {
    delivery_id: String,
    endpoint_id: String,
    event_id: String,
    event_type: String,
    occurred_at: String,
    status: String,
    attempts: u32,
    next_at: String,
    last_http_status: u32,
    last_error: String,
    ended_at: String,
}

#[derive(Serialize)]
struct Try {
    number: u32,
    at: String,
    duration_ms: u32,
    http_status: u32,
    error: String,
    excerpt: String,
}

#[derive(Serialize)]
struct Told {
    delivery: Shown,
    attempts: Vec<Try>,
    body: String,
}

#[derive(Serialize)]
struct Count {
    count: u64,
}

impl Types {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.common.json);
        let session = self.common.connection.open().await?.one_trace();
        let answer = retry::until_answered(&[], async || {
            DeliveryServiceClient::new(session.wire())
                .list_event_types(ListEventTypesRequest {})
                .await
        });
        let types = answer.await?.into_inner().types.into_iter();
        let types = types.map(|it| Type { name: it.name, description: it.description });
        let types: Vec<_> = types.collect();
        if self.common.json {
            return output::json(&types);
        }
        let rows = types.iter().map(|it| vec![it.name.clone(), it.description.clone()]);
        output::text(&output::lines(&output::table(&["Event", "What it means"], rows)))
    }
}

impl Test {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.common.json);
        let session = self.common.connection.open().await?.one_trace();
        let request = SendTestEventRequest {
            request_id: Uuid::new_v4().to_string(),
            endpoint_id: self.endpoint_id,
        };
        let answer = retry::until_answered(&[], async || {
            DeliveryServiceClient::new(session.wire()).send_test_event(request.clone()).await
        });
        one(answer.await?.into_inner().delivery, self.common.json)
    }
}

impl Deliveries {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.common.json);
        let session = self.common.connection.open().await?.one_trace();
        let status = match self.status {
            None => DeliveryStatus::Unspecified,
            Some(State::Pending) => DeliveryStatus::Pending,
            Some(State::Delivered) => DeliveryStatus::Delivered,
            Some(State::Failed) => DeliveryStatus::Failed,
        };
        let request = ListDeliveriesRequest {
            endpoint_id: self.endpoint_id,
            status: status.into(),
            event_type: self.event,
            page: Some(PageRequest { size: self.limit, ..Default::default() }),
        };
        let answer = retry::until_answered(&[], async || {
            DeliveryServiceClient::new(session.wire()).list_deliveries(request.clone()).await
        });
        let all: Vec<_> = answer.await?.into_inner().deliveries.into_iter().map(shown).collect();
        if self.common.json { output::json(&all) } else { table(&all) }
    }
}

impl Show {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.common.json);
        let session = self.common.connection.open().await?.one_trace();
        let request = GetDeliveryRequest { delivery_id: self.delivery_id };
        let answer = retry::until_answered(&[], async || {
            DeliveryServiceClient::new(session.wire()).get_delivery(request.clone()).await
        });
        let answer = answer.await?.into_inner();
        let attempts = answer.attempts.into_iter().map(|it| Try {
            number: it.number,
            at: it.at,
            duration_ms: it.duration_ms,
            http_status: it.http_status,
            error: it.error,
            excerpt: it.excerpt,
        });
        let delivery = shown(answer.delivery.unwrap_or_default());
        let told = Told { delivery, attempts: attempts.collect(), body: answer.body };
        if self.common.json {
            return output::json(&told);
        }
        table(std::slice::from_ref(&told.delivery))?;
        let row = |it: &Try| {
            let came =
                if it.http_status == 0 { it.error.clone() } else { it.http_status.to_string() };
            let excerpt = it.excerpt.lines().next().unwrap_or_default().to_owned();
            vec![it.number.to_string(), it.at.clone(), it.duration_ms.to_string(), came, excerpt]
        };
        let columns = [">Attempt", "At", ">ms", "Came", "Answer"];
        let rows = told.attempts.iter().map(row);
        output::text(&format!("\n{}", output::lines(&output::table(&columns, rows))))?;
        output::text(&format!("\n{}", told.body))
    }
}

impl Resend {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.common.json);
        let session = self.common.connection.open().await?.one_trace();
        let request = ResendDeliveryRequest { delivery_id: self.delivery_id };
        let answer = retry::until_answered(&[], async || {
            DeliveryServiceClient::new(session.wire()).resend_delivery(request.clone()).await
        });
        one(answer.await?.into_inner().delivery, self.common.json)
    }
}

impl ResendFailed {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.common.json);
        let session = self.common.connection.open().await?.one_trace();
        let request = ResendFailedRequest { endpoint_id: self.endpoint_id, since: self.since };
        let answer = retry::until_answered(&[], async || {
            DeliveryServiceClient::new(session.wire()).resend_failed(request.clone()).await
        });
        let done = Count { count: answer.await?.into_inner().count };
        if self.common.json { output::json(&done) } else { output::text(&done.count.to_string()) }
    }
}

fn one(delivery: Option<Delivery>, json: bool) -> anyhow::Result<()> {
    let delivery = shown(delivery.unwrap_or_default());
    if json {
        return output::json(&delivery);
    }
    eprintln!("{} is {}", delivery.event_type, delivery.status);
    output::text(&delivery.delivery_id)
}

fn shown(it: Delivery) -> Shown {
    let status = it.status().as_str_name().trim_start_matches("DELIVERY_STATUS_");
    Shown {
        status: status.to_ascii_lowercase(),
        delivery_id: it.delivery_id,
        endpoint_id: it.endpoint_id,
        event_id: it.event_id,
        event_type: it.event_type,
        occurred_at: it.occurred_at,
        attempts: it.attempts,
        next_at: it.next_at,
        last_http_status: it.last_http_status,
        last_error: it.last_error,
        ended_at: it.ended_at,
    }
}

fn table(all: &[Shown]) -> anyhow::Result<()> {
    let row = |it: &Shown| {
        let came = match it.last_http_status {
            0 => it.last_error.clone(),
            status => status.to_string(),
        };
        vec![
            it.delivery_id.clone(),
            it.event_type.clone(),
            it.occurred_at.clone(),
            it.status.clone(),
            it.attempts.to_string(),
            came,
            it.next_at.clone(),
        ]
    };
    let columns = ["Delivery", "Event", "Recorded", "State", ">Attempts", "Came", "Next"];
    output::text(&output::lines(&output::table(&columns, all.iter().map(row))))
}
