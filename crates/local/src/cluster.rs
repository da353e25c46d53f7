//! Three nats-servers on loopback that keep streams together, for tests of what a cluster survives.

use std::process::Child;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::nats::{Nats, NatsSettings};
use crate::obtain::{Programs, obtain};
use crate::ports::Ports;
use crate::process::Signal;
use crate::proxy::Wire;
use crate::testing::TestPlace;

/// Servers of the cluster.
pub const NODES: usize = 3;

/// A cluster of [`NODES`] servers. Every connection between two of them goes over a wire that can
/// be cut. Dropping it ends them and deletes their data.
#[derive(Debug)]
pub struct NatsCluster {
    programs: Programs,
    ports: Ports,
    nodes: Vec<Node>,
    /// The wire from a node to another, by both.
    wires: Vec<(usize, usize, Wire)>,
    // Last, so that the folder goes after those who write to it.
    _place: TestPlace,
}

#[derive(Debug)]
struct Node {
    nats: Nats,
    port: u16,
    child: Option<Child>,
}

impl NatsCluster {
    /// Starts the servers; streams can be made once they have elected a leader among them.
    pub async fn start(settings: NatsSettings) -> Result<Self> {
        let test_place = TestPlace::create().await?;
        let place = test_place.place();
        let programs = obtain(place.servers(), &|_| ())?;
        let mut ports = Ports::load(&place.ports());
        let mut routes = Vec::with_capacity(NODES);
        for node in 0..NODES {
            routes.push(ports.choose(&format!("nats-{node}-route"))?);
        }
        let mut wires = Vec::new();
        for (from, to) in pairs() {
            wires.push((from, to, Wire::to(routes[to]).await?));
        }
        let nodes = (0..NODES).map(|node| {
            let nats = Nats::named(place, &format!("nats-{node}"))
                .with(settings.clone())
                .member(membership(routes[node], node, &wires));
            Node { nats, port: 0, child: None }
        });
        let nodes = nodes.collect();
        let mut cluster = Self { programs, ports, nodes, wires, _place: test_place };
        for node in 0..NODES {
            cluster.start_node(node).await?;
        }
        Ok(cluster)
    }

    /// The addresses of all servers, as a client takes them.
    pub fn urls(&self) -> String {
        let urls = self.nodes.iter().map(|node| format!("nats://127.0.0.1:{}", node.port));
        urls.collect::<Vec<_>>().join(",")
    }

    /// The number of the server with this name, such as a stream's leader.
    pub fn node(&self, name: &str) -> Option<usize> {
        let port: u16 = name.rsplit('-').next()?.parse().ok()?;
        self.nodes.iter().position(|node| node.port == port)
    }

    /// Starts a server, again on its old port and store.
    pub async fn start_node(&mut self, node: usize) -> Result<()> {
        let one = &mut self.nodes[node];
        let (port, child) = one.nats.up(&self.programs.nats_server, &mut self.ports, false).await?;
        one.port = port;
        if let Some(child) = child {
            one.child = Some(child);
        }
        Ok(())
    }

    /// Kills a server as a crash would.
    pub async fn kill9(&mut self, node: usize) -> Result<()> {
        self.nodes[node].nats.kill().await?;
        if let Some(mut child) = self.nodes[node].child.take() {
            child.wait()?;
        }
        Ok(())
    }

    /// Stops a server in the middle of whatever it does; its connections stay open.
    pub fn pause(&self, node: usize) -> Result<()> {
        self.signal(node, Signal::STOP)
    }

    /// Lets a paused server go on, as if no time had passed.
    pub fn resume(&self, node: usize) -> Result<()> {
        self.signal(node, Signal::CONT)
    }

    /// Cuts a server off from the others; clients still reach it.
    pub fn isolate(&self, node: usize) {
        self.wires_of(node).for_each(Wire::cut);
    }

    /// Connects a server with the others again.
    pub fn rejoin(&self, node: usize) {
        self.wires_of(node).for_each(Wire::heal);
    }

    fn wires_of(&self, node: usize) -> impl Iterator<Item = &Wire> {
        let touches = move |(from, to, _): &&(usize, usize, Wire)| *from == node || *to == node;
        self.wires.iter().filter(touches).map(|(_, _, wire)| wire)
    }

    fn signal(&self, node: usize, signal: Signal) -> Result<()> {
        let process = self.nodes[node].nats.process().context("the server does not run")?;
        process.signal(signal)
    }
}

impl Drop for NatsCluster {
    fn drop(&mut self) {
        for child in self.nodes.iter_mut().filter_map(|node| node.child.as_mut()) {
            // The data goes as well, so there is nothing to end in good order.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn pairs() -> impl Iterator<Item = (usize, usize)> {
    (0..NODES).flat_map(|from| (0..NODES).map(move |to| (from, to))).filter(|(a, b)| a != b)
}

/// The part of a server's configuration that joins it to the others, over its own wires only.
fn membership(port: u16, node: usize, wires: &[(usize, usize, Wire)]) -> String {
    let routes = wires.iter().filter(|(from, _, _)| *from == node);
    let routes = routes.map(|(_, _, wire)| format!("\"nats-route://127.0.0.1:{}\"", wire.port));
    format!(
        // Servers tell each other where they are, and then would connect past the wires.
        "cluster {{ name: qudao-test, listen: \"127.0.0.1:{port}\", advertise: \"127.0.0.1:1\", \
         no_advertise: true, routes: [{}] }}\n",
        routes.collect::<Vec<_>>().join(", ")
    )
}

/// How long a cluster may take to elect its leader.
pub const ELECTION: Duration = Duration::from_secs(30);
