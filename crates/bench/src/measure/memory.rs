//! Memory of a whole process of qudao, all roles in it, while orders come in. Its relay fills a
//! stream that has the name it always has, so it works on servers that nobody else uses.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use local::TestServers;
use tokio_util::sync::CancellationToken;

use super::{Run, outcome};
use crate::processes::{Memory, memory_of};
use crate::report::{Finding, Outcome};
use crate::rounds::Side;
use crate::sides::rpc;
use crate::sides::shop;
use crate::statistics::Target;

const CALLERS: usize = 64;
const START_LIMIT: Duration = Duration::from_secs(60);
const LIMIT_MB: f64 = 256.0;

pub(super) async fn measure(run: &Run<'_>) -> anyhow::Result<Outcome> {
    let qudao = run.qudao.as_deref().context("there is no qudao executable to start")?;
    let process = Process::start(qudao).await?;
    let served = rpc::elsewhere(process.port, &process.servers.dir().join("signing-key.pem"))?;
    shop::open(&served).await?;
    let before = process.memory()?;
    let stop = CancellationToken::new();
    let watcher = tokio::spawn(watch(process.child.id(), stop.clone()));
    let side = Side::new("SubmitOrder, `qudao serve all`", shop::submit(&served).await?);
    let series = run.compare(CALLERS, &[side]).await;
    stop.cancel();
    let resident = watcher.await?;
    let after = process.memory()?;
    outcome("memory_peak_mb", CALLERS, &series?, findings(&before, &after, &resident))
}

/// Resident memory in MB, five times a second.
async fn watch(pid: u32, stop: CancellationToken) -> Vec<f64> {
    let mut seen = Vec::new();
    while let (false, Some(memory)) = (stop.is_cancelled(), memory_of(pid)) {
        seen.push(memory.resident_kb as f64 / 1_024.0);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    seen
}

fn findings(before: &Memory, after: &Memory, resident: &[f64]) -> Vec<Option<Finding>> {
    let mb = |kb: u64| kb as f64 / 1_024.0;
    let half = resident.len() / 2;
    let mean = |figures: &[f64]| figures.iter().sum::<f64>() / figures.len().max(1) as f64;
    let growth = mean(&resident[half..]) - mean(&resident[..half]);
    let note = format!("{:.0} MB when the shop was open, before the load", mb(before.resident_kb));
    vec![
        Finding::alone(
            "memory_peak_mb",
            "most memory of `qudao serve all` under SubmitOrder, 64 callers",
            "MB",
            &[mb(after.peak_kb)],
        )
        .map(|finding| finding.target(Target::AtMost(LIMIT_MB)).note(note)),
        Finding::alone("memory_resident_mb", "its memory over time", "MB", resident),
        Finding::alone(
            "memory_growth_mb",
            "the second half of that time over the first, on average",
            "MB",
            &[growth],
        ),
    ]
}

/// A `qudao serve all` of one's own, on servers of its own. All end when this is dropped.
struct Process {
    child: Child,
    port: u16,
    servers: TestServers,
}

impl Process {
    async fn start(qudao: &Path) -> anyhow::Result<Self> {
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

    fn memory(&self) -> anyhow::Result<Memory> {
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
