//! Who we are to a system: addresses, keys, and the codes that its documents must have.

use std::collections::BTreeMap;

pub use kernel::outbound::Secret;
use kernel::outbound::is_base_address;
use serde::{Deserialize, Serialize};
use values::Currency;

use crate::answer::Stage;
use crate::system::System;

/// A contract of a brand with one system, as it is configured.
///
/// It holds secrets: `Debug` does not show them, but `Serialize` writes them, for whoever keeps a
/// configuration.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "system", rename_all = "snake_case")]
pub enum Contract {
    /// With 金蝶云星空.
    Kingdee(Kingdee),
    /// With 用友 YonBIP.
    Yonyou(Yonyou),
}

/// A contract with 金蝶云星空: an application that its administrator has let in (第三方系统登录授权),
/// and the user that it acts as.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kingdee {
    /// Where it is, like `https://example.ik3cloud.com/k3cloud`.
    pub base_url: String,
    /// 数据中心 (账套): which books.
    pub acct_id: String,
    /// 集成用户.
    pub user: String,
    /// 应用ID.
    pub app_id: String,
    /// 应用密钥.
    pub app_secret: Secret,
    /// How calls show who makes them.
    #[serde(default)]
    pub auth: KingdeeAuth,
    /// The language of its words.
    #[serde(default = "chinese")]
    pub lcid: u32,
    /// 组织: the code of the organisation that sells, delivers and is paid.
    pub org: String,
    /// The field that our number stands in. Another one than the document's own number is a text
    /// field that was made for it, unique, on all four kinds of documents.
    #[serde(default = "bill_no")]
    pub biz_id_field: String,
    /// How far a document is brought.
    #[serde(default = "audited")]
    pub until: Stage,
    /// The codes of currencies.
    #[serde(default = "yuan_of_kingdee")]
    pub currencies: BTreeMap<String, String>,
    /// 结算方式 of receipts.
    #[serde(default = "by_transfer")]
    pub settlement: String,
    /// 收款用途 of receipts, where the books want one.
    #[serde(default)]
    pub receipt_purpose: Option<String>,
}

/// How calls to 金蝶云星空 show who makes them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KingdeeAuth {
    /// By a session that the secret opens (`LoginByAppSecret`).
    #[default]
    Session,
    /// Each by its own signature in headers, as Kingdee's own libraries do. The application's id
    /// must be of two parts, joined by `_`.
    Signed,
}

/// A contract with 用友 YonBIP: an application of the brand's own (企业自建应用).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Yonyou {
    /// Where tokens are, like `https://c2.yonyoucloud.com/iuap-api-auth`. This and the next address
    /// are those of the tenant's data centre, which its administrator sees.
    pub token_url: String,
    /// Where everything else is, like `https://c2.yonyoucloud.com/iuap-api-gateway`.
    pub gateway_url: String,
    /// appKey.
    pub app_key: String,
    /// appSecret.
    pub app_secret: Secret,
    /// 组织: the code of the organisation that sells, delivers, invoices and is paid.
    pub org: String,
    /// How far a document is brought.
    #[serde(default = "audited")]
    pub until: Stage,
    /// The codes of currencies.
    #[serde(default = "yuan")]
    pub currencies: BTreeMap<String, String>,
    /// 汇率类型.
    #[serde(default = "base_rate")]
    pub exchange_rate_type: String,
    /// 税目: the code of each rate of tax, by its percent.
    pub tax_codes: BTreeMap<String, String>,
    /// 交易类型 of sales orders.
    pub order_type: String,
    /// 交易类型 of deliveries.
    pub delivery_type: String,
    /// 交易类型 of returns.
    pub return_type: String,
    /// 交易类型 of receipts.
    #[serde(default = "other_receipts")]
    pub receipt_type: String,
    /// 款项类型 of receipts.
    pub receipt_purpose: String,
    /// 结算方式 of receipts, where the books want one.
    #[serde(default)]
    pub settlement: Option<String>,
    /// 立账开票依据 of deliveries.
    #[serde(default = "by_delivery")]
    pub accounting_basis: String,
    /// 出库立账方式 of deliveries.
    #[serde(default = "at_delivery")]
    pub accounting_method: String,
}

