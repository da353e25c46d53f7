//! What payment providers tell, at `/payments/notices/{tenant}/{provider}`: an rpc of the payments
//! role in other words. The bytes are handed on as they came, since they are what is signed.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use proto::order::v1::PaymentProvider;
use proto::payment::v1::provider_service_client::ProviderServiceClient;
use proto::payment::v1::{NoticeHeader, TakeNoticeRequest};
use tonic::Code;

use crate::proxy::{Proxy, Upstreams};
use crate::rest::passed_on;

/// Bytes of a notice: real ones have two or three thousand.
const LONGEST: usize = 64 << 10;
/// Headers that are handed on, all of WeChat Pay.
const SIGNED: &str = "wechatpay-";
const HEADERS: usize = 16;

/// The way to the role that talks to providers.
#[derive(Clone)]
struct Notices {
    proxy: Proxy,
    proxies: usize,
}

/// The paths of notices. Proxies in front of the gateway add the address that they were asked from.
pub(crate) fn router(upstreams: Upstreams, proxies: usize) -> Router {
    Router::new()
        .route("/payments/notices/{tenant}/{provider}", post(take))
        .with_state(Notices { proxy: Proxy::new(upstreams), proxies })
}

async fn take(
    State(notices): State<Notices>,
    Path((tenant_id, provider)): Path<(String, String)>,
    request: Request,
) -> Response {
    let provider = match provider.as_str() {
        "wechat_pay" => PaymentProvider::WechatPay,
        "alipay" => PaymentProvider::Alipay,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let request = kernel::gate::coming_from(request, notices.proxies);
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, LONGEST).collect().await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let mut call = tonic::Request::new(TakeNoticeRequest {
        tenant_id,
        provider: provider.into(),
        headers: signed(&head.headers),
        body: body.to_bytes().to_vec(),
    });
    *call.metadata_mut() = passed_on(&head.headers);
    match ProviderServiceClient::new(notices.proxy).take_notice(call).await {
        Ok(answer) => {
            let answer = answer.into_inner();
            let status = u16::try_from(answer.status).ok();
            let status = status.and_then(|status| StatusCode::from_u16(status).ok());
            let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, [(header::CONTENT_TYPE, answer.content_type)], Body::from(answer.body))
                .into_response()
        }
        Err(no) if no.code() == Code::InvalidArgument => StatusCode::NOT_FOUND.into_response(),
        // Whatever else it is, the provider tells it again.
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

fn signed(headers: &HeaderMap) -> Vec<NoticeHeader> {
    let own = headers.iter().filter(|(name, _)| name.as_str().starts_with(SIGNED));
    let told = own.filter_map(|(name, value)| {
        let (name, value) = (name.as_str().to_owned(), value.to_str().ok()?.to_owned());
        Some(NoticeHeader { name, value })
    });
    told.take(HEADERS).collect()
}
