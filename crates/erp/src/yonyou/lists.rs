//! Lists of YonBIP: documents by their number, products, customers and stock.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;

use super::Yonyou;
use crate::answer::{ErpError, Found, Stage};
use crate::china;
use crate::decimal;
use crate::document::Kind;
use crate::master::{Customer, Page, Product, StockLevel};
use crate::said::{self, Raw};

const PRODUCTS: &str = "/yonbip/digitalModel/product/listproductbycondition";
const CUSTOMERS: &str = "/yonbip/digitalModel/merchant/newlist";
const STOCK: &str = "/yonbip/scm/stock/QueryCurrentStocksByCondition";
/// Rows of a page: an answer is read whole, and a customer has a hundred fields.
const ROWS: usize = 100;

/// A part of a list.
#[derive(Deserialize)]
pub(super) struct Records<T> {
    #[serde(rename = "recordList")]
    rows: Option<Vec<T>>,
}

impl<T> Records<T> {
    /// What is in it; a list of nothing may have none.
    pub(super) fn rows(self) -> Vec<T> {
        self.rows.unwrap_or_default()
    }
}

/// A document in a list. Which of the fields there are depends on its kind; customers are told by
/// the system's own keys only, which say nothing here.
#[derive(Deserialize)]
pub(super) struct DocumentRow {
    id: Option<Raw>,
    code: Option<Raw>,
    status: Option<Raw>,
    #[serde(rename = "nextStatus")]
    next_status: Option<Raw>,
    #[serde(rename = "saleReturnStatus")]
    return_status: Option<Raw>,
    #[serde(rename = "payMoney")]
    to_pay: Option<Raw>,
    #[serde(rename = "oriSum")]
    sum: Option<Raw>,
}

impl DocumentRow {
    pub(super) fn is(&self, number: &str) -> bool {
        said::some_text(self.code.as_ref()).as_deref() == Some(number)
    }

    pub(super) fn id(&self) -> Option<String> {
        said::some_text(self.id.as_ref())
    }

    pub(super) fn found(&self, kind: Kind) -> Result<Found, ErpError> {
        let number =
            said::some_text(self.code.as_ref()).ok_or_else(|| ErpError::without("code"))?;
        // The sum of a delivery is that of one of its lines.
        let amount = match kind {
            Kind::SalesOrder | Kind::Return => said::some_text(self.to_pay.as_ref()),
            Kind::Receipt => said::some_text(self.sum.as_ref()),
            Kind::Delivery => None,
        };
        Ok(Found {
            id: self.id().ok_or_else(|| ErpError::without("id"))?,
            number,
            stage: self.stage()?,
            customer: None,
            amount,
        })
    }

    /// Orders and returns say what comes next, in words; the others how far they are, in a number.
    fn stage(&self) -> Result<Stage, ErpError> {
        let word = [&self.return_status, &self.next_status];
        let word = word.into_iter().find_map(|raw| said::some_text(raw.as_ref()));
        if let Some(word) = word {
            return Ok(match word.as_str() {
                "CONFIRMORDER" | "SUBMITSALERETURN" => Stage::Saved,
                "APPROVING" => Stage::Submitted,
                word if word.starts_with("OPPOSE") => Stage::TakenOver,
                // To be delivered, being delivered, done and so on.
                _ => Stage::Audited,
            });
        }
        let number = said::some_text(self.status.as_ref());
        match number.as_deref() {
            Some("0") => Ok(Stage::Saved),
            Some("1") => Ok(Stage::Audited),
            Some("2") => Ok(Stage::TakenOver),
            Some("3") => Ok(Stage::Submitted),
            Some(other) => Err(ErpError::unreadable(format!("the status {other}"))),
            None => Err(ErpError::without("status")),
        }
    }
}

#[derive(Deserialize)]
struct ProductRow {
    code: Option<Raw>,
    name: Option<Name>,
    #[serde(rename = "unitCode")]
    unit: Option<Raw>,
}

