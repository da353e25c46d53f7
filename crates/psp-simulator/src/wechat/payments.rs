//! Payments at WeChat Pay: presented, looked up, closed.

use std::sync::Arc;

use chrono::DateTime;
use serde_json::{Value, json};
use values::Minor;

use super::{Call, OPENID, Reply, refused};
use crate::books::{Payment, State};
use crate::money::rfc3339;
use crate::world::{Present, Wanted, World};

/// What is in the body of a charge, when it is all there.
fn wanted<'a>(call: &'a Call<'_>, scene: &'static str) -> Result<Wanted<'a>, Reply> {
    let bad = |field: &str| (400, refused("PARAM_ERROR", &format!("参数错误：{field}")));
    let text = |field: &'static str| {
        let found = call.body[field].as_str().filter(|text| !text.is_empty());
        found.ok_or_else(|| bad(field))
    };
    if text("mchid")? != call.account.id || text("appid")? != call.account.app_id {
        return Err((400, refused("APPID_MCHID_NOT_MATCH", "AppID和mch_id不匹配")));
    }
    let payment_id = text("out_trade_no")?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-|*".contains(&byte);
    if !(6..=32).contains(&payment_id.len()) || !payment_id.bytes().all(is_plain) {
        return Err(bad("out_trade_no"));
    }
    let subject = text("description")?;
    if subject.chars().count() > 127 {
        return Err(bad("description"));
    }
    let amount = call.body["amount"]["total"].as_i64().filter(|total| *total > 0);
    let currency = call.body["amount"]["currency"].as_str().unwrap_or("CNY");
    if currency != "CNY" {
        return Err(bad("amount.currency"));
    }
    if scene == "MWEB" && call.body["scene_info"]["payer_client_ip"].as_str().is_none() {
        return Err(bad("scene_info"));
    }
    let expires_at = match call.body["time_expire"].as_str() {
        Some(text) => match DateTime::parse_from_rfc3339(text) {
            Ok(at) => Some(at.to_utc()),
            Err(_) => return Err(bad("time_expire")),
        },
        None => None,
    };
    Ok(Wanted {
        account: call.account,
        payment_id,
        amount: Minor(amount.ok_or_else(|| bad("amount.total"))?),
        subject,
        notify_url: text("notify_url")?,
        expires_at,
        scene,
    })
}

pub(super) fn present(world: &World, call: &Call<'_>, scene: &'static str) -> Reply {
    let wanted = match wanted(call, scene) {
        Ok(wanted) => wanted,
        Err(refusal) => return refusal,
    };
    match world.present(wanted) {
        Ok(page_id) => {
            let name = if scene == "MWEB" { "h5_url" } else { "code_url" };
            (200, json!({ name: format!("{}/pay/{page_id}", world.base) }))
        }
        Err(Present::Paid) => (400, refused("ORDERPAID", "该订单已支付")),
        Err(Present::Closed) => (400, refused("ORDER_CLOSED", "该订单已关闭")),
        Err(Present::Other) => (403, refused("OUT_TRADE_NO_USED", "商户订单号重复")),
        Err(Present::Late) => (400, refused("PARAM_ERROR", "time_expire 已过")),
    }
}

pub(super) fn look_up(world: &World, call: &Call<'_>, payment_id: &str) -> Reply {
    if call.query.get("mchid").map(String::as_str) != Some(call.account.id) {
        return (400, refused("PARAM_ERROR", "mchid 与签名不符"));
    }
    let found = world.books().payment(call.account.id, payment_id).cloned();
    told(world, call, found)
}

pub(super) fn look_up_by_own(world: &World, call: &Call<'_>, transaction_id: &str) -> Reply {
    let found = world.transactions().payments.into_iter().find(|it| {
        it.merchant_id == call.account.id
            && it.transaction_id == transaction_id
            && it.paid_at.is_some()
    });
    told(world, call, found)
}

fn told(world: &World, call: &Call<'_>, found: Option<Payment>) -> Reply {
    let Some(payment) = found else { return (404, refused("ORDER_NOT_EXIST", "订单不存在")) };
    let back = world.books().refunded(call.account.id, &payment.payment_id);
    let (state, words) = match payment.state {
        State::Waiting => ("NOTPAY", "订单未支付"),
        State::Closed => ("CLOSED", "订单已关闭"),
        State::Paid if back > Minor::ZERO => ("REFUND", "订单发生过退款"),
        State::Paid => ("SUCCESS", "支付成功"),
    };
    let mut told = json!({
        "mchid": call.account.id,
        "appid": call.account.app_id,
        "out_trade_no": payment.payment_id,
        "trade_state": state,
        "trade_state_desc": words,
        "attach": "",
        "amount": { "total": payment.amount.0, "currency": "CNY" },
    });
    if let Some(at) = payment.paid_at {
        merge(&mut told, &payment, rfc3339(at));
    }
    (200, told)
}

/// What is known only of a payment that was paid.
fn merge(told: &mut Value, payment: &Payment, paid_at: String) {
    told["transaction_id"] = payment.transaction_id.clone().into();
    told["trade_type"] = payment.scene.into();
    told["bank_type"] = "OTHERS".into();
    told["success_time"] = paid_at.into();
    told["payer"] = json!({ "openid": OPENID });
    told["amount"]["payer_total"] = payment.amount.0.into();
    told["amount"]["payer_currency"] = "CNY".into();
}

pub(super) fn close(world: &Arc<World>, call: &Call<'_>, payment_id: &str) -> Reply {
    if call.body["mchid"].as_str() != Some(call.account.id) {
        return (400, refused("PARAM_ERROR", "mchid 与签名不符"));
    }
    let mut books = world.books();
    let Some(payment) = books.payment(call.account.id, payment_id) else {
        return (404, refused("ORDER_NOT_EXIST", "订单不存在"));
    };
    match payment.state {
        State::Waiting => {
            payment.state = State::Closed;
            (204, Value::Null)
        }
        State::Paid => (400, refused("ORDERPAID", "该订单已支付")),
        State::Closed => (400, refused("ORDER_CLOSED", "该订单已关闭")),
    }
}
