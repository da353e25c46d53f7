//! What providers tell, and who they are.

use std::time::Duration;

use chrono::NaiveDate;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use kernel::Text;
use kernel::clock;
use kernel::failure::{self, Violations, chain};
use kernel::rpc::{self, Reply};
use order::payment::told;
use proto::order::v1::PaymentProvider;
use proto::payment::v1 as api;
use proto::payment::v1::provider_service_server::ProviderService;
use psp::{NoticeKind, Provider, acknowledgement};
use tonic::{Code, Request, Response, Status};

use crate::errands::Errands;
use crate::merchants::Merchants;
use crate::mornings::{Mornings, NotCompared};
use crate::teller::{Heard, Source, Teller, totals};

/// Providers wait five seconds for an answer.
const ANSWER: Duration = Duration::from_secs(4);

/// Answers callers and providers.
#[derive(Clone)]
pub(crate) struct ProviderApi {
    pub(crate) merchants: Merchants,
    pub(crate) errands: Errands,
    pub(crate) teller: Teller,
    pub(crate) mornings: Mornings,
}

/// Signs of why a notice is refused that are told.
const WHY: usize = 100;

/// What became of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::AsRefStr)]
#[strum(serialize_all = "snake_case")]
enum Outcome {
    /// It is on record.
    Taken,
    /// It is of no provider that the brand has, or not what it says that it is.
    Refused,
    /// It could not be put on record now; the provider tells it again.
    Failed,
}

#[tonic::async_trait]
impl ProviderService for ProviderApi {
    async fn list_providers(
        &self,
        request: Request<api::ListProvidersRequest>,
    ) -> Reply<api::ListProvidersResponse> {
        let tenant = &rpc::caller(&request)?.tenant;
        let providers = self.merchants.providers(tenant).into_iter();
        let providers = providers.map(|provider| told::provider(provider).into()).collect();
        Ok(Response::new(api::ListProvidersResponse { providers }))
    }

    async fn compare_bill(
        &self,
        request: Request<api::CompareBillRequest>,
    ) -> Reply<api::CompareBillResponse> {
        let caller = rpc::caller(&request)?;
        let (tenant, asked_by) = (caller.tenant.clone(), caller.user_id.clone());
        let wanted = request.into_inner();
        let mut wrong = Violations::default();
        let provider = match wanted.provider() {
            PaymentProvider::WechatPay => Some(Provider::WechatPay),
            PaymentProvider::Alipay => Some(Provider::Alipay),
            PaymentProvider::Unspecified => {
                wrong.add("provider", Text::new("请选择一项", "say which one"));
                None
            }
        };
        let day = wrong.take(
            "day",
            wanted
                .day
                .parse::<NaiveDate>()
                .map_err(|_| Text::new("必须是 YYYY-MM-DD 日期", "must be a date like 2026-11-23")),
        );
        let (provider, day) = wrong.finish(provider.zip(day))?;
        let compared = self.mornings.compare(&tenant, provider, day, &asked_by).await;
        let (comparison, position) = compared.map_err(|error| not_compared(&error))?;
        Ok(Response::new(api::CompareBillResponse {
            there: Some(totals(comparison.there)),
            here: Some(totals(comparison.here)),
            differences_count: comparison.count,
            position,
        }))
    }

    async fn take_notice(
        &self,
        request: Request<api::TakeNoticeRequest>,
    ) -> Reply<api::TakeNoticeResponse> {
        let notice = request.into_inner();
        let provider = match notice.provider() {
            PaymentProvider::WechatPay => Provider::WechatPay,
            PaymentProvider::Alipay => Provider::Alipay,
            PaymentProvider::Unspecified => {
                return Ok(answer(Provider::WechatPay, Outcome::Refused));
            }
        };
        let outcome = tokio::time::timeout(ANSWER, self.take(provider, &notice)).await;
        let outcome = outcome.unwrap_or(Outcome::Failed);
        metrics::counter!("qudao_payment_notices_total", "provider" => provider.as_ref().to_owned(),
            "outcome" => outcome.as_ref().to_owned())
        .increment(1);
        Ok(answer(provider, outcome))
    }
}

impl ProviderApi {
    async fn take(&self, provider: Provider, notice: &api::TakeNoticeRequest) -> Outcome {
        let tenant = notice.tenant_id.as_str();
        let Some(client) = self.merchants.client(tenant, provider) else {
            return Outcome::Refused;
        };
        let headers = headers(&notice.headers);
        let read = match client.read_notice(&headers, &notice.body, clock::now()) {
            Ok(read) => read,
            Err(error) => {
                // What nobody has signed may say anything, at any length.
                let why: String = chain(&error).chars().take(WHY).collect();
                tracing::warn!(tenant, error = why, "a notice was refused");
                return Outcome::Refused;
            }
        };
        match read.kind {
            NoticeKind::Paid(capture) => {
                match self.teller.captured(tenant, &capture, Source::Notice).await {
                    Ok(Heard::Noted) => Outcome::Taken,
                    Ok(Heard::Unknown) => {
                        let payment = capture.payment_id.as_str();
                        tracing::error!(tenant, payment, "a notice is about a payment of nobody");
                        Outcome::Failed
                    }
                    Err(status) => {
                        tracing::warn!(tenant, error = %chain(&status), "a notice waits");
                        Outcome::Failed
                    }
                }
            }
            // What the provider says when it is asked counts.
            NoticeKind::Refunded { payment_id, .. }
            | NoticeKind::RefundFailed { payment_id, .. } => {
                match self.errands.hurry(tenant, &payment_id, clock::now()).await {
                    Ok(()) => Outcome::Taken,
                    Err(_) => Outcome::Failed,
                }
            }
            NoticeKind::Other(_) => Outcome::Taken,
        }
    }
}

fn not_compared(error: &NotCompared) -> Status {
    match error {
        NotCompared::NoMerchant => {
            let text = Text::new(
                "没有该支付机构的商户配置，请先配置",
                "the brand has no merchant of this provider; configure one first",
            );
            failure::status(Code::FailedPrecondition, "NO_SUCH_MERCHANT", &text)
        }
        NotCompared::Provider(refusal) if !refusal.is_passing() => {
            let said: String = chain(refusal).chars().take(WHY).collect();
            let text = Text::new(
                format!("支付机构没有给出该日账单（{said}），请核对日期，或稍后再试"),
                format!(
                    "the provider gave no bill of that day ({said}); look at the day, or try later"
                ),
            );
            failure::status(Code::FailedPrecondition, "NO_BILL", &text)
        }
        NotCompared::Order(status) => Status::clone(status),
        NotCompared::Provider(_)
        | NotCompared::Database(_)
        | NotCompared::Log(_)
        | NotCompared::Behind => failure::unavailable(error),
    }
}

fn headers(told: &[api::NoticeHeader]) -> HeaderMap {
    let header = |header: &api::NoticeHeader| {
        let name = HeaderName::try_from(header.name.as_str()).ok()?;
        Some((name, HeaderValue::try_from(header.value.as_str()).ok()?))
    };
    told.iter().filter_map(header).collect()
}

fn answer(provider: Provider, outcome: Outcome) -> Response<api::TakeNoticeResponse> {
    let (status, content_type, body) = acknowledgement(provider, outcome == Outcome::Taken);
    let status = if outcome == Outcome::Refused { StatusCode::UNAUTHORIZED } else { status };
    Response::new(api::TakeNoticeResponse {
        status: status.as_u16().into(),
        content_type: content_type.to_owned(),
        body,
    })
}