#[derive(Deserialize)]
struct CustomerRow {
    code: Option<Raw>,
    name: Option<Name>,
    #[serde(rename = "stopStatus")]
    is_stopped: Option<Raw>,
}

/// A name: a text, or one for each language, of which there are two ways to write.
#[derive(Deserialize)]
#[serde(untagged)]
enum Name {
    Text(String),
    Languages {
        #[serde(rename = "simplifiedName")]
        simplified: Option<String>,
        #[serde(rename = "zh_CN")]
        chinese: Option<String>,
    },
}

#[derive(Deserialize)]
struct StockRow {
    product_code: Option<Raw>,
    currentqty: Option<Raw>,
    availableqty: Option<Raw>,
}

impl Name {
    fn text(self) -> Option<String> {
        let text = match self {
            Self::Text(text) => Some(text),
            Self::Languages { simplified, chinese } => simplified.or(chinese),
        };
        text.filter(|text| !text.is_empty())
    }
}

impl Yonyou {
    pub(crate) async fn products(
        &self,
        page: u32,
        since: Option<DateTime<Utc>>,
    ) -> Result<Page<Product>, ErpError> {
        let mut body = json!({ "pageIndex": page.max(1), "pageSize": ROWS });
        if let Some(since) = since {
            body["beganTime"] = china::plain(since).into();
        }
        let data = self.ask(PRODUCTS, &body).await?;
        let list: Records<ProductRow> = said::read_raw(&data)?;
        let rows = list.rows();
        let is_last = rows.len() < ROWS;
        let read = rows.into_iter().map(|row| {
            Some(Product {
                code: said::some_text(row.code.as_ref())?,
                name: row.name?.text()?,
                unit: said::some_text(row.unit.as_ref())?,
                is_usable: true,
            })
        });
        let rows = read.collect::<Option<_>>().ok_or_else(|| ErpError::without("recordList"))?;
        Ok(Page { rows, is_last })
    }

    pub(crate) async fn customers(
        &self,
        page: u32,
        since: Option<DateTime<Utc>>,
    ) -> Result<Page<Customer>, ErpError> {
        let mut body = json!({ "pageIndex": page.max(1), "pageSize": ROWS });
        if let Some(since) = since {
            body["pubts"] = china::plain(since).into();
        }
        let data = self.ask(CUSTOMERS, &body).await?;
        // It is the rows themselves; none may be a null.
        let rows: Option<Vec<CustomerRow>> = said::read_raw(&data)?;
        let rows = rows.unwrap_or_default();
        let is_last = rows.len() < ROWS;
        let read = rows.into_iter().map(|row| {
            let is_stopped = said::some_text(row.is_stopped.as_ref());
            Some(Customer {
                code: said::some_text(row.code.as_ref())?,
                name: row.name?.text()?,
                is_usable: is_stopped.as_deref() != Some("true"),
            })
        });
        let rows = read.collect::<Option<_>>().ok_or_else(|| ErpError::without("data"))?;
        Ok(Page { rows, is_last })
    }

    /// 现存量, a row for each lot and state. The filter for products is written as its document has
    /// it, `productn.code`; were it not one, more would come, and be left out.
    pub(crate) async fn stock(
        &self,
        warehouse: &str,
        products: &[String],
    ) -> Result<Vec<StockLevel>, ErpError> {
        let body = json!({ "warehouse.code": warehouse, "productn.code": products });
        let data = self.ask(STOCK, &body).await?;
        let rows: Option<Vec<StockRow>> = said::read_raw(&data)?;
        let read = rows.unwrap_or_default().into_iter().map(|row| {
            let units = |raw: Option<&Raw>| said::some_text(raw).and_then(|it| decimal::units(&it));
            Some(StockLevel {
                product: said::some_text(row.product_code.as_ref())?,
                on_hand: units(row.currentqty.as_ref())?,
                available: units(row.availableqty.as_ref()),
            })
        });
        read.collect::<Option<_>>().ok_or_else(|| ErpError::without("currentqty"))
    }
}
