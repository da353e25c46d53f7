//! Scenarios of the whole: the real executable on real servers, used as any client uses it.

mod access;
mod access_log;
mod audit;
mod demo;
mod erasure;
mod faults;
mod files;
mod files_http;
mod files_s3;
mod identity;
mod identity_people;
mod leftovers;
mod oidc;
mod order_to_cockpit;
mod outside;
mod parked;
mod promotions;
mod proofs;
mod region_moves;
mod regions;
mod replay;
mod rest;
mod service_accounts;
mod streams;
mod webhooks;
mod webhooks_sending;
