//! Promotions (促销): what a brand gives besides its prices, and to whom.
//!
//! A promotion is data. The engine is a pure function: what is in the cart, who buys, what the
//! rules are and what is left of them go in; discounts to the 分, gifts and a trace of every rule
//! that was tried come out. Nothing depends on the order in which lines or rules are given, so the
//! same facts give the same totals for ever.
//!
//! Six kinds of promotion that the trade knows are combinations of what is measured and what is
//! given:
//!
//! | kind | measured | given |
//! |---|---|---|
//! | 满减 spend and save | [`Measure::Amount`] | [`Reward::Off`] |
//! | 满赠 spend and get | [`Measure::Amount`] | [`Reward::Gifts`] |
//! | 折扣 discount | [`Measure::Quantity`] from 1 | [`Reward::Percent`] |
//! | 买赠 buy and get | [`Measure::Quantity`] | [`Reward::Gifts`] |
//! | 阶梯 steps | amount or quantity, several tiers | any |
//! | 组合 bundle | [`Measure::Sets`] | [`Reward::SetPrice`], or any |
//!
//! Read in this order: [`terms`] (what a promotion says), [`cart`] (what it is applied to),
//! [`outcome`] (what comes of it), [`engine`] (how), [`check`] (which rules make sense), [`life`]
//! (who makes them count, and until when), [`book`] (where orders find them), [`quota`] (how often
//! they were given).

pub mod book;
pub mod cart;
pub mod check;
pub mod engine;
pub mod life;
pub mod outcome;
pub mod quota;
mod spread;
pub mod terms;

pub use book::{BOOK, BookCommand, BookEvent, PromotionBook};
pub use cart::{Cart, CartLine, Stock};
pub use check::Fault;
pub use engine::apply;
pub use life::{
    Plan, Promotion, PromotionCommand, PromotionEvent, PromotionRefusal, PromotionStatus,
};
pub use outcome::{Applied, Discount, GiftLine, Missing, Outcome, Refused, Tried, Verdict};
pub use quota::{PromotionQuota, QuotaCommand, QuotaEvent, QuotaUse};
pub use terms::{
    BasisPoints, Gift, Group, Measure, Offer, Part, Quota, Reward, Stacking, Terms, Tier,
};
