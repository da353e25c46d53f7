//! Notices of both providers: what counts, and that nothing changed on the way does.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, HeaderValue};
use kernel::outbound::{Outbound, Reach};
use proptest::prelude::*;
use psp::{Client, Merchant, MerchantError, NoticeError, NoticeKind};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use rsa::RsaPrivateKey;
use rsa::pkcs1v15::SigningKey;
use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use rsa::rand_core::OsRng;
use rsa::sha2::Sha256;
use rsa::signature::{SignatureEncoding as _, Signer as _};
use serde_json::{Value, json};
use url::form_urlencoded;

const V3_KEY: &str = "0123456789abcdef0123456789abcdef";
const KEY_ID: &str = "PUB_KEY_ID_01";

/// One key for all sides: whose it is does not matter here.
static KEY: LazyLock<RsaPrivateKey> =
    LazyLock::new(|| RsaPrivateKey::new(&mut OsRng, 2048).expect("a key"));

fn private_pem() -> String {
    KEY.to_pkcs8_pem(LineEnding::LF).expect("a text").to_string()
}

fn public_pem() -> String {
    KEY.to_public_key().to_public_key_pem(LineEnding::LF).expect("a text")
}

fn sign(message: &[u8]) -> String {
    STANDARD.encode(SigningKey::<Sha256>::new(KEY.clone()).sign(message).to_bytes())
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).expect("a time")
}

fn wechat() -> Value {
    json!({
        "provider": "wechat_pay",
        "mch_id": "1900000001",
        "app_id": "wx01",
        "serial_no": "5157F09E",
        "private_key": private_pem(),
        "api_v3_key": V3_KEY,
        "platform_keys": [{ "id": KEY_ID, "pem": public_pem() }],
    })
}

fn alipay() -> Value {
    json!({
        "provider": "alipay",
        "app_id": "2026000000000001",
        "seller_id": "2088000000000001",
        "private_key": private_pem(),
        "alipay_public_key": public_pem(),
    })
}

fn client(merchant: Value) -> Result<Client, MerchantError> {
    let merchant: Merchant = serde_json::from_value(merchant).expect("a merchant");
    Client::new(merchant, Outbound::new(Reach::Public, None).expect("roots"))
}

fn sealed(told: &Value) -> String {
    let key = UnboundKey::new(&AES_256_GCM, V3_KEY.as_bytes()).expect("a key");
    let nonce = Nonce::assume_unique_for_key(*b"fdasfjihih4s");
    let mut text = told.to_string().into_bytes();
    let key = LessSafeKey::new(key);
    key.seal_in_place_append_tag(nonce, Aad::from(b"transaction"), &mut text).expect("sealed");
    STANDARD.encode(text)
}

fn transaction() -> Value {
    json!({
        "mchid": "1900000001", "appid": "wx01", "out_trade_no": "PAY000001",
        "transaction_id": "4200001", "trade_state": "SUCCESS",
        "success_time": "2026-11-19T03:06:40+08:00", "payer": { "openid": "o1" },
        "amount": { "total": 8888, "payer_total": 8000, "currency": "CNY" },
    })
}

fn envelope(event: &str, told: &Value) -> String {
    let resource = json!({
        "original_type": "transaction", "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": sealed(told), "nonce": "fdasfjihih4s", "associated_data": "transaction",
    });
    json!({ "id": "N1", "event_type": event, "resource": resource }).to_string()
}

fn headers(at: DateTime<Utc>, body: &str) -> HeaderMap {
    let timestamp = at.timestamp().to_string();
    let signature = sign(format!("{timestamp}\nnonce\n{body}\n").as_bytes());
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("wechatpay-serial", KEY_ID),
        ("wechatpay-signature", &signature),
        ("wechatpay-timestamp", &timestamp),
        ("wechatpay-nonce", "nonce"),
    ] {
        headers.insert(name, HeaderValue::from_str(value).expect("a value"));
    }
    headers
}

fn read(event: &str, told: &Value) -> Result<NoticeKind, NoticeError> {
    let body = envelope(event, told);
    let client = client(wechat()).expect("a client");
    let notice = client.read_notice(&headers(now(), &body), body.as_bytes(), now())?;
    assert_eq!(notice.notice_id, "N1");
    Ok(notice.kind)
}

