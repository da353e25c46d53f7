//! How a simulator is made to misbehave, and asked what happened.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use psp::Provider;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::books::Transactions;
use crate::merchants::Whose;
use crate::world::World;

/// What goes wrong. The default is nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Misbehaviour {
    /// Each notice is sent so many times at once.
    pub copies: u32,
    /// Every second notice waits until the next was sent.
    pub shuffled: bool,
    /// Notices are sent so much later.
    pub delay_ms: u64,
    /// No notices are sent.
    pub silent: bool,
    /// Notices tell another amount: so much more, properly signed.
    pub amount_delta: i64,
    /// Notices are signed by a stranger.
    pub forged: bool,
    /// Notices name another merchant, properly signed.
    pub for_another_merchant: bool,
    /// So many answers are faults.
    pub fail_next: u32,
    /// So many answers take 30 seconds.
    pub hang_next: u32,
    /// Refunds fail: at WeChat Pay after it took them on, at Alipay at once.
    pub refunds_fail: bool,
    /// Bills tell other amounts of payments: so much more.
    pub bill_delta: i64,
    /// Bills have a payment that nobody knows.
    pub bill_stranger: bool,
}

impl Default for Misbehaviour {
    fn default() -> Self {
        Self {
            copies: 1,
            shuffled: false,
            delay_ms: 0,
            silent: false,
            amount_delta: 0,
            forged: false,
            for_another_merchant: false,
            fail_next: 0,
            hang_next: 0,
            refunds_fail: false,
            bill_delta: 0,
            bill_stranger: false,
        }
    }
}

/// `POST /simulator/misbehave`: what is not named is as it should be.
pub(crate) async fn set(
    State(world): State<Arc<World>>,
    Json(misbehaviour): Json<Misbehaviour>,
) -> Json<Misbehaviour> {
    *world.manners_mut() = misbehaviour.clone();
    Json(misbehaviour)
}

/// `GET /simulator/misbehave`
pub(crate) async fn get(State(world): State<Arc<World>>) -> Json<Misbehaviour> {
    Json(world.manners())
}

/// `GET /simulator/merchants`: the contracts, by provider and by whose they are, for a client in
/// another process. The keys in them are those of no merchant of the world.
pub(crate) async fn merchants(State(world): State<Arc<World>>) -> Json<Value> {
    let both = |whose| {
        let config = |provider| world.merchants.config(provider, whose, &world);
        json!({
            "wechat_pay": config(Provider::WechatPay),
            "alipay": config(Provider::Alipay),
        })
    };
    Json(json!({ "ours": both(Whose::Ours), "others": both(Whose::Others) }))
}

/// `GET /simulator/transactions`
pub(crate) async fn transactions(State(world): State<Arc<World>>) -> Json<Transactions> {
    Json(world.transactions())
}
