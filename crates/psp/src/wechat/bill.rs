//! The bills of WeChat Pay (交易账单): a text with commas whose fields begin with a backtick.

use std::io::Read as _;

use chrono::NaiveDate;
use flate2::read::GzDecoder;
use http::Method;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use values::Minor;

use super::signed::refusal;
use super::{Wechat, wire};
use crate::china;
use crate::error::PspError;
use crate::payment::{StatementKind, StatementLine};

/// Longest bill, unpacked, in bytes.
const LONGEST: u64 = 64 << 20;

impl Wechat {
    pub(crate) async fn statement(&self, day: NaiveDate) -> Result<Vec<StatementLine>, PspError> {
        let path = format!("/v3/bill/tradebill?bill_date={day}&bill_type=ALL&tar_type=GZIP");
        let bill: wire::Bill = match self.ask(Method::GET, &path, None).await {
            Err(refusal) if refusal.is(&["NO_STATEMENT_EXIST"]) => return Ok(Vec::new()),
            bill => bill?,
        };
        let answer = self.send(Method::GET, &bill.download_url, String::new()).await?;
        if !answer.status().is_success() {
            return Err(refusal(&answer));
        }
        // It is not signed, but its hash was.
        let text = unpacked(answer.body())?;
        let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
        let hash: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        if bill.hash_type != "SHA1" || !hash.eq_ignore_ascii_case(&bill.hash_value) {
            return Err(PspError::Unverified);
        }
        read(&text)
    }
}

/// It says that it is packed by beginning so; a server may have unpacked it on the way.
fn unpacked(bytes: &[u8]) -> Result<String, PspError> {
    let mut text = Vec::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let packed = GzDecoder::new(bytes).take(LONGEST).read_to_end(&mut text);
        packed.map_err(|error| PspError::Unreadable(error.to_string()))?;
    } else {
        text.extend_from_slice(bytes);
    }
    String::from_utf8(text).map_err(|_| PspError::without("text"))
}

/// Reads the lines between the names of the columns and the sums at the end.
fn read(text: &str) -> Result<Vec<StatementLine>, PspError> {
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let names: Vec<_> = lines.next().unwrap_or_default().split(',').map(str::trim).collect();
    let lines = lines.take_while(|line| line.starts_with('`'));
    lines.map(|line| line_of(&names, line)).collect()
}

fn line_of(names: &[&str], line: &str) -> Result<StatementLine, PspError> {
    // A name of goods may hold a comma, but no field without a backtick follows it.
    let fields: Vec<_> = line.trim_start_matches('`').split(",`").map(str::trim).collect();
    let field = |name: &'static str| {
        let at = names.iter().position(|known| *known == name);
        let found = at.and_then(|at| fields.get(at).copied());
        found.ok_or_else(|| PspError::without(name))
    };
    let amount = |name: &'static str| {
        let found = field(name)?;
        china::read_yuan(found).ok_or_else(|| PspError::without(name))
    };
    let (kind, column) = match field("交易状态")? {
        "SUCCESS" => (StatementKind::Paid, "订单金额"),
        "REFUND" | "REVOKED" => (StatementKind::Refunded, "申请退款金额"),
        other => return Err(PspError::Unreadable(format!("the line's state {other}"))),
    };
    let refund_id = match kind {
        StatementKind::Paid => None,
        StatementKind::Refunded => Some(field("商户退款单号")?.to_owned()),
    };
    let at = china::read_plain(field("交易时间")?);
    Ok(StatementLine {
        kind,
        payment_id: field("商户订单号")?.to_owned(),
        transaction_id: field("微信订单号")?.to_owned(),
        refund_id,
        amount: Minor(amount(column)?.0.abs()),
        fee: Some(amount("手续费")?),
        at: at.ok_or_else(|| PspError::without("交易时间"))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BILL: &str = "\u{feff}交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,\
        用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,\
        退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\r\n\
        `2026-11-26 09:30:00,`wx1,`1900000001,`0,`,`4200001,`PAY000001,`o1,`NATIVE,`SUCCESS,`OTHERS,\
        `CNY,`88.88,`0.00,`0,`0,`0.00,`0.00,`,`,`两双, 红色,`,`0.53000,`0.60%,`88.88,`0.00,`\r\n\
        `2026-11-26 10:30:00,`wx1,`1900000001,`0,`,`4200001,`PAY000001,`o1,`NATIVE,`REFUND,`OTHERS,\
        `CNY,`0.00,`0.00,`5030001,`REF000001,`8.88,`0.00,`ORIGINAL,`SUCCESS,`两双, 红色,`,`-0.05000,`0.60%,`0.00,`8.88,`\r\n\
        总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n\
        `2,`88.88,`8.88,`0.00,`0.48000,`88.88,`8.88\r\n";

    #[test]
    fn a_bill_is_read_up_to_its_sums() {
        let lines = read(BILL).expect("a bill");
        let [paid, back] = lines.as_slice() else { panic!("{} lines", lines.len()) };
        assert_eq!((paid.kind, paid.amount), (StatementKind::Paid, Minor(8888)));
        assert_eq!((paid.fee, paid.refund_id.as_deref()), (Some(Minor(53)), None));
        assert_eq!(paid.at.to_rfc3339(), "2026-11-26T01:30:00+00:00");
        assert_eq!(
            (paid.payment_id.as_str(), paid.transaction_id.as_str()),
            ("PAY000001", "4200001")
        );
        assert_eq!((back.kind, back.amount), (StatementKind::Refunded, Minor(888)));
        assert_eq!((back.fee, back.refund_id.as_deref()), (Some(Minor(-5)), Some("REF000001")));
    }

    #[test]
    fn a_bill_without_a_column_is_not_read_as_something_else() {
        let bill = BILL.replace("商户订单号", "订单号");
        assert!(
            matches!(read(&bill), Err(PspError::Unreadable(field)) if field.contains("商户订单号"))
        );
        assert!(read("").expect("nothing").is_empty());
    }
}
