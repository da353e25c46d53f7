//! Faults on purpose: each row of the scorecard is a function that breaks something while the real
//! parts run, and compares what was acknowledged, stored, streamed and projected afterwards.
//!
//! Tests run rows at their smallest size; `make chaos` runs them larger, several times, and writes
//! docs/reliability.md. Reading order: [`row`] says what a row is, [`ROWS`] lists them, [`run`]
//! runs one, [`report`] keeps and shows what came of it.

pub mod report;
pub mod row;
pub mod run;

mod append;
mod audit;
mod checkpoints;
pub mod child;
mod clock;
mod cluster;
mod delivery;
mod determinism;
mod errands;
mod limit;
pub mod load;
mod nats;
mod places;
mod poison;
mod postgres;
mod power;
mod rebuild;
mod replays;
mod simulated;
mod slow;
mod stall;
mod stop;
mod tamper;
mod upgrade;

use row::Row;

/// All rows, in the order of their numbers.
pub static ROWS: &[&Row] = &[
    &places::F1,
    &postgres::F2,
    &power::F3,
    &append::F4,
    &stall::F5,
    &nats::F6,
    &cluster::F7,
    &power::F8,
    &nats::F9,
    &slow::F11,
    &delivery::F12,
    &delivery::F13,
    &delivery::F14,
    &clock::F15,
    &limit::F16,
    &poison::F18,
    &checkpoints::F19,
    &checkpoints::F20,
    &upgrade::F21,
    &determinism::F22,
    &rebuild::F23,
    &replays::F24,
    &tamper::F25,
    &stop::F27,
    &simulated::F28,
];
