//! What Alipay sends on its own: a form that is signed field by field.

use std::collections::BTreeMap;

use url::form_urlencoded;

use super::Alipay;
use super::signed::line;
use crate::china;
use crate::notice::{Notice, NoticeError, NoticeKind};
use crate::payment::Capture;

type Fields = BTreeMap<String, String>;

impl Alipay {
    pub(crate) fn read_notice(&self, body: &[u8]) -> Result<Notice, NoticeError> {
        let fields = self.verified_fields(body)?;
        for (field, own) in [("app_id", &self.app_id), ("seller_id", &self.seller_id)] {
            let found = text(&fields, field)?;
            if found != own.as_str() {
                return Err(NoticeError::OtherMerchant { field, found: found.to_owned() });
            }
        }
        let status = text(&fields, "trade_status")?;
        let is_paid = matches!(status, "TRADE_SUCCESS" | "TRADE_FINISHED");
        // Of a payment that was refunded, each later notice tells of the refunds again.
        let kind = if fields.contains_key("gmt_refund") {
            refunded(&fields)?
        } else if is_paid {
            NoticeKind::Paid(capture(&fields)?)
        } else {
            NoticeKind::Other(status.to_owned())
        };
        Ok(Notice { notice_id: text(&fields, "notify_id")?.to_owned(), kind })
    }

    /// The fields of a form, once it is known that Alipay has signed them.
    fn verified_fields(&self, body: &[u8]) -> Result<Fields, NoticeError> {
        if std::str::from_utf8(body).is_err() {
            return Err(NoticeError::without("form"));
        }
        let mut fields = Fields::new();
        for (name, value) in form_urlencoded::parse(body) {
            // Which of two was signed can not be told.
            if fields.insert(name.clone().into_owned(), value.into_owned()).is_some() {
                return Err(NoticeError::Unreadable(format!("two fields {name}")));
            }
        }
        let Some(signature) = fields.remove("sign") else { return Err(NoticeError::Unsigned) };
        let kind = fields.remove("sign_type");
        if kind.as_deref() != Some("RSA2") {
            return Err(NoticeError::Forged);
        }
        if self.theirs.verifies(line(&fields).as_bytes(), &signature) {
            Ok(fields)
        } else {
            Err(NoticeError::Forged)
        }
    }
}

fn text<'a>(fields: &'a Fields, name: &str) -> Result<&'a str, NoticeError> {
    let found = fields.get(name).map(String::as_str).filter(|value| !value.is_empty());
    found.ok_or_else(|| NoticeError::without(name))
}

fn capture(fields: &Fields) -> Result<Capture, NoticeError> {
    let amount = china::read_price(text(fields, "total_amount")?);
    let paid_at = china::read_plain(text(fields, "gmt_payment")?);
    let payer = text(fields, "buyer_open_id").or_else(|_| text(fields, "buyer_id")).ok();
    Ok(Capture {
        payment_id: text(fields, "out_trade_no")?.to_owned(),
        transaction_id: text(fields, "trade_no")?.to_owned(),
        amount: amount.ok_or_else(|| NoticeError::without("total_amount"))?,
        currency: china::cny().ok_or_else(|| NoticeError::without("currency"))?,
        paid_at: paid_at.ok_or_else(|| NoticeError::without("gmt_payment"))?,
        payer: payer.map(str::to_owned),
    })
}

fn refunded(fields: &Fields) -> Result<NoticeKind, NoticeError> {
    let amount = china::read_price(text(fields, "refund_fee")?);
    Ok(NoticeKind::Refunded {
        payment_id: text(fields, "out_trade_no")?.to_owned(),
        // Its name for the number of a refund, in notices only.
        refund_id: text(fields, "out_biz_no").ok().map(str::to_owned),
        amount: amount.ok_or_else(|| NoticeError::without("refund_fee"))?,
    })
}
