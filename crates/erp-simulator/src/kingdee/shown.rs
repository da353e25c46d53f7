//! Who calls 金蝶云星空: a session that a secret has opened, or signatures.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use http::HeaderMap;
use kernel::clock;
use serde_json::{Value, json};
use sha2::Sha256;
use uuid::Uuid;

use super::opened;
use crate::answering::Reply;
use crate::numbers::text;
use crate::world::World;

/// How old a signature may be, in seconds.
const FRESH_S: u64 = 5 * 60;
/// What the second part of an application's id is mixed with.
const MIXED_WITH: &str = "0054f397c6234378b09ca7d3e5debce7";

/// Opens a session.
pub(super) fn login(world: &World, body: &Value) -> Reply {
    let parameters = opened(&body["parameters"]);
    let given: Vec<_> = parameters.as_array().into_iter().flatten().filter_map(text).collect();
    let accounts = &world.accounts;
    let wanted =
        [accounts.acct_id, accounts.user, accounts.app_id, &accounts.kingdee_secret, "2052"];
    if given != wanted {
        let told = json!({
            "LoginResultType": 0, "Message": "应用ID或应用密钥错误", "KDSVCSessionId": null,
            "IsSuccessByAPI": false,
        });
        return Reply::refused(&told, "应用ID或应用密钥错误");
    }
    let session = Uuid::new_v4().to_string();
    world.books().sessions.insert(session.clone());
    Reply::done(&json!({
        "LoginResultType": 1, "Message": null, "KDSVCSessionId": session, "IsSuccessByAPI": true,
        "Context": { "UserName": accounts.user, "UserLocale": "zh-CN" },
    }))
}

/// Whether who calls is known.
pub(super) fn is_known(world: &World, headers: &HeaderMap, path: &str) -> bool {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if header("x-kd-appkey").is_some() {
        return is_signed(world, &header, path).unwrap_or(false);
    }
    let cookie = header("cookie").and_then(|cookie| cookie.strip_prefix("kdservice-sessionid="));
    let session = header("kdservice-sessionid");
    session.is_some_and(|it| cookie == Some(it) && world.books().sessions.contains(it))
}

fn is_signed<'a>(
    world: &World,
    header: &impl Fn(&str) -> Option<&'a str>,
    path: &str,
) -> Option<bool> {
    let accounts = &world.accounts;
    let (client, hidden) = accounts.app_id.split_once('_')?;
    let mixed = STANDARD.decode(hidden).ok()?.into_iter().zip(MIXED_WITH.bytes());
    let hidden = STANDARD.encode(mixed.map(|(byte, with)| byte ^ with).collect::<Vec<_>>());
    let (timestamp, nonce) = (header("x-api-timestamp")?, header("x-api-nonce")?);
    let line = [
        "POST",
        &path.replace('/', "%2F"),
        "",
        &format!("x-api-nonce:{nonce}"),
        &format!("x-api-timestamp:{timestamp}"),
        "",
    ]
    .join("\n");
    let data = String::from_utf8(STANDARD.decode(header("x-kd-appdata")?).ok()?).ok()?;
    let is_fresh = clock::now().timestamp().abs_diff(timestamp.parse().ok()?) <= FRESH_S;
    let is_ours = header("x-api-clientid") == Some(client)
        && header("x-kd-appkey") == Some(accounts.app_id)
        && data.starts_with(&format!("{},{},", accounts.acct_id, accounts.user));
    let of_gateway = signature(&hidden, &line)?;
    let of_books = signature(&accounts.kingdee_secret, &[accounts.app_id, &data].concat())?;
    let fits = header("x-api-signature") == Some(&of_gateway)
        && header("x-kd-signature") == Some(&of_books);
    Some(is_fresh && is_ours && fits)
}

fn signature(key: &str, line: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
    mac.update(line.as_bytes());
    Some(STANDARD.encode(format!("{:x}", mac.finalize().into_bytes())))
}
