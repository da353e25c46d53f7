//! The read models: one file each, with what every fact changes. Their tables are in
//! `migrations/`, their queries in the files named for the services.

pub(crate) mod after_sales;
pub(crate) mod carts;
pub(crate) mod event_index;
pub(crate) mod files;
pub(crate) mod funds;
pub(crate) mod order_metrics;
pub(crate) mod order_todos;
pub(crate) mod orders;
mod orders_changed;
pub(crate) mod partners;
pub(crate) mod payments;
pub(crate) mod products;
pub(crate) mod promotions;
pub(crate) mod rebates;
pub(crate) mod reconciliation;
pub(crate) mod sales;
pub(crate) mod shipments;
pub(crate) mod statements;
pub(crate) mod stock;
pub(crate) mod users;
pub(crate) mod waiting;

use values::BusinessDate;

/// The day that stands in tables for what counts from ever.
const EVER: &str = "0001-01-01";

/// The first day of something, as tables have it.
fn since(day: Option<BusinessDate>) -> String {
    day.map_or_else(|| EVER.to_owned(), |day| day.to_string())
}
