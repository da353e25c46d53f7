//! One nats-server with JetStream on loopback.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::http;
use crate::place::{Place, remove};
use crate::ports::Ports;
use crate::process::{self, PidFile, Process, Signal};

const START_LIMIT: Duration = Duration::from_secs(30);
const STOP_LIMIT: Duration = Duration::from_secs(10);
const ATTEMPTS: u32 = 5;

/// What a test may want of its nats-server.
#[derive(Clone, Debug, Default)]
pub struct NatsSettings {
    /// Syncs every message to disk before it is acknowledged, as a cluster of record would.
    pub sync_always: bool,
    /// Where streams are stored, instead of the place's own folder.
    pub store: Option<PathBuf>,
    /// The largest message, in bytes.
    pub max_payload: Option<u32>,
    /// What all streams together may take, such as `1GB`; else what the disk has to offer.
    pub max_store: Option<String>,
    /// The part of the configuration that says who may do what; without it, anybody anything.
    pub authorization: String,
}

/// The largest message: an event of 1 MiB and its headers. nats-server's own limit is 1 MiB for
/// both together.
const MAX_PAYLOAD: u32 = 2 << 20;

/// The files of one server, running or not.
#[derive(Clone, Debug)]
pub(crate) struct Nats {
    name: String,
    dir: PathBuf,
    log: PathBuf,
    pid_file: PidFile,
    settings: NatsSettings,
    /// The part of the configuration that makes it a member of a cluster.
    cluster: String,
}

impl Nats {
    pub(crate) fn at(place: &Place) -> Self {
        Self::named(place, "nats")
    }

