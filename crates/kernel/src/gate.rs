//! The gate in front of all rpcs of a process. A call is traced, counted, authenticated and
//! authorised here, its request is read whole within limits and looked at as the contracts say, and
//! it has a deadline. What gets through has nothing wrong that can be told without the log.

mod body;
mod rates;
mod telling;
mod walls;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures::FutureExt as _;
use proto::access::v1::Role;
use proto::check::{Findings, Looker};
use tonic::{Code, Status};
use tracing::Instrument as _;

use crate::access::{Access, RuleError, Who};
use crate::auth::{Caller, Keys, TokenError};
use crate::calls::{Calls, Entry};
use crate::failure;
use crate::listen::Peer;
use crate::task::contained;
use crate::telemetry;
use crate::text::Text;
pub use body::MAX_REQUEST;
pub use rates::Limits;
use rates::Rates;
pub use walls::Wall;
use walls::Walls;

/// Header in which a gateway says from which address a call came to it. Only gateways reach the
/// port of the roles, and a gateway overwrites what its own caller says.
pub const CAME_FROM: &str = "qudao-came-from";

/// Bytes of fields that a newer contract has and this one does not.
const NEWER: usize = 4 << 10;
/// How long a call may take when its caller does not say.
const DEADLINE: Duration = Duration::from_secs(30);
/// The longest that a caller may ask for.
const LONGEST: Duration = Duration::from_secs(120);

/// The gate of a process.
pub struct Gate {
    keys: Keys,
    rpcs: HashMap<String, Guarded>,
    rates: Rates,
    walls: Walls,
    calls: Option<Calls>,
}

struct Guarded {
    access: Access,
    look: Looker,
    /// Bytes that a request may have.
    most: usize,
}

impl Gate {
    /// A gate that knows every rpc's rule.
    ///
    /// # Errors
    /// When an rpc has no rule, or one that can not be kept.
    pub fn new(keys: Keys) -> Result<Self, RuleError> {
        let rpcs =
            crate::access::rules()?.into_iter().map(|(path, access)| {
                match proto::looking_at(&path).zip(proto::most_bytes(&path)) {
                    Some((look, most)) => {
                        let most = (most + NEWER).min(MAX_REQUEST);
                        Ok((path, Guarded { access, look, most }))
                    }
                    None => Err(RuleError::NotLookedAt(path)),
                }
            });
        let (rates, walls) = (Rates::of(Limits::default()), Walls::default());
        Ok(Self { keys, rpcs: rpcs.collect::<Result<_, _>>()?, rates, walls, calls: None })
    }

    /// The same, telling the access log of every call.
    #[must_use]
    pub fn telling(self, calls: Calls) -> Self {
        Self { calls: Some(calls), ..self }
    }

    /// The same with other limits of how often somebody may call.
    #[must_use]
    pub fn limited(mut self, limits: Limits) -> Self {
        self.rates = Rates::of(limits);
        self
    }

    /// The same with one of its walls taken down: the suite that attacks it has to notice.
    #[cfg(feature = "simulation")]
    #[must_use]
    pub fn without(mut self, wall: Wall) -> Self {
        self.walls = Walls::without(wall);
        self
    }

    /// Who calls, as their token says; nobody, when the token is not good, and whether it was one
    /// that was ended before its time.
    fn caller(&self, request: &Request) -> (Option<Caller>, bool) {
        let Some(token) = bearer(request) else { return (None, false) };
        if !self.walls.stands(Wall::Tokens) {
            return (walls::believed(token), false);
        }
        match self.keys.check(token) {
            Ok(caller) if self.walls.stands(Wall::Tenant) => (Some(caller), false),
            Ok(caller) => (Some(walls::claimed(caller, request.headers())), false),
            Err(error) => (None, error == TokenError::Ended),
        }
    }

    /// The rpc that is called, if the caller may.
    fn admit(&self, request: &Request, caller: Option<&Caller>) -> Result<&Guarded, Status> {
        let Some(rpc) = self.rpcs.get(request.uri().path()) else {
            let text = Text::new("没有这个接口", "there is no such rpc");
            return Err(failure::status(Code::Unimplemented, "NO_SUCH_RPC", &text));
        };
        let any_role = caller.is_some() && !self.walls.stands(Wall::Roles);
        if !any_role && !rpc.access.who.admits(caller) {
            return Err(turned_away(caller.is_some()));
        }
        if rpc.access.waits_for_password_of(caller) && self.walls.stands(Wall::Password) {
            return Err(password_to_be_changed());
        }
        if !rpc.access.is_turned_on_for(caller) && self.walls.stands(Wall::Modules) {
            return Err(turned_off());
        }
        let program = caller.is_some_and(Caller::is_program);
        if rpc.access.persons_only && program && self.walls.stands(Wall::Persons) {
            return Err(persons_only());
        }
        match rpc.access.who {
            Who::Public => {
                self.rates.take_address(address(request), rpc.access.signed_by_sender)?;
            }
            Who::SignedIn | Who::Roles(_) => self.rates.take(caller)?,
        }
        Ok(rpc)
    }

