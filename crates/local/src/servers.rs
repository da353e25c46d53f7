//! Both servers of one local system.

use anyhow::Result;

use crate::nats::{Nats, NatsSettings};
use crate::obtain::{Programs, obtain};
use crate::place::{Place, abandoned, remove};
use crate::ports::Ports;
use crate::postgres::{self, Postgres};
use crate::process::{Process, Signal};

/// Where the servers are reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// PostgreSQL's port on 127.0.0.1.
    pub postgres_port: u16,
    /// The port of NATS on 127.0.0.1.
    pub nats_port: u16,
}

impl Addresses {
    /// A database of the server, as its superuser. No password: the server takes connections
    /// from this machine only, and holds what a laptop holds.
    pub fn postgres_url(&self, database: &str) -> String {
        format!("postgres://qudao@127.0.0.1:{}/{database}", self.postgres_port)
    }

    /// The address of NATS.
    pub fn nats_url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.nats_port)
    }
}

/// PostgreSQL and NATS of one place.
#[derive(Clone, Debug)]
pub struct Servers {
    place: Place,
    nats: NatsSettings,
}

impl Servers {
    /// The servers of this place, running or not.
    pub fn of(place: &Place) -> Self {
        Self { place: place.clone(), nats: NatsSettings::default() }
    }

    /// The same, with a nats-server of other settings. One that runs keeps those that it has.
    #[must_use]
    pub fn with(self, nats: NatsSettings) -> Self {
        Self { nats, ..self }
    }

    /// Finds or fetches their programs.
    pub fn obtain(&self, say: &dyn Fn(&str)) -> Result<Programs> {
        obtain(self.place.servers(), say)
    }

    /// Starts what does not run, so that both outlive us, and makes sure of the database.
    pub async fn up(&self, programs: &Programs, database: &str) -> Result<Addresses> {
        self.place.create()?;
        // Housekeeping: what can't be cleared now is met again next time.
        let _ = clear_abandoned().await;
        let mut ports = Ports::load(&self.place.ports());
        let program = postgres::Program::prepare(&self.place, programs, true)?;
        let (postgres_port, _) = Postgres::at(&self.place).up(&program, &mut ports).await?;
        let nats = Nats::at(&self.place).with(self.nats.clone());
        let (nats_port, _) = nats.up(&programs.nats_server, &mut ports, true).await?;
        let addresses = Addresses { postgres_port, nats_port };
        postgres::ensure_database(&addresses.postgres_url("postgres"), database).await?;
        Ok(addresses)
    }

    /// Stops both; true for each that did run.
    pub async fn stop(&self) -> Result<(bool, bool)> {
        let nats = Nats::at(&self.place).stop().await;
        let postgres = Postgres::at(&self.place).stop().await;
        Ok((postgres?, nats?))
    }

    /// Their ports, each if it runs and is well.
    pub async fn status(&self) -> (Option<u16>, Option<u16>) {
        let ports = Ports::load(&self.place.ports());
        let nats = Nats::at(&self.place).is_running(&ports).await;
        (Postgres::at(&self.place).running_on(), ports.get("nats").filter(|_| nats))
    }
}

/// A checkout may be deleted with its servers running and its data elsewhere: both end here.
async fn clear_abandoned() -> Result<()> {
    for home in abandoned() {
        let data = home.join("postgres").join("data");
        let pid = std::fs::read_to_string(data.join("postmaster.pid"))
            .ok()
            .and_then(|text| text.lines().next()?.trim().parse().ok());
        let orphan = pid.and_then(Process::of).filter(|process| process.names(&data));
        if let Some(orphan) = orphan {
            orphan.stop(Signal::INT, std::time::Duration::from_secs(15)).await?;
        }
        remove(&home)?;
    }
    Ok(())
}
