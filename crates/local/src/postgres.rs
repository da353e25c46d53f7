//! One PostgreSQL server on loopback: initialised, started, adopted, stopped.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use sqlx::{Connection, Executor, PgConnection};

use crate::account::{self, Account};
use crate::obtain::Programs;
use crate::place::{Place, remove};
use crate::ports::Ports;
use crate::process::{self, PidFile, Process, Signal};
use crate::version::Version;

const START_LIMIT: Duration = Duration::from_secs(60);
const STOP_LIMIT: Duration = Duration::from_secs(15);
const ATTEMPTS: u32 = 10;

/// The files of one server, running or not.
#[derive(Clone, Debug)]
pub(crate) struct Postgres {
    data: PathBuf,
    log: PathBuf,
    pid_file: PidFile,
}

/// What it takes to start one.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    bin: PathBuf,
    version: Version,
    account: Option<Account>,
    detached: bool,
}

impl Program {
    /// Readies the folder for the account that the server will run as.
    pub(crate) fn prepare(place: &Place, programs: &Programs, detached: bool) -> Result<Self> {
        let account = account::for_postgres()?;
        place.settle(account.as_ref())?;
        let mut bin = programs.postgres_bin.clone();
        if !account::can_reach(account.as_ref(), &bin.join("postgres")) {
            let copy = copied(&programs.postgres_tree, &place.home())?;
            bin = copy.join(bin.strip_prefix(&programs.postgres_tree)?);
        }
        Ok(Self { bin, version: programs.postgres, account, detached })
    }

    fn command(&self, program: &str) -> Command {
        account::command(self.account.as_ref(), &self.bin.join(program))
    }
}

impl Postgres {
    pub(crate) fn at(place: &Place) -> Self {
        Self {
            data: place.home().join("postgres").join("data"),
            log: place.log("postgres"),
            pid_file: place.pid_file("postgres"),
        }
    }

    /// A running server on this data: the one that runs already, or a new one. The child is
    /// given for a new one.
    pub(crate) async fn up(
        &self,
        program: &Program,
        ports: &mut Ports,
    ) -> Result<(u16, Option<Child>)> {
        if let Some(port) = self.adopt().await? {
            ports.keep("postgres", port)?;
            return Ok((port, None));
        }
        self.initialise(program).await?;
        let mut attempt = 1;
        loop {
            // Chosen each time: another program may have taken the port since it was last free.
            let port = ports.choose("postgres")?;
            match self.start(program, port).await {
                Ok(child) => return Ok((port, Some(child))),
                Err(error) if attempt == ATTEMPTS => return Err(error),
                // Backends of a server that was killed hold its memory for a moment.
                Err(_) => tokio::time::sleep(Duration::from_millis(300)).await,
            }
            attempt += 1;
        }
    }

    /// Whether it runs and takes connections, and on which port.
    pub(crate) fn running_on(&self) -> Option<u16> {
        self.process().and_then(|process| self.ready_on(process.pid))
    }

    /// Stops it, finishing no transaction and losing none that was acknowledged.
    pub(crate) async fn stop(&self) -> Result<bool> {
        let Some(process) = self.process() else {
            self.pid_file.forget();
            return Ok(false);
        };
        process.stop(Signal::INT, STOP_LIMIT).await?;
        self.pid_file.forget();
        Ok(true)
    }

    /// Ends it by a signal: `INT` is its fast shutdown, `QUIT` its immediate one, `KILL` a crash.
    pub(crate) async fn end(&self, signal: Signal) -> Result<()> {
        match self.process() {
            Some(process) => process.stop(signal, STOP_LIMIT).await,
            None => Ok(()),
        }
    }

