//! Documents of YonBIP: what each interface wants, and what is done to it.

use erp::{Kind, Stage, System};
use kernel::clock;
use serde_json::{Value, json};
use values::Minor;

use super::{done, refused};
use crate::answering::Reply;
use crate::books::{Books, Held, HeldLine, Refusal};
use crate::catalogue::{self, CURRENCIES, ORG, UNIT, WAREHOUSES};
use crate::numbers::{amount, quantity, text, yuan};
use crate::world::World;

const SYSTEM: System = System::Yonyou;
/// Longest key that a result is remembered by.
const KEY: usize = 32;

/// The kind that a path is about.
pub(super) fn kind(path: &str) -> Kind {
    match path {
        path if path.starts_with("sd/voucherorder/") => Kind::SalesOrder,
        path if path.starts_with("scm/salesout/") => Kind::Delivery,
        path if path.starts_with("sd/vouchersalereturn/") => Kind::Return,
        _ => Kind::Receipt,
    }
}

pub(super) fn save(world: &World, path: &str, body: &Value) -> Reply {
    let data = &body["data"];
    let key = data["resubmitCheckKey"].as_str().unwrap_or_default();
    if key.chars().count() > KEY {
        return refused("310008", "resubmitCheckKey长度不能超过32位");
    }
    let manners = world.manners().clone();
    let mut books = world.books();
    let remembered = (path.to_owned(), key.to_owned());
    let known = books.results.get(&remembered).copied();
    if let Some((id, is_kept)) = known.filter(|_| !key.is_empty() && !manners.is_lax) {
        return again(&mut books, kind(path), id, is_kept);
    }
    let held = read(kind(path), data).and_then(|held| {
        must(manners.refused_customer.as_ref() != Some(&held.customer), "agentId", "客户已冻结")?;
        Ok(held)
    });
    match held.and_then(|held| books.take(held, manners.is_lax)) {
        Ok(held) => {
            books.results.insert(remembered, (held.id, !manners.is_forgetful));
            done(&saved(&held))
        }
        Err(refusal) => refused("999", &format!("{} {}", refusal.field, refusal.text)),
    }
}

/// What was saved with a key before: its result, or after a while its key alone.
fn again(books: &mut Books, kind: Kind, id: u64, is_kept: bool) -> Reply {
    let Some(held) = books.find(SYSTEM, kind, |held| held.id == id) else {
        return refused("999", "数据不存在");
    };
    if is_kept {
        return done(&saved(held));
    }
    let told = json!({ "code": "100004", "message": "重复提交请求", "data": { "id": held.id } });
    Reply::done(&told)
}

fn saved(held: &Held) -> Value {
    json!({ "id": held.id, "code": held.number, "status": 0, "resubmitCheckKey": held.biz_id })
}

fn must(is_so: bool, field: &'static str, text: &str) -> Result<(), Refusal> {
    if is_so { Ok(()) } else { Err(Refusal::new(field, text)) }
}

/// What an interface calls its things: customer, day, lines, product, unit, whole amount, currency,
/// the organisations, and its type with what that must be.
struct Names {
    customer: &'static str,
    lines: &'static str,
    product: &'static str,
    unit: &'static str,
    total: Option<&'static str>,
    currency: &'static str,
    orgs: &'static [&'static str],
    kind: (&'static str, &'static str),
}

fn names(kind: Kind) -> Names {
    match kind {
        Kind::SalesOrder => Names {
            customer: "agentId",
            lines: "orderDetails",
            product: "productId",
            unit: "masterUnitId",
            total: Some("payMoney"),
            currency: "orderPrices!currency",
            orgs: &["salesOrgId", "settlementOrgId"],
            kind: ("transactionTypeId", "SO01"),
        },
        Kind::Delivery => Names {
            customer: "cust",
            lines: "details",
            product: "product",
            unit: "stockUnit",
            total: None,
            currency: "currency",
            orgs: &["accountOrg", "org", "salesOrg", "invoiceOrg"],
            kind: ("bustype", "A30001"),
        },
        Kind::Return => Names {
            customer: "agentId",
            lines: "saleReturnDetails",
            product: "productId",
            unit: "masterUnitId",
            total: Some("payMoney"),
            currency: "currency",
            orgs: &["salesOrgId", "settlementOrgId"],
            kind: ("transactionTypeId", "RT01"),
        },
        Kind::Receipt => Names {
            customer: "customer_code",
            lines: "ReceiveBill_b",
            product: "",
            unit: "",
            total: Some("oriSum"),
            currency: "currency",
            orgs: &["accentity_code"],
            kind: ("tradetype_code", "arap_receipt_other"),
        },
    }
}

