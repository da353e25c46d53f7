//! WeChat Pay (微信支付), API v3: charges, refunds and bills. How calls are signed is in `signed`,
//! what it sends on its own in `notice`, its bills in `bill`.

mod bill;
mod notice;
mod signed;
mod wire;

use http::Method;
use kernel::outbound::Outbound;
use serde_json::json;

use crate::china;
use crate::error::PspError;
use crate::keys::SigningKey;
use crate::merchant::{MerchantError, NamedKey, Secret, WechatPay};
use crate::payment::{Charge, Closing, Presented, Refund, RefundStanding, Scene, Standing};

/// A merchant of WeChat Pay that can speak with it.
pub(crate) struct Wechat {
    mch_id: String,
    app_id: String,
    serial_no: String,
    api_v3_key: Secret,
    base_url: String,
    key: SigningKey,
    theirs: Vec<NamedKey>,
    outbound: Outbound,
}

impl Wechat {
    pub(crate) fn new(merchant: WechatPay, outbound: Outbound) -> Result<Self, MerchantError> {
        let key = merchant.check()?;
        let theirs = merchant.keys()?;
        Ok(Self {
            mch_id: merchant.mch_id,
            app_id: merchant.app_id,
            serial_no: merchant.serial_no,
            api_v3_key: merchant.api_v3_key,
            base_url: merchant.base_url.trim_end_matches('/').to_owned(),
            key,
            theirs,
            outbound,
        })
    }

    pub(crate) async fn present(&self, charge: &Charge) -> Result<Presented, PspError> {
        let mut body = json!({
            "appid": self.app_id,
            "mchid": self.mch_id,
            "description": charge.short_subject(),
            "out_trade_no": charge.payment_id,
            "time_expire": china::rfc3339(charge.expires_at),
            "notify_url": charge.notify_url,
            "amount": { "total": charge.amount.0, "currency": "CNY" },
        });
        let path = match &charge.scene {
            Scene::Code => "/v3/pay/transactions/native",
            Scene::Phone { client_ip } => {
                let scene = json!({ "payer_client_ip": client_ip, "h5_info": { "type": "Wap" } });
                body["scene_info"] = scene;
                "/v3/pay/transactions/h5"
            }
        };
        let answer: wire::Prepaid = self.ask(Method::POST, path, Some(body)).await?;
        match (&charge.scene, answer) {
            (Scene::Code, wire::Prepaid { code_url: Some(url), .. })
            | (Scene::Phone { .. }, wire::Prepaid { h5_url: Some(url), .. }) => {
                Ok(Presented { url })
            }
            (Scene::Code, _) => Err(PspError::without("code_url")),
            (Scene::Phone { .. }, _) => Err(PspError::without("h5_url")),
        }
    }

    pub(crate) async fn look_up(&self, payment_id: &str) -> Result<Standing, PspError> {
        let path = format!("/v3/pay/transactions/out-trade-no/{payment_id}?mchid={}", self.mch_id);
        let found = self.ask::<wire::Transaction>(Method::GET, &path, None).await;
        let found = match found {
            Err(refusal) if refusal.is(&["ORDER_NOT_EXIST", "ORDERNOTEXIST"]) => {
                return Ok(Standing::Unknown);
            }
            found => found?,
        };
        if found.out_trade_no != payment_id {
            return Err(PspError::Unreadable("the answer is about another payment".to_owned()));
        }
        if let Some((field, _)) = found.foreign(&self.mch_id, &self.app_id) {
            return Err(PspError::Unreadable(format!("the answer has another {field}")));
        }
        match found.trade_state.as_str() {
            "SUCCESS" | "REFUND" => found.capture().map(Standing::Paid).map_err(PspError::without),
            // A payment that failed can be tried again until it is closed.
            "NOTPAY" | "USERPAYING" | "PAYERROR" => Ok(Standing::Waiting),
            "CLOSED" | "REVOKED" => Ok(Standing::Closed),
            other => Err(PspError::Unreadable(format!("the trade_state {other}"))),
        }
    }

    pub(crate) async fn close(&self, payment_id: &str) -> Result<Closing, PspError> {
        let path = format!("/v3/pay/transactions/out-trade-no/{payment_id}/close");
        let body = json!({ "mchid": self.mch_id });
        match self.call(Method::POST, &path, Some(body)).await {
            Ok(_) => Ok(Closing::Closed),
            Err(refusal) if refusal.is(&["ORDER_NOT_EXIST", "ORDERNOTEXIST", "ORDER_CLOSED"]) => {
                Ok(Closing::Closed)
            }
            Err(refusal) if refusal.is(&["ORDERPAID", "ORDER_PAID"]) => Ok(Closing::AlreadyPaid),
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn refund(&self, refund: &Refund) -> Result<RefundStanding, PspError> {
        let mut body = json!({
            "out_trade_no": refund.payment_id,
            "out_refund_no": refund.refund_id,
            "notify_url": refund.notify_url,
            "amount": { "refund": refund.amount.0, "total": refund.of.0, "currency": "CNY" },
        });
        // It refuses an empty one.
        let reason = refund.short_reason();
        if !reason.trim().is_empty() {
            body["reason"] = reason.into();
        }
        let path = "/v3/refund/domestic/refunds";
        let answer: wire::Refund = self.ask(Method::POST, path, Some(body)).await?;
        answer.standing(&refund.payment_id, &refund.refund_id)
    }

    pub(crate) async fn look_up_refund(
        &self,
        payment_id: &str,
        refund_id: &str,
    ) -> Result<Option<RefundStanding>, PspError> {
        let path = format!("/v3/refund/domestic/refunds/{refund_id}");
        match self.ask::<wire::Refund>(Method::GET, &path, None).await {
            Ok(answer) => answer.standing(payment_id, refund_id).map(Some),
            Err(refusal) if refusal.is(&["RESOURCE_NOT_EXISTS", "REFUNDNOTEXIST"]) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