    /// Where the port asks for certificates, calls come from a role of this installation, and
    /// from nobody who merely has a token.
    fn certified(request: &Request) -> Result<(), Status> {
        match request.extensions().get::<Peer>().and_then(|peer| peer.certified) {
            None | Some(true) => Ok(()),
            Some(false) => {
                let text = Text::new(
                    "此端口只接受持有本系统证书的调用方，请改用网关地址",
                    "this port is for holders of a certificate of this installation; call the gateway",
                );
                Err(failure::status(Code::Unauthenticated, "NOT_CERTIFIED", &text))
            }
        }
    }

    /// Lets a call through, or says why not. Whoever calls and what is named is put into `told`.
    async fn pass(
        &self,
        request: Request,
        next: Next,
        told: Option<&mut Entry>,
    ) -> Result<Response, Status> {
        Self::certified(&request)?;
        let (caller, ended) = self.caller(&request);
        let named = told.map(|entry| {
            telling::caller(entry, caller.as_ref());
            &mut entry.named
        });
        let rpc = self.admit(&request, caller.as_ref()).map_err(|no| {
            // Who was signed in is told why they are not any more.
            if ended && no.code() == Code::Unauthenticated { failure::session_ended() } else { no }
        })?;
        let (deadline, came_from) = (deadline(&request), CameFrom(address(&request)));
        let (mut head, body) = request.into_parts();
        let body = body::read(body, rpc.most).await?;
        self.look(rpc.look, body::message(&body, rpc.most)?, caller.as_ref(), named)?;
        head.extensions.insert(came_from);
        if let Some(apart_from) = rpc.access.duties_apart_for(caller.as_ref()) {
            head.extensions.insert(apart_from);
        }
        if let Some(caller) = caller {
            head.extensions.insert(caller);
        }
        // A handler that panics ends its own call, and not those beside it on the connection.
        let answer = contained(next.run(Request::from_parts(head, Body::from(body))));
        let answer = answer.map(|done| done.map_err(|panicked| failure::internal(&panicked)));
        if rpc.access.streams {
            return answer.await;
        }
        tokio::time::timeout(deadline, answer).await.map_err(|_| too_late())?
    }

    /// Whether the request is as its contract says, and names only whom the caller may name.
    fn look(
        &self,
        look: Looker,
        message: &[u8],
        caller: Option<&Caller>,
        named: Option<&mut Vec<String>>,
    ) -> Result<(), Status> {
        let tenant = caller.filter(|caller| !caller.has(Role::Operator));
        let mut found = Findings::of(
            tenant.map(|caller| caller.tenant.as_str()),
            caller.and_then(|caller| caller.dealer_id.as_deref()),
        );
        look(message, &mut found).map_err(|error| body::malformed(&error.to_string()))?;
        if let Some(named) = named {
            named.append(&mut found.named);
        }
        if !found.problems.is_empty() && self.walls.stands(Wall::Fields) {
            return Err(failure::wrong_fields(found.problems));
        }
        match found.foreign.first() {
            Some(field) if self.walls.stands(Wall::Names) => Err(not_yours(field)),
            _ => Ok(()),
        }
    }
}

/// Where a call comes from: what a gateway says, else the other end of the connection.
fn address(request: &Request) -> Option<IpAddr> {
    match request.headers().get(CAME_FROM) {
        Some(told) => told.to_str().ok()?.parse().ok(),
        None => request.extensions().get::<Peer>().map(|peer| peer.address.ip()),
    }
}

/// The address that a call came from, for a handler; none when nobody knows.
#[derive(Clone, Copy, Debug)]
pub struct CameFrom(pub Option<IpAddr>);

