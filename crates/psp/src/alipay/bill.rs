//! The bills of Alipay (业务明细): texts in GBK with commas, several of them in a zip.

use std::io::{Cursor, Read as _};

use chrono::NaiveDate;
use encoding_rs::GB18030;
use http::{Method, Request};
use serde_json::json;
use values::Minor;
use zip::ZipArchive;

use super::{Alipay, wire};
use crate::china;
use crate::error::PspError;
use crate::payment::{StatementKind, StatementLine};

/// Longest text in a bill, unpacked, in bytes.
const LONGEST: u64 = 64 << 20;
/// What it says of a day without movements.
const NONE: [&str; 3] = ["isp.bill_not_exist", "isp.BILL_NOT_EXIST", "BILL_NOT_EXIST"];
/// A column that only the bill itself has, and not its summary.
const NUMBER: &str = "商户订单号";

impl Alipay {
    pub(crate) async fn statement(&self, day: NaiveDate) -> Result<Vec<StatementLine>, PspError> {
        let content = json!({ "bill_type": "trade", "bill_date": day.to_string() });
        let method = "alipay.data.dataservice.bill.downloadurl.query";
        let bill: wire::Bill = match self.ask(method, None, &content).await {
            Err(refusal) if refusal.is(&NONE) => return Ok(Vec::new()),
            bill => bill?,
        };
        // What is downloaded is not signed, so the way to it must be safe where the gateway's is.
        let address = match bill.bill_download_url.strip_prefix("http://") {
            Some(rest) if self.gateway.starts_with("https://") => format!("https://{rest}"),
            Some(_) | None => bill.bill_download_url,
        };
        let request = Request::builder().method(Method::GET).uri(address).body(Vec::new());
        let request = request.map_err(|error| PspError::Unreadable(error.to_string()))?;
        let answer = self.outbound.ask(request).await?;
        let status = answer.status();
        if !status.is_success() {
            let (code, message) = (format!("HTTP {}", status.as_u16()), String::new());
            return Err(match status.is_server_error() {
                true => PspError::Busy { code, message },
                false => PspError::Refused { code, message },
            });
        }
        let text = unpacked(answer.into_body())?;
        read(&text)
    }
}

/// The text in a zip that has the lines; the others add them up.
fn unpacked(bytes: Vec<u8>) -> Result<String, PspError> {
    let bad = |error: zip::result::ZipError| PspError::Unreadable(error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(bad)?;
    for at in 0..archive.len() {
        let mut text = Vec::new();
        let file = archive.by_index(at).map_err(bad)?;
        let unpacked = file.take(LONGEST).read_to_end(&mut text);
        unpacked.map_err(|error| PspError::Unreadable(error.to_string()))?;
        let (text, _, is_broken) = GB18030.decode(&text);
        if !is_broken && text.lines().any(is_head) {
            return Ok(text.into_owned());
        }
    }
    Err(PspError::without(NUMBER))
}

fn is_head(line: &str) -> bool {
    !line.starts_with('#') && line.split(',').any(|name| name.trim() == NUMBER)
}

fn read(text: &str) -> Result<Vec<StatementLine>, PspError> {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let table: Vec<_> = lines.skip_while(|line| !is_head(line)).collect();
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).from_reader(Cursor::new(table.join("\n")));
    let bad = |error: csv::Error| PspError::Unreadable(error.to_string());
    let names = reader.headers().map_err(bad)?.clone();
    reader.records().map(|record| line_of(&names, &record.map_err(bad)?)).collect()
}

fn line_of(
    names: &csv::StringRecord,
    record: &csv::StringRecord,
) -> Result<StatementLine, PspError> {
    let find = |name: &str| {
        let at = names.iter().position(|known| known.trim() == name);
        at.and_then(|at| record.get(at)).map(str::trim)
    };
    let field = |name: &'static str| find(name).ok_or_else(|| PspError::without(name));
    let amount =
        |name: &'static str| china::read_yuan(field(name)?).ok_or_else(|| PspError::without(name));
    let kind = match field("业务类型")? {
        "交易" => StatementKind::Paid,
        "退款" => StatementKind::Refunded,
        other => return Err(PspError::Unreadable(format!("the line's type {other}"))),
    };
    let refund_id = match kind {
        StatementKind::Paid => None,
        // A refund that was made by hand at Alipay has no number of ours.
        StatementKind::Refunded => {
            Some(field("退款批次号/请求号")?).filter(|number| !number.is_empty()).map(str::to_owned)
        }
    };
    let at = china::read_plain(field("完成时间")?);
    Ok(StatementLine {
        kind,
        payment_id: field(NUMBER)?.to_owned(),
        transaction_id: field("支付宝交易号")?.to_owned(),
        refund_id,
        amount: Minor(amount("订单金额（元）")?.0.abs()),
        // It writes what it takes below zero, as all that leaves the merchant's account.
        fee: find("服务费（元）").and_then(china::read_yuan).map(|fee| Minor(-fee.0)),
        at: at.ok_or_else(|| PspError::without("完成时间"))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BILL: &str = "#支付宝业务明细查询\n#账号：[20880000000000000156]\n#----\n\
        支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,订单金额（元）,\
        退款批次号/请求号,服务费（元）,备注\n\
        2026112622001\t,PAY000001\t,交易,\"两双, 红色\",2026-11-26 09:29:00,2026-11-26 09:30:00,,88.88,,-0.53,\n\
        2026112622001\t,PAY000001\t,退款,两双,2026-11-26 10:29:00,2026-11-26 10:30:00,,-8.88,REF000001\t,0.05,\n\
        #----\n#交易合计：1笔\n";

    #[test]
    fn a_bill_is_read_between_its_remarks() {
        let lines = read(BILL).expect("a bill");
        let [paid, back] = lines.as_slice() else { panic!("{} lines", lines.len()) };
        assert_eq!((paid.kind, paid.amount), (StatementKind::Paid, Minor(8888)));
        assert_eq!((paid.fee, paid.refund_id.as_deref()), (Some(Minor(53)), None));
        assert_eq!(paid.at.to_rfc3339(), "2026-11-26T01:30:00+00:00");
        assert_eq!(paid.payment_id, "PAY000001");
        assert_eq!((back.kind, back.amount), (StatementKind::Refunded, Minor(888)));
        assert_eq!((back.fee, back.refund_id.as_deref()), (Some(Minor(-5)), Some("REF000001")));
    }

    #[test]
    fn a_refund_may_have_no_number() {
        let lines = read(&BILL.replace("REF000001\t", "")).expect("a bill");
        let back = lines.last().expect("a line");
        assert_eq!((back.kind, back.refund_id.as_deref()), (StatementKind::Refunded, None));
    }

    #[test]
    fn a_bill_without_a_column_is_not_read_as_something_else() {
        let bill = BILL.replace("业务类型", "类型");
        assert!(
            matches!(read(&bill), Err(PspError::Unreadable(field)) if field.contains("业务类型"))
        );
    }
}
