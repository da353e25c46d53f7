//! What the access log is told of a call.

use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::{Gate, address};
use crate::auth::Caller;
use crate::calls::{Begun, Entry, Outcome};
use crate::{clock, telemetry};

/// Characters kept of what a caller says about itself.
const KEPT: usize = 200;

impl Gate {
    /// Lets a call through or says why not, and tells the access log of it.
    pub(super) async fn told(&self, request: Request, next: Next) -> (Code, Response) {
        let mut call = self.calls.as_ref().map(|calls| calls.begin(entry(&request)));
        let passed = self.pass(request, next, call.as_mut().and_then(Begun::entry)).await;
        let response = passed.unwrap_or_else(|refused| refused.into_http());
        // A refused call answers in its headers alone; one that got as far as trailers is fine.
        let refused = Status::from_header_map(response.headers());
        let code = refused.as_ref().map_or(Code::Ok, Status::code);
        if let Some(call) = call {
            let reason = refused.and_then(|status| status.get_details_error_info());
            call.end(code, reason.map(|info| info.reason).unwrap_or_default()).await;
        }
        (code, response)
    }
}

/// Puts in who calls, once it is known.
pub(super) fn caller(entry: &mut Entry, caller: Option<&Caller>) {
    entry.signed_in = caller.is_some();
    if let Some(caller) = caller {
        entry.tenant.clone_from(&caller.tenant);
        entry.actor_id.clone_from(&caller.user_id);
    }
}

/// What is known of a call before anybody looked at it.
fn entry(request: &Request) -> Entry {
    let agent = request.headers().get(http::header::USER_AGENT);
    let agent = agent.and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let trace = telemetry::traceparent().unwrap_or_default();
    Entry {
        at: clock::now(),
        tenant: String::new(),
        actor_id: String::new(),
        rpc: request.uri().path().trim_start_matches('/').chars().take(KEPT).collect(),
        named: Vec::new(),
        signed_in: false,
        address: address(request).map(|address| address.to_string()).unwrap_or_default(),
        user_agent: agent.chars().take(KEPT).collect(),
        outcome: Outcome::Unknown,
        code: None,
        reason: String::new(),
        took: Duration::ZERO,
        trace_id: trace.split('-').nth(1).unwrap_or_default().to_owned(),
    }
}
