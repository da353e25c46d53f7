//! The read models: one file each, with what every fact changes. Their tables are in
//! `migrations/`, their queries in the files named for the services.

pub(crate) mod event_index;
pub(crate) mod files;
pub(crate) mod orders;
pub(crate) mod partners;
pub(crate) mod products;
pub(crate) mod promotions;
pub(crate) mod sales;
pub(crate) mod users;
