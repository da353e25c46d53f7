//! The proofs, against published vectors and by their properties.

#![allow(clippy::unwrap_used, reason = "a test that can not go on says so by panicking")]

#[path = "proof/exports.rs"]
mod exports;
#[path = "proof/log.rs"]
mod log;
#[path = "proof/notes.rs"]
mod notes;
#[path = "proof/tampering.rs"]
mod tampering;
#[path = "proof/tree.rs"]
mod tree;
