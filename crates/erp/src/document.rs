//! What is handed over: orders, deliveries, returns and receipts of money.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use values::{BusinessDate, Currency, Explain, Minor, Quantity};

/// Longest number: that of the shortest field for it in either system.
const LONGEST: usize = 30;
/// Longest code of anything in the books.
const CODE: usize = 80;
/// Longest note.
const NOTE: usize = 200;
/// Most lines of a document.
const LINES: usize = 500;
/// Most units of a line: with more, a price of ten digits after the point would not give the line's
/// amount back.
const UNITS: i64 = 10_000_000;
/// Largest amount of a line or a receipt, in minor units.
const LARGEST: i64 = 1_000_000_000_000;

/// Our number of a document: 1 to 30 of `0-9A-Za-z_-`. The same number is the same document.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BizId(String);

impl BizId {
    /// The number of the document that follows an event, by the event's position in the log. All
    /// have the same length as long as there is not a million million of events, so none is a part
    /// of another: some lists find what contains a number.
    pub fn at(kind: Kind, position: u64) -> Self {
        Self(format!("QD-{}-{position:012}", kind.letters()))
    }

    /// The number as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BizId {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

impl FromStr for BizId {
    type Err = Flaw;

    fn from_str(text: &str) -> Result<Self, Flaw> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        // It becomes a part of a filter, so nothing else may be in it.
        if (1..=LONGEST).contains(&text.len()) && text.bytes().all(is_plain) {
            return Ok(Self(text.to_owned()));
        }
        Err(Flaw::BizId)
    }
}

impl TryFrom<String> for BizId {
    type Error = Flaw;

    fn try_from(text: String) -> Result<Self, Flaw> {
        text.parse()
    }
}

impl From<BizId> for String {
    fn from(id: BizId) -> Self {
        id.0
    }
}

/// A document for the books. All codes in it are those of the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Our number of it.
    pub biz_id: BizId,
    /// The day it counts on.
    pub day: BusinessDate,
    /// The customer's code: the dealer, seen from there.
    pub customer: String,
    /// All amounts are in this currency.
    pub currency: Currency,
    /// What people there should read; cut to 200 signs.
    pub note: String,
    /// What it is.
    pub body: Body,
}

/// What a document is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Goods that a dealer ordered (销售订单).
    SalesOrder {
        /// What was ordered, gifts as well.
        lines: Vec<Line>,
    },
    /// Goods that left a warehouse (销售出库单).
    Delivery {
        /// The number of the order there, for people: the documents are not joined to each other.
        order: Option<String>,
        /// The code of the warehouse.
        warehouse: String,
        /// What left.
        lines: Vec<Line>,
    },
    /// Goods that came back (销售退货单), with what is credited for them. It is the credit note (贷项) of both
    /// systems, which make what is owed from it; a credit without goods has no document here.
    Return {
        /// The number of the order there, for people.
        order: Option<String>,
        /// The code of the warehouse.
        warehouse: String,
        /// What came back, with what is credited for it, not below zero; nothing where goods are sent
        /// again instead.
        lines: Vec<Line>,
    },
    /// Money that a dealer paid (收款单).
    Receipt {
        /// How much.
        amount: Minor,
        /// The code of the brand's own account that it came to.
        account: Option<String>,
        /// What the bank or the provider calls the transfer.
        reference: String,
    },
}

/// Goods of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The product's code.
    pub product: String,
    /// The code of its base unit.
    pub unit: String,
    /// How many base units.
    pub quantity: Quantity,
    /// What all of them cost, tax included, after all discounts; zero for a gift.
    pub amount: Minor,
    /// The rate of tax in it, in percent.
    pub tax_percent: u8,
}

/// Which kind of document.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::AsRefStr,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    /// See [`Body::SalesOrder`].
    SalesOrder,
    /// See [`Body::Delivery`].
    Delivery,
    /// See [`Body::Return`].
    Return,
    /// See [`Body::Receipt`].
    Receipt,
}

