//! A bank's statement as people download it: what its columns are called, how it writes days and
//! amounts, and what stands above its header.

use anyhow::bail;
use chrono::NaiveDate;
use encoding_rs::GB18030;

use crate::client::money;

/// Rows at the beginning in which the header is looked for: banks write titles above it.
const TITLES: usize = 30;
/// What the columns are called, the usual name first.
const REFERENCE: &[&str] = &[
    "交易流水号",
    "流水号",
    "银行流水号",
    "交易流水",
    "凭证号",
    "业务流水号",
    "参考号",
    "reference",
    "bank reference",
    "transaction id",
];
const DAY: &[&str] =
    &["交易日期", "记账日期", "入账日期", "交易时间", "日期", "date", "booked on", "booking date"];
const AMOUNT: &[&str] = &[
    "收入金额",
    "贷方发生额",
    "贷方金额",
    "收入",
    "贷方",
    "转入金额",
    "交易金额",
    "金额",
    "amount",
    "credit",
    "credit amount",
];
const PAYER: &[&str] =
    &["对方户名", "对方名称", "付款人名称", "付款人", "对方单位", "payer", "payer name"];
const ACCOUNT: &[&str] = &["对方账号", "对方帐号", "付款人账号", "付款账号", "payer account"];
const MEMO: &[&str] =
    &["摘要", "附言", "用途", "备注", "交易摘要", "memo", "remark", "description"];
const CURRENCY: &[&str] = &["币种", "货币", "currency", "currency code"];

/// Money that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) reference: String,
    pub(super) booked_on: NaiveDate,
    pub(super) currency: String,
    pub(super) amount_minor: i64,
    pub(super) payer_name: String,
    pub(super) payer_account: String,
    pub(super) memo: String,
}

/// A row that can not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bad {
    pub(super) line: u64,
    pub(super) reference: String,
    pub(super) reason: String,
}

/// A file as it was read.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub(super) rows: Vec<Row>,
    pub(super) bad: Vec<Bad>,
    /// Rows of money that went out.
    pub(super) outgoing: usize,
}

struct Places {
    reference: usize,
    day: usize,
    amount: usize,
    payer: Option<usize>,
    account: Option<usize>,
    memo: Option<usize>,
    currency: Option<usize>,
}

/// Reads a file in UTF-8 or GBK. `currency`: of rows that do not say.
pub(super) fn read(bytes: &[u8], currency: &str) -> anyhow::Result<Sheet> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
        Err(_) => match GB18030.decode(bytes) {
            (text, _, false) => text.into_owned(),
            _ => bail!("the file is neither UTF-8 nor GBK; save it as CSV again"),
        },
    };
    let delimiter =
        if text.lines().take(TITLES).any(|line| line.contains('\t')) { b'\t' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let (mut places, mut sheet, mut titles) = (None, Sheet::default(), 0);
    for record in reader.records() {
        let record = record?;
        let cells: Vec<&str> =
            record.iter().map(|cell| cell.trim().trim_matches('\u{a0}')).collect();
        let line = record.position().map_or(0, csv::Position::line);
        match &places {
            None => {
                places = Places::find(&cells);
                titles += 1;
                if places.is_none() && titles >= TITLES {
                    break;
                }
            }
            Some(places) => places.take(&cells, line, currency, &mut sheet),
        }
    }
    if places.is_none() {
        bail!(
            "the file has no header with a reference ({}), a day ({}) and an amount ({})",
            REFERENCE[0],
            DAY[0],
            AMOUNT[0]
        );
    }
    Ok(sheet)
}

impl Places {
    fn find(cells: &[&str]) -> Option<Self> {
        let place = |names: &[&str]| {
            names.iter().find_map(|name| cells.iter().position(|cell| plain(cell) == plain(name)))
        };
        Some(Self {
            reference: place(REFERENCE)?,
            day: place(DAY)?,
            amount: place(AMOUNT)?,
            payer: place(PAYER),
            account: place(ACCOUNT),
            memo: place(MEMO),
            currency: place(CURRENCY),
        })
    }

    fn take(&self, cells: &[&str], line: u64, currency: &str, sheet: &mut Sheet) {
        let cell = |place: usize| cells.get(place).copied().unwrap_or_default();
        let maybe = |place: Option<usize>| place.map(cell).unwrap_or_default().to_owned();
        // Sums at the end have no reference.
        if cell(self.reference).is_empty() {
            return;
        }
        let bad = |reason: &str| Bad {
            line,
            reference: cell(self.reference).to_owned(),
            reason: reason.to_owned(),
        };
        let currency = match maybe(self.currency).as_str() {
            "" => currency.to_owned(),
            told => code_of(told),
        };
        match amount(cell(self.amount), &currency) {
            None => sheet.bad.push(bad("the amount is no number with the currency's digits")),
            Some(amount) if amount <= 0 => sheet.outgoing += 1,
            Some(amount_minor) => match day(cell(self.day)) {
                None => sheet.bad.push(bad("the day is none like 2026-11-23")),
                Some(booked_on) => sheet.rows.push(Row {
                    line,
                    reference: cell(self.reference).to_owned(),
                    booked_on,
                    currency,
                    amount_minor,
                    payer_name: maybe(self.payer),
                    payer_account: maybe(self.account),
                    memo: maybe(self.memo),
                }),
            },
        }
    }
}

