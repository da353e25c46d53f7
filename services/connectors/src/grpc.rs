//! What was handed over, told to those whose it is, and handed over again when they ask.

use std::time::Instant;

use chrono::{DateTime, Utc};
use erp::{Client, Contracts, System};
use kernel::Text;
use kernel::clock;
use kernel::failure::{chain, read_failed, status, unavailable};
use kernel::log::Log;
use kernel::projection::Progress;
use kernel::query::{Page, rfc3339, wait};
use kernel::rpc::{self, Reply};
use kernel::wall::{TenantPool, TenantTransaction};
use order::connection::{CONNECTION, Connection};
use order::grpc::{code_kind, told_connection};
use proto::connector::v1 as api;
use proto::connector::v1::handover_service_server::HandoverService;
use proto::order::v1::{CodeKind, MappedCode};
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use tonic::{Code, Request, Response, Status};

use crate::worker::plain;

/// Answers from the tables of documents, and from the books.
#[derive(Clone)]
pub(crate) struct HandoverApi {
    pub(crate) pool: TenantPool,
    pub(crate) progress: Progress,
    pub(crate) log: Log,
    pub(crate) contracts: Contracts,
}

#[tonic::async_trait]
impl HandoverService for HandoverApi {
    async fn get_connection(
        &self,
        request: Request<api::GetConnectionRequest>,
    ) -> Reply<api::GetConnectionResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let freshness = wait(&self.progress, request.into_inner().min_position).await?;
        let (connection, version) = self.connection(&tenant).await?;
        let mut told = api::GetConnectionResponse {
            settings: connection.settings.as_ref().map(told_connection),
            paused: connection.paused,
            version,
            freshness: Some(freshness),
            ..Default::default()
        };
        if let Some(client) = self.contracts.client(&tenant) {
            told.system = system(client.system()).into();
            client.address().clone_into(&mut told.address);
        }
        self.count(&tenant, &mut told).await.map_err(failed)?;
        Ok(Response::new(told))
    }

    async fn list_codes(
        &self,
        request: Request<api::ListCodesRequest>,
    ) -> Reply<api::ListCodesResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let wanted = request.into_inner();
        let page = Page::of(wanted.page.clone())?;
        let (connection, _) = self.connection(&tenant).await?;
        let known = code_kind(wanted.kind()).and_then(|kind| connection.codes.get(&kind));
        let total = known.map_or(0, |known| known.len());
        let (skipped, most) = page.rows();
        let codes = known.into_iter().flatten().skip(skipped).take(most);
        let codes = codes
            .map(|(own, theirs)| MappedCode { own: own.clone(), theirs: theirs.clone() })
            .collect();
        let page = Some(page.info(i64::try_from(total).unwrap_or(i64::MAX)));
        Ok(Response::new(api::ListCodesResponse { codes, page }))
    }

    async fn list_handovers(
        &self,
        request: Request<api::ListHandoversRequest>,
    ) -> Reply<api::ListHandoversResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let wanted = request.into_inner();
        let page = Page::of(wanted.page.clone())?;
        let rows = sqlx::query(
            "SELECT *, count(*) OVER () AS total,
                 status = 'sent' AND cancelled_at > mended_at AS cancelled,
                 status = 'sent' AND changed_at > greatest(made_at, mended_at) AS changed
             FROM connector_documents
             WHERE tenant_id = $1 AND status <> 'idle' AND ($2 = '' OR status = $2)
                 AND (NOT $3 OR status IN ('refused', 'given_up') OR (status = 'sent' AND (
                     cancelled_at > mended_at OR changed_at > greatest(made_at, mended_at)))) AND ($4 = '' OR kind = $4)
                 AND ($5 = '' OR starts_with(number, $5) OR starts_with(lane, $5)
                     OR starts_with(dealer_id, $5) OR starts_with(their_number, $5))
             ORDER BY position DESC LIMIT $6 OFFSET $7",
        )
        .bind(&tenant)
        .bind(status_word(wanted.status()))
        .bind(wanted.needs_person)
        .bind(kind_word(wanted.kind()))
        .bind(wanted.search.trim())
        .bind(page.limit)
        .bind(page.offset)
        .fetch_all(&mut *self.begin(&tenant).await?)
        .await
        .map_err(failed)?;
        let total = rows.first().map_or(Ok(0), |row| row.try_get("total")).map_err(failed)?;
        let handovers = rows.iter().map(handover).collect::<sqlx::Result<_>>().map_err(failed)?;
        let page = Some(page.info(total));
        Ok(Response::new(api::ListHandoversResponse { handovers, page }))
    }

    async fn try_connection(
        &self,
        request: Request<api::TryConnectionRequest>,
    ) -> Reply<api::TryConnectionResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let client = self.client(&tenant)?;
        let began = Instant::now();
        let answered = client.products(1, None).await;
        let problem = answered.err().map(|error| plain(&chain(&error).to_string()));
        Ok(Response::new(api::TryConnectionResponse {
            works: problem.is_none(),
            problem: problem.unwrap_or_default(),
            system: system(client.system()).into(),
            address: client.address().to_owned(),
            duration_ms: u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX),
        }))
    }

    async fn retry_handovers(
        &self,
        request: Request<api::RetryHandoversRequest>,
    ) -> Reply<api::RetryHandoversResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let numbers = request.into_inner().numbers;
        let mut tx = self.begin(&tenant).await?;
        // What is being handed over at this moment is left to whoever does.
        let again = sqlx::query(
            "UPDATE connector_documents SET status = 'waiting', tries = 0, begun_at = NULL,
                 checking = their_number <> '' AND NOT was_missing,
                 next_at = $3, claim = NULL, ended_at = NULL
             WHERE tenant_id = $1
                 AND (status IN ('refused', 'given_up') OR (status = 'waiting' AND claim IS NULL))
                 AND CASE WHEN cardinality($2::text[]) = 0 THEN status <> 'waiting'
                     ELSE number = ANY ($2) END",
        )
        .bind(&tenant)
        .bind(numbers)
        .bind(clock::now())
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        Ok(Response::new(api::RetryHandoversResponse { count: again.rows_affected() }))
    }

    async fn list_books(
        &self,
        request: Request<api::ListBooksRequest>,
    ) -> Reply<api::ListBooksResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let wanted = request.into_inner();
        let client = self.client(&tenant)?;
        let page = wanted.page_number.max(1);
        let listed = match wanted.kind() {
            CodeKind::Dealer => customers(client, page).await,
            CodeKind::Product => products(client, page).await,
            CodeKind::Unspecified | CodeKind::Unit | CodeKind::Warehouse => {
                let text = Text::new(
                    "只能查看客户或商品，请选择其一",
                    "only dealers and products are listed; say which",
                );
                return Err(status(Code::InvalidArgument, "NOT_LISTED", &text));
            }
        };
        listed.map(Response::new).map_err(|error| {
            let said = plain(&chain(&error).to_string());
            let text = Text::new(
                format!("ERP 没有答复，请先测试对接：{said}"),
                format!("the ERP did not answer; try the connection: {said}"),
            );
            status(Code::Unavailable, "ERP_SILENT", &text)
        })
    }
}

