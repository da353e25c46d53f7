//! The API of WeChat Pay: how calls are verified and answers signed. What they do is in `payments`
//! and `refunds`.

mod payments;
mod refunds;

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use chrono::NaiveDate;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, StatusCode};
use kernel::clock;
use psp::Provider;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::bills;
use crate::keys::Pair;
use crate::merchants::Account;
use crate::notices::signed;
use crate::world::World;

/// Who pays here.
pub(crate) const OPENID: &str = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";
const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048 ";
/// How old a signature may be, in seconds.
const FRESH_S: u64 = 5 * 60;
const LONGEST: usize = 1 << 20;

/// A status and what is answered with it.
pub(crate) type Reply = (u16, Value);

/// A call by a merchant whose signature was verified.
struct Call<'a> {
    account: &'a Account,
    method: Method,
    path: Vec<&'a str>,
    query: HashMap<String, String>,
    body: Value,
}

/// Answers whatever is asked of the API.
pub(crate) async fn answer(State(world): State<Arc<World>>, request: Request) -> Response {
    if world.is_failing().await {
        return written(500, &json!({ "code": "SYSTEM_ERROR", "message": "系统异常，请稍后重试" }));
    }
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LONGEST).await else {
        return written(413, &refused("PARAM_ERROR", "请求过长"));
    };
    let text = String::from_utf8_lossy(&body).into_owned();
    let address = head.uri.path_and_query().map_or("/", |it| it.as_str()).to_owned();
    let authorization = head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let merchant = verified(&world, authorization, head.method.as_str(), &address, &text);
    let Some(account) = merchant else {
        return written(401, &refused("SIGN_ERROR", "签名错误，请检查后再试"));
    };
    let query = head.uri.query().unwrap_or_default().as_bytes();
    let call = Call {
        account,
        method: head.method,
        path: head.uri.path().split('/').skip(2).collect(),
        query: form_urlencoded::parse(query).into_owned().collect(),
        body: serde_json::from_str(&text).unwrap_or_default(),
    };
    if call.path == ["billdownload", "file"] {
        // Neither this nor any other download is signed.
        let bill = call.query.get("token").and_then(|token| world.books().bills.remove(token));
        return bill.map_or_else(
            || written(404, &refused("RESOURCE_NOT_EXISTS", "账单不存在")),
            |bill| Response::new(Body::from(bill)),
        );
    }
    let (status, told) = dispatch(&world, &call);
    let mut response = written(status, &told);
    let body = if status == 204 { String::new() } else { told.to_string() };
    response.headers_mut().extend(signed(&world.keys.wechat, &body));
    response
}

fn dispatch(world: &Arc<World>, call: &Call<'_>) -> Reply {
    let (get, post) = (call.method == Method::GET, call.method == Method::POST);
    match call.path.as_slice() {
        ["pay", "transactions", "native"] if post => payments::present(world, call, "NATIVE"),
        ["pay", "transactions", "h5"] if post => payments::present(world, call, "MWEB"),
        ["pay", "transactions", "out-trade-no", id] if get => payments::look_up(world, call, id),
        ["pay", "transactions", "id", id] if get => payments::look_up_by_own(world, call, id),
        ["pay", "transactions", "out-trade-no", id, "close"] if post => {
            payments::close(world, call, id)
        }
        ["refund", "domestic", "refunds"] if post => refunds::refund(world, call),
        ["refund", "domestic", "refunds", id] if get => refunds::look_up(world, call, id),
        ["bill", "tradebill"] if get => bill(world, call),
        _ => (404, refused("NOT_FOUND", "请求的资源不存在")),
    }
}

fn bill(world: &World, call: &Call<'_>) -> Reply {
    let day = call.query.get("bill_date").and_then(|day| day.parse::<NaiveDate>().ok());
    let Some(day) = day else { return (400, refused("PARAM_ERROR", "bill_date 无效")) };
    let Some(text) = bills::wechat(&world.billed(), call.account, day) else {
        return (400, refused("NO_STATEMENT_EXIST", "账单文件不存在"));
    };
    let hash = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
    let hash: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let is_packed = call.query.get("tar_type").is_some_and(|kind| kind == "GZIP");
    let file = if is_packed { bills::gzip(&text) } else { Some(text.into_bytes()) };
    let Some(file) = file else { return (500, refused("SYSTEM_ERROR", "系统异常")) };
    let token = uuid::Uuid::new_v4().simple().to_string();
    let download_url = format!("{}/v3/billdownload/file?token={token}", world.base);
    world.books().bills.insert(token, file);
    let told = json!({ "hash_type": "SHA1", "hash_value": hash, "download_url": download_url });
    (200, told)
}

/// The merchant that has signed a call, when one has.
fn verified<'a>(
    world: &'a World,
    authorization: Option<&str>,
    method: &str,
    address: &str,
    body: &str,
) -> Option<&'a Account> {
    let fields = authorization?.strip_prefix(SCHEME)?;
    let fields: HashMap<&str, &str> = fields
        .split(',')
        .filter_map(|field| field.trim().split_once('='))
        .map(|(name, value)| (name, value.trim_matches('"')))
        .collect();
    let (timestamp, nonce) = (*fields.get("timestamp")?, *fields.get("nonce_str")?);
    let account = world.merchants.find(Provider::WechatPay, |account| {
        fields.get("mchid") == Some(&account.id)
            && fields.get("serial_no") == Some(&account.serial_no)
    })?;
    let is_fresh = clock::now().timestamp().abs_diff(timestamp.parse().ok()?) <= FRESH_S;
    let message = [method, address, timestamp, nonce, body, ""].join("\n");
    let key = account.key(&world.keys);
    let is_theirs = key.verifies(message.as_bytes(), fields.get("signature")?);
    (is_fresh && is_theirs).then_some(account)
}

/// The signature of an answer or a notice.
pub(crate) fn signature(key: &Pair, timestamp: &str, nonce: &str, body: &str) -> String {
    key.sign([timestamp, nonce, body, ""].join("\n").as_bytes())
}

/// A refusal as it is written.
pub(crate) fn refused(code: &str, message: &str) -> Value {
    json!({ "code": code, "message": message })
}

fn written(status: u16, told: &Value) -> Response {
    let body = if status == 204 { Body::empty() } else { Body::from(told.to_string()) };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
