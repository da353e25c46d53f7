//! Scenarios on real servers, and the rules that the tree itself must keep.
//!
//! `kernel` tries the log, the relay and the projections with an aggregate of its own; the
//! scenarios in `system` start the `qudao` executable and talk to it as any client does.

#![allow(clippy::unwrap_used, reason = "a test that can not go on says so by panicking")]

mod asyncapi;
mod attacks;
mod bench;
mod checker;
mod cloudevents;
mod errors;
mod evolution;
mod faults;
mod kernel_commands;
mod kernel_log;
mod kernel_parked;
mod kernel_rebuild;
mod kernel_relay;
mod kernel_relay_faults;
mod kernel_rows;
mod kernel_stream;
mod nats_users;
mod openapi;
mod panics;
mod personal;
mod proofs;
mod rpc_matrix;
mod schemas;
mod sql;
mod system;
mod tidy;
mod tls;
mod walls;