impl HandoverApi {
    async fn begin(&self, tenant: &str) -> Result<TenantTransaction, Status> {
        self.pool.begin(tenant).await.map_err(failed)
    }

    async fn connection(&self, tenant: &str) -> Result<(Connection, u64), Status> {
        let loaded = self.log.load::<Connection>(tenant, CONNECTION).await;
        loaded.map_err(|error| read_failed(&error))
    }

    fn client(&self, tenant: &str) -> Result<&Client, Status> {
        self.contracts.client(tenant).ok_or_else(|| {
            let text = Text::new(
                "尚未配置 ERP 合同，请联系平台运营在合同文件中添加",
                "no contract with an ERP is configured; whoever runs the installation adds it",
            );
            status(Code::FailedPrecondition, "NO_CONTRACT", &text)
        })
    }

    /// How the connection does.
    async fn count(&self, tenant: &str, told: &mut api::GetConnectionResponse) -> sqlx::Result<()> {
        let mut tx = self.pool.begin(tenant).await?;
        let counts: Vec<(String, i64)> = sqlx::query_as(
            "SELECT status, count(*) FROM connector_documents
             WHERE tenant_id = $1 AND status <> 'idle' GROUP BY status",
        )
        .bind(tenant)
        .fetch_all(&mut *tx)
        .await?;
        for (status, count) in counts {
            let count = count.cast_unsigned();
            match status.as_str() {
                "waiting" => told.waiting = count,
                "sent" => told.sent = count,
                "refused" => told.refused = count,
                "given_up" => told.given_up = count,
                _ => told.skipped = count,
            }
        }
        let by_hand: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM connector_documents WHERE tenant_id = $1 AND status = 'sent'
                 AND (cancelled_at > mended_at OR changed_at > greatest(made_at, mended_at))",
        )
        .bind(tenant)
        .fetch_one(&mut *tx)
        .await?;
        told.by_hand = by_hand.cast_unsigned();
        let row = sqlx::query("SELECT * FROM connector_connections WHERE tenant_id = $1");
        if let Some(row) = row.bind(tenant).fetch_optional(&mut *tx).await? {
            told.failing_since = time(row.try_get("failing_since")?);
            told.stock_at = time(row.try_get("stock_at")?);
            told.stock_problem = row.try_get("stock_problem")?;
        }
        Ok(())
    }
}

