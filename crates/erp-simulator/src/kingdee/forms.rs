//! Documents of 金蝶云星空: what each form wants, and what is done to it.

use erp::{Kind, Stage, System};
use kernel::clock;
use serde_json::Value;
use values::Minor;

use super::{done, failed, refused};
use crate::answering::Reply;
use crate::books::{Held, HeldLine, Refusal};
use crate::catalogue::{self, CURRENCIES, ORG, UNIT, WAREHOUSES};
use crate::numbers::{amount, cost, quantity, scaled, text};
use crate::world::World;

const SYSTEM: System = System::Kingdee;
/// A text field that was made for numbers of others, and is unique.
pub(super) const OWN_FIELD: &str = "F_QDBizId";

/// The kind of a form.
pub(super) fn kind(form: &str) -> Option<Kind> {
    match form {
        "SAL_SaleOrder" => Some(Kind::SalesOrder),
        "SAL_OUTSTOCK" => Some(Kind::Delivery),
        "SAL_RETURNSTOCK" => Some(Kind::Return),
        "AR_RECEIVEBILL" => Some(Kind::Receipt),
        _ => None,
    }
}

/// What a form calls its things: type, letters of numbers, day, customer, lines, product, quantity,
/// warehouse, finances, currency in them.
struct Names {
    bill_type: &'static str,
    letters: &'static str,
    day: &'static str,
    customer: &'static str,
    lines: &'static str,
    product: &'static str,
    quantity: &'static str,
    warehouse: Option<&'static str>,
    finances: &'static str,
    currency: &'static str,
}

fn names(kind: Kind) -> Names {
    match kind {
        Kind::SalesOrder => Names {
            bill_type: "XSDD01_SYS",
            letters: "XSDD",
            day: "FDate",
            customer: "FCustId",
            lines: "FSaleOrderEntry",
            product: "FMaterialId",
            quantity: "FQty",
            warehouse: None,
            finances: "FSaleOrderFinance",
            currency: "FSettleCurrId",
        },
        Kind::Delivery => Names {
            bill_type: "XSCKD01_SYS",
            letters: "XSCKD",
            day: "FDate",
            customer: "FCustomerID",
            lines: "FEntity",
            product: "FMaterialID",
            quantity: "FRealQty",
            warehouse: Some("FStockID"),
            finances: "SubHeadEntity",
            currency: "FSettleCurrID",
        },
        Kind::Return => Names {
            bill_type: "XSTHD01_SYS",
            letters: "XSTHD",
            day: "FDate",
            customer: "FRetcustId",
            lines: "FEntity",
            product: "FMaterialId",
            quantity: "FRealQty",
            warehouse: Some("FStockId"),
            finances: "SubHeadEntity",
            currency: "FSettleCurrId",
        },
        Kind::Receipt => Names {
            bill_type: "SKDLX01_SYS",
            letters: "SKD",
            day: "FDATE",
            customer: "FCONTACTUNIT",
            lines: "FRECEIVEBILLENTRY",
            product: "",
            quantity: "",
            warehouse: None,
            finances: "",
            currency: "FCURRENCYID",
        },
    }
}

/// The code of what stands in a field.
fn code(value: &Value) -> &str {
    value["FNumber"].as_str().or_else(|| value["FNUMBER"].as_str()).unwrap_or_default()
}

/// A field that must be so.
fn must(is_so: bool, field: &'static str, text: &str) -> Result<(), Refusal> {
    if is_so { Ok(()) } else { Err(Refusal::new(field, text)) }
}

pub(super) fn save(world: &World, form: &str, data: &Value) -> Reply {
    let Some(kind) = kind(form) else { return failed(9, "formid", "业务对象不存在") };
    let model = &data["Model"];
    let manners = world.manners().clone();
    let mut books = world.books();
    let next = books.received.documents.len() + 1;
    let read = read(kind, model, next).and_then(|held| {
        must(
            manners.refused_customer.as_ref() != Some(&held.customer),
            names(kind).customer,
            "客户已被冻结，不允许保存单据",
        )?;
        Ok(held)
    });
    match read.and_then(|held| books.take(held, manners.is_lax)) {
        Ok(held) => done(&held),
        Err(refusal) => refused(&refusal),
    }
}

