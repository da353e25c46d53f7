//! Refunds at WeChat Pay: asked for, looked up.

use std::sync::Arc;

use chrono::TimeDelta;
use kernel::clock;
use psp::Provider;
use serde_json::{Value, json};
use values::Minor;

use super::{Call, Reply, refused};
use crate::books::{Payment, RefundState, Refunded, State};
use crate::money::rfc3339;
use crate::world::World;

pub(super) fn refund(world: &Arc<World>, call: &Call<'_>) -> Reply {
    let (payment, refund_id, amount) = match allowed(world, call) {
        Ok(allowed) => allowed,
        Err(refusal) => return refusal,
    };
    let merchant_id = call.account.id;
    let known = world.books().refund(merchant_id, &refund_id).cloned();
    if let Some(known) = known {
        let is_same = known.payment_id == payment.payment_id && known.amount == amount;
        return match is_same {
            true => (200, told(&payment, &known)),
            false => inconsistent(),
        };
    }
    let back = world.books().refunded(merchant_id, &payment.payment_id);
    if back.0 + amount.0 > payment.amount.0 {
        return (400, refused("INVALID_REQUEST", "申请退款金额大于订单可退金额"));
    }
    let now = clock::now();
    let number = world.transactions().refunds.len() + 1;
    let asked = Refunded {
        provider: Provider::WechatPay,
        merchant_id: merchant_id.to_owned(),
        payment_id: payment.payment_id.clone(),
        refund_id,
        transaction_id: format!("50300{}{number:010}", now.format("%Y%m%d%H%M%S")),
        amount,
        notify_url: call.body["notify_url"].as_str().unwrap_or_default().to_owned(),
        state: RefundState::Processing,
        created_at: now,
        refunded_at: None,
    };
    let told = told(&payment, &asked);
    world.refund(&payment, asked);
    (200, told)
}

/// The payment, the number and the amount, when that payment can be refunded at all.
fn allowed(world: &World, call: &Call<'_>) -> Result<(Payment, String, Minor), Reply> {
    let bad = |field: &str| (400, refused("PARAM_ERROR", &format!("参数错误：{field}")));
    let text = |field: &str| call.body[field].as_str().filter(|text| !text.is_empty());
    let payment_id = text("out_trade_no").ok_or_else(|| bad("out_trade_no"))?;
    let refund_id = text("out_refund_no").filter(|id| id.len() <= 64);
    let refund_id = refund_id.ok_or_else(|| bad("out_refund_no"))?;
    if call.body.get("reason").is_some_and(|reason| reason == "") {
        return Err(bad("reason"));
    }
    let amounts = &call.body["amount"];
    let amount = amounts["refund"].as_i64().filter(|amount| *amount > 0);
    let amount = Minor(amount.ok_or_else(|| bad("amount.refund"))?);
    let total = amounts["total"].as_i64().ok_or_else(|| bad("amount.total"))?;
    if amounts["currency"] != "CNY" {
        return Err(bad("amount.currency"));
    }
    let payment = world.books().payment(call.account.id, payment_id).cloned();
    let payment = payment.ok_or_else(|| (404, refused("RESOURCE_NOT_EXISTS", "订单不存在")))?;
    if payment.state != State::Paid {
        return Err((400, refused("INVALID_REQUEST", "订单未支付")));
    }
    if payment.amount.0 != total {
        return Err(inconsistent());
    }
    if payment.paid_at.is_some_and(|at| clock::now() - at > TimeDelta::days(365)) {
        return Err((400, refused("INVALID_REQUEST", "订单已经超过可退款的最大期限")));
    }
    Ok((payment, refund_id.to_owned(), amount))
}

fn inconsistent() -> Reply {
    (400, refused("INVALID_REQUEST", "订单金额或退款金额与之前请求不一致，请核实后再试"))
}

pub(super) fn look_up(world: &World, call: &Call<'_>, refund_id: &str) -> Reply {
    let mut books = world.books();
    let refund = books.refund(call.account.id, refund_id).cloned();
    let found = refund.and_then(|refund| {
        let payment = books.payment(call.account.id, &refund.payment_id)?;
        Some(told(payment, &refund))
    });
    match found {
        Some(told) => (200, told),
        None => (404, refused("RESOURCE_NOT_EXISTS", "退款单不存在")),
    }
}

fn told(payment: &Payment, refund: &Refunded) -> Value {
    let status = match refund.state {
        RefundState::Processing => "PROCESSING",
        RefundState::Done => "SUCCESS",
        RefundState::Failed => "ABNORMAL",
    };
    let mut told = json!({
        "refund_id": refund.transaction_id,
        "out_refund_no": refund.refund_id,
        "transaction_id": payment.transaction_id,
        "out_trade_no": payment.payment_id,
        "channel": "ORIGINAL",
        "user_received_account": "支付用户零钱",
        "create_time": rfc3339(refund.created_at),
        "status": status,
        "funds_account": "AVAILABLE",
        "amount": {
            "total": payment.amount.0, "refund": refund.amount.0,
            "payer_total": payment.amount.0, "payer_refund": refund.amount.0,
            "settlement_refund": refund.amount.0, "settlement_total": payment.amount.0,
            "discount_refund": 0, "currency": "CNY",
        },
    });
    if let Some(at) = refund.refunded_at {
        told["success_time"] = rfc3339(at).into();
    }
    told
}
