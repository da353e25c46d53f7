//! Queries of 金蝶云星空 (`ExecuteBillQuery`): rows of the fields that were asked for.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{Kingdee, wire};
use crate::answer::ErpError;
use crate::china;
use crate::decimal;
use crate::master::{Customer, Page, Product, StockLevel};
use crate::said::{self, Raw};

/// Rows of a page: an answer is read whole, and must not be too long for it.
const ROWS: usize = 500;
/// Most pages of one query for stock: lots of a hundred products.
const PAGES: usize = 100;

/// What is asked.
pub(super) struct Query<'a> {
    pub(super) form: &'a str,
    pub(super) fields: &'a [&'a str],
    pub(super) filter: String,
    pub(super) order: &'a str,
    pub(super) start: usize,
    pub(super) limit: usize,
}

impl Kingdee {
    pub(super) async fn query(&self, query: &Query<'_>) -> Result<Vec<Vec<Raw>>, ErpError> {
        let data = json!({
            "FormId": query.form,
            "FieldKeys": query.fields.join(","),
            "FilterString": query.filter,
            "OrderString": query.order,
            "TopRowCount": 0,
            "StartRow": query.start,
            "Limit": query.limit,
        });
        let answer = self.call("ExecuteBillQuery", &json!({ "data": data.to_string() })).await?;
        wire::rows(&answer)
    }

    async fn page<T>(
        &self,
        form: &str,
        fields: &[&str],
        page: u32,
        since: Option<DateTime<Utc>>,
        read: fn(&[Raw]) -> Option<T>,
    ) -> Result<Page<T>, ErpError> {
        let mut filter =
            format!("FUseOrgId.FNumber = '{}' and FDocumentStatus = 'C'", self.contract.org);
        if let Some(since) = since {
            filter.push_str(&format!(" and FModifyDate >= '{}'", china::plain(since)));
        }
        let start = (page.max(1) as usize - 1) * ROWS;
        let order = "FNumber ASC";
        let query = Query { form, fields, filter, order, start, limit: ROWS };
        let rows = self.query(&query).await?;
        let is_last = rows.len() < ROWS;
        let read: Option<Vec<_>> = rows.iter().map(|row| read(row)).collect();
        let rows = read.ok_or_else(|| ErpError::without(form))?;
        Ok(Page { rows, is_last })
    }

    pub(crate) async fn products(
        &self,
        page: u32,
        since: Option<DateTime<Utc>>,
    ) -> Result<Page<Product>, ErpError> {
        let fields = ["FNumber", "FName", "FBaseUnitId.FNumber", "FForbidStatus"];
        let read = |row: &[Raw]| {
            Some(Product {
                code: said::some_text(row.first())?,
                name: said::some_text(row.get(1))?,
                unit: said::some_text(row.get(2))?,
                is_usable: is_usable(row.get(3)),
            })
        };
        self.page("BD_MATERIAL", &fields, page, since, read).await
    }

    pub(crate) async fn customers(
        &self,
        page: u32,
        since: Option<DateTime<Utc>>,
    ) -> Result<Page<Customer>, ErpError> {
        let fields = ["FNumber", "FName", "FForbidStatus"];
        let read = |row: &[Raw]| {
            Some(Customer {
                code: said::some_text(row.first())?,
                name: said::some_text(row.get(1))?,
                is_usable: is_usable(row.get(2)),
            })
        };
        self.page("BD_Customer", &fields, page, since, read).await
    }

    /// 即时库存, a row for each lot. What is promised of it is in no field that clients agree on.
    pub(crate) async fn stock(
        &self,
        warehouse: &str,
        products: &[String],
    ) -> Result<Vec<StockLevel>, ErpError> {
        let named: Vec<_> = products.iter().map(|code| format!("'{code}'")).collect();
        let filter = format!(
            "FStockOrgId.FNumber = '{}' and FStockId.FNumber = '{warehouse}' and \
             FMaterialId.FNumber in ({})",
            self.contract.org,
            named.join(",")
        );
        let fields = ["FMaterialId.FNumber", "FBaseQty"];
        let mut levels = Vec::new();
        for page in 0..PAGES {
            let (order, filter) = ("FMaterialId.FNumber ASC,FID ASC", filter.clone());
            let start = page * ROWS;
            let query =
                Query { form: "STK_Inventory", fields: &fields, filter, order, start, limit: ROWS };
            let rows = self.query(&query).await?;
            let is_last = rows.len() < ROWS;
            for row in rows {
                let on_hand = said::some_text(row.get(1)).and_then(|it| decimal::units(&it));
                levels.push(StockLevel {
                    product: said::some_text(row.first())
                        .ok_or_else(|| ErpError::without("FMaterialId.FNumber"))?,
                    on_hand: on_hand.ok_or_else(|| ErpError::without("FBaseQty"))?,
                    available: None,
                });
            }
            if is_last {
                return Ok(levels);
            }
        }
        Err(ErpError::unreadable("the stock of a hundred products has no end"))
    }
}

/// 禁用状态: A is not forbidden.
fn is_usable(cell: Option<&Raw>) -> bool {
    said::some_text(cell).is_none_or(|status| status == "A")
}
