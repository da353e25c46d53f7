//! The rules of the order context, as sentences.

mod assortment;
mod carts;
mod catalogue;
mod credit;
mod framework;
mod invariants;
mod orders;
mod paying;
mod payments;
mod price_lists;
mod pricing;
mod promoting;
mod promotion_life;
mod promotions;
mod remittances;
mod requests;
mod short_close;
mod stock;
mod territory;
mod wallets;
mod world;
