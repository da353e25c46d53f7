//! Failures as callers see them: google.rpc.Status with a stable reason, the words in Chinese and
//! English, and what would make the call pass.

mod fields;

use std::collections::HashMap;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetail, ErrorInfo, LocalizedMessage, RetryInfo, StatusExt as _};

use crate::command::Rejected;
use crate::decider::{Refusal, RefusalKind};
use crate::log::{AppendError, ReadError};
use crate::personal::PersonalError;
use crate::text::Text;
pub use fields::{Violations, at_field, told_fields, wrong_fields};

const DOMAIN: &str = "qudao";

/// A status with a reason and words in both languages.
pub fn status(code: Code, reason: &str, text: &Text) -> Status {
    with_details(code, reason, text, [])
}

fn with_details<const N: usize>(
    code: Code,
    reason: &str,
    text: &Text,
    more: [ErrorDetail; N],
) -> Status {
    let mut details: Vec<ErrorDetail> = vec![
        ErrorInfo::new(reason, DOMAIN, HashMap::new()).into(),
        LocalizedMessage::new("zh-CN", &text.zh).into(),
        LocalizedMessage::new("en", &text.en).into(),
    ];
    details.extend(more);
    Status::with_error_details_vec(code, &text.en, details)
}

/// Somebody had their part of something; the status tells when there is more.
pub fn exhausted(reason: &str, text: &Text, wait: Duration) -> Status {
    with_details(Code::ResourceExhausted, reason, text, [retry_after(wait)])
}

fn retry_after(delay: Duration) -> ErrorDetail {
    RetryInfo::new(Some(delay)).into()
}

/// The caller was signed in, and is not any more.
pub fn session_ended() -> Status {
    let text = Text::new(
        "会话已结束或权限已变更，请重新登录",
        "the session was ended, or what you may do has changed; sign in again",
    );
    status(Code::Unauthenticated, "SESSION_ENDED", &text)
}

/// A rule's no, as callers see it.
pub fn refused(refusal: &impl Refusal) -> Status {
    let code = match refusal.kind() {
        RefusalKind::NotFound => Code::NotFound,
        RefusalKind::AlreadyExists => Code::AlreadyExists,
        RefusalKind::FailedPrecondition => Code::FailedPrecondition,
        RefusalKind::PermissionDenied => Code::PermissionDenied,
        RefusalKind::InvalidArgument => Code::InvalidArgument,
    };
    let text = refusal.text();
    if refusal.retry_soon() {
        let soon = retry_after(Duration::from_millis(200));
        return with_details(code, &refusal.reason(), &text, [soon]);
    }
    status(code, &refusal.reason(), &text)
}

impl<R: Refusal> From<Rejected<R>> for Status {
    fn from(rejected: Rejected<R>) -> Self {
        match rejected {
            Rejected::Refused(refusal) => refused(&refusal),
            Rejected::Stale { expected, actual } => status(
                Code::Aborted,
                "STALE_VERSION",
                &Text::new(
                    format!(
                        "对象已被他人修改（当前版本 {actual}，您看到的是 {expected}），请刷新后重试"
                    ),
                    format!(
                        "the object changed: it is at version {actual}, not {expected}; \
                         read it again and repeat"
                    ),
                ),
            ),
            Rejected::SameHands { had } => status(
                Code::PermissionDenied,
                "DUTIES_APART",
                &Text::new(
                    format!("职责分离：此前您已对该对象执行“{}”，请由另一人执行本操作", had.zh),
                    format!(
                        "duties are kept apart, and before this you did: {}; somebody else has to do it",
                        had.en
                    ),
                ),
            ),
            Rejected::Append(error) => append_failed(&error),
            Rejected::Read(error) => read_failed(&error),
            Rejected::Unwritable(error) => internal(&error),
        }
    }
}

fn append_failed(error: &AppendError) -> Status {
    match error {
        AppendError::Conflict { .. } => with_details(
            Code::Aborted,
            "CONFLICT",
            &Text::new(
                "其他人正在修改同一对象，请稍后重试",
                "others are changing the same object; repeat the request",
            ),
            [retry_after(Duration::from_millis(50))],
        ),
        AppendError::RequestReused => status(
            Code::AlreadyExists,
            "REQUEST_ID_REUSED",
            &Text::new(
                "该请求编号已用于另一内容，请换一个新的请求编号",
                "this request_id was used for another request; make a new one",
            ),
        ),
        AppendError::TooLarge { bytes, limit } => status(
            Code::InvalidArgument,
            "EVENT_TOO_LARGE",
            &Text::new(
                format!("内容过大：一个事件有 {bytes} 字节，最多 {limit} 字节，请拆分后重试"),
                format!(
                    "too much at once: an event has {bytes} bytes of at most {limit}; split it"
                ),
            ),
        ),
        AppendError::Busy => with_details(
            Code::ResourceExhausted,
            "BUSY",
            &Text::new("系统繁忙，请稍后重试", "the system is busy; repeat the request soon"),
            [retry_after(Duration::from_millis(200))],
        ),
        AppendError::Database(error) => unavailable(error),
        AppendError::Closed => unavailable(error),
    }
}

/// The log could not be read.
pub fn read_failed(error: &ReadError) -> Status {
    match error {
        ReadError::Database(_) | ReadError::Stream(_) => unavailable(error),
        ReadError::Unreadable { .. } => internal(error),
    }
}

/// Personal data could not be sealed, revealed or erased. That it was erased is for the caller to
/// look at first.
pub fn personal_failed(error: &PersonalError) -> Status {
    match error {
        PersonalError::Database(_) => unavailable(error),
        PersonalError::Form(_)
        | PersonalError::Key(_)
        | PersonalError::KeyMissing(_)
        | PersonalError::KeyWrong(_)
        | PersonalError::Erased(_)
        | PersonalError::Sealed(_) => internal(error),
    }
}

/// A store does not answer. Logged once, here; the caller learns nothing of the inside.
pub fn unavailable(error: &(impl std::error::Error + ?Sized)) -> Status {
    tracing::error!(error = %chain(error), "a store failed");
    with_details(
        Code::Unavailable,
        "STORE_UNAVAILABLE",
        &Text::new(
            "存储暂不可用，请用同一请求编号重试",
            "the store is not available; repeat with the same request_id",
        ),
        [retry_after(Duration::from_millis(500))],
    )
}

/// A fault of the program itself. Logged once, here.
pub fn internal(error: &(impl std::error::Error + ?Sized)) -> Status {
    tracing::error!(error = %chain(error), "internal fault");
    status(
        Code::Internal,
        "INTERNAL",
        &Text::new(
            "系统内部错误，已记录；请把追踪编号告知管理员",
            "an internal fault, which was logged; tell the administrator the trace id",
        ),
    )
}

/// An error with all its causes in one line.
pub fn chain(error: &(impl std::error::Error + ?Sized)) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        line.push_str(": ");
        line.push_str(&next.to_string());
        cause = next.source();
    }
    line
}
