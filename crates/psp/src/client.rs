//! The asking: one client for one merchant, whichever provider it is with.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use http::HeaderMap;
use kernel::outbound::Outbound;

use crate::alipay::Alipay;
use crate::error::PspError;
use crate::merchant::{Merchant, MerchantError};
use crate::notice::{Notice, NoticeError};
use crate::payment::{
    Charge, Closing, Presented, Refund, RefundStanding, Standing, StatementLine, check_payment,
    check_refund,
};
use crate::provider::Provider;
use crate::wechat::Wechat;

/// What speaks with a provider for a merchant.
pub struct Client {
    merchant_id: String,
    with: With,
}

enum With {
    Wechat(Box<Wechat>),
    Alipay(Box<Alipay>),
}

impl fmt::Debug for Client {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = to.debug_struct("Client");
        shown.field("provider", &self.provider()).field("merchant_id", &self.merchant_id).finish()
    }
}

impl Client {
    /// A client for a merchant, which calls by `outbound`.
    ///
    /// # Errors
    /// See [`MerchantError`].
    pub fn new(merchant: Merchant, outbound: Outbound) -> Result<Self, MerchantError> {
        let merchant_id = merchant.id().to_owned();
        let with = match merchant {
            Merchant::WechatPay(it) => With::Wechat(Box::new(Wechat::new(it, outbound)?)),
            Merchant::Alipay(it) => With::Alipay(Box::new(Alipay::new(it, outbound)?)),
        };
        Ok(Self { merchant_id, with })
    }

    /// With whom.
    pub fn provider(&self) -> Provider {
        match &self.with {
            With::Wechat(_) => Provider::WechatPay,
            With::Alipay(_) => Provider::Alipay,
        }
    }

    /// The number that the provider knows the merchant by.
    pub fn merchant_id(&self) -> &str {
        &self.merchant_id
    }

    /// Lets a charge be paid. The same charge again gives a way to pay the same payment, so it can
    /// be asked for as often as the payer needs it.
    ///
    /// # Errors
    /// See [`PspError`]; refused, among others, when the number was used for another charge, or
    /// when the payment was paid or closed.
    pub async fn present(&self, charge: &Charge) -> Result<Presented, PspError> {
        charge.check()?;
        match &self.with {
            With::Wechat(it) => it.present(charge).await,
            With::Alipay(it) => it.present(charge).await,
        }
    }

    /// How far a payment is.
    ///
    /// # Errors
    /// See [`PspError`].
    pub async fn look_up(&self, payment_id: &str) -> Result<Standing, PspError> {
        check_payment(payment_id)?;
        match &self.with {
            With::Wechat(it) => it.look_up(payment_id).await,
            With::Alipay(it) => it.look_up(payment_id).await,
        }
    }

    /// Lets a payment not be paid any more.
    ///
    /// # Errors
    /// See [`PspError`].
    pub async fn close(&self, payment_id: &str) -> Result<Closing, PspError> {
        check_payment(payment_id)?;
        let closed = match &self.with {
            With::Wechat(it) => it.close(payment_id).await,
            With::Alipay(it) => it.close(payment_id).await,
        };
        let Err(refusal @ PspError::Refused { .. }) = closed else { return closed };
        // Why closing is refused has many codes, and some have changed; how the payment is, has not.
        match self.look_up(payment_id).await? {
            Standing::Paid(_) => Ok(Closing::AlreadyPaid),
            Standing::Closed => Ok(Closing::Closed),
            Standing::Unknown | Standing::Waiting => Err(refusal),
        }
    }

    /// Gives money back.
    ///
    /// # Errors
    /// See [`PspError`]; refused, among others, when more would go back than was paid, and when the
    /// payment is older than a year.
    pub async fn refund(&self, refund: &Refund) -> Result<RefundStanding, PspError> {
        refund.check()?;
        match &self.with {
            With::Wechat(it) => it.refund(refund).await,
            With::Alipay(it) => it.refund(refund).await,
        }
    }

    /// How far a refund is; none when the provider has not heard of it, or did nothing about it.
    ///
    /// # Errors
    /// See [`PspError`].
    pub async fn look_up_refund(
        &self,
        payment_id: &str,
        refund_id: &str,
    ) -> Result<Option<RefundStanding>, PspError> {
        check_payment(payment_id)?;
        check_refund(refund_id)?;
        match &self.with {
            With::Wechat(it) => it.look_up_refund(payment_id, refund_id).await,
            With::Alipay(it) => it.look_up_refund(payment_id, refund_id).await,
        }
    }

    /// The provider's books of a day in China. They are complete from ten o'clock of the next one;
    /// a day without movements has no lines.
    ///
    /// # Errors
    /// See [`PspError`].
    pub async fn statement(&self, day: NaiveDate) -> Result<Vec<StatementLine>, PspError> {
        match &self.with {
            With::Wechat(it) => it.statement(day).await,
            With::Alipay(it) => it.statement(day).await,
        }
    }

    /// Reads what the provider has sent on its own. A notice comes again, may come twice at once,
    /// and in any order.
    ///
    /// # Errors
    /// See [`NoticeError`].
    pub fn read_notice(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<Notice, NoticeError> {
        match &self.with {
            With::Wechat(it) => it.read_notice(headers, body, now),
            With::Alipay(it) => it.read_notice(body),
        }
    }
}
