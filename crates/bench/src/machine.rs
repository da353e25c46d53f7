//! What a run was made on: figures without it mean nothing to anybody else.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context as _;
use serde::Serialize;
use sqlx::{Connection as _, PgConnection};

/// Settings of PostgreSQL that figures depend on.
const SETTINGS: [&str; 14] = [
    "synchronous_commit",
    "fsync",
    "full_page_writes",
    "wal_sync_method",
    "commit_delay",
    "wal_level",
    "wal_compression",
    "shared_buffers",
    "wal_buffers",
    "max_wal_size",
    "checkpoint_timeout",
    "max_connections",
    "jit",
    "data_checksums",
];

/// The machine and the servers on it.
#[derive(Debug, Default, Serialize)]
pub struct Machine {
    /// Processors that this process may use.
    pub cores: usize,
    /// What the first of them calls itself.
    pub cpu: String,
    /// Operating system kernel.
    pub kernel: String,
    /// Memory in MB.
    pub memory_mb: u64,
    /// PostgreSQL's version.
    pub postgres: String,
    /// Settings that matter here.
    pub postgres_settings: BTreeMap<String, String>,
    /// nats-server's version.
    pub nats: String,
    /// Time of one 8 kB write and fsync where temporary files lie, median in milliseconds.
    pub fsync_ms: f64,
    /// How this program was built.
    pub build: &'static str,
    /// Other work that the machine had, runnable tasks averaged over the minute before.
    pub load: String,
}

impl Machine {
    /// Looks at the machine and asks the servers.
    ///
    /// # Errors
    /// When a server does not answer.
    pub async fn look(postgres: &str, nats: &str) -> anyhow::Result<Self> {
        let mut connection = PgConnection::connect(postgres).await?;
        let version: String =
            sqlx::query_scalar("SHOW server_version").fetch_one(&mut connection).await?;
        let settings: Vec<(String, String)> = sqlx::query_as(
            "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY ($1)",
        )
        .bind(&SETTINGS[..])
        .fetch_all(&mut connection)
        .await?;
        connection.close().await?;
        Ok(Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            cpu: field("/proc/cpuinfo", "model name"),
            kernel: read("/proc/sys/kernel/osrelease"),
            memory_mb: field("/proc/meminfo", "MemTotal")
                .split_whitespace()
                .next()
                .and_then(|kb| kb.parse::<u64>().ok())
                .unwrap_or_default()
                / 1_024,
            postgres: version,
            postgres_settings: settings.into_iter().collect(),
            nats: nats_version(nats).await.unwrap_or_else(|error| error.to_string()),
            fsync_ms: tokio::task::spawn_blocking(fsync_ms).await??,
            build: if cfg!(debug_assertions) { "debug" } else { "release" },
            load: read("/proc/loadavg"),
        })
    }
}

async fn nats_version(url: &str) -> anyhow::Result<String> {
    let asked = async_nats::connect(url);
    let client = tokio::time::timeout(Duration::from_secs(5), asked)
        .await
        .with_context(|| format!("NATS does not answer at {url}"))??;
    Ok(client.server_info().version)
}

fn read(file: &str) -> String {
    std::fs::read_to_string(file).unwrap_or_default().trim().to_owned()
}

/// The value of a `name : value` line.
fn field(file: &str, name: &str) -> String {
    let text = read(file);
    let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_once(':').map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
}

fn fsync_ms() -> anyhow::Result<f64> {
    use std::io::Write as _;
    let mut file = tempfile::tempfile()?;
    let mut times = Vec::with_capacity(50);
    for _ in 0..50 {
        let begun = std::time::Instant::now();
        file.write_all(&[1; 8_192])?;
        file.sync_data()?;
        times.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    Ok(crate::statistics::Spread::of(&times).map_or(0.0, |spread| spread.median))
}
