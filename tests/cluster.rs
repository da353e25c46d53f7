//! Scenarios on real servers, and the rules that the tree itself must keep.
//!
//! `kernel` tries the log, the relay and the projections with an aggregate of its own; the
//! scenarios in `system` start the `qudao` executable and talk to it as any client does.

#![allow(clippy::unwrap_used, reason = "a test that can not go on says so by panicking")]

mod bench;
mod kernel_log;
mod kernel_stream;
mod rpc_matrix;
mod schemas;
mod support;
mod system;
mod tidy;
