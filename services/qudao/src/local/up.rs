//! `qudao local up`: from nothing, or from anything half running, to a system one can use.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use local::{Addresses, NatsSettings, Place, Servers, checkout, require_free_space};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::report::{self, Steps};
use super::service::Qudao;

/// Somebody of a brand of the demonstration.
#[derive(Deserialize, Serialize)]
pub(crate) struct User {
    pub(crate) tenant: String,
    pub(crate) login: String,
    pub(crate) password: String,
    pub(crate) name: String,
    pub(crate) title: String,
    roles: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dealer_id: Option<String>,
}

/// What `endpoints.json` tells clients and tests.
#[derive(Serialize)]
struct Endpoints<'a> {
    web: &'a str,
    grpc: &'a str,
    nats: String,
    postgres: String,
    metrics: String,
    users: &'a [User],
}

/// Folder of the seeds of NATS users in a place.
pub(crate) const SEEDS: &str = "nats-users";

/// Starts what does not run.
pub(crate) async fn run(place: &Place, servers_only: bool) -> anyhow::Result<()> {
    require_free_space(place.dir())?;
    let mut steps = Steps::new();
    let addresses = servers(place, &mut steps).await?;
    if servers_only {
        let time = steps.end();
        println!("servers ready in {time}");
        return Ok(());
    }
    let checkout = checkout().context("not inside a checkout of qudao: go there first")?;
    let demo = checkout.join("deploy/demo");
    let users = users(&demo.join("users.json"))?;

    steps.begin("qudao starts");
    let qudao = Qudao::new(place, &checkout, &addresses)?;
    match qudao.up().await? {
        true => steps.done("qudao       started"),
        false => steps.done("qudao       runs already"),
    }
    write_endpoints(place, &qudao, &addresses, &users)?;
    load_demo(place, &checkout, &demo, &qudao, &mut steps)?;
    let time = steps.end();
    if !checkout.join("services/gateway/web/dist/index.html").exists() {
        println!("the web page is not built: `make up` builds it");
    }
    println!("\n{}  ready in {time}\n\n{}\n", qudao.url(), report::users(&users));
    println!(
        "`make down` stops it, `make demo-reset` starts over; logs: {}",
        place.dir().join("log").display()
    );
    Ok(())
}

async fn servers(place: &Place, steps: &mut Steps) -> anyhow::Result<Addresses> {
    let authorization = crate::nats_users::authorization(&place.dir().join(SEEDS))?;
    let settings = NatsSettings { authorization, ..NatsSettings::default() };
    let servers = Servers::of(place).with(settings);
    steps.begin("finding PostgreSQL and nats-server");
    let programs = servers.obtain(&|text| steps.say(text))?;
    steps.begin("PostgreSQL and NATS start");
    let addresses = servers.up(&programs, "qudao").await?;
    steps.done(format!(
        "servers     PostgreSQL {} on {}, NATS {} on {}",
        programs.postgres, addresses.postgres_port, programs.nats, addresses.nats_port
    ));
    Ok(addresses)
}

fn users(file: &Path) -> anyhow::Result<Vec<User>> {
    let text = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is damaged", file.display()))
}

fn write_endpoints(
    place: &Place,
    qudao: &Qudao,
    servers: &Addresses,
    users: &[User],
) -> anyhow::Result<()> {
    let url = qudao.url();
    let endpoints = Endpoints {
        web: &url,
        grpc: &url,
        nats: servers.nats_url(),
        postgres: servers.postgres_url("qudao"),
        metrics: qudao.metrics(),
        users,
    };
    let file = place.dir().join("endpoints.json");
    fs::write(&file, serde_json::to_vec_pretty(&endpoints)?)
        .with_context(|| format!("cannot write {}", file.display()))
}

/// Loads the demonstration data, once for each state of its files: loading again would change
/// nothing, but takes its time.
fn load_demo(
    place: &Place,
    checkout: &Path,
    demo: &Path,
    qudao: &Qudao,
    steps: &mut Steps,
) -> anyhow::Result<()> {
    let marker = place.dir().join("demo-loaded");
    let digest = digest_of(demo)?;
    if fs::read_to_string(&marker).is_ok_and(|loaded| loaded == digest) {
        return Ok(());
    }
    steps.begin("loading the demonstration data");
    // It shows progress of its own.
    steps.pause();
    let status = qudao
        .command()
        .args(["demo", "load"])
        .env("QUDAO_SERVER", qudao.url())
        .current_dir(checkout)
        .status()?;
    if !status.success() {
        bail!(
            "the demonstration data is not loaded ({status}); the system itself runs at {}: \
             `make up` tries again",
            qudao.url()
        );
    }
    fs::write(&marker, digest)?;
    steps.done("demo data   loaded");
    Ok(())
}

fn digest_of(folder: &Path) -> anyhow::Result<String> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .with_context(|| format!("cannot read {}", folder.display()))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    let mut digest = Sha256::new();
    for file in files {
        digest.update(fs::read(file)?);
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
