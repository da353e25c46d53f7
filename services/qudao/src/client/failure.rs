//! Failures in words, and the exit code that scripts can rely on.

use std::process::ExitCode;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use kernel::failure::told_fields;
use serde::Serialize;
use tonic::{Code, Status};
use tonic_types::{ErrorDetail, StatusExt as _};
use uuid::Uuid;

use super::output;

/// Exit codes; `cli::EXIT_CODES` explains them to people.
pub(crate) const REFUSED: u8 = 1;
const USAGE: u8 = 2;
const NOT_FOUND: u8 = 3;
const NOT_ALLOWED: u8 = 4;
const NO_ANSWER: u8 = 5;

static TRACE: OnceLock<Uuid> = OnceLock::new();
static AS_JSON: AtomicBool = AtomicBool::new(false);

/// From here on a failure names this trace.
pub(crate) fn remember_trace(trace: Uuid) {
    // A command has one trace; a second one would be a helper session, of no interest here.
    let _ = TRACE.set(trace);
}

/// From here on a failure is told as one JSON object.
pub(crate) fn tell_as_json(json: bool) {
    AS_JSON.store(json, Ordering::Relaxed);
}

/// The language of the person, of the two that the server speaks.
pub(crate) fn locale() -> &'static str {
    let language = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| super::env(name));
    if language.is_some_and(|language| language.starts_with("zh")) { "zh-CN" } else { "en" }
}

/// A refusal or failure of the server, taken apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Failure {
    pub(crate) code: String,
    /// Stable name of a refusal, such as `PRICE_CHANGED`; empty when the server gives none.
    pub(crate) reason: String,
    pub(crate) message: String,
    /// Fields that the server could not accept, each with why.
    pub(crate) fields: Vec<String>,
}

impl Failure {
    pub(crate) fn of(status: &Status) -> Self {
        Self::in_language(status, locale())
    }

    fn in_language(status: &Status, locale: &str) -> Self {
        let details = status.get_error_details_vec();
        let mut reason = String::new();
        let fields = told_fields(status, locale).into_iter();
        let fields = fields.map(|(field, text)| format!("{field}: {text}")).collect();
        let mut spoken: Option<(bool, String)> = None;
        for detail in details {
            if let ErrorDetail::ErrorInfo(info) = detail {
                reason = info.reason;
            } else if let ErrorDetail::LocalizedMessage(text) = detail {
                let fits = text.locale.eq_ignore_ascii_case(locale);
                if spoken.as_ref().is_none_or(|(fitted, _)| fits && !fitted) {
                    spoken = Some((fits, text.message));
                }
            }
        }
        let message = spoken.map_or_else(|| status.message().to_owned(), |(_, text)| text);
        Self { code: format!("{:?}", status.code()), reason, message, fields }
    }

    /// One line, for lists.
    pub(crate) fn line(&self) -> String {
        let name = if self.reason.is_empty() { &self.code } else { &self.reason };
        match (self.message.is_empty(), self.fields.is_empty()) {
            (true, _) => name.clone(),
            (false, true) => format!("{name}: {}", self.message),
            (false, false) => format!("{name}: {} ({})", self.message, self.fields.join("; ")),
        }
    }
}

/// The stable reason of a refusal; empty when there is none.
pub(crate) fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

/// Refused because it is there; the server has forgotten our request by now.
pub(crate) fn already(status: &Status) -> bool {
    status.code() == Code::AlreadyExists || reason(status).starts_with("ALREADY_")
}

/// Nothing answers at an address.
#[derive(Debug)]
pub(crate) struct NoServer(String);

impl std::fmt::Display for NoServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "nobody answers at {}. Is it running? `make up` starts a local one.", self.0)
    }
}

impl std::error::Error for NoServer {}

pub(crate) fn no_server(url: &str) -> anyhow::Error {
    NoServer(url.to_owned()).into()
}

