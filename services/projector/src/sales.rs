//! The sales cube: its table is filled here, its sums are asked in `query`.

mod period;
mod query;
mod sums;

pub(crate) use query::SalesQueryApi;