    /// One of several servers of a place.
    pub(crate) fn named(place: &Place, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            dir: place.dir().join(name),
            log: place.log(name),
            pid_file: place.pid_file(name),
            settings: NatsSettings::default(),
            cluster: String::new(),
        }
    }

    /// The same with other settings; they hold from its next start on.
    pub(crate) fn with(mut self, settings: NatsSettings) -> Self {
        self.settings = settings;
        self
    }

    /// The same as a member of a cluster.
    pub(crate) fn member(mut self, cluster: String) -> Self {
        self.cluster = cluster;
        self
    }

    /// A running server on this store: the one that runs already, or a new one, whose child is
    /// given.
    pub(crate) async fn up(
        &self,
        program: &Path,
        ports: &mut Ports,
        detached: bool,
    ) -> Result<(u16, Option<Child>)> {
        if let Some(process) = self.process() {
            if let (Some(port), Some(monitor)) = (ports.get(&self.name), ports.get(&self.monitor()))
                && self.ready_within(Duration::from_secs(3), monitor, &process).await
            {
                self.pid_file.write(process.pid, "")?;
                return Ok((port, None));
            }
            process.stop(Signal::TERM, STOP_LIMIT).await?;
        }
        let mut attempt = 1;
        loop {
            let (port, monitor) = (ports.choose(&self.name)?, ports.choose(&self.monitor())?);
            match self.start(program, port, monitor, detached).await {
                Ok(child) => return Ok((port, Some(child))),
                Err(error) if attempt == ATTEMPTS => return Err(error),
                Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
            }
            attempt += 1;
        }
    }

    /// Whether it runs and JetStream is well.
    pub(crate) async fn is_running(&self, ports: &Ports) -> bool {
        match (self.process(), ports.get(&self.monitor())) {
            (Some(process), Some(monitor)) => self.ready(monitor, &process).await,
            _ => false,
        }
    }

    pub(crate) async fn stop(&self) -> Result<bool> {
        let Some(process) = self.process() else {
            self.pid_file.forget();
            return Ok(false);
        };
        process.stop(Signal::TERM, STOP_LIMIT).await?;
        self.pid_file.forget();
        Ok(true)
    }

    /// Kills it as a crash would.
    pub(crate) async fn kill(&self) -> Result<()> {
        match self.process() {
            Some(process) => process.stop(Signal::KILL, STOP_LIMIT).await,
            None => Ok(()),
        }
    }

    /// Deletes every stream. The server must be down.
    pub(crate) fn wipe(&self) -> Result<()> {
        let store = self.store();
        match &self.settings.store {
            None => remove(&store),
            // Somebody else's folder, perhaps a mount: emptied, not taken away.
            Some(_) => {
                fs::read_dir(&store)?.flatten().try_for_each(|inside| remove(&inside.path()))
            }
        }
    }

    fn monitor(&self) -> String {
        format!("{}-monitor", self.name)
    }

    fn store(&self) -> PathBuf {
        self.settings.store.clone().unwrap_or_else(|| self.dir.join("store"))
    }

    async fn start(
        &self,
        program: &Path,
        port: u16,
        monitor: u16,
        detached: bool,
    ) -> Result<Child> {
        self.configure(port, monitor)?;
        let mut command = Command::new(program);
        command.arg("-c").arg(self.config());
        process::log_to(&mut command, &self.log)?;
        let mut child = if detached {
            process::detached(&mut command)?
        } else {
            command.spawn().with_context(|| format!("cannot start {}", program.display()))?
        };
        self.pid_file.write(child.id(), "")?;
        if let Some(process) = Process::of(child.id()) {
            if self.ready_within(START_LIMIT, monitor, &process).await {
                return Ok(child);
            }
            process.signal(Signal::KILL)?;
        }
        let status = child.wait()?;
        bail!("nats-server does not get ready ({status}):\n{}", process::tail(&self.log, 5))
    }

    fn configure(&self, port: u16, monitor: u16) -> Result<()> {
        fs::create_dir_all(&self.dir)?;
        // Paths are JSON strings here, which this format takes too.
        // Not synced at each message by default: PostgreSQL holds the record, and a stream that
        // lost its end refills itself from there.
        let mut storage = String::new();
        if self.settings.sync_always {
            storage.push_str(", sync_interval: always");
        }
        if let Some(most) = &self.settings.max_store {
            storage.push_str(&format!(", max_file_store: {most}"));
        }
        let text = format!(
            "server_name: {}\nlisten: \"127.0.0.1:{port}\"\nhttp: \"127.0.0.1:{monitor}\"\n\
             pid_file: {}\nmax_payload: {}\njetstream {{ store_dir: {}{storage} }}\n{}\n{}",
            name_on(port),
            serde_json::to_string(&self.dir.join("pid"))?,
            self.settings.max_payload.unwrap_or(MAX_PAYLOAD),
            serde_json::to_string(&self.store())?,
            self.cluster,
            self.settings.authorization,
        );
        fs::write(self.config(), text)
            .with_context(|| format!("cannot write {}", self.config().display()))
    }

    fn config(&self) -> PathBuf {
        self.dir.join("nats.conf")
    }

    /// Our server's process, also when our own record of it was lost.
    pub(crate) fn process(&self) -> Option<Process> {
        self.pid_file.running().or_else(|| {
            let pid = fs::read_to_string(self.dir.join("pid")).ok()?.trim().parse().ok()?;
            Process::of(pid).filter(|process| process.names(&self.config()))
        })
    }

    async fn ready_within(&self, limit: Duration, monitor: u16, process: &Process) -> bool {
        let deadline = Instant::now() + limit;
        while process.is_alive() && Instant::now() < deadline {
            if self.ready(monitor, process).await {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        false
    }

    /// Another server may answer on the port of one that has just ended, so the pid in the pid
    /// file that the server itself wrote must be this process's too.
    async fn ready(&self, monitor: u16, process: &Process) -> bool {
        let own = fs::read_to_string(self.dir.join("pid"))
            .is_ok_and(|pid| pid.trim().parse() == Ok(process.pid));
        own && matches!(http::get(monitor, "/healthz?js-enabled-only=true").await, Ok((200, _)))
            && process.is_alive()
    }
}

fn name_on(port: u16) -> String {
    format!("qudao-local-{port}")
}
