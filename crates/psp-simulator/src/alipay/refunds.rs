//! Refunds at Alipay: done at once, looked up.

use std::sync::Arc;

use chrono::TimeDelta;
use kernel::clock;
use psp::Provider;
use serde_json::{Value, json};

use super::methods::known;
use super::{BUYER, Call, done, refused};
use crate::books::{Payment, RefundState, Refunded, State};
use crate::money::{plain, yuan};
use crate::world::World;

pub(super) fn refund(world: &Arc<World>, call: &Call<'_>) -> Value {
    refunded(world, call).unwrap_or_else(|refusal| refusal)
}

fn refunded(world: &Arc<World>, call: &Call<'_>) -> Result<Value, Value> {
    let payment = known(world, call)?;
    if payment.state != State::Paid {
        return Err(refused("ACQ.TRADE_STATUS_ERROR", "交易状态不合法"));
    }
    let amount = call.amount("refund_amount")?;
    // Without a number it is the one refund of all that was paid.
    let refund_id = call.text("out_request_no").unwrap_or(&payment.payment_id).to_owned();
    let merchant_id = call.account.id;
    let known = world.books().refund(merchant_id, &refund_id).cloned();
    if let Some(known) = known {
        if known.payment_id != payment.payment_id || known.amount != amount {
            return Err(refused("ACQ.DISCORDANT_REPEAT_REQUEST", "请求信息不一致"));
        }
        return Ok(told(world, &payment, "N"));
    }
    if payment.paid_at.is_some_and(|at| clock::now() - at > TimeDelta::days(365)) {
        return Err(refused("ACQ.TRADE_HAS_FINISHED", "交易已完结"));
    }
    let back = world.books().refunded(merchant_id, &payment.payment_id);
    if back.0 + amount.0 > payment.amount.0 {
        return Err(refused("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限"));
    }
    if world.manners().refunds_fail {
        return Err(refused("ACQ.SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足"));
    }
    let asked = Refunded {
        provider: Provider::Alipay,
        merchant_id: merchant_id.to_owned(),
        payment_id: payment.payment_id.clone(),
        refund_id,
        transaction_id: String::new(),
        amount,
        notify_url: payment.notify_url.clone(),
        state: RefundState::Processing,
        created_at: clock::now(),
        refunded_at: None,
    };
    world.refund(&payment, asked);
    Ok(told(world, &payment, "Y"))
}

fn told(world: &World, payment: &Payment, fund_change: &str) -> Value {
    let back = world.books().refunded(&payment.merchant_id, &payment.payment_id);
    done(json!({
        "trade_no": payment.transaction_id,
        "out_trade_no": payment.payment_id,
        "buyer_logon_id": "159****5620",
        "buyer_user_id": BUYER,
        "fund_change": fund_change,
        // Of all refunds so far.
        "refund_fee": yuan(back),
    }))
}

pub(super) fn look_up(world: &World, call: &Call<'_>) -> Value {
    let payment = match known(world, call) {
        Ok(payment) => payment,
        Err(refusal) => return refusal,
    };
    let refund_id = match call.text("out_request_no") {
        Ok(refund_id) => refund_id,
        Err(refusal) => return refusal,
    };
    let found = world.books().refund(call.account.id, refund_id).cloned();
    let found = found.filter(|refund| refund.payment_id == payment.payment_id);
    // Of one that it does not know it says nothing, successfully.
    let Some(refund) = found else { return done(json!({})) };
    let mut told = json!({
        "trade_no": payment.transaction_id,
        "out_trade_no": payment.payment_id,
        "out_request_no": refund.refund_id,
        "total_amount": yuan(payment.amount),
        "refund_amount": yuan(refund.amount),
        "refund_status": "REFUND_SUCCESS",
    });
    let options = call.content["query_options"].as_array();
    let is_wanted = options.is_some_and(|options| options.iter().any(|it| it == "gmt_refund_pay"));
    if let (true, Some(at)) = (is_wanted, refund.refunded_at) {
        told["gmt_refund_pay"] = plain(at).into();
    }
    done(told)
}
