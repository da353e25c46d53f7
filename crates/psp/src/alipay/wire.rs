//! What Alipay answers.

use serde::Deserialize;

use crate::china;
use crate::error::PspError;
use crate::payment::{Capture, RefundStanding};

/// What every answer says of itself.
#[derive(Deserialize)]
pub(super) struct Outcome {
    pub(super) code: String,
    #[serde(default)]
    pub(super) msg: String,
    pub(super) sub_code: Option<String>,
    pub(super) sub_msg: Option<String>,
}

/// A code that can be scanned.
#[derive(Deserialize)]
pub(super) struct Precreated {
    pub(super) out_trade_no: String,
    pub(super) qr_code: String,
}

/// A payment.
#[derive(Deserialize)]
pub(super) struct Trade {
    pub(super) out_trade_no: String,
    pub(super) trade_status: String,
    trade_no: String,
    total_amount: String,
    send_pay_date: Option<String>,
    buyer_user_id: Option<String>,
    buyer_open_id: Option<String>,
}

/// A refund that was asked for.
#[derive(Deserialize)]
pub(super) struct Refunded {
    pub(super) out_trade_no: String,
    pub(super) fund_change: Option<String>,
}

/// A refund that was looked up: nearly nothing when there is none.
#[derive(Deserialize)]
pub(super) struct RefundFound {
    out_trade_no: Option<String>,
    out_request_no: Option<String>,
    refund_status: Option<String>,
    gmt_refund_pay: Option<String>,
}

/// A bill that can be downloaded.
#[derive(Deserialize)]
pub(super) struct Bill {
    pub(super) bill_download_url: String,
}

impl Trade {
    /// Whether money has come in for it.
    pub(super) fn was_paid(&self) -> bool {
        self.send_pay_date.as_ref().is_some_and(|date| !date.is_empty())
    }

    /// What was paid.
    pub(super) fn capture(self) -> Result<Capture, PspError> {
        let paid_at = self.send_pay_date.as_deref().and_then(china::read_plain);
        let amount = china::read_price(&self.total_amount);
        Ok(Capture {
            payment_id: self.out_trade_no,
            transaction_id: self.trade_no,
            amount: amount.ok_or_else(|| PspError::without("total_amount"))?,
            currency: china::cny().ok_or_else(|| PspError::without("currency"))?,
            paid_at: paid_at.ok_or_else(|| PspError::without("send_pay_date"))?,
            payer: self.buyer_open_id.or(self.buyer_user_id).filter(|id| !id.is_empty()),
        })
    }
}

impl RefundFound {
    /// How far it is, when it is the one asked for.
    pub(super) fn standing(
        self,
        payment_id: &str,
        refund_id: &str,
    ) -> Result<Option<RefundStanding>, PspError> {
        let Some(status) = self.refund_status else { return Ok(None) };
        let is_same = |found: &Option<String>, wanted| found.as_deref() == Some(wanted);
        if !is_same(&self.out_trade_no, payment_id) || !is_same(&self.out_request_no, refund_id) {
            return Err(PspError::Unreadable("the answer is about another refund".to_owned()));
        }
        match status.as_str() {
            "REFUND_SUCCESS" => {
                let refunded_at = self.gmt_refund_pay.as_deref().and_then(china::read_plain);
                Ok(Some(RefundStanding::Refunded { refunded_at }))
            }
            "REFUND_PROCESSING" => Ok(Some(RefundStanding::Processing)),
            "REFUND_FAIL" => Ok(Some(RefundStanding::Failed { reason: status })),
            other => Err(PspError::Unreadable(format!("the refund_status {other}"))),
        }
    }
}
