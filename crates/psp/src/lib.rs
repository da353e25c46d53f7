//! Payment service providers (支付机构): WeChat Pay by its API v3, and Alipay by its open platform
//! with RSA2 signatures.
//!
//! Two libraries were looked at and left aside. `wechat-pay-rust-sdk` takes another base address but
//! brings `reqwest`, reads answers without looking at their signatures and tells refusals apart by
//! text only; `alipay_sdk_rust` blocks a thread with an HTTP client of its own, unwraps what an
//! answer may not have and gives every refusal as one string.
//!
//! Amounts are whole 分 of CNY, times are UTC; providers write yuan and +08:00, which ends here.
//! Nothing that a provider says counts before its signature was verified.
//!
//! Read in this order: [`merchant`] (who we are to a provider), [`payment`] (what is asked and
//! answered), [`Client`] (the asking), [`notice`] (what providers send on their own), [`error`].

#![warn(missing_docs)]

mod alipay;
mod china;
mod client;
pub mod error;
mod keys;
pub mod merchant;
pub mod notice;
pub mod payment;
mod provider;
mod wechat;

pub use client::Client;
pub use error::PspError;
pub use merchant::{Alipay, Merchant, MerchantError, PlatformKey, Secret, WechatPay};
pub use notice::{Notice, NoticeError, NoticeKind};
pub use payment::{
    Capture, Charge, Closing, Presented, Refund, RefundStanding, Scene, Standing, StatementKind,
    StatementLine,
};
pub use provider::{Provider, acknowledgement};
