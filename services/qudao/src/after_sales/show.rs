//! An after-sale case as it is printed.

use proto::order::v1::{AfterSale, AfterSaleGoods};
use serde::Serialize;

use crate::client::{money, output};

#[derive(Serialize)]
pub(super) struct Shown {
    pub(super) after_sale_id: String,
    pub(super) order_id: String,
    dealer_id: String,
    pub(super) dealer_name: String,
    pub(super) status: String,
    currency: String,
    wish: String,
    pub(super) lines: Vec<Goods>,
    #[serde(skip_serializing_if = "String::is_empty")]
    note: String,
    at_receipt: bool,
    requested_by: String,
    pub(super) requested_at: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    decided_at: String,
    goods_return: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    remark: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    carrier: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    tracking_number: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) settlement: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    settled_at: String,
    amount_minor: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    payout: Option<Payout>,
    #[serde(skip_serializing_if = "String::is_empty")]
    replacement_order_id: String,
    /// From 1 to 5; 0: not rated.
    rated_goods: u32,
    rated_service: u32,
    version: u64,
}

#[derive(Serialize)]
pub(super) struct Goods {
    line_no: u32,
    product_id: String,
    product_name: String,
    quantity: u32,
    cause: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    note: String,
    sellable: u32,
    scrap: u32,
    rejected: u32,
}

#[derive(Serialize)]
struct Payout {
    rebate_minor: i64,
    prepaid_minor: i64,
    debt_minor: i64,
    online_minor: i64,
    elsewhere_minor: i64,
}

/// A value of the contract as people type it: `AFTER_SALE_STATUS_TO_SETTLE` is `to-settle`.
fn word(name: &str, kind: &str) -> String {
    match name.trim_start_matches(kind) {
        "UNSPECIFIED" => String::new(),
        word => word.to_lowercase().replace('_', "-"),
    }
}

impl From<AfterSale> for Shown {
    fn from(it: AfterSale) -> Self {
        let settlement = |told: proto::order::v1::AfterSaleSettlement| {
            word(told.as_str_name(), "AFTER_SALE_SETTLEMENT_")
        };
        Self {
            status: word(it.status().as_str_name(), "AFTER_SALE_STATUS_"),
            wish: settlement(it.wish()),
            settlement: settlement(it.settlement()),
            payout: it.payout.map(|part| Payout {
                rebate_minor: part.rebate_minor,
                prepaid_minor: part.prepaid_minor,
                debt_minor: part.debt_minor,
                online_minor: part.online_minor,
                elsewhere_minor: part.elsewhere_minor,
            }),
            after_sale_id: it.after_sale_id,
            order_id: it.order_id,
            dealer_id: it.dealer_id,
            dealer_name: it.dealer_name,
            currency: it.currency_code,
            lines: it.lines.into_iter().map(Goods::from).collect(),
            note: it.note,
            at_receipt: it.at_receipt,
            requested_by: it.requested_by,
            requested_at: it.requested_at,
            decided_at: it.decided_at,
            goods_return: it.goods_return,
            remark: it.remark,
            carrier: it.carrier,
            tracking_number: it.tracking_number,
            settled_at: it.settled_at,
            amount_minor: it.amount_minor,
            replacement_order_id: it.replacement_order_id,
            rated_goods: it.rated_goods,
            rated_service: it.rated_service,
            version: it.version,
        }
    }
}

impl From<AfterSaleGoods> for Goods {
    fn from(it: AfterSaleGoods) -> Self {
        Self {
            cause: word(it.cause().as_str_name(), "AFTER_SALE_CAUSE_"),
            line_no: it.line_no,
            product_id: it.product_id,
            product_name: it.product_name,
            quantity: it.quantity,
            note: it.note,
            sellable: it.sellable,
            scrap: it.scrap,
            rejected: it.rejected,
        }
    }
}

impl Shown {
    pub(super) fn amount(&self) -> String {
        match self.settlement.as_str() {
            "" => String::new(),
            _ => money::format(self.amount_minor, &self.currency),
        }
    }

    /// All of it, a line each.
    pub(super) fn sheet(&self) -> String {
        let rated = match self.rated_goods {
            0 => String::new(),
            goods => format!("{goods} for the goods, {} for the service", self.rated_service),
        };
        let lines = [
            ("case", self.after_sale_id.clone()),
            ("order", self.order_id.clone()),
            ("dealer", format!("{} ({})", self.dealer_name, self.dealer_id)),
            ("status", self.status.clone()),
            ("wants", self.wish.clone()),
            ("note", self.note.clone()),
            ("asked", format!("{} by {}", self.requested_at, self.requested_by)),
            ("decided", self.decided_at.clone()),
            ("goods come back", if self.goods_return { "yes" } else { "no" }.to_owned()),
            ("carrier", format!("{} {}", self.carrier, self.tracking_number).trim().to_owned()),
            ("settled by", self.settlement.clone()),
            ("amount", self.amount()),
            ("sent again by", self.replacement_order_id.clone()),
            ("remark", self.remark.clone()),
            ("rated", rated),
        ];
        let told = lines.into_iter().filter(|(_, value)| !value.is_empty());
        let told = told.map(|(name, value)| vec![name.to_owned(), value]);
        let goods = self.lines.iter().map(|it| {
            let back = match it.sellable + it.scrap + it.rejected {
                0 => String::new(),
                _ => format!(
                    "; back: {} to sell, {} scrap, {} not taken",
                    it.sellable, it.scrap, it.rejected
                ),
            };
            let said =
                format!("{} {}, {}{back} {}", it.quantity, it.product_name, it.cause, it.note);
            vec![format!("line {}", it.line_no), said.trim().to_owned()]
        });
        output::lines(&output::table(&["what", ""], told.chain(goods)))
    }
}