/// A header without what differs from bank to bank: spaces, brackets with a unit, case.
fn plain(header: &str) -> String {
    let end = header.find(['(', '（', '[']).unwrap_or(header.len());
    header[..end]
        .chars()
        .filter(|sign| !sign.is_whitespace() && *sign != '_')
        .collect::<String>()
        .to_lowercase()
}

fn code_of(told: &str) -> String {
    match told {
        "人民币" | "人民币元" | "RMB" => "CNY".to_owned(),
        "美元" => "USD".to_owned(),
        "港币" | "港元" => "HKD".to_owned(),
        "欧元" => "EUR".to_owned(),
        other => other.to_uppercase(),
    }
}

/// `1,234.50`, `+1234.5`, `¥1,234.50`; an empty cell is money that went out.
fn amount(text: &str, currency: &str) -> Option<i64> {
    let text: String =
        text.chars().filter(|sign| !matches!(sign, ',' | '，' | ' ' | '¥' | '￥' | '+')).collect();
    match text.strip_prefix('-') {
        _ if text.is_empty() || text == "-" => Some(0),
        Some(out) => money::parse(out, currency).map(|minor| -minor),
        None => money::parse(&text, currency),
    }
}

/// `2026-11-23`, `2026/11/23`, `20261123`, `2026年11月23日`, each also with a time behind it.
fn day(text: &str) -> Option<NaiveDate> {
    let first = text.split([' ', 'T']).next().unwrap_or_default();
    ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d"]
        .into_iter()
        .find_map(|form| NaiveDate::parse_from_str(first, form).ok())
        .or_else(|| NaiveDate::parse_from_str(first.get(..8)?, "%Y%m%d").ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BANK: &str = "账户明细查询,,,,,,\n账号：6222 0200,,,,,,\n\
        交易日期,交易流水号,借方发生额（元）,贷方发生额（元）,对方户名,对方账号,摘要\n\
        2026-11-23 10:12:01,EB20261123001,,\"12,340.50\",恒通商贸,62281234,货款\n\
        20261123,EB20261123002,80.00,,中国工商银行,,手续费\n\
        2026/11/24,EB20261123003,,3.17,,,利息\n\
        无日期,EB20261123004,,1.00,,,\n\
        合计,,80.00,\"12,344.67\",,,\n";

    fn rows(sheet: &Sheet) -> Vec<(&str, String, i64)> {
        let told = |row: &'_ Row| (row.booked_on.to_string(), row.amount_minor);
        sheet.rows.iter().map(|row| (row.reference.as_str(), told(row).0, told(row).1)).collect()
    }

    #[test]
    fn a_banks_file_is_read_with_its_titles_and_sums_in_either_encoding() {
        let (gbk, _, _) = GB18030.encode(BANK);
        for bytes in [BANK.as_bytes(), format!("\u{feff}{BANK}").as_bytes(), &gbk] {
            let sheet = read(bytes, "CNY").expect("a statement");
            let expected = [
                ("EB20261123001", "2026-11-23".to_owned(), 1_234_050),
                ("EB20261123003", "2026-11-24".to_owned(), 317),
            ];
            assert_eq!(rows(&sheet), expected);
            assert_eq!((sheet.outgoing, sheet.bad.len()), (1, 1));
            assert_eq!(sheet.rows[0].payer_name, "恒通商贸");
            assert_eq!(sheet.bad[0].reference, "EB20261123004");
        }
    }

    #[test]
    fn other_names_tabs_and_signs_are_understood() {
        let text = "Date\tReference\tAmount\tCurrency\tMemo\n\
            2026-11-23\tF-0001\t+7.5\tUSD\trent\n2026-11-23\tF-0002\t-7.50\tUSD\t\n\
            2026-11-23\tF-0003\t7.505\tUSD\t\n";
        let sheet = read(text.as_bytes(), "CNY").expect("a statement");
        assert_eq!(rows(&sheet), [("F-0001", "2026-11-23".to_owned(), 750)]);
        assert_eq!((sheet.outgoing, sheet.bad.len()), (1, 1));
        assert_eq!(sheet.rows[0].currency, "USD");
    }

    #[test]
    fn a_file_without_a_header_is_refused() {
        assert!(read(b"a,b,c\n1,2,3\n", "CNY").is_err());
    }
}
