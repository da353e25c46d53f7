//! How fast qudao is, against what else one could take, on this machine.
//!
//! Reading order: [`load`] lets callers go on for a while, [`rounds`] measures sides in turns,
//! [`statistics`] makes medians and ratios of it, [`report`] keeps and shows them. [`measure`]
//! lists the measurements, one file each; [`sides`] holds what they compare with. [`cli`] puts a
//! run together for `qudao bench` and for `make bench`.
//!
//! All comparisons are ratios within one run on the same servers: figures of another moment or
//! another machine say nothing.

#![warn(missing_docs)]
#![allow(clippy::float_arithmetic, reason = "rates, ratios and medians are what this crate makes")]

pub mod cli;
pub mod database;
mod document;
pub mod load;
pub mod machine;
pub mod measure;
pub mod processes;
pub mod progress;
pub mod report;
pub mod rounds;
pub mod servers;
pub mod sides;
pub mod statistics;
mod table;

pub use cli::{Args, run};
pub use measure::{MEASUREMENTS, Measurement, Run, Tier};
