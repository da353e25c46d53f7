//! Documents as 金蝶云星空 wants them: forms, and the fields of each.
//!
//! Names of fields and codes that end in `_SYS` are as Kingdee delivers them, read from its help
//! and from clients. They write numbers as numbers or as texts; here they are texts, so that none
//! passes through floating point. Documents are not joined to each other (关联): that needs the keys
//! of lines there. Whether installations want more fields than these is theirs.

use serde_json::{Map, Value, json};

use crate::contract::Kingdee;
use crate::decimal;
use crate::document::{Body, Document, Flaw, Kind, Line};

/// Digits of a price after the point: as many as its column has.
const PRICE: u32 = 10;

/// A form, and where in it is what a document is known by.
pub(super) struct Form {
    pub(super) id: &'static str,
    pub(super) customer: &'static str,
    pub(super) amount: &'static str,
}

pub(super) fn form(kind: Kind) -> Form {
    let (id, customer, amount) = match kind {
        Kind::SalesOrder => ("SAL_SaleOrder", "FCustId.FNumber", "FBillAllAmount"),
        Kind::Delivery => ("SAL_OUTSTOCK", "FCustomerID.FNumber", "FBillAllAmount"),
        Kind::Return => ("SAL_RETURNSTOCK", "FRetcustId.FNumber", "FBillAllAmount"),
        Kind::Receipt => ("AR_RECEIVEBILL", "FCONTACTUNIT.FNumber", "FRECAMOUNTFOR"),
    };
    Form { id, customer, amount }
}

/// The `Model` of a document.
pub(super) fn model(document: &Document, contract: &Kingdee) -> Result<Value, Flaw> {
    let currency = contract.currencies.get(document.currency.as_str()).ok_or(Flaw::Currency)?;
    let write = Writer { document, contract, currency };
    let mut model = match &document.body {
        Body::SalesOrder { lines } => write.order(lines),
        Body::Delivery { order, warehouse, lines } => {
            write.delivery(order.as_deref(), warehouse, lines)
        }
        Body::Return { order, warehouse, lines } => {
            write.returned(order.as_deref(), warehouse, lines)
        }
        Body::Receipt { account, reference, .. } => write.receipt(account.as_deref(), reference),
    };
    model.insert(contract.biz_id_field.clone(), document.biz_id.as_str().into());
    Ok(model.into())
}

/// What stands for something in the books: its code.
fn code(code: &str) -> Value {
    json!({ "FNumber": code })
}

/// Kinds of documents alone are named in capitals.
fn bill_type(code: &str) -> Value {
    json!({ "FNUMBER": code })
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Map::new()
        }
    }
}

struct Writer<'a> {
    document: &'a Document,
    contract: &'a Kingdee,
    currency: &'a str,
}

