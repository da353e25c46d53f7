//! What WeChat Pay writes: answers, and what is in its notices.

use serde::Deserialize;
use values::Minor;

use crate::china;
use crate::error::PspError;
use crate::payment::{Capture, RefundStanding};

/// A charge that can be paid.
#[derive(Deserialize)]
pub(super) struct Prepaid {
    pub(super) code_url: Option<String>,
    pub(super) h5_url: Option<String>,
}

/// A payment, in an answer or a notice.
#[derive(Deserialize)]
pub(super) struct Transaction {
    pub(super) mchid: String,
    pub(super) appid: String,
    pub(super) out_trade_no: String,
    pub(super) trade_state: String,
    transaction_id: Option<String>,
    success_time: Option<String>,
    payer: Option<Payer>,
    amount: Option<Amount>,
}

#[derive(Deserialize)]
struct Payer {
    openid: Option<String>,
}

/// Amounts in 分, of a payment or of a refund.
#[derive(Deserialize)]
pub(super) struct Amount {
    pub(super) total: Option<i64>,
    pub(super) refund: Option<i64>,
    pub(super) currency: Option<String>,
}

/// A refund, in an answer or a notice; the status has another name in each.
#[derive(Deserialize)]
pub(super) struct Refund {
    pub(super) mchid: Option<String>,
    pub(super) out_trade_no: String,
    pub(super) out_refund_no: String,
    #[serde(alias = "refund_status")]
    pub(super) status: String,
    success_time: Option<String>,
    pub(super) amount: Amount,
}

/// A refusal.
#[derive(Deserialize)]
pub(super) struct Refusal {
    pub(super) code: String,
    #[serde(default)]
    pub(super) message: String,
}

/// A bill that can be downloaded.
#[derive(Deserialize)]
pub(super) struct Bill {
    pub(super) hash_type: String,
    pub(super) hash_value: String,
    pub(super) download_url: String,
}

impl Transaction {
    /// The field that names another merchant or application, and what is in it.
    pub(super) fn foreign(&self, mch_id: &str, app_id: &str) -> Option<(&'static str, &str)> {
        if self.mchid != mch_id {
            return Some(("mchid", &self.mchid));
        }
        (self.appid != app_id).then_some(("appid", self.appid.as_str()))
    }

    /// What was paid, or the field that does not say it.
    pub(super) fn capture(self) -> Result<Capture, &'static str> {
        let amount = self.amount.ok_or("amount")?;
        let total = amount.total.filter(|total| *total > 0).ok_or("amount.total")?;
        if amount.currency.is_some_and(|currency| currency != "CNY") {
            return Err("amount.currency");
        }
        let paid_at = self.success_time.as_deref().and_then(china::read_rfc3339);
        let transaction_id = self.transaction_id.filter(|id| !id.is_empty());
        Ok(Capture {
            payment_id: self.out_trade_no,
            transaction_id: transaction_id.ok_or("transaction_id")?,
            amount: Minor(total),
            currency: china::cny().ok_or("amount.currency")?,
            paid_at: paid_at.ok_or("success_time")?,
            payer: self.payer.and_then(|payer| payer.openid).filter(|id| !id.is_empty()),
        })
    }
}

impl Refund {
    /// How far it is, when it is the one asked for.
    pub(super) fn standing(
        self,
        payment_id: &str,
        refund_id: &str,
    ) -> Result<RefundStanding, PspError> {
        if self.out_trade_no != payment_id || self.out_refund_no != refund_id {
            return Err(PspError::Unreadable("the answer is about another refund".to_owned()));
        }
        match self.status.as_str() {
            "SUCCESS" => {
                let refunded_at = self.success_time.as_deref().and_then(china::read_rfc3339);
                Ok(RefundStanding::Refunded { refunded_at })
            }
            "PROCESSING" => Ok(RefundStanding::Processing),
            "CLOSED" | "ABNORMAL" => Ok(RefundStanding::Failed { reason: self.status }),
            other => Err(PspError::Unreadable(format!("the refund's status {other}"))),
        }
    }
}