/// Reads a document, and looks at what it must have.
fn read(kind: Kind, model: &Value, next: usize) -> Result<Held, Refusal> {
    let names = names(kind);
    let bill_type = code(&model["FBillTypeID"]);
    must(bill_type == names.bill_type, "FBillTypeID", "单据类型不存在")?;
    let orgs: &[&'static str] = match kind {
        Kind::SalesOrder => &["FSaleOrgId"],
        Kind::Delivery | Kind::Return => &["FSaleOrgId", "FStockOrgId"],
        Kind::Receipt => &["FSETTLEORGID", "FPAYORGID"],
    };
    for org in orgs {
        must(code(&model[*org]) == ORG, org, "组织不存在")?;
    }
    let customer = code(&model[names.customer]).to_owned();
    must(catalogue::is_customer(&customer), names.customer, "客户不存在或已禁用")?;
    let finances = if names.finances.is_empty() { model } else { &model[names.finances] };
    let currency = code(&finances[names.currency]);
    let is_currency = CURRENCIES.iter().any(|(code, _)| *code == currency);
    must(is_currency, names.currency, "币别不存在")?;
    let day = model[names.day].as_str().unwrap_or_default().to_owned();
    must(day.len() >= 10, names.day, "日期不能为空")?;
    let rows = model[names.lines].as_array().map(Vec::as_slice).unwrap_or_default();
    must(!rows.is_empty(), names.lines, "分录不能为空")?;
    let (lines, total, warehouse) = match kind {
        Kind::Receipt => (Vec::new(), received(rows)?, String::new()),
        Kind::SalesOrder | Kind::Delivery | Kind::Return => goods(&names, rows)?,
    };
    let number = text(&model["FBillNo"]);
    let own = text(&model[OWN_FIELD]);
    let number = number.unwrap_or_else(|| format!("{}{next:06}", names.letters));
    Ok(Held {
        system: SYSTEM,
        kind,
        id: 0,
        biz_id: own.unwrap_or_else(|| number.clone()),
        number,
        customer,
        day,
        total,
        warehouse,
        lines,
        stage: Stage::Saved,
        came_at: clock::now(),
    })
}

fn goods(names: &Names, rows: &[Value]) -> Result<(Vec<HeldLine>, Minor, String), Refusal> {
    let (mut lines, mut total, mut warehouse) = (Vec::new(), 0, String::new());
    for row in rows {
        let product = code(&row[names.product]).to_owned();
        must(catalogue::is_product(&product), names.product, "物料不存在或已禁用")?;
        must(code(&row["FUnitID"]) == UNIT, "FUnitID", "单位不存在")?;
        let quantity = quantity(&row[names.quantity]);
        let quantity = quantity.ok_or_else(|| Refusal::new(names.quantity, "数量必须大于零"))?;
        let price = scaled(&row["FTaxPrice"], 10);
        let price = price.ok_or_else(|| Refusal::new("FTaxPrice", "含税单价无效"))?;
        let is_free = row["FIsFree"].as_bool().unwrap_or(false);
        must(is_free == (price == 0), "FIsFree", "含税单价为零的分录必须是赠品")?;
        must(scaled(&row["FEntryTaxRate"], 2).is_some(), "FEntryTaxRate", "税率无效")?;
        if let Some(field) = names.warehouse {
            warehouse = code(&row[field]).to_owned();
            must(WAREHOUSES.contains(&warehouse.as_str()), field, "仓库不存在")?;
        }
        let amount = cost(price, quantity);
        let amount = amount.ok_or_else(|| Refusal::new("FTaxPrice", "金额过大"))?;
        total += amount.0;
        lines.push(HeldLine { product, quantity, amount });
    }
    Ok((lines, Minor(total), warehouse))
}

fn received(rows: &[Value]) -> Result<Minor, Refusal> {
    let mut total = 0;
    for row in rows {
        must(!code(&row["FSETTLETYPEID"]).is_empty(), "FSETTLETYPEID", "结算方式不能为空")?;
        let got = amount(&row["FRECTOTALAMOUNTFOR"]).filter(|got| got.0 > 0);
        let got = got.ok_or_else(|| Refusal::new("FRECTOTALAMOUNTFOR", "应收金额必须大于零"))?;
        must(amount(&row["FRECAMOUNTFOR_E"]) == Some(got), "FRECAMOUNTFOR_E", "收款金额不一致")?;
        total += got.0;
    }
    Ok(Minor(total))
}

/// The one number that a call names.
fn numbered(data: &Value) -> String {
    data["Numbers"][0].as_str().unwrap_or_default().to_owned()
}

pub(super) fn submit(world: &World, form: &str, data: &Value) -> Reply {
    let Some(kind) = kind(form) else { return failed(9, "formid", "业务对象不存在") };
    let number = numbered(data);
    match world.books().submit(SYSTEM, kind, |held| held.number == number) {
        Ok(held) => done(&held),
        Err(refusal) => refused(&refusal),
    }
}

pub(super) fn audit(world: &World, form: &str, data: &Value) -> Reply {
    let Some(kind) = kind(form) else { return failed(9, "formid", "业务对象不存在") };
    let number = numbered(data);
    match world.books().audit(SYSTEM, kind, |held| held.number == number) {
        Ok(held) => done(&held),
        Err(refusal) => refused(&refusal),
    }
}
