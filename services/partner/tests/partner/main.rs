//! The rules of the brand, its regions, its dealers and its people.

#![allow(clippy::unwrap_used, reason = "a test that can not go on says so by panicking")]

mod companies;
mod identity_providers;
mod invitations;
mod memberships;
mod people;
mod refusals;
mod region_moves;
mod regions;
mod regions_any;
mod revoking;
mod service_accounts;
mod webhooks;
mod world;
