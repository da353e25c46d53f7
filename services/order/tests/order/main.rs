//! The rules of the order context, as sentences.

mod assortment;
mod carts;
mod catalogue;
mod framework;
mod invariants;
mod orders;
mod price_lists;
mod pricing;
mod promoting;
mod promotion_life;
mod promotions;
mod requests;
mod territory;
mod world;