/// The call as a gateway hands it on: with the address that it came from, whatever its caller says.
/// Of `proxies` in front of the gateway each adds the address that it was asked from to
/// `x-forwarded-for`; with none, the caller is at the other end of the connection.
pub fn coming_from<B>(mut request: http::Request<B>, proxies: usize) -> http::Request<B> {
    let address = match proxies {
        0 => request.extensions().get::<Peer>().map(|peer| peer.address.ip()),
        _ => forwarded(request.headers(), proxies),
    };
    let told = address.map_or_else(|| "unknown".to_owned(), |address| address.to_string());
    request.headers_mut().remove(CAME_FROM);
    if let Ok(told) = told.parse() {
        request.headers_mut().insert(CAME_FROM, told);
    }
    request
}

/// What comes before is what a client wrote itself.
fn forwarded(headers: &http::HeaderMap, proxies: usize) -> Option<IpAddr> {
    let lines = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
    let hops: Vec<_> = lines.flat_map(|line| line.split(',')).collect();
    hops.get(hops.len().checked_sub(proxies)?)?.trim().parse().ok()
}

fn not_yours(field: &str) -> Status {
    let text = Text::new(
        format!("{field}：只能填写您自己所属的租户或公司"),
        format!("{field}: only your own tenant and company can be named"),
    );
    failure::status(Code::PermissionDenied, "NOT_YOURS", &text)
}

fn turned_away(signed_in: bool) -> Status {
    if signed_in {
        let text = Text::new(
            "您的角色不允许此操作，请联系管理员",
            "none of your roles may do this; ask your administrator",
        );
        return failure::status(Code::PermissionDenied, "ROLE_MISSING", &text);
    }
    let text =
        Text::new("请先登录，或登录已过期", "sign in first; the token is missing or expired");
    failure::status(Code::Unauthenticated, "NOT_SIGNED_IN", &text)
}

fn turned_off() -> Status {
    let text = Text::new(
        "贵公司未启用此功能模块，请联系管理员在品牌设置中启用",
        "your company has this module turned off; an administrator turns it on in the settings",
    );
    failure::status(Code::FailedPrecondition, "MODULE_OFF", &text)
}

fn password_to_be_changed() -> Status {
    let text = Text::new(
        "您的密码由他人设置，请先修改密码",
        "somebody else set your password; change it first",
    );
    failure::status(Code::PermissionDenied, "PASSWORD_TO_BE_CHANGED", &text)
}

fn persons_only() -> Status {
    let text = Text::new(
        "此操作只能由人员完成，服务账号不可以，请以用户身份登录后操作",
        "only people may do this, and no service account; sign in as a person",
    );
    failure::status(Code::PermissionDenied, "PERSONS_ONLY", &text)
}

fn bearer(request: &Request) -> Option<&str> {
    let header = request.headers().get(http::header::AUTHORIZATION)?;
    header.to_str().ok()?.strip_prefix("Bearer ")
}

/// How long the call may take: what `grpc-timeout` says, within a limit.
fn deadline(request: &Request) -> Duration {
    let told = request.headers().get("grpc-timeout").and_then(|told| told.to_str().ok());
    told.and_then(timeout).map_or(DEADLINE, |told| told.min(LONGEST))
}

/// A number of at most 8 digits and a unit, as gRPC over HTTP/2 writes a timeout.
fn timeout(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if number.len() > 8 || !number.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let number: u64 = number.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(number * 3_600),
        "M" => Duration::from_secs(number * 60),
        "S" => Duration::from_secs(number),
        "m" => Duration::from_millis(number),
        "u" => Duration::from_micros(number),
        "n" => Duration::from_nanos(number),
        _ => return None,
    })
}

fn too_late() -> Status {
    let text = Text::new(
        "处理超时；若为提交操作，请用同一请求编号重试以确认结果",
        "the call took longer than it may; repeat a command with the same request_id",
    );
    failure::status(Code::DeadlineExceeded, "TOO_LATE", &text)
}

/// Middleware in front of all rpcs.
pub async fn guard(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    // Health and reflection say nothing about anybody's business.
    if path.starts_with("/grpc.") {
        return next.run(request).await;
    }
    let span = telemetry::server_span(&path, request.headers());
    let started = Instant::now();
    let (code, response) = gate.told(request, next).instrument(span.clone()).await;
    span.record("rpc.grpc.status_code", code as i32);
    let rpc = if gate.rpcs.contains_key(&path) { path } else { "other".to_owned() };
    let code = (code as i32).to_string();
    metrics::histogram!("rpc_server_call_duration_seconds", "rpc" => rpc, "code" => code)
        .record(started.elapsed());
    response
}