    /// The folder of its data.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    async fn start(&self, program: &Program, port: u16) -> Result<Child> {
        let mut command = program.command("postgres");
        command.arg("-D").arg(&self.data).args(settings(port));
        process::log_to(&mut command, &self.log)?;
        let mut child = if program.detached {
            process::detached(&mut command)?
        } else {
            command.spawn().context("cannot start postgres")?
        };
        self.pid_file.write(child.id(), "")?;
        let deadline = Instant::now() + START_LIMIT;
        while self.ready_on(child.id()).is_none() {
            if let Some(status) = child.try_wait()? {
                bail!("PostgreSQL ends at once ({status}):\n{}", process::tail(&self.log, 5));
            }
            if Instant::now() > deadline {
                Process::of(child.id()).map(|process| process.signal(Signal::KILL)).transpose()?;
                child.wait()?;
                bail!("PostgreSQL is not ready after 60 s:\n{}", process::tail(&self.log, 5));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(child)
    }

    /// The server that already runs on this data, once it is ready.
    async fn adopt(&self) -> Result<Option<u16>> {
        let Some(process) = self.process() else {
            self.clear_stale_lock().await?;
            return Ok(None);
        };
        let deadline = Instant::now() + START_LIMIT;
        while process.is_alive() && Instant::now() < deadline {
            if let Some(port) = self.ready_on(process.pid) {
                self.pid_file.write(process.pid, "")?;
                return Ok(Some(port));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        process.stop(Signal::INT, STOP_LIMIT).await?;
        Ok(None)
    }

    /// Our server's process, also when our own record of it was lost.
    fn process(&self) -> Option<Process> {
        self.pid_file.running().or_else(|| {
            Process::of(self.lock_file_pid()?).filter(|process| process.names(&self.data))
        })
    }

    /// After a crash the lock file names a dead process, or by now a stranger. PostgreSQL takes
    /// no chances with it, and refuses to start even when only a zombie has that pid. We know
    /// more: whose pid it is, and when the last backend of the crashed server has gone.
    async fn clear_stale_lock(&self) -> Result<()> {
        if !self.lock_file().exists() {
            return Ok(());
        }
        let deadline = Instant::now() + STOP_LIMIT;
        while let Some(backend) = process::standing_in(&self.data).first() {
            if Instant::now() > deadline {
                bail!(
                    "process {} of a crashed PostgreSQL still uses the data: end it",
                    backend.pid
                );
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        remove(&self.lock_file())
    }

    async fn initialise(&self, program: &Program) -> Result<()> {
        if let Ok(made_by) = fs::read_to_string(self.data.join("PG_VERSION")) {
            return self.require_same_major(program, made_by.trim());
        }
        let home = self.data.parent().context("a data folder has a parent")?;
        fs::create_dir_all(home).with_context(|| format!("cannot create {}", home.display()))?;
        account::give(program.account.as_ref(), home)?;
        // Made under another name, so that a data folder is either whole or not there.
        let new = home.join("new");
        remove(&new)?;
        let mut command = program.command("initdb");
        command.arg("-D").arg(&new).args(["-U", "qudao", "-A", "trust", "-E", "UTF8", "--no-sync"]);
        if program.version.major >= 17 {
            command.arg("--locale-provider=builtin");
        }
        command.arg("--locale=C.UTF-8");
        let output = tokio::process::Command::from(command)
            .output()
            .await
            .with_context(|| format!("cannot start {}", program.bin.join("initdb").display()))?;
        if !output.status.success() {
            bail!("initdb fails: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        fs::rename(&new, &self.data)?;
        Ok(())
    }

    fn require_same_major(&self, program: &Program, made_by: &str) -> Result<()> {
        if made_by == program.version.major.to_string() {
            return Ok(());
        }
        bail!(
            "the data was made by PostgreSQL {made_by}, but {} is found: start anew with `make \
             demo-reset`, or set QUDAO_POSTGRES_BIN to a version {made_by}",
            program.version
        )
    }

    fn lock_file(&self) -> PathBuf {
        self.data.join("postmaster.pid")
    }

    fn lock_file_pid(&self) -> Option<u32> {
        fs::read_to_string(self.lock_file()).ok()?.lines().next()?.trim().parse().ok()
    }

    /// The port, once the server with this pid says of itself that it is ready. Asking the port
    /// would not do: another server may be the one that answers there.
    fn ready_on(&self, pid: u32) -> Option<u16> {
        let text = fs::read_to_string(self.lock_file()).ok()?;
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        if lines.first()?.parse() != Ok(pid) || lines.get(7) != Some(&"ready") {
            return None;
        }
        lines.get(3)?.parse().ok()
    }
}

/// Creates a database unless it exists. `url` leads to any other database of the server.
pub(crate) async fn ensure_database(url: &str, name: &str) -> Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    let exists: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
            .bind(name)
            .fetch_one(&mut connection)
            .await?;
    if !exists {
        connection.execute(format!("CREATE DATABASE \"{name}\"").as_str()).await?;
    }
    connection.close().await?;
    Ok(())
}

fn settings(port: u16) -> Vec<String> {
    // Durability settings stay at their defaults: what is acknowledged must survive.
    [
        "listen_addresses=127.0.0.1".to_owned(),
        "unix_socket_directories=".to_owned(),
        format!("port={port}"),
        "max_connections=400".to_owned(),
        "timezone=UTC".to_owned(),
        "log_timezone=UTC".to_owned(),
    ]
    .into_iter()
    .flat_map(|setting| ["-c".to_owned(), setting])
    .collect()
}

/// A copy of the programs that the server's account may run. One made before is good enough:
/// it goes with the data.
fn copied(tree: &Path, home: &Path) -> Result<PathBuf> {
    let name = tree.file_name().context("a folder has a name")?;
    let copy = home.join(name);
    if copy.exists() {
        return Ok(copy);
    }
    let unfinished = home.join("copying");
    remove(&unfinished)?;
    let status = Command::new("cp").arg("-R").arg(tree).arg(&unfinished).status()?;
    if !status.success() {
        bail!("cannot copy {} to {}", tree.display(), home.display());
    }
    fs::rename(&unfinished, &copy)?;
    Ok(copy)
}
