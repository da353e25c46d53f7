//! Programs of others: where they are, and callers that are programs themselves.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use bench::load::{Load, Sample, histogram};
use bench::report::{LeftOut, Outcome};
use bench::rounds::Side;
use serde::Deserialize;
use tokio::process::Command;

/// Where `make bench` installs what the peers need.
fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools/peers")
}

/// A peer's program.
///
/// # Errors
/// When it is not installed.
pub fn tool(name: &str) -> anyhow::Result<PathBuf> {
    let installed = tools().join("bin").join(name);
    let on_path = std::env::var_os("PATH").into_iter().flat_map(|path| {
        std::env::split_paths(&path).map(|folder| folder.join(name)).collect::<Vec<_>>()
    });
    std::iter::once(installed)
        .chain(on_path)
        .find(|program| program.is_file())
        .with_context(|| format!("{name} is not installed; `make bench` installs it"))
}

/// What becomes of a measurement whose peer is not installed here.
pub fn not_installed(name: &str, error: &anyhow::Error) -> Outcome {
    let left_out = LeftOut { name: name.to_owned(), why: format!("{error:#}"), failed: false };
    Outcome { left_out: vec![left_out], ..Outcome::default() }
}

/// The executable of the project, built beside this one.
pub fn qudao() -> Option<PathBuf> {
    let beside = std::env::current_exe().ok()?.with_file_name("qudao");
    beside.is_file().then_some(beside)
}

/// The folder of what Node.js runs.
pub fn node() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("node")
}

/// What this package is built with.
pub const LOCK: &str = include_str!("../Cargo.lock");

/// Versions of the packages that Node.js runs.
///
/// # Errors
/// When they can not be read.
pub fn packages() -> anyhow::Result<BTreeMap<String, String>> {
    #[derive(Deserialize)]
    struct Package {
        dependencies: BTreeMap<String, String>,
    }
    let package: Package = serde_json::from_str(include_str!("../node/package.json"))?;
    Ok(package.dependencies)
}

/// Emmett with its store in PostgreSQL.
///
/// # Errors
/// When it is not installed.
pub fn emmett(url: &str) -> anyhow::Result<Side> {
    let installed = node().join("node_modules/@event-driven-io/emmett-postgresql").is_dir();
    anyhow::ensure!(installed, "emmett-postgresql is not installed; `make bench` installs it");
    Ok(script("emmett-postgresql", "emmett.mjs", url.to_owned()))
}

/// What a program of callers says in the end.
#[derive(Deserialize)]
struct Told {
    seconds: f64,
    /// Time of each call in µs.
    latencies_us: Vec<u64>,
}

/// A side whose callers are a script of Node.js. It is given callers and seconds, and says what
/// became of its calls; starting and connecting come before its clock runs.
fn script(name: &str, file: &'static str, url: String) -> Side {
    Side::driven(name, move |load| {
        let url = url.clone();
        Box::pin(async move { drive(file, &url, load).await })
    })
}

async fn drive(file: &str, url: &str, load: Load) -> anyhow::Result<Sample> {
    let output = Command::new("node")
        .arg(node().join(file))
        .args([url, &load.callers.to_string(), &load.window.as_secs_f64().to_string()])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .await
        .context("node does not start")?;
    anyhow::ensure!(output.status.success(), "{file} ended with {}", output.status);
    let told: Told = serde_json::from_slice(&output.stdout)?;
    let mut latency = histogram()?;
    for microseconds in &told.latencies_us {
        latency.saturating_record(microseconds.saturating_mul(1_000));
    }
    Ok(Sample {
        operations: latency.len(),
        elapsed: Duration::try_from_secs_f64(told.seconds)?,
        latency,
        cpu: None,
    })
}
