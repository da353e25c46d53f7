//! A gRPC server that does one thing: the trivial one that answers with what it is asked, and the
//! shell of a peer that offers an rpc of the contracts.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::future::BoxFuture;
use prost::Message;
use tonic::body::Body;
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

/// The name of a service.
pub trait Named: Clone + Send + Sync + 'static {
    /// As it stands in the path of a call.
    const NAME: &'static str;
}

/// The service of the trivial echo.
#[derive(Clone)]
pub struct EchoService;

impl Named for EchoService {
    const NAME: &'static str = "qudao.bench.v1.EchoService";
}

type Handler<Q, A> =
    Arc<dyn Fn(Request<Q>) -> BoxFuture<'static, Result<Response<A>, Status>> + Send + Sync>;

/// A service with one rpc.
pub struct OneRpc<N, Q, A> {
    method: &'static str,
    handler: Handler<Q, A>,
    name: PhantomData<N>,
}

impl<N, Q, A> Clone for OneRpc<N, Q, A> {
    fn clone(&self) -> Self {
        Self { method: self.method, handler: self.handler.clone(), name: PhantomData }
    }
}

impl<N, Q, A> OneRpc<N, Q, A> {
    /// The service `N` with this method alone.
    pub fn new<F>(method: &'static str, handler: F) -> Self
    where
        F: Fn(Request<Q>) -> BoxFuture<'static, Result<Response<A>, Status>>
            + Send
            + Sync
            + 'static,
    {
        Self { method, handler: Arc::new(handler), name: PhantomData }
    }
}

/// A service that answers every call with what it is asked.
pub fn echo<M: Message + Default + 'static>() -> OneRpc<EchoService, M, M> {
    OneRpc::new("Echo", |request: Request<M>| {
        Box::pin(async move { Ok(Response::new(request.into_inner())) })
    })
}

impl<N: Named, Q, A> NamedService for OneRpc<N, Q, A> {
    const NAME: &'static str = N::NAME;
}

struct Unary<Q, A>(Handler<Q, A>);

impl<Q: Message + Default + 'static, A: Message + Default + 'static> UnaryService<Q>
    for Unary<Q, A>
{
    type Response = A;
    type Future = BoxFuture<'static, Result<Response<A>, Status>>;

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        (self.0)(request)
    }
}

impl<N, Q, A> tower::Service<http::Request<Body>> for OneRpc<N, Q, A>
where
    N: Named,
    Q: Message + Default + 'static,
    A: Message + Default + 'static,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let Self { method, handler, .. } = self.clone();
        Box::pin(async move {
            if request.uri().path().rsplit('/').next() != Some(method) {
                return Ok(Status::unimplemented("this server has one rpc").into_http());
            }
            Ok(Grpc::new(ProstCodec::<A, Q>::default()).unary(Unary(handler), request).await)
        })
    }
}
