//! Tests of the whole: real PostgreSQL, real nats-server, real processes.
//!
//! `cluster.rs` holds the tests; [`support`] is what they stand on; [`chaos`] breaks things on
//! purpose, at the size that it is told, for the tests and for `make chaos`; [`security`] attacks
//! what runs, for the tests and for `make security`.

#![allow(clippy::unwrap_used, reason = "a test that can not go on says so by panicking")]
#![allow(missing_docs, reason = "for our own tests only")]

pub mod chaos;
pub mod security;
pub mod support;
