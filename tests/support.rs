//! What the scenarios stand on.

pub(crate) mod counter;
pub(crate) mod shop;
pub(crate) mod system;
pub(crate) mod tally;
