//! Payments at Alipay: presented, looked up, closed, and the bills.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::{BUYER, Call, done, refused, status};
use crate::bills;
use crate::books::{Payment, State};
use crate::money::{plain, read_plain, yuan};
use crate::world::{Present, Wanted, World};

fn wanted<'a>(call: &'a Call<'_>, scene: &'static str) -> Result<Wanted<'a>, Value> {
    let bad = |name: &str| refused("ACQ.INVALID_PARAMETER", &format!("参数无效：{name}"));
    let payment_id = call.text("out_trade_no")?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    if payment_id.len() > 64 || !payment_id.bytes().all(is_plain) {
        return Err(bad("out_trade_no"));
    }
    let subject = call.text("subject")?;
    if subject.contains(['/', '=', '&']) || subject.chars().count() > 256 {
        return Err(bad("subject"));
    }
    let expires_at = match call.content["time_expire"].as_str() {
        Some(text) => Some(read_plain(text).ok_or_else(|| bad("time_expire"))?),
        None => None,
    };
    let notify_url = call.fields.get("notify_url").map(String::as_str).unwrap_or_default();
    let amount = call.amount("total_amount")?;
    Ok(Wanted { account: call.account, payment_id, amount, subject, notify_url, expires_at, scene })
}

fn present(world: &World, call: &Call<'_>, scene: &'static str) -> Result<String, Value> {
    world.present(wanted(call, scene)?).map_err(|why| match why {
        Present::Paid => refused("ACQ.TRADE_HAS_SUCCESS", "交易已被支付"),
        Present::Closed => refused("ACQ.TRADE_HAS_CLOSE", "交易已经关闭"),
        Present::Other => refused("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改"),
        Present::Late => refused("ACQ.INVALID_PARAMETER", "参数无效：time_expire"),
    })
}

pub(super) fn precreate(world: &World, call: &Call<'_>) -> Value {
    match present(world, call, "FACE_TO_FACE_PAYMENT") {
        Ok(page_id) => done(json!({
            "out_trade_no": call.content["out_trade_no"],
            "qr_code": format!("{}/pay/{page_id}", world.base),
        })),
        Err(refusal) => refusal,
    }
}

/// The page that a signed link leads to. Whoever followed it has seen the payment.
pub(super) fn link(world: &World, call: &Call<'_>) -> Result<String, Value> {
    let page_id = present(world, call, "QUICK_WAP_WAY")?;
    if let Some(payment) = world.books().paged(&page_id) {
        payment.is_seen = true;
    }
    Ok(page_id)
}

/// A payment that Alipay knows: somebody has scanned it.
pub(super) fn known(world: &World, call: &Call<'_>) -> Result<Payment, Value> {
    let missing = || refused("ACQ.TRADE_NOT_EXIST", "交易不存在");
    let found = match call.text("out_trade_no") {
        Ok(id) => world.books().payment(call.account.id, id).cloned(),
        Err(refusal) => {
            let own = call.text("trade_no").map_err(|_| refusal)?;
            let mut payments = world.transactions().payments.into_iter();
            payments.find(|it| it.merchant_id == call.account.id && it.transaction_id == own)
        }
    };
    found.filter(|payment| payment.is_seen).ok_or_else(missing)
}

pub(super) fn look_up(world: &World, call: &Call<'_>) -> Value {
    let payment = match known(world, call) {
        Ok(payment) => payment,
        Err(refusal) => return refusal,
    };
    let back = world.books().refunded(call.account.id, &payment.payment_id);
    let mut told = json!({
        "trade_no": payment.transaction_id,
        "out_trade_no": payment.payment_id,
        "buyer_logon_id": "159****5620",
        "buyer_user_id": BUYER,
        "trade_status": status(&payment, back),
        "total_amount": yuan(payment.amount),
        "receipt_amount": "0.00",
        "invoice_amount": "0.00",
        "point_amount": "0.00",
    });
    if let Some(at) = payment.paid_at {
        told["send_pay_date"] = plain(at).into();
        told["receipt_amount"] = yuan(payment.amount).into();
        let amount = yuan(payment.amount);
        told["fund_bill_list"] = json!([{ "amount": amount, "fund_channel": "ALIPAYACCOUNT" }]);
    }
    done(told)
}

pub(super) fn close(world: &World, call: &Call<'_>) -> Value {
    let payment = match known(world, call) {
        Ok(payment) => payment,
        Err(refusal) => return refusal,
    };
    if payment.state != State::Waiting {
        return refused("ACQ.TRADE_STATUS_ERROR", "交易状态不合法");
    }
    if let Some(payment) = world.books().paged(&payment.page_id) {
        payment.state = State::Closed;
    }
    done(json!({ "trade_no": payment.transaction_id, "out_trade_no": payment.payment_id }))
}

pub(super) fn bill(world: &World, call: &Call<'_>) -> Value {
    let day = call.content["bill_date"].as_str().and_then(|day| day.parse::<NaiveDate>().ok());
    let Some(day) = day.filter(|_| call.content["bill_type"] == "trade") else {
        return refused("isv.invalid-arguments", "参数无效：bill_date");
    };
    let Some(file) = bills::alipay(&world.billed(), call.account, day) else {
        return refused("isp.bill_not_exist", "账单不存在");
    };
    let token = uuid::Uuid::new_v4().simple().to_string();
    let url = format!("{}/bills/{token}", world.base);
    world.books().bills.insert(token, file);
    done(json!({ "bill_download_url": url }))
}
