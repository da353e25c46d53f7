//! What makes a log provable, as pure functions: no database, no clock, no network.
//!
//! Read in this order: [`event`] (the bytes that are hashed, and the chain), [`merkle`] (the tree
//! over the chain, RFC 6962), [`tiles`] (how the tree is stored, C2SP tlog-tiles), [`note`] and
//! [`checkpoint`] (what is signed, C2SP signed-note and tlog-checkpoint), [`strip`] and [`audit`]
//! (how a whole log is checked, and how the event that is at fault is named), [`export`] (what
//! leaves the system for an auditor) and [`check`] (how that is checked far away from it).
//!
//! `docs/proofs.md` gives every format byte for byte.

#![warn(missing_docs)]

pub mod audit;
pub mod check;
pub mod checkpoint;
pub mod event;
pub mod export;
pub mod merkle;
pub mod note;
pub mod strip;
mod suspects;
pub mod tiles;

pub use audit::{Audit, Head, Kind, Problem, Report};
pub use checkpoint::Checkpoint;
pub use event::{Hash, StoredEvent, chain_start, chain_step};
pub use note::{Signer, Verifier};
pub use strip::Strip;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Standard base64 with padding, as notes and proofs have it.
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The hash that a base64 text stands for.
pub fn hash_from_base64(text: &str) -> Option<Hash> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The hash that 64 hexadecimal digits stand for.
pub fn hash_from_hex(text: &str) -> Option<Hash> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut hash = Hash::default();
    for (byte, pair) in hash.iter_mut().zip(digits.chunks(2)) {
        let value = |digit: u8| char::from(digit).to_digit(16);
        *byte = u8::try_from(value(pair[0])? * 16 + value(pair[1])?).ok()?;
    }
    Some(hash)
}
