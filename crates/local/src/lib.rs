//! The project's own PostgreSQL and nats-server on loopback, for a laptop and for tests: no
//! container engine, no root, nothing installed outside the checkout.
//!
//! Reading order: [`obtain`] finds or fetches the two programs; `postgres` and `nats` start them;
//! `process` records who runs, so that nothing is ever stopped by name; [`Servers`] puts them
//! together for `make up`, [`Service`] runs a program of ours beside them; [`TestServers`] starts
//! both servers for a test, in a folder that it deletes, and [`NatsCluster`] three nats-servers that
//! keep streams together.

mod account;
mod cluster;
pub mod http;
mod nats;
mod obtain;
mod packages;
mod place;
mod ports;
mod postgres;
pub mod process;
mod proxy;
mod servers;
mod service;
mod testing;
mod version;

pub use cluster::{ELECTION, NODES, NatsCluster};
pub use nats::NatsSettings;
pub use obtain::{Programs, obtain};
pub use place::{Place, checkout, require_free_space};
pub use ports::Ports;
pub use proxy::Wire;
pub use servers::{Addresses, Servers};
pub use service::Service;
pub use testing::{TestPlace, TestServers};
pub use version::Version;
