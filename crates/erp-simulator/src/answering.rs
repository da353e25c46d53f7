//! How a call is answered: well, or as it is made to go wrong.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use erp::System;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use serde_json::Value;

use crate::control::Fault;
use crate::world::World;

/// What is answered.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: String,
    /// Why it was refused; empty when it was not.
    pub(crate) refusal: String,
}

/// What a system says when it is made to refuse; an opening of a session is not.
#[derive(Clone, Copy)]
pub(crate) struct Refusals {
    pub(crate) busy: fn() -> Reply,
    pub(crate) refused: fn() -> Reply,
}

impl Reply {
    pub(crate) fn done(told: &Value) -> Self {
        Self::text(told.to_string())
    }

    pub(crate) fn text(body: String) -> Self {
        Self { status: 200, body, refusal: String::new() }
    }

    pub(crate) fn refused(told: &Value, why: &str) -> Self {
        Self { refusal: why.to_owned(), ..Self::done(told) }
    }

    pub(crate) fn fault(status: u16) -> Self {
        let body = format!("<html><body>{status}</body></html>");
        Self { status, body, refusal: format!("HTTP {status}") }
    }

    fn response(self, is_cut: bool) -> Response {
        let is_json = self.body.starts_with(['{', '[']);
        let kind = if is_json { "application/json; charset=utf-8" } else { "text/html" };
        let body = if is_cut {
            let half = Bytes::from(self.body[..middle(&self.body)].to_owned());
            let cut = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
            Body::from_stream(futures::stream::iter([Ok(half), Err(cut)]))
        } else {
            Body::from(self.body)
        };
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or_default();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        response
    }
}

/// About the half of a text.
fn middle(text: &str) -> usize {
    (0..=text.len() / 2).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

/// Answers a call. What is done goes on when nobody waits for the answer any more.
pub(crate) async fn answered(
    world: Arc<World>,
    system: System,
    what: String,
    refusals: Option<Refusals>,
    act: impl Fn(&World) -> Reply + Send + 'static,
) -> Response {
    let (fault, pause) = {
        let mut manners = world.manners();
        let fault = manners.next.pop_front().unwrap_or(Fault::None);
        (fault, Duration::from_millis(manners.while_ms))
    };
    let doing = world.doing();
    let done = tokio::spawn(async move {
        let reply = with_fault(&world, fault, pause, refusals, act).await;
        let mut told = reply.refusal.clone();
        if fault != Fault::None {
            told = format!("{fault:?} {told}");
        }
        world.books().note(system, what, told.trim().to_owned());
        drop(doing);
        reply
    });
    match done.await {
        Ok(reply) => reply.response(fault == Fault::Cut),
        Err(error) => {
            tracing::error!(%error, "the simulator of books failed");
            Reply::fault(500).response(false)
        }
    }
}

async fn with_fault(
    world: &World,
    fault: Fault,
    pause: Duration,
    refusals: Option<Refusals>,
    act: impl Fn(&World) -> Reply + Send,
) -> Reply {
    match (fault, refusals) {
        (Fault::Fail, _) => Reply::fault(500),
        (Fault::Busy, Some(refusals)) => (refusals.busy)(),
        (Fault::Refuse, Some(refusals)) => (refusals.refused)(),
        (Fault::Lose, _) => {
            act(world);
            Reply::fault(502)
        }
        (Fault::Break, _) => {
            let mut reply = act(world);
            reply.body.truncate(middle(&reply.body));
            reply
        }
        (Fault::Repeat, _) => {
            act(world);
            act(world)
        }
        (Fault::Slow, _) => {
            tokio::time::sleep(pause).await;
            act(world)
        }
        (Fault::Late, _) => {
            let reply = act(world);
            tokio::time::sleep(pause).await;
            reply
        }
        (Fault::Expire, _) => {
            world.books().expire();
            act(world)
        }
        (Fault::None | Fault::Cut | Fault::Busy | Fault::Refuse, _) => act(world),
    }
}
