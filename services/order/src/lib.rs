//! The order context (订货): products, price lists, ordering accounts and orders.
//!
//! Read in this order: [`tax`], [`product`], [`barcode`], [`audience`], [`price_list`], [`price_book`], [`assortment`],
//! [`account`], [`territory`], [`order`], [`promotion`], [`order_rules`], [`wallet`], [`credit`],
//! [`remittance`], [`bank_line`], [`payment`], [`provider_bill`], [`stock`], [`after_sale`], [`rebate`], [`rating`], [`cart`], [`shipment`], [`statement`], [`shift`]; [`grpc`] turns requests into commands of these.

#![warn(missing_docs)]

pub mod account;
pub mod after_sale;
pub mod assortment;
pub mod audience;
pub mod bank_line;
pub mod bank_reference;
pub mod barcode;
pub mod cart;
pub mod connection;
pub mod credit;
pub mod funds;
pub mod grpc;
pub mod order;
pub mod order_rules;
pub mod payment;
pub mod price_book;
pub mod price_list;
pub mod product;
pub mod promotion;
pub mod provider_bill;
pub mod rating;
pub mod rebate;
pub mod remittance;
pub mod shift;
pub mod shipment;
pub mod statement;
pub mod stock;
pub mod taking;
pub mod tax;
pub mod territory;
pub mod wallet;

use kernel::catalogue::{AggregateInfo, Context};

pub use grpc::mount;

const NAME: &str = "order";

/// What the rest of the system must know of this context.
pub const CONTEXT: Context = Context {
    name: NAME,
    aggregates: &[
        AggregateInfo::of::<account::Account>(NAME),
        AggregateInfo::of::<after_sale::AfterSale>(NAME),
        AggregateInfo::of::<assortment::Assortment>(NAME),
        AggregateInfo::of::<bank_line::BankLine>(NAME),
        AggregateInfo::of::<bank_reference::BankReference>(NAME),
        AggregateInfo::of::<barcode::Barcode>(NAME),
        AggregateInfo::of::<cart::Cart>(NAME),
        AggregateInfo::of::<connection::Connection>(NAME),
        AggregateInfo::of::<credit::CreditAccount>(NAME),
        AggregateInfo::of::<order::Order>(NAME),
        AggregateInfo::of::<order_rules::OrderRules>(NAME),
        AggregateInfo::of::<payment::OnlinePayment>(NAME),
        AggregateInfo::of::<price_book::PriceBook>(NAME),
        AggregateInfo::of::<price_list::PriceList>(NAME),
        AggregateInfo::of::<product::Product>(NAME),
        AggregateInfo::of::<promotion::Promotion>(NAME),
        AggregateInfo::of::<promotion::PromotionBook>(NAME),
        AggregateInfo::of::<promotion::PromotionQuota>(NAME),
        AggregateInfo::of::<rebate::RebatePlan>(NAME),
        AggregateInfo::of::<rebate::RebateSettlement>(NAME),
        AggregateInfo::of::<provider_bill::ProviderBill>(NAME),
        AggregateInfo::of::<remittance::Remittance>(NAME),
        AggregateInfo::of::<shipment::Shipment>(NAME),
        AggregateInfo::of::<statement::Statement>(NAME),
        AggregateInfo::of::<statement::StatementChain>(NAME),
        AggregateInfo::of::<stock::StockItem>(NAME),
        AggregateInfo::of::<territory::Territory>(NAME),
        AggregateInfo::of::<wallet::Wallet>(NAME),
    ],
};
