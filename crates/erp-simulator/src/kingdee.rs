//! 金蝶云星空: who may call is looked at in `shown`, documents in `forms`, queries in `queries`.

mod forms;
mod queries;
mod shown;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use erp::System;
use http::HeaderMap;
use serde_json::{Value, json};

use crate::answering::{Refusals, Reply, answered};
use crate::books::{Held, Refusal};
use crate::world::World;

const FORMS: &str = "Kingdee.BOS.WebApi.ServicesStub.DynamicFormService.";
const LOGIN: &str = "Kingdee.BOS.WebApi.ServicesStub.AuthService.LoginByAppSecret";

/// `POST /k3cloud/{service}.common.kdsvc`
pub(crate) async fn answer(
    State(world): State<Arc<World>>,
    Path(service): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let named = service.strip_suffix(".common.kdsvc").unwrap_or_default().to_owned();
    let path = format!("/k3cloud/{service}");
    let what = format!("{} {}", named.rsplit('.').next().unwrap_or_default(), subject(&body));
    if named == LOGIN {
        let act = move |world: &World| shown::login(world, &body);
        return answered(world, System::Kingdee, what, None, act).await;
    }
    let refusals = Refusals {
        busy: || failed(14, "", "调用次数超过限制"),
        refused: || failed(11, "", "校验不通过"),
    };
    let act = move |world: &World| {
        if !shown::is_known(world, &headers, &path) {
            return failed(1, "", "会话信息已丢失，请重新登录");
        }
        match named.strip_prefix(FORMS) {
            Some("Save") => forms::save(world, &form(&body), &data(&body)),
            Some("Submit") => forms::submit(world, &form(&body), &data(&body)),
            Some("Audit") => forms::audit(world, &form(&body), &data(&body)),
            Some("ExecuteBillQuery") => queries::query(world, &data(&body)),
            _ => Reply::fault(404),
        }
    };
    answered(world, System::Kingdee, what, Some(refusals), act).await
}

fn form(body: &Value) -> String {
    body["formid"].as_str().unwrap_or_default().to_owned()
}

/// What a call is about.
fn data(body: &Value) -> Value {
    opened(&body["data"])
}

/// What is in a text of JSON; what is none is taken as it is.
fn opened(value: &Value) -> Value {
    let text = value.as_str();
    text.map_or_else(|| value.clone(), |text| serde_json::from_str(text).unwrap_or_default())
}

/// What a call is about, for people.
fn subject(body: &Value) -> String {
    let data = data(body);
    let numbers = data["Numbers"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let numbers: Vec<_> = numbers.collect();
    let model = data["Model"]["FBillNo"].as_str().unwrap_or_default();
    let query = [&data["FormId"], &data["FilterString"]].map(|it| it.as_str().unwrap_or_default());
    let told = [&form(body), model, &numbers.join(","), query[0], query[1]].join(" ");
    told.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An answer that something was done to a document.
fn done(held: &Held) -> Reply {
    let entity = json!({ "Id": held.id, "Number": held.number, "DIndex": 0 });
    Reply::done(&json!({
        "Result": {
            "ResponseStatus": {
                "IsSuccess": true, "Errors": [], "SuccessEntitys": [entity],
                "SuccessMessages": [], "MsgCode": 0,
            },
            "Id": held.id,
            "Number": held.number,
            "NeedReturnData": [{}],
        },
    }))
}

/// What is wrong, as it is told.
fn status(msg_code: u8, field: &str, text: &str) -> Value {
    json!({
        "Result": {
            "ResponseStatus": {
                "ErrorCode": 500, "IsSuccess": false,
                "Errors": [{ "FieldName": field, "Message": text, "DIndex": 0 }],
                "SuccessEntitys": [], "SuccessMessages": [], "MsgCode": msg_code,
            },
        },
    })
}

fn failed(msg_code: u8, field: &str, text: &str) -> Reply {
    Reply::refused(&status(msg_code, field, text), text)
}

fn refused(refusal: &Refusal) -> Reply {
    failed(11, refusal.field, &refusal.text)
}
