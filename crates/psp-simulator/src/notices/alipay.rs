//! Notices as Alipay writes them: a form, signed field by field.

use http::HeaderValue;
use http::header::CONTENT_TYPE;
use kernel::clock;
use url::form_urlencoded;
use values::Minor;

use super::{Draft, Written};
use crate::alipay::{BUYER, sign_line, status};
use crate::control::Misbehaviour;
use crate::money::{plain, yuan};
use crate::world::World;

pub(super) fn write(world: &World, draft: &Draft, manners: &Misbehaviour) -> Option<Written> {
    let payment = &draft.payment;
    let addressee = world.merchants.find(payment.provider, |it| it.id == payment.merchant_id)?;
    let named = match manners.for_another_merchant {
        true => world.merchants.other_than(addressee),
        false => addressee,
    };
    let more = |amount: Minor| yuan(Minor(amount.0 + manners.amount_delta));
    let total = match &draft.refund {
        None => more(payment.amount),
        Some(_) => yuan(payment.amount),
    };
    let back = world.books().refunded(&payment.merchant_id, &payment.payment_id);
    let mut fields = vec![
        ("notify_time", plain(clock::now())),
        ("notify_type", "trade_status_sync".to_owned()),
        ("notify_id", draft.notice_id.clone()),
        ("app_id", named.app_id.to_owned()),
        ("auth_app_id", named.app_id.to_owned()),
        ("charset", "utf-8".to_owned()),
        ("version", "1.0".to_owned()),
        ("sign_type", "RSA2".to_owned()),
        ("trade_no", payment.transaction_id.clone()),
        ("out_trade_no", payment.payment_id.clone()),
        ("buyer_id", BUYER.to_owned()),
        ("seller_id", named.id.to_owned()),
        ("trade_status", status(payment, back).to_owned()),
        ("total_amount", total.clone()),
        ("receipt_amount", total.clone()),
        ("buyer_pay_amount", total.clone()),
        ("invoice_amount", total.clone()),
        ("point_amount", "0.00".to_owned()),
        ("subject", payment.subject.clone()),
        ("gmt_create", plain(payment.created_at)),
        ("gmt_payment", payment.paid_at.map(plain)?),
        ("fund_bill_list", format!(r#"[{{"amount":"{total}","fundChannel":"ALIPAYACCOUNT"}}]"#)),
    ];
    if let Some(refund) = &draft.refund {
        fields.push(("refund_fee", more(back)));
        let at = refund.refunded_at?;
        fields.push(("gmt_refund", format!("{}.{:03}", plain(at), at.timestamp_subsec_millis())));
        fields.push(("out_biz_no", refund.refund_id.clone()));
    }
    let key = if manners.forged { &world.keys.stranger } else { &world.keys.alipay };
    let signed = fields.iter().filter(|(name, _)| *name != "sign_type");
    let line = sign_line(signed.map(|(name, value)| (*name, value.as_str())));
    fields.push(("sign", key.sign(line.as_bytes())));
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8");
    Some(Written { headers: vec![(CONTENT_TYPE, kind)], body })
}
