//! Servers of one process on loopback: qudao's order role as `qudao serve` puts it together, the
//! same rpcs over cqrs-es and postgres-es behind the same guard, the order role behind a guard that
//! only looks at tokens, and the trivial echo.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use anyhow::Context as _;
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use chrono::TimeDelta;
use kernel::auth::{Caller, Keys};
use kernel::clock;
use kernel::command::Commands;
use kernel::gate::Gate;
use kernel::server::{MetricsHandle, Server, bind, serve};
use kernel::telemetry;
use proto::access::v1::Role;
use proto::order::v1 as api;
use tempfile::TempDir;
use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::Status;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Endpoint};
use tracing::Instrument as _;

use super::echo::{Named, echo};
use super::ours::TENANT;

/// A server and somebody who may ask it; one of this process ends when this is dropped.
pub struct Served {
    address: SocketAddr,
    token: MetadataValue<Ascii>,
    _stop: Option<DropGuard>,
}

/// The order context's rpcs about orders, as its contract names them.
#[derive(Clone)]
pub struct Orders;

impl Named for Orders {
    const NAME: &'static str = "qudao.order.v1.OrderService";
}

/// The order context's rpcs about products, as its contract names them.
#[derive(Clone)]
pub struct Products;

impl Named for Products {
    const NAME: &'static str = "qudao.order.v1.ProductService";
}

/// Serves qudao's order role.
///
/// # Errors
/// When no port is free.
pub async fn qudao(commands: Commands, metrics: MetricsHandle) -> anyhow::Result<Served> {
    let mut server = Server::new()?;
    order::mount(&mut server, commands).await;
    guarded(server, metrics).await
}

/// A server of another process on this machine that signs with the key of this file.
///
/// # Errors
/// When the key can not be read.
pub fn elsewhere(port: u16, key: &Path) -> anyhow::Result<Served> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    Ok(Served { address, token: token(&Keys::open(key)?)?, _stop: None })
}

/// Serves what was put together, behind the guard of every role of qudao.
///
/// # Errors
/// When no port is free.
pub async fn guarded(server: Server, metrics: MetricsHandle) -> anyhow::Result<Served> {
    let keys = own_keys()?;
    let token = token(&keys)?;
    let router = server.into_router(Gate::new(keys)?, metrics, Vec::new());
    listening(router, token).await
}

/// Serves qudao's order role behind a gate that only looks at tokens: no roles, limits, rules of
/// fields or names, and no deadline. Spans are made as by the real one.
///
/// # Errors
/// When no port is free.
pub async fn behind_tokens(commands: Commands) -> anyhow::Result<Served> {
    let mut server = Server::new()?;
    order::mount(&mut server, commands).await;
    let keys = own_keys()?;
    let token = token(&keys)?;
    let guard = axum::middleware::from_fn_with_state(keys, tokens_only);
    listening(server.into_unguarded().layer(guard), token).await
}

async fn tokens_only(State(keys): State<Keys>, mut request: Request, next: Next) -> Response {
    let header = request.headers().get("authorization").and_then(|told| told.to_str().ok());
    let token = header.and_then(|told| told.strip_prefix("Bearer "));
    let Some(caller) = token.and_then(|token| keys.check(token).ok()) else {
        return Status::unauthenticated("sign in first").into_http();
    };
    let span = telemetry::server_span(request.uri().path(), request.headers());
    request.extensions_mut().insert(caller);
    next.run(request).instrument(span).await
}

fn own_keys() -> anyhow::Result<Keys> {
    let folder = TempDir::new()?;
    Ok(Keys::open(&folder.path().join("signing-key.pem"))?)
}

async fn listening(router: Router, token: MetadataValue<Ascii>) -> anyhow::Result<Served> {
    let listener = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    let address = listener.local_addr()?;
    let stop = CancellationToken::new();
    tokio::spawn(serve(listener, router, stop.clone()));
    Ok(Served { address, token, _stop: Some(stop.drop_guard()) })
}

/// Serves the trivial echo of orders: tonic's own server, nothing in front of it.
///
/// # Errors
/// When no port is free.
pub async fn trivial() -> anyhow::Result<Served> {
    let listener = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    let address = listener.local_addr()?;
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    tokio::spawn(async move {
        tonic::transport::Server::builder()
            .add_service(echo::<api::SubmitOrderRequest>())
            .serve_with_incoming_shutdown(
                TcpIncoming::from(listener).with_nodelay(Some(true)),
                stopped.cancelled_owned(),
            )
            .await
    });
    let token = MetadataValue::from_static("Bearer nobody");
    Ok(Served { address, token, _stop: Some(stop.drop_guard()) })
}

/// A token that lets its bearer do all that is measured.
fn token(keys: &Keys) -> anyhow::Result<MetadataValue<Ascii>> {
    let roles = [Role::HqAdmin, Role::SalesDirector, Role::Integration, Role::Auditor];
    let caller = Caller {
        user_id: "han.meimei".to_owned(),
        name: "韩梅梅".to_owned(),
        tenant: TENANT.to_owned(),
        roles: roles.iter().map(|role| role.as_str_name().to_owned()).collect(),
        time_zone: "Asia/Shanghai".to_owned(),
        ..Caller::default()
    };
    signed(keys, &caller)
}

fn signed(keys: &Keys, caller: &Caller) -> anyhow::Result<MetadataValue<Ascii>> {
    let token = keys.issue(caller, clock::now(), TimeDelta::hours(12))?;
    format!("Bearer {token}").parse().context("a token goes into a header")
}

/// What signs a person in on a server that signs with the key of this file.
///
/// # Errors
/// When the key can not be read.
pub fn person(
    key: &Path,
    user_id: &str,
    roles: &[Role],
    dealer_id: Option<&str>,
) -> anyhow::Result<MetadataValue<Ascii>> {
    let tenant = if roles.contains(&Role::Operator) { "" } else { TENANT };
    let caller = Caller {
        user_id: user_id.to_owned(),
        name: user_id.to_owned(),
        tenant: tenant.to_owned(),
        dealer_id: dealer_id.map(ToOwned::to_owned),
        roles: roles.iter().map(|role| role.as_str_name().to_owned()).collect(),
        time_zone: "Asia/Shanghai".to_owned(),
        ..Caller::default()
    };
    signed(&Keys::open(key)?, &caller)
}

impl Served {
    /// A connection that callers share, as a gateway's does.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn channel(&self) -> anyhow::Result<Channel> {
        let endpoint = Endpoint::from_shared(format!("http://{}", self.address))?;
        Ok(endpoint.tcp_nodelay(true).connect().await?)
    }

    /// A request of somebody who is signed in.
    pub fn says<T>(&self, body: T) -> tonic::Request<T> {
        says(&self.token, body)
    }

    /// What signs a request in.
    pub fn token(&self) -> MetadataValue<Ascii> {
        self.token.clone()
    }
}

/// A request with a token.
pub fn says<T>(token: &MetadataValue<Ascii>, body: T) -> tonic::Request<T> {
    let mut request = tonic::Request::new(body);
    request.metadata_mut().insert("authorization", token.clone());
    request
}
