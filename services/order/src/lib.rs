//! The order context (订货): products, price lists, ordering accounts and orders.
//!
//! Read in this order: [`product`], [`price_list`], [`account`], [`order`]; [`grpc`] turns
//! requests into commands of these.

#![warn(missing_docs)]

pub mod account;
pub mod grpc;
pub mod order;
pub mod price_list;
pub mod product;

use kernel::catalogue::{AggregateInfo, Context};

pub use grpc::mount;

/// What the rest of the system must know of this context.
pub const CONTEXT: Context = Context {
    name: "order",
    aggregates: &[
        AggregateInfo::of::<account::Account>(),
        AggregateInfo::of::<order::Order>(),
        AggregateInfo::of::<price_list::PriceList>(),
        AggregateInfo::of::<product::Product>(),
    ],
};
