//! A handler that panics ends its own call, and none of those beside it on the connection.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::task::{Context, Poll};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use kernel::auth::Keys;
use kernel::clock;
use kernel::gate::Gate;
use kernel::server::{Server, bind, serve};
use proto::access::v1::Role;
use proto::partner::v1::GetCurrentUserRequest;
use proto::partner::v1::identity_service_client::IdentityServiceClient;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::{Code, Request};

use cluster_tests::security::stage::{caller, channel};
use cluster_tests::support::metrics;
use cluster_tests::support::shop::reason;

/// Panics when it is asked to, and answers otherwise.
#[derive(Clone)]
struct Panics;

impl tonic::server::NamedService for Panics {
    const NAME: &'static str = "qudao.partner.v1.IdentityService";
}

impl tower::Service<http::Request<Body>> for Panics {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        async move {
            tokio::task::yield_now().await;
            assert!(!request.headers().contains_key("panic"), "asked to");
            Ok(tonic::Status::aborted("answered").into_http())
        }
        .boxed()
    }
}

#[tokio::test]
async fn a_panic_is_told_and_ends_no_other_call() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::open(&dir.path().join("signing-key.pem")).unwrap();
    let somebody = caller("flywheel", &[Role::HqAdmin], None);
    let token = keys.issue(&somebody, clock::now(), chrono::TimeDelta::hours(1)).unwrap();
    let mut server = Server::new().unwrap();
    server.add(Panics).await;
    let gate = Gate::new(keys).unwrap();
    let router = server.into_router(gate, metrics::recorded().clone(), Vec::new());
    let listener = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
    let people = IdentityServiceClient::new(channel(listener.local_addr().unwrap().port()));
    let stop = CancellationToken::new();
    tokio::spawn(serve(listener, router, stop.clone()));
    let _stop = stop.drop_guard();

    let call = |panics: bool| {
        let (mut people, token) = (people.clone(), token.clone());
        async move {
            let mut request = Request::new(GetCurrentUserRequest {});
            let metadata = request.metadata_mut();
            metadata.insert("authorization", format!("Bearer {token}").parse().unwrap());
            if panics {
                metadata.insert("panic", "please".parse().unwrap());
            }
            people.get_current_user(request).await.unwrap_err()
        }
    };
    let answers = futures::future::join_all((0..20).map(|number| call(number % 2 == 0))).await;
    for (number, answer) in answers.iter().enumerate() {
        match number % 2 {
            0 => assert_eq!((answer.code(), reason(answer).as_str()), (Code::Internal, "INTERNAL")),
            _ => assert_eq!((answer.code(), answer.message()), (Code::Aborted, "answered")),
        }
    }
}
