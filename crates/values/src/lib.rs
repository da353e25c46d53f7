//! The values that the contexts share: ids, money, quantities, days, regions, free text.
//!
//! They are pure and hold integers only. What comes from outside is checked once, by `parse` or
//! `from_str`; reading a stored fact checks nothing, because a fact can not be refused later.
//!
//! Read in this order: [`id`], [`money`], [`quantity`], [`date`], [`timeline`], [`gtin`], [`class`],
//! [`region`], [`places`], [`sight`], [`text`].

#![warn(missing_docs)]

pub mod class;
pub mod date;
pub mod gtin;
pub mod id;
pub mod money;
pub mod places;
pub mod provider;
pub mod quantity;
pub mod region;
pub mod sight;
pub mod text;
pub mod timeline;

pub use class::DealerClass;
pub use date::BusinessDate;
pub use gtin::{Gtin, InvalidGtin};
pub use id::{
    AfterSaleId, AssortmentRuleId, BankLineId, CartId, ChannelId, DealerId, InvalidId, LevelId,
    OrderId, PaymentId, PriceListId, ProductId, PromotionId, RebatePlanId, RegionId, RemittanceId,
    ServiceAccountId, ShipmentId, StatementId, TenantId, UserId, WarehouseId,
};
pub use money::{Currency, Minor};
pub use places::RegionPlaces;
pub use provider::Provider;
pub use quantity::Quantity;
pub use region::{RegionPath, RegionRef};
pub use sight::Sight;
pub use timeline::{NoChange, Since, Timeline};

/// What is wrong with a value from outside, for people who read Chinese; the error's own text is
/// the English one.
pub trait Explain: std::error::Error {
    /// What the value must be.
    fn zh(&self) -> String;
}
