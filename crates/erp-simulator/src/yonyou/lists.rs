//! Lists of YonBIP: documents, products, customers, stock.

use erp::{Kind, Stage, System};
use serde_json::{Value, json};

use super::documents::kind;
use super::{done, refused};
use crate::answering::Reply;
use crate::books::{Held, HeldLine};
use crate::catalogue::{CUSTOMERS, PRODUCTS, UNIT, WAREHOUSES};
use crate::numbers::{text, yuan};
use crate::world::World;

/// When everything that it knows of the world was changed last, in China.
const CHANGED: &str = "2026-11-26 08:00:00";

/// The part of a list that is asked for: from which row on, and how many.
fn page(body: &Value) -> Option<(usize, usize)> {
    let number = |name: &str| text(&body[name])?.parse::<usize>().ok().filter(|it| *it > 0);
    let (index, size) = (number("pageIndex")?, number("pageSize")?);
    Some(((index - 1) * size, size))
}

/// Whether something was changed from then on.
fn is_newer(since: &Value) -> bool {
    since.as_str().is_none_or(|since| CHANGED >= since)
}

pub(super) fn documents(world: &World, path: &str, body: &Value) -> Reply {
    let Some((start, size)) = page(body) else { return refused("310008", "缺少必填参数") };
    let books = world.books();
    let wanted = body["code"].as_str().unwrap_or_default();
    let Some(same) = same(kind(path), &body["simpleVOs"]) else {
        return refused("999", "列表查询失败");
    };
    // One finds what contains it, the other what is it; the newest comes first.
    let found = books.all(System::Yonyou, kind(path)).filter(|held| {
        held.number.contains(wanted) && same.iter().all(|number| *number == held.number)
    });
    let mut all: Vec<_> = found.flat_map(rows).collect();
    all.reverse();
    let part: Vec<_> = all.iter().skip(start).take(size).collect();
    done(&json!({
        "pageIndex": start / size + 1, "pageSize": size, "recordCount": all.len(),
        "pageCount": all.len().div_ceil(size), "recordList": part,
    }))
}

/// The numbers that are asked for, in conditions of equality alone; those of receipts are within
/// conditions.
fn same(kind: Kind, conditions: &Value) -> Option<Vec<&str>> {
    let conditions = match (kind, conditions.as_array().map(Vec::as_slice)) {
        (_, None | Some([])) => return Some(Vec::new()),
        (Kind::Receipt, Some([outer])) => outer["conditions"].as_array()?,
        (_, Some(conditions)) => conditions,
    };
    let one = |condition: &'_ Value| condition["field"] == "code" && condition["op"] == "eq";
    let numbers = conditions.iter().filter(|it| one(it)).filter_map(|it| it["value1"].as_str());
    let numbers: Vec<_> = numbers.collect();
    (numbers.len() == conditions.len()).then_some(numbers)
}

/// A document in a list: deliveries come with a row for each line, the others with one.
fn rows(held: &Held) -> Vec<Value> {
    let number = match held.stage {
        Stage::Saved => 0,
        Stage::Audited => 1,
        Stage::TakenOver => 2,
        Stage::Submitted => 3,
    };
    let mut row = json!({
        "id": held.id, "code": held.number, "vouchdate": held.day, "agentId": 1700194312096055299_i64,
    });
    match held.kind {
        Kind::SalesOrder => {
            row["nextStatus"] = word(held.stage, "CONFIRMORDER", "DELIVERGOODS").into();
            row["payMoney"] = yuan(held.total).into();
        }
        Kind::Return => {
            row["saleReturnStatus"] =
                word(held.stage, "SUBMITSALERETURN", "CONFIRMSALERETURNORDER").into();
            row["payMoney"] = yuan(held.total).into();
        }
        Kind::Receipt => {
            row["status"] = number.into();
            row["oriSum"] = yuan(held.total).into();
        }
        Kind::Delivery => {
            row["status"] = number.into();
            let with_line = |line: &HeldLine| {
                let mut row = row.clone();
                row["product_cCode"] = line.product.as_str().into();
                row["oriSum"] = yuan(line.amount).into();
                row
            };
            return held.lines.iter().map(with_line).collect();
        }
    }
    vec![row]
}

fn word(stage: Stage, saved: &'static str, audited: &'static str) -> &'static str {
    match stage {
        Stage::Saved => saved,
        Stage::Submitted => "APPROVING",
        Stage::Audited => audited,
        Stage::TakenOver => "OPPOSE",
    }
}

pub(super) fn products(_: &World, _: &str, body: &Value) -> Reply {
    let Some((start, size)) = page(body) else { return refused("310008", "缺少必填参数") };
    let all = PRODUCTS.iter().filter(|(_, _, is_usable)| *is_usable);
    let all = all.filter(|_| is_newer(&body["beganTime"])).map(
        |(code, name, _)| json!({ "code": code, "name": name, "unitCode": UNIT, "unitName": "瓶" }),
    );
    let all: Vec<_> = all.collect();
    let part: Vec<_> = all.iter().skip(start).take(size).collect();
    done(&json!({ "recordCount": all.len(), "recordList": part }))
}

pub(super) fn customers(_: &World, _: &str, body: &Value) -> Reply {
    let Some((start, size)) = page(body) else { return refused("310008", "缺少必填参数") };
    let all = CUSTOMERS.iter().filter(|_| is_newer(&body["pubts"]));
    let rows = all.map(|(code, name, is_usable)| {
        let name = json!({ "simplifiedName": name, "englishName": null, "traditionalName": null });
        json!({ "id": 1700194312096055299_i64, "code": code, "name": name, "stopStatus": !is_usable })
    });
    done(&rows.skip(start).take(size).collect::<Vec<_>>().into())
}

pub(super) fn stock(world: &World, _: &str, body: &Value) -> Reply {
    let books = world.books();
    let is_asked = |name: &str, code: &str| match &body[name] {
        Value::Array(codes) => codes.iter().any(|it| it == code),
        Value::String(wanted) => wanted == code,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => true,
    };
    let mut rows = Vec::new();
    for warehouse in WAREHOUSES.iter().filter(|code| is_asked("warehouse.code", code)) {
        for (product, ..) in PRODUCTS.iter().filter(|it| is_asked("productn.code", it.0)) {
            let all = books.on_hand(warehouse, product);
            // Two states, of which the second can not be sold.
            let spoilt = all / 10;
            for (on_hand, available) in [(all - spoilt, all - spoilt), (spoilt, 0)] {
                rows.push(json!({
                    "product_code": product, "currentqty": on_hand, "availableqty": available,
                }));
            }
        }
    }
    done(&rows.into())
}
