//! Notices as WeChat Pay writes them: sealed with the merchant's key, and signed.

use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue};
use kernel::clock;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Draft, Written};
use crate::books::{RefundState, Refunded};
use crate::control::Misbehaviour;
use crate::keys::{Pair, seal};
use crate::merchants::{Account, PLATFORM_KEY};
use crate::money::rfc3339;
use crate::wechat::signature;
use crate::world::World;

pub(super) fn write(world: &World, draft: &Draft, manners: &Misbehaviour) -> Option<Written> {
    let payment = &draft.payment;
    let provider = payment.provider;
    let addressee = world.merchants.find(provider, |it| it.id == payment.merchant_id)?;
    let named = match manners.for_another_merchant {
        true => world.merchants.other_than(addressee),
        false => addressee,
    };
    let (event, summary, original, told) = match &draft.refund {
        None => ("TRANSACTION.SUCCESS", "支付成功", "transaction", paid(draft, named, manners)),
        Some(refund) => {
            let (event, summary) = match refund.state {
                RefundState::Failed => ("REFUND.ABNORMAL", "退款异常"),
                RefundState::Done | RefundState::Processing => ("REFUND.SUCCESS", "退款成功"),
            };
            (event, summary, "refund", refunded(draft, refund, named, manners))
        }
    };
    let nonce = &Uuid::new_v4().simple().to_string()[..12];
    let sealed = seal(&addressee.api_v3_key, nonce, original, &told.to_string())?;
    let body = json!({
        "id": draft.notice_id,
        "create_time": rfc3339(clock::now()),
        "resource_type": "encrypt-resource",
        "event_type": event,
        "summary": summary,
        "resource": {
            "original_type": original,
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": sealed,
            "associated_data": original,
            "nonce": nonce,
        },
    });
    let body = body.to_string();
    let key = if manners.forged { &world.keys.stranger } else { &world.keys.wechat };
    let mut headers = signed(key, &body);
    headers.push((CONTENT_TYPE, HeaderValue::from_static("application/json")));
    Some(Written { headers, body })
}

fn paid(draft: &Draft, named: &Account, manners: &Misbehaviour) -> Value {
    let payment = &draft.payment;
    let total = payment.amount.0 + manners.amount_delta;
    json!({
        "mchid": named.id,
        "appid": named.app_id,
        "out_trade_no": payment.payment_id,
        "transaction_id": payment.transaction_id,
        "trade_type": payment.scene,
        "trade_state": "SUCCESS",
        "trade_state_desc": "支付成功",
        "bank_type": "OTHERS",
        "attach": "",
        "success_time": payment.paid_at.map(rfc3339),
        "payer": { "openid": crate::wechat::OPENID },
        "amount": {
            "total": total, "payer_total": total, "currency": "CNY", "payer_currency": "CNY",
        },
    })
}

fn refunded(draft: &Draft, refund: &Refunded, named: &Account, manners: &Misbehaviour) -> Value {
    let payment = &draft.payment;
    let back = refund.amount.0 + manners.amount_delta;
    let status = match refund.state {
        RefundState::Failed => "ABNORMAL",
        RefundState::Done | RefundState::Processing => "SUCCESS",
    };
    let mut told = json!({
        "mchid": named.id,
        "out_trade_no": payment.payment_id,
        "transaction_id": payment.transaction_id,
        "out_refund_no": refund.refund_id,
        "refund_id": refund.transaction_id,
        "refund_status": status,
        "user_received_account": "支付用户零钱",
        "amount": {
            "total": payment.amount.0, "refund": back,
            "payer_total": payment.amount.0, "payer_refund": back,
        },
    });
    if let Some(at) = refund.refunded_at {
        told["success_time"] = rfc3339(at).into();
    }
    told
}

/// The headers that sign a body.
pub(crate) fn signed(key: &Pair, body: &str) -> Vec<(HeaderName, HeaderValue)> {
    let (timestamp, nonce) = (clock::now().timestamp().to_string(), Uuid::new_v4().simple());
    let nonce = nonce.to_string();
    let signature = signature(key, &timestamp, &nonce, body);
    [
        ("wechatpay-serial", PLATFORM_KEY.to_owned()),
        ("wechatpay-signature", signature),
        ("wechatpay-timestamp", timestamp),
        ("wechatpay-nonce", nonce),
        ("wechatpay-signature-type", "WECHATPAY2-SHA256-RSA2048".to_owned()),
        ("request-id", Uuid::new_v4().simple().to_string()),
    ]
    .into_iter()
    .filter_map(|(name, value)| {
        Some((HeaderName::from_static(name), HeaderValue::try_from(value).ok()?))
    })
    .collect()
}