/// What in a contract can not be used. It says which field, and nothing of what is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContractError {
    /// It is empty, or has signs that do not belong in it.
    #[error("{0} is empty or has signs that do not belong in it")]
    Text(&'static str),
    /// It is no address of the web.
    #[error("{0} is no address like https://example.com")]
    Address(&'static str),
    /// It can not be signed with.
    #[error("app_id must be two parts joined by _, the second of them 32 signs of Base64")]
    AppId,
    /// It names no currency.
    #[error("currencies has a name that is no ISO 4217 code")]
    Currency,
    /// It names no rate of tax.
    #[error("tax_codes has a name that is no percent from 0 to 100")]
    Tax,
    /// Nobody is let to bring documents there.
    #[error("until must be saved, submitted or audited")]
    Until,
}

impl Contract {
    /// With which system.
    pub fn system(&self) -> System {
        match self {
            Self::Kingdee(_) => System::Kingdee,
            Self::Yonyou(_) => System::Yonyou,
        }
    }

    /// What tells these books from others: `base_url` and `acct_id`, or `gateway_url` and
    /// `app_key`.
    pub fn books(&self) -> (&str, &str) {
        match self {
            Self::Kingdee(it) => (&it.base_url, &it.acct_id),
            Self::Yonyou(it) => (&it.gateway_url, &it.app_key),
        }
    }
}

impl Kingdee {
    pub(crate) fn check(&self) -> Result<(), ContractError> {
        check_address("base_url", &self.base_url)?;
        check_texts(&[
            ("acct_id", &self.acct_id),
            ("user", &self.user),
            ("app_id", &self.app_id),
            ("app_secret", self.app_secret.reveal()),
            ("org", &self.org),
            ("settlement", &self.settlement),
        ])?;
        // It becomes a part of filters.
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if !self.biz_id_field.starts_with('F') || !self.biz_id_field.bytes().all(is_plain) {
            return Err(ContractError::Text("biz_id_field"));
        }
        check_until(self.until)?;
        check_currencies(&self.currencies)
    }
}

impl Yonyou {
    pub(crate) fn check(&self) -> Result<(), ContractError> {
        check_address("token_url", &self.token_url)?;
        check_address("gateway_url", &self.gateway_url)?;
        check_texts(&[
            ("app_key", &self.app_key),
            ("app_secret", self.app_secret.reveal()),
            ("org", &self.org),
            ("exchange_rate_type", &self.exchange_rate_type),
            ("order_type", &self.order_type),
            ("delivery_type", &self.delivery_type),
            ("return_type", &self.return_type),
            ("receipt_type", &self.receipt_type),
            ("receipt_purpose", &self.receipt_purpose),
        ])?;
        for (percent, code) in &self.tax_codes {
            if percent.parse::<u8>().is_ok_and(|percent| percent <= 100) {
                check_texts(&[("tax_codes", code)])?;
            } else {
                return Err(ContractError::Tax);
            }
        }
        check_until(self.until)?;
        check_currencies(&self.currencies)
    }
}

fn check_texts(texts: &[(&'static str, &str)]) -> Result<(), ContractError> {
    let bad = texts.iter().find(|(_, text)| {
        text.trim().is_empty() || text.chars().any(|sign| sign.is_control() || sign == '\'')
    });
    bad.map_or(Ok(()), |(name, _)| Err(ContractError::Text(name)))
}

fn check_currencies(currencies: &BTreeMap<String, String>) -> Result<(), ContractError> {
    for (currency, code) in currencies {
        currency.parse::<Currency>().map_err(|_| ContractError::Currency)?;
        check_texts(&[("currencies", code)])?;
    }
    Ok(())
}

fn check_until(until: Stage) -> Result<(), ContractError> {
    if until == Stage::TakenOver { Err(ContractError::Until) } else { Ok(()) }
}

fn check_address(name: &'static str, address: &str) -> Result<(), ContractError> {
    if is_base_address(address) { Ok(()) } else { Err(ContractError::Address(name)) }
}

fn chinese() -> u32 {
    2052
}

fn bill_no() -> String {
    "FBillNo".to_owned()
}

fn audited() -> Stage {
    Stage::Audited
}

fn yuan_of_kingdee() -> BTreeMap<String, String> {
    BTreeMap::from([("CNY".to_owned(), "PRE001".to_owned())])
}

fn yuan() -> BTreeMap<String, String> {
    BTreeMap::from([("CNY".to_owned(), "CNY".to_owned())])
}

/// 电汇, as Kingdee delivers it.
fn by_transfer() -> String {
    "JSFS04_SYS".to_owned()
}

/// 基准汇率.
fn base_rate() -> String {
    "01".to_owned()
}

/// 其他收款, as Yonyou delivers it.
fn other_receipts() -> String {
    "arap_receipt_other".to_owned()
}

fn by_delivery() -> String {
    "st_salesout".to_owned()
}

fn at_delivery() -> String {
    "salesoutConfirm".to_owned()
}
