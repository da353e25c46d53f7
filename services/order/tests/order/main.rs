//! The rules of the order context, as sentences.

mod catalogue;
mod framework;
mod invariants;
mod orders;
mod pricing;
mod requests;
mod territory;
mod world;