/// Tells the person what went wrong, on stderr.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    let (failure, code) = told(error);
    if AS_JSON.load(Ordering::Relaxed) {
        eprintln!("{}", as_json(&failure));
    } else {
        eprintln!("{} {}", output::red("error:"), failure.line());
        if let Some(hint) = hint(code) {
            eprintln!("{hint}");
        }
        if let Some(trace) = TRACE.get().filter(|_| code == NO_ANSWER || code == REFUSED) {
            eprintln!("{}", output::dim(&format!("trace: qudao trace {}", trace.simple())));
        }
    }
    ExitCode::from(code)
}

fn as_json(failure: &Failure) -> String {
    #[derive(Serialize)]
    struct Told<'a> {
        error: &'a Failure,
        trace_id: Option<String>,
    }
    let told = Told { error: failure, trace_id: TRACE.get().map(|id| id.simple().to_string()) };
    serde_json::to_string(&told).unwrap_or_default()
}

fn told(error: &anyhow::Error) -> (Failure, u8) {
    if let Some(status) = error.chain().find_map(|cause| cause.downcast_ref::<Status>()) {
        let mut failure = Failure::of(status);
        // What we were doing, when that is known too.
        if error.chain().next().is_some_and(|first| !first.is::<Status>()) {
            failure.message = format!("{error}: {}", failure.message);
        }
        return (failure, exit_code(status.code()));
    }
    let code = if error.is::<NoServer>() { NO_ANSWER } else { REFUSED };
    let failure = Failure {
        code: if code == NO_ANSWER { "Unavailable" } else { "Failed" }.to_owned(),
        reason: String::new(),
        message: format!("{error:#}"),
        fields: Vec::new(),
    };
    (failure, code)
}

fn exit_code(code: Code) -> u8 {
    match code {
        Code::Ok => 0,
        Code::InvalidArgument | Code::OutOfRange => USAGE,
        Code::NotFound => NOT_FOUND,
        Code::Unauthenticated | Code::PermissionDenied => NOT_ALLOWED,
        Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted => NO_ANSWER,
        Code::Cancelled
        | Code::Unknown
        | Code::AlreadyExists
        | Code::FailedPrecondition
        | Code::Aborted
        | Code::Unimplemented
        | Code::Internal
        | Code::DataLoss => REFUSED,
    }
}

fn hint(code: u8) -> Option<&'static str> {
    match code {
        NOT_ALLOWED => Some("Sign in as somebody else with --user, --tenant and QUDAO_PASSWORD."),
        NO_ANSWER => Some("Nothing is lost: the same command can be run again."),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use tonic_types::{ErrorInfo, LocalizedMessage};

    use super::*;

    fn price_changed() -> Status {
        let details: Vec<ErrorDetail> = vec![
            ErrorInfo::new("PRICE_CHANGED", "qudao.order", HashMap::new()).into(),
            LocalizedMessage::new("zh-CN", "价格已变动").into(),
            LocalizedMessage::new("en", "The price has changed").into(),
        ];
        Status::with_error_details_vec(Code::FailedPrecondition, "price changed", details)
    }

    #[test]
    fn people_read_their_own_language() {
        let chinese = Failure::in_language(&price_changed(), "zh-CN");
        let english = Failure::in_language(&price_changed(), "en");

        assert_eq!(chinese.line(), "PRICE_CHANGED: 价格已变动");
        assert_eq!(english.line(), "PRICE_CHANGED: The price has changed");
    }

    #[test]
    fn a_refusal_without_details_still_says_something() {
        let failure = Failure::in_language(&Status::not_found("no such order"), "en");

        assert_eq!(failure.line(), "NotFound: no such order");
    }

    #[test]
    fn the_exit_code_survives_added_context() {
        let error = anyhow::Error::from(Status::unauthenticated("sign in")).context("listing");

        let (failure, code) = told(&error);

        assert_eq!(code, NOT_ALLOWED);
        assert_eq!(failure.message, "listing: sign in");
    }
}
