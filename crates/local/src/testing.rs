//! Real servers for a test, in a folder that goes with them.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::nats::{Nats, NatsSettings};
use crate::obtain::{Programs, obtain};
use crate::place::{Place, remove};
use crate::ports::Ports;
use crate::postgres::{Postgres, Program};
use crate::process::{PidFile, Process, Signal};
use crate::servers::Addresses;

const PREFIX: &str = "qudao-test-";

/// A place in a temporary folder. Dropping it deletes the folder, so whatever runs there has to
/// be stopped before; what a killed owner leaves is ended by the next one.
#[derive(Debug)]
pub struct TestPlace {
    place: Place,
    _dir: TempDir,
}

impl TestPlace {
    /// Makes the folder.
    pub async fn create() -> Result<Self> {
        reap(&std::env::temp_dir()).await;
        let dir = tempfile::Builder::new().prefix(PREFIX).tempdir()?;
        // As root, PostgreSQL runs as another account, which has to pass through here.
        let mode = if rustix::process::geteuid().is_root() { 0o711 } else { 0o700 };
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(mode))?;
        let place = Place::open(Some(dir.path()))?;
        place.create()?;
        PidFile::at(dir.path().join("owner")).write(std::process::id(), "")?;
        Ok(Self { place, _dir: dir })
    }

    /// The place itself.
    pub fn place(&self) -> &Place {
        &self.place
    }
}

impl Drop for TestPlace {
    fn drop(&mut self) {
        let home = self.place.home();
        if home != self.place.dir() {
            let _ = remove(&home);
        }
    }
}

/// A PostgreSQL and a nats-server of one's own. Dropping it stops both and deletes their data.
#[derive(Debug)]
pub struct TestServers {
    programs: Programs,
    program: Program,
    ports: Ports,
    addresses: Addresses,
    postgres: Postgres,
    nats: Nats,
    children: Vec<Child>,
    // Last, so that the folder goes after those who write to it.
    place: TestPlace,
}

impl TestServers {
    /// Starts both on free ports in a temporary folder.
    pub async fn start() -> Result<Self> {
        Self::start_with(NatsSettings::default()).await
    }

    /// The same with a nats-server of other settings.
    pub async fn start_with(settings: NatsSettings) -> Result<Self> {
        let test_place = TestPlace::create().await?;
        let place = test_place.place();
        let programs = obtain(place.servers(), &|_| ())?;
        let program = Program::prepare(place, &programs, false)?;
        let mut ports = Ports::load(&place.ports());
        let (postgres, nats) = (Postgres::at(place), Nats::at(place).with(settings));
        let (postgres_port, child) = postgres.up(&program, &mut ports).await?;
        let mut servers = Self {
            programs,
            program,
            ports,
            addresses: Addresses { postgres_port, nats_port: 0 },
            postgres,
            nats,
            children: Vec::from_iter(child),
            place: test_place,
        };
        servers.start_nats().await?;
        Ok(servers)
    }

    /// The database `postgres`, as superuser.
    pub fn postgres_url(&self) -> String {
        self.addresses.postgres_url("postgres")
    }

    /// Another database, created when it is not there.
    pub async fn database_url(&self, database: &str) -> Result<String> {
        crate::postgres::ensure_database(&self.postgres_url(), database).await?;
        Ok(self.addresses.postgres_url(database))
    }

    /// The address of NATS.
    pub fn nats_url(&self) -> String {
        self.addresses.nats_url()
    }

    /// The folder that goes with the servers.
    pub fn dir(&self) -> &Path {
        self.place.place().dir()
    }

    /// Kills PostgreSQL as a crash would.
    pub async fn kill9_postgres(&mut self) -> Result<()> {
        self.end_postgres(Signal::KILL).await
    }

    /// Ends PostgreSQL: `INT` is its fast shutdown, `QUIT` its immediate one, `KILL` a crash.
    pub async fn end_postgres(&mut self, signal: Signal) -> Result<()> {
        self.postgres.end(signal).await?;
        self.wait_for_the_dead();
        Ok(())
    }