impl Writer<'_> {
    fn day(&self) -> String {
        self.document.day.to_string()
    }

    /// What a line costs, in the fields that all documents with goods have.
    fn priced(&self, line: &Line) -> Map<String, Value> {
        let currency = &self.document.currency;
        let price = decimal::each(line.amount, line.quantity.get(), currency, PRICE);
        object(json!({
            "FTaxPrice": price,
            "FEntryTaxRate": line.tax_percent.to_string(),
            "FIsFree": line.amount.0 == 0,
        }))
    }

    fn order(&self, lines: &[Line]) -> Map<String, Value> {
        let org = &self.contract.org;
        let entry = |line: &Line| {
            let mut entry = object(json!({
                "FRowType": "Standard",
                "FMaterialId": code(&line.product),
                "FUnitID": code(&line.unit),
                "FPriceUnitId": code(&line.unit),
                "FQty": line.quantity.get().to_string(),
                "FDeliveryDate": self.day(),
                "FSettleOrgIds": code(org),
            }));
            entry.extend(self.priced(line));
            Value::from(entry)
        };
        object(json!({
            "FBillTypeID": bill_type("XSDD01_SYS"),
            "FDate": self.day(),
            "FSaleOrgId": code(org),
            "FCustId": code(&self.document.customer),
            "FNote": self.document.short_note(),
            "FSaleOrderFinance": {
                "FSettleCurrId": code(self.currency),
                "FExchangeTypeId": code("HLTX01_SYS"),
                "FIsIncludedTax": true,
                "FIsPriceExcludeTax": true,
            },
            "FSaleOrderEntry": lines.iter().map(entry).collect::<Vec<_>>(),
        }))
    }

    /// The finances of a delivery. Those of a return have the same fields, written with a small
    /// letter at the end.
    fn finance(&self) -> Value {
        json!({
            "FSettleCurrID": code(self.currency),
            "FSettleOrgID": code(&self.contract.org),
            "FLocalCurrID": code(self.currency),
            "FExchangeTypeID": code("HLTX01_SYS"),
            "FExchangeRate": "1",
            "FIsIncludedTax": true,
            "FIsPriceExcludeTax": true,
        })
    }

    fn delivery(&self, order: Option<&str>, warehouse: &str, lines: &[Line]) -> Map<String, Value> {
        let org = &self.contract.org;
        let entry = |line: &Line| {
            let mut entry = object(json!({
                "FRowType": "Standard",
                "FMaterialID": code(&line.product),
                "FUnitID": code(&line.unit),
                "FRealQty": line.quantity.get().to_string(),
                "FStockID": code(warehouse),
                "FOwnerTypeID": "BD_OwnerOrg",
                "FOwnerID": code(org),
            }));
            if let Some(order) = order {
                entry.insert("FSoorDerno".to_owned(), order.into());
            }
            entry.extend(self.priced(line));
            Value::from(entry)
        };
        object(json!({
            "FBillTypeID": bill_type("XSCKD01_SYS"),
            "FDate": self.day(),
            "FSaleOrgId": code(org),
            "FStockOrgId": code(org),
            "FCustomerID": code(&self.document.customer),
            "FNote": self.document.short_note(),
            "SubHeadEntity": self.finance(),
            "FEntity": lines.iter().map(entry).collect::<Vec<_>>(),
        }))
    }

    fn returned(&self, order: Option<&str>, warehouse: &str, lines: &[Line]) -> Map<String, Value> {
        let org = &self.contract.org;
        let entry = |line: &Line| {
            let mut entry = object(json!({
                "FRowType": "Standard",
                "FMaterialId": code(&line.product),
                "FUnitID": code(&line.unit),
                "FRealQty": line.quantity.get().to_string(),
                "FStockId": code(warehouse),
                "FOwnerTypeId": "BD_OwnerOrg",
                "FOwnerId": code(org),
                // 退货, and not an exchange.
                "FReturnType": code("THLX01_SYS"),
                "FDeliveryDate": self.day(),
            }));
            if let Some(order) = order {
                entry.insert("FOrderNo".to_owned(), order.into());
            }
            entry.extend(self.priced(line));
            Value::from(entry)
        };
        object(json!({
            "FBillTypeID": bill_type("XSTHD01_SYS"),
            "FDate": self.day(),
            "FSaleOrgId": code(org),
            "FStockOrgId": code(org),
            "FRetcustId": code(&self.document.customer),
            "FHeadNote": self.document.short_note(),
            "SubHeadEntity": {
                "FSettleCurrId": code(self.currency),
                "FSettleOrgId": code(org),
                "FLocalCurrId": code(self.currency),
                "FExchangeTypeId": code("HLTX01_SYS"),
                "FExchangeRate": "1",
            },
            "FEntity": lines.iter().map(entry).collect::<Vec<_>>(),
        }))
    }

    fn receipt(&self, account: Option<&str>, reference: &str) -> Map<String, Value> {
        let org = &self.contract.org;
        let amount = decimal::written(self.document.total(), &self.document.currency);
        let reference: String = reference.chars().take(80).collect();
        let mut entry = object(json!({
            "FSETTLETYPEID": code(&self.contract.settlement),
            "FRECTOTALAMOUNTFOR": amount,
            "FRECAMOUNTFOR_E": amount,
            "FCOMMENT": self.document.short_note(),
        }));
        if let Some(purpose) = &self.contract.receipt_purpose {
            entry.insert("FPURPOSEID".to_owned(), code(purpose));
        }
        if let Some(account) = account {
            entry.insert("FACCOUNTID".to_owned(), code(account));
        }
        object(json!({
            "FBillTypeID": bill_type("SKDLX01_SYS"),
            "FDATE": self.day(),
            "FSETTLEORGID": code(org),
            "FPAYORGID": code(org),
            "FCURRENCYID": code(self.currency),
            "FCONTACTUNITTYPE": "BD_Customer",
            "FCONTACTUNIT": code(&self.document.customer),
            "FPAYUNITTYPE": "BD_Customer",
            "FPAYUNIT": code(&self.document.customer),
            "FTHIRDBILLNO": reference,
            "FREMARK": self.document.short_note(),
            "FRECEIVEBILLENTRY": [entry],
        }))
    }
}
