//! What the scenarios stand on.

pub mod after_sales;
pub mod books;
pub mod counter;
pub mod disk;
pub mod evidence;
pub mod files;
pub mod funds;
pub mod metrics;
pub mod online;
pub mod people;
pub mod promotions;
pub mod rebates;
pub mod receiver;
pub mod relaying;
pub mod replay;
pub mod sets;
pub mod shop;
pub mod system;
pub mod tally;
pub mod walls;
pub mod webhooks;
