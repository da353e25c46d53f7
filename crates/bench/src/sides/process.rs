//! A whole process of qudao.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use local::TestServers;

use crate::processes::{Memory, memory_of};

const START_LIMIT: Duration = Duration::from_secs(60);

/// A `qudao serve all` of one's own, on servers of its own. All end when this is dropped.
pub struct Process {
    child: Child,
    port: u16,
    servers: TestServers,
}

impl Process {
    /// Starts it, and waits until it is ready.
    ///
    /// # Errors
    /// When there is no executable, or it does not get ready.
    pub async fn start(qudao: Option<&Path>) -> anyhow::Result<Self> {
        let qudao = qudao.context("there is no qudao executable to start")?;
        let servers = TestServers::start().await?;
        let folder = servers.dir();
        let (port, web) = (free_port()?, free_port()?);
        let child = Command::new(qudao)
            .args(["serve", "all"])
            .env("QUDAO_DATABASE_URL", servers.postgres_url())
            .env("QUDAO_NATS_URL", servers.nats_url())
            .env("QUDAO_GRPC_LISTEN", format!("127.0.0.1:{port}"))
            .env("QUDAO_WEB_LISTEN", format!("127.0.0.1:{web}"))
            .env("QUDAO_WEB_DIR", folder.join("no-pages"))
            // Callers of a measurement ask as fast as they can, which people do not.
            .env("QUDAO_CALLS_OF_PERSON", "0")
            .env("QUDAO_CALLS_OF_TENANT", "0")
            .env("QUDAO_SIGNING_KEY", folder.join("signing-key.pem"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(folder.join("qudao.log"))?)
            .spawn()
            .with_context(|| format!("{} does not start", qudao.display()))?;
        let process = Self { child, port, servers };
        let deadline = Instant::now() + START_LIMIT;
        while !matches!(local::http::get(process.port, "/readyz").await, Ok((200, _))) {
            anyhow::ensure!(
                Instant::now() < deadline,
                "qudao is not ready after {} s; the end of its log:\n{}",
                START_LIMIT.as_secs(),
                local::process::tail(&process.servers.dir().join("qudao.log"), 15)
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(process)
    }

    /// The port of its rpcs.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its number among the processes of this machine.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The file of the key that its tokens are signed with.
    pub fn key(&self) -> PathBuf {
        self.servers.dir().join("signing-key.pem")
    }

    /// What memory it has and had.
    ///
    /// # Errors
    /// When it has ended.
    pub fn memory(&self) -> anyhow::Result<Memory> {
        memory_of(self.child.id()).context("qudao ended while it was measured")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
