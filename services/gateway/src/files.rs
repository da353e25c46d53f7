//! Files over HTTP: they come by tus 1.0 at `/files`, and are read at `/files/{id}`. Both are
//! rpcs of the collab role in other words; nothing is decided or kept here.

mod disposition;
mod download;
mod metadata;
mod range;
mod tus;

use axum::Router;
use axum::extract::Request;
use axum::routing::any;
use http::{HeaderMap, StatusCode};
use kernel::Text;
use kernel::failure::status;
use proto::collab::v1::file_service_client::FileServiceClient;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::proxy::{Proxy, Upstreams};
use crate::rest::{Refused, passed_on};

/// The way to the role that keeps files.
#[derive(Clone)]
struct Files {
    proxy: Proxy,
    proxies: usize,
}

/// The paths of files. Proxies in front of the gateway add the address that they were asked from.
pub(crate) fn router(upstreams: Upstreams, proxies: usize) -> Router {
    Router::new()
        .route("/files", any(tus::collection))
        .route("/files/uploads/{id}", any(tus::one))
        .route("/files/{id}", any(download::answer))
        .with_state(Files { proxy: Proxy::new(upstreams), proxies })
}

impl Files {
    fn client(&self) -> FileServiceClient<Proxy> {
        FileServiceClient::new(self.proxy.clone())
    }

    /// The request as the gateway hands it on.
    fn coming(&self, request: Request) -> Request {
        kernel::gate::coming_from(request, self.proxies)
    }
}

/// A call with what its role is told of the headers.
fn call<T>(headers: &HeaderMap, message: T) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    *request.metadata_mut() = passed_on(headers);
    request
}

/// A failure, with the status that HTTP and tus have for it.
fn refused(failed: tonic::Status) -> Refused {
    let reason = failed.get_details_error_info().map(|info| info.reason).unwrap_or_default();
    let http = match reason.as_str() {
        "WRONG_OFFSET" => StatusCode::CONFLICT,
        "FILE_TOO_LARGE" | "TOO_MUCH_DATA" | "QUOTA_EXCEEDED" => StatusCode::PAYLOAD_TOO_LARGE,
        "RANGE_BEYOND_END" => StatusCode::RANGE_NOT_SATISFIABLE,
        _ => return failed.into(),
    };
    Refused::with(http, failed)
}

/// Something is wrong with a header or the path.
fn bad(http: StatusCode, reason: &str, text: &Text) -> Refused {
    Refused::with(http, status(Code::InvalidArgument, reason, text))
}

fn not_here() -> Refused {
    let text = Text::new("此地址不支持该方法", "this address does not take this method");
    bad(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", &text)
}