    /// The folder of PostgreSQL's data.
    pub fn postgres_data(&self) -> &Path {
        self.postgres.data()
    }

    /// Starts PostgreSQL again, on the same port and data.
    pub async fn start_postgres(&mut self) -> Result<()> {
        let (port, child) = self.postgres.up(&self.program, &mut self.ports).await?;
        self.addresses.postgres_port = port;
        self.children.extend(child);
        Ok(())
    }

    /// Kills nats-server as a crash would.
    pub async fn kill9_nats(&mut self) -> Result<()> {
        self.nats.kill().await?;
        self.wait_for_the_dead();
        Ok(())
    }

    /// Stops nats-server in good order.
    pub async fn stop_nats(&mut self) -> Result<()> {
        self.nats.stop().await?;
        self.wait_for_the_dead();
        Ok(())
    }

    /// Starts nats-server again, on the same port and store.
    pub async fn start_nats(&mut self) -> Result<()> {
        let program = &self.programs.nats_server;
        let (port, child) = self.nats.up(program, &mut self.ports, false).await?;
        self.addresses.nats_port = port;
        self.children.extend(child);
        Ok(())
    }

    /// Whether nats-server itself says that all is well: its streams too, which the check at its
    /// start leaves out.
    pub async fn nats_is_well(&self) -> bool {
        let Some(monitor) = self.ports.get("nats-monitor") else { return false };
        matches!(crate::http::get(monitor, "/healthz").await, Ok((200, _)))
    }

    /// Stops nats-server in the middle of whatever it does; its connections stay open.
    pub fn pause_nats(&self) -> Result<()> {
        self.nats.process().context("nats-server does not run")?.signal(Signal::STOP)
    }

    /// Lets a paused nats-server go on.
    pub fn resume_nats(&self) -> Result<()> {
        self.nats.process().context("nats-server does not run")?.signal(Signal::CONT)
    }

    /// Changes settings of nats-server; they hold from its next start on.
    pub fn set_nats(&mut self, settings: NatsSettings) {
        self.nats = self.nats.clone().with(settings);
    }

    /// Takes every stream away, as a lost disk would: stops NATS if it runs, deletes its store,
    /// and starts it again.
    pub async fn wipe_jetstream(&mut self) -> Result<()> {
        self.stop_nats().await?;
        self.nats.wipe()?;
        self.start_nats().await
    }

    /// A killed child stays in the process table until its parent asks for it.
    fn wait_for_the_dead(&mut self) {
        self.children.retain_mut(|child| {
            let alive = Process::of(child.id()).is_some();
            if !alive {
                let _ = child.wait();
            }
            alive
        });
    }
}

impl Drop for TestServers {
    fn drop(&mut self) {
        for child in &mut self.children {
            // The data goes as well, so there is nothing to end in good order.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Ends what a test left behind that was itself killed: its folder names its owner.
async fn reap(temp: &Path) {
    for dir in leftovers(temp) {
        // Somebody else may reap the same folder at this moment; either of us will do.
        let _ = reap_one(&dir).await;
    }
}

async fn reap_one(dir: &Path) -> Result<()> {
    let place = Place::open(Some(dir))?;
    for program in ["qudao", "postgres", "nats", "nats-0", "nats-1", "nats-2"] {
        place.pid_file(program).stop(Signal::KILL, Duration::from_secs(5)).await?;
    }
    place.delete()?;
    remove(dir).context("cannot delete what a test left")
}

fn leftovers(temp: &Path) -> Vec<PathBuf> {
    let me = rustix::process::geteuid().as_raw();
    fs::read_dir(temp)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok())
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX))
        .filter(|entry| entry.metadata().is_ok_and(|meta| meta.uid() == me && meta.is_dir()))
        .map(|entry| entry.path())
        .filter(|dir| {
            let owner = dir.join("owner");
            owner.exists() && PidFile::at(owner).running().is_none()
        })
        .collect()
}
