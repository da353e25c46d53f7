//! 用友 YonBIP: tokens here, documents in `documents`, lists in `lists`.

mod documents;
mod lists;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use erp::System;
use hmac::{Hmac, Mac as _};
use kernel::clock;
use serde_json::{Value, json};
use sha2::Sha256;
use url::form_urlencoded;
use uuid::Uuid;

use crate::answering::{Refusals, Reply, answered};
use crate::world::World;

const TOKEN: &str = "open-auth/selfAppAuth/base/v1/getAccessToken";
/// How old a signature may be, in milliseconds.
const FRESH_MS: u64 = 5 * 60 * 1000;

/// `GET /iuap-api-auth/…/getAccessToken`
pub(crate) async fn token(
    State(world): State<Arc<World>>,
    Path(path): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = parameters(query);
    let act = move |world: &World| {
        if path != TOKEN {
            return Reply::fault(404);
        }
        if query.get("appKey").map(String::as_str) != Some(world.accounts.app_key) {
            return refused("10018", "应用不存在或appKey已停用");
        }
        if !is_signed(world, &query).unwrap_or(false) {
            return refused("50000", "签名校验失败");
        }
        // As long as those that are given now, with signs that an address must not have as they
        // are.
        let token = format!("{}+/={}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        world.books().tokens.insert(token.clone());
        let data = json!({ "access_token": token, "expire": 7200 });
        Reply::done(&json!({ "code": "00000", "message": "成功！", "data": data }))
    };
    answered(world, System::Yonyou, "getAccessToken".to_owned(), None, act).await
}

fn parameters(query: Option<String>) -> BTreeMap<String, String> {
    form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect()
}

fn is_signed(world: &World, query: &BTreeMap<String, String>) -> Option<bool> {
    let at: i64 = query.get("timestamp")?.parse().ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(world.accounts.yonyou_secret.as_bytes()).ok()?;
    // They are in order already.
    for (name, value) in query.iter().filter(|(name, _)| *name != "signature") {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    let is_fresh = clock::now().timestamp_millis().abs_diff(at) <= FRESH_MS;
    let given = STANDARD.decode(query.get("signature")?).ok()?;
    Some(is_fresh && mac.verify_slice(&given).is_ok())
}

/// `POST /iuap-api-gateway/yonbip/…`
pub(crate) async fn answer(
    State(world): State<Arc<World>>,
    Path(path): Path<String>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let query = parameters(query);
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let what = format!("{path} {}", subject(&body)).trim().to_owned();
    let refusals = Refusals {
        busy: || refused("310046", "触发了API级限流"),
        refused: || refused("999", "服务端逻辑异常"),
    };
    let act = move |world: &World| {
        let path = path.strip_prefix("yonbip/").unwrap_or_default();
        // It looks at the path before it looks at the token.
        let Some(does) = doing(path) else {
            let text = format!("网关上没有注册此API[/yonbip/{path}]，请确认后重新调用");
            return Reply { status: 404, ..refused("310404", &text) };
        };
        match query.get("access_token") {
            None => refused("310001", "access_token不能为空。"),
            Some(token) if !world.books().tokens.contains(token) => refused("310036", "非法token"),
            Some(_) => does(world, path, &body),
        }
    };
    answered(world, System::Yonyou, what, Some(refusals), act).await
}

type Does = fn(&World, &str, &Value) -> Reply;

fn doing(path: &str) -> Option<Does> {
    Some(match path {
        "sd/voucherorder/singleSave"
        | "scm/salesout/single/save"
        | "sd/vouchersalereturn/singleSave"
        | "fi/receivebill/single/save" => documents::save,
        "sd/voucherorder/batchsubmit"
        | "scm/salesout/batchsubmit"
        | "sd/vouchersalereturn/submit"
        | "fi/receivebill/batchsubmit" => documents::submit,
        "sd/voucherorder/batchaudit"
        | "scm/salesout/batchaudit"
        | "sd/vouchersalereturn/audit"
        | "fi/receivebill/batchaudit" => documents::audit,
        "sd/voucherorder/list"
        | "scm/salesout/list"
        | "sd/vouchersalereturn/list"
        | "fi/receivebill/list/v2" => lists::documents,
        "digitalModel/product/listproductbycondition" => lists::products,
        "digitalModel/merchant/newlist" => lists::customers,
        "scm/stock/QueryCurrentStocksByCondition" => lists::stock,
        _ => return None,
    })
}

/// What a call is about, for people.
fn subject(body: &Value) -> String {
    let code = body["data"]["code"].as_str().or_else(|| body["code"].as_str());
    let one = if body["data"].is_array() { &body["data"][0] } else { &body["data"] };
    let id = one["id"].as_u64().map(|id| id.to_string());
    code.map(str::to_owned).or(id).unwrap_or_default()
}

fn done(data: &Value) -> Reply {
    Reply::done(&json!({ "code": "200", "message": "操作成功", "data": data }))
}

fn refused(code: &str, text: &str) -> Reply {
    Reply::refused(&json!({ "code": code, "message": text }), text)
}
