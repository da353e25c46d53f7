//! The roles of a system inside this process, so that its gate can be made without a wall.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use kernel::auth::Keys;
use kernel::catalogue::Context;
use kernel::command::Commands;
use kernel::gate::{Gate, Wall};
use kernel::log::Log;
use kernel::outbound::{Outbound, Reach};
use kernel::personal::Vault;
use kernel::proofs::{LogKey, Proofs};
use kernel::relay::{Relay, Settings};
use kernel::server::{Server, bind, serve};
use kernel::wall::Logins;
use local::TestServers;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::support::metrics;

static CONTEXTS: [Context; 3] = [order::CONTEXT, partner::CONTEXT, collab::CONTEXT];

/// Running roles. They end when this is dropped, before their servers.
pub(super) struct Inside {
    address: SocketAddr,
    _stop: DropGuard,
    servers: TestServers,
}

impl Inside {
    /// Starts commands, relays, projections and queries behind a gate without this wall.
    pub(super) async fn start(wall: Option<Wall>) -> Self {
        let servers = TestServers::start().await.unwrap();
        let stop = CancellationToken::new();
        let keys = Keys::open(&servers.dir().join("signing-key.pem")).unwrap();
        let mut server = Server::new().unwrap();
        mount(&mut server, &servers, &keys, &stop).await;
        let gate = Gate::new(keys).unwrap();
        let gate = match wall {
            Some(wall) => gate.without(wall),
            None => gate,
        };
        let router = server.into_router(gate, metrics::recorded().clone(), Vec::new());
        let listener = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, router, stop.clone()));
        Self { address, _stop: stop.drop_guard(), servers }
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(super) fn key_file(&self) -> PathBuf {
        self.servers.dir().join("signing-key.pem")
    }
}

async fn mount(server: &mut Server, servers: &TestServers, keys: &Keys, stop: &CancellationToken) {
    let (url, dir) = (servers.postgres_url(), servers.dir());
    let jetstream = kernel::stream::connect(&servers.nats_url(), "security").await.unwrap();
    let log_key = LogKey::open(&dir.join("log-key.pem"), "security").unwrap();
    let mut logs = Vec::new();
    for context in CONTEXTS {
        let log = Log::open(&url, context.name).await.unwrap();
        let relay = Relay::new(log.clone(), jetstream.clone(), Settings::default());
        tokio::spawn(relay.run(stop.clone()));
        let proofs = Proofs::of(&log, Some(log_key.signer(context.name).unwrap()));
        tokio::spawn(kernel::proofs::run(proofs, stop.clone()));
        logs.push((context, log));
    }
    let vault = Vault::open(&logs[1].1, &dir.join("personal.key")).await.unwrap();
    order::mount(server, Commands::new(logs[0].1.clone())).await;
    let commands = Commands::new(logs[1].1.clone());
    let outbound = Outbound::new(Reach::Public, None).unwrap();
    let (signs, seals) = (keys.clone(), vault.clone());
    partner::mount(server, commands, signs, seals, outbound).await.unwrap();
    let files = collab::Files::open(&dir.join("files").to_string_lossy()).unwrap();
    let commands = Commands::new(logs[2].1.clone());
    // Nobody asks here for a picture as a dealer.
    let (files, products) = ((files, collab::DEFAULT_QUOTA), ("http://127.0.0.1:9", None));
    let sweeper = collab::mount(server, commands, files, products).await.unwrap();
    tokio::spawn(sweeper.run(stop.clone()));
    let (logins, both) = (Logins::of(&url).unwrap(), [jetstream.clone(), jetstream]);
    let all: Vec<_> = logs.iter().map(|(_, log)| log.clone()).collect();
    let basis = webhooks::Basis {
        logins: &logins,
        contexts: &CONTEXTS,
        logs: &all,
        jetstream: both[0].clone(),
        vault: vault.clone(),
        outbound: Outbound::new(Reach::Public, None).unwrap(),
        // Nobody is asked to disable anything here.
        partner: ("http://127.0.0.1:9", None),
        keys: keys.clone(),
    };
    let sending = webhooks::mount(server, basis).await.unwrap();
    tokio::spawn(sending.run(stop.clone()));
    let runners =
        projector::mount(server, &logins, logs, both, stop.clone(), &log_key, vault).await;
    for runner in runners.unwrap() {
        tokio::spawn(runner.run(stop.clone()));
    }
}
