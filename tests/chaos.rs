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
mod limit;
pub mod load;
mod nats;
mod places;
mod postgres;
mod power;
mod replays;
mod stop;
mod upgrade;

use row::Row;

/// All rows, in the order of their numbers.
pub static ROWS: &[&Row] = &[
    &places::F1,
    &postgres::F2,
    &power::F3,
    &nats::F6,
    &power::F8,
    &clock::F15,
    &limit::F16,
    &upgrade::F21,
    &replays::F24,
    &stop::F27,
];
