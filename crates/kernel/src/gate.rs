//! The gate in front of all rpcs of a process. A call is traced, counted, authenticated and
//! authorised here, its request is read whole within limits and looked at as the contracts say, and
//! it has a deadline. What gets through has nothing wrong that can be told without the log.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use proto::access::v1::Role;
use proto::check::{Findings, Looker};
use tonic::{Code, Status};
use tracing::Instrument as _;

use crate::access::{Access, RuleError};
use crate::auth::{Caller, Keys};
use crate::failure;
use crate::telemetry;
use crate::text::Text;

/// Bytes that a request may have.
pub const MAX_REQUEST: usize = 4 << 20;
/// How long a caller may take to send one.
const SENDING: Duration = Duration::from_secs(30);
/// How long a call may take when its caller does not say.
const DEADLINE: Duration = Duration::from_secs(30);
/// The longest that a caller may ask for.
const LONGEST: Duration = Duration::from_secs(120);
/// Length of what goes before a message: whether it is compressed, and how long it is.
const FRAME: usize = 5;

/// The gate of a process.
pub struct Gate {
    keys: Keys,
    rpcs: HashMap<String, Guarded>,
}

struct Guarded {
    access: Access,
    look: Looker,
}

impl Gate {
    /// A gate that knows every rpc's rule.
    ///
    /// # Errors
    /// When an rpc has no rule, or one that can not be kept.
    pub fn new(keys: Keys) -> Result<Self, RuleError> {
        let rpcs =
            crate::access::rules()?.into_iter().map(|(path, access)| {
                match proto::looking_at(&path) {
                    Some(look) => Ok((path, Guarded { access, look })),
                    None => Err(RuleError::NotLookedAt(path)),
                }
            });
        Ok(Self { keys, rpcs: rpcs.collect::<Result<_, _>>()? })
    }

    /// The rpc that is called, and who calls it, if they may.
    fn admit(&self, request: &Request) -> Result<(&Guarded, Option<Caller>), Status> {
        let Some(rpc) = self.rpcs.get(request.uri().path()) else {
            let text = Text::new("没有这个接口", "there is no such rpc");
            return Err(failure::status(Code::Unimplemented, "NO_SUCH_RPC", &text));
        };
        let caller = bearer(request).and_then(|token| self.keys.check(token));
        if rpc.access.who.admits(caller.as_ref()) {
            return Ok((rpc, caller));
        }
        Err(turned_away(caller.is_some()))
    }

    /// Lets a call through, or says why not.
    async fn pass(&self, request: Request, next: Next) -> Result<Response, Status> {
        // Health and reflection say nothing about anybody's business.
        if request.uri().path().starts_with("/grpc.") {
            return Ok(next.run(request).await);
        }
        let (rpc, caller) = self.admit(&request)?;
        let deadline = deadline(&request);
        let (mut head, body) = request.into_parts();
        let body = read(body).await?;
        look(rpc.look, message(&body)?, caller.as_ref())?;
        if let Some(caller) = caller {
            head.extensions.insert(caller);
        }
        let answer = next.run(Request::from_parts(head, Body::from(body)));
        if rpc.access.streams {
            return Ok(answer.await);
        }
        tokio::time::timeout(deadline, answer).await.map_err(|_| too_late())
    }
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

/// The whole request. All our requests are one message, so it is never more than a frame.
async fn read(body: Body) -> Result<Bytes, Status> {
    let whole = Limited::new(body, FRAME + MAX_REQUEST).collect();
    match tokio::time::timeout(SENDING, whole).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(malformed("the request broke off")),
        Err(_) => {
            let text = Text::new("请求发送过慢，已中断", "the request was sent too slowly");
            Err(failure::status(Code::DeadlineExceeded, "SENT_TOO_SLOWLY", &text))
        }
    }
}

/// The message in its frame. Compressed ones are not taken: what is small on the way and large
/// inside is of use to nobody else.
fn message(body: &Bytes) -> Result<&[u8], Status> {
    let (frame, message) =
        body.split_at_checked(FRAME).ok_or_else(|| malformed("there is no whole message"))?;
    let [compressed, length @ ..] = frame else { return Err(malformed("there is no frame")) };
    if *compressed != 0 {
        let text = Text::new("不接受压缩的请求", "compressed requests are not taken");
        return Err(failure::status(Code::Unimplemented, "COMPRESSED", &text));
    }
    let length = length.try_into().map_or(0, u32::from_be_bytes);
    if usize::try_from(length).unwrap_or(usize::MAX) > MAX_REQUEST {
        return Err(too_large());
    }
    if u32::try_from(message.len()) != Ok(length) {
        return Err(malformed("the message is not as long as its frame says"));
    }
    Ok(message)
}

fn too_large() -> Status {
    let text = Text::new("请求过大，最多 4 MiB", "the request is too large, 4 MiB at most");
    failure::status(Code::ResourceExhausted, "REQUEST_TOO_LARGE", &text)
}

fn malformed(what: &str) -> Status {
    let text = Text::new("请求不是有效的消息", format!("not a message of the contract: {what}"));
    failure::status(Code::InvalidArgument, "MALFORMED", &text)
}

/// Whether the request is as its contract says, and names only whom the caller may name.
fn look(look: Looker, message: &[u8], caller: Option<&Caller>) -> Result<(), Status> {
    let tenant = caller.filter(|caller| !caller.has(Role::Operator));
    let mut found = Findings::of(
        tenant.map(|caller| caller.tenant.as_str()),
        caller.and_then(|caller| caller.dealer_id.as_deref()),
    );
    look(message, &mut found).map_err(|error| malformed(&error.to_string()))?;
    if !found.problems.is_empty() {
        return Err(failure::wrong_fields(found.problems));
    }
    if let Some(field) = found.foreign.first() {
        let text = Text::new(
            format!("{field}：只能填写您自己所属的租户或公司"),
            format!("{field}: only your own tenant and company can be named"),
        );
        return Err(failure::status(Code::PermissionDenied, "NOT_YOURS", &text));
    }
    Ok(())
}

/// Middleware in front of all rpcs.
pub async fn guard(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let span = telemetry::server_span(&path, request.headers());
    let started = Instant::now();
    let response =
        async { gate.pass(request, next).await.unwrap_or_else(|refused| refused.into_http()) }
            .instrument(span.clone())
            .await;
    let code = status_code(&response);
    span.record("rpc.grpc.status_code", code);
    let rpc = if gate.rpcs.contains_key(&path) { path } else { "other".to_owned() };
    metrics::histogram!("rpc_server_call_duration_seconds", "rpc" => rpc, "code" => code.to_string())
        .record(started.elapsed());
    response
}

/// A refused unary call answers in its headers alone; a call that got as far as trailers is fine.
fn status_code<B>(response: &http::Response<B>) -> i32 {
    Status::from_header_map(response.headers()).map_or(0, |status| status.code() as i32)
}