async fn products(client: &Client, page: u32) -> Result<api::ListBooksResponse, erp::ErpError> {
    let page = client.products(page, None).await?;
    let entry = |it: erp::Product| api::BookEntry {
        code: it.code,
        name: it.name,
        unit: it.unit,
        is_usable: it.is_usable,
    };
    let entries = page.rows.into_iter().map(entry).collect();
    Ok(api::ListBooksResponse { entries, is_last: page.is_last })
}

async fn customers(client: &Client, page: u32) -> Result<api::ListBooksResponse, erp::ErpError> {
    let page = client.customers(page, None).await?;
    let entry = |it: erp::Customer| api::BookEntry {
        code: it.code,
        name: it.name,
        unit: String::new(),
        is_usable: it.is_usable,
    };
    let entries = page.rows.into_iter().map(entry).collect();
    Ok(api::ListBooksResponse { entries, is_last: page.is_last })
}

fn failed(error: sqlx::Error) -> Status {
    unavailable(&error)
}

fn system(system: System) -> api::ErpSystem {
    match system {
        System::Kingdee => api::ErpSystem::Kingdee,
        System::Yonyou => api::ErpSystem::Yonyou,
    }
}

/// A status as it is stored; empty for any.
fn status_word(status: api::HandoverStatus) -> &'static str {
    match status {
        api::HandoverStatus::Unspecified => "",
        api::HandoverStatus::Waiting => "waiting",
        api::HandoverStatus::Sent => "sent",
        api::HandoverStatus::Refused => "refused",
        api::HandoverStatus::GivenUp => "given_up",
        api::HandoverStatus::Skipped => "skipped",
    }
}

/// A kind as it is stored; empty for any.
fn kind_word(kind: api::DocumentKind) -> &'static str {
    match kind {
        api::DocumentKind::Unspecified => "",
        api::DocumentKind::SalesOrder => "sales_order",
        api::DocumentKind::Delivery => "delivery",
        api::DocumentKind::Return => "return",
        api::DocumentKind::Receipt => "receipt",
    }
}

fn handover(row: &PgRow) -> sqlx::Result<api::Handover> {
    let status = match row.try_get::<String, _>("status")?.as_str() {
        "sent" => api::HandoverStatus::Sent,
        "refused" => api::HandoverStatus::Refused,
        "given_up" => api::HandoverStatus::GivenUp,
        "skipped" => api::HandoverStatus::Skipped,
        _ => api::HandoverStatus::Waiting,
    };
    let kind = match row.try_get::<String, _>("kind")?.as_str() {
        "sales_order" => api::DocumentKind::SalesOrder,
        "delivery" => api::DocumentKind::Delivery,
        "return" => api::DocumentKind::Return,
        _ => api::DocumentKind::Receipt,
    };
    let next_at = row.try_get::<Option<DateTime<Utc>>, _>("next_at")?;
    let waits = status == api::HandoverStatus::Waiting;
    Ok(api::Handover {
        number: row.try_get("number")?,
        kind: kind.into(),
        of: row.try_get("lane")?,
        dealer_id: row.try_get("dealer_id")?,
        currency_code: row.try_get("currency")?,
        amount_minor: row.try_get("amount_minor")?,
        status: status.into(),
        their_number: row.try_get("their_number")?,
        code: row.try_get("code")?,
        text: row.try_get("words")?,
        attempts: row.try_get::<i32, _>("attempts")?.cast_unsigned(),
        occurred_at: rfc3339(row.try_get("recorded_at")?),
        next_at: time(next_at.filter(|_| waits)),
        ended_at: time(row.try_get("ended_at")?),
        was_missing: row.try_get("was_missing")?,
        cancelled: row.try_get::<Option<_>, _>("cancelled")?.unwrap_or_default(),
        changed: row.try_get::<Option<_>, _>("changed")?.unwrap_or_default(),
    })
}

fn time(time: Option<DateTime<Utc>>) -> String {
    time.map(rfc3339).unwrap_or_default()
}
