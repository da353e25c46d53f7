//! The sides of comparisons: the log, commands and rpcs of qudao, and what they compare with.

pub mod batched;
pub mod cqrs;
pub mod echo;
pub mod filled;
pub mod insert;
pub mod mall;
pub mod orders;
pub mod ours;
pub mod peer_shop;
pub mod process;
pub mod rpc;
pub mod settled;
pub mod shop;
pub mod tally;
