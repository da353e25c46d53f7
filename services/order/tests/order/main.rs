//! The rules of the order context, as sentences.

mod after_sale_cases;
mod after_sales;
mod assortment;
mod carts;
mod catalogue;
mod credit;
mod framework;
mod handing_over;
mod invariants;
mod kept_carts;
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
mod shipments;
mod short_close;
mod stock;
mod territory;
mod wallets;
mod world;
