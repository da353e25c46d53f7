//! REST: every rpc is `POST /<package>.<Service>/<Method>` with its request as JSON, by the Connect
//! protocol. Nothing here knows a single rpc: what can be called is read from the contracts.

mod aside;
mod codec;
mod failure;
mod head;
mod json;
mod stream;

use std::collections::HashMap;
use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use kernel::Text;
use kernel::failure::status;
use kernel::gate::MAX_REQUEST;
use prost_reflect::{DescriptorError, DescriptorPool, MethodDescriptor};
use tonic::client::Grpc;
use tonic::{Code, Status};

use crate::proxy::{Proxy, Upstreams};
use aside::Aside;
use codec::Raw;
pub(crate) use failure::Refused;
pub(crate) use head::passed_on;
use head::{Head, Kind};

/// Bytes of an answer, which may be a page of a list with long texts in it.
const ANSWER_BYTES: usize = 64 << 20;
/// How long a caller waits who does not say how long.
const PATIENCE: Duration = Duration::from_secs(30);

/// The rpcs of our contracts, and the way to the roles that serve them.
#[derive(Clone)]
pub(crate) struct Rest {
    methods: Arc<HashMap<String, MethodDescriptor>>,
    proxy: Proxy,
    aside: Aside,
}

/// Whether a request is for this side of the gateway. Pages are only ever read, so whatever is
/// posted is meant as a call.
pub(crate) fn is_call(request: &Request) -> bool {
    request.method() == Method::POST || request.uri().path().starts_with("/qudao.")
}

impl Rest {
    /// All rpcs of the contracts. One that clients stream to is none over HTTP/1.1, and there is
    /// none.
    pub(crate) fn new(upstreams: Upstreams) -> Result<Self, DescriptorError> {
        let pool = DescriptorPool::decode(proto::DESCRIPTORS)?;
        let ours = pool.services().filter(|service| service.full_name().starts_with("qudao."));
        let methods = ours.flat_map(|service| service.methods().collect::<Vec<_>>());
        let methods = methods.filter(|method| !method.is_client_streaming()).map(|method| {
            (format!("/{}/{}", method.parent_service().full_name(), method.name()), method)
        });
        let methods = Arc::new(methods.collect());
        Ok(Self { methods, proxy: Proxy::new(upstreams), aside: Aside::new() })
    }

    /// Answers a call.
    pub(crate) async fn answer(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path();
        let Some(method) = self.methods.get(path) else {
            let text = Text::new("没有这个接口", "there is no such rpc");
            let told = status(Code::Unimplemented, "NO_SUCH_RPC", &text);
            return Refused::with(StatusCode::NOT_FOUND, told).into_response();
        };
        let call = match Head::read(method, &parts.method, &parts.headers) {
            Ok(head) => Call { rest: self, method, head, path },
            Err(refused) => return refused.into_response(),
        };
        match call.head.kind {
            Kind::Unary => call.unary(&parts.headers, body).await.unwrap_or_else(told),
            Kind::Stream => call.stream(&parts.headers, body).await,
        }
    }
}

fn told(refused: Refused) -> Response {
    refused.into_response()
}

/// One call that is under way.
struct Call<'a> {
    rest: &'a Rest,
    method: &'a MethodDescriptor,
    head: Head,
    path: &'a str,
}

impl Call<'_> {
    async fn unary(&self, headers: &HeaderMap, body: Body) -> Result<Response, Refused> {
        let answered = async {
            let request = self.request(headers, read(body).await?).await?;
            let (mut role, path) = self.role()?;
            let answer = role.unary(request, path, Raw).await?.into_inner();
            Ok(self.head.codec.unpack(&self.method.output(), answer)?)
        };
        let patience = self.head.patience.unwrap_or(PATIENCE);
        let answered = tokio::time::timeout(patience, answered).await;
        let answer: Result<Bytes, Refused> = answered.unwrap_or_else(|_| Err(late().into()));
        Ok(head::answer(self.head.content_type(), Body::from(answer?)))
    }

    /// Streams always begin well; why one ended badly stands in its last envelope.
    async fn stream(&self, headers: &HeaderMap, body: Body) -> Response {
        let deadline = self.head.patience.map(|patience| tokio::time::Instant::now() + patience);
        let opened = async {
            let message = stream::only_message(read(body).await?)?;
            let request = self.request(headers, message).await?;
            let (mut role, path) = self.role()?;
            Ok(role.server_streaming(request, path, Raw).await?.into_inner())
        };
        let opened = match deadline {
            None => opened.await,
            Some(deadline) => tokio::time::timeout_at(deadline, opened)
                .await
                .unwrap_or_else(|_| Err(late().into())),
        };
        let output = self.method.output();
        let body = match opened {
            Ok(messages) => stream::body(self.head.codec, output, messages, deadline),
            Err(Refused { status, .. }) => Body::from(stream::end(Some(&status))),
        };
        head::answer(self.head.content_type(), body)
    }

    async fn request(
        &self,
        headers: &HeaderMap,
        message: Bytes,
    ) -> Result<tonic::Request<Bytes>, Status> {
        let (codec, kind) = (self.head.codec, self.method.input());
        let message = self.rest.aside.pack(codec, kind, message).await?;
        Ok(self.head.request(headers, message))
    }

    fn role(&self) -> Result<(Grpc<Proxy>, http::uri::PathAndQuery), Status> {
        let path = self.path.parse().map_err(|error| kernel::failure::internal(&error))?;
        let role = Grpc::new(self.rest.proxy.clone());
        Ok((role.max_decoding_message_size(ANSWER_BYTES), path))
    }
}

async fn read(body: Body) -> Result<Bytes, Refused> {
    axum::body::to_bytes(body, MAX_REQUEST).await.map_err(|error| {
        let too_large =
            error.source().is_some_and(|cause| cause.is::<http_body_util::LengthLimitError>());
        if !too_large {
            let text = Text::new("请求内容不完整", "the body of the request broke off");
            return status(Code::InvalidArgument, "BROKEN_BODY", &text).into();
        }
        let text = Text::new(
            "请求内容过大：最多 4 MiB，请拆分后重试",
            "the body of the request is too large: at most 4 MiB; split it",
        );
        let told = status(Code::ResourceExhausted, "BODY_TOO_LARGE", &text);
        Refused::with(StatusCode::PAYLOAD_TOO_LARGE, told)
    })
}

fn late() -> Status {
    let text = Text::new(
        "在限定时间内没有完成；请用同一请求编号重试，不会重复执行",
        "not done in time; repeat with the same request_id, it will not be carried out twice",
    );
    status(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", &text)
}
