//! Attacks: each row is a function that does to a running system what nobody may, on every rpc that
//! the system itself tells of, and counts what was refused as it should be.
//!
//! Tests run rows at a small size; `make security` runs them whole and writes docs/security.md.
//! Reading order: [`row`] says what a row is, [`ROWS`] lists them, [`stage`] is what is attacked,
//! [`rpcs`] finds its rpcs, [`requests`] fills their requests from the contracts alone.

pub mod report;
pub mod requests;
pub mod row;
pub mod rpcs;
pub mod stage;

pub mod fakes;
pub mod file_names;
mod frames;
mod good;
mod http2;
mod inside;
mod lists;
mod names;
mod outbound;
pub mod oversized;
mod pace;
pub mod payments;
mod roles;
mod secrets;
mod seeds;
mod strings;
mod tenants;
mod tokens;
pub mod wire;

use row::Row;

/// All rows.
pub static ROWS: &[&Row] = &[
    &wire::S1,
    &oversized::S2,
    &tokens::S3,
    &tenants::S4,
    &roles::S5,
    &strings::S7,
    &file_names::S9,
    &fakes::S10,
    &pace::S11,
    &outbound::S12,
    &payments::S13,
    &secrets::S15,
];
