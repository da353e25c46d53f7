//! Alipay (支付宝), its open platform with RSA2: charges and refunds. How calls are signed is in
//! `signed`, what it sends on its own in `notice`, its bills in `bill`.

mod bill;
mod notice;
mod signed;
mod wire;

use kernel::clock;
use kernel::outbound::Outbound;
use serde_json::{Value, json};

use crate::china;
use crate::error::PspError;
use crate::keys::{PublicKey, SigningKey};
use crate::merchant::{self, MerchantError};
use crate::payment::{Charge, Closing, Presented, Refund, RefundStanding, Scene, Standing};

/// What it says of a payment that it does not know.
const UNKNOWN: [&str; 1] = ["ACQ.TRADE_NOT_EXIST"];

/// A merchant of Alipay that can speak with it.
pub(crate) struct Alipay {
    app_id: String,
    seller_id: String,
    gateway: String,
    key: SigningKey,
    theirs: PublicKey,
    outbound: Outbound,
}

impl Alipay {
    pub(crate) fn new(
        merchant: merchant::Alipay,
        outbound: Outbound,
    ) -> Result<Self, MerchantError> {
        let (key, theirs) = merchant.check()?;
        let merchant::Alipay { app_id, seller_id, gateway, .. } = merchant;
        Ok(Self { app_id, seller_id, gateway, key, theirs, outbound })
    }

    pub(crate) async fn present(&self, charge: &Charge) -> Result<Presented, PspError> {
        match charge.scene {
            Scene::Code => {
                let method = "alipay.trade.precreate";
                let notify_url = Some(charge.notify_url.as_str());
                let answer: wire::Precreated =
                    self.ask(method, notify_url, &Self::trade(charge, None)).await?;
                check_number(&answer.out_trade_no, &charge.payment_id)?;
                Ok(Presented { url: answer.qr_code })
            }
            Scene::Phone { .. } => {
                let content = Self::trade(charge, Some("QUICK_WAP_WAY"));
                let method = "alipay.trade.wap.pay";
                let now = clock::now();
                let query = self.signed(method, Some(&charge.notify_url), &content, now)?;
                Ok(Presented { url: format!("{}?{query}", self.gateway) })
            }
        }
    }

    fn trade(charge: &Charge, product: Option<&str>) -> Value {
        // It refuses subjects with signs that have a meaning in addresses.
        let subject = charge.short_subject().replace(['/', '=', '&'], " ");
        let mut content = json!({
            "out_trade_no": charge.payment_id,
            "total_amount": china::yuan(charge.amount),
            "subject": subject,
            "time_expire": china::plain(charge.expires_at),
        });
        if let Some(product) = product {
            content["product_code"] = product.into();
        }
        content
    }

    pub(crate) async fn look_up(&self, payment_id: &str) -> Result<Standing, PspError> {
        let content = json!({ "out_trade_no": payment_id });
        let found = self.ask::<wire::Trade>("alipay.trade.query", None, &content).await;
        let found = match found {
            Err(refusal) if refusal.is(&UNKNOWN) => return Ok(Standing::Unknown),
            found => found?,
        };
        check_number(&found.out_trade_no, payment_id)?;
        match found.trade_status.as_str() {
            "TRADE_SUCCESS" | "TRADE_FINISHED" => found.capture().map(Standing::Paid),
            // One of which all was refunded is closed, too.
            "TRADE_CLOSED" if found.was_paid() => found.capture().map(Standing::Paid),
            "TRADE_CLOSED" => Ok(Standing::Closed),
            "WAIT_BUYER_PAY" => Ok(Standing::Waiting),
            other => Err(PspError::Unreadable(format!("the trade_status {other}"))),
        }
    }

    pub(crate) async fn close(&self, payment_id: &str) -> Result<Closing, PspError> {
        let content = json!({ "out_trade_no": payment_id });
        match self.ask::<Value>("alipay.trade.close", None, &content).await {
            Ok(_) => Ok(Closing::Closed),
            Err(refusal) if refusal.is(&UNKNOWN) => Ok(Closing::Closed),
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn refund(&self, refund: &Refund) -> Result<RefundStanding, PspError> {
        let mut content = json!({
            "out_trade_no": refund.payment_id,
            "out_request_no": refund.refund_id,
            "refund_amount": china::yuan(refund.amount),
        });
        let reason = refund.short_reason();
        if !reason.trim().is_empty() {
            content["refund_reason"] = reason.into();
        }
        let answer: wire::Refunded = self.ask("alipay.trade.refund", None, &content).await?;
        check_number(&answer.out_trade_no, &refund.payment_id)?;
        // That this request moved no money says nothing about earlier ones with its number.
        let found = self.look_up_refund(&refund.payment_id, &refund.refund_id).await;
        match found {
            Ok(Some(standing)) => Ok(standing),
            _ if answer.fund_change.as_deref() == Some("Y") => {
                Ok(RefundStanding::Refunded { refunded_at: None })
            }
            Ok(None) => Ok(RefundStanding::Processing),
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn look_up_refund(
        &self,
        payment_id: &str,
        refund_id: &str,
    ) -> Result<Option<RefundStanding>, PspError> {
        let content = json!({
            "out_trade_no": payment_id,
            "out_request_no": refund_id,
            "query_options": ["gmt_refund_pay"],
        });
        let method = "alipay.trade.fastpay.refund.query";
        match self.ask::<wire::RefundFound>(method, None, &content).await {
            Ok(found) => found.standing(payment_id, refund_id),
            Err(refusal) if refusal.is(&UNKNOWN) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn check_number(found: &str, wanted: &str) -> Result<(), PspError> {
    if found == wanted {
        return Ok(());
    }
    Err(PspError::Unreadable("the answer is about another payment".to_owned()))
}
