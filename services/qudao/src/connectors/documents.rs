//! Documents on their way to the books.

use clap::{Args, ValueEnum};
use proto::common::v1::PageRequest;
use proto::connector::v1::handover_service_client::HandoverServiceClient;
use proto::connector::v1::{
    DocumentKind, Handover, HandoverStatus, ListHandoversRequest, RetryHandoversRequest,
};
use proto::order::v1::connection_service_client::ConnectionServiceClient;
use proto::order::v1::{RequestResyncRequest, SkipDocumentRequest};
use serde::Serialize;
use uuid::Uuid;

use super::{Common, told};
use crate::client::{failure, money, output, retry};

#[derive(Args)]
#[command(after_help = "Examples:
  qudao connectors list --only todo
  qudao connectors list --kind sales-order --search SO-2026
  qudao connectors list --only todo --json | jq -r '.[].text'")]
pub(crate) struct List {
    /// Only documents that have got there; `todo`: a person has to look at them
    #[arg(long, value_enum)]
    only: Option<Only>,
    /// Only documents of a kind
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// The beginning of a number: the document's, the order's, the dealer's, or that of the books
    #[arg(long, default_value = "", hide_default_value = true)]
    search: String,
    /// At most this many documents, 1 to 200
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: u32,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
#[command(after_help = "Without numbers all that were refused or given up are handed over again.

Examples:
  qudao connectors retry
  qudao connectors retry QD-SO-000000000042 --json")]
pub(crate) struct Retry {
    /// Which documents, as `list` shows them
    #[arg(value_name = "NUMBER")]
    numbers: Vec<String>,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao connectors skip QD-SO-000000000042 --reason 'entered there by hand'
  qudao connectors skip QD-SO-000000000042 --reason 已手工录入 --json")]
pub(crate) struct Skip {
    /// Which document, as `list` shows it
    #[arg(value_name = "NUMBER")]
    number: String,
    /// Why
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
#[command(
    after_help = "Each document since then is looked for in the books. `list` shows what was missing there.

Examples:
  qudao connectors resync 2026-11-01T00:00:00Z
  qudao connectors resync 2026-11-01T00:00:00+08:00 --json"
)]
pub(crate) struct Resync {
    /// Since when, RFC 3339
    #[arg(value_name = "TIME")]
    since: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Clone, Copy, ValueEnum)]
enum Only {
    Waiting,
    Sent,
    Refused,
    GivenUp,
    Skipped,
    Todo,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    SalesOrder,
    Delivery,
    Return,
    Receipt,
}

#[derive(Serialize)]
struct Shown {
    number: String,
    kind: String,
    of: String,
    dealer_id: String,
    currency: String,
    amount_minor: i64,
    status: String,
    their_number: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    code: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    text: String,
    attempts: u32,
    occurred_at: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    next_at: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    ended_at: String,
    was_missing: bool,
    cancelled: bool,
    changed: bool,
}

#[derive(Serialize)]
struct Again {
    count: u64,
}

impl List {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.common.json);
        let session = self.common.connection.open().await?.one_trace();
        let status = match self.only {
            None | Some(Only::Todo) => HandoverStatus::Unspecified,
            Some(Only::Waiting) => HandoverStatus::Waiting,
            Some(Only::Sent) => HandoverStatus::Sent,
            Some(Only::Refused) => HandoverStatus::Refused,
            Some(Only::GivenUp) => HandoverStatus::GivenUp,
            Some(Only::Skipped) => HandoverStatus::Skipped,
        };
        let kind = match self.kind {
            None => DocumentKind::Unspecified,
            Some(Kind::SalesOrder) => DocumentKind::SalesOrder,
            Some(Kind::Delivery) => DocumentKind::Delivery,
            Some(Kind::Return) => DocumentKind::Return,
            Some(Kind::Receipt) => DocumentKind::Receipt,
        };
        let asked = ListHandoversRequest {
            status: status.into(),
            needs_person: matches!(self.only, Some(Only::Todo)),
            kind: kind.into(),
            search: self.search,
            page: Some(PageRequest { size: self.limit, token: String::new() }),
        };
        let mut client = HandoverServiceClient::new(session.wire());
        let found = client.list_handovers(asked).await?.into_inner().handovers;
        let documents: Vec<Shown> = found.into_iter().map(Shown::from).collect();
        if self.common.json {
            return output::json(&documents);
        }
        let rows = documents.into_iter().map(|it| {
            let said = [it.code.as_str(), it.text.as_str()];
            let said: Vec<_> = said.into_iter().filter(|part| !part.is_empty()).collect();
            vec![
                it.number.clone(),
                it.kind.clone(),
                it.of.clone(),
                it.dealer_id.clone(),
                money::format(it.amount_minor, &it.currency),
                it.status.clone(),
                it.their_number.clone(),
                it.attempts.to_string(),
                said.join(" · "),
            ]
        });
        let columns =
            ["document", "kind", "of", "dealer", ">amount", "status", "there", ">tries", "said"];
        output::text(&output::lines(&output::table(&columns, rows)))
    }
}

impl Retry {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.common.json);
        let session = self.common.connection.open().await?.one_trace();
        let mut client = HandoverServiceClient::new(session.wire());
        let asked = RetryHandoversRequest { numbers: self.numbers };
        let count = client.retry_handovers(asked).await?.into_inner().count;
        if self.common.json {
            return output::json(&Again { count });
        }
        output::text(&format!("{count} handed over again\n"))
    }
}

impl Skip {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.common.json);
        let session = self.common.connection.open().await?.one_trace();
        let request = SkipDocumentRequest {
            request_id: Uuid::new_v4().to_string(),
            expected_version: None,
            number: self.number,
            reason: self.reason,
        };
        let skipped = retry::until_answered(&[], async || {
            ConnectionServiceClient::new(session.wire()).skip_document(request.clone()).await
        });
        told(self.common.json, skipped.await?.into_inner().receipt)
    }
}

impl Resync {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.common.json);
        let session = self.common.connection.open().await?.one_trace();
        let request = RequestResyncRequest {
            request_id: Uuid::new_v4().to_string(),
            expected_version: None,
            since: self.since,
        };
        let asked = retry::until_answered(&[], async || {
            ConnectionServiceClient::new(session.wire()).request_resync(request.clone()).await
        });
        told(self.common.json, asked.await?.into_inner().receipt)
    }
}

impl From<Handover> for Shown {
    fn from(it: Handover) -> Self {
        let word = |name: &str, prefix: &str| {
            name.trim_start_matches(prefix).to_lowercase().replace('_', "-")
        };
        Self {
            kind: word(it.kind().as_str_name(), "DOCUMENT_KIND_"),
            status: word(it.status().as_str_name(), "HANDOVER_STATUS_"),
            number: it.number,
            of: it.of,
            dealer_id: it.dealer_id,
            currency: it.currency_code,
            amount_minor: it.amount_minor,
            their_number: it.their_number,
            code: it.code,
            text: it.text,
            attempts: it.attempts,
            occurred_at: it.occurred_at,
            next_at: it.next_at,
            ended_at: it.ended_at,
            was_missing: it.was_missing,
            cancelled: it.cancelled,
            changed: it.changed,
        }
    }
}
