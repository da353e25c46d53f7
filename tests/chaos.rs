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
mod checkpoints;
pub mod child;
mod cluster;
mod delivery;
mod determinism;
mod nats;
mod poison;
mod rebuild;
mod simulated;
mod slow;
mod stall;
mod tamper;

use row::Row;

/// All rows, in the order of their numbers.
pub static ROWS: &[&Row] = &[
    &append::F4,
    &stall::F5,
    &nats::F6,
    &cluster::F7,
    &nats::F9,
    &slow::F11,
    &delivery::F12,
    &delivery::F13,
    &delivery::F14,
    &poison::F18,
    &checkpoints::F19,
    &checkpoints::F20,
    &determinism::F22,
    &rebuild::F23,
    &tamper::F25,
    &simulated::F28,
];
