//! The contracts of /proto as Rust types, and what every request is looked at for. Nothing here is
//! written by hand but the trait that lets the kernel treat every command alike, and what looks at
//! one value; the build implements both for all messages from the descriptors.

pub mod check;

// Generated code follows prost's habits, not ours.
#[allow(clippy::all, unreachable_pub)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/packages.rs"));
}

use generated::qudao;
pub use generated::qudao::*;

include!(concat!(env!("OUT_DIR"), "/commands.rs"));

// Generated code follows the contracts, not our habits.
#[allow(clippy::all, clippy::pedantic, unused_imports, unused_variables)]
mod checks {
    use std::sync::LazyLock;

    use regex::Regex;

    use super::*;
    use crate::check::{At, Checked, Findings, Form, Looker, is_zero, look};

    include!(concat!(env!("OUT_DIR"), "/checks.rs"));
}

pub use checks::{looking_at, most_bytes};

/// The compiled contracts, for reflection and for reading options.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// The same with the comments, for documents. No program that does not ask for it carries it.
pub const COMMENTED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/commented.bin"));

/// A request that asks for a change.
pub trait CommandRequest {
    /// UUID made by the caller; repeats of it are answered without doing the work again.
    fn request_id(&self) -> &str;
    /// Number of events the caller believes its object to have.
    fn expected_version(&self) -> Option<u64>;
}
