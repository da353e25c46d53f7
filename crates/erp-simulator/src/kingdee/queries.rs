//! Queries of 金蝶云星空: rows of forms, with filters of `=`, `>=` and `in`, joined by `and`.

use std::collections::HashMap;

use erp::{Kind, Stage, System};
use serde_json::Value;

use super::{forms, status};
use crate::answering::Reply;
use crate::books::{Books, Held};
use crate::catalogue::{CUSTOMERS, ORG, PRODUCTS, UNIT, WAREHOUSES};
use crate::numbers::yuan;
use crate::world::World;

/// When everything that it knows of the world was changed last, in China.
const CHANGED: &str = "2026-11-26 08:00:00";

/// A row: what is in each field, and whether it is a number.
type Row = HashMap<&'static str, (String, bool)>;

fn row<const N: usize>(texts: [(&'static str, &str); N]) -> Row {
    texts.into_iter().map(|(name, text)| (name, (text.to_owned(), false))).collect()
}

pub(super) fn query(world: &World, data: &Value) -> Reply {
    let text = |name: &str| data[name].as_str().unwrap_or_default();
    let number = |name: &str| data[name].as_u64().and_then(|it| usize::try_from(it).ok());
    let Some(rows) = rows(&world.books(), text("FormId")) else {
        return faulty("业务对象不存在");
    };
    let Some(conditions) = conditions(text("FilterString")) else {
        return faulty("过滤条件无效");
    };
    let fields: Vec<_> = text("FieldKeys").split(',').map(str::trim).collect();
    let known = |field: &str| rows.first().is_none_or(|row| row.contains_key(field));
    let named = fields.iter().copied().chain(conditions.iter().map(|it| it.field.as_str()));
    for field in named {
        if !known(field) {
            return faulty(&format!("字段 {field} 不存在"));
        }
    }
    let limit = number("Limit").filter(|limit| *limit > 0).unwrap_or(2000);
    let found = rows.iter().filter(|row| conditions.iter().all(|it| it.holds(row)));
    let found = found.skip(number("StartRow").unwrap_or_default()).take(limit);
    let told: Vec<_> = found.map(|row| written(row, &fields)).collect();
    Reply::text(format!("[{}]", told.join(",")))
}

/// A row as it is told; numbers with as many digits as its columns have.
fn written(row: &Row, fields: &[&str]) -> String {
    let cells = fields.iter().map(|field| match row.get(field) {
        Some((number, true)) => number.clone(),
        Some((text, false)) => Value::from(text.as_str()).to_string(),
        None => "null".to_owned(),
    });
    format!("[{}]", cells.collect::<Vec<_>>().join(","))
}

/// What is wrong with a query comes as its only cell.
fn faulty(text: &str) -> Reply {
    let told = Value::from(vec![Value::from(vec![status(9, "", text)])]);
    Reply::refused(&told, text)
}

fn rows(books: &Books, form: &str) -> Option<Vec<Row>> {
    if let Some(kind) = forms::kind(form) {
        return Some(books.all(System::Kingdee, kind).map(document).collect());
    }
    let shared = |code: &str, name: &str, is_usable: bool| {
        let forbidden = if is_usable { "A" } else { "B" };
        row([
            ("FNumber", code),
            ("FName", name),
            ("FForbidStatus", forbidden),
            ("FUseOrgId.FNumber", ORG),
            ("FDocumentStatus", "C"),
            ("FModifyDate", CHANGED),
        ])
    };
    match form {
        "BD_MATERIAL" => {
            let rows = PRODUCTS.iter().map(|(code, name, is_usable)| {
                let mut row = shared(code, name, *is_usable);
                row.insert("FBaseUnitId.FNumber", (UNIT.to_owned(), false));
                row
            });
            Some(rows.collect())
        }
        "BD_Customer" => {
            let rows = CUSTOMERS.iter();
            Some(rows.map(|(code, name, is_usable)| shared(code, name, *is_usable)).collect())
        }
        "STK_Inventory" => {
            let both = WAREHOUSES.iter().flat_map(|warehouse| {
                PRODUCTS.iter().flat_map(move |(product, ..)| lots(books, warehouse, product))
            });
            Some(both.collect())
        }
        _ => None,
    }
}

/// The stock of a product in a warehouse, in two lots.
fn lots(books: &Books, warehouse: &str, product: &str) -> [Row; 2] {
    let all = books.on_hand(warehouse, product);
    let first = all / 3;
    [first, all - first].map(|lot| {
        let mut row = row([
            ("FStockOrgId.FNumber", ORG),
            ("FStockId.FNumber", warehouse),
            ("FMaterialId.FNumber", product),
        ]);
        row.insert("FBaseQty", (format!("{lot}.0000000000"), true));
        row
    })
}

fn document(held: &Held) -> Row {
    let stage = match held.stage {
        Stage::Saved => "A",
        Stage::Submitted => "B",
        Stage::Audited => "C",
        Stage::TakenOver => "D",
    };
    let (customer, amount) = match held.kind {
        Kind::SalesOrder => ("FCustId.FNumber", "FBillAllAmount"),
        Kind::Delivery => ("FCustomerID.FNumber", "FBillAllAmount"),
        Kind::Return => ("FRetcustId.FNumber", "FBillAllAmount"),
        Kind::Receipt => ("FCONTACTUNIT.FNumber", "FRECAMOUNTFOR"),
    };
    let mut row = row([
        ("FBillNo", &held.number),
        (forms::OWN_FIELD, &held.biz_id),
        ("FDocumentStatus", stage),
        (customer, &held.customer),
    ]);
    row.insert("FID", (held.id.to_string(), true));
    row.insert(amount, (format!("{}00000000", yuan(held.total)), true));
    row
}

struct Condition {
    field: String,
    compare: Compare,
}

enum Compare {
    In(Vec<String>),
    FromOn(String),
}

impl Condition {
    fn holds(&self, row: &Row) -> bool {
        let Some((found, _)) = row.get(self.field.as_str()) else { return false };
        match &self.compare {
            Compare::In(values) => values.contains(found),
            Compare::FromOn(value) => found >= value,
        }
    }
}

fn conditions(filter: &str) -> Option<Vec<Condition>> {
    let parts = filter.split(" and ").filter(|part| !part.trim().is_empty());
    parts.map(|part| condition(part.trim())).collect()
}

fn condition(part: &str) -> Option<Condition> {
    let (field, rest) = part.split_once(' ')?;
    let (operator, value) = rest.split_once(' ')?;
    let compare = match operator {
        "=" => Compare::In(vec![unquoted(value)?]),
        ">=" => Compare::FromOn(unquoted(value)?),
        "in" => {
            let inner = value.strip_prefix('(')?.strip_suffix(')')?;
            Compare::In(inner.split(',').map(unquoted).collect::<Option<_>>()?)
        }
        _ => return None,
    };
    Some(Condition { field: field.to_owned(), compare })
}

fn unquoted(value: &str) -> Option<String> {
    let inner = value.trim().strip_prefix('\'')?.strip_suffix('\'')?;
    (!inner.contains('\'')).then(|| inner.to_owned())
}