impl Kind {
    /// Its name for people who read Chinese.
    pub fn zh(self) -> &'static str {
        match self {
            Self::SalesOrder => "销售订单",
            Self::Delivery => "销售出库单",
            Self::Return => "销售退货单",
            Self::Receipt => "收款单",
        }
    }

    /// Its name for people who read English.
    pub fn en(self) -> &'static str {
        match self {
            Self::SalesOrder => "Sales order",
            Self::Delivery => "Delivery",
            Self::Return => "Return",
            Self::Receipt => "Receipt",
        }
    }

    fn letters(self) -> &'static str {
        match self {
            Self::SalesOrder => "SO",
            Self::Delivery => "DN",
            Self::Return => "RT",
            Self::Receipt => "RC",
        }
    }
}

/// What in a document no system would take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Flaw {
    /// Its number is none.
    #[error("the number of a document must be 1 to 30 of 0-9A-Za-z_-")]
    BizId,
    /// A code is none.
    #[error("a code of the books must be 1 to 80 signs without quotes and line breaks")]
    Code,
    /// It has no lines, or too many.
    #[error("a document must have 1 to 500 lines")]
    Lines,
    /// A quantity is none, or too large.
    #[error("a quantity must be 1 to 10,000,000 base units")]
    Quantity,
    /// An amount is below zero, or too large; for a receipt, also zero.
    #[error("an amount must be above zero, and at most 10,000,000,000.00; a gift's is zero")]
    Amount,
    /// A rate of tax is none.
    #[error("a rate of tax must be a whole percent, and at most 100")]
    Tax,
    /// It is in a currency that the contract has no code for.
    #[error("the contract must have the code of the document's currency")]
    Currency,
    /// The contract has no code for a rate of tax.
    #[error("the contract must have the code of each rate of tax in the document")]
    TaxCode,
}

impl Explain for Flaw {
    fn zh(&self) -> String {
        let text = match self {
            Self::BizId => "单据编号须为 1 到 30 位的字母、数字、下划线或连字符",
            Self::Code => "账套编码须为 1 到 80 个字符，且不含引号和换行",
            Self::Lines => "单据须有 1 到 500 行明细",
            Self::Quantity => "数量须为 1 到 10,000,000 个基本单位",
            Self::Amount => "金额须大于零且不超过 10,000,000,000.00；赠品金额为零",
            Self::Tax => "税率须为整数百分比且不超过 100%",
            Self::Currency => "对接配置须包含该单据币种的编码",
            Self::TaxCode => "对接配置须包含单据中每种税率的编码",
        };
        text.to_owned()
    }
}

impl Document {
    /// Which kind it is.
    pub fn kind(&self) -> Kind {
        match self.body {
            Body::SalesOrder { .. } => Kind::SalesOrder,
            Body::Delivery { .. } => Kind::Delivery,
            Body::Return { .. } => Kind::Return,
            Body::Receipt { .. } => Kind::Receipt,
        }
    }

    /// Its lines; a receipt has none.
    pub fn lines(&self) -> &[Line] {
        match &self.body {
            Body::SalesOrder { lines }
            | Body::Delivery { lines, .. }
            | Body::Return { lines, .. } => lines,
            Body::Receipt { .. } => &[],
        }
    }

    /// What it is about in all, tax included.
    pub fn total(&self) -> Minor {
        match &self.body {
            Body::Receipt { amount, .. } => *amount,
            Body::SalesOrder { .. } | Body::Delivery { .. } | Body::Return { .. } => {
                self.lines().iter().map(|line| line.amount).sum()
            }
        }
    }

    /// Looks at what no system would take.
    ///
    /// # Errors
    /// See [`Flaw`].
    pub fn check(&self) -> Result<(), Flaw> {
        check_code(&self.customer)?;
        match &self.body {
            Body::SalesOrder { lines } => check_lines(lines),
            Body::Delivery { order, warehouse, lines }
            | Body::Return { order, warehouse, lines } => {
                check_code(warehouse)?;
                order.as_deref().map_or(Ok(()), check_code)?;
                check_lines(lines)
            }
            Body::Receipt { amount, account, .. } => {
                account.as_deref().map_or(Ok(()), check_code)?;
                if (1..=LARGEST).contains(&amount.0) { Ok(()) } else { Err(Flaw::Amount) }
            }
        }
    }

