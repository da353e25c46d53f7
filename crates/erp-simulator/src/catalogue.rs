//! What a simulator knows of the world: who may call, products, customers, warehouses.

use std::collections::{BTreeMap, HashMap};

use erp::{Contract, Kingdee, KingdeeAuth, Stage, System, Yonyou};
use uuid::Uuid;

/// The organisation.
pub(crate) const ORG: &str = "100";
/// The unit of all products.
pub(crate) const UNIT: &str = "Pcs";
/// Warehouses.
pub(crate) const WAREHOUSES: [&str; 2] = ["WH-01", "WH-02"];
/// Of each product, so many are in each warehouse.
const STOCK: i64 = 1_000_000;
/// Code, name, and whether it may be used.
pub(crate) const PRODUCTS: [(&str, &str, bool); 5] = [
    ("P-001", "原味气泡水 330ml", true),
    ("P-002", "柠檬气泡水 330ml", true),
    ("P-003", "无糖可乐 500ml", true),
    ("P-004", "橙汁 1L", true),
    ("P-009", "停产果茶 500ml", false),
];
/// Code, name, and whether it may be used.
pub(crate) const CUSTOMERS: [(&str, &str, bool); 4] = [
    ("C-001", "杭州远山商贸有限公司", true),
    ("C-002", "成都锦里食品批发部", true),
    ("C-003", "广州海珠便利连锁", true),
    ("C-009", "已停用客户", false),
];
/// Codes of currencies of 金蝶云星空 and YonBIP.
pub(crate) const CURRENCIES: [(&str, &str); 2] = [("PRE001", "CNY"), ("PRE007", "USD")];

/// A product that may be used.
pub(crate) fn is_product(code: &str) -> bool {
    PRODUCTS.iter().any(|(it, _, is_usable)| *it == code && *is_usable)
}

/// A customer that may be used.
pub(crate) fn is_customer(code: &str) -> bool {
    CUSTOMERS.iter().any(|(it, _, is_usable)| *it == code && *is_usable)
}

pub(crate) fn stock() -> HashMap<(String, String), i64> {
    let mut stock = HashMap::new();
    for warehouse in WAREHOUSES {
        for (product, ..) in PRODUCTS {
            stock.insert((warehouse.to_owned(), product.to_owned()), STOCK);
        }
    }
    stock
}

/// Who may call.
pub(crate) struct Accounts {
    pub(crate) acct_id: &'static str,
    pub(crate) user: &'static str,
    pub(crate) app_id: &'static str,
    pub(crate) kingdee_secret: String,
    pub(crate) app_key: &'static str,
    pub(crate) yonyou_secret: String,
}

impl Accounts {
    pub(crate) fn new() -> Self {
        Self {
            acct_id: "6512a3bc4fb2cc",
            user: "channel",
            app_id: "204399_QuDaoConnectorTrialBooks00000001",
            kingdee_secret: Uuid::new_v4().simple().to_string(),
            app_key: "41832a3d2df94989b500da6a22268747",
            yonyou_secret: Uuid::new_v4().simple().to_string(),
        }
    }

    pub(crate) fn contract(&self, system: System, base: &str) -> Contract {
        let of = |at: fn(&(&str, &str)) -> String| {
            CURRENCIES.iter().map(|pair| (pair.1.to_owned(), at(pair))).collect::<BTreeMap<_, _>>()
        };
        match system {
            System::Kingdee => Contract::Kingdee(Kingdee {
                base_url: format!("{base}/k3cloud"),
                acct_id: self.acct_id.to_owned(),
                user: self.user.to_owned(),
                app_id: self.app_id.to_owned(),
                app_secret: self.kingdee_secret.clone().into(),
                auth: KingdeeAuth::Session,
                lcid: 2052,
                org: ORG.to_owned(),
                biz_id_field: "FBillNo".to_owned(),
                until: Stage::Audited,
                currencies: of(|pair| pair.0.to_owned()),
                settlement: "JSFS04_SYS".to_owned(),
                receipt_purpose: None,
            }),
            System::Yonyou => Contract::Yonyou(Yonyou {
                token_url: format!("{base}/iuap-api-auth"),
                gateway_url: format!("{base}/iuap-api-gateway"),
                app_key: self.app_key.to_owned(),
                app_secret: self.yonyou_secret.clone().into(),
                org: ORG.to_owned(),
                until: Stage::Audited,
                currencies: of(|pair| pair.1.to_owned()),
                exchange_rate_type: "01".to_owned(),
                tax_codes: [("13", "VAT13"), ("9", "VAT9"), ("0", "VAT0")]
                    .map(|(percent, code)| (percent.to_owned(), code.to_owned()))
                    .into(),
                order_type: "SO01".to_owned(),
                delivery_type: "A30001".to_owned(),
                return_type: "RT01".to_owned(),
                receipt_type: "arap_receipt_other".to_owned(),
                receipt_purpose: "2".to_owned(),
                settlement: None,
                accounting_basis: "st_salesout".to_owned(),
                accounting_method: "salesoutConfirm".to_owned(),
            }),
        }
    }
}
