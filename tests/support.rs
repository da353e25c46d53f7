//! What the scenarios stand on.

pub(crate) mod counter;
pub(crate) mod relaying;
pub(crate) mod replay;
pub(crate) mod sets;
pub(crate) mod shop;
pub(crate) mod system;
pub(crate) mod tally;