/// Reads a document, and looks at what it must have.
fn read(kind: Kind, data: &Value) -> Result<Held, Refusal> {
    let names = names(kind);
    must(data["_status"] == "Insert", "_status", "操作标识不能为空")?;
    must(data[names.kind.0] == names.kind.1, names.kind.0, "交易类型不存在")?;
    for org in names.orgs {
        must(data[*org] == ORG, org, "组织不存在")?;
    }
    let customer = data[names.customer].as_str().unwrap_or_default().to_owned();
    must(catalogue::is_customer(&customer), names.customer, "客户不存在或已停用")?;
    let currency = data[names.currency].as_str().unwrap_or_default();
    let is_currency = CURRENCIES.iter().any(|(_, code)| *code == currency);
    must(is_currency, names.currency, "币种不存在")?;
    let number = text(&data["code"]).ok_or_else(|| Refusal::new("code", "单据编号不能为空"))?;
    let day = data["vouchdate"].as_str().unwrap_or_default().to_owned();
    let digits = if kind == Kind::Receipt { 10 } else { 19 };
    must(day.len() == digits, "vouchdate", "单据日期格式错误")?;
    let rows = data[names.lines].as_array().map(Vec::as_slice).unwrap_or_default();
    must(!rows.is_empty(), names.lines, "子表不能为空")?;
    let mut lines = Vec::new();
    let mut total = 0;
    for row in rows {
        must(row["_status"] == "Insert", "_status", "子表操作标识不能为空")?;
        let sum = amount(&row["oriSum"]).ok_or_else(|| Refusal::new("oriSum", "含税金额无效"))?;
        total += sum.0;
        if kind != Kind::Receipt {
            lines.push(goods(kind, &names, row, sum)?);
        }
    }
    if let Some(whole) = names.total {
        must(amount(&data[whole]) == Some(Minor(total)), whole, "总额须等于子表含税金额合计")?;
    }
    let warehouse = match kind {
        Kind::Delivery => data["warehouse"].as_str().unwrap_or_default(),
        Kind::Return => rows[0]["stockId"].as_str().unwrap_or_default(),
        Kind::SalesOrder | Kind::Receipt => "",
    };
    let moves = matches!(kind, Kind::Delivery | Kind::Return);
    must(!moves || WAREHOUSES.contains(&warehouse), "warehouse", "仓库不存在")?;
    Ok(Held {
        system: SYSTEM,
        kind,
        id: 0,
        biz_id: number.clone(),
        number,
        customer,
        day,
        total: Minor(total),
        warehouse: warehouse.to_owned(),
        lines,
        stage: Stage::Saved,
        came_at: clock::now(),
    })
}

fn goods(kind: Kind, names: &Names, row: &Value, sum: Minor) -> Result<HeldLine, Refusal> {
    let product = row[names.product].as_str().unwrap_or_default().to_owned();
    must(catalogue::is_product(&product), names.product, "物料不存在或已停用")?;
    must(row[names.unit] == UNIT, names.unit, "单位不存在")?;
    let tax = row["taxId"].as_str().unwrap_or_default();
    must(["VAT13", "VAT9", "VAT0"].contains(&tax), "taxId", "税目不存在")?;
    let counted = quantity(&row["qty"]).ok_or_else(|| Refusal::new("qty", "数量必须大于零"))?;
    for other in ["subQty", "priceQty"] {
        must(quantity(&row[other]) == Some(counted), "subQty", "数量与换算率不一致")?;
    }
    let (net, tax) = match kind {
        Kind::SalesOrder => ("orderDetailPrices!oriMoney", "orderDetailPrices!oriTax"),
        Kind::Delivery | Kind::Return | Kind::Receipt => ("oriMoney", "oriTax"),
    };
    let parts = amount(&row[net]).zip(amount(&row[tax]));
    let fits = parts.is_some_and(|(net, tax)| net.0 + tax.0 == sum.0);
    must(fits, "oriTax", "含税金额须等于无税金额加税额")?;
    let style = if kind == Kind::Delivery { "saleStyle" } else { "orderProductType" };
    let is_gift = row[style] == "GIFT";
    must(is_gift == (sum.0 == 0), "orderProductType", "金额为零的行必须是赠品")?;
    Ok(HeldLine { product, quantity: counted, amount: sum })
}

/// The one document that a call names.
fn named(data: &Value) -> Option<u64> {
    let one = if data.is_array() { &data[0] } else { data };
    one["id"].as_u64()
}

pub(super) fn submit(world: &World, path: &str, body: &Value) -> Reply {
    let id = named(&body["data"]);
    let submitted = world.books().submit(SYSTEM, kind(path), |held| Some(held.id) == id);
    batch(submitted)
}

pub(super) fn audit(world: &World, path: &str, body: &Value) -> Reply {
    // The audit of a return takes a document alone, all others take several.
    if body["data"].is_array() == (kind(path) == Kind::Return) {
        return refused("310023", "参数类型校验失败");
    }
    let id = named(&body["data"]);
    batch(world.books().audit(SYSTEM, kind(path), |held| Some(held.id) == id))
}

/// What was not done has a code of success, too.
fn batch(result: Result<Held, Refusal>) -> Reply {
    match result {
        Ok(held) => {
            let info = json!({ "id": held.id, "code": held.number, "oriSum": yuan(held.total) });
            done(&json!({
                "count": 1, "sucessCount": 1, "failCount": 0, "messages": [], "infos": [info],
            }))
        }
        Err(refusal) => {
            let data = json!({
                "count": 1, "sucessCount": 0, "failCount": 1, "messages": [refusal.text],
                "infos": [],
            });
            let told = json!({ "code": "200", "message": "操作成功", "data": data });
            Reply::refused(&told, &refusal.text)
        }
    }
}
