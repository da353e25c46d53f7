//! Faults on purpose: each row of the scorecard is a function that breaks something while the real
//! parts run, and compares what was acknowledged, stored, streamed and projected afterwards.
//!
//! Tests run rows at their smallest size; `make chaos` runs them larger, several times, and writes
//! docs/reliability.md. Reading order: [`row`] says what a row is, [`ROWS`] lists them, [`run`]
//! runs one, [`report`] keeps and shows what came of it.

pub mod report;
pub mod row;
pub mod run;

mod audit;
mod clock;
mod errands;
pub mod load;
mod nats;
mod places;
mod postgres;
mod stop;

use row::Row;

/// All rows, in the order of their numbers.
pub static ROWS: &[&Row] = &[&places::F1, &postgres::F2, &nats::F6, &clock::F15, &stop::F27];
