//! How a simulator is made to misbehave, and asked what arrived.

use std::collections::VecDeque;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use erp::System;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::books::Received;
use crate::world::World;

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Nothing: the call goes well.
    None,
    /// Nothing is done, and the answer is a fault of the server.
    Fail,
    /// It is done, and the answer is that of somebody who stands before it and knows nothing.
    Lose,
    /// It is done, and half of the answer comes.
    Break,
    /// It is done, and the connection is cut within the answer.
    Cut,
    /// It is done twice, as if the call had come twice; the second answer comes.
    Repeat,
    /// It is done after a while, whether or not somebody still waits for the answer.
    Slow,
    /// It is done, and the answer comes after a while.
    Late,
    /// Who calls is not known any more.
    Expire,
    /// It is refused, because there is too much to do.
    Busy,
    /// It is refused, whatever it is.
    Refuse,
}

/// What goes wrong. The default is nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Misbehaviour {
    /// What goes wrong with the next calls, one after the other, whoever makes them. Opening a
    /// session and getting a token are calls, too, which are not refused on demand.
    pub next: VecDeque<Fault>,
    /// How long a while is.
    pub while_ms: u64,
    /// The customer whose documents are not saved.
    pub refused_customer: Option<String>,
    /// YonBIP forgets results at once, and not after an hour: to a key that it was given before it
    /// tells no more than which document there is.
    pub is_forgetful: bool,
    /// Numbers may stand there more than once, and no key is remembered, as in books that number by
    /// themselves.
    pub is_lax: bool,
}

impl Default for Misbehaviour {
    fn default() -> Self {
        Self {
            next: VecDeque::new(),
            while_ms: 20_000,
            refused_customer: None,
            is_forgetful: false,
            is_lax: false,
        }
    }
}

/// `POST /simulator/misbehave`: what is not named is as it should be.
pub(crate) async fn set(
    State(world): State<Arc<World>>,
    Json(misbehaviour): Json<Misbehaviour>,
) -> Json<Misbehaviour> {
    *world.manners() = misbehaviour.clone();
    Json(misbehaviour)
}

/// `GET /simulator/misbehave`
pub(crate) async fn get(State(world): State<Arc<World>>) -> Json<Misbehaviour> {
    let manners = world.manners().clone();
    Json(manners)
}

/// `GET /simulator/contracts`: the contracts, by system, for a client in another process. The
/// secrets in them open no books of the world.
pub(crate) async fn contracts(State(world): State<Arc<World>>) -> Json<Value> {
    let of = |system| world.accounts.contract(system, &world.base);
    Json(json!({ "kingdee": of(System::Kingdee), "yonyou": of(System::Yonyou) }))
}

/// `GET /simulator/received`
pub(crate) async fn received(State(world): State<Arc<World>>) -> Json<Received> {
    let received = world.books().received.clone();
    Json(received)
}
