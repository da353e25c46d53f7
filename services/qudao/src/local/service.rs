//! The process that runs every role in the background.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant, UNIX_EPOCH};

use anyhow::{Context, bail};
use kernel::stream::users::seed_file;
use local::{Addresses, Place, Ports, Service, http, process};

use super::up::SEEDS;

const START_LIMIT: Duration = Duration::from_secs(60);
const NAME: &str = "qudao";

/// How the process is started: what it runs and with which settings.
pub(crate) struct Qudao {
    service: Service,
    program: PathBuf,
    settings: Vec<(&'static str, String)>,
    key: PathBuf,
    web: u16,
    grpc: u16,
}

impl Qudao {
    /// The service as it should run now. Its ports are kept while it runs.
    pub(crate) fn new(place: &Place, checkout: &Path, servers: &Addresses) -> anyhow::Result<Self> {
        let mut ports = Ports::load(&place.ports());
        let service = Service::of(place, NAME);
        let runs = service.running().is_some();
        let mut port = |name: &str| match ports.get(name).filter(|_| runs) {
            Some(port) => Ok(port),
            None => ports.choose(name),
        };
        let (web, grpc, trial) = (port("web")?, port("grpc")?, port("trial payments")?);
        let books = port("trial erp")?;
        let path = |path: PathBuf| path.to_string_lossy().into_owned();
        let settings = vec![
            ("QUDAO_DATABASE_URL", servers.postgres_url("qudao")),
            ("QUDAO_NATS_URL", servers.nats_url()),
            ("QUDAO_NATS_NKEY", path(seed_file(&place.dir().join(SEEDS), "all"))),
            ("QUDAO_GRPC_LISTEN", format!("127.0.0.1:{grpc}")),
            ("QUDAO_WEB_LISTEN", format!("127.0.0.1:{web}")),
            ("QUDAO_WEB_DIR", path(checkout.join("services/gateway/web/dist"))),
            ("QUDAO_SIGNING_KEY", path(place.dir().join("signing-key.pem"))),
            ("QUDAO_TRIAL_PAYMENTS", format!("127.0.0.1:{trial}")),
            ("QUDAO_TRIAL_ERP", format!("127.0.0.1:{books}")),
            ("QUDAO_OTLP_FILE", path(place.dir().join("log/traces.jsonl"))),
        ];
        let key = place.dir().join("signing-key.pem");
        Ok(Self { service, program: std::env::current_exe()?, settings, key, web, grpc })
    }

    /// Where its metrics can be scraped.
    pub(crate) fn metrics(&self) -> String {
        format!("http://127.0.0.1:{}/metrics", self.grpc)
    }

    /// The address for people and for clients.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.web)
    }

    /// This program again, with the service's settings.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Makes sure that it runs, from this build and with these settings. False when it did so
    /// already.
    pub(crate) async fn up(&self) -> anyhow::Result<bool> {
        let build = self.build()?;
        if self.service.running().is_some() {
            if self.service.is_from(&build) && is_ready(self.web).await {
                return Ok(false);
            }
            self.service.stop().await?;
        }
        let mut command = self.command();
        // Named on the command line too, because that is how a service knows its own again.
        command.args(["serve", "all", "--signing-key"]).arg(&self.key);
        let child = self.service.start(&mut command, &build)?;
        self.wait(child).await?;
        Ok(true)
    }

    async fn wait(&self, mut child: Child) -> anyhow::Result<()> {
        let log = self.service.log();
        let deadline = Instant::now() + START_LIMIT;
        while !is_ready(self.web).await {
            if let Some(status) = child.try_wait()? {
                bail!(
                    "qudao ends at once ({status}); the end of {}:\n{}",
                    log.display(),
                    process::tail(log, 15)
                );
            }
            if Instant::now() > deadline {
                bail!(
                    "qudao is not ready after {} s; the end of {}:\n{}",
                    START_LIMIT.as_secs(),
                    log.display(),
                    process::tail(log, 15)
                );
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// What the process is started from; another value means that it must be started again.
    fn build(&self) -> anyhow::Result<String> {
        let meta = self.program.metadata().context("this program's file is gone")?;
        let modified = meta.modified()?.duration_since(UNIX_EPOCH)?.as_nanos();
        let program = self.program.display();
        let mut build = format!("{program} {} {modified}", meta.len());
        for (name, value) in &self.settings {
            build.push_str(&format!(" {name}={value}"));
        }
        Ok(build)
    }
}

/// Stops it in good order. False when it did not run.
pub(crate) async fn stop(place: &Place) -> anyhow::Result<bool> {
    // Gone first: nobody should be led to a system that is about to end.
    let _ = std::fs::remove_file(place.dir().join("endpoints.json"));
    Service::of(place, NAME).stop().await
}

/// The port it is reached on, once it is ready.
pub(crate) async fn ready(place: &Place) -> Option<u16> {
    Service::of(place, NAME).running()?;
    let port = Ports::load(&place.ports()).get("web")?;
    is_ready(port).await.then_some(port)
}

async fn is_ready(port: u16) -> bool {
    matches!(http::get(port, "/readyz").await, Ok((200, _)))
}
