//! UmaDB: its own server process with its own settings, driven by its own client over loopback.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use bench::load::Operation;
use bench::measure::outcome;
use bench::report::{Finding, Outcome};
use bench::rounds::Side;
use bench::sides::{ours, tally};
use bench::statistics::Target;
use bench::{Measurement, Run, Tier};
use futures::future::BoxFuture;
use kernel::log::{Log, NewEvent};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use umadb_client::{AsyncUmaDbClient, UmaDbClient};
use umadb_dcb::{DcbEvent, DcbEventStoreAsync as _};
use uuid::Uuid;

use crate::external;

/// Against the fastest event store found.
pub const MEASUREMENT: Measurement = Measurement {
    name: "append_256_vs_umadb",
    about: "append one event, 256 callers, against UmaDB append-only",
    tier: Tier::Quick,
    sides: 2,
    make,
};

const CALLERS: usize = 256;

fn make<'a>(run: &'a Run<'a>) -> BoxFuture<'a, anyhow::Result<Outcome>> {
    Box::pin(measure(run))
}

async fn measure(run: &Run<'_>) -> anyhow::Result<Outcome> {
    let program = match external::tool("umadb") {
        Ok(program) => program,
        Err(error) => return Ok(external::not_installed(MEASUREMENT.name, &error)),
    };
    let log = Log::open(run.database.url(), "append").await?;
    let server = Server::start(&program).await?;
    let sides = [
        Side::new("append to the log", ours::append(log)),
        Side::new("UmaDB append-only", append(server.client().await?)),
    ];
    let series = run.compare(CALLERS, &sides).await?;
    let finding = Finding::of_rates(
        "append_256_vs_umadb",
        "append one event, durable, 256 callers, in process",
        &series[0],
        &series[1],
    );
    let note = "UmaDB is a server of its own behind gRPC, without a condition on what was stored \
                before; ours checks the object's version and the request id";
    let finding = finding.map(|finding| finding.target(Target::AtLeast(4.5)).note(note));
    let outcome = outcome(MEASUREMENT.name, CALLERS, &series, [finding])?;
    Ok(outcome.with_versions(external::LOCK, &["umadb-client"]))
}

struct Server {
    url: String,
    _process: Child,
    _folder: TempDir,
}

impl Server {
    async fn start(program: &Path) -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let process = Command::new(program)
            .args(["--listen", &format!("127.0.0.1:{port}"), "--db-path"])
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("umadb does not start")?;
        Ok(Self { url: format!("http://127.0.0.1:{port}"), _process: process, _folder: folder })
    }

    /// A client, once the server takes one.
    async fn client(&self) -> anyhow::Result<Arc<AsyncUmaDbClient>> {
        for _ in 0..100 {
            if let Ok(client) = UmaDbClient::new(self.url.clone()).connect_async().await
                && client.head().await.is_ok()
            {
                return Ok(Arc::new(client));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        anyhow::bail!("umadb does not answer at {}", self.url)
    }
}

fn append(client: Arc<AsyncUmaDbClient>) -> Operation {
    Arc::new(move |_| {
        let client = client.clone();
        Box::pin(async move {
            let fact = NewEvent::of(&tally::counted(1))?;
            let event = DcbEvent::new()
                .event_type(fact.event_type)
                .tags([format!("tally-{}", Uuid::new_v4())])
                .data(fact.payload)
                .uuid(Uuid::new_v4());
            client.append(vec![event], None, None).await?;
            Ok(())
        })
    })
}
