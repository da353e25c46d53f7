//! The event-sourcing kernel. It knows no business word.
//!
//! Read in this order: [`decider`] (how rules are written), [`event`] and [`metadata`] (what is
//! stored), [`spec`] (how rules are tested), [`command`] and [`log`] (from a request to the
//! record), [`wall`] (who sees which rows of it), [`proofs`] (that it is one), [`personal`] (what
//! can be erased from it), [`stream`] and [`relay`] (to JetStream), [`projection`] (to read models),
//! then the edge: [`auth`], [`access`], [`gate`], [`calls`], [`rpc`], [`query`], [`failure`], [`server`],
//! [`tls`]; [`outbound`] and [`signed`] are for calls to others, and from them,
//! [`agent`] for calls of one part of the system to another. [`catalogue`] lists what a context consists of; [`telemetry`], [`clock`]
//! and [`fault`] serve all of them.

#![warn(missing_docs)]

pub mod access;
pub mod agent;
pub mod auth;
pub mod calls;
pub mod catalogue;
pub mod clock;
pub mod command;
pub mod decider;
pub mod event;
pub mod failure;
pub mod fault;
pub mod gate;
mod listen;
pub mod log;
pub mod metadata;
pub mod outbound;
pub mod personal;
pub mod projection;
pub mod proofs;
pub mod query;
pub mod relay;
pub mod rpc;
pub mod server;
pub mod signed;
#[cfg(feature = "simulation")]
pub mod simulation;
pub mod spec;
pub mod stream;
mod task;
pub mod telemetry;
mod text;
pub mod tls;
pub mod wall;

pub use decider::{Decider, Refusal, RefusalKind};
pub use event::{DomainEvent, Recorded};
pub use metadata::Metadata;
pub use text::Text;
