//! The gateway of Alipay: how calls are verified and answers signed. What they do is in `methods`
//! and `refunds`.

mod methods;
mod refunds;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use psp::Provider;
use serde_json::{Value, json};
use url::form_urlencoded;
use values::Minor;

use crate::books::{Payment, State as Payed};
use crate::merchants::Account;
use crate::world::World;

/// Who pays here.
pub(crate) const BUYER: &str = "2088102146225135";
const LONGEST: usize = 1 << 20;

type Fields = BTreeMap<String, String>;

/// A call by a merchant whose signature was verified.
struct Call<'a> {
    account: &'a Account,
    fields: &'a Fields,
    content: Value,
}

/// Answers whatever is asked of the gateway.
pub(crate) async fn answer(State(world): State<Arc<World>>, request: Request) -> Response {
    if world.is_failing().await {
        return (StatusCode::INTERNAL_SERVER_ERROR, "<html>500</html>").into_response();
    }
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LONGEST).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    // Fields may stand in the address, in the body, or some in each.
    let query = head.uri.query().unwrap_or_default().as_bytes();
    let fields = form_urlencoded::parse(query).into_owned();
    let fields: Fields = fields.chain(form_urlencoded::parse(&body).into_owned()).collect();
    let method = fields.get("method").cloned().unwrap_or_default();
    let account = match verified(&world, &fields) {
        Ok(account) => account,
        Err(refusal) => return written(&method, &refusal, None),
    };
    let content = fields.get("biz_content").and_then(|text| serde_json::from_str(text).ok());
    let call = Call { account, fields: &fields, content: content.unwrap_or_default() };
    if matches!(method.as_str(), "alipay.trade.wap.pay" | "alipay.trade.page.pay") {
        return match methods::link(&world, &call) {
            Ok(page_id) => Redirect::to(&format!("{}/pay/{page_id}", world.base)).into_response(),
            Err(refusal) => written(&method, &refusal, Some(&world)),
        };
    }
    written(&method, &dispatch(&world, &call, &method), Some(&world))
}

fn dispatch(world: &Arc<World>, call: &Call<'_>, method: &str) -> Value {
    match method {
        "alipay.trade.precreate" => methods::precreate(world, call),
        "alipay.trade.query" => methods::look_up(world, call),
        "alipay.trade.close" => methods::close(world, call),
        "alipay.trade.refund" => refunds::refund(world, call),
        "alipay.trade.fastpay.refund.query" => refunds::look_up(world, call),
        "alipay.data.dataservice.bill.downloadurl.query" => methods::bill(world, call),
        _ => invalid("40002", "isv.invalid-method", "不存在的方法名"),
    }
}

/// `GET /bills/{token}`: whoever knows the address has the file.
pub(crate) async fn download(
    State(world): State<Arc<World>>,
    Path(token): Path<String>,
) -> Response {
    let bill = world.books().bills.remove(&token);
    let missing = || StatusCode::NOT_FOUND.into_response();
    bill.map_or_else(missing, |bill| Response::new(Body::from(bill)))
}

/// The merchant that has signed a call, or what is wrong with it.
fn verified<'a>(world: &'a World, fields: &Fields) -> Result<&'a Account, Value> {
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let account = world.merchants.find(Provider::Alipay, |it| it.app_id == field("app_id"));
    let Some(account) = account else {
        return Err(invalid("40002", "isv.invalid-app-id", "无效的AppID参数"));
    };
    if field("sign_type") != "RSA2" {
        return Err(invalid("40002", "isv.invalid-signature-type", "无效的签名类型"));
    }
    if crate::money::read_plain(field("timestamp")).is_none() {
        return Err(invalid("40002", "isv.invalid-timestamp", "非法的时间戳参数"));
    }
    let signed = fields.iter().filter(|(name, value)| *name != "sign" && !value.is_empty());
    let line = sign_line(signed.map(|(name, value)| (name.as_str(), value.as_str())));
    if !account.key(&world.keys).verifies(line.as_bytes(), field("sign")) {
        return Err(invalid("40002", "isv.invalid-signature", "无效签名，请检查签名原文"));
    }
    Ok(account)
}

/// What is signed: all fields by name.
pub(crate) fn sign_line<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut fields: Vec<_> = fields.map(|(name, value)| format!("{name}={value}")).collect();
    fields.sort_unstable();
    fields.join("&")
}

/// A refusal of the gateway.
fn invalid(code: &str, sub_code: &str, message: &str) -> Value {
    json!({
        "code": code, "msg": "Invalid Arguments", "sub_code": sub_code, "sub_msg": message,
    })
}

/// A refusal of the business.
fn refused(sub_code: &str, message: &str) -> Value {
    json!({
        "code": "40004", "msg": "Business Failed", "sub_code": sub_code, "sub_msg": message,
    })
}

/// A success, with what more there is to it.
fn done(mut told: Value) -> Value {
    told["code"] = "10000".into();
    told["msg"] = "Success".into();
    told
}

/// How Alipay calls the standing of a payment of which so much went back.
pub(crate) fn status(payment: &Payment, back: Minor) -> &'static str {
    match payment.state {
        Payed::Waiting => "WAIT_BUYER_PAY",
        Payed::Closed => "TRADE_CLOSED",
        Payed::Paid if back >= payment.amount => "TRADE_CLOSED",
        Payed::Paid => "TRADE_SUCCESS",
    }
}

/// An answer; a merchant whose signature did not fit is not told anything signed.
fn written(method: &str, told: &Value, signing: Option<&Arc<World>>) -> Response {
    // It writes slashes with a backslash before them, and signs what it writes.
    let told = told.to_string().replace('/', "\\/");
    let name = format!("{}_response", method.replace('.', "_"));
    let body = match signing {
        Some(world) => {
            let sign = world.keys.alipay.sign(told.as_bytes());
            format!(r#"{{"{name}":{told},"sign":"{sign}"}}"#)
        }
        None => format!(r#"{{"{name}":{told}}}"#),
    };
    let mut response = Response::new(Body::from(body));
    let kind = HeaderValue::from_static("text/html;charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

impl Call<'_> {
    /// A text of the content that is there.
    fn text(&self, name: &str) -> Result<&str, Value> {
        let found = self.content[name].as_str().filter(|text| !text.is_empty());
        found.ok_or_else(|| refused("ACQ.INVALID_PARAMETER", &format!("参数无效：{name}")))
    }

    /// An amount, which some write as a number.
    fn amount(&self, name: &str) -> Result<Minor, Value> {
        let found = match &self.content[name] {
            Value::String(text) => crate::money::read_yuan(text),
            Value::Number(number) => crate::money::read_yuan(&number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        found.ok_or_else(|| refused("ACQ.INVALID_PARAMETER", &format!("参数无效：{name}")))
    }
}
