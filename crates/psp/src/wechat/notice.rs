//! What WeChat Pay sends on its own: signed like its answers, and sealed with the merchant's key.

use chrono::{DateTime, Utc};
use http::HeaderMap;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use values::Minor;

use super::signed::Mistrust;
use super::{Wechat, wire};
use crate::keys;
use crate::notice::{Notice, NoticeError, NoticeKind};

/// Signatures of its probes begin like this; whoever takes them takes any forgery.
const PROBE: &str = "WECHATPAY/SIGNTEST/";
const ALGORITHM: &str = "AEAD_AES_256_GCM";

#[derive(Deserialize)]
struct Envelope {
    id: String,
    event_type: String,
    resource: Sealed,
}

#[derive(Deserialize)]
struct Sealed {
    algorithm: String,
    ciphertext: String,
    nonce: String,
    #[serde(default)]
    associated_data: String,
}

impl Wechat {
    pub(crate) fn read_notice(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<Notice, NoticeError> {
        let signature = headers.get("wechatpay-signature").map(|value| value.as_bytes());
        if signature.is_some_and(|signature| signature.starts_with(PROBE.as_bytes())) {
            return Err(NoticeError::Forged);
        }
        self.verify(headers, body, now).map_err(|mistrust| match mistrust {
            Mistrust::Unsigned => NoticeError::Unsigned,
            Mistrust::UnknownKey(id) => NoticeError::UnknownKey(id),
            Mistrust::Forged => NoticeError::Forged,
            Mistrust::Stale => NoticeError::Stale,
        })?;
        let envelope: Envelope = read(body)?;
        let kind = match envelope.event_type.as_str() {
            "TRANSACTION.SUCCESS" => self.paid(&envelope.resource)?,
            "REFUND.SUCCESS" | "REFUND.ABNORMAL" | "REFUND.CLOSED" => {
                self.refunded(&envelope.resource)?
            }
            other => NoticeKind::Other(other.to_owned()),
        };
        Ok(Notice { notice_id: envelope.id, kind })
    }

    fn paid(&self, sealed: &Sealed) -> Result<NoticeKind, NoticeError> {
        let found: wire::Transaction = self.opened(sealed)?;
        if let Some((field, found)) = found.foreign(&self.mch_id, &self.app_id) {
            return Err(NoticeError::OtherMerchant { field, found: found.to_owned() });
        }
        if found.trade_state != "SUCCESS" {
            return Err(NoticeError::without("trade_state"));
        }
        found.capture().map(NoticeKind::Paid).map_err(NoticeError::without)
    }

    fn refunded(&self, sealed: &Sealed) -> Result<NoticeKind, NoticeError> {
        let found: wire::Refund = self.opened(sealed)?;
        // Unlike an answer, it says whose it is; it names no application.
        let merchant = found.mchid.ok_or_else(|| NoticeError::without("mchid"))?;
        if merchant != self.mch_id {
            return Err(NoticeError::OtherMerchant { field: "mchid", found: merchant });
        }
        let payment_id = found.out_trade_no;
        if found.status != "SUCCESS" {
            let refund_id = found.out_refund_no;
            return Ok(NoticeKind::RefundFailed { payment_id, refund_id, reason: found.status });
        }
        let amount = found.amount.refund.filter(|amount| *amount > 0);
        let amount = Minor(amount.ok_or_else(|| NoticeError::without("amount.refund"))?);
        Ok(NoticeKind::Refunded { payment_id, refund_id: Some(found.out_refund_no), amount })
    }

    fn opened<T: DeserializeOwned>(&self, sealed: &Sealed) -> Result<T, NoticeError> {
        let Sealed { algorithm, ciphertext, nonce, associated_data } = sealed;
        if algorithm != ALGORITHM {
            return Err(NoticeError::Unreadable(format!("sealed with {algorithm}")));
        }
        let key = self.api_v3_key.reveal().as_bytes();
        let opened = keys::open(key, nonce, associated_data, ciphertext);
        read(&opened.ok_or_else(|| NoticeError::without("resource"))?)
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, NoticeError> {
    serde_json::from_slice(bytes).map_err(|error| NoticeError::Unreadable(error.to_string()))
}
