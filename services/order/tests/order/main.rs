//! The rules of the order context, as sentences.

mod carts;
mod catalogue;
mod framework;
mod invariants;
mod orders;
mod pricing;
mod promoting;
mod promotion_life;
mod promotions;
mod requests;
mod territory;
mod world;
