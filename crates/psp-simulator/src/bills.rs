//! The bills of a day, as each provider writes them.

use std::io::{Cursor, Write as _};

use chrono::{DateTime, NaiveDate, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;
use values::Minor;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::books::{Payment, RefundState, Refunded, Transactions};
use crate::merchants::Account;
use crate::money::{day, fee, plain, yuan};
use crate::wechat::OPENID;

const WECHAT: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,\
    交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,\
    退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
const WECHAT_SUMS: &str =
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";
const ALIPAY: &str = "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,\
    对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,\
    券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注";

/// A movement of a day.
struct Movement<'a> {
    at: DateTime<Utc>,
    payment: &'a Payment,
    refund: Option<&'a Refunded>,
    amount: Minor,
}

fn movements<'a>(all: &'a Transactions, account: &Account, on: NaiveDate) -> Vec<Movement<'a>> {
    let own = |payment: &&Payment| payment.merchant_id == account.id;
    let mut found = Vec::new();
    for payment in all.payments.iter().filter(own) {
        let amount = payment.amount;
        found.extend(payment.paid_at.map(|at| Movement { at, payment, refund: None, amount }));
        let refunds = all.refunds.iter().filter(|it| {
            it.merchant_id == account.id
                && it.payment_id == payment.payment_id
                && it.state == RefundState::Done
        });
        found.extend(refunds.filter_map(|it| {
            let at = it.refunded_at?;
            Some(Movement { at, payment, refund: Some(it), amount: it.amount })
        }));
    }
    found.retain(|movement| day(movement.at) == on);
    found.sort_by_key(|movement| movement.at);
    found
}

/// WeChat Pay's; none for a day without movements.
pub(crate) fn wechat(all: &Transactions, account: &Account, on: NaiveDate) -> Option<String> {
    let movements = movements(all, account, on);
    if movements.is_empty() {
        return None;
    }
    let mut lines = vec![format!("\u{feff}{WECHAT}")];
    let (mut paid, mut back, mut fees) = (0, 0, 0);
    for movement in &movements {
        let fee = fee(movement.amount);
        let is_back = movement.refund.is_some();
        match is_back {
            true => (back, fees) = (back + movement.amount.0, fees - fee.0),
            false => (paid, fees) = (paid + movement.amount.0, fees + fee.0),
        }
        lines.push(wechat_line(account, movement, fee));
    }
    lines.push(WECHAT_SUMS.to_owned());
    let (count, paid, back) = (movements.len(), yuan(Minor(paid)), yuan(Minor(back)));
    let fees = yuan(Minor(fees));
    lines.push(format!("`{count},`{paid},`{back},`0.00,`{fees}000,`{paid},`{back}"));
    Some(lines.join("\r\n") + "\r\n")
}

fn wechat_line(account: &Account, movement: &Movement<'_>, fee: Minor) -> String {
    let Movement { at, payment, refund, amount } = movement;
    let (amount, zero) = (yuan(*amount), "0.00".to_owned());
    let (paid, back) = match refund {
        Some(_) => (zero.clone(), amount),
        None => (amount, zero.clone()),
    };
    let sign = if refund.is_some() { "-" } else { "" };
    let either = |of: fn(&Refunded) -> &str, none: &str| {
        refund.map_or_else(|| none.to_owned(), |refund| of(refund).to_owned())
    };
    let fields = [
        plain(*at),
        account.app_id.to_owned(),
        account.id.to_owned(),
        "0".to_owned(),
        String::new(),
        payment.transaction_id.clone(),
        payment.payment_id.clone(),
        OPENID.to_owned(),
        payment.scene.to_owned(),
        either(|_| "REFUND", "SUCCESS"),
        "OTHERS".to_owned(),
        "CNY".to_owned(),
        paid.clone(),
        zero.clone(),
        either(|refund| &refund.transaction_id, "0"),
        either(|refund| &refund.refund_id, "0"),
        back.clone(),
        zero,
        either(|_| "ORIGINAL", ""),
        either(|_| "SUCCESS", ""),
        payment.subject.clone(),
        String::new(),
        format!("{sign}{}000", yuan(fee)),
        "0.60%".to_owned(),
        paid,
        back,
        String::new(),
    ];
    fields.map(|field| format!("`{field}")).join(",")
}

/// Packed as WeChat Pay packs it on request.
pub(crate) fn gzip(text: &str) -> Option<Vec<u8>> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(text.as_bytes()).ok()?;
    packed.finish().ok()
}

/// Alipay's, a zip of two texts in GBK; none for a day without movements.
pub(crate) fn alipay(all: &Transactions, account: &Account, on: NaiveDate) -> Option<Vec<u8>> {
    let movements = movements(all, account, on);
    if movements.is_empty() {
        return None;
    }
    let head = format!("#支付宝业务明细查询\n#账号：[{}0156]\n", account.id);
    let rule = "#-----------------------------------------业务明细列表----------------------------------------";
    let mut lines = vec![format!("{head}{rule}"), ALIPAY.to_owned()];
    lines.extend(movements.iter().map(alipay_line));
    lines.push(format!("{rule}\n#导出时间：[{}]\n", plain(kernel::clock::now())));
    let sums = format!("{head}门店编号,门店名称,交易订单总笔数\n合计,,{}\n", movements.len());
    let name = format!("{}0156_{}", account.id, on.format("%Y%m%d"));
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in [
        (format!("{name}_业务明细(汇总).csv"), sums),
        (format!("{name}_业务明细.csv"), lines.join("\n")),
    ] {
        archive.start_file(name, SimpleFileOptions::default()).ok()?;
        archive.write_all(&encoding_rs::GBK.encode(&text).0).ok()?;
    }
    Some(archive.finish().ok()?.into_inner())
}

fn alipay_line(movement: &Movement<'_>) -> String {
    let Movement { at, payment, refund, amount } = movement;
    let way = if refund.is_some() { -1 } else { 1 };
    let (amount, fee) = (yuan(Minor(way * amount.0)), yuan(Minor(-way * fee(*amount).0)));
    let kind = if refund.is_some() { "退款" } else { "交易" };
    let refund_id = refund.map_or("", |refund| &refund.refund_id);
    let subject = payment.subject.replace(',', "，");
    let zeros = "0.00,0.00,0.00,0.00,0.00,,0.00,0.00";
    format!(
        "{}\t,{}\t,{kind},{subject},{},{},,,,,159****5620,{amount},{amount},{zeros},{refund_id}\t,{fee},0.00,",
        payment.transaction_id,
        payment.payment_id,
        plain(payment.created_at),
        plain(*at),
    )
}
