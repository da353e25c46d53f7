//! The servers to measure on: those one was led to, those that run here, else one's own.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use local::{Addresses, Place, TestServers};
use serde::Deserialize;

/// Where a running local system says how it is reached.
const ENDPOINTS: &str = ".local/endpoints.json";

/// Running servers.
pub struct Servers {
    /// A database of PostgreSQL, as somebody who may make databases.
    pub postgres: String,
    /// NATS.
    pub nats: String,
    /// How they were found, for people.
    pub found: String,
    all_own: bool,
    /// What was started; it is stopped when this goes.
    _own: Option<TestServers>,
}

/// The part of the file that is needed here.
#[derive(Deserialize)]
struct Endpoints {
    postgres: String,
}

impl Servers {
    /// The servers given; else PostgreSQL of the running local system with a NATS of one's own; else new ones in a folder that
    /// is deleted afterwards.
    ///
    /// # Errors
    /// When none are found and none can be started.
    pub async fn find(postgres: Option<String>, nats: Option<String>) -> anyhow::Result<Self> {
        match (postgres, nats) {
            (Some(postgres), Some(nats)) => {
                return Ok(Self::at(postgres, nats, "the servers given".to_owned()));
            }
            (None, None) => {}
            (Some(_), None) => anyhow::bail!("--nats-url is missing beside --database-url"),
            (None, Some(_)) => anyhow::bail!("--database-url is missing beside --nats-url"),
        }
        if let Some(file) = endpoints_file()? {
            let text =
                std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let Endpoints { postgres } = serde_json::from_slice(&text)
                .with_context(|| format!("{} is not what a local system writes", file.display()))?;
            return Self::beside(postgres, &file).await;
        }
        if let Some((addresses, dir)) = running_place().await {
            return Self::beside(addresses.postgres_url("postgres"), &dir).await;
        }
        let own = TestServers::start().await.context(
            "no servers run here (`make up` starts them), and none could be started for this",
        )?;
        let found = "servers started for this run".to_owned();
        let (postgres, nats) = (own.postgres_url(), own.nats_url());
        Ok(Self { postgres, nats, found, all_own: true, _own: Some(own) })
    }

    fn at(postgres: String, nats: String, found: String) -> Self {
        Self { postgres, nats, found, all_own: false, _own: None }
    }

    /// The users of a running system's nats-server have no rights for the streams of a measurement.
    async fn beside(postgres: String, place: &Path) -> anyhow::Result<Self> {
        let own = TestServers::start().await.context("no nats-server could be started for this")?;
        let found = format!("PostgreSQL of {}, and a nats-server for this run", place.display());
        let (nats, all_own) = (own.nats_url(), false);
        Ok(Self { postgres, nats, found, all_own, _own: Some(own) })
    }

    /// Whether all of them were started for this run.
    pub fn are_own(&self) -> bool {
        self.all_own
    }
}

/// The file that QUDAO_ENDPOINTS names, else that of the nearest folder upward.
fn endpoints_file() -> anyhow::Result<Option<PathBuf>> {
    if let Some(named) = std::env::var_os("QUDAO_ENDPOINTS").filter(|named| !named.is_empty()) {
        return Ok(Some(named.into()));
    }
    let here = std::env::current_dir().context("the current folder cannot be read")?;
    Ok(here.ancestors().map(|folder: &Path| folder.join(ENDPOINTS)).find(|file| file.exists()))
}

/// `qudao local up --servers-only` leaves no endpoints, but its servers run.
async fn running_place() -> Option<(Addresses, PathBuf)> {
    let place = Place::open(None).ok()?;
    let (postgres, nats) = local::Servers::of(&place).status().await;
    let addresses = Addresses { postgres_port: postgres?, nats_port: nats? };
    Some((addresses, place.dir().to_owned()))
}
