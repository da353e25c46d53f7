//! The contracts of /proto as Rust types. Nothing here is written by hand but the two traits that
//! let the kernel treat every command alike; build.rs implements them from the descriptors.

// Generated code follows prost's habits, not ours.
#[allow(clippy::all, unreachable_pub)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/packages.rs"));
}

use generated::qudao;
pub use generated::qudao::*;

include!(concat!(env!("OUT_DIR"), "/commands.rs"));

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