    /// The note as far as it may go.
    pub(crate) fn short_note(&self) -> String {
        self.note.chars().take(NOTE).collect()
    }
}

fn check_lines(lines: &[Line]) -> Result<(), Flaw> {
    if !(1..=LINES).contains(&lines.len()) {
        return Err(Flaw::Lines);
    }
    for line in lines {
        check_code(&line.product)?;
        check_code(&line.unit)?;
        if !(1..=UNITS).contains(&line.quantity.get()) {
            return Err(Flaw::Quantity);
        }
        if !(0..=LARGEST).contains(&line.amount.0) {
            return Err(Flaw::Amount);
        }
        if line.tax_percent > 100 {
            return Err(Flaw::Tax);
        }
    }
    Ok(())
}

/// Codes of warehouses and products become a part of filters, between quotes.
pub(crate) fn check_code(code: &str) -> Result<(), Flaw> {
    let is_plain = |sign: char| !sign.is_control() && !matches!(sign, '\'' | '"' | '\\');
    let fits = !code.trim().is_empty() && code.chars().count() <= CODE;
    if fits && code.chars().all(is_plain) { Ok(()) } else { Err(Flaw::Code) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(amount: i64) -> Document {
        Document {
            biz_id: BizId::at(Kind::Receipt, 7),
            day: "2026-11-27".parse().expect("a day"),
            customer: "C-001".to_owned(),
            currency: "CNY".parse().expect("a currency"),
            note: String::new(),
            body: Body::Receipt { amount: Minor(amount), account: None, reference: String::new() },
        }
    }

    #[test]
    fn numbers_that_would_change_a_filter_are_none() {
        for text in ["", "A' or '1'='1", "SO/1", "单据", &"9".repeat(31)] {
            assert_eq!(text.parse::<BizId>(), Err(Flaw::BizId), "{text}");
        }
        let id = BizId::at(Kind::SalesOrder, u64::MAX);
        assert_eq!(id.as_str().parse(), Ok(id.clone()), "the longest position fits");
        assert_eq!(BizId::at(Kind::Receipt, 7).as_str(), "QD-RC-000000000007");
        assert!(serde_json::from_str::<BizId>(r#""a b""#).is_err());
    }

    #[test]
    fn what_no_system_would_take_is_not_sent() {
        assert_eq!(receipt(1).check(), Ok(()));
        assert_eq!(receipt(0).check(), Err(Flaw::Amount));
        for customer in ["", " ", "C'1", "C\n1"] {
            let mut document = receipt(1);
            document.customer = customer.to_owned();
            assert_eq!(document.check(), Err(Flaw::Code), "{customer:?}");
        }
        let line = Line {
            product: "P-001".to_owned(),
            unit: "Pcs".to_owned(),
            quantity: Quantity::of(1),
            amount: Minor(0),
            tax_percent: 13,
        };
        let order = |line: Line| {
            let body = Body::SalesOrder { lines: vec![line] };
            Document { body, ..receipt(1) }.check()
        };
        assert_eq!(order(line.clone()), Ok(()), "a gift");
        assert_eq!(order(Line { quantity: Quantity::ZERO, ..line.clone() }), Err(Flaw::Quantity));
        assert_eq!(order(Line { amount: Minor(-1), ..line.clone() }), Err(Flaw::Amount));
        assert_eq!(order(Line { tax_percent: 101, ..line }), Err(Flaw::Tax));
        let empty = Document { body: Body::SalesOrder { lines: Vec::new() }, ..receipt(1) };
        assert_eq!(empty.check(), Err(Flaw::Lines));
    }
}