fn form(change: &[(&str, &str)]) -> String {
    let mut fields = vec![
        ("notify_id", "N1"),
        ("app_id", "2026000000000001"),
        ("seller_id", "2088000000000001"),
        ("out_trade_no", "PAY000001"),
        ("trade_no", "2026112622001"),
        ("trade_status", "TRADE_SUCCESS"),
        ("total_amount", "88.88"),
        ("gmt_payment", "2026-11-19 03:06:40"),
        ("subject", "两双 & 一顶=3"),
        ("buyer_id", "2088102146225135"),
    ];
    for (name, value) in change {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    let mut lines: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    lines.sort();
    let signature = sign(lines.join("&").as_bytes());
    fields.extend([("sign_type", "RSA2"), ("sign", &signature)]);
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn read_form(body: &str) -> Result<NoticeKind, NoticeError> {
    let client = client(alipay()).expect("a client");
    Ok(client.read_notice(&HeaderMap::new(), body.as_bytes(), now())?.kind)
}

#[test]
fn a_payment_is_read_from_the_notice_of_either_provider() {
    let wechat = read("TRANSACTION.SUCCESS", &transaction());
    let alipay = read_form(&form(&[]));
    for (notice, transaction_id, payer) in
        [(wechat, "4200001", "o1"), (alipay, "2026112622001", "2088102146225135")]
    {
        let Ok(NoticeKind::Paid(capture)) = notice else { panic!("{notice:?}") };
        assert_eq!(capture.payment_id, "PAY000001");
        assert_eq!(capture.transaction_id, transaction_id);
        assert_eq!((capture.amount.0, capture.currency.as_str()), (8888, "CNY"));
        assert_eq!(capture.paid_at.to_rfc3339(), "2026-11-18T19:06:40+00:00");
        assert_eq!(capture.payer.as_deref(), Some(payer));
    }
}

#[test]
fn refunds_are_read_whether_they_went_well_or_not() {
    let mut told = json!({
        "mchid": "1900000001", "out_trade_no": "PAY000001", "out_refund_no": "REF1",
        "refund_status": "SUCCESS", "amount": { "total": 8888, "refund": 888 },
    });
    let done = read("REFUND.SUCCESS", &told).expect("a notice");
    let (payment_id, refund_id) = ("PAY000001".to_owned(), Some("REF1".to_owned()));
    let amount = values::Minor(888);
    let expected = NoticeKind::Refunded { payment_id, refund_id, amount };
    assert_eq!(done, expected);
    told["refund_status"] = "ABNORMAL".into();
    let failed = read("REFUND.ABNORMAL", &told).expect("a notice");
    assert!(matches!(failed, NoticeKind::RefundFailed { reason, .. } if reason == "ABNORMAL"));
    let back =
        [("gmt_refund", "2026-11-19 03:07:40.123"), ("refund_fee", "8.88"), ("out_biz_no", "REF1")];
    assert_eq!(read_form(&form(&back)), Ok(expected));
}

#[test]
fn what_is_nothing_of_ours_is_named() {
    let other = read("COUPON.USE", &json!({}));
    assert_eq!(other, Ok(NoticeKind::Other("COUPON.USE".to_owned())));
    let closed = read_form(&form(&[("trade_status", "TRADE_CLOSED")]));
    assert_eq!(closed, Ok(NoticeKind::Other("TRADE_CLOSED".to_owned())));
}

#[test]
fn a_notice_for_another_merchant_does_not_count() {
    for (field, found) in [("mchid", "1900000002"), ("appid", "wx02")] {
        let mut told = transaction();
        told[field] = found.into();
        let refused = read("TRANSACTION.SUCCESS", &told);
        assert_eq!(refused, Err(NoticeError::OtherMerchant { field, found: found.to_owned() }));
    }
    for (field, found) in [("app_id", "2026000000000002"), ("seller_id", "2088000000000002")] {
        let refused = read_form(&form(&[(field, found)]));
        assert_eq!(refused, Err(NoticeError::OtherMerchant { field, found: found.to_owned() }));
    }
}

#[test]
fn who_does_not_sign_now_with_a_known_key_is_not_believed() {
    let client = client(wechat()).expect("a client");
    let body = envelope("TRANSACTION.SUCCESS", &transaction());
    let read = |headers: &HeaderMap| client.read_notice(headers, body.as_bytes(), now());
    for name in ["serial", "signature", "timestamp", "nonce"] {
        let mut headers = headers(now(), &body);
        headers.remove(format!("wechatpay-{name}"));
        assert_eq!(read(&headers), Err(NoticeError::Unsigned), "{name}");
    }
    for minutes in [-6, 6] {
        let headers = headers(now() + TimeDelta::minutes(minutes), &body);
        assert_eq!(read(&headers), Err(NoticeError::Stale));
    }
    assert!(read(&headers(now() - TimeDelta::minutes(5), &body)).is_ok());
    for (name, value, why) in [
        ("wechatpay-serial", "OTHER", NoticeError::UnknownKey("OTHER".to_owned())),
        ("wechatpay-signature", "WECHATPAY/SIGNTEST/AAAA", NoticeError::Forged),
        ("wechatpay-signature", "AAAA", NoticeError::Forged),
        ("wechatpay-nonce", "other", NoticeError::Forged),
    ] {
        let mut headers = headers(now(), &body);
        headers.insert(name, HeaderValue::from_static(value));
        assert_eq!(read(&headers), Err(why));
    }
}

#[test]
fn a_form_is_believed_as_a_whole_or_not_at_all() {
    let body = form(&[]);
    let refused = [
        (format!("{body}&total_amount=1.00"), None),
        (body.replace("88.88", "88.89"), Some(NoticeError::Forged)),
        (body.replace("sign_type=RSA2", "sign_type=RSA"), Some(NoticeError::Forged)),
        (format!("{body}&more=1"), Some(NoticeError::Forged)),
        ("app_id=2026000000000001".to_owned(), Some(NoticeError::Unsigned)),
    ];
    for (body, why) in refused {
        let found = read_form(&body).expect_err("not believed");
        assert!(why.is_none_or(|why| why == found), "{found}");
    }
    assert!(matches!(
        read_form(&form(&[("total_amount", "0.00")])),
        Err(NoticeError::Unreadable(_))
    ));
}

#[test]
fn a_client_can_be_shared_and_asked_from_anywhere() {
    fn is_sendable<T: Send>(_: &T) {}
    fn is_shared<T: Send + Sync>(_: &T) {}
    let client = client(wechat()).expect("a client");
    is_shared(&client);
    is_sendable(&client.close("PAY000001"));
    assert!(!format!("{client:?}").contains(V3_KEY));
}

#[test]
fn a_configuration_that_can_not_work_is_refused_by_its_field() {
    use MerchantError::{Address, KeyTwice, Length, NoKeys, PrivateKey, PublicKey, Text};
    let keys = wechat()["platform_keys"].clone();
    for (field, value, why) in [
        ("mch_id", json!(""), Text("mch_id")),
        ("serial_no", json!("a\"b"), Text("serial_no")),
        ("private_key", json!("none"), PrivateKey("private_key")),
        ("api_v3_key", json!("short"), Length),
        ("platform_keys", json!([]), NoKeys),
        ("platform_keys", json!([keys[0], keys[0]]), KeyTwice(KEY_ID.to_owned())),
        ("base_url", json!("nowhere"), Address("base_url")),
    ] {
        let mut merchant = wechat();
        merchant[field] = value;
        assert_eq!(client(merchant).err(), Some(why));
    }
    for (field, value, why) in [
        ("seller_id", json!(""), Text("seller_id")),
        ("alipay_public_key", json!("none"), PublicKey("alipay_public_key".to_owned())),
        ("gateway", json!("https://a.example/?x=1"), Address("gateway")),
    ] {
        let mut merchant = alipay();
        merchant[field] = value;
        assert_eq!(client(merchant).err(), Some(why));
    }
    let merchant: Merchant = serde_json::from_value(wechat()).expect("a merchant");
    let shown = format!("{merchant:?}");
    assert!(!shown.contains(V3_KEY) && !shown.contains("PRIVATE KEY"), "{shown}");
    let mut unknown = wechat();
    unknown["mchid"] = "typed wrongly".into();
    assert!(serde_json::from_value::<Merchant>(unknown).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn nothing_that_is_no_notice_counts(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        for merchant in [wechat(), alipay()] {
            let client = client(merchant).expect("a client");
            prop_assert!(client.read_notice(&HeaderMap::new(), &body, now()).is_err());
        }
    }

    #[test]
    fn a_notice_of_wechat_pay_that_was_changed_does_not_count(at in 0_usize..10_000, by in 1_u8..) {
        let body = envelope("TRANSACTION.SUCCESS", &transaction());
        let client = client(wechat()).expect("a client");
        let mut changed = body.clone().into_bytes();
        let at = at % changed.len();
        changed[at] ^= by;
        let read = client.read_notice(&headers(now(), &body), &changed, now());
        prop_assert_eq!(read, Err(NoticeError::Forged));
    }

    #[test]
    fn a_notice_of_alipay_that_was_changed_says_the_same_or_does_not_count(
        at in 0_usize..10_000,
        by in 1_u8..,
    ) {
        let body = form(&[]);
        let client = client(alipay()).expect("a client");
        let mut changed = body.clone().into_bytes();
        let at = at % changed.len();
        changed[at] ^= by;
        // `+` and `%20`, or `%2b` and `%2B`, are the same form.
        let fields = |body: &[u8]| form_urlencoded::parse(body).into_owned().collect::<Vec<_>>();
        let is_same = fields(&changed) == fields(body.as_bytes());
        let read = client.read_notice(&HeaderMap::new(), &changed, now());
        prop_assert_eq!(read.is_ok(), is_same);
    }
}
